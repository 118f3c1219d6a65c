/* retention.h: how long what is personal is kept when nobody needs it any more. Writer thread, inside a transaction. */
#ifndef BZ_STORE_RETENTION_H
#define BZ_STORE_RETENTION_H
#include "store/db.h"

/* (name, word of the settings and the wire, days by default, what goes: ?1 is the day before which). Some hundred rows at a time. */
#define BZ_KEEPS(X)                                                                                                  \
    /* Where somebody is signed in, since they were last there; it ends by itself after a year in any case. */       \
    X(SESSIONS, "sessions", 180, "DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE kind <> 2"       \
                                 " AND max(seen_ms, created_ms) < ?1 LIMIT 500)")                                    \
    /* What was being written, since it last came: by the hub's clock, not by its writer's. */                       \
    X(DRAFTS, "drafts", 365, "DELETE FROM draft WHERE (member, place) IN (SELECT member, place FROM draft WHERE kept_ms < ?1 LIMIT 500)") \
    /* Invitations, since they could last be used. */                                                                \
    X(INVITATIONS, "invitations", 90, "DELETE FROM invitation WHERE hash IN (SELECT hash FROM invitation WHERE expires_ms < ?1 LIMIT 500)") \
    /* Requests to join, since they were decided. */                                                                 \
    X(REQUESTS, "requests", 90, "DELETE FROM join_request WHERE id IN (SELECT id FROM join_request WHERE decided_ms < ?1 LIMIT 500)") \
    /* That an address refused mail, since it last did. */                                                           \
    X(MAIL, "mail", 90, "DELETE FROM mail_trouble WHERE member IN (SELECT member FROM mail_trouble WHERE at_ms < ?1 LIMIT 500)")

enum keep_kind {
#define BZ_KEEP_E(name, word, days, sql) KEEP_##name,
    BZ_KEEPS(BZ_KEEP_E)
#undef BZ_KEEP_E
    KEEP_COUNT
};
struct keep_days { int64_t days[KEEP_COUNT]; };   /* 0: for ever */
extern const char *const keep_words[KEEP_COUNT];

enum bz_err retention_tend(struct db *db, const struct keep_days *keep, int64_t now_ms, struct bz_error *e);
#endif
