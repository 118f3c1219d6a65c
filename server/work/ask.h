/* ask.h: one question by HTTP to one who is known, and its whole answer, by a worker (child.h) that may open connections, and only to
 * where grab.h lets it. The answer is a stranger's: its bytes are handed on as they are. Thread: the loop's. */
#ifndef BZ_WORK_ASK_H
#define BZ_WORK_ASK_H
#include <stdbool.h>
#include <uv.h>

#include "base/buf.h"
#include "base/err.h"

#define ASK_WORKER "--ask-worker"   /* the hidden first argument */

struct ask_config {
    uv_loop_t *loop;
    const char *resolver;      /* as in the settings of links */
    const char *agent;
};
struct ask_order {
    struct span url;
    struct span user, password;   /* HTTP basic; or absent */
    struct span form;          /* absent: a GET; else posted */
    const char *ca;            /* file of certificates, or "": those of the system */
    bool is_inside;            /* may lead into the hub's own network */
};
/* status 0: there was no answer, in time, of that name, of ASK_BODY_BYTES at most; body says why, if that is known, for the operator.
 * body lives until it returns. */
typedef void ask_done(void *ctx, int status, struct span body);

struct ask_run;
/* done is called once, from the loop, never from within; after ask_stop not at all. The order is copied, and wiped when it is over. */
enum bz_err ask_start(const struct ask_config *config, const struct ask_order *order, ask_done *done, void *ctx, struct ask_run **ret,
                      struct bz_error *e);
void ask_stop(struct ask_run *a);   /* ends its worker, for which the loop must still run. NULL is fine */

/* What the worker gets: an absent field is told from an empty one. And what it answers: three digits and
 * the body; or 000 and why there is none. */
#define ASK_FIELDS 4
enum { ASK_URL, ASK_USER, ASK_PASSWORD, ASK_FORM };
bool ask_take(struct span order, struct span ret[ASK_FIELDS]);
bool ask_read(struct span record, int *ret_status, struct span *ret_body);   /* false: it is not in order */

/* The worker: argv is resolver, "inside" or "outside", the file of certificates or "", agent. Returns the exit status. */
int ask_worker(int argc, char **argv);
#endif
