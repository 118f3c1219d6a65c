/* What stands beside the pixels of a picture is taken out of it, and nothing else is changed: its length, its pixels, its colours and
 * the turn that the camera noted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "work/bare.h"
#include "work/shape.h"

struct bytes { unsigned char at[4096]; size_t len; };

static void add(struct bytes *b, const void *at, size_t len)
{
    assert_true(b->len + len <= sizeof b->at);
    memcpy(b->at + b->len, at, len);
    b->len += len;
}
#define ADD(b, text) add(b, text, sizeof(text) - 1)

static void add_number(struct bytes *b, uint32_t n, unsigned bytes, bool is_low)
{
    for (unsigned i = 0; i < bytes; i++)
        b->at[b->len++] = (unsigned char)(n >> 8 * (is_low ? i : bytes - 1 - i));
}

/* A directory of three entries: a maker, the turn, and where the picture was taken. */
static void add_tiff(struct bytes *b, unsigned turn, bool is_low)
{
    add(b, is_low ? "II*\0\10\0\0\0" : "MM\0*\0\0\0\10", 8);
    add_number(b, 3, 2, is_low);
    static const uint32_t entries[3][3] = { { 0x010f, 2, 4 }, { 0x0112, 3, 1 }, { 0x8825, 4, 1 } };
    for (unsigned i = 0; i < 3; i++) {
        add_number(b, entries[i][0], 2, is_low);
        add_number(b, entries[i][1], 2, is_low);
        add_number(b, entries[i][2], 4, is_low);
        add_number(b, i == 1 ? turn : 50, i == 1 ? 2 : 4, is_low);
        add_number(b, 0, i == 1 ? 2 : 0, is_low);
    }
    add_number(b, 0, 4, is_low);
    ADD(b, "CANARY of a place: 14.7 N, 17.4 W");
}

static void add_segment(struct bytes *b, unsigned kind, const void *body, size_t len)
{
    add_number(b, 0xff00 | kind, 2, false);
    add_number(b, (uint32_t)len + 2, 2, false);
    add(b, body, len);
}
#define SEGMENT(b, kind, text) add_segment(b, kind, text, sizeof(text) - 1)

static void add_jpeg(struct bytes *b, unsigned turn)
{
    struct bytes exif = { .len = 0 };
    ADD(&exif, "Exif\0\0");
    add_tiff(&exif, turn, true);
    ADD(b, "\xff\xd8");
    SEGMENT(b, 0xe0, "JFIF\0kept");
    add_segment(b, 0xe1, exif.at, exif.len);
    SEGMENT(b, 0xe1, "http://ns.adobe.com/xap/1.0/\0<x>CANARY</x>");
    SEGMENT(b, 0xe2, "ICC_PROFILE\0kept");
    SEGMENT(b, 0xe2, "MPF\0CANARY");
    SEGMENT(b, 0xed, "Photoshop 3.0\0CANARY");
    SEGMENT(b, 0xee, "Adobe kept");
    SEGMENT(b, 0xfe, "CANARY says hello");
    SEGMENT(b, 0xc0, "\x08\0\4\0\10\1\1\x11\0");
    SEGMENT(b, 0xda, "\1\1\0\0\x3f\0");
    ADD(b, "pixels \xff\0 CANARY of pixels \xff\xd0 more\xff\xd9");
}

static size_t canaries(const struct bytes *b)
{
    size_t n = 0;
    for (size_t i = 0; i + 6 <= b->len; i++)
        n += memcmp(b->at + i, "CANARY", 6) == 0;
    return n;
}

static void stays(const struct bytes *before, const struct bytes *after, const char *text, size_t len)
{
    const unsigned char *at = memmem(before->at, before->len, text, len);
    assert_non_null(at);
    assert_memory_equal(after->at + (at - before->at), text, len);
}
#define STAYS(before, after, text) stays(before, after, text, sizeof(text) - 1)

static void takes_out(const struct bytes *file, size_t left, unsigned turn, enum look_type type)
{
    struct bytes b = *file;
    struct shape shape;
    assert_true(bare_picture(b.at, b.len, NULL, NULL));
    assert_int_equal(canaries(&b), left);
    assert_true(shape_read((struct span){ (const char *)b.at, b.len }, &shape));
    assert_int_equal(shape.type, type);
    assert_int_equal(shape.turn, type == LOOK_JPEG ? turn : 1);
    assert_false(bare_picture(b.at, b.len, NULL, NULL));
}

static void a_jpeg_keeps_its_pixels_colours_and_turn(void **state)
{
    for (unsigned turn = 1; turn <= 8; turn++) {
        struct bytes file = { .len = 0 };
        add_jpeg(&file, turn);
        takes_out(&file, 1, turn, LOOK_JPEG);
        struct bytes b = file;
        (void)bare_picture(b.at, b.len, NULL, NULL);
        STAYS(&file, &b, "JFIF\0kept");
        STAYS(&file, &b, "ICC_PROFILE\0kept");
        STAYS(&file, &b, "Adobe kept");
        STAYS(&file, &b, "pixels \xff\0 CANARY of pixels \xff\xd0 more\xff\xd9");
    }
}

static void pictures_behind_a_jpeg_are_looked_at_and_all_else_is_let_be(void **state)
{
    struct bytes file = { .len = 0 };
    add_jpeg(&file, 6);
    ADD(&file, "between, CANARY");
    add_jpeg(&file, 3);
    ADD(&file, "ftyp and a film, CANARY");
    takes_out(&file, 4, 6, LOOK_JPEG);
    ADD(&file, "\xff\xd8\xff no picture");
    size_t before = canaries(&file);
    add_jpeg(&file, 3);
    takes_out(&file, 4 + canaries(&file) - before, 6, LOOK_JPEG);
}

static void add_chunk(struct bytes *b, const char *type, const void *data, size_t len)
{
    add_number(b, (uint32_t)len, 4, false);
    size_t at = b->len;
    add(b, type, 4);
    add(b, data, len);
    add_number(b, (uint32_t)crc32(0, b->at + at, (uInt)len + 4), 4, false);
}
#define CHUNK(b, type, text) add_chunk(b, type, text, sizeof(text) - 1)

static void a_png_keeps_its_pixels_and_colours(void **state)
{
    for (unsigned turn = 1; turn <= 8; turn += 5) {
        struct bytes file = { .len = 0 }, tiff = { .len = 0 };
        add_tiff(&tiff, turn, false);
        ADD(&file, "\x89PNG\r\n\x1a\n");
        CHUNK(&file, "IHDR", "\0\0\0\10\0\0\0\4\10\2\0\0\0");
        CHUNK(&file, "iCCP", "colours");
        CHUNK(&file, "tEXt", "Comment\0CANARY");
        CHUNK(&file, "iTXt", "XML:com.adobe.xmp\0CANARY");
        add_chunk(&file, "eXIf", tiff.at, tiff.len);
        CHUNK(&file, "caBX", "CANARY");
        CHUNK(&file, "IDAT", "pixels, CANARY");
        CHUNK(&file, "IEND", "");
        takes_out(&file, 1, turn, LOOK_PNG);
        struct bytes b = file;
        (void)bare_picture(b.at, b.len, NULL, NULL);
        STAYS(&file, &b, "iCCPcolours");
        for (size_t at = 8; at < b.len;) {   /* every sum holds */
            uint32_t len = (uint32_t)b.at[at + 2] << 8 | b.at[at + 3];
            uint32_t sum = (uint32_t)crc32(0, b.at + at + 4, len + 4);
            for (unsigned i = 0; i < 4; i++)
                assert_int_equal(b.at[at + 8 + len + i], (unsigned char)(sum >> (24 - 8 * i)));
            if (memcmp(b.at + at + 4, "eXIf", 4) == 0)
                assert_int_equal(shape_turn((struct span){ (const char *)b.at + at + 8, len }), turn);
            at += 12 + len;
        }
        assert_int_equal(memmem(b.at, b.len, "eXIf", 4) != NULL, turn != 1);
    }
}

static void add_riff(struct bytes *b, const char *type, const void *data, size_t len)
{
    add(b, type, 4);
    add_number(b, (uint32_t)len, 4, true);
    add(b, data, len);
    if ((len & 1) != 0)
        add(b, "", 1);
}

static void a_webp_keeps_its_pixels_and_tells_what_it_has(void **state)
{
    for (unsigned turn = 1; turn <= 8; turn += 5) {
        struct bytes file = { .len = 0 }, tiff = { .len = 0 };
        ADD(&tiff, "Exif\0\0");
        add_tiff(&tiff, turn, true);
        ADD(&file, "RIFF....WEBP");
        add_riff(&file, "VP8X", "\x2c\0\0\0\7\0\0\3\0\0", 10);
        add_riff(&file, "ICCP", "colours", 7);
        add_riff(&file, "VP8 ", "pixels, CANARY", 14);
        add_riff(&file, "EXIF", tiff.at, tiff.len);
        add_riff(&file, "XMP ", "<x>CANARY", 9);
        struct bytes size = { .len = 0 };
        add_number(&size, (uint32_t)file.len - 8, 4, true);
        memcpy(file.at + 4, size.at, 4);
        takes_out(&file, 1, turn, LOOK_WEBP);
        struct bytes b = file;
        (void)bare_picture(b.at, b.len, NULL, NULL);
        assert_int_equal(b.at[20], turn == 1 ? 0x20 : 0x28);
        const unsigned char *exif = memmem(b.at, b.len, "EXIF", 4);
        assert_int_equal(exif != NULL, turn != 1);
        if (exif != NULL)
            assert_int_equal(shape_turn((struct span){ (const char *)exif + 8, 26 }), turn);
        STAYS(&file, &b, "colours");
    }
}

static void what_is_not_whole_stays_as_it_is(void **state)
{
    struct bytes file = { .len = 0 };
    add_jpeg(&file, 6);
    for (size_t len = 0; len < file.len; len++) {
        struct bytes b = file;
        assert_false(bare_picture(b.at, len, NULL, NULL));
        assert_memory_equal(b.at, file.at, file.len);
    }
    static const char *const others[] = { "", "GIF89a CANARY", "%PDF-1.7 CANARY", "RIFF\4\0\0\0WEBP", "\x89PNG\r\n\x1a\n" };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        unsigned char text[32] = { 0 };
        memcpy(text, others[i], strlen(others[i]));
        assert_false(bare_picture(text, strlen(others[i]), NULL, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jpeg_keeps_its_pixels_colours_and_turn),
        cmocka_unit_test(pictures_behind_a_jpeg_are_looked_at_and_all_else_is_let_be),
        cmocka_unit_test(a_png_keeps_its_pixels_and_colours),
        cmocka_unit_test(a_webp_keeps_its_pixels_and_tells_what_it_has),
        cmocka_unit_test(what_is_not_whole_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
