#include "domain/decide.h"

#include <assert.h>

#include "base/utf8.h"
#include "domain/decide_parts.h"
#include "domain/kinds.h"
#include "domain/policy.h"

void body_open(struct decider *d)
{
    buf_clear(&d->body);
    json_open(&d->body, '{');
}

bz_id next_id(const struct decider *d) { return id_make(0, d->facts->next_seq + (int64_t)d->ret->count); }

void entry_add(struct decider *d, enum entry_kind kind, struct place place)
{
    json_close(&d->body, '}');
    entry_add_raw(d, kind, place, arena_copy(d->arena, buf_span(&d->body)));
}

void entry_add_raw(struct decider *d, enum entry_kind kind, struct place place, struct span body)
{
    assert(d->ret->count < DECISION_ENTRIES);
    bool is_first = d->ret->count == 0;
    struct entry *entry = &d->ret->entries[d->ret->count];
    *entry = (struct entry){
        .seq = d->facts->next_seq + (int64_t)d->ret->count,
        .at_ms = d->cmd->at_ms != 0 ? d->cmd->at_ms : d->facts->now_ms,
        .actor = d->cmd->actor,
        .kind = kind,
        .room = place.room,
        .thread = place.thread,
        .subject = place.subject,
        .cid = is_first ? d->cmd->cid : (struct span){ NULL, 0 },
        .body = body,
    };
    d->ret->count++;
}

void put_id_opt(struct decider *d, const char *name, bz_id id)
{
    if (id != 0)
        json_put_id(&d->body, d->facts->hubs, name, id);
}

enum bz_err need_name(struct decider *d, const char *field, struct span s, size_t chars_max)
{
    if (utf8_is_name(s, chars_max))
        return BZ_OK;
    return bz_invalid(d->e, field, "%s: one line of text, at most %zu characters", field, chars_max);
}

enum bz_err need_name_opt(struct decider *d, const char *field, struct span s)
{
    return s.at == NULL ? BZ_OK : need_name(d, field, s, BZ_LIMIT_NAME_CHARS);
}

enum bz_err need_text(struct decider *d, const char *field, struct span s, size_t bytes_max)
{
    if (s.len <= bytes_max && utf8_is_text(s))
        return BZ_OK;
    return bz_invalid(d->e, field, "%s: text that is not blank, at most %zu bytes", field, bytes_max);
}

enum bz_err need_why(struct decider *d)
{
    const struct command *cmd = d->cmd;
    if (cmd->rule.at != NULL && !is_rule(cmd->rule))
        return bz_invalid(d->e, "rule", "rule: one of the list");
    if (cmd->rule.at != NULL && cmd->reason.at == NULL)
        return BZ_OK;
    return need_text(d, "reason", cmd->reason, BZ_LIMIT_REASON_BYTES);
}

void put_as(struct decider *d)
{
    enum role role = d->facts->is_operator ? ROLE_ADMIN : d->facts->actor.role;
    json_put_text(&d->body, "as", span_of(role_wire(role)));
}

void put_why(struct decider *d)
{
    put_as(d);
    json_put_text_opt(&d->body, "rule", d->cmd->rule);
    json_put_text_opt(&d->body, "reason", d->cmd->reason);
}

enum bz_err need_lang_opt(struct decider *d)
{
    if (d->cmd->lang.at == NULL || lang_valid(d->cmd->lang))
        return BZ_OK;
    return bz_invalid(d->e, "lang", "lang: a language tag like en or pt-BR");
}

enum bz_err need_slug(struct decider *d, struct span s)
{
    if (slug_valid(s))
        return BZ_OK;
    return bz_invalid(d->e, "slug", "slug: 1 to %d of a-z, 0-9 and -", BZ_LIMIT_SLUG_CHARS);
}

enum bz_err taken(struct decider *d, const char *field)
{
    (void)bz_invalid(d->e, field, "%s: it is taken, choose another", field);
    if (d->e != NULL)
        d->e->code = BZ_ERR_CONFLICT;
    return BZ_ERR_CONFLICT;
}

struct span lang_or(const struct decider *d, const char *other)
{
    if (d->cmd->lang.at != NULL)
        return d->cmd->lang;
    return span_of(other[0] != '\0' ? other : "en");
}

static decide_fn *const deciders[COMMAND_COUNT] = {
    [COMMAND_HUB_INIT] = decide_hub_init,
    [COMMAND_REGION_CREATE] = decide_region_create,
    [COMMAND_ROOM_CREATE] = decide_room_create,
    [COMMAND_MEMBER_ADD] = decide_member_add,
    [COMMAND_MEMBER_ROLE] = decide_member_role,
    [COMMAND_MEMBER_SET] = decide_member_set,
    [COMMAND_INVITE_TAKE] = decide_invite_take,
    [COMMAND_MEMBER_SANCTION] = decide_member_sanction,
    [COMMAND_MEMBER_PARDON] = decide_member_pardon,
    [COMMAND_SANCTION_APPEAL] = decide_sanction_appeal,
    [COMMAND_MEMBER_ERASE] = decide_member_erase,
    [COMMAND_ERASE_STEP] = decide_erase_step,
    [COMMAND_ROOM_JOIN] = decide_room_join,
    [COMMAND_ROOM_LEAVE] = decide_room_leave,
    [COMMAND_ROOM_INVITE] = decide_room_invite,
    [COMMAND_ROOM_SET] = decide_room_set,
    [COMMAND_THREAD_CREATE] = decide_thread_create,
    [COMMAND_THREAD_RENAME] = decide_thread_rename,
    [COMMAND_THREAD_LOCK] = decide_thread_lock,
    [COMMAND_THREAD_PIN] = decide_thread_pin,
    [COMMAND_THREAD_FEATURE] = decide_thread_feature,
    [COMMAND_POST_LOCK] = decide_post_lock,
    [COMMAND_THREAD_ANSWER] = decide_thread_answer,
    [COMMAND_THREAD_CLOSE] = decide_thread_close,
    [COMMAND_THREAD_ARCHIVE] = decide_thread_archive,
    [COMMAND_THREAD_KIND] = decide_thread_kind,
    [COMMAND_THREAD_FIELDS] = decide_thread_fields,
    [COMMAND_THREAD_MOVE] = decide_thread_move,
    [COMMAND_THREAD_MERGE] = decide_thread_merge,
    [COMMAND_THREAD_UNDO] = decide_thread_undo,
    [COMMAND_POST_MOVE] = decide_post_move,
    [COMMAND_DIRECT_OPEN] = decide_direct_open,
    [COMMAND_POST_CREATE] = decide_post_create,
    [COMMAND_POST_EDIT] = decide_post_edit,
    [COMMAND_POST_REDACT] = decide_post_redact,
    [COMMAND_RESOURCE_PROMOTE] = decide_resource_promote,
    [COMMAND_THEME_SET] = decide_theme_set,
    [COMMAND_COLLECTION_CREATE] = decide_collection_create,
    [COMMAND_COLLECTION_SET] = decide_collection_set,
    [COMMAND_COLLECTION_PUT] = decide_collection_put,
    [COMMAND_ORG_CREATE] = decide_org_create,
    [COMMAND_ORG_SET] = decide_org_set,
    [COMMAND_ORG_MEMBER] = decide_org_member,
    [COMMAND_ORG_CONFIRM] = decide_org_confirm,
    [COMMAND_REQUEST_DECIDE] = decide_request_decide,
    [COMMAND_LINK_TELL] = decide_link_tell,
    [COMMAND_REPORT_CREATE] = decide_report_create,
    [COMMAND_REPORT_CLAIM] = decide_report_claim,
    [COMMAND_REPORT_DECIDE] = decide_report_decide,
    [COMMAND_APPEAL_CREATE] = decide_appeal_create,
    [COMMAND_POST_HIDE] = decide_post_hide,
    [COMMAND_POST_RESTORE] = decide_post_restore,
    [COMMAND_POST_REACT] = decide_post_react,
};

enum bz_err decide(const struct facts *facts, const struct command *cmd, struct arena *arena,
                   struct decision *ret, struct bz_error *e)
{
    assert(deciders[cmd->kind] != NULL);
    enum bz_err rc = policy_check(facts, cmd, e);
    if (rc != BZ_OK)
        return rc;
    struct decision decision = { 0 };
    struct decider d = { .facts = facts, .cmd = cmd, .arena = arena, .ret = &decision, .e = e };
    buf_init(&d.body, BODY_BYTES_MAX);
    rc = deciders[cmd->kind](&d);
    bool is_whole = !d.body.failed;
    buf_done(&d.body);
    if (rc == BZ_OK && !is_whole)
        rc = bz_fail(e, BZ_ERR_TOO_LARGE, "this is too large");
    if (rc == BZ_OK)
        *ret = decision;
    return rc;
}
