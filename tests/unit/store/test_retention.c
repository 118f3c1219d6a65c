/* What nobody needs any more goes after its days, and not before; 0 keeps it for ever. */
#include "world.h"

#include "store/retention.h"

#define DAY_MS (24 * 3600 * (int64_t)1000)

static void run(struct world *w, const char *sql) { assert_int_equal(sqlite3_exec(w->db->sq, sql, NULL, NULL, NULL), SQLITE_OK); }

static int64_t left_after(struct world *w, struct keep_days keep, int64_t days, const char *count)
{
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(retention_tend(w->db, &keep, days * DAY_MS + 1, &e), &e);
    must(db_commit(w->db, &e), &e);
    return world_count(w, count);
}

static void each_goes_after_its_days(void **state)
{
    static const struct { enum keep_kind kind; const char *make, *count; } each[] = {
        { KEEP_SESSIONS, "INSERT INTO session(hash, member, kind, created_ms, expires_ms, seen_ms) VALUES(x'01', 7, 3, 0, 99999999999999, 0),"
                         " (x'02', 7, 2, 0, 99999999999999, 0)", "SELECT count(*) - 1 FROM session" },   /* a program's token stays */
        { KEEP_DRAFTS, "INSERT INTO draft(member, place, at_ms, text) VALUES(7, 0, 9000000000000000, 'words')", "SELECT count(*) FROM draft" },
        { KEEP_INVITATIONS, "INSERT INTO invitation(hash, by, role, uses, at_ms, expires_ms) VALUES(x'01', 7, 1, 1, 0, 0)",
          "SELECT count(*) FROM invitation" },
        { KEEP_MAIL, "INSERT INTO mail_trouble(member, refused, at_ms, why) VALUES(7, 3, 0, 'no')", "SELECT count(*) FROM mail_trouble" },
    };
    struct world *w = world_hub();
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct keep_days keep = { { 0 } };
        run(w, each[i].make);
        assert_int_equal(left_after(w, keep, 10000, each[i].count), 1);   /* 0: for ever */
        keep.days[each[i].kind] = 90;
        assert_int_equal(left_after(w, keep, 89, each[i].count), 1);
        assert_int_equal(left_after(w, keep, 90, each[i].count), 0);
    }
    world_free(w);
}

/* A phone that thinks it is 1970 keeps what is written on it. */
static void a_draft_ages_by_the_hubs_clock(void **state)
{
    struct bz_error e = { 0 };
    struct world *w = world_hub();
    struct keep_days keep = { { 0 } };
    struct command cmd = { .kind = COMMAND_DRAFT_SET, .actor = 1, .text = SPAN("words"), .edited_ms = 77 };
    bool is_changed;
    keep.days[KEEP_DRAFTS] = 90;
    must(db_begin(w->db, &e), &e);
    must(draft_set(w->db, &cmd, 1000 * DAY_MS, &is_changed, &e), &e);
    must(db_commit(w->db, &e), &e);
    assert_true(is_changed);
    assert_int_equal(left_after(w, keep, 1089, "SELECT count(*) FROM draft WHERE at_ms = 77"), 1);
    assert_int_equal(left_after(w, keep, 1091, "SELECT count(*) FROM draft"), 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests_of[] = { cmocka_unit_test(each_goes_after_its_days), cmocka_unit_test(a_draft_ages_by_the_hubs_clock) };
    return cmocka_run_group_tests(tests_of, NULL, NULL);
}
