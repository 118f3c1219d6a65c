#include "domain/decide_parts.h"
#include "domain/kinds.h"

enum bz_err decide_member_add(struct decider *d)
{
    const struct command *cmd = d->cmd;
    enum bz_err rc;
    if (!handle_valid(cmd->handle))
        return bz_invalid(d->e, "handle", "handle: 2 to %d of a-z, 0-9 and single dots inside", BZ_LIMIT_HANDLE_CHARS);
    if ((rc = need_name(d, "name", cmd->name, BZ_LIMIT_NAME_CHARS)) != BZ_OK ||
        (rc = need_name_opt(d, "org", cmd->org)) != BZ_OK || (rc = need_name_opt(d, "city", cmd->city)) != BZ_OK ||
        (rc = need_name_opt(d, "country", cmd->country)) != BZ_OK || (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    if (cmd->region != 0 && d->facts->region == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such region");
    if (d->facts->name_taken)
        return taken(d, "handle");
    body_open(d);
    json_put_text(&d->body, "handle", cmd->handle);
    json_put_text(&d->body, "name", cmd->name);
    json_put_text(&d->body, "role", span_of(role_wire(cmd->role)));
    json_put_text_opt(&d->body, "org", cmd->org);
    json_put_text_opt(&d->body, "city", cmd->city);
    json_put_text_opt(&d->body, "country", cmd->country);
    put_id_opt(d, "region", d->facts->region);
    json_put_text(&d->body, "lang", lang_or(d, "en"));
    d->ret->id = next_id(d);
    entry_add(d, ENTRY_MEMBER, (struct place){ .subject = d->ret->id });
    return BZ_OK;
}
