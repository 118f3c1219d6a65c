/* Fan-out delivers committed entries to who may read them, once and in order: rights change exactly at their entry, a
 * full line lags without loss, a subscriber behind the ring is fed from the journal, signals count what is not watched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fanout/fanout.h"
#include "folder.h"

struct line { struct subscriber *sub; char text[1 << 16]; size_t len; bool is_full; int entries; int64_t last; };

struct hub {
    char dir[FOLDER_BYTES];
    uv_loop_t loop;
    struct stats stats;
    struct engine *en;
    struct readers *readers;
    struct fanout *f;
    bz_id region, open, closed, ana, ben, lobby;
};

static bool take(void *conn, struct span frames)
{
    struct line *l = conn;
    for (size_t at = 0; at < frames.len;) {
        const unsigned char *h = (const unsigned char *)frames.at + at;
        size_t size = h[1] == 126 ? (size_t)h[2] << 8 | h[3] : h[1], skip = h[1] == 126 ? 4 : 2;
        assert_int_equal(h[0], 0x81);
        const char *text = frames.at + at + skip;
        const char *seq = memmem(text, size, "\"method\":\"entry\"", 16) == NULL ? NULL : memmem(text, size, "\"seq\":", 6);
        if (seq != NULL) {
            assert_true(strtoll(seq + 6, NULL, 10) > l->last);
            l->last = strtoll(seq + 6, NULL, 10);
            l->entries++;
        }
        assert_true(l->len + size + 1 < sizeof l->text);
        memcpy(l->text + l->len, text, size);
        l->len += size;
        l->text[l->len] = '\0';
        at += skip + size;
    }
    return !l->is_full;
}

static void drop(void *conn) { fail_msg("dropped"); }

static const struct subscriber_ops ops = { take, drop, NULL, NULL };

static bz_id run(struct hub *h, struct command cmd)
{
    static int cids;
    char cid[16];
    snprintf(cid, sizeof cid, "x%d", ++cids);
    struct job *job = job_new(cmd.kind);
    struct commit *c;
    job->cmd = cmd;
    job->cmd.cid = span_of(cid);
    engine_commit(h->en, &job, 1, &c);
    if (job->outcome.error.code != BZ_OK)
        fail_msg("%s: %s", command_wire(cmd.kind), job->outcome.error.text);
    if (c != NULL && h->f != NULL)
        fanout_publish(h->f, c);
    bz_id id = job->outcome.id;
    if (cmd.kind == COMMAND_ROOM_CREATE && cmd.access == ACCESS_OPEN)
        h->lobby = job->outcome.extra;
    commit_free(c);
    job_free(job);
    return id;
}

static void say(struct hub *h, bz_id actor, bz_id thread, const char *text)
{
    run(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = actor, .thread = thread, .text = span_of(text), .lang = SPAN("en") });
}

static int setup(void **state)
{
    struct hub *h = calloc(1, sizeof *h);
    struct bz_error e;
    assert_true(folder_make(h->dir, "flow"));
    uv_loop_init(&h->loop);
    struct engine_config config = { .db = { h->dir, &env_real, NULL }, .create = true, .stats = &h->stats };
    assert_int_equal(engine_open(&config, &h->en, &e), BZ_OK);
    run(h, (struct command){ .kind = COMMAND_HUB_INIT, .handle = SPAN("flow"), .name = SPAN("Flow") });
    h->region = run(h, (struct command){ .kind = COMMAND_REGION_CREATE, .slug = SPAN("here"), .name = SPAN("Here") });
    h->open = run(h, (struct command){ .kind = COMMAND_ROOM_CREATE, .region = h->region, .slug = SPAN("open"), .name = SPAN("Open") });
    h->closed = run(h, (struct command){ .kind = COMMAND_ROOM_CREATE, .region = h->region, .slug = SPAN("closed"), .name = SPAN("Closed"),
                                         .access = ACCESS_PRIVATE });
    h->ana = run(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("ana"), .name = SPAN("Ana"), .role = ROLE_MEMBER });
    h->ben = run(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("ben"), .name = SPAN("Ben"), .role = ROLE_MEMBER });
    assert_int_equal(readers_start(&config.db, &h->loop, &h->stats, 1, &h->readers, &e), BZ_OK);
    struct fanout_config fan = { h->readers, engine_hubs(h->en), &env_real, &h->stats, 16 };
    assert_int_equal(fanout_new(&fan, &h->f, &e), BZ_OK);
    assert_int_equal(fanout_load(h->f, engine_db(h->en), &e), BZ_OK);
    *state = h;
    return 0;
}

static int teardown(void **state)
{
    struct hub *h = *state;
    char command[100];
    fanout_free(h->f);
    readers_stop(h->readers);
    uv_run(&h->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&h->loop), 0);
    engine_close(h->en);
    snprintf(command, sizeof command, "rm -rf '%s'", h->dir);
    assert_int_equal(system(command), 0);
    free(h);
    return 0;
}

static struct line *plug(struct hub *h, bz_id member, const bz_id *watch, size_t count, int64_t cursor)
{
    struct line *l = calloc(1, sizeof *l);
    struct viewer viewer = { member, ROLE_MEMBER };
    assert_int_equal(subscriber_new(h->f, viewer, watch, count, cursor, &ops, l, &l->sub, NULL), BZ_OK);
    subscriber_start(l->sub);
    while (subscriber_is_reading(l->sub))
        uv_run(&h->loop, UV_RUN_ONCE);
    return l;
}

static void unplug(struct line *l)
{
    subscriber_free(l->sub);
    free(l);
}

static void many_entries_of_a_turn_go_out_as_one_write(void **state)
{
    struct hub *h = *state;
    struct line *l = plug(h, h->ana, NULL, 0, -1);
    int64_t writes = h->stats.delivery_writes;
    for (int i = 0; i < 5; i++)
        say(h, h->ben, h->lobby, "good morning");
    assert_int_equal(l->entries, 0);   /* nothing before the end of the turn */
    fanout_flush(h->f);
    assert_int_equal(l->entries, 5);
    assert_int_equal(h->stats.delivery_writes - writes, 1);
    unplug(l);
}

static void a_full_line_lags_and_loses_nothing(void **state)
{
    struct hub *h = *state;
    struct line *l = plug(h, h->ana, NULL, 0, -1);
    l->is_full = true;
    for (int i = 0; i < 40; i++) {   /* more than twice the ring: it must come back through the journal */
        say(h, h->ben, h->lobby, "a busy room");
        fanout_flush(h->f);
    }
    assert_int_equal(l->entries, 1);
    l->is_full = false;
    subscriber_drained(l->sub);
    while (subscriber_is_reading(l->sub))
        uv_run(&h->loop, UV_RUN_ONCE);
    assert_int_equal(l->entries, 40);
    say(h, h->ben, h->lobby, "live again");
    fanout_flush(h->f);
    assert_int_equal(l->entries, 41);
    unplug(l);
}

static void a_line_filled_by_something_else_is_left_alone(void **state)
{
    struct hub *h = *state;
    struct line *l = plug(h, h->ana, NULL, 0, -1);
    subscriber_block(l->sub);
    for (int i = 0; i < 40; i++)   /* more in one turn than the ring holds: everybody else is sent to the journal */
        say(h, h->ben, h->lobby, "a busy room");
    fanout_flush(h->f);
    fanout_tick(h->f);
    assert_false(subscriber_is_reading(l->sub));
    assert_int_equal(l->len, 0);
    subscriber_drained(l->sub);
    assert_true(subscriber_is_reading(l->sub));
    subscriber_block(l->sub);   /* filled again while the page is read: the page is not pushed in */
    while (subscriber_is_reading(l->sub))
        uv_run(&h->loop, UV_RUN_ONCE);
    assert_int_equal(l->len, 0);
    subscriber_drained(l->sub);
    while (subscriber_is_reading(l->sub))
        uv_run(&h->loop, UV_RUN_ONCE);
    assert_int_equal(l->entries, 40);
    unplug(l);
}

static void rights_change_exactly_at_their_entry(void **state)
{
    struct hub *h = *state;
    struct line *l = plug(h, h->ana, NULL, 0, -1);
    bz_id thread = run(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .room = h->closed, .title = SPAN("Secret"),
                                            .thread_kind = THREAD_KIND_DISCUSSION, .text = SPAN("canary-one"), .lang = SPAN("en") });
    run(h, (struct command){ .kind = COMMAND_ROOM_INVITE, .room = h->closed, .member = h->ana });
    say(h, h->ana, thread, "canary-two");
    run(h, (struct command){ .kind = COMMAND_ROOM_LEAVE, .actor = h->ana, .room = h->closed });
    say(h, 0, thread, "canary-three");   /* all in one turn */
    fanout_flush(h->f);
    assert_null(strstr(l->text, "canary-one"));
    assert_non_null(strstr(l->text, "room.invite"));
    assert_non_null(strstr(l->text, "canary-two"));
    assert_non_null(strstr(l->text, "room.leave"));
    assert_null(strstr(l->text, "canary-three"));
    int64_t head = fanout_head(h->f);
    unplug(l);
    l = plug(h, h->ana, NULL, 0, 1);   /* and on resume nothing of the room that was left */
    assert_null(strstr(l->text, "canary"));
    assert_true(l->last <= head);
    unplug(l);
}

static void a_moved_thread_takes_its_words_along(void **state)
{
    struct hub *h = *state;
    struct line *live = plug(h, h->ana, NULL, 0, -1), *full = plug(h, h->ben, NULL, 0, -1);
    full->is_full = true;
    say(h, h->ben, h->lobby, "fills the line");
    fanout_flush(h->f);
    bz_id thread = run(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .room = h->open, .title = SPAN("canary-title"),
                                            .thread_kind = THREAD_KIND_DISCUSSION, .text = SPAN("canary-one"), .lang = SPAN("en") });
    run(h, (struct command){ .kind = COMMAND_THREAD_MOVE, .thread = thread, .to_room = h->closed });
    say(h, 0, thread, "canary-two");   /* all in one turn */
    fanout_flush(h->f);
    assert_non_null(strstr(live->text, "canary-one"));   /* it could be read then */
    assert_non_null(strstr(live->text, "thread.moved_out"));
    assert_null(strstr(live->text, "thread.moved_in"));
    assert_null(strstr(live->text, "canary-two"));
    full->is_full = false;
    subscriber_drained(full->sub);   /* who lagged gets what may be read now, out of the ring */
    assert_non_null(strstr(full->text, "thread.moved_out"));
    assert_null(strstr(full->text, "canary"));
    unplug(live);
    unplug(full);
    live = plug(h, h->ana, NULL, 0, 1);   /* and so does who comes back, out of the journal */
    assert_non_null(strstr(live->text, "thread.moved_out"));
    assert_null(strstr(live->text, "canary"));
    run(h, (struct command){ .kind = COMMAND_THREAD_MOVE, .thread = thread, .to_room = h->open });
    fanout_flush(h->f);
    assert_non_null(strstr(live->text, "thread.moved_in"));
    unplug(live);
}

static void moved_posts_take_their_words_along(void **state)
{
    struct hub *h = *state;
    struct line *full = plug(h, h->ben, NULL, 0, -1);
    full->is_full = true;
    say(h, h->ben, h->lobby, "fills the line");
    fanout_flush(h->f);
    bz_id post = run(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ana, .thread = h->lobby, .text = SPAN("canary-one"),
                                          .lang = SPAN("en") });
    bz_id other = run(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ana, .thread = h->lobby, .text = SPAN("canary-two"),
                                           .lang = SPAN("en") });
    run(h, (struct command){ .kind = COMMAND_POST_MOVE, .posts = { &post, 1, true }, .title = SPAN("Apart"), .to_room = h->closed });
    /* Into a thread of the same room first, which then goes: nothing names the post's new thread but its own move. */
    run(h, (struct command){ .kind = COMMAND_POST_MOVE, .posts = { &other, 1, true }, .title = SPAN("Between") });
    bz_id between = fanout_head(h->f) - 1;
    run(h, (struct command){ .kind = COMMAND_THREAD_MOVE, .thread = between, .to_room = h->closed });
    full->is_full = false;
    subscriber_drained(full->sub);
    while (subscriber_is_reading(full->sub))
        uv_run(&h->loop, UV_RUN_ONCE);
    assert_non_null(strstr(full->text, "posts.moved_out"));
    assert_null(strstr(full->text, "canary"));
    assert_null(strstr(full->text, "Apart"));
    unplug(full);
    full = plug(h, h->ana, NULL, 0, 1);
    assert_non_null(strstr(full->text, "thread.moved_out"));
    assert_null(strstr(full->text, "canary"));
    unplug(full);
}

static void rooms_that_are_not_watched_are_counted(void **state)
{
    struct hub *h = *state;
    run(h, (struct command){ .kind = COMMAND_ROOM_JOIN, .actor = h->ana, .room = h->open });
    struct line *l = plug(h, h->ana, (const bz_id[]){ 0 }, 0, -1);
    say(h, h->ben, h->lobby, "hello @ana");
    say(h, h->ben, h->lobby, "and again");
    fanout_tick(h->f);
    assert_int_equal(l->entries, 0);
    assert_non_null(strstr(l->text, "\"method\":\"signal\""));
    assert_non_null(strstr(l->text, "\"count\":2,\"mentions\":1"));
    size_t len = l->len;
    fanout_tick(h->f);
    assert_null(strstr(l->text + len, "\"kind\":\"room\""));   /* told once */
    unplug(l);
}

static void typing_reaches_others_only(void **state)
{
    struct hub *h = *state;
    struct line *a = plug(h, h->ana, NULL, 0, -1), *b = plug(h, h->ben, NULL, 0, -1);
    fanout_typing(h->f, a->sub, h->open, h->lobby);
    assert_null(strstr(a->text, "typing"));
    assert_non_null(strstr(b->text, "typing"));
    fanout_typing(h->f, a->sub, h->closed, h->lobby);   /* a room that its sender cannot read */
    assert_int_equal(a->len, 0);
    unplug(a);
    unplug(b);
}

static void a_cursor_from_elsewhere_is_reset(void **state)
{
    struct hub *h = *state;
    struct line *l = plug(h, h->ana, NULL, 0, 1000000);
    assert_non_null(strstr(l->text, "\"method\":\"reset\""));
    say(h, h->ben, h->lobby, "still here");
    fanout_flush(h->f);
    assert_int_equal(l->entries, 1);
    unplug(l);
}

static void a_search_that_is_late_takes_no_news_from_others(void **state)
{
    struct hub *h = *state;
    bz_id cleo = run(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("cleo"), .name = SPAN("Cleo"), .role = ROLE_MEMBER });
    const bz_id who[] = { h->ana, h->ben, cleo };
    struct line *lines[3];
    size_t told = 0;
    for (size_t i = 0; i < 3; i++) {
        run(h, (struct command){ .kind = COMMAND_SEARCH_SAVE, .actor = who[i], .slug = SPAN("trams"), .text = SPAN("tram"), .on = true });
        lines[i] = plug(h, who[i], NULL, 0, -1);
    }
    bz_id dora = run(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("dora"), .name = SPAN("Dora"), .role = ROLE_MEMBER });
    say(h, dora, h->lobby, "a tram");
    fanout_flush(h->f);
    assert_int_equal(setenv("BARAZA_FAULT", "store.fresh:1", 1), 0);
    fanout_tick(h->f);
    uv_run(&h->loop, UV_RUN_ONCE);   /* the reader's answer */
    assert_int_equal(unsetenv("BARAZA_FAULT"), 0);
    for (size_t i = 0; i < 3; i++) {
        told += strstr(lines[i]->text, "\"kind\":\"search\"") != NULL;
        unplug(lines[i]);
    }
    assert_int_equal(told, 2);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(many_entries_of_a_turn_go_out_as_one_write), T(a_full_line_lags_and_loses_nothing),
        T(a_line_filled_by_something_else_is_left_alone),
        T(rights_change_exactly_at_their_entry), T(a_moved_thread_takes_its_words_along), T(moved_posts_take_their_words_along),
        T(rooms_that_are_not_watched_are_counted),
        T(a_search_that_is_late_takes_no_news_from_others),
        T(typing_reaches_others_only), T(a_cursor_from_elsewhere_is_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
