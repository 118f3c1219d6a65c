/* allowance.h: how much mail anybody's wishes may bring to others in a time, whatever becomes of what it carried: each mail counts
 * for as long as its allowance says, and then no more. Personal, never an entry. Writer thread, inside a transaction. */
#ifndef BZ_STORE_ALLOWANCE_H
#define BZ_STORE_ALLOWANCE_H
#include "store/db.h"

#define ALLOWANCE_HOUR ((int64_t)3600 * 1000)
#define ALLOWANCE_DAY  (24 * ALLOWANCE_HOUR)

/* (name, its number in the database, how often, in how long)
 * Codes by mail: what strangers ask for an address is counted apart from what is asked in a browser where its owner signed in before,
 * so no stranger uses up a member's; and that of one network apart, so no single one uses up what all strangers share. Whoever's the
 * address is, if anybody's: from what is left nobody can tell.
 * Guessing: a code is one of 1,000,000 and has 5 tries, and one that was not mailed lets nobody in. Strangers, from however many networks:
 * 24 codes a day, 120 tries, 1 in 8,333; even odds after 5,776 days of 24 mails each to the one who is meant. One network alone:
 * 10 codes, 50 tries, 1 in 20,000. Whoever holds a known browser's mark, too: as many as all strangers, once more. In the worst hour:
 * 12 + 24 codes, 180 tries, 1 in 5,555. An address gets 48 codes a day at most, and 24 at the wish of strangers. */
#define ALLOWANCES(X)                                                                                                \
    /* Invitations by mail, made one by one, of a member. */                                                         \
    X(INVITE_MEMBER, 0, 200, ALLOWANCE_DAY)                                                                          \
    /* Those of lists, of a member. */                                                                               \
    X(INVITE_LIST, 1, 5000, ALLOWANCE_DAY)                                                                           \
    /* Invitations to an address, whoever makes them. */                                                             \
    X(INVITE_ADDRESS, 2, 3, ALLOWANCE_DAY)                                                                           \
    /* Codes to an address, asked in one browser where its owner signed in; in all of those. */                      \
    X(CODE_BROWSER, 3, CODES_HOUR, ALLOWANCE_HOUR)                                                                   \
    X(CODE_BROWSERS, 4, CODES_DAY, ALLOWANCE_DAY)                                                                    \
    /* Asked in others: in one network, in an hour and in a day; in all. */                                          \
    X(CODE_NETWORK, 5, CODES_HOUR, ALLOWANCE_HOUR)                                                                   \
    X(CODE_NETWORK_DAY, 6, CODES_DAY_NETWORK, ALLOWANCE_DAY)                                                         \
    X(CODE_STRANGERS, 7, CODES_HOUR_STRANGERS, ALLOWANCE_HOUR)                                                       \
    X(CODE_STRANGERS_DAY, 8, CODES_DAY, ALLOWANCE_DAY)                                                               \
    /* Asked in one network, to all addresses: more than a training in one building needs. */                        \
    X(CODE_FROM, 9, 200, ALLOWANCE_HOUR)                                                                             \
    /* By who asks to join, in all. */                                                                               \
    X(CODE_JOIN, 10, 60, ALLOWANCE_HOUR)                                                                             \
    /* With an invitation: four for each place that it has left, and ten; not more than this. */                     \
    X(CODE_INVITATION, 11, 300, ALLOWANCE_DAY)                                                                       \
    /* By a member, for addresses that they add. */                                                                  \
    X(CODE_OWN, 12, CODES_HOUR_OWN, ALLOWANCE_HOUR)                                                                  \
    X(CODE_OWN_DAY, 13, 20, ALLOWANCE_DAY)

#define CODES_HOUR 5
#define CODES_HOUR_STRANGERS 12
#define CODES_DAY 24
#define CODES_DAY_NETWORK 10
#define CODES_HOUR_OWN 10

enum allowance {
#define ALLOWANCE_E(name, number, most, ms) ALLOWANCE_##name = number,
    ALLOWANCES(ALLOWANCE_E)
#undef ALLOWANCE_E
};

/* Which one: of an address (absent: of none), of a member (0: of none), of something else that has a number (0: of none).
 * most: less than the list says; 0: as it says. */
struct allowed { enum allowance allowance; struct span key; bz_id member; int64_t who, most; };

/* ret: how much is left now, 0 or more. */
enum bz_err allowance_left(struct db *db, const struct allowed *a, int64_t now_ms, int64_t *ret, struct bz_error *e);
enum bz_err allowance_spend(struct db *db, const struct allowed *a, int64_t now_ms, struct bz_error *e);
#endif
