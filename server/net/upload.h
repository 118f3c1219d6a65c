/* upload.h: one request on an upload, and the steps of it that touch the disk. Private to net/.
 * Loop thread, except upload_work. */
#ifndef BZ_NET_UPLOAD_H
#define BZ_NET_UPLOAD_H
#include <openssl/evp.h>

#include "net/http.h"

#define SHA1_BYTES 20

enum step { STEP_NONE, STEP_OPEN, STEP_WRITE, STEP_FINISH, STEP_LOOK, STEP_THUMB };

/* One request on an upload, from its head to its answer. */
struct upload {
    struct upload *prev, *next;      /* of net->uploads: one that has its part in hand */
    struct net *net;
    struct http *http;               /* NULL: the client is gone, only the step under way still needs this */
    struct file_call *call;          /* under way in wire */
    uv_work_t work;
    enum step step;                  /* under way */
    char id[UPLOAD_CHARS + 1];
    enum method method;
    int fd;
    bz_id member;
    int64_t bytes;                   /* in the end */
    int64_t ends_ms;                 /* when it ends unfinished */
    int64_t offset, from;            /* in the file now; when this request began */
    int64_t left;                    /* of the body, not taken yet */
    char *chunk;
    size_t chunk_len;
    EVP_MD_CTX *sum;                 /* NULL: no checksum was told */
    unsigned char wanted[SHA1_BYTES];
    int64_t late;                    /* bytes taken since it is leaving */
    bool is_leaving;                 /* a newer request is there: what has come already is taken, no more */
    bool is_listed, is_last, is_wrong;   /* is_last: nothing follows what is written now; is_wrong: the checksum was another */
    int error;                       /* errno of the step */
    struct blob blob;
    char type[128], dot[64];         /* that blob points to */
    char *metadata;                  /* what its sender told of it, or NULL */
    struct buf text, thumb;
};

/* On a worker's thread: the step that u->step names. error is set. */
void upload_work(uv_work_t *work);
#endif
