/* direct.h: conversations of two, as a command finds them. Inside the writer's transaction. */
#ifndef BZ_STORE_DIRECT_H
#define BZ_STORE_DIRECT_H
#include "domain/facts.h"
#include "store/db.h"

/* The room of the two, or 0. */
enum bz_err direct_room(struct db *db, bz_id one, bz_id other, bz_id *ret, struct bz_error *e);
/* Of direct.open, and of what is written in a room of two; member, room and to_thread are loaded. */
enum bz_err direct_load(struct db *db, const struct command *cmd, struct facts *ret, struct bz_error *e);
#endif
