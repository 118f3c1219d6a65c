/* peer.h: who is a good one to ask, and why: what speaks for somebody, and what each of it weighs. Pure. */
#ifndef BZ_DOMAIN_PEER_H
#define BZ_DOMAIN_PEER_H
#include <stdbool.h>
#include <stdint.h>

/* The one table of weights: a score is the sum of each sign's weight times how often it is there, counted to `most`.
 * The first six are about the matter itself: without one of them, or the city that was asked for, nobody is proposed.
 *    name       wire          weight  most */
#define BZ_PEER_SIGNS(X)                                                                          \
    X(CAN_THEME, "can_theme",  40, 2)   /* themes that they say they can help with */             \
    X(CAN,       "can",        15, 3)   /* words of the question in what they can help with */    \
    X(ACCEPTED,  "accepted",   30, 3)   /* answers that were accepted in threads about it */      \
    X(POSTS,     "posts",       4, 5)   /* what else they wrote in those */                       \
    X(RESOURCES, "resources",  15, 2)   /* resources about it that they shared */                 \
    X(THEME,     "theme",      20, 2)   /* themes that they work on */                            \
    X(CITY,      "city",       25, 1)   /* works in the city that was asked for */                \
    X(SIZE,      "size",       12, 1)   /* their city is of the size of one's own */              \
    X(LANGUAGE,  "language",   10, 1)   /* shares a language */                                   \
    X(REGION,    "region",      5, 1)   /* is of the same region */
#define PEER_SIGNS_OF_MATTER 6

/* A city's score: that of its best member, and for each of a few others a little more. */
#define PEER_CITY_OTHER 5
#define PEER_CITY_OTHERS_MOST 4

enum peer_sign {
#define BZ_PEER_SIGN_E(name, wire, weight, most) PEER_##name,
    BZ_PEER_SIGNS(BZ_PEER_SIGN_E)
#undef BZ_PEER_SIGN_E
    PEER_SIGNS
};
struct peer_signs { int64_t count[PEER_SIGNS]; };

const char *peer_sign_wire(enum peer_sign sign);
int64_t peer_score(const struct peer_signs *signs);
bool peer_is_of_matter(const struct peer_signs *signs);        /* also if it is only the city */
int64_t peer_city_score(int64_t best, int64_t people);          /* people: of that city, the best one too */
#endif
