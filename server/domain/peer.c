#include "domain/peer.h"

static const struct { const char *wire; int64_t weight, most; } table[PEER_SIGNS] = {
#define ROW(name, wire, weight, most) { wire, weight, most },
    BZ_PEER_SIGNS(ROW)
#undef ROW
};

static int64_t at_most(int64_t n, int64_t most) { return n < most ? n : most; }

const char *peer_sign_wire(enum peer_sign sign) { return table[sign].wire; }

int64_t peer_score(const struct peer_signs *signs)
{
    int64_t sum = 0;
    for (int i = 0; i < PEER_SIGNS; i++)
        sum += table[i].weight * at_most(signs->count[i], table[i].most);
    return sum;
}

bool peer_is_of_matter(const struct peer_signs *signs)
{
    for (int i = 0; i < PEER_SIGNS_OF_MATTER; i++)
        if (signs->count[i] > 0)
            return true;
    return signs->count[PEER_CITY] > 0;
}

int64_t peer_city_score(int64_t best, int64_t people)
{
    return best + PEER_CITY_OTHER * at_most(people - 1, PEER_CITY_OTHERS_MOST);
}
