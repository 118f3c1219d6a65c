/* Who leaves is forgotten: what they wrote and were stands nowhere any more, the record holds, and a rebuild gives the same tables;
 * at any step, also after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "folder.h"
#include "store/erase.h"
#include "store/export.h"
#include "store/statement.h"
#include "store/upkeep.h"

struct hub {
    char dir[FOLDER_BYTES];
    struct env env;
    struct stats stats;
    struct engine *en;
    int64_t clock;
    bz_id region, room, closed, admin, ana, ben, talk, plan;
};

static int64_t hub_now(void *ctx) { return ++((struct hub *)ctx)->clock; }
static void hub_random(void *ctx, void *ret, size_t bytes)
{
    struct hub *h = ctx;
    for (size_t i = 0; i < bytes; i++)
        ((unsigned char *)ret)[i] = (unsigned char)(h->clock += 7);
}
static bool hub_fault(void *ctx, const char *site) { return false; }

static void attach(struct hub *h, bool create)
{
    struct bz_error e = { 0 };
    struct engine_config config = { .db = { h->dir, &h->env, NULL }, .create = create, .stats = &h->stats };
    if (engine_open(&config, &h->en, &e) != BZ_OK)
        fail_msg("%s", e.text);
}

static struct outcome commit(struct hub *h, struct command cmd)
{
    struct job *job = job_new(cmd.kind);
    struct commit *c;
    job->cmd = cmd;
    engine_commit(h->en, &job, 1, &c);
    struct outcome out = job->outcome;
    commit_free(c);
    job_free(job);
    return out;
}

static struct outcome must(struct hub *h, struct command cmd)
{
    struct outcome out = commit(h, cmd);
    if (out.error.code != BZ_OK)
        fail_msg("%s: %s", command_wire(cmd.kind), out.error.text);
    return out;
}

static void must_hold(void *ctx, const char *line) { fail_msg("verify: %s", line); }

/* Chains, bodies, and that a rebuild gives the same tables. */
static void check(struct hub *h)
{
    struct verify_result result;
    struct db_config config = { h->dir, &h->env, NULL };
    assert_int_equal(store_verify(&(struct verify_request){ .db = config, .say = must_hold }, &result, NULL), BZ_OK);
    assert_int_equal(result.findings, 0);
}

static bool folder_has(const struct hub *h, const char *word)
{
    char line[FOLDER_BYTES + 96];
    (void)snprintf(line, sizeof line, "grep -raq -e '%s' '%s'", word, h->dir);
    return system(line) == 0;
}

static void step_to_end(struct hub *h, bz_id member, bool checks)
{
    bz_id next = member;
    for (int step = 0; next == member; step++) {
        assert_true(step < 1000);
        (void)must(h, (struct command){ .kind = COMMAND_ERASE_STEP, .member = member, .uses = checks ? 5 : 0 });
        while (engine_tend(h->en))
            continue;
        if (checks)
            check(h);
        assert_int_equal(db_begin(engine_db(h->en), NULL), BZ_OK);
        assert_int_equal(erase_next(engine_db(h->en), &next, NULL), BZ_OK);
        db_rollback(engine_db(h->en));
    }
    assert_int_equal(next, 0);
}

/* Ben says something wherever somebody can; each of his words begins with qx. */
static void say_all(struct hub *h)
{
    struct span en = SPAN("en");
    struct outcome made = must(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = h->ben, .room = h->room, .lang = en,
        .title = SPAN("qxtitle"), .thread_kind = THREAD_KIND_QUESTION, .text = SPAN("qxfirst https://qxlink.example/ for @ana") });
    h->talk = made.id;
    (void)must(h, (struct command){ .kind = COMMAND_THREAD_RENAME, .actor = h->ben, .thread = h->talk, .title = SPAN("qxanother") });
    h->plan = must(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = h->ben, .room = h->room, .title = SPAN("qxplan"), .lang = en,
        .thread_kind = THREAD_KIND_RESOURCE, .fields = SPAN("{\"city\":\"qxcity\",\"year\":2024}"), .text = SPAN("qxresource") }).id;
    (void)must(h, (struct command){ .kind = COMMAND_THREAD_FIELDS, .actor = h->ben, .thread = h->plan, .fields = SPAN("{\"source\":\"qxsource\"}") });
    bz_id post = must(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ben, .thread = h->talk, .text = SPAN("qxpost 日本語qx"), .lang = en }).id;
    (void)must(h, (struct command){ .kind = COMMAND_POST_EDIT, .actor = h->ben, .post = post, .text = SPAN("qxedited"), .lang = en });
    bz_id gone = must(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ben, .thread = h->talk, .text = SPAN("qxgone"), .lang = en }).id;
    (void)must(h, (struct command){ .kind = COMMAND_POST_REDACT, .actor = h->ben, .post = gone, .reason = SPAN("qxwhy") });
    bz_id other = must(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = h->ana, .room = h->room, .title = SPAN("Ours"), .lang = en,
        .thread_kind = THREAD_KIND_DISCUSSION, .text = SPAN("ours") }).id;
    bz_id hers = must(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ana, .thread = h->talk, .text = SPAN("hello @ben"), .lang = en }).id;
    (void)must(h, (struct command){ .kind = COMMAND_POST_REACT, .actor = h->ben, .post = hers, .emoji = SPAN("👍"), .on = true });
    (void)must(h, (struct command){ .kind = COMMAND_POST_REACT, .actor = h->ana, .post = post, .emoji = SPAN("👍"), .on = true });
    (void)must(h, (struct command){ .kind = COMMAND_REPORT_CREATE, .actor = h->admin, .post = hers, .rule = SPAN("spam") });
    (void)must(h, (struct command){ .kind = COMMAND_REPORT_CREATE, .actor = h->ben, .post = hers, .reason = SPAN("qxreport") });
    (void)must(h, (struct command){ .kind = COMMAND_REPORT_CREATE, .actor = h->ben, .thread = other, .reason = SPAN("qxmatter") });
    (void)must(h, (struct command){ .kind = COMMAND_POST_HIDE, .actor = h->admin, .post = post, .rule = SPAN("rude") });
    (void)must(h, (struct command){ .kind = COMMAND_APPEAL_CREATE, .actor = h->ben, .post = post, .reason = SPAN("qxappeal") });
    bz_id held = must(h, (struct command){ .kind = COMMAND_MEMBER_SANCTION, .actor = h->admin, .member = h->ben, .act = SANCTION_WARN,
                                           .reason = SPAN("qxsanction") }).id;
    (void)must(h, (struct command){ .kind = COMMAND_SANCTION_APPEAL, .actor = h->ben, .sanction = held, .reason = SPAN("qxunfair") });
    (void)must(h, (struct command){ .kind = COMMAND_MEMBER_PARDON, .actor = h->admin, .sanction = held, .reason = SPAN("qxpardon") });
    (void)must(h, (struct command){ .kind = COMMAND_MEMBER_ROLE, .actor = h->admin, .member = h->ben, .room = h->room, .role = ROLE_MODERATOR,
                                    .reason = SPAN("qxrole") });
    (void)must(h, (struct command){ .kind = COMMAND_MEMBER_ROLE, .actor = h->admin, .member = h->ben, .room = h->room, .role = ROLE_GUEST });
    (void)must(h, (struct command){ .kind = COMMAND_THREAD_MOVE, .actor = h->admin, .thread = h->talk, .to_room = h->closed });
    (void)must(h, (struct command){ .kind = COMMAND_ROOM_SET, .actor = h->admin, .room = h->room, .sets = SETS_HOLD, .set.hold = HOLD_ALL });
    assert_true(must(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = h->ben, .room = h->room, .title = SPAN("qxheld"), .lang = en,
        .thread_kind = THREAD_KIND_DISCUSSION, .text = SPAN("qxwaits") }).is_held);
    (void)must(h, (struct command){ .kind = COMMAND_DRAFT_SET, .actor = h->ben, .room = h->room, .title = SPAN("qxdraft"),
                                    .text = SPAN("qxdrafted"), .edited_ms = 5 });
    (void)must(h, (struct command){ .kind = COMMAND_SEARCH_SAVE, .actor = h->ben, .slug = SPAN("qxname"), .text = SPAN("qxsearch") });
}

static struct hub *hub_new(void)
{
    struct hub *h = calloc(1, sizeof *h);
    h->env = (struct env){ hub_now, hub_random, hub_fault, h };
    h->clock = 1760000000000;
    assert_true(folder_make(h->dir, "erase"));
    attach(h, true);
    (void)must(h, (struct command){ .kind = COMMAND_HUB_INIT, .handle = SPAN("gone"), .name = SPAN("Hub") });
    h->region = must(h, (struct command){ .kind = COMMAND_REGION_CREATE, .slug = SPAN("here"), .name = SPAN("Here") }).id;
    h->admin = must(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("boss"), .name = SPAN("Boss"), .role = ROLE_ADMIN }).id;
    h->ana = must(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("ana"), .name = SPAN("Ana"), .role = ROLE_MEMBER }).id;
    h->ben = must(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("ben"), .name = SPAN("qxben"), .city = SPAN("qxtown"),
                                       .org = SPAN("qxorg"), .role = ROLE_MEMBER }).id;
    h->room = must(h, (struct command){ .kind = COMMAND_ROOM_CREATE, .actor = h->admin, .region = h->region, .slug = SPAN("open"), .name = SPAN("Open") }).id;
    h->closed = must(h, (struct command){ .kind = COMMAND_ROOM_CREATE, .actor = h->admin, .region = h->region, .slug = SPAN("closed"),
                                          .name = SPAN("Closed"), .access = ACCESS_PRIVATE }).id;
    (void)must(h, (struct command){ .kind = COMMAND_ROOM_JOIN, .actor = h->ben, .room = h->room });
    return h;
}

static void hub_free(struct hub *h)
{
    char line[FOLDER_BYTES + 16];
    engine_close(h->en);
    (void)snprintf(line, sizeof line, "rm -rf '%s'", h->dir);
    assert_int_equal(system(line), 0);
    free(h);
}

static void who_leaves_is_found_nowhere(void **state)
{
    struct hub *h = hub_new();
    say_all(h);
    check(h);
    assert_true(folder_has(h, "qxfirst") && folder_has(h, "qxben"));
    (void)must(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .actor = h->ben, .cid = SPAN("bye"), .handle = SPAN("ben") });
    check(h);
    step_to_end(h, h->ben, true);
    assert_false(folder_has(h, "qx"));
    assert_true(folder_has(h, "hello @ben"));   /* other people's words */
    engine_close(h->en);
    attach(h, false);
    assert_false(folder_has(h, "qx"));
    int64_t entries;
    assert_int_equal(store_rebuild(engine_db(h->en), &entries, NULL), BZ_OK);
    check(h);
    assert_false(folder_has(h, "qx"));
    assert_int_equal(commit(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ben, .thread = h->talk, .text = SPAN("x") }).error.code,
                     BZ_ERR_UNAUTHENTICATED);
    assert_int_equal(commit(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .member = h->ben }).error.code, BZ_ERR_NOT_FOUND);
    hub_free(h);
}

static void count_row(void *ctx, const struct export_cell *cells, size_t count) { ++*(int64_t *)ctx; }

static void everything_about_somebody_is_told(void **state)
{
    /* By hand: whose a row is, and which of them are. */
    static const struct { const char *table, *is_theirs; } owners[] = {
        { "member", "id = ?1" }, { "membership", "member = ?1" }, { "thread", "by = ?1" }, { "post", "by = ?1" },
        { "post_version", "post IN (SELECT id FROM post WHERE by = ?1)" }, { "reaction", "member = ?1" }, { "mention", "member = ?1" },
        { "report", "by = ?1" }, { "matter", "id IN (SELECT matter FROM report WHERE by = ?1)" }, { "sanction", "member = ?1" },
        { "hidden", "post IN (SELECT id FROM post WHERE by = ?1)" }, { "read_pos", "member = ?1" }, { "draft", "member = ?1" },
        { "saved", "member = ?1" }, { "given_role", "member = ?1" }, { "held", "id IN (SELECT id FROM matter WHERE member = ?1 AND ask IN (1, 2))" },
    };
    struct hub *h = hub_new();
    say_all(h);
    struct db *db = engine_db(h->en);
    assert_int_equal(db_begin(db, NULL), BZ_OK);
    int64_t all = 0;
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        char sql[256];
        sqlite3_stmt *s;
        int64_t told = 0;
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s", owners[i].table, owners[i].is_theirs);
        assert_int_equal(sqlite3_prepare_v2(db->sq, sql, -1, &s, NULL), SQLITE_OK);
        (void)sqlite3_bind_int64(s, 1, h->ben);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        for (size_t k = 0; k < export_tables; k++)
            if (strcmp(export_table_name(k), owners[i].table) == 0)
                assert_int_equal(export_table(db, k, h->ben, count_row, &told, NULL), BZ_OK);
        if (told != sqlite3_column_int64(s, 0))
            fail_msg("%s: %lld rows are told", owners[i].table, (long long)told);
        all += told;
        (void)sqlite3_finalize(s);
    }
    assert_true(all > 20);
    db_rollback(db);
    hub_free(h);
}

static void who_leaves_their_posts_is_known_no_more(void **state)
{
    struct hub *h = hub_new();
    say_all(h);
    (void)must(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .actor = h->ben, .cid = SPAN("bye"), .handle = SPAN("ben"), .on = true });
    step_to_end(h, h->ben, false);
    check(h);
    static const char *const stay[] = { "qxfirst", "qxanother", "qxedited", "qxplan", "qxsource" };
    static const char *const go[] = { "qxben", "qxtown", "qxorg", "qxreport", "qxmatter", "qxappeal", "qxsanction", "qxunfair", "qxpardon",
                                      "qxrole", "qxheld", "qxwaits", "qxdraft", "qxsearch", "qxwhy" };
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        assert_true(folder_has(h, stay[i]));
    for (size_t i = 0; i < sizeof go / sizeof *go; i++)
        if (folder_has(h, go[i]))
            fail_msg("%s is still there", go[i]);
    hub_free(h);
}

static void a_restart_goes_on(void **state)
{
    struct hub *h = hub_new();
    say_all(h);
    (void)must(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .actor = h->admin, .member = h->ben, .cid = SPAN("bye"), .handle = SPAN("ben") });
    for (int i = 0; i < 5; i++) {
        (void)must(h, (struct command){ .kind = COMMAND_ERASE_STEP, .member = h->ben, .uses = 2 });
        engine_close(h->en);
        attach(h, false);
    }
    step_to_end(h, h->ben, false);
    check(h);
    assert_false(folder_has(h, "qx"));
    hub_free(h);
}

/* As after a thousand merges of a large index: empty levels, which FTS5 counts. */
static void add_levels(const struct hub *h, const char *table, int want)
{
    char path[FOLDER_BYTES + 16], sql[160];
    sqlite3 *sq;
    sqlite3_stmt *s;
    unsigned char block[8192] = { 0 };
    (void)snprintf(path, sizeof path, "%s/baraza.db", h->dir);
    assert_int_equal(sqlite3_open(path, &sq), SQLITE_OK);
    (void)snprintf(sql, sizeof sql, "SELECT block FROM %s_data WHERE id = 10", table);
    assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    const unsigned char *old = sqlite3_column_blob(s, 0);
    int len = sqlite3_column_bytes(s, 0), levels = old[4];
    assert_true(levels > 0 && levels < 128 && len < 1000);
    memcpy(block, old, 4);
    block[4] = (unsigned char)(0x80 | want >> 7);
    block[5] = (unsigned char)(want & 0x7f);
    memcpy(block + 6, old + 5, (size_t)len - 5);   /* the levels that are added are two zeros each */
    (void)sqlite3_finalize(s);
    (void)snprintf(sql, sizeof sql, "UPDATE %s_data SET block = ?1 WHERE id = 10", table);
    assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &s, NULL), SQLITE_OK);
    (void)sqlite3_bind_blob(s, 1, block, len + 1 + 2 * (want - levels), SQLITE_TRANSIENT);
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    (void)sqlite3_finalize(s);
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
}

static int64_t structure_bytes(struct hub *h, const char *table)
{
    char sql[160];
    sqlite3_stmt *s;
    (void)snprintf(sql, sizeof sql, "SELECT length(block) FROM %s_data WHERE id = 10", table);
    assert_int_equal(sqlite3_prepare_v2(engine_db(h->en)->sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t length = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    return length;
}

static void an_index_of_many_levels_is_made_anew(void **state)
{
    static const char *const tables[] = { "post_fts", "title_fts", "member_fts", "post_tri" };
    struct hub *h = hub_new();
    say_all(h);
    engine_close(h->en);
    for (size_t i = 0; i < 4; i++)
        add_levels(h, tables[i], 1500);
    attach(h, false);
    assert_true(structure_bytes(h, "post_fts") > 2000);
    (void)must(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .member = h->ben });
    step_to_end(h, h->ben, false);
    for (size_t i = 0; i < 4; i++)
        assert_true(structure_bytes(h, tables[i]) < 1000);
    check(h);
    assert_false(folder_has(h, "qx"));
    hub_free(h);
}

static void it_is_confirmed_and_the_last_admin_stays(void **state)
{
    struct hub *h = hub_new();
    struct outcome out = commit(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .actor = h->ben, .cid = SPAN("no"), .handle = SPAN("ana") });
    assert_int_equal(out.error.code, BZ_ERR_INVALID);
    out = commit(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .actor = h->ben, .member = h->ana, .cid = SPAN("no"), .handle = SPAN("ana") });
    assert_int_equal(out.error.code, BZ_ERR_FORBIDDEN);
    (void)must(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .member = h->admin });   /* hub.init made another */
    hub_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_leaves_is_found_nowhere), cmocka_unit_test(who_leaves_their_posts_is_known_no_more),
        cmocka_unit_test(a_restart_goes_on), cmocka_unit_test(an_index_of_many_levels_is_made_anew), cmocka_unit_test(everything_about_somebody_is_told), cmocka_unit_test(it_is_confirmed_and_the_last_admin_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
