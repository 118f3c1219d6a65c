/* migrate.h: numbered changes of the schema, embedded from sql/NNNN_name.sql. Each runs in a transaction of its own
 * and sets user_version to its number as its last statement. */
#ifndef BZ_STORE_MIGRATE_H
#define BZ_STORE_MIGRATE_H
#include <sqlite3.h>
#include <stdbool.h>

#include "base/err.h"

#define BZ_APPLICATION_ID 1111579201   /* 'BAZA', in every database of ours */

struct migration { int number; const char *name; const char *sql; };
extern const struct migration migrations[];
extern const int migrations_count;

/* Is this a database we can work with? is_older: it has migrations to come. CONFLICT: made by a newer release (both
 * numbers in the text), or by another program. */
enum bz_err migrate_check(sqlite3 *sq, bool *ret_is_older, struct bz_error *e);
/* Brings it to the newest number; what was done before a failure stays done. */
enum bz_err migrate_run(sqlite3 *sq, struct bz_error *e);
#endif
