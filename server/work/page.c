#include "work/page.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "domain/kinds.h"

#define TEXT_BYTES 8192          /* of one title or description, before it is cleaned */
#define TAG_BYTES 8192           /* a longer tag is passed over */
#define ATTRIBUTES_MAX 32

/* ---- Letters. Names as pages write them; UTF-8, UTF-16 and Windows-1252 need nothing loaded. */

static struct { const char *name; iconv_t from; } charsets[] = {
    { "windows-1250", NULL }, { "windows-1251", NULL }, { "windows-1253", NULL }, { "windows-1254", NULL }, { "windows-1255", NULL },
    { "windows-1256", NULL }, { "windows-1258", NULL }, { "windows-874", NULL }, { "iso-8859-2", NULL }, { "iso-8859-5", NULL },
    { "iso-8859-6", NULL }, { "iso-8859-7", NULL }, { "iso-8859-9", NULL }, { "iso-8859-15", NULL }, { "koi8-r", NULL },
    { "koi8-u", NULL }, { "tis-620", NULL }, { "gb2312", NULL }, { "gbk", NULL }, { "gb18030", NULL }, { "big5", NULL },
    { "shift_jis", NULL }, { "euc-jp", NULL }, { "euc-kr", NULL }, { "utf-16le", NULL }, { "utf-16be", NULL }, { "windows-1252", NULL },
};
#define CHARSETS (sizeof charsets / sizeof *charsets)

void page_load(void)
{
    for (size_t i = 0; i < CHARSETS; i++) {
        const char *name = strcmp(charsets[i].name, "windows-874") == 0 ? "CP874" : charsets[i].name;
        iconv_t from = iconv_open("UTF-8", name);
        charsets[i].from = from == (iconv_t)-1 ? NULL : from;
    }
}

static bool is_named(struct span name, const char *as) { return name.len == strlen(as) && strncasecmp(name.at, as, name.len) == 0; }

static iconv_t charset_of(struct span name)
{
    if (is_named(name, "iso-8859-1") || is_named(name, "latin1") || is_named(name, "us-ascii") || is_named(name, "ascii"))
        name = SPAN("windows-1252");   /* as browsers do */
    if (is_named(name, "utf-16"))
        name = SPAN("utf-16le");
    for (size_t i = 0; i < CHARSETS; i++)
        if (is_named(name, charsets[i].name))
            return charsets[i].from;
    return NULL;
}

/* What cannot be read stands as a replacement character. */
static void convert(iconv_t from, struct span bytes, struct buf *ret)
{
    char *in = (char *)bytes.at;
    size_t left = bytes.len;
    (void)iconv(from, NULL, NULL, NULL, NULL);
    while (left > 0 && !ret->failed) {
        char out[1024], *to = out;
        size_t room = sizeof out;
        size_t rc = iconv(from, &in, &left, &to, &room);
        if (room < sizeof out)
            buf_add(ret, out, sizeof out - room);
        if (rc == (size_t)-1 && room > 64) {   /* not for want of room: a byte that means nothing */
            buf_add_text(ret, "\xef\xbf\xbd");
            in++;
            left--;
        }
    }
}

static struct span word_after(struct span s, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i + len < s.len; i++) {
        if (strncasecmp(s.at + i, name, len) != 0)
            continue;
        for (i += len; i < s.len && (s.at[i] == ' ' || s.at[i] == '=' || s.at[i] == '"' || s.at[i] == '\'');)
            i++;
        size_t from = i;
        while (i < s.len && strchr(" ;\"'/>\t\r\n", s.at[i]) == NULL)
            i++;
        return (struct span){ s.at + from, i - from };
    }
    return (struct span){ "", 0 };
}

static void decode(struct span type, struct span html, struct buf *ret)
{
    struct span name = word_after(type, "charset");
    if (html.len >= 3 && memcmp(html.at, "\xef\xbb\xbf", 3) == 0)
        name = SPAN("utf-8");
    else if (html.len >= 2 && memcmp(html.at, "\xff\xfe", 2) == 0)
        name = SPAN("utf-16le");
    else if (html.len >= 2 && memcmp(html.at, "\xfe\xff", 2) == 0)
        name = SPAN("utf-16be");
    else if (name.len == 0)
        name = word_after((struct span){ html.at, html.len < 4096 ? html.len : 4096 }, "charset");
    iconv_t from = is_named(name, "utf-8") || is_named(name, "utf8") ? NULL : charset_of(name);
    if (from != NULL)
        convert(from, html, ret);
    else
        buf_add_span(ret, html);   /* what is no UTF-8 falls out when it is cleaned */
}

/* ---- Text. */

static void put_char(struct buf *b, uint32_t c)
{
    char bytes[4];
    size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c == 0)
        return;
    if (more == 0) {
        buf_add_char(b, (char)c);
        return;
    }
    for (size_t i = more; i > 0; i--, c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3f));
    bytes[0] = (char)((0xf00u >> (more + 1) & 0xff) | c);
    buf_add(b, bytes, more + 1);
}

/* The reference at s[*i], an ampersand; moves behind it. */
static void put_reference(struct span s, size_t *i, struct buf *ret)
{
    static const struct { const char *name; uint32_t c; } names[] = {
        { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' }, { "nbsp", ' ' }, { "ndash", 0x2013 },
        { "mdash", 0x2014 }, { "hellip", 0x2026 }, { "laquo", 0xab }, { "raquo", 0xbb }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 },
        { "ldquo", 0x201c }, { "rdquo", 0x201d }, { "middot", 0xb7 }, { "bull", 0x2022 }, { "copy", 0xa9 }, { "reg", 0xae },
        { "trade", 0x2122 }, { "euro", 0x20ac }, { "deg", 0xb0 }, { "iexcl", 0xa1 }, { "iquest", 0xbf },
        { "agrave", 0xe0 }, { "aacute", 0xe1 }, { "acirc", 0xe2 }, { "atilde", 0xe3 }, { "auml", 0xe4 }, { "aring", 0xe5 },
        { "aelig", 0xe6 }, { "ccedil", 0xe7 }, { "egrave", 0xe8 }, { "eacute", 0xe9 }, { "ecirc", 0xea }, { "euml", 0xeb },
        { "igrave", 0xec }, { "iacute", 0xed }, { "icirc", 0xee }, { "iuml", 0xef }, { "ntilde", 0xf1 }, { "ograve", 0xf2 },
        { "oacute", 0xf3 }, { "ocirc", 0xf4 }, { "otilde", 0xf5 }, { "ouml", 0xf6 }, { "oslash", 0xf8 }, { "ugrave", 0xf9 },
        { "uacute", 0xfa }, { "ucirc", 0xfb }, { "uuml", 0xfc }, { "szlig", 0xdf }, { "oelig", 0x153 }, { "Eacute", 0xc9 },
        { "Egrave", 0xc8 }, { "Agrave", 0xc0 }, { "Aacute", 0xc1 }, { "Ccedil", 0xc7 }, { "Oacute", 0xd3 }, { "Uacute", 0xda },
        { "Iacute", 0xcd }, { "Ntilde", 0xd1 }, { "Ouml", 0xd6 }, { "Uuml", 0xdc }, { "Auml", 0xc4 },
    };
    size_t from = *i + 1, end = from;
    while (end < s.len && end - from < 12 && (((s.at[end] | 0x20) >= 'a' && (s.at[end] | 0x20) <= 'z') || s.at[end] == '#'
                                              || (s.at[end] >= '0' && s.at[end] <= '9')))
        end++;
    struct span name = { s.at + from, end - from };
    size_t behind = end + (end < s.len && s.at[end] == ';');
    if (name.len > 1 && name.at[0] == '#') {
        bool is_hex = (name.at[1] | 0x20) == 'x';
        char digits[13] = { 0 };
        memcpy(digits, name.at + 1 + is_hex, name.len - 1 - is_hex);
        put_char(ret, (uint32_t)strtoul(digits, NULL, is_hex ? 16 : 10));
        *i = behind;
        return;
    }
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (span_is(name, names[k].name)) {
            put_char(ret, names[k].c);
            *i = behind;
            return;
        }
    buf_add_char(ret, '&');
    ++*i;
}

static void put_text(struct span s, struct buf *ret)
{
    for (size_t i = 0; i < s.len && !ret->failed;) {
        if (s.at[i] == '&')
            put_reference(s, &i, ret);
        else
            buf_add_char(ret, s.at[i++]);
    }
}

static bool is_blank(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f
        || c == 0x205f || c == 0x3000 || c == 0x1680;
}

/* Not seen, or not to be believed: joiners that scripts need stay. */
static bool is_left_out(uint32_t c)
{
    return c == 0x061c || c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)
        || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffd) || (c & 0xfffe) == 0xfffe || (c >= 0xe000 && c <= 0xf8ff) || c >= 0xe0000
        || (c >= 0xfdd0 && c <= 0xfdef) || c == 0xad;
}

/* The bytes of one well-formed character at s[i], or 0. */
static size_t char_len(struct span s, size_t i)
{
    for (size_t len = 1; len <= 4 && i + len <= s.len; len++)
        if (utf8_valid((struct span){ s.at + i, len }))
            return len;
    return 0;
}

void page_clean(struct span text, size_t chars_max, struct buf *ret)
{
    size_t chars = 0, word_end = 0;
    bool is_gap = false;
    buf_clear(ret);
    for (size_t i = 0, len; i < text.len; i += len == 0 ? 1 : len) {
        len = char_len(text, i);
        size_t at = i;
        uint32_t c = len == 0 ? 0xfffd : utf8_next(text, &at);
        if (is_blank(c) || is_left_out(c)) {
            is_gap |= is_blank(c);
            continue;
        }
        bool has_gap = is_gap && ret->len > 0;
        if (has_gap)
            word_end = ret->len;
        if (chars + 1 + has_gap > chars_max - 1) {   /* room for the ellipsis, unless this is the last one */
            if (ret->len > 0 && word_end > ret->len / 2)
                ret->len = word_end;
            buf_add_text(ret, "\xe2\x80\xa6");
            break;
        }
        if (has_gap)
            buf_add_char(ret, ' ');
        buf_add(ret, text.at + i, len);
        chars += 1 + has_gap;
        is_gap = false;
    }
    if (ret->len > 0 && !utf8_is_name(buf_span(ret), chars_max))   /* joiners alone, or the like */
        buf_clear(ret);
}

/* ---- Tags. */

struct attribute { struct span name, value; };
struct tag { struct span name; bool is_end; struct attribute attributes[ATTRIBUTES_MAX]; size_t count; };

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '/'; }

/* The value at s[*i], behind the equals sign. */
static struct span value_at(struct span s, size_t *i)
{
    while (*i < s.len && is_space(s.at[*i]) && s.at[*i] != '/')
        ++*i;
    char quote = *i < s.len && (s.at[*i] == '"' || s.at[*i] == '\'') ? s.at[*i] : '\0';
    size_t from = *i += quote != '\0';
    while (*i < s.len && (quote != '\0' ? s.at[*i] != quote : !(is_space(s.at[*i]) && s.at[*i] != '/') && s.at[*i] != '>'))
        ++*i;
    struct span value = { s.at + from, *i - from };
    *i += quote != '\0' && *i < s.len;
    return value;
}

/* The tag at s[*i], a '<' with a letter or a slash behind it; moves behind it. False: it does not end. */
static bool tag_at(struct span s, size_t *i, struct tag *ret)
{
    size_t at = *i + 1, limit = *i + TAG_BYTES < s.len ? *i + TAG_BYTES : s.len;
    struct span in = { s.at, limit };
    *ret = (struct tag){ .is_end = s.at[at] == '/' };
    at += ret->is_end;
    size_t from = at;
    while (at < limit && !is_space(s.at[at]) && s.at[at] != '>')
        at++;
    ret->name = (struct span){ s.at + from, at - from };
    while (at < limit && s.at[at] != '>') {
        if (is_space(s.at[at])) {
            at++;
            continue;
        }
        struct attribute a = { { s.at + at, 0 }, { "", 0 } };
        do
            at++;
        while (at < limit && !is_space(s.at[at]) && s.at[at] != '>' && s.at[at] != '=');
        a.name.len = (size_t)(s.at + at - a.name.at);
        while (at < limit && is_space(s.at[at]) && s.at[at] != '/')
            at++;
        if (at < limit && s.at[at] == '=') {
            at++;
            a.value = value_at(in, &at);
        }
        if (ret->count < ATTRIBUTES_MAX)
            ret->attributes[ret->count++] = a;
    }
    *i = at < limit ? at + 1 : limit;
    return at < limit;
}

static struct span attribute(const struct tag *tag, const char *name)
{
    for (size_t i = 0; i < tag->count; i++)
        if (is_named(tag->attributes[i].name, name))
            return tag->attributes[i].value;
    return (struct span){ "", 0 };
}

/* Where "</name" or what `with` is stands from `from` on, or the end. */
static size_t find(struct span s, size_t from, const char *what)
{
    size_t len = strlen(what);
    for (; from + len <= s.len; from++)
        if (s.at[from] == what[0] && strncasecmp(s.at + from, what, len) == 0)
            return from;
    return s.len;
}

/* What was found, the best last. */
struct found { struct buf title, about; int title_rank, about_rank; struct span lang; };

static void keep(struct buf *to, int *rank, int its_rank, struct span text)
{
    if (its_rank <= *rank || text.len == 0)
        return;
    struct span some = { text.at, text.len < TEXT_BYTES / 2 ? text.len : TEXT_BYTES / 2 };
    buf_clear(to);
    put_text(some, to);
    *rank = its_rank;
}

static void take_meta(const struct tag *tag, struct found *f)
{
    struct span name = attribute(tag, "property"), content = attribute(tag, "content");
    if (name.len == 0)
        name = attribute(tag, "name");
    if (is_named(name, "og:title"))
        keep(&f->title, &f->title_rank, 3, content);
    else if (is_named(name, "twitter:title"))
        keep(&f->title, &f->title_rank, 1, content);
    else if (is_named(name, "og:description"))
        keep(&f->about, &f->about_rank, 3, content);
    else if (is_named(name, "description"))
        keep(&f->about, &f->about_rank, 2, content);
    else if (is_named(name, "twitter:description"))
        keep(&f->about, &f->about_rank, 1, content);
}

/* Moves from a '<' to behind what it begins. False: the head is over. */
static bool take(struct span s, size_t *i, struct found *f)
{
    static const struct { const char *name, *end; } raw[] = {
        { "script", "</script" }, { "style", "</style" }, { "noscript", "</noscript" }, { "template", "</template" },
        { "svg", "</svg" }, { "textarea", "</textarea" }, { "iframe", "</iframe" },
    };
    char next = *i + 1 < s.len ? s.at[*i + 1] : '\0';
    struct tag tag;
    if (next == '!') {
        bool is_comment = *i + 4 <= s.len && memcmp(s.at + *i, "<!--", 4) == 0;
        *i = find(s, *i + (is_comment ? 4 : 2), is_comment ? "-->" : ">");
        return true;
    }
    if (next != '/' && !((next | 0x20) >= 'a' && (next | 0x20) <= 'z')) {
        ++*i;
        return true;
    }
    if (!tag_at(s, i, &tag))
        return true;
    if (tag.is_end)
        return !is_named(tag.name, "head");
    if (is_named(tag.name, "body"))
        return false;
    if (is_named(tag.name, "html"))
        f->lang = attribute(&tag, "lang");
    else if (is_named(tag.name, "meta"))
        take_meta(&tag, f);
    else if (is_named(tag.name, "title")) {
        size_t end = find(s, *i, "</title");
        keep(&f->title, &f->title_rank, 2, (struct span){ s.at + *i, end - *i });
        *i = end;
    }
    for (size_t k = 0; k < sizeof raw / sizeof *raw; k++)
        if (is_named(tag.name, raw[k].name))   /* what stands inside is no tag */
            *i = find(s, *i, raw[k].end);
    return true;
}

void page_read(struct span type, struct span html, struct page *ret)
{
    struct found f = { .lang = { "", 0 } };
    struct buf text;
    buf_init(&ret->title, 4 * BZ_LIMIT_LINK_TITLE_CHARS);
    buf_init(&ret->about, 4 * BZ_LIMIT_LINK_ABOUT_CHARS);
    buf_init(&ret->lang, BZ_LIMIT_LANG_CHARS);
    buf_init(&text, 3 * LINK_BODY_BYTES);
    buf_init(&f.title, TEXT_BYTES);
    buf_init(&f.about, TEXT_BYTES);
    if (html.len > 0)
        decode(type, html, &text);
    struct span s = text.len > 0 ? buf_span(&text) : SPAN("");
    for (size_t i = 0; i < s.len;) {
        if (s.at[i] != '<')
            i++;
        else if (!take(s, &i, &f))
            break;
    }
    if (f.title.len > 0)
        page_clean(buf_span(&f.title), BZ_LIMIT_LINK_TITLE_CHARS, &ret->title);
    if (f.about.len > 0)
        page_clean(buf_span(&f.about), BZ_LIMIT_LINK_ABOUT_CHARS, &ret->about);
    if (lang_valid(f.lang))
        buf_add_span(&ret->lang, f.lang);
    buf_done(&f.title);
    buf_done(&f.about);
    buf_done(&text);
}

void page_done(struct page *p)
{
    buf_done(&p->title);
    buf_done(&p->about);
    buf_done(&p->lang);
}

bool page_has_head(struct span html) { return find(html, 0, "</head") < html.len || find(html, 0, "<body") < html.len; }
