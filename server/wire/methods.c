#include "wire/method.h"

#include <stddef.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "domain/kinds.h"
#include "domain/link.h"
#include "wire/account.h"
#include "wire/desk.h"
#include "wire/exchange.h"
#include "wire/factor.h"
#include "wire/method_params.h"
#include "wire/oidc.h"
#include "wire/people.h"
#include "wire/poll.h"
#include "wire/queries.h"
#include "wire/session.h"

static enum bz_err finish_member(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_get(params, "role") == NULL)
        ((struct command *)target)->role = ROLE_MEMBER;
    return BZ_OK;
}

/* What is named is set, to nothing by null. */
static enum bz_err finish_member_set(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    static const struct { const char *name; unsigned sets; } said[] = {
        { "name", SETS_NAME }, { "org", SETS_ORG }, { "city", SETS_CITY }, { "country", SETS_COUNTRY }, { "region", SETS_REGION },
        { "lang", SETS_LANG },
    };
    struct command *cmd = target;

    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        if (json_object_get(params, said[i].name) != NULL)
            cmd->sets |= said[i].sets;
    return BZ_OK;
}

static enum bz_err finish_profile(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    for (int i = 1; i < PROFILE_END; i++) {
        const char *name = profile_field_wire((enum profile_field)i);
        if (json_object_get(params, name) == NULL)
            continue;
        cmd->sets |= 1u << i;
        if (span_is(cmd->profile.value[i], "[]"))
            cmd->profile.value[i] = (struct span){ NULL, 0 };
        if (cmd->profile.value[i].at != NULL && utf8_chars(cmd->profile.value[i]) > BZ_LIMIT_PROFILE_CHARS)
            return bz_invalid(e, name, "%s: at most %d characters.", name, BZ_LIMIT_PROFILE_CHARS);
    }
    if (json_object_get(params, "peers") != NULL)
        cmd->sets |= SETS_PEERS;
    return BZ_OK;
}

/* A thread says by itself what it is about. */
static enum bz_err finish_peers(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_get(params, "thread") != NULL && json_object_size(params) > 1)
        return bz_invalid(e, "thread", "thread stands alone, without text, city and theme.");
    return BZ_OK;
}

/* In one place, at most. */
static enum bz_err finish_invite(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_get(params, "room") != NULL && json_object_get(params, "region") != NULL)
        return bz_invalid(e, "region", "region: an invitation is to a room or to a region.");
    if (json_object_get(params, "email") != NULL && json_object_get(params, "uses") != NULL)
        return bz_invalid(e, "uses", "uses: one, where an address is named.");
    return finish_member(params, target, arena, e);
}

static enum bz_err finish_bulk(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    ((struct command *)target)->role = ROLE_MEMBER;
    if (json_object_get(params, "room") != NULL && json_object_get(params, "region") != NULL)
        return bz_invalid(e, "region", "region: an invitation is to a room or to a region.");
    return BZ_OK;
}

static enum bz_err finish_request(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    const struct command *cmd = target;

    if (span_is(cmd->org_kind, "city") && cmd->city.at == NULL)
        return bz_invalid(e, "city", "city: a city has a name.");
    return BZ_OK;
}

/* A list that names no room would be a token for nothing. */
static enum bz_err finish_token(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_get(params, "rooms") != NULL && json_array_size(json_object_get(params, "rooms")) == 0)
        return bz_invalid(e, "rooms", "rooms: one or more, or left out.");
    return BZ_OK;
}

/* What is named is set, and nothing else. */
static enum bz_err finish_room_set(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    static const struct { const char *name; unsigned sets; } settings[] = {
        { "slow_s", SETS_SLOW }, { "lock_days", SETS_LOCK_DAYS }, { "posting", SETS_POSTING },
        { "hold", SETS_HOLD }, { "hold_threads", SETS_HOLD_THREADS }, { "links", SETS_LINKS }, { "words", SETS_WORDS },
        { "approve_join", SETS_APPROVE_JOIN }, { "new_posts", SETS_NEW_POSTS }, { "new_hour", SETS_NEW_HOUR },
        { "new_links", SETS_NEW_LINKS }, { "new_files", SETS_NEW_FILES }, { "previews", SETS_PREVIEWS },
    };
    struct command *cmd = target;

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (json_object_get(params, settings[i].name) != NULL)
            cmd->sets |= settings[i].sets;
    return BZ_OK;
}

static enum bz_err finish_said(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    (void)params;
    (void)arena;
    if (cmd->text.len == 0 && cmd->files.count == 0)
        return bz_invalid(e, "text", "text: words or files are required.");
    if (cmd->text.at == NULL)
        cmd->text = SPAN("");
    return BZ_OK;
}

static enum bz_err finish_thread(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    if (cmd->thread_kind == 0)
        cmd->thread_kind = THREAD_KIND_DISCUSSION;
    enum bz_err rc = params_fields(json_object_get(params, "fields"), cmd->thread_kind, arena, &cmd->fields, e);
    return rc == BZ_OK ? finish_said(params, target, arena, e) : rc;
}

/* Only resources have some: what is of another kind is told so when its thread is looked at. */
static enum bz_err finish_fields(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    return params_fields(json_object_get(params, "fields"), THREAD_KIND_RESOURCE, arena, &cmd->fields, e);
}

/* A file or a link of the post. A link is the resource's address, and without other words what its first post says. */
static enum bz_err finish_promote(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;
    const json_t *url = json_object_get(params, "url"), *given = json_object_get(params, "fields");

    if ((json_object_get(params, "file") == NULL) == (url == NULL))
        return bz_invalid(e, url == NULL ? "file" : "url", "file or url: one of the two is required.");
    if (url != NULL && !url_valid(cmd->url))
        return bz_invalid(e, "url", "url: an address that begins with https:// or http://.");
    if (url != NULL && json_object_get(given, "url") != NULL && !json_equal(json_object_get(given, "url"), url))
        return bz_invalid(e, "fields.url", "fields.url: the link itself, or left out.");
    json_t *fields = given == NULL ? json_object() : json_copy((json_t *)given);
    if (url != NULL)
        json_object_set(fields, "url", (json_t *)url);
    enum bz_err rc = params_fields(fields, THREAD_KIND_RESOURCE, arena, &cmd->fields, e);
    json_decref(fields);
    cmd->thread_kind = THREAD_KIND_RESOURCE;
    if (cmd->text.len == 0)
        cmd->text = url != NULL ? cmd->url : SPAN("");
    return rc;
}

static enum bz_err finish_retired(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_get(params, "retired") != NULL)
        ((struct command *)target)->sets |= SETS_RETIRED;
    return BZ_OK;
}

static enum bz_err finish_org_member(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    if (json_object_get(params, "delegate") != NULL)
        cmd->sets |= SETS_DELEGATE;
    if (cmd->is_gone && cmd->is_delegate)
        return bz_invalid(e, "gone", "gone: who is not there any more is no delegate.");
    return BZ_OK;
}

/* Into a thread that is there, or into one that is made: with a title, and maybe a kind and another room. */
static enum bz_err finish_post_move(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    bool is_new = json_object_get(params, "to") == NULL;

    if (json_array_size(json_object_get(params, "posts")) == 0)
        return bz_invalid(e, "posts", "posts: one or more.");
    for (int i = 0; !is_new && i < 3; i++) {
        static const char *const names[] = { "title", "kind", "room" };
        if (json_object_get(params, names[i]) != NULL)
            return bz_invalid(e, names[i], "%s: only for a new thread.", names[i]);
    }
    return BZ_OK;
}

/* A reply has a thread and maybe a quoted post; a new thread has a title and a kind, and a room once it is chosen. */
static enum bz_err finish_draft(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    bool is_reply = json_object_get(params, "thread") != NULL;

    if (is_reply && json_object_get(params, "room") != NULL)
        return bz_invalid(e, "room", "room: a draft is of a thread or of a room.");
    if (is_reply && json_object_get(params, "title") != NULL)
        return bz_invalid(e, "title", "title: a reply has none.");
    if (is_reply && json_object_get(params, "kind") != NULL)
        return bz_invalid(e, "kind", "kind: a reply has none.");
    if (!is_reply && json_object_get(params, "reply_to") != NULL)
        return bz_invalid(e, "reply_to", "reply_to: only in a thread.");
    return BZ_OK;
}

static enum bz_err finish_drafts(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_size(params) > 1)
        return bz_invalid(e, "room", "room: thread and room exclude each other.");
    return BZ_OK;
}

static enum bz_err finish_similar(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    if (args->limit == 0)
        args->limit = BZ_LIMIT_SIMILAR_MAX;
    return BZ_OK;
}

static enum bz_err finish_unanswered(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    if (args->limit == 0)
        args->limit = BZ_LIMIT_UNANSWERED_MAX;
    return BZ_OK;
}

static enum bz_err finish_page(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    if (args->limit == 0)
        args->limit = BZ_LIMIT_PAGE_DEFAULT;
    if (json_object_get(params, "around") != NULL &&
        (json_object_get(params, "before") != NULL || json_object_get(params, "after") != NULL))
        return bz_invalid(e, "around", "around stands alone, without before and after.");
    if (json_object_get(params, "before") != NULL && json_object_get(params, "after") != NULL)
        return bz_invalid(e, "before", "before and after exclude each other.");
    return BZ_OK;
}

static enum bz_err finish_desk(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    args->is_on = json_object_get(params, "role") != NULL;
    if (args->theme.at != NULL && desk_only(args->theme) == KEPT_ALL)
        return bz_invalid(e, "only", "only: inactive, unreachable, bounces or failed.");
    return finish_page(params, target, arena, e);
}

static enum bz_err finish_link(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    char url[BZ_LIMIT_LINK_BYTES];

    if (link_url(((const struct query_args *)target)->text, url) == 0)
        return bz_invalid(e, "url", "url: an address that begins with https:// or http://.");
    return finish_page(params, target, arena, e);
}

static enum bz_err finish_members(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    if (args->ids.is_present && json_object_size(params) > 1)
        return bz_invalid(e, "ids", "ids stand alone, without prefix, room and limit.");
    if (args->limit == 0)
        args->limit = BZ_LIMIT_PAGE_DEFAULT;
    return BZ_OK;
}

#define LIST(list) .params = list, .params_count = sizeof(list) / sizeof(list)[0]
#define QUERY(f) .class = METHOD_QUERY, .run = f
#define WRITE(c) .class = METHOD_WRITE, .command = COMMAND_##c
#define PERSONAL(c) .class = METHOD_PERSONAL, .command = COMMAND_##c

const struct method methods[] = {
    { "address.add", PERSONAL(ADDRESS_ADD), LIST(address_add), .prepare = prepare_code, .needs = SCOPE_PERSON },
    { "address.code", PERSONAL(ADDRESS_CODE), LIST(address_code), .prepare = prepare_ticket, .answer = answer_ticket,
      .needs = SCOPE_PERSON },
    { "address.drop", PERSONAL(ADDRESS_DROP), LIST(address_drop), .needs = SCOPE_PERSON },
    { "address.list", QUERY(run_address_list), .is_for_weak = true, .needs = SCOPE_PERSON },
    { "appeal.create", WRITE(APPEAL_CREATE), LIST(appeal_create), .makes_id = true, .needs = SCOPE_OWNER },
    { "catchup.list", QUERY(run_catchup_list), LIST(catchup_list), .finish = finish_page, .is_in_rooms = true },
    { "collection.create", WRITE(COLLECTION_CREATE), LIST(collection_create), .least = ROLE_MEMBER, .makes_id = true,
      .needs = SCOPE_MODERATE },
    { "collection.list", QUERY(run_collection_list), LIST(collection_list) },
    { "collection.put", WRITE(COLLECTION_PUT), LIST(collection_put), .needs = SCOPE_MODERATE },
    { "collection.set", WRITE(COLLECTION_SET), LIST(collection_set), .finish = finish_retired, .least = ROLE_MEMBER,
      .needs = SCOPE_MODERATE },
    { "desk.members", QUERY(run_desk_members), LIST(desk_members), .finish = finish_desk, .needs = SCOPE_OWNER },
    { "desk.numbers", QUERY(run_desk_numbers), .needs = SCOPE_MODERATE },
    { "direct.get", QUERY(run_direct_get), .needs = SCOPE_OWNER },
    { "direct.list", QUERY(run_direct_list), LIST(direct_list), .finish = finish_page },
    { "direct.open", WRITE(DIRECT_OPEN), LIST(direct_open), .least = ROLE_MEMBER, .makes_id = true, .extra = "thread",
      .third = "post" },
    { "direct.set", PERSONAL(DIRECT_SET), LIST(direct_set), .needs = SCOPE_OWNER },
    { "draft.list", QUERY(run_draft_list), LIST(draft_list), .finish = finish_drafts, .needs = SCOPE_OWNER },
    { "draft.set", PERSONAL(DRAFT_SET), LIST(draft_set), .finish = finish_draft, .least = ROLE_MEMBER, .needs = SCOPE_OWNER },
    { "export.begin", PERSONAL(EXPORT_BEGIN), .is_for_barred = true, .needs = SCOPE_PERSON },
    { "export.get", QUERY(run_export_get), .is_for_barred = true, .needs = SCOPE_PERSON },
    { "factor.drop", PERSONAL(FACTOR_DROP), LIST(factor_drop), .prepare = prepare_factor, .is_for_weak = true, .needs = SCOPE_PERSON },
    { "factor.list", QUERY(run_factor_list), .is_for_weak = true, .needs = SCOPE_PERSON },
    { "invite.bulk", PERSONAL(INVITE_BULK), LIST(invite_bulk), .finish = finish_bulk, .prepare = prepare_bulk, .answer = answer_bulk,
      .needs = SCOPE_OWNER },
    { "invite.create", PERSONAL(INVITE_CREATE), LIST(invite_create), .finish = finish_invite, .least = ROLE_MEMBER,
      .prepare = prepare_invite, .answer = answer_invite, .needs = SCOPE_OWNER },
    { "invite.drop", PERSONAL(INVITE_DROP), LIST(invite_drop), .prepare = prepare_drop, .needs = SCOPE_OWNER },
    { "invite.list", QUERY(run_invite_list), LIST(invite_list), .needs = SCOPE_OWNER },
    { "invite.look", QUERY(run_invite_look), LIST(invite_look), .is_public = true, .needs = SCOPE_NONE },
    { "invite.take", PERSONAL(INVITE_TAKE), LIST(invite_take), .is_public = true, .needs_http = true, .prepare = prepare_enter,
      .done = enter_done, .needs = SCOPE_NONE },
    { "keep.get", QUERY(run_keep_get), .is_for_barred = true, .needs = SCOPE_OWNER },
    { "link.posts", QUERY(run_link_posts), LIST(link_posts), .finish = finish_link, .is_in_rooms = true },
    { "log.list", QUERY(run_log_list), LIST(log_list), .finish = finish_page, .is_in_rooms = true },
    { "member.add", WRITE(MEMBER_ADD), LIST(member_add), .finish = finish_member, .least = ROLE_ADMIN,
      .makes_id = true, .needs = SCOPE_MODERATE },
    { "member.block", PERSONAL(MEMBER_BLOCK), LIST(member_block), .needs = SCOPE_OWNER },
    { "member.blocked", QUERY(run_member_blocked), .needs = SCOPE_OWNER },
    { "member.erase", WRITE(MEMBER_ERASE), LIST(member_erase), .is_for_barred = true, .needs_http = true, .needs = SCOPE_PERSON },
    { "member.facets", QUERY(run_member_facets), LIST(member_facets) },
    { "member.find", QUERY(run_member_find), LIST(member_find), .finish = finish_page },
    { "member.list", QUERY(run_member_list), LIST(member_list), .finish = finish_members, .is_in_rooms = true },
    { "member.pardon", WRITE(MEMBER_PARDON), LIST(member_pardon), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE },
    { "member.role", WRITE(MEMBER_ROLE), LIST(member_role), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "member.sanction", WRITE(MEMBER_SANCTION), LIST(member_sanction), .least = ROLE_MEMBER, .makes_id = true,
      .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "member.set", WRITE(MEMBER_SET), LIST(member_set), .finish = finish_member_set, .needs = SCOPE_OWNER },
    { "oidc.begin", .class = METHOD_SESSION, .act = act_oidc_begin, LIST(oidc_begin), .is_public = true, .asks_who = true,
      .needs_http = true, .needs = SCOPE_PERSON },
    { "oidc.finish", .class = METHOD_SESSION, .act = act_oidc_finish, LIST(oidc_finish), .is_public = true, .asks_who = true,
      .needs_http = true, .needs = SCOPE_PERSON },
    { "oidc.link", PERSONAL(OIDC_LINK), LIST(oidc_link), .needs = SCOPE_PERSON },
    { "oidc.links", QUERY(run_oidc_links), .needs = SCOPE_PERSON },
    { "oidc.list", .class = METHOD_QUERY, .act = act_oidc_list, .is_public = true, .needs = SCOPE_NONE },
    { "oidc.unlink", PERSONAL(OIDC_UNLINK), LIST(oidc_unlink), .needs = SCOPE_PERSON },
    { "org.confirm", WRITE(ORG_CONFIRM), LIST(org_confirm), .needs = SCOPE_OWNER },
    { "org.create", WRITE(ORG_CREATE), LIST(org_create), .least = ROLE_MEMBER, .makes_id = true, .needs = SCOPE_MODERATE },
    { "org.due", QUERY(run_org_due), .needs = SCOPE_OWNER },
    { "org.get", QUERY(run_org_get), LIST(org_get) },
    { "org.list", QUERY(run_org_list), LIST(org_list), .finish = finish_page },
    { "org.member", WRITE(ORG_MEMBER), LIST(org_member), .finish = finish_org_member, .needs = SCOPE_OWNER },
    { "org.set", WRITE(ORG_SET), LIST(org_set), .needs = SCOPE_OWNER },
    { "passkey.add", PERSONAL(PASSKEY_ADD), LIST(passkey_add), .needs_http = true, .prepare = prepare_passkey_add,
      .answer = answer_renamed, .is_for_weak = true, .needs = SCOPE_PERSON },
    { "passkey.begin", PERSONAL(PASSKEY_BEGIN), .is_public = true, .prepare = prepare_passkey_begin, .answer = answer_made,
      .needs = SCOPE_NONE },
    { "passkey.enter", PERSONAL(PASSKEY_ENTER), LIST(passkey_enter), .is_public = true, .needs_http = true,
      .prepare = prepare_passkey_enter, .done = enter_done, .needs = SCOPE_NONE },
    { "passkey.new", .class = METHOD_SESSION, .act = act_passkey_new, .is_for_weak = true, .needs = SCOPE_PERSON },
    { "password.enter", .class = METHOD_SESSION, .act = act_password_enter, LIST(password_enter), .is_public = true,
      .needs_http = true, .needs = SCOPE_NONE },
    { "password.set", .class = METHOD_SESSION, .act = act_password_set, LIST(password_set), .needs_http = true, .is_for_weak = true,
      .needs = SCOPE_PERSON },
    { "peer.find", QUERY(run_peer_find), LIST(peer_find), .finish = finish_peers },
    { "post.create", WRITE(POST_CREATE), LIST(post_create), .finish = finish_said, .makes_id = true, .may_wait = true,
      .is_in_rooms = true },
    { "post.edit", WRITE(POST_EDIT), LIST(post_edit), .is_in_rooms = true },
    { "post.hide", WRITE(POST_HIDE), LIST(post_moderate), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "post.history", QUERY(run_post_history), LIST(post_history), .is_in_rooms = true },
    { "post.list", QUERY(run_post_list), LIST(post_list), .finish = finish_page, .is_in_rooms = true },
    { "post.lock", WRITE(POST_LOCK), LIST(post_lock), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "post.move", WRITE(POST_MOVE), LIST(post_move), .may_wait = true, .finish = finish_post_move, .least = ROLE_MEMBER,
      .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "post.preview", QUERY(run_post_preview), LIST(post_preview), .is_in_rooms = true },
    { "post.react", WRITE(POST_REACT), LIST(post_react), .is_in_rooms = true },
    { "post.redact", WRITE(POST_REDACT), LIST(post_redact), .is_in_rooms = true },
    { "post.restore", WRITE(POST_RESTORE), LIST(post_moderate), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "profile.get", QUERY(run_profile_get), LIST(profile_get) },
    { "profile.set", PERSONAL(PROFILE_SET), LIST(profile_set), .finish = finish_profile, .needs = SCOPE_OWNER },
    { "qr.draw", .class = METHOD_SESSION, .act = act_qr, LIST(qr_draw), .is_for_weak = true, .needs = SCOPE_OWNER },
    { "queue.list", QUERY(run_queue_list), LIST(queue_list), .finish = finish_page, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "read.mark", PERSONAL(READ_MARK), LIST(read_mark), .needs = SCOPE_POST, .is_in_rooms = true },
    { "read.room", PERSONAL(READ_ROOM), LIST(read_room), .needs = SCOPE_POST, .is_in_rooms = true },
    { "recovery.renew", PERSONAL(RECOVERY_RENEW), .prepare = prepare_recovery, .answer = answer_made, .is_for_weak = true,
      .needs = SCOPE_PERSON },
    { "region.create", WRITE(REGION_CREATE), LIST(region_create), .least = ROLE_ADMIN, .makes_id = true, .needs = SCOPE_MODERATE },
    { "region.list", QUERY(run_region_list), .is_public = true, .needs = SCOPE_NONE },
    { "report.claim", WRITE(REPORT_CLAIM), LIST(report_claim), .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "report.create", WRITE(REPORT_CREATE), LIST(report_create), .makes_id = true, .is_in_rooms = true },
    { "report.decide", WRITE(REPORT_DECIDE), LIST(report_decide), .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "report.mine", QUERY(run_report_mine), LIST(report_mine), .finish = finish_page, .needs = SCOPE_OWNER },
    { "request.create", PERSONAL(REQUEST_CREATE), LIST(request_create), .finish = finish_request, .is_public = true, .needs_http = true,
      .prepare = prepare_request, .answer = answer_request, .needs = SCOPE_NONE },
    { "request.decide", WRITE(REQUEST_DECIDE), LIST(request_decide), .prepare = prepare_decide, .needs = SCOPE_OWNER },
    { "request.list", QUERY(run_request_list), LIST(request_list), .needs = SCOPE_OWNER },
    { "resource.facets", QUERY(run_resource_facets), LIST(resource_facets), .is_in_rooms = true },
    { "resource.get", QUERY(run_resource_get), LIST(resource_get), .is_in_rooms = true },
    { "resource.list", QUERY(run_resource_list), LIST(resource_list), .finish = finish_page, .is_in_rooms = true },
    { "resource.promote", WRITE(RESOURCE_PROMOTE), LIST(resource_promote), .finish = finish_promote, .makes_id = true,
      .may_wait = true, .extra = "post", .is_in_rooms = true },
    { "room.create", WRITE(ROOM_CREATE), LIST(room_create), .least = ROLE_MEMBER, .makes_id = true,
      .extra = "chat", .needs = SCOPE_MODERATE },
    { "room.invite", WRITE(ROOM_INVITE), LIST(room_invite), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE },
    { "room.join", WRITE(ROOM_JOIN), LIST(room_write), .may_wait = true, .is_in_rooms = true },
    { "room.leave", WRITE(ROOM_LEAVE), LIST(room_write), .is_in_rooms = true },
    { "room.list", QUERY(run_room_list), .is_in_rooms = true },
    { "room.set", WRITE(ROOM_SET), LIST(room_set), .finish = finish_room_set, .least = ROLE_MEMBER,
      .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "room.words", QUERY(run_room_words), LIST(room_words), .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "rpc.discover", .class = METHOD_QUERY, .act = act_discover, .is_public = true, .needs = SCOPE_NONE },
    { "sanction.appeal", WRITE(SANCTION_APPEAL), LIST(sanction_appeal), .makes_id = true, .is_for_barred = true, .needs = SCOPE_OWNER },
    { "sanction.list", QUERY(run_sanction_list), LIST(sanction_list), .finish = finish_page, .needs = SCOPE_MODERATE },
    { "sanction.mine", QUERY(run_sanction_mine), LIST(report_mine), .finish = finish_page, .is_for_barred = true, .needs = SCOPE_OWNER },
    { "search.drop", PERSONAL(SEARCH_DROP), LIST(search_id), .needs = SCOPE_OWNER },
    { "search.query", QUERY(run_search_query), LIST(search_query), .finish = finish_page, .is_in_rooms = true },
    { "search.save", PERSONAL(SEARCH_SAVE), LIST(search_save), .needs = SCOPE_OWNER },
    { "search.saved", QUERY(run_search_saved), .needs = SCOPE_OWNER },
    { "search.seen", PERSONAL(SEARCH_SEEN), LIST(search_id), .needs = SCOPE_OWNER },
    { "session.close", .class = METHOD_SESSION, .act = act_close, .is_for_barred = true, .is_for_weak = true, .needs = SCOPE_OWNER },
    { "session.code", PERSONAL(SESSION_CODE), LIST(session_code), .is_public = true, .prepare = prepare_ticket,
      .answer = answer_ticket, .needs = SCOPE_NONE },
    { "session.end", PERSONAL(SESSION_END), LIST(session_end), .prepare = prepare_end, .answer = answer_end, .is_for_weak = true,
      .is_for_barred = true, .needs = SCOPE_PERSON },
    { "session.enter", PERSONAL(SESSION_ENTER), LIST(session_enter), .is_public = true, .needs_http = true,
      .prepare = prepare_enter, .done = enter_done, .needs = SCOPE_NONE },
    { "session.hello", .class = METHOD_SESSION, .act = act_hello, LIST(session_hello), .is_public = true,
      .needs_socket = true, .needs = SCOPE_READ, .is_in_rooms = true },
    { "session.list", QUERY(run_session_list), .is_for_weak = true, .needs = SCOPE_PERSON },
    { "session.open", .class = METHOD_SESSION, .act = act_open, LIST(session_open), .is_public = true, .needs = SCOPE_NONE },
    { "session.poll", .class = METHOD_SESSION, .act = act_poll, LIST(session_poll), .needs_http = true,
      .needs = SCOPE_READ, .is_in_rooms = true },
    { "session.second", PERSONAL(SESSION_SECOND), LIST(session_second), .is_public = true, .needs_http = true,
      .prepare = prepare_second, .done = enter_done, .needs = SCOPE_NONE },
    { "session.watch", .class = METHOD_SESSION, .act = act_watch, LIST(session_watch), .needs_socket = true,
      .needs = SCOPE_READ, .is_in_rooms = true },
    { "signal.send", .class = METHOD_SIGNAL, .act = act_signal, LIST(signal_send), .needs_socket = true,
      .needs = SCOPE_POST, .is_in_rooms = true },
    { "theme.list", QUERY(run_theme_list), .is_in_rooms = true },
    { "theme.set", WRITE(THEME_SET), LIST(theme_set), .finish = finish_retired, .least = ROLE_MEMBER, .needs = SCOPE_MODERATE },
    { "thread.answer", WRITE(THREAD_ANSWER), LIST(thread_answer), .is_in_rooms = true },
    { "thread.archive", WRITE(THREAD_ARCHIVE), LIST(thread_archive), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "thread.close", WRITE(THREAD_CLOSE), LIST(thread_close), .is_in_rooms = true },
    { "thread.create", WRITE(THREAD_CREATE), LIST(thread_create), .finish = finish_thread, .makes_id = true,
      .may_wait = true, .extra = "post", .is_in_rooms = true },
    { "thread.feature", WRITE(THREAD_FEATURE), LIST(thread_feature), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "thread.fields", WRITE(THREAD_FIELDS), LIST(thread_fields), .finish = finish_fields, .is_in_rooms = true },
    { "thread.follow", PERSONAL(THREAD_FOLLOW), LIST(thread_follow), .needs = SCOPE_POST, .is_in_rooms = true },
    { "thread.get", QUERY(run_thread_get), LIST(thread_get), .is_in_rooms = true },
    { "thread.kind", WRITE(THREAD_KIND), LIST(thread_kind), .is_in_rooms = true },
    { "thread.list", QUERY(run_thread_list), LIST(thread_list), .finish = finish_page, .is_in_rooms = true },
    { "thread.lock", WRITE(THREAD_LOCK), LIST(thread_lock), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "thread.merge", WRITE(THREAD_MERGE), LIST(thread_merge), .may_wait = true, .least = ROLE_MEMBER,
      .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "thread.move", WRITE(THREAD_MOVE), LIST(thread_move), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "thread.pin", WRITE(THREAD_PIN), LIST(thread_pin), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "thread.rename", WRITE(THREAD_RENAME), LIST(thread_rename), .is_in_rooms = true },
    { "thread.similar", QUERY(run_thread_similar), LIST(thread_similar), .finish = finish_similar, .is_in_rooms = true },
    { "thread.unanswered", QUERY(run_thread_unanswered), LIST(thread_unanswered), .finish = finish_unanswered, .is_in_rooms = true },
    { "thread.undo", WRITE(THREAD_UNDO), LIST(thread_undo), .least = ROLE_MEMBER, .needs = SCOPE_MODERATE, .is_in_rooms = true },
    { "token.create", PERSONAL(TOKEN_CREATE), LIST(token_create), .finish = finish_token, .prepare = prepare_token,
      .answer = answer_token, .needs = SCOPE_PERSON },
    { "token.drop", PERSONAL(TOKEN_DROP), LIST(token_drop), .answer = answer_token_drop, .needs = SCOPE_PERSON },
    { "token.list", QUERY(run_token_list), .needs = SCOPE_PERSON },
    { "totp.add", PERSONAL(TOTP_ADD), LIST(totp_add), .needs_http = true, .prepare = prepare_totp_add, .answer = answer_renamed,
      .is_for_weak = true, .needs = SCOPE_PERSON },
    { "totp.new", .class = METHOD_SESSION, .act = act_totp_new, .is_for_weak = true, .needs = SCOPE_PERSON },
};
const size_t methods_count = sizeof methods / sizeof methods[0];

const struct method *method_by_name(struct span name)
{
    size_t low = 0, high = methods_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *text = methods[middle].name;
        size_t len = strlen(text);
        int order = memcmp(name.at, text, name.len < len ? name.len : len);
        if (order == 0 && name.len == len)
            return &methods[middle];
        if (order < 0 || (order == 0 && name.len < len))
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

enum scope method_scope(const struct method *m)
{
    if (m->needs != 0)
        return m->needs;
    return m->class == METHOD_QUERY ? SCOPE_READ : m->class == METHOD_WRITE ? SCOPE_POST : SCOPE_OWNER;
}

const char *method_class_wire(enum method_class class)
{
    static const char *const words[] = {
#define BZ_METHOD_CLASS_W(name, wire, bucket) [METHOD_##name] = wire,
        BZ_METHOD_CLASSES(BZ_METHOD_CLASS_W)
#undef BZ_METHOD_CLASS_W
    };
    return words[class];
}
