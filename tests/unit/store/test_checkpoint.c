/* Whoever has the file, and any tool, but not the key: each change of an entry is found, and the first one named. */
#include "world.h"

#include <sodium.h>
#include <sys/stat.h>

#include "store/checkpoint.h"

#define TAMPERINGS (getenv("BARAZA_LONG") != NULL ? 1000 : 200)   /* some 60 ms each with the sanitizers */
#define ENTRIES_WANTED 60

static struct world *w;
static struct hub_key key;
static char copy_dir[FOLDER_BYTES];
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

/* first: what is not about the file as a database, where there is such a line. */
struct lines { int count; char first[300]; };
static void keep_line(void *ctx, const char *line)
{
    struct lines *l = ctx;
    if (l->count++ == 0 || strncmp(l->first, "database: ", 10) == 0)
        (void)snprintf(l->first, sizeof l->first, "%s", line);
}

static struct verify_result verify_expecting(const char *dir, const unsigned char *with, const struct checkpoint_name *expected,
                                             struct lines *ret)
{
    struct verify_request request = { .db = { dir, &w->env, NULL }, .key = with, .expected = expected, .say = keep_line,
                                      .ctx = ret };
    struct verify_result result = { 0 };
    struct bz_error e = { 0 };
    char file[100];
    snprintf(file, sizeof file, "%s/baraza.db", dir);
    if (dir == copy_dir && rnd() % 2 == 0)   /* a copy by itself, as `baraza backup` makes it */
        request.file = file;
    *ret = (struct lines){ 0 };
    must(store_verify(&request, &result, &e), &e);
    assert_int_equal(ret->count, result.findings);
    return result;
}

static void verify(const char *dir, const unsigned char *with, struct lines *ret)
{
    (void)verify_expecting(dir, with, NULL, ret);
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
            tend(&sealed, w->clock_ms += CHECKPOINT_MS);
    }
    tend(&sealed, w->clock_ms += CHECKPOINT_MS);
    assert_true(folder_make(copy_dir, "store"));
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
    assert_int_equal(sqlite3_exec(sq, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;"
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

static const char *const columns[] = { "id", "hub", "at_ms", "actor", "kind", "room", "thread", "subject", "cid", "body",
                                       "body_hash", "hash" };
#define COLUMNS (sizeof columns / sizeof *columns)
#define NUMBERS 8   /* the first so many */

/* One bit of one column; false: there was nothing to flip. */
static bool flip(sqlite3 *sq, int64_t id, const char *column, unsigned bit)
{
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
        sqlite3_bind_int64(s, 1, (int64_t)((uint64_t)number ^ (uint64_t)1 << bit % 64));
    else
        bytes[bit / 8 % (unsigned)len] ^= (unsigned char)(1u << bit % 8);
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

/* What somebody does who knows how it works: every hash and every head of a chain made anew. */
static void rehash(sqlite3 *sq)
{
    struct hubs hubs = *db_hubs(w->db);
    struct buf scratch;
    unsigned char hash[HASH_BYTES] = { 0 }, body_hash[HASH_BYTES];
    int64_t room = -1;
    sqlite3_stmt *s = NULL, *put = NULL, *head = NULL;
    buf_init(&scratch, 4096);
    assert_true(run(sq, "DELETE FROM chain"));
    assert_int_equal(sqlite3_prepare_v2(sq, "SELECT " ENTRY_COLUMNS ", body_hash FROM journal ORDER BY room, id", -1, &s, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sq, "UPDATE journal SET body_hash = ?1, hash = ?2 WHERE id = ?3", -1, &put, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sq, "INSERT OR REPLACE INTO chain(hub, room, head, hash) VALUES(0, ?1, ?2, ?3)", -1, &head,
                                        NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        struct entry entry;
        entry_of_row(s, &entry);
        if (entry.room != room)
            memset(hash, 0, sizeof hash);
        room = entry.room;
        memcpy(body_hash, sqlite3_column_blob(s, 9), HASH_BYTES);
        if (entry.body.at != NULL)
            (void)crypto_generichash(body_hash, HASH_BYTES, (const unsigned char *)entry.body.at, entry.body.len, NULL, 0);
        assert_true(chain_hash(&scratch, &hubs, &entry, body_hash, hash));
        sqlite3_bind_blob(put, 1, body_hash, HASH_BYTES, SQLITE_TRANSIENT);
        sqlite3_bind_blob(put, 2, hash, HASH_BYTES, SQLITE_TRANSIENT);
        sqlite3_bind_int64(put, 3, sqlite3_column_int64(s, 0));
        sqlite3_bind_int64(head, 1, room);
        sqlite3_bind_int64(head, 2, sqlite3_column_int64(s, 0));
        sqlite3_bind_blob(head, 3, hash, HASH_BYTES, SQLITE_TRANSIENT);
        assert_int_equal(sqlite3_step(put), SQLITE_DONE);
        assert_int_equal(sqlite3_step(head), SQLITE_DONE);
        sqlite3_reset(put);
        sqlite3_reset(head);
    }
    sqlite3_finalize(s);
    sqlite3_finalize(put);
    sqlite3_finalize(head);
    buf_done(&scratch);
}

/* A checkpoint signed anew, in the name of `as`, for the hub `code`. */
static void resign(sqlite3 *sq, int64_t seq, const struct hub_key *with, const unsigned char *as, const char *code)
{
    struct hubs hubs = { .count = 1 };
    struct buf text;
    unsigned char signature[crypto_sign_BYTES];
    char sql[200];
    sqlite3_stmt *s = NULL;
    snprintf(hubs.code[0], sizeof hubs.code[0], "%s", code);
    snprintf(sql, sizeof sql, "SELECT seq, at_ms, previous, heads, marks FROM checkpoint WHERE seq = %lld", (long long)seq);
    assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    struct checkpoint_row row = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), column_span(s, 2), column_span(s, 3),
                                  column_span(s, 4), { (const char *)as, KEY_BYTES }, { 0 } };
    buf_init(&text, 4096);
    checkpoint_text(&text, &hubs, &row);
    (void)crypto_sign_detached(signature, NULL, (const unsigned char *)text.at, text.len, with->secret);
    buf_done(&text);
    sqlite3_finalize(s);
    assert_int_equal(sqlite3_prepare_v2(sq, "UPDATE checkpoint SET key = ?1, signature = ?2 WHERE seq = ?3", -1, &s, NULL), SQLITE_OK);
    sqlite3_bind_blob(s, 1, as, KEY_BYTES, SQLITE_TRANSIENT);
    sqlite3_bind_blob(s, 2, signature, sizeof signature, SQLITE_TRANSIENT);
    sqlite3_bind_int64(s, 3, seq);
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
}

static int64_t any_checkpoint(sqlite3 *sq)
{
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT seq FROM checkpoint ORDER BY seq LIMIT 1 OFFSET %lld",
             (long long)(rnd() % (uint64_t)number_of(sq, "SELECT count(*) FROM checkpoint")));
    return number_of(sq, sql);
}

/* Another key, another hub's signature by the same key, one row's seal on another's entries, or everything signed by another. */
static bool put_false_checkpoint(sqlite3 *sq)
{
    struct hub_key other;
    unsigned char other_seed[KEY_BYTES] = { 1 };
    (void)crypto_sign_seed_keypair(other.public_key, other.secret, other_seed);
    int64_t seq = any_checkpoint(sq), from = any_checkpoint(sq);
    switch (rnd() % 5) {
    case 0: resign(sq, seq, &other, other.public_key, "africa"); return true;
    case 1: resign(sq, seq, &other, key.public_key, "africa"); return true;
    case 2: resign(sq, seq, &key, key.public_key, "europe"); return true;
    case 3:
        return seq != from && run(sq, "UPDATE checkpoint SET (previous, heads, marks, signature) = (SELECT previous, heads, marks,"
                                      " signature FROM checkpoint WHERE seq = %lld) WHERE seq = %lld", from, seq);
    default:
        for (int64_t at = 0; (at = number_of(sq, "SELECT coalesce(min(seq), 0) FROM checkpoint WHERE key = "
                                                 "(SELECT key FROM checkpoint ORDER BY seq DESC LIMIT 1)")) != 0;) {
            int64_t last = number_of(sq, "SELECT max(seq) FROM checkpoint");
            resign(sq, at, &other, other.public_key, "africa");
            if (at == last)
                break;
        }
        return true;
    }
}

/* Names the first finding entry `a` (or, where it is gone, the next one)? */
static bool names(const char *line, int64_t a, int64_t or_b)
{
    char x[40], y[40], z[40], u[40];
    snprintf(x, sizeof x, "entry africa-%lld:", (long long)a);
    snprintf(y, sizeof y, "entry africa-%lld:", (long long)or_b);
    snprintf(z, sizeof z, "entries %lld to", (long long)a);
    snprintf(u, sizeof u, "(entry %lld of some hub)", (long long)a);   /* the last one, given to another hub: nothing is missing before it */
    return strstr(line, x) != NULL || strstr(line, y) != NULL || strstr(line, z) != NULL || strstr(line, u) != NULL;
}

enum how { FLIP, REMOVE, EXCHANGE, FORGE, REMOVE_AND_HASH, CLOSE_UP, EXCHANGE_AND_HASH, TAKE_CHECKPOINTS, FALSE_CHECKPOINT, CUT, HOWS };
static const char *const how_names[] = { "bits flipped", "removed", "exchanged", "forged with hashes made anew",
    "removed, hashes made anew", "removed and renumbered, hashes made anew", "exchanged, hashes made anew",
    "checkpoints taken away", "false checkpoints", "tails cut off with their checkpoints" };

static bool tamper(sqlite3 *sq, enum how how, int64_t a, int64_t b)
{
    bool is_done = true;
    switch (how) {
    case FLIP: return flip(sq, a, columns[rnd() % COLUMNS], (unsigned)(rnd() % 4096));
    case REMOVE:
    case REMOVE_AND_HASH: is_done = run(sq, "DELETE FROM journal WHERE id = %lld", a); break;
    case EXCHANGE:
    case EXCHANGE_AND_HASH: is_done = a != b && exchange(sq, a, b); break;
    case FORGE:
        is_done = run(sq, "UPDATE journal SET body = json_set(body, '$.reason', 'forged') WHERE id = %lld AND body IS NOT NULL", a);
        break;
    case CLOSE_UP:
        is_done = run(sq, "DELETE FROM journal WHERE id = %lld", a);
        (void)run(sq, "UPDATE journal SET id = id - 1 WHERE id > %lld", a);
        break;
    case TAKE_CHECKPOINTS: return run(sq, "DELETE FROM checkpoint WHERE seq >= %lld", any_checkpoint(sq));
    case FALSE_CHECKPOINT: return put_false_checkpoint(sq);
    case CUT:
        is_done = run(sq, "DELETE FROM journal WHERE id > %lld", a) && run(sq, "DELETE FROM checkpoint WHERE seq > %lld", a);
        break;
    case HOWS: return false;
    }
    if (is_done && how != REMOVE && how != EXCHANGE)
        rehash(sq);
    return is_done;
}

static bool is_named(enum how how, const char *line, int64_t first)
{
    if (how == TAKE_CHECKPOINTS || how == FALSE_CHECKPOINT || how == CUT)
        return strstr(line, "checkpoint") != NULL;
    return names(line, first, first);
}

static void begin(int64_t *ret_head)
{
    struct bz_error e = { 0 };
    int64_t at_ms;
    const char *given = getenv("CHECKPOINT_SEED");
    seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)randombytes_random() + 1;
    print_message("seed %llu (CHECKPOINT_SEED replays)\n", (unsigned long long)seed);
    must(w->journal->ops->head(w->journal, 0, ret_head, &at_ms, &e), &e);
}

static void every_tampering_is_found(void **state)
{
    struct lines lines;
    int64_t head;
    int tried[HOWS] = { 0 };
    begin(&head);
    struct checkpoint_name noted = verify_expecting(w->dir, NULL, NULL, &lines).last;
    assert_int_equal(lines.count, 0);
    for (int i = 0, wanted = TAMPERINGS; i < wanted;) {
        sqlite3 *sq = fresh_copy();
        int64_t a = 1 + (int64_t)(rnd() % (uint64_t)head), b = 1 + (int64_t)(rnd() % (uint64_t)head);
        enum how how = (enum how)(rnd() % HOWS);
        bool is_done = tamper(sq, how, a, b);
        sqlite3_close(sq);
        if (!is_done)
            continue;
        int64_t first = (how == EXCHANGE || how == EXCHANGE_AND_HASH) && b < a ? b : a;
        bool is_noted = how == TAKE_CHECKPOINTS || how == CUT;   /* what only a note from elsewhere can show */
        (void)verify_expecting(copy_dir, key.public_key, is_noted ? &noted : NULL, &lines);
        if (lines.count == 0 || !is_named(how, lines.first, first))
            fail_msg("tampering %d (%s, entries %lld and %lld): %d findings, the first: %s", i, how_names[how], (long long)a,
                     (long long)b, lines.count, lines.first);
        tried[how]++;
        i++;
    }
    print_message("%d of %d found and named:\n", TAMPERINGS, TAMPERINGS);
    for (int how = 0; how < HOWS; how++)
        print_message("  %4d %s\n", tried[how], how_names[how]);
}

/* Bits that the program's own numbers have no room for count too. */
static void every_bit_of_every_number_counts(void **state)
{
    struct lines lines;
    int64_t head;
    int flipped = 0;
    begin(&head);
    unsigned step = getenv("BARAZA_LONG") != NULL ? 1 : 7;
    for (size_t column = 0; column < NUMBERS; column++)
        for (unsigned bit = (unsigned)(rnd() % step); bit < 64; bit += step) {
            bool is_hub = strcmp(columns[column], "id") == 0 && bit >= 40 && bit < 46;   /* nothing behind the last would miss it */
            int64_t a = is_hub ? head : 1 + (int64_t)(rnd() % (uint64_t)head);
            sqlite3 *sq = fresh_copy();
            bool is_done = flip(sq, a, columns[column], bit);
            sqlite3_close(sq);
            if (!is_done)
                continue;   /* there is an entry of that number */
            verify(copy_dir, key.public_key, &lines);
            if (lines.count == 0 || !names(lines.first, a, a))
                fail_msg("bit %u of %s of entry %lld: %d findings, the first: %s", bit, columns[column], (long long)a, lines.count,
                         lines.first);
            flipped++;
        }
    print_message("%d bits found and named\n", flipped);
}

/* A hub signs its first entries, each thousand and each hour: where that is missing, checkpoints were taken away. */
static void missing_checkpoints_are_found(void **state)
{
    struct lines lines;
    struct checkpoint_state sealed = { 0 };
    struct verify_result result = verify_expecting(w->dir, key.public_key, NULL, &lines);
    struct checkpoint_name noted = result.last;
    assert_int_equal(result.unsealed, 0);
    sqlite3 *sq = fresh_copy();
    assert_true(run(sq, "DELETE FROM checkpoint"));
    sqlite3_close(sq);
    result = verify_expecting(copy_dir, key.public_key, NULL, &lines);
    assert_int_equal(result.checkpoints, 0);
    assert_non_null(strstr(lines.first, "no checkpoint: entries 1 to"));
    sq = fresh_copy();
    assert_true(run(sq, "DELETE FROM checkpoint WHERE seq > (SELECT min(seq) FROM checkpoint)"));
    sqlite3_close(sq);
    verify(copy_dir, key.public_key, &lines);   /* all but the founding one */
    assert_non_null(strstr(lines.first, "signs every hour"));
    tend(&sealed, w->clock_ms);
    for (int i = 0; i < CHECKPOINT_ENTRIES - 1; i++)
        (void)add_post(w, w->admin, w->lobby, "young");
    result = verify_expecting(w->dir, key.public_key, &noted, &lines);
    assert_int_equal(lines.count, 0);
    assert_int_equal(result.unsealed, CHECKPOINT_ENTRIES - 1);
    (void)add_post(w, w->admin, w->lobby, "one too many");
    verify(w->dir, key.public_key, &lines);
    assert_non_null(strstr(lines.first, "signs every 1000"));
    tend(&sealed, w->clock_ms);
    result = verify_expecting(w->dir, NULL, &noted, &lines);
    assert_int_equal(lines.count, 0);
    noted.hash[7] ^= 1;
    verify_expecting(w->dir, NULL, &noted, &lines);
    assert_non_null(strstr(lines.first, "is not the one that was expected"));
    assert_null(strstr(lines.first, "cut off"));
    noted.seq = result.last.seq + 1;
    verify_expecting(w->dir, NULL, &noted, &lines);
    assert_non_null(strstr(lines.first, "was cut off before it"));
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
    must(store_verify(&(struct verify_request){ .db = config, .say = keep_line, .ctx = &lines }, &result, &e), &e);
    assert_int_equal(result.findings, 0);
    assert_non_null(strstr(lines.first, "note: signed with another key"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_tampering_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(every_bit_of_every_number_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_checkpoints_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_seal_cannot_be_made_by_others, setup, teardown),
        cmocka_unit_test_setup_teardown(when_one_is_due, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
