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
    if (d->facts->email_taken)
        return taken(d, "email");
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

/* One value: what it is now and what it shall be; an absent one takes it away. */
static void put_new(struct decider *d, unsigned bit, const char *name, struct span is, struct span want, bool *ret_changes)
{
    if (!(d->cmd->sets & bit) || span_eq(is, want))
        return;
    json_put_text(&d->body, name, want);   /* absent: null */
    *ret_changes = true;
}

/* What all see of a member, as far as it is named and differs. */
enum bz_err decide_member_set(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct said_facts *is = &d->facts->said;
    bool changes = false;
    enum bz_err rc = BZ_OK;
    if (d->facts->member.id == 0 || is->name.at == NULL)   /* not there, or left */
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such member");
    if (cmd->sets & SETS_NAME)
        rc = need_name(d, "name", cmd->name, BZ_LIMIT_NAME_CHARS);
    if (rc != BZ_OK || (rc = need_name_opt(d, "org", cmd->org)) != BZ_OK || (rc = need_name_opt(d, "city", cmd->city)) != BZ_OK
        || (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    if (cmd->country.at != NULL && !country_valid(cmd->country))
        return bz_invalid(d->e, "country", "country: a country's code like SN or BR");
    if (cmd->region != 0 && d->facts->region == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such region");
    if ((cmd->sets & SETS_ORG) && is->is_in_org && !span_eq(is->org, cmd->org)) {
        (void)bz_invalid(d->e, "org", "org: it is the name of the organisation that they are in");
        if (d->e != NULL)
            d->e->code = BZ_ERR_CONFLICT;
        return BZ_ERR_CONFLICT;
    }
    body_open(d);
    put_new(d, SETS_NAME, "name", is->name, cmd->name, &changes);
    put_new(d, SETS_ORG, "org", is->org, cmd->org, &changes);
    put_new(d, SETS_CITY, "city", is->city, cmd->city, &changes);
    put_new(d, SETS_COUNTRY, "country", is->country, cmd->country, &changes);
    if ((cmd->sets & SETS_REGION) && cmd->region != is->region) {
        if (cmd->region == 0)
            json_put_text(&d->body, "region", (struct span){ NULL, 0 });
        put_id_opt(d, "region", cmd->region);
        changes = true;
    }
    if (cmd->lang.at != NULL)
        put_new(d, SETS_LANG, "lang", is->lang, cmd->lang, &changes);
    if (changes)
        entry_add(d, ENTRY_MEMBER_SET, (struct place){ .subject = d->facts->member.id });
    return BZ_OK;
}

/* Decided with the rights that its inviter has now. Who has the address already is let in as they are. */
enum bz_err decide_invite_take(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct facts *f = d->facts;
    bool is_new = f->member.id == 0, is_here = f->room_is_named || cmd->region != 0;
    bz_id member = is_new ? next_id(d) : f->member.id, region = f->room_is_named ? f->room.region : f->region;
    enum bz_err rc;
    if ((rc = need_name(d, "name", cmd->name, BZ_LIMIT_NAME_CHARS)) != BZ_OK || (rc = need_name_opt(d, "org", cmd->org)) != BZ_OK ||
        (rc = need_name_opt(d, "city", cmd->city)) != BZ_OK || (rc = need_name_opt(d, "country", cmd->country)) != BZ_OK ||
        (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    if (is_new) {
        body_open(d);
        json_put_text(&d->body, "handle", cmd->handle);
        json_put_text(&d->body, "name", cmd->name);
        json_put_text(&d->body, "role", span_of(role_wire(is_here && cmd->role > ROLE_MEMBER ? ROLE_MEMBER : cmd->role)));
        json_put_text_opt(&d->body, "org", f->org.id != 0 ? f->org.name : cmd->org);
        json_put_text_opt(&d->body, "city", cmd->city.at != NULL ? cmd->city : f->org.city);
        json_put_text_opt(&d->body, "country", cmd->country.at != NULL ? cmd->country : f->org.country);
        put_id_opt(d, "region", region != 0 ? region : f->org.region);
        json_put_text(&d->body, "lang", lang_or(d, "en"));
        entry_add(d, ENTRY_MEMBER, (struct place){ .subject = member });
    }
    if (f->org.id != 0 && f->org.member_org == 0) {
        body_open(d);
        json_put_id(&d->body, f->hubs, "member", member);
        if (cmd->is_delegate)
            json_put_bool(&d->body, "delegate", true);
        entry_add(d, ENTRY_ORG_MEMBER, (struct place){ .subject = f->org.id });
    }
    if (f->room_is_named && !f->member_is_joined) {
        body_open(d);
        entry_add(d, ENTRY_ROOM_INVITE, (struct place){ .room = f->room.id, .subject = member });
    }
    bz_id scope = f->room_is_named ? f->room.id : f->region;   /* one without a scope would be of the hub */
    if (is_here && scope != 0 && cmd->role >= ROLE_MODERATOR && f->member.role < cmd->role) {
        body_open(d);
        put_id_opt(d, "scope", scope);
        json_put_text(&d->body, "role", span_of(role_wire(cmd->role)));
        entry_add(d, ENTRY_MEMBER_ROLE, (struct place){ .room = f->room_is_named ? f->room.id : 0, .subject = member });
    }
    d->ret->id = member;
    return BZ_OK;
}

/* Who may give a role is an admin of that place, so nobody gives more than they have. One that was given for the hub is
 * replaced; for a region or a room `member` and `guest` mean none of its own. */
enum bz_err decide_member_role(struct decider *d)
{
    const struct command *cmd = d->cmd;
    const struct facts *f = d->facts;
    bz_id scope = f->room_is_named ? f->room.id : cmd->region;
    if (f->room_is_named && cmd->region != 0)
        return bz_invalid(d->e, "region", "region: a role is for a room or for a region");
    if (cmd->region != 0 && f->region == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such region");
    if (f->member.id == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such member");
    if (cmd->reason.at != NULL) {
        enum bz_err rc = need_text(d, "reason", cmd->reason, BZ_LIMIT_REASON_BYTES);
        if (rc != BZ_OK)
            return rc;
    }
    enum role role = scope != 0 && cmd->role == ROLE_MEMBER ? ROLE_GUEST : cmd->role;
    if (role == f->member.role)
        return BZ_OK;
    if (scope == 0 && f->member.role == ROLE_ADMIN && f->other_admins == 0)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "the hub keeps its last admin: name another one first");
    body_open(d);
    put_id_opt(d, "scope", scope);
    json_put_text(&d->body, "role", span_of(role_wire(role)));
    json_put_text_opt(&d->body, "reason", cmd->reason);
    entry_add(d, ENTRY_MEMBER_ROLE, (struct place){ .room = f->room_is_named ? scope : 0, .subject = f->member.id });
    return BZ_OK;
}
