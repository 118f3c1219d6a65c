/* file.h: what the carriers of files ask: who speaks, and what of theirs an upload or a file is. Loop thread only. */
#ifndef BZ_WIRE_FILE_H
#define BZ_WIRE_FILE_H
#include "wire/wire.h"

enum file_kind {
    FILE_OPEN,                     /* an upload begins: name, bytes; the answer has its id */
    FILE_FIND,                     /* an upload of theirs */
    FILE_DROP,                     /* it ends */
    FILE_EXPORT,                   /* everything about them, as they asked for it last: the hash is its name in DIR/export */
    FILE_GET,                      /* a file of a post that they may see: post and place */
};
struct file_ask {
    enum file_kind kind;
    struct span token;
    struct span upload, name;      /* UPLOAD_CHARS of hexadecimal */
    struct span metadata;          /* FILE_OPEN: kept for who asks by FILE_FIND; may be absent */
    int64_t bytes;
    struct span post;              /* as on the wire */
    int64_t n;
    bool is_again;                 /* it was allowed, and goes on: is it still? Does not count against what one may ask */
};
struct file_answer {               /* borrowed during the call */
    struct bz_error error;         /* code BZ_OK: the rest is set */
    char upload[UPLOAD_CHARS + 1];
    struct upload_seen seen;       /* FILE_FIND */
    struct file_row file;          /* FILE_GET */
};
typedef void (*file_done)(void *ctx, const struct file_answer *answer);   /* exactly once, maybe before the call returns */
struct file_call;
/* A handle for wire_file_cancel, or NULL once done was called. What ask points to is not needed after the call. */
struct file_call *wire_file(struct wire *w, const struct file_ask *ask, file_done done, void *ctx);
/* All bytes of an upload are there, on the disk, and looked at: it may be shared. As above. */
struct file_call *wire_file_complete(struct wire *w, bz_id member, struct span upload, const struct blob *blob, file_done done,
                                     void *ctx);
void wire_file_cancel(struct file_call *call);
#endif
