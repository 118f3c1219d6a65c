/* shape.h: the outline of a picture, read from its bytes before any decoder sees them. Pure.
 * Holds that the file is one picture from its first byte to its last: whole, of a size that may be decoded, and nothing
 * else besides (a page, a script, an archive or a document that a reader would find in the same bytes). */
#ifndef BZ_WORK_SHAPE_H
#define BZ_WORK_SHAPE_H
#include <stdint.h>

#include "base/span.h"
#include "work/look.h"

struct shape {
    enum look_type type;       /* LOOK_PNG, LOOK_JPEG, LOOK_GIF or LOOK_WEBP */
    uint32_t width, height;    /* as stored */
    unsigned turn;             /* the EXIF orientation of a JPEG, 1 to 8; else 1 */
};

/* The orientation in a TIFF directory, as EXIF has it, 1 to 8; 1: there is none. */
unsigned shape_turn(struct span tiff);
bool shape_is_picture(struct span file);   /* does it begin as one? Then it is a fine picture or nothing. */
bool shape_read(struct span file, struct shape *ret);
#endif
