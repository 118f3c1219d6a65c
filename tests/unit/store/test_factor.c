/* Proves by its own clock that a challenge ends after five minutes and a ticket after five tries, that ten wrong passwords or second
 * factors close that way in for an hour and no other one, that a code and a counter never count twice, that what is added or dropped is
 * told by mail and makes the session a strong one, and that a rebuild and everybody else's rows are left alone. */
#include "world.h"

#include "base/otp.h"
#include "base/recovery.h"
#include "store/factor.h"
#include "store/mail.h"
#include "unit/base/passkey_maker.h"

#define SITE "baraza.example"
#define MINUTE 60000LL
#define HASH_A "$argon2id$v=19$m=65536,t=2,p=1$a"
#define HASH_B "$argon2id$v=19$m=65536,t=2,p=1$b"

static struct world *w;
static bz_id ana, mo;
static int64_t now;
static unsigned char session_of[SECRET_BYTES], ticket_of[SECRET_BYTES], recovery[RECOVERY_CODES][SECRET_BYTES];
static char codes[RECOVERY_CODES][RECOVERY_CHARS + 1];
static unsigned char app[OTP_SECRET_BYTES] = "of the test";

static enum bz_err run(struct command cmd, struct account_outcome *ret)
{
    struct bz_error e = { 0 };
    struct account_outcome outcome = { 0 };
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = factor_apply(w->db, &cmd, &w->arena, now, &outcome, &e);
    must(db_commit(w->db, &e), &e);   /* as the engine does: what a refused one wrote stays */
    if (ret != NULL)
        *ret = outcome;
    return rc;
}

/* A session of theirs, of this kind; its hash is in session_of from then on. */
static void sign_in(bz_id member, enum session_kind kind)
{
    struct bz_error e = { 0 };
    struct command cmd = { .expires_ms = now + 90LL * 24 * 60 * MINUTE };
    randombytes_buf(cmd.new_secret, sizeof cmd.new_secret);
    memcpy(session_of, cmd.new_secret, sizeof session_of);
    must(db_begin(w->db, &e), &e);
    must(session_add(w->db, &cmd, &(struct session_new){ member, kind, false, { NULL, 0 } }, now, &e), &e);
    must(db_commit(w->db, &e), &e);
}

static struct command own(enum command_kind kind, bz_id actor)
{
    struct command cmd = { .kind = kind, .actor = actor, .name = SPAN("A key"), .factor.site = SPAN(SITE), .factor.minds_second = true,
                           .factor.recovery = (const unsigned char (*)[SECRET_BYTES])recovery,
                           .factor.key = { (const char *)app, sizeof app } };
    memcpy(cmd.secret, session_of, sizeof cmd.secret);
    randombytes_buf(cmd.new_secret, sizeof cmd.new_secret);
    if (kind == COMMAND_PASSKEY_NEW || kind == COMMAND_TOTP_NEW)
        randombytes_buf(ticket_of, sizeof ticket_of);
    memcpy(cmd.ticket, ticket_of, sizeof cmd.ticket);
    return cmd;
}

/* After one that gave the session another name. */
static enum bz_err run_own(struct command cmd)
{
    enum bz_err rc = run(cmd, NULL);
    bool renames = cmd.kind == COMMAND_PASSKEY_ADD || cmd.kind == COMMAND_TOTP_ADD || cmd.kind == COMMAND_PASSWORD_SET;
    if (rc == BZ_OK && renames)
        memcpy(session_of, cmd.new_secret, sizeof session_of);
    return rc;
}

static enum bz_err add_app(bz_id member, int64_t step)
{
    char code[OTP_DIGITS + 1];
    enum bz_err rc = run_own(own(COMMAND_TOTP_NEW, member));
    if (rc != BZ_OK)
        return rc;
    struct command cmd = own(COMMAND_TOTP_ADD, member);
    otp_code(app, (uint64_t)(now / 1000 / OTP_STEP_S + step), code);
    cmd.factor.code = arena_copy(&w->arena, span_of(code));
    return run_own(cmd);
}

static enum bz_err set_password(bz_id member, const char *stored, bool is_right, const char *fresh)
{
    struct command cmd = own(COMMAND_PASSWORD_SET, member);
    cmd.factor.stored = span_of(stored);
    cmd.factor.fresh = span_of(fresh);
    cmd.factor.is_right = is_right;
    return run_own(cmd);
}

static struct command password(bz_id member, const char *stored, bool is_right)
{
    struct command cmd = { .kind = COMMAND_PASSWORD_ENTER, .member = member, .expires_ms = now + 10 * MINUTE,
                           .factor.stored = span_of(stored), .factor.is_right = is_right };
    randombytes_buf(cmd.secret, sizeof cmd.secret);
    randombytes_buf(cmd.new_secret, sizeof cmd.new_secret);
    return cmd;
}

static enum bz_err second(const unsigned char ticket[SECRET_BYTES], const char *code)
{
    struct account_outcome outcome;
    struct command cmd = { .kind = COMMAND_SESSION_SECOND, .factor.code = span_of(code), .expires_ms = now + 10 * MINUTE };
    memcpy(cmd.secret, ticket, SECRET_BYTES);
    randombytes_buf(cmd.new_secret, sizeof cmd.new_secret);
    enum bz_err rc = run(cmd, &outcome);
    assert_int_equal(outcome.member != 0, rc == BZ_OK);
    return rc;
}

static int setup(void **state)
{
    struct bz_error e = { 0 };
    w = world_hub();
    now = 1700000000000LL;
    ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    mo = add_member(w, "mo", "Mo", ROLE_MODERATOR);
    must(db_begin(w->db, &e), &e);
    must(address_add(w->db, SPAN("ana@ville.example"), ana, now, &e), &e);
    must(db_commit(w->db, &e), &e);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        recovery_make(&env_real, codes[i]);
        (void)recovery_hash(span_of(codes[i]), recovery[i]);
    }
    sign_in(ana, SESSION_CODE);
    return 0;
}
static int teardown(void **state) { world_free(w); return 0; }

/* ---- Passkeys. */

static EVP_PKEY *key;
static struct buf bytes;

static struct credential made(const char *id)
{
    struct buf data;
    buf_init(&data, 4096);
    buf_init(&bytes, 4096);
    put_data(&data, SITE, 1 | 4 | 64, 5);
    put_credential(&data, id, key, MAKER_ES256);
    put_attestation(&bytes, buf_span(&data));
    struct span attestation = arena_copy(&w->arena, buf_span(&bytes));
    buf_done(&data);
    buf_done(&bytes);
    return (struct credential){ .id = span_of(id), .client = SPAN("{}"), .attestation = attestation };
}

static enum bz_err add_passkey(bz_id member, const char *id)
{
    enum bz_err rc = run_own(own(COMMAND_PASSKEY_NEW, member));
    if (rc != BZ_OK)
        return rc;
    struct command cmd = own(COMMAND_PASSKEY_ADD, member);
    cmd.factor.credential = made(id);
    return run_own(cmd);
}

static struct command shown(bz_id member, const char *id, uint32_t counter)
{
    char handle[BZ_ID_TEXT];
    unsigned char signature[512];
    struct command cmd = { .kind = COMMAND_PASSKEY_ENTER, .factor.site = SPAN(SITE), .expires_ms = now + 10 * MINUTE };
    size_t len = id_format(db_hubs(w->db), member, handle);
    buf_init(&bytes, 4096);
    put_data(&bytes, SITE, 1 | 4, counter);
    size_t signature_len = maker_sign(key, MAKER_ES256, buf_span(&bytes), SPAN("{}"), signature);
    cmd.factor.credential = (struct credential){
        .id = span_of(id), .client = SPAN("{}"), .data = arena_copy(&w->arena, buf_span(&bytes)),
        .signature = arena_copy(&w->arena, (struct span){ (const char *)signature, signature_len }),
        .handle = arena_copy(&w->arena, (struct span){ handle, len } ) };
    buf_done(&bytes);
    memset(cmd.secret, 9, sizeof cmd.secret);
    randombytes_buf(cmd.new_secret, sizeof cmd.new_secret);
    return cmd;
}

static void begin(unsigned char ticket)
{
    struct command cmd = { .kind = COMMAND_PASSKEY_BEGIN };
    memset(cmd.secret, ticket, sizeof cmd.secret);
    assert_int_equal(run(cmd, NULL), BZ_OK);
}

static void a_passkey_counts_on_and_its_challenge_ends(void **state)
{
    struct account_outcome outcome;
    assert_int_equal(add_passkey(ana, "one"), BZ_OK);
    assert_int_equal(world_count(w, "SELECT is_strong FROM session"), 1);
    begin(9);
    assert_int_equal(run(shown(ana, "one", 6), &outcome), BZ_OK);
    assert_int_equal(outcome.member, ana);
    assert_int_equal(run(shown(ana, "one", 7), NULL), BZ_ERR_UNAUTHENTICATED);   /* its challenge was answered */
    begin(10);
    struct command cmd = shown(ana, "one", 6);   /* a copy */
    memset(cmd.secret, 10, sizeof cmd.secret);
    assert_int_equal(run(cmd, NULL), BZ_ERR_UNAUTHENTICATED);
    begin(11);
    cmd = shown(mo, "one", 8);   /* somebody else's handle */
    memset(cmd.secret, 11, sizeof cmd.secret);
    assert_int_equal(run(cmd, NULL), BZ_ERR_UNAUTHENTICATED);
    begin(12);
    cmd = shown(ana, "one", 9);
    memset(cmd.secret, 12, sizeof cmd.secret);
    now += 5 * MINUTE;
    assert_int_equal(run(cmd, NULL), BZ_ERR_UNAUTHENTICATED);   /* too late */
    begin(13);
    memset(cmd.secret, 13, sizeof cmd.secret);
    now += 5 * MINUTE - 1;
    assert_int_equal(run(cmd, NULL), BZ_OK);
}

static void passkeys_are_one_members_and_not_without_number(void **state)
{
    char id[16];
    assert_int_equal(add_passkey(ana, "one"), BZ_OK);
    sign_in(mo, SESSION_LINK);
    assert_int_equal(add_passkey(mo, "one"), BZ_ERR_CONFLICT);
    sign_in(ana, SESSION_CODE);
    for (int i = 1; i < BZ_LIMIT_PASSKEYS_MAX; i++) {
        (void)snprintf(id, sizeof id, "key %d", i);
        assert_int_equal(add_passkey(ana, id), BZ_OK);
    }
    assert_int_equal(add_passkey(ana, "one too many"), BZ_ERR_CONFLICT);
    assert_int_equal(run_own(own(COMMAND_PASSKEY_NEW, ana)), BZ_OK);
    now += 5 * MINUTE;
    struct command cmd = own(COMMAND_PASSKEY_ADD, ana);
    cmd.factor.credential = made("late");
    assert_int_equal(run_own(cmd), BZ_ERR_CONFLICT);
}

/* ---- Apps and recovery codes. */

static void a_second_factor_counts_once_and_its_tries_end(void **state)
{
    char code[OTP_DIGITS + 1];
    struct account_outcome outcome;
    assert_int_equal(set_password(ana, NULL, false, HASH_A), BZ_OK);
    assert_int_equal(add_app(ana, 3), BZ_ERR_INVALID);   /* of a minute and a half later */
    assert_int_equal(add_app(ana, -1), BZ_OK);
    struct command in = password(ana, HASH_A, true);
    assert_int_equal(run(in, &outcome), BZ_OK);
    assert_true(outcome.needs_second && outcome.member == 0);
    otp_code(app, (uint64_t)(now / 1000 / OTP_STEP_S), code);
    assert_int_equal(second(in.secret, code), BZ_OK);
    in = password(ana, HASH_A, true);
    assert_int_equal(run(in, &outcome), BZ_OK);
    assert_int_equal(second(in.secret, code), BZ_ERR_UNAUTHENTICATED);   /* the same one again */
    for (int i = 1; i < 5; i++)
        assert_int_equal(second(in.secret, "no code"), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(second(in.secret, codes[0]), BZ_ERR_UNAUTHENTICATED);   /* the sixth try of this ticket */
    in = password(ana, HASH_A, true);
    assert_int_equal(run(in, &outcome), BZ_OK);
    assert_int_equal(second(in.secret, codes[0]), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM factor WHERE kind = 4"), RECOVERY_CODES - 1);
    for (int i = 0; i < FACTOR_TRIES; i++) {
        if (i % 5 == 0) {
            in = password(ana, HASH_A, true);
            assert_int_equal(run(in, &outcome), BZ_OK);
        }
        assert_int_equal(second(in.secret, codes[0]), BZ_ERR_UNAUTHENTICATED);
    }
    in = password(ana, HASH_A, true);
    assert_int_equal(run(in, &outcome), BZ_OK);
    assert_int_equal(second(in.secret, codes[1]), BZ_ERR_UNAUTHENTICATED);   /* none is right for the rest of the hour */
    now += FACTOR_TRIES_MS + 1;
    in = password(ana, HASH_A, true);
    assert_int_equal(run(in, &outcome), BZ_OK);
    assert_int_equal(second(in.secret, codes[1]), BZ_OK);
}

/* ---- Passwords. */

static void wrong_passwords_close_one_door_for_an_hour(void **state)
{
    struct account_outcome outcome;
    assert_int_equal(set_password(ana, NULL, false, HASH_A), BZ_OK);
    assert_int_equal(add_passkey(ana, "one"), BZ_OK);
    for (int i = 0; i < FACTOR_TRIES; i++)
        assert_int_equal(run(password(ana, HASH_A, false), NULL), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(run(password(ana, HASH_A, true), NULL), BZ_ERR_UNAUTHENTICATED);
    begin(9);
    assert_int_equal(run(shown(ana, "one", 6), &outcome), BZ_OK);
    now += FACTOR_TRIES_MS / 2;   /* tries in between do not keep it closed */
    assert_int_equal(run(password(ana, HASH_A, true), NULL), BZ_ERR_UNAUTHENTICATED);
    now += FACTOR_TRIES_MS / 2 + 1;
    assert_int_equal(run(password(ana, HASH_A, true), &outcome), BZ_OK);
    assert_int_equal(outcome.member, ana);
    for (int i = 0; i < 3; i++)   /* nobody's are counted, too, so that they cost the same */
        assert_int_equal(run(password(0, NULL, false), NULL), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(world_count(w, "SELECT tries FROM factor_try WHERE member = 0"), 3);
}

static void a_password_that_changed_meanwhile_is_none(void **state)
{
    assert_int_equal(set_password(ana, NULL, false, HASH_A), BZ_OK);
    assert_int_equal(set_password(ana, HASH_B, true, HASH_B), BZ_ERR_CONFLICT);
    assert_int_equal(set_password(ana, HASH_A, false, HASH_B), BZ_ERR_INVALID);
    sign_in(ana, SESSION_LINK);
    assert_int_equal(set_password(ana, HASH_A, true, HASH_B), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM session"), 1);   /* all others ended */
    assert_int_equal(run(password(ana, HASH_A, true), NULL), BZ_ERR_UNAUTHENTICATED);
    struct command cmd = password(ana, HASH_B, true);
    cmd.factor.fresh = SPAN(HASH_A);   /* of stronger settings */
    assert_int_equal(run(cmd, NULL), BZ_OK);
    assert_int_equal(run(password(ana, HASH_A, true), NULL), BZ_OK);
}

/* ---- Who may change what. */

static int64_t one_of_kind(int kind)
{
    char sql[100];
    (void)snprintf(sql, sizeof sql, "SELECT id FROM factor WHERE kind = %d ORDER BY id LIMIT 1", kind);
    return world_count(w, sql);
}

static enum bz_err drop(bz_id member, int kind)
{
    struct command cmd = own(COMMAND_FACTOR_DROP, member);
    cmd.seq = one_of_kind(kind);
    return run(cmd, NULL);
}

static void who_moderates_keeps_and_shows_a_strong_one(void **state)
{
    sign_in(mo, SESSION_PASSWORD);
    assert_int_equal(add_app(mo, 0), BZ_OK);
    assert_int_equal(drop(mo, FACTOR_TOTP), BZ_ERR_CONFLICT);
    assert_int_equal(add_passkey(mo, "one"), BZ_OK);
    assert_int_equal(drop(mo, FACTOR_TOTP), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM factor WHERE kind = 4"), 0);
    assert_int_equal(run_own(own(COMMAND_RECOVERY_RENEW, mo)), BZ_ERR_CONFLICT);
    sign_in(mo, SESSION_CODE);   /* somebody with their mail */
    assert_int_equal(add_app(mo, 0), BZ_ERR_SECOND);
    assert_int_equal(add_passkey(mo, "two"), BZ_ERR_SECOND);
    assert_int_equal(drop(mo, FACTOR_PASSKEY), BZ_ERR_SECOND);
    struct command cmd = own(COMMAND_TOTP_NEW, mo);
    cmd.factor.minds_second = false;
    assert_int_equal(run(cmd, NULL), BZ_OK);
    sign_in(mo, SESSION_TOKEN);
    assert_int_equal(add_app(mo, 0), BZ_ERR_FORBIDDEN);
    sign_in(ana, SESSION_CODE);
    assert_int_equal(drop(ana, FACTOR_PASSKEY), BZ_ERR_NOT_FOUND);   /* not hers */
    memset(session_of, 0, sizeof session_of);
    assert_int_equal(add_app(ana, 0), BZ_ERR_UNAUTHENTICATED);
}

static void what_changes_is_told_by_mail(void **state)
{
    assert_int_equal(add_passkey(ana, "one"), BZ_OK);
    assert_int_equal(set_password(ana, NULL, false, HASH_A), BZ_OK);
    assert_int_equal(add_app(ana, 0), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE kind = 6 AND to_address = 'ana@ville.example'"), 3);
    assert_int_equal(set_password(ana, HASH_A, true, HASH_B), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE kind = 8"), 1);
    assert_int_equal(drop(ana, FACTOR_PASSKEY), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE kind = 7"), 1);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE args LIKE '%argon%'"), 0);
    sign_in(mo, SESSION_LINK);   /* who has no address is told nothing */
    assert_int_equal(add_passkey(mo, "two"), BZ_OK);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail"), 5);
}

int main(void)
{
#define IN_A_HUB(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_HUB(a_passkey_counts_on_and_its_challenge_ends), IN_A_HUB(passkeys_are_one_members_and_not_without_number),
        IN_A_HUB(a_second_factor_counts_once_and_its_tries_end), IN_A_HUB(wrong_passwords_close_one_door_for_an_hour),
        IN_A_HUB(a_password_that_changed_meanwhile_is_none), IN_A_HUB(who_moderates_keeps_and_shows_a_strong_one),
        IN_A_HUB(what_changes_is_told_by_mail),
    };
    if (sodium_init() < 0)
        return 1;
    key = maker_key(MAKER_ES256);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(key);
    return rc;
}
