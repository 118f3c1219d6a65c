/* exporting.h: what members ask for about themselves is made, one after the other and at most EXPORTS_MAX at a time, by the loop's
 * workers. What was under way when the daemon stopped is made anew. Loop thread. */
#ifndef BZ_ADMIN_EXPORTING_H
#define BZ_ADMIN_EXPORTING_H
#include "engine/readers.h"
#include "engine/writer.h"

struct exporting;
struct exporting_config {
    uv_loop_t *loop;
    struct writer *writer;     /* borrowed, as the rest: they outlive it */
    struct readers *readers;
    struct db_config db;
    struct log *log;
    const char *hub_name;
};
enum bz_err exporting_start(const struct exporting_config *config, struct exporting **ret, struct bz_error *e);
void exporting_committed(struct exporting *ex, const struct commit *commit);   /* NULL is fine, as below */
void exporting_stop(struct exporting *ex);   /* frees itself on the loop, which must still run */
#endif
