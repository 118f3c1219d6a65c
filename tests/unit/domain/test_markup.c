#include "domain_check.h"

#include <stdlib.h>
#include <time.h>

#include "base/utf8.h"
#include "domain/markup.h"

static void tokens_of(const struct facts *f, const char *text, struct buf *ret)
{
    buf_init(ret, 96 << 10);
    markup_tokens(f, span_of(text), ret);
    if (ret->len > 0) {   /* sscanf reads on to a NUL */
        buf_add_char(ret, '\0');
        ret->len--;
    }
}

static void test_cases(void **state)
{
    (void)state;
    /* Proves the tokens of usual Markdown, of links that are let through and of those that are not. */
    static const struct { const char *text, *want; } cases[] = {
        { "plain", "" }, { "two\nlines\n\nand a paragraph", "" }, { "a_b_c 1 < 2 & 3", "" },
        { "**b** x", "[1,14,[2,3],-14,[5,7],-1]" },
        { "é😀 *x*", "[1,[0,4],13,[5,6],-13,-1]" },
        { "a *b*\nc", "[1,[0,2],13,[3,4],-13,18,[6,7],-1]" },
        { "# T", "[[\"h\",1],[2,3],-2]" }, { "- a\n- b", "[3,5,[2,3],-5,5,[6,7],-5,-3]" },
        { "3. a", "[[\"ol\",3],5,[3,4],-5,-4]" }, { "> q", "[6,1,[2,3],-1,-6]" }, { "---", "[8]" },
        { "```\na\nb\n```", "[7,[4,8],-7]" }, { "`c`", "[1,15,[1,2],-15,-1]" },
        { "~~d~~", "[1,16,[2,3],-16,-1]" },
        { "[x](https://a.org/)", "[1,[\"a\",\"https://a.org/\"],[1,2],-17,-1]" },
        { "[x](javascript:alert(1))", "[1,[1,2],-1]" }, { "[x](data:text/html,x)", "[1,[1,2],-1]" },
        { "[x](JaVaScRiPt&#58;alert(1))", "[1,[1,2],-1]" }, { "[x](view-source:x)", "[1,[1,2],-1]" },
        { "<mailto:a@b.org>", "[1,[\"a\",\"mailto:a@b.org\"],[1,15],-17,-1]" },
        { "![](https://a.org/i)", "[1,[\"a\",\"https://a.org/i\"],\"https://a.org/i\",-17,-1]" },
        { "see https://a.org/b.", "[1,[0,4],[\"a\",\"https://a.org/b\"],[4,19],-17,[19,20],-1]" },
        { "a\\*b", "[1,[0,1],[2,4],-1]" }, { "a &amp; b", "[1,[0,2],\"&\",[7,9],-1]" }, { "&#x41;", "[1,\"A\",-1]" },
        { "<b>x</b>", "" }, { "<script>alert(1)</script>", "" },
        { "hi @ana.b.", "[1,[0,3],[\"@\",\"africa-10\"],[3,9],-19,[9,10],-1]" },
        { "mail x@ana.b", "" }, { "@nobody", "" }, { "`@ana.b`", "[1,15,[1,7],-15,-1]" },
        { "|a|b|\n|---|---|\n|1|2|",
          "[9,10,11,[1,2],-11,11,[3,4],-11,-10,10,12,[17,18],-12,12,[19,20],-12,-10,-9]" },
        { "[only]: https://a.org", "" },
    };
    struct facts f = facts_usual();
    f.mentions_count = 1;
    f.mentions[0].id = 10;
    strcpy(f.mentions[0].handle, "ana.b");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b;
        tokens_of(&f, cases[i].text, &b);
        if (!span_is(buf_span(&b), cases[i].want))
            print_error("%s\n   got %.*s\n  want %s\n", cases[i].text, (int)b.len, b.at ? b.at : "", cases[i].want);
        assert_true(span_is(buf_span(&b), cases[i].want));
        buf_done(&b);
    }
}

static void test_words(void **state)
{
    (void)state;
    /* Proves what is read of a text: marks, addresses and entities part no word, blocks, cells and line ends do. */
    static const struct { const char *text, *want; } cases[] = {
        { "plain", "" }, { "a **b** c", "a b c\n" }, { "b**a**d", "bad\n" }, { "b[a](https://x.org)d", "bad\n" },
        { "b[a](javascript:x)d", "bad\n" }, { "b![a](https://x.org)d", "bad\n" }, { "![](https://x.org/i)", "https://x.org/i\n" },
        { "b&#97;d &amp; &x;", "bad & &x;\n" }, { "b`a`d", "bad\n" }, { "b\\*d", "b*d\n" }, { "b~~a~~d", "bad\n" },
        { "*b*\na", "b\na\n" }, { "*b*\\\na", "b\na\n" }, { "# h\n- *a*\n- b", "h\na\nb\n" },
        { "|a|b|\n|---|---|\n|1|2|", "a\nb\n1\n2\n" }, { "```\na\nb\n```", "a\nb\n" }, { "> *q*\n\nr", "q\nr\n" },
        { "see <https://x.org>", "see https://x.org\n" }, { "[r]\n\n[r]: https://x.org", "r\n" }, { "3. a", "a\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b;
        buf_init(&b, 1024);
        markup_words(span_of(cases[i].text), &b);
        if (!span_is(buf_span(&b), cases[i].want))
            print_error("%s\n   got %.*s\n  want %s\n", cases[i].text, (int)b.len, b.at ? b.at : "", cases[i].want);
        assert_true(span_is(buf_span(&b), cases[i].want));
        buf_done(&b);
    }
}

/* Every slice lies in the text, ends after it begins, and cuts no character in two. */
static void slices_check(struct span text, struct span md)
{
    unsigned char *starts = calloc(text.len + 2, 1);
    size_t units = 0;
    for (size_t i = 0; i < text.len;) {
        size_t from = i;
        starts[units] = 1;
        (void)utf8_next(text, &i);
        units += utf8_utf16((struct span){ text.at + from, i - from });
    }
    starts[units] = 1;
    bool in_text = false;
    for (size_t i = 0; i + 1 < md.len; i++) {
        if (md.at[i] == '\\')
            i++;
        else if (md.at[i] == '"')
            in_text = !in_text;
        unsigned long a, z;
        if (!in_text && md.at[i] == '[' && sscanf(md.at + i, "[%lu,%lu]", &a, &z) == 2 && i > 0) {
            assert_true(a < z && z <= units);
            assert_true(starts[a] && starts[z]);
        }
    }
    free(starts);
}

static void test_hostile(void **state)
{
    (void)state;
    /* Proves that texts made to be slow or deep end in bounded tokens whose slices are sound; prints the times. */
    static const char *const units[] = {
        "![[](", "a@a@", "> ", "*a_ ", "[a](", "|a", "`", "<a ", "- ", "\\", "&#1;", "**a**", "[", "😀*é*", "@ana.b ",
        "https://a", "1) ", "~~", "[x]: http://a\n", "|-|\n",
    };
    struct facts f = facts_usual();
    char *text = malloc(BZ_LIMIT_POST_BYTES + 1);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t len = 0, step = strlen(units[i]);
        for (; len + step <= BZ_LIMIT_POST_BYTES; len += step)
            memcpy(text + len, units[i], step);
        text[len] = '\0';
        struct buf b;
        struct timespec t0, t1;
        clock_gettime(CLOCK_MONOTONIC, &t0);
        tokens_of(&f, text, &b);
        clock_gettime(CLOCK_MONOTONIC, &t1);
        print_message("%-16.12s %6.2f ms, %zu bytes of tokens\n", units[i],
                      (double)(t1.tv_sec - t0.tv_sec) * 1e3 + (double)(t1.tv_nsec - t0.tv_nsec) / 1e6, b.len);
        slices_check((struct span){ text, len }, buf_span(&b));
        buf_done(&b);
    }
    free(text);
}

static void test_random(void **state)
{
    (void)state;
    /* Proves on 20,000 seeded texts of Markdown's own characters that slices stay sound. */
    static const char *const bits[] = { "*", "_", "`", "[", "]", "(", ")", "!", ">", "-", "\n", "\n\n", " ", "    ", "#", "|",
        "~~", "\\", "&lt;", "&#128512;", "é", "😀", "a", "@ana.b", "http://x.org", "<", "1. ", "```\n", "|-|\n", "\t" };
    struct facts f = facts_usual();
    f.mentions_count = 1;
    f.mentions[0].id = 10;
    strcpy(f.mentions[0].handle, "ana.b");
    uint64_t seed = 42;
    for (int round = 0; round < 20000; round++) {
        char text[512] = "";
        for (int k = 0; k < 24; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            strcat(text, bits[(seed >> 33) % (sizeof bits / sizeof bits[0])]);
        }
        struct buf b;
        tokens_of(&f, text, &b);
        slices_check(span_of(text), buf_span(&b));
        buf_done(&b);
    }
}

static void test_handles(void **state)
{
    (void)state;
    /* Proves that handles are found at word starts only, once each, without the full stop behind them. */
    struct span got[3];
    assert_int_equal(markup_handles(SPAN("@ana.b, (@carl)... x@no @ana.b @a @UP ¡@eva.! @v_w"), got, 3), 3);
    assert_true(span_is(got[0], "ana.b") && span_is(got[1], "carl") && span_is(got[2], "eva"));
    assert_int_equal(markup_handles(SPAN("@aa @bb @cc"), got, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_words), cmocka_unit_test(test_hostile),
                                        cmocka_unit_test(test_random), cmocka_unit_test(test_handles) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
