/* blob.h: the bytes of shared files, in a folder beside the database: DIR/files/ab/abcd…, by the hash of their content, so that
 * the same bytes are there once; and DIR/files/part/ID, an upload that is under way. No SQL.
 * A file that has its name is whole and on the disk. Functions are safe on any thread; naming and removing are the
 * writer's alone, so that nothing is removed while it gets a name. */
#ifndef BZ_STORE_BLOB_H
#define BZ_STORE_BLOB_H
#include "base/err.h"
#include "base/span.h"

#define BLOB_NAME_CHARS 64
#define BLOB_PATH_BYTES 4096

/* Makes the folders. STORE with the path and why. */
enum bz_err blob_folder(const char *dir, struct bz_error *e);
/* The path of a file, of its thumbnail, of an upload. name: BLOB_NAME_CHARS of hexadecimal. */
void blob_path(const char *dir, struct span name, char ret[BLOB_PATH_BYTES]);
void blob_thumb_path(const char *dir, struct span name, char ret[BLOB_PATH_BYTES]);
void blob_part_path(const char *dir, struct span upload, char ret[BLOB_PATH_BYTES]);
void blob_part_thumb_path(const char *dir, struct span upload, char ret[BLOB_PATH_BYTES]);

/* A complete upload, already on the disk, gets its name and so does its thumbnail, if there is one; folders are synced. It is no
 * error that the bytes were there before. STORAGE_FULL, STORE. */
enum bz_err blob_name(const char *dir, struct span upload, struct span name, struct bz_error *e);
void blob_remove(const char *dir, struct span name);          /* with its thumbnail; nothing there: fine */
void blob_part_remove(const char *dir, struct span upload);

/* The visit tells whether the file is to stay: (ctx, its name, seconds since it was last changed). One folder a call, 0 to
 * BLOB_FOLDERS: that of parts is the last. */
#define BLOB_FOLDERS 256
void blob_sweep(const char *dir, int folder, bool (*keeps)(void *ctx, struct span name, int64_t age_s), void *ctx);

/* While somebody holds the folder, nothing that has a name is removed from it, by any process: what a snapshot that was taken
 * meanwhile names stays. *ret: what to close in the end; -1: there is no folder. STORE. */
enum bz_err blob_hold(const char *dir, int *ret, struct bz_error *e);
/* To remove something: what to close in the end; -1: it is held. Never waits. */
int blob_hold_alone(const char *dir);

/* Bytes that may still be stored: free space of the disk beyond a tenth of it. */
int64_t blob_space(const char *dir);
#endif
