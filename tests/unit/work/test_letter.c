/* Proves that each kind of mail says all it has to in each language and nothing is left of the template, that its head is that of
 * RFC 5322 and 2047 whatever the names are, and that nothing anybody chose ends a line of it or leads elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "work/letter.h"
#include "work/letter_text.h"

static const char *const langs[] = { "en", "fr", "es", "pt" };

static struct letter usual(enum mail_kind kind)
{
    return (struct letter){
        .kind = kind, .lang = SPAN("en"), .to = SPAN("amina@example.org"), .from = SPAN("baraza@example.net"), .hub = SPAN("Baraza Africa"),
        .site = SPAN("https://baraza.example.net"), .id = { 1, 2, 0xff }, .at_ms = 1796122800000,
        .args = { .code = SPAN("123456"), .by = SPAN("Moussa Koné"), .org = SPAN("Ville de Dakar"), .reason = SPAN("Not this year.\nSorry."),
                  .what = SPAN("passkey"), .minutes = 10 },
    };
}

struct mail { char head[4096], body[16384], raw[LETTER_BYTES + 1]; };

static void decode(const char *at, char *ret)
{
    for (; *at != '\0'; at++) {
        if (*at == '=' && at[1] == '\r') {
            at += 2;
        } else if (*at == '=') {
            char hex[3] = { at[1], at[2], '\0' };
            *ret++ = (char)strtoul(hex, NULL, 16);
            at += 2;
        } else if (*at != '\r') {
            *ret++ = *at;
        }
    }
    *ret = '\0';
}

/* What holds for each. */
static const struct mail *written(const struct letter *l)
{
    static struct mail m;
    struct buf b;
    struct bz_error e = { 0 };
    buf_init(&b, LETTER_BYTES);
    enum bz_err rc = letter_write(l, &b, &e);
    if (rc != BZ_OK)
        fail_msg("%s", e.text);
    size_t line = 0;
    for (size_t i = 0; i < b.len; i++) {
        assert_true((b.at[i] >= ' ' && b.at[i] < 0x7f) || b.at[i] == '\n' || b.at[i] == '\r');
        assert_true((b.at[i] == '\n') == (i > 0 && b.at[i - 1] == '\r'));
        line = b.at[i] == '\n' ? 0 : line + 1;
        assert_true(line <= 79);
        assert_false(line == 1 && b.at[i] == '.');
    }
    memcpy(m.raw, b.at, b.len);
    m.raw[b.len] = '\0';
    buf_done(&b);
    const char *gap = strstr(m.raw, "\r\n\r\n");
    assert_non_null(gap);
    (void)snprintf(m.head, sizeof m.head, "\r\n%.*s\r\n", (int)(gap - m.raw), m.raw);
    decode(gap + 4, m.body);
    assert_true(utf8_is_text(span_of(m.body)));
    return &m;
}

static void test_all(void **state)
{
    (void)state;
    /* Proves that all kinds are there in all languages, each with its own words, with everything in them that it tells. */
    for (int kind = 1; kind < LETTER_KINDS; kind++)
        for (size_t i = 0; i < 4; i++)
            for (int known = 0; known < 2; known++) {
                struct letter l = usual((enum mail_kind)kind);
                l.lang = span_of(langs[i]);
                if (known == 1)
                    l.to_name = SPAN("Amina");
                else
                    l.args.by = l.args.org = l.args.reason = (struct span){ NULL, 0 };
                const struct mail *m = written(&l);
                assert_null(strpbrk(m->body, "{}|"));
                assert_null(strstr(m->body, "\n\n\n"));
                assert_non_null(strstr(m->body, "Baraza Africa, https://baraza.example.net/\n"));
                char head[32];
                (void)snprintf(head, sizeof head, "\r\nContent-Language: %s\r\n", langs[i]);
                assert_non_null(strstr(m->head, head));
                bool has_code = kind == MAIL_CODE || kind == MAIL_INVITE || kind == MAIL_REQUEST_APPROVED;
                assert_int_equal(strstr(m->body, kind == MAIL_CODE ? "\nhttps://baraza.example.net/#code=123456\n"
                                                                   : "\nhttps://baraza.example.net/#join=123456\n") != NULL, has_code);
                assert_int_equal(strstr(m->body, "Moussa Koné") != NULL, kind == MAIL_INVITE && known == 1);
                assert_int_equal(strstr(m->body, "Ville de Dakar") != NULL, kind >= MAIL_INVITE && kind <= MAIL_REQUEST_REFUSED && known == 1);
                assert_int_equal(strstr(m->body, "\nNot this year.\nSorry.\n") != NULL, kind == MAIL_REQUEST_REFUSED && known == 1);
                assert_int_equal(strstr(m->body, "2026-12-01 11:00 UTC") != NULL, (kind >= MAIL_FACTOR_ADDED && kind <= MAIL_ERASED) || kind == MAIL_TOKEN_MADE);
                assert_int_equal(strstr(m->body, "passkey") != NULL, kind == MAIL_FACTOR_ADDED || kind == MAIL_FACTOR_REMOVED);
                assert_string_not_equal(letter_words[i].text[kind].body, letter_words[(i + 1) % 4].text[kind].body);
            }
}

static void test_code(void **state)
{
    struct letter l = usual(MAIL_CODE);
    (void)state;
    /* Proves the whole of one: byte for byte, and so the same at each try. */
    assert_string_equal(written(&l)->raw,
        "From: \"Baraza Africa\"\r\n <baraza@example.net>\r\nTo: <amina@example.org>\r\n"
        "Subject: 123456 is your code for Baraza Africa\r\nDate: Tue, 1 Dec 2026 11:00:00 +0000\r\n"
        "Message-ID: <0102ff00000000000000000000000000@baraza.example.net>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Language: en\r\n"
        "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\n"
        "Hello,\r\n\r\nyour code to sign in to Baraza Africa:\r\n123456\r\n\r\n"
        "It works once, within 10 minutes. Type it where you asked for it, or open t=\r\nhis page in the same browser:\r\n"
        "https://baraza.example.net/#code=3D123456\r\n\r\n"
        "You did not ask for a code? Then ignore this message: nobody gets in withou=\r\n"
        "t it. Never give it to anybody; we will not ask you for it.\r\n\r\n"
        "--=20\r\nBaraza Africa, https://baraza.example.net/\r\n"
        "This message was sent automatically; nobody reads replies to it.\r\n");
}

static void test_words(void **state)
{
    struct letter l = usual(MAIL_INVITE);
    char name[301];
    (void)state;
    /* Proves names of any language and length: whole characters in each encoded word, and quotes that nothing leaves. */
    l.lang = SPAN("fr");
    l.to_name = SPAN("a\" <x@example.com>, \"b");
    l.from_name = SPAN("=?utf-8?Q?x?=");
    l.hub = SPAN("Bénin");
    const struct mail *m = written(&l);
    assert_non_null(strstr(m->head, "\r\nTo: =?utf-8?B?YSIgPHhAZXhhbXBsZS5jb20+LCAiYg==?=\r\n <amina@example.org>\r\n"));
    assert_non_null(strstr(m->head, "\r\nFrom: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n <baraza@example.net>\r\n"));
    assert_non_null(strstr(m->head, "\r\nSubject: =?utf-8?B?TW91c3NhIEtvbsOpIHZvdXMgaW52aXRlIHN1ciBCw6luaW4=?=\r\n"));
    for (size_t i = 0; i < 100; i++)
        memcpy(name + 3 * i, "\xe2\x82\xac", 4);
    l.hub = span_of(name);
    m = written(&l);
    assert_non_null(strstr(m->head, "=?utf-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs?=\r\n =?utf-8?B?"));
}

static void test_elsewhere(void **state)
{
    static const char *const names[] = { "evil.com", "http://evil.com", "Win at www.evil.org now", "x@evil.com", "Évil.çom", "a/b", "win:evil" };
    static const char *const fine[] = { "St. Louis", "A. B.", "U.S.", "Dar-es-Salaam", "Nº. 5", "v2.0" };
    struct letter l = usual(MAIL_REQUEST_RECEIVED);
    (void)state;
    /* Proves that a name which programs would make a link of is left out, that others stay, and that a code is quoted in a link. */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        l.args.org = span_of(names[i]);
        assert_null(strstr(written(&l)->body, names[i]));
    }
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        l.args.org = span_of(fine[i]);
        assert_non_null(strstr(written(&l)->body, fine[i]));
    }
    l = usual(MAIL_INVITE);
    l.args.code = SPAN("a b&c=d/é");
    assert_non_null(strstr(written(&l)->body, "\nhttps://baraza.example.net/#join=a%20b%26c%3Dd%2F%C3%A9\n"));
}

static void test_lang(void **state)
{
    static const char *const tags[][2] = { { "pt-BR", "pt" }, { "fr-CA", "fr" }, { "es", "es" }, { "sw", "en" }, { "fra", "en" }, { "e", "en" }, { "", "en" } };
    struct letter l = usual(MAIL_TEST);
    char head[32];
    (void)state;
    /* Proves that the variant of a language is served by the language, and all else by English. */
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        l.lang = span_of(tags[i][0]);
        (void)snprintf(head, sizeof head, "\r\nContent-Language: %s\r\n", tags[i][1]);
        assert_non_null(strstr(written(&l)->head, head));
    }
}

static void test_domain(void **state)
{
    static const struct { const char *site, *domain; } sites[] = {
        { "http://127.0.0.1:8080", "@localhost>" }, { "http://[::1]:80", "@localhost>" }, { "https://a-b.example.org:444", "@a-b.example.org>" },
        { "http://localhost:1", "@localhost>" },
    };
    struct letter l = usual(MAIL_TEST);
    (void)state;
    /* Proves that the Message-ID is of the hub's own name. */
    for (size_t i = 0; i < sizeof sites / sizeof sites[0]; i++) {
        l.site = span_of(sites[i].site);
        assert_non_null(strstr(written(&l)->head, sites[i].domain));
    }
}

static void refused(const struct letter *l)
{
    struct buf b;
    struct bz_error e = { 0 };
    buf_init(&b, LETTER_BYTES);
    assert_int_equal(letter_write(l, &b, &e), BZ_ERR_INVALID);
    buf_done(&b);
}

static void test_injection(void **state)
{
    static const struct span bad[] = { SPAN("a\r\nBcc: x@evil.com"), SPAN("a\nb"), SPAN("a\rb"), SPAN("a\0b"), SPAN("a\x1b[2J"), SPAN("a\xff"),
                                       SPAN("a\xe2\x80\xa8z"), SPAN("a\xe2\x80\xaez"), SPAN(" ") };
    static const struct span addresses[] = { SPAN(""), SPAN("a"), SPAN("a@b@c"), SPAN("a@b\r\nX: y"), SPAN("a@b\0c"), SPAN("a@b>c"),
                                             SPAN("a@b, c@d"), SPAN("\"a\"@b"), SPAN("é@b"), SPAN("@b"), SPAN("a@") };
    (void)state;
    /* Proves that no field takes what ends a line or turns the text around, and no address what SMTP or a head gives a meaning. */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct letter l = usual(MAIL_INVITE);
        struct span *const fields[] = { &l.to_name, &l.from_name, &l.hub, &l.args.code, &l.args.by, &l.args.org, &l.args.what };
        for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++) {
            struct span was = *fields[f];
            *fields[f] = bad[i];
            refused(&l);
            *fields[f] = was;
        }
        (void)written(&l);
    }
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct letter l = usual(MAIL_INVITE), m = l;
        l.to = m.from = addresses[i];
        refused(&l);
        refused(&m);
    }
    struct letter l = usual(MAIL_REQUEST_REFUSED);
    l.args.reason = SPAN("a\r\n.\r\nMAIL FROM:<x>");
    refused(&l);
    l.args.reason = SPAN(".\n..\nFrom here\n{hub}|x\n");
    assert_non_null(strstr(written(&l)->body, "\n.\n..\nFrom here\n{hub}|x\n"));
    l.kind = (enum mail_kind)99;
    refused(&l);
    l.kind = (enum mail_kind)0;
    refused(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all), cmocka_unit_test(test_code), cmocka_unit_test(test_words), cmocka_unit_test(test_elsewhere),
        cmocka_unit_test(test_domain), cmocka_unit_test(test_lang), cmocka_unit_test(test_injection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
