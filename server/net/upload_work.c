/* upload_work.c: what a worker does for an upload: opens its part, writes, ends it with its hash, keeps its thumbnail. */
#include "net/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/blob.h"

#define READ_BYTES (256u << 10)      /* read at a time */
#define PLAIN_TYPE "application/octet-stream"

static void work_open(struct upload *u)
{
    char path[BLOB_PATH_BYTES];
    struct stat st;
    blob_part_path(u->net->config.dir, (struct span){ u->id, UPLOAD_CHARS }, path);
    int make = u->method == METHOD_PATCH && u->from == 0 ? O_CREAT : 0;
    u->fd = open(path, O_RDWR | make | O_CLOEXEC | O_NOFOLLOW, 0600);
    u->error = u->fd < 0 || fstat(u->fd, &st) != 0 ? errno : 0;
    u->offset = u->error == 0 ? st.st_size : 0;
    if (u->error == ENOENT)   /* nothing came yet */
        u->error = 0;
}

/* The space was counted when the upload began; since then others may have taken it. What the database needs stays free. */
static void work_write(struct upload *u)
{
    size_t at = 0;
    if (u->chunk_len > 0 && blob_space(u->net->config.dir) < (int64_t)u->chunk_len) {
        u->error = ENOSPC;
        return;
    }
    if (u->sum != NULL)
        (void)EVP_DigestUpdate(u->sum, u->chunk, u->chunk_len);
    while (at < u->chunk_len) {
        ssize_t n = pwrite(u->fd, u->chunk + at, u->chunk_len - at, u->offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            u->error = n < 0 ? errno : ENOSPC;
            return;
        }
        at += (size_t)n;
        u->offset += n;
    }
    u->chunk_len = 0;
    if (u->sum == NULL || !u->is_last)
        return;
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    (void)EVP_DigestFinal_ex(u->sum, sum, &len);
    u->is_wrong = u->left > 0 || len != SHA1_BYTES || memcmp(sum, u->wanted, SHA1_BYTES) != 0;
    if (u->is_wrong && ftruncate(u->fd, u->from) != 0)   /* a part whose sum is not known is not kept */
        u->error = errno;
}

/* The whole file is on the disk before anything names it. Its length stays, so that an upload that is cut off here goes on here. */
static void work_finish(struct upload *u)
{
    crypto_generichash_state state;
    char *bytes = malloc(READ_BYTES);
    ssize_t n = -1;
    int (*bare)(int fd, int64_t bytes) = u->net->config.looker.bare;
    u->blob = (struct blob){ .type = SPAN(PLAIN_TYPE) };
    if (bytes != NULL && bare != NULL && (u->error = bare(u->fd, u->bytes)) != 0) {
        free(bytes);
        return;
    }
    if (bytes == NULL || fsync(u->fd) != 0) {
        u->error = bytes == NULL ? ENOMEM : errno;
        free(bytes);
        return;
    }
    (void)crypto_generichash_init(&state, NULL, 0, BLOB_HASH_BYTES);
    while ((n = pread(u->fd, bytes, READ_BYTES, u->blob.bytes)) > 0) {
        (void)crypto_generichash_update(&state, (unsigned char *)bytes, (unsigned long long)n);
        u->blob.bytes += n;
    }
    if (n < 0)
        u->error = errno;
    (void)crypto_generichash_final(&state, u->blob.hash, BLOB_HASH_BYTES);
    free(bytes);
}

/* A picture that is missing in a list is no loss; half of one would be. */
static void work_thumb(struct upload *u)
{
    char path[BLOB_PATH_BYTES];
    blob_part_thumb_path(u->net->config.dir, (struct span){ u->id, UPLOAD_CHARS }, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    u->blob.has_thumb = fd >= 0 && write(fd, u->thumb.at, u->thumb.len) == (ssize_t)u->thumb.len && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    if (!u->blob.has_thumb)
        (void)unlink(path);
}

void upload_work(uv_work_t *work)
{
    struct upload *u = work->data;
    u->error = 0;
    if (u->step == STEP_OPEN)
        work_open(u);
    else if (u->step == STEP_WRITE)
        work_write(u);
    else if (u->step == STEP_FINISH)
        work_finish(u);
    else
        work_thumb(u);
}
