/* send.h: one mail handed to a mail server (SMTP), by a worker (child.h) that looks the server up, locks itself in and may then do
 * nothing but connect. What it answers is not trusted: send_read holds it to its ranges. Thread: the loop's. */
#ifndef BZ_WORK_SEND_H
#define BZ_WORK_SEND_H
#include <stdbool.h>
#include <uv.h>

#include "base/buf.h"
#include "base/err.h"

#define MAIL_WORKER "--mail-worker"   /* the hidden first argument */

enum send_end {
    SEND_TAKEN,      /* the server has it */
    SEND_REFUSED,    /* it does not take it, now or later (5xx, of the address or the mail) */
    SEND_FAILED,     /* not now: no connection, no TLS, no login, 4xx */
};
/* brief: what happened, for the log: neither an address nor the server's words. why: the same with what the server said, but no
 * address. Lines of ASCII; both empty when it was taken. */
struct sent { enum send_end end; struct span brief, why; };

enum send_tls { SEND_TLS_REQUIRED, SEND_TLS_OPPORTUNISTIC, SEND_TLS_NONE };   /* of smtp://; smtps:// has it always */

struct send_server {
    const char *url;               /* smtp://host:port, smtps://host:port */
    const char *user, *password;   /* "": none */
    const char *ca;                /* file of certificates, or "": those of the system */
    enum send_tls tls;
};

/* sent and its spans live until it returns. */
typedef void send_done(void *ctx, const struct sent *sent);

struct send;
/* mail: as letter_write makes it. hello: how we name ourselves, a host's name. done is called once, from the loop, never from within;
 * after send_stop not at all: then nobody knows whether it was taken. */
enum bz_err send_start(uv_loop_t *loop, const struct send_server *server, const char *hello, struct span from, struct span to,
                       struct span mail, send_done *done, void *ctx, struct send **ret, struct bz_error *e);
void send_stop(struct send *s);   /* ends its worker, for which the loop must still run. NULL is fine */

bool send_is_url(const char *text);        /* smtp://host:port or smtps://host:port; the port may be left out */
bool send_is_loopback(const char *url);    /* the server is this machine, by its name or address */

void send_write(struct buf *b, const struct sent *sent);
bool send_read(struct span record, struct sent *ret);   /* borrows from record; false: it is not in order */

/* What the worker gets. */
#define SEND_FIELDS 8
enum { SEND_URL, SEND_USER, SEND_PASSWORD, SEND_CA, SEND_HELLO, SEND_FROM, SEND_TO, SEND_MAIL };
void send_put(struct buf *b, struct span field);
bool send_take(struct span order, enum send_tls *ret_tls, struct span ret[SEND_FIELDS]);

/* The worker. Returns the exit status. */
int send_worker(int argc, char **argv);
#endif
