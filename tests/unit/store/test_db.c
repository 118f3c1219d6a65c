/* Proves how a database is opened, refused, shared, copied and restored, and when sessions end. */
#include <sys/stat.h>

#include "baraza/limits.h"
#include "store/account.h"
#include "store/migrate.h"
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

static int mode_of(const char *name)
{
    char path[128];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/%s", w->dir, name);
    assert_int_equal(stat(path, &st), 0);
    return (int)(st.st_mode & 0777);
}

static void files_are_private_and_durable(void **state)
{
    assert_int_equal(mode_of("."), 0700);
    assert_int_equal(mode_of("baraza.db"), 0600);
    assert_int_equal(mode_of("baraza.db-wal"), 0600);
    assert_int_equal(mode_of("lock"), 0600);
    static const struct { const char *pragma; int value; } pragmas[] = {
        { "PRAGMA synchronous", 2 }, { "PRAGMA foreign_keys", 1 }, { "PRAGMA secure_delete", 1 },
        { "PRAGMA trusted_schema", 0 }, { "PRAGMA application_id", BZ_APPLICATION_ID },
    };
    for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++) {
        sqlite3_stmt *s;
        assert_int_equal(sqlite3_prepare_v2(w->db->sq, pragmas[i].pragma, -1, &s, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int(s, 0), pragmas[i].value);
        sqlite3_finalize(s);
    }
}

static void one_process_at_a_time_writes(void **state)
{
    struct bz_error e = { 0 };
    struct db *second;
    assert_int_equal(db_open(&w->config, DB_WRITE, false, &second, &e), BZ_ERR_CONFLICT);
}

static void a_reader_cannot_write(void **state)
{
    static const char *const sql[] = { "DELETE FROM post", "ATTACH ':memory:' AS x", "PRAGMA query_only = OFF",
                                       "CREATE TABLE t(x)", "UPDATE sqlite_master SET sql = ''", "COMMIT",
                                       "SELECT load_extension('x')" };
    (void)look(w);
    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
        assert_int_not_equal(sqlite3_exec(w->reader->sq, sql[i], NULL, NULL, NULL), SQLITE_OK);
}

static void a_reader_keeps_its_snapshot(void **state)
{
    struct bz_error e = { 0 };
    int64_t before, now;
    struct db *db = look(w);
    must(query_head(db, &before, &e), &e);
    (void)add_post(w, w->admin, w->lobby, "x");
    must(query_head(db, &now, &e), &e);
    assert_int_equal(now, before);
    must(query_head(look(w), &now, &e), &e);
    assert_int_equal(now, before + 1);
}

static void close_writer(void)
{
    db_close(w->reader);
    w->journal->ops->free(w->journal);
    db_close(w->db);
    w->reader = NULL;
    w->journal = NULL;
    w->db = NULL;
}

static void open_writer(void)
{
    struct bz_error e = { 0 };
    must(db_open(&w->config, DB_WRITE, false, &w->db, &e), &e);
    w->journal = journal_sqlite(w->db);
    must(db_open(&w->config, DB_READ, false, &w->reader, &e), &e);
}

static void readers_work_without_a_daemon(void **state)
{
    struct bz_error e = { 0 };
    int64_t seq, before;
    must(query_head(look(w), &before, &e), &e);
    close_writer();
    must(db_open(&w->config, DB_READ, false, &w->reader, &e), &e);
    must(query_head(look(w), &seq, &e), &e);
    assert_int_equal(seq, before);
    assert_string_equal(db_hubs(w->reader)->code[0], "africa");
    db_close(w->reader);
    open_writer();
    assert_int_equal(add_post(w, w->admin, w->lobby, "goes on"), id_make(0, before + 1));
}

static void a_newer_database_is_refused(void **state)
{
    struct bz_error e = { 0 };
    struct db *db;
    char newer[16], known[16], other[80];
    (void)snprintf(newer, sizeof newer, " %d,", 4711);
    (void)snprintf(known, sizeof known, " %d:", migrations_count);
    assert_int_equal(sqlite3_exec(w->db->sq, "PRAGMA user_version = 4711", NULL, NULL, NULL), SQLITE_OK);
    close_writer();
    assert_int_equal(db_open(&w->config, DB_WRITE, false, &db, &e), BZ_ERR_CONFLICT);
    assert_non_null(strstr(e.text, newer));
    assert_non_null(strstr(e.text, known));
    assert_int_equal(db_open(&w->config, DB_READ, false, &db, &e), BZ_ERR_CONFLICT);
    sqlite3 *sq;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/baraza.db", w->dir);
    assert_int_equal(sqlite3_open(path, &sq), SQLITE_OK);
    (void)snprintf(other, sizeof other, "PRAGMA user_version = %d; PRAGMA application_id = 5", migrations_count);
    assert_int_equal(sqlite3_exec(sq, other, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sq);
    assert_int_equal(db_open(&w->config, DB_WRITE, false, &db, &e), BZ_ERR_CONFLICT);   /* of another program */
    assert_int_equal(sqlite3_open(path, &sq), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sq, "PRAGMA application_id = 1111579201", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sq);
    open_writer();
}

/* The same code path as a full disk: SQLITE_FULL at the statement or at the commit. */
static void a_full_disk_is_named_and_heals(void **state)
{
    struct bz_error e = { 0 };
    struct verify_result result;
    struct command cmd = { .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby };
    char text[8000];
    memset(text, 'x', sizeof text);
    cmd.text = (struct span){ text, sizeof text };
    assert_int_equal(sqlite3_exec(w->db->sq, "PRAGMA max_page_count = 120", NULL, NULL, NULL), SQLITE_OK);
    enum bz_err rc = BZ_OK;
    for (int i = 0; i < 100 && rc == BZ_OK; i++)
        rc = world_try(w, &cmd, NULL, &e);
    assert_int_equal(rc, BZ_ERR_STORAGE_FULL);
    assert_int_equal(sqlite3_exec(w->db->sq, "PRAGMA max_page_count = 100000", NULL, NULL, NULL), SQLITE_OK);
    must(world_try(w, &cmd, NULL, &e), &e);
    must(store_verify(&(struct verify_request){ .db = w->config, .say = (void (*)(void *, const char *))(void *)puts }, &result, &e), &e);
    assert_int_equal(result.findings, 0);
}

static void a_missing_database_is_not_made_by_chance(void **state)
{
    struct bz_error e = { 0 };
    struct db *db;
    struct db_config config = { .dir = "/tmp/baraza-no-such-folder", .env = &w->env };
    assert_int_equal(db_open(&config, DB_WRITE, false, &db, &e), BZ_ERR_NOT_FOUND);
    assert_int_equal(db_open(&config, DB_READ, true, &db, &e), BZ_ERR_NOT_FOUND);
}

static void a_copy_is_restored_whole(void **state)
{
    struct bz_error e = { 0 };
    unsigned char before[32], after[32];
    char copy[128], dir[128];
    struct kept kept;
    struct db *db;
    (void)add_post(w, w->admin, w->lobby, "kept");
    must(store_digest(w->db, before, &e), &e);
    (void)snprintf(copy, sizeof copy, "%s/copy.db", w->dir);
    w->fault = "store.backup.rename";
    assert_int_equal(store_backup(w->reader, w->dir, copy, &kept, &e), BZ_ERR_STORE);
    w->fault = NULL;
    assert_int_equal(access(copy, F_OK), -1);   /* nothing bears the name before it is whole */
    (void)snprintf(dir, sizeof dir, "%s/copy.db.part", w->dir);
    FILE *cut = fopen(dir, "w");   /* what a cut left */
    (void)fputs("half", cut);
    (void)fclose(cut);
    must(store_backup(w->reader, w->dir, copy, &kept, &e), &e);
    assert_int_equal(access(dir, F_OK), -1);
    assert_int_equal(mode_of("copy.db"), 0600);
    assert_int_equal(store_backup(w->reader, w->dir, copy, &kept, &e), BZ_ERR_CONFLICT);
    assert_int_equal(store_restore(&(struct restore_request){ .path = copy, .db = w->config }, &kept, &e), BZ_ERR_CONFLICT);
    (void)snprintf(dir, sizeof dir, "%s-restored", w->dir);
    struct db_config config = { .dir = dir, .env = &w->env };
    must(store_restore(&(struct restore_request){ .path = copy, .db = config }, &kept, &e), &e);
    must(db_open(&config, DB_WRITE, false, &db, &e), &e);
    must(store_digest(db, after, &e), &e);
    assert_memory_equal(before, after, 32);
    db_close(db);
    remove_dir(dir);
    FILE *f = fopen(copy, "r+");
    for (int page = 1; page < 200; page++) {
        (void)fseek(f, page * 4096L + 8, SEEK_SET);
        (void)fwrite("damaged!damaged!", 1, 16, f);
    }
    fclose(f);
    assert_int_equal(store_restore(&(struct restore_request){ .path = copy, .db = config }, &kept, &e), BZ_ERR_STORE);
    assert_int_equal(db_open(&config, DB_READ, false, &db, &e), BZ_ERR_NOT_FOUND);
}

static enum bz_err session(const unsigned char hash[32], int64_t now_ms, struct viewer *ret)
{
    struct bz_error e = { 0 };
    struct session_found found;
    return query_session(look(w), hash, now_ms, ret, &found, &e);
}

static enum bz_err personal(struct command cmd, int64_t now_ms)
{
    struct bz_error e = { 0 };
    bz_id member = 0;
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = personal_apply(w->db, &cmd, now_ms, &member, &e);
    if (rc == BZ_OK && (cmd.kind == COMMAND_SESSION_OPEN || cmd.kind == COMMAND_SESSION_CLOSE))
        assert_int_equal(member, w->admin);
    must(db_commit(w->db, &e), &e);
    return rc;
}

static enum bz_err account(struct command cmd, int64_t now_ms)
{
    struct bz_error e = { 0 };
    struct account_outcome o = { 0 };
    struct arena arena;
    arena_init(&arena);
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = account_apply(w->db, &cmd, &arena, now_ms, &o, &e);
    must(db_commit(w->db, &e), &e);
    arena_done(&arena);
    return rc;
}

static void on_token(void *ctx, const struct token_row *row) { *(int *)ctx += 1 + (row->scopes == 0) * 100; }

/* What a token was given is what its holder is found with; it is counted, ends, and is swept by the next that is made. */
static void tokens_have_scopes_and_rooms(void **state)
{
    struct bz_error e = { 0 };
    struct viewer v;
    struct session_found found;
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    struct command token = { .kind = COMMAND_TOKEN_CREATE, .actor = ana, .name = SPAN("Bot"), .scopes = SCOPE_READ | SCOPE_POST, .expires_ms = 9000,
                             .rooms = { &w->general, 1, true } };
    memset(token.new_secret, 5, 32);
    assert_int_equal(account(token, 1000), BZ_OK);
    must(query_session(look(w), token.new_secret, 8999, &v, &found, &e), &e);
    assert_int_equal(v.member, ana);
    assert_int_equal(found.scopes, SCOPE_READ | SCOPE_POST);
    assert_true(found.is_bound && found.rooms_count == 1 && found.rooms[0] == w->general);
    assert_int_equal(query_session(look(w), token.new_secret, 9000, &v, &found, &e), BZ_ERR_UNAUTHENTICATED);
    token.new_secret[0] = 6;
    token.scopes = SCOPE_MODERATE;
    assert_int_equal(account(token, 1000), BZ_ERR_FORBIDDEN);
    bz_id nowhere = 4711;
    token.scopes = SCOPE_READ;
    token.rooms.at = &nowhere;
    assert_int_equal(account(token, 1000), BZ_ERR_NOT_FOUND);
    token.rooms = (struct id_list){ 0 };
    for (int i = 1; i < BZ_LIMIT_TOKENS_MAX; i++) {
        token.new_secret[1] = (unsigned char)i;
        assert_int_equal(account(token, 1000), BZ_OK);
    }
    token.new_secret[1] = 99;
    assert_int_equal(account(token, 1000), BZ_ERR_CONFLICT);
    assert_int_equal(account(token, 9000), BZ_OK);   /* those before have run out */
    int count = 0;
    must(query_tokens(look(w), ana, 1000, on_token, &count, &e), &e);
    assert_int_equal(count, 1);
    struct command drop = { .kind = COMMAND_TOKEN_DROP, .actor = w->admin, .slug = SPAN("0663050505050505") };
    assert_int_equal(account(drop, 9000), BZ_ERR_NOT_FOUND);
    drop.actor = ana;
    assert_int_equal(account(drop, 9000), BZ_OK);
    struct command issue = { .kind = COMMAND_TOKEN_ISSUE, .member = ana, .expires_ms = 99000 };
    assert_int_equal(account(issue, 9000), BZ_OK);
    must(query_session(look(w), issue.new_secret, 9001, &v, &found, &e), &e);
    assert_int_equal(found.scopes, SCOPES_OF_OPERATOR);
    assert_false(found.is_bound);
    count = 0;
    must(query_tokens(look(w), ana, 9001, on_token, &count, &e), &e);
    assert_int_equal(count, 101);
}

static void sessions_begin_and_end(void **state)
{
    struct viewer v;
    struct command link = { .kind = COMMAND_LINK_ISSUE, .member = w->admin, .expires_ms = 1000, .uses = 1 };
    struct command open = { .kind = COMMAND_SESSION_OPEN, .expires_ms = 2000 };
    memset(link.new_secret, 1, 32);
    memset(open.secret, 1, 32);
    memset(open.new_secret, 2, 32);
    assert_int_equal(personal(open, 500), BZ_ERR_UNAUTHENTICATED);   /* no such link */
    assert_int_equal(personal(link, 500), BZ_OK);
    assert_int_equal(personal(open, 1000), BZ_ERR_UNAUTHENTICATED);  /* too old */
    assert_int_equal(personal(open, 999), BZ_OK);
    assert_int_equal(personal(open, 999), BZ_ERR_UNAUTHENTICATED);   /* used up */
    assert_int_equal(session(open.new_secret, 1999, &v), BZ_OK);
    assert_int_equal(v.member, w->admin);
    assert_int_equal(v.role, ROLE_ADMIN);
    assert_int_equal(session(open.new_secret, 2000, &v), BZ_ERR_UNAUTHENTICATED);
    struct command close = { .kind = COMMAND_SESSION_CLOSE };
    memcpy(close.secret, open.new_secret, 32);
    assert_int_equal(personal(close, 1500), BZ_OK);
    assert_int_equal(session(open.new_secret, 1500, &v), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(personal(close, 1500), BZ_ERR_UNAUTHENTICATED);
    struct command token = { .kind = COMMAND_TOKEN_ISSUE, .member = w->admin, .expires_ms = 9000 };
    memset(token.new_secret, 3, 32);
    assert_int_equal(account(token, 1500), BZ_OK);
    assert_int_equal(session(token.new_secret, 8999, &v), BZ_OK);
    token.member = 4711;
    token.new_secret[0] = 9;
    assert_int_equal(account(token, 1500), BZ_ERR_NOT_FOUND);
    link.member = 4711;
    link.new_secret[0] = 9;
    assert_int_equal(personal(link, 1500), BZ_ERR_NOT_FOUND);
}

/* What each post and each wish to join asks before it is decided walks over nothing that waits of others. */
static void what_waits_of_a_member_is_looked_up(void **state)
{
    int seen = 0;
    for (int i = 0; i < facts_statements.count; i++) {
        char sql[1024];
        sqlite3_stmt *s;
        const char *text = facts_statements.sql[i];
        if (strstr(text, "FROM matter WHERE room = ?2 AND member = ?1 AND ask") == NULL)
            continue;
        (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", text);
        assert_int_equal(sqlite3_prepare_v2(w->db->sq, sql, -1, &s, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        const char *plan = (const char *)sqlite3_column_text(s, 3);
        if (strstr(plan, "matter_asked (room=? AND member=? AND ask=?)") == NULL)
            fail_msg("%s: %s", text, plan);
        sqlite3_finalize(s);
        seen++;
    }
    assert_int_equal(seen, 2);
}

/* Whether somebody is new costs as little where thousands are members and posts as where few are. */
static void who_is_new_is_looked_up(void **state)
{
    static const char *const walks[] = { "SCAN p", "SCAN t", "SCAN r", "SCAN rp", "SCAN member" };
    int rows = 0;
    for (int i = 0; i < facts_statements.count; i++) {
        char sql[4096];
        sqlite3_stmt *s;
        if (strncmp(facts_statements.sql[i], "WITH mods", 9) != 0)
            continue;
        (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", facts_statements.sql[i]);
        assert_int_equal(sqlite3_prepare_v2(w->db->sq, sql, -1, &s, NULL), SQLITE_OK);
        for (; sqlite3_step(s) == SQLITE_ROW; rows++) {
            const char *plan = (const char *)sqlite3_column_text(s, 3);
            for (size_t k = 0; k < sizeof walks / sizeof walks[0]; k++)
                assert_string_not_equal(plan, walks[k]);
        }
        sqlite3_finalize(s);
    }
    assert_true(rows > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_private_and_durable, setup, teardown),
        cmocka_unit_test_setup_teardown(one_process_at_a_time_writes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_cannot_write, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_keeps_its_snapshot, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_work_without_a_daemon, setup, teardown),
        cmocka_unit_test_setup_teardown(a_newer_database_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_named_and_heals, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_database_is_not_made_by_chance, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_is_restored_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_have_scopes_and_rooms, setup, teardown),
        cmocka_unit_test_setup_teardown(sessions_begin_and_end, setup, teardown),
        cmocka_unit_test_setup_teardown(what_waits_of_a_member_is_looked_up, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_new_is_looked_up, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
