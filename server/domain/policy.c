#include "domain/policy.h"

#include <time.h>

enum sight { SEES_NOTHING, READS_ROOM_IF_NAMED, SEES_COLLECTION, SEES_ORG, SEES_REQUEST, FINDS_ROOM, READS_ROOM, READS_THREAD, READS_POST,
             MODERATES_MATTER, MODERATES_SANCTION, IS_SANCTIONED };   /* what must be visible */

/* Beyond ROLE_ADMIN: only the author, or only the operator. */
#define NOBODY 99

enum {
    NEEDS_MEMBER = 1,         /* an act of a person: the operator is none */
    NEEDS_PART = 2,           /* the room is open, or the actor is part of it */
    AUTHOR_OF_THREAD = 4,     /* the thread's author needs only `least`, others `others`; not for a lobby */
    AUTHOR_OF_POST = 8,
    LOCK_FORBIDS = 16,        /* in a locked thread only moderators */
    REDACTED_FORBIDS = 32,    /* for all: there is nothing left to act upon */
    STRANGER_MAY = 64,        /* somebody who has not signed in */
    TARGET_TOO = 128,         /* the room that it is moved to must be visible, and the role suffice there as here */
    WHOLE_HUB = 256,          /* a role given for a region or a room is none here */
    HIDDEN_FORBIDS = 512,     /* for all: first a moderator restores it */
    MERGED_TOO = 1024,        /* also for a thread that was merged into another */
    CLOSED_FORBIDS = 2048,    /* for all: first it is opened again */
    SETTINGS_BIND = 4096,     /* who may post, and how often, unless they moderate the room */
    HELD_MAY = 8192,          /* who is silenced or suspended there; of what has an author, only that author */
    SILENCED_MAY = 16384,     /* but not who is suspended */
    BARRED_MAY = 32768,       /* who is suspended or banned from the hub */
    JUDGES = 65536,           /* somebody else, whose role there is lower */
    FIXED_FORBIDS = 131072,   /* a post whose wording moderators fixed */
    OF_ONESELF = 2097152,     /* facts->member is the actor: needs only `least`, others `others` */
    COLLECTS = 262144,        /* who moderates the region of the collection, too */
    DELEGATES = 524288,       /* a delegate of the organisation needs only `least` */
    CONCERNS_SELF = 1048576,  /* and so does whom it is about */
    DIRECT_MAY = 4194304,     /* in a conversation of two; nothing else is done in one, into one or out of one */
    WRITES_TO = 8388608,      /* in one, where the other lets it */
    INVITES = 16777216,       /* who keeps the place that somebody is invited to */
};

static const struct row { int least, others; enum sight sight; unsigned rules; } rows[COMMAND_COUNT] = {
    /*                        least           others          must be visible  rules */
    [COMMAND_HUB_INIT]      = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
    [COMMAND_REGION_CREATE] = { ROLE_ADMIN,     ROLE_ADMIN,     SEES_NOTHING, WHOLE_HUB },
    [COMMAND_ROOM_CREATE]   = { ROLE_MODERATOR, ROLE_MODERATOR, SEES_NOTHING, 0 },
    [COMMAND_MEMBER_ADD]    = { ROLE_ADMIN,     ROLE_ADMIN,     SEES_NOTHING, WHOLE_HUB },
    [COMMAND_MEMBER_ROLE]   = { ROLE_ADMIN,     ROLE_ADMIN,     READS_ROOM_IF_NAMED, 0 },
    [COMMAND_MEMBER_SET]    = { ROLE_GUEST,     ROLE_ADMIN,     SEES_NOTHING, WHOLE_HUB | OF_ONESELF },
    [COMMAND_MEMBER_SANCTION] = { ROLE_MODERATOR, ROLE_MODERATOR, READS_ROOM_IF_NAMED, JUDGES },
    [COMMAND_MEMBER_PARDON] = { ROLE_MODERATOR, ROLE_MODERATOR, MODERATES_SANCTION, JUDGES },
    [COMMAND_SANCTION_APPEAL] = { ROLE_GUEST,   ROLE_GUEST,     IS_SANCTIONED, NEEDS_MEMBER | HELD_MAY | BARRED_MAY },
    [COMMAND_MEMBER_ERASE]  = { ROLE_GUEST,     ROLE_ADMIN,     SEES_NOTHING, OF_ONESELF | WHOLE_HUB | HELD_MAY | BARRED_MAY },
    [COMMAND_ERASE_STEP]    = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
    [COMMAND_ROOM_JOIN]     = { ROLE_MEMBER,    ROLE_MEMBER,    FINDS_ROOM,   NEEDS_MEMBER | SILENCED_MAY },
    [COMMAND_ROOM_LEAVE]    = { ROLE_MEMBER,    ROLE_MEMBER,    FINDS_ROOM,   NEEDS_MEMBER | HELD_MAY },
    [COMMAND_ROOM_INVITE]   = { ROLE_MODERATOR, ROLE_MODERATOR, READS_ROOM,   0 },
    [COMMAND_ROOM_SET]      = { ROLE_MODERATOR, ROLE_MODERATOR, READS_ROOM,   0 },
    [COMMAND_THREAD_CREATE] = { ROLE_MEMBER,    ROLE_MEMBER,    READS_ROOM,   NEEDS_PART | SETTINGS_BIND },
    [COMMAND_THREAD_RENAME] = { ROLE_MEMBER,    ROLE_MODERATOR, READS_THREAD, AUTHOR_OF_THREAD | LOCK_FORBIDS },
    [COMMAND_THREAD_LOCK]   = { ROLE_MODERATOR, ROLE_MODERATOR, READS_THREAD, 0 },
    [COMMAND_THREAD_PIN]    = { ROLE_MODERATOR, ROLE_MODERATOR, READS_THREAD, 0 },
    [COMMAND_THREAD_FEATURE] = { ROLE_MODERATOR, ROLE_MODERATOR, READS_THREAD, 0 },
    [COMMAND_THREAD_ANSWER] = { ROLE_MEMBER,    ROLE_MODERATOR, READS_THREAD, AUTHOR_OF_THREAD | LOCK_FORBIDS },
    [COMMAND_THREAD_CLOSE]  = { ROLE_MEMBER,    ROLE_MODERATOR, READS_THREAD, AUTHOR_OF_THREAD | LOCK_FORBIDS },
    [COMMAND_THREAD_ARCHIVE] = { ROLE_MODERATOR, ROLE_MODERATOR, READS_THREAD, 0 },
    [COMMAND_THREAD_KIND]   = { ROLE_MEMBER,    ROLE_MODERATOR, READS_THREAD, AUTHOR_OF_THREAD | LOCK_FORBIDS },
    [COMMAND_THREAD_FIELDS] = { ROLE_MEMBER,    ROLE_MODERATOR, READS_THREAD, AUTHOR_OF_THREAD | LOCK_FORBIDS },
    [COMMAND_THREAD_MOVE]   = { ROLE_MODERATOR, ROLE_MODERATOR, READS_THREAD, TARGET_TOO },
    [COMMAND_THREAD_MERGE]  = { ROLE_MODERATOR, ROLE_MODERATOR, READS_THREAD, TARGET_TOO },
    [COMMAND_THREAD_UNDO]   = { ROLE_MODERATOR, ROLE_MODERATOR, READS_THREAD, TARGET_TOO | MERGED_TOO },
    [COMMAND_POST_MOVE]     = { ROLE_MODERATOR, ROLE_MODERATOR, READS_POST,   TARGET_TOO },
    [COMMAND_POST_CREATE]   = { ROLE_MEMBER,    ROLE_MEMBER,    READS_THREAD,
                                NEEDS_PART | LOCK_FORBIDS | CLOSED_FORBIDS | SETTINGS_BIND | DIRECT_MAY | WRITES_TO },
    [COMMAND_DIRECT_OPEN]   = { ROLE_MEMBER,    ROLE_MEMBER,    SEES_NOTHING, NEEDS_MEMBER | DIRECT_MAY | WRITES_TO },
    [COMMAND_POST_EDIT]     = { ROLE_MEMBER,    NOBODY,         READS_POST, AUTHOR_OF_POST | LOCK_FORBIDS | REDACTED_FORBIDS
                                | HIDDEN_FORBIDS | FIXED_FORBIDS | DIRECT_MAY | WRITES_TO },
    [COMMAND_POST_REDACT]   = { ROLE_MEMBER,    ROLE_MODERATOR, READS_POST,   AUTHOR_OF_POST | HELD_MAY | DIRECT_MAY },
    [COMMAND_POST_HIDE]     = { ROLE_MODERATOR, ROLE_MODERATOR, READS_POST,   REDACTED_FORBIDS },
    [COMMAND_POST_RESTORE]  = { ROLE_MODERATOR, ROLE_MODERATOR, READS_POST,   REDACTED_FORBIDS },
    [COMMAND_POST_LOCK]     = { ROLE_MODERATOR, ROLE_MODERATOR, READS_POST,   REDACTED_FORBIDS },
    [COMMAND_POST_REACT]    = { ROLE_MEMBER,    ROLE_MEMBER,    READS_POST,
                                NEEDS_MEMBER | LOCK_FORBIDS | REDACTED_FORBIDS | HIDDEN_FORBIDS | DIRECT_MAY | WRITES_TO },
    [COMMAND_RESOURCE_PROMOTE] = { ROLE_MEMBER, ROLE_MEMBER,    READS_POST,
                                NEEDS_PART | SETTINGS_BIND | REDACTED_FORBIDS | HIDDEN_FORBIDS },
    [COMMAND_THEME_SET]     = { ROLE_MODERATOR, ROLE_MODERATOR, SEES_NOTHING, WHOLE_HUB },
    [COMMAND_COLLECTION_CREATE] = { ROLE_MODERATOR, ROLE_MODERATOR, SEES_NOTHING, 0 },
    [COMMAND_COLLECTION_SET] = { ROLE_MODERATOR, ROLE_MODERATOR, SEES_COLLECTION, 0 },
    [COMMAND_COLLECTION_PUT] = { ROLE_GUEST,    ROLE_GUEST,     READS_THREAD, COLLECTS },
    [COMMAND_ORG_CREATE]    = { ROLE_ADMIN,     ROLE_ADMIN,     SEES_NOTHING, 0 },
    [COMMAND_ORG_SET]       = { ROLE_MEMBER,    ROLE_ADMIN,     SEES_ORG,     DELEGATES },
    [COMMAND_ORG_MEMBER]    = { ROLE_MEMBER,    ROLE_ADMIN,     SEES_ORG,     DELEGATES | CONCERNS_SELF },
    [COMMAND_ORG_CONFIRM]   = { ROLE_MEMBER,    ROLE_ADMIN,     SEES_ORG,     DELEGATES },
    [COMMAND_REQUEST_DECIDE] = { ROLE_ADMIN,    ROLE_ADMIN,     SEES_REQUEST, NEEDS_MEMBER },
    [COMMAND_LINK_TELL]     = { NOBODY,         NOBODY,         READS_POST,   0 },
    [COMMAND_REPORT_CREATE] = { ROLE_GUEST,     ROLE_GUEST,     READS_ROOM,
                                NEEDS_MEMBER | REDACTED_FORBIDS | HELD_MAY | DIRECT_MAY },
    [COMMAND_REPORT_CLAIM]  = { ROLE_MODERATOR, ROLE_MODERATOR, MODERATES_MATTER, NEEDS_MEMBER | MERGED_TOO },
    [COMMAND_REPORT_DECIDE] = { ROLE_MODERATOR, ROLE_MODERATOR, MODERATES_MATTER, NEEDS_MEMBER | MERGED_TOO },
    [COMMAND_APPEAL_CREATE] = { ROLE_MEMBER,    NOBODY,         READS_POST,
                                NEEDS_MEMBER | AUTHOR_OF_POST | REDACTED_FORBIDS | HELD_MAY | DIRECT_MAY },
    [COMMAND_READ_MARK]     = { ROLE_GUEST,     ROLE_GUEST,     READS_THREAD, NEEDS_MEMBER | HELD_MAY | DIRECT_MAY },
    [COMMAND_READ_ROOM]     = { ROLE_GUEST,     ROLE_GUEST,     READS_ROOM,   NEEDS_MEMBER | HELD_MAY | DIRECT_MAY },
    [COMMAND_THREAD_FOLLOW] = { ROLE_GUEST,     ROLE_GUEST,     READS_THREAD, NEEDS_MEMBER | HELD_MAY | DIRECT_MAY },
    [COMMAND_DRAFT_SET]     = { ROLE_MEMBER,    ROLE_MEMBER,    READS_ROOM,   NEEDS_MEMBER | HELD_MAY | DIRECT_MAY },
    [COMMAND_DIRECT_SET]    = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_EXPORT_BEGIN]  = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY | BARRED_MAY },
    [COMMAND_EXPORT_DONE]   = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
    [COMMAND_MEMBER_BLOCK]  = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_PROFILE_SET]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER },
    [COMMAND_SEARCH_SAVE]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_SEARCH_SEEN]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_SEARCH_DROP]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_UPLOAD_OPEN]   = { ROLE_MEMBER,    ROLE_MEMBER,    SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_UPLOAD_DONE]   = { ROLE_MEMBER,    ROLE_MEMBER,    SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_UPLOAD_DROP]   = { ROLE_MEMBER,    ROLE_MEMBER,    SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_INVITE_CREATE] = { ROLE_MEMBER,    ROLE_MEMBER,    READS_ROOM_IF_NAMED, INVITES },
    [COMMAND_INVITE_BULK]   = { ROLE_MEMBER,    ROLE_MEMBER,    READS_ROOM_IF_NAMED, NEEDS_MEMBER | INVITES },
    [COMMAND_REQUEST_CREATE] = { ROLE_GUEST,    ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_INVITE_TAKE]   = { ROLE_MEMBER,    ROLE_MEMBER,    READS_ROOM_IF_NAMED, INVITES },   /* of who invited */
    [COMMAND_INVITE_DROP]   = { ROLE_MEMBER,    ROLE_MEMBER,    SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_SESSION_CODE]  = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_SESSION_ENTER] = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_SESSION_END]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY | BARRED_MAY },
    [COMMAND_ADDRESS_PUT]   = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
    [COMMAND_SESSION_SECOND] = { ROLE_GUEST,    ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_PASSKEY_BEGIN] = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_PASSKEY_ENTER] = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_PASSWORD_ENTER] = { ROLE_GUEST,    ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_FACTOR_DROP]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_PASSKEY_NEW]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_PASSKEY_ADD]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_TOTP_NEW]      = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_TOTP_ADD]      = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_RECOVERY_RENEW] = { ROLE_GUEST,    ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_PASSWORD_SET]  = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_OIDC_BEGIN]    = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_OIDC_TAKE]     = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_OIDC_ENTER]    = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_OIDC_LINK]     = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_OIDC_UNLINK]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_SESSION_SEEN]  = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
    [COMMAND_ADDRESS_CODE]  = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_ADDRESS_ADD]   = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_ADDRESS_DROP]  = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_SESSION_OPEN]  = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_SESSION_CLOSE] = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, STRANGER_MAY | HELD_MAY | BARRED_MAY },
    [COMMAND_TOKEN_CREATE]  = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_TOKEN_DROP]    = { ROLE_GUEST,     ROLE_GUEST,     SEES_NOTHING, NEEDS_MEMBER | HELD_MAY },
    [COMMAND_TOKEN_ISSUE]   = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
    [COMMAND_LINK_ISSUE]    = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
    [COMMAND_MAIL_DONE]     = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
    [COMMAND_MAIL_FAILED]   = { NOBODY,         NOBODY,         SEES_NOTHING, 0 },
};

enum role policy_role_in(enum role role, enum access access)
{
    return access == ACCESS_DIRECT && role > ROLE_MEMBER ? ROLE_MEMBER : role;
}

void policy_plain(const struct command *cmd, struct facts *f)
{
    enum role *roles[] = { &f->actor.role, &f->actor.hub_role, &f->role_there, &f->region_role };
    for (size_t i = 0; cmd->is_plain && i < sizeof roles / sizeof roles[0]; i++)
        if (*roles[i] > ROLE_MEMBER)
            *roles[i] = ROLE_MEMBER;
}

bool policy_can_read(enum role role, enum access access, bool is_joined)
{
    switch (access) {
    case ACCESS_OPEN:
        return true;
    case ACCESS_MEMBERS:
        return is_joined || role >= ROLE_MODERATOR;
    case ACCESS_PRIVATE:
        return is_joined || role >= ROLE_ADMIN;
    case ACCESS_DIRECT:
        return is_joined;
    }
    return false;
}

bool policy_can_find(enum role role, enum access access, bool is_joined)
{
    return access == ACCESS_OPEN || access == ACCESS_MEMBERS || policy_can_read(role, access, is_joined);
}

static bool exists(const struct facts *f, enum sight sight)
{
    switch (sight) {
    case SEES_NOTHING:
        return true;
    case READS_ROOM_IF_NAMED:
        return !f->room_is_named || f->room.id != 0;
    case SEES_COLLECTION:
        return f->collection.id != 0;
    case SEES_ORG:
        return f->org.id != 0;
    case SEES_REQUEST:
        return f->request.id != 0;
    case FINDS_ROOM:
    case READS_ROOM:
        return f->room.id != 0;
    case READS_THREAD:
        return f->room.id != 0 && f->thread.id != 0;
    case READS_POST:
        return f->room.id != 0 && f->thread.id != 0 && f->post.id != 0;
    case MODERATES_MATTER:
        return (f->room.id != 0 || f->sanction.id != 0 || f->matter.room == 0) && f->matter.id != 0;
    case MODERATES_SANCTION:
    case IS_SANCTIONED:
        return f->sanction.id != 0;
    }
    return false;
}

/* Who is suspended sees what a guest who is part of nothing sees. */
static bool sees(const struct facts *f, enum sight sight)
{
    bool is_out = f->held.suspended_ms > f->now_ms;
    enum role role = is_out ? ROLE_GUEST : policy_role_in(f->actor.role, f->room.access);
    if (sight == SEES_NOTHING || sight == SEES_COLLECTION || sight == SEES_ORG || (sight == READS_ROOM_IF_NAMED && !f->room_is_named))
        return true;
    if (sight == IS_SANCTIONED)
        return f->sanction.member == f->actor.id;
    if (sight == SEES_REQUEST)
        return !is_out && f->actor.role >= ROLE_ADMIN;
    bool is_moderators = sight == MODERATES_MATTER || sight == MODERATES_SANCTION;
    if (is_moderators && role < ROLE_MODERATOR)   /* nobody else hears of it */
        return false;
    const struct room_facts *room = &f->room;
    if (is_moderators && room->id == 0)
        return true;
    bool is_joined = room->is_joined && !is_out;
    return sight == FINDS_ROOM ? policy_can_find(role, room->access, is_joined)
                               : policy_can_read(role, room->access, is_joined);
}

/* Whether what is spoken of stands in a conversation of two. */
static bool is_of_two(const struct facts *f, enum sight sight)
{
    bool has_room = sight >= FINDS_ROOM || (sight == READS_ROOM_IF_NAMED && f->room_is_named);
    return has_room && f->room.id != 0 && f->room.access == ACCESS_DIRECT;
}

/* One text for both, so that nobody learns which it was. */
static enum bz_err not_found(enum sight sight, struct bz_error *e)
{
    static const char *const things[] = {
        [SEES_NOTHING] = "thing", [READS_ROOM_IF_NAMED] = "room",
        [SEES_COLLECTION] = "collection", [SEES_ORG] = "organisation", [SEES_REQUEST] = "request",
        [FINDS_ROOM] = "room", [READS_ROOM] = "room",
        [READS_THREAD] = "thread", [READS_POST] = "post", [MODERATES_MATTER] = "report",
        [MODERATES_SANCTION] = "sanction", [IS_SANCTIONED] = "sanction",
    };
    return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such %s", things[sight]);
}

static bool is_author(const struct facts *f, unsigned rules)
{
    if (rules & OF_ONESELF)
        return f->member.id == f->actor.id;
    if (rules & AUTHOR_OF_THREAD)   /* nobody owns a lobby: its author is whoever made the room */
        return f->thread.kind != THREAD_KIND_CHAT && f->thread.author == f->actor.id;
    if (rules & DELEGATES)
        return f->org.is_delegate || ((rules & CONCERNS_SELF) && f->member.id == f->actor.id);
    return (rules & AUTHOR_OF_POST) && f->post.author == f->actor.id;
}

#define HOUR_MS (3600 * 1000LL)
#define DAY_MS (24 * HOUR_MS)

/* Nobody wrote there for as many days as the room says; a lobby is never quiet. */
static bool is_quiet(const struct facts *f)
{
    int64_t days = f->room.set.lock_days;
    return days > 0 && f->thread.kind != THREAD_KIND_CHAT && f->now_ms - f->thread.last_ms > days * DAY_MS;
}

/* Who is new writes only so much in an hour. */
static enum bz_err may_post_again(const struct facts *f, struct bz_error *e)
{
    int64_t wait_ms = f->hour_own_ms + HOUR_MS - f->now_ms;
    if (!f->is_new || f->room.set.new_hour == 0 || f->hour_own_ms == 0 || wait_ms <= 0)
        return BZ_OK;
    (void)bz_fail(e, BZ_ERR_SLOW, "%d posts in an hour for who is new here: wait %d s more", (int)f->room.set.new_hour,
                  (int)((wait_ms + 999) / 1000));
    if (e != NULL)
        e->retry_after_ms = (uint32_t)wait_ms;
    return BZ_ERR_SLOW;
}

static enum bz_err may_post(const struct facts *f, struct bz_error *e)
{
    if (f->room.set.posting == POSTING_MODERATORS)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "only moderators post in this room");
    int64_t wait_ms = f->last_own_ms + f->room.set.slow_s * 1000 - f->now_ms;
    if (f->last_own_ms == 0 || wait_ms <= 0)
        return may_post_again(f, e);
    (void)bz_fail(e, BZ_ERR_SLOW, "one post in %d seconds here: wait %d more", (int)f->room.set.slow_s,
                  (int)((wait_ms + 999) / 1000));
    if (e != NULL)
        e->retry_after_ms = (uint32_t)wait_ms;
    return BZ_ERR_SLOW;
}

void policy_until(int64_t until_ms, char ret[UNTIL_TEXT])
{
    time_t at = (time_t)(until_ms / 1000);
    struct tm day;
    *ret = '\0';
    if (until_ms != INT64_MAX && gmtime_r(&at, &day) != NULL)
        (void)strftime(ret, UNTIL_TEXT, " until %Y-%m-%d %H:%M UTC", &day);
}

static enum bz_err held(const char *what, int64_t until_ms, struct bz_error *e)
{
    char end[UNTIL_TEXT];
    policy_until(until_ms, end);
    return bz_fail(e, BZ_ERR_FORBIDDEN, "you are %s%s: sanction.mine says why, sanction.appeal asks others to look", what, end);
}

/* What moderators imposed on the actor, while it lasts. */
static enum bz_err is_free(const struct facts *f, const struct row *row, struct bz_error *e)
{
    bool is_owners = row->rules & (AUTHOR_OF_POST | AUTHOR_OF_THREAD | OF_ONESELF);
    bool may_held = (row->rules & HELD_MAY) && (!is_owners || is_author(f, row->rules));
    bool may_silenced = may_held || (row->rules & SILENCED_MAY);
    if (f->held.suspended_ms > f->now_ms && !may_held)
        return held("suspended here", f->held.suspended_ms, e);
    if (f->held.silenced_ms > f->now_ms && !may_silenced)
        return held("silenced here", f->held.silenced_ms, e);
    return BZ_OK;
}

bz_id policy_concerned(const struct facts *f, bz_id post, bz_id member)
{
    if (post != 0)
        return f->post.author;
    return member != 0 || f->thread.kind == THREAD_KIND_CHAT ? member : f->thread.author;
}

enum bz_err policy_judges(const struct facts *f, struct bz_error *e)
{
    if (f->member.id == 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such member");
    if (f->is_operator)
        return BZ_OK;
    if (f->member.id == f->actor.id)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "it concerns you: somebody else decides");
    if (f->member.role >= f->actor.role)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "only somebody with a higher role than theirs may do this");
    return BZ_OK;
}

static enum bz_err may(const struct facts *f, const struct row *row, struct bz_error *e)
{
    if (is_free(f, row, e) != BZ_OK)
        return BZ_ERR_FORBIDDEN;
    int needs = is_author(f, row->rules) ? row->least : row->others;
    bool is_two = is_of_two(f, row->sight);
    int role = (int)(row->rules & WHOLE_HUB ? f->actor.hub_role : is_two ? policy_role_in(f->actor.role, ACCESS_DIRECT) : f->actor.role);
    if (is_two && !(row->rules & DIRECT_MAY))
        return bz_fail(e, BZ_ERR_FORBIDDEN, "this is not done in a conversation of two");
    if (role < needs) {
        if (role < row->least && row->least <= ROLE_MEMBER)
            return bz_fail(e, BZ_ERR_FORBIDDEN, "guests may read, not write");
        if (needs == NOBODY)
            return bz_fail(e, BZ_ERR_FORBIDDEN, row->least == NOBODY ? "only on the server itself" : "only its author may do this");
        return bz_fail(e, BZ_ERR_FORBIDDEN, needs == ROLE_ADMIN ? "only admins may do this" : "only moderators may do this");
    }
    if ((row->rules & NEEDS_PART) && f->room.access != ACCESS_OPEN && !f->room.is_joined && role < (int)ROLE_ADMIN)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "join the room first");
    if ((row->rules & LOCK_FORBIDS) && f->thread.is_locked && role < (int)ROLE_MODERATOR)
        return bz_fail(e, BZ_ERR_CONFLICT, "the thread is locked");
    if ((row->rules & LOCK_FORBIDS) && role < (int)ROLE_MODERATOR && is_quiet(f))
        return bz_fail(e, BZ_ERR_CONFLICT, "nobody wrote here for %d days: the thread is locked", (int)f->room.set.lock_days);
    return (row->rules & SETTINGS_BIND) && role < (int)ROLE_MODERATOR ? may_post(f, e) : BZ_OK;
}

static enum bz_err too_many(const struct facts *f, int count, int64_t oldest_ms, int64_t window_ms, struct bz_error *e)
{
    int64_t wait_ms = oldest_ms + window_ms - f->now_ms;
    if (oldest_ms == 0 || wait_ms <= 0)
        return BZ_OK;
    (void)bz_fail(e, BZ_ERR_SLOW, "%d new conversations in %s: wait %d s more", count, window_ms == DAY_MS ? "a day" : "an hour",
                  (int)((wait_ms + 999) / 1000));
    if (e != NULL)
        e->retry_after_ms = (uint32_t)wait_ms;
    return BZ_ERR_SLOW;
}

static bool lets_begin(const struct facts *f)
{
    const struct direct_facts *d = &f->direct;
    switch (d->from) {
    case FROM_NOBODY:
        return false;
    case FROM_ALL:
        return true;
    case FROM_REGION:
        return d->is_of_region || d->shares_room;
    case FROM_ROOMS:
        break;
    }
    return d->shares_room;
}

/* What it is about is a thread that both of them read. */
static enum bz_err may_ask_about(const struct facts *f, const struct command *cmd, struct bz_error *e)
{
    struct facts there = *f;
    if (cmd->to_thread == 0)
        return BZ_OK;
    there.room = f->to_room;
    there.actor.role = f->role_there;
    there.thread = f->to_thread;
    there.held = f->held_there;
    if (!exists(&there, READS_THREAD) || !sees(&there, READS_THREAD))
        return not_found(READS_THREAD, e);
    if (!f->direct.reads_there || f->to_room.access == ACCESS_DIRECT)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "they do not read that thread");
    return BZ_OK;
}

/* Whoever is blocked is told what those are told who may not begin, and as much. */
static enum bz_err may_write_to(const struct facts *f, const struct command *cmd, struct bz_error *e)
{
    const struct direct_facts *d = &f->direct;
    bool is_opening = cmd->kind == COMMAND_DIRECT_OPEN, is_first = is_opening && f->room.id == 0;
    enum bz_err rc;
    if (is_opening && f->member.id == 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such member");
    if (is_opening && f->member.id == f->actor.id)
        return bz_fail(e, BZ_ERR_CONFLICT, "it is yourself");
    if (d->blocks)
        return bz_fail(e, BZ_ERR_CONFLICT, "you block them: end that first");
    if (d->is_blocked || (is_first && (d->is_barred || f->member.role < ROLE_MEMBER || !lets_begin(f))))
        return bz_fail(e, BZ_ERR_FORBIDDEN, "they take no messages from you");
    if (is_opening && (rc = may_ask_about(f, cmd, e)) != BZ_OK)
        return rc;
    if (!is_first)
        return BZ_OK;
    if ((rc = too_many(f, BZ_LIMIT_DIRECT_HOUR, d->hour_own_ms, HOUR_MS, e)) != BZ_OK)
        return rc;
    return too_many(f, d->is_new ? BZ_LIMIT_DIRECT_NEW_DAY : BZ_LIMIT_DIRECT_DAY, d->day_own_ms, DAY_MS, e);
}

/* The thread is one that they read; what they do is done in the collection's region. */
static enum bz_err may_collect(const struct facts *f, struct bz_error *e)
{
    if (f->collection.id == 0)
        return not_found(SEES_COLLECTION, e);
    if (f->is_operator)
        return BZ_OK;
    if (f->held_there.suspended_ms > f->now_ms)
        return held("suspended there", f->held_there.suspended_ms, e);
    if (f->held_there.silenced_ms > f->now_ms)
        return held("silenced there", f->held_there.silenced_ms, e);
    return f->role_there >= ROLE_MODERATOR ? BZ_OK : bz_fail(e, BZ_ERR_FORBIDDEN, "only moderators may do this");
}

/* Nobody lets others in with more than they give themselves; lists of people are for delegates and admins. An organisation is its
 * region's: who administers one room there brings nobody into it. */
static enum bz_err may_invite(const struct facts *f, const struct command *cmd, struct bz_error *e)
{
    bool is_over = cmd->role >= ROLE_MODERATOR || cmd->is_delegate, is_to_org = cmd->organisation != 0;
    bz_id here = f->room_is_named ? f->room.region : cmd->region;
    bool is_elsewhere = is_to_org && here != 0 && here != f->org.region && f->actor.hub_role < ROLE_ADMIN;
    bool needs_admin = is_over || is_to_org || cmd->kind == COMMAND_INVITE_BULK;
    enum role role = is_to_org ? f->region_role : f->actor.role;
    if (is_to_org && f->org.id == 0)
        return not_found(SEES_ORG, e);
    if (cmd->region != 0 && f->region == 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such region");
    if (cmd->role >= ROLE_MODERATOR && here == 0 && !f->is_operator && f->actor.hub_role < ROLE_ADMIN)   /* a role in the hub */
        return bz_fail(e, BZ_ERR_FORBIDDEN, "only admins of the hub invite with this role");
    if (f->is_operator || (is_to_org && !is_over && !f->room_is_named && f->org.is_delegate))
        return BZ_OK;
    if (!is_elsewhere && role >= (needs_admin ? ROLE_ADMIN : ROLE_MODERATOR))
        return BZ_OK;
    if (is_over)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "only admins there invite with this role");
    return bz_fail(e, BZ_ERR_FORBIDDEN, needs_admin ? "only its delegates and admins invite there" : "only moderators invite there");
}

/* Asked after the rest: who may not act at all learns nothing of the target. */
static enum bz_err may_there(const struct facts *f, const struct command *cmd, const struct row *row, struct bz_error *e)
{
    enum sight sight = cmd->to_thread != 0 ? READS_THREAD : READS_ROOM;
    struct facts there = *f;
    there.room = f->to_room;
    there.actor.role = f->role_there;
    there.thread = f->to_thread;
    there.held = f->held_there;
    if (!exists(&there, sight) || (!f->is_operator && !sees(&there, sight)))
        return not_found(sight, e);
    if (f->is_operator && is_of_two(&there, sight))
        return not_found(sight, e);
    return f->is_operator ? BZ_OK : may(&there, row, e);
}

enum bz_err policy_check(const struct facts *facts, const struct command *cmd, struct bz_error *e)
{
    const struct row *row = &rows[cmd->kind];
    bool is_barred = !facts->is_operator && facts->actor.id != 0 && facts->held.barred_ms > facts->now_ms;
    bool may_barred = (row->rules & BARRED_MAY) && (!(row->rules & OF_ONESELF) || is_author(facts, row->rules));
    if (is_barred && !may_barred)
        return held("suspended from this hub", facts->held.barred_ms, e);
    bool is_outside = cmd->within != NULL && (facts->room.id == 0 || (cmd->member != 0 && !facts->member_is_joined));
    if (!exists(facts, row->sight) || is_outside)
        return not_found(row->sight, e);
    if (facts->is_operator) {
        if (is_of_two(facts, row->sight))   /* it is not theirs either */
            return not_found(row->sight, e);
        if (row->rules & NEEDS_MEMBER)
            return bz_fail(e, BZ_ERR_FORBIDDEN, "the operator is not a member");
    } else if (!(row->rules & STRANGER_MAY)) {
        if (facts->actor.id == 0)
            return bz_fail(e, BZ_ERR_UNAUTHENTICATED, "sign in first");
        if (!sees(facts, row->sight))
            return not_found(row->sight, e);
        enum bz_err rc = may(facts, row, e);
        if (rc != BZ_OK)
            return rc;
    }
    if ((row->rules & REDACTED_FORBIDS) && facts->post.is_redacted)
        return bz_fail(e, BZ_ERR_CONFLICT, "the post was removed");
    if ((row->rules & HIDDEN_FORBIDS) && facts->post.is_hidden)
        return bz_fail(e, BZ_ERR_CONFLICT, "the post is hidden by moderators");
    if ((row->rules & FIXED_FORBIDS) && facts->post.is_locked)
        return bz_fail(e, BZ_ERR_CONFLICT, "moderators locked the editing of this post");
    if ((row->rules & CLOSED_FORBIDS) && (facts->thread.is_closed || facts->thread.is_archived))
        return bz_fail(e, BZ_ERR_CONFLICT, "the thread is closed");
    if (row->sight >= READS_THREAD && facts->thread.merged_into != 0 && !(row->rules & MERGED_TOO))
        return bz_fail(e, BZ_ERR_CONFLICT, "the thread was merged into another");
    if ((row->rules & WRITES_TO) && (cmd->kind == COMMAND_DIRECT_OPEN || is_of_two(facts, row->sight)))
        return may_write_to(facts, cmd, e);
    if (row->rules & JUDGES)
        return policy_judges(facts, e);
    if (row->rules & COLLECTS)
        return may_collect(facts, e);
    if (row->rules & INVITES)
        return may_invite(facts, cmd, e);
    return row->rules & TARGET_TOO ? may_there(facts, cmd, row, e) : BZ_OK;
}

static enum bz_err in_the_way(struct bz_error *e, const char *field, const char *text, const char *end)
{
    (void)bz_invalid(e, field, "%s%s", text, end);
    if (e != NULL)
        e->code = BZ_ERR_CONFLICT;
    return BZ_ERR_CONFLICT;
}

/* Why they may not, said to somebody else. */
static enum bz_err not_theirs(const struct facts *f, const struct bz_error *why, struct bz_error *e)
{
    const struct held_facts *held = &f->member_held;
    char end[UNTIL_TEXT];
    if (f->member.id == 0)
        return in_the_way(e, "member", "who asked is not there any more", "");
    if (held->barred_ms > f->now_ms) {
        policy_until(held->barred_ms, end);
        return in_the_way(e, "member", "who asked is suspended from this hub", end);
    }
    if (held->suspended_ms > f->now_ms) {
        policy_until(held->suspended_ms, end);
        return in_the_way(e, "member", "who asked is suspended here", end);
    }
    if (held->silenced_ms > f->now_ms && f->matter.ask != ASK_JOIN) {
        policy_until(held->silenced_ms, end);
        return in_the_way(e, "member", "who asked is silenced here", end);
    }
    if (f->proposal != NULL)
        return in_the_way(e, "member", "who asked does not moderate there any more", "");
    if (f->member.role < ROLE_MEMBER)
        return in_the_way(e, "member", "who asked is a guest by now", "");
    if (f->room.access != ACCESS_OPEN && !f->member_is_joined && f->member.role < ROLE_ADMIN)
        return in_the_way(e, "member", "who asked is not part of the room", "");
    return in_the_way(e, why->code == BZ_ERR_CONFLICT ? "thread" : "room", why->text, "");
}

const struct room_facts *policy_closer(const struct facts *f)
{
    return f->to_room.access > f->room.access ? &f->to_room : &f->room;
}

/* An act is approved as it was read in the queue, by who could have done it: neither more nor less is carried out. */
static enum bz_err still_proposed(const struct facts *f, struct bz_error *e)
{
    const struct proposal_facts *p = f->proposal;
    const struct facts *now = p->theirs;
    struct bz_error why = { 0 };
    struct command own = p->cmd;
    own.actor = f->actor.id;
    if (now->thread.id != p->thread || now->room.id != p->room || now->to_room.id != p->to_room
        || now->to_thread.id != p->cmd.to_thread || now->moving_count != p->cmd.posts.count)
        return in_the_way(e, "thread", "what it is about was moved or merged since", "");
    enum bz_err rc = policy_check(p->own, &own, &why);
    if (rc == BZ_ERR_CONFLICT)
        return in_the_way(e, "thread", why.text, "");
    if (rc != BZ_OK)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "only who moderates both rooms decides about this");
    return policy_check(now, &p->cmd, &why) == BZ_OK ? BZ_OK : not_theirs(f, &why, e);
}

enum bz_err policy_approves(const struct facts *f, struct bz_error *e)
{
    static const enum command_kind kinds[] = {
        [ASK_POST] = COMMAND_POST_CREATE, [ASK_THREAD] = COMMAND_THREAD_CREATE, [ASK_JOIN] = COMMAND_ROOM_JOIN };
    struct bz_error why = { 0 };
    struct facts theirs = *f;
    if (f->proposal != NULL)
        return still_proposed(f, e);
    const struct command asked = { .kind = kinds[f->matter.ask] };
    if (f->matter.ask == ASK_POST && f->thread.id == 0)
        return in_the_way(e, "thread", "the thread was merged into another", "");
    theirs.actor = f->member;
    theirs.held = f->member_held;
    theirs.room.is_joined = f->member_is_joined;
    theirs.last_own_ms = 0;
    theirs.is_new = false;
    return policy_check(&theirs, &asked, &why) == BZ_OK ? BZ_OK : not_theirs(f, &why, e);
}
