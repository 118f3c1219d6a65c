#include "work/record.h"

#include "base/limits.h"
#include "base/utf8.h"

static const struct {
    const char *media_type;
    bool is_inline;
} types[LOOK_TYPE_COUNT] = {
#define ROW(name, media, is_inline) { media, is_inline },
    LOOK_TYPES(ROW)
#undef ROW
};

const struct look look_plain = { .type = LOOK_BYTES, .media_type = "application/octet-stream", .thumb = { "", 0 }, .text = { "", 0 } };

static void put_u32(struct buf *b, uint32_t n)
{
    const unsigned char bytes[4] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n };
    buf_add(b, bytes, sizeof bytes);
}

static uint32_t high_first(const char *at)
{
    const unsigned char *p = (const unsigned char *)at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t low_first(const char *at, unsigned bytes)
{
    uint32_t n = 0;
    for (unsigned i = bytes; i > 0; i--)
        n = n << 8 | (unsigned char)at[i - 1];
    return n;
}

void record_write(struct buf *b, const struct look *look)
{
    char type = (char)look->type;
    buf_add_text(b, "BZL1");
    put_u32(b, (uint32_t)(RECORD_HEAD_BYTES + 4 + look->thumb.len + 4 + look->text.len));
    buf_add(b, &type, 1);
    put_u32(b, look->width);
    put_u32(b, look->height);
    buf_add(b, look->placeholder, sizeof look->placeholder);
    put_u32(b, (uint32_t)look->thumb.len);
    buf_add_span(b, look->thumb);
    put_u32(b, (uint32_t)look->text.len);
    buf_add_span(b, look->text);
}

/* Takes a length and as many bytes from the front of *rest. */
static bool take(struct span *rest, size_t bytes_max, struct span *ret)
{
    if (rest->len < 4)
        return false;
    size_t len = high_first(rest->at);
    if (len > bytes_max || len > rest->len - 4)
        return false;
    *ret = (struct span){ rest->at + 4, len };
    rest->at += 4 + len;
    rest->len -= 4 + len;
    return true;
}

static bool fits(uint32_t width, uint32_t height)
{
    return width >= 1 && width <= LOOK_THUMB_SIDE && height >= 1 && height <= LOOK_THUMB_SIDE;
}

/* Is this chunk one of those that hold pixels, of a picture that is not too large? */
static bool is_pixels(const char *name, struct span chunk, bool *ret_is_last)
{
    if (memcmp(name, "VP8X", 4) == 0)   /* flags: alpha, and nothing else */
        return chunk.len == 10 && (chunk.at[0] & ~0x10) == 0 && fits(1 + low_first(chunk.at + 4, 3), 1 + low_first(chunk.at + 7, 3));
    if (memcmp(name, "ALPH", 4) == 0)
        return chunk.len > 0;
    *ret_is_last = true;
    if (memcmp(name, "VP8L", 4) == 0) {
        uint32_t bits = chunk.len < 5 ? 0 : low_first(chunk.at + 1, 4);
        return chunk.len >= 5 && chunk.at[0] == 0x2f && fits(1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff));
    }
    return memcmp(name, "VP8 ", 4) == 0 && chunk.len >= 10 && memcmp(chunk.at + 3, "\x9d\x01\x2a", 3) == 0
           && fits(low_first(chunk.at + 6, 2) & 0x3fff, low_first(chunk.at + 8, 2) & 0x3fff);
}

bool record_is_thumb(struct span webp)
{
    if (webp.len < 20 || memcmp(webp.at, "RIFF", 4) != 0 || memcmp(webp.at + 8, "WEBP", 4) != 0
        || low_first(webp.at + 4, 4) != webp.len - 8)
        return false;
    bool is_last = false;
    size_t at = 12;
    while (!is_last && webp.len - at >= 8) {
        size_t len = low_first(webp.at + at + 4, 4), padded = len + (len & 1);
        if (padded > webp.len - at - 8 || !is_pixels(webp.at + at, (struct span){ webp.at + at + 8, len }, &is_last))
            return false;
        at += 8 + padded;
    }
    return is_last && at == webp.len;
}

static bool is_image(const struct look *look)
{
    return look->width >= 1 && look->width <= LOOK_SIDE_MAX && look->height >= 1 && look->height <= LOOK_SIDE_MAX
           && (uint64_t)look->width * look->height <= LOOK_PIXELS_MAX && look->text.len == 0 && record_is_thumb(look->thumb);
}

static bool is_no_image(const struct look *look)
{
    for (size_t i = 0; i < sizeof look->placeholder; i++)
        if (look->placeholder[i] != 0)
            return false;
    return look->width == 0 && look->height == 0 && look->thumb.len == 0 && (look->text.len == 0 || utf8_is_text(look->text));
}

bool record_read(struct span record, struct look *ret)
{
    if (record.at == NULL || record.len < RECORD_HEAD_BYTES || memcmp(record.at, "BZL1", 4) != 0
        || high_first(record.at + 4) != record.len || (unsigned char)record.at[8] >= LOOK_TYPE_COUNT)
        return false;
    struct look look = { .type = (enum look_type)record.at[8], .width = high_first(record.at + 9), .height = high_first(record.at + 13) };
    struct span rest = { record.at + RECORD_HEAD_BYTES, record.len - RECORD_HEAD_BYTES };
    memcpy(look.placeholder, record.at + 17, sizeof look.placeholder);
    look.media_type = types[look.type].media_type;
    look.is_image = types[look.type].is_inline;
    if (!take(&rest, LOOK_THUMB_BYTES, &look.thumb) || !take(&rest, LOOK_TEXT_BYTES, &look.text) || rest.len != 0)
        return false;
    if (look.is_image ? !is_image(&look) : !is_no_image(&look))
        return false;
    *ret = look;
    return true;
}
