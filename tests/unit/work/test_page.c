/* What a page says of itself is read in every way that pages say it, and is one line of plain text whatever they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "work/page.h"

static void is(const char *type, const char *html, const char *title, const char *about, const char *lang)
{
    struct page page;
    page_read(span_of(type), span_of(html), &page);
    const struct { const struct buf *is; const char *wanted; } all[] = { { &page.title, title }, { &page.about, about }, { &page.lang, lang } };
    for (size_t i = 0; i < 3; i++)
        if (all[i].is->len != strlen(all[i].wanted)
            || (all[i].is->len > 0 && memcmp(all[i].is->at, all[i].wanted, all[i].is->len) != 0))
            fail_msg("%s: %.*s", html, (int)all[i].is->len, all[i].is->at);
    page_done(&page);
}

static void pages_say_what_they_are(void **state)
{
    is("text/html", "<!doctype html><html lang=\"fr-CA\"><head><title> Le\n plan &amp; la ville </title>"
       "<meta name=description content='Tout d&#39;un coup'></head><body>", "Le plan & la ville", "Tout d'un coup", "fr-CA");
    is("text/html", "<meta property=og:title content=\"For sharing\"><title>The page</title><meta content=short property=og:description>"
       "<meta name=description content=long>", "For sharing", "short", "");
    is("text/html", "<TITLE>Caf&eacute; &#x1F68C; &copy; &unknown; & more</TITLE>", "Café 🚌 © &unknown; & more", "", "");
    is("text/html", "<script>var a = '<title>No</title>'</script><!-- <title>No</title> --><title>Yes</title>", "Yes", "", "");
    is("text/html", "<svg><title>An icon</title></svg><title>The page</title>", "The page", "", "");
    is("text/html", "<html lang='bad lang'><body><title>Too late</title>", "", "", "");
    is("text/html", "<title>Never ends", "Never ends", "", "");
    is("text/html", "<meta name=description content=\"a > b\"><title>x</title>", "x", "a > b", "");
    is("text/html", "", "", "", "");
    is("text/html", "<title></title><meta><meta content><", "", "", "");
}

static void letters_of_other_scripts_are_read(void **state)
{
    page_load();
    is("text/html; charset=windows-1251", "<title>\xcf\xeb\xe0\xed</title>", "План", "", "");
    is("text/html", "<meta charset=\"Shift_JIS\"><title>\x8c\x76\x89\xe6</title>", "計画", "", "");
    is("text/html; charset=iso-8859-1", "<title>S\xe3o Paulo \x96 plano</title>", "São Paulo – plano", "", "");
    is("text/html; charset=utf-8", "<title>S\xe3o</title>", "So", "", "");
    is("text/html; charset=of-mars", "<title>Plain</title>", "Plain", "", "");
    is("text/html; charset=windows-1251", "\xef\xbb\xbf<title>Été</title>", "Été", "", "");
}

static void what_is_said_is_one_line_of_plain_text(void **state)
{
    is("", "<title>a\xe2\x80\xae" "b\xe2\x81\xa6" "c\xc2\x85" "d&#x202E;&#0;&#1;&#xD800;&#x110000;e\x01</title>", "abc d e", "", "");
    is("", "<title>\xe2\x80\x8b \xe2\x80\x8f\xef\xbb\xbf</title>", "", "", "");
    is("", "<title><b>bold</b> &lt;script&gt;</title>", "<b>bold</b> <script>", "", "");
    struct buf cleaned;
    buf_init(&cleaned, 4096);
    char words[3001] = "";
    for (int i = 0; i < 500; i++)
        memcpy(words + 6 * i, "w\xc3\xa9ird ", 7);
    page_clean((struct span){ words, 3000 }, 200, &cleaned);
    assert_true(utf8_is_name(buf_span(&cleaned), 200));
    assert_true(utf8_chars(buf_span(&cleaned)) > 190);
    assert_memory_equal(cleaned.at + cleaned.len - 3, "\xe2\x80\xa6", 3);
    buf_done(&cleaned);
}

static void nothing_takes_long(void **state)
{
    size_t bytes = 512 << 10;
    static const char *const parts[] = { "<", "<a ", "<meta content=\"", "<!--", "<title>", "&", "&#", "<script>", "a=", "<svg><", "\xff", "</" };
    char *html = malloc(bytes);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct page page;
        size_t len = strlen(parts[i]);
        for (size_t at = 0; at + len <= bytes; at += len)
            memcpy(html + at, parts[i], len);
        page_read(SPAN("text/html"), (struct span){ html, bytes / len * len }, &page);
        page_done(&page);
    }
    free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_say_what_they_are),
        cmocka_unit_test(letters_of_other_scripts_are_read),
        cmocka_unit_test(what_is_said_is_one_line_of_plain_text),
        cmocka_unit_test(nothing_takes_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
