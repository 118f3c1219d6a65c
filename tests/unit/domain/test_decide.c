#include "decide_check.h"

#include <stdlib.h>

#include "domain/kinds.h"

static void test_hub_init(void **state)
{
    (void)state;
    /* Proves that a new hub is six entries in order, and that there is no second one. */
    struct facts f = { .now_ms = 7, .next_seq = 1, .hubs = &test_hubs, .is_operator = true };
    struct command cmd = { .kind = COMMAND_HUB_INIT, .handle = SPAN("africa"), .name = SPAN("Africa") };
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 6);
    static const struct { enum entry_kind kind; bz_id room, subject; const char *body; } want[] = {
        { ENTRY_HUB, 0, 1, "{\"code\":\"africa\",\"name\":\"Africa\"}" },
        { ENTRY_REGION, 0, 2, "{\"slug\":\"general\",\"name\":\"Africa\",\"lang\":\"en\"}" },
        { ENTRY_ROOM, 0, 3, "{\"region\":\"africa-2\",\"slug\":\"general\",\"name\":\"General\",\"access\":\"open\",\"lang\":\"en\"}" },
        { ENTRY_THREAD, 3, 4, "{\"title\":\"General\",\"type\":\"chat\",\"lang\":\"en\"}" },
        { ENTRY_MEMBER, 0, 5, "{\"handle\":\"admin\",\"name\":\"Admin\",\"role\":\"admin\",\"region\":\"africa-2\",\"lang\":\"en\"}" },
        { ENTRY_ROOM_JOIN, 3, 5, "{}" },
    };
    for (size_t i = 0; i < 6; i++) {
        const struct entry *entry = &decision.entries[i];
        assert_int_equal(entry->kind, want[i].kind);
        assert_int_equal(entry->seq, i + 1);
        assert_int_equal(entry->at_ms, 7);
        assert_int_equal(entry->room, want[i].room);
        assert_int_equal(entry->subject, want[i].subject);
        assert_int_equal(entry->actor, i == 5 ? 5 : 0);
        assert_body(entry, want[i].body);
    }
    f.next_seq = 7;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.next_seq = 1;
    cmd.handle = SPAN("Bad-Code");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
}

static void test_direct(void **state)
{
    (void)state;
    /* Proves the entries of a conversation of two: all in its own chain, the first words after the lobby, and nothing but words once it is there. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_DIRECT_OPEN);
    f.room = (struct room_facts){ 0 };
    cmd.to_thread = 35;
    f.direct.reads_there = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 3);
    assert_int_equal(decision.id, 100);
    assert_int_equal(decision.extra, 101);
    assert_int_equal(decision.third, 102);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(decision.entries[i].room, 100);
        assert_int_equal(decision.entries[i].actor, 10);
    }
    assert_body(&decision.entries[0], "{\"members\":[\"africa-10\",\"africa-13\"],\"access\":\"direct\",\"lang\":\"en\"}");
    assert_body(&decision.entries[1], "{\"title\":\"\",\"type\":\"chat\",\"lang\":\"en\"}");
    assert_body(&decision.entries[2], "{\"text\":\"Hello\",\"about\":\"africa-35\"}");
    f.room = (struct room_facts){ .id = 20, .chat = 21, .access = ACCESS_DIRECT, .is_joined = true };
    cmd.to_thread = 0;
    f.to_thread.id = 0;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_int_equal(decision.id, 20);
    assert_int_equal(decision.extra, 21);
    assert_int_equal(decision.third, 100);
    assert_int_equal(decision.entries[0].thread, 21);
    cmd.text = SPAN(" ");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd = command_usual(COMMAND_ROOM_CREATE);
    f.actor.role = ROLE_ADMIN;
    f.room = (struct room_facts){ 0 };
    cmd.access = ACCESS_DIRECT;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "access");
}

static void test_rooms(void **state)
{
    (void)state;
    /* Proves a room's entries, that a private one stays out of the hub's chain, and what joining twice does. */
    struct facts f = facts_usual();
    f.actor.role = ROLE_MODERATOR;
    struct command cmd = command_usual(COMMAND_ROOM_CREATE);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 3);
    assert_int_equal(decision.id, 100);
    assert_int_equal(decision.extra, 101);
    assert_int_equal(decision.entries[0].room, 0);
    assert_int_equal(decision.entries[1].kind, ENTRY_THREAD);
    assert_int_equal(decision.entries[2].kind, ENTRY_ROOM_JOIN);
    assert_true(span_is(decision.entries[0].cid, "c1"));
    assert_null(decision.entries[1].cid.at);
    cmd.access = ACCESS_PRIVATE;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].room, 100);
    f.name_taken = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    assert_string_equal(error.field, "slug");
    f.region = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_NOT_FOUND);
    cmd = command_usual(COMMAND_ROOM_JOIN);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_int_equal(decision.entries[0].subject, 10);
    f.room.is_joined = f.member_is_joined = true;
    static const enum command_kind idle[] = { COMMAND_ROOM_JOIN, COMMAND_ROOM_INVITE };
    for (size_t i = 0; i < 2; i++) {
        cmd.kind = idle[i];
        assert_int_equal(run(&f, &cmd), BZ_OK);
        assert_int_equal(decision.count, 0);
    }
    f.room.is_joined = false;
    cmd.kind = COMMAND_ROOM_LEAVE;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
}

static void test_member_set(void **state)
{
    (void)state;
    /* Proves that an entry tells what differs and nothing else, and null for what is said no more. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_MEMBER_SET);
    f.actor.hub_role = ROLE_ADMIN;
    f.said = (struct said_facts){ .name = SPAN("Tram"), .org = SPAN("City"), .city = SPAN("Lomé"), .region = 2, .lang = SPAN("fr") };
    cmd.region = 0;
    cmd.city = SPAN("Accra");
    cmd.sets = SETS_NAME | SETS_ORG | SETS_CITY | SETS_REGION;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_int_equal(decision.entries[0].kind, ENTRY_MEMBER_SET);
    assert_true(decision.entries[0].subject == 13);
    assert_body(&decision.entries[0], "{\"org\":null,\"city\":\"Accra\",\"region\":null}");
    cmd.sets = SETS_NAME;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.said.is_in_org = true;   /* whose name is not theirs to change */
    cmd.sets = SETS_ORG;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    assert_string_equal(error.field, "org");
    cmd.org = SPAN("City");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    cmd.sets = SETS_COUNTRY;
    cmd.country = SPAN("Ghana");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "country");
    f.member.id = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_NOT_FOUND);
}

static void test_roles(void **state)
{
    (void)state;
    /* Proves where a role's entry is written, what takes it away, and that the hub keeps its last admin. */
    struct facts f = facts_usual();
    f.actor.role = f.actor.hub_role = ROLE_ADMIN;
    f.member.role = ROLE_GUEST;
    struct command cmd = command_usual(COMMAND_MEMBER_ROLE);
    cmd.role = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);   /* a room and a region */
    assert_string_equal(error.field, "region");
    cmd.region = 0;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].room, 20);
    assert_int_equal(decision.entries[0].subject, 13);
    assert_body(&decision.entries[0], "{\"scope\":\"africa-20\",\"role\":\"moderator\",\"reason\":\"spam\"}");
    cmd.role = ROLE_MEMBER;                            /* none of its own */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.member.role = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"scope\":\"africa-20\",\"role\":\"guest\",\"reason\":\"spam\"}");
    cmd.room = 0;
    cmd.region = 2;
    f.room_is_named = false;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].room, 0);
    cmd.region = 0;
    cmd.reason = (struct span){ 0 };
    f.member.role = ROLE_ADMIN;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"role\":\"member\"}");
    f.other_admins = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    cmd.role = ROLE_ADMIN;                             /* stays what it is */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    f.member.id = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_NOT_FOUND);
}

static void test_members(void **state)
{
    (void)state;
    /* Proves a member's entry, and the names that are refused. */
    struct facts f = facts_usual();
    f.actor.role = f.actor.hub_role = ROLE_ADMIN;
    struct command cmd = command_usual(COMMAND_MEMBER_ADD);
    cmd.org = SPAN("City");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"handle\":\"ana.b\",\"name\":\"Tram\",\"role\":\"member\",\"org\":\"City\","
                                      "\"region\":\"africa-2\",\"lang\":\"en\"}");
    static const char *const names[] = { "", " ", "a\nb", "a\xe2\x80\xae" "b", "\xff" };
    for (size_t i = 0; i < 5; i++) {
        cmd.name = span_of(names[i]);
        assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
        assert_string_equal(error.field, "name");
    }
    static const char *const handles[] = { "a", ".ab", "ab.", "a..b", "Ab", "a_b", "abcdefghijklmnopqrstuvwxy" };
    for (size_t i = 0; i < 7; i++)
        assert_false(handle_valid(span_of(handles[i])));
}

static void test_threads(void **state)
{
    (void)state;
    /* Proves thread.create's two entries, and that a change to what is so already is no entry. */
    struct facts f = facts_usual();
    f.actor.role = ROLE_MODERATOR;
    struct command cmd = command_usual(COMMAND_THREAD_CREATE);
    cmd.thread_kind = THREAD_KIND_RESOURCE;
    cmd.fields = SPAN("{\"year\":2024}");
    cmd.at_ms = 99;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 2);
    assert_int_equal(decision.id, 100);
    assert_int_equal(decision.extra, 101);
    assert_int_equal(decision.entries[1].at_ms, 99);
    assert_int_equal(decision.entries[1].thread, 100);
    assert_body(&decision.entries[0], "{\"title\":\"Title\",\"type\":\"resource\",\"lang\":\"en\",\"fields\":{\"year\":2024}}");
    assert_body(&decision.entries[1], "{\"text\":\"Hello\"}");
    cmd.thread_kind = THREAD_KIND_CHAT;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "kind");
    static const struct { enum command_kind kind; const char *body; } acts[] = {
        { COMMAND_THREAD_RENAME, "{\"as\":\"moderator\",\"title\":\"Title\"}" }, { COMMAND_THREAD_LOCK, "{\"locked\":true}" },
        { COMMAND_THREAD_PIN, "{\"pinned\":true}" }, { COMMAND_THREAD_FEATURE, "{\"featured\":true}" }, { COMMAND_THREAD_ANSWER, "{\"post\":\"africa-40\"}" },
    };
    struct facts same = f;
    same.thread.title = SPAN("Title");
    same.thread.is_locked = same.thread.is_pinned = same.thread.is_featured = true;
    same.thread.answer = 40;
    for (size_t i = 0; i < 5; i++) {
        cmd = command_usual(acts[i].kind);
        assert_int_equal(run(&f, &cmd), BZ_OK);
        assert_body(&decision.entries[0], acts[i].body);
        assert_int_equal(run(&same, &cmd), BZ_OK);
        assert_int_equal(decision.count, 0);
    }
    cmd.post = 0;
    assert_int_equal(run(&same, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"post\":null}");
    cmd.post = 40;
    f.post.thread = 31;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    f.thread.kind = THREAD_KIND_DISCUSSION;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
}

static void test_moves(void **state)
{
    (void)state;
    /* Proves that a move is an entry in each room's chain, neither of which names a room that not everyone may find. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_THREAD_MOVE);
    f.actor.role = f.role_there = ROLE_ADMIN;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 2);
    assert_int_equal(decision.entries[0].kind, ENTRY_THREAD_MOVED_OUT);
    assert_int_equal(decision.entries[0].room, 20);
    assert_int_equal(decision.entries[1].kind, ENTRY_THREAD_MOVED_IN);
    assert_int_equal(decision.entries[1].room, 25);
    assert_int_equal(decision.entries[1].thread, 30);
    assert_body(&decision.entries[0], "{\"to\":\"africa-25\"}");
    assert_body(&decision.entries[1],
                "{\"from\":\"africa-20\",\"title\":\"Bus lanes\",\"type\":\"question\",\"lang\":\"en\"}");
    f.to_room.access = f.room.access = ACCESS_PRIVATE;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{}");
    assert_body(&decision.entries[1], "{\"title\":\"Bus lanes\",\"type\":\"question\",\"lang\":\"en\"}");
    f.to_room = f.room;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.thread.kind = THREAD_KIND_CHAT;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
}

static void test_posts_moved(void **state)
{
    (void)state;
    /* Proves what moving posts writes: runs of posts as pairs, a new thread first, and what is refused. */
    struct facts f = facts_usual();
    static bz_id ids[] = { 50, 40, 41, 40 };
    struct command cmd = command_usual(COMMAND_POST_MOVE);
    f.actor.role = f.role_there = ROLE_MODERATOR;
    f.moving_count = cmd.posts.count = 4;
    cmd.posts.at = ids;
    memcpy(f.moving, (struct moving_facts[]){ { 50, 5 }, { 40, 2 }, { 41, 3 }, { 40, 2 } }, 4 * sizeof f.moving[0]);
    f.thread.answer = 41;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 2);
    assert_int_equal(decision.entries[0].kind, ENTRY_POSTS_MOVED_OUT);
    assert_int_equal(decision.entries[0].thread, 30);
#define RUNS "\"posts\":[[\"africa-40\",\"africa-41\"],[\"africa-50\",\"africa-50\"]]"
    assert_body(&decision.entries[0], "{\"to\":\"africa-35\"," RUNS "}");
    assert_body(&decision.entries[1], "{\"from\":\"africa-30\"," RUNS ",\"answer\":\"africa-41\"}");
    assert_int_equal(decision.entries[1].room, 25);
    assert_int_equal(decision.entries[1].thread, 35);
    assert_int_equal(decision.entries[1].subject, 30);
    f.to_room.access = f.room.access = ACCESS_PRIVATE;
    f.actor.role = f.role_there = ROLE_ADMIN;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{" RUNS "}");
    assert_body(&decision.entries[1], "{" RUNS ",\"answer\":\"africa-41\"}");
    f.to_room = f.room;
    cmd.to_thread = 0;   /* a new thread in the same room */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 2);
    assert_body(&decision.entries[0],
                "{\"title\":\"Title\",\"type\":\"discussion\",\"lang\":\"en\",\"author\":\"africa-12\"}");
    assert_int_equal(decision.entries[1].thread, 100);
    assert_int_equal(decision.entries[1].subject, 30);
    f.thread.posts = 3;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);   /* all of them, one named twice */
    f.thread.kind = THREAD_KIND_CHAT;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    f.moving_count = 3;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "posts");
}

static void test_merges_and_back(void **state)
{
    (void)state;
    /* Proves that a merge of any size is one pair, and how a move is taken back. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_THREAD_MERGE);
    f.actor.role = f.role_there = ROLE_MODERATOR;
    f.to_room = f.room;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_body(&decision.entries[0], "{\"from\":\"africa-30\",\"posts\":[[\"africa-31\",\"africa-90\"]],\"merged\":true}");
    f.to_thread.id = 30;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    f.thread.kind = THREAD_KIND_CHAT;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f = facts_usual();
    f.actor.role = f.role_there = ROLE_MODERATOR;
    f.to_room = f.room;
    cmd = command_usual(COMMAND_THREAD_UNDO);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"from\":\"africa-30\",\"undo\":\"africa-95\"}");
    assert_int_equal(decision.entries[0].thread, 35);
    f.undo.posts = f.thread.posts;   /* nothing is left in the thread that was made for them */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"from\":\"africa-30\",\"undo\":\"africa-95\",\"merged\":true}");
    f.undo.posts = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.undo.is_merge = true;
    f.to_thread.merged_into = 30;    /* it was empty when it was merged */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    f.to_thread.merged_into = 36;
    f.undo.posts = 2;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
}

static void test_posts(void **state)
{
    (void)state;
    /* Proves a post's body in full, its refusals by field, edits, redaction and reactions. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_POST_CREATE);
    f.reply = (struct post_facts){ .id = 41, .thread = 30 };
    f.mentions_count = 2;
    f.mentions[0].id = 13;
    strcpy(f.mentions[0].handle, "ana");
    f.mentions[1].id = 14;
    strcpy(f.mentions[1].handle, "code");
    cmd.reply_to = 41;
    cmd.lang = SPAN("fr");
    cmd.text = SPAN("@ana `@code`");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"text\":\"@ana `@code`\",\"md\":[1,[\"@\",\"africa-13\"],[0,4],-19,[4,5],15,[6,11],-15,-1],"
                                      "\"lang\":\"fr\",\"reply_to\":\"africa-41\",\"mentions\":[\"africa-13\"]}");
    f.reply.thread = 31;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "reply_to");
    cmd = command_usual(COMMAND_POST_CREATE);
    cmd.text = SPAN(" \n");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "text");
    char *big = calloc(1, BZ_LIMIT_POST_BYTES + 2);
    memset(big, 'a', BZ_LIMIT_POST_BYTES + 1);
    cmd.text = (struct span){ big, BZ_LIMIT_POST_BYTES };
    assert_int_equal(run(&f, &cmd), BZ_OK);
    cmd.text.len++;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    free(big);
    f.post.author = 10;
    cmd = command_usual(COMMAND_POST_EDIT);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"text\":\"Hello\"}");
    cmd.text = SPAN("old");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    cmd = command_usual(COMMAND_POST_LOCK);
    cmd.on = true;
    f.actor.role = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"locked\":true,\"as\":\"moderator\",\"reason\":\"spam\"}");
    f.post.is_locked = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.post.is_locked = false;
    cmd = command_usual(COMMAND_POST_HIDE);
    cmd.rule = SPAN("rude");
    f.actor.role = ROLE_MODERATOR;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_POST_HIDE);
    assert_body(&decision.entries[0], "{\"as\":\"moderator\",\"rule\":\"rude\",\"reason\":\"spam\"}");
    cmd.reason = (struct span){ 0 };
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"as\":\"moderator\",\"rule\":\"rude\"}");
    cmd.rule = SPAN("ugly");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd.rule = (struct span){ 0 };
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);   /* it is always said why */
    assert_string_equal(error.field, "reason");
    cmd.rule = SPAN("undone");
    cmd.kind = COMMAND_POST_RESTORE;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.post.is_hidden = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);   /* their own, which somebody else hid */
    f.post.hidden_by = f.post.author;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].kind, ENTRY_POST_RESTORE);
    f.post.hidden_by = 0;
    f.post.is_hidden = false;
    cmd = command_usual(COMMAND_POST_REACT);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"emoji\":\"👍\",\"on\":true}");
    f.post.has_reaction = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    cmd.emoji = SPAN("x");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd = command_usual(COMMAND_POST_REDACT);
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"reason\":\"spam\"}");
    f.post.is_redacted = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
}

static void test_kinds(void **state)
{
    (void)state;
    /* Proves the typed fields of a resource, language tags, and the hash input of an entry. */
    const struct kind_spec *resource = kind_by_wire(SPAN("resource"));
    assert_int_equal(resource->fields_count, 9);
    assert_int_equal(field_check(&resource->fields[0], SPAN("https://a.org"), 0, NULL), BZ_OK);
    assert_int_equal(field_check(&resource->fields[0], SPAN("javascript:x"), 0, NULL), BZ_ERR_INVALID);
    assert_int_equal(field_check(&resource->fields[2], (struct span){ NULL, 0 }, 1899, NULL), BZ_ERR_INVALID);
    assert_true(lang_valid(SPAN("pt-BR")) && lang_valid(SPAN("es-419")) && lang_valid(SPAN("zh-Hant-TW")));
    assert_false(lang_valid(SPAN("e")) || lang_valid(SPAN("en-")) || lang_valid(SPAN("EN")) || lang_valid(SPAN("engl")));
    struct entry entry = { .seq = 5, .at_ms = 9, .actor = 10, .kind = ENTRY_POST, .room = 20, .thread = 30, .subject = 5,
                           .cid = SPAN("c") };
    struct buf b;
    buf_init(&b, 1000);
    entry_canonical(&entry, &test_hubs, &b);
    assert_true(span_is(buf_span(&b), "africa\n5\n9\npost\nafrica-10\nafrica-20\nafrica-30\nafrica-5\nc\n"));
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub_init), cmocka_unit_test(test_direct), cmocka_unit_test(test_rooms), cmocka_unit_test(test_members), cmocka_unit_test(test_member_set),
        cmocka_unit_test(test_roles), cmocka_unit_test(test_threads), cmocka_unit_test(test_moves),
        cmocka_unit_test(test_posts_moved), cmocka_unit_test(test_merges_and_back), cmocka_unit_test(test_posts),
        cmocka_unit_test(test_kinds),
    };
    arena_init(&arena);
    return cmocka_run_group_tests(tests, NULL, done);
}
