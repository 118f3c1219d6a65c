#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/serve.h"

int complain(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fputs("baraza: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return status;
}

int exit_status(enum bz_err code)
{
    switch (code) {
    case BZ_OK: return 0;
    case BZ_ERR_PARSE:
    case BZ_ERR_REQUEST:
    case BZ_ERR_METHOD:
    case BZ_ERR_INVALID: return 64;
    case BZ_ERR_UNAUTHENTICATED:
    case BZ_ERR_NOT_FOUND:
    case BZ_ERR_CONFLICT:
    case BZ_ERR_TOO_LARGE: return 65;
    case BZ_ERR_STORAGE_FULL:
    case BZ_ERR_STORE: return 74;
    case BZ_ERR_RATE_LIMITED:
    case BZ_ERR_SLOW:
    case BZ_ERR_BUSY:
    case BZ_ERR_DEADLINE: return 75;
    case BZ_ERR_BLOCKED: case BZ_ERR_SECOND:
    case BZ_ERR_FORBIDDEN: return 77;
    }
    return 70;
}

int folder_check(const char *dir)
{
    char path[4096];
    struct stat st;
    if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return complain(
            78, "there is no folder %s; make a hub in it with `baraza init` or `baraza demo`", dir);
    if (st.st_uid != geteuid())
        return complain(
            77, "%s belongs to user %u; run this as that user, so that its files stay theirs", dir,
            (unsigned)st.st_uid);
    if (snprintf(path, sizeof path, "%s/baraza.db", dir) >= (int)sizeof path)
        return complain(64, "the path of the data folder is too long");
    if (stat(path, &st) != 0)
        return complain(78,
                        "%s holds no hub; make one with `baraza init --data %s --hub CODE --name "
                        "NAME` or `baraza demo --data %s`",
                        dir, dir, dir);
    if ((st.st_mode & 077) != 0)
        return complain(78, "%s can be read by others; close it with `chmod 600 %s`", path, path);
    if (access(dir, W_OK | X_OK) != 0 || access(path, W_OK) != 0)
        return complain(
            74, "%s cannot be written: %s; give this user write access or mount it writable", dir,
            strerror(errno));
    return 0;
}

bool folder_is_locked(const char *dir)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/lock", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return locked;
}

int open_failed(const char *dir, const struct bz_error *e)
{
    if (e->code == BZ_ERR_CONFLICT && folder_is_locked(dir))
        return complain(75, "another process is using %s; stop it, or try again when it is done",
                        dir);
    return complain(e->code == BZ_ERR_CONFLICT ? 78 : exit_status(e->code), "%s: %s", dir, e->text);
}
