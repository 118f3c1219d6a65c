/* What moderators impose on members, that it is lifted, and the appeal of whom it concerns. */
#include "domain/decide_parts.h"
#include "domain/kinds.h"

static struct place place_in(bz_id room, bz_id subject) { return (struct place){ .room = room, .subject = subject }; }

enum bz_err need_until(struct decider *d)
{
    if (d->cmd->until_ms == 0 || d->cmd->until_ms > d->facts->now_ms)
        return BZ_OK;
    return bz_invalid(d->e, "until", "until: a time to come");
}

void sanction_add(struct decider *d, enum sanction act)
{
    const struct facts *f = d->facts;
    bz_id scope = f->room.id != 0 ? f->room.id : f->region;
    body_open(d);
    put_id_opt(d, "scope", scope);
    json_put_text(&d->body, "act", span_of(sanction_wire(act)));
    if (d->cmd->field != 0)
        json_put_text(&d->body, "field", span_of(profile_field_wire(d->cmd->field)));
    if (d->cmd->until_ms != 0 && (act == SANCTION_SILENCE || act == SANCTION_SUSPEND))
        json_put_int(&d->body, "until", d->cmd->until_ms);
    put_why(d);
    entry_add(d, ENTRY_MEMBER_SANCTION, place_in(f->room.id, f->member.id));
}

void pardon_add(struct decider *d)
{
    const struct sanction_facts *s = &d->facts->sanction;
    body_open(d);
    put_id_opt(d, "scope", s->scope);
    json_put_id(&d->body, d->facts->hubs, "sanction", s->id);
    json_put_text(&d->body, "act", span_of(sanction_wire(s->act)));
    put_why(d);
    entry_add(d, ENTRY_MEMBER_PARDON, place_in(s->room, s->member));
}

/* A ban is the hub's, and without an end; a warning is over when it is told. What somebody says of themselves stands in the whole hub,
 * and is taken out with a warning of the hub's. */
static enum bz_err need_form(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct facts *f = d->facts;
    bool may_end = cmd->act == SANCTION_SILENCE || cmd->act == SANCTION_SUSPEND;
    if (f->room_is_named && cmd->region != 0)
        return bz_invalid(d->e, "region", "region: it is for a room or for a region");
    if (cmd->region != 0 && f->region == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such region");
    if (cmd->act == SANCTION_BAN && (f->room_is_named || cmd->region != 0))
        return bz_invalid(d->e, "act", "act: a ban is for the whole hub");
    if (cmd->field != 0 && (cmd->act != SANCTION_WARN || f->room_is_named || cmd->region != 0))
        return bz_invalid(d->e, "field", "field: it is taken out with a warning of the whole hub");
    if (!may_end && cmd->until_ms != 0)
        return bz_invalid(d->e, "until", "until: only a silence or a suspension ends by itself");
    return need_until(d);
}

enum bz_err decide_member_sanction(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct facts *f = d->facts;
    enum bz_err rc;
    if ((rc = need_form(d)) != BZ_OK || (rc = need_why(d)) != BZ_OK)
        return rc;
    bool is_hubs = !f->room_is_named && cmd->region == 0;
    if (is_hubs && cmd->act >= SANCTION_SUSPEND && f->member.hub_role == ROLE_ADMIN && f->other_admins == 0)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the hub keeps its last admin: name another one first");
    d->ret->id = next_id(d);
    sanction_add(d, cmd->act);
    return BZ_OK;
}

enum bz_err decide_member_pardon(struct decider *d)
{
    bool has_why = d->cmd->rule.at != NULL || d->cmd->reason.at != NULL;
    enum bz_err rc = has_why ? need_why(d) : BZ_OK;
    if (rc == BZ_OK && !d->facts->sanction.is_lifted)
        pardon_add(d);
    return rc;
}

enum bz_err decide_sanction_appeal(struct decider *d)
{
    const struct sanction_facts *s = &d->facts->sanction;
    enum bz_err rc = need_text(d, "reason", d->cmd->reason, BZ_LIMIT_REASON_BYTES);
    if (rc != BZ_OK)
        return rc;
    if (s->is_lifted || (s->until_ms != 0 && s->until_ms <= d->facts->now_ms))
        return bz_fail(d->e, BZ_ERR_CONFLICT, "it is over");
    if (s->is_appealed)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "you have appealed already");
    d->ret->id = next_id(d);
    body_open(d);
    json_put_id(&d->body, d->facts->hubs, "sanction", s->id);
    json_put_id(&d->body, d->facts->hubs, "member", s->member);
    json_put_text(&d->body, "reason", d->cmd->reason);
    entry_add(d, ENTRY_APPEAL, place_in(s->room, d->ret->id));
    return BZ_OK;
}
