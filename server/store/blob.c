#include "store/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define RESERVE 10                /* one part in so many of the disk stays free for the database */
#define THUMB ".thumb"

static enum bz_err failed(const char *what, const char *path, struct bz_error *e)
{
    bool is_full = errno == ENOSPC || errno == EDQUOT;
    return bz_fail(e, is_full ? BZ_ERR_STORAGE_FULL : BZ_ERR_STORE, "cannot %s %s: %s", what, path, strerror(errno));
}

static enum bz_err make(const char *path, struct bz_error *e)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? BZ_OK : failed("make", path, e);
}

enum bz_err blob_folder(const char *dir, struct bz_error *e)
{
    char path[BLOB_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/files", dir);
    enum bz_err rc = make(path, e);
    (void)snprintf(path, sizeof path, "%s/files/part", dir);
    return rc == BZ_OK ? make(path, e) : rc;
}

void blob_path(const char *dir, struct span name, char ret[BLOB_PATH_BYTES])
{
    (void)snprintf(ret, BLOB_PATH_BYTES, "%s/files/%.2s/%.*s", dir, name.at, (int)name.len, name.at);
}

void blob_thumb_path(const char *dir, struct span name, char ret[BLOB_PATH_BYTES])
{
    (void)snprintf(ret, BLOB_PATH_BYTES, "%s/files/%.2s/%.*s" THUMB, dir, name.at, (int)name.len, name.at);
}

void blob_part_path(const char *dir, struct span upload, char ret[BLOB_PATH_BYTES])
{
    (void)snprintf(ret, BLOB_PATH_BYTES, "%s/files/part/%.*s", dir, (int)upload.len, upload.at);
}

void blob_part_thumb_path(const char *dir, struct span upload, char ret[BLOB_PATH_BYTES])
{
    (void)snprintf(ret, BLOB_PATH_BYTES, "%s/files/part/%.*s" THUMB, dir, (int)upload.len, upload.at);
}

/* A new name is on the disk once its folder is. */
static enum bz_err sync_folder(const char *path, struct bz_error *e)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return failed("open", path, e);
    enum bz_err rc = fsync(fd) == 0 ? BZ_OK : failed("sync", path, e);
    (void)close(fd);
    return rc;
}

enum bz_err blob_name(const char *dir, struct span upload, struct span name, struct bz_error *e)
{
    char from[BLOB_PATH_BYTES], to[BLOB_PATH_BYTES], folder[BLOB_PATH_BYTES], all[BLOB_PATH_BYTES];
    (void)snprintf(all, sizeof all, "%s/files", dir);
    (void)snprintf(folder, sizeof folder, "%s/files/%.2s", dir, name.at);
    enum bz_err rc = BZ_OK;
    if (mkdir(folder, 0700) == 0)
        rc = sync_folder(all, e);
    else if (errno != EEXIST)
        rc = failed("make", folder, e);
    if (rc != BZ_OK)
        return rc;
    blob_part_thumb_path(dir, upload, from);
    blob_thumb_path(dir, name, to);
    if (rename(from, to) != 0 && errno != ENOENT)
        return failed("name", to, e);
    blob_part_path(dir, upload, from);
    blob_path(dir, name, to);
    if (rename(from, to) != 0 && (errno != ENOENT || access(to, F_OK) != 0))   /* done before a commit that failed */
        return failed("name", to, e);
    return sync_folder(folder, e);
}

void blob_remove(const char *dir, struct span name)
{
    char path[BLOB_PATH_BYTES];
    blob_path(dir, name, path);
    (void)unlink(path);
    blob_thumb_path(dir, name, path);
    (void)unlink(path);
}

void blob_part_remove(const char *dir, struct span upload)
{
    char path[BLOB_PATH_BYTES];
    blob_part_path(dir, upload, path);
    (void)unlink(path);
    blob_part_thumb_path(dir, upload, path);
    (void)unlink(path);
}

void blob_sweep(const char *dir, int folder, bool (*keeps)(void *ctx, struct span name, int64_t age_s), void *ctx)
{
    char path[BLOB_PATH_BYTES];
    if (folder == BLOB_FOLDERS)
        (void)snprintf(path, sizeof path, "%s/files/part", dir);
    else
        (void)snprintf(path, sizeof path, "%s/files/%02x", dir, (unsigned)folder);
    DIR *d = opendir(path);
    if (d == NULL)
        return;
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        struct stat st;
        size_t len = strlen(f->d_name), thumb = sizeof THUMB - 1;
        bool is_thumb = len > thumb && strcmp(f->d_name + len - thumb, THUMB) == 0;
        if (f->d_name[0] == '.' || fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        struct span name = { f->d_name, is_thumb ? len - thumb : len };
        if (!keeps(ctx, name, (int64_t)(time(NULL) - st.st_mtime)))
            (void)unlinkat(dirfd(d), f->d_name, 0);
    }
    (void)closedir(d);
}

enum bz_err blob_hold(const char *dir, int *ret, struct bz_error *e)
{
    char path[BLOB_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/files", dir);
    *ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret < 0)
        return errno == ENOENT ? BZ_OK : failed("open", path, e);
    int rc;
    while ((rc = flock(*ret, LOCK_SH)) != 0 && errno == EINTR)
        continue;
    if (rc == 0)
        return BZ_OK;
    enum bz_err err = failed("hold", path, e);
    (void)close(*ret);
    *ret = -1;
    return err;
}

int blob_hold_alone(const char *dir)
{
    char path[BLOB_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/files", dir);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

int64_t blob_space(const char *dir)
{
    struct statvfs disk;
    if (statvfs(dir, &disk) != 0)
        return 0;
    return ((int64_t)disk.f_bavail - (int64_t)(disk.f_blocks / RESERVE)) * (int64_t)disk.f_frsize;
}
