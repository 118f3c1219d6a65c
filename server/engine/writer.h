/* writer.h: the writer thread and its bounded inbox. What arrives during one commit is the next group: no timer. */
#ifndef BZ_ENGINE_WRITER_H
#define BZ_ENGINE_WRITER_H
#include <uv.h>

#include "engine/engine.h"

struct writer;
struct writer_hooks {
    void (*committed)(void *ctx, const struct commit *commit);   /* loop thread, before the jobs' done() */
    void *ctx;
};
/* engine: borrowed; owned by the writer thread until writer_stop returns. */
enum bz_err writer_start(struct engine *en, uv_loop_t *loop, struct stats *stats, struct writer_hooks hooks,
                         struct writer **ret, struct bz_error *e);
/* Loop thread. BUSY (the job stays the caller's) or BZ_OK (the job has moved). */
enum bz_err writer_submit(struct writer *w, struct job *take_job, struct bz_error *e);
/* Runs fn on the writer thread between two commits, done on the loop (rebuild beside a running daemon). */
enum bz_err writer_run(struct writer *w, void (*fn)(struct engine *en, void *ctx), void (*done)(void *ctx), void *ctx);
/* Loop thread: commits what waits, joins the thread, hands out what came back, closes its handle. */
void writer_stop(struct writer *w);
#endif
