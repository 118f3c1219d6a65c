#include "domain/decide_parts.h"
#include "domain/kinds.h"
#include "base/utf8.h"

#define DAY_APART_MS (20 * 3600 * (int64_t)1000)   /* nearly one: a clock may be set, and an answer takes its time */

static bool is_same(struct span a, struct span b) { return (a.at == NULL) == (b.at == NULL) && span_eq(a, b); }

/* It is a worker's answer: what is no text for people is not told. */
static struct span fit(struct span s, size_t chars_max) { return utf8_is_name(s, chars_max) ? s : (struct span){ NULL, 0 }; }

/* What is told of a link replaces what was told before. What holds a word of the room's list, which would not be let pass
 * from a member, is not told. That it does not answer is told when it failed twice, a day apart. */
enum bz_err decide_link_tell(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct link_facts *is = &d->facts->link;
    enum word_act act = d->facts->found.act;
    struct span none = { NULL, 0 };
    bool may_say = act != WORD_BLOCK && act != WORD_HOLD;
    bool is_read = cmd->found == LINK_READ, answers = is_read || cmd->found == LINK_ANSWERS;
    if (!is->is_there || !is->is_shown || d->facts->post.is_redacted || d->facts->post.is_hidden)
        return BZ_OK;
    struct span title = is_read ? fit(may_say ? cmd->title : none, BZ_LIMIT_LINK_TITLE_CHARS) : is->title;
    struct span about = is_read ? fit(may_say ? cmd->about : none, BZ_LIMIT_LINK_ABOUT_CHARS) : is->about;
    struct span lang = !is_read ? is->lang : may_say && lang_valid(cmd->lang) ? cmd->lang : none;
    bool is_over = cmd->found == LINK_DEAD && is->failures > 0 && d->facts->now_ms - is->failed_ms >= DAY_APART_MS;
    int64_t dead_ms = answers ? 0 : is->dead_ms != 0 ? is->dead_ms : is_over ? is->failed_ms : 0;
    if (is_same(title, is->title) && is_same(about, is->about) && is_same(lang, is->lang) && dead_ms == is->dead_ms)
        return BZ_OK;
    body_open(d);
    json_put_text(&d->body, "url", cmd->url);
    json_put_text_opt(&d->body, "title", title);
    json_put_text_opt(&d->body, "about", about);
    json_put_text_opt(&d->body, "lang", lang);
    if (dead_ms != 0)
        json_put_int(&d->body, "dead", dead_ms);
    entry_add(d, ENTRY_LINK, (struct place){ .room = d->facts->room.id, .thread = d->facts->thread.id, .subject = d->facts->post.id });
    return BZ_OK;
}
