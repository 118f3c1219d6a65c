#include "admin/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum bz_err file_missing(const char *setting, const char *path, struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_INVALID, "%s: %.100s: %s%s", setting, path, strerror(errno),
                   errno == EACCES ? "; let the daemon's user read it" : path[0] == '/' ? "" : "; give its whole path, from / on");
}

enum bz_err secret_file_read(const char *path, const char *setting, char *ret, size_t bytes, struct bz_error *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_missing(setting, path, e);
    ssize_t n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read(fd, ret, bytes) : -1;
    (void)close(fd);
    if (n < 0)
        return bz_fail(e, BZ_ERR_INVALID, "%s: %.100s cannot be read", setting, path);
    if ((st.st_mode & 07) != 0)
        return bz_fail(e, BZ_ERR_INVALID, "%s: others may open %.100s; chmod 600 it", setting, path);
    size_t len = (size_t)n;
    while (len > 0 && len < bytes && (ret[len - 1] == '\n' || ret[len - 1] == '\r'))
        len--;
    if (len == 0 || len == bytes || strcspn((ret[len] = '\0', ret), "\r\n") != len)
        return bz_fail(e, BZ_ERR_INVALID, "%s: %.100s must hold the secret and nothing else, in one line", setting, path);
    return BZ_OK;
}
