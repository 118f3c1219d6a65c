/* errors.h: every error that crosses a layer or the wire, once. proto/errors.json is held to this list by a test. */
#ifndef BARAZA_ERRORS_H
#define BARAZA_ERRORS_H

/*      name             http  wire code          json-rpc  may the client retry as is? */
#define BZ_ERRORS(X)                                         \
    X(PARSE,             400, "parse_error",     -32700, 0)  \
    X(REQUEST,           400, "invalid_request", -32600, 0)  \
    X(METHOD,            404, "unknown_method",  -32601, 0)  \
    X(INVALID,           400, "invalid",         -32602, 0)  \
    X(UNAUTHENTICATED,   401, "unauthenticated", -32001, 0)  \
    X(FORBIDDEN,         403, "forbidden",       -32002, 0)  \
    X(NOT_FOUND,         404, "not_found",       -32003, 0)  \
    X(CONFLICT,          409, "conflict",        -32004, 0)  \
    X(TOO_LARGE,         413, "too_large",       -32005, 0)  \
    X(RATE_LIMITED,      429, "rate_limited",    -32006, 1)  \
    X(BUSY,              503, "unavailable",     -32007, 1)  \
    X(STORAGE_FULL,      507, "storage_full",    -32008, 1)  \
    X(DEADLINE,          503, "deadline",        -32009, 1)  \
    X(SLOW,              429, "slow_mode",       -32010, 0)  \
    X(BLOCKED,           403, "blocked",         -32011, 0)  \
    X(SECOND,            403, "second_factor",   -32012, 0)  \
    X(STORE,             500, "internal",        -32603, 0)

enum bz_err {
    BZ_OK = 0,
#define BZ_ERR_ENUM(name, http, wire, rpc, retry) BZ_ERR_##name,
    BZ_ERRORS(BZ_ERR_ENUM)
#undef BZ_ERR_ENUM
};

#endif
