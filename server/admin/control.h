/* control.h: the command line's way to a running daemon: DIR/control.sock, mode 0600, the same user only.
 * One line of JSON asks {"command", "args"}, one line answers {"code", "text", "site"}. */
#ifndef BZ_ADMIN_CONTROL_H
#define BZ_ADMIN_CONTROL_H
#include "admin/operation.h"
#include "engine/readers.h"
#include "engine/writer.h"

#define CONTROL_BYTES 32768      /* one line, either way */
#define CONTROL_CONNECTIONS 16

/* ---- The daemon's side: loop thread only. */
struct control;
struct control_config {
    uv_loop_t *loop;
    const char *dir;             /* data folder; its lock is ours, so an old socket in it is dead */
    struct writer *writer;
    struct readers *readers;
    const struct hubs *hubs;
    const struct env *env;
    struct log *log;
};
enum bz_err control_start(const struct control_config *config, struct control **ret, struct bz_error *e);
/* Where sign-in links lead from now on: what people type, or where the daemon listens. Copied. */
void control_site(struct control *c, const char *site);
/* Closes all; commands under way still end in the writer. Before writer_stop and readers_stop. NULL is fine. */
void control_stop(struct control *c);
/* After the loop has ended. */
void control_free(struct control *c);

/* ---- The command line's side: blocking. */
struct answer { enum bz_err code; char text[OPERATION_ARG_BYTES + 256], site[1100]; };
/* NOT_FOUND: no daemon listens there. FORBIDDEN: it belongs to another user. Else the answer is in *ret. */
enum bz_err control_ask(const char *dir, const struct operation *op, struct answer *ret, struct bz_error *e);
#endif
