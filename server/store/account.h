/* account.h: how people come in: addresses, codes by mail, invitations, and the sessions that come of them. Tables
 * of their own: no entries, never sent to a peer, left alone by a rebuild. What people hold (tickets, codes, tokens) is known by its
 * hash alone. Writer thread, inside a transaction, except where a function says otherwise. */
#ifndef BZ_STORE_ACCOUNT_H
#define BZ_STORE_ACCOUNT_H
#include "domain/command.h"
#include "store/attempt.h"

#define SESSION_IDLE_MS ((int64_t)30 * 24 * 3600 * 1000)

struct session_new { bz_id member; enum session_kind kind; bool is_strong; struct span device; };
/* cmd->new_secret: its token's hash, cmd->expires_ms: when it ends. NOT_FOUND: there is no such member. */
enum bz_err session_add(struct db *db, const struct command *cmd, const struct session_new *s, int64_t now_ms, struct bz_error *e);

struct invitation {
    bz_id by, org, region, room;
    bool is_delegate;
    enum role role;
    struct span key, lang;
    int64_t uses, expires_ms;
    struct span said;                  /* of a list of people: JSON of what it says of them; or absent */
};
#define LIST_INVITATIONS_MAX 5000          /* open ones of one member, lists of people included */
/* CONFLICT: so many more of a list would be too many. */
enum bz_err invitations_fit(struct db *db, bz_id by, int64_t count, int64_t now_ms, struct bz_error *e);
/* hash: of its code. */
enum bz_err invitation_add(struct db *db, const unsigned char hash[SECRET_BYTES], const struct invitation *i, int64_t now_ms,
                           struct bz_error *e);

/* session.code, .enter, .end, .seen, address.* (address.put: the operator vouches for it), invite.create, invite.drop,
 * token.create, token.issue, token.drop.
 * ret: what became of it. */
struct account_outcome {
    bz_id member;                      /* signed in, or whose session ended */
    bool needs_second;                 /* session.enter: the ticket goes on, with a second factor */
    bool may_link, may_join;           /* oidc.enter: the ticket goes on, to be linked, or to an invitation */
    bool ends_all;                     /* session.end: all others of that member */
    unsigned char ended[SECRET_BYTES]; /* token.drop: what ended */
};
enum bz_err account_apply(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                          struct bz_error *e);

/* invite.take, before it is decided: whose invitation it is, and for what, as parts of the command: actor, region, room, role, member
 * (who has that address already) and a handle. UNAUTHENTICATED: not this code. NOT_FOUND: the invitation is over. */
enum bz_err account_invited(struct db *db, struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e);
enum bz_err invitation_over(struct bz_error *e);   /* the one sentence for all reasons */
/* And once it was: their address, their session. */
enum bz_err account_came(struct db *db, const struct command *cmd, bz_id member, int64_t now_ms, struct account_outcome *ret,
                         struct bz_error *e);
/* A first factor was shown: their session (cmd->new_secret), or where a second one is to come the ticket for it (cmd->secret, which goes on
 * if it is one already). */
enum bz_err account_let_in(struct db *db, const struct command *cmd, bz_id member, enum session_kind how, int64_t now_ms,
                           struct account_outcome *ret, struct bz_error *e);
/* member.add with an address. CONFLICT: it is somebody else's. */
enum bz_err address_add(struct db *db, struct span key, bz_id member, int64_t now_ms, struct bz_error *e);

/* ---- Any thread with a reading connection. */

struct session_row { struct span name, device; enum session_kind kind; int64_t created_ms, seen_ms, expires_ms; bool is_strong, is_own; };
typedef void (*session_visit)(void *ctx, const struct session_row *row);
/* Where a member is signed in, the newest first; tokens of programs are none of it. hash: of the session that asks. */
enum bz_err query_sessions(struct db *db, bz_id member, const unsigned char hash[SECRET_BYTES], int64_t now_ms, session_visit visit,
                           void *ctx, struct bz_error *e);
struct token_row { struct span name, device, rooms; unsigned scopes; int64_t created_ms, seen_ms, expires_ms; };   /* rooms: JSON */
typedef void (*token_visit)(void *ctx, const struct token_row *row);
/* Of programs that act for a member, the newest first; scopes 0: of the operator. seen_ms 0: it was not used yet. */
enum bz_err query_tokens(struct db *db, bz_id member, int64_t now_ms, token_visit visit, void *ctx, struct bz_error *e);
typedef void (*address_visit)(void *ctx, struct span key, int64_t at_ms);
enum bz_err query_addresses(struct db *db, bz_id member, address_visit visit, void *ctx, struct bz_error *e);

struct invitation_row {
    bool is_delegate;
    struct span name, key, lang, org_name, room_name, region_name, by_name, said;
    bz_id by, org, region, room;
    enum role role;
    int64_t uses, used, at_ms, expires_ms;
};
typedef void (*invitation_visit)(void *ctx, const struct invitation_row *row);
/* Of this member; with everyone's of all. The newest first, 200 at most, behind the one of the name `next` if there is one. */
enum bz_err query_invitations(struct db *db, bz_id member, bool everyones, struct span next, invitation_visit visit, void *ctx,
                              struct bz_error *e);
/* What it invites to. NOT_FOUND, the same for all reasons: unknown, used up, over, taken back. */
enum bz_err query_invitation(struct db *db, const unsigned char hash[SECRET_BYTES], int64_t now_ms, invitation_visit visit, void *ctx,
                             struct bz_error *e);
#endif
