#include "work/letter.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "work/letter_text.h"

#define LINE_CHARS 76        /* of quoted-printable, and of a folded head */
#define WORD_BYTES 39        /* in one encoded word: 52 characters of base64, and 12 around them */
#define ADDRESS_BYTES 254

bool letter_is_address(struct span s)
{
    size_t at = 0;
    if (s.at == NULL || s.len < 3 || s.len > ADDRESS_BYTES)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c <= ' ' || c >= 0x7f || strchr("<>()[],;:\\\"", c) != NULL)
            return false;
        at += c == '@';
    }
    return at == 1 && s.at[0] != '@' && s.at[s.len - 1] != '@';
}

/* ---- The head. */

static bool is_plain(struct span s)   /* may stand in a head as it is */
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] == 0x7f || (s.at[i] == '=' && i + 1 < s.len && s.at[i + 1] == '?'))
            return false;
    return s.len <= LINE_CHARS - sizeof "Subject: ";
}

/* RFC 2047: whole characters in each word, one word in each line. */
static void put_encoded(struct buf *b, struct span s)
{
    char word[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    for (size_t from = 0, pos = 0; pos < s.len; from = pos) {
        for (size_t next = pos; next < s.len; pos = next) {
            (void)utf8_next(s, &next);
            if (next - from > WORD_BYTES)
                break;
        }
        (void)sodium_bin2base64(word, sizeof word, (const unsigned char *)s.at + from, pos - from, sodium_base64_VARIANT_ORIGINAL);
        buf_printf(b, "%s=?utf-8?B?%s?=", from == 0 ? "" : "\r\n ", word);
    }
}

static void put_words(struct buf *b, struct span s)
{
    if (is_plain(s))
        buf_add_span(b, s);
    else
        put_encoded(b, s);
}

static void put_name(struct buf *b, struct span s)
{
    static const char also[] = " -'";
    bool is_simple = is_plain(s);
    for (size_t i = 0; i < s.len && is_simple; i++) {
        char c = s.at[i], lower = (char)(c | 32);
        is_simple = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || strchr(also, c) != NULL;
    }
    if (is_simple)
        buf_printf(b, "\"%.*s\"", (int)s.len, s.at);
    else
        put_encoded(b, s);
}

static void put_mailbox(struct buf *b, const char *field, struct span name, struct span address)
{
    buf_printf(b, "%s: ", field);
    if (name.len > 0) {
        put_name(b, name);
        buf_add_text(b, "\r\n ");
    }
    buf_printf(b, "<%.*s>\r\n", (int)address.len, address.at);
}

static void put_date(struct buf *b, int64_t at_ms)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm t = { 0 };
    time_t at = (time_t)(at_ms / 1000);
    if (gmtime_r(&at, &t) == NULL)
        b->failed = true;
    buf_printf(b, "Date: %.3s, %d %.3s %04d %02d:%02d:%02d +0000\r\n", days + (ptrdiff_t)3 * t.tm_wday, t.tm_mday,
               months + (ptrdiff_t)3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static bool is_letter(char c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || (unsigned char)c >= 0x80; }
static bool is_host(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

/* The site's name; its address is no name. */
static struct span domain_of(struct span site)
{
    const char *at = memmem(site.at, site.len, "://", 3);
    struct span host = { at == NULL ? "" : at + 3, 0 };
    while (at != NULL && host.at + host.len < site.at + site.len && is_host(host.at[host.len]))
        host.len++;
    return host.len > 0 && is_letter(host.at[0]) ? host : SPAN("localhost");
}

static void put_head(const struct letter *l, const char *lang, struct span subject, struct buf *b)
{
    char id[2 * LETTER_ID_BYTES + 1];
    struct span domain = domain_of(l->site);
    (void)sodium_bin2hex(id, sizeof id, l->id, sizeof l->id);
    put_mailbox(b, "From", l->from_name.len > 0 ? l->from_name : l->hub, l->from);
    put_mailbox(b, "To", l->to_name, l->to);
    buf_add_text(b, "Subject: ");
    put_words(b, subject);
    buf_add_text(b, "\r\n");
    put_date(b, l->at_ms);
    buf_printf(b, "Message-ID: <%s@%.*s>\r\n", id, (int)domain.len, domain.at);
    buf_printf(b, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
                  "Content-Language: %s\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\n", lang);
}

/* ---- The body. */

/* Programs make links of such words. */
static bool reads_as_link(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] == '@' || s.at[i] == '/' || s.at[i] == ':'
            || (s.at[i] == '.' && i > 0 && i + 2 < s.len && s.at[i - 1] != ' ' && is_letter(s.at[i + 1]) && is_letter(s.at[i + 2])))
            return true;
    return false;
}

static struct span name_of(struct span s) { return s.len > 0 && !reads_as_link(s) ? s : (struct span){ NULL, 0 }; }

static const char *what_of(const struct letter_words *words, struct span what)
{
    return span_is(what, "passkey") ? words->passkey : span_is(what, "totp") ? words->totp
         : span_is(what, "recovery") ? words->recovery : span_is(what, "password") ? words->password : span_is(what, "site") ? words->site
         : span_is(what, "address") ? words->address : words->other;
}

static void put_link(const struct letter *l, struct buf *b)
{
    buf_add_span(b, l->site);
    buf_add_char(b, '/');
    if (l->args.code.len == 0)
        return;
    buf_add_text(b, l->kind == MAIL_CODE ? "#code=" : "#join=");
    for (size_t i = 0; i < l->args.code.len; i++) {
        unsigned char c = (unsigned char)l->args.code.at[i];
        if ((c >= '0' && c <= '9') || (c < 0x80 && is_letter((char)c)) || c == '-' || c == '_')
            buf_add_char(b, (char)c);
        else
            buf_printf(b, "%%%02X", c);
    }
}

/* What stands for a name in braces; false: it is not known. */
static bool put_value(const struct letter *l, const struct letter_words *words, struct span name, struct buf *b)
{
    const struct { const char *name; struct span value; } texts[] = {
        { "hub", l->hub }, { "site", l->site }, { "code", l->args.code }, { "by", name_of(l->args.by) }, { "org", name_of(l->args.org) },
        { "reason", l->args.reason }, { "name", name_of(l->to_name) }, { "what", span_of(what_of(words, l->args.what)) },
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (span_is(name, texts[i].name)) {
            buf_add_span(b, texts[i].value);
            return texts[i].value.len > 0;
        }
    if (span_is(name, "minutes")) {
        buf_add_int(b, l->args.minutes);
    } else if (span_is(name, "link")) {
        put_link(l, b);
    } else {
        struct tm t = { 0 };   /* date */
        time_t at = (time_t)(l->at_ms / 1000);
        (void)gmtime_r(&at, &t);
        buf_printf(b, "%04d-%02d-%02d %02d:%02d UTC", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min);
    }
    return true;
}

static bool put_wording(const struct letter *l, const struct letter_words *words, struct span wording, struct buf *b)
{
    bool is_known = true;
    for (size_t i = 0; i < wording.len; i++) {
        const char *end = wording.at[i] == '{' ? memchr(wording.at + i, '}', wording.len - i) : NULL;
        if (end == NULL) {
            buf_add_char(b, wording.at[i]);
            continue;
        }
        is_known = put_value(l, words, (struct span){ wording.at + i + 1, (size_t)(end - wording.at) - i - 1 }, b) && is_known;
        i = (size_t)(end - wording.at);
    }
    return is_known;
}

/* The first wording of which all is known; false: none is. */
static bool put_unit(const struct letter *l, const struct letter_words *words, struct span unit, struct buf *b)
{
    size_t begun = b->len;
    for (size_t from = 0; from <= unit.len;) {
        const char *bar = memchr(unit.at + from, '|', unit.len - from);
        size_t end = bar == NULL ? unit.len : (size_t)(bar - unit.at);
        if (put_wording(l, words, (struct span){ unit.at + from, end - from }, b))
            return true;
        b->len = begun;
        from = end + 1;
    }
    return false;
}

static void put_text(const struct letter *l, const struct letter_words *words, struct buf *b)
{
    struct span rest = span_of(words->text[l->kind].body);
    while (rest.len > 0) {
        const char *gap = memmem(rest.at, rest.len, "\n\n", 2);
        size_t len = gap == NULL ? rest.len : (size_t)(gap - rest.at);
        if (put_unit(l, words, (struct span){ rest.at, len }, b))
            buf_add_text(b, "\n\n");
        len += gap == NULL ? 0 : 2;
        rest = (struct span){ rest.at + len, rest.len - len };
    }
    buf_printf(b, "-- \n%.*s, %.*s/\n%s\n", (int)l->hub.len, l->hub.at, (int)l->site.len, l->site.at, words->end);
}

/* Quoted-printable: what is no plain ASCII, a blank before the end of a line, and what could be taken for the end of the mail or for
 * the head of another is written as =XX; longer lines go on after a =. */
static void put_quoted(struct span text, struct buf *b)
{
    size_t column = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '\n') {
            buf_add_text(b, "\r\n");
            column = 0;
            continue;
        }
        bool is_last = i + 1 == text.len || text.at[i + 1] == '\n';
        bool is_quoted = c < ' ' || c >= 0x7f || c == '=' || (c == ' ' && is_last) || (column == 0 && (c == '.' || c == 'F'));
        if (column + (is_quoted ? 3 : 1) > LINE_CHARS - 1 && !(is_last && column + (is_quoted ? 3 : 1) <= LINE_CHARS)) {
            buf_add_text(b, "=\r\n");
            column = 0;
            is_quoted = is_quoted || c == '.' || c == 'F';
        }
        if (is_quoted)
            buf_printf(b, "=%02X", c);
        else
            buf_add_char(b, (char)c);
        column += is_quoted ? 3 : 1;
    }
}

/* ---- */

static bool is_line(struct span s) { return s.len == 0 || (utf8_valid(s) && utf8_is_name(s, LETTER_BYTES)); }
static bool is_text(struct span s) { return s.len == 0 || (utf8_valid(s) && utf8_is_text(s)); }

/* As the settings have it: nothing that needs quoting. */
static bool is_site(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] >= 0x7f || strchr("<>\"", s.at[i]) != NULL)
            return false;
    return s.len > 0 && s.len < 256;
}

enum bz_err letter_write(const struct letter *l, struct buf *b, struct bz_error *e)
{
    const struct letter_words *words = &letter_words[0];
    const struct mail_args *a = &l->args;
    for (size_t i = 0; i < LETTER_LANGS; i++)
        if (l->lang.len >= 2 && memcmp(l->lang.at, letter_words[i].lang, 2) == 0 && (l->lang.len == 2 || l->lang.at[2] == '-'))
            words = &letter_words[i];
    if ((unsigned)l->kind >= LETTER_KINDS || words->text[l->kind].subject == NULL)
        return bz_fail(e, BZ_ERR_INVALID, "there is no such mail");
    if (!letter_is_address(l->to) || !letter_is_address(l->from) || !is_site(l->site))
        return bz_fail(e, BZ_ERR_INVALID, "an address cannot stand in a mail");
    if (!is_line(l->to_name) || !is_line(l->from_name) || l->hub.len == 0 || !is_line(l->hub) || !is_line(a->code) || !is_line(a->by)
        || !is_line(a->org) || !is_line(a->what) || !is_text(a->reason))
        return bz_fail(e, BZ_ERR_INVALID, "a text cannot stand in a mail");
    struct buf text;
    buf_init(&text, LETTER_BYTES);
    (void)put_unit(l, words, span_of(words->text[l->kind].subject), &text);
    put_head(l, words->lang, buf_span(&text), b);
    buf_clear(&text);
    put_text(l, words, &text);
    put_quoted(buf_span(&text), b);
    bool failed = text.failed || b->failed;
    buf_done(&text);
    return failed ? bz_fail(e, BZ_ERR_INVALID, "a mail is too long") : BZ_OK;
}
