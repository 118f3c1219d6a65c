/* link.h: which links are to be asked, and what came of it: the hub's own work, beside what its entries tell. */
#ifndef BZ_STORE_LINK_H
#define BZ_STORE_LINK_H
#include "base/arena.h"
#include "domain/command.h"
#include "domain/facts.h"
#include "store/db.h"

/* One that is to be asked. is_known: an answer of late that may be told here, found as in link_found, and nobody is asked. */
struct due_link { bz_id post; struct span url; bool is_check, is_known, is_alive; struct span title, about, lang; };

/* At most limit: half of them what became due last, first, so that new posts do not wait; and half what is due longest, so that
 * nothing waits for ever; borrowed until visit returns. Only where the room lets it, and of no hidden post.
 * Reader thread. */
enum bz_err link_due(struct db *db, int64_t now_ms, int limit, void (*visit)(void *ctx, const struct due_link *link), void *ctx,
                     struct bz_error *e);

/* Of link.tell alone. Writer thread, in the command's transaction. */
enum bz_err link_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e);
/* It was carried out: when it is to be asked again. */
enum bz_err link_asked(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e);
#endif
