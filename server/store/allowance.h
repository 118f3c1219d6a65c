/* allowance.h: how much mail anybody's wishes may bring to others in a time, whatever becomes of what it carried: each mail counts
 * for as long as its allowance says, and then no more. Personal, never an entry. Writer thread, inside a transaction. */
#ifndef BZ_STORE_ALLOWANCE_H
#define BZ_STORE_ALLOWANCE_H
#include "store/db.h"

#define ALLOWANCE_DAY ((int64_t)24 * 3600 * 1000)

/* (name, how often, in how long) */
#define ALLOWANCES(X)                                                                                                \
    /* Invitations by mail, made one by one, of a member. */                                                         \
    X(INVITE_MEMBER, 200, ALLOWANCE_DAY)                                                                                    \
    /* Those of lists, of a member. */                                                                               \
    X(INVITE_LIST, 5000, ALLOWANCE_DAY)                                                                                     \
    /* Invitations to an address, whoever makes them. */                                                             \
    X(INVITE_ADDRESS, 3, ALLOWANCE_DAY)

enum allowance {
#define ALLOWANCE_E(name, most, ms) ALLOWANCE_##name,
    ALLOWANCES(ALLOWANCE_E)
#undef ALLOWANCE_E
    ALLOWANCE_COUNT
};

/* Which one: of an address (absent: of none), of a member (0: of none), of something else that has a number (0: of none). */
struct allowed { enum allowance allowance; struct span key; bz_id member; int64_t who; };

/* ret: how much is left now, 0 or more. */
enum bz_err allowance_left(struct db *db, const struct allowed *a, int64_t now_ms, int64_t *ret, struct bz_error *e);
enum bz_err allowance_spend(struct db *db, const struct allowed *a, int64_t now_ms, struct bz_error *e);
#endif
