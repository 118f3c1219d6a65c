#include "work/bare.h"

#include <string.h>
#include <zlib.h>

#include "work/shape.h"

#define JPEGS_MAX 8               /* behind the first one's end: cameras put one or two there */
#define EXIF_BYTES 6              /* before the TIFF directory in a JPEG, and in some WebP */
#define TIFF_BYTES 26             /* a directory of one entry, and that nothing follows */

struct bare {
    unsigned char *file;
    size_t len;
    bool is_written;              /* else it is only looked whether the file is whole */
    bool is_changed;
    void (*changed)(void *ctx, size_t at, size_t len);
    void *ctx;
};

static uint32_t number(const unsigned char *at, unsigned bytes, bool is_low)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < bytes; i++)
        n = n << 8 | at[is_low ? bytes - 1 - i : i];
    return n;
}

/* len bytes become `head`, and zeros behind it. */
static void put(struct bare *b, size_t at, size_t len, const void *head, size_t head_len)
{
    unsigned char *p = b->file + at;
    bool is_new = memcmp(p, head, head_len) != 0;
    for (size_t i = head_len; i < len && !is_new; i++)
        is_new = p[i] != 0;
    if (!b->is_written || !is_new)
        return;
    memcpy(p, head, head_len);
    memset(p + head_len, 0, len - head_len);
    b->is_changed = true;
    if (b->changed != NULL)
        b->changed(b->ctx, at, len);
}

/* A directory that holds the turn alone, in TIFF_BYTES and some zeros. */
static const unsigned char *tiff_of(unsigned turn, unsigned char ret[TIFF_BYTES])
{
    static const unsigned char only[TIFF_BYTES] = "MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1";
    memcpy(ret, only, TIFF_BYTES);
    ret[19] = (unsigned char)turn;
    return ret;
}

static unsigned turn_of(const unsigned char *at, size_t len)
{
    return shape_turn((struct span){ (const char *)at, len });
}

static bool begins(const unsigned char *at, size_t len, const char *with, size_t with_len)
{
    return len >= with_len && memcmp(at, with, with_len) == 0;
}
#define BEGINS(at, len, text) begins(at, len, text, sizeof(text) - 1)

/* ---- JPEG: the segments of applications and comments. */

static void bare_segment(struct bare *b, unsigned kind, size_t at, size_t len)
{
    const unsigned char *body = b->file + at;
    unsigned char exif[EXIF_BYTES + TIFF_BYTES] = "Exif\0";
    bool is_shown = (kind == 0xe0 && BEGINS(body, len, "JFIF\0")) || (kind == 0xe2 && BEGINS(body, len, "ICC_PROFILE\0"))
                    || (kind == 0xee && BEGINS(body, len, "Adobe"));
    if ((kind < 0xe0 || kind > 0xef) && kind != 0xfe)
        return;
    bool is_exif = kind == 0xe1 && BEGINS(body, len, "Exif\0\0") && len >= sizeof exif;
    unsigned turn = is_exif ? turn_of(body + EXIF_BYTES, len - EXIF_BYTES) : 1;
    if (is_shown)
        return;
    (void)tiff_of(turn, exif + EXIF_BYTES);
    put(b, at, len, exif, turn != 1 ? sizeof exif : 0);
}

/* Past the coded pixels to the marker behind them. */
static bool skip_scan(const struct bare *b, size_t *at)
{
    while (b->len - *at >= 2) {
        const unsigned char *mark = memchr(b->file + *at, 0xff, b->len - *at - 1);
        if (mark == NULL)
            return false;
        *at = (size_t)(mark - b->file);
        if (mark[1] != 0 && mark[1] != 0xff && (mark[1] < 0xd0 || mark[1] > 0xd7))
            return true;
        *at += mark[1] == 0xff ? 1 : 2;
    }
    return false;
}

/* *at: where it begins, then behind its end. */
static bool bare_jpeg(struct bare *b, size_t *at)
{
    bool has_pixels = false;
    *at += 2;
    while (b->len - *at >= 2) {
        unsigned kind = b->file[*at + 1];
        if (b->file[*at] != 0xff)
            return false;
        if (kind == 0xff) {   /* filling */
            ++*at;
            continue;
        }
        if (kind == 0xd9) {
            *at += 2;
            return has_pixels;
        }
        size_t len = b->len - *at >= 4 ? number(b->file + *at + 2, 2, false) : 0;
        if (len < 2 || len > b->len - *at - 2)
            return false;
        bare_segment(b, kind, *at + 4, len - 2);
        *at += 2 + len;
        has_pixels |= kind == 0xda;
        if (kind == 0xda && !skip_scan(b, at))
            return false;
    }
    return false;
}

/* Second pictures and larger copies stand behind the end with directories of their own. The first that is not whole is no picture,
 * and it and what follows are left as they are: so it stays none the second time. */
static void bare_behind(struct bare *b, size_t at)
{
    static const unsigned char begin[] = { 0xff, 0xd8, 0xff };
    for (int i = 0; i < JPEGS_MAX; i++) {
        const unsigned char *next = memmem(b->file + at, b->len - at, begin, sizeof begin);
        if (next == NULL)
            return;
        at = (size_t)(next - b->file);
        size_t end = at;
        struct bare look = { .file = b->file, .len = b->len };
        if (!bare_jpeg(&look, &end))
            return;
        (void)bare_jpeg(b, &at);
    }
}

static bool bare_jpegs(struct bare *b)
{
    size_t at = 0;
    if (!bare_jpeg(b, &at))
        return false;
    if (b->is_written)
        bare_behind(b, at);
    return true;
}

/* ---- PNG: chunks that a decoder may leave out, but for those that say how pixels are shown. */

#define PNG_TYPE "blNk"           /* of none: ancillary, private, safe to copy */

static bool png_is_shown(const unsigned char *type)
{
    static const char shown[] = "tRNS gAMA cHRM sRGB iCCP sBIT bKGD hIST pHYs sPLT cICP mDCV mDCv cLLI cLLi acTL fcTL fdAT";
    bool is_critical = (type[0] & 0x20) == 0;
    for (size_t i = 0; i + 4 < sizeof shown && !is_critical; i += 5)
        is_critical = memcmp(type, shown + i, 4) == 0;
    return is_critical;
}

static void bare_chunk(struct bare *b, size_t at, size_t len)
{
    unsigned char tiff[TIFF_BYTES], sum[4];
    const unsigned char *type = b->file + at + 4;
    if (png_is_shown(type))
        return;
    unsigned turn = memcmp(type, "eXIf", 4) == 0 && len >= TIFF_BYTES ? turn_of(type + 4, len) : 1;
    put(b, at + 4, 4, turn != 1 ? "eXIf" : PNG_TYPE, 4);
    put(b, at + 8, len, tiff_of(turn, tiff), turn != 1 ? TIFF_BYTES : 0);
    uint32_t crc = b->is_written ? (uint32_t)crc32(0, type, (uInt)(len + 4)) : 0;
    for (int i = 0; i < 4; i++)
        sum[i] = (unsigned char)(crc >> (24 - 8 * i));
    put(b, at + 8 + len, 4, sum, 4);
}

static bool bare_png(struct bare *b)
{
    for (size_t at = 8; b->len - at >= 12;) {
        size_t len = number(b->file + at, 4, false);
        if (len > b->len - at - 12)
            return false;
        bool is_end = memcmp(b->file + at + 4, "IEND", 4) == 0;
        bare_chunk(b, at, len);
        at += 12 + len;
        if (is_end)
            return at == b->len;
    }
    return false;
}

/* ---- WebP: chunks but for those of pixels and colours; its head says which there are. */

#define WEBP_TYPE "BLNK"
#define HAS_EXIF 0x08
#define HAS_XMP 0x04

static bool webp_is_shown(const unsigned char *type)
{
    static const char shown[] = "VP8 VP8LVP8XALPHANIMANMFICCP";
    for (size_t i = 0; i + 4 < sizeof shown; i += 4)
        if (memcmp(type, shown + i, 4) == 0)
            return true;
    return false;
}

static bool bare_webp(struct bare *b)
{
    unsigned char tiff[TIFF_BYTES], flags = 0;
    size_t at = 12;
    if (b->len < 20 || number(b->file + 4, 4, true) != b->len - 8)
        return false;
    while (b->len - at >= 8) {
        unsigned char *type = b->file + at, *body = type + 8;
        size_t len = number(type + 4, 4, true), padded = len + (len & 1);
        if (padded > b->len - at - 8)
            return false;
        if (!webp_is_shown(type)) {
            size_t head = memcmp(type, "EXIF", 4) != 0 ? len : BEGINS(body, len, "Exif\0\0") ? EXIF_BYTES : 0;
            unsigned turn = len - head >= TIFF_BYTES ? turn_of(body + head, len - head) : 1;
            flags |= turn != 1 ? HAS_EXIF : 0;
            put(b, at, 4, turn != 1 ? "EXIF" : WEBP_TYPE, 4);
            put(b, at + 8, len, tiff_of(turn, tiff), turn != 1 ? TIFF_BYTES : 0);
        }
        at += 8 + padded;
    }
    if (at != b->len)
        return false;
    if (b->len > 20 && memcmp(b->file + 12, "VP8X", 4) == 0) {
        flags = (unsigned char)((b->file[20] & ~(HAS_EXIF | HAS_XMP)) | (b->file[20] & flags));
        put(b, 20, 1, &flags, 1);
    }
    return true;
}

bool bare_picture(unsigned char *file, size_t len, void (*changed)(void *ctx, size_t at, size_t len), void *ctx)
{
    struct bare look = { .file = file, .len = len };
    struct bare write = { .file = file, .len = len, .is_written = true, .changed = changed, .ctx = ctx };
    bool (*bare)(struct bare *b) = BEGINS(file, len, "\xff\xd8\xff")                              ? bare_jpegs
                                   : BEGINS(file, len, "\x89PNG\r\n\x1a\n")                       ? bare_png
                                   : BEGINS(file, len, "RIFF") && len >= 12 && memcmp(file + 8, "WEBP", 4) == 0 ? bare_webp
                                                                                                  : NULL;
    return bare != NULL && bare(&look) && bare(&write) && write.is_changed;
}
