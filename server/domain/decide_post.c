#include <stdio.h>

#include "domain/decide_parts.h"
#include "domain/kinds.h"
#include "domain/markup.h"

#define MD_BYTES_MAX (96u << 10)   /* tokens of one post; more: plain text */

/* A handle inside code names nobody. Quotes within literals are escaped, so the sequence can only be a token. */
static bool is_mentioned(const struct decider *d, struct span md, bz_id member)
{
    char id[BZ_ID_TEXT], token[BZ_ID_TEXT + 16];
    (void)id_format(d->facts->hubs, member, id);
    int len = snprintf(token, sizeof token, "[\"@\",\"%s\"]", id);
    return memmem(md.at, md.len, token, (size_t)len) != NULL;
}

static void put_mentions(struct decider *d, struct span md)
{
    bool is_open = false;
    for (size_t i = 0; i < d->facts->mentions_count; i++) {
        bz_id member = d->facts->mentions[i].id;
        if (!is_mentioned(d, md, member))
            continue;
        if (!is_open) {
            json_name(&d->body, "mentions");
            json_open(&d->body, '[');
        }
        is_open = true;
        char id[BZ_ID_TEXT];
        size_t len = id_format(d->facts->hubs, member, id);
        json_text(&d->body, (struct span){ id, len });
    }
    if (is_open)
        json_close(&d->body, ']');
}

void post_body(struct decider *d, struct span lang, struct span usual, bz_id reply_to)
{
    struct buf md;
    buf_init(&md, MD_BYTES_MAX);
    markup_tokens(d->facts, d->cmd->text, &md);
    json_put_text(&d->body, "text", d->cmd->text);
    if (md.len > 0)
        json_put_raw(&d->body, "md", buf_span(&md));
    if (lang.at != NULL && !span_eq(lang, usual))
        json_put_text(&d->body, "lang", lang);
    put_id_opt(d, "reply_to", reply_to);
    put_mentions(d, buf_span(&md));
    put_files(d);
    if (d->cmd->is_version)
        json_put_bool(&d->body, "version", true);
    buf_done(&md);
}

static struct place place_of(const struct decider *d, bz_id subject)
{
    return (struct place){ .room = d->facts->room.id, .thread = d->facts->thread.id, .subject = subject };
}

/* A resource's file has its keepers. */
static enum bz_err may_version(struct decider *d)
{
    const struct facts *f = d->facts;
    if (!d->cmd->is_version)
        return BZ_OK;
    if (f->thread.kind != THREAD_KIND_RESOURCE)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "only a resource has versions");
    if (!f->is_operator && f->thread.author != d->cmd->actor && f->actor.role < ROLE_MODERATOR)
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "only its author and moderators give a resource a new version");
    return d->cmd->files.count == 1 ? BZ_OK : bz_invalid(d->e, "files", "files: a new version is one file");
}

enum bz_err decide_post_create(struct decider *d)
{
    const struct facts *f = d->facts;
    enum bz_err rc;
    if ((rc = need_words_or_files(d)) != BZ_OK || (rc = need_lang_opt(d)) != BZ_OK || (rc = may_version(d)) != BZ_OK)
        return rc;
    bool is_here = f->reply.id != 0 && f->reply.thread == f->thread.id;
    bool has_left = f->reply.id != 0 && (f->reply.left == f->thread.id || f->reply.left == d->cmd->thread);
    if (d->cmd->reply_to != 0 && !is_here && !has_left)
        return bz_invalid(d->e, "reply_to", "reply_to: a post of this thread");
    struct judgement judgement;
    if ((rc = judge(d, SAYS_POST, &judgement)) != BZ_OK)
        return rc;
    if (judgement.is_held) {
        ask_add(d, ASK_POST, &judgement, is_here ? f->reply.id : 0);
        return BZ_OK;
    }
    body_open(d);
    post_body(d, d->cmd->lang, span_of(f->thread.lang), is_here ? f->reply.id : 0);   /* words outweigh a quote that was moved away */
    d->ret->id = next_id(d);
    entry_add(d, ENTRY_POST, place_of(d, d->ret->id));
    if (judgement.is_flagged)
        flag_add(d, f->thread.id, d->ret->id);
    return BZ_OK;
}

enum bz_err decide_post_edit(struct decider *d)
{
    const struct facts *f = d->facts;
    enum bz_err rc;
    if ((rc = need_text(d, "text", d->cmd->text, BZ_LIMIT_POST_BYTES)) != BZ_OK || (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    struct span before = f->post.lang.at != NULL ? f->post.lang : span_of(f->thread.lang);
    struct span lang = d->cmd->lang.at != NULL ? d->cmd->lang : before;
    if (span_eq(d->cmd->text, f->post.text) && span_eq(lang, before))
        return BZ_OK;
    struct judgement judgement;
    if ((rc = judge(d, SAYS_EDIT, &judgement)) != BZ_OK)
        return rc;
    body_open(d);
    post_body(d, lang, before, 0);   /* its language stays what it was unless it is named */
    entry_add(d, ENTRY_POST_EDIT, place_of(d, f->post.id));
    if (judgement.is_flagged)
        flag_add(d, f->thread.id, f->post.id);
    return BZ_OK;
}

enum bz_err leaves_appeal(struct decider *d)
{
    const struct post_facts *post = &d->facts->post;
    if (post->is_appealed && post->hidden_by == d->cmd->actor && post->author != d->cmd->actor)
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "its author appealed: another moderator decides");
    return BZ_OK;
}

enum bz_err decide_post_redact(struct decider *d)
{
    enum bz_err rc = need_text(d, "reason", d->cmd->reason, BZ_LIMIT_REASON_BYTES);
    if (rc != BZ_OK || d->facts->post.is_redacted)
        return rc;
    if ((rc = leaves_appeal(d)) != BZ_OK)
        return rc;
    body_open(d);
    if (d->facts->post.author == d->cmd->actor)
        json_put_text(&d->body, "reason", d->cmd->reason);
    else
        put_why(d);
    entry_add(d, ENTRY_POST_REDACT, place_of(d, d->facts->post.id));
    return BZ_OK;
}

static enum bz_err decide_hidden(struct decider *d, bool is_hidden, enum entry_kind kind)
{
    enum bz_err rc = need_why(d);
    if (rc != BZ_OK || d->facts->post.is_hidden == is_hidden)
        return rc;
    body_open(d);
    put_why(d);
    entry_add(d, kind, place_of(d, d->facts->post.id));
    return BZ_OK;
}

enum bz_err decide_post_hide(struct decider *d) { return decide_hidden(d, true, ENTRY_POST_HIDE); }

/* What somebody else hid of theirs, somebody else shows again. */
enum bz_err decide_post_restore(struct decider *d)
{
    const struct post_facts *post = &d->facts->post;
    bz_id actor = d->cmd->actor;
    if (post->is_hidden && post->author == actor && post->hidden_by != actor)
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "it concerns you: somebody else decides");
    return decide_hidden(d, false, ENTRY_POST_RESTORE);
}

enum bz_err decide_post_lock(struct decider *d)
{
    if (d->cmd->on == d->facts->post.is_locked)
        return BZ_OK;
    body_open(d);
    json_put_bool(&d->body, "locked", d->cmd->on);
    put_why(d);
    entry_add(d, ENTRY_POST_LOCK, place_of(d, d->facts->post.id));
    return BZ_OK;
}

enum bz_err decide_post_react(struct decider *d)
{
    if (!is_reaction(d->cmd->emoji))
        return bz_invalid(d->e, "emoji", "emoji: one of the six reactions");
    if (d->cmd->on == d->facts->post.has_reaction)
        return BZ_OK;
    body_open(d);
    json_put_text(&d->body, "emoji", d->cmd->emoji);
    json_put_bool(&d->body, "on", d->cmd->on);
    entry_add(d, ENTRY_REACT, place_of(d, d->facts->post.id));
    return BZ_OK;
}
