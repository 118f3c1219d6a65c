#include <stdlib.h>

#include "fanout/fanout_in.h"

#define CHUNK_ROOMS 64   /* distinct rooms of one chunk: a subscriber's share of it is one 64-bit mask */

enum bz_err fanout_new(const struct fanout_config *config, struct fanout **ret, struct bz_error *e)
{
    struct fanout *f = calloc(1, sizeof *f);
    if (f == NULL || !ring_init(&f->ring, config->ring_entries == 0 ? RING_ENTRIES : config->ring_entries, 0)) {
        free(f);
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    }
    f->config = *config;
    f->release_ms = INT64_MAX;
    buf_init(&f->scratch, (size_t)1 << 30);
    *ret = f;
    return BZ_OK;
}

void fanout_free(struct fanout *f)
{
    if (f == NULL)
        return;
    while (f->subs != NULL)
        subscriber_free(f->subs);
    news_end(f);
    audience_done(f);
    ring_done(&f->ring);
    buf_done(&f->scratch);
    free(f->touched);
    free(f->busy);
    free(f);
}

int64_t fanout_head(const struct fanout *f) { return f->ring.next - 1; }

/* Puts one entry's frame into the ring. */
static void keep(struct fanout *f, const struct entry *entry)
{
    struct buf text, frame;
    buf_init(&text, ANSWER_BYTES);
    buf_init(&frame, ANSWER_BYTES);
    size_t head_len = frame_entry(entry, f->config.hubs, &text);
    frame_wrap(buf_span(&text), &frame);
    if (frame.failed)
        abort();   /* bodies are bounded far below: only without memory */
    char *exact = realloc(frame.at, frame.len);
    bool has_words = entry->kind == ENTRY_POST || entry->kind == ENTRY_POST_EDIT || entry->kind == ENTRY_ASK
        || entry->kind == ENTRY_LINK;
    bool is_out = entry->kind == ENTRY_THREAD_MOVED_OUT || entry->kind == ENTRY_POSTS_MOVED_OUT;
    bz_id thread = entry->kind == ENTRY_THREAD ? entry->subject : is_out ? 0 : entry->thread;
    bool is_profile = entry->kind == ENTRY_MEMBER || entry->kind == ENTRY_MEMBER_SET;
    bz_id by = is_profile ? entry->subject : entry->kind == ENTRY_MEMBER_ERASE ? 0 : entry->actor;
    bool is_of_member = entry_is_of_member(entry), is_moderators = is_of_member || entry_is_for_moderators(entry);
    bz_id room = !is_moderators ? entry->room : entry->room == 0 ? HUB_MODERATORS : -entry->room;
    ring_put(&f->ring, &(struct slot){ .room = room, .member = is_of_member ? entry->subject : 0,
                                       .post = has_words ? entry->subject : 0, .thread = thread, .by = by,
                                       .is_profile = is_profile,
                                       .frame = { exact == NULL ? frame.at : exact, frame.len },
                                       .head_len = (uint32_t)head_len });
    buf_done(&text);
}

/* Nobody is sent its words from here on, whoever they were sent to before. */
static void forget(struct fanout *f, bz_id post)
{
    ring_erase(&f->ring, post);
    f->erasures++;
}

/* Who left: nobody is sent their words from here on, nor who they were. */
static void forget_member(struct fanout *f, const struct entry *entry)
{
    static const char keeps[] = "\"posts\":\"keep\"", done[] = "\"done\":";
    if (memmem(entry->body.at, entry->body.len, done, sizeof done - 1) != NULL)
        return;
    ring_erase_by(&f->ring, entry->subject, memmem(entry->body.at, entry->body.len, keeps, sizeof keeps - 1) != NULL);
    f->erasures++;
}

/* What a thread's entries said goes out to who could read it then; afterwards it is read in its new room alone. Where
 * everybody reads that, only why it was reported is taken out: that is for who moderates there. */
static void moved(struct fanout *f, const struct entry *entry)
{
    const struct room *room = audience_room(f, entry->room);
    if (entry->kind == ENTRY_POSTS_MOVED_IN)
        ring_moved(&f->ring, entry->subject, entry->thread);
    fanout_flush(f);
    audience_fetch_all(f);
    ring_erase_moved(&f->ring, entry->thread, entry->room, room != NULL && room->access == ACCESS_OPEN);
    f->erasures++;
}

void fanout_publish(struct fanout *f, const struct commit *commit)
{
    for (size_t i = 0; i < commit->count; i++) {
        const struct entry *entry = &commit->entries[i];
        bool is_change = audience_changes(entry), is_loss = is_change && audience_loses(f, entry);
        if (is_change && !is_loss) {   /* what came before goes to who could read it then */
            fanout_flush(f);
            audience_apply(f, entry);
        }
        keep(f, entry);
        if (entry->kind == ENTRY_POST_REDACT || entry->kind == ENTRY_POST_HIDE || entry->kind == ENTRY_REPORT_DECIDE)
            forget(f, entry->subject);   /* what was held has been said in another entry, or is not to be */
        if (entry->kind == ENTRY_MEMBER_ERASE)
            forget_member(f, entry);
        if (entry->kind == ENTRY_ASK || entry->kind == ENTRY_REPORT_DECIDE)
            signal_ask(f, entry);
        if (entry->kind == ENTRY_THREAD_MOVED_IN || entry->kind == ENTRY_POSTS_MOVED_IN)
            moved(f, entry);
        if (entry->kind == ENTRY_POST)
            signal_note_post(f, entry);
        f->news.has_posts |= entry->kind == ENTRY_POST || entry->kind == ENTRY_THREAD;
        if (is_loss) {   /* who leaves still sees that they left */
            fanout_flush(f);
            audience_apply(f, entry);
        }
    }
    signal_publish(f, commit);
}

/* ---- Flush. Entries in seq order are cut into chunks of at most 64 rooms. In a chunk every subscriber's share is named
 * by a mask of rooms; those with the same mask get the same bytes, gathered once. */
struct chunk {
    int64_t first, last;       /* seqs */
    bz_id rooms[CHUNK_ROOMS], members[CHUNK_ROOMS];   /* for whom */
    unsigned count;
};

static unsigned room_bit(const struct chunk *c, const struct slot *slot)
{
    unsigned bit = 0;
    while (bit < c->count && (c->rooms[bit] != slot->room || c->members[bit] != slot->member))
        bit++;
    return bit;
}

static void chunk_fill(const struct fanout *f, struct chunk *c, int64_t first)
{
    c->first = first;
    c->last = first - 1;
    c->count = 0;
    for (int64_t seq = first; seq < f->ring.next; seq++) {
        const struct slot *slot = ring_at(&f->ring, seq);
        unsigned bit = room_bit(c, slot);
        if (bit == CHUNK_ROOMS)
            return;
        if (bit == c->count) {
            c->rooms[c->count] = slot->room;
            c->members[c->count++] = slot->member;
        }
        c->last = seq;
    }
}

static void touch(struct fanout *f, struct subscriber *s, unsigned bit)
{
    if (s->state != SUB_LIVE)
        return;
    if (s->mask == 0) {
        f->touched = array_grow(f->touched, f->touched_count, &f->touched_cap, sizeof *f->touched);
        f->touched[f->touched_count++] = s;
    }
    s->mask |= (uint64_t)1 << bit;
}

/* Moderators hear of reports in each room that is theirs, whichever they watch. There are few of both. */
static void touch_moderators(struct fanout *f, bz_id id, unsigned bit)
{
    bool is_hub = id == HUB_MODERATORS;
    const struct room *room = is_hub ? NULL : audience_room(f, -id);
    for (struct subscriber *s = f->subs; s != NULL; s = s->next)
        if ((is_hub || room != NULL) && subscriber_moderates(s, room))
            touch(f, s, bit);
}

static void touch_member(struct fanout *f, bz_id id, unsigned bit)
{
    for (struct subscriber *s = id == 0 ? NULL : audience_member(f, id)->subs; s != NULL; s = s->next_of_member)
        if (s->within == NULL)
            touch(f, s, bit);
}

static void touch_room(struct fanout *f, bz_id id, unsigned bit)
{
    if (id < 0) {
        touch_moderators(f, id, bit);
        return;
    }
    if (id == 0) {   /* the hub's own chain: everybody */
        for (struct subscriber *s = f->subs; s != NULL; s = s->next)
            if (s->within == NULL)
                touch(f, s, bit);
        return;
    }
    const struct room *room = audience_room(f, id);
    for (size_t i = 0; room != NULL && i < room->subs_count; i++)
        touch(f, room->subs[i], bit);
}

static int64_t gather(struct fanout *f, struct chunk *c, uint64_t mask)
{
    int64_t count = 0;
    buf_clear(&f->scratch);
    for (int64_t seq = c->first; seq <= c->last; seq++) {
        const struct slot *slot = ring_at(&f->ring, seq);
        if (mask >> room_bit(c, slot) & 1) {
            buf_add_span(&f->scratch, slot->frame);
            count++;
        }
    }
    return count;
}

static int by_mask(const void *a, const void *b)
{
    uint64_t x = (*(struct subscriber *const *)a)->mask, y = (*(struct subscriber *const *)b)->mask;
    return x < y ? -1 : x > y;
}

static void send_chunk(struct fanout *f, struct chunk *c)
{
    struct stats *stats = f->config.stats;
    bool is_mixed = false;
    for (size_t i = 1; i < f->touched_count && !is_mixed; i++)
        is_mixed = f->touched[i]->mask != f->touched[0]->mask;
    if (is_mixed)
        qsort(f->touched, f->touched_count, sizeof *f->touched, by_mask);
    uint64_t mask = 0;
    int64_t entries = 0, delivered = 0;
    for (size_t i = 0; i < f->touched_count; i++) {
        struct subscriber *s = f->touched[i];
        if (s->ops->wake != NULL) {
            s->mask = 0;
            s->cursor = c->first - 1;
            s->state = SUB_BLOCKED;
            s->ops->wake(s->conn);
            continue;
        }
        if (s->mask != mask) {
            mask = s->mask;
            entries = gather(f, c, mask);
        }
        s->mask = 0;
        s->cursor = c->last;
        delivered += entries;
        (void)subscriber_send(s, buf_span(&f->scratch));
    }
    stat_add(&stats->deliveries, delivered);
    f->touched_count = 0;
}

void fanout_flush(struct fanout *f)
{
    while (f->flushed + 1 < f->ring.next) {
        struct chunk c;
        /* The ring may have dropped what a single huge commit brought: those who waited for it read the journal. */
        int64_t first = f->flushed + 1 < f->ring.first ? f->ring.first : f->flushed + 1;
        if (first != f->flushed + 1) {
            for (struct subscriber *s = f->subs, *next; s != NULL; s = next) {
                next = s->next;
                if (s->state == SUB_LIVE) {
                    s->cursor = f->flushed;
                    s->state = SUB_BLOCKED;
                }
            }
            f->flushed = f->ring.next - 1;
            for (struct subscriber *s = f->subs, *next; s != NULL; s = next) {
                next = s->next;
                if (s->state == SUB_BLOCKED && s->cursor < f->flushed)
                    catchup_go(s);
            }
            return;
        }
        chunk_fill(f, &c, first);
        for (unsigned bit = 0; bit < c.count; bit++) {
            touch_room(f, c.rooms[bit], bit);
            touch_member(f, c.members[bit], bit);
        }
        f->flushed = c.last;
        send_chunk(f, &c);
    }
}
