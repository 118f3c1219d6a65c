/* look.h: what a shared file is, found out by a worker that may crash.
 * A worker is this program again, as a process of its own with nothing but the file and a pipe: no environment, no other
 * descriptor, 512 MiB, 5 s of processor time, and system calls that neither open, connect nor run anything (jail.h). What it
 * answers is not trusted: record.h holds each value to its range. Thread: the loop's. */
#ifndef BZ_WORK_LOOK_H
#define BZ_WORK_LOOK_H
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/env.h"
#include "base/err.h"
#include "base/log.h"

#define LOOK_WORKER "--look-worker"   /* the hidden first argument; main() hands over before everything else */

/* Found in the content, never in a name. Only what is shown inline is an image, and only when it really decoded: a page, a
 * script, a drawing in XML or a file that is two things at once is BYTES.
 *    type       media type                   inline? */
#define LOOK_TYPES(X)                                                                                     \
    X(BYTES,     "application/octet-stream",   0)                                                         \
    X(PNG,       "image/png",                  1)                                                         \
    X(JPEG,      "image/jpeg",                 1)                                                         \
    X(GIF,       "image/gif",                  1)                                                         \
    X(WEBP,      "image/webp",                 1)                                                         \
    X(TIFF,      "image/tiff",                 0)                                                         \
    X(HEIC,      "image/heic",                 0)                                                         \
    X(PDF,       "application/pdf",            0)                                                         \
    X(DOCX,      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",   0)          \
    X(XLSX,      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",         0)          \
    X(PPTX,      "application/vnd.openxmlformats-officedocument.presentationml.presentation", 0)          \
    X(ODT,       "application/vnd.oasis.opendocument.text",         0)                                    \
    X(ODS,       "application/vnd.oasis.opendocument.spreadsheet",  0)                                    \
    X(ODP,       "application/vnd.oasis.opendocument.presentation", 0)                                    \
    X(DOC,       "application/msword",         0)                                                         \
    X(XLS,       "application/vnd.ms-excel",   0)                                                         \
    X(PPT,       "application/vnd.ms-powerpoint", 0)                                                      \
    X(RTF,       "application/rtf",            0)                                                         \
    X(EPUB,      "application/epub+zip",       0)                                                         \
    X(TEXT,      "text/plain",                 0)                                                         \
    X(CSV,       "text/csv",                   0)                                                         \
    X(ZIP,       "application/zip",            0)                                                         \
    X(GZIP,      "application/gzip",           0)                                                         \
    X(MP4,       "video/mp4",                  0)                                                         \
    X(WEBM,      "video/webm",                 0)                                                         \
    X(MOV,       "video/quicktime",            0)                                                         \
    X(MP3,       "audio/mpeg",                 0)                                                         \
    X(M4A,       "audio/mp4",                  0)                                                         \
    X(OGG,       "audio/ogg",                  0)                                                         \
    X(WAV,       "audio/wav",                  0)                                                         \
    X(PDF_ACTIVE, "application/x-pdf",         0)   /* a PDF with scripts, or one that could not be looked through for them */

enum look_type {
#define LOOK_TYPE_E(name, media, is_inline) LOOK_##name,
    LOOK_TYPES(LOOK_TYPE_E)
#undef LOOK_TYPE_E
    LOOK_TYPE_COUNT
};

#define LOOK_PLACEHOLDER_BYTES 32

struct look {
    enum look_type type;
    const char *media_type;
    bool is_image;              /* one that may be shown inline; the next four only then, else 0 and empty */
    uint32_t width, height;     /* pixels as shown, after the turn that a camera notes in a JPEG */
    /* 16 average colours, 4 rows of 4 from the top left, each 16 bits with the high byte first: 5 of red, 6 of green, 5 of
     * blue. Drawn as 4 x 4 pixels stretched smoothly over the picture's place, it stands there until the picture arrives. */
    uint8_t placeholder[LOOK_PLACEHOLDER_BYTES];
    struct span thumb;          /* WebP without metadata, longer side at most LOOK_THUMB_SIDE; a smaller picture is not grown */
    struct span text;           /* UTF-8 with no controls but \n and \t; empty when there is none */
};

/* What stands for a file of which nothing is known: octet-stream, no image, no text. */
extern const struct look look_plain;

/* look and its spans live until it returns. NULL: the pool was stopped first. */
typedef void look_done(void *ctx, const struct look *look);

struct look_pool;
struct look_config {
    uv_loop_t *loop;
    struct log *log;            /* may be NULL */
    const struct env *env;
    uint32_t deadline_ms;       /* LOOK_DEADLINE_MS; a worker that takes longer is killed */
};
enum bz_err look_pool_new(const struct look_config *config, struct look_pool **ret, struct bz_error *e);
/* Kills the workers and calls what waits with NULL. Frees itself on the loop, which must still run once. NULL is fine. */
void look_pool_stop(struct look_pool *pool);

/* Looks into the complete file behind the descriptor, which is read only and is closed here, on failure too. done is called
 * once, from the loop, never from within: with look_plain when the worker crashes, hangs or answers nonsense.
 * BUSY: LOOK_QUEUE files wait already. */
enum bz_err look_start(struct look_pool *pool, int take_fd, look_done *done, void *ctx, struct bz_error *e);

/* The worker: never returns to the caller's work. Descriptor 1 is the pipe, 3 the file. Returns the exit status. */
int look_worker(int argc, char **argv);
#endif
