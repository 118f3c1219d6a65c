/* Words are found in the encodings that offices write, and what comes out is text for the parent too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "work/text.h"

static void gives(struct span file, const char *words)
{
    struct text t;
    text_init(&t);
    assert_int_equal(text_take_file(&t, file), words != NULL);
    if (words != NULL && !span_is(text_found(&t), words))
        fail_msg("`%.*s` instead of `%s`", (int)t.out.len, t.out.at, words);
    buf_done(&t.out);
}

static void each_encoding_is_read(void **state)
{
    gives(SPAN("Año\r\n\r\n\t  nuevo \x1b[2J\x7f fin\n"), "Año\nnuevo [2J fin");
    gives(SPAN("\xef\xbb\xbf" "caf\xc3\xa9"), "café");
    gives(SPAN("caf\xe9 \x80 5 \x93so\x94 \x81"), "café € 5 “so”");
    gives(SPAN("\xff\xfe" "c\0a\0f\0\xe9\0\x3d\xd8\x8c\xde!\0"), "café🚌!");
    gives(SPAN("\xfe\xff\0c\0a\0f\0\xe9\xd8\x3d\xde\x8c\0!"), "café🚌!");
    gives(SPAN("\xff\xfe" "a\0\x3d\xd8" "b\0\x8c\xde" "c\0d"), "abc");   /* halves of pairs, half a unit */
    gives(SPAN("a\0b"), NULL);
    gives(SPAN(""), "");
    gives(SPAN(" \n\t\x01\xc2\xa0"), "");
    gives(SPAN("\xe2\x80\x8b"), "");   /* a space of no width is no word: the parent takes text that shows something */
}

/* Proves that a long text is cut between two characters, and that what is cut in the file is not taken for another encoding. */
static void a_long_text_is_cut(void **state)
{
    for (size_t shift = 0; shift < 3; shift++) {
        size_t len = 5u << 20;
        char *long_text = malloc(len);
        memset(long_text, 'x', shift);
        for (size_t i = shift; i + 3 <= len; i += 3)
            memcpy(long_text + i, "\xe2\x82\xac", 3);
        struct text t;
        text_init(&t);
        assert_true(text_take_file(&t, (struct span){ long_text, len }));
        struct span found = text_found(&t);
        assert_in_range(found.len, LOOK_TEXT_BYTES - 8, LOOK_TEXT_BYTES);
        assert_true(utf8_is_text(found));
        assert_memory_equal(found.at + shift, "\xe2\x82\xac", 3);
        assert_false(text_has_room(&t));
        assert_false(text_add(&t, SPAN("more")));
        buf_done(&t.out);
        free(long_text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_encoding_is_read), cmocka_unit_test(a_long_text_is_cut) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
