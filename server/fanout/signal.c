#include <stdlib.h>

#include "base/json_out.h"
#include "fanout/fanout_in.h"

#define PRESENCE_TICKS 5   /* presence is told at most this often, in ticks of one second */

/* A notification as one frame, appended to ret. */
static void notification(const char *method, struct span params_json, struct buf *ret)
{
    struct buf text;
    buf_init(&text, ANSWER_BYTES);
    buf_add_text(&text, "{\"jsonrpc\":\"2.0\",\"method\":");
    json_text(&text, span_of(method));
    json_put_raw(&text, "params", params_json);
    json_close(&text, '}');
    frame_wrap(buf_span(&text), ret);
    buf_done(&text);
}

bool signal_notify(struct subscriber *s, struct span params_json, const char *method)
{
    struct buf frame;
    buf_init(&frame, ANSWER_BYTES);
    notification(method, params_json, &frame);
    bool is_free = subscriber_send(s, buf_span(&frame));
    buf_done(&frame);
    return is_free;
}

/* Lossy: only to whose line is free. */
static void offer(struct subscriber *s, struct span frame)
{
    if (s->state != SUB_LIVE) {
        stat_add(&s->f->config.stats->signals_dropped, 1);
        return;
    }
    s->cursor = s->f->flushed;   /* should this fill the line, it goes on from here */
    (void)subscriber_send(s, frame);
}

static void signal_begin(struct buf *params, const char *kind)
{
    buf_clear(params);
    json_open(params, '{');
    json_put_text(params, "kind", span_of(kind));
}

static void signal_end(struct buf *params, struct buf *frame)
{
    json_close(params, '}');
    buf_clear(frame);
    notification("signal", buf_span(params), frame);
}

/* Which draft changed, not its words: who needs them asks for them. */
static void put_draft(struct buf *params, const struct hubs *hubs, const struct personal_change *change)
{
    if (change->thread != 0)
        json_put_id(params, hubs, "thread", change->thread);
    else if (change->room != 0)
        json_put_id(params, hubs, "room", change->room);
    json_put_int(params, "at", change->edited_ms);
    json_put_bool(params, "gone", change->is_gone);
}

static void put_change(struct buf *params, const struct hubs *hubs, const struct personal_change *change)
{
    if (change->kind == COMMAND_DRAFT_SET) {
        signal_begin(params, "draft");
        put_draft(params, hubs, change);
        return;
    }
    if (change->kind == COMMAND_MEMBER_BLOCK) {
        signal_begin(params, "block");
        json_put_id(params, hubs, "member", change->other);
        json_put_bool(params, "on", !change->is_gone);
        return;
    }
    if (change->kind == COMMAND_DIRECT_SET) {
        signal_begin(params, "direct");
        json_put_text(params, "from", span_of(from_wire(change->from)));
        return;
    }
    if (change->kind == COMMAND_EXPORT_BEGIN || change->kind == COMMAND_EXPORT_DONE) {
        signal_begin(params, "export");   /* export.get says more */
        return;
    }
    bool is_room = change->kind == COMMAND_READ_ROOM, is_read = is_room || change->kind == COMMAND_READ_MARK;
    signal_begin(params, is_read ? "read" : "follow");
    json_put_id(params, hubs, is_room ? "room" : "thread", is_room ? change->room : change->thread);
    if (is_read)
        json_put_int(params, "seq", change->seq);
    else
        json_put_text(params, "level", span_of(level_wire(change->level)));
}

/* Read positions, follows, drafts, blocks, who may write and exports, to all lines of the same person. */
void signal_publish(struct fanout *f, const struct commit *commit)
{
    struct buf params, frame;
    buf_init(&params, 1024);
    buf_init(&frame, 1024);
    for (size_t i = 0; i < commit->personal_count; i++) {
        const struct personal_change *change = &commit->personal[i];
        const struct member *m = map_get(&f->members, change->member);
        if (m == NULL || m->subs == NULL)
            continue;
        put_change(&params, f->config.hubs, change);
        signal_end(&params, &frame);
        for (struct subscriber *s = m->subs; s != NULL; s = s->next_of_member)
            if (s->within == NULL)
                offer(s, buf_span(&frame));
    }
    buf_done(&params);
    buf_done(&frame);
}

void signal_ask(struct fanout *f, const struct entry *entry)
{
    struct span word;
    bz_id who = entry->kind == ENTRY_ASK ? entry->actor : 0;
    if (entry->kind == ENTRY_REPORT_DECIDE && body_word(entry->body, "\"of\":\"", &word))
        (void)id_parse(f->config.hubs, word, &who);
    const struct member *m = who == 0 ? NULL : map_get(&f->members, who);
    if (m == NULL || m->subs == NULL)
        return;
    struct buf params, frame;
    buf_init(&params, 256);
    buf_init(&frame, 512);
    signal_begin(&params, "ask");
    json_put_id(&params, f->config.hubs, "room", entry->room);
    json_put_bool(&params, "gone", entry->kind == ENTRY_REPORT_DECIDE);
    signal_end(&params, &frame);
    fanout_flush(f);   /* what came of it is there before who asked looks for it */
    for (struct subscriber *s = m->subs; s != NULL; s = s->next_of_member)
        if (s->within == NULL)
            offer(s, buf_span(&frame));
    buf_done(&params);
    buf_done(&frame);
}

void signal_news(struct fanout *f, bz_id member, struct span id, int64_t fresh)
{
    const struct member *m = map_get(&f->members, member);
    if (m == NULL || m->subs == NULL)
        return;
    struct buf params, frame;
    buf_init(&params, 256);
    buf_init(&frame, 512);
    signal_begin(&params, "search");
    json_put_text(&params, "id", id);
    json_put_int(&params, "fresh", fresh);
    signal_end(&params, &frame);
    fanout_flush(f);
    for (struct subscriber *s = m->subs; s != NULL; s = s->next_of_member)
        if (s->within == NULL)
            offer(s, buf_span(&frame));
    buf_done(&params);
    buf_done(&frame);
}

void signal_note_post(struct fanout *f, const struct entry *entry)
{
    struct room *room = audience_room(f, entry->room);
    if (room == NULL || room->listeners_count == 0)
        return;
    if (room->new_posts++ == 0) {
        f->busy = array_grow(f->busy, f->busy_count, &f->busy_cap, sizeof *f->busy);
        f->busy[f->busy_count++] = room;
        room->named_count = 0;
    }
    room->last_seq = entry->seq;
    bz_id named[BZ_LIMIT_MENTIONS_MAX];
    size_t count = frame_mentions(entry->body, f->config.hubs, named);
    for (size_t i = 0; i < count && room->named_count < BZ_LIMIT_MENTIONS_MAX; i++)
        room->named[room->named_count++] = named[i];
}

static int64_t times_named(const struct room *room, bz_id member)
{
    int64_t n = 0;
    for (size_t i = 0; i < room->named_count; i++)
        n += room->named[i] == member;
    return n;
}

static void tell_listeners(struct fanout *f, struct room *room, struct buf *params, struct buf *frame)
{
    int64_t told = -1;
    for (size_t i = 0; i < room->listeners_count; i++) {
        int64_t named = times_named(room, room->listeners[i]->member->id);
        if (named != told) {   /* nearly all are told the same */
            signal_begin(params, "room");
            json_put_id(params, f->config.hubs, "room", room->id);
            json_put_int(params, "count", room->new_posts);
            json_put_int(params, "mentions", named);
            json_put_int(params, "seq", room->last_seq);
            signal_end(params, frame);
            told = named;
        }
        offer(room->listeners[i], buf_span(frame));
    }
    room->new_posts = 0;
}

static void tell_presence(struct fanout *f, struct room *room, struct buf *params, struct buf *frame)
{
    int64_t online = 0;
    room->is_online_changed = false;
    if (room->access == ACCESS_DIRECT)   /* a count of two would say whether the other one is here */
        return;
    f->stamp++;
    for (size_t i = 0; i < room->subs_count + room->listeners_count; i++) {
        struct subscriber *s = i < room->subs_count ? room->subs[i] : room->listeners[i - room->subs_count];
        if (s->ops->wake != NULL)
            continue;   /* whoever asks again and again would come and go */
        online += s->member->stamp != f->stamp;   /* one person with two lines counts once */
        s->member->stamp = f->stamp;
    }
    if (online == room->online)
        return;
    room->online = online;
    signal_begin(params, "presence");
    json_put_id(params, f->config.hubs, "room", room->id);
    json_put_int(params, "count", online);
    signal_end(params, frame);
    for (size_t i = 0; i < room->subs_count; i++)
        if (room->subs[i]->ops->wake == NULL)
            offer(room->subs[i], buf_span(frame));
}

void fanout_tick(struct fanout *f)
{
    struct buf params, frame;
    buf_init(&params, 1024);
    buf_init(&frame, 1024);
    fanout_flush(f);
    audience_release(f);
    news_tick(f);
    for (size_t i = 0; i < f->busy_count; i++)
        tell_listeners(f, f->busy[i], &params, &frame);
    f->busy_count = 0;
    if (++f->ticks % PRESENCE_TICKS == 0)
        for (size_t i = 0; i < f->rooms.cap; i++)
            if (f->rooms.slots[i].key != 0 && ((struct room *)f->rooms.slots[i].value)->is_online_changed)
                tell_presence(f, f->rooms.slots[i].value, &params, &frame);
    buf_done(&params);
    buf_done(&frame);
}

void fanout_typing(struct fanout *f, struct subscriber *from, bz_id room_id, bz_id thread)
{
    struct room *room = audience_room(f, room_id);
    if (room == NULL || !subscriber_reads(from, room)
        || audience_held(f, from->member, room) >= SANCTION_SILENCE)
        return;
    struct buf params, frame;
    buf_init(&params, 1024);
    buf_init(&frame, 1024);
    signal_begin(&params, "typing");
    json_put_id(&params, f->config.hubs, "thread", thread);
    json_put_id(&params, f->config.hubs, "by", from->member->id);
    signal_end(&params, &frame);
    fanout_flush(f);   /* a signal must not overtake the entries of its own turn */
    for (size_t i = 0; i < room->subs_count; i++)
        if (room->subs[i] != from && room->subs[i]->member != from->member)
            offer(room->subs[i], buf_span(&frame));
    buf_done(&params);
    buf_done(&frame);
}
