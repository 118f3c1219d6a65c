/* Proves that a resource is found by what is said of it now, wherever its thread went and whatever became of its posts, by
 * whom its room is open to, and that a replay finds the same. */
#include "store/migrate.h"
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

static bz_id amina, ben;
static int uploads;

struct seen { size_t count; bz_id ids[64], posts[64]; int64_t versions[64]; char types[64][16]; };
static void on_resource(void *ctx, const struct resource_row *row)
{
    struct seen *s = ctx;
    assert_true(s->count < 64);
    s->ids[s->count] = row->thread;
    s->posts[s->count] = row->post;
    s->versions[s->count] = row->versions;
    (void)snprintf(s->types[s->count++], 16, "%.*s", (int)row->type.len, row->type.at);
}

static struct seen find(bz_id viewer, struct shelf shelf)
{
    struct seen s = { 0 };
    struct bz_error e = { 0 };
    if (shelf.limit == 0)
        shelf.limit = 20;
    must(db_begin(w->db, &e), &e);
    must(query_resources(w->db, (struct viewer){ viewer, ROLE_MEMBER }, &shelf, on_resource, &s, &e), &e);
    db_rollback(w->db);
    return s;
}

static void finds(struct shelf shelf, size_t count, bz_id first)
{
    struct seen s = find(amina, shelf);
    assert_int_equal(s.count, count);
    assert_true(count == 0 || s.ids[0] == first);
}

static void same_after_rebuild(void)
{
    unsigned char before[32], after[32];
    int64_t entries = 0;
    struct bz_error e = { 0 };
    must(store_digest(w->db, before, &e), &e);
    must(store_rebuild(w->db, &entries, &e), &e);
    must(store_digest(w->db, after, &e), &e);
    assert_memory_equal(before, after, sizeof before);
}

static bz_id add(bz_id by, bz_id room, const char *title, const char *fields, bool has_file)
{
    struct command cmd = { .kind = COMMAND_THREAD_CREATE, .actor = by, .room = room, .thread_kind = THREAD_KIND_RESOURCE,
                           .title = span_of(title), .text = SPAN("Words"), .fields = span_of(fields) };
    struct file_ref file = { 0 };
    static char id[40];
    if (has_file) {
        (void)snprintf(id, sizeof id, "%032x", ++uploads);
        add_upload(w, by, id, "plan.txt", id, NULL);
        file.upload = span_of(id);
        cmd.files.at = &file;
        cmd.files.count = 1;
    }
    return world_do(w, cmd);
}

static void people(void)
{
    amina = add_member(w, "amina", "Amina", ROLE_MEMBER);
    ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
}

static void set_fields(bz_id by, bz_id thread, const char *fields)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_FIELDS, .actor = by, .thread = thread, .fields = span_of(fields) });
}

static void found_by_what_is_said(void **state)
{
    people();
    bz_id a = add(amina, w->general, "Bus plan of Bogotá", "{\"url\":\"https://a.example/\",\"language\":\"es\",\"year\":2020,"
                  "\"city\":\"Bogotá\",\"country\":\"CO\",\"themes\":[\"brt\"]}", false);
    bz_id b = add(ben, w->general, "Cycling plan", "{\"languages\":[\"pt-BR\",\"en\"],\"year\":2021,\"city\":\"São Paulo\",\"themes\":[\"cycling\"]}", true);
    bz_id c = add(ben, w->general, "Bus survey", "{}", false);
    (void)add_thread(w, amina, w->general, "Bus question", "No resource");
    finds((struct shelf){ 0 }, 3, c);
    finds((struct shelf){ .limit = 2 }, 2, c);
    finds((struct shelf){ .before = b }, 1, a);
    finds((struct shelf){ .city = SPAN("BOGOTA") }, 1, a);
    finds((struct shelf){ .city = SPAN("sao paulo"), .lang = SPAN("pt") }, 1, b);
    finds((struct shelf){ .lang = SPAN("pt-BR") }, 1, b);
    finds((struct shelf){ .lang = SPAN("en"), .year = 2020 }, 0, 0);
    finds((struct shelf){ .theme = SPAN("public-transport") }, 1, a);
    finds((struct shelf){ .theme = SPAN("brt"), .lang = SPAN("es"), .year = 2020, .country = SPAN("CO"), .region = w->region,
                          .room = w->general, .city = SPAN("Bogota"), .type = SPAN("link") }, 1, a);
    finds((struct shelf){ .type = SPAN("document") }, 1, b);
    finds((struct shelf){ .type = SPAN("other") }, 1, c);
    finds((struct shelf){ .text = SPAN("bus") }, 2, c);
    finds((struct shelf){ .text = SPAN("bus pla"), .country = SPAN("CO") }, 1, a);
    finds((struct shelf){ .text = SPAN("%%%") }, 0, 0);
    set_fields(amina, a, "{\"year\":2024,\"themes\":[\"walking\"]}");
    finds((struct shelf){ .theme = SPAN("public-transport") }, 0, 0);
    finds((struct shelf){ .theme = SPAN("active-mobility") }, 2, b);
    finds((struct shelf){ .type = SPAN("link") }, 0, 0);
    finds((struct shelf){ .year = 2024 }, 1, a);
    set_fields(amina, a, "{}");
    finds((struct shelf){ .year = 2024 }, 0, 0);
    same_after_rebuild();
}

static void follows_its_thread(void **state)
{
    struct bz_error e = { 0 };
    struct seen s;
    people();
    bz_id closed = add_room(w, "closed", ACCESS_PRIVATE), other = add_room(w, "other", ACCESS_OPEN);
    bz_id a = add(amina, w->general, "A", "{\"year\":2020}", true), b = add(amina, w->general, "B", "{\"year\":2020}", false);
    struct command act = { .kind = COMMAND_THREAD_ARCHIVE, .actor = w->admin, .thread = a, .on = true };
    (void)world_do(w, act);
    finds((struct shelf){ .year = 2020 }, 1, b);
    act.on = false;
    (void)world_do(w, act);
    finds((struct shelf){ .year = 2020 }, 2, b);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_MOVE, .actor = w->admin, .thread = a, .to_room = other });
    finds((struct shelf){ .room = other }, 1, a);
    finds((struct shelf){ .room = w->general }, 1, b);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_MOVE, .actor = w->admin, .thread = a, .to_room = closed });
    finds((struct shelf){ .year = 2020 }, 1, b);
    s = find(w->admin, (struct shelf){ .room = closed });
    assert_true(s.count == 1 && s.ids[0] == a);
    struct shelf shelf = { .room = closed, .limit = 5 };
    must(db_begin(w->db, &e), &e);
    assert_int_equal(query_resources(w->db, (struct viewer){ amina, ROLE_MEMBER }, &shelf, on_resource, &s, &e), BZ_ERR_NOT_FOUND);
    assert_int_equal(query_resource(w->db, (struct viewer){ amina, ROLE_MEMBER }, a, on_resource, &s, &e), BZ_ERR_NOT_FOUND);
    db_rollback(w->db);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_MOVE, .actor = w->admin, .thread = a, .to_room = w->general });
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_MERGE, .actor = w->admin, .thread = b, .to_thread = a });
    finds((struct shelf){ 0 }, 1, a);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_UNDO, .actor = w->admin, .seq = w->last_seq });
    finds((struct shelf){ 0 }, 2, b);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_KIND, .actor = amina, .thread = b, .thread_kind = THREAD_KIND_DISCUSSION });
    finds((struct shelf){ 0 }, 1, a);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_KIND, .actor = amina, .thread = b, .thread_kind = THREAD_KIND_RESOURCE });
    finds((struct shelf){ 0 }, 2, b);
    finds((struct shelf){ .year = 2020 }, 1, a);
    same_after_rebuild();
}

/* What is hidden or removed is nobody's file: not its author's nor its moderators'. */
static void has_the_file_of_its_post(void **state)
{
    people();
    bz_id a = add(amina, w->general, "A", "{\"url\":\"https://a.example/\"}", true), post = w->extra;
    struct seen s = find(amina, (struct shelf){ .type = SPAN("document") });
    assert_true(s.count == 1 && s.ids[0] == a && s.posts[0] == post && s.versions[0] == 1);
    struct command hide = { .kind = COMMAND_POST_HIDE, .actor = w->admin, .post = post, .rule = SPAN("other") };
    (void)world_do(w, hide);
    for (int i = 0; i < 2; i++) {
        s = find(i == 0 ? amina : w->admin, (struct shelf){ .type = SPAN("link") });
        assert_true(s.count == 1 && s.posts[0] == 0 && s.versions[0] == 0);
    }
    hide.kind = COMMAND_POST_RESTORE;
    (void)world_do(w, hide);
    finds((struct shelf){ .type = SPAN("document") }, 1, a);
    same_after_rebuild();
    redact(w, amina, post);
    finds((struct shelf){ .type = SPAN("document") }, 0, 0);
    finds((struct shelf){ .type = SPAN("link") }, 1, a);
    same_after_rebuild();
}

static void sql(const char *text) { assert_int_equal(sqlite3_exec(w->db->sq, text, NULL, NULL, NULL), SQLITE_OK); }

/* Also where it was removed by a release that left the mark. */
static void what_was_removed_is_no_version(void **state)
{
    struct bz_error e = { 0 };
    unsigned char before[32], after[32];
    struct file_ref file = { .upload = SPAN("000000000000000000000000000000ff") };
    people();
    bz_id a = add(amina, w->general, "A", "{\"year\":2020}", true);
    add_upload(w, amina, "000000000000000000000000000000ff", "new.txt", "new", NULL);
    bz_id post = world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = amina, .thread = a, .text = SPAN("New"),
                                               .is_version = true, .files = { .at = &file, .count = 1 } });
    assert_int_equal(find(amina, (struct shelf){ .limit = 1 }).versions[0], 2);
    redact(w, amina, post);
    assert_int_equal(find(amina, (struct shelf){ .limit = 1 }).versions[0], 1);
    same_after_rebuild();
    must(store_digest(w->db, before, &e), &e);
    sql("UPDATE post SET is_version = 1 WHERE redacted_at IS NOT NULL");
    for (int i = 0; i < migrations_count; i++)
        if (strstr(migrations[i].name, "_no_version.sql") != NULL)
            sql(migrations[i].sql);
    char version[64];
    (void)snprintf(version, sizeof version, "PRAGMA user_version = %d", migrations_count);
    sql(version);
    must(store_digest(w->db, after, &e), &e);
    assert_memory_equal(before, after, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(found_by_what_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(follows_its_thread, setup, teardown),
        cmocka_unit_test_setup_teardown(has_the_file_of_its_post, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_removed_is_no_version, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
