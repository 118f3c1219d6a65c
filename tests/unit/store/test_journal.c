/* Proves that the journal is gapless, repeats a cid's outcome, cannot be changed, and that tampering is found. */
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

static bool count_up(void *ctx, const struct entry *entry)
{
    int64_t *seq = ctx;
    assert_int_equal(entry->seq, *seq + 1);
    assert_non_null(entry->body.at);
    *seq = entry->seq;
    return true;
}

static void entries_have_no_gaps(void **state)
{
    struct bz_error e = { 0 };
    int64_t seq = 0, head, at_ms;
    bz_id post = add_post(w, w->admin, w->lobby, "habari");
    must(w->journal->ops->read(w->journal, 0, 0, count_up, &seq, &e), &e);
    must(w->journal->ops->head(w->journal, 0, &head, &at_ms, &e), &e);
    assert_int_equal(seq, head);
    assert_int_equal(post, head);
}

static void append_refuses_a_head_that_moved(void **state)
{
    struct bz_error e = { 0 };
    struct entry entry = { .seq = 3, .kind = ENTRY_REGION, .body = SPAN("{}") };
    must(db_begin(w->db, &e), &e);
    assert_int_equal(w->journal->ops->append(w->journal, 2, &entry, 1, &e), BZ_ERR_CONFLICT);
    db_rollback(w->db);
}

static void a_cid_is_found_again(void **state)
{
    struct bz_error e = { 0 };
    struct entry entry;
    bz_id id = world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby,
                                             .text = SPAN("once"), .cid = SPAN("cid-1") });
    must(w->journal->ops->by_cid(w->journal, w->admin, SPAN("cid-1"), &entry, &e), &e);
    assert_int_equal(entry.subject, id);
    assert_int_equal(entry.kind, ENTRY_POST);
    assert_int_equal(w->journal->ops->by_cid(w->journal, w->admin, SPAN("cid-2"), &entry, &e), BZ_ERR_NOT_FOUND);
    struct command again = { .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby, .text = SPAN("twice"),
                             .cid = SPAN("cid-1") };
    assert_int_equal(world_try(w, &again, NULL, &e), BZ_ERR_STORE);   /* the unique index is the last guard */
    assert_null(strstr(e.text, "INSERT"));
}

static void a_fault_leaves_nothing(void **state)
{
    static const char *const sites[] = { "store.begin", "store.append", "store.apply", "store.commit.before" };
    struct bz_error e = { 0 };
    unsigned char before[32], after[32];
    must(store_digest(w->db, before, &e), &e);
    struct command cmd = { .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby, .text = SPAN("x") };
    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
        w->fault = sites[i];
        assert_int_equal(world_try(w, &cmd, NULL, &e), BZ_ERR_STORE);
    }
    w->fault = NULL;
    must(store_digest(w->db, after, &e), &e);
    assert_memory_equal(before, after, 32);
    (void)add_post(w, w->admin, w->lobby, "goes on");   /* and the chain's head in memory was forgotten with it */
    struct verify_result result;
    must(store_verify(&(struct verify_request){ .db = w->config, .say = (void (*)(void *, const char *))(void *)puts }, &result, &e), &e);
    assert_int_equal(result.findings, 0);
}

static void the_table_cannot_be_changed(void **state)
{
    assert_int_not_equal(sqlite3_exec(w->db->sq, "DELETE FROM journal WHERE id = 2", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(w->db->sq, "UPDATE journal SET at_ms = 1 WHERE id = 2", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(w->db->sq, "UPDATE journal SET body = '{}' WHERE id = 2", NULL, NULL, NULL),
                         SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(w->db->sq, "UPDATE journal SET body = NULL, actor = 9 WHERE id = 2", NULL, NULL,
                                      NULL), SQLITE_OK);
}

struct lines { int count; char first[300]; };
static void keep_line(void *ctx, const char *line)
{
    struct lines *l = ctx;
    if (l->count++ == 0)
        (void)snprintf(l->first, sizeof l->first, "%s", line);
}

/* What somebody with the file and a tool can do: the triggers go first. */
static void tampering_is_found(void **state)
{
    static const struct { const char *sql, *says; } cases[] = {
        { "UPDATE journal SET body = replace(body, 'two', 'six') WHERE id = (SELECT max(id) - 1 FROM journal)", "body" },
        { "UPDATE journal SET actor = 3 WHERE id = (SELECT max(id) - 2 FROM journal)", "chain breaks" },
        { "DELETE FROM journal WHERE id = (SELECT max(id) - 2 FROM journal)", "gap" },
        { "UPDATE journal SET hash = zeroblob(32) WHERE id = (SELECT max(id) FROM journal)", "chain breaks" },
        { "DELETE FROM journal WHERE id = (SELECT max(id) FROM journal)", "head of chain" },
        { "DELETE FROM chain WHERE room = 0", "head of chain" },
        { "UPDATE post SET text = 'other' WHERE n = 1", "rebuild" },
    };
    struct bz_error e = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lines lines = { 0 };
        struct verify_result result;
        setup(NULL);
        (void)add_post(w, w->admin, w->lobby, "one");
        (void)add_post(w, w->admin, w->lobby, "two");
        (void)add_post(w, w->admin, w->lobby, "three");
        assert_int_equal(sqlite3_exec(w->db->sq, "DROP TRIGGER journal_kept; DROP TRIGGER journal_fixed", NULL, NULL,
                                      NULL), SQLITE_OK);
        assert_int_equal(sqlite3_exec(w->db->sq, cases[i].sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_changes(w->db->sq), 1);
        must(store_verify(&(struct verify_request){ .db = w->config, .say = keep_line, .ctx = &lines }, &result, &e), &e);
        assert_true(result.findings > 0);
        assert_int_equal(lines.count, result.findings);
        if (strstr(lines.first, cases[i].says) == NULL)
            fail_msg("case %zu says: %s", i, lines.first);
        teardown(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries_have_no_gaps, setup, teardown),
        cmocka_unit_test_setup_teardown(append_refuses_a_head_that_moved, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cid_is_found_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_fault_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(the_table_cannot_be_changed, setup, teardown),
        cmocka_unit_test(tampering_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
