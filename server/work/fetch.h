/* fetch.h: what a link leads to, asked by a worker that may crash.
 * The worker (child.h) may open connections, and only to where grab.h lets it.
 * What it answers is not trusted: fetch_read holds it to its ranges. Thread: the loop's. */
#ifndef BZ_WORK_FETCH_H
#define BZ_WORK_FETCH_H
#include <stdbool.h>
#include <uv.h>

#include "base/buf.h"
#include "base/err.h"

#define LINK_WORKER "--link-worker"   /* the hidden first argument */
#define FETCH_PORTS_MAX 8

enum fetch_end {
    FETCH_READ,       /* it answers; title, about and lang if it says them */
    FETCH_DEAD,       /* it does not */
    FETCH_REFUSED,    /* it was not asked: it leads where we do not go */
    FETCH_UNKNOWN,    /* we could not ask */
};
struct fetched { enum fetch_end end; struct span title, about, lang; };   /* absent: it does not say */

struct fetch_config {
    uv_loop_t *loop;
    const char *resolver;      /* ADDRESS:PORT of a name server, or "": those of the machine */
    const char *ports, *inside;   /* as in the settings */
    const char *agent;
};
/* found and its spans live until it returns. */
typedef void fetch_done(void *ctx, const struct fetched *found);

struct fetch;
/* done is called once, from the loop, never from within; after fetch_stop not at all. is_check: only whether it answers. */
enum bz_err fetch_start(const struct fetch_config *config, struct span url, bool is_check, fetch_done *done, void *ctx,
                        struct fetch **ret, struct bz_error *e);
void fetch_stop(struct fetch *f);   /* ends its worker, for which the loop must still run. NULL is fine */

void fetch_write(struct buf *b, const struct fetched *found);
bool fetch_read(struct span record, struct fetched *ret);   /* borrows from record; false: it is not in order */

/* The worker: argv is get or check, resolver, ports, inside, agent. Returns the exit status. */
int fetch_worker(int argc, char **argv);
#endif
