/* Proves by its own clock how much mail anybody's wishes bring to others, and that nobody uses up what is somebody else's. */
#include "world.h"

#include "store/account.h"
#include "store/allowance.h"
#include "store/browser.h"
#include "store/mail.h"

#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)

static struct world *w;
static bz_id ana;
static int64_t now;

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
    int64_t before = world_count(w, "SELECT count(*) FROM mail WHERE to_address IS NOT NULL"), all = world_count(w, "SELECT count(*) FROM mail");
    assert_int_equal(run(cmd, NULL), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail"), all + 1);   /* it costs the same */
    return world_count(w, "SELECT count(*) FROM mail WHERE to_address IS NOT NULL") > before;
}

/* As the browser gets it with its session's token, and brings it back. */
static void mark_of(const unsigned char session[SECRET_BYTES], unsigned char ret[SECRET_BYTES])
{
    char mark[BROWSER_MARK_CHARS + 1];
    browser_mark(session, mark);
    (void)crypto_generichash(ret, SECRET_BYTES, (const unsigned char *)mark, BROWSER_MARK_CHARS, NULL, 0);
}

/* Asked there: 0: unknown; browser: NULL: with no mark. How many of so many times was it mailed? */
static int asked_from(const char *email, int64_t network, const unsigned char *browser, int times)
{
    int ret = 0;
    for (int i = 0; i < times; i++) {
        struct command cmd = asking(email);
        cmd.network = network;
        if (browser != NULL)
            memcpy(cmd.browser, browser, sizeof cmd.browser);
        ret += ask(&cmd);
    }
    return ret;
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

/* Signs in by a code in a browser that has this mark; it has another one then. */
static void sign_in(const char *email, unsigned char mark[SECRET_BYTES], unsigned char ret_session[SECRET_BYTES])
{
    struct account_outcome outcome;
    struct command asked = asking(email), cmd = { .kind = COMMAND_SESSION_ENTER, .expires_ms = now + HOUR };
    memcpy(asked.browser, mark, SECRET_BYTES);
    assert_true(ask(&asked));
    memcpy(cmd.browser, mark, SECRET_BYTES);
    memcpy(cmd.secret, asked.secret, sizeof cmd.secret);
    memcpy(cmd.code_hash, asked.code_hash, sizeof cmd.code_hash);
    randombytes_buf(cmd.new_secret, sizeof cmd.new_secret);
    assert_int_equal(run(&cmd, &outcome), BZ_OK);
    mark_of(cmd.new_secret, mark);
    memcpy(ret_session, cmd.new_secret, SECRET_BYTES);
}

static void strangers_use_up_nobodys_codes(void **state)
{
    unsigned char own[SECRET_BYTES] = { 0 }, session[SECRET_BYTES], another[SECRET_BYTES] = { 1 };
    sign_in("ana@ville.example", own, session);
    now += 24 * HOUR;
    assert_int_equal(asked_from("ana@ville.example", 7, NULL, 9), 5);           /* one network */
    assert_int_equal(asked_from("ana@ville.example", 7, another, 3), 0);        /* whatever mark it makes up */
    assert_int_equal(asked_from("ana@ville.example", 8, NULL, 9), 5);
    assert_int_equal(asked_from("ana@ville.example", 9, NULL, 9), 2);           /* all of them */
    assert_int_equal(asked_from("ana@ville.example", 7, own, 9), 5);            /* the member's browser, in whatever network */
    now += HOUR;
    assert_int_equal(asked_from("ana@ville.example", 7, NULL, 9), 5);
    now += HOUR;
    assert_int_equal(asked_from("ana@ville.example", 7, NULL, 9), 0);           /* ten a day of one network */
    assert_int_equal(asked_from("ana@ville.example", 0, NULL, 9), 5);           /* where none is known */
}

/* Attempts and mails, those for nobody among them, are as many whoever asks. */
static void an_address_gets_so_many_mails_a_day(void **state)
{
    unsigned char own[SECRET_BYTES] = { 0 }, session[SECRET_BYTES];
    int strangers = 0, known = 0;
    sign_in("ana@ville.example", own, session);
    now += 24 * HOUR;
    for (int h = 0; h < 24; h++, now += HOUR - 1) {
        for (int network = 1; network < 5; network++)
            strangers += asked_from("ana@ville.example", 100 * h + network, NULL, 4);
        known += asked_from("ana@ville.example", 1, own, 6);
        assert_int_equal(asked_from("nobody@ville.example", 100 * h + 1, NULL, 4), 0);
    }
    assert_int_equal(strangers, CODES_DAY);
    assert_int_equal(known, CODES_DAY);
}

static void a_browser_is_known_by_its_last_mark_alone(void **state)
{
    unsigned char phone[SECRET_BYTES] = { 0 }, laptop[SECRET_BYTES] = { 0 }, old[SECRET_BYTES], session[SECRET_BYTES], last[SECRET_BYTES];
    bz_id ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(address_add(w->db, SPAN("ben@ville.example"), ben, now, &e), &e);
    must(db_commit(w->db, &e), &e);
    sign_in("ana@ville.example", phone, session);
    memcpy(old, phone, sizeof old);
    sign_in("ben@ville.example", phone, session);   /* at the same one */
    assert_int_equal(world_count(w, "SELECT count(*) FROM browser"), 2);
    assert_int_equal(world_count(w, "SELECT count(DISTINCT mark) FROM browser"), 1);
    sign_in("ana@ville.example", laptop, last);
    now += HOUR;
    assert_int_equal(asked_from("ana@ville.example", 7, NULL, 9), 5);
    assert_int_equal(asked_from("ana@ville.example", 7, old, 9), 0);
    assert_int_equal(asked_from("ana@ville.example", 7, phone, 2), 2);
    assert_int_equal(asked_from("ben@ville.example", 7, phone, 9), 5);
    assert_int_equal(asked_from("ana@ville.example", 7, laptop, 1), 1);
    struct command end = { .kind = COMMAND_SESSION_END, .actor = ana };   /* all others, as after a phone was lost */
    memcpy(end.secret, last, sizeof last);
    assert_int_equal(run(&end, NULL), BZ_OK);
    assert_int_equal(asked_from("ana@ville.example", 7, phone, 2), 0);
    assert_int_equal(asked_from("ana@ville.example", 7, laptop, 1), 1);
}

static void a_link_brings_codes_to_as_many_strangers_as_it_has_places_for(void **state)
{
    struct command make = { .kind = COMMAND_INVITE_CREATE, .actor = ana, .role = ROLE_MEMBER, .uses = 2, .expires_ms = now + 90 * 24 * HOUR };
    char email[32];
    int mailed = 0;
    randombytes_buf(make.new_secret, sizeof make.new_secret);
    assert_int_equal(run(&make, NULL), BZ_OK);
    for (int i = 0; i < 30; i++) {
        (void)snprintf(email, sizeof email, "p%d@ville.example", i);
        struct command cmd = asking(email);
        cmd.network = i + 1;
        memcpy(cmd.invitation, make.new_secret, sizeof cmd.invitation);
        mailed += ask(&cmd);
    }
    assert_int_equal(mailed, 4 * 2 + 10);
    struct command member = asking("ana@ville.example");
    memcpy(member.invitation, make.new_secret, sizeof member.invitation);
    assert_true(ask(&member));
    now += 24 * HOUR;
    struct command cmd = asking("p29@ville.example");
    memcpy(cmd.invitation, make.new_secret, sizeof cmd.invitation);
    assert_true(ask(&cmd));
}

/* One that has an address here is counted as one that has none, so that nobody learns by a link's end who has. */
static void a_member_who_asks_by_a_link_is_counted_like_anybody(void **state)
{
    struct command make = { .kind = COMMAND_INVITE_CREATE, .actor = ana, .role = ROLE_MEMBER, .uses = 1, .expires_ms = now + 24 * HOUR };
    randombytes_buf(make.new_secret, sizeof make.new_secret);
    assert_int_equal(run(&make, NULL), BZ_OK);
    for (int i = 0; i < 15; i++) {
        struct command cmd = asking(i < 5 ? "ana@ville.example" : i < 10 ? "p@ville.example" : i < 14 ? "q@ville.example" : "r@ville.example");
        memcpy(cmd.invitation, make.new_secret, sizeof cmd.invitation);
        assert_int_equal(ask(&cmd), i < 14);
    }
    for (int i = 0; i < 61; i++) {   /* and so is who asks to join */
        char email[32];
        (void)snprintf(email, sizeof email, "j%d@ville.example", i);
        struct command cmd = asking(i == 0 ? "ana@ville.example" : email);
        cmd.on = true;
        cmd.network = i + 1;
        assert_int_equal(ask(&cmd), i < 60);
    }
}

static void a_member_asks_for_so_many_addresses_a_day(void **state)
{
    char email[32];
    for (int i = 0; i < 21; i++) {
        (void)snprintf(email, sizeof email, "p%d@ville.example", i % 20);
        struct command cmd = asking(email);
        cmd.kind = COMMAND_ADDRESS_CODE;
        cmd.actor = ana;
        now += i == 10 ? HOUR : 0;
        if (i < 20)
            assert_true(ask(&cmd));
        else
            assert_int_equal(run(&cmd, NULL), BZ_ERR_RATE_LIMITED);
    }
    now += 24 * HOUR;
    struct command cmd = asking("p1@ville.example");
    cmd.kind = COMMAND_ADDRESS_CODE;
    cmd.actor = ana;
    assert_true(ask(&cmd));
}

/* Makes an invitation and takes it back; was it mailed? */
static bool invite(bz_id by, const char *email)
{
    char name[17];
    int64_t before = world_count(w, "SELECT count(*) FROM mail");
    struct command cmd = { .kind = COMMAND_INVITE_CREATE, .actor = by, .email = span_of(email), .code = SPAN("code"), .role = ROLE_MEMBER,
                           .uses = 1, .expires_ms = now + HOUR };
    randombytes_buf(cmd.new_secret, sizeof cmd.new_secret);
    enum bz_err rc = run(&cmd, NULL);
    bool is_mailed = world_count(w, "SELECT count(*) FROM mail") > before;
    assert_int_equal(rc, is_mailed ? BZ_OK : BZ_ERR_RATE_LIMITED);
    sodium_bin2hex(name, sizeof name, cmd.new_secret, 8);
    const struct command drop = { .kind = COMMAND_INVITE_DROP, .actor = by, .slug = span_of(name) };
    assert_int_equal(run(&drop, NULL), is_mailed ? BZ_OK : BZ_ERR_NOT_FOUND);
    assert_int_equal(world_count(w, "SELECT count(*) FROM invitation"), 0);
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
    assert_int_equal(world_count(w, "SELECT count(*) FROM spent"), 4);   /* what counts no more is gone */
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
    assert_int_equal(world_count(w, "SELECT count(*) FROM attempt"), ATTEMPTS_MAX);
    now += ATTEMPT_MS - 1;
    cmd = asking("ana@ville.example");
    assert_int_equal(run(&cmd, NULL), BZ_ERR_RATE_LIMITED);
    now++;   /* those of ten minutes ago are in nobody's way */
    cmd = asking("ana@ville.example");
    assert_int_equal(run(&cmd, NULL), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM attempt"), ATTEMPTS_MAX - 499);
    now += HOUR;
    cmd = asking("ana@ville.example");
    assert_int_equal(run(&cmd, NULL), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM attempt"), 1);
    assert_int_equal(world_count(w, "SELECT attempts - (SELECT count(*) FROM attempt) FROM under_way"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strangers_use_up_nobodys_codes, setup, teardown),
        cmocka_unit_test_setup_teardown(an_address_gets_so_many_mails_a_day, setup, teardown),
        cmocka_unit_test_setup_teardown(a_browser_is_known_by_its_last_mark_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_link_brings_codes_to_as_many_strangers_as_it_has_places_for, setup, teardown),
        cmocka_unit_test_setup_teardown(a_member_who_asks_by_a_link_is_counted_like_anybody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_member_asks_for_so_many_addresses_a_day, setup, teardown),
        cmocka_unit_test_setup_teardown(who_takes_invitations_back_mails_no_more_of_them, setup, teardown),
        cmocka_unit_test_setup_teardown(so_many_sign_ins_are_under_way_and_no_more, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
