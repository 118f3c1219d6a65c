/* Somebody leaves: what is theirs is taken out of the record, entry by entry, and each that is taken out is named there. */
#include <stdio.h>

#include "domain/decide_parts.h"

static void put_posts(struct decider *d, bool keeps) { json_put_text(&d->body, "posts", keeps ? SPAN("keep") : SPAN("erase")); }

enum bz_err decide_member_erase(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct facts *f = d->facts;
    if (f->member.id == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such member");
    if (f->member.hub_role == ROLE_ADMIN && f->other_admins == 0)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the hub keeps its last admin: name another one first");
    if (!f->is_operator && !span_eq(cmd->handle, f->handle))
        return bz_invalid(d->e, "handle", "handle: type the handle of who leaves, to confirm it");
    body_open(d);
    put_posts(d, cmd->on);
    entry_add(d, ENTRY_MEMBER_ERASE, (struct place){ .subject = f->member.id });
    return BZ_OK;
}

static void put_entries(struct decider *d, const struct erase_facts *erase)
{
    char name[24];
    json_name(&d->body, "entries");
    json_open(&d->body, '{');
    for (size_t i = 0; i < erase->count; i++) {
        (void)snprintf(name, sizeof name, "%lld", (long long)erase->entries[i].seq);
        json_put_raw(&d->body, name, erase->entries[i].rest);
    }
    json_close(&d->body, '}');
}

enum bz_err decide_erase_step(struct decider *d)
{
    const struct erase_facts *erase = d->facts->erase;
    struct place of_member = { .subject = d->cmd->member };
    if (erase == NULL)
        return BZ_OK;
    d->ret->id = erase->goes_on || erase->is_over ? d->cmd->member : 0;
    if (erase->count == 0 && !erase->is_over)
        return BZ_OK;
    body_open(d);
    if (erase->count > 0) {
        put_entries(d, erase);
    } else {
        put_posts(d, erase->keeps);
        json_put_bool(&d->body, "done", true);
    }
    entry_add(d, erase->count > 0 ? ENTRY_ERASE : ENTRY_MEMBER_ERASE, of_member);
    return BZ_OK;
}
