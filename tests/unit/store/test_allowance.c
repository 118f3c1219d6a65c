/* Proves by its own clock how much mail anybody's wishes bring to others, and that nobody uses up what is somebody else's. */
#include "world.h"

#include "store/account.h"
#include "store/mail.h"

#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)

static struct world *w;
static bz_id ana;
static int64_t now;

static int64_t count(const char *sql)
{
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(w->db->sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static enum bz_err run(const struct command *cmd, struct account_outcome *ret)
{
    struct bz_error e = { 0 };
    struct account_outcome outcome = { 0 };
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = account_apply(w->db, cmd, &w->arena, now, &outcome, &e);
    must(db_commit(w->db, &e), &e);   /* as the engine does: what a refused one wrote stays */
    if (ret != NULL)
        *ret = outcome;
    return rc;
}

/* A code for an address; the digits are not looked at here, so each ticket has the same. */
static struct command asking(const char *email)
{
    struct command cmd = { .kind = COMMAND_SESSION_CODE, .email = span_of(email), .code = SPAN("123456") };
    randombytes_buf(cmd.secret, sizeof cmd.secret);
    memset(cmd.code_hash, 5, sizeof cmd.code_hash);
    return cmd;
}

/* Was it mailed? */
static bool ask(const struct command *cmd)
{
    int64_t before = count("SELECT count(*) FROM mail WHERE to_address IS NOT NULL"), all = count("SELECT count(*) FROM mail");
    assert_int_equal(run(cmd, NULL), BZ_OK);
    assert_int_equal(count("SELECT count(*) FROM mail"), all + 1);   /* it costs the same */
    return count("SELECT count(*) FROM mail WHERE to_address IS NOT NULL") > before;
}

static int setup(void **state)
{
    struct bz_error e = { 0 };
    w = world_hub();
    ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    now = 1000 * 24 * HOUR;
    must(db_begin(w->db, &e), &e);
    must(address_add(w->db, SPAN("ana@ville.example"), ana, now, &e), &e);
    must(db_commit(w->db, &e), &e);
    return 0;
}

static int teardown(void **state)
{
    world_free(w);
    return 0;
}

/* Makes an invitation and takes it back; was it mailed? */
static bool invite(bz_id by, const char *email)
{
    char name[17];
    int64_t before = count("SELECT count(*) FROM mail");
    struct command cmd = { .kind = COMMAND_INVITE_CREATE, .actor = by, .email = span_of(email), .code = SPAN("code"), .role = ROLE_MEMBER,
                           .uses = 1, .expires_ms = now + HOUR };
    randombytes_buf(cmd.new_secret, sizeof cmd.new_secret);
    enum bz_err rc = run(&cmd, NULL);
    bool is_mailed = count("SELECT count(*) FROM mail") > before;
    assert_int_equal(rc, is_mailed ? BZ_OK : BZ_ERR_RATE_LIMITED);
    sodium_bin2hex(name, sizeof name, cmd.new_secret, 8);
    const struct command drop = { .kind = COMMAND_INVITE_DROP, .actor = by, .slug = span_of(name) };
    assert_int_equal(run(&drop, NULL), is_mailed ? BZ_OK : BZ_ERR_NOT_FOUND);
    assert_int_equal(count("SELECT count(*) FROM invitation"), 0);
    return is_mailed;
}

static void who_takes_invitations_back_mails_no_more_of_them(void **state)
{
    bz_id ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
    char email[32];
    for (int i = 0; i < 3; i++)
        assert_true(invite(i == 0 ? ben : ana, "kim@ville.example"));
    assert_false(invite(ana, "kim@ville.example"));
    assert_false(invite(ben, "kim@ville.example"));
    for (int i = 2; i < 200; i++) {
        (void)snprintf(email, sizeof email, "p%d@ville.example", i);
        assert_true(invite(ana, email));
    }
    assert_false(invite(ana, "lee@ville.example"));
    assert_true(invite(ben, "lee@ville.example"));
    now += 24 * HOUR;
    assert_true(invite(ana, "lee@ville.example"));
    assert_true(invite(ben, "kim@ville.example"));
    assert_int_equal(count("SELECT count(*) FROM spent"), 4);   /* what counts no more is gone */
}

/* Whatever the ticket begins with. */
static void so_many_sign_ins_are_under_way_and_no_more(void **state)
{
    char sql[512];
    struct command cmd = asking("ana@ville.example");
    (void)snprintf(sql, sizeof sql, "INSERT INTO attempt(ticket, kind, member, at_ms, expires_ms) WITH RECURSIVE n(i) AS (SELECT 1"
                   " UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT randomblob(32), 2, 0, %lld, %lld FROM n",
                   ATTEMPTS_MAX - 1, (long long)now, (long long)now + HOUR);
    assert_int_equal(sqlite3_exec(w->db->sq, sql, NULL, NULL, NULL), SQLITE_OK);
    memset(cmd.secret, 255, sizeof cmd.secret);
    assert_int_equal(run(&cmd, NULL), BZ_OK);
    for (int i = 0; i < 256; i += 5) {
        memset(cmd.secret, i, sizeof cmd.secret);
        assert_int_equal(run(&cmd, NULL), BZ_ERR_RATE_LIMITED);
    }
    assert_int_equal(count("SELECT count(*) FROM attempt"), ATTEMPTS_MAX);
    now += HOUR;
    cmd = asking("ana@ville.example");
    assert_int_equal(run(&cmd, NULL), BZ_OK);
    assert_int_equal(count("SELECT attempts - (SELECT count(*) FROM attempt) FROM under_way"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_takes_invitations_back_mails_no_more_of_them, setup, teardown),
        cmocka_unit_test_setup_teardown(so_many_sign_ins_are_under_way_and_no_more, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
