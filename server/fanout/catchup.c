#include <stdlib.h>

#include "base/json_out.h"
#include "fanout/fanout_in.h"

#define PUMP_BYTES (64u << 10)   /* sent at a time to someone who catches up */

static void count_send(struct subscriber *s, size_t bytes)
{
    stat_add(&s->f->config.stats->delivery_writes, 1);
    stat_add(&s->f->config.stats->delivery_bytes, (int64_t)bytes);
}

bool subscriber_send(struct subscriber *s, struct span frames)
{
    if (frames.len == 0)
        return true;
    count_send(s, frames.len);
    if (s->ops->send(s->conn, frames))
        return true;
    if (s->state != SUB_DROPPED)
        s->state = SUB_BLOCKED;
    s->is_full = s->ops->wake == NULL;
    return false;
}

/* ---- A page of the journal, read by a reader for one subscriber. */
struct page_args {
    const struct hubs *hubs;
    struct reach reach;
    int64_t from, upto;
    size_t bytes_max;          /* of a page: it ends with the entry that reaches this */
    bool is_counting;
    uint32_t rights;           /* of the subscriber when it asked */
    uint64_t erasures;         /* as they were then */
    int64_t count, last;       /* answer */
    struct buf text;           /* scratch for one entry */
    struct query *q;
};

static bool page_entry(void *ctx, const struct entry *entry)
{
    struct page_args *a = ctx;
    buf_clear(&a->text);
    (void)frame_entry(entry, a->hubs, &a->text);
    frame_wrap(buf_span(&a->text), &a->q->out);
    a->last = entry->seq;
    a->count++;
    return !a->q->out.failed && a->q->out.len < a->bytes_max;
}

static enum bz_err page_run(struct db *db, struct query *q, struct bz_error *e)
{
    struct page_args *a = q->args;
    a->q = q;
    a->last = a->from;
    if (a->is_counting)
        return query_entries_count(db, &a->reach, a->from, a->upto, BZ_LIMIT_RESUME_ENTRIES + 1, &a->count, e);
    buf_init(&a->text, ANSWER_BYTES / 2);
    enum bz_err rc = query_entries(db, &a->reach, a->from, a->upto, RESUME_PAGE, page_entry, a, e);
    buf_done(&a->text);
    return rc;
}

static bool reset(struct subscriber *s, const char *reason)
{
    struct buf params;
    buf_init(&params, 256);
    json_open(&params, '{');
    json_put_text(&params, "reason", span_of(reason));
    json_close(&params, '}');
    s->cursor = s->f->flushed;
    bool is_free = signal_notify(s, buf_span(&params), "reset");
    buf_done(&params);
    return is_free;
}

static void page_done(struct query *q)
{
    struct subscriber *s = q->owner;
    struct page_args *a = q->args;
    if (s == NULL) {   /* the connection went away meanwhile */
        query_free(q);
        return;
    }
    s->reading = NULL;
    s->state = SUB_BLOCKED;
    if (q->error.code != BZ_OK) {
        s->state = SUB_DROPPED;
        s->ops->drop(s->conn);
    } else if (s->is_full) {
        /* An answer took the line meanwhile: the page is read again once there is room for it. */
    } else if (a->rights != s->rights || a->erasures != s->f->erasures) {
        catchup_go(s);   /* what it may see has changed since: read the page again */
    } else if (a->is_counting) {
        s->is_counted = true;
        if (a->count <= BZ_LIMIT_RESUME_ENTRIES || reset(s, "too_many"))
            catchup_go(s);
    } else {
        bool is_whole = a->count < RESUME_PAGE && q->out.len < a->bytes_max;
        s->cursor = is_whole ? a->upto : a->last;
        stat_add(&s->f->config.stats->deliveries, a->count);
        if (subscriber_send(s, buf_span(&q->out)))
            catchup_go(s);
    }
    query_free(q);
}

static struct span rooms_json(const struct subscriber *s, struct arena *arena)
{
    struct buf list;
    buf_init(&list, (size_t)1 << 20);
    json_open(&list, '[');
    for (uint32_t i = 0; i < s->seats_count; i++)
        if (!s->seats[i].is_listener)
            json_int(&list, s->seats[i].room->id);
    for (size_t i = 0; i < s->f->rooms.cap; i++) {
        const struct room *room = s->f->rooms.slots[i].value;
        if (s->f->rooms.slots[i].key != 0 && subscriber_moderates(s, room))
            json_int(&list, -room->id);
    }
    if (subscriber_moderates(s, NULL))
        json_int(&list, 0);
    json_close(&list, ']');
    struct span copy = arena_copy(arena, buf_span(&list));
    buf_done(&list);
    return copy;
}

static void read_page(struct subscriber *s)
{
    struct query *q = query_new();
    struct page_args *a = arena_alloc(&q->arena, sizeof *a);
    *a = (struct page_args){ .hubs = s->f->config.hubs, .from = s->cursor,
                             .reach = { rooms_json(s, &q->arena), s->within == NULL ? s->member->id : 0, s->within != NULL },
                             .upto = s->f->flushed, .is_counting = !s->is_counted, .rights = s->rights,
                             .erasures = s->f->erasures,
                             .bytes_max = s->ops->wake != NULL ? PUMP_BYTES : ANSWER_BYTES / 4 };
    q->args = a;
    q->run = page_run;
    q->done = page_done;
    q->owner = s;
    struct bz_error e;
    s->state = SUB_READING;
    s->reading = q;
    if (readers_submit(s->f->config.readers, q, &e) == BZ_OK)
        return;
    s->reading = NULL;
    query_free(q);
    s->state = SUB_DROPPED;   /* the hub is overloaded: the client comes back with the same cursor */
    s->ops->drop(s->conn);
}

/* Is this entry of the ring for the subscriber? */
static bool is_for(const struct subscriber *s, const struct slot *slot)
{
    if (slot->member == s->member->id && slot->member != 0 && s->within == NULL)
        return true;
    if (slot->room == HUB_MODERATORS)
        return subscriber_moderates(s, NULL);
    if (slot->room < 0) {
        const struct room *own = audience_room(s->f, -slot->room);
        return own != NULL && subscriber_moderates(s, own);
    }
    const struct room *room = slot->room == 0 ? NULL : audience_room(s->f, slot->room);
    return (slot->room == 0 && s->within == NULL) || (room != NULL && subscriber_watches(s, room));
}

/* Who was away for more than a client should take in is told so, also while the ring still holds it all. */
static bool ring_missed_too_much(struct subscriber *s)
{
    int64_t missed = 0;
    if (s->is_counted || s->f->flushed - s->cursor <= BZ_LIMIT_RESUME_ENTRIES)
        return false;
    for (int64_t seq = s->cursor + 1; seq <= s->f->flushed; seq++)
        missed += is_for(s, ring_at(&s->f->ring, seq));
    s->is_counted = true;
    return missed > BZ_LIMIT_RESUME_ENTRIES;
}

/* One write out of the ring, from the cursor on. */
static bool pump(struct subscriber *s)
{
    struct fanout *f = s->f;
    int64_t count = 0;
    buf_clear(&f->scratch);
    while (s->cursor < f->flushed && f->scratch.len < PUMP_BYTES) {
        const struct slot *slot = ring_at(&f->ring, s->cursor + 1);
        if (is_for(s, slot)) {
            buf_add_span(&f->scratch, slot->frame);
            count++;
        }
        s->cursor++;
    }
    stat_add(&f->config.stats->deliveries, count);
    return subscriber_send(s, buf_span(&f->scratch));
}

void catchup_go(struct subscriber *s)
{
    while (s->state != SUB_DROPPED && s->state != SUB_READING && !s->is_full) {
        if (s->cursor >= s->f->flushed) {
            s->state = SUB_LIVE;
            s->is_counted = true;   /* from here on it only lags; the limit is for who was away */
            if (s->ops->level != NULL)
                s->ops->level(s->conn);
            return;
        }
        /* What stood in a room when it was said may stand elsewhere now: to who is bound to rooms the journal tells it anew. */
        if (s->cursor + 1 < s->f->ring.first || s->within != NULL) {
            if (s->within == NULL && s->state == SUB_BLOCKED && s->is_counted)
                stat_add(&s->f->config.stats->laggards, 1);
            read_page(s);
            return;
        }
        if (ring_missed_too_much(s) ? !reset(s, "too_many") : !pump(s))
            return;
    }
}

enum bz_err subscriber_new(struct fanout *f, struct viewer viewer, const bz_id *watch, size_t watch_count,
                           int64_t cursor, const struct subscriber_ops *ops, void *conn, struct subscriber **ret,
                           struct bz_error *e)
{
    struct subscriber *s = calloc(1, sizeof *s);
    if (s == NULL)
        return bz_fail(e, BZ_ERR_BUSY, "out of memory");
    fanout_flush(f);   /* `flushed` is the head now: what the answer to hello says */
    s->f = f;
    s->ops = ops;
    s->conn = conn;
    s->cursor = cursor < 0 ? f->flushed : cursor;
    s->member = audience_member(f, viewer.member);
    s->next_of_member = s->member->subs;
    s->member->subs = s;
    s->next = f->subs;
    if (f->subs != NULL)
        f->subs->prev = s;
    f->subs = s;
    if (watch != NULL)
        subscriber_watch(s, watch, watch_count);
    else
        audience_seat_all(s);
    *ret = s;
    return BZ_OK;
}

void subscriber_bind(struct subscriber *s, const struct id_list *within, bool is_plain)
{
    s->is_plain = is_plain;
    if (within == NULL)
        return;
    s->within = rooms_owned(within);
    audience_seat_all(s);
}

void subscriber_start(struct subscriber *s)
{
    s->state = SUB_BLOCKED;
    /* A cursor beyond our head is of a history that this hub does not have. */
    if (s->cursor <= s->f->flushed || reset(s, "history"))
        catchup_go(s);
}

void subscriber_watch(struct subscriber *s, const bz_id *rooms, size_t count)
{
    free(s->watch);
    s->watch = calloc(count + 1, sizeof *s->watch);
    if (s->watch == NULL)
        abort();
    memcpy(s->watch, rooms, count * sizeof *rooms);
    s->watch_count = (uint32_t)count;
    audience_seat_all(s);
}

void subscriber_block(struct subscriber *s)
{
    if (s->state == SUB_LIVE) {
        s->cursor = s->f->flushed;
        s->state = SUB_BLOCKED;
    }
    s->is_full = true;
}

void subscriber_drained(struct subscriber *s)
{
    s->is_full = false;
    if (s->state == SUB_BLOCKED)
        catchup_go(s);
}

bool subscriber_is_reading(const struct subscriber *s) { return s->state == SUB_READING; }

int64_t subscriber_cursor(const struct subscriber *s) { return s->state == SUB_LIVE ? s->f->flushed : s->cursor; }

void subscriber_free(struct subscriber *s)
{
    if (s == NULL)
        return;
    audience_unseat_all(s);
    if (s->reading != NULL)
        s->reading->owner = NULL;
    struct subscriber **at = &s->member->subs;
    while (*at != s)
        at = &(*at)->next_of_member;
    *at = s->next_of_member;
    if (s->prev != NULL)
        s->prev->next = s->next;
    else
        s->f->subs = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
    free(s->seats);
    free(s->watch);
    free(s->within);
    free(s);
}
