/* fanout_in.h: what the files of fanout share. Loop thread only. */
#ifndef BZ_FANOUT_FANOUT_IN_H
#define BZ_FANOUT_FANOUT_IN_H
#include "base/limits.h"
#include "base/map.h"
#include "domain/kinds.h"
#include "domain/policy.h"
#include "fanout/fanout.h"

/* ---- ring.c: the newest entries, encoded once. Slot of seq = seq % cap. */
#define HUB_MODERATORS INT64_MIN
struct slot {
    bz_id room;                /* negative: for those alone who moderate that room */
    bz_id member;              /* for them, too, or 0 */
    bz_id post;                /* whose words the entry bears, or 0 */
    bz_id by;                  /* whose entry it is; of a member themself: them */
    bool is_profile;           /* it tells who they are */
    bz_id thread;              /* of which the entry tells something, or 0 */
    bz_id other;               /* to which posts of `thread` were moved since, or 0 */
    struct span frame;         /* a whole WebSocket frame, owned by the ring */
    uint32_t head_len;         /* of its text, up to where the body begins */
};
struct ring {
    struct slot *slots;
    size_t cap, bytes;
    int64_t first, next;       /* seqs held: [first, next) */
};
bool ring_init(struct ring *r, size_t cap, int64_t head);
void ring_done(struct ring *r);
void ring_put(struct ring *r, const struct slot *take_slot);   /* frame: malloc'ed; becomes seq `next` */
void ring_erase(struct ring *r, bz_id post);                   /* takes out the bodies that bear its words */
/* Somebody left: takes out the bodies of their entries, or of those alone that tell who they are. */
void ring_erase_by(struct ring *r, bz_id member, bool profile_only);
/* Posts of one thread stand in another now: their entries are of both from here on. */
void ring_moved(struct ring *r, bz_id from, bz_id to);
/* The thread stands in this room now: takes out the bodies of its entries in others, of all or of reports alone. */
void ring_erase_moved(struct ring *r, bz_id thread, bz_id room, bool reports_only);
const struct slot *ring_at(const struct ring *r, int64_t seq);

/* ---- audience.c: who may read which room, as of the newest published entry. */
struct room {
    bz_id id, region;
    enum access access;
    struct subscriber **subs;       /* who watches it */
    struct subscriber **listeners;  /* whose member joined it but who does not watch it: counted signals */
    size_t subs_count, subs_cap, listeners_count, listeners_cap;
    int64_t new_posts, last_seq;    /* since the last tick */
    bz_id named[BZ_LIMIT_MENTIONS_MAX];
    size_t named_count;
    int64_t online;                 /* as last told */
    bool is_online_changed;
};
/* Silenced, suspended or banned: in a room or region, or 0: the hub. until_ms: INT64_MAX: no end. */
struct held { bz_id id, scope; enum sanction act; int64_t until_ms; };
struct given { bz_id scope; enum role role; };   /* for a region or a room */
struct member {
    bz_id id;
    const struct fanout *f;
    enum role role;                 /* in the whole hub */
    struct given *given;
    size_t given_count, given_cap;
    struct held *held;
    size_t held_count, held_cap;
    bz_id *joined;
    size_t joined_count, joined_cap;
    struct subscriber *subs;        /* list by next_of_member */
    uint64_t stamp;                 /* of the last presence count that met this member */
};

enum sub_state {
    SUB_SILENT,      /* hello is not answered yet */
    SUB_LIVE,        /* level with `flushed`; the line is free */
    SUB_BLOCKED,     /* the line is full; cursor says where it stopped */
    SUB_READING,     /* a page of the journal is being read for it */
    SUB_DROPPED
};
struct seat { struct room *room; uint32_t index; bool is_listener; };   /* its place in room->subs or ->listeners */
struct subscriber {
    struct fanout *f;
    struct member *member;
    const struct subscriber_ops *ops;
    void *conn;
    struct subscriber *next, *prev, *next_of_member;
    struct query *reading;          /* under way in a reader, or NULL */
    struct seat *seats;
    struct id_list *within;         /* a token that is bound to rooms: nothing of others, nor of the hub or its owner; or NULL */
    bool is_plain;                  /* hears nothing of reports */
    bz_id *watch;                   /* explicit list, or NULL: every readable room */
    uint32_t seats_count, seats_cap, watch_count;
    uint32_t rights;                /* counts changes of what it may read */
    enum sub_state state;
    bool is_full;                   /* its line is, and stays open: nothing is sent until it is drained */
    bool is_counted;                /* the missed entries were counted (once per catch-up) */
    int64_t cursor;                 /* has everything up to here; not kept up while LIVE */
    uint64_t mask;                  /* rooms of the chunk being flushed */
};

/* Saved searches that notify: those who are here, and how far a round has come. */
struct news {
    struct query *query;            /* under way in a reader, or NULL */
    bz_id *members;
    size_t count, cap, next;        /* next: whom to look for next */
    int64_t from, upto;             /* what was written after `from` is looked through; a round begun later goes on from upto */
    bool has_posts;                 /* something was written since the round began */
};

struct fanout {
    struct fanout_config config;
    struct ring ring;
    struct map rooms, members;
    uint64_t erasures;              /* counts redactions and moves: a page of the journal read before one is not sent after it */
    struct subscriber *subs;        /* all, a list */
    int64_t flushed;                /* every LIVE subscriber has everything up to here */
    struct subscriber **touched;
    size_t touched_count, touched_cap;
    struct buf scratch;
    uint64_t stamp, ticks;
    int64_t release_ms;             /* when the next of what holds members ends; INT64_MAX: none does */
    struct room **busy;             /* rooms with new posts since the last tick */
    size_t busy_count, busy_cap;
    struct news news;
};

struct room *audience_room(struct fanout *f, bz_id id);        /* NULL: unknown */
struct member *audience_member(struct fanout *f, bz_id id);    /* made as a guest when unknown */
bool audience_moderates(const struct member *m, const struct room *room);   /* and may read it */
bool audience_moderates_hub(const struct member *m);
/* The heaviest of what holds them there (room NULL: in the hub), or SANCTION_NONE. */
enum sanction audience_held(const struct fanout *f, const struct member *m, const struct room *room);
void audience_release(struct fanout *f);   /* of what has ended; on the tick */
bool audience_can_read(const struct member *m, const struct room *room);
/* What one entry changes in who may read what; called after (leave) or before (else) it is flushed. */
bool body_word(struct span body, const char *name, struct span *ret);   /* the value of a member that is a plain word */
void audience_apply(struct fanout *f, const struct entry *entry);
bool audience_changes(const struct entry *entry);
bool audience_loses(struct fanout *f, const struct entry *entry);   /* it takes rights away */
/* What waits for lines that fetch: they get it while they may. */
void audience_fetch_all(struct fanout *f);
/* Takes or leaves the seat that the subscriber should have in this room now. */
void audience_seat(struct subscriber *s, struct room *room);
void audience_seat_all(struct subscriber *s);
void audience_unseat_all(struct subscriber *s);
void audience_done(struct fanout *f);
bool subscriber_watches(const struct subscriber *s, const struct room *room);   /* and may read it */
bool subscriber_reads(const struct subscriber *s, const struct room *room);
bool subscriber_moderates(const struct subscriber *s, const struct room *room);   /* NULL: the hub */

/* ---- catchup.c: from a cursor to LIVE, out of the ring or the journal. */
void catchup_go(struct subscriber *s);      /* sends what it can, unless a page is being read or it was dropped */
/* Sends and notes when the line is full; false: it is. */
bool subscriber_send(struct subscriber *s, struct span frames);

/* ---- signal.c */
void signal_publish(struct fanout *f, const struct commit *commit);
void signal_ask(struct fanout *f, const struct entry *entry);   /* to who asked: it waits, or somebody answered */
void signal_note_post(struct fanout *f, const struct entry *entry);
void signal_news(struct fanout *f, bz_id member, struct span id, int64_t fresh);

/* ---- news.c */
void news_tick(struct fanout *f);
void news_end(struct fanout *f);
bool signal_notify(struct subscriber *s, struct span params_json, const char *method);   /* false: the line is full */

struct span frame_text(struct span frame);     /* what frame_wrap was given */
struct span frame_erased(struct span head);    /* a malloc'ed frame of an entry whose text begins so, without its body */
size_t frame_mentions(struct span body, const struct hubs *hubs, bz_id ret[BZ_LIMIT_MENTIONS_MAX]);
/* Grows an array by one place when it is full. */
void *array_grow(void *at, size_t count, size_t *cap, size_t item_bytes);
#endif
