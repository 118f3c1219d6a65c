/* proposal.h: acts of moderation that wait for a second moderator, and whether there is one. Writer thread. */
#ifndef BZ_STORE_PROPOSAL_H
#define BZ_STORE_PROPOSAL_H
#include "base/arena.h"
#include "domain/facts.h"
#include "store/db.h"

/* Sets has_second and proposals for a move of so many posts that it would wait for a second moderator: somebody else who
 * moderates both rooms, whom nothing holds, and who has a session or a link to come in with. Else they stay as they are. */
enum bz_err proposal_second(struct db *db, const struct command *cmd, struct facts *facts, struct bz_error *e);

/* For report.decide of such an act: the command that it is, with the facts of now for who proposed it and for the actor,
 * all in the arena. NULL stays where the matter is none. */
enum bz_err proposal_load(struct db *db, const struct command *cmd, struct arena *arena, struct facts *facts,
                          struct bz_error *e);
#endif
