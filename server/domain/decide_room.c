#include "domain/decide_parts.h"
#include "domain/kinds.h"

static void region_add(struct decider *d, struct span slug, struct span name, struct span lang)
{
    body_open(d);
    json_put_text(&d->body, "slug", slug);
    json_put_text(&d->body, "name", name);
    json_put_text(&d->body, "lang", lang);
    entry_add(d, ENTRY_REGION, (struct place){ .subject = next_id(d) });
}

struct room_draft { bz_id region; struct span slug, name, about, lang; enum access access; };

/* The room and its lobby. Everyone learns of a room that can be found; a private one is written into its own chain,
 * so that no reader of the hub's chain hears its name. */
static bz_id room_add(struct decider *d, const struct room_draft *draft)
{
    bz_id room = next_id(d);
    body_open(d);
    json_put_id(&d->body, d->facts->hubs, "region", draft->region);
    json_put_text(&d->body, "slug", draft->slug);
    json_put_text(&d->body, "name", draft->name);
    json_put_text_opt(&d->body, "about", draft->about);
    json_put_text(&d->body, "access", span_of(access_wire(draft->access)));
    json_put_text(&d->body, "lang", draft->lang);
    bz_id chain = draft->access == ACCESS_PRIVATE ? room : 0;
    entry_add(d, ENTRY_ROOM, (struct place){ .room = chain, .subject = room });
    lobby_add(d, room, draft->name, draft->lang);
    return room;
}

static void join_add(struct decider *d, bz_id room, bz_id member)
{
    body_open(d);
    entry_add(d, ENTRY_ROOM_JOIN, (struct place){ .room = room, .subject = member });
    d->ret->entries[d->ret->count - 1].actor = member;   /* who joins is who acts */
}

enum bz_err decide_hub_init(struct decider *d)
{
    const struct command *cmd = d->cmd;
    struct span slug = cmd->slug.at == NULL ? SPAN("general") : cmd->slug;
    struct span lang = lang_or(d, "en");
    enum bz_err rc;
    if (d->facts->next_seq != 1)
        return bz_fail(d->e, BZ_ERR_CONFLICT, "this hub was made before");
    if (!hub_code_valid(cmd->handle))
        return bz_invalid(d->e, "handle", "the hub's code: 2 to %d of a-z and 0-9, a letter first", BZ_HUB_CODE);
    if ((rc = need_name(d, "name", cmd->name, BZ_LIMIT_NAME_CHARS)) != BZ_OK || (rc = need_slug(d, slug)) != BZ_OK ||
        (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    body_open(d);
    json_put_text(&d->body, "code", cmd->handle);
    json_put_text(&d->body, "name", cmd->name);
    d->ret->id = next_id(d);
    entry_add(d, ENTRY_HUB, (struct place){ .subject = d->ret->id });
    if (cmd->on)
        return BZ_OK;   /* an empty hub: a sample community or an import brings its own regions and members */
    bz_id region = next_id(d);
    region_add(d, slug, cmd->name, lang);
    bz_id room = room_add(d, &(struct room_draft){
        .region = region, .slug = SPAN("general"), .name = SPAN("General"), .lang = lang });
    bz_id admin = next_id(d);
    body_open(d);
    json_put_text(&d->body, "handle", SPAN("admin"));
    json_put_text(&d->body, "name", SPAN("Admin"));
    json_put_text(&d->body, "role", span_of(role_wire(ROLE_ADMIN)));
    json_put_id(&d->body, d->facts->hubs, "region", region);
    json_put_text(&d->body, "lang", lang);
    entry_add(d, ENTRY_MEMBER, (struct place){ .subject = admin });
    join_add(d, room, admin);
    return BZ_OK;
}

enum bz_err decide_region_create(struct decider *d)
{
    const struct command *cmd = d->cmd;
    enum bz_err rc;
    if ((rc = need_slug(d, cmd->slug)) != BZ_OK ||
        (rc = need_name(d, "name", cmd->name, BZ_LIMIT_NAME_CHARS)) != BZ_OK || (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    if (d->facts->name_taken)
        return taken(d, "slug");
    d->ret->id = next_id(d);
    region_add(d, cmd->slug, cmd->name, lang_or(d, "en"));
    return BZ_OK;
}

enum bz_err decide_room_create(struct decider *d)
{
    const struct command *cmd = d->cmd;
    enum bz_err rc;
    if (d->facts->region == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such region");
    if (cmd->access == ACCESS_DIRECT)
        return bz_invalid(d->e, "access", "access: a conversation of two comes by direct.open");
    if ((rc = need_slug(d, cmd->slug)) != BZ_OK ||
        (rc = need_name(d, "name", cmd->name, BZ_LIMIT_NAME_CHARS)) != BZ_OK || (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    if (cmd->about.at != NULL && (rc = need_text(d, "about", cmd->about, BZ_LIMIT_ABOUT_BYTES)) != BZ_OK)
        return rc;
    if (d->facts->name_taken)
        return taken(d, "slug");
    d->ret->id = room_add(d, &(struct room_draft){
        .region = d->facts->region, .slug = cmd->slug, .name = cmd->name, .about = cmd->about,
        .lang = lang_or(d, "en"), .access = cmd->access });
    d->ret->extra = id_make(0, id_seq(d->ret->id) + 1);   /* the lobby follows its room */
    if (cmd->actor != 0)
        join_add(d, d->ret->id, cmd->actor);
    return BZ_OK;
}

enum bz_err decide_room_join(struct decider *d)
{
    const struct facts *f = d->facts;
    bool is_asked = f->room.access == ACCESS_MEMBERS && f->room.set.approve_join && f->actor.role < ROLE_MODERATOR;
    if (f->room.is_joined || (is_asked && f->has_asked))
        return BZ_OK;
    if (is_asked)
        ask_add(d, ASK_JOIN, NULL, 0);
    else
        join_add(d, f->room.id, d->cmd->actor);
    return BZ_OK;
}

enum bz_err decide_room_leave(struct decider *d)
{
    if (!d->facts->room.is_joined)
        return BZ_OK;
    body_open(d);
    entry_add(d, ENTRY_ROOM_LEAVE, (struct place){ .room = d->facts->room.id, .subject = d->cmd->actor });
    return BZ_OK;
}

enum bz_err decide_room_invite(struct decider *d)
{
    if (d->facts->member.id == 0)
        return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such member");
    if (d->facts->member_is_joined)
        return BZ_OK;
    body_open(d);
    entry_add(d, ENTRY_ROOM_INVITE, (struct place){ .room = d->facts->room.id, .subject = d->facts->member.id });
    return BZ_OK;
}

/* What is set for who is new. */
static void put_new(struct decider *d, const struct room_set *is, const struct room_set *want)
{
    unsigned sets = d->cmd->sets;
    if ((sets & SETS_NEW_POSTS) && want->new_posts != is->new_posts)
        json_put_int(&d->body, "new_posts", want->new_posts);
    if ((sets & SETS_NEW_HOUR) && want->new_hour != is->new_hour)
        json_put_int(&d->body, "new_hour", want->new_hour);
    if ((sets & SETS_NEW_LINKS) && want->new_links != is->new_links)
        json_put_text(&d->body, "new_links", span_of(links_wire(want->new_links)));
    if ((sets & SETS_NEW_FILES) && want->new_files != is->new_files)
        json_put_text(&d->body, "new_files", span_of(links_wire(want->new_files)));
}

enum bz_err decide_room_set(struct decider *d)
{
    const struct room_set *is = &d->facts->room.set, *want = &d->cmd->set;
    unsigned sets = d->cmd->sets;
    body_open(d);
    put_as(d);
    size_t head = d->body.len;
    if ((sets & SETS_SLOW) && want->slow_s != is->slow_s)
        json_put_int(&d->body, "slow_s", want->slow_s);
    if ((sets & SETS_LOCK_DAYS) && want->lock_days != is->lock_days)
        json_put_int(&d->body, "lock_days", want->lock_days);
    if ((sets & SETS_POSTING) && want->posting != is->posting)
        json_put_text(&d->body, "posting", span_of(posting_wire(want->posting)));
    if ((sets & SETS_HOLD) && want->hold != is->hold)
        json_put_text(&d->body, "hold", span_of(hold_wire(want->hold)));
    if ((sets & SETS_HOLD_THREADS) && want->hold_threads != is->hold_threads)
        json_put_bool(&d->body, "hold_threads", want->hold_threads);
    if ((sets & SETS_LINKS) && want->links != is->links)
        json_put_text(&d->body, "links", span_of(links_wire(want->links)));
    if ((sets & SETS_WORDS) && !span_eq(want->words, is->words.at == NULL ? SPAN("[]") : is->words))
        json_put_raw(&d->body, "words", want->words);
    if ((sets & SETS_APPROVE_JOIN) && want->approve_join != is->approve_join)
        json_put_bool(&d->body, "approve_join", want->approve_join);
    if ((sets & SETS_PREVIEWS) && want->previews != is->previews)
        json_put_bool(&d->body, "previews", want->previews);
    put_new(d, is, want);
    if (d->body.len > head)
        entry_add(d, ENTRY_ROOM_SET, (struct place){ .room = d->facts->room.id, .subject = d->facts->room.id });
    return BZ_OK;
}
