/* entry.h: one decided change. Whoever makes an entry owns the bytes that it borrows (usually an arena). */
#ifndef BZ_DOMAIN_ENTRY_H
#define BZ_DOMAIN_ENTRY_H
#include "baraza/kinds.h"
#include "base/id.h"

#define ENTRY_ERASED ",\"erased\":true"

struct entry {
    unsigned hub;          /* index, 0 is this hub */
    int64_t seq;           /* from 1, no gaps in a hub */
    int64_t at_ms;
    bz_id actor;           /* 0: the hub itself */
    enum entry_kind kind;
    bz_id room;            /* the chain it belongs to; 0: the hub's own chain */
    bz_id thread;          /* or 0 */
    bz_id subject;         /* what it is about; for a creation the id of the created thing */
    struct span cid;       /* absent when it came from no client command, or is not the command's first entry */
    struct span body;      /* a JSON object, canonical; absent: erased */
};

const char *entry_kind_wire(enum entry_kind kind);
bool entry_kind_is_known(int kind);
bool entry_kind_has_room(enum entry_kind kind);      /* is `room` written on the wire? */
bool entry_kind_has_thread(enum entry_kind kind);
/* Moderation is told to all in the name of the role; who did it is told to admins and to whom it concerns. */
bool entry_is_for_moderators(const struct entry *entry);   /* of its room: reports, and what becomes of them */
/* What was imposed on a member, or lifted: for them and who moderates there (of no room: in the hub). */
bool entry_is_of_member(const struct entry *entry);
bool entry_acts_in_role(const struct entry *entry);
const char *entry_kind_subject(enum entry_kind kind);   /* wire member that names the subject, or "" */

/* Writes an entry as it is on the wire, the members of an object without its braces: first what every entry has (`by` is
 * null for an act in a role, unless the person is named), then the body's, or that it was erased. */
void entry_put_head(const struct entry *entry, const struct hubs *hubs, bool names_person, struct buf *ret);
void entry_put_body(const struct entry *entry, struct buf *ret);

/* The chain's hash input, the same on every machine:
 * for hub code, seq, at_ms, kind, actor, room, thread, subject, cid: decimal or text, each closed by '\n'
 * (ids in wire form, "" for none). The journal hashes previous hash, this, and BLAKE2b(body). */
void entry_canonical(const struct entry *entry, const struct hubs *hubs, struct buf *ret);
#endif
