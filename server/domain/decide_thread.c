#include "domain/decide_parts.h"
#include "domain/kinds.h"

void thread_body(struct decider *d, const struct thread_draft *draft)
{
    json_put_text(&d->body, "title", draft->title);
    json_put_text(&d->body, "type", span_of(kind_spec(draft->kind)->wire));
    json_put_text(&d->body, "lang", draft->lang);
    put_id_opt(d, "author", draft->author);
    if (draft->fields.at != NULL)
        json_put_raw(&d->body, "fields", draft->fields);
    put_id_opt(d, "from", draft->source);
}

bz_id thread_add(struct decider *d, const struct thread_draft *draft)
{
    bz_id thread = next_id(d);
    body_open(d);
    thread_body(d, draft);
    entry_add(d, ENTRY_THREAD, (struct place){ .room = draft->room, .subject = thread });
    return thread;
}

void lobby_add(struct decider *d, bz_id room, struct span title, struct span lang)
{
    (void)thread_add(d, &(struct thread_draft){
        .room = room, .title = title, .lang = lang, .kind = THREAD_KIND_CHAT });
}

enum bz_err decide_thread_create(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct room_facts *room = &d->facts->room;
    enum bz_err rc;
    if (!kind_spec(cmd->thread_kind)->is_creatable)
        return bz_invalid(d->e, "kind", "kind: a lobby comes with its room");
    if ((rc = need_name(d, "title", cmd->title, BZ_LIMIT_TITLE_CHARS)) != BZ_OK ||
        (rc = need_words_or_files(d)) != BZ_OK || (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    struct judgement judgement;
    if ((rc = need_fields(d)) != BZ_OK || (rc = judge(d, SAYS_THREAD, &judgement)) != BZ_OK)
        return rc;
    if (judgement.is_held) {
        ask_add(d, ASK_THREAD, &judgement, 0);
        return BZ_OK;
    }
    struct span lang = lang_or(d, room->lang);
    d->ret->id = thread_add(d, &(struct thread_draft){
        .room = room->id, .title = cmd->title, .lang = lang, .fields = cmd->fields, .kind = cmd->thread_kind });
    d->ret->extra = next_id(d);
    body_open(d);
    post_body(d, (struct span){ NULL, 0 }, SPAN(""), 0);   /* the first post speaks its thread's language */
    entry_add(d, ENTRY_POST, (struct place){ .room = room->id, .thread = d->ret->id, .subject = d->ret->extra });
    if (judgement.is_flagged)
        flag_add(d, d->ret->id, d->ret->extra);
    return BZ_OK;
}

static struct place place_of(const struct decider *d)
{
    bz_id thread = d->facts->thread.id;
    return (struct place){ .room = d->facts->room.id, .thread = thread, .subject = thread };
}

enum bz_err decide_thread_rename(struct decider *d)
{
    enum bz_err rc = need_name(d, "title", d->cmd->title, BZ_LIMIT_TITLE_CHARS);
    struct judgement judgement;
    if (rc != BZ_OK || span_eq(d->cmd->title, d->facts->thread.title)
        || (rc = judge(d, SAYS_TITLE, &judgement)) != BZ_OK)
        return rc;
    body_open(d);
    if (d->facts->thread.author != d->cmd->actor)
        put_as(d);
    json_put_text(&d->body, "title", d->cmd->title);
    entry_add(d, ENTRY_THREAD_RENAME, place_of(d));
    if (judgement.is_flagged)
        flag_add(d, d->facts->thread.id, 0);
    return BZ_OK;
}

enum bz_err decide_thread_lock(struct decider *d)
{
    if (d->cmd->on == d->facts->thread.is_locked)
        return BZ_OK;
    body_open(d);
    json_put_bool(&d->body, "locked", d->cmd->on);
    entry_add(d, ENTRY_THREAD_LOCK, place_of(d));
    return BZ_OK;
}

/* Pinned in its room, or featured on the first screen of all who read it: until a time to come, or until taken back. */
static enum bz_err show(struct decider *d, enum entry_kind kind, const char *name, bool is_on, int64_t was_until_ms)
{
    int64_t until_ms = d->cmd->on ? d->cmd->until_ms : 0;
    if (until_ms != 0 && until_ms <= d->facts->now_ms)
        return bz_invalid(d->e, "until", "until: a time to come");
    if (d->cmd->on == is_on && until_ms == was_until_ms)
        return BZ_OK;
    body_open(d);
    json_put_bool(&d->body, name, d->cmd->on);
    if (until_ms != 0)
        json_put_int(&d->body, "until", until_ms);
    entry_add(d, kind, place_of(d));
    return BZ_OK;
}

enum bz_err decide_thread_pin(struct decider *d)
{
    const struct thread_facts *thread = &d->facts->thread;
    return show(d, ENTRY_THREAD_PIN, "pinned", thread->is_pinned, thread->pinned_until_ms);
}

enum bz_err decide_thread_feature(struct decider *d)
{
    const struct thread_facts *thread = &d->facts->thread;
    return show(d, ENTRY_THREAD_FEATURE, "featured", thread->is_featured, thread->featured_until_ms);
}

/* An act of its author is nobody else's; else it is one of the role. */
static void put_as_other(struct decider *d)
{
    if (d->facts->thread.author != d->cmd->actor)
        put_as(d);
}

static enum bz_err not_a_lobby(struct decider *d)
{
    bool is_lobby = d->facts->thread.kind == THREAD_KIND_CHAT;
    return is_lobby ? bz_fail(d->e, BZ_ERR_CONFLICT, "a lobby stays what it is; it can be locked") : BZ_OK;
}

enum bz_err decide_thread_close(struct decider *d)
{
    enum bz_err rc = not_a_lobby(d);
    if (rc != BZ_OK || d->cmd->on == d->facts->thread.is_closed)
        return rc;
    body_open(d);
    json_put_bool(&d->body, "closed", d->cmd->on);
    put_as_other(d);
    entry_add(d, ENTRY_THREAD_CLOSE, place_of(d));
    return BZ_OK;
}

enum bz_err decide_thread_archive(struct decider *d)
{
    enum bz_err rc = not_a_lobby(d);
    if (rc != BZ_OK || d->cmd->on == d->facts->thread.is_archived)
        return rc;
    body_open(d);
    json_put_bool(&d->body, "archived", d->cmd->on);
    entry_add(d, ENTRY_THREAD_ARCHIVE, place_of(d));
    return BZ_OK;
}

enum bz_err decide_thread_kind(struct decider *d)
{
    enum bz_err rc = not_a_lobby(d);
    if (rc == BZ_OK && !kind_spec(d->cmd->thread_kind)->is_creatable)
        return bz_invalid(d->e, "kind", "kind: a lobby comes with its room");
    if (rc != BZ_OK || d->cmd->thread_kind == d->facts->thread.kind)
        return rc;
    body_open(d);
    json_put_text(&d->body, "type", span_of(kind_spec(d->cmd->thread_kind)->wire));
    put_as_other(d);
    entry_add(d, ENTRY_THREAD_KIND, place_of(d));
    return BZ_OK;
}

enum bz_err decide_thread_answer(struct decider *d)
{
    const struct thread_facts *thread = &d->facts->thread;
    const struct post_facts *post = &d->facts->post;
    if (!kind_spec(thread->kind)->can_have_answer)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "only a question can have an answer");
    /* A post elsewhere and none at all are answered alike: the other one may not be theirs to know of. */
    if (d->cmd->post != 0 && (post->id == 0 || post->thread != thread->id))
        return bz_invalid(d->e, "post", "post: one of this thread");
    if (d->cmd->post != 0 && post->is_redacted)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the post was removed");
    if (d->cmd->post != 0 && post->is_hidden)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the post is hidden by moderators");
    if (d->cmd->post == thread->answer)
        return BZ_OK;
    body_open(d);
    json_put_id(&d->body, d->facts->hubs, "post", d->cmd->post);
    entry_add(d, ENTRY_THREAD_ANSWER, place_of(d));
    return BZ_OK;
}

/* A room that not everyone may find is named in its own chain alone. */
static void put_room(struct decider *d, const char *name, const struct room_facts *room)
{
    if (room->access != ACCESS_PRIVATE)
        json_put_id(&d->body, d->facts->hubs, name, room->id);
}

enum bz_err decide_thread_move(struct decider *d)
{
    const struct facts *f = d->facts;
    struct place there = { .room = f->to_room.id, .thread = f->thread.id, .subject = f->thread.id };
    if (f->thread.kind == THREAD_KIND_CHAT)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "a lobby stays in its room");
    if (f->to_room.id == f->room.id)
        return BZ_OK;
    body_open(d);
    put_room(d, "to", &f->to_room);
    entry_add(d, ENTRY_THREAD_MOVED_OUT, place_of(d));
    body_open(d);
    put_room(d, "from", &f->room);
    json_put_text(&d->body, "title", f->thread.title);
    json_put_text(&d->body, "type", span_of(kind_spec(f->thread.kind)->wire));
    json_put_text(&d->body, "lang", span_of(f->thread.lang));
    entry_add(d, ENTRY_THREAD_MOVED_IN, there);
    return BZ_OK;
}
