/* library.h: what the library knows when a command about it is decided. Writer thread, inside a transaction. */
#ifndef BZ_STORE_LIBRARY_H
#define BZ_STORE_LIBRARY_H
#include "domain/command.h"
#include "domain/facts.h"
#include "store/db.h"

/* What the command's fields and themes meet, into facts that know its thread already. */
enum bz_err library_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e);
#endif
