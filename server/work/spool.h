/* spool.h: mails as files of a folder, for a hub without a mail server. Blocking; any thread but the loop's. */
#ifndef BZ_WORK_SPOOL_H
#define BZ_WORK_SPOOL_H
#include "base/env.h"
#include "base/err.h"
#include "base/span.h"

/* folder/name.eml, 0600, whole and on the disk, or not there; the folder is made. One of that name is replaced. */
enum bz_err spool_put(const struct env *env, const char *folder, const char *name, struct span mail, struct bz_error *e);

/* Takes away what was written before then (wall clock), and what a crash left half. */
void spool_sweep(const char *folder, int64_t before_ms);
#endif
