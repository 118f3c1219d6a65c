/* profile.h: inside the store only. What members say of themselves, and the one rule of who sees it. */
#ifndef BZ_STORE_PROFILE_H
#define BZ_STORE_PROFILE_H
#include "domain/facts.h"
#include "store/db.h"

/* Who shares a room with ?1: neither a conversation of two nor a room that ?1 is suspended from counts. */
#define NEAR_VIEWER                                                                                                  \
    "(SELECT nb.member FROM membership AS na CROSS JOIN room AS nr ON nr.id = na.room CROSS JOIN membership AS nb"   \
    " ON nb.room = na.room WHERE na.member = ?1 AND nr.access < 3 AND NOT " IS_SUSPENDED("nr", "?1") ")"
#define REGION_OF_VIEWER "(SELECT vr.region FROM member AS vr WHERE vr.id = ?1)"

/* May a viewer see field row `f`? own, near, same: expressions: it is theirs, they share a room, they are of one region. Every
 * read of profile_field and of its keys, what it finds, counts and ranks included, goes through this. */
#define SHOWN(f, own, near, same)                                                                                    \
    "(" f ".value IS NOT NULL AND (" own " OR " f ".shown = 3 OR (" f ".shown = 2 AND " same ") OR (" f ".shown = 1 AND " near ")))"
#define SHOWN_TO_VIEWER(f, m) SHOWN(f, m ".id = ?1", m ".id IN " NEAR_VIEWER, m ".region = " REGION_OF_VIEWER)

/* In force now: out of the hub until it ends, or for good. */
#define IS_OUT(m, acts)                                                                                              \
    "EXISTS (SELECT 1 FROM sanction AS so WHERE so.member = " m ".id AND so.scope = 0 AND so.act >= " acts           \
    " AND " IN_FORCE("so", "now_ms()") ")"
#define IS_BANNED(m) IS_OUT(m, "4")
#define IS_LISTED(m) "(" m ".erased_ms IS NULL AND NOT " IS_BANNED(m) ")"

#define PROFILE_OF(m)                                                                                                \
    "(SELECT json_group_object(profile_field(pf.field), CASE WHEN pf.field IN (2, 3, 5) THEN json(pf.value) ELSE pf.value END)" \
    " FROM profile_field AS pf WHERE pf.member = " m ".id AND NOT " IS_BANNED(m) " AND " SHOWN_TO_VIEWER("pf", m) ")"

/* What all see of a member, for member.set. */
enum bz_err profile_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e);
/* profile.set. FORBIDDEN: who is silenced in the hub writes nothing that others see. INVALID: a theme that is not there. */
enum bz_err profile_apply(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e);
#endif
