/* id.h: `<hub>-<n>` on the wire, one 64-bit integer inside: hub index << 40 | n. Hub 0 is this hub. */
#ifndef BZ_BASE_ID_H
#define BZ_BASE_ID_H
#include <stdint.h>

#include "base/buf.h"

typedef int64_t bz_id;   /* 0: none. Positive, as SQLite's rowid */

#define BZ_HUB_CODE 16
#define BZ_HUBS_MAX 64
#define BZ_ID_TEXT (BZ_HUB_CODE + 16)
#define BZ_ID_SEQ_BITS 40

struct hubs {                                /* immutable once shared between threads */
    unsigned count;
    char code[BZ_HUBS_MAX][BZ_HUB_CODE + 1]; /* [0] is this hub; [a-z][a-z0-9]{1,15} */
};

/* By unsigned numbers: a record that somebody changed may name any hub. */
static inline bz_id id_make(unsigned hub, int64_t seq) { return (bz_id)((uint64_t)hub << BZ_ID_SEQ_BITS | (uint64_t)seq); }
static inline unsigned id_hub(bz_id id) { return (unsigned)(id >> BZ_ID_SEQ_BITS); }
static inline int64_t id_seq(bz_id id) { return id & (((int64_t)1 << BZ_ID_SEQ_BITS) - 1); }

size_t id_format(const struct hubs *hubs, bz_id id, char ret[BZ_ID_TEXT]);   /* NUL-terminated; the length */
bool id_parse(const struct hubs *hubs, struct span text, bz_id *ret);        /* canonical form only: no leading zero */
bool hub_code_valid(struct span text);
void json_put_id(struct buf *b, const struct hubs *hubs, const char *name, bz_id id);   /* 0 is null */
#endif
