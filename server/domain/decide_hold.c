/* What a room's settings make of what is said there: it is said, said and looked at, held until a moderator says yes, or
 * refused. What is held is no post yet: it stands in its ask alone, so that nothing that tells of posts can tell of it. */
#include <stdio.h>
#include <string.h>

#include "domain/decide_parts.h"
#include "domain/kinds.h"
#include "domain/markup.h"

#define MD_BYTES_MAX (96u << 10)

static enum links stricter(enum links a, enum links b) { return a > b ? a : b; }

/* An address counts also where it makes no link. */
static bool has_link(const struct decider *d)
{
    const struct command *cmd = d->cmd;
    static const char mark[] = "://", token[] = "[\"a\",", url[] = "\"url\":";
    if (cmd->fields.at != NULL && memmem(cmd->fields.at, cmd->fields.len, url, sizeof url - 1) != NULL)
        return true;
    if (cmd->text.len == 0)
        return false;
    if (memmem(cmd->text.at, cmd->text.len, mark, sizeof mark - 1) != NULL)
        return true;
    struct buf md;
    buf_init(&md, MD_BYTES_MAX);
    markup_tokens(d->facts, cmd->text, &md);
    bool ret = md.len > 0 && memmem(md.at, md.len, token, sizeof token - 1) != NULL;
    buf_done(&md);
    return ret;
}

static enum bz_err blocked(struct decider *d, const char *field, struct span word)
{
    if (strcmp(field, "files") == 0)
        (void)bz_fail(d->e, BZ_ERR_BLOCKED, "files of who is new are not wanted in this room");
    else if (word.at == NULL)
        (void)bz_fail(d->e, BZ_ERR_BLOCKED, "%s are not wanted in this room",
                      d->facts->room.set.links == LINKS_ALL ? "links of who is new" : "links");
    else
        (void)bz_fail(d->e, BZ_ERR_BLOCKED, "not wanted in this room: %.*s", (int)word.len, word.at);
    if (d->e == NULL)
        return BZ_ERR_BLOCKED;
    (void)snprintf(d->e->field, sizeof d->e->field, "%s", field);
    if (word.at != NULL)
        (void)snprintf(d->e->word, sizeof d->e->word, "%.*s", (int)word.len, word.at);
    return BZ_ERR_BLOCKED;
}

static const char *held_by_room(const struct facts *f, enum saying saying)
{
    const struct room_set *set = &f->room.set;
    if (set->hold == HOLD_ALL || (saying == SAYS_THREAD && set->hold_threads))
        return "all";
    return set->hold == HOLD_FIRST && !f->is_known ? "first" : NULL;
}

enum bz_err judge(struct decider *d, enum saying saying, struct judgement *ret)
{
    const struct facts *f = d->facts;
    const struct room_set *set = &f->room.set;
    bool is_new = saying == SAYS_POST || saying == SAYS_THREAD;
    *ret = (struct judgement){ 0 };
    if (f->is_operator || f->actor.role >= ROLE_MODERATOR)
        return BZ_OK;
    enum links links = f->is_new ? stricter(set->links, set->new_links) : set->links;
    enum links files = f->is_new && f->files_count > 0 ? set->new_files : LINKS_ALL;
    bool is_linked = links != LINKS_ALL && saying != SAYS_TITLE && has_link(d);
    const char *field = saying == SAYS_TITLE ? "title" : saying == SAYS_FIELDS ? "fields" : "text";
    /* What is there already is not held: what would wait for a moderator is not put into it. */
    if (f->found.act == WORD_BLOCK || (f->found.act == WORD_HOLD && !is_new))
        return blocked(d, f->found.in_files ? "files" : field, f->found.word);
    if (is_linked && (links == LINKS_BLOCK || !is_new))
        return blocked(d, field, (struct span){ NULL, 0 });
    if (files == LINKS_BLOCK)
        return blocked(d, "files", (struct span){ NULL, 0 });
    if (!is_new && (set->hold == HOLD_ALL || ((saying == SAYS_TITLE || saying == SAYS_FIELDS) && set->hold_threads)))
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "what is said here waits for a moderator: it is not changed afterwards");
    ret->why = is_new ? held_by_room(f, saying) : NULL;
    if (ret->why == NULL && is_new && f->found.act == WORD_HOLD)
        ret->why = "words";
    if (ret->why == NULL && is_linked)
        ret->why = set->links == LINKS_ALL ? "new" : "links";
    if (ret->why == NULL && files == LINKS_HOLD)
        ret->why = "new";
    ret->is_held = ret->why != NULL;
    if (ret->is_held && f->waiting >= BZ_LIMIT_ASKS_MAX)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "%d of yours wait for a moderator here already", BZ_LIMIT_ASKS_MAX);
    ret->is_flagged = !ret->is_held && f->found.act == WORD_FLAG;
    return BZ_OK;
}

void ask_add(struct decider *d, enum ask ask, const struct judgement *why, bz_id reply_to)
{
    const struct command *cmd = d->cmd;
    const struct facts *f = d->facts;
    struct span lang = lang_or(d, f->room.lang), none = { NULL, 0 };
    d->ret->id = next_id(d);
    body_open(d);
    json_put_text(&d->body, "ask", span_of(ask_wire(ask)));
    if (why != NULL)
        json_put_text(&d->body, "why", span_of(why->why));
    if (why != NULL && f->found.act != 0)
        json_put_text(&d->body, "word", f->found.word);
    if (ask == ASK_THREAD) {
        json_name(&d->body, "opens");
        json_open(&d->body, '{');
        thread_body(d, &(struct thread_draft){
            .title = cmd->title, .lang = lang, .fields = cmd->fields, .kind = cmd->thread_kind,
            .source = cmd->kind == COMMAND_RESOURCE_PROMOTE ? f->post.id : 0 });
        json_close(&d->body, '}');
    }
    if (ask != ASK_JOIN) {
        json_name(&d->body, "says");
        json_open(&d->body, '{');
        bool is_reply = ask == ASK_POST;
        post_body(d, is_reply ? cmd->lang : none, is_reply ? span_of(f->thread.lang) : SPAN(""), reply_to);
        json_close(&d->body, '}');
    }
    bz_id thread = ask == ASK_POST ? f->thread.id : 0;
    entry_add(d, ENTRY_ASK, (struct place){ .room = f->room.id, .thread = thread, .subject = d->ret->id });
}

void flag_add(struct decider *d, bz_id thread, bz_id post)
{
    body_open(d);
    put_id_opt(d, "report", d->facts->open_matter);
    put_id_opt(d, "post", post);
    json_put_text(&d->body, "rule", SPAN("words"));
    json_put_text(&d->body, "reason", d->facts->found.word);
    entry_add(d, ENTRY_REPORT, (struct place){ .room = d->facts->room.id, .thread = thread, .subject = next_id(d) });
    d->ret->entries[d->ret->count - 1].actor = 0;
}

/* In the name of who asked: it is theirs, and new for everybody. */
void approve(struct decider *d)
{
    const struct matter_facts *m = &d->facts->matter;
    bz_id thread = d->facts->thread.id;
    size_t first = d->ret->count;
    if (m->ask == ASK_JOIN && !d->facts->member_is_joined) {   /* else somebody invited them meanwhile */
        body_open(d);
        entry_add(d, ENTRY_ROOM_JOIN, (struct place){ .room = m->room, .subject = m->member });
    }
    if (m->ask == ASK_THREAD) {
        thread = next_id(d);
        entry_add_raw(d, ENTRY_THREAD, (struct place){ .room = d->facts->room.id, .subject = thread }, m->opens);
    }
    if (m->ask == ASK_POST || m->ask == ASK_THREAD) {
        struct place place = { .room = d->facts->room.id, .thread = thread, .subject = next_id(d) };
        entry_add_raw(d, ENTRY_POST, place, m->says);
    }
    for (size_t i = first; i < d->ret->count; i++)
        d->ret->entries[i].actor = m->member;
}
