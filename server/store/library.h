/* library.h: what the library knows when a command about it is decided. Writer thread, inside a transaction. */
#ifndef BZ_STORE_LIBRARY_H
#define BZ_STORE_LIBRARY_H
#include "domain/command.h"
#include "domain/facts.h"
#include "store/db.h"

/* command.collection; id 0: there is none. */
enum bz_err library_collection(struct db *db, const struct command *cmd, struct arena *arena, struct collection_facts *ret,
                               struct bz_error *e);
/* The command as its words are to be looked at: with the name and alt of a file that is shared again. */
enum bz_err library_said(struct db *db, const struct command *cmd, struct arena *arena, struct command *ret, struct bz_error *e);

/* What the command's fields and themes meet, into facts that know its thread already. */
enum bz_err library_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e);
#endif
