#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/control.h"

static enum bz_err dial(const char *dir, int *ret, struct bz_error *e)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = dir_fd < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/control.sock",
                   dir_fd);
    int rc = fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
    int why = errno;
    if (dir_fd >= 0)
        close(dir_fd);
    if (rc == 0) {
        *ret = fd;
        return BZ_OK;
    }
    if (fd >= 0)
        close(fd);
    if (why == EACCES || why == EPERM)
        return bz_fail(e, BZ_ERR_FORBIDDEN,
                       "%s belongs to another user; run this as the user that the daemon runs as",
                       dir);
    return bz_fail(e, BZ_ERR_NOT_FOUND, "no daemon serves %s", dir);
}

static bool send_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static json_t *receive(int fd)
{
    struct buf in;
    json_t *doc = NULL;
    buf_init(&in, 2 * CONTROL_BYTES);
    for (char *at; (at = buf_reserve(&in, 4096)) != NULL;) {
        ssize_t n = read(fd, at, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        in.len += (size_t)n;
    }
    if (in.len > 0)
        doc = json_loadb(in.at, in.len, JSON_REJECT_DUPLICATES, NULL);
    if (in.at != NULL)
        sodium_memzero(in.at, in.len);
    buf_done(&in);
    return doc;
}

enum bz_err control_ask(const char *dir, const struct operation *op, struct answer *ret,
                        struct bz_error *e)
{
    int fd = -1;
    enum bz_err rc = dial(dir, &fd, e);
    if (rc != BZ_OK)
        return rc;
    json_t *question = operation_json(op);
    char *text = json_dumps(question, JSON_COMPACT);
    json_t *doc = NULL;
    if (text != NULL && send_all(fd, text, strlen(text)) && send_all(fd, "\n", 1))
        doc = receive(fd);
    const char *said = json_string_value(json_object_get(doc, "text")),
               *site = json_string_value(json_object_get(doc, "site"));
    if (said == NULL || !json_is_integer(json_object_get(doc, "code"))) {
        rc = bz_fail(e, BZ_ERR_BUSY,
                     "the daemon did not answer: it stops, or it runs as another user; try again "
                     "in a moment");
    } else {
        ret->code = (enum bz_err)json_integer_value(json_object_get(doc, "code"));
        (void)snprintf(ret->text, sizeof ret->text, "%s", said);
        (void)snprintf(ret->site, sizeof ret->site, "%s", site == NULL ? "" : site);
    }
    json_decref(doc);
    json_decref(question);
    free(text);
    close(fd);
    return rc;
}
