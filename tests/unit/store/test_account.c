/* Proves that a code which was not mailed opens nothing, however many are asked for, and says nothing of whether mail comes through, that a member has codes mailed to few addresses in
 * an hour, at nobody else's cost, and that a code for one's addresses is of who asked for it; and that a sign-in
 * which waits for its second factor ends with its first. */
#include "world.h"

#include "store/account.h"
#include "store/allowance.h"
#include "store/oidc.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

static enum bz_err act(struct command cmd, bz_id *ret_member)
{
    struct bz_error e = { 0 };
    struct account_outcome out = { 0 };
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = account_apply(w->db, &cmd, &w->arena, ++w->clock_ms, &out, &e);
    struct bz_error other = { 0 };
    must(db_commit(w->db, &other), &other);
    if (ret_member != NULL)
        *ret_member = out.member;
    return rc;
}

/* The n-th ticket, and the code that would be in its mail. */
static struct command shows(enum command_kind kind, bz_id actor, const char *email, unsigned char n)
{
    struct command cmd = { .kind = kind, .actor = actor, .email = span_of(email), .code = SPAN("123456"), .expires_ms = INT64_MAX };
    memset(cmd.secret, n, sizeof cmd.secret);
    memset(cmd.new_secret, n, sizeof cmd.new_secret);
    memset(cmd.code_hash, n, sizeof cmd.code_hash);
    return cmd;
}

static void put_address(bz_id member, const char *email)
{
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(address_add(w->db, span_of(email), member, ++w->clock_ms, &e), &e);
    must(db_commit(w->db, &e), &e);
}

static void not_mailed(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), member = 0;
    put_address(ana, "ana@ville.example");
    for (unsigned char n = 1; n <= CODES_HOUR + 2; n++)
        assert_int_equal(act(shows(COMMAND_SESSION_CODE, 0, "ana@ville.example", n), NULL), BZ_OK);
    assert_int_equal(act(shows(COMMAND_SESSION_ENTER, 0, NULL, CODES_HOUR + 1), NULL), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(act(shows(COMMAND_SESSION_ENTER, 0, NULL, CODES_HOUR + 2), NULL), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(act(shows(COMMAND_SESSION_ENTER, 0, NULL, CODES_HOUR), &member), BZ_OK);
    assert_int_equal(member, ana);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE member IS NOT NULL"), CODES_HOUR);   /* no server took the others */
}

static void own_addresses(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
    char email[32];
    unsigned char n = 0;
    put_address(ana, "ana@ville.example");
    for (int i = 0; i < CODES_HOUR_OWN; i++) {
        (void)snprintf(email, sizeof email, "ben%d@ville.example", i);
        assert_int_equal(act(shows(COMMAND_ADDRESS_CODE, ben, email, ++n), NULL), BZ_OK);
    }
    assert_int_equal(act(shows(COMMAND_ADDRESS_CODE, ben, "more@ville.example", 90), NULL), BZ_ERR_RATE_LIMITED);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE to_address IS NOT NULL"), CODES_HOUR_OWN);
    assert_int_equal(world_count(w, "SELECT count(*) FROM attempt WHERE member = 0 AND data = 'mailed'"), 0);   /* as many ask to join */
    assert_int_equal(act(shows(COMMAND_ADDRESS_CODE, ana, "new@ville.example", 91), NULL), BZ_OK);
    /* Theirs alone, and of nobody who signs in. */
    assert_int_equal(act(shows(COMMAND_ADDRESS_ADD, ben, NULL, 91), NULL), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(act(shows(COMMAND_SESSION_ENTER, 0, NULL, 91), NULL), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(act(shows(COMMAND_ADDRESS_ADD, ana, NULL, 91), NULL), BZ_OK);
    assert_int_equal(act(shows(COMMAND_SESSION_CODE, 0, "elsewhere@ville.example", 92), NULL), BZ_OK);
    assert_int_equal(act(shows(COMMAND_ADDRESS_ADD, ana, NULL, 92), NULL), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(act(shows(COMMAND_ADDRESS_ADD, ben, NULL, 1), NULL), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM address"), 3);
}

/* Whoever came by an account elsewhere, and waits for a second factor, is out when its owner takes that account away. */
static void unlinked(void **state)
{
    struct bz_error e = { 0 };
    struct account_outcome out = { 0 };
    struct attempt a = { .kind = ATTEMPT_SECOND, .how = SESSION_OIDC, .member = add_member(w, "ana", "Ana", ROLE_MEMBER) };
    const struct oidc_ask who = { .issuer = SPAN("https://id.example"), .subject = SPAN("ana") };
    const unsigned char ticket[SECRET_BYTES] = { 1 };
    struct command cmd = { .kind = COMMAND_OIDC_UNLINK, .actor = a.member, .seq = 1 };
    put_address(a.member, "ana@ville.example");
    must(db_begin(w->db, &e), &e);
    must(oidc_link_add(w->db, &who, a.member, ++w->clock_ms, &e), &e);
    must(attempt_add(w->db, ticket, &a, ++w->clock_ms, &e), &e);
    must(attempt_take(w->db, ticket, ATTEMPT_SECOND, &w->arena, ++w->clock_ms, &a, &e), &e);
    must(oidc_apply(w->db, &cmd, &w->arena, ++w->clock_ms, &out, &e), &e);
    assert_int_equal(attempt_take(w->db, ticket, ATTEMPT_SECOND, &w->arena, ++w->clock_ms, &a, &e), BZ_ERR_UNAUTHENTICATED);
    must(db_commit(w->db, &e), &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(not_mailed, setup, teardown),
        cmocka_unit_test_setup_teardown(own_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(unlinked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
