#include "decide_check.h"

#include "domain/kinds.h"

/* What becomes of something said by a member, by hand: s said, f said and flagged, h held, b blocked, x forbidden.
 * Columns: a post, a thread, an edit, a title. */
static const struct { const char *where; struct room_set set; enum word_act word; bool is_known, has_link; const char *want; } said[] = {
    { "as new",                { 0 },                                     0, false, true, "ssss" },
    { "first, unknown",        { .hold = HOLD_FIRST },                    0, false, false, "hhss" },
    { "first, known",          { .hold = HOLD_FIRST },                    0, true, true, "ssss" },
    { "all",                   { .hold = HOLD_ALL },                      0, true, false, "hhxx" },
    { "threads",               { .hold_threads = true },                  0, true, false, "shsx" },
    { "a word to flag",        { .has_words = true },                     WORD_FLAG, true, false, "ffff" },
    { "a word to hold",        { .has_words = true },                     WORD_HOLD, true, false, "hhbb" },
    { "a word to block",       { .has_words = true },                     WORD_BLOCK, true, false, "bbbb" },
    { "blocked before held",   { .hold = HOLD_ALL },                      WORD_BLOCK, true, false, "bbbb" },
    { "held, not flagged",     { .hold = HOLD_FIRST },                    WORD_FLAG, false, false, "hhff" },
    { "links held",            { .links = LINKS_HOLD },                   0, true, true, "hhbs" },
    { "links held, none",      { .links = LINKS_HOLD },                   0, true, false, "ssss" },
    { "links blocked",         { .links = LINKS_BLOCK },                  0, true, true, "bbbs" },
    { "of the new held",       { .new_posts = 1, .new_links = LINKS_HOLD },               0, true, true, "hhbs" },
    { "of the new, none",      { .new_posts = 1, .new_links = LINKS_HOLD, .new_files = LINKS_BLOCK }, 0, true, false, "ssss" },
    { "of the new blocked",    { .new_posts = 1, .new_links = LINKS_BLOCK },              0, true, true, "bbbs" },
    { "not new",               { .new_links = LINKS_BLOCK },              0, true, true, "ssss" },
    { "the stricter counts",   { .links = LINKS_BLOCK, .new_posts = 1, .new_links = LINKS_HOLD }, 0, true, true, "bbbs" },
    { "for all, held",         { .links = LINKS_HOLD, .new_links = LINKS_BLOCK }, 0, true, true, "hhbs" },
};

static char becomes(struct facts *f, enum command_kind kind, bool has_link)
{
    struct command cmd = command_usual(kind);
    cmd.room = 20;
    cmd.text = has_link ? SPAN("see http://example.org/a") : SPAN("see there");
    enum bz_err rc = run(f, &cmd);
    if (rc != BZ_OK)
        return rc == BZ_ERR_BLOCKED ? 'b' : rc == BZ_ERR_FORBIDDEN ? 'x' : '?';
    if (decision.entries[0].kind == ENTRY_ASK)
        return decision.count == 1 && decision.id == 100 ? 'h' : '?';
    return decision.entries[decision.count - 1].kind == ENTRY_REPORT ? 'f' : 's';
}

static void test_holding(void **state)
{
    (void)state;
    /* Proves what each setting makes of a post, a thread, an edit and a title, and that moderators are free of them all. */
    static const enum command_kind kinds[] = { COMMAND_POST_CREATE, COMMAND_THREAD_CREATE, COMMAND_POST_EDIT, COMMAND_THREAD_RENAME };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        for (size_t k = 0; k < 4; k++)
            for (int role = ROLE_MEMBER; role <= ROLE_ADMIN; role++) {
                struct facts f = facts_usual();
                f.actor.role = (enum role)role;
                f.thread.author = f.post.author = 10;
                f.room.set = said[i].set;
                f.is_known = said[i].is_known;
                f.is_new = said[i].set.new_posts > 0 && role < ROLE_MODERATOR;
                f.found.act = said[i].word;
                f.found.word = said[i].word != 0 ? SPAN("word") : (struct span){ NULL, 0 };
                char want = role >= ROLE_MODERATOR ? 's' : said[i].want[k], got = becomes(&f, kinds[k], said[i].has_link);
                if (got != want)
                    print_error("%s, %s, role %d: %c, expected %c\n", said[i].where, command_wire(kinds[k]), role, got, want);
                assert_int_equal(got, want);
            }
}

static void test_ask(void **state)
{
    (void)state;
    /* Proves that what waits is one entry, that a yes says it in its author's name, and that a no says nothing. */
    struct facts f = facts_usual();
    f.room.set.hold = HOLD_ALL;
    struct command cmd = command_usual(COMMAND_POST_CREATE);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].thread, 30);
    assert_body(&decision.entries[0], "{\"ask\":\"post\",\"why\":\"all\",\"says\":{\"text\":\"Hello\"}}");
    f.waiting = BZ_LIMIT_ASKS_MAX;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.waiting--;
    cmd = command_usual(COMMAND_THREAD_CREATE);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].thread, 0);
    assert_body(&decision.entries[0], "{\"ask\":\"thread\",\"why\":\"all\",\"opens\":{\"title\":\"Title\",\"type\":\"discussion\","
                                      "\"lang\":\"en\"},\"says\":{\"text\":\"Hello\"}}");
    f.actor.role = ROLE_MODERATOR;
    f.matter = (struct matter_facts){ .id = 50, .room = 20, .member = 12, .ask = ASK_THREAD, .opens = SPAN("{\"title\":\"T\"}"),
                                      .says = SPAN("{\"text\":\"W\"}") };
    cmd = command_usual(COMMAND_REPORT_DECIDE);
    cmd.decision = SPAN("keep");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd.decision = SPAN("approve");
    cmd.reason = (struct span){ NULL, 0 };
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 3);
    assert_body(&decision.entries[0], "{\"decision\":\"approve\",\"as\":\"moderator\",\"of\":\"africa-12\",\"opens\":\"africa-101\","
                                      "\"says\":\"africa-102\"}");
    assert_int_equal(decision.entries[1].kind, ENTRY_THREAD);
    assert_int_equal(decision.entries[2].kind, ENTRY_POST);
    assert_int_equal(decision.entries[2].thread, 101);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(decision.entries[i].actor, i == 0 ? 10 : 12);
    assert_body(&decision.entries[2], "{\"text\":\"W\"}");
    cmd.decision = SPAN("refuse");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd.rule = SPAN("spam");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    f.matter.member = 10;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.matter = (struct matter_facts){ .id = 50, .room = 20, .member = 12, .ask = ASK_JOIN };
    cmd.decision = SPAN("approve");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[1].kind, ENTRY_ROOM_JOIN);
    assert_int_equal(decision.entries[1].actor, 12);
    f.member_is_joined = true;   /* invited meanwhile */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    f.matter.ask = 0;
    f.matter.member = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);   /* a report is not approved */
}

/* A moderator's yes to what member 12 asked for. */
static enum bz_err yes(const struct facts *usual, enum ask ask)
{
    struct facts f = *usual;
    f.actor.role = ROLE_MODERATOR;
    f.matter = (struct matter_facts){ .id = 50, .room = 20, .thread = ask == ASK_POST ? 30 : 0, .member = 12, .ask = ask,
                                      .opens = SPAN("{\"title\":\"T\"}"), .says = SPAN("{\"text\":\"W\"}") };
    if (ask != ASK_POST)
        f.thread = (struct thread_facts){ 0 };
    struct command cmd = command_usual(COMMAND_REPORT_DECIDE);
    cmd.decision = SPAN("approve");
    return run(&f, &cmd);
}

/* What a yes to a post, a thread and a wish to join meets: the first letter of what is in the way, '.' where nothing is. */
static void meets(const struct facts *f, const char *want, const char *text)
{
    static const enum ask asks[] = { ASK_POST, ASK_THREAD, ASK_JOIN };
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        enum bz_err rc = yes(f, asks[i]);
        char got = rc == BZ_OK ? '.' : rc == BZ_ERR_CONFLICT ? error.field[0] : '?';
        if (got != want[i])
            print_error("%s: %c, expected %c: %s\n", text, got, want[i], error.text);
        assert_int_equal(got, want[i]);
        if (rc == BZ_OK)
            continue;
        assert_int_equal(decision.count, 0);   /* it waits on, and may be refused */
        if (strstr(error.text, text) == NULL)
            print_error("%s\nexpected %s\n", error.text, text);
        assert_non_null(strstr(error.text, text));
    }
}

static struct facts facts_of_author(enum access access, bool is_joined)
{
    struct facts f = facts_usual();
    f.member = (struct member_facts){ 12, ROLE_MEMBER, ROLE_MEMBER };
    f.room.access = access;
    f.room.is_joined = true;   /* the moderator */
    f.member_is_joined = is_joined;
    return f;
}

static void test_yes_and_who_asked(void **state)
{
    (void)state;
    /* Proves that a yes does nothing that who asked may not do themselves by now: post/thread/join, m: it is they. */
    struct facts f = facts_of_author(ACCESS_OPEN, false);
    meets(&f, "...", "");
    f.member_held.silenced_ms = INT64_MAX;
    meets(&f, "mm.", "silenced here");
    f.member_held = (struct held_facts){ .suspended_ms = f.now_ms + 1000 };
    meets(&f, "mmm", "suspended here until 1970-01-01 00:00 UTC");
    f.member_held = (struct held_facts){ .barred_ms = INT64_MAX };
    meets(&f, "mmm", "suspended from this hub");
    f.member_held = (struct held_facts){ f.now_ms, f.now_ms, f.now_ms };   /* over */
    meets(&f, "...", "");
    f.held.silenced_ms = 1;   /* what held the moderator is nothing of theirs */
    f.last_own_ms = f.now_ms;
    f.room.set.slow_s = 3600;
    meets(&f, "...", "");
    f.member.role = ROLE_GUEST;
    meets(&f, "mmm", "guest");
    f.member.id = 0;
    meets(&f, "mmm", "who asked");
    f = facts_of_author(ACCESS_MEMBERS, false);
    meets(&f, "mm.", "not part of the room");
    f.member.role = ROLE_MODERATOR;
    meets(&f, "mm.", "not part of the room");   /* reads it, and joins before they write, as ever */
    f.member.role = ROLE_ADMIN;
    meets(&f, "...", "");
    f.thread.is_closed = true;
    meets(&f, "t..", "the thread is closed");
    f = facts_of_author(ACCESS_MEMBERS, true);
    meets(&f, "...", "");
    f.member_held.suspended_ms = INT64_MAX;
    meets(&f, "mmm", "suspended here");
    f = facts_of_author(ACCESS_PRIVATE, true);
    meets(&f, "...", "");
    f.member_is_joined = false;
    meets(&f, "mmm", "not part of the room");
}

static void test_yes_and_where(void **state)
{
    (void)state;
    /* Proves that a yes says nothing where its author may not write by now: t: it is the thread, r: the room. */
    struct facts f = facts_of_author(ACCESS_OPEN, false);
    f.room.set.posting = POSTING_MODERATORS;
    meets(&f, "rr.", "only moderators post in this room");
    f.member.role = ROLE_MODERATOR;   /* by now they are one */
    f.thread.is_locked = true;
    meets(&f, "...", "");
    f.member.role = ROLE_MEMBER;
    f.room.set.posting = POSTING_ALL;
    meets(&f, "t..", "the thread is locked");
    f.thread.is_locked = false;
    f.thread.is_closed = true;
    meets(&f, "t..", "the thread is closed");
    f.thread.is_closed = false;
    f.thread.is_archived = true;
    meets(&f, "t..", "the thread is closed");
    f.thread.is_archived = false;
    f.room.set.lock_days = 1;
    f.thread.last_ms = f.now_ms;
    f.now_ms += 24 * 3600 * 1000 + 1;
    meets(&f, "t..", "nobody wrote here for 1 days");
    f.now_ms--;
    meets(&f, "...", "");
    f.thread.merged_into = 31;
    meets(&f, "t..", "merged into another");
    f.thread = (struct thread_facts){ 0 };   /* merged into one that the moderator does not see */
    meets(&f, "t..", "merged into another");
}

static void test_asking_in(void **state)
{
    (void)state;
    /* Proves who asks to come in where that is set, and that asking twice is asking once. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_ROOM_JOIN);
    f.room.set.approve_join = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_ROOM_JOIN);   /* an open room is open */
    f.room.access = ACCESS_MEMBERS;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_ASK);
    assert_body(&decision.entries[0], "{\"ask\":\"join\"}");
    f.has_asked = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.actor.role = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_ROOM_JOIN);
}

static void test_room_set(void **state)
{
    (void)state;
    /* Proves that a setting's entry holds what changes and no more, in the role's name, and that nothing is no entry. */
    struct facts f = facts_usual();
    f.actor.role = ROLE_MODERATOR;
    f.room.set = (struct room_set){ .slow_s = 60, .posting = POSTING_MODERATORS };
    struct command cmd = command_usual(COMMAND_ROOM_SET);
    cmd.set = (struct room_set){ .slow_s = 60, .lock_days = 30 };
    cmd.sets = SETS_SLOW | SETS_LOCK_DAYS;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_int_equal(decision.entries[0].kind, ENTRY_ROOM_SET);
    assert_int_equal(decision.entries[0].room, 20);
    assert_body(&decision.entries[0], "{\"as\":\"moderator\",\"lock_days\":30}");
    cmd.sets = SETS_SLOW | SETS_POSTING;
    cmd.set = (struct room_set){ 0 };
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"as\":\"moderator\",\"slow_s\":0,\"posting\":\"all\"}");
    cmd.sets = SETS_NEW_POSTS | SETS_NEW_HOUR | SETS_NEW_LINKS | SETS_NEW_FILES;
    cmd.set = (struct room_set){ .new_posts = 3, .new_links = LINKS_HOLD, .new_files = LINKS_BLOCK };
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"as\":\"moderator\",\"new_posts\":3,\"new_links\":\"hold\",\"new_files\":\"block\"}");
    cmd.sets = 0;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
}

static void test_reports(void **state)
{
    (void)state;
    /* Proves what is reported and how often, who may decide what, that a decision is carried out once, and appeals. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_REPORT_CREATE);
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);   /* a post, a thread and a member */
    cmd.thread = cmd.member = cmd.room = 0;
    cmd.rule = SPAN("rude");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_REPORT);
    assert_int_equal(decision.id, 100);
    assert_body(&decision.entries[0], "{\"post\":\"africa-40\",\"rule\":\"rude\",\"reason\":\"spam\"}");
    f.open_matter = 50;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"report\":\"africa-50\",\"post\":\"africa-40\",\"rule\":\"rude\",\"reason\":\"spam\"}");
    f.own_report = 77;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.post.author = 10;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    cmd.post = 0;
    cmd.member = 13;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);   /* where? */
    assert_string_equal(error.field, "room");

    f = facts_usual();
    f.actor.role = ROLE_MODERATOR;
    cmd = command_usual(COMMAND_REPORT_CLAIM);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].subject, 50);
    f.matter.claimed_by = 14;
    f.matter.claimed_ms = f.now_ms;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.now_ms += 30 * 60 * 1000;                        /* taken over */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);

    cmd = command_usual(COMMAND_REPORT_DECIDE);
    cmd.rule = SPAN("rude");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 2);
    assert_int_equal(decision.entries[0].kind, ENTRY_REPORT_DECIDE);
    assert_int_equal(decision.entries[1].kind, ENTRY_POST_HIDE);
    assert_null(decision.entries[1].cid.at);
    f.post.is_hidden = true;                           /* by somebody else, meanwhile */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    cmd.decision = SPAN("restore");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd.decision = SPAN("lock");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd.decision = SPAN("redact");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[1].kind, ENTRY_POST_REDACT);
    f.post.author = 10;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.post.author = 12;
    f.matter.is_decided = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);

    f.matter.is_decided = false;
    f.matter.is_appeal = true;
    cmd.decision = SPAN("restore");
    f.post.hidden_by = 10;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.post.hidden_by = 14;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[1].kind, ENTRY_POST_RESTORE);

    cmd = command_usual(COMMAND_APPEAL_CREATE);
    f.post.author = 10;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_APPEAL);
    assert_body(&decision.entries[0], "{\"post\":\"africa-40\",\"reason\":\"spam\"}");
    f.post.is_appealed = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.post.is_appealed = f.post.is_hidden = false;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
}

static void test_sanctions(void **state)
{
    (void)state;
    /* Proves the form of each act, who keeps the hub, what an entry says, and that an appeal comes once. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_MEMBER_SANCTION);
    f.actor.role = f.actor.hub_role = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);   /* a room and a region */
    assert_string_equal(error.field, "region");
    cmd.region = 0;
    cmd.rule = SPAN("rude");
    cmd.until_ms = f.now_ms;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);   /* over before it begins */
    cmd.until_ms = f.now_ms + 1;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.id, 100);
    assert_int_equal(decision.entries[0].kind, ENTRY_MEMBER_SANCTION);
    assert_int_equal(decision.entries[0].room, 20);
    assert_int_equal(decision.entries[0].subject, 13);
    assert_body(&decision.entries[0], "{\"scope\":\"africa-20\",\"act\":\"silence\",\"until\":5001,\"as\":\"moderator\","
                                      "\"rule\":\"rude\",\"reason\":\"spam\"}");
    cmd.field = PROFILE_ABOUT;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);   /* with a warning of the hub alone */
    assert_string_equal(error.field, "field");
    cmd.act = SANCTION_WARN;
    cmd.until_ms = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    struct facts of_hub = f;
    of_hub.room_is_named = false;
    of_hub.room = (struct room_facts){ 0 };
    of_hub.region = 0;
    assert_int_equal(run(&of_hub, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"act\":\"warn\",\"field\":\"about\",\"as\":\"moderator\",\"rule\":\"rude\",\"reason\":\"spam\"}");
    cmd.field = 0;
    static const struct { enum sanction act; int64_t until; enum bz_err here, hub; } forms[] = {
        { SANCTION_WARN, 0, BZ_OK, BZ_OK }, { SANCTION_WARN, 6000, BZ_ERR_INVALID, BZ_ERR_INVALID },
        { SANCTION_SILENCE, 0, BZ_OK, BZ_OK }, { SANCTION_SUSPEND, 6000, BZ_OK, BZ_OK },
        { SANCTION_BAN, 0, BZ_ERR_INVALID, BZ_OK }, { SANCTION_BAN, 6000, BZ_ERR_INVALID, BZ_ERR_INVALID },
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        cmd.act = forms[i].act;
        cmd.until_ms = forms[i].until;
        assert_int_equal(run(&f, &cmd), forms[i].here);
        struct facts hub = f;
        struct command wide = cmd;
        hub.room_is_named = false;
        hub.region = 0;
        memset(&hub.room, 0, sizeof hub.room);
        wide.room = 0;
        assert_int_equal(run(&hub, &wide), forms[i].hub);
        assert_true(forms[i].hub != BZ_OK || decision.entries[0].room == 0);
    }
    struct facts hub = f;
    hub.room_is_named = false;
    memset(&hub.room, 0, sizeof hub.room);
    cmd.room = 0;
    cmd.until_ms = 0;
    hub.is_operator = true;
    hub.other_admins = 0;
    hub.member.role = hub.member.hub_role = ROLE_ADMIN;
    cmd.act = SANCTION_BAN;
    assert_int_equal(run(&hub, &cmd), BZ_ERR_CONFLICT);   /* the last admin */
    cmd.act = SANCTION_SILENCE;
    assert_int_equal(run(&hub, &cmd), BZ_OK);
    hub.other_admins = 1;
    cmd.act = SANCTION_SUSPEND;
    assert_int_equal(run(&hub, &cmd), BZ_OK);

    cmd = command_usual(COMMAND_MEMBER_PARDON);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].subject, 13);
    assert_body(&decision.entries[0], "{\"scope\":\"africa-20\",\"sanction\":\"africa-60\",\"act\":\"silence\",\"as\":\"moderator\","
                                      "\"reason\":\"spam\"}");
    f.sanction.is_lifted = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);

    cmd = command_usual(COMMAND_SANCTION_APPEAL);
    f.sanction.member = 10;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);   /* lifted */
    f.sanction.is_lifted = false;
    f.sanction.until_ms = f.now_ms;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);   /* over */
    f.sanction.until_ms = f.now_ms + 1;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_APPEAL);
    assert_body(&decision.entries[0], "{\"sanction\":\"africa-60\",\"member\":\"africa-10\",\"reason\":\"spam\"}");
    f.sanction.is_appealed = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
}

static void test_judgements(void **state)
{
    (void)state;
    /* Proves that a decision warns, silences or suspends whom it is about, and that an appeal's lifts. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_REPORT_DECIDE);
    static const struct { const char *decision, *act; } words[] = {
        { "warned", "\"act\":\"warn\"" }, { "silence", "\"act\":\"silence\"" }, { "suspend", "\"act\":\"suspend\"" },
    };
    f.actor.role = ROLE_MODERATOR;
    f.member = (struct member_facts){ 12, ROLE_MEMBER, ROLE_MEMBER };
    cmd.region = 0;
    for (size_t i = 0; i < 3; i++) {
        cmd.decision = span_of(words[i].decision);
        cmd.until_ms = i == 0 ? 0 : 9000;
        assert_int_equal(run(&f, &cmd), BZ_OK);
        assert_int_equal(decision.count, 2);
        assert_int_equal(decision.entries[1].kind, ENTRY_MEMBER_SANCTION);
        assert_int_equal(decision.entries[1].subject, 12);
        assert_int_equal(decision.entries[1].room, 20);
        assert_non_null(memmem(decision.entries[1].body.at, decision.entries[1].body.len, words[i].act, strlen(words[i].act)));
    }
    f.member.role = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.member.role = ROLE_MEMBER;
    cmd.until_ms = f.now_ms;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd.decision = SPAN("hide");
    cmd.until_ms = 9000;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);

    f.matter = (struct matter_facts){ .id = 50, .sanction = 60, .member = 13, .is_appeal = true };
    f.member = (struct member_facts){ 13, ROLE_MEMBER, ROLE_MEMBER };
    memset(&f.room, 0, sizeof f.room);
    cmd.until_ms = 0;
    cmd.decision = SPAN("restore");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[1].kind, ENTRY_MEMBER_PARDON);
    f.sanction.by = 10;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);   /* who imposed it */
    f.sanction.by = 14;
    f.sanction.is_lifted = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    cmd.decision = SPAN("silence");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_set), cmocka_unit_test(test_holding), cmocka_unit_test(test_ask),
        cmocka_unit_test(test_yes_and_who_asked), cmocka_unit_test(test_yes_and_where),
        cmocka_unit_test(test_asking_in), cmocka_unit_test(test_sanctions), cmocka_unit_test(test_judgements),
        cmocka_unit_test(test_reports),
    };
    arena_init(&arena);
    return cmocka_run_group_tests(tests, NULL, done);
}
