/* readers.h: a pool of reader threads, each with its own read-only connection and WAL snapshot. */
#ifndef BZ_ENGINE_READERS_H
#define BZ_ENGINE_READERS_H
#include <uv.h>

#include "base/stats.h"
#include "store/query.h"

struct query {
    struct query *next;
    struct arena arena;        /* owns the arguments */
    enum bz_err (*run)(struct db *db, struct query *q, struct bz_error *e);   /* reader thread, inside a snapshot */
    void (*done)(struct query *q);                                            /* loop thread; takes the query */
    void *args;                /* in the arena */
    struct viewer viewer;
    const struct id_list *within;   /* rooms that it is about alone (db_within), in the arena; or NULL */
    struct buf out;            /* what run wrote: at most ANSWER_BYTES */
    struct bz_error error;     /* set from run's result, which alone tells whether it failed */
    void *owner;
    uint64_t tag;
};
struct query *query_new(void);
void query_free(struct query *q);

struct readers;
enum bz_err readers_start(const struct db_config *config, uv_loop_t *loop, struct stats *stats, int threads,
                          struct readers **ret, struct bz_error *e);
enum bz_err readers_submit(struct readers *r, struct query *take_q, struct bz_error *e);   /* BUSY: still the caller's */
void readers_stop(struct readers *r);
#endif
