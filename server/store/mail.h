/* mail.h: mail on its way out: what is to be sent, to whom, and when it is tried again. Personal, never an entry.
 * A row stays until it was sent or given up, so what was put is sent at least once, always with the same Message-ID. */
#ifndef BZ_STORE_MAIL_H
#define BZ_STORE_MAIL_H
#include "base/arena.h"
#include "domain/command.h"
#include "domain/mail.h"
#include "store/db.h"

#define MAIL_ID_BYTES 16

struct mail_new {
    enum mail_kind kind;
    bz_id member;              /* whose address it is; 0: of no member (yet) */
    struct span to_address;    /* as it is kept: ASCII, one @. Absent: nobody. It costs the same, and is dropped unsent afterwards */
    struct span lang;          /* en, fr, es, pt, also pt-BR and the like; others and absent: en */
    struct mail_args args;     /* those of the kind */
    int64_t expires_ms;        /* given up then; 0: a code after 10 minutes, all else after 3 days */
};
/* Inside the open transaction; sent once that is on the disk. INVALID: the address or an argument cannot stand in a mail.
 * RATE_LIMITED: too much waits. Put it before a command's other writes: those of one that is refused are not taken back.
 * Writer thread. */
enum bz_err mail_put(struct db *db, const struct mail_new *mail, struct bz_error *e);
int64_t mails_put(const struct db *db);   /* of those put in the last transaction */

/* mail.done, mail.failed: of one that is gone meanwhile, nothing. Writer thread, inside a transaction. */
enum bz_err mail_apply(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e);

/* When it is tried again after a try, the tries-th (1: the first), failed now; 0: given up. */
int64_t mail_again_ms(int64_t tries, int64_t now_ms, int64_t expires_ms);

/* One that is due; borrowed until visit returns. */
struct mail_due {
    int64_t id;
    unsigned char message[MAIL_ID_BYTES];    /* random: its Message-ID */
    enum mail_kind kind;
    struct span to_address;                  /* absent: nobody */
    struct span name;                        /* the member's, or absent */
    struct span lang;
    struct mail_args args;
    int64_t at_ms, tries, expires_ms;
};
struct mail_queue { int64_t depth, next_ms; };   /* next_ms: when the next is due; INT64_MAX: none waits */
/* The one to send next, if any is due, codes first; and what waits. Reader thread. */
enum bz_err mail_next(struct db *db, int64_t now_ms, void (*visit)(void *ctx, const struct mail_due *mail), void *ctx,
                      struct mail_queue *ret, struct bz_error *e);

/* Members whose address refused several mails in a row: they cannot sign in by mail. why: what their server said, for people. */
#define MAIL_TROUBLE_REFUSED 3
struct mail_trouble { bz_id member; int64_t refused, at_ms; struct span why; };
/* The newest first. Reader thread. */
enum bz_err mail_trouble(struct db *db, int64_t limit, void (*visit)(void *ctx, const struct mail_trouble *t), void *ctx,
                         struct bz_error *e);
#endif
