#include "store/keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/blob.h"
#include "store/statement.h"

#define READ_BYTES (256u << 10)
#define THUMB ".thumb"
#define PART ".part"

#define SQL_HAS_FILES "SELECT 1 FROM sqlite_schema WHERE name = 'post_file'"   /* a copy of an older release has none */
#define SQL_NAMED                                                                                                 \
    "SELECT hash, max(bytes), max(thumb) FROM (SELECT hash, bytes, thumb FROM post_file"                          \
    " UNION ALL SELECT hash, bytes, thumb FROM upload WHERE hash IS NOT NULL) GROUP BY hash ORDER BY hash"
#define SQL_NAMES                                                                                                 \
    "SELECT f.post, f.n, EXISTS (SELECT 1 FROM post AS p WHERE p.id = f.post), (SELECT code FROM hub WHERE hub = f.post >> 40)" \
    " FROM post_file AS f WHERE f.hash = ?1 UNION ALL SELECT 0, 0, 0, '' FROM upload WHERE hash = ?1 ORDER BY 1, 2"

enum state { WHOLE, MISSING, OTHER_LENGTH, OTHER_BYTES, UNREADABLE };
static const char *const states[] = {
    [WHOLE] = "", [MISSING] = "is missing", [OTHER_LENGTH] = "has another length", [OTHER_BYTES] = "has other bytes",
    [UNREADABLE] = "cannot be read",
};

struct file { const char *name; int64_t bytes; bool is_thumb; };   /* bytes: of a thumbnail, those of its file */

/* One run over the files of a database. */
struct walk {
    const struct keep *k;
    sqlite3_stmt *names;
    unsigned char *block;        /* READ_BYTES */
    enum bz_err (*one)(struct walk *w, const struct file *f, enum state *ret, struct bz_error *e);
    char folder[3];              /* of `to` that is filled just now, or "" */
    struct kept found;
};

static enum bz_err failed(const char *what, const char *path, struct bz_error *e)
{
    bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return bz_fail(e, is_full ? BZ_ERR_STORAGE_FULL : BZ_ERR_STORE, "cannot %s %.100s: %s", what, path, strerror(errno));
}

static enum bz_err sync_folder(const char *path, struct bz_error *e)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum bz_err rc = fd >= 0 && fsync(fd) == 0 ? BZ_OK : failed("sync", path, e);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static void path_of(const char *root, const struct file *f, const char *suffix, char ret[PATH_MAX])
{
    (void)snprintf(ret, PATH_MAX, "%s/%.2s/%s%s%s", root, f->name, f->name, f->is_thumb ? THUMB : "", suffix);
}

/* *ret_fd: -1 unless it is WHOLE so far. */
static enum state open_file(const char *path, const struct file *f, int *ret_fd)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum state state = WHOLE;
    if (fd < 0)
        state = errno == ENOENT || errno == ENOTDIR ? MISSING : UNREADABLE;
    else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        state = UNREADABLE;
    else if (f->is_thumb ? st.st_size == 0 : st.st_size != f->bytes)
        state = OTHER_LENGTH;
    if (state != WHOLE && fd >= 0)
        (void)close(fd);
    *ret_fd = state == WHOLE ? fd : -1;
    return state;
}

/* Reads all of it, into `out` too if that is not -1. */
static enum bz_err read_all(struct walk *w, int in, const struct file *f, int out, enum state *ret, struct bz_error *e)
{
    crypto_generichash_state sum;
    unsigned char hash[BLOB_NAME_CHARS / 2];
    char name[BLOB_NAME_CHARS + 1];
    ssize_t n;
    *ret = WHOLE;
    (void)crypto_generichash_init(&sum, NULL, 0, sizeof hash);
    while ((n = read(in, w->block, READ_BYTES)) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        (void)crypto_generichash_update(&sum, w->block, (unsigned long long)n);
        for (ssize_t at = 0, put = 0; out >= 0 && at < n; at += put > 0 ? put : 0)
            if ((put = write(out, w->block + at, (size_t)(n - at))) < 0 && errno != EINTR)
                return failed("write", "a file of the copy", e);
    }
    (void)crypto_generichash_final(&sum, hash, sizeof hash);
    (void)sodium_bin2hex(name, sizeof name, hash, sizeof hash);
    if (n < 0)
        *ret = UNREADABLE;
    else if (!f->is_thumb && strcmp(name, f->name) != 0)
        *ret = OTHER_BYTES;
    return BZ_OK;
}

static enum bz_err look(struct walk *w, const char *root, bool is_quick, const struct file *f, enum state *ret, struct bz_error *e)
{
    char path[PATH_MAX];
    int fd;
    path_of(root, f, "", path);
    *ret = open_file(path, f, &fd);
    enum bz_err rc = *ret == WHOLE && !is_quick && !f->is_thumb ? read_all(w, fd, f, -1, ret, e) : BZ_OK;
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static enum bz_err look_one(struct walk *w, const struct file *f, enum state *ret, struct bz_error *e)
{
    return look(w, w->k->from, w->k->is_quick, f, ret, e);
}

/* The folder that this file goes to, of 256; the one before is done. Files come in the order of their names. */
static enum bz_err enter(struct walk *w, const char *name, struct bz_error *e)
{
    char path[PATH_MAX];
    enum bz_err rc = BZ_OK;
    if (w->folder[0] != '\0' && (name == NULL || strncmp(w->folder, name, 2) != 0)) {
        (void)snprintf(path, sizeof path, "%s/%s", w->k->to, w->folder);
        rc = sync_folder(path, e);
        w->folder[0] = '\0';
    }
    if (rc != BZ_OK || name == NULL || w->folder[0] != '\0')
        return rc;
    if (mkdir(w->k->to, 0700) != 0 && errno != EEXIST)
        return failed("make", w->k->to, e);
    (void)snprintf(w->folder, sizeof w->folder, "%.2s", name);
    (void)snprintf(path, sizeof path, "%s/%s", w->k->to, w->folder);
    return mkdir(path, 0700) == 0 || errno == EEXIST ? BZ_OK : failed("make", path, e);
}

/* Under a name of its own until it is whole and on the disk. */
static enum bz_err copy_one(struct walk *w, const struct file *f, enum state *ret, struct bz_error *e)
{
    char from[PATH_MAX], to[PATH_MAX], part[PATH_MAX];
    int in, out;
    path_of(w->k->from, f, "", from);
    path_of(w->k->to, f, "", to);
    path_of(w->k->to, f, PART, part);
    *ret = open_file(from, f, &in);
    if (*ret != WHOLE)
        return BZ_OK;
    (void)unlink(part);   /* of a run that was cut off */
    out = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum bz_err rc = out < 0 ? failed("make", part, e) : read_all(w, in, f, out, ret, e);
    if (rc == BZ_OK && *ret == WHOLE && (fsync(out) != 0 || fails(w->k->env, "store.keep.file") || rename(part, to) != 0))
        rc = failed("write", to, e);
    if (out >= 0)
        (void)close(out);
    if (out >= 0 && (rc != BZ_OK || *ret != WHOLE))
        (void)unlink(part);
    (void)close(in);
    return rc;
}

static enum bz_err take_one(struct walk *w, const struct file *f, enum state *ret, struct bz_error *e)
{
    char from[PATH_MAX], to[PATH_MAX];
    enum bz_err rc = look(w, w->k->from, true, f, ret, e);
    if (rc != BZ_OK || *ret != WHOLE || (rc = enter(w, f->name, e)) != BZ_OK)
        return rc;
    path_of(w->k->from, f, "", from);
    path_of(w->k->to, f, "", to);
    return link(from, to) == 0 ? BZ_OK : copy_one(w, f, ret, e);
}

static enum bz_err put_one(struct walk *w, const struct file *f, enum state *ret, struct bz_error *e)
{
    enum state there;
    enum bz_err rc = look(w, w->k->to, false, f, &there, e);
    *ret = WHOLE;
    if (rc != BZ_OK || there == WHOLE)
        return rc;
    rc = look(w, w->k->from, true, f, ret, e);
    if (rc == BZ_OK && *ret == WHOLE)
        rc = enter(w, f->name, e);
    return rc == BZ_OK && *ret == WHOLE ? copy_one(w, f, ret, e) : rc;
}

/* Each that names it hears of it. */
static enum bz_err tell(struct walk *w, const struct file *f, enum state state, struct bz_error *e)
{
    char line[256], where[160];
    int code;
    if (w->k->say == NULL)
        return BZ_OK;
    (void)snprintf(where, sizeof where, "files/%.2s/%s%s %s", f->name, f->name, f->is_thumb ? THUMB : "", states[state]);
    (void)sqlite3_bind_text(w->names, 1, f->name, -1, SQLITE_STATIC);
    while ((code = sqlite3_step(w->names)) == SQLITE_ROW) {
        long long post = sqlite3_column_int64(w->names, 0), n = sqlite3_column_int64(w->names, 1);
        const unsigned char *hub = sqlite3_column_text(w->names, 3);
        if (post == 0)
            (void)snprintf(line, sizeof line, "an upload that is not shared yet: %s", where);
        else
            (void)snprintf(line, sizeof line, "%s %.16s-%lld, file %lld: %s",
                           sqlite3_column_int(w->names, 2) != 0 ? "post" : "message that waits for a moderator",
                           hub == NULL ? (const unsigned char *)"" : hub, (long long)id_seq(post), n + 1, where);
        w->k->say(w->k->ctx, line);
    }
    (void)sqlite3_reset(w->names);
    return code == SQLITE_DONE ? BZ_OK : sqlite_fail(w->k->sq, "read the names of files", e);
}

static enum bz_err row(struct walk *w, sqlite3_stmt *s, struct bz_error *e)
{
    const char *name = (const char *)sqlite3_column_text(s, 0);
    struct file f = { name, sqlite3_column_int64(s, 1), false };
    enum state state = WHOLE;
    if (name == NULL || strlen(name) != BLOB_NAME_CHARS || strspn(name, "0123456789abcdef") != BLOB_NAME_CHARS)
        return bz_fail(e, BZ_ERR_STORE, "the name of a file is damaged");
    enum bz_err rc = w->one(w, &f, &state, e);
    if (rc == BZ_OK && state == WHOLE && sqlite3_column_int(s, 2) != 0) {
        f.is_thumb = true;
        rc = w->one(w, &f, &state, e);
    }
    if (rc != BZ_OK)
        return rc;
    w->found.files += state == WHOLE;
    w->found.bytes += state == WHOLE ? f.bytes : 0;
    w->found.missing += state != WHOLE;
    return state == WHOLE ? BZ_OK : tell(w, &f, state, e);
}

static bool has_files(sqlite3 *sq)
{
    sqlite3_stmt *s = NULL;
    bool has = sqlite3_prepare_v2(sq, SQL_HAS_FILES, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
    (void)sqlite3_finalize(s);
    return has;
}

static enum bz_err walk_rows(struct walk *w, struct bz_error *e)
{
    sqlite3 *sq = w->k->sq;
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(sq, SQL_NAMED, -1, &s, NULL);
    enum bz_err rc = BZ_OK;
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(sq, SQL_NAMES, -1, &w->names, NULL);
    if (code == SQLITE_OK)
        while (rc == BZ_OK && (code = sqlite3_step(s)) == SQLITE_ROW)
            rc = row(w, s, e);
    if (rc == BZ_OK && code != SQLITE_DONE)
        rc = sqlite_fail(sq, "read the names of files", e);
    (void)sqlite3_finalize(s);
    (void)sqlite3_finalize(w->names);
    return rc;
}

static enum bz_err walk(struct walk *w, struct kept *ret, struct bz_error *e)
{
    *ret = (struct kept){ 0 };
    if (!has_files(w->k->sq))
        return BZ_OK;
    w->block = malloc(READ_BYTES);
    if (w->block == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    enum bz_err rc = walk_rows(w, e);
    bool is_filled = w->folder[0] != '\0';
    if (rc == BZ_OK)
        rc = enter(w, NULL, e);
    if (rc == BZ_OK && is_filled)
        rc = sync_folder(w->k->to, e);
    free(w->block);
    if (rc == BZ_OK)
        *ret = w->found;
    return rc;
}

enum bz_err keep_look(const struct keep *k, struct kept *ret, struct bz_error *e)
{
    return walk(&(struct walk){ .k = k, .one = look_one }, ret, e);
}

enum bz_err keep_take(const struct keep *k, struct kept *ret, struct bz_error *e)
{
    return walk(&(struct walk){ .k = k, .one = take_one }, ret, e);
}

enum bz_err keep_put(const struct keep *k, struct kept *ret, struct bz_error *e)
{
    return walk(&(struct walk){ .k = k, .one = put_one }, ret, e);
}

bool keep_discard(const char *folder)
{
    char path[PATH_MAX];
    for (unsigned i = 0; i < BLOB_FOLDERS; i++) {
        (void)snprintf(path, sizeof path, "%s/%02x", folder, i);
        DIR *d = opendir(path);
        if (d == NULL)
            continue;
        for (struct dirent *f; (f = readdir(d)) != NULL;)
            if (f->d_name[0] != '.')
                (void)unlinkat(dirfd(d), f->d_name, 0);
        (void)closedir(d);
        (void)rmdir(path);
    }
    return rmdir(folder) == 0 || errno == ENOENT;
}
