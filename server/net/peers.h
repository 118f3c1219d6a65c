/* peers.h: how many connections each address has, so that no one address holds all places. Memory for as many addresses
 * as have a connection. Pure. */
#ifndef BZ_NET_PEERS_H
#define BZ_NET_PEERS_H
#include <stdint.h>

#define PEER_CHAINS 1024

struct peer;                      /* one address with at least one connection */
struct peers {
    struct peer *chain[PEER_CHAINS];
};

/* One connection more; to be given to peers_leave. NULL: the address has `most` already, or memory is out. */
struct peer *peers_join(struct peers *p, uint64_t address, unsigned most);
void peers_leave(struct peers *p, struct peer *peer);   /* NULL is fine */
#endif
