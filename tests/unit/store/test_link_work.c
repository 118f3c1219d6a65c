/* Proves what is told of a link: once, to the room of its post alone; that it is dead when it failed twice a day apart, and not
 * any more when it answers; that a private room's links are not asked, and that what is known there is told nowhere else. */
#include "store/link.h"
#include "store/migrate.h"
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

#define A "https://example.org/plan"
#define DAY_MS (24 * 3600 * 1000LL)

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

struct due { size_t count; bz_id posts[8]; bool is_check, is_known; char title[64]; };
static void on_due(void *ctx, const struct due_link *link)
{
    struct due *d = ctx;
    d->posts[d->count++] = link->post;
    d->is_check = link->is_check;
    d->is_known = link->is_known;
    (void)snprintf(d->title, sizeof d->title, "%.*s", (int)link->title.len, link->title.at == NULL ? "" : link->title.at);
}
static struct due due(void)
{
    struct bz_error e = { 0 };
    struct due d = { 0 };
    struct db *db = look(w);
    must(link_due(db, w->clock_ms, 8, on_due, &d, &e), &e);
    db_rollback(db);
    return d;
}

/* As the engine carries it out. True: there is an entry. */
static bool tell_of(bz_id post, const char *url, enum link_found found, const char *title, const char *about)
{
    static struct facts facts;
    struct bz_error e = { 0 };
    struct decision d = { 0 };
    struct command cmd = { .kind = COMMAND_LINK_TELL, .post = post, .url = span_of(url), .found = found, .title = span_of(title),
                           .about = span_of(about) };
    must(db_begin(w->db, &e), &e);
    must(facts_load(w->db, &cmd, &w->arena, &facts, &e), &e);
    must(link_facts(w->db, &cmd, &w->arena, &facts, &e), &e);
    must(decide(&facts, &cmd, &w->arena, &d, &e), &e);
    must(w->journal->ops->append(w->journal, facts.next_seq - 1, d.entries, d.count, &e), &e);
    for (size_t i = 0; i < d.count; i++)
        must(apply_entry(w->db, &d.entries[i], &e), &e);
    must(link_asked(w->db, &cmd, facts.now_ms, &e), &e);
    must(db_commit(w->db, &e), &e);
    return d.count > 0;
}

static bool tell(bz_id post, enum link_found found, const char *title) { return tell_of(post, A, found, title, NULL); }

static char told[4096];
static void on_post(void *ctx, const struct post_row *row)
{
    if (row->id == *(bz_id *)ctx)
        (void)snprintf(told, sizeof told, "%.*s", (int)row->links.len, row->links.at == NULL ? "" : row->links.at);
}
static const char *links(bz_id thread, bz_id post)
{
    struct bz_error e = { 0 };
    struct db *db = look(w);
    *told = '\0';
    must(query_posts(db, (struct viewer){ w->admin, ROLE_ADMIN }, thread, (struct page){ .limit = 100 }, on_post, &post, &e), &e);
    db_rollback(db);
    return told;
}

static void a_link_is_dead_after_two_days_and_lives_again(void **state)
{
    bz_id post = add_post(w, w->admin, w->lobby, A);
    assert_int_equal(due().posts[0], post);
    assert_false(due().is_check);
    assert_true(tell(post, LINK_READ, "A plan"));
    assert_string_equal(links(w->lobby, post), "[{\"url\":\"" A "\",\"title\":\"A plan\"}]");
    assert_int_equal(due().count, 0);
    assert_false(tell(post, LINK_READ, "A plan"));   /* a repeat is harmless */
    w->clock_ms += 7 * DAY_MS + 1000;
    assert_true(due().is_check);
    assert_false(tell(post, LINK_DEAD, NULL));
    assert_false(tell(post, LINK_DEAD, NULL));       /* too soon to say */
    assert_int_equal(due().count, 0);
    w->clock_ms += DAY_MS;
    assert_true(tell(post, LINK_DEAD, NULL));
    assert_non_null(strstr(links(w->lobby, post), "\"title\":\"A plan\",\"dead\":"));
    assert_false(tell(post, LINK_DEAD, NULL));       /* it is told already */
    same_after_rebuild();
    w->clock_ms += 8 * DAY_MS;
    assert_true(due().is_check);
    assert_true(tell(post, LINK_ANSWERS, NULL));
    assert_string_equal(links(w->lobby, post), "[{\"url\":\"" A "\",\"title\":\"A plan\"}]");
    edit(w, w->admin, post, "See " A);   /* what is known of it stays */
    assert_string_equal(links(w->lobby, post), "[{\"url\":\"" A "\",\"title\":\"A plan\"}]");
    same_after_rebuild();
    redact(w, w->admin, post);
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(w->db->sq, "SELECT count(*), sum(body IS NULL) FROM journal WHERE kind = 50", -1, &s, NULL), 0);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(s, 0), sqlite3_column_int(s, 1));
    sqlite3_finalize(s);
    assert_int_equal(due().count, 0);
    same_after_rebuild();
}

static void set_previews(bz_id room, bool on)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_SET, .actor = w->admin, .room = room, .sets = SETS_PREVIEWS,
                                        .set = { .previews = on } });
}

static void rooms_say_whether_their_links_are_asked(void **state)
{
    bz_id secret = add_room(w, "secret", ACCESS_PRIVATE);
    bz_id thread = add_thread(w, w->admin, secret, "Secret", A), hidden = w->extra;
    assert_int_equal(due().count, 0);
    assert_false(tell(hidden, LINK_READ, "Never told"));
    set_previews(secret, true);
    assert_int_equal(due().posts[0], hidden);
    assert_true(tell(hidden, LINK_READ, "Secretly known"));
    bz_id open = add_post(w, w->admin, w->lobby, A);   /* of which the open room learns nothing from there */
    assert_int_equal(due().posts[0], open);
    assert_false(due().is_known);
    assert_true(tell(open, LINK_READ, "Openly known"));
    assert_non_null(strstr(links(thread, hidden), "Secretly known"));
    bz_id again = add_post(w, w->admin, w->lobby, A);   /* what is known in the room is told without asking */
    assert_int_equal(due().posts[0], again);
    assert_true(due().is_known);
    assert_string_equal(due().title, "Openly known");
    set_previews(w->general, false);
    assert_int_equal(due().count, 0);
    assert_false(tell(again, LINK_READ, "Not any more"));
    set_previews(w->general, true);
    (void)world_do(w, (struct command){ .kind = COMMAND_POST_HIDE, .actor = w->admin, .post = again, .rule = SPAN("spam") });
    assert_false(tell(again, LINK_READ, "Not of a hidden one"));
    for (size_t i = 0; i < due().count; i++)
        assert_int_not_equal(due().posts[i], again);
    same_after_rebuild();
}

static void what_cannot_be_asked_is_tried_ever_less_often(void **state)
{
    static const int64_t pauses[] = { DAY_MS / 24, DAY_MS / 6, DAY_MS, 7 * DAY_MS, 7 * DAY_MS };
    bz_id post = add_post(w, w->admin, w->lobby, A);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
            assert_false(tell(post, LINK_UNKNOWN, NULL));
            w->clock_ms += pauses[i] - 1000;
            assert_int_equal(due().count, 0);
            w->clock_ms += 2000;
            assert_int_equal(due().count, 1);
        }
        assert_int_equal(tell(post, LINK_READ, "A plan"), round == 0);   /* that it could not be asked says nothing of it */
        w->clock_ms += 8 * DAY_MS;
    }
    assert_null(strstr(links(w->lobby, post), "dead"));
}

static void neither_the_newest_nor_the_oldest_wait_for_ever(void **state)
{
    bz_id posts[12];
    for (size_t i = 0; i < 12; i++)
        posts[i] = add_post(w, w->admin, w->lobby, A);
    struct due d = due();
    assert_int_equal(d.count, 8);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(d.posts[i], posts[11 - i]);
        assert_int_equal(d.posts[4 + i], posts[i]);
    }
}

static void what_is_not_to_be_asked_is_not_asked_again(void **state)
{
    bz_id post = add_post(w, w->admin, w->lobby, A);
    assert_false(tell(post, LINK_UNKNOWN, NULL));
    assert_int_equal(due().count, 0);
    w->clock_ms += 3600 * 1000 + 1000;
    assert_int_equal(due().count, 1);
    assert_false(tell(post, LINK_REFUSED, NULL));
    w->clock_ms += 100 * DAY_MS;
    assert_int_equal(due().count, 0);
    assert_true(tell(post, LINK_READ, "\xe2\x80\xae" "evil") == false);   /* a worker is not believed */
}

struct hits { size_t count; bz_id post; char snippet[512], link[256], file[64]; };
static void on_hit(void *ctx, const struct hit_row *h)
{
    struct hits *s = ctx;
    s->count++;
    s->post = h->post;
    (void)snprintf(s->snippet, sizeof s->snippet, "%.*s", (int)h->snippet.len, h->snippet.at);
    (void)snprintf(s->link, sizeof s->link, "%.*s", (int)h->link.len, h->link.at == NULL ? "" : h->link.at);
    (void)snprintf(s->file, sizeof s->file, "%.*s", (int)h->file.len, h->file.at == NULL ? "" : h->file.at);
}
static struct hits find_as(bz_id who, enum role role, const char *text)
{
    struct bz_error e = { 0 };
    struct hits hits = { 0 };
    char next[SEARCH_NEXT_CHARS];
    struct db *db = look(w);
    must(query_search(db, (struct viewer){ who, role }, &(struct search){ .text = span_of(text), .limit = 10 }, on_hit, &hits, next, &e), &e);
    db_rollback(db);
    return hits;
}
static struct hits find(const char *text) { return find_as(w->admin, ROLE_ADMIN, text); }

#define B "https://b.org/"
#define OPEN "\xee\x80\x80"
#define CLOSE "\xee\x80\x81"

static void a_post_is_found_by_what_its_links_lead_to(void **state)
{
    bz_id post = add_post(w, w->admin, w->lobby, "the heron " A " and " B);
    assert_int_equal(find("egret").count, 0);
    assert_true(tell_of(post, A, LINK_READ, "An egret’s plan", "All about the stork in 公共交通"));
    assert_true(tell_of(post, B, LINK_READ, "Tarifas del tranvía", NULL));
    static const struct { const char *words, *mark, *link; } found[] = {
        { "egret", OPEN "egret" CLOSE, A }, { "STORK", OPEN "stork" CLOSE, A }, { "tarifa", OPEN "Tarifas" CLOSE, B },
        { "tranv", OPEN "tranvía" CLOSE, B }, { "heron", OPEN "heron" CLOSE, "" }, { "heron stork", OPEN "heron" CLOSE, "" },
        { "egret tarifas", OPEN "egret" CLOSE, A }, { "公共交通", OPEN "公共交" CLOSE "通", A }, { "公共", OPEN "公共" CLOSE, A },
    };
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
            struct hits h = find(found[i].words);
            assert_int_equal(h.count, 1);
            assert_int_equal(h.post, post);
            assert_string_equal(h.link, found[i].link);
            assert_string_equal(h.file, "");
            if (i != 7)   /* trigrams are marked as they overlap */
                assert_non_null(strstr(h.snippet, found[i].mark));
        }
        same_after_rebuild();
    }
    assert_true(tell_of(post, A, LINK_READ, "An ibis", NULL));   /* the page has changed */
    assert_int_equal(find("egret").count + find("stork").count + find("公共").count, 0);
    assert_string_equal(find("ibis").link, A);
    same_after_rebuild();
    edit(w, w->admin, post, "the gull " A);   /* B is gone, what is known of A stays */
    assert_int_equal(find("tarifas").count + find("heron").count, 0);
    assert_int_equal(find("ibis gull").count, 1);
    assert_false(tell_of(post, B, LINK_READ, "Of no link", NULL));
    same_after_rebuild();
    redact(w, w->admin, post);
    assert_int_equal(find("ibis").count + find("gull").count, 0);
    same_after_rebuild();
}

static void what_a_private_rooms_links_lead_to_is_found_there_alone(void **state)
{
    bz_id bo = add_member(w, "bo", "Bo", ROLE_MEMBER), ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    bz_id secret = add_room(w, "secret", ACCESS_PRIVATE);
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_INVITE, .actor = w->admin, .room = secret, .member = ana });
    set_previews(secret, true);
    (void)add_thread(w, w->admin, secret, "Secret", A);
    bz_id hidden = w->extra, open = add_post(w, w->admin, w->lobby, A);
    assert_true(tell(hidden, LINK_READ, "The numbat"));
    assert_int_equal(find_as(ana, ROLE_MEMBER, "numbat").post, hidden);
    assert_int_equal(find_as(bo, ROLE_MEMBER, "numbat").count, 0);   /* nor by the same link in the open room */
    assert_true(tell(open, LINK_READ, "The numbat"));
    assert_int_equal(find_as(bo, ROLE_MEMBER, "numbat").post, open);
    assert_int_equal(find_as(ana, ROLE_MEMBER, "numbat").count, 2);
    (void)world_do(w, (struct command){ .kind = COMMAND_POST_HIDE, .actor = w->admin, .post = open, .rule = SPAN("spam") });
    assert_int_equal(find_as(bo, ROLE_MEMBER, "numbat").count, 0);
}

static void links_say_no_words_of_a_rooms_list(void **state)
{
    static const char words[] = "[{\"word\":\"casino\",\"act\":\"block\"},{\"word\":\"heron\",\"act\":\"hold\"},"
                                "{\"word\":\"tram\",\"act\":\"flag\"}]";
    bz_id other = add_room(w, "other", ACCESS_OPEN), post = add_post(w, w->admin, w->lobby, A);
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_SET, .actor = w->admin, .room = w->general, .sets = SETS_WORDS,
                                        .set = { .words = span_of(words) } });
    assert_false(tell(post, LINK_READ, "The Càsino"));
    assert_false(tell_of(post, A, LINK_READ, "A page", "of a heron"));
    assert_string_equal(links(w->lobby, post), "[{\"url\":\"" A "\"}]");
    (void)add_thread(w, w->admin, other, "Elsewhere", A);
    bz_id elsewhere = w->extra;
    assert_int_equal(due().posts[0], elsewhere);
    assert_false(due().is_known);                            /* what was not told here is no answer there */
    assert_true(tell(elsewhere, LINK_READ, "The casino"));   /* which has no such list */
    assert_true(tell(post, LINK_READ, "A tram"));
    assert_string_equal(links(w->lobby, post), "[{\"url\":\"" A "\",\"title\":\"A tram\",\"also\":1}]");
    assert_true(tell(post, LINK_READ, "The casino"));        /* the page has changed */
    assert_string_equal(links(w->lobby, post), "[{\"url\":\"" A "\",\"also\":1}]");
    assert_false(tell(post, LINK_DEAD, NULL));
    w->clock_ms += DAY_MS;
    assert_true(tell(post, LINK_DEAD, NULL));
    assert_non_null(strstr(links(w->lobby, post), "\"dead\""));
    assert_true(tell(post, LINK_READ, "The casino"));
    assert_null(strstr(links(w->lobby, post), "dead"));
    same_after_rebuild();
}

static void sql(const char *text)
{
    char *why = NULL;
    if (sqlite3_exec(w->db->sq, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
}

/* The schema of a release before, as far as the migrations care, becomes the one of today. */
static void an_upgrade_asks_what_is_of_the_last_week(void **state)
{
    char version[64];
    (void)add_post(w, w->admin, w->lobby, A);
    w->clock_ms += 8 * DAY_MS;
    bz_id post = add_post(w, w->admin, w->lobby, B);
    sql("DROP TABLE link_told; DROP TABLE link_due; ALTER TABLE room DROP COLUMN previews");
    for (int i = 0; i < migrations_count; i++)
        if (strstr(migrations[i].name, "_previews.sql") != NULL || strstr(migrations[i].name, "_link_tries.sql") != NULL)
            sql(migrations[i].sql);
    (void)snprintf(version, sizeof version, "PRAGMA user_version = %d", migrations_count);
    sql(version);
    assert_int_equal(due().count, 1);
    assert_int_equal(due().posts[0], post);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_link_is_dead_after_two_days_and_lives_again, setup, teardown),
        cmocka_unit_test_setup_teardown(rooms_say_whether_their_links_are_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_asked_is_tried_ever_less_often, setup, teardown),
        cmocka_unit_test_setup_teardown(neither_the_newest_nor_the_oldest_wait_for_ever, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_to_be_asked_is_not_asked_again, setup, teardown),
        cmocka_unit_test_setup_teardown(links_say_no_words_of_a_rooms_list, setup, teardown),
        cmocka_unit_test_setup_teardown(an_upgrade_asks_what_is_of_the_last_week, setup, teardown),
        cmocka_unit_test_setup_teardown(a_post_is_found_by_what_its_links_lead_to, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_private_rooms_links_lead_to_is_found_there_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
