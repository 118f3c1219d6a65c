/* factor.h: what people sign in with: passkeys, authenticator apps with recovery codes, passwords. Tables of their own: no entries,
 * never sent to a peer, left alone by a rebuild. Writer thread, inside a transaction, except where a function says otherwise. */
#ifndef BZ_STORE_FACTOR_H
#define BZ_STORE_FACTOR_H
#include "domain/mail.h"
#include "store/account.h"

enum factor_kind { FACTOR_PASSKEY = 1, FACTOR_TOTP = 2, FACTOR_PASSWORD = 3, FACTOR_RECOVERY = 4 };

#define FACTOR_TRIES 10                /* wrong ones in an hour, of an account and kind: then none is right for the rest of it */
#define FACTOR_TRIES_MS (60 * 60 * 1000)

/* session.second, factor.drop, passkey.*, totp.*, recovery.renew, password.*. Whatever is wrong with who comes in is told by the one
 * sentence of attempt_refuse. CONFLICT, FORBIDDEN, INVALID, NOT_FOUND, SECOND: to who is signed in.
 * Of who is signed in, cmd->secret is their session and cmd->ticket a ticket of theirs; of who comes in, cmd->secret is the ticket. */
enum bz_err factor_apply(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                         struct bz_error *e);

/* Told by mail, to their oldest address, where they have one: MAIL_FACTOR_ADDED, MAIL_FACTOR_REMOVED, MAIL_PASSWORD_CHANGED or
 * MAIL_TOKEN_MADE. Errors as of mail_put: before the command's other writes. */
enum bz_err factor_tell(struct db *db, bz_id member, enum mail_kind mail, struct span what, struct arena *arena, struct bz_error *e);

/* What this member showed does not suffice: a second factor is to come. */
enum bz_err factor_wants_second(struct db *db, bz_id member, bool *ret, struct bz_error *e);

/* ---- Any thread with a reading connection. */

struct factor_row { int64_t id; enum factor_kind kind; struct span name; int64_t at_ms, used_ms; };
typedef void (*factor_visit)(void *ctx, const struct factor_row *row);
/* Those of a member, the oldest first, but for recovery codes: they are counted. */
enum bz_err query_factors(struct db *db, bz_id member, factor_visit visit, void *ctx, int64_t *ret_recovery, struct bz_error *e);
typedef void (*credential_visit)(void *ctx, struct span id);
enum bz_err query_credentials(struct db *db, bz_id member, credential_visit visit, void *ctx, struct bz_error *e);

/* Whose password is to be checked. Spans borrow from the arena. */
struct password_row { bz_id member; struct span handle, email, stored; };
/* By an address (member is 0 where nobody has it) or, without one, of the member. stored is absent where there is no password. */
enum bz_err query_password(struct db *db, struct span email, bz_id member, struct arena *arena, struct password_row *ret,
                           struct bz_error *e);
#endif
