/* Proves that only who has an address asks for it, what the secretariat sees of it and when it is forgotten, that an approval makes
 * an organisation and one invitation, and what becomes of each row of a list of people. */
#include "world.h"

#include "store/retention.h"
#include "store/account.h"
#include "store/mail.h"
#include "store/request.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

static enum bz_err personal(struct command *cmd, enum bz_err (*act)(struct db *, const struct command *, struct arena *, int64_t, struct bz_error *),
                            struct bz_error *e)
{
    must(db_begin(w->db, e), e);
    enum bz_err rc = act(w->db, cmd, &w->arena, ++w->clock_ms, e);
    struct bz_error other;
    must(db_commit(w->db, &other), &other);
    return rc;
}

static enum bz_err code(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    struct account_outcome out = { 0 };
    return account_apply(db, cmd, arena, now_ms, &out, e);
}

static enum bz_err ask(const char *email, const char *org, bool is_wrong)
{
    static unsigned char ticket;
    struct bz_error e = { 0 };
    struct command cmd = { .kind = COMMAND_SESSION_CODE, .email = span_of(email), .on = true, .code = SPAN("123456"), .lang = SPAN("fr") };
    memset(cmd.secret, ++ticket, sizeof cmd.secret);
    memset(cmd.code_hash, 5, sizeof cmd.code_hash);
    must(personal(&cmd, code, &e), &e);
    cmd.kind = COMMAND_REQUEST_CREATE;
    cmd.email = (struct span){ NULL, 0 };   /* only the operator names one: the code shows whose it is */
    cmd.code_hash[0] ^= is_wrong;
    cmd.name = SPAN("Afi");
    cmd.org = span_of(org);
    cmd.org_kind = SPAN("city");
    cmd.city = SPAN("Kara");
    cmd.country = SPAN("TG");
    cmd.region = w->region;
    return personal(&cmd, request_create, &e);
}

struct seen { int count; int64_t id; char key[64]; };
static void on_request(void *ctx, const struct request_row *row)
{
    struct seen *s = ctx;
    s->count++;
    s->id = row->id;
    (void)snprintf(s->key, sizeof s->key, "%.*s", (int)row->key.len, row->key.at);
}

static struct seen list_behind(bz_id viewer, enum role role, bool decided, int64_t next, enum bz_err want)
{
    struct seen s = { 0 };
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    assert_int_equal(query_requests(w->db, (struct viewer){ viewer, role }, decided, next, on_request, &s, &e), want);
    db_rollback(w->db);
    return s;
}

static struct seen list(bz_id viewer, enum role role, bool decided, enum bz_err want)
{
    return list_behind(viewer, role, decided, 0, want);
}

static void who_asks(void **state)
{
    (void)state;
    assert_int_equal(ask("afi@kara.example", "Kara", true), BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(list(w->admin, ROLE_ADMIN, false, BZ_OK).count, 0);
    assert_int_equal(ask("afi@kara.example", "Kara", false), BZ_OK);
    assert_int_equal(ask("afi@kara.example", "Ville de Kara", false), BZ_OK);   /* the last one counts */
    struct seen s = list(w->admin, ROLE_ADMIN, false, BZ_OK);
    assert_int_equal(s.count, 1);
    assert_string_equal(s.key, "afi@kara.example");
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    (void)list(ana, ROLE_MEMBER, false, BZ_ERR_FORBIDDEN);
    (void)world_do(w, (struct command){ .kind = COMMAND_MEMBER_ROLE, .actor = w->admin, .member = ana, .region = w->region, .role = ROLE_ADMIN });
    assert_int_equal(list(ana, ROLE_MEMBER, false, BZ_OK).count, 1);
    char email[40];
    for (int i = 0; i < BZ_LIMIT_REQUESTS_OPEN + 3; i++) {
        w->clock_ms += DAY_MS / 20;   /* strangers are sent so many codes in an hour */
        (void)snprintf(email, sizeof email, "p%d@kara.example", i);
        assert_int_equal(ask(email, "Kara", false), i < BZ_LIMIT_REQUESTS_OPEN - 1 ? BZ_OK : BZ_ERR_RATE_LIMITED);   /* one waits already */
    }
    assert_int_equal(world_count(w, "SELECT count(*) FROM join_request"), BZ_LIMIT_REQUESTS_OPEN);
}

static void what_becomes_of_it(void **state)
{
    (void)state;
    struct bz_error e = { 0 };
    assert_int_equal(ask("afi@kara.example", "Kara", false), BZ_OK);
    assert_int_equal(ask("no@kara.example", "Kara", false), BZ_OK);
    struct command cmd = { .kind = COMMAND_REQUEST_DECIDE, .actor = w->admin, .request = 1, .on = true, .code = SPAN("the-code") };
    memset(cmd.new_secret, 9, sizeof cmd.new_secret);
    static struct facts facts;
    must(db_begin(w->db, &e), &e);
    must(facts_load(w->db, &cmd, &w->arena, &facts, &e), &e);
    must(request_decided(w->db, &cmd, &facts, 77, &e), &e);
    cmd.request = 2;
    cmd.on = false;
    cmd.reason = SPAN("Twice");
    must(facts_load(w->db, &cmd, &w->arena, &facts, &e), &e);
    must(request_decided(w->db, &cmd, &facts, 0, &e), &e);
    must(db_commit(w->db, &e), &e);
    assert_int_equal(list(w->admin, ROLE_ADMIN, false, BZ_OK).count, 0);
    assert_int_equal(list(w->admin, ROLE_ADMIN, true, BZ_OK).count, 2);
    assert_int_equal(list_behind(w->admin, ROLE_ADMIN, true, 2, BZ_OK).id, 1);   /* decided at one time: the later id first */
    assert_int_equal(list_behind(w->admin, ROLE_ADMIN, true, 1, BZ_OK).count, 0);
    assert_int_equal(list_behind(w->admin, ROLE_ADMIN, true, 99, BZ_OK).count, 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM invitation WHERE key = 'afi@kara.example' AND org = 77 AND is_delegate AND uses = 1"), 1);
    assert_int_equal(world_count(w, "SELECT count(*) FROM invitation"), 1);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE kind = 4 AND to_address = 'afi@kara.example' AND lang = 'fr'"), 1);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE kind = 5 AND to_address = 'no@kara.example'"), 1);
    must(db_begin(w->db, &e), &e);
    const struct keep_days keep = { { [KEEP_REQUESTS] = 90 } };
    const int64_t day_ms = 24 * 3600 * 1000;
    must(retention_tend(w->db, &keep, w->clock_ms + 90 * day_ms - 1000, &e), &e);
    must(request_tend(w->db, w->clock_ms + 1000 * day_ms, &e), &e);
    assert_int_equal(world_count(w, "SELECT count(*) FROM join_request"), 2);
    must(retention_tend(w->db, &keep, w->clock_ms + 90 * day_ms + 1000, &e), &e);
    assert_int_equal(world_count(w, "SELECT count(*) FROM join_request"), 0);
    must(db_commit(w->db, &e), &e);
}

static void holds(struct span report, const char *want)
{
    if (memmem(report.at, report.len, want, strlen(want)) == NULL)
        fail_msg("%s is not in %.*s", want, (int)report.len, report.at);
}

static struct span bulk(const char *csv, bool is_dry, enum bz_err want)
{
    struct command cmd = { .kind = COMMAND_INVITE_BULK, .actor = w->admin, .region = w->region, .text = span_of(csv), .on = is_dry,
                           .role = ROLE_MEMBER };
    static struct facts facts;
    static unsigned char secret;
    struct bz_error e = { 0 };
    struct span report = { NULL, 0 };
    memset(cmd.new_secret, ++secret, sizeof cmd.new_secret);
    must(db_begin(w->db, &e), &e);
    must(facts_load(w->db, &cmd, &w->arena, &facts, &e), &e);
    assert_int_equal(bulk_invite(w->db, &cmd, &facts, &w->arena, ++w->clock_ms, &report, &e), want);
    must(db_commit(w->db, &e), &e);
    return report;
}

static void lists_of_people(void **state)
{
    (void)state;
    static const char csv[] = "Nom;Courriel;Organisme;Pays;Langue\r\nAfi;AFI@Kara.example;ville de lome;TG;français\r\n"
                              "Bo;bo;;;\r\n\"Cy \"\"C\"\"\";cy@kara.example;Nowhere;;\r\nDi;di@kara.example;;;Klingon\r\n"
                              "Afi;afi@kara.EXAMPLE;;;\r\n";
    bz_id org = world_do(w, (struct command){ .kind = COMMAND_ORG_CREATE, .actor = w->admin, .org_kind = SPAN("city"), .name = SPAN("Ville de Lomé"),
                                              .city = SPAN("Lomé"), .country = SPAN("TG"), .region = w->region });
    struct span report = bulk(csv, true, BZ_OK);
    holds(report, "{\"line\":2,\"state\":\"ok\",\"email\":\"AFI@Kara.example\",\"name\":\"Afi\"}");
    holds(report, "{\"line\":3,\"state\":\"error\",\"email\":\"bo\",\"name\":\"Bo\",\"column\":\"email\"}");
    holds(report, "\"name\":\"Cy \\\"C\\\"\",\"no_org\":true}");
    holds(report, "{\"line\":6,\"state\":\"twice\",\"email\":\"afi@kara.EXAMPLE\"");
    holds(report, "\"column\":\"lang\"");
    assert_int_equal(world_count(w, "SELECT count(*) FROM invitation"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail"), 0);
    struct span sent = bulk(csv, false, BZ_OK);   /* it says before what it does then */
    assert_memory_equal(sent.at, report.at, report.len);
    assert_int_equal(world_count(w, "SELECT count(*) FROM invitation WHERE uses = 1 AND role = 1"), 2);
    assert_int_equal(world_count(w, "SELECT org FROM invitation WHERE key = 'afi@kara.example'"), org);
    assert_int_equal(world_count(w, "SELECT count(*) FROM invitation WHERE key = 'cy@kara.example' AND org IS NULL AND lang = 'en'"), 1);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail WHERE kind = 2 AND lang = 'fr' AND to_address = 'afi@kara.example'"), 1);
    assert_int_equal(world_count(w, "SELECT count(DISTINCT hash) FROM invitation"), 2);
    report = bulk(csv, false, BZ_OK);
    holds(report, "{\"line\":2,\"state\":\"invited\"");
    assert_int_equal(world_count(w, "SELECT count(*) FROM mail"), 2);
    (void)bulk("name,city\nAfi,Kara\n", false, BZ_ERR_INVALID);
    (void)bulk("email\n", true, BZ_ERR_INVALID);
    (void)bulk("email\n\"a@b.org", true, BZ_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_asks, setup, teardown),
        cmocka_unit_test_setup_teardown(what_becomes_of_it, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_of_people, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
