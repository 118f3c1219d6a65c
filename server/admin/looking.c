#include "admin/looking.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "work/bare.h"
#include "work/look.h"
#include "work/shape.h"

#define DOT_CHARS sodium_base64_ENCODED_LEN(LOOK_PLACEHOLDER_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)

struct request { net_looked looked; void *who; };

static void on_look(void *ctx, const struct look *look)
{
    struct request *r = ctx;
    char dot[DOT_CHARS];
    struct blob found = { 0 };
    struct span thumb = { NULL, 0 };
    if (look != NULL) {
        found.type = span_of(look->media_type);
        found.text = look->text.len > 0 ? look->text : (struct span){ NULL, 0 };
    }
    if (look != NULL && look->is_image) {
        (void)sodium_bin2base64(dot, sizeof dot, look->placeholder, LOOK_PLACEHOLDER_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        found.dot = span_of(dot);
        found.width = look->width;
        found.height = look->height;
        thumb = look->thumb;
    }
    r->looked(r->who, look == NULL ? NULL : &found, thumb);
    free(r);
}

bool looking_look(void *ctx, int take_fd, net_looked looked, void *who)
{
    struct looking *l = ctx;
    struct bz_error e = { 0 };
    struct request *r = l->pool == NULL ? NULL : malloc(sizeof *r);
    if (r == NULL) {
        (void)close(take_fd);
        return false;
    }
    *r = (struct request){ looked, who };
    if (look_start(l->pool, take_fd, on_look, r, &e) == BZ_OK)
        return true;
    free(r);
    return false;
}

struct range { int fd, error; const unsigned char *file; };

static void write_range(void *ctx, size_t at, size_t len)
{
    struct range *r = ctx;
    while (len > 0 && r->error == 0) {
        ssize_t n = pwrite(r->fd, r->file + at, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        r->error = n < 0 ? errno : n == 0 ? ENOSPC : 0;
        at += n > 0 ? (size_t)n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

static int read_file(int fd, unsigned char *ret, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = pread(fd, ret + at, len - at, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        at += (size_t)n;
    }
    return 0;
}

int looking_bare(int fd, int64_t bytes)
{
    char head[12];
    if (bytes < (int64_t)sizeof head || bytes > (int64_t)BARE_FILE_BYTES || pread(fd, head, sizeof head, 0) != sizeof head
        || !shape_is_picture((struct span){ head, sizeof head }))
        return 0;
    unsigned char *file = malloc((size_t)bytes);
    if (file == NULL)
        return ENOMEM;
    struct range r = { .fd = fd, .error = read_file(fd, file, (size_t)bytes), .file = file };
    if (r.error == 0)
        (void)bare_picture(file, (size_t)bytes, write_range, &r);
    free(file);
    return r.error;
}

enum bz_err looking_start(struct looking *l, uv_loop_t *loop, struct log *log, struct bz_error *e)
{
    return look_pool_new(&(struct look_config){ .loop = loop, .log = log, .env = &env_real, .deadline_ms = LOOK_DEADLINE_MS },
                         &l->pool, e);
}

void looking_stop(struct looking *l)
{
    look_pool_stop(l->pool);
    l->pool = NULL;
}
