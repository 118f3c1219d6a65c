/* picture.h: the pixels of a picture, made small while they are decoded: no buffer of its full size. Used inside a worker. */
#ifndef BZ_WORK_PICTURE_H
#define BZ_WORK_PICTURE_H
#include "base/buf.h"
#include "base/limits.h"
#include "work/shape.h"

#define CANVAS_SIDE (2 * LOOK_THUMB_SIDE)

/* Sums of the pixels that fall into each cell of a grid that is at most twice the thumbnail. */
struct canvas {
    uint32_t width, height;       /* of what is drawn */
    uint32_t cells_x, cells_y;
    uint32_t *sums;               /* 4 for each cell: red, green and blue, each times alpha; alpha */
    uint16_t *column;             /* the cell of each x */
};

bool canvas_init(struct canvas *c, uint32_t width, uint32_t height);   /* width: LOOK_SIDE_MAX at most */
void canvas_done(struct canvas *c);
/* Pixels of line y from column x on, every step-th. Each pixel of the picture is drawn once at most; what is never drawn is
 * transparent. What lies outside is left out. */
void canvas_draw(struct canvas *c, uint32_t y, uint32_t x, uint32_t step, uint32_t count, const uint8_t *rgba);
/* The size of width x height whose longer side is at most side. */
void scaled_size(uint32_t width, uint32_t height, uint32_t side, uint32_t *ret_width, uint32_t *ret_height);

/* A thumbnail with its placeholder, turned as the camera noted. False: memory, or it cannot be made small enough. */
bool thumb_make(const struct canvas *c, unsigned turn, struct buf *thumb, uint8_t ret_placeholder[LOOK_PLACEHOLDER_BYTES]);

/* One for each library; the whole file is decoded, so that one that ends early is no picture. */
bool picture_png(struct span file, const struct shape *shape, struct canvas *ret);
bool picture_jpeg(struct span file, const struct shape *shape, struct canvas *ret);
bool picture_gif(struct span file, const struct shape *shape, struct canvas *ret);   /* its first frame */
bool picture_webp(struct span file, const struct shape *shape, struct canvas *ret);  /* its first frame */

/* Fills type, size, placeholder and thumbnail (whose bytes are thumb's); false: it is none that can be shown. */
bool picture_look(struct span file, struct buf *thumb, struct look *ret);
#endif
