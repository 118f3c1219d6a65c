/* desk.h: requests to join and lists of people: what they need beside a command. Inner header of wire: loop thread only. */
#ifndef BZ_WIRE_DESK_H
#define BZ_WIRE_DESK_H
#include "store/query.h"
#include "wire/exchange.h"

enum kept_only desk_only(struct span word);   /* KEPT_ALL: not one of the words */

bool prepare_request(struct call *c, struct job *job);     /* RATE_LIMITED: too many of this address */
void answer_request(struct call *c, const struct outcome *o);
bool prepare_decide(struct call *c, struct job *job);      /* the code of an invitation, for the mail alone */
bool prepare_bulk(struct call *c, struct job *job);
void answer_bulk(struct call *c, const struct outcome *o);
#endif
