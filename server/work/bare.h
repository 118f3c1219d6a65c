/* bare.h: takes out of a picture what stands beside its pixels: where and when it was taken, with what, by whom, comments, small
 * copies. Pure; reads and writes within the bytes alone, once from their first to their last.
 * The file keeps its length and every byte that is shown: what is taken out is overwritten. Colours (profiles) and the turn that a
 * camera notes stay. Twice is as once. */
#ifndef BZ_WORK_BARE_H
#define BZ_WORK_BARE_H
#include <stdbool.h>
#include <stddef.h>

/* A JPEG, PNG or WebP that is whole from its first byte to its last; of any other not a byte is changed. What cameras put behind
 * the end of a JPEG is looked at for further ones, and else left as it is. changed, may be NULL: for each range that is new.
 * True: there was one. */
bool bare_picture(unsigned char *file, size_t len, void (*changed)(void *ctx, size_t at, size_t len), void *ctx);
#endif
