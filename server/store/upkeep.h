/* upkeep.h: rebuild, verify, backup, restore. */
#ifndef BZ_STORE_UPKEEP_H
#define BZ_STORE_UPKEEP_H
#include <stdatomic.h>

#include "store/db.h"
#include "store/keep.h"

/* Drops every derived table and replays the journal, in one transaction on the writing connection. */
enum bz_err store_rebuild(struct db *db, int64_t *ret_entries, struct bz_error *e);

/* Digest of all derived tables (BLAKE2b over rows in key order), to compare before and after a rebuild. */
enum bz_err store_digest(struct db *db, unsigned char ret[32], struct bz_error *e);

/* A checkpoint as it is noted elsewhere: its hash covers all that it signed, and all checkpoints before it. */
struct checkpoint_name { int64_t seq; unsigned char hash[32]; };

struct verify_request {
    struct db_config db;
    const char *file;                          /* a copy by itself, instead of db.dir's; NULL: that */
    const char *files;                         /* the folder of shared files, to look at too; NULL: they are not */
    bool is_quick;                             /* of files, the lengths alone */
    const unsigned char *key;                  /* 32 bytes, Ed25519, public: whose signatures count, and there must be some.
                                                  NULL: those in the file; another key among them is a note and no finding */
    const struct checkpoint_name *expected;    /* must be among the checkpoints; NULL: nothing is known */
    void (*say)(void *ctx, const char *line);  /* one line per finding, naming the first bad entry; notes begin with "note: " */
    void *ctx;
};
struct verify_result {
    int64_t entries, findings, checkpoints;
    int64_t unsealed;                          /* of this hub's entries, behind the last checkpoint */
    struct checkpoint_name last;               /* seq 0: there is none */
    struct kept files;                         /* missing: findings too */
    char key[44];                              /* base64url, or "" */
};
/* Reads only, and a daemon may write meanwhile: signatures of checkpoints and what they cover, chains, gaps, bodies,
 * integrity_check, foreign keys, that a rebuild in a private copy gives the same digest, and shared files. */
enum bz_err store_verify(const struct verify_request *request, struct verify_result *ret, struct bz_error *e);

/* The pages of all tables and indexes (quick_check) on a connection of its own, in one snapshot. ret_finding: the first
 * damage, or "". DEADLINE: *stop became true, from any thread. */
#define CHECK_TEXT 160
enum bz_err store_check(const struct db_config *config, const atomic_bool *stop, char ret_finding[CHECK_TEXT],
                        struct bz_error *e);

/* A consistent copy of the hub in `dir` while it serves (online backup API, from a reading connection), fsynced, mode 0600: the
 * database as `path`, and the files that it names in the folder path.files, if there are any. Both are written as ….part, and the
 * database gets its name last: what bears the name `path` is whole. CONFLICT: one of the two exists. What a cut left is taken away.
 * Files that are missing in the hub are left out, and counted. */
enum bz_err store_backup(struct db *db, const char *dir, const char *path, struct kept *ret, struct bz_error *e);

struct restore_request {
    const char *path;                          /* the copy; its files are in path.files */
    struct db_config db;                       /* where to: a folder that is empty or missing */
    bool is_signed_out;                        /* nobody is signed in or invited by what the copy holds */
    bool is_partial;                           /* also without files that the copy names and that are missing or damaged */
    void (*say)(void *ctx, const char *line);  /* one line for each of those */
    void *ctx;
};
/* Checks the copy's integrity and its files, and puts them into the folder; the database comes last. CONFLICT: the folder has a
 * database. NOT_FOUND: there is no such copy. STORE: it is damaged, or (not if partial) files are missing; nothing was written. */
enum bz_err store_restore(const struct restore_request *request, struct kept *ret, struct bz_error *e);
#endif
