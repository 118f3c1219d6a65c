#include "store/key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define KEY_TEXT (sodium_base64_ENCODED_LEN(KEY_BYTES, TEXT_VARIANT) - 1)   /* characters; a line feed follows */

static enum bz_err system_fail(int number, const char *doing, struct bz_error *e)
{
    return bz_fail(e, number == ENOSPC || number == EDQUOT ? BZ_ERR_STORAGE_FULL : BZ_ERR_STORE, "could not %s hub.key (%s)",
                   doing, strerror(number));
}

static enum bz_err read_seed(int fd, unsigned char seed[KEY_BYTES], struct bz_error *e)
{
    char text[KEY_TEXT + 2];
    struct stat st;
    size_t len = 0;
    if (fstat(fd, &st) != 0)
        return system_fail(errno, "read", e);
    if (!S_ISREG(st.st_mode))
        return bz_fail(e, BZ_ERR_STORE, "hub.key is not a plain file; put the hub's key there");
    if (st.st_uid != geteuid())
        return bz_fail(e, BZ_ERR_STORE, "hub.key belongs to user %u; give it to the user of the data folder with `chown`",
                       (unsigned)st.st_uid);
    if ((st.st_mode & 077) != 0)
        return bz_fail(e, BZ_ERR_STORE, "hub.key is open to other users (mode %03o); close it with `chmod 600`, and if"
                       " somebody may have read it, replace it", (unsigned)st.st_mode & 0777);
    ssize_t got = read(fd, text, sizeof text);
    int number = errno;
    bool is_key = (got == (ssize_t)KEY_TEXT || (got == (ssize_t)KEY_TEXT + 1 && text[KEY_TEXT] == '\n'))
                  && sodium_base642bin(seed, KEY_BYTES, text, KEY_TEXT, NULL, &len, NULL, TEXT_VARIANT) == 0
                  && len == KEY_BYTES;
    sodium_memzero(text, sizeof text);
    if (got < 0)
        return system_fail(number, "read", e);
    if (!is_key)
        return bz_fail(e, BZ_ERR_STORE, "hub.key is %s; put it back from where you keep it, or move it away: the hub"
                       " then makes a new one", got == 0 ? "empty" : "damaged");
    return BZ_OK;
}

static enum bz_err write_part(const char *part, const unsigned char seed[KEY_BYTES], struct bz_error *e)
{
    char text[KEY_TEXT + 1];
    (void)unlink(part);   /* of a start that was cut off */
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return system_fail(errno, "make", e);
    (void)sodium_bin2base64(text, sizeof text, seed, KEY_BYTES, TEXT_VARIANT);
    text[KEY_TEXT] = '\n';
    errno = ENOSPC;   /* what a short write means */
    enum bz_err rc = write(fd, text, sizeof text) == (ssize_t)sizeof text && fsync(fd) == 0
                         ? BZ_OK : system_fail(errno, "write", e);
    if (close(fd) != 0 && rc == BZ_OK)
        rc = system_fail(errno, "write", e);
    sodium_memzero(text, sizeof text);
    return rc;
}

static enum bz_err make(const char *dir, const char *path, const struct env *env, struct bz_error *e)
{
    char part[PATH_MAX];
    unsigned char seed[KEY_BYTES];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return bz_invalid(e, "data", "the folder's path is too long");
    int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return system_fail(errno, "make", e);
    env->random(env->ctx, seed, sizeof seed);
    enum bz_err rc = write_part(part, seed, e);
    sodium_memzero(seed, sizeof seed);
    if (rc == BZ_OK && fails(env, "store.key.rename"))
        rc = bz_fail(e, BZ_ERR_STORE, "could not make hub.key");
    if (rc == BZ_OK && (rename(part, path) != 0 || fsync(at) != 0))
        rc = system_fail(errno, "make", e);
    if (rc != BZ_OK)
        (void)unlink(part);
    (void)close(at);
    return rc;
}

enum bz_err hub_key_load(const char *dir, const struct env *env, struct hub_key *ret, struct bz_error *e)
{
    char path[PATH_MAX];
    unsigned char seed[KEY_BYTES];
    if (snprintf(path, sizeof path, "%s/hub.key", dir) >= (int)sizeof path)
        return bz_invalid(e, "data", "the folder's path is too long");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        enum bz_err rc = make(dir, path, env, e);
        if (rc != BZ_OK)
            return rc;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    }
    if (fd < 0)
        return errno == ELOOP ? bz_fail(e, BZ_ERR_STORE, "hub.key is a link; put the hub's key itself there")
                              : system_fail(errno, "open", e);
    enum bz_err rc = read_seed(fd, seed, e);
    (void)close(fd);
    if (rc == BZ_OK)
        (void)crypto_sign_seed_keypair(ret->public_key, ret->secret, seed);
    sodium_memzero(seed, sizeof seed);
    return rc;
}
