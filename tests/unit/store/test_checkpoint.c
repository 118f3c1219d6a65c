/* Whoever has the file, and any tool, but not the key: each change of an entry is found, and the first one named. */
#include "world.h"

#include <sodium.h>
#include <sys/stat.h>

#include "store/checkpoint.h"

#define TAMPERINGS (getenv("BARAZA_LONG") != NULL ? 1000 : 200)   /* some 60 ms each with the sanitizers */
#define ENTRIES_WANTED 60

static struct world *w;
static struct hub_key key;
static char copy_dir[64];
static uint64_t seed;

static uint64_t rnd(void)   /* xorshift64: the seed is printed, and replays */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void tend(struct checkpoint_state *state, int64_t now_ms)
{
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(checkpoint_tend(w->db, &key, now_ms, state, &e), &e);
    must(db_commit(w->db, &e), &e);
}

static int64_t number_of(sqlite3 *sq, const char *sql)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

struct lines { int count; char first[300]; };
static void keep_line(void *ctx, const char *line)
{
    struct lines *l = ctx;
    if (l->count++ == 0)
        (void)snprintf(l->first, sizeof l->first, "%s", line);
}

static void verify(const char *dir, const unsigned char *with, struct lines *ret)
{
    struct db_config config = { dir, &w->env, NULL };
    struct verify_result result = { 0 };
    struct bz_error e = { 0 };
    *ret = (struct lines){ 0 };
    must(store_verify(&config, with, keep_line, ret, &result, &e), &e);
    assert_int_equal(ret->count, result.findings);
}

/* A small hub with four checkpoints: three rooms, edits, a redaction, reactions. */
static int setup(void **state)
{
    struct checkpoint_state sealed = { 0 };
    struct bz_error e = { 0 };
    w = world_hub();
    must(hub_key_load(w->dir, &w->env, &key, &e), &e);
    bz_id rooms[] = { w->general, add_room(w, "one", ACCESS_OPEN), add_room(w, "two", ACCESS_PRIVATE) };
    int64_t head = 0;
    for (int i = 0; head < ENTRIES_WANTED; i++) {
        bz_id thread = add_thread(w, w->admin, rooms[i % 3], "A title", "words");
        bz_id post = add_post(w, w->admin, thread, "more words");
        edit(w, w->admin, post, "other words");
        react(w, w->admin, post, true);
        if (i == 4)
            redact(w, w->admin, post);
        int64_t at_ms;
        must(w->journal->ops->head(w->journal, 0, &head, &at_ms, &e), &e);
        if (i % 4 == 0)
            tend(&sealed, w->clock_ms + (int64_t)(i + 1) * CHECKPOINT_MS);
    }
    tend(&sealed, w->clock_ms + 1000 * (int64_t)CHECKPOINT_MS);
    strcpy(copy_dir, "/tmp/baraza-store-XXXXXX");
    assert_non_null(mkdtemp(copy_dir));
    return 0;
}

static int teardown(void **state)
{
    char line[200];
    snprintf(line, sizeof line, "rm -rf '%s'", copy_dir);
    assert_int_equal(system(line), 0);
    world_free(w);
    return 0;
}

static void when_one_is_due(void **state)
{
    struct checkpoint_state sealed = { 0 };
    const char *count = "SELECT count(*) FROM checkpoint";
    int64_t before = number_of(w->db->sq, count), now = w->clock_ms + 2000 * (int64_t)CHECKPOINT_MS;
    tend(&sealed, now);
    assert_int_equal(number_of(w->db->sq, count), before);       /* nothing was written since */
    (void)add_post(w, w->admin, w->lobby, "one more");
    tend(&sealed, sealed.at_ms + CHECKPOINT_MS - 1);
    assert_int_equal(number_of(w->db->sq, count), before);       /* not yet */
    tend(&sealed, sealed.at_ms + CHECKPOINT_MS);
    assert_int_equal(number_of(w->db->sq, count), before + 1);
    for (int i = 0; i < CHECKPOINT_ENTRIES - 1; i++)
        (void)add_post(w, w->admin, w->lobby, "many");
    tend(&sealed, sealed.at_ms);
    assert_int_equal(number_of(w->db->sq, count), before + 1);
    (void)add_post(w, w->admin, w->lobby, "the thousandth");
    tend(&sealed, sealed.at_ms);
    assert_int_equal(number_of(w->db->sq, count), before + 2);
    struct lines lines;
    verify(w->dir, NULL, &lines);
    assert_int_equal(lines.count, 0);
    for (const char *const *sql = (const char *const[]){ "DELETE FROM checkpoint", "UPDATE checkpoint SET at_ms = 1", NULL }; *sql != NULL; sql++)
        assert_int_not_equal(sqlite3_exec(w->db->sq, *sql, NULL, NULL, NULL), SQLITE_OK);
}

/* ---- Tampering with a copy of the file. */
static sqlite3 *fresh_copy(void)
{
    char from[100], to[100];
    sqlite3 *src, *sq;
    snprintf(from, sizeof from, "%s/baraza.db", w->dir);
    snprintf(to, sizeof to, "%s/baraza.db", copy_dir);
    (void)unlink(to);
    struct bz_error e = { 0 };
    must(db_open_raw(from, &src, &e), &e);
    assert_int_equal(sqlite3_open(to, &sq), SQLITE_OK);
    must(copy_pages(sq, src, &e), &e);
    sqlite3_close(src);
    assert_int_equal(sqlite3_exec(sq, "PRAGMA journal_mode = DELETE; PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;"
                                      "DROP TRIGGER journal_kept; DROP TRIGGER journal_fixed; DROP TRIGGER checkpoint_kept;"
                                      "DROP TRIGGER checkpoint_fixed", NULL, NULL, NULL), SQLITE_OK);
    return sq;
}

static bool run(sqlite3 *sq, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    int before = sqlite3_total_changes(sq), rc = sqlite3_exec(sq, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc == SQLITE_OK && sqlite3_total_changes(sq) > before;
}

static const char *const columns[] = { "at_ms", "actor", "kind", "room", "thread", "subject", "cid", "body", "body_hash", "hash", "hub" };

/* One bit of one column; false: there was nothing to flip. */
static bool flip(sqlite3 *sq, int64_t id)
{
    const char *column = columns[rnd() % (sizeof columns / sizeof *columns)];
    unsigned char bytes[4096];
    char sql[120];
    sqlite3_stmt *s = NULL;
    snprintf(sql, sizeof sql, "SELECT %s FROM journal WHERE id = %lld", column, (long long)id);
    assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(s, 0);
    int type = sqlite3_column_type(s, 0), len = type == SQLITE_INTEGER ? 0 : sqlite3_column_bytes(s, 0);
    assert_true(len < (int)sizeof bytes);
    if (len > 0)
        memcpy(bytes, sqlite3_column_blob(s, 0), (size_t)len);
    sqlite3_finalize(s);
    if (type != SQLITE_INTEGER && len == 0)
        return false;
    snprintf(sql, sizeof sql, "UPDATE journal SET %s = ?1 WHERE id = %lld", column, (long long)id);
    assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &s, NULL), SQLITE_OK);
    if (type == SQLITE_INTEGER)
        sqlite3_bind_int64(s, 1, number ^ ((int64_t)1 << rnd() % 20));
    else
        bytes[rnd() % (unsigned)len] ^= (unsigned char)(1u << rnd() % 7);
    if (type == SQLITE_TEXT)
        sqlite3_bind_text(s, 1, (const char *)bytes, len, SQLITE_TRANSIENT);
    else if (type == SQLITE_BLOB)
        sqlite3_bind_blob(s, 1, bytes, len, SQLITE_TRANSIENT);
    int rc = sqlite3_step(s);
    sqlite3_finalize(s);
    return rc == SQLITE_DONE;
}

static bool exchange(sqlite3 *sq, int64_t a, int64_t b)
{
    return run(sq, "CREATE TEMP TABLE two AS SELECT * FROM journal WHERE id IN (%lld, %lld)", a, b) + 1 > 0
           && run(sq, "UPDATE journal SET cid = NULL WHERE id IN (%lld, %lld)", a, b) + 1 > 0
           && run(sq, "UPDATE journal SET (at_ms, actor, kind, room, thread, subject, cid, body, body_hash, hash) = (SELECT at_ms,"
                      " actor, kind, room, thread, subject, cid, body, body_hash, hash FROM two WHERE two.id = %lld + %lld - journal.id)"
                      " WHERE id IN (%lld, %lld)", a, b, a, b);
}

/* What somebody does who knows how it works: other words, and every hash behind them made anew. */
static bool forge(sqlite3 *sq, int64_t id)
{
    struct hubs hubs = *db_hubs(w->db);
    struct buf scratch;
    unsigned char hash[HASH_BYTES] = { 0 }, body_hash[HASH_BYTES];
    int64_t room = -1;
    sqlite3_stmt *s = NULL, *put = NULL;
    if (!run(sq, "UPDATE journal SET body = json_set(body, '$.reason', 'forged') WHERE id = %lld AND body IS NOT NULL", id))
        return false;
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT room FROM journal WHERE id = %lld", (long long)id);
    room = number_of(sq, sql);
    buf_init(&scratch, 4096);
    snprintf(sql, sizeof sql, "SELECT " ENTRY_COLUMNS ", body_hash FROM journal WHERE room = %lld ORDER BY id", (long long)room);
    assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sq, "UPDATE journal SET body_hash = ?1, hash = ?2 WHERE id = ?3", -1, &put, NULL), SQLITE_OK);
    int64_t last = 0;
    while (sqlite3_step(s) == SQLITE_ROW) {
        struct entry entry;
        entry_of_row(s, &entry);
        last = sqlite3_column_int64(s, 0);
        memcpy(body_hash, sqlite3_column_blob(s, 9), HASH_BYTES);
        if (entry.body.at != NULL)
            (void)crypto_generichash(body_hash, HASH_BYTES, (const unsigned char *)entry.body.at, entry.body.len, NULL, 0);
        assert_true(chain_hash(&scratch, &hubs, &entry, body_hash, hash));
        sqlite3_bind_blob(put, 1, body_hash, HASH_BYTES, SQLITE_TRANSIENT);
        sqlite3_bind_blob(put, 2, hash, HASH_BYTES, SQLITE_TRANSIENT);
        sqlite3_bind_int64(put, 3, last);
        assert_int_equal(sqlite3_step(put), SQLITE_DONE);
        sqlite3_reset(put);
    }
    sqlite3_finalize(s);
    sqlite3_finalize(put);
    buf_done(&scratch);
    assert_int_equal(sqlite3_prepare_v2(sq, "UPDATE chain SET hash = ?1 WHERE room = ?2", -1, &put, NULL), SQLITE_OK);
    sqlite3_bind_blob(put, 1, hash, HASH_BYTES, SQLITE_TRANSIENT);
    sqlite3_bind_int64(put, 2, room);
    assert_int_equal(sqlite3_step(put), SQLITE_DONE);
    sqlite3_finalize(put);
    return true;
}

/* Names the first finding entry `a` (or, where it is gone, the next one)? */
static bool names(const char *line, int64_t a, int64_t or_b)
{
    char x[40], y[40], z[40];
    snprintf(x, sizeof x, "entry africa-%lld:", (long long)a);
    snprintf(y, sizeof y, "entry africa-%lld:", (long long)or_b);
    snprintf(z, sizeof z, "entries %lld to", (long long)a);
    return strstr(line, x) != NULL || strstr(line, y) != NULL || strstr(line, z) != NULL;
}

static void every_tampering_is_found(void **state)
{
    struct lines lines;
    struct bz_error e = { 0 };
    int64_t head, at_ms;
    const char *given = getenv("CHECKPOINT_SEED");
    seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)randombytes_random() + 1;
    print_message("seed %llu (CHECKPOINT_SEED replays)\n", (unsigned long long)seed);
    must(w->journal->ops->head(w->journal, 0, &head, &at_ms, &e), &e);
    verify(w->dir, NULL, &lines);
    assert_int_equal(lines.count, 0);
    for (int i = 0, wanted = TAMPERINGS; i < wanted;) {
        sqlite3 *sq = fresh_copy();
        int64_t a = 1 + (int64_t)(rnd() % (uint64_t)head), b = 1 + (int64_t)(rnd() % (uint64_t)head);
        int how = (int)(rnd() % 4);
        bool is_done = how == 0 ? flip(sq, a) : how == 1 ? run(sq, "DELETE FROM journal WHERE id = %lld", a)
                       : how == 2 ? a != b && exchange(sq, a, b) : forge(sq, a);
        sqlite3_close(sq);
        if (!is_done)
            continue;
        int64_t first = how == 2 && b < a ? b : a;
        verify(copy_dir, key.public_key, &lines);
        if (lines.count == 0 || !names(lines.first, first, how == 1 ? a + 1 : first))
            fail_msg("tampering %d (kind %d, entries %lld and %lld): %d findings, the first: %s", i, how, (long long)a,
                     (long long)b, lines.count, lines.first);
        i++;
    }
}

static void a_seal_cannot_be_made_by_others(void **state)
{
    static const struct { const char *sql, *says; } cases[] = {
        { "UPDATE checkpoint SET signature = zeroblob(64) WHERE seq = (SELECT min(seq) FROM checkpoint)", "signature" },
        { "UPDATE checkpoint SET at_ms = at_ms + 1 WHERE seq = (SELECT max(seq) FROM checkpoint)", "signature" },
        { "DELETE FROM checkpoint WHERE seq = (SELECT min(seq) FROM checkpoint)", "missing" },
        { "UPDATE checkpoint SET marks = zeroblob(length(marks)) WHERE seq = (SELECT max(seq) FROM checkpoint)", "signature" },
        { "DELETE FROM journal WHERE id > (SELECT max(id) - 2 FROM journal)", "are missing" },
        { "UPDATE journal SET body = NULL WHERE id = (SELECT min(id) FROM journal WHERE kind = 9 OR kind = 8)", "its body is missing" },
    };
    struct lines lines;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sqlite3 *sq = fresh_copy();
        assert_true(run(sq, "%s", cases[i].sql));
        sqlite3_close(sq);
        verify(copy_dir, key.public_key, &lines);
        if (lines.count == 0 || strstr(lines.first, cases[i].says) == NULL)
            fail_msg("case %zu says: %s", i, lines.first);
    }
    struct hub_key other;
    unsigned char other_seed[KEY_BYTES] = { 1 };
    (void)crypto_sign_seed_keypair(other.public_key, other.secret, other_seed);
    verify(w->dir, other.public_key, &lines);   /* all of it made anew by somebody else */
    assert_non_null(strstr(lines.first, "another key"));
    struct checkpoint_state sealed = { 0 };     /* restored without its key: a note, and the record holds */
    key = other;
    (void)add_post(w, w->admin, w->lobby, "after the restoration");
    tend(&sealed, w->clock_ms + 3000 * (int64_t)CHECKPOINT_MS);
    struct db_config config = { w->dir, &w->env, NULL };
    struct verify_result result = { 0 };
    struct bz_error e = { 0 };
    lines = (struct lines){ 0 };
    must(store_verify(&config, NULL, keep_line, &lines, &result, &e), &e);
    assert_int_equal(result.findings, 0);
    assert_non_null(strstr(lines.first, "note: signed with another key"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_tampering_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_seal_cannot_be_made_by_others, setup, teardown),
        cmocka_unit_test_setup_teardown(when_one_is_due, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
