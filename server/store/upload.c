#include "store/upload.h"

#include <assert.h>
#include <unistd.h>

#include "store/blob.h"
#include "store/statement.h"

#define UPLOADS_MAX 50           /* of one member under way or not shared yet */
#define TEND_ROWS   20           /* a step */
#define LEFT_S      3600         /* what is in the folder for so long and named by nothing is left over from a crash */

#define UPLOAD_STATEMENTS(X)                                                                                         \
    X(SQL_MEMBER, "SELECT max(m.role, coalesce((SELECT max(role) FROM given_role WHERE member = m.id), 0)),"         \
                  " (SELECT count(*) FROM upload WHERE member = m.id),"                                              \
                  " (SELECT coalesce(sum(bytes), 0) FROM upload WHERE member = m.id)"                                \
                  " + (SELECT coalesce(sum(bytes), 0) FROM post_file WHERE by = m.id) FROM member AS m WHERE m.id = ?1") \
    X(SQL_HUB, "SELECT (SELECT coalesce(sum(bytes), 0) FROM blob), coalesce(sum(bytes), 0) FROM upload WHERE hash IS NULL") \
    X(SQL_OPEN, "INSERT INTO upload(id, member, at_ms, name, bytes, metadata) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")       \
    X(SQL_ONE, "SELECT hash, name, type, bytes, width, height, dot, thumb FROM upload WHERE id = ?1 AND member = ?2") \
    X(SQL_DONE, "UPDATE upload SET hash = lower(hex(?2)), type = ?3, width = ?4, height = ?5, dot = ?6, thumb = ?7"  \
                " WHERE id = ?1")                                                                                    \
    X(SQL_BLOB, "INSERT INTO blob(hash, bytes, text) VALUES(lower(hex(?1)), ?2, ?3)"                                 \
                " ON CONFLICT(hash) DO UPDATE SET since = NULL, text = CASE WHEN EXISTS"                            \
                " (SELECT 1 FROM post_file AS f WHERE f.hash = excluded.hash) THEN text ELSE excluded.text END")     \
    X(SQL_UNNAMED, "UPDATE blob SET since = ?2 WHERE hash = ?1")                                                     \
    X(SQL_DROP, "DELETE FROM upload WHERE id = ?1")                                                                  \
    X(SQL_SHARED, "SELECT json_extract(f, '$.hash'), json_extract(f, '$.name'), json_extract(f, '$.type'),"            \
                  " json_extract(f, '$.bytes'), json_extract(f, '$.w'), json_extract(f, '$.h'), json_extract(f, '$.dot'),"   \
                  " json_extract(f, '$.thumb'), json_extract(f, '$.alt') FROM (SELECT json_extract(files, '$[' || ?2 || ']') AS f" \
                  " FROM post WHERE id = ?1 AND files IS NOT NULL) WHERE f IS NOT NULL")                             \
    X(SQL_OWN_BYTES, "SELECT (SELECT coalesce(sum(bytes), 0) FROM upload WHERE member = ?1)"                         \
                     " + (SELECT coalesce(sum(bytes), 0) FROM post_file WHERE by = ?1)")                             \
    X(SQL_ROOM_BYTES, "SELECT coalesce(sum(bytes), 0) FROM post_file WHERE room = ?1")                               \
    X(SQL_ENDED, "SELECT id, hash FROM upload WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2")                             \
    X(SQL_GONE, "SELECT hash, EXISTS (SELECT 1 FROM post_file AS f WHERE f.hash = b.hash)"                           \
                " OR EXISTS (SELECT 1 FROM upload AS u WHERE u.hash = b.hash) FROM blob AS b"                        \
                " WHERE b.since < ?1 ORDER BY b.since LIMIT ?2")                                                     \
    X(SQL_STAYS, "UPDATE blob SET since = NULL WHERE hash = ?1")                                                     \
    X(SQL_BLOB_GONE, "DELETE FROM blob WHERE hash = ?1")                                                             \
    X(SQL_IS_BLOB, "SELECT 1 FROM blob WHERE hash = ?1")                                                             \
    X(SQL_IS_UPLOAD, "SELECT 1 FROM upload WHERE id = ?1")
STATEMENTS(UPLOAD_STATEMENTS, upload, true)

#define BIND(name, ...) db_bind(db, LIST_UPLOAD, name, __VA_ARGS__)

static enum bz_err not_theirs(struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such upload, or it ended: send the file again");
}

static enum bz_err has_space(struct db *db, const struct file_store *files, int64_t bytes, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_HUB, "");
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    int64_t kept = sqlite3_column_int64(s, 0), coming = sqlite3_column_int64(s, 1);
    db_reset(s);
    if ((files->limits.hub > 0 && kept + coming + bytes > files->limits.hub) || coming + bytes > blob_space(files->dir))
        return bz_fail(e, BZ_ERR_STORAGE_FULL, "this hub has no space for the file now; whoever runs it knows more");
    return BZ_OK;
}

static enum bz_err upload_open(struct db *db, const struct file_store *files, const struct command *cmd, int64_t now_ms,
                               struct bz_error *e)
{
    bool has_row;
    int64_t bytes = cmd->blob.bytes;
    if (bytes < 1)
        return bz_invalid(e, "bytes", "an empty file cannot be shared");
    if (files->limits.file > 0 && bytes > files->limits.file)
        return bz_fail(e, BZ_ERR_TOO_LARGE, "a file may have %lld MB here", (long long)(files->limits.file / 1000000));
    sqlite3_stmt *s = BIND(SQL_MEMBER, "i", cmd->actor);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc != BZ_OK ? rc : bz_fail(e, BZ_ERR_UNAUTHENTICATED, "sign in first");
    bool is_guest = sqlite3_column_int(s, 0) < (int)ROLE_MEMBER;
    int64_t count = sqlite3_column_int64(s, 1), kept = sqlite3_column_int64(s, 2);
    db_reset(s);
    if (is_guest)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "guests may read, not write");
    if (count >= UPLOADS_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "%d uploads of yours wait to be shared; share or end some first", UPLOADS_MAX);
    if (files->limits.member > 0 && kept + bytes > files->limits.member)
        return bz_fail(e, BZ_ERR_TOO_LARGE, "your files may have %lld MB together; remove some first",
                       (long long)(files->limits.member / 1000000));
    rc = has_space(db, files, bytes, e);
    return rc != BZ_OK ? rc : db_run(db, BIND(SQL_OPEN, "siisis", cmd->upload, cmd->actor, now_ms, cmd->name, bytes,
                                                  cmd->metadata), e);
}

struct upload_row { bool is_there; char hash[2 * BLOB_HASH_BYTES + 1]; int64_t bytes; };

static enum bz_err upload_find(struct db *db, const struct command *cmd, struct upload_row *ret, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_ONE, "si", cmd->upload, cmd->actor);
    *ret = (struct upload_row){ 0 };
    enum bz_err rc = db_step(db, s, &ret->is_there, e);
    if (rc != BZ_OK || !ret->is_there)
        return rc != BZ_OK ? rc : not_theirs(e);
    struct span hash = column_span(s, 0);
    if (hash.at != NULL)
        (void)snprintf(ret->hash, sizeof ret->hash, "%.*s", (int)hash.len, hash.at);
    ret->bytes = sqlite3_column_int64(s, 3);
    db_reset(s);
    return BZ_OK;
}

/* The words that posts are found by stay as they are while a post names them: what is in the index is taken out by them.
 * The bytes get their name before the commit: a commit that fails leaves them in the folder, where they are found again. */
static enum bz_err upload_done(struct db *db, const char *dir, const struct command *cmd, struct bz_error *e)
{
    const struct blob *blob = &cmd->blob;
    char name[2 * BLOB_HASH_BYTES + 1];
    struct upload_row row;
    enum bz_err rc = upload_find(db, cmd, &row, e);
    if (rc != BZ_OK || row.hash[0] != '\0')
        return rc;
    if (blob->bytes != row.bytes)
        return bz_fail(e, BZ_ERR_CONFLICT, "the upload is not complete");
    sodium_bin2hex(name, sizeof name, blob->hash, sizeof blob->hash);
    rc = blob_name(dir, cmd->upload, span_of(name), e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_DONE, "shsiisi", cmd->upload, blob->hash, blob->type, blob->width, blob->height, blob->dot,
                             (int64_t)blob->has_thumb), e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_BLOB, "his", blob->hash, blob->bytes, blob->text), e) : rc;
}

static enum bz_err upload_end(struct db *db, const char *dir, struct span id, struct span hash, int64_t now_ms, struct bz_error *e)
{
    enum bz_err rc = hash.len == 0 ? BZ_OK : db_run(db, BIND(SQL_UNNAMED, "si", hash, now_ms), e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_DROP, "s", id), e);
    if (rc == BZ_OK)
        blob_part_remove(dir, id);
    return rc;
}

static enum bz_err upload_drop(struct db *db, const char *dir, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    struct upload_row row;
    enum bz_err rc = upload_find(db, cmd, &row, e);
    return rc == BZ_OK ? upload_end(db, dir, cmd->upload, span_of(row.hash), now_ms, e) : rc;
}

enum bz_err upload_apply(struct db *db, const struct file_store *files, const struct command *cmd, int64_t now_ms,
                         struct bz_error *e)
{
    if (cmd->kind == COMMAND_UPLOAD_OPEN)
        return upload_open(db, files, cmd, now_ms, e);
    if (cmd->kind == COMMAND_UPLOAD_DONE)
        return upload_done(db, files->dir, cmd, e);
    assert(cmd->kind == COMMAND_UPLOAD_DROP);
    return upload_drop(db, files->dir, cmd, now_ms, e);
}

static enum bz_err load_file(struct db *db, const struct command *cmd, size_t i, struct arena *arena, struct file_facts *ret,
                             struct bz_error *e)
{
    bool is_there;
    const struct file_ref *ref = &cmd->files.at[i];
    sqlite3_stmt *s = BIND(SQL_ONE, "si", ref->upload, cmd->actor);
    enum bz_err rc = db_step(db, s, &is_there, e);
    if (rc != BZ_OK || !is_there)
        return rc;
    struct span hash = column_span(s, 0);
    ret->state = hash.at == NULL ? UPLOAD_OPEN : UPLOAD_COMPLETE;
    ret->name = ref->name.at != NULL ? ref->name : arena_copy(arena, column_span(s, 1));
    ret->alt = ref->alt;
    ret->blob = (struct blob){
        .type = arena_copy(arena, column_span(s, 2)), .bytes = sqlite3_column_int64(s, 3), .width = sqlite3_column_int64(s, 4),
        .height = sqlite3_column_int64(s, 5), .dot = arena_copy(arena, column_span(s, 6)), .has_thumb = sqlite3_column_int(s, 7) != 0,
    };
    if (hash.at != NULL)
        (void)sodium_hex2bin(ret->blob.hash, sizeof ret->blob.hash, hash.at, hash.len, NULL, NULL, NULL);
    db_reset(s);
    return BZ_OK;
}

/* A file that a post has already, to be shared again. */
static enum bz_err load_shared(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_SHARED, "ii", cmd->post, cmd->file_n);
    enum bz_err rc = db_step(db, s, &has_row, e);
    f->files_count = rc == BZ_OK && has_row ? 1 : 0;
    if (f->files_count == 0)
        return rc;
    struct span hash = column_span(s, 0), dot = column_span(s, 6), alt = column_span(s, 8);
    f->files[0] = (struct file_facts){ .state = UPLOAD_COMPLETE, .name = arena_copy(arena, column_span(s, 1)) };
    f->files[0].blob = (struct blob){
        .type = arena_copy(arena, column_span(s, 2)), .bytes = sqlite3_column_int64(s, 3), .width = sqlite3_column_int64(s, 4),
        .height = sqlite3_column_int64(s, 5), .has_thumb = sqlite3_column_int(s, 7) != 0,
    };
    if (dot.at != NULL)
        f->files[0].blob.dot = arena_copy(arena, dot);
    if (alt.at != NULL)
        f->files[0].alt = arena_copy(arena, alt);
    (void)sodium_hex2bin(f->files[0].blob.hash, BLOB_HASH_BYTES, hash.at, hash.len, NULL, NULL, NULL);
    db_reset(s);
    s = BIND(SQL_OWN_BYTES, "i", cmd->actor);
    if ((rc = db_step(db, s, &has_row, e)) != BZ_OK)
        return rc;
    f->own_bytes = sqlite3_column_int64(s, 0);
    db_reset(s);
    return BZ_OK;
}

enum bz_err upload_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    bool has_row;
    ret->files_count = cmd->files.count < BZ_LIMIT_FILES_MAX ? cmd->files.count : BZ_LIMIT_FILES_MAX;
    if (cmd->kind == COMMAND_RESOURCE_PROMOTE && cmd->url.at == NULL)
        rc = load_shared(db, cmd, arena, ret, e);
    for (size_t i = 0; i < cmd->files.count && i < ret->files_count && rc == BZ_OK; i++)
        rc = load_file(db, cmd, i, arena, &ret->files[i], e);
    if (rc != BZ_OK || ret->files_count == 0)
        return rc;
    sqlite3_stmt *s = BIND(SQL_ROOM_BYTES, "i", ret->room.id);
    if ((rc = db_step(db, s, &has_row, e)) != BZ_OK)
        return rc;
    ret->room_bytes = sqlite3_column_int64(s, 0);
    db_reset(s);
    return BZ_OK;
}

enum bz_err upload_named(struct db *db, const struct command *cmd, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < cmd->files.count && rc == BZ_OK; i++)
        rc = db_run(db, BIND(SQL_DROP, "s", cmd->files.at[i].upload), e);
    return rc;
}

/* ---- What nobody needs any more. */

struct found { char id[BLOB_NAME_CHARS + 1], hash[BLOB_NAME_CHARS + 1]; bool stays; };

/* Rows are read whole before one of them is changed. */
static enum bz_err read_found(struct db *db, sqlite3_stmt *s, bool has_hash, struct found ret[TEND_ROWS], size_t *ret_count,
                              struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    *ret_count = 0;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct found *f = &ret[(*ret_count)++];
        struct span id = column_span(s, 0), hash = has_hash ? column_span(s, 1) : (struct span){ "", 0 };
        (void)snprintf(f->id, sizeof f->id, "%.*s", (int)id.len, id.at);
        (void)snprintf(f->hash, sizeof f->hash, "%.*s", (int)hash.len, hash.at == NULL ? "" : hash.at);
        f->stays = !has_hash && sqlite3_column_int(s, 1) != 0;
    }
    return rc;
}

static enum bz_err end_old(struct db *db, const char *dir, int64_t now_ms, bool *ret_more, struct bz_error *e)
{
    struct found found[TEND_ROWS];
    size_t count;
    int64_t from = now_ms - BZ_LIMIT_UPLOAD_HOURS * (int64_t)3600000;
    enum bz_err rc = read_found(db, BIND(SQL_ENDED, "ii", from, (int64_t)TEND_ROWS), true, found, &count, e);
    for (size_t i = 0; i < count && rc == BZ_OK; i++)
        rc = upload_end(db, dir, span_of(found[i].id), span_of(found[i].hash), now_ms, e);
    *ret_more |= count == TEND_ROWS;
    return rc;
}

/* The row goes first: a commit that fails leaves a row without bytes for a while, which the next step takes again. */
static enum bz_err remove_unnamed(struct db *db, const char *dir, int64_t now_ms, bool *ret_more, struct bz_error *e)
{
    struct found found[TEND_ROWS];
    size_t count;
    enum bz_err rc = read_found(db, BIND(SQL_GONE, "ii", now_ms - UNNAMED_MS, (int64_t)TEND_ROWS), false, found, &count, e);
    for (size_t i = 0; i < count && rc == BZ_OK; i++) {
        struct span hash = span_of(found[i].id);
        rc = found[i].stays ? db_run(db, BIND(SQL_STAYS, "s", hash), e) : db_run(db, BIND(SQL_BLOB_GONE, "s", hash), e);
        if (rc == BZ_OK && !found[i].stays)
            blob_remove(dir, hash);
    }
    *ret_more |= count == TEND_ROWS;
    return rc;
}

struct sweep { struct db *db; int sql; };

static bool keeps(void *ctx, struct span name, int64_t age_s)
{
    const struct sweep *sweep = ctx;
    struct bz_error e;
    bool is_known;
    if (age_s < LEFT_S)
        return true;
    sqlite3_stmt *s = db_bind(sweep->db, LIST_UPLOAD, sweep->sql, "s", name);
    if (db_step(sweep->db, s, &is_known, &e) != BZ_OK)
        return true;
    if (is_known)
        db_reset(s);
    return is_known;
}

enum bz_err upload_tend(struct db *db, const char *dir, int64_t now_ms, int *folder, bool *ret_more, struct bz_error *e)
{
    *ret_more = false;
    enum bz_err rc = end_old(db, dir, now_ms, ret_more, e);
    int hold = rc == BZ_OK ? blob_hold_alone(dir) : -1;
    if (hold < 0)
        return rc;
    rc = remove_unnamed(db, dir, now_ms, ret_more, e);
    if (rc == BZ_OK && *folder <= BLOB_FOLDERS) {
        struct sweep sweep = { db, *folder == BLOB_FOLDERS ? SQL_IS_UPLOAD : SQL_IS_BLOB };
        blob_sweep(dir, *folder, keeps, &sweep);
        *ret_more |= ++*folder <= BLOB_FOLDERS;
    }
    (void)close(hold);
    return rc;
}
