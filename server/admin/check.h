/* check.h: looks through the whole database once, on a worker thread, while the daemon serves already: at 300,000 posts it
 * takes 0.4 s from memory, from a slow disk many times that. Loop thread only. */
#ifndef BZ_ADMIN_CHECK_H
#define BZ_ADMIN_CHECK_H
#include <uv.h>

#include "base/log.h"
#include "base/stats.h"
#include "store/db.h"

#define DAMAGED_TEXT "the database is damaged; put the latest backup into a new folder with `baraza restore`"

struct check;
/* stats->damaged becomes 1 when it finds damage, and the log tells the first finding and the remedy; config's strings,
 * stats and log are borrowed until check_stop. NULL: it could not be started. */
struct check *check_start(uv_loop_t *loop, const struct db_config *config, struct stats *stats);
/* Ends it soon if it is under way; freed on the loop. NULL is fine. */
void check_stop(struct check *c);
#endif
