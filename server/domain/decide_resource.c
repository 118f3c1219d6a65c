/* The library: what is said of resources, and of the themes that they are found by. */
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
