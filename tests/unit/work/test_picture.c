/* A picture is made small as it is shown: turned as the camera noted, each pixel where it belongs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <png.h>

#include "work/picture.h"
#include "work/record.h"

/* 16 colours that 5, 6 and 5 bits tell apart: cell n is n. */
static void paint(uint8_t *rgba, unsigned n)
{
    rgba[0] = (uint8_t)(n << 3);
    rgba[1] = (uint8_t)(n << 2);
    rgba[2] = (uint8_t)((15 - n) << 3);
    rgba[3] = 255;
}

static unsigned number(const uint8_t *placeholder, unsigned cell) { return placeholder[2 * cell] >> 3; }

/* Proves that each of the eight turns of EXIF puts the corners where a viewer puts them. */
static void a_thumbnail_is_turned(void **state)
{
    static const unsigned corners[9][4] = {   /* top left, top right, bottom left, bottom right */
        { 0 }, { 0, 3, 12, 15 }, { 3, 0, 15, 12 }, { 15, 12, 3, 0 }, { 12, 15, 0, 3 },
        { 0, 12, 3, 15 }, { 12, 0, 15, 3 }, { 15, 3, 12, 0 }, { 3, 15, 0, 12 },
    };
    for (unsigned turn = 1; turn <= 8; turn++) {
        struct canvas c;
        struct buf thumb;
        uint8_t colours[LOOK_PLACEHOLDER_BYTES];
        buf_init(&thumb, LOOK_THUMB_BYTES);
        assert_true(canvas_init(&c, 8, 4));
        for (uint32_t y = 0; y < 4; y++)
            for (uint32_t x = 0; x < 8; x++) {
                uint8_t rgba[4];
                paint(rgba, 4 * y + x / 2);
                canvas_draw(&c, y, x, 1, 1, rgba);
            }
        assert_true(thumb_make(&c, turn, &thumb, colours));
        assert_true(record_is_thumb(buf_span(&thumb)));
        static const unsigned at[4] = { 0, 3, 12, 15 };
        for (unsigned i = 0; i < 4; i++)
            assert_int_equal(number(colours, at[i]), corners[turn][i]);
        canvas_done(&c);
        buf_done(&thumb);
    }
}

static void put(png_structp png, png_bytep bytes, size_t len) { buf_add(png_get_io_ptr(png), bytes, len); }
static void flush(png_structp png) {}

/* 1001 x 403, 16 colours in 4 rows of 4. */
static void write_png(struct buf *b, int interlace)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytep lines[403];
    buf_init(b, 1 << 24);
    png_set_write_fn(png, b, put, flush);
    png_set_IHDR(png, info, 1001, 403, 8, PNG_COLOR_TYPE_RGBA, interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    for (unsigned y = 0; y < 403; y++) {
        lines[y] = malloc(1001 * 4);
        for (unsigned x = 0; x < 1001; x++)
            paint(lines[y] + (size_t)4 * x, 4 * (y * 4 / 403) + x * 4 / 1001);
    }
    png_set_rows(png, info, lines);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    for (unsigned y = 0; y < 403; y++)
        free(lines[y]);
    png_destroy_write_struct(&png, &info);
}

/* Proves that lines that arrive in seven passes end where those of one pass do, and that the whole file is asked for. */
static void an_interlaced_picture_is_the_same_picture(void **state)
{
    static const int interlaces[] = { PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7 };
    for (size_t i = 0; i < 2; i++) {
        struct buf file, thumb;
        struct look look = look_plain;
        buf_init(&thumb, LOOK_THUMB_BYTES);
        write_png(&file, interlaces[i]);
        assert_true(picture_look(buf_span(&file), &thumb, &look));
        assert_int_equal(look.type, LOOK_PNG);
        assert_int_equal(look.width, 1001);
        assert_int_equal(look.height, 403);
        assert_true(record_is_thumb(look.thumb));
        for (unsigned cell = 0; cell < 16; cell++)
            assert_in_range(number(look.placeholder, cell) + 1, cell, cell + 2);   /* edges are shared by neighbours */
        buf_clear(&thumb);
        assert_false(picture_look((struct span){ file.at, file.len - 1 }, &thumb, &look));
        file.at[file.len / 2] ^= 0x10;
        assert_false(picture_look(buf_span(&file), &thumb, &look));
        buf_done(&file);
        buf_done(&thumb);
    }
}

/* Proves that noise, which does not compress, still becomes a thumbnail of its size; and that the longest picture does. */
static void the_thumbnail_keeps_to_its_bytes(void **state)
{
    static const uint32_t sizes[][2] = { { 900, 900 }, { LOOK_SIDE_MAX, 1 }, { 1, LOOK_SIDE_MAX }, { 1, 1 } };
    for (size_t i = 0; i < 4; i++) {
        struct canvas c;
        struct buf thumb;
        uint8_t colours[LOOK_PLACEHOLDER_BYTES];
        uint32_t seed = 1;
        buf_init(&thumb, LOOK_THUMB_BYTES);
        assert_true(canvas_init(&c, sizes[i][0], sizes[i][1]));
        for (uint32_t y = 0; y < sizes[i][1]; y++)
            for (uint32_t x = 0; x < sizes[i][0]; x++) {
                seed = seed * 1664525u + 1013904223u;
                uint8_t rgba[4] = { (uint8_t)(seed >> 24), (uint8_t)(seed >> 16), (uint8_t)(seed >> 8), (uint8_t)(seed >> 20) };
                canvas_draw(&c, y, x, 1, 1, rgba);
            }
        assert_true(thumb_make(&c, 1, &thumb, colours));
        assert_true(thumb.len <= LOOK_THUMB_BYTES && record_is_thumb(buf_span(&thumb)));
        canvas_done(&c);
        buf_done(&thumb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thumbnail_is_turned),
        cmocka_unit_test(an_interlaced_picture_is_the_same_picture),
        cmocka_unit_test(the_thumbnail_keeps_to_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
