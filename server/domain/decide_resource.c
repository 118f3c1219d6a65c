/* The library: what is said of resources, and of the themes that they are found by. */
#include <string.h>

#include "domain/decide_parts.h"
#include "domain/kinds.h"

enum bz_err need_fields(struct decider *d)
{
    struct span fields = d->cmd->fields, theme = d->facts->no_theme;
    if (fields.at == NULL)
        return BZ_OK;
    if (fields.len > BZ_LIMIT_FIELDS_BYTES || fields.len < 2 || fields.at[0] != '{')
        return bz_invalid(d->e, "fields", "fields: an object of at most %d bytes", BZ_LIMIT_FIELDS_BYTES);
    if (theme.at != NULL)
        return bz_invalid(d->e, "fields.themes", "fields.themes: there is no theme %.*s", (int)theme.len, theme.at);
    return BZ_OK;
}

enum bz_err decide_thread_fields(struct decider *d)
{
    const struct facts *f = d->facts;
    struct span none = SPAN("{}"), fields = d->cmd->fields.at != NULL ? d->cmd->fields : none;
    struct judgement judgement;
    enum bz_err rc;
    if (kind_spec(f->thread.kind)->fields_count == 0)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "only a resource has fields");
    if ((rc = need_fields(d)) != BZ_OK || span_eq(fields, f->fields.at != NULL ? f->fields : none)
        || (rc = judge(d, SAYS_FIELDS, &judgement)) != BZ_OK)
        return rc;
    body_open(d);
    if (f->thread.author != d->cmd->actor)
        put_as(d);
    json_put_raw(&d->body, "fields", fields);
    entry_add(d, ENTRY_THREAD_FIELDS, (struct place){ .room = f->room.id, .thread = f->thread.id, .subject = f->thread.id });
    if (judgement.is_flagged)
        flag_add(d, f->thread.id, 0);
    return BZ_OK;
}

/* The address as it is written, or without the scheme that a reader adds. */
static bool stands_in(struct span url, struct span text)
{
    static const char scheme[] = "http://";
    size_t skip = url.len > sizeof scheme - 1 && memcmp(url.at, scheme, sizeof scheme - 1) == 0 ? sizeof scheme - 1 : 0;
    return text.len > 0 && url.len > skip && memmem(text.at, text.len, url.at + skip, url.len - skip) != NULL;
}

/* A file that is shared again counts as what it is: else it could outlive what its room and who shares it may keep. */
static enum bz_err need_space(struct decider *d)
{
    const struct facts *f = d->facts;
    int64_t bytes = f->files_count > 0 ? f->files[0].blob.bytes : 0;
    if (bytes > 0 && f->own_bytes_max > 0 && f->own_bytes + bytes > f->own_bytes_max)
        return bz_fail(d->e, BZ_ERR_TOO_LARGE, "your files may have %lld MB together; remove some first",
                       (long long)(f->own_bytes_max / 1000000));
    if (bytes > 0 && f->room_bytes_max > 0 && f->room_bytes + bytes > f->room_bytes_max)
        return bz_fail(d->e, BZ_ERR_TOO_LARGE, "this room has no space left for files; its moderators may remove some");
    return BZ_OK;
}

static enum bz_err need_promoted(struct decider *d)
{
    const struct command *cmd = d->cmd;
    if (cmd->url.at == NULL)
        return d->facts->files_count > 0 ? need_space(d) : bz_invalid(d->e, "file", "file: one of the post's, from 0 on");
    return stands_in(cmd->url, d->facts->post.text) ? BZ_OK : bz_invalid(d->e, "url", "url: a link of the post");
}

enum bz_err decide_resource_promote(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct facts *f = d->facts;
    struct judgement judgement;
    enum bz_err rc;
    if ((rc = need_name(d, "title", cmd->title, BZ_LIMIT_TITLE_CHARS)) != BZ_OK
        || (cmd->text.len > 0 && (rc = need_text(d, "text", cmd->text, BZ_LIMIT_POST_BYTES)) != BZ_OK)
        || (rc = need_lang_opt(d)) != BZ_OK || (rc = need_fields(d)) != BZ_OK || (rc = need_promoted(d)) != BZ_OK
        || (rc = judge(d, SAYS_THREAD, &judgement)) != BZ_OK)
        return rc;
    if (judgement.is_held) {
        ask_add(d, ASK_THREAD, &judgement, 0);
        return BZ_OK;
    }
    d->ret->id = thread_add(d, &(struct thread_draft){
        .room = f->room.id, .title = cmd->title, .lang = lang_or(d, f->room.lang), .fields = cmd->fields,
        .kind = THREAD_KIND_RESOURCE, .source = f->post.id });
    d->ret->extra = next_id(d);
    body_open(d);
    post_body(d, (struct span){ NULL, 0 }, SPAN(""), 0);
    entry_add(d, ENTRY_POST, (struct place){ .room = f->room.id, .thread = d->ret->id, .subject = d->ret->extra });
    if (judgement.is_flagged)
        flag_add(d, d->ret->id, d->ret->extra);
    return BZ_OK;
}

/* ---- Themes: a tree of two levels. */

static enum bz_err need_theme(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct theme_facts *theme = &d->facts->theme;
    enum bz_err rc = need_slug(d, cmd->slug);
    if (rc != BZ_OK)
        return rc;
    if (!theme->is_there && cmd->names.at == NULL)
        return bz_invalid(d->e, "names", "names: a new theme needs a name in one language at least");
    if (!theme->is_there && d->facts->shelf_count >= BZ_LIMIT_THEMES_MAX)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "there are %d themes already; put one to use that is retired", BZ_LIMIT_THEMES_MAX);
    if (cmd->parent.at == NULL)
        return BZ_OK;
    if (!theme->parent_is_top || span_eq(cmd->parent, cmd->slug))
        return bz_invalid(d->e, "parent", "parent: another theme, of the upper level");
    return theme->has_children ? bz_fail(d->e, BZ_ERR_CONFLICT, "themes stand below this one: it stays on the upper level") : BZ_OK;
}

enum bz_err decide_theme_set(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct theme_facts *theme = &d->facts->theme;
    enum bz_err rc = need_theme(d);
    if (rc != BZ_OK)
        return rc;
    body_open(d);
    json_put_text(&d->body, "slug", cmd->slug);
    size_t head = d->body.len;
    if (cmd->parent.at != NULL && !(theme->parent.at != NULL && span_eq(cmd->parent, theme->parent)))
        json_put_text(&d->body, "parent", cmd->parent);
    if (cmd->names.at != NULL && (!theme->is_there || theme->names_differ))
        json_put_raw(&d->body, "names", cmd->names);
    if ((cmd->sets & SETS_RETIRED) && cmd->on != theme->is_retired)
        json_put_bool(&d->body, "retired", cmd->on);
    if (d->body.len > head)
        entry_add(d, ENTRY_THEME, (struct place){ 0 });
    return BZ_OK;
}

/* ---- Collections: of a region, of resources wherever they are. */

enum bz_err decide_collection_create(struct decider *d)
{
    const struct command *cmd = d->cmd;
    enum bz_err rc;
    if (d->facts->region == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such region");
    if ((rc = need_name(d, "title", cmd->title, BZ_LIMIT_TITLE_CHARS)) != BZ_OK
        || (cmd->about.len > 0 && (rc = need_text(d, "about", cmd->about, BZ_LIMIT_ABOUT_BYTES)) != BZ_OK))
        return rc;
    if (d->facts->shelf_count >= BZ_LIMIT_COLLECTIONS_MAX)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the region has %d collections already", BZ_LIMIT_COLLECTIONS_MAX);
    d->ret->id = next_id(d);
    body_open(d);
    json_put_id(&d->body, d->facts->hubs, "region", d->facts->region);
    json_put_text(&d->body, "title", cmd->title);
    if (cmd->about.len > 0)
        json_put_text(&d->body, "about", cmd->about);
    entry_add(d, ENTRY_COLLECTION, (struct place){ .subject = d->ret->id });
    return BZ_OK;
}

enum bz_err decide_collection_set(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct collection_facts *is = &d->facts->collection;
    enum bz_err rc;
    if (cmd->title.at != NULL && (rc = need_name(d, "title", cmd->title, BZ_LIMIT_TITLE_CHARS)) != BZ_OK)
        return rc;
    if (cmd->about.len > 0 && (rc = need_text(d, "about", cmd->about, BZ_LIMIT_ABOUT_BYTES)) != BZ_OK)
        return rc;
    body_open(d);
    size_t head = d->body.len;
    if (cmd->title.at != NULL && !span_eq(cmd->title, is->title))
        json_put_text(&d->body, "title", cmd->title);
    if (cmd->about.at != NULL && !span_eq(cmd->about, is->about.at != NULL ? is->about : SPAN("")))
        json_put_text(&d->body, "about", cmd->about);
    if ((cmd->sets & SETS_RETIRED) && cmd->on != is->is_retired)
        json_put_bool(&d->body, "retired", cmd->on);
    if (d->body.len > head)
        entry_add(d, ENTRY_COLLECTION_SET, (struct place){ .subject = is->id });
    return BZ_OK;
}

/* Told where the resource is: who may not read that room hears nothing of it. */
enum bz_err decide_collection_put(struct decider *d)
{
    const struct facts *f = d->facts;
    if (f->thread.kind != THREAD_KIND_RESOURCE && d->cmd->on)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "only resources are collected");
    if (f->collection.is_retired && d->cmd->on)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the collection is retired");
    if (d->cmd->on == f->collection.has_thread)
        return BZ_OK;
    body_open(d);
    json_put_bool(&d->body, "on", d->cmd->on);
    entry_add(d, ENTRY_COLLECTION_PUT, (struct place){ .room = f->room.id, .thread = f->thread.id, .subject = f->collection.id });
    return BZ_OK;
}
