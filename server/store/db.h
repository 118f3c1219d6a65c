/* db.h: one SQLite connection with its prepared statements. One connection per thread; the one opened with DB_WRITE
 * is the only one that commits and checkpoints (design §8). */
#ifndef BZ_STORE_DB_H
#define BZ_STORE_DB_H
#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/id.h"
#include "base/log.h"

enum db_mode { DB_WRITE, DB_READ };

struct db;

struct db_config {
    const char *dir;           /* data folder; the database is dir/baraza.db */
    const struct env *env;     /* borrowed, must outlive */
    struct log *log;           /* borrowed, may be NULL */
};

/* DB_WRITE creates the file if `create`, migrates it, takes the exclusive lock on dir/lock (CONFLICT: another
 * process serves this folder). A newer database: CONFLICT, both versions in the text. */
enum bz_err db_open(const struct db_config *config, enum db_mode mode, bool create, struct db **ret,
                    struct bz_error *e);
void db_close(struct db *db);                       /* NULL is fine */
const struct hubs *db_hubs(const struct db *db);    /* immutable while open; [0] is this hub ("" before hub.init) */

/* Stops any statement of this connection that takes more than so many milliseconds of the thread's processor from now on, or
 * ten times as many by the clock; 0: none. For the thread that called it last. */
/* From here on a room that is not in the list is like one that does not exist; borrowed, NULL: an end of it. Only for what is read
 * and decided: what follows from a decision is written for everybody. */
struct id_list;
void db_within(struct db *db, const struct id_list *rooms);
void db_deadline(struct db *db, int ms);
/* Half of that time is over: what can end early should. */
bool db_hurries(const struct db *db);

enum bz_err db_begin(struct db *db, struct bz_error *e);      /* IMMEDIATE for DB_WRITE, a snapshot for DB_READ */
enum bz_err db_commit(struct db *db, struct bz_error *e);     /* BZ_OK: it is on the disk. Else it was rolled back */
void db_rollback(struct db *db);
#endif
