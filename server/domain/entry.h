/* entry.h: one decided change. Whoever makes an entry owns the bytes that it borrows (usually an arena). */
#ifndef BZ_DOMAIN_ENTRY_H
#define BZ_DOMAIN_ENTRY_H
#include "baraza/kinds.h"
#include "base/id.h"

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
/* Moderation is told to all in the name of the role; who did it stands in the journal alone. */
bool entry_kind_acts_in_role(enum entry_kind kind);
const char *entry_kind_subject(enum entry_kind kind);   /* wire member that names the subject, or "" */

/* The chain's hash input, the same on every machine:
 * for hub code, seq, at_ms, kind, actor, room, thread, subject, cid: decimal or text, each closed by '\n'
 * (ids in wire form, "" for none). The journal hashes previous hash, this, and BLAKE2b(body). */
void entry_canonical(const struct entry *entry, const struct hubs *hubs, struct buf *ret);
#endif
