/* request.h: who asks to join, and lists of people to invite. Personal: tables of their own, never entries, left alone by a rebuild.
 * Writer thread, inside a transaction, except where a function says otherwise. */
#ifndef BZ_STORE_REQUEST_H
#define BZ_STORE_REQUEST_H
#include "domain/facts.h"
#include "store/db.h"

#define REQUEST_OPEN_MS ((int64_t)365 * 24 * 3600 * 1000)   /* when nobody decides */

/* request.create: of who shows that the address is theirs (ticket and code, as of a sign-in). One address has one that is open: the
 * last. Beyond BZ_LIMIT_REQUESTS_OPEN nothing is kept, and the answer is the same. UNAUTHENTICATED: wrong code.
 * command.email: an invented one of the demo, which is shown by nobody and written to by nobody. */
enum bz_err request_create(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e);
/* command.request; id 0: there is none. */
enum bz_err request_facts(struct db *db, const struct command *cmd, struct arena *arena, struct request_facts *ret, struct bz_error *e);
/* It is decided as the command says, for this organisation: an invitation and a mail, or a mail. What is refused (RATE_LIMITED: too
 * much mail waits; CONFLICT: too many invitations are open) has written nothing. */
enum bz_err request_decided(struct db *db, const struct command *cmd, const struct facts *facts, bz_id org, struct bz_error *e);
/* What waits too long goes; what was decided has its time in the settings (retention.h). */
enum bz_err request_tend(struct db *db, int64_t now_ms, struct bz_error *e);

/* invite.bulk. ret: what becomes of each row, as JSON: {line, state, email?, name?, column?, why?}; dry: nothing is written.
 * INVALID: no list. RATE_LIMITED, CONFLICT: none of it can be done. */
enum bz_err bulk_invite(struct db *db, const struct command *cmd, const struct facts *facts, struct arena *arena, int64_t now_ms,
                        struct span *ret, struct bz_error *e);

/* ---- Any thread with a reading connection. */

struct viewer;
struct request_row {
    int64_t id, at_ms, decided_ms;
    bz_id region, decided_by, org_id, member;      /* org_id: what it was approved for; member: who has the address */
    struct span key, name, title, kind, org, country, city, langs, lang, website, text, reason;
    bool is_approved;
};
typedef void (*request_visit)(void *ctx, const struct request_row *row);
/* Of the regions that the viewer administers (of none: of the hub's admins): those that wait, the oldest first, or were decided, the
 * newest first, at most 100, behind the request `next` if it is not 0. FORBIDDEN: they administer nothing. */
enum bz_err query_requests(struct db *db, struct viewer v, bool decided, int64_t next, request_visit visit, void *ctx,
                           struct bz_error *e);
#endif
