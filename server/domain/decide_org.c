/* Organisations: the cities, governments and partners that members act for. */
#include "domain/decide_parts.h"
#include "domain/kinds.h"

/* Of its region, or of the hub: delegates say less of their own. */
static bool is_admin(const struct decider *d) { return d->facts->is_operator || d->facts->actor.role >= ROLE_ADMIN; }
static bool is_hub_admin(const struct decider *d) { return d->facts->is_operator || d->facts->actor.hub_role >= ROLE_ADMIN; }

static enum bz_err need_says(struct decider *d)
{
    const struct command *cmd = d->cmd;
    enum bz_err rc;
    if (cmd->contact.len > 0 && (rc = need_text(d, "contact", cmd->contact, BZ_LIMIT_CONTACT_BYTES)) != BZ_OK)
        return rc;
    if (cmd->size.at != NULL && !is_city_size(cmd->size))
        return bz_invalid(d->e, "size", "size: small, medium, large or mega");
    if ((cmd->org_kind.at != NULL || cmd->kind == COMMAND_ORG_CREATE) && !is_org_kind(cmd->org_kind))
        return bz_invalid(d->e, "kind", "kind: city, government, partner or secretariat");
    if ((cmd->country.at != NULL || cmd->kind == COMMAND_ORG_CREATE) && !country_valid(cmd->country))
        return bz_invalid(d->e, "country", "country: a country's code like SN or BR");
    if (cmd->region != 0 && d->facts->region == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such region");
    return need_name_opt(d, "city", cmd->city);
}

enum bz_err decide_org_create(struct decider *d)
{
    const struct command *cmd = d->cmd;
    enum bz_err rc;
    if ((rc = need_name(d, "name", cmd->name, BZ_LIMIT_NAME_CHARS)) != BZ_OK || (rc = need_says(d)) != BZ_OK)
        return rc;
    if (span_is(cmd->org_kind, "city") && cmd->city.at == NULL)
        return bz_invalid(d->e, "city", "city: a city has a name");
    if (d->facts->name_taken)
        return taken(d, "name");
    d->ret->id = next_id(d);
    body_open(d);
    json_put_text(&d->body, "type", cmd->org_kind);
    json_put_text(&d->body, "name", cmd->name);
    json_put_text(&d->body, "country", cmd->country);
    json_put_text_opt(&d->body, "city", cmd->city);
    put_id_opt(d, "region", cmd->region);
    if (cmd->langs.len > 2)
        json_put_raw(&d->body, "langs", cmd->langs);
    if (cmd->contact.len > 0)
        json_put_text(&d->body, "contact", cmd->contact);
    json_put_text_opt(&d->body, "size", cmd->size);
    entry_add(d, ENTRY_ORG, (struct place){ .subject = d->ret->id });
    return BZ_OK;
}

static bool differs(struct span said, struct span is, const char *nothing)
{
    return said.at != NULL && !span_eq(said, is.at != NULL ? is : span_of(nothing));
}

enum bz_err decide_org_set(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct org_facts *is = &d->facts->org;
    enum bz_err rc;
    bool is_told = cmd->org_kind.at != NULL || cmd->name.at != NULL || cmd->country.at != NULL || cmd->city.at != NULL
                || cmd->region != 0 || cmd->size.at != NULL;
    if (is_told && !is_admin(d))
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "delegates set contact and languages; only admins the rest");
    if (cmd->region != 0 && cmd->region != is->region && !is_hub_admin(d))
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "only admins of the hub put an organisation into another region");
    if ((rc = need_name_opt(d, "name", cmd->name)) != BZ_OK || (rc = need_says(d)) != BZ_OK)
        return rc;
    body_open(d);
    size_t head = d->body.len;
    if (differs(cmd->org_kind, is->kind, ""))
        json_put_text(&d->body, "type", cmd->org_kind);
    if (differs(cmd->name, is->name, ""))
        json_put_text(&d->body, "name", cmd->name);
    if (differs(cmd->country, is->country, ""))
        json_put_text(&d->body, "country", cmd->country);
    if (differs(cmd->city, is->city, ""))
        json_put_text(&d->body, "city", cmd->city);
    if (cmd->region != is->region)
        put_id_opt(d, "region", cmd->region);
    if (differs(cmd->langs, is->langs, "[]"))
        json_put_raw(&d->body, "langs", cmd->langs);
    if (differs(cmd->contact, is->contact, ""))
        json_put_text(&d->body, "contact", cmd->contact);
    if (differs(cmd->size, is->size, ""))
        json_put_text(&d->body, "size", cmd->size);
    if (d->body.len > head)
        entry_add(d, ENTRY_ORG_SET, (struct place){ .subject = is->id });
    return BZ_OK;
}

static void member_add(struct decider *d, bool is_delegate)
{
    body_open(d);
    json_put_id(&d->body, d->facts->hubs, "member", d->facts->member.id);
    if (d->cmd->is_gone)
        json_put_bool(&d->body, "gone", true);
    else if (is_delegate)
        json_put_bool(&d->body, "delegate", true);
    entry_add(d, ENTRY_ORG_MEMBER, (struct place){ .subject = d->facts->org.id });
}

/* Whoever is in one organisation comes into another after they left it, or by an admin of the hub. */
enum bz_err decide_org_member(struct decider *d)
{
    const struct facts *f = d->facts;
    const struct org_facts *org = &f->org;
    bool is_in = org->member_org == org->id;
    bool is_delegate = d->cmd->sets & SETS_DELEGATE ? d->cmd->is_delegate : is_in && org->member_is_delegate;
    if (f->member.id == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such member");
    if (!is_admin(d) && !org->is_delegate && !d->cmd->is_gone)
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "only its delegates and admins may do this");
    bool is_anothers = is_in && org->member_is_delegate && f->member.id != f->actor.id;
    if (!is_admin(d) && ((d->cmd->sets & SETS_DELEGATE) || (d->cmd->is_gone && is_anothers)))
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "only admins say who is a delegate");
    if (d->cmd->is_gone) {
        if (is_in)
            member_add(d, false);
        return BZ_OK;
    }
    if (org->member_org != 0 && !is_in && !is_hub_admin(d))
        return bz_fail(d->e, BZ_ERR_CONFLICT, "they are in another organisation");
    if (!is_in || is_delegate != org->member_is_delegate)
        member_add(d, is_delegate);
    return BZ_OK;
}

/* One entry for all of them: who is confirmed is told by their delegate once a year. */
enum bz_err decide_org_confirm(struct decider *d)
{
    const struct org_facts *org = &d->facts->org;
    char id[BZ_ID_TEXT];
    if (org->confirmed_count == 0)
        return bz_invalid(d->e, "members", "members: one or more who are in the organisation");
    body_open(d);
    json_name(&d->body, "members");
    json_open(&d->body, '[');
    for (size_t i = 0; i < org->confirmed_count; i++)
        json_text(&d->body, (struct span){ id, id_format(d->facts->hubs, org->confirmed[i], id) });
    json_close(&d->body, ']');
    json_put_bool(&d->body, "confirmed", true);
    entry_add(d, ENTRY_ORG_MEMBER, (struct place){ .subject = org->id });
    return BZ_OK;
}

/* What is told of it is an entry; who asked stands in no journal. */
enum bz_err decide_request_decide(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct request_facts *r = &d->facts->request;
    enum bz_err rc;
    if (r->is_decided)
        return cmd->on == r->was_approved ? BZ_OK : bz_fail(d->e, BZ_ERR_CONFLICT, "somebody else decided otherwise");
    if (cmd->reason.at != NULL && (rc = need_text(d, "reason", cmd->reason, BZ_LIMIT_REASON_BYTES)) != BZ_OK)
        return rc;
    d->ret->id = d->facts->org.id;
    if (!cmd->on)
        return BZ_OK;
    if (cmd->region != 0 && d->facts->region == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such region");
    if (cmd->region != 0 && cmd->region != r->region && !is_hub_admin(d))
        return bz_fail(d->e, BZ_ERR_FORBIDDEN, "only admins of the hub put it into another region");
    if (cmd->organisation != 0 && d->facts->org.id == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such organisation");
    if (cmd->organisation != 0)
        return d->facts->org.region == r->region || is_hub_admin(d) ? BZ_OK
             : bz_fail(d->e, BZ_ERR_FORBIDDEN, "the organisation is of another region");
    if (d->facts->name_taken)
        return taken(d, "org");
    d->ret->id = next_id(d);
    body_open(d);
    json_put_text(&d->body, "type", r->kind);
    json_put_text(&d->body, "name", r->org);
    json_put_text(&d->body, "country", r->country);
    json_put_text_opt(&d->body, "city", r->city);
    put_id_opt(d, "region", cmd->region != 0 ? cmd->region : r->region);
    if (r->langs.len > 2)
        json_put_raw(&d->body, "langs", r->langs);
    json_put_text_opt(&d->body, "contact", r->website);
    entry_add(d, ENTRY_ORG, (struct place){ .subject = d->ret->id });
    return BZ_OK;
}
