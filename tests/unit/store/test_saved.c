/* Proves that a saved search is its owner's alone, counts what others wrote since they looked and may be read by them,
 * changes without forgetting what was seen, is bounded, and is left alone by a rebuild. */
#include "world.h"

static struct world *w;
static bz_id ana;
static int setup(void **state)
{
    w = world_hub();
    ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    return 0;
}
static int teardown(void **state) { world_free(w); return 0; }

struct seen { size_t count; char id[60][44], text[60][40]; int64_t fresh[60], year[60]; bool is_notifying[60], has_file[60]; };
static void on_saved(void *ctx, const struct saved_row *row)
{
    struct seen *s = ctx;
    assert_true(s->count < 60);
    (void)snprintf(s->id[s->count], sizeof s->id[0], "%.*s", (int)row->id.len, row->id.at);
    (void)snprintf(s->text[s->count], sizeof s->text[0], "%.*s", (int)row->search->text.len, row->search->text.at);
    s->year[s->count] = row->year;
    s->has_file[s->count] = row->search->has_file;
    s->is_notifying[s->count] = row->is_notifying;
    s->fresh[s->count++] = row->fresh;
}
static struct seen saved_of(bz_id member)
{
    struct bz_error e = { 0 };
    struct seen s = { 0 };
    must(query_saved(look(w), (struct viewer){ member, ROLE_MEMBER }, on_saved, &s, &e), &e);
    return s;
}
static struct seen news_of(bz_id member, int64_t from)
{
    struct bz_error e = { 0 };
    struct seen s = { 0 };
    must(query_notify(look(w), member, from, on_saved, &s, &e), &e);
    return s;
}
static enum bz_err try_personal(struct command cmd)
{
    struct bz_error e = { 0 };
    bz_id member;
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = personal_apply(w->db, &cmd, ++w->clock_ms, &member, &e);
    if (rc == BZ_OK)
        must(db_commit(w->db, &e), &e);
    else
        db_rollback(w->db);
    return rc;
}
static struct command save(const char *id, const char *text)
{
    return (struct command){ .kind = COMMAND_SEARCH_SAVE, .actor = ana, .slug = span_of(id), .text = span_of(text), .on = true };
}
static enum bz_err mark(enum command_kind kind, const char *id)
{
    return try_personal((struct command){ .kind = kind, .actor = ana, .slug = span_of(id) });
}

static void what_others_wrote_since_is_fresh(void **state)
{
    (void)add_post(w, w->admin, w->lobby, "an old tram");
    assert_int_equal(try_personal(save("trams", "tram")), BZ_OK);
    assert_int_equal(saved_of(ana).fresh[0], 0);
    int64_t from = w->last_seq;
    (void)add_post(w, w->admin, w->lobby, "a new tram");
    (void)add_post(w, w->admin, w->lobby, "tramway");                        /* whole words alone */
    (void)add_thread(w, w->admin, w->general, "All trams", "nothing");       /* and their other forms */
    join(w, ana, w->general);
    (void)add_post(w, ana, w->lobby, "my own tram");
    bz_id room = add_room(w, "private", ACCESS_PRIVATE);
    (void)add_thread(w, w->admin, room, "A hidden tram", "tram");
    assert_int_equal(saved_of(ana).fresh[0], 2);
    struct seen news = news_of(ana, from);
    assert_int_equal(news.count, 1);
    assert_int_equal(news.fresh[0], 2);
    from = w->last_seq + 1;
    (void)add_post(w, w->admin, w->lobby, "no news");
    assert_int_equal(news_of(ana, from).count, 0);
    (void)add_post(w, w->admin, w->lobby, "one more tram");
    assert_int_equal(news_of(ana, from).fresh[0], 3);                        /* of all that is fresh */
    assert_int_equal(mark(COMMAND_SEARCH_SEEN, "trams"), BZ_OK);
    assert_int_equal(saved_of(ana).fresh[0], 0);
    assert_int_equal(news_of(ana, from).count, 0);
    for (int i = 0; i < FRESH_MAX + 5; i++)
        (void)add_post(w, w->admin, w->lobby, "tram after tram");
    assert_int_equal(saved_of(ana).fresh[0], FRESH_MAX);
}

static void it_is_its_owners_alone_and_changes(void **state)
{
    assert_int_equal(try_personal(save("one", "heron")), BZ_OK);
    assert_int_equal(try_personal(save("two", "egret")), BZ_OK);
    (void)add_post(w, w->admin, w->lobby, "a heron and an egret");
    assert_int_equal(saved_of(w->admin).count, 0);
    struct seen s = saved_of(ana);
    assert_int_equal(s.count, 2);
    assert_string_equal(s.id[0], "two");
    struct command quiet = save("one", "heron");
    quiet.on = false;
    assert_int_equal(try_personal(quiet), BZ_OK);       /* the same search: what is fresh stays so */
    s = saved_of(ana);
    assert_string_equal(s.id[0], "one");
    assert_int_equal(s.fresh[0], 1);
    assert_false(s.is_notifying[0]);
    assert_true(s.is_notifying[1]);
    assert_int_equal(news_of(ana, 1).count, 1);
    struct command other = save("one", "heron");
    other.year = 2025;
    other.has_file = true;
    assert_int_equal(try_personal(other), BZ_OK);       /* another one: it begins anew */
    s = saved_of(ana);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.fresh[0], 0);
    assert_int_equal(mark(COMMAND_SEARCH_DROP, "two"), BZ_OK);
    assert_int_equal(mark(COMMAND_SEARCH_DROP, "two"), BZ_OK);
    assert_int_equal(mark(COMMAND_SEARCH_SEEN, "two"), BZ_ERR_NOT_FOUND);
    s = saved_of(ana);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.year[0], 2025);
    assert_true(s.has_file[0]);
}

static void one_that_takes_too_long_is_told_without_its_count(void **state)
{
    struct bz_error e = { 0 };
    struct seen s = { 0 };
    assert_int_equal(try_personal(save("trams", "tram")), BZ_OK);
    assert_int_equal(try_personal(save("herons", "heron")), BZ_OK);
    int64_t from = w->last_seq;
    (void)add_post(w, w->admin, w->lobby, "a heron in a tram");
    w->fault = "store.fresh";
    s = saved_of(ana);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.fresh[0], -1);
    assert_int_equal(s.fresh[1], -1);
    s.count = 0;
    assert_int_equal(query_notify(look(w), ana, from, on_saved, &s, &e), BZ_ERR_DEADLINE);
    assert_int_equal(s.count, 0);
    w->fault = NULL;
    assert_int_equal(saved_of(ana).fresh[0], 1);
    assert_int_equal(news_of(ana, from).count, 2);
}

static void there_is_an_end(void **state)
{
    char id[20];
    for (int i = 0; i < BZ_LIMIT_SAVED_MAX; i++) {
        (void)snprintf(id, sizeof id, "s%d", i);
        assert_int_equal(try_personal(save(id, "heron")), BZ_OK);
    }
    assert_int_equal(try_personal(save("more", "heron")), BZ_ERR_CONFLICT);
    assert_int_equal(try_personal(save("s7", "egret")), BZ_OK);
    assert_int_equal(saved_of(ana).count, BZ_LIMIT_SAVED_MAX);
    assert_string_equal(saved_of(ana).text[0], "egret");
    struct bz_error e = { 0 };
    int64_t entries;
    db_rollback(w->reader);
    must(store_rebuild(w->db, &entries, &e), &e);
    assert_int_equal(saved_of(ana).count, BZ_LIMIT_SAVED_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_others_wrote_since_is_fresh, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_its_owners_alone_and_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_takes_too_long_is_told_without_its_count, setup, teardown),
        cmocka_unit_test_setup_teardown(there_is_an_end, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
