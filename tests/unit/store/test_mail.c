/* Proves that mail waits until it was sent or given up: codes first, tried again after growing pauses, given up when refused or
 * too old; that nobody's costs a row, too; that an address which refuses is told of, until it takes mail again; and that what
 * cannot stand in a mail is never kept. */
#include "base/limits.h"
#include "store/mail.h"
#include "world.h"

static struct world *w;
static bz_id ana;
static int setup(void **state)
{
    w = world_hub();
    ana = add_member(w, "ana", "Ana Lúcia", ROLE_MEMBER);
    return 0;
}
static int teardown(void **state) { world_free(w); return 0; }

#define MINUTE 60000LL
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define ANA SPAN("ana@example.org")

static enum bz_err try_put(struct mail_new mail)
{
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = mail_put(w->db, &mail, &e);
    assert_int_equal(mails_put(w->db), rc == BZ_OK);
    must(db_commit(w->db, &e), &e);
    return rc;
}
static void put(struct mail_new mail) { assert_int_equal(try_put(mail), BZ_OK); }

static void put_code(void)
{
    put((struct mail_new){ .kind = MAIL_CODE, .member = ana, .to_address = ANA, .lang = SPAN("pt"),
                           .args = { .code = SPAN("123456"), .minutes = 10 } });
}

struct got { struct mail_due due; int count; struct mail_queue queue; char to[64], name[64], code[64], reason[64]; };
static void on_due(void *ctx, const struct mail_due *due)
{
    struct got *g = ctx;
    g->due = *due;
    g->count++;
    (void)snprintf(g->to, sizeof g->to, "%.*s", (int)due->to_address.len, due->to_address.at == NULL ? "" : due->to_address.at);
    (void)snprintf(g->name, sizeof g->name, "%.*s", (int)due->name.len, due->name.at == NULL ? "" : due->name.at);
    (void)snprintf(g->code, sizeof g->code, "%.*s", (int)due->args.code.len, due->args.code.at == NULL ? "" : due->args.code.at);
    (void)snprintf(g->reason, sizeof g->reason, "%.*s", (int)due->args.reason.len, due->args.reason.at == NULL ? "" : due->args.reason.at);
}
static struct got next(void)
{
    struct bz_error e = { 0 };
    struct got g = { 0 };
    must(mail_next(look(w), w->clock_ms, on_due, &g, &g.queue, &e), &e);
    return g;
}

static void tell(enum command_kind kind, int64_t id, bool is_for_good)
{
    struct bz_error e = { 0 };
    struct command cmd = { .kind = kind, .mail = id, .on = is_for_good, .text = SPAN("550 5.1.1 no such user") };
    must(db_begin(w->db, &e), &e);
    must(mail_apply(w->db, &cmd, w->clock_ms, &e), &e);
    must(db_commit(w->db, &e), &e);
}

static void on_trouble(void *ctx, const struct mail_trouble *t)
{
    struct mail_trouble *kept = ctx;
    *kept = *t;
    assert_true(span_is(t->why, "550 5.1.1 no such user"));
}
static int64_t refused(void)
{
    struct bz_error e = { 0 };
    struct mail_trouble t = { 0 };
    must(mail_trouble(look(w), 10, on_trouble, &t, &e), &e);
    assert_true(t.refused == 0 || t.member == ana);
    return t.refused;
}

static void test_pauses(void **state)
{
    static const int64_t pauses[] = { MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR, 12 * HOUR };
    (void)state;
    /* Proves that the pauses grow, that the last one stays, and that what would come too late is given up. */
    for (int64_t i = 0; i < 7; i++)
        assert_int_equal(mail_again_ms(i + 1, 1000, INT64_MAX), 1000 + pauses[i]);
    assert_int_equal(mail_again_ms(1, 1000, 1000 + MINUTE), 0);
    assert_int_equal(mail_again_ms(1, 1000, 1001 + MINUTE), 1000 + MINUTE);
    assert_int_equal(mail_again_ms(0, 0, INT64_MAX), MINUTE);
}

static void test_order(void **state)
{
    (void)state;
    /* Proves that a code goes before what waits longer, with what it tells, and that what was sent is gone. */
    put((struct mail_new){ .kind = MAIL_REQUEST_REFUSED, .to_address = SPAN("x@example.org"),
                           .args = { .reason = SPAN("Not now.\nLater \"perhaps\"."), .org = SPAN("") } });
    put_code();
    struct got g = next();
    assert_int_equal(g.queue.depth, 2);
    assert_int_equal(g.due.kind, MAIL_CODE);
    assert_string_equal(g.to, "ana@example.org");
    assert_string_equal(g.name, "Ana Lúcia");
    assert_string_equal(g.code, "123456");
    assert_int_equal(g.due.args.minutes, 10);
    assert_int_equal(g.due.expires_ms, g.due.at_ms + 10 * MINUTE);
    tell(COMMAND_MAIL_DONE, g.due.id, false);
    tell(COMMAND_MAIL_DONE, g.due.id, false);
    g = next();
    assert_int_equal(g.queue.depth, 1);
    assert_string_equal(g.reason, "Not now.\nLater \"perhaps\".");
    assert_string_equal(g.name, "");
    assert_int_equal(g.due.expires_ms, g.due.at_ms + 3 * DAY);
    tell(COMMAND_MAIL_DONE, g.due.id, false);
    g = next();
    assert_int_equal(g.count, 0);
    assert_int_equal(g.queue.next_ms, INT64_MAX);
}

static void test_again(void **state)
{
    unsigned char message[MAIL_ID_BYTES];
    (void)state;
    /* Proves that what failed is due again with the same Message-ID after its pause, and that a code is given up with its end. */
    put_code();
    struct got g = next();
    memcpy(message, g.due.message, sizeof message);
    int64_t id = g.due.id;
    tell(COMMAND_MAIL_FAILED, id, false);
    g = next();
    assert_int_equal(g.count, 0);
    assert_in_range(g.queue.next_ms, w->clock_ms + MINUTE - 100, w->clock_ms + MINUTE);
    w->clock_ms += MINUTE;
    g = next();
    assert_int_equal(g.due.id, id);
    assert_int_equal(g.due.tries, 1);
    assert_memory_equal(g.due.message, message, sizeof message);
    tell(COMMAND_MAIL_FAILED, id, false);
    w->clock_ms += 5 * MINUTE;
    tell(COMMAND_MAIL_FAILED, next().due.id, false);   /* the next try would come too late */
    assert_int_equal(next().queue.depth, 0);
    assert_int_equal(refused(), 0);
}

static void test_trouble(void **state)
{
    (void)state;
    /* Proves that three refusals in a row are told of, and none any more once a mail was taken; nobody else's count. */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(refused(), 0);
        put_code();
        tell(COMMAND_MAIL_FAILED, next().due.id, true);
        assert_int_equal(next().queue.depth, 0);
    }
    put((struct mail_new){ .kind = MAIL_CODE, .to_address = SPAN("x@example.org") });
    tell(COMMAND_MAIL_FAILED, next().due.id, true);
    assert_int_equal(refused(), 3);
    put_code();
    tell(COMMAND_MAIL_DONE, next().due.id, false);
    assert_int_equal(refused(), 0);
}

static void test_nobody(void **state)
{
    (void)state;
    /* Proves that a mail to nobody waits as others do. */
    put((struct mail_new){ .kind = MAIL_CODE, .args = { .code = SPAN("123456"), .minutes = 10 } });
    struct got g = next();
    assert_int_equal(g.count, 1);
    assert_null(g.due.to_address.at);
    tell(COMMAND_MAIL_DONE, g.due.id, false);
}

static void test_rebuild(void **state)
{
    struct bz_error e = { 0 };
    int64_t entries;
    (void)state;
    /* Proves that what waits stays through a rebuild. */
    put_code();
    put((struct mail_new){ .kind = MAIL_TEST, .to_address = SPAN("x@example.org") });
    must(store_rebuild(w->db, &entries, &e), &e);
    assert_int_equal(next().queue.depth, 2);
}

static void test_refused(void **state)
{
    static const char *const addresses[] = { "", "a", "@b", "a@", "a@b@c", "a b@c.org", "a@c.org\r\nBcc: x@y.org", "a@c.org,d@e.org",
                                             "<a@c.org>", "a@c.org\n", "\"a\"@c.org", "a\x7f@c.org", "am\xc3\xadna@c.org", "a@c.org:25" };
    char name[MAIL_ARG_CHARS + 1];
    (void)state;
    /* Proves that what could end a line of a mail's head, name a second address or stand in no text is refused. */
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        assert_int_equal(try_put((struct mail_new){ .kind = MAIL_TEST, .to_address = span_of(addresses[i]) }), BZ_ERR_INVALID);
    assert_int_equal(try_put((struct mail_new){ .kind = MAIL_TEST, .to_address = { "a\0@c.org", 8 } }), BZ_ERR_INVALID);
    assert_int_equal(try_put((struct mail_new){ .kind = MAIL_INVITE, .to_address = ANA, .args = { .by = SPAN("A\r\nBcc: b") } }),
                     BZ_ERR_INVALID);
    assert_int_equal(try_put((struct mail_new){ .kind = MAIL_INVITE, .to_address = ANA, .args = { .org = SPAN("A\xff") } }),
                     BZ_ERR_INVALID);
    assert_int_equal(try_put((struct mail_new){ .kind = MAIL_REQUEST_REFUSED, .to_address = ANA, .args = { .reason = SPAN("A\x1b[0m") } }),
                     BZ_ERR_INVALID);
    memset(name, 'a', sizeof name);
    assert_int_equal(try_put((struct mail_new){ .kind = MAIL_INVITE, .to_address = ANA, .args = { .by = { name, sizeof name } } }),
                     BZ_ERR_INVALID);
    assert_int_equal(next().queue.depth, 0);
}

static void test_full(void **state)
{
    struct bz_error e = { 0 };
    const struct mail_new other = { .kind = MAIL_INVITE, .to_address = SPAN("x@example.org") }, code = { .kind = MAIL_CODE };
    (void)state;
    /* Proves that a queue which others filled still takes codes, and that it has an end for them, too. */
    must(db_begin(w->db, &e), &e);
    for (int i = 0; i < MAIL_QUEUE - MAIL_QUEUE_CODES; i++)
        must(mail_put(w->db, &other, &e), &e);
    assert_int_equal(mail_put(w->db, &other, &e), BZ_ERR_RATE_LIMITED);
    for (int i = 0; i < MAIL_QUEUE_CODES; i++)
        must(mail_put(w->db, &code, &e), &e);
    assert_int_equal(mail_put(w->db, &code, &e), BZ_ERR_RATE_LIMITED);
    db_rollback(w->db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pauses),
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trouble, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rebuild, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
