/* json_out.h: writes JSON into a buf. It only writes: reading JSON is wire's, with jansson, or SQLite's.
 * The output is canonical for a given order of calls (no spaces, UTF-8 kept, control characters and U+2028/9 escaped). */
#ifndef BZ_BASE_JSON_OUT_H
#define BZ_BASE_JSON_OUT_H
#include "base/buf.h"

/* Commas are put by looking at the byte before: after '{', '[' or ':' none. A name is written with its comma and colon. */
void json_open(struct buf *b, char bracket);              /* '{' or '[' as a value */
void json_close(struct buf *b, char bracket);             /* '}' or ']' */
void json_name(struct buf *b, const char *name);          /* ,"name": */
void json_text(struct buf *b, struct span s);             /* a string value; absent is null */
void json_int(struct buf *b, int64_t n);
void json_bool(struct buf *b, bool is_true);
void json_nil(struct buf *b);              /* not json_null: jansson has a function of that name */
void json_raw(struct buf *b, struct span json);           /* a value that is JSON already; absent is null */
/* Name and value in one call; *_opt writes nothing when absent. */
void json_put_text(struct buf *b, const char *name, struct span s);
void json_put_text_opt(struct buf *b, const char *name, struct span s);
void json_put_int(struct buf *b, const char *name, int64_t n);
void json_put_bool(struct buf *b, const char *name, bool is_true);
void json_put_raw(struct buf *b, const char *name, struct span json);
#endif
