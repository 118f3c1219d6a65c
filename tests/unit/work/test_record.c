/* What a worker answers is not trusted: whatever record arrives, what is read from it keeps to its ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "work/record.h"

/* A lossy WebP of 3 x 2, and one of 2 x 2 with alpha, as libwebp writes them; only their frame counts here. */
#define VP8(width, height) "VP8 \x0a\0\0\0" "\x30\1\0" "\x9d\1\x2a" width "\0" height "\0"
#define LOSSY "RIFF\x16\0\0\0WEBP" VP8("\3", "\2")
#define ALPHA(flags) "RIFF\x32\0\0\0WEBPVP8X\x0a\0\0\0" flags "\0\0\0\1\0\0\1\0\0" "ALPH\1\0\0\0\0\0" VP8("\2", "\2")
#define LONG_TEXT (LOOK_TEXT_BYTES + 1)

static const struct look image = { .type = LOOK_JPEG, .media_type = "image/jpeg", .is_image = true, .width = 4000, .height = 3000,
                                   .placeholder = { 1, 2, 3 }, .thumb = { LOSSY, sizeof LOSSY - 1 }, .text = { "", 0 } };
static const struct look page = { .type = LOOK_PDF, .media_type = "application/pdf", .thumb = { "", 0 }, .text = { "Año\n1", 6 } };

static bool read_again(const struct look *look, struct look *ret, struct buf *b)
{
    buf_init(b, 1 << 20);
    record_write(b, look);
    return record_read(buf_span(b), ret);
}

/* Proves that what is written is read, and that nothing shorter or longer is. */
static void a_record_is_read_whole_or_not_at_all(void **state)
{
    const struct look *const samples[] = { &image, &page, &look_plain };
    for (size_t i = 0; i < 3; i++) {
        struct buf b;
        struct look got;
        assert_true(read_again(samples[i], &got, &b));
        assert_int_equal(got.type, samples[i]->type);
        assert_string_equal(got.media_type, samples[i]->media_type);
        assert_int_equal(got.is_image, samples[i]->is_image);
        assert_int_equal(got.width, samples[i]->width);
        assert_int_equal(got.height, samples[i]->height);
        assert_memory_equal(got.placeholder, samples[i]->placeholder, LOOK_PLACEHOLDER_BYTES);
        assert_true(span_eq(got.thumb, samples[i]->thumb) && span_eq(got.text, samples[i]->text));
        for (size_t len = 0; len < b.len; len++) {
            char *exact = malloc(len + 1);
            memcpy(exact, b.at, len);
            assert_false(record_read((struct span){ exact, len }, &got));
            free(exact);
        }
        buf_add_char(&b, '\0');
        assert_false(record_read(buf_span(&b), &got));
        buf_done(&b);
    }
}

static void refused(struct look look)
{
    struct buf b;
    struct look got;
    assert_false(read_again(&look, &got, &b));
    buf_done(&b);
}

/* Proves that each value is held to its range, and that the values must fit each other. */
static void a_value_out_of_its_range_is_no_record(void **state)
{
    static char letters[LONG_TEXT];
    memset(letters, 'a', sizeof letters);
    struct look look;
#define BREAK(sample, change) (look = sample, change, refused(look))
    BREAK(image, look.type = LOOK_TYPE_COUNT);
    BREAK(image, look.type = LOOK_PDF);
    BREAK(page, look.type = LOOK_GIF);
    BREAK(image, look.width = 0);
    BREAK(image, look.height = 0);
    BREAK(image, look.width = LOOK_SIDE_MAX + 1);
    BREAK(image, look.height = 10001);
    BREAK(image, look.width = UINT32_MAX);
    BREAK(image, look.text = span_of("words"));
    BREAK(image, look.thumb.len = 0);
    BREAK(page, look.width = 1);
    BREAK(page, look.placeholder[31] = 1);
    BREAK(page, look.thumb = image.thumb);
    BREAK(page, look.text = SPAN("a\0b"));
    BREAK(page, look.text = SPAN("\x1b[2J"));
    BREAK(page, look.text = SPAN("caf\xe9"));
    BREAK(page, look.text = SPAN("\xc2\x85"));
    BREAK(page, look.text = ((struct span){ letters, sizeof letters }));
    struct buf b;
    struct look got;
    look = page;
    look.text = (struct span){ letters, LOOK_TEXT_BYTES };
    assert_true(read_again(&look, &got, &b));
    buf_done(&b);
}

/* Proves that a thumbnail is pixels alone: no metadata, no second picture, no bytes behind it, not too large. */
static void a_thumbnail_holds_pixels_alone(void **state)
{
    assert_true(record_is_thumb(SPAN(LOSSY)));
    assert_true(record_is_thumb(SPAN(ALPHA("\x10"))));
    static const char *const flags[] = { ALPHA("\x12"), ALPHA("\x18"), ALPHA("\x14"), ALPHA("\x30") };   /* animation, Exif, XMP, ICC */
    for (size_t i = 0; i < 4; i++)
        assert_false(record_is_thumb((struct span){ flags[i], sizeof ALPHA("\x10") - 1 }));
    assert_false(record_is_thumb(SPAN("RIFF\x16\0\0\0WEBP" VP8("\0", "\2"))));
    assert_false(record_is_thumb(SPAN("RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0" "\x30\1\0" "\x9d\1\x2a" "\xe1\1" "\1\0")));   /* 481 wide */
    assert_false(record_is_thumb(SPAN("RIFF\x20\0\0\0WEBP" VP8("\3", "\2") "EXIF\2\0\0\0ab")));
    assert_false(record_is_thumb(SPAN("RIFF\x0c\0\0\0WEBPXMP \0\0\0\0")));
    assert_false(record_is_thumb(SPAN("<svg onload=alert(1)>and as long as another")));
    assert_false(record_is_thumb(SPAN("")));
}

/* Proves that bytes changed at random give a record in its ranges or none. */
static void a_changed_record_keeps_to_the_ranges(void **state)
{
    uint32_t seed = 4711;
    for (int round = 0; round < 200000; round++) {
        struct buf b;
        struct look got;
        buf_init(&b, 1 << 20);
        record_write(&b, round % 2 == 0 ? &image : &page);
        for (int i = 0; i < 1 + round % 3; i++) {
            seed = seed * 1664525u + 1013904223u;
            b.at[(seed >> 8) % b.len] = (char)(seed >> 24);
        }
        if (record_read(buf_span(&b), &got)) {
            assert_true(got.type < LOOK_TYPE_COUNT);
            assert_true(got.thumb.len <= LOOK_THUMB_BYTES && got.text.len <= LOOK_TEXT_BYTES);
            assert_true((uint64_t)got.width * got.height <= LOOK_PIXELS_MAX);
            assert_true(got.is_image == (got.thumb.len > 0) && got.is_image == (got.width > 0));
            assert_true(got.text.len == 0 || utf8_is_text(got.text));
        }
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_whole_or_not_at_all), cmocka_unit_test(a_value_out_of_its_range_is_no_record),
        cmocka_unit_test(a_thumbnail_holds_pixels_alone), cmocka_unit_test(a_changed_record_keeps_to_the_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
