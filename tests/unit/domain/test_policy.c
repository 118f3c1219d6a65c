#include "domain_check.h"

#include "domain/policy.h"

/* One letter a cell: o may, n NOT_FOUND, f FORBIDDEN, c CONFLICT, s SLOW. Columns: guest, member, moderator, admin.
 * Written by hand from the rules, without a look at the table they are to check. */
struct expectation {
    enum command_kind kind;
    const char *open, *members_out, *members_in, *private_out, *private_in, *locked, *redacted;
};

static const struct expectation expected[] = {
    /*                        open    members,out  members,in  private,out  private,in  open+locked  open+redacted */
    { COMMAND_HUB_INIT,      "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
    { COMMAND_REGION_CREATE, "fffo", "fffo", "fffo", "fffo", "fffo", "fffo", "fffo" },
    { COMMAND_ROOM_CREATE,   "ffoo", "ffoo", "ffoo", "ffoo", "ffoo", "ffoo", "ffoo" },
    { COMMAND_MEMBER_ADD,    "fffo", "fffo", "fffo", "fffo", "fffo", "fffo", "fffo" },
    { COMMAND_MEMBER_ROLE,   "fffo", "nnfo", "fffo", "nnno", "fffo", "fffo", "fffo" },
    { COMMAND_MEMBER_SET,    "fffo", "fffo", "fffo", "fffo", "fffo", "fffo", "fffo" },
    { COMMAND_MEMBER_SANCTION, "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_MEMBER_PARDON, "nnoo", "nnoo", "nnoo", "nnno", "nnoo", "nnoo", "nnoo" },
    { COMMAND_SANCTION_APPEAL, "nnnn", "nnnn", "nnnn", "nnnn", "nnnn", "nnnn", "nnnn" },
    { COMMAND_MEMBER_ERASE,  "fffo", "fffo", "fffo", "fffo", "fffo", "fffo", "fffo" },
    { COMMAND_ERASE_STEP,    "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
    { COMMAND_ROOM_JOIN,     "fooo", "fooo", "fooo", "nnno", "fooo", "fooo", "fooo" },
    { COMMAND_ROOM_LEAVE,    "fooo", "fooo", "fooo", "nnno", "fooo", "fooo", "fooo" },
    { COMMAND_ROOM_INVITE,   "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_ROOM_SET,      "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_CREATE, "fooo", "nnfo", "fooo", "nnno", "fooo", "fooo", "fooo" },
    { COMMAND_THREAD_RENAME, "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_LOCK,   "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_PIN,    "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_FEATURE, "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_ANSWER, "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_MOVE,   "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_CLOSE,  "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_ARCHIVE, "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_KIND,   "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_FIELDS, "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_MERGE,  "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_UNDO,   "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_POST_MOVE,     "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_POST_CREATE,   "fooo", "nnfo", "fooo", "nnno", "fooo", "fcoo", "fooo" },
    { COMMAND_DIRECT_OPEN,   "fooo", "fooo", "fooo", "fooo", "fooo", "fooo", "fooo" },
    { COMMAND_POST_EDIT,     "ffff", "nnff", "ffff", "nnnf", "ffff", "ffff", "ffff" },
    { COMMAND_POST_REDACT,   "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_POST_HIDE,     "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffcc" },
    { COMMAND_POST_RESTORE,  "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffcc" },
    { COMMAND_POST_LOCK,     "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffcc" },
    { COMMAND_POST_REACT,    "fooo", "nnoo", "fooo", "nnno", "fooo", "fcoo", "fccc" },
    { COMMAND_RESOURCE_PROMOTE, "fooo", "nnfo", "fooo", "nnno", "fooo", "fooo", "fccc" },
    { COMMAND_THEME_SET,     "ffoo", "ffoo", "ffoo", "ffoo", "ffoo", "ffoo", "ffoo" },
    { COMMAND_COLLECTION_CREATE, "ffoo", "ffoo", "ffoo", "ffoo", "ffoo", "ffoo", "ffoo" },
    { COMMAND_COLLECTION_SET, "ffoo", "ffoo", "ffoo", "ffoo", "ffoo", "ffoo", "ffoo" },
    { COMMAND_COLLECTION_PUT, "ffoo", "nnoo", "ffoo", "nnno", "ffoo", "ffoo", "ffoo" },
    { COMMAND_ORG_CREATE,    "fffo", "fffo", "fffo", "fffo", "fffo", "fffo", "fffo" },
    { COMMAND_ORG_SET,       "fffo", "fffo", "fffo", "fffo", "fffo", "fffo", "fffo" },
    { COMMAND_ORG_MEMBER,    "fffo", "fffo", "fffo", "fffo", "fffo", "fffo", "fffo" },
    { COMMAND_ORG_CONFIRM,   "fffo", "fffo", "fffo", "fffo", "fffo", "fffo", "fffo" },
    { COMMAND_REQUEST_DECIDE, "nnno", "nnno", "nnno", "nnno", "nnno", "nnno", "nnno" },
    { COMMAND_LINK_TELL,     "ffff", "nnff", "ffff", "nnnf", "ffff", "ffff", "ffff" },
    { COMMAND_REPORT_CREATE, "oooo", "nnoo", "oooo", "nnno", "oooo", "oooo", "cccc" },
    { COMMAND_REPORT_CLAIM,  "nnoo", "nnoo", "nnoo", "nnno", "nnoo", "nnoo", "nnoo" },
    { COMMAND_REPORT_DECIDE, "nnoo", "nnoo", "nnoo", "nnno", "nnoo", "nnoo", "nnoo" },
    { COMMAND_APPEAL_CREATE, "ffff", "nnff", "ffff", "nnnf", "ffff", "ffff", "ffff" },
    { COMMAND_READ_MARK,     "oooo", "nnoo", "oooo", "nnno", "oooo", "oooo", "oooo" },
    { COMMAND_READ_ROOM,     "oooo", "nnoo", "oooo", "nnno", "oooo", "oooo", "oooo" },
    { COMMAND_THREAD_FOLLOW, "oooo", "nnoo", "oooo", "nnno", "oooo", "oooo", "oooo" },
    { COMMAND_DRAFT_SET,     "fooo", "nnoo", "fooo", "nnno", "fooo", "fooo", "fooo" },
    { COMMAND_DIRECT_SET,    "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_EXPORT_BEGIN,  "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_EXPORT_DONE,   "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
    { COMMAND_MEMBER_BLOCK,  "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_PROFILE_SET,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_SEARCH_SAVE,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_SEARCH_SEEN,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_SEARCH_DROP,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_UPLOAD_OPEN,   "fooo", "fooo", "fooo", "fooo", "fooo", "fooo", "fooo" },
    { COMMAND_UPLOAD_DONE,   "fooo", "fooo", "fooo", "fooo", "fooo", "fooo", "fooo" },
    { COMMAND_UPLOAD_DROP,   "fooo", "fooo", "fooo", "fooo", "fooo", "fooo", "fooo" },
    { COMMAND_INVITE_CREATE, "fffo", "nnfo", "fffo", "nnno", "fffo", "fffo", "fffo" },
    { COMMAND_INVITE_BULK,   "fffo", "nnfo", "fffo", "nnno", "fffo", "fffo", "fffo" },
    { COMMAND_REQUEST_CREATE, "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_INVITE_TAKE,   "fffo", "nnfo", "fffo", "nnno", "fffo", "fffo", "fffo" },
    { COMMAND_INVITE_DROP,   "fooo", "fooo", "fooo", "fooo", "fooo", "fooo", "fooo" },
    { COMMAND_SESSION_CODE,  "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_SESSION_ENTER, "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_SESSION_END,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_ADDRESS_PUT,   "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
    { COMMAND_SESSION_SEEN,  "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
    { COMMAND_SESSION_SECOND, "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_PASSKEY_BEGIN, "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_PASSKEY_ENTER, "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_PASSWORD_ENTER, "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_FACTOR_DROP,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_PASSKEY_NEW,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_PASSKEY_ADD,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_TOTP_NEW,      "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_TOTP_ADD,      "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_RECOVERY_RENEW, "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_PASSWORD_SET,  "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_OIDC_BEGIN,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_OIDC_TAKE,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_OIDC_ENTER,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_OIDC_LINK,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_OIDC_UNLINK,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_ADDRESS_CODE,  "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_ADDRESS_ADD,   "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_ADDRESS_DROP,  "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_SESSION_OPEN,  "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_SESSION_CLOSE, "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_TOKEN_CREATE,  "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_TOKEN_DROP,    "oooo", "oooo", "oooo", "oooo", "oooo", "oooo", "oooo" },
    { COMMAND_TOKEN_ISSUE,   "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
    { COMMAND_LINK_ISSUE,    "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
    { COMMAND_MAIL_DONE,     "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
    { COMMAND_MAIL_FAILED,   "ffff", "ffff", "ffff", "ffff", "ffff", "ffff", "ffff" },
};

/* In a conversation of two: for whoever is neither, and for each of the two. What is not named here is of no room, and answers as
 * in an open one. */
static const struct { enum command_kind kind; const char *out, *in; } of_two[] = {
    { COMMAND_MEMBER_ROLE, "nnnn", "ffff" }, { COMMAND_MEMBER_SANCTION, "nnnn", "ffff" },
    { COMMAND_MEMBER_PARDON, "nnnn", "nnnn" }, { COMMAND_ROOM_JOIN, "nnnn", "ffff" },
    { COMMAND_ROOM_LEAVE, "nnnn", "ffff" }, { COMMAND_ROOM_INVITE, "nnnn", "ffff" },
    { COMMAND_ROOM_SET, "nnnn", "ffff" }, { COMMAND_THREAD_CREATE, "nnnn", "ffff" },
    { COMMAND_THREAD_RENAME, "nnnn", "ffff" }, { COMMAND_THREAD_LOCK, "nnnn", "ffff" },
    { COMMAND_THREAD_PIN, "nnnn", "ffff" }, { COMMAND_THREAD_FEATURE, "nnnn", "ffff" },
    { COMMAND_THREAD_ANSWER, "nnnn", "ffff" }, { COMMAND_THREAD_MOVE, "nnnn", "ffff" },
    { COMMAND_THREAD_CLOSE, "nnnn", "ffff" }, { COMMAND_THREAD_ARCHIVE, "nnnn", "ffff" },
    { COMMAND_THREAD_KIND, "nnnn", "ffff" }, { COMMAND_THREAD_FIELDS, "nnnn", "ffff" },
    { COMMAND_THREAD_MERGE, "nnnn", "ffff" }, { COMMAND_THREAD_UNDO, "nnnn", "ffff" },
    { COMMAND_POST_MOVE, "nnnn", "ffff" }, { COMMAND_POST_CREATE, "nnnn", "fooo" },
    { COMMAND_POST_EDIT, "nnnn", "ffff" }, { COMMAND_POST_REDACT, "nnnn", "ffff" },
    { COMMAND_POST_HIDE, "nnnn", "ffff" }, { COMMAND_POST_RESTORE, "nnnn", "ffff" },
    { COMMAND_POST_LOCK, "nnnn", "ffff" }, { COMMAND_POST_REACT, "nnnn", "fooo" },
    { COMMAND_RESOURCE_PROMOTE, "nnnn", "ffff" }, { COMMAND_COLLECTION_PUT, "nnnn", "ffff" },
    { COMMAND_LINK_TELL, "nnnn", "ffff" }, { COMMAND_REPORT_CREATE, "nnnn", "oooo" },
    { COMMAND_REPORT_CLAIM, "nnnn", "nnnn" }, { COMMAND_REPORT_DECIDE, "nnnn", "nnnn" },
    { COMMAND_APPEAL_CREATE, "nnnn", "ffff" }, { COMMAND_READ_MARK, "nnnn", "oooo" },
    { COMMAND_READ_ROOM, "nnnn", "oooo" }, { COMMAND_THREAD_FOLLOW, "nnnn", "oooo" },
    { COMMAND_DRAFT_SET, "nnnn", "fooo" },
    { COMMAND_INVITE_CREATE, "nnnn", "ffff" }, { COMMAND_INVITE_BULK, "nnnn", "ffff" }, { COMMAND_INVITE_TAKE, "nnnn", "ffff" },
};

/* The same for who wrote the thread and the post (in an open room). */
static const struct { enum command_kind kind; const char *usual, *locked, *redacted; } authors[] = {
    { COMMAND_THREAD_RENAME, "fooo", "fcoo", "fooo" }, { COMMAND_THREAD_ANSWER, "fooo", "fcoo", "fooo" },
    { COMMAND_POST_EDIT,     "fooo", "fcoo", "fccc" }, { COMMAND_POST_REDACT,   "fooo", "fooo", "fooo" },
    { COMMAND_APPEAL_CREATE, "fooo", "fooo", "fccc" },
    { COMMAND_THREAD_LOCK,   "ffoo", "ffoo", "ffoo" }, { COMMAND_THREAD_PIN,    "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_MOVE,   "ffoo", "ffoo", "ffoo" }, { COMMAND_THREAD_MERGE,  "ffoo", "ffoo", "ffoo" },
    { COMMAND_POST_MOVE,     "ffoo", "ffoo", "ffoo" }, { COMMAND_THREAD_ARCHIVE, "ffoo", "ffoo", "ffoo" },
    { COMMAND_THREAD_FIELDS, "fooo", "fcoo", "fooo" },
    { COMMAND_THREAD_CLOSE,  "fooo", "fcoo", "fooo" }, { COMMAND_THREAD_KIND,   "fooo", "fcoo", "fooo" },
};

#define NOW (100 * DAY)
#define DAY 86400000LL

static int cells;

static void cell(const struct facts *f, enum command_kind kind, char want, const char *where)
{
    struct command cmd = command_usual(kind);
    struct bz_error e = { 0 };
    enum bz_err rc = policy_check(f, &cmd, &e);
    char got = rc == BZ_OK ? 'o' : rc == BZ_ERR_NOT_FOUND ? 'n' : rc == BZ_ERR_FORBIDDEN ? 'f' : rc == BZ_ERR_CONFLICT ? 'c'
             : rc == BZ_ERR_SLOW ? 's' : '?';
    if (got != want)
        print_error("%s, %s, role %s: %c, expected %c (%s)\n", command_wire(kind), where,
                    (const char *[]){ "guest", "member", "moderator", "admin" }[f->actor.role], got, want, e.text);
    assert_int_equal(got, want);
    assert_true(rc == BZ_OK || (e.code == rc && e.text[0] != '\0'));
    cells++;
}

/* What a state of the thing forbids to all who might otherwise: these commands, and no other. By hand, too. */
enum state { HIDDEN, CLOSED, ARCHIVED, REDACTED, FIXED, STATES };
static const struct { const char *where; enum command_kind forbids[8]; } states[STATES] = {
    [HIDDEN] = { "hidden", { COMMAND_POST_EDIT, COMMAND_POST_REACT, COMMAND_RESOURCE_PROMOTE } },
    [CLOSED] = { "closed", { COMMAND_POST_CREATE } },
    [ARCHIVED] = { "archived", { COMMAND_POST_CREATE } },
    [REDACTED] = { "redacted", { COMMAND_POST_EDIT, COMMAND_POST_REACT, COMMAND_POST_HIDE, COMMAND_POST_RESTORE,
                                 COMMAND_REPORT_CREATE, COMMAND_APPEAL_CREATE, COMMAND_POST_LOCK, COMMAND_RESOURCE_PROMOTE } },
    [FIXED] = { "editing locked", { COMMAND_POST_EDIT } },
};

static char in_state(char base, enum command_kind kind, enum state state)
{
    for (size_t i = 0; base == 'o' && i < 8; i++)   /* COMMAND_HUB_INIT, 0, ends a list */
        if (states[state].forbids[i] == kind && kind != COMMAND_HUB_INIT)
            return 'c';
    return base;
}

static struct facts put_state(struct facts f, enum state state)
{
    f.post.is_hidden = state == HIDDEN;
    f.thread.is_closed = state == CLOSED;
    f.thread.is_archived = state == ARCHIVED;
    f.post.is_redacted = state == REDACTED;
    f.post.is_locked = state == FIXED;
    return f;
}

static void each_state(const struct facts *f, enum command_kind kind, char base)
{
    for (int state = 0; state < STATES; state++) {
        struct facts g = put_state(*f, (enum state)state);
        cell(&g, kind, in_state(base, kind, (enum state)state), states[state].where);
    }
}

static const char *want_of_two(const struct expectation *x, bool is_in)
{
    for (size_t i = 0; i < sizeof of_two / sizeof of_two[0]; i++)
        if (of_two[i].kind == x->kind)
            return is_in ? of_two[i].in : of_two[i].out;
    return x->open;
}

static void test_every_cell(void **state)
{
    (void)state;
    /* Proves that each command answers as the rules say for every role, access, membership and state. */
    assert_int_equal(sizeof expected / sizeof expected[0], COMMAND_COUNT);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct expectation *x = &expected[i];
        for (int role = 0; role < 4; role++) {
            struct facts f = facts_usual();
            f.actor.role = f.actor.hub_role = f.role_there = f.region_role = (enum role)role;
            const struct { enum access access; bool is_joined; const char *want, *where; } places[] = {
                { ACCESS_OPEN, false, x->open, "open" }, { ACCESS_OPEN, true, x->open, "open, joined" },
                { ACCESS_MEMBERS, false, x->members_out, "members" }, { ACCESS_MEMBERS, true, x->members_in, "members, joined" },
                { ACCESS_PRIVATE, false, x->private_out, "private" }, { ACCESS_PRIVATE, true, x->private_in, "private, joined" },
                { ACCESS_DIRECT, false, want_of_two(x, false), "of two others" }, { ACCESS_DIRECT, true, want_of_two(x, true), "of two" },
            };
            for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
                f.room.access = places[k].access;
                f.room.is_joined = places[k].is_joined;
                cell(&f, x->kind, places[k].want[role], places[k].where);
                each_state(&f, x->kind, places[k].want[role]);
            }
            f.room.access = ACCESS_OPEN;
            f.thread.is_locked = true;
            cell(&f, x->kind, x->locked[role], "locked");
            f.thread.is_locked = false;
            f.post.is_redacted = true;
            cell(&f, x->kind, x->redacted[role], "redacted");
        }
    }
    print_message("%d cells\n", cells);
    assert_true(cells >= 2000);
}

static void test_authors(void **state)
{
    (void)state;
    /* Proves what authorship adds, that a lock takes it away, and that a lobby has no owner. */
    for (size_t i = 0; i < sizeof authors / sizeof authors[0]; i++) {
        for (int role = 0; role < 4; role++) {
            struct facts f = facts_usual();
            f.actor.role = f.actor.hub_role = f.role_there = f.region_role = (enum role)role;
            f.thread.author = f.post.author = 10;
            cell(&f, authors[i].kind, authors[i].usual[role], "author");
            each_state(&f, authors[i].kind, authors[i].usual[role]);
            f.thread.is_locked = true;
            cell(&f, authors[i].kind, authors[i].locked[role], "author, locked");
            f.thread.is_locked = false;
            f.post.is_redacted = true;
            cell(&f, authors[i].kind, authors[i].redacted[role], "author, redacted");
            f.post.is_redacted = false;
            f.thread.kind = THREAD_KIND_CHAT;
            if (authors[i].kind == COMMAND_THREAD_RENAME)
                cell(&f, authors[i].kind, "ffoo"[role], "author of a lobby");
        }
    }
}

static void test_targets(void **state)
{
    (void)state;
    /* Proves that a move needs the target room, too: visible, and with the role that is needed; nobody else learns of it. */
    static const struct { enum access access; bool is_joined; const char *want; } rooms[] = {
        { ACCESS_OPEN, false, "ffoo" }, { ACCESS_MEMBERS, false, "ffoo" }, { ACCESS_MEMBERS, true, "ffoo" },
        { ACCESS_PRIVATE, false, "ffno" }, { ACCESS_PRIVATE, true, "ffoo" },
        { ACCESS_DIRECT, false, "ffnn" }, { ACCESS_DIRECT, true, "ffff" },
    };
    static const enum command_kind kinds[] = { COMMAND_THREAD_MOVE, COMMAND_THREAD_MERGE, COMMAND_POST_MOVE, COMMAND_THREAD_UNDO };
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
            for (int role = 0; role < 4; role++) {
                struct facts f = facts_usual();
                f.actor.role = f.role_there = (enum role)role;
                f.to_room.access = rooms[i].access;
                f.to_room.is_joined = rooms[i].is_joined;
                cell(&f, kinds[k], rooms[i].want[role], "target");
            }
        struct facts hidden = facts_usual(), none = facts_usual();
        struct command cmd = command_usual(kinds[k]);
        struct bz_error a = { 0 }, b = { 0 };
        hidden.actor.role = none.actor.role = hidden.role_there = none.role_there = ROLE_MODERATOR;
        hidden.to_room.access = ACCESS_PRIVATE;
        memset(&none.to_room, 0, sizeof none.to_room);
        memset(&none.to_thread, 0, sizeof none.to_thread);
        assert_int_equal(policy_check(&hidden, &cmd, &a), BZ_ERR_NOT_FOUND);
        assert_int_equal(policy_check(&none, &cmd, &b), BZ_ERR_NOT_FOUND);
        assert_memory_equal(&a, &b, sizeof a);
        struct facts here = facts_usual();   /* a moderator of this room alone */
        here.actor.role = ROLE_MODERATOR;
        here.role_there = ROLE_MEMBER;
        assert_int_equal(policy_check(&here, &cmd, NULL), BZ_ERR_FORBIDDEN);
        here.to_room.access = ACCESS_MEMBERS;
        assert_int_equal(policy_check(&here, &cmd, NULL), BZ_ERR_NOT_FOUND);
    }
}

static void test_collections(void **state)
{
    (void)state;
    /* Proves that who puts into a collection moderates its region, wherever the resource is; what it is of, they need only read. */
    for (int role = 0; role < 4; role++) {
        struct facts f = facts_usual();
        f.role_there = (enum role)role;
        cell(&f, COMMAND_COLLECTION_PUT, "ffoo"[role], "of the region");
        f.held.silenced_ms = INT64_MAX;
        cell(&f, COMMAND_COLLECTION_PUT, 'f', "silenced in the room");
        f.held.silenced_ms = 0;
        f.held_there.silenced_ms = INT64_MAX;
        cell(&f, COMMAND_COLLECTION_PUT, 'f', "silenced in the region");
        f.collection.id = 0;
        cell(&f, COMMAND_COLLECTION_PUT, 'n', "no collection");
        cell(&f, COMMAND_COLLECTION_SET, 'n', "no collection");
    }
}

/* Who lets others in, and as what: o may, f FORBIDDEN, n NOT_FOUND. Columns: guest, member, delegate, moderator, admin there. */
static void test_invitations(void **state)
{
    static const struct { const char *what; enum role role; bool is_delegate, is_to_org, has_org, names_room; const char *may; } rows[] = {
        { "a guest of the hub",             ROLE_GUEST,     false, false, false, false, "fffoo" },
        { "a member",                       ROLE_MEMBER,    false, false, false, false, "fffoo" },
        { "a moderator",                    ROLE_MODERATOR, false, false, false, false, "ffffo" },
        { "an admin",                       ROLE_ADMIN,     false, false, false, false, "ffffo" },
        { "a member of a room",             ROLE_MEMBER,    false, false, false, true,  "fffoo" },
        { "a moderator of a room",          ROLE_MODERATOR, false, false, false, true,  "ffffo" },
        { "a colleague",                    ROLE_MEMBER,    false, true,  true,  false, "ffofo" },
        { "a colleague who moderates",      ROLE_MODERATOR, false, true,  true,  false, "ffffo" },
        { "a delegate",                     ROLE_MEMBER,    true,  true,  true,  false, "ffffo" },
        { "a colleague, into a room",       ROLE_MEMBER,    false, true,  true,  true,  "ffffo" },
        { "into no organisation",           ROLE_MEMBER,    false, true,  false, false, "fnnnn" },
    };
    static const enum command_kind kinds[] = { COMMAND_INVITE_CREATE, COMMAND_INVITE_TAKE };
    static const enum role actors[] = { ROLE_GUEST, ROLE_MEMBER, ROLE_MEMBER, ROLE_MODERATOR, ROLE_ADMIN };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t k = 0; k < 2 * 5; k++) {
            struct facts f = { .hubs = &test_hubs, .now_ms = 1, .next_seq = 9 };
            struct command cmd = { .kind = kinds[k / 5], .actor = 1, .role = rows[i].role, .is_delegate = rows[i].is_delegate,
                                   .organisation = rows[i].is_to_org ? 77 : 0, .room = rows[i].names_room ? 5 : 0 };
            f.actor = (struct member_facts){ 1, actors[k % 5], actors[k % 5] };
            f.region_role = actors[k % 5];
            f.org.id = rows[i].has_org ? 77 : 0;
            f.org.is_delegate = k % 5 == 2;
            f.room_is_named = rows[i].names_room;
            f.room = (struct room_facts){ .id = rows[i].names_room ? 5 : 0, .access = ACCESS_OPEN };
            enum bz_err rc = policy_check(&f, &cmd, NULL);
            char is = rc == BZ_OK ? 'o' : rc == BZ_ERR_NOT_FOUND ? 'n' : rc == BZ_ERR_FORBIDDEN ? 'f' : '?';
            if (is != rows[i].may[k % 5])
                fail_msg("%s as %s, column %zu: %c", command_wire(kinds[k / 5]), rows[i].what, k % 5, is);
        }
}

/* Who administers a room and nothing else there lets people into it, and into no organisation of its region. */
static void test_room_admins_invite(void **state)
{
    static const struct { enum command_kind kind; bool is_to_org, is_delegate; enum bz_err is; } rows[] = {
        { COMMAND_INVITE_CREATE, false, false, BZ_OK },           { COMMAND_INVITE_TAKE, false, false, BZ_OK },
        { COMMAND_INVITE_BULK, false, false, BZ_OK },             { COMMAND_INVITE_CREATE, true, false, BZ_ERR_FORBIDDEN },
        { COMMAND_INVITE_CREATE, true, true, BZ_ERR_FORBIDDEN },  { COMMAND_INVITE_TAKE, true, true, BZ_ERR_FORBIDDEN },
        { COMMAND_INVITE_BULK, true, false, BZ_ERR_FORBIDDEN },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct facts f = { .hubs = &test_hubs, .now_ms = 1, .next_seq = 9 };
        struct command cmd = { .kind = rows[i].kind, .actor = 1, .role = ROLE_MEMBER, .is_delegate = rows[i].is_delegate,
                               .organisation = rows[i].is_to_org ? 77 : 0, .room = 5 };
        f.actor = (struct member_facts){ 1, ROLE_ADMIN, ROLE_MEMBER };
        f.region_role = ROLE_MEMBER;
        f.org = (struct org_facts){ .id = rows[i].is_to_org ? 77 : 0, .region = 3 };
        f.room_is_named = true;
        f.room = (struct room_facts){ .id = 5, .region = 3, .access = ACCESS_OPEN };
        assert_int_equal(policy_check(&f, &cmd, NULL), rows[i].is);
    }
}

static void test_organisations(void **state)
{
    (void)state;
    /* Proves what being a delegate adds and a sanction in its region takes away, and that anyone may leave. */
    static const enum command_kind kinds[] = { COMMAND_ORG_SET, COMMAND_ORG_MEMBER, COMMAND_ORG_CONFIRM };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (int role = 0; role < 4; role++) {
            struct facts f = facts_usual();
            f.actor.role = f.actor.hub_role = f.role_there = f.region_role = (enum role)role;
            f.org.is_delegate = true;
            cell(&f, kinds[i], "fooo"[role], "delegate");
            f.held.silenced_ms = INT64_MAX;
            cell(&f, kinds[i], 'f', "delegate, silenced");
            f.held.silenced_ms = 0;
            f.org.is_delegate = false;
            f.member.id = f.actor.id;
            cell(&f, kinds[i], (kinds[i] == COMMAND_ORG_MEMBER ? "fooo" : "fffo")[role], "about oneself");
            f.org.id = 0;
            cell(&f, kinds[i], 'n', "no organisation");
        }
}

static void test_leaving(void **state)
{
    (void)state;
    /* Proves that anybody leaves by themselves, also who is held or barred, and that only the hub's admins do it for others. */
    for (int role = 0; role < 4; role++) {
        struct facts f = facts_usual();
        f.actor.role = f.actor.hub_role = (enum role)role;
        f.held.barred_ms = f.held.suspended_ms = f.held.silenced_ms = INT64_MAX;
        cell(&f, COMMAND_MEMBER_ERASE, 'f', "another, barred");
        f.member.id = f.actor.id;
        cell(&f, COMMAND_MEMBER_ERASE, 'o', "oneself, barred");
        f.held = (struct held_facts){ 0 };
        cell(&f, COMMAND_MEMBER_ERASE, 'o', "oneself");
    }
}

static char direct_answer(const struct facts *f, const struct command *cmd)
{
    struct bz_error e = { 0 };
    enum bz_err rc = policy_check(f, cmd, &e);
    assert_true(rc != BZ_ERR_SLOW || e.retry_after_ms > 0);
    return rc == BZ_OK ? 'o' : rc == BZ_ERR_NOT_FOUND ? 'n' : rc == BZ_ERR_FORBIDDEN ? 'f' : rc == BZ_ERR_CONFLICT ? 'c' : 's';
}

static void test_direct(void **state)
{
    (void)state;
    /* Proves who begins a conversation with whom, how often, that it is neither one with oneself nor about what the other does
     * not read, and that a block ends it on either side, for what is written and changed alike. By hand. */
    static const struct { enum from from; bool shares, is_near; char want; } lets[] = {
        { FROM_NOBODY, true, true, 'f' }, { FROM_ROOMS, true, false, 'o' }, { FROM_ROOMS, false, true, 'f' },
        { FROM_REGION, false, true, 'o' }, { FROM_REGION, true, false, 'o' }, { FROM_REGION, false, false, 'f' },
        { FROM_ALL, false, false, 'o' },
    };
    struct command cmd = command_usual(COMMAND_DIRECT_OPEN);
    for (size_t i = 0; i < sizeof lets / sizeof lets[0]; i++)
        for (int old = 0; old < 2; old++) {   /* one that is there already goes on */
            struct facts f = facts_usual();
            f.room.id = old == 0 ? 0 : 20;
            f.room.access = ACCESS_DIRECT;
            f.room.is_joined = true;
            f.direct = (struct direct_facts){ .from = lets[i].from, .shares_room = lets[i].shares, .is_of_region = lets[i].is_near };
            assert_int_equal(direct_answer(&f, &cmd), old == 1 ? 'o' : lets[i].want);
        }
    struct facts first = facts_usual(), f;
    first.room.id = 0;
    first.now_ms = NOW;
    struct bz_error refused = { 0 }, blocked = { 0 };
    f = first; f.direct.from = FROM_NOBODY; assert_int_equal(policy_check(&f, &cmd, &refused), BZ_ERR_FORBIDDEN);
    f = first; f.direct.is_blocked = true; assert_int_equal(policy_check(&f, &cmd, &blocked), BZ_ERR_FORBIDDEN);
    assert_memory_equal(&refused, &blocked, sizeof refused);
    f = first; f.direct.blocks = true; assert_int_equal(direct_answer(&f, &cmd), 'c');
    f = first; f.direct.is_barred = true; assert_int_equal(direct_answer(&f, &cmd), 'f');
    f = first; f.member.role = ROLE_GUEST; assert_int_equal(direct_answer(&f, &cmd), 'f');
    f = first; f.member.id = 0; assert_int_equal(direct_answer(&f, &cmd), 'n');
    f = first; f.member.id = f.actor.id; assert_int_equal(direct_answer(&f, &cmd), 'c');
    f = first; f.direct.hour_own_ms = NOW - 3599999; assert_int_equal(direct_answer(&f, &cmd), 's');
    f = first; f.direct.hour_own_ms = NOW - 3600000; assert_int_equal(direct_answer(&f, &cmd), 'o');
    f = first; f.direct.day_own_ms = NOW - DAY + 1; assert_int_equal(direct_answer(&f, &cmd), 's');
    f = first; f.direct.day_own_ms = NOW - DAY; assert_int_equal(direct_answer(&f, &cmd), 'o');
    cmd.to_thread = 35;
    f = first; assert_int_equal(direct_answer(&f, &cmd), 'f');   /* they do not read it */
    f.direct.reads_there = true; assert_int_equal(direct_answer(&f, &cmd), 'o');
    f.to_room.access = ACCESS_MEMBERS; assert_int_equal(direct_answer(&f, &cmd), 'n');
    f.to_room.access = ACCESS_DIRECT; assert_int_equal(direct_answer(&f, &cmd), 'n');
    f.to_room.is_joined = true; assert_int_equal(direct_answer(&f, &cmd), 'f');
    f = first; f.direct.reads_there = true; f.to_thread.id = 0; assert_int_equal(direct_answer(&f, &cmd), 'n');
    static const enum command_kind writes[] = { COMMAND_POST_CREATE, COMMAND_POST_EDIT, COMMAND_POST_REACT };
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        struct facts g = facts_usual();
        g.room.access = ACCESS_DIRECT;
        g.room.is_joined = true;
        g.post.author = 10;
        cell(&g, writes[i], 'o', "of two");
        g.direct.is_blocked = true;
        cell(&g, writes[i], 'f', "blocked");
        cell(&g, COMMAND_POST_REDACT, 'o', "blocked");
        g.direct = (struct direct_facts){ .blocks = true };
        cell(&g, writes[i], 'c', "blocks");
        g.room.access = ACCESS_OPEN;   /* elsewhere they go on */
        cell(&g, writes[i], 'o', "blocks");
    }
    for (int kind = 0; kind < COMMAND_COUNT; kind++) {   /* the operator has no part in it, nor is anything moved there */
        struct facts g = facts_usual();
        struct command any = command_usual((enum command_kind)kind);
        g.is_operator = true;
        g.room.access = ACCESS_DIRECT;
        enum bz_err there = policy_check(&g, &any, NULL);
        g.room.access = ACCESS_PRIVATE;
        assert_true(there == BZ_ERR_NOT_FOUND || there == policy_check(&g, &any, NULL));
        g.to_room.access = ACCESS_DIRECT;
        bool moves = kind == COMMAND_THREAD_MOVE || kind == COMMAND_THREAD_MERGE || kind == COMMAND_POST_MOVE || kind == COMMAND_THREAD_UNDO;
        if (moves)
            assert_int_equal(policy_check(&g, &any, NULL), BZ_ERR_NOT_FOUND);
    }
}

static void test_closed(void **state)
{
    (void)state;
    /* Proves that nobody posts in a closed or archived thread, and that the rest goes on. */
    for (int role = 0; role < 4; role++)
        for (int i = 0; i < 2; i++) {
            struct facts f = facts_usual();
            f.actor.role = (enum role)role;
            f.thread.is_closed = i == 0;
            f.thread.is_archived = i == 1;
            cell(&f, COMMAND_POST_CREATE, "fccc"[role], "closed");
            cell(&f, COMMAND_POST_REACT, "fooo"[role], "closed");
            cell(&f, COMMAND_THREAD_CLOSE, "ffoo"[role], "closed");
        }
}

/* A room's settings bind those who do not moderate it; the rest of what they do is as ever. By hand, too. */
static const struct { const char *where; struct room_set set; int64_t own_ms, thread_ms; bool is_lobby;
                      const char *post, *thread, *react, *edit; } rooms_set[] = {
    { "as new",            { 0 },                                    4000, 1, false, "fooo", "fooo", "fooo", "fooo" },
    { "moderators post",   { .posting = POSTING_MODERATORS },        0, 1, false,    "ffoo", "ffoo", "fooo", "fooo" },
    { "slow, never wrote", { .slow_s = 60 },                         0, 1, false,    "fooo", "fooo", "fooo", "fooo" },
    { "slow, just wrote",  { .slow_s = 60 },                         NOW - 59999, 1, false, "fsoo", "fsoo", "fooo", "fooo" },
    { "slow, it is time",  { .slow_s = 60 },                         NOW - 60000, 1, false, "fooo", "fooo", "fooo", "fooo" },
    { "quiet",             { .lock_days = 2 },                       0, NOW - 2 * DAY - 1, false, "fcoo", "fooo", "fcoo", "fcoo" },
    { "not quiet yet",     { .lock_days = 2 },                       0, NOW - 2 * DAY, false, "fooo", "fooo", "fooo", "fooo" },
    { "a quiet lobby",     { .lock_days = 2 },                       0, NOW - 9 * DAY, true, "fooo", "fooo", "fooo", "fooo" },
};

static void test_settings(void **state)
{
    (void)state;
    /* Proves what each setting of a room forbids to whom, and how long a slow room makes somebody wait. */
    for (size_t i = 0; i < sizeof rooms_set / sizeof rooms_set[0]; i++)
        for (int role = 0; role < 4; role++) {
            struct facts f = facts_usual();
            f.actor.role = (enum role)role;   /* of the room: it moderates there, whatever the hub says */
            f.now_ms = NOW;
            f.room.set = rooms_set[i].set;
            f.last_own_ms = rooms_set[i].own_ms;
            f.thread.last_ms = rooms_set[i].thread_ms;
            f.post.author = 10;
            if (rooms_set[i].is_lobby)
                f.thread.kind = THREAD_KIND_CHAT;
            cell(&f, COMMAND_POST_CREATE, rooms_set[i].post[role], rooms_set[i].where);
            cell(&f, COMMAND_THREAD_CREATE, rooms_set[i].thread[role], rooms_set[i].where);
            cell(&f, COMMAND_POST_REACT, rooms_set[i].react[role], rooms_set[i].where);
            cell(&f, COMMAND_POST_EDIT, rooms_set[i].edit[role], rooms_set[i].where);
        }
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_POST_CREATE);
    struct bz_error e = { 0 };
    /* Who is new writes so many in an hour, and no longer than they are new. */
    f.room.set.new_hour = 2;
    f.hour_own_ms = f.now_ms - 3599000;
    assert_int_equal(policy_check(&f, &cmd, &e), BZ_OK);
    f.is_new = true;
    assert_int_equal(policy_check(&f, &cmd, &e), BZ_ERR_SLOW);
    assert_int_equal(e.retry_after_ms, 1000);
    f.hour_own_ms = f.now_ms - 3600000;
    assert_int_equal(policy_check(&f, &cmd, &e), BZ_OK);
    f.hour_own_ms = 0;
    assert_int_equal(policy_check(&f, &cmd, &e), BZ_OK);
    f.is_new = false;
    f.room.set.slow_s = 60;
    f.last_own_ms = f.now_ms - 1500;
    assert_int_equal(policy_check(&f, &cmd, &e), BZ_ERR_SLOW);
    assert_int_equal(e.retry_after_ms, 58500);
    assert_int_equal(policy_check(&f, &cmd, NULL), BZ_ERR_SLOW);
}

static void test_merged(void **state)
{
    (void)state;
    /* Proves that nothing is done to a thread in whose place another is shown, but to take that back. */
    struct facts f = facts_usual();
    f.actor.role = f.role_there = ROLE_ADMIN;
    f.thread.merged_into = 36;
    cell(&f, COMMAND_THREAD_RENAME, 'c', "merged");
    cell(&f, COMMAND_THREAD_MOVE, 'c', "merged");
    cell(&f, COMMAND_THREAD_MERGE, 'c', "merged");
    cell(&f, COMMAND_THREAD_UNDO, 'o', "merged");
    cell(&f, COMMAND_ROOM_JOIN, 'o', "merged");
}

static void test_of_oneself(void **state)
{
    (void)state;
    /* Proves that everybody says of themselves what all see, whatever their role, unless they are silenced. */
    for (int role = ROLE_GUEST; role <= ROLE_ADMIN; role++) {
        struct facts f = facts_usual();
        f.actor.role = f.actor.hub_role = (enum role)role;
        f.member = f.actor;
        cell(&f, COMMAND_MEMBER_SET, 'o', "oneself");
        f.held.silenced_ms = NOW;
        cell(&f, COMMAND_MEMBER_SET, 'f', "oneself, silenced");
    }
}

static void test_same_answer(void **state)
{
    (void)state;
    /* Proves that an object that may not be seen answers word for word like one that does not exist. */
    for (int kind = 0; kind < COMMAND_COUNT; kind++) {
        struct facts hidden = facts_usual(), none = facts_usual();
        hidden.room.access = ACCESS_PRIVATE;
        memset(&none.room, 0, sizeof none.room);
        memset(&none.thread, 0, sizeof none.thread);
        memset(&none.post, 0, sizeof none.post);
        memset(&none.matter, 0, sizeof none.matter);
        memset(&none.sanction, 0, sizeof none.sanction);
        struct command cmd = command_usual((enum command_kind)kind);
        struct bz_error a = { 0 }, b = { 0 };
        assert_int_equal(policy_check(&hidden, &cmd, &a), policy_check(&none, &cmd, &b));
        assert_memory_equal(&a, &b, sizeof a);
    }
}

static void test_strangers_and_operator(void **state)
{
    (void)state;
    /* Proves that an unknown actor may only open or close a session, and the operator all that needs no member. */
    for (int kind = 0; kind < COMMAND_COUNT; kind++) {
        struct facts f = facts_usual();
        struct command cmd = command_usual((enum command_kind)kind);
        f.actor.id = 0;
        bool is_session = kind == COMMAND_SESSION_OPEN || kind == COMMAND_SESSION_CLOSE || kind == COMMAND_SESSION_CODE ||
                          kind == COMMAND_SESSION_ENTER || kind == COMMAND_SESSION_SECOND || kind == COMMAND_PASSKEY_BEGIN ||
                          kind == COMMAND_PASSKEY_ENTER || kind == COMMAND_PASSWORD_ENTER || kind == COMMAND_REQUEST_CREATE ||
                          kind == COMMAND_OIDC_BEGIN || kind == COMMAND_OIDC_TAKE || kind == COMMAND_OIDC_ENTER;
        assert_int_equal(policy_check(&f, &cmd, NULL), is_session ? BZ_OK : BZ_ERR_UNAUTHENTICATED);
        f.is_operator = true;
        f.room.access = ACCESS_PRIVATE;
        f.thread.is_locked = true;
        cmd.actor = 0;
        bool is_personal = kind == COMMAND_ROOM_JOIN || kind == COMMAND_ROOM_LEAVE || kind == COMMAND_POST_REACT ||
                           kind == COMMAND_READ_MARK || kind == COMMAND_READ_ROOM || kind == COMMAND_REPORT_CREATE ||
                           kind == COMMAND_REPORT_CLAIM || kind == COMMAND_REPORT_DECIDE || kind == COMMAND_APPEAL_CREATE || kind == COMMAND_SANCTION_APPEAL ||
                           kind == COMMAND_THREAD_FOLLOW || kind == COMMAND_DRAFT_SET || kind == COMMAND_MEMBER_BLOCK || kind == COMMAND_EXPORT_BEGIN ||
                           kind == COMMAND_UPLOAD_OPEN || kind == COMMAND_UPLOAD_DONE || kind == COMMAND_UPLOAD_DROP ||
                           kind == COMMAND_PROFILE_SET || kind == COMMAND_SEARCH_SAVE || kind == COMMAND_SEARCH_SEEN || kind == COMMAND_SEARCH_DROP ||
                           kind == COMMAND_DIRECT_OPEN || kind == COMMAND_DIRECT_SET ||
                           kind == COMMAND_INVITE_DROP || kind == COMMAND_SESSION_END || kind == COMMAND_ADDRESS_CODE ||
                           kind == COMMAND_ADDRESS_ADD || kind == COMMAND_ADDRESS_DROP || kind == COMMAND_FACTOR_DROP ||
                           kind == COMMAND_PASSKEY_NEW || kind == COMMAND_PASSKEY_ADD || kind == COMMAND_TOTP_NEW || kind == COMMAND_TOTP_ADD ||
                           kind == COMMAND_RECOVERY_RENEW || kind == COMMAND_PASSWORD_SET || kind == COMMAND_OIDC_LINK || kind == COMMAND_OIDC_UNLINK ||
                           kind == COMMAND_REQUEST_DECIDE || kind == COMMAND_INVITE_BULK ||
                           kind == COMMAND_TOKEN_CREATE || kind == COMMAND_TOKEN_DROP;
        assert_int_equal(policy_check(&f, &cmd, NULL), is_personal ? BZ_ERR_FORBIDDEN : BZ_OK);
    }
}

static void test_bound(void **state)
{
    (void)state;
    /* Proves that by a token that is bound to rooms nothing is done but in a room that is one of those (others are loaded as none), and to
     * nobody who is not part of it, whatever the role; and that within it is no different. */
    for (int kind = 0; kind < COMMAND_COUNT; kind++) {
        const struct id_list rooms = { 0 };
        struct command cmd = command_usual((enum command_kind)kind);
        for (int role = ROLE_GUEST; role <= ROLE_ADMIN; role++) {
            struct facts f = facts_usual();
            f.actor.role = f.actor.hub_role = f.role_there = f.region_role = (enum role)role;
            f.member_is_joined = true;
            cmd.within = NULL;
            enum bz_err free = policy_check(&f, &cmd, NULL);
            cmd.within = &rooms;
            if (f.room.id != 0)
                assert_int_equal(policy_check(&f, &cmd, NULL), free);
            struct facts stranger = f, outside = f;
            stranger.member_is_joined = false;
            if (cmd.member != 0)
                assert_int_equal(policy_check(&stranger, &cmd, NULL), BZ_ERR_NOT_FOUND);
            outside.room = (struct room_facts){ 0 };
            assert_int_equal(policy_check(&outside, &cmd, NULL), BZ_ERR_NOT_FOUND);
        }
    }
}

static void test_scope(void **state)
{
    (void)state;
    /* Proves that a role given for a region or a room counts there as the hub's does, and never in what is the hub's. */
    for (int kind = 0; kind < COMMAND_COUNT; kind++) {
        struct facts hub = facts_usual(), here = facts_usual();
        struct command cmd = command_usual((enum command_kind)kind);
        bool is_hubs = kind == COMMAND_REGION_CREATE || kind == COMMAND_MEMBER_ADD || kind == COMMAND_THEME_SET || kind == COMMAND_MEMBER_ERASE
                       || kind == COMMAND_MEMBER_SET;
        hub.actor.role = hub.actor.hub_role = hub.role_there = ROLE_ADMIN;
        here.actor.role = here.role_there = ROLE_ADMIN;
        assert_int_equal(policy_check(&here, &cmd, NULL), is_hubs ? BZ_ERR_FORBIDDEN : policy_check(&hub, &cmd, NULL));
    }
}

/* What who is held may do all the same, as far as they might else: by hand. HUB_INIT, 0, ends a list. */
enum holding { SILENCED, SUSPENDED, BARRED, HOLDINGS };
static const struct { const char *where; enum command_kind may[64]; } holdings[HOLDINGS] = {
    [SILENCED] = { "silenced", { COMMAND_OIDC_BEGIN, COMMAND_OIDC_TAKE, COMMAND_OIDC_ENTER, COMMAND_OIDC_LINK, COMMAND_OIDC_UNLINK,
                             COMMAND_SESSION_SECOND, COMMAND_PASSKEY_BEGIN, COMMAND_PASSKEY_ENTER, COMMAND_PASSWORD_ENTER,
                             COMMAND_FACTOR_DROP, COMMAND_PASSKEY_NEW, COMMAND_PASSKEY_ADD, COMMAND_TOTP_NEW, COMMAND_TOTP_ADD, COMMAND_RECOVERY_RENEW,
                             COMMAND_PASSWORD_SET, COMMAND_REQUEST_CREATE, COMMAND_INVITE_DROP, COMMAND_SESSION_CODE, COMMAND_SESSION_ENTER, COMMAND_SESSION_END,
                             COMMAND_ADDRESS_CODE, COMMAND_ADDRESS_ADD, COMMAND_ADDRESS_DROP, COMMAND_TOKEN_CREATE, COMMAND_TOKEN_DROP, COMMAND_SANCTION_APPEAL, COMMAND_ROOM_JOIN, COMMAND_ROOM_LEAVE, COMMAND_POST_REDACT,
                                 COMMAND_REPORT_CREATE, COMMAND_APPEAL_CREATE, COMMAND_READ_MARK, COMMAND_READ_ROOM,
                                 COMMAND_THREAD_FOLLOW, COMMAND_DRAFT_SET, COMMAND_MEMBER_BLOCK, COMMAND_DIRECT_SET, COMMAND_EXPORT_BEGIN, COMMAND_UPLOAD_OPEN, COMMAND_UPLOAD_DONE, COMMAND_UPLOAD_DROP,
                                 COMMAND_SEARCH_SAVE, COMMAND_SEARCH_SEEN, COMMAND_SEARCH_DROP, COMMAND_SESSION_OPEN, COMMAND_SESSION_CLOSE } },
    [SUSPENDED] = { "suspended", { COMMAND_OIDC_BEGIN, COMMAND_OIDC_TAKE, COMMAND_OIDC_ENTER, COMMAND_OIDC_LINK, COMMAND_OIDC_UNLINK,
                             COMMAND_SESSION_SECOND, COMMAND_PASSKEY_BEGIN, COMMAND_PASSKEY_ENTER, COMMAND_PASSWORD_ENTER,
                             COMMAND_FACTOR_DROP, COMMAND_PASSKEY_NEW, COMMAND_PASSKEY_ADD, COMMAND_TOTP_NEW, COMMAND_TOTP_ADD, COMMAND_RECOVERY_RENEW,
                             COMMAND_PASSWORD_SET, COMMAND_REQUEST_CREATE, COMMAND_INVITE_DROP, COMMAND_SESSION_CODE, COMMAND_SESSION_ENTER, COMMAND_SESSION_END,
                             COMMAND_ADDRESS_CODE, COMMAND_ADDRESS_ADD, COMMAND_ADDRESS_DROP, COMMAND_TOKEN_CREATE, COMMAND_TOKEN_DROP, COMMAND_SANCTION_APPEAL, COMMAND_ROOM_LEAVE, COMMAND_POST_REDACT,
                                   COMMAND_REPORT_CREATE, COMMAND_APPEAL_CREATE, COMMAND_READ_MARK, COMMAND_READ_ROOM,
                                   COMMAND_THREAD_FOLLOW, COMMAND_DRAFT_SET, COMMAND_MEMBER_BLOCK, COMMAND_DIRECT_SET, COMMAND_EXPORT_BEGIN, COMMAND_UPLOAD_OPEN, COMMAND_UPLOAD_DONE, COMMAND_UPLOAD_DROP,
                                 COMMAND_SEARCH_SAVE, COMMAND_SEARCH_SEEN, COMMAND_SEARCH_DROP, COMMAND_SESSION_OPEN, COMMAND_SESSION_CLOSE } },
    [BARRED] = { "barred", { COMMAND_OIDC_BEGIN, COMMAND_OIDC_TAKE, COMMAND_OIDC_ENTER,
                             COMMAND_SESSION_SECOND, COMMAND_PASSKEY_BEGIN, COMMAND_PASSKEY_ENTER, COMMAND_PASSWORD_ENTER,
                             COMMAND_REQUEST_CREATE, COMMAND_SESSION_CODE, COMMAND_SESSION_ENTER, COMMAND_SESSION_END, COMMAND_SANCTION_APPEAL, COMMAND_EXPORT_BEGIN, COMMAND_SESSION_OPEN, COMMAND_SESSION_CLOSE } },
};

static char when_held(const struct facts *free, enum command_kind kind, enum holding how)
{
    struct facts stranger = *free;
    struct command cmd = command_usual(kind);
    if (how == SUSPENDED) {   /* sees what a guest who is part of nothing sees */
        stranger.room.is_joined = false;
        stranger.actor.role = ROLE_GUEST;
    }
    enum bz_err rc = policy_check(&stranger, &cmd, NULL);
    if (rc != BZ_ERR_NOT_FOUND)
        rc = policy_check(free, &cmd, NULL);
    bool may = false;
    for (size_t i = 0; i < sizeof holdings[how].may / sizeof holdings[how].may[0] && holdings[how].may[i] != COMMAND_HUB_INIT; i++)
        may |= holdings[how].may[i] == kind && (kind != COMMAND_POST_REDACT || free->post.author == free->actor.id);
    if (how == BARRED && !may)
        return 'f';
    if (rc == BZ_ERR_NOT_FOUND)
        return 'n';
    return !may ? 'f' : rc == BZ_OK ? 'o' : rc == BZ_ERR_CONFLICT ? 'c' : 'f';
}

static void test_held(void **state)
{
    (void)state;
    /* Proves what silence, a suspension and a ban leave to each role, in each command and access, and that each ends by
     * the clock. */
    cells = 0;
    for (int kind = 0; kind < COMMAND_COUNT; kind++)
        for (int i = 0; i < 4 * 3 * 2 * HOLDINGS; i++) {
            enum holding how = (enum holding)(i % HOLDINGS);
            struct facts f = facts_usual();
            f.actor.role = f.actor.hub_role = f.role_there = (enum role)(i / HOLDINGS % 4);
            f.room.access = (enum access)(i / HOLDINGS / 4 % 3);
            f.room.is_joined = true;
            f.sanction.member = i / HOLDINGS / 12 == 0 ? 10 : 13;
            f.post.author = f.thread.author = i / HOLDINGS / 12 == 0 ? 10 : 12;
            if (kind == COMMAND_MEMBER_PARDON || kind == COMMAND_REPORT_CLAIM || kind == COMMAND_REPORT_DECIDE)
                f.room.access = ACCESS_OPEN;
            struct facts free = f;
            int64_t *until = how == SILENCED ? &f.held.silenced_ms : how == SUSPENDED ? &f.held.suspended_ms : &f.held.barred_ms;
            bool hides = how == SUSPENDED && (kind == COMMAND_MEMBER_PARDON || kind == COMMAND_REPORT_CLAIM || kind == COMMAND_REPORT_DECIDE);
            *until = f.now_ms + 1;
            cell(&f, (enum command_kind)kind, hides ? 'n' : when_held(&free, (enum command_kind)kind, how), holdings[how].where);
            *until = f.now_ms;
            struct command cmd = command_usual((enum command_kind)kind);
            assert_int_equal(policy_check(&f, &cmd, NULL), policy_check(&free, &cmd, NULL));
        }
    print_message("%d cells\n", cells);
    struct facts f = facts_usual();   /* a move into a place from which one is suspended */
    struct command cmd = command_usual(COMMAND_THREAD_MOVE);
    f.actor.role = f.role_there = ROLE_MODERATOR;
    f.held_there.suspended_ms = INT64_MAX;
    assert_int_equal(policy_check(&f, &cmd, NULL), BZ_ERR_FORBIDDEN);
    f.to_room.access = ACCESS_MEMBERS;
    f.to_room.is_joined = true;
    assert_int_equal(policy_check(&f, &cmd, NULL), BZ_ERR_NOT_FOUND);
}

static void test_judges(void **state)
{
    (void)state;
    /* Proves that only a higher role judges, in every pair of roles, and nobody themselves. */
    static const enum command_kind kinds[] = { COMMAND_MEMBER_SANCTION, COMMAND_MEMBER_PARDON };
    for (int i = 0; i < 32; i++) {
        struct facts f = facts_usual();
        int mine = i / 4 % 4, theirs = i % 4;
        f.actor.role = f.actor.hub_role = (enum role)mine;
        f.member.role = (enum role)theirs;
        char none = i < 16 ? 'f' : 'n';
        cell(&f, kinds[i / 16], mine < ROLE_MODERATOR ? none : theirs < mine ? 'o' : 'f', "judge");
        f.member = f.actor;
        f.actor.role = ROLE_ADMIN;
        cell(&f, kinds[i / 16], 'f', "oneself");
    }
    struct facts f = facts_usual();   /* of a region or the hub: no room */
    memset(&f.room, 0, sizeof f.room);
    f.sanction.room = 0;
    f.actor.role = ROLE_MODERATOR;
    cell(&f, COMMAND_MEMBER_PARDON, 'o', "no room");
    f.member.id = 0;
    cell(&f, COMMAND_MEMBER_PARDON, 'n', "nobody");
}

static void test_find(void **state)
{
    (void)state;
    /* Proves who may learn of a room: all of open and members rooms, readers of a private one. */
    assert_true(policy_can_find(ROLE_GUEST, ACCESS_MEMBERS, false));
    assert_false(policy_can_find(ROLE_MODERATOR, ACCESS_PRIVATE, false));
    assert_true(policy_can_find(ROLE_GUEST, ACCESS_PRIVATE, true));
    assert_true(policy_can_find(ROLE_ADMIN, ACCESS_PRIVATE, false));
    assert_false(policy_can_find(ROLE_ADMIN, ACCESS_DIRECT, false));
    assert_true(policy_can_find(ROLE_GUEST, ACCESS_DIRECT, true));
    assert_int_equal(policy_role_in(ROLE_ADMIN, ACCESS_DIRECT), ROLE_MEMBER);
    assert_int_equal(policy_role_in(ROLE_GUEST, ACCESS_DIRECT), ROLE_GUEST);
    assert_int_equal(policy_role_in(ROLE_ADMIN, ACCESS_PRIVATE), ROLE_ADMIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell), cmocka_unit_test(test_authors), cmocka_unit_test(test_targets), cmocka_unit_test(test_merged), cmocka_unit_test(test_collections), cmocka_unit_test(test_direct), cmocka_unit_test(test_organisations), cmocka_unit_test(test_leaving), cmocka_unit_test(test_invitations), cmocka_unit_test(test_room_admins_invite), cmocka_unit_test(test_closed),
        cmocka_unit_test(test_of_oneself),
        cmocka_unit_test(test_same_answer), cmocka_unit_test(test_strangers_and_operator),
        cmocka_unit_test(test_bound), cmocka_unit_test(test_held), cmocka_unit_test(test_judges),
        cmocka_unit_test(test_find), cmocka_unit_test(test_settings), cmocka_unit_test(test_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
