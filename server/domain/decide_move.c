#include <stdlib.h>

#include "domain/decide_parts.h"
#include "domain/kinds.h"
#include "domain/policy.h"

/* Posts that go from one thread into another: which ones, and what goes with them. */
struct move {
    const struct thread_facts *from;
    const struct room_facts *from_room, *to_room;
    bz_id to;
    bz_id answer;              /* of `from`, if it is among them; of an undo: that `to` gets back */
    bz_id undo;                /* the entry whose posts go back, or 0: `posts` says which */
    bool is_merge;             /* `to` is shown in the place of `from` from now on */
    const struct moving_facts *posts;
    size_t count;
};

/* [first, last] of each run: posts of `from` between the two are all meant, so ten thousand are one short pair. */
static void put_posts(struct decider *d, const struct move *m)
{
    json_name(&d->body, "posts");
    json_open(&d->body, '[');
    for (size_t i = 0; i < m->count;) {
        size_t end = i + 1;
        while (end < m->count && m->posts[end].n <= m->posts[end - 1].n + 1)
            end++;
        char id[BZ_ID_TEXT];
        json_open(&d->body, '[');
        json_text(&d->body, (struct span){ id, id_format(d->facts->hubs, m->posts[i].id, id) });
        json_text(&d->body, (struct span){ id, id_format(d->facts->hubs, m->posts[end - 1].id, id) });
        json_close(&d->body, ']');
        i = end;
    }
    json_close(&d->body, ']');
}

static void put_what(struct decider *d, const struct move *m)
{
    if (m->undo != 0)
        json_put_id(&d->body, d->facts->hubs, "undo", m->undo);
    else
        put_posts(d, m);
    if (m->is_merge)
        json_put_bool(&d->body, "merged", true);
    put_id_opt(d, "approved", d->cmd->approved);
}

/* An entry in each room's chain, neither of which names a thread of a room that not everyone may find. */
static void move_add(struct decider *d, const struct move *m)
{
    bool is_same = m->from_room->id == m->to_room->id;
    if (!is_same) {
        body_open(d);
        if (m->to_room->access != ACCESS_PRIVATE)
            json_put_id(&d->body, d->facts->hubs, "to", m->to);
        put_what(d, m);
        entry_add(d, ENTRY_POSTS_MOVED_OUT, (struct place){ m->from_room->id, m->from->id, m->from->id });
    }
    body_open(d);
    if (is_same || m->from_room->access != ACCESS_PRIVATE)
        json_put_id(&d->body, d->facts->hubs, "from", m->from->id);
    put_what(d, m);
    put_id_opt(d, "answer", m->answer);
    entry_add(d, ENTRY_POSTS_MOVED_IN, (struct place){ m->to_room->id, m->to, m->from->id });
}

static int by_id(const void *a, const void *b)
{
    const struct moving_facts *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static struct moving_facts *sorted(struct decider *d)
{
    const struct facts *f = d->facts;
    struct moving_facts *posts = arena_alloc(d->arena, f->moving_count * sizeof *posts);
    memcpy(posts, f->moving, f->moving_count * sizeof *posts);
    qsort(posts, f->moving_count, sizeof *posts, by_id);
    return posts;
}

/* Whoever began what is now a thread of its own is its author. */
static bz_id split_add(struct decider *d)
{
    const struct facts *f = d->facts;
    return thread_add(d, &(struct thread_draft){
        .room = f->to_room.id, .title = d->cmd->title, .lang = span_of(f->thread.lang),
        .author = f->post.author != d->cmd->actor ? f->post.author : 0,
        .kind = d->cmd->thread_kind != 0 ? d->cmd->thread_kind : THREAD_KIND_DISCUSSION });
}

static enum bz_err check_split(struct decider *d)
{
    enum bz_err rc = need_name(d, "title", d->cmd->title, BZ_LIMIT_TITLE_CHARS);
    if (rc == BZ_OK && d->cmd->thread_kind != 0 && !kind_spec(d->cmd->thread_kind)->is_creatable)
        return bz_invalid(d->e, "kind", "kind: a lobby comes with its room");
    return rc;
}

/* One person's slip or ill will does not take a whole conversation apart, where there is another to look at it first. */
static bool needs_second(const struct decider *d, int64_t count)
{
    return count > BZ_LIMIT_SECOND_ABOVE && d->facts->has_second && d->cmd->approved == 0;
}

/* posts: one by one and not as runs: what comes between two of them meanwhile is not meant. */
static void put_proposal(struct decider *d, const struct moving_facts *posts, size_t posts_count, int64_t count)
{
    const struct facts *f = d->facts;
    const struct command *cmd = d->cmd;
    json_name(&d->body, "does");
    json_open(&d->body, '{');
    put_id_opt(d, "thread", f->thread.id);
    put_id_opt(d, "room", f->room.id);
    put_id_opt(d, "to", f->to_thread.id);
    put_id_opt(d, "to_room", f->to_room.id);
    if (f->to_thread.id == 0) {
        enum thread_kind kind = cmd->thread_kind != 0 ? cmd->thread_kind : THREAD_KIND_DISCUSSION;
        json_put_text(&d->body, "title", cmd->title);
        json_put_text(&d->body, "type", span_of(kind_spec(kind)->wire));
    }
    if (posts != NULL) {
        json_name(&d->body, "posts");
        json_open(&d->body, '[');
    }
    for (size_t i = 0; i < posts_count; i++) {
        char id[BZ_ID_TEXT];
        if (i == 0 || posts[i].id != posts[i - 1].id)
            json_text(&d->body, (struct span){ id, id_format(f->hubs, posts[i].id, id) });
    }
    if (posts != NULL)
        json_close(&d->body, ']');
    json_put_int(&d->body, "count", count);
    json_close(&d->body, '}');
}

/* It stands with the more closed of the two rooms: those who moderate it may be told of the other. */
static enum bz_err propose(struct decider *d, const struct moving_facts *posts, size_t posts_count, int64_t count)
{
    const struct facts *f = d->facts;
    bool is_apart = f->room.id != f->to_room.id && f->room.access == ACCESS_PRIVATE && f->to_room.access == ACCESS_PRIVATE;
    if (is_apart)   /* neither room's moderators may be told of the other room */
        return bz_fail(d->e, BZ_ERR_CONFLICT, "between two private rooms only %d posts at a time, or a thread as a whole, are moved",
                       BZ_LIMIT_SECOND_ABOVE);
    if (f->proposals >= BZ_LIMIT_ASKS_MAX)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "%d of yours wait for a second moderator already", BZ_LIMIT_ASKS_MAX);
    d->ret->id = next_id(d);
    body_open(d);
    json_put_text(&d->body, "ask", span_of(ask_wire(posts != NULL ? ASK_MOVE : ASK_MERGE)));
    put_as(d);
    put_proposal(d, posts, posts_count, count);
    entry_add(d, ENTRY_ASK, (struct place){ .room = policy_closer(f)->id, .subject = d->ret->id });
    return BZ_OK;
}

/* In the name of who proposed it; what is written says that another one agreed. */
enum bz_err carry_out_proposal(struct decider *d)
{
    const struct facts *f = d->facts;
    const struct command *cmd = d->cmd;
    const struct proposal_facts *p = f->proposal;
    size_t before = d->ret->count;
    d->facts = p->theirs;
    d->cmd = &p->cmd;
    enum bz_err rc = p->cmd.kind == COMMAND_POST_MOVE ? decide_post_move(d) : decide_thread_merge(d);
    d->facts = f;
    d->cmd = cmd;
    if (rc == BZ_OK && d->ret->count == before)
        rc = bz_fail(d->e, BZ_ERR_CONFLICT, "nothing of it is left to be done");
    return rc;
}

enum bz_err decide_post_move(struct decider *d)
{
    const struct facts *f = d->facts;
    bool is_split = d->cmd->to_thread == 0;
    if (f->moving_count == 0 || f->moving_count != d->cmd->posts.count)
        return bz_invalid(d->e, "posts", "posts: of one thread");
    enum bz_err rc = is_split ? check_split(d) : BZ_OK;
    if (rc != BZ_OK || f->to_thread.id == f->thread.id)
        return rc;
    const struct moving_facts *posts = sorted(d);
    size_t count = 1;
    bool has_answer = false;
    for (size_t i = 0; i < f->moving_count; i++) {
        count += i > 0 && posts[i].id != posts[i - 1].id;
        has_answer |= posts[i].id == f->thread.answer;
    }
    if (f->thread.kind != THREAD_KIND_CHAT && (int64_t)count == f->thread.posts)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "these are all its posts: rename, move or merge the thread");
    if (needs_second(d, (int64_t)count))
        return propose(d, posts, f->moving_count, (int64_t)count);
    move_add(d, &(struct move){
        .from = &f->thread, .from_room = &f->room, .to_room = &f->to_room,
        .to = is_split ? split_add(d) : f->to_thread.id, .posts = posts, .count = f->moving_count,
        .answer = has_answer ? f->thread.answer : 0 });
    return BZ_OK;
}

enum bz_err decide_thread_merge(struct decider *d)
{
    const struct facts *f = d->facts;
    if (f->thread.kind == THREAD_KIND_CHAT)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "a lobby stays in its room");
    if (f->to_thread.id == f->thread.id)
        return bz_invalid(d->e, "into", "into: another thread");
    if (needs_second(d, f->thread.posts))
        return propose(d, NULL, 0, f->thread.posts);
    const struct moving_facts ends[2] = { { f->first_post, 1 }, { f->last_post, 2 } };
    move_add(d, &(struct move){
        .from = &f->thread, .from_room = &f->room, .to = f->to_thread.id, .to_room = &f->to_room,
        .answer = f->thread.answer, .is_merge = true, .posts = ends, .count = f->first_post != 0 ? 2 : 0 });
    return BZ_OK;
}

/* What was written where they were put stays there; a thread made for them that is empty again leads back. */
enum bz_err decide_thread_undo(struct decider *d)
{
    const struct facts *f = d->facts;
    bool is_merged = f->undo.is_merge && f->to_thread.merged_into == f->thread.id;
    if (f->to_thread.merged_into != 0 && f->to_thread.merged_into != f->thread.id)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the thread that they came from was merged into another since");
    if (f->undo.posts == 0 && !is_merged)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "nothing of it is left to be taken back");
    bool is_emptied = !f->undo.is_merge && f->thread.kind != THREAD_KIND_CHAT && f->undo.posts == f->thread.posts;
    bool takes_answer = kind_spec(f->to_thread.kind)->can_have_answer && f->to_thread.answer == 0;
    move_add(d, &(struct move){
        .from = &f->thread, .from_room = &f->room, .to = f->to_thread.id, .to_room = &f->to_room,
        .answer = takes_answer ? f->undo.answer : 0, .undo = f->undo.entry, .is_merge = is_emptied });
    return BZ_OK;
}
