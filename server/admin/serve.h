/* serve.h: the daemon: checks, wiring, draining. */
#ifndef BZ_ADMIN_SERVE_H
#define BZ_ADMIN_SERVE_H
#include "admin/config.h"

/* Serves until SIGTERM or SIGINT. Returns the exit status; what went wrong was said on stderr. */
int serve(const struct config *config);

/* sysexits for the command line: 64 usage, 65 refused, 73 cannot be created, 74 I/O, 75 try again, 77 not yours, 78 settings. */
int exit_status(enum bz_err code);
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));   /* returns status */

/* 0, or the exit status when dir holds no hub that this user may serve; `remedy` was said. */
int folder_check(const char *dir);
/* Another process has the folder: the one refusal that goes away by itself. */
bool folder_is_locked(const char *dir);
/* The exit status of a failed engine_open. */
int open_failed(const char *dir, const struct bz_error *e);
#endif
