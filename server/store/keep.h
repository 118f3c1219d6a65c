/* keep.h: the bytes of shared files along with the database that names them: looked at, taken into a copy, put back. All folders
 * have the layout of DIR/files: ab/abcd…, and abcd….thumb beside it; a file that has its name there is whole and on the disk.
 * Any thread. */
#ifndef BZ_STORE_KEEP_H
#define BZ_STORE_KEEP_H
#include <sqlite3.h>

#include "base/env.h"
#include "base/err.h"

#define KEEP_SUFFIX ".files"     /* of the folder beside a copy */

struct keep {
    sqlite3 *sq;                 /* whose names count: of posts, of what waits for a moderator, of uploads that are complete */
    const char *from, *to;       /* folders; to: where they are copied to */
    const struct env *env;
    bool is_quick;               /* keep_look: lengths alone, not every byte */
    /* One line for each that names a file that is not there as it should be. NULL: they are counted alone. */
    void (*say)(void *ctx, const char *line);
    void *ctx;
};
struct kept { int64_t files, bytes, missing; };   /* files: without those that are missing; thumbnails count with theirs */

/* STORE: the database could not be read. What is missing is no error in any of these. */
enum bz_err keep_look(const struct keep *k, struct kept *ret, struct bz_error *e);
/* Into a new folder, which is only made if there are files: hard links where both folders are on one file system, else copies, which
 * are compared with their hash. All is on the disk. STORAGE_FULL, STORE: the folder may hold some. */
enum bz_err keep_take(const struct keep *k, struct kept *ret, struct bz_error *e);
/* Copies of their own into a folder that may be there and hold some of them. All is on the disk. */
enum bz_err keep_put(const struct keep *k, struct kept *ret, struct bz_error *e);

/* Takes away a folder of files; false: something else lies in it. Nothing there: fine. */
bool keep_discard(const char *folder);
#endif
