/* decide.h: facts and a command in, entries out. Pure: no clock, no random, no SQL, no socket. */
#ifndef BZ_DOMAIN_DECIDE_H
#define BZ_DOMAIN_DECIDE_H
#include "base/arena.h"
#include "base/err.h"
#include "domain/facts.h"

#define DECISION_ENTRIES 6

struct decision {
    size_t count;                            /* 0: nothing changes (joined already, same title, same reaction) */
    struct entry entries[DECISION_ENTRIES];  /* seq = facts->next_seq + index; the first bears the cid */
    bz_id id;                                /* the created thing, or 0; erase.step: whose, where there was something to do */
    bz_id extra;                             /* thread.create: its first post; room.create, direct.open: its lobby */
    bz_id third;                             /* direct.open: the post */
};

/* Checks policy, then rules; fills *ret with entries whose bodies lie in the arena. Only for journalled kinds.
 * hub.init makes: hub, region (slug of cmd->slug or "general"), room `general` with its lobby, member `admin`. */
enum bz_err decide(const struct facts *facts, const struct command *cmd, struct arena *arena,
                   struct decision *ret, struct bz_error *e);
#endif
