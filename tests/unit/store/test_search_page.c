/* Proves that a search's pages join without a gap or a repeat whatever is written meanwhile, that the best hits come first,
 * that filters and phrases hold, and that what may not be read leaves no trace in what is answered. */
#include "store/asked.h"
#include "world.h"

static struct world *w;
static struct viewer viewer;
static int setup(void **state)
{
    w = world_hub();
    viewer = (struct viewer){ w->admin, ROLE_ADMIN };
    return 0;
}
static int teardown(void **state) { world_free(w); return 0; }

#define MANY 700
struct hits { size_t count; bz_id id[MANY]; bool is_answered[MANY]; char next[SEARCH_NEXT_CHARS]; };
static void on_hit(void *ctx, const struct hit_row *h)
{
    struct hits *s = ctx;
    assert_true(s->count < MANY);
    s->is_answered[s->count] = h->is_answered;
    s->id[s->count++] = h->post != 0 ? h->post : h->thread;
}
static struct hits find(struct search q)
{
    struct bz_error e = { 0 };
    struct hits hits = { 0 };
    q.limit = q.limit == 0 ? 50 : q.limit;
    must(query_search(look(w), viewer, &q, on_hit, &hits, hits.next, &e), &e);
    return hits;
}
static size_t count(const char *text) { return find((struct search){ .text = span_of(text) }).count; }

static int by_id(const void *a, const void *b)
{
    const bz_id *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* All pages of a search, one after the other; `between` is run after each. */
static struct hits find_all(struct search q, void (*between)(int page))
{
    struct hits all = { 0 };
    char before[SEARCH_NEXT_CHARS];
    for (int page = 0;; page++) {
        struct hits h = find(q);
        assert_true(all.count + h.count < MANY);
        memcpy(all.id + all.count, h.id, h.count * sizeof h.id[0]);
        all.count += h.count;
        if (h.next[0] == '\0')
            return all;
        memcpy(before, h.next, sizeof before);
        q.before = span_of(before);
        if (between != NULL)
            between(page);
    }
}

static bz_id some[MANY], posts[MANY], gone[MANY];
static size_t gone_count;

/* In the open transaction. */
static bz_id append_post(bz_id room, bz_id thread, const char *text)
{
    struct bz_error e = { 0 };
    char body[200];
    int64_t seq, at_ms;
    (void)snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
    must(db_head(w->db, &seq, &at_ms, &e), &e);
    struct entry post = { .seq = seq + 1, .at_ms = ++w->clock_ms, .actor = w->admin, .kind = ENTRY_POST, .room = room,
                          .thread = thread, .body = span_of(body) };
    must(w->journal->ops->append(w->journal, seq, &post, 1, &e), &e);
    must(apply_entry(w->db, &post, &e), &e);
    return seq + 1;
}

static void write_on(int page)
{
    char text[80];
    (void)snprintf(text, sizeof text, "a tram that came later %d", page);
    (void)add_post(w, w->admin, w->lobby, text);
    (void)add_thread(w, w->admin, w->general, text, "x");
    if (page % 10 == 0)
        redact(w, w->admin, gone[gone_count++] = posts[page]);
    w->clock_ms += 40 * 86400000ll;   /* what is new today is old on the next page */
}

static void pages_join_while_the_hub_goes_on(void **state)
{
    static const char *const texts[] = { "tram", "tram tram tram", "one tram of many words, and so on" };
    struct bz_error e = { 0 };
    size_t n = 0;
    for (int i = 0; i < 105; i++) {
        char title[80];
        (void)snprintf(title, sizeof title, i % 3 == 0 ? "the tram %d" : "trams and a tram %d", i);
        some[n++] = add_thread(w, w->admin, w->general, title, "nothing");
    }
    must(db_begin(w->db, &e), &e);
    for (size_t i = 0; i < 450; i++) {
        some[n++] = posts[i] = append_post(w->general, w->lobby, texts[i % 3]);
        w->clock_ms += (int64_t)i * 360000;
    }
    must(db_commit(w->db, &e), &e);
    gone_count = 0;
    struct hits all = find_all((struct search){ .text = SPAN("tram"), .limit = 15 }, write_on);
    qsort(all.id, all.count, sizeof all.id[0], by_id);
    for (size_t i = 0; i < all.count; i++) {
        assert_true(i == 0 || all.id[i] != all.id[i - 1]);                      /* none twice */
        assert_non_null(bsearch(&all.id[i], some, n, sizeof some[0], by_id));   /* none that came later: ids rise in some */
    }
    for (size_t i = 0; i < n; i++) {
        bool is_gone = false;
        for (size_t k = 0; k < gone_count; k++)
            is_gone |= gone[k] == some[i];
        assert_true(is_gone || bsearch(&some[i], all.id, all.count, sizeof all.id[0], by_id) != NULL);
    }
    assert_true(gone_count > 2);
}

static void the_best_comes_first(void **state)
{
    bz_id plain = add_post(w, w->admin, w->lobby, "something about the crossing of pelicans, told at great length");
    bz_id row = add_post(w, w->admin, w->lobby, "a pelican crossing");
    bz_id titled = add_thread(w, w->admin, w->general, "Pelican crossing", "nothing");
    bz_id beginning = add_post(w, w->admin, w->lobby, "many pelican crossings");
    struct hits h = find((struct search){ .text = SPAN("pelican crossing") });
    assert_int_equal(h.count, 4);
    assert_int_equal(h.id[0], titled);
    assert_int_equal(h.id[1], row);
    assert_int_equal(h.id[2], beginning);
    assert_int_equal(h.id[3], plain);            /* another form, far apart */

    bz_id question = add_thread(w, w->admin, w->general, "Which bollard?", "a bollard of what height");
    bz_id answer = add_post(w, w->admin, question, "the bollard that bends");
    bz_id later = add_post(w, w->admin, w->lobby, "the bollard that does not");
    assert_int_equal(find((struct search){ .text = SPAN("\"the bollard\"") }).id[0], later);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_ANSWER, .actor = w->admin, .thread = question, .post = answer });
    h = find((struct search){ .text = SPAN("\"the bollard\"") });
    assert_int_equal(h.id[0], answer);
    assert_true(h.is_answered[0]);
    assert_false(h.is_answered[1]);

    bz_id region = world_do(w, (struct command){ .kind = COMMAND_REGION_CREATE, .actor = w->admin, .slug = SPAN("far"), .name = SPAN("Far") });
    bz_id there = world_do(w, (struct command){ .kind = COMMAND_ROOM_CREATE, .actor = w->admin, .region = region,
                                                .slug = SPAN("far"), .name = SPAN("Far"), .access = ACCESS_OPEN });
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    bz_id near = add_post(w, w->admin, w->lobby, "a funicular");
    bz_id far = add_post(w, w->admin, there + 1, "a funicular");
    viewer = (struct viewer){ 0, ROLE_MEMBER };
    assert_int_equal(find((struct search){ .text = SPAN("funicular") }).id[0], far);   /* the newer one, for who is of no region */
    viewer = (struct viewer){ ana, ROLE_MEMBER };
    assert_int_equal(find((struct search){ .text = SPAN("funicular") }).id[0], near);
    assert_int_equal(find((struct search){ .text = SPAN("funicular"), .region = region }).count, 1);
    assert_int_equal(find((struct search){ .text = SPAN("funicular"), .region = region }).id[0], far);
}

static void phrases_stand_in_a_row(void **state)
{
    (void)add_post(w, w->admin, w->lobby, "the kerb and the bus lane");
    (void)add_post(w, w->admin, w->lobby, "a lane for the bus at the kerb");
    assert_int_equal(count("bus lane"), 2);
    assert_int_equal(count("\"bus lane\""), 1);
    assert_int_equal(count("“Bus Lane”"), 1);
    assert_int_equal(count("« bus lane » kerb"), 1);
    assert_int_equal(count("\"bus lane\" \"at the\""), 0);
    assert_int_equal(count("\"bus la\""), 0);      /* no beginning inside a phrase */
    assert_int_equal(count("kerb \"bus lane"), 2);  /* one that is not closed is no phrase yet */
    assert_int_equal(count("\"\" bus"), 2);
}

static void time_and_files_are_filters(void **state)
{
    static const int64_t y2025 = 1735689600000, y2026 = 1767225600000;
    w->clock_ms = y2025 - 2;
    bz_id old = add_post(w, w->admin, w->lobby, "a ferry");
    w->clock_ms = y2025 + 1000;
    bz_id then = add_post(w, w->admin, w->lobby, "a ferry");
    w->clock_ms = y2026 + 1000;
    add_upload(w, w->admin, "0123456789abcdef0123456789abcdef", "ferry.txt", "bytes", "inside");
    struct file_ref file = { .upload = SPAN("0123456789abcdef0123456789abcdef") };
    bz_id with = world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby,
                                               .text = SPAN("a ferry"), .files = { &file, 1 } });
    struct hits h = find((struct search){ .text = SPAN("ferry"), .from_ms = y2025, .to_ms = y2026 });
    assert_int_equal(h.count, 1);
    assert_int_equal(h.id[0], then);
    h = find((struct search){ .text = SPAN("ferry"), .from_ms = 0, .to_ms = y2025 });
    assert_int_equal(h.count, 1);
    assert_int_equal(h.id[0], old);
    assert_int_equal(find((struct search){ .text = SPAN("ferry"), .from_ms = y2026 + 86400000, .to_ms = y2026 * 2 }).count, 0);
    h = find((struct search){ .text = SPAN("ferry"), .has_file = true });
    assert_int_equal(h.count, 1);
    assert_int_equal(h.id[0], with);
}

static void a_theme_is_of_resources(void **state)
{
    (void)add_thread(w, w->admin, w->general, "A ropeway", "of no theme");
    bz_id resource = world_do(w, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = w->admin, .room = w->general,
                                                   .thread_kind = THREAD_KIND_RESOURCE, .title = SPAN("A ropeway in La Paz"),
                                                   .fields = SPAN("{\"themes\":[\"cable-cars\"]}"), .text = SPAN("the ropeway's plan") });
    assert_int_equal(find((struct search){ .text = SPAN("ropeway") }).count, 3);
    struct hits h = find((struct search){ .text = SPAN("ropeway"), .theme = SPAN("cable-cars") });
    assert_int_equal(h.count, 2);   /* its title and its post */
    assert_int_equal(h.id[0], resource);
    assert_int_equal(find((struct search){ .text = SPAN("ropeway"), .theme = SPAN("public-transport") }).count, 2);
    assert_int_equal(find((struct search){ .text = SPAN("ropeway"), .theme = SPAN("cycling") }).count, 0);
}

/* A page is cut short by what the viewer may read and a filter holds back, never by what they may not read. */
static void what_is_hidden_cuts_no_page(void **state)
{
    struct bz_error e = { 0 };
    bz_id room = add_room(w, "private", ACCESS_PRIVATE), lobby = w->extra;
    viewer = (struct viewer){ add_member(w, "ana", "Ana", ROLE_MEMBER), ROLE_MEMBER };
    bz_id first = add_post(w, w->admin, w->lobby, "one quoll");
    must(db_begin(w->db, &e), &e);
    for (int i = 0; i < 7000; i++)
        (void)append_post(room, lobby, "a quoll");
    must(db_commit(w->db, &e), &e);
    struct hits h = find((struct search){ .text = SPAN("quoll") });
    assert_int_equal(h.count, 1);
    assert_int_equal(h.id[0], first);
    assert_string_equal(h.next, "");
    viewer = (struct viewer){ w->admin, ROLE_ADMIN };   /* reads them all, and looks for one of the other room */
    h = find((struct search){ .text = SPAN("quoll"), .room = w->general });
    assert_int_equal(h.count, 0);
    assert_string_not_equal(h.next, "");
    struct hits all = find_all((struct search){ .text = SPAN("quoll"), .room = w->general }, NULL);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.id[0], first);
}

static void nothing_but_what_was_said_goes_on(void **state)
{
    struct search_page page = { 1764500000, true, { 77, 5 }, { 1234567890123, 0 }, 93, 42 }, read;
    char text[SEARCH_NEXT_CHARS];
    search_page_format(&page, text);
    assert_true(search_page_parse(span_of(text), &read));
    assert_memory_equal(&read, &page, sizeof page);
    static const char *const wrong[] = {
        "", "e", "b1.2.3.4.5.6", "e1.2.3.4.5.6.7.8", "x1.2.3.4.5.6.7", "e1.2.3.4.5.6.", "e1..3.4.5.6.7", "e1.2.3.4.5.6.7 ",
        "e-1.2.3.4.5.6.7", "e1.2.3.4.5.6.G", "e1234567890123456.2.3.4.5.6.7", "africa-7", "eF.2.3.4.5.6.7",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(search_page_parse(span_of(wrong[i]), &read));
    (void)add_post(w, w->admin, w->lobby, "a heron");
    (void)find((struct search){ .text = SPAN("heron"), .before = SPAN("bfffffffffffffff.fffffffffffffff.fffffffffffffff.0.1.0.0") });
    (void)find((struct search){ .text = SPAN("heron"), .before = SPAN("e0.0.0.0.0.0.0") });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pages_join_while_the_hub_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(the_best_comes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(phrases_stand_in_a_row, setup, teardown),
        cmocka_unit_test_setup_teardown(time_and_files_are_filters, setup, teardown),
        cmocka_unit_test_setup_teardown(a_theme_is_of_resources, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_hidden_cuts_no_page, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_but_what_was_said_goes_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
