/* record.h: what a worker sends: one record, then the end of the pipe. Numbers have their high byte first.
 *   "BZL1"  u32 bytes of the whole record  u8 type  u32 width  u32 height  placeholder
 *   u32 length and thumbnail  u32 length and text
 * The reader trusts nothing: a record with one value out of its range is no record. */
#ifndef BZ_WORK_RECORD_H
#define BZ_WORK_RECORD_H
#include "base/buf.h"
#include "work/look.h"

#define RECORD_HEAD_BYTES (4 + 4 + 1 + 4 + 4 + LOOK_PLACEHOLDER_BYTES)

void record_write(struct buf *b, const struct look *look);
/* ret borrows from record. Holds: every number, that what is called an image has a thumbnail of that kind and nothing else
 * has, that the thumbnail is a still WebP with no metadata, that the text is text. */
bool record_read(struct span record, struct look *ret);
/* A still WebP of at most LOOK_THUMB_SIDE x LOOK_THUMB_SIDE whose chunks hold pixels and nothing else. */
bool record_is_thumb(struct span webp);
#endif
