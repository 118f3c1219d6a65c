/* export.h: everything about one member in a ZIP: a file of JSON for each table that has something of theirs, the files that they
 * shared, and a page that shows it all without a line and without a script. Nobody else's words are in it. A thread of its own, with a
 * connection of its own and one snapshot: it may take minutes. */
#ifndef BZ_WORK_EXPORT_H
#define BZ_WORK_EXPORT_H
#include <stdatomic.h>

#include "store/export.h"

struct export_work {
    struct db_config db;
    struct export_due due;
    const char *hub_name;
    const atomic_bool *stop;   /* from any thread: it ends soon, and fails */
};
/* Writes DIR/export/ID, mode 0600, whole or not at all. STORAGE_FULL, STORE; DEADLINE: it was stopped. */
enum bz_err export_make(const struct export_work *work, int64_t *ret_bytes, struct bz_error *e);
#endif
