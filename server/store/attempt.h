/* attempt.h: sign-ins that are not finished, each known by the hash of the ticket that its browser holds. A table of its own, as
 * account.h has it. Writer thread, inside a transaction. */
#ifndef BZ_STORE_ATTEMPT_H
#define BZ_STORE_ATTEMPT_H
#include "domain/command.h"
#include "store/db.h"

enum session_kind { SESSION_LINK = 1, SESSION_TOKEN = 2, SESSION_CODE = 3, SESSION_PASSKEY = 4, SESSION_PASSWORD = 5, SESSION_OIDC = 6 };
enum attempt_kind { ATTEMPT_CODE = 1, ATTEMPT_PASSKEY = 2, ATTEMPT_SECOND = 3, ATTEMPT_OIDC = 4, ATTEMPT_PASSKEY_NEW = 5,
                    ATTEMPT_TOTP_NEW = 6, ATTEMPT_OIDC_ASKED = 7, ATTEMPT_OIDC_KNOWN = 8 };

#define ATTEMPT_TRIES 5
#define ATTEMPT_MS    (10 * 60 * 1000)
#define ATTEMPTS_KEPT_MS (60 * 60 * 1000)   /* for the desk to count; then, or when room is needed, they go */
#define ATTEMPTS_MAX  50000                 /* in all; more: RATE_LIMITED. 84 networks at 60 a minute each, in ATTEMPT_MS */
#define ATTEMPT_SILENT "silent"             /* the data of a code that was mailed to nobody: it opens nothing */

/* A sign-in that is not finished. Spans: of the caller's arena. */
struct attempt {
    enum attempt_kind kind;
    enum session_kind how;             /* ATTEMPT_SECOND: what was shown first */
    bz_id member;                      /* 0: nobody; to its holder it looks like any other */
    struct span key, data;             /* or absent */
    unsigned char code[SECRET_BYTES];
    bool has_code;
    int64_t lasts_ms;                  /* to attempt_add; 0: ATTEMPT_MS */
};

/* ticket: its hash. RATE_LIMITED: too many sign-ins are under way in all. */
enum bz_err attempt_add(struct db *db, const unsigned char ticket[SECRET_BYTES], const struct attempt *a, int64_t now_ms,
                        struct bz_error *e);
/* Takes one of its tries, and says what it is. UNAUTHENTICATED, the same for all reasons: there is none of this kind with that
 * ticket, it is over, or its tries are. */
enum bz_err attempt_take(struct db *db, const unsigned char ticket[SECRET_BYTES], enum attempt_kind kind, struct arena *arena,
                         int64_t now_ms, struct attempt *ret, struct bz_error *e);
/* That of an address, if cmd->code_hash is of the digits that were sent there. UNAUTHENTICATED as above. */
enum bz_err attempt_code(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct attempt *ret,
                         struct bz_error *e);
/* A first factor was shown (how, whose): the ticket, if there is one, goes on, for a second one. */
enum bz_err attempt_pass(struct db *db, const unsigned char ticket[SECRET_BYTES], enum session_kind how, bz_id member,
                         struct bz_error *e);
enum bz_err attempt_end(struct db *db, const unsigned char ticket[SECRET_BYTES], struct bz_error *e);   /* it succeeded */
enum bz_err attempt_end_seconds(struct db *db, bz_id member, struct bz_error *e);   /* of theirs, those that wait for a second factor */
/* The sentence that refuses, whatever was wrong. */
enum bz_err attempt_refuse(struct bz_error *e);
#endif
