/* erasing.h: who left is forgotten, step by step (store/erase.h), one of them at a time. What was under way when the daemon stopped
 * goes on. Loop thread. */
#ifndef BZ_ADMIN_ERASING_H
#define BZ_ADMIN_ERASING_H
#include "engine/readers.h"
#include "engine/writer.h"

struct erasing;
struct erasing_config {
    uv_loop_t *loop;
    struct writer *writer;     /* borrowed, as the readers: they outlive it */
    struct readers *readers;
};
enum bz_err erasing_start(const struct erasing_config *config, struct erasing **ret, struct bz_error *e);
void erasing_committed(struct erasing *er, const struct commit *commit);   /* NULL is fine, as below */
void erasing_stop(struct erasing *er);   /* frees itself on the loop, which must still run */
#endif
