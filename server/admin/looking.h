/* looking.h: between those who carry an upload (net) and those who look into it (work), which know nothing of each other.
 * Loop thread. */
#ifndef BZ_ADMIN_LOOKING_H
#define BZ_ADMIN_LOOKING_H
#include "net/net.h"

struct looking { struct look_pool *pool; };   /* zeroed: nothing is looked into */

enum bz_err looking_start(struct looking *l, uv_loop_t *loop, struct log *log, struct bz_error *e);
void looking_stop(struct looking *l);         /* who waits hears so; the loop must still run. Twice is fine */
/* A net_looker; ctx is a struct looking. */
bool looking_look(void *ctx, int take_fd, net_looked looked, void *who);
int looking_bare(int fd, int64_t bytes);      /* any thread */
#endif
