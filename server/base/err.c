#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 0)))
static void fill(struct bz_error *e, enum bz_err code, const char *field, const char *format, va_list args)
{
    if (e == NULL)
        return;
    memset(e, 0, sizeof *e);
    e->code = code;
    (void)snprintf(e->field, sizeof e->field, "%s", field);
    (void)vsnprintf(e->text, sizeof e->text, format, args);
}

enum bz_err bz_fail(struct bz_error *e, enum bz_err code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(e, code, "", format, args);
    va_end(args);
    return code;
}

enum bz_err bz_invalid(struct bz_error *e, const char *field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(e, BZ_ERR_INVALID, field, format, args);
    va_end(args);
    return BZ_ERR_INVALID;
}

static const struct { const char *wire; int http, rpc; } rows[] = {
    [BZ_OK] = { "ok", 200, 0 },
#define ROW(name, http, wire, rpc, retry) [BZ_ERR_##name] = { wire, http, rpc },
    BZ_ERRORS(ROW)
#undef ROW
};

const char *bz_err_wire(enum bz_err code) { return rows[code].wire; }
int bz_err_http(enum bz_err code) { return rows[code].http; }
int bz_err_rpc(enum bz_err code) { return rows[code].rpc; }
