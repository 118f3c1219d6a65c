/* Proves that the links of posts are those that stand in them, through edits, redaction, hiding and moves, the same after a
 * rebuild, and that nobody learns from a link of a post that they may not see. */
#include "world.h"
#include "base/limits.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

#define A "https://example.org/plan"

static void same_after_rebuild(void)
{
    unsigned char before[32], after[32];
    struct bz_error e = { 0 };
    int64_t entries;
    must(store_digest(w->db, before, &e), &e);
    must(store_rebuild(w->db, &entries, &e), &e);
    must(store_digest(w->db, after, &e), &e);
    assert_memory_equal(before, after, 32);
}

struct found { bz_id post; char links[8192]; };
static void on_post(void *ctx, const struct post_row *row)
{
    struct found *f = ctx;
    if (row->id == f->post)
        (void)snprintf(f->links, sizeof f->links, "%.*s", (int)row->links.len, row->links.at == NULL ? "" : row->links.at);
}

/* What a viewer is told of a post's links. */
static const char *links(bz_id who, enum role role, bz_id thread, bz_id post)
{
    static struct found f;
    struct bz_error e = { 0 };
    f = (struct found){ .post = post };
    struct db *db = look(w);
    must(query_posts(db, (struct viewer){ who, role }, thread, (struct page){ .limit = 100 }, on_post, &f, &e), &e);
    db_rollback(db);
    return f.links;
}

struct shared { size_t count; bz_id posts[8], room; };
static void on_shared(void *ctx, const struct shared_row *row)
{
    struct shared *s = ctx;
    s->posts[s->count++] = row->post;
    s->room = row->room;
}
static struct shared shared(bz_id who, enum role role, const char *url, bz_id before)
{
    struct bz_error e = { 0 };
    struct shared s = { 0 };
    struct db *db = look(w);
    must(query_link_posts(db, (struct viewer){ who, role }, span_of(url), (struct page){ .before = before, .limit = 8 }, on_shared,
                          &s, &e), &e);
    db_rollback(db);
    return s;
}

static void links_are_those_that_stand_in_posts(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    join(w, ana, w->general);
    bz_id thread = add_thread(w, ana, w->general, "Plans", "See <HTTPS://Example.ORG:443/plan#top> and [this](http://b.org).\n\n" A);
    bz_id post = w->extra;
    assert_string_equal(links(ana, ROLE_MEMBER, thread, post), "[{\"url\":\"" A "\"},{\"url\":\"http://b.org/\"}]");
    bz_id plain = add_post(w, ana, thread, "`https://c.org` is no link, and mailto:a@b.org is none of these");
    assert_string_equal(links(ana, ROLE_MEMBER, thread, plain), "");
    edit(w, ana, post, "Now <http://B.org/> and https://d.org/x?y");
    assert_string_equal(links(ana, ROLE_MEMBER, thread, post), "[{\"url\":\"http://b.org/\"},{\"url\":\"https://d.org/x?y\"}]");
    assert_int_equal(shared(ana, ROLE_MEMBER, A, 0).count, 0);
    edit(w, ana, post, "None");
    assert_string_equal(links(ana, ROLE_MEMBER, thread, post), "");
    edit(w, ana, post, A);
    assert_int_equal(shared(ana, ROLE_MEMBER, "https://EXAMPLE.org/plan#x", 0).posts[0], post);
    same_after_rebuild();
    redact(w, ana, post);
    assert_int_equal(shared(ana, ROLE_MEMBER, A, 0).count, 0);
    same_after_rebuild();
}

static void at_most_twenty_are_kept(void **state)
{
    char text[4096] = "";
    for (int i = 0; i < 30; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "https://example.org/%d ", i % 2 == 0 ? 0 : i);
    for (int i = 0; i < 30; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "http://b.org/%d ", i);
    bz_id thread = add_thread(w, w->admin, w->general, "Many", text), post = w->extra;
    int count = 0;
    for (const char *at = links(w->admin, ROLE_ADMIN, thread, post); (at = strstr(at, "\"url\"")) != NULL; at++)
        count++;
    assert_int_equal(count, BZ_LIMIT_LINKS_MAX);
    edit(w, w->admin, post, "http://c.org " A);
    assert_string_equal(links(w->admin, ROLE_ADMIN, thread, post), "[{\"url\":\"http://c.org/\"},{\"url\":\"" A "\"}]");
    same_after_rebuild();
}

static void nobody_learns_of_what_they_may_not_see(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), bo = add_member(w, "bo", "Bo", ROLE_MEMBER);
    bz_id secret = add_room(w, "secret", ACCESS_PRIVATE);
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_INVITE, .actor = w->admin, .room = secret, .member = ana });
    bz_id thread = add_thread(w, w->admin, w->general, "Open", A), open = w->extra;
    bz_id other = add_thread(w, w->admin, secret, "Secret", "Look: " A), hidden = w->extra;
    assert_string_equal(links(bo, ROLE_MEMBER, thread, open), "[{\"url\":\"" A "\"}]");
    assert_string_equal(links(ana, ROLE_MEMBER, thread, open), "[{\"url\":\"" A "\",\"also\":1}]");
    assert_string_equal(links(ana, ROLE_MEMBER, other, hidden), "[{\"url\":\"" A "\",\"also\":1}]");
    assert_int_equal(shared(bo, ROLE_MEMBER, A, 0).count, 1);
    struct shared both = shared(ana, ROLE_MEMBER, A, 0);
    assert_int_equal(both.count, 2);
    assert_int_equal(both.posts[0], hidden);
    assert_int_equal(shared(ana, ROLE_MEMBER, A, hidden).posts[0], open);
    /* A moderator's hiding takes it from all but its author. */
    bz_id third = add_post(w, ana, w->lobby, A);
    assert_string_equal(links(bo, ROLE_MEMBER, thread, open), "[{\"url\":\"" A "\",\"also\":1}]");
    (void)world_do(w, (struct command){ .kind = COMMAND_POST_HIDE, .actor = w->admin, .post = third, .rule = SPAN("spam") });
    assert_string_equal(links(bo, ROLE_MEMBER, thread, open), "[{\"url\":\"" A "\"}]");
    assert_string_equal(links(bo, ROLE_MEMBER, w->lobby, third), "");
    assert_string_equal(links(ana, ROLE_MEMBER, w->lobby, third), "[{\"url\":\"" A "\",\"also\":2}]");
    assert_int_equal(shared(bo, ROLE_MEMBER, A, 0).count, 1);
    /* Where a post goes, what is known of it goes. */
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_MOVE, .actor = w->admin, .thread = thread, .to_room = secret });
    assert_int_equal(shared(bo, ROLE_MEMBER, A, 0).count, 0);
    same_after_rebuild();
    (void)add_post(w, w->admin, thread, "It stays");
    bz_id ids[] = { open };
    (void)world_do(w, (struct command){ .kind = COMMAND_POST_MOVE, .actor = w->admin, .to_thread = w->lobby,
                                        .posts = { ids, 1, true } });
    struct shared back = shared(bo, ROLE_MEMBER, A, 0);
    assert_int_equal(back.count, 1);
    assert_int_equal(back.room, w->general);
    assert_string_equal(links(ana, ROLE_MEMBER, other, hidden), "[{\"url\":\"" A "\",\"also\":2}]");
    same_after_rebuild();
}

/* A thread of links that stand in very many posts is read all the same: then it is not told where else they stand. */
static void a_page_full_of_links_is_read_in_time(void **state)
{
    char text[1024] = "";
    for (int i = 0; i < 20; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "https://example.org/%d\n", i);
    bz_id thread = add_thread(w, w->admin, w->general, "Links", text);
    bz_id last = 0;
    for (int i = 0; i < 200; i++)
        last = add_post(w, w->admin, thread, text);
    struct found f = { .post = last };
    struct bz_error e = { 0 };
    struct db *db = look(w);
    db_deadline(db, QUERY_DEADLINE_MS);
    must(query_posts(db, (struct viewer){ w->admin, ROLE_ADMIN }, thread, (struct page){ .limit = 50 }, on_post, &f, &e), &e);
    db_deadline(db, 0);
    db_rollback(db);
    assert_non_null(strstr(links(w->admin, ROLE_ADMIN, thread, last), "\"also\":20"));   /* no more are counted */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_page_full_of_links_is_read_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(links_are_those_that_stand_in_posts, setup, teardown),
        cmocka_unit_test_setup_teardown(at_most_twenty_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_learns_of_what_they_may_not_see, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
