/* oidc.h: sign-ins by accounts elsewhere (OpenID Connect), and whose those are. An account elsewhere is known by its issuer and subject
 * alone; an e-mail address never links one by itself, nor does a member without an address that their provider says is theirs. Tables
 * of their own: no entries, never sent to a peer, left alone by a rebuild.
 * Writer thread, inside a transaction, except where a function says otherwise. */
#ifndef BZ_STORE_OIDC_H
#define BZ_STORE_OIDC_H
#include "store/account.h"

/* oidc.begin: a ticket, of this provider and issuer; of who is signed in also theirs alone.
 * oidc.take: its code is about to be shown to the provider, once and never again. UNAUTHENTICATED, the same for all reasons: another
 * provider's, another member's, over, or taken before.
 * oidc.enter: cmd->oidc says who the provider says it is, cmd->email the address that it says is theirs, if any. The ticket of what was
 * taken goes on where ret says may_link or may_join; else there is a session, or a second factor is to come. FORBIDDEN: to who is signed
 * in, and has no such address here.
 * oidc.link: what may be linked is, while that address is still theirs. oidc.unlink: it is no more. CONFLICT: it is somebody's already;
 * too many; the last way in. */
enum bz_err oidc_apply(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                       struct bz_error *e);

/* invite.take by such a ticket instead of a code: cmd->oidc and cmd->email as they were shown. */
enum bz_err oidc_invited(struct db *db, struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e);
enum bz_err oidc_link_add(struct db *db, const struct oidc_ask *who, bz_id member, int64_t now_ms, struct bz_error *e);

/* ---- Any thread with a reading connection. */

struct oidc_row { int64_t id; struct span issuer; int64_t at_ms, used_ms; };
typedef void (*oidc_visit)(void *ctx, const struct oidc_row *row);
enum bz_err query_oidc_links(struct db *db, bz_id member, oidc_visit visit, void *ctx, struct bz_error *e);
#endif
