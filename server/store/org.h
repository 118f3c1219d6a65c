/* org.h: what is known of an organisation when a command about it is decided. Writer thread, inside a transaction. */
#ifndef BZ_STORE_ORG_H
#define BZ_STORE_ORG_H
#include "domain/command.h"
#include "domain/facts.h"
#include "store/db.h"

/* command.organisation, and command.member or command.members in it; id 0: there is none. */
enum bz_err org_facts(struct db *db, const struct command *cmd, struct arena *arena, struct org_facts *ret, struct bz_error *e);
/* Whether one of that country has this name, whatever its accents and case. */
enum bz_err org_is_there(struct db *db, struct span name, struct span country, bool *ret, struct bz_error *e);
#endif
