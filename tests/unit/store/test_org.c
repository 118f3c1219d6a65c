/* Proves that a member's organisation follows what is told of it, that search finds people by it, who is asked for whom
 * after a year, and that a replay gives the same. */
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

static bz_id amina, ben, org;

static void on_member(void *ctx, const struct member_row *row)
{
    (void)snprintf(ctx, 64, "%.*s", (int)row->org.len, row->org.len > 0 ? row->org.at : "");
}

static void is_called(bz_id member, const char *want)
{
    char name[64] = "";
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(query_member(w->db, member, on_member, name, &e), &e);
    db_rollback(w->db);
    assert_string_equal(name, want);
}

static void count_member(void *ctx, const struct member_row *row) { (void)row; ++*(int *)ctx; }

static int found(const char *text)
{
    int count = 0;
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(query_members_found(w->db, span_of(text), 10, count_member, &count, &e), &e);
    db_rollback(w->db);
    return count;
}

static void count_due(void *ctx, const struct org_member_row *row) { (void)row; ++*(int *)ctx; }

static int due(bz_id viewer, enum role role, int64_t before_ms)
{
    int count = 0;
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(query_org_due(w->db, (struct viewer){ viewer, role }, before_ms, 10, count_due, &count, &e), &e);
    db_rollback(w->db);
    return count;
}

static void on_org(void *ctx, const struct org_row *row) { *(struct org_row *)ctx = *row; }

static struct org_row find(struct org_query q)
{
    struct org_row row = { 0 };
    struct bz_error e = { 0 };
    q.limit = 10;
    must(db_begin(w->db, &e), &e);
    must(query_orgs(w->db, (struct viewer){ amina, ROLE_MEMBER }, &q, on_org, &row, &e), &e);
    db_rollback(w->db);
    return row;
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

static void put(bz_id member, bool is_delegate, bool is_gone)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_ORG_MEMBER, .actor = w->admin, .organisation = org, .member = member,
                                        .is_delegate = is_delegate, .is_gone = is_gone, .sets = is_gone ? 0 : SETS_DELEGATE });
}

static void found_org(void)
{
    amina = add_member(w, "amina", "Amina", ROLE_MEMBER);
    ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
    org = world_do(w, (struct command){ .kind = COMMAND_ORG_CREATE, .actor = w->admin, .org_kind = SPAN("city"), .region = w->region,
                                        .name = SPAN("Mairie de Lomé"), .city = SPAN("Lomé"), .country = SPAN("TG") });
    put(amina, true, false);
    put(ben, false, false);
}

static void a_name_follows(void **state)
{
    (void)state;
    found_org();
    is_called(amina, "Mairie de Lomé");
    assert_int_equal(found("mairie"), 2);
    (void)world_do(w, (struct command){ .kind = COMMAND_ORG_SET, .actor = w->admin, .organisation = org, .name = SPAN("Ville de Lomé"),
                                        .contact = SPAN("Rue 1"), .langs = SPAN("[\"fr\"]") });
    is_called(ben, "Ville de Lomé");
    assert_int_equal(found("mairie"), 0);
    assert_int_equal(found("ville"), 2);
    put(ben, false, true);
    is_called(ben, "");
    assert_int_equal(found("ville"), 1);
    assert_int_equal(find((struct org_query){ .text = SPAN("lome") }).id, org);
    assert_int_equal(find((struct org_query){ .member = amina, .kind = SPAN("city") }).members, 1);
    assert_true(find((struct org_query){ .country = SPAN("TG") }).is_delegate);
    assert_int_equal(find((struct org_query){ .member = ben }).id, 0);
    assert_int_equal(find((struct org_query){ .text = SPAN("accra") }).id, 0);
    same_after_rebuild();
}

static void who_is_asked(void **state)
{
    (void)state;
    found_org();
    assert_int_equal(due(amina, ROLE_MEMBER, w->clock_ms + 1), 2);
    assert_int_equal(due(w->admin, ROLE_ADMIN, w->clock_ms + 1), 2);
    assert_int_equal(due(ben, ROLE_MEMBER, w->clock_ms + 1), 0);
    assert_int_equal(due(w->admin, ROLE_ADMIN, 1), 0);
    bz_id here = add_member(w, "cy", "Cy", ROLE_MEMBER);
    assert_int_equal(due(here, ROLE_MEMBER, w->clock_ms + 1), 0);
    (void)world_do(w, (struct command){ .kind = COMMAND_MEMBER_ROLE, .actor = w->admin, .member = here, .region = w->region, .role = ROLE_ADMIN });
    assert_int_equal(due(here, ROLE_MEMBER, w->clock_ms + 1), 2);
    int64_t before_ms = w->clock_ms + 1;
    (void)world_do(w, (struct command){ .kind = COMMAND_ORG_CONFIRM, .actor = amina, .organisation = org, .members = { &ben, 1, true } });
    assert_int_equal(due(amina, ROLE_MEMBER, before_ms), 1);
    same_after_rebuild();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_follows, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_asked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
