#include "work/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".eml"
#define PART ".part"

static enum bz_err failed(const char *what, struct bz_error *e)
{
    int error = errno;
    return bz_fail(e, error == ENOSPC || error == EDQUOT ? BZ_ERR_STORAGE_FULL : BZ_ERR_STORE, "cannot %s a mail's file: %s", what,
                   strerror(error));
}

static enum bz_err write_all(int fd, struct span mail, struct bz_error *e)
{
    while (mail.len > 0) {
        ssize_t n = write(fd, mail.at, mail.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed("write", e);
        mail.at += n;
        mail.len -= (size_t)n;
    }
    return fsync(fd) == 0 ? BZ_OK : failed("write", e);
}

enum bz_err spool_put(const struct env *env, const char *folder, const char *name, struct span mail, struct bz_error *e)
{
    char part[NAME_MAX + 1], whole[NAME_MAX + 1];
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return failed("make the folder of", e);
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (dir < 0)
        return failed("open the folder of", e);
    (void)snprintf(part, sizeof part, "%.100s" PART, name);
    (void)snprintf(whole, sizeof whole, "%.100s" SUFFIX, name);
    (void)unlinkat(dir, part, 0);
    int fd = openat(dir, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum bz_err rc = fd < 0 ? failed("make", e) : write_all(fd, mail, e);
    if (rc == BZ_OK && (fails(env, "spool.name") || renameat(dir, part, dir, whole) != 0 || fsync(dir) != 0))
        rc = failed("name", e);
    if (fd >= 0)
        (void)close(fd);
    if (rc != BZ_OK)
        (void)unlinkat(dir, part, 0);
    (void)close(dir);
    return rc;
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);
    return len > tail && strcmp(name + len - tail, end) == 0;
}

void spool_sweep(const char *folder, int64_t before_ms)
{
    struct stat st;
    DIR *d = opendir(folder);
    if (d == NULL)
        return;
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        bool is_ours = ends_with(f->d_name, SUFFIX) || ends_with(f->d_name, PART);
        if (is_ours && fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)
            && (int64_t)st.st_mtim.tv_sec * 1000 < before_ms)
            (void)unlinkat(dirfd(d), f->d_name, 0);
    }
    (void)closedir(d);
}
