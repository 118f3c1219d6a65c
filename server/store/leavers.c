#include "store/leavers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/statement.h"

#define LEAVERS_STATEMENTS(X)                                                                                        \
    X(SQL_ALL, "SELECT member, mark, at_ms, keeps, handle FROM erasure ORDER BY at_ms, member, mark")                        \
    X(SQL_KNOWS_KEY, "SELECT 1 FROM checkpoint WHERE key = ?1 LIMIT 1")                                              \
    X(SQL_IS_HERE, "SELECT m.erased_ms IS NULL FROM member AS m JOIN journal AS j ON j.id = m.id WHERE m.id = ?1"    \
                   " AND substr(j.hash, 1, 16) = ?2")                                                                \
    X(SQL_NOTE, "INSERT OR IGNORE INTO erasure(member, mark, at_ms, keeps, upto, last, done_ms, handle)" \
                " VALUES(?1, ?2, ?3, ?4, 0, 0, ?3, ?5)")
STATEMENTS(LEAVERS_STATEMENTS, leavers, true)

#define BIND(name, ...) db_bind(db, LIST_LEAVERS, name, __VA_ARGS__)

#define LIST_BYTES_MAX (64u << 20)
#define TEXT_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define SIGNED "signed "
#define B64(bytes) sodium_base64_ENCODED_LEN(bytes, TEXT_VARIANT)   /* with its end */

static enum bz_err failed(const char *doing, const char *path, struct bz_error *e)
{
    bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return bz_fail(e, is_full ? BZ_ERR_STORAGE_FULL : BZ_ERR_STORE, "cannot %s %.100s: %s", doing, path, strerror(errno));
}

/* ---- Writing. */

static enum bz_err put_list(struct db *db, struct buf *text, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    char mark[2 * LEAVER_MARK_BYTES + 1], handle[2 * LEAVER_MARK_BYTES + 1];
    buf_printf(text, "baraza erased 1 %s\n", db->hubs.code[0]);
    sqlite3_stmt *s = BIND(SQL_ALL, "");
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        if (sqlite3_column_bytes(s, 1) != LEAVER_MARK_BYTES)
            continue;
        (void)sodium_bin2hex(mark, sizeof mark, sqlite3_column_blob(s, 1), LEAVER_MARK_BYTES);
        bool has_handle = sqlite3_column_bytes(s, 4) == LEAVER_MARK_BYTES;
        (void)sodium_bin2hex(handle, sizeof handle, sqlite3_column_blob(s, 4), has_handle ? LEAVER_MARK_BYTES : 0);
        buf_printf(text, "%lld %s %lld %s%s%s\n", (long long)sqlite3_column_int64(s, 0), mark, (long long)sqlite3_column_int64(s, 2),
                   sqlite3_column_int(s, 3) != 0 ? "keep" : "erase", has_handle ? " " : "", handle);
    }
    return rc;
}

static void put_signature(struct buf *text, const struct hub_key *key)
{
    unsigned char signature[crypto_sign_BYTES];
    char who[B64(KEY_BYTES)], what[B64(crypto_sign_BYTES)];
    (void)crypto_sign_detached(signature, NULL, (const unsigned char *)text->at, text->len, key->secret);
    (void)sodium_bin2base64(who, sizeof who, key->public_key, KEY_BYTES, TEXT_VARIANT);
    (void)sodium_bin2base64(what, sizeof what, signature, sizeof signature, TEXT_VARIANT);
    buf_printf(text, SIGNED "%s %s\n", who, what);
}

/* The file, then the folder that names it. */
static enum bz_err put_file(const char *path, struct span text, struct bz_error *e)
{
    char part[PATH_MAX], folder[PATH_MAX];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return bz_invalid(e, "file", "the file's path is too long");
    (void)snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        (void)snprintf(folder, sizeof folder, ".");
    else
        slash[slash == folder] = '\0';
    (void)unlink(part);
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failed("make", part, e);
    errno = ENOSPC;   /* what a short write means */
    bool is_whole = write(fd, text.at, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    if (close(fd) != 0 || !is_whole || rename(part, path) != 0) {
        enum bz_err rc = failed("write", path, e);
        (void)unlink(part);
        return rc;
    }
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = dir >= 0 && fsync(dir) == 0;
    if (dir >= 0)
        (void)close(dir);
    return is_synced ? BZ_OK : failed("sync", folder, e);
}

static enum bz_err get_file(const char *path, struct buf *ret, struct bz_error *e)
{
    char block[8192];
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such file") : failed("read", path, e);
    while ((n = read(fd, block, sizeof block)) > 0)
        buf_add(ret, block, (size_t)n);
    (void)close(fd);
    if (n < 0)
        return failed("read", path, e);
    return ret->failed ? bz_fail(e, BZ_ERR_STORE, "%.100s is too large for a list of who left", path) : BZ_OK;
}

enum bz_err leavers_write(struct db *db, const struct hub_key *key, const char *dir, struct bz_error *e)
{
    char path[PATH_MAX];
    struct buf text, old;
    buf_init(&text, LIST_BYTES_MAX);
    buf_init(&old, LIST_BYTES_MAX);
    (void)snprintf(path, sizeof path, "%s/" LEAVERS_NAME, dir);
    enum bz_err rc = put_list(db, &text, e);
    if (rc == BZ_OK) {
        put_signature(&text, key);
        bool is_there = get_file(path, &old, NULL) == BZ_OK && span_eq(buf_span(&old), buf_span(&text));
        rc = text.failed ? bz_fail(e, BZ_ERR_STORE, "out of memory") : is_there ? BZ_OK : put_file(path, buf_span(&text), e);
    }
    buf_done(&old);
    buf_done(&text);
    return rc;
}

enum bz_err leavers_copy(const char *from, const char *to, struct bz_error *e)
{
    struct buf text;
    buf_init(&text, LIST_BYTES_MAX);
    enum bz_err rc = get_file(from, &text, e);
    if (rc == BZ_OK)
        rc = put_file(to, buf_span(&text), e);
    buf_done(&text);
    return rc;
}

/* ---- Reading. */

static enum bz_err damaged(const char *path, struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_STORE, "%.100s is damaged, or no list of who left this hub: its signature does not hold", path);
}

/* Cuts off the last line; *ret_key: whose signature over the rest holds. */
static bool check_signature(struct span *text, unsigned char ret_key[KEY_BYTES])
{
    unsigned char signature[crypto_sign_BYTES];
    size_t len = 0, want = sizeof SIGNED - 1 + B64(KEY_BYTES) - 1 + 1 + B64(crypto_sign_BYTES) - 1 + 1;
    if (text->len < want || text->at[text->len - 1] != '\n')
        return false;
    const char *at = text->at + text->len - want;
    if (memcmp(at, SIGNED, sizeof SIGNED - 1) != 0)
        return false;
    at += sizeof SIGNED - 1;
    if (sodium_base642bin(ret_key, KEY_BYTES, at, B64(KEY_BYTES) - 1, NULL, &len, NULL, TEXT_VARIANT) != 0 || len != KEY_BYTES)
        return false;
    at += B64(KEY_BYTES);
    if (sodium_base642bin(signature, sizeof signature, at, B64(crypto_sign_BYTES) - 1, NULL, &len, NULL, TEXT_VARIANT) != 0
        || len != sizeof signature)
        return false;
    text->len -= want;
    return crypto_sign_verify_detached(signature, (const unsigned char *)text->at, text->len, ret_key) == 0;
}

static bool read_hash(const char *hex, unsigned char ret[LEAVER_MARK_BYTES])
{
    size_t len = 0;
    return sodium_hex2bin(ret, LEAVER_MARK_BYTES, hex, strlen(hex), NULL, &len, NULL) == 0 && len == LEAVER_MARK_BYTES;
}

/* Lists of before have no hashes of handles. */
static bool read_line(char *line, struct leaver *ret)
{
    char mark[2 * LEAVER_MARK_BYTES + 2], how[8], handle[2 * LEAVER_MARK_BYTES + 2];
    long long member, at_ms;
    int count = sscanf(line, "%lld %33[0-9a-f] %lld %7[a-z] %33[0-9a-f]", &member, mark, &at_ms, how, handle);
    if (count < 4 || member <= 0)
        return false;
    *ret = (struct leaver){ .member = member, .at_ms = at_ms, .keeps = strcmp(how, "keep") == 0, .has_handle = count == 5 };
    return read_hash(mark, ret->mark) && (!ret->has_handle || read_hash(handle, ret->handle)) && (ret->keeps || strcmp(how, "erase") == 0);
}

static bool read_lines(char *text, const char *code, struct leaver **ret, size_t *ret_count)
{
    char head[64];
    size_t cap = 0;
    char *rest = NULL, *line = strtok_r(text, "\n", &rest);
    (void)snprintf(head, sizeof head, "baraza erased 1 %s", code);
    if (line == NULL || strcmp(line, head) != 0)
        return false;
    while ((line = strtok_r(NULL, "\n", &rest)) != NULL) {
        if (*ret_count == cap) {
            cap = cap == 0 ? 64 : cap * 2;
            *ret = realloc(*ret, cap * sizeof **ret);
            if (*ret == NULL)
                abort();
        }
        if (!read_line(line, &(*ret)[(*ret_count)++]))
            return false;
    }
    return true;
}

static enum bz_err knows(struct db *db, const unsigned char key[KEY_BYTES], struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_KNOWS_KEY, "h", key);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "the list of who left is signed with a key that this database does not know; if it is the"
                       " hub's own, of before its key was lost, give the list with --erased");
    db_reset(s);
    return BZ_OK;
}

enum bz_err leavers_read(struct db *db, const char *path, const unsigned char own[KEY_BYTES], struct leaver **ret, size_t *ret_count,
                         struct bz_error *e)
{
    unsigned char key[KEY_BYTES];
    struct buf text;
    *ret = NULL;
    *ret_count = 0;
    buf_init(&text, LIST_BYTES_MAX);
    enum bz_err rc = get_file(path, &text, e);
    struct span list = buf_span(&text);
    if (rc == BZ_OK && !check_signature(&list, key))
        rc = damaged(path, e);
    if (rc == BZ_OK && own != NULL && memcmp(own, key, KEY_BYTES) != 0)
        rc = knows(db, key, e);
    if (rc == BZ_OK) {
        text.at[list.len] = '\0';
        if (!read_lines(text.at, db->hubs.code[0], ret, ret_count))
            rc = damaged(path, e);
    }
    if (rc != BZ_OK) {
        free(*ret);
        *ret = NULL;
        *ret_count = 0;
    }
    buf_done(&text);
    return rc;
}

enum bz_err leavers_meet(struct db *db, const struct leaver *leaver, bool *ret_is_here, struct bz_error *e)
{
    bool has_row;
    struct span mark = { (const char *)leaver->mark, sizeof leaver->mark };
    struct span handle = { (const char *)leaver->handle, leaver->has_handle ? sizeof leaver->handle : 0 };
    sqlite3_stmt *s = BIND(SQL_IS_HERE, "ib", leaver->member, mark);
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret_is_here = false;
    if (rc != BZ_OK)
        return rc;
    if (has_row) {
        *ret_is_here = sqlite3_column_int(s, 0) != 0;
        db_reset(s);
        return BZ_OK;
    }
    return db_run(db, BIND(SQL_NOTE, "ibiib", leaver->member, mark, leaver->at_ms, (int64_t)leaver->keeps, handle), e);
}

enum bz_err leavers_code(const char *copy, char ret[BZ_HUB_CODE + 1], struct bz_error *e)
{
    sqlite3 *sq = NULL;
    sqlite3_stmt *s = NULL;
    ret[0] = '\0';
    enum bz_err rc = db_open_raw(copy, &sq, e);
    if (rc != BZ_OK)
        return rc;
    if (sqlite3_prepare_v2(sq, "SELECT code FROM hub WHERE hub = 0", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        (void)snprintf(ret, BZ_HUB_CODE + 1, "%s", (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(sq);
    return BZ_OK;
}
