#include "store/upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/apply.h"
#include "store/journal.h"
#include "store/migrate.h"
#include "store/statement.h"

/* Children before parents, so that no row is ever looked up by a key that is about to go. */
#define REBUILD_STATEMENTS(X)                                                 \
    X(SQL_DROP_POST_FTS, "INSERT INTO post_fts(post_fts) VALUES('delete-all')")       \
    X(SQL_DROP_TITLE_FTS, "INSERT INTO title_fts(title_fts) VALUES('delete-all')")    \
    X(SQL_DROP_MEMBER_FTS, "INSERT INTO member_fts(member_fts) VALUES('delete-all')") \
    X(SQL_DROP_POST_TRI, "INSERT INTO post_tri(post_tri) VALUES('delete-all')")       \
    X(SQL_DROP_TITLE_TRI, "INSERT INTO title_tri(title_tri) VALUES('delete-all')")    \
    X(SQL_DROP_POST_SPACELESS, "DELETE FROM post_spaceless")                  \
    X(SQL_DROP_TITLE_SPACELESS, "DELETE FROM title_spaceless")                \
    X(SQL_DROP_REPORT, "DELETE FROM report")                                  \
    X(SQL_DROP_HELD, "DELETE FROM held")                                      \
    X(SQL_DROP_MATTER, "DELETE FROM matter")                                  \
    X(SQL_DROP_SANCTION, "DELETE FROM sanction")                              \
    X(SQL_DROP_HIDDEN, "DELETE FROM hidden")                                  \
    X(SQL_DROP_MENTION, "DELETE FROM mention")                                \
    X(SQL_DROP_REACTION, "DELETE FROM reaction")                              \
    X(SQL_DROP_VERSION, "DELETE FROM post_version")                           \
    X(SQL_DROP_TURN, "DELETE FROM turn")                                      \
    X(SQL_DROP_LAST_OWN, "DELETE FROM last_own")                              \
    X(SQL_DROP_FILE, "DELETE FROM post_file")                                 \
    X(SQL_DROP_POST, "DELETE FROM post")                                      \
    X(SQL_DROP_THREAD, "DELETE FROM thread")                                  \
    X(SQL_DROP_MEMBERSHIP, "DELETE FROM membership")                          \
    X(SQL_DROP_ROOM_WORDS, "DELETE FROM room_words")                          \
    X(SQL_DROP_ROOM, "DELETE FROM room")                                      \
    X(SQL_DROP_GIVEN, "DELETE FROM given_role")                               \
    X(SQL_DROP_MEMBER, "DELETE FROM member")                                  \
    X(SQL_DROP_REGION, "DELETE FROM region")                                  \
    X(SQL_DROP_HUB, "DELETE FROM hub")                                        \
    X(SQL_REPLAY, "SELECT " ENTRY_COLUMNS " FROM journal WHERE id > ?1 ORDER BY id LIMIT 1000")
STATEMENTS(REBUILD_STATEMENTS, rebuild, true)

/* Every derived table in the order of its key; the indexes by their words. */
#define DIGEST_STATEMENTS(X)                                        \
    X(SQL_ALL_HUB, "SELECT * FROM hub ORDER BY hub")                \
    X(SQL_ALL_REGION, "SELECT * FROM region ORDER BY id")           \
    X(SQL_ALL_MEMBER, "SELECT * FROM member ORDER BY id")           \
    X(SQL_ALL_GIVEN, "SELECT * FROM given_role ORDER BY member, scope") \
    X(SQL_ALL_ROOM, "SELECT * FROM room ORDER BY id")               \
    X(SQL_ALL_MEMBERSHIP, "SELECT * FROM membership ORDER BY room, member") \
    X(SQL_ALL_THREAD, "SELECT * FROM thread ORDER BY id")           \
    X(SQL_ALL_POST, "SELECT * FROM post ORDER BY id")               \
    X(SQL_ALL_FILE, "SELECT * FROM post_file ORDER BY post, n")     \
    X(SQL_ALL_TURN, "SELECT * FROM turn ORDER BY thread, first")    \
    X(SQL_ALL_LAST_OWN, "SELECT * FROM last_own ORDER BY member, room") \
    X(SQL_ALL_VERSION, "SELECT * FROM post_version ORDER BY post, entry") \
    X(SQL_ALL_ROOM_WORDS, "SELECT * FROM room_words ORDER BY room") \
    X(SQL_ALL_HELD, "SELECT * FROM held ORDER BY id")               \
    X(SQL_ALL_MATTER, "SELECT * FROM matter ORDER BY id")           \
    X(SQL_ALL_REPORT, "SELECT * FROM report ORDER BY id")           \
    X(SQL_ALL_SANCTION, "SELECT * FROM sanction ORDER BY id")       \
    X(SQL_ALL_HIDDEN, "SELECT * FROM hidden ORDER BY post")         \
    X(SQL_ALL_REACTION, "SELECT * FROM reaction ORDER BY post, emoji, member") \
    X(SQL_ALL_MENTION, "SELECT * FROM mention ORDER BY member, thread, post") \
    X(SQL_ALL_POST_SPACELESS, "SELECT id FROM post_spaceless ORDER BY id") \
    X(SQL_ALL_TITLE_SPACELESS, "SELECT id FROM title_spaceless ORDER BY id") \
    X(SQL_ALL_POST_WORDS, "SELECT term, doc, cnt FROM post_words WHERE doc > 0") \
    X(SQL_ALL_TITLE_WORDS, "SELECT term, doc, cnt FROM title_words WHERE doc > 0") \
    X(SQL_ALL_MEMBER_WORDS, "SELECT term, doc, cnt FROM member_words WHERE doc > 0") \
    X(SQL_ALL_POST_TRI, "SELECT term, doc, cnt FROM post_tri_words WHERE doc > 0") \
    X(SQL_ALL_TITLE_TRI, "SELECT term, doc, cnt FROM title_tri_words WHERE doc > 0")
STATEMENTS(DIGEST_STATEMENTS, digest, false)

#define BIND(name, ...) db_bind(db, LIST_REBUILD, name, __VA_ARGS__)

/* Applies up to a page of entries with id > *from; the statement ends before more is applied by the next page, so
 * that a journal of any length is read with bounded memory and no cursor stays open over its own table for long. */
static enum bz_err replay_page(struct db *db, bz_id *from, int64_t *entries, bool *ret_more, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_REPLAY, "i", *from);
    bool has_row;
    enum bz_err rc;
    *ret_more = false;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct entry entry;
        entry_of_row(s, &entry);
        *from = id_make(entry.hub, entry.seq);
        *ret_more = true;
        ++*entries;
        rc = apply_entry(db, &entry, e);
        if (rc != BZ_OK) {
            db_reset(s);
            return rc;
        }
    }
    return rc;
}

static enum bz_err rebuild(struct db *db, int64_t *ret_entries, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    for (int i = SQL_DROP_POST_FTS; i < SQL_REPLAY && rc == BZ_OK; i++)
        rc = db_run(db, BIND(i, ""), e);
    bz_id from = 0;
    for (bool more = true; more && rc == BZ_OK;)
        rc = replay_page(db, &from, ret_entries, &more, e);
    return rc;
}

enum bz_err store_rebuild(struct db *db, int64_t *ret_entries, struct bz_error *e)
{
    *ret_entries = 0;
    enum bz_err rc = db_begin(db, e);
    if (rc != BZ_OK)
        return rc;
    rc = rebuild(db, ret_entries, e);
    if (rc != BZ_OK) {
        db_rollback(db);
        return rc;
    }
    return db_commit(db, e);
}

static void hash_column(crypto_generichash_state *state, sqlite3_stmt *s, int column)
{
    int type = sqlite3_column_type(s, column);
    const void *at = NULL;
    int64_t n = 0;
    unsigned char head[9] = { (unsigned char)type };
    if (type == SQLITE_INTEGER) {
        n = sqlite3_column_int64(s, column);
    } else if (type != SQLITE_NULL) {
        at = type == SQLITE_BLOB ? sqlite3_column_blob(s, column) : (const void *)sqlite3_column_text(s, column);
        n = sqlite3_column_bytes(s, column);
    }
    for (int i = 0; i < 8; i++)
        head[1 + i] = (unsigned char)((uint64_t)n >> (8 * i));
    (void)crypto_generichash_update(state, head, sizeof head);
    if (at != NULL)
        (void)crypto_generichash_update(state, at, (unsigned long long)n);
}

static enum bz_err hash_table(struct db *db, int index, crypto_generichash_state *state, struct bz_error *e)
{
    sqlite3_stmt *s = db_bind(db, LIST_DIGEST, index, "");
    bool has_row;
    enum bz_err rc;
    unsigned char table = (unsigned char)index;
    (void)crypto_generichash_update(state, &table, 1);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        for (int column = 0; column < sqlite3_column_count(s); column++)
            hash_column(state, s, column);
        (void)crypto_generichash_update(state, (const unsigned char *)"\n", 1);
    }
    return rc;
}

enum bz_err store_digest(struct db *db, unsigned char ret[32], struct bz_error *e)
{
    crypto_generichash_state state;
    enum bz_err rc = BZ_OK;
    (void)crypto_generichash_init(&state, NULL, 0, 32);
    for (int i = 0; i < digest_count && rc == BZ_OK; i++)
        rc = hash_table(db, i, &state, e);
    if (rc == BZ_OK)
        (void)crypto_generichash_final(&state, ret, 32);
    return rc;
}

/* ---- copies */

enum bz_err copy_pages(sqlite3 *to, sqlite3 *from, struct bz_error *e)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup == NULL)
        return sqlite_fail(to, "copy the database", e);
    (void)sqlite3_backup_step(backup, -1);   /* in one snapshot; its result comes again from finish */
    return sqlite3_backup_finish(backup) == SQLITE_OK ? BZ_OK : sqlite_fail(to, "copy the database", e);
}

static enum bz_err name_taken(struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_CONFLICT, "there is a file of this name already; it was left as it is");
}

static enum bz_err new_file(const char *path, struct bz_error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0) {
        close(fd);
        return BZ_OK;
    }
    if (errno == EEXIST)
        return name_taken(e);
    return bz_fail(e, errno == ENOSPC || errno == EDQUOT ? BZ_ERR_STORAGE_FULL : BZ_ERR_STORE,
                   "could not make the file (%s)", strerror(errno));
}

/* The file, then the folder that names it. */
static enum bz_err sync_file(const char *path, struct bz_error *e)
{
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        (void)snprintf(folder, sizeof folder, ".");
    else
        slash[slash == folder] = '\0';
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = file >= 0 && dir >= 0 && fsync(file) == 0 && fsync(dir) == 0;
    int number = errno;
    if (file >= 0)
        close(file);
    if (dir >= 0)
        close(dir);
    return is_synced ? BZ_OK : bz_fail(e, BZ_ERR_STORE, "could not secure the copy on the disk (%s)", strerror(number));
}

/* path is new and empty. A copy is one plain file: rollback journal mode, no -wal beside it. */
static enum bz_err write_copy(sqlite3 *from, const char *path, struct bz_error *e)
{
    sqlite3 *to = NULL;
    enum bz_err rc = BZ_OK;
    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        rc = to == NULL ? bz_fail(e, BZ_ERR_STORE, "out of memory") : sqlite_fail(to, "make the copy", e);
    if (rc == BZ_OK)
        rc = copy_pages(to, from, e);
    if (rc == BZ_OK && sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_fail(to, "finish the copy", e);
    if (to != NULL && sqlite3_close(to) != SQLITE_OK && rc == BZ_OK)
        rc = bz_fail(e, BZ_ERR_STORE, "could not finish the copy");
    return rc == BZ_OK ? sync_file(path, e) : rc;
}

/* A file that came in between stays as it is, where the file system knows how. */
static enum bz_err put_in_place(const char *part, const char *path, struct bz_error *e)
{
    int rc = renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE);
    if (rc != 0 && errno == EINVAL)
        rc = rename(part, path);
    if (rc == 0)
        return BZ_OK;
    return errno == EEXIST ? name_taken(e)
                           : bz_fail(e, BZ_ERR_STORE, "could not put the copy in place (%s)", strerror(errno));
}

/* Under a name of its own until it is whole: what bears the backup's name can be restored. */
enum bz_err store_backup(struct db *db, const char *path, struct bz_error *e)
{
    char part[PATH_MAX];
    struct stat st;
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return bz_invalid(e, "file", "the file's path is too long");
    if (lstat(path, &st) == 0)
        return name_taken(e);
    (void)unlink(part);   /* of a backup that was cut off */
    enum bz_err rc = new_file(part, e);
    if (rc != BZ_OK)
        return rc;
    rc = write_copy(db->sq, part, e);
    if (rc == BZ_OK && fails(db->env, "store.backup.rename"))
        rc = bz_fail(e, BZ_ERR_STORE, "could not put the copy in place");
    if (rc == BZ_OK)
        rc = put_in_place(part, path, e);
    if (rc != BZ_OK)
        (void)unlink(part);
    return rc == BZ_OK ? sync_file(path, e) : rc;
}

static enum bz_err check_copy(sqlite3 *sq, struct bz_error *e)
{
    bool is_older;
    enum bz_err rc = migrate_check(sq, &is_older, e);
    if (rc != BZ_OK)
        return rc;
    sqlite3_stmt *s = NULL;
    bool is_whole = sqlite3_prepare_v2(sq, "PRAGMA integrity_check(1)", -1, &s, NULL) == SQLITE_OK
                    && sqlite3_step(s) == SQLITE_ROW && span_is(column_span(s, 0), "ok");
    (void)sqlite3_finalize(s);
    if (is_whole)
        is_whole = sqlite3_prepare_v2(sq, "SELECT 1 FROM journal LIMIT 1", -1, &s, NULL) == SQLITE_OK;
    if (is_whole)
        (void)sqlite3_finalize(s);
    return is_whole ? BZ_OK : bz_fail(e, BZ_ERR_STORE, "the copy is damaged or not a hub's database; nothing was restored");
}

static enum bz_err restore_into(sqlite3 *from, const char *dir, struct bz_error *e)
{
    char part[PATH_MAX], path[PATH_MAX];
    struct stat st;
    if (snprintf(part, sizeof part, "%s/baraza.db.part", dir) >= (int)sizeof part
        || snprintf(path, sizeof path, "%s/baraza.db", dir) >= (int)sizeof path)
        return bz_invalid(e, "data", "the folder's path is too long");
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return bz_fail(e, BZ_ERR_STORE, "could not make the data folder (%s)", strerror(errno));
    if (lstat(path, &st) == 0)
        return bz_fail(e, BZ_ERR_CONFLICT, "this folder has a database; restore into an empty one");
    (void)unlink(part);   /* of a restore that was cut off */
    enum bz_err rc = new_file(part, e);
    if (rc == BZ_OK)
        rc = write_copy(from, part, e);
    if (rc == BZ_OK && rename(part, path) != 0)
        rc = bz_fail(e, BZ_ERR_STORE, "could not put the copy in place (%s)", strerror(errno));
    if (rc == BZ_OK)
        rc = sync_file(path, e);
    else
        (void)unlink(part);
    return rc;
}

enum bz_err store_restore(const char *path, const struct db_config *config, struct bz_error *e)
{
    sqlite3 *from = NULL;
    struct stat st;
    if (stat(path, &st) != 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such file");
    enum bz_err rc = db_open_raw(path, &from, e);
    if (rc != BZ_OK)
        return rc;
    rc = check_copy(from, e);
    if (rc == BZ_OK)
        rc = restore_into(from, config->dir, e);
    (void)sqlite3_close(from);
    if (rc != BZ_OK)
        return rc;
    struct db *db;
    rc = db_open(config, DB_WRITE, false, &db, e);   /* of an older release: bring it up, so that it can be read */
    if (rc == BZ_OK)
        db_close(db);
    return rc;
}
