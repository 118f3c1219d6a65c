/* export.h: everything about one member, table by table as columns.h says, and where the file with it lies until it is taken. */
#ifndef BZ_STORE_EXPORT_H
#define BZ_STORE_EXPORT_H
#include "base/arena.h"
#include "domain/command.h"
#include "store/db.h"

#define EXPORT_MS (24 * 3600 * (int64_t)1000)   /* for which it is kept, and until the next may be asked for */
#define EXPORTS_MAX 2                           /* that are made at the same time */
#define EXPORT_ID_CHARS 64
#define EXPORT_PATH_BYTES 4096

/* export.begin: RATE_LIMITED: within a day of the last, or others are being made. export.done (the hub's own): cmd->seq bytes,
 * 0: it failed. Writer thread, inside a transaction. */
enum bz_err export_apply(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e);
/* One that is to be made: the oldest that is not `but`, or member 0. Any reader. */
struct export_due { bz_id member; char id[EXPORT_ID_CHARS + 1]; };
enum bz_err export_next(struct db *db, bz_id but, struct export_due *ret, struct bz_error *e);
/* Files whose day is over, or whose member left: rows and bytes. Writer thread, inside a transaction. */
enum bz_err export_tend(struct db *db, const char *dir, int64_t now_ms, struct bz_error *e);
enum bz_err export_forget(struct db *db, const char *dir, bz_id member, struct bz_error *e);

struct export_seen { bool is_there, is_done; int64_t at_ms, bytes; struct span id, handle; };   /* bytes 0 when done: it failed */
enum bz_err export_seen(struct db *db, bz_id member, struct arena *arena, struct export_seen *ret, struct bz_error *e);

void export_path(const char *dir, const char *id, const char *suffix, char ret[EXPORT_PATH_BYTES]);

/* One table after the other, all in one snapshot. Spans are borrowed during the visit. */
enum export_type { EXPORT_NULL, EXPORT_INT, EXPORT_TEXT, EXPORT_JSON };
struct export_cell { const char *name; enum export_type type; int64_t n; struct span text; };
typedef void (*export_visit)(void *ctx, const struct export_cell *cells, size_t count);
extern const size_t export_tables;
const char *export_table_name(size_t table);
enum bz_err export_table(struct db *db, size_t table, bz_id member, export_visit visit, void *ctx, struct bz_error *e);
#endif
