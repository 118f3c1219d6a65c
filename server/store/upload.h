/* upload.h: files on their way into the hub, from the first byte to the post that names them, and out of it again when nothing
 * names them any more. Writer thread, inside a transaction. */
#ifndef BZ_STORE_UPLOAD_H
#define BZ_STORE_UPLOAD_H
#include "domain/command.h"
#include "domain/facts.h"
#include "store/db.h"

/* Bytes; 0: no end but the disk's. An upload counts with all its bytes from the moment it is opened. */
struct file_limits { int64_t file, member, room, hub; };
struct file_store { const char *dir; struct file_limits limits; };   /* dir: the data folder */

/* upload.open, .done, .drop. TOO_LARGE: a limit; STORAGE_FULL: the hub's, or the disk's; FORBIDDEN: a guest; NOT_FOUND: no such
 * upload of theirs. */
enum bz_err upload_apply(struct db *db, const struct file_store *files, const struct command *cmd, int64_t now_ms,
                         struct bz_error *e);
/* The uploads that the command brings, in its order. */
enum bz_err upload_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e);
/* The command was carried out: its posts name the bytes now. */
enum bz_err upload_named(struct db *db, const struct command *cmd, struct bz_error *e);

/* One step of taking away what nobody needs: uploads that ended, bytes that nothing names for UNNAMED_MS, and in *folder, from 0
 * on, whatever a crash left in the folders. *ret_more: there is another step to make now.
 * While the folder is held (blob_hold) no bytes go: a later step takes them. */
#define UNNAMED_MS 60000
enum bz_err upload_tend(struct db *db, const char *dir, int64_t now_ms, int *folder, bool *ret_more, struct bz_error *e);
#endif
