/* A password is the same however it was typed, is refused when it would be guessed, and is right or wrong whether or not somebody
 * has one; two are looked at at once, 64 wait, and who comes later is told when to come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "engine/hasher.h"

static uv_loop_t loop;
static struct stats stats;
static struct hasher *hasher;
static size_t back, right, refused;
static char fresh[HASHED_BYTES];
static bool was_right;

static struct password of(const char *text)
{
    struct password p;
    assert_true(password_read(span_of(text), &p));
    return p;
}

static void on_back(struct hashing *h)
{
    back++;
    right += h->is_right;
    refused += h->error.code == BZ_ERR_BUSY;
    was_right = h->is_right;
    memcpy(fresh, h->fresh, sizeof fresh);
    hashing_free(h);
}

static enum bz_err ask(const char *password, const char *stored, struct bz_error *e)
{
    struct hashing *h = hashing_new();
    h->password = of(password);
    h->is_new = stored == NULL;
    if (stored != NULL)
        memcpy(h->stored, stored, strlen(stored));
    h->done = on_back;
    enum bz_err rc = hasher_submit(hasher, h, e);
    if (rc != BZ_OK)
        hashing_free(h);
    return rc;
}

static void ask_and_wait(const char *password, const char *stored)
{
    struct bz_error e = { 0 };
    size_t wanted = back + 1;
    assert_int_equal(ask(password, stored, &e), BZ_OK);
    while (back < wanted)
        uv_run(&loop, UV_RUN_ONCE);
}

static int setup(void **state)
{
    struct bz_error e = { 0 };
    uv_loop_init(&loop);
    back = right = refused = 0;
    return hasher_start(&loop, &stats, &hasher, &e) == BZ_OK ? 0 : -1;
}

static int teardown(void **state)
{
    hasher_stop(hasher);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}

static void one_password_has_one_form(void **state)
{
    struct password p, q;
    assert_true(password_read(SPAN("école à Óbidos"), &p));
    assert_true(password_read(SPAN("e\xcc\x81" "cole a\xcc\x80 O\xcc\x81" "bidos"), &q));
    assert_int_equal(p.len, q.len);
    assert_memory_equal(p.text, q.text, sizeof p.text);
    assert_false(password_read(SPAN("nine char"), &p));
    assert_true(password_read(SPAN("ten chars!"), &p));
    char longest[PASSWORD_BYTES_MAX + 2];
    memset(longest, 'x', sizeof longest);
    assert_true(password_read((struct span){ longest, PASSWORD_BYTES_MAX }, &p));
    assert_false(password_read((struct span){ longest, PASSWORD_BYTES_MAX + 1 }, &p));
    assert_false(password_read((struct span){ "abcdefghij\0k", 12 }, &p));
    assert_false(password_read(SPAN("abcdefghij\xff"), &p));
    assert_false(password_read((struct span){ NULL, 0 }, &p));
}

static void what_would_be_guessed_is_refused(void **state)
{
    struct bz_error e = { 0 };
    struct span handle = SPAN("amina.diop"), email = SPAN("adiop@dakar.example"), none = { NULL, 0 };
    static const char *const bad[] = { "password123", "PassWord123", "1234567890", "motdepasse", "contraseña", "aaaaaaaaaaaa", "abababababab",
                                       "amina.diop2", "my Amina.Diop!", "xADIOPxxyz", "qwertyuiop" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct password p = of(bad[i]);
        assert_int_equal(password_check(&p, handle, email, &e), BZ_ERR_INVALID);
        assert_string_equal(e.field, "password");
    }
    struct password good = of("a bus to the sea"), short_name = of("a bold move");
    assert_int_equal(password_check(&good, handle, email, &e), BZ_OK);
    assert_int_equal(password_check(&good, none, none, &e), BZ_OK);
    assert_int_equal(password_check(&short_name, SPAN("bo"), SPAN("ol@x.example"), &e), BZ_OK);
}

static void right_is_told_from_wrong(void **state)
{
    char stored[HASHED_BYTES];
    ask_and_wait("a bus to the sea", NULL);
    assert_memory_equal(fresh, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
    memcpy(stored, fresh, sizeof stored);
    ask_and_wait("a bus to the sea", stored);
    assert_true(was_right);
    assert_string_equal(fresh, "");
    ask_and_wait("a bus to the see", stored);
    assert_false(was_right);
    ask_and_wait("a bus to the sea", "");
    assert_false(was_right);
    ask_and_wait("a bus to the sea", "$argon2id$rubbish");
    assert_false(was_right);
}

static void a_weaker_hash_is_made_anew(void **state)
{
    char weak[crypto_pwhash_STRBYTES];
    assert_int_equal(crypto_pwhash_str_alg(weak, "a bus to the sea", 16, 1, 8u << 20, crypto_pwhash_ALG_ARGON2ID13), 0);
    ask_and_wait("a bus to the see", weak);
    assert_string_equal(fresh, "");
    ask_and_wait("a bus to the sea", weak);
    assert_true(was_right);
    assert_memory_equal(fresh, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
    ask_and_wait("a bus to the sea", fresh);
    assert_true(was_right);
}

static int64_t cpu_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Of the processor's time, which other programs on the machine do not change. */
static void nobody_costs_as_much_as_somebody(void **state)
{
    char stored[HASHED_BYTES];
    int64_t with = INT64_MAX, without = INT64_MAX;
    ask_and_wait("a bus to the sea", NULL);
    memcpy(stored, fresh, sizeof stored);
    for (int i = 0; i < 5; i++) {   /* the least of five of each */
        int64_t from = cpu_us();
        ask_and_wait("a bus to the see", stored);
        int64_t between = cpu_us();
        ask_and_wait("a bus to the see", "");
        int64_t to = cpu_us();
        with = between - from < with ? between - from : with;
        without = to - between < without ? to - between : without;
    }
    assert_in_range(without, with * 2 / 3, with * 3 / 2);
}

static void a_flood_is_bounded_and_a_stop_loses_nothing(void **state)
{
    struct bz_error e = { 0 };
    size_t taken = 0, busy = 0;
    for (int i = 0; i < 1000; i++) {
        enum bz_err rc = ask("a bus to the sea", "", &e);
        taken += rc == BZ_OK;
        busy += rc == BZ_ERR_BUSY && e.retry_after_ms > 0;
    }
    assert_int_equal(taken + busy, 1000);
    assert_in_range(taken, HASH_JOBS, HASH_JOBS + 20);   /* a few were done while they came */
    hasher_stop(hasher);
    assert_int_equal(back, taken);
    assert_in_range(refused, HASH_JOBS - 20, HASH_JOBS);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(hasher_start(&loop, &stats, &hasher, &e), BZ_OK);
}

int main(void)
{
#define IN_A_LOOP(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_password_has_one_form), cmocka_unit_test(what_would_be_guessed_is_refused), IN_A_LOOP(right_is_told_from_wrong),
        IN_A_LOOP(a_weaker_hash_is_made_anew), IN_A_LOOP(nobody_costs_as_much_as_somebody),
        IN_A_LOOP(a_flood_is_bounded_and_a_stop_loses_nothing),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
