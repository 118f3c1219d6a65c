/* err.h: one enum of errors and one sentence for people. */
#ifndef BZ_BASE_ERR_H
#define BZ_BASE_ERR_H
#include <stdint.h>

#include "baraza/errors.h"

#define BZ_ERROR_TEXT 200

struct bz_error {
    enum bz_err code;
    char field[32];            /* the parameter at fault, or "" */
    uint32_t retry_after_ms;   /* 0: not stated */
    char request[17];          /* hex: where the log tells more, or "" */
    char word[81];             /* blocked: the word that is not wanted, or "" */
    char text[BZ_ERROR_TEXT];  /* for people, never parsed; holds no SQL, path or version */
};

/* Fills e (may be NULL) and returns code, so that a function ends with `return bz_fail(...)`. */
enum bz_err bz_fail(struct bz_error *e, enum bz_err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a wrong parameter: INVALID with the field named. */
enum bz_err bz_invalid(struct bz_error *e, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *bz_err_wire(enum bz_err code);   /* "not_found" */
int bz_err_http(enum bz_err code);           /* 404 */
int bz_err_rpc(enum bz_err code);            /* -32003 */
#endif
