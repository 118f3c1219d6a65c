/* fanout.h: committed entries to connections. A ring of encoded frames; a subscriber holds a cursor, not a queue.
 * A subscriber who is behind the ring (or was away) is fed from the journal by the same cursor until it is level.
 * Loop thread only. */
#ifndef BZ_FANOUT_FANOUT_H
#define BZ_FANOUT_FANOUT_H
#include "engine/readers.h"
#include "engine/writer.h"

struct fanout;
struct subscriber;

struct subscriber_ops {
    /* Ready-made WebSocket frames (RFC 6455, server side, unmasked), whole ones. false: the line took them but is
     * now full: nothing more may be sent until subscriber_drained is called. */
    bool (*send)(void *conn, struct span frames);
    void (*drop)(void *conn);      /* cannot be served any more (close 1013); called once */
    /* Both NULL for a line that stays open. With wake, it comes and goes with each request: entries are not sent to it
     * but wait, and it is told so; subscriber_drained then sends them, a bounded part at a time. Such a one is neither
     * counted as present nor told of presence. level: it has everything there is. Neither may free the subscriber. */
    void (*wake)(void *conn);
    void (*level)(void *conn);
};

struct fanout_config {
    struct readers *readers;
    const struct hubs *hubs;
    const struct env *env;
    struct stats *stats;
    size_t ring_entries;           /* 0: RING_ENTRIES */
};
enum bz_err fanout_new(const struct fanout_config *config, struct fanout **ret, struct bz_error *e);
void fanout_free(struct fanout *f);
/* Fills rooms, members and who is in which room from the database, before the first commit. db: any connection. */
enum bz_err fanout_load(struct fanout *f, struct db *db, struct bz_error *e);

/* A commit, in order. Rights change exactly at the entry that changes them. Nothing is sent yet. */
void fanout_publish(struct fanout *f, const struct commit *commit);
/* End of the loop turn: sends what waits to everyone whose line is free. */
void fanout_flush(struct fanout *f);
/* Once a second: coalesced room signals, presence. */
void fanout_tick(struct fanout *f);

/* cursor: < 0: from now on. watch NULL: every room the member may read. INVALID: cursor beyond the head.
 * conn is handed to ops and never looked into. The subscriber is silent until subscriber_start. */
enum bz_err subscriber_new(struct fanout *f, struct viewer viewer, const bz_id *watch, size_t watch_count,
                           int64_t cursor, const struct subscriber_ops *ops, void *conn, struct subscriber **ret,
                           struct bz_error *e);
/* Of a token, before it starts: nothing outside of these rooms (NULL: all) is for it; is_plain: reports neither. */
void subscriber_bind(struct subscriber *s, const struct id_list *within, bool is_plain);
void subscriber_start(struct subscriber *s);          /* after hello's answer was sent */
void subscriber_watch(struct subscriber *s, const bz_id *rooms, size_t count);
void subscriber_block(struct subscriber *s);          /* something else filled the line: as if send had said so */
void subscriber_drained(struct subscriber *s);        /* the line is free again */
bool subscriber_is_reading(const struct subscriber *s);   /* a page of the journal is on its way to it */
int64_t subscriber_cursor(const struct subscriber *s);    /* it was sent everything up to here */
void subscriber_free(struct subscriber *s);           /* NULL is fine */

struct id_list *rooms_owned(const struct id_list *rooms);     /* a copy for free(), in one piece; NULL: of NULL */
int64_t fanout_head(const struct fanout *f);
bool fanout_can_read(const struct fanout *f, struct viewer viewer, bz_id room);
/* Suspended or banned from the hub; until_ms: INT64_MAX: without an end. */
bool fanout_is_barred(const struct fanout *f, bz_id member, int64_t *ret_until_ms);
enum role fanout_role(const struct fanout *f, bz_id member);   /* as of the newest commit; GUEST when unknown */
/* A lossy signal {kind:"typing", thread, by} to who watches the room, but not to its sender's connection. */
void fanout_typing(struct fanout *f, struct subscriber *from, bz_id room, bz_id thread);

/* Writes one entry as a JSON-RPC notification (the text of a frame). Returns the length up to where the body begins. */
size_t frame_entry(const struct entry *entry, const struct hubs *hubs, struct buf *ret);
/* Puts a WebSocket text frame header before text. */
void frame_wrap(struct span text, struct buf *ret);
#endif
