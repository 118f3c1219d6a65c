/* From the sums of a canvas to the thumbnail and its placeholder. */
#include <stdlib.h>
#include <webp/encode.h>

#include "work/picture.h"

struct small {
    uint32_t width, height;
    uint8_t *rgba;
};

/* How many lines (or columns) of the picture fall into each of count cells. */
static uint32_t lines_in(uint32_t cell, uint32_t count, uint32_t all)
{
    uint64_t from = ((uint64_t)cell * all + count - 1) / count, to = ((uint64_t)(cell + 1) * all + count - 1) / count;
    return (uint32_t)(to - from);
}

/* Adds the cell's average, alpha multiplied in, as far as it lies in the pixel. */
static void add_cell(const struct canvas *c, uint32_t x, uint32_t y, double share, double sums[4])
{
    const uint32_t *cell = c->sums + (size_t)4 * ((size_t)y * c->cells_x + x);
    double pixels = (double)lines_in(x, c->cells_x, c->width) * lines_in(y, c->cells_y, c->height);
    for (int i = 0; i < 4; i++)
        sums[i] += share * cell[i] / pixels;
}

static double overlap(double from, double to, uint32_t cell)
{
    double low = from > cell ? from : cell, high = to < cell + 1.0 ? to : cell + 1.0;
    return high > low ? high - low : 0;
}

static void average(const struct canvas *c, const struct small *s, uint32_t x, uint32_t y, uint8_t *ret)
{
    double grow_x = (double)c->cells_x / s->width, grow_y = (double)c->cells_y / s->height;
    double left = x * grow_x, right = left + grow_x, top = y * grow_y, bottom = top + grow_y, sums[4] = { 0 };
    for (uint32_t j = (uint32_t)top; j < c->cells_y && j < bottom; j++)
        for (uint32_t i = (uint32_t)left; i < c->cells_x && i < right; i++)
            add_cell(c, i, j, overlap(left, right, i) * overlap(top, bottom, j), sums);
    for (int i = 0; i < 3; i++)
        ret[i] = sums[3] > 0 ? (uint8_t)(sums[i] / sums[3] + 0.5) : 0;
    ret[3] = (uint8_t)(sums[3] / (grow_x * grow_y) + 0.5);
}

/* Where the pixel of the turned picture comes from; see the orientations of EXIF. */
static size_t source(unsigned turn, const struct small *from, uint32_t x, uint32_t y)
{
    uint32_t last_x = from->width - 1, last_y = from->height - 1, u = x, v = y;
    switch (turn) {
    case 2: u = last_x - x; break;
    case 3: u = last_x - x; v = last_y - y; break;
    case 4: v = last_y - y; break;
    case 5: u = y; v = x; break;
    case 6: u = y; v = last_y - x; break;
    case 7: u = last_x - y; v = last_y - x; break;
    case 8: u = last_x - y; v = x; break;
    default: break;
    }
    return (size_t)4 * ((size_t)v * from->width + u);
}

static bool shrink(const struct canvas *c, unsigned turn, uint32_t side, struct small *ret)
{
    struct small flat;
    scaled_size(c->width, c->height, side, &flat.width, &flat.height);
    size_t pixels = (size_t)flat.width * flat.height;
    *ret = (struct small){ turn >= 5 ? flat.height : flat.width, turn >= 5 ? flat.width : flat.height, malloc(pixels * 4) };
    flat.rgba = malloc(pixels * 4);
    bool is_ok = flat.rgba != NULL && ret->rgba != NULL;
    for (uint32_t y = 0; is_ok && y < flat.height; y++)
        for (uint32_t x = 0; x < flat.width; x++)
            average(c, &flat, x, y, flat.rgba + (size_t)4 * ((size_t)y * flat.width + x));
    for (uint32_t y = 0; is_ok && y < ret->height; y++)
        for (uint32_t x = 0; x < ret->width; x++)
            memcpy(ret->rgba + (size_t)4 * ((size_t)y * ret->width + x), flat.rgba + source(turn, &flat, x, y), 4);
    free(flat.rgba);
    return is_ok;
}

static void put_colours(const struct small *s, uint8_t ret[LOOK_PLACEHOLDER_BYTES])
{
    for (uint32_t cell = 0; cell < 16; cell++) {
        uint32_t left = cell % 4 * s->width / 4, right = (cell % 4 + 1) * s->width / 4, top = cell / 4 * s->height / 4,
                 bottom = (cell / 4 + 1) * s->height / 4;
        uint64_t sums[4] = { 0 };
        for (uint32_t y = top; y < bottom || y == top; y++)
            for (uint32_t x = left; x < right || x == left; x++) {
                const uint8_t *p = s->rgba + (size_t)4 * ((size_t)y * s->width + x);
                for (int i = 0; i < 3; i++)
                    sums[i] += (uint64_t)p[i] * p[3];
                sums[3] += p[3];
            }
        unsigned rgb[3];
        for (int i = 0; i < 3; i++)
            rgb[i] = sums[3] == 0 ? 0x80 : (unsigned)(sums[i] / sums[3]);
        unsigned packed = (rgb[0] & 0xf8) << 8 | (rgb[1] & 0xfc) << 3 | rgb[2] >> 3;
        ret[2 * cell] = (uint8_t)(packed >> 8);
        ret[2 * cell + 1] = (uint8_t)packed;
    }
}

static int put_bytes(const uint8_t *bytes, size_t len, const WebPPicture *picture)
{
    struct buf *to = picture->custom_ptr;
    buf_add(to, bytes, len);
    return !to->failed;
}

static bool encode(const struct small *s, float quality, struct buf *thumb)
{
    WebPConfig config;
    WebPPicture picture;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture))
        return false;
    buf_clear(thumb);
    config.quality = quality;
    config.alpha_quality = (int)quality;
    picture.width = (int)s->width;
    picture.height = (int)s->height;
    picture.writer = put_bytes;
    picture.custom_ptr = thumb;
    bool is_ok = WebPPictureImportRGBA(&picture, s->rgba, (int)s->width * 4) && WebPEncode(&config, &picture) && !thumb->failed;
    WebPPictureFree(&picture);
    return is_ok;
}

bool thumb_make(const struct canvas *c, unsigned turn, struct buf *thumb, uint8_t ret_placeholder[LOOK_PLACEHOLDER_BYTES])
{
    static const float qualities[] = { 75, 55, 35, 15 };
    bool is_ok = false;
    for (uint32_t side = LOOK_THUMB_SIDE; !is_ok && side >= LOOK_THUMB_SIDE / 8; side /= 2) {
        struct small s;
        bool is_small = shrink(c, turn, side, &s);
        if (is_small && side == LOOK_THUMB_SIDE)
            put_colours(&s, ret_placeholder);
        for (size_t i = 0; is_small && !is_ok && i < sizeof qualities / sizeof qualities[0]; i++)
            is_ok = encode(&s, qualities[i], thumb);
        free(s.rgba);
        if (!is_small)
            return false;
    }
    return is_ok;
}
