/* poll.h: session.poll, the carrier of entries where WebSockets are blocked: a request that is held until there is
 * something to tell. Inner header of wire: loop thread only.
 * A held request is a subscriber of the fan-out like a socket, so who may see what is decided in the same place; but it
 * fetches what waits instead of being sent it, when its answer is made. */
#ifndef BZ_WIRE_POLL_H
#define BZ_WIRE_POLL_H
#include "wire/exchange.h"

struct poll;

void act_poll(struct call *c, const struct session_args *args);
void poll_free(struct poll *p);            /* the client is gone; its call is not answered */
void poll_hurry(struct poll *p);           /* answered in the next turn, with what there is */
void polls_end_others(struct wire *w, bz_id member, const unsigned char hash[TOKEN_HASH_BYTES]);   /* busy: they ask again */
void polls_end(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES]);   /* refused: the session was closed */
/* Refuses all that the member holds. */
void polls_bar(struct wire *w, bz_id member, const struct bz_error *why);
void polls_expire(struct wire *w, int64_t now_ms);
#endif
