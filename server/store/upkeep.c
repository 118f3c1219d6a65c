#include "store/upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/apply.h"
#include "store/blob.h"
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
    X(SQL_DROP_HIDER, "DELETE FROM hider")                                    \
    X(SQL_DROP_MENTION, "DELETE FROM mention")                                \
    X(SQL_DROP_REACTION, "DELETE FROM reaction")                              \
    X(SQL_DROP_VERSION, "DELETE FROM post_version")                           \
    X(SQL_DROP_TURN, "DELETE FROM turn")                                      \
    X(SQL_DROP_LAST_OWN, "DELETE FROM last_own")                              \
    X(SQL_DROP_FILE, "DELETE FROM post_file")                                 \
    X(SQL_DROP_LINK, "DELETE FROM post_link")                                 \
    X(SQL_DROP_LINK_TOLD, "DELETE FROM link_told")                            \
    X(SQL_DROP_POST, "DELETE FROM post")                                      \
    X(SQL_DROP_ORG_MEMBER, "DELETE FROM org_member")                          \
    X(SQL_DROP_ORG, "DELETE FROM org")                                        \
    X(SQL_DROP_COLLECTION_ITEM, "DELETE FROM collection_item")                \
    X(SQL_DROP_COLLECTION, "DELETE FROM collection")                          \
    X(SQL_DROP_RESOURCE_KEY, "DELETE FROM resource_key")                      \
    X(SQL_DROP_RESOURCE_COUNT, "DELETE FROM resource_count")                  \
    X(SQL_DROP_RESOURCE, "DELETE FROM resource")                              \
    X(SQL_DROP_THREAD, "DELETE FROM thread")                                  \
    X(SQL_DROP_MEMBERSHIP, "DELETE FROM membership")                          \
    X(SQL_DROP_ROOM_WORDS, "DELETE FROM room_words")                          \
    X(SQL_DROP_DIRECT, "DELETE FROM direct")                                  \
    X(SQL_DROP_ROOM, "DELETE FROM room")                                      \
    X(SQL_DROP_GIVEN, "DELETE FROM given_role")                               \
    X(SQL_DROP_MEMBER, "DELETE FROM member")                                  \
    X(SQL_DROP_REGION, "DELETE FROM region")                                  \
    X(SQL_DROP_HUB, "DELETE FROM hub")                                        \
    X(SQL_DROP_THEME, "DELETE FROM theme")                                    \
    X(SQL_DROP_ERASED, "DELETE FROM erased")                                  \
    X(SQL_SEED_ERASED, "INSERT OR REPLACE INTO erased(entry, rest) SELECT CAST(x.key AS INTEGER), CASE x.type WHEN 'null' THEN NULL" \
                       " ELSE x.value END FROM journal AS j, json_each(j.body, '$.entries') AS x WHERE j.kind = 45 ORDER BY j.id") \
    X(SQL_SEED_THEME, "INSERT INTO theme(slug, parent, place, names) SELECT slug, parent, place, names FROM theme_seed") \
    X(SQL_REPLAY, "SELECT " ENTRY_COLUMNS " FROM journal WHERE id > ?1 ORDER BY id LIMIT 1000")
STATEMENTS(REBUILD_STATEMENTS, rebuild, true)

/* Every derived table in the order of its key; the indexes by their words. */
#define DIGEST_STATEMENTS(X)                                        \
    X(SQL_ALL_HUB, "SELECT * FROM hub ORDER BY hub")                \
    X(SQL_ALL_REGION, "SELECT * FROM region ORDER BY id")           \
    X(SQL_ALL_MEMBER, "SELECT * FROM member ORDER BY id")           \
    X(SQL_ALL_ERASED, "SELECT * FROM erased ORDER BY entry")        \
    X(SQL_ALL_GIVEN, "SELECT * FROM given_role ORDER BY member, scope") \
    X(SQL_ALL_ROOM, "SELECT * FROM room ORDER BY id")               \
    X(SQL_ALL_DIRECT, "SELECT * FROM direct ORDER BY room")         \
    X(SQL_ALL_MEMBERSHIP, "SELECT * FROM membership ORDER BY room, member") \
    X(SQL_ALL_THREAD, "SELECT * FROM thread ORDER BY id")           \
    X(SQL_ALL_RESOURCE, "SELECT * FROM resource ORDER BY thread")   \
    X(SQL_ALL_RESOURCE_KEY, "SELECT * FROM resource_key ORDER BY key, thread") \
    X(SQL_ALL_RESOURCE_COUNT, "SELECT * FROM resource_count ORDER BY key, room") \
    X(SQL_ALL_COLLECTION, "SELECT * FROM collection ORDER BY id")   \
    X(SQL_ALL_COLLECTION_ITEM, "SELECT * FROM collection_item ORDER BY collection, thread") \
    X(SQL_ALL_ORG, "SELECT * FROM org ORDER BY id")                 \
    X(SQL_ALL_ORG_MEMBER, "SELECT * FROM org_member ORDER BY member") \
    X(SQL_ALL_THEME, "SELECT * FROM theme ORDER BY slug")           \
    X(SQL_ALL_POST, "SELECT * FROM post ORDER BY id")               \
    X(SQL_ALL_FILE, "SELECT * FROM post_file ORDER BY post, n")     \
    X(SQL_ALL_LINK, "SELECT * FROM post_link ORDER BY post, url")   \
    X(SQL_ALL_LINK_TOLD, "SELECT * FROM link_told ORDER BY post, entry") \
    X(SQL_ALL_TURN, "SELECT * FROM turn ORDER BY thread, first")    \
    X(SQL_ALL_LAST_OWN, "SELECT * FROM last_own ORDER BY member, room") \
    X(SQL_ALL_VERSION, "SELECT * FROM post_version ORDER BY post, entry") \
    X(SQL_ALL_ROOM_WORDS, "SELECT * FROM room_words ORDER BY room") \
    X(SQL_ALL_HELD, "SELECT * FROM held ORDER BY id")               \
    X(SQL_ALL_MATTER, "SELECT * FROM matter ORDER BY id")           \
    X(SQL_ALL_REPORT, "SELECT * FROM report ORDER BY id")           \
    X(SQL_ALL_SANCTION, "SELECT * FROM sanction ORDER BY id")       \
    X(SQL_ALL_HIDDEN, "SELECT * FROM hidden ORDER BY post")         \
    X(SQL_ALL_HIDER, "SELECT * FROM hider ORDER BY post, by")       \
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
    return bz_fail(e, BZ_ERR_CONFLICT, "there is a file of this name already; it was left as it is: choose another name");
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
                   "could not make %.100s (%s)", path, strerror(errno));
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

/* The names of one backup while it is made. */
struct copy { const char *path; char part[PATH_MAX], files[PATH_MAX], files_part[PATH_MAX]; };

/* The folder gets its name before the database does: where the one stands beside the other's part, a backup was cut off. */
static enum bz_err clear_way(const struct copy *c, struct bz_error *e)
{
    struct stat st;
    if (lstat(c->path, &st) == 0)
        return name_taken(e);
    if (lstat(c->files, &st) == 0 && (lstat(c->part, &st) != 0 || !keep_discard(c->files)))
        return bz_fail(e, BZ_ERR_CONFLICT, "there is a folder of files for a copy of this name already; move it away or choose "
                       "another name");
    (void)unlink(c->part);
    if (!keep_discard(c->files_part))
        return bz_fail(e, BZ_ERR_CONFLICT, "something else lies in the folder of this name with %s.part; move it away", KEEP_SUFFIX);
    return BZ_OK;
}

static enum bz_err take_files(const struct db *db, const char *dir, const struct copy *c, struct kept *ret, struct bz_error *e)
{
    char from[PATH_MAX];
    sqlite3 *sq;
    (void)snprintf(from, sizeof from, "%s/files", dir);
    enum bz_err rc = db_open_raw(c->part, &sq, e);
    if (rc != BZ_OK)
        return rc;
    rc = keep_take(&(struct keep){ .sq = sq, .from = from, .to = c->files_part, .env = db->env }, ret, e);
    (void)sqlite3_close(sq);
    return rc;
}

static enum bz_err name_copy(const struct db *db, const struct copy *c, bool has_files, struct bz_error *e)
{
    enum bz_err rc = has_files ? put_in_place(c->files_part, c->files, e) : BZ_OK;
    if (rc == BZ_OK)
        rc = sync_file(c->part, e);
    if (rc == BZ_OK && fails(db->env, "store.backup.rename"))
        rc = bz_fail(e, BZ_ERR_STORE, "could not put the copy in place");
    if (rc == BZ_OK)
        rc = put_in_place(c->part, c->path, e);
    if (rc != BZ_OK && has_files)
        (void)keep_discard(c->files);
    return rc;
}

/* The snapshot is taken while the files are held, so that what it names is there until it was taken along. */
static enum bz_err make_copy(struct db *db, const char *dir, const struct copy *c, struct kept *ret, struct bz_error *e)
{
    int hold;
    enum bz_err rc = blob_hold(dir, &hold, e);
    if (rc != BZ_OK)
        return rc;
    rc = new_file(c->part, e);
    if (rc == BZ_OK)
        rc = write_copy(db->sq, c->part, e);
    if (rc == BZ_OK)
        rc = take_files(db, dir, c, ret, e);
    if (hold >= 0)
        (void)close(hold);
    struct stat st;
    return rc == BZ_OK ? name_copy(db, c, lstat(c->files_part, &st) == 0, e) : rc;
}

/* Under names of their own until all is whole: what bears the backup's name can be restored. */
enum bz_err store_backup(struct db *db, const char *dir, const char *path, struct kept *ret, struct bz_error *e)
{
    struct copy c = { .path = path };
    *ret = (struct kept){ 0 };
    if (snprintf(c.files_part, sizeof c.files_part, "%s" KEEP_SUFFIX ".part", path) >= PATH_MAX - BLOB_NAME_CHARS - 32)
        return bz_invalid(e, "file", "the file's path is too long");
    (void)snprintf(c.part, sizeof c.part, "%s.part", path);
    (void)snprintf(c.files, sizeof c.files, "%s" KEEP_SUFFIX, path);
    enum bz_err rc = clear_way(&c, e);
    if (rc != BZ_OK)
        return rc;
    rc = make_copy(db, dir, &c, ret, e);
    if (rc != BZ_OK) {
        (void)keep_discard(c.files_part);
        (void)unlink(c.part);
    }
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
    return is_whole ? BZ_OK : bz_fail(e, BZ_ERR_STORE, "the copy is damaged or not a hub's database");
}

static enum bz_err no_hub_yet(const char *dir, char ret_path[PATH_MAX], struct bz_error *e)
{
    struct stat st;
    if (snprintf(ret_path, PATH_MAX, "%s/baraza.db", dir) >= PATH_MAX - BLOB_NAME_CHARS - 32)
        return bz_invalid(e, "data", "the folder's path is too long");
    return lstat(ret_path, &st) != 0 ? BZ_OK
                                     : bz_fail(e, BZ_ERR_CONFLICT, "this folder has a database; restore into an empty one");
}

static enum bz_err restore_database(sqlite3 *from, const char *path, struct bz_error *e)
{
    char part[PATH_MAX + 8];
    (void)snprintf(part, sizeof part, "%s.part", path);
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

/* All files are looked at before one is written; a run that was cut off goes on with what is there. */
static enum bz_err restore_files(const struct restore_request *request, sqlite3 *sq, struct kept *ret, struct bz_error *e)
{
    char from[PATH_MAX], to[PATH_MAX];
    if (snprintf(from, sizeof from, "%s" KEEP_SUFFIX, request->path) >= PATH_MAX - BLOB_NAME_CHARS - 32)
        return bz_invalid(e, "file", "the file's path is too long");
    (void)snprintf(to, sizeof to, "%s/files", request->db.dir);
    struct keep keep = { .sq = sq, .from = from, .to = to, .env = request->db.env, .say = request->say, .ctx = request->ctx };
    enum bz_err rc = keep_look(&keep, ret, e);
    if (rc != BZ_OK)
        return rc;
    if (ret->missing > 0 && !request->is_partial)
        return bz_fail(e, BZ_ERR_STORE, "%lld of the copy's %lld shared files are missing or damaged; nothing was restored. Put them "
                       "back, or restore without them: --partial", (long long)ret->missing, (long long)(ret->missing + ret->files));
    keep.say = NULL;   /* said above */
    if (mkdir(request->db.dir, 0700) != 0 && errno != EEXIST)
        return bz_fail(e, BZ_ERR_STORE, "could not make the data folder (%s)", strerror(errno));
    return ret->files == 0 ? BZ_OK : keep_put(&keep, ret, e);
}

/* What was taken back or used up since the copy was made is in it: a session that was ended, a token, an invitation, a sign-in link. */
static enum bz_err sign_out(struct db *db, struct bz_error *e)
{
    enum bz_err rc = db_begin(db, e);
    if (rc != BZ_OK)
        return rc;
    if (sqlite3_exec(db->sq, "DELETE FROM session; DELETE FROM attempt; DELETE FROM browser; DELETE FROM invitation; DELETE FROM link",
                     NULL, NULL, NULL) == SQLITE_OK)
        return db_commit(db, e);
    (void)bz_fail(e, BZ_ERR_STORE, "restored, but the sessions of the copy hold: %s", sqlite3_errmsg(db->sq));
    db_rollback(db);
    return BZ_ERR_STORE;
}

enum bz_err store_restore(const struct restore_request *request, struct kept *ret, struct bz_error *e)
{
    char path[PATH_MAX];
    sqlite3 *from = NULL;
    struct stat st;
    *ret = (struct kept){ 0 };
    if (stat(request->path, &st) != 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such file");
    enum bz_err rc = no_hub_yet(request->db.dir, path, e);
    if (rc == BZ_OK)
        rc = db_open_raw(request->path, &from, e);
    if (rc != BZ_OK)
        return rc;
    rc = check_copy(from, e);
    if (rc == BZ_ERR_STORE)
        (void)bz_fail(e, rc, "%.90s is damaged, or no copy of a hub; nothing was restored, take another copy", request->path);
    if (rc == BZ_OK)
        rc = restore_files(request, from, ret, e);
    if (rc == BZ_OK)
        rc = restore_database(from, path, e);
    (void)sqlite3_close(from);
    if (rc != BZ_OK)
        return rc;
    struct db *db;
    rc = db_open(&request->db, DB_WRITE, false, &db, e);   /* of an older release: bring it up, so that it can be read */
    if (rc != BZ_OK)
        return rc;
    if (request->is_signed_out)
        rc = sign_out(db, e);
    db_close(db);
    return rc;
}
