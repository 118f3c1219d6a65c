#include "net/peers.h"

#include <stdlib.h>

struct peer {
    struct peer *next;
    uint64_t address;
    unsigned count;
};

static struct peer **chain_of(struct peers *p, uint64_t address)
{
    return &p->chain[address * 0x9e3779b97f4a7c15u >> 54];
}

struct peer *peers_join(struct peers *p, uint64_t address, unsigned most)
{
    struct peer **chain = chain_of(p, address), *peer = *chain;
    while (peer != NULL && peer->address != address)
        peer = peer->next;
    if (most == 0 || (peer != NULL && peer->count >= most))
        return NULL;
    if (peer == NULL) {
        peer = malloc(sizeof *peer);
        if (peer == NULL)
            return NULL;
        *peer = (struct peer){ *chain, address, 0 };
        *chain = peer;
    }
    peer->count++;
    return peer;
}

void peers_leave(struct peers *p, struct peer *peer)
{
    if (peer == NULL || --peer->count > 0)
        return;
    struct peer **at = chain_of(p, peer->address);
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    free(peer);
}
