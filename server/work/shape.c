#include "work/shape.h"

#include <strings.h>

#include "base/limits.h"

static uint32_t high_first(const char *at, unsigned bytes)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < bytes; i++)
        n = n << 8 | (unsigned char)at[i];
    return n;
}

static uint32_t low_first(const char *at, unsigned bytes)
{
    uint32_t n = 0;
    for (unsigned i = bytes; i > 0; i--)
        n = n << 8 | (unsigned char)at[i - 1];
    return n;
}

static bool begins(struct span s, size_t at, const char *with, size_t len)
{
    return at <= s.len && s.len - at >= len && memcmp(s.at + at, with, len) == 0;
}

/* Chunks up to IEND, which is the end. */
static bool read_png(struct span file, struct shape *ret)
{
    bool has_pixels = false;
    for (size_t at = 8; file.len - at >= 12;) {
        uint32_t len = high_first(file.at + at, 4);
        if (len > file.len - at - 12)
            return false;
        if (at == 8) {
            if (!begins(file, at + 4, "IHDR", 4) || len != 13)
                return false;
            ret->width = high_first(file.at + at + 8, 4);
            ret->height = high_first(file.at + at + 12, 4);
        }
        has_pixels = has_pixels || begins(file, at + 4, "IDAT", 4);
        bool is_end = begins(file, at + 4, "IEND", 4);
        at += 12 + (size_t)len;
        if (is_end)
            return has_pixels && at == file.len;
    }
    return false;
}

static bool skip_blocks(struct span file, size_t *at)   /* of a GIF: each has its length before it, the last has none */
{
    while (*at < file.len) {
        size_t len = (unsigned char)file.at[*at];
        *at += 1 + len;
        if (len == 0)
            return *at <= file.len;
    }
    return false;
}

static size_t colours(char flags) { return (flags & 0x80) != 0 ? (size_t)3 << ((flags & 7) + 1) : 0; }

static bool read_gif(struct span file, struct shape *ret)
{
    bool has_pixels = false;
    if (file.len < 13)
        return false;
    ret->width = low_first(file.at + 6, 2);
    ret->height = low_first(file.at + 8, 2);
    if (begins(file, 6, "/*", 2))   /* a width that opens a comment: the known way to make a script of a GIF */
        return false;
    for (size_t at = 13 + colours(file.at[10]); at < file.len;) {
        char mark = file.at[at];
        if (mark == ';')
            return has_pixels && at + 1 == file.len;
        if (mark == '!') {
            at += 2;
        } else if (mark == ',' && file.len - at >= 11) {
            has_pixels = true;
            at += 11 + colours(file.at[at + 9]);
        } else {
            return false;
        }
        if (!skip_blocks(file, &at))
            return false;
    }
    return false;
}

/* The canvas, and that the chunks fill the file. */
static bool read_webp(struct span file, struct shape *ret)
{
    if (file.len < 30 || low_first(file.at + 4, 4) != file.len - 8)
        return false;
    if (begins(file, 12, "VP8X", 4)) {
        ret->width = 1 + low_first(file.at + 24, 3);
        ret->height = 1 + low_first(file.at + 27, 3);
    } else if (begins(file, 12, "VP8L", 4)) {
        uint32_t bits = low_first(file.at + 21, 4);
        ret->width = 1 + (bits & 0x3fff);
        ret->height = 1 + (bits >> 14 & 0x3fff);
    } else if (begins(file, 12, "VP8 ", 4)) {
        ret->width = low_first(file.at + 26, 2) & 0x3fff;
        ret->height = low_first(file.at + 28, 2) & 0x3fff;
    } else {
        return false;
    }
    size_t at = 12;
    while (file.len - at >= 8) {
        size_t len = low_first(file.at + at + 4, 4), padded = len + (len & 1);
        if (padded > file.len - at - 8)
            return false;
        at += 8 + padded;
    }
    return at == file.len;
}

unsigned shape_turn(struct span tiff)
{
    if (tiff.len < 8)
        return 1;
    bool is_low = begins(tiff, 0, "II*\0", 4);
    if (!is_low && !begins(tiff, 0, "MM\0*", 4))
        return 1;
    uint32_t (*number)(const char *, unsigned) = is_low ? low_first : high_first;
    size_t at = number(tiff.at + 4, 4);
    if (at > tiff.len || tiff.len - at < 2)
        return 1;
    unsigned count = number(tiff.at + at, 2);
    at += 2;
    for (; count > 0 && tiff.len - at >= 12; count--, at += 12)
        if (number(tiff.at + at, 2) == 0x0112 && number(tiff.at + at + 2, 2) == 3) {
            unsigned turn = number(tiff.at + at + 8, 2);
            return turn >= 1 && turn <= 8 ? turn : 1;
        }
    return 1;
}

/* Of an Exif segment. */
static unsigned read_turn(struct span exif)
{
    bool is_exif = exif.len >= 6 && memcmp(exif.at, "Exif\0\0", 6) == 0;
    return is_exif ? shape_turn((struct span){ exif.at + 6, exif.len - 6 }) : 1;
}

/* Past the coded pixels to the marker behind them, which *at is left on. */
static bool skip_scan(struct span file, size_t *at)
{
    while (*at + 1 < file.len) {
        const char *mark = memchr(file.at + *at, 0xff, file.len - *at - 1);
        if (mark == NULL)
            return false;
        unsigned char kind = (unsigned char)mark[1];
        *at = (size_t)(mark - file.at);
        if (kind != 0 && kind != 0xff && (kind < 0xd0 || kind > 0xd7))
            return true;
        *at += kind == 0xff ? 1 : 2;
    }
    return false;
}

/* Segments up to the end marker. What follows is let be: cameras put small films and second pictures there. */
static bool read_jpeg(struct span file, struct shape *ret)
{
    bool has_pixels = false;
    for (size_t at = 2; file.len - at >= 2;) {
        unsigned char kind = (unsigned char)file.at[at + 1];
        if ((unsigned char)file.at[at] != 0xff)
            return false;
        if (kind == 0xff) {   /* filling */
            at++;
            continue;
        }
        if (kind == 0xd9)
            return has_pixels && ret->width > 0;
        size_t len = file.len - at >= 4 ? high_first(file.at + at + 2, 2) : 0;
        if (len < 2 || len > file.len - at - 2)
            return false;
        struct span body = { file.at + at + 4, len - 2 };
        if (kind == 0xe1 && ret->turn == 1)
            ret->turn = read_turn(body);
        if (kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 && kind != 0xc8 && kind != 0xcc) {
            if (body.len < 6 || ret->width > 0)
                return false;
            ret->height = high_first(body.at + 1, 2);
            ret->width = high_first(body.at + 3, 2);
        }
        at += 2 + len;
        if (kind == 0xda) {
            has_pixels = true;
            if (!skip_scan(file, &at))
                return false;
        }
    }
    return false;
}

/* A ZIP archive is read from its end: its last record may stand behind any picture, and in its metadata. */
static bool is_archive(struct span file)
{
    size_t from = file.len > 65557 ? file.len - 65557 : 0;
    for (size_t at = from; file.len - at >= 22; at++) {
        const char *mark = memchr(file.at + at, 'P', file.len - at - 21);
        if (mark == NULL)
            return false;
        at = (size_t)(mark - file.at);
        if (memcmp(mark, "PK\5\6", 4) == 0 && (uint64_t)low_first(mark + 12, 4) + low_first(mark + 16, 4) <= file.len)
            return true;
    }
    return false;
}

static bool is_markup(struct span file)
{
    static const char *const tags[] = { "<script", "<html", "<svg", "<!doctype", "<?php", "<body", "<iframe" };
    for (size_t at = 0; at < file.len;) {
        const char *open = memchr(file.at + at, '<', file.len - at);
        if (open == NULL)
            return false;
        at = (size_t)(open - file.at) + 1;
        for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
            size_t len = strlen(tags[i]);
            if (file.len - at + 1 >= len && strncasecmp(open, tags[i], len) == 0)
                return true;
        }
    }
    return false;
}

/* Readers of PDF look for its mark in the first 1,024 bytes. */
static bool is_document(struct span file)
{
    size_t head = file.len < 1024 ? file.len : 1024;
    return memmem(file.at, head, "%PDF-", 5) != NULL;
}

static const struct {
    enum look_type type;
    const char *mark;
    size_t len;
    bool (*read)(struct span file, struct shape *ret);
} kinds[] = {
    { LOOK_PNG, "\x89PNG\r\n\x1a\n", 8, read_png }, { LOOK_JPEG, "\xff\xd8\xff", 3, read_jpeg },
    { LOOK_GIF, "GIF87a", 6, read_gif },            { LOOK_GIF, "GIF89a", 6, read_gif },
    { LOOK_WEBP, "RIFF", 4, read_webp },
};

static int kind_of(struct span file)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (begins(file, 0, kinds[i].mark, kinds[i].len) && (kinds[i].type != LOOK_WEBP || begins(file, 8, "WEBP", 4)))
            return (int)i;
    return -1;
}

bool shape_is_picture(struct span file) { return kind_of(file) >= 0; }

bool shape_read(struct span file, struct shape *ret)
{
    int kind = kind_of(file);
    if (kind < 0)
        return false;
    struct shape shape = { .type = kinds[kind].type, .turn = 1 };
    if (!kinds[kind].read(file, &shape) || shape.width < 1 || shape.width > LOOK_SIDE_MAX || shape.height < 1
        || shape.height > LOOK_SIDE_MAX || (uint64_t)shape.width * shape.height > LOOK_PIXELS_MAX)
        return false;
    if (is_markup(file) || is_archive(file) || is_document(file))
        return false;
    *ret = shape;
    return true;
}
