/* secret_file.h: a secret that stands in a file of its own, in one line, which others may not open. */
#ifndef BZ_ADMIN_SECRET_FILE_H
#define BZ_ADMIN_SECRET_FILE_H
#include <stddef.h>

#include "base/err.h"

/* ret: bytes, NUL-terminated. setting: named in the sentence. INVALID: it is missing, open to others or in no order. */
enum bz_err secret_file_read(const char *path, const char *setting, char *ret, size_t bytes, struct bz_error *e);
/* INVALID, with the words for errno: a file that a setting names cannot be opened. */
enum bz_err file_missing(const char *setting, const char *path, struct bz_error *e);
#endif
