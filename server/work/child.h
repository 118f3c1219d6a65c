/* child.h: one run of a worker: this program again, as a process of its own without an environment, a file or a descriptor but two
 * pipes. What it is to do goes in by one, what it answers comes out by the other. Thread: the loop's. */
#ifndef BZ_WORK_CHILD_H
#define BZ_WORK_CHILD_H
#include <stdbool.h>
#include <uv.h>

#include "base/buf.h"
#include "base/err.h"

struct child_config {
    uv_loop_t *loop;
    char *const *args;         /* borrowed until child_start returns; NULL-terminated */
    struct span input;         /* copied, and wiped when it is over: it may hold a password */
    size_t answer_max;         /* of bytes; a worker that says more is killed */
    uint32_t deadline_ms;      /* and one that is not done by then */
};
/* answer lives until it returns; absent: the worker did not end as it should. */
typedef void child_done(void *ctx, struct span answer);

struct child;
/* done is called once, from the loop, never from within; after child_stop not at all. */
enum bz_err child_start(const struct child_config *config, child_done *done, void *ctx, struct child **ret, struct bz_error *e);
void child_stop(struct child *c);   /* ends the worker; frees itself on the loop, which must still run. NULL is fine */

/* The worker's side of its pipes. */
enum { CHILD_IN = 0, CHILD_OUT = 1 };
bool child_read_all(int fd, struct buf *ret);
bool child_send_all(struct span bytes);
#endif
