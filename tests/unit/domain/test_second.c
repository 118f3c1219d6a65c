#include "decide_check.h"

#include "domain/policy.h"

#define MANY (BZ_LIMIT_SECOND_ABOVE + 1)

static bz_id ids[MANY + 1];

/* Posts 40, 42, 44 … of thread 30, asked for by member 10, who moderates both rooms, and so does somebody else. */
static struct facts facts_many(struct command *cmd, size_t count)
{
    struct facts f = facts_usual();
    f.actor.role = f.role_there = ROLE_MODERATOR;
    f.has_second = true;
    f.thread.posts = 60;
    f.moving_count = count;
    for (size_t i = 0; i < count; i++)
        f.moving[i] = (struct moving_facts){ ids[i] = 40 + 2 * (bz_id)i, 2 + (int64_t)i };
    *cmd = command_usual(COMMAND_POST_MOVE);
    cmd->posts = (struct id_list){ ids, count, true };
    return f;
}

static void test_how_many(void **state)
{
    (void)state;
    /* Proves from how many posts on a move waits, counting each once, and that it waits only where there is a second. */
    struct command cmd;
    struct facts f = facts_many(&cmd, MANY - 1);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_POSTS_MOVED_OUT);
    f = facts_many(&cmd, MANY);
    f.moving[MANY - 1] = f.moving[0];   /* named twice */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_POSTS_MOVED_OUT);
    f = facts_many(&cmd, MANY);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_int_equal(decision.entries[0].kind, ENTRY_ASK);
    assert_int_equal(decision.entries[0].thread, 0);
    assert_int_equal(decision.id, 100);
    f.has_second = false;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_POSTS_MOVED_OUT);
    f = facts_many(&cmd, 1);
    cmd = command_usual(COMMAND_THREAD_MERGE);
    f.thread.posts = MANY - 1;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_POSTS_MOVED_OUT);
    f.thread.posts = MANY;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"ask\":\"merge\",\"as\":\"moderator\",\"does\":{\"thread\":\"africa-30\",\"room\":\"africa-20\","
                                      "\"to\":\"africa-35\",\"to_room\":\"africa-25\",\"count\":21}}");
    f.proposals = BZ_LIMIT_ASKS_MAX;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.proposals = 0;
    cmd = command_usual(COMMAND_THREAD_UNDO);
    f.undo.posts = 60;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_POSTS_MOVED_OUT);
}

static void test_where(void **state)
{
    (void)state;
    /* Proves what stands in a proposal for a new thread, and in whose room: that of the more closed of the two. */
    static const struct { enum access from, to; bz_id room; } places[] = {
        { ACCESS_OPEN, ACCESS_OPEN, 20 },    { ACCESS_OPEN, ACCESS_MEMBERS, 25 },  { ACCESS_OPEN, ACCESS_PRIVATE, 25 },
        { ACCESS_MEMBERS, ACCESS_OPEN, 20 }, { ACCESS_PRIVATE, ACCESS_OPEN, 20 },  { ACCESS_PRIVATE, ACCESS_MEMBERS, 20 },
        { ACCESS_MEMBERS, ACCESS_PRIVATE, 25 }, { ACCESS_PRIVATE, ACCESS_PRIVATE, 0 },
    };
    struct command cmd;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct facts f = facts_many(&cmd, MANY);
        f.actor.role = f.role_there = ROLE_ADMIN;
        f.room.access = places[i].from;
        f.to_room.access = places[i].to;
        enum bz_err rc = run(&f, &cmd);
        assert_int_equal(rc, places[i].room == 0 ? BZ_ERR_CONFLICT : BZ_OK);
        assert_int_equal(policy_closer(&f)->id, places[i].room == 0 ? 20 : places[i].room);
        if (rc == BZ_OK)
            assert_int_equal(decision.entries[0].room, places[i].room);
    }
    struct facts f = facts_many(&cmd, MANY);
    f.room.access = ACCESS_PRIVATE;
    f.room.is_joined = true;
    f.to_room = f.room;   /* within one private room nothing is told elsewhere */
    f.to_thread = (struct thread_facts){ 0 };
    cmd.to_thread = 0;
    cmd.title = SPAN("Apart \"now\"");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    static const char start[] = "{\"ask\":\"move\",\"as\":\"moderator\",\"does\":{\"thread\":\"africa-30\",\"room\":\"africa-20\","
                                "\"to_room\":\"africa-20\",\"title\":\"Apart \\\"now\\\"\",\"type\":\"discussion\",\"posts\":[\"africa-40\",\"africa-42\",";
    static const char end[] = ",\"africa-80\"],\"count\":21}}";
    struct span body = decision.entries[0].body;
    assert_true(body.len > sizeof start + sizeof end);
    assert_memory_equal(body.at, start, sizeof start - 1);
    assert_memory_equal(body.at + body.len - (sizeof end - 1), end, sizeof end - 1);
}

/* The matter of such a move by member 12, before moderator 10. */
struct waiting { struct facts f, theirs, own; struct proposal_facts p; };

static void wait_for(struct waiting *w)
{
    struct command cmd;
    w->theirs = w->own = facts_many(&cmd, MANY);
    w->theirs.actor.id = 12;
    w->theirs.has_second = w->own.has_second = false;
    cmd.actor = 12;
    cmd.cid = (struct span){ NULL, 0 };
    cmd.approved = 50;
    w->p = (struct proposal_facts){ .cmd = cmd, .thread = 30, .room = 20, .to_room = 25, .theirs = &w->theirs, .own = &w->own };
    w->f = facts_usual();
    w->f.actor.role = ROLE_MODERATOR;
    w->f.thread = (struct thread_facts){ 0 };
    w->f.member = (struct member_facts){ 12, ROLE_MODERATOR, ROLE_MEMBER };
    w->f.matter = (struct matter_facts){ .id = 50, .room = 20, .member = 12, .ask = ASK_MOVE };
    w->f.proposal = &w->p;
}

static enum bz_err decided(struct waiting *w, const char *word)
{
    struct command cmd = command_usual(COMMAND_REPORT_DECIDE);
    cmd.decision = span_of(word);
    cmd.reason = (struct span){ NULL, 0 };
    return run(&w->f, &cmd);
}

static void test_a_yes(void **state)
{
    (void)state;
    /* Proves that a yes does what was proposed, in the name of who did, with both on record; and who may say what. */
    struct waiting w;
    wait_for(&w);
    assert_int_equal(decided(&w, "approve"), BZ_OK);
    assert_int_equal(decision.count, 3);
    assert_body(&decision.entries[0], "{\"decision\":\"approve\",\"as\":\"moderator\",\"of\":\"africa-12\"}");
    static const enum entry_kind kinds[] = { ENTRY_REPORT_DECIDE, ENTRY_POSTS_MOVED_OUT, ENTRY_POSTS_MOVED_IN };
    for (size_t i = 0; i < 3; i++) {
        const struct entry *e = &decision.entries[i];
        assert_int_equal(e->kind, kinds[i]);
        assert_int_equal(e->actor, i == 0 ? 10 : 12);
        assert_int_equal(e->seq, 100 + i);
        assert_int_equal(e->cid.at != NULL, i == 0);
        assert_int_equal(memmem(e->body.at, e->body.len, ",\"approved\":\"africa-50\"", 23) != NULL, i > 0);
    }
    assert_int_equal(decided(&w, "refuse"), BZ_ERR_INVALID);   /* why? */
    assert_int_equal(decided(&w, "keep"), BZ_ERR_INVALID);
    w.f.matter.member = 10;   /* their own */
    assert_int_equal(decided(&w, "approve"), BZ_ERR_FORBIDDEN);
    w.f.matter.claimed_by = 14;
    w.f.matter.claimed_ms = w.f.now_ms;
    assert_int_equal(decided(&w, "refuse"), BZ_OK);
    assert_int_equal(decision.count, 1);
    w.f.matter.is_decided = true;
    assert_int_equal(decided(&w, "refuse"), BZ_ERR_CONFLICT);
}

/* A yes to it is a conflict, and this is in the way. */
static void in_the_way(struct waiting *w, const char *field)
{
    assert_int_equal(decided(w, "approve"), BZ_ERR_CONFLICT);
    assert_string_equal(error.field, field);
    wait_for(w);
}

static void test_what_changed(void **state)
{
    (void)state;
    /* Proves that nothing but what was proposed is done, by who still may and with somebody who may. */
    struct waiting w;
    wait_for(&w);
    w.theirs.thread.id = 36;
    in_the_way(&w, "thread");
    w.theirs.room.id = 22;
    in_the_way(&w, "thread");
    w.theirs.to_room.id = 22;
    in_the_way(&w, "thread");
    w.theirs.to_thread.id = 36;
    in_the_way(&w, "thread");
    w.theirs.moving_count--;
    in_the_way(&w, "thread");
    w.theirs.thread.merged_into = w.own.thread.merged_into = 36;
    in_the_way(&w, "thread");
    w.theirs.role_there = ROLE_MEMBER;
    in_the_way(&w, "member");
    w.theirs.actor.role = ROLE_MEMBER;
    in_the_way(&w, "member");
    w.theirs.held.silenced_ms = w.f.member_held.silenced_ms = INT64_MAX;
    in_the_way(&w, "member");
    w.theirs.held.barred_ms = w.f.member_held.barred_ms = INT64_MAX;
    in_the_way(&w, "member");
    w.own.role_there = ROLE_MEMBER;
    assert_int_equal(decided(&w, "approve"), BZ_ERR_FORBIDDEN);
    wait_for(&w);
    w.theirs.thread.posts = MANY;   /* nothing else is left in it */
    assert_int_equal(decided(&w, "approve"), BZ_ERR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_many), cmocka_unit_test(test_where), cmocka_unit_test(test_a_yes),
        cmocka_unit_test(test_what_changed),
    };
    arena_init(&arena);
    return cmocka_run_group_tests(tests, NULL, done);
}
