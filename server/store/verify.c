#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/blob.h"
#include "store/checkpoint.h"
#include "store/journal.h"
#include "store/migrate.h"
#include "store/statement.h"
#include "store/upkeep.h"

/* These run on a plain connection for reading: the pragmas are not open to a hub's readers. */
#define SQL_INTEGRITY "PRAGMA integrity_check(10)"
#define SQL_QUICK "PRAGMA quick_check(1)"
#define SQL_FOREIGN_KEYS "PRAGMA foreign_key_check"
#define SQL_ENTRIES "SELECT " ENTRY_COLUMNS ", body_hash, hash, hub FROM journal WHERE id > 0 ORDER BY id"
#define SQL_STRAYS "SELECT " ENTRY_COLUMNS ", body_hash, hash, hub FROM journal WHERE id <= 0 ORDER BY id"
#define SQL_CHAINS "SELECT room, head, hash FROM chain WHERE hub = 0"
#define SQL_CHECKPOINTS "SELECT seq, at_ms, previous, heads, marks, key, signature FROM checkpoint ORDER BY seq"
/* Words may only be missing where a redaction took them, where who said them left, or where what was held has been said in a post of
 * its own. */
#define SQL_ERASED                                                                                                    \
    "SELECT j.id FROM journal AS j WHERE j.body IS NULL AND NOT (j.kind IN (13, 14, 50) AND EXISTS (SELECT 1 FROM post AS p" \
    " WHERE p.id = j.subject AND p.redacted_at IS NOT NULL)) AND NOT (j.kind = 44 AND EXISTS (SELECT 1 FROM matter AS m" \
    " WHERE m.id = j.id AND m.decision = 'approve' AND m.ask IN (1, 2)))" \
    " AND NOT EXISTS (SELECT 1 FROM erased WHERE entry = j.id) ORDER BY j.id LIMIT 1"
#define SQL_CODES "SELECT code, hub FROM hub"

struct chain { bz_id room, head; unsigned char hash[HASH_BYTES]; };

/* A checkpoint whose signature holds: what it says of the entries. */
struct sealed { int64_t from, seq; unsigned char heads[HASH_BYTES]; unsigned char *marks; bool is_checked; };

struct check {
    const struct verify_request *request;
    sqlite3 *sq;
    int64_t entries, findings;
    struct hubs hubs;
    struct buf canonical;
    struct chain *chains;
    size_t chains_count, chains_cap;
    bool chain_is_broken;      /* only the first bad entry is named: all after it differ too */
    int64_t last_seq[BZ_HUBS_MAX];
    struct sealed *seals;
    size_t seals_count, seals_cap, seal_at;
    int64_t sealed_seq, sealed_at_ms;   /* of the newest row, whether it holds or not */
    int64_t newest_at_ms;
    unsigned char key[KEY_BYTES], previous[HASH_BYTES];
    bool has_key, is_strict, mark_is_wrong;   /* is_strict: the key was given, no other counts */
    bool has_expected;
    struct kept files;
};

__attribute__((format(printf, 2, 3))) static void finding(struct check *c, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    c->findings++;
    c->request->say(c->request->ctx, line);
}

static struct chain *chain_of(struct check *c, bz_id room)
{
    for (size_t i = 0; i < c->chains_count; i++)
        if (c->chains[i].room == room)
            return &c->chains[i];
    if (c->chains_count == c->chains_cap) {
        c->chains_cap = c->chains_cap == 0 ? 64 : c->chains_cap * 2;
        struct chain *at = realloc(c->chains, c->chains_cap * sizeof *at);
        if (at == NULL)
            abort();
        c->chains = at;
    }
    struct chain *chain = &c->chains[c->chains_count++];
    *chain = (struct chain){ .room = room };
    return chain;
}

static int by_room(const void *a, const void *b)
{
    bz_id x = ((const struct chain *)a)->room, y = ((const struct chain *)b)->room;
    return x < y ? -1 : x > y;
}

/* Reads a checkpoint: who signed it, and that it follows the one before. */
static void check_checkpoint(struct check *c, sqlite3_stmt *s)
{
    struct checkpoint_row row = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), column_span(s, 2), column_span(s, 3),
                                  column_span(s, 4), column_span(s, 5), column_span(s, 6) };
    int64_t from = c->sealed_seq;
    c->sealed_seq = row.seq;
    c->sealed_at_ms = row.at_ms;
    bool is_whole = row.previous.len == HASH_BYTES && row.heads.len == HASH_BYTES && row.key.len == KEY_BYTES
                    && row.signature.len == crypto_sign_BYTES && row.marks.len == (size_t)(row.seq - from) * MARK_BYTES;
    if (!is_whole)
        return finding(c, "the checkpoint at entry %lld: it is damaged, or one before it is missing", (long long)row.seq);
    bool is_other = c->has_key && memcmp(row.key.at, c->key, KEY_BYTES) != 0;
    if (is_other && !c->is_strict) {
        char line[160];
        (void)snprintf(line, sizeof line, "note: signed with another key from the checkpoint at entry %lld on; right only if the"
                       " hub was restored without its key there", (long long)row.seq);
        c->request->say(c->request->ctx, line);
    }
    if (!c->is_strict)
        memcpy(c->key, row.key.at, KEY_BYTES);
    c->has_key = true;
    checkpoint_text(&c->canonical, &c->hubs, &row);
    if (is_other && c->is_strict)
        finding(c, "the checkpoint at entry %lld: signed with another key", (long long)row.seq);
    else if (crypto_sign_verify_detached((const unsigned char *)row.signature.at, (const unsigned char *)c->canonical.at,
                                         c->canonical.len, c->key) != 0)
        finding(c, "the checkpoint at entry %lld: its signature does not hold", (long long)row.seq);
    else if (memcmp(row.previous.at, c->previous, HASH_BYTES) != 0)
        finding(c, "the checkpoint at entry %lld: the one before it is not the one that was signed", (long long)row.seq);
    checkpoint_hash(&c->canonical, &row, c->previous);
    const struct checkpoint_name *expected = c->request->expected;
    c->has_expected |= expected != NULL && expected->seq == row.seq && memcmp(expected->hash, c->previous, HASH_BYTES) == 0;
    if (c->seals_count == c->seals_cap) {
        c->seals_cap = c->seals_cap == 0 ? 64 : c->seals_cap * 2;
        struct sealed *at = realloc(c->seals, c->seals_cap * sizeof *at);
        if (at == NULL)
            abort();
        c->seals = at;
    }
    struct sealed *seal = &c->seals[c->seals_count++];
    *seal = (struct sealed){ .from = from, .seq = row.seq, .marks = malloc(row.marks.len + 1) };
    if (seal->marks == NULL)
        abort();
    memcpy(seal->heads, row.heads.at, HASH_BYTES);
    memcpy(seal->marks, row.marks.at, row.marks.len);
}

/* The first entry that is not the one that was signed is named, even where all hashes were made anew. */
static void check_mark(struct check *c, const struct entry *entry, const char *id, const unsigned char *hash)
{
    while (c->seal_at < c->seals_count && c->seals[c->seal_at].seq < entry->seq)
        c->seal_at++;
    if (entry->hub != 0 || c->seal_at == c->seals_count || entry->seq <= c->seals[c->seal_at].from || c->mark_is_wrong)
        return;
    const struct sealed *seal = &c->seals[c->seal_at];
    if (memcmp(seal->marks + (size_t)(entry->seq - seal->from - 1) * MARK_BYTES, hash, MARK_BYTES) == 0)
        return;
    c->mark_is_wrong = true;
    finding(c, "entry %s: not the one that the checkpoint at entry %lld covers", id, (long long)seal->seq);
}

/* After the entry that a checkpoint ends with: the heads of all chains. */
static void check_heads(struct check *c, const struct entry *entry)
{
    crypto_generichash_state state;
    unsigned char heads[HASH_BYTES];
    if (entry->hub != 0 || c->seal_at == c->seals_count || c->seals[c->seal_at].seq != entry->seq)
        return;
    struct sealed *seal = &c->seals[c->seal_at];
    seal->is_checked = true;
    qsort(c->chains, c->chains_count, sizeof *c->chains, by_room);
    (void)crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    for (size_t i = 0; i < c->chains_count; i++)
        chain_head_add(&state, c->chains[i].room, c->chains[i].head, c->chains[i].hash);
    (void)crypto_generichash_final(&state, heads, HASH_BYTES);
    if (memcmp(heads, seal->heads, HASH_BYTES) != 0 && !c->mark_is_wrong && !c->chain_is_broken)
        finding(c, "entry %lld: the chains do not end here as the checkpoint says", (long long)entry->seq);
}

static void check_erased(struct check *c, sqlite3_stmt *s)
{
    char id[BZ_ID_TEXT];
    (void)id_format(&c->hubs, sqlite3_column_int64(s, 0), id);
    finding(c, "entry %s: its body is missing, and no redaction took it", id);
}

/* Another hub's, or none's, would read as ours in the hash: hubs beyond the last one wrap around there. */
static bool is_of_known_hub(const struct check *c, bz_id id)
{
    return id >= 0 && id_hub(id) < BZ_HUBS_MAX && (id == 0 || *c->hubs.code[id_hub(id)] != '\0');
}

static void check_gap(struct check *c, const struct entry *entry, const char *id)
{
    char missing[BZ_ID_TEXT];
    int64_t *last = &c->last_seq[entry->hub];
    if (entry->seq != *last + 1) {
        (void)id_format(&c->hubs, id_make(entry->hub, *last + 1), missing);
        finding(c, "entry %s: missing, a gap up to entry %s", missing, id);
    }
    *last = entry->seq;
}

static void check_entry(struct check *c, sqlite3_stmt *s)
{
    struct entry entry;
    unsigned char body_hash[HASH_BYTES];
    char id[BZ_ID_TEXT];
    entry_of_row(s, &entry);
    c->entries++;
    (void)id_format(&c->hubs, id_make(entry.hub, entry.seq), id);
    if (!is_of_known_hub(c, sqlite3_column_int64(s, 0)) || entry.seq == 0
        || sqlite3_column_int64(s, 11) != (int64_t)entry.hub)
        return finding(c, "row %lld (entry %lld of some hub): of a hub that is not known", (long long)sqlite3_column_int64(s, 0),
                       (long long)entry.seq);
    check_gap(c, &entry, id);
    if (entry.hub == 0)
        c->newest_at_ms = entry.at_ms;
    if (sqlite3_column_bytes(s, 9) != HASH_BYTES || sqlite3_column_bytes(s, 10) != HASH_BYTES)
        return finding(c, "entry %s: its hashes are damaged", id);
    check_mark(c, &entry, id, sqlite3_column_blob(s, 10));
    if (!is_of_known_hub(c, entry.actor) || !is_of_known_hub(c, entry.room) || !is_of_known_hub(c, entry.thread)
        || !is_of_known_hub(c, entry.subject))
        return finding(c, "entry %s: names what is of no hub that is known", id);
    if (!entry_kind_is_known((int)entry.kind) || sqlite3_column_int64(s, 3) != (int64_t)entry.kind)
        return finding(c, "entry %s: of a kind that is not known", id);
    if (entry.body.at != NULL) {
        (void)crypto_generichash(body_hash, HASH_BYTES, (const unsigned char *)entry.body.at, entry.body.len, NULL, 0);
        if (memcmp(body_hash, sqlite3_column_blob(s, 9), HASH_BYTES) != 0)
            finding(c, "entry %s: its body is not the one that was written", id);
    }
    struct chain *chain = chain_of(c, entry.room);
    if (!chain_hash(&c->canonical, &c->hubs, &entry, sqlite3_column_blob(s, 9), chain->hash))
        abort();
    if (memcmp(chain->hash, sqlite3_column_blob(s, 10), HASH_BYTES) != 0) {
        if (!c->chain_is_broken)
            finding(c, "entry %s: the hash chain breaks here", id);
        c->chain_is_broken = true;
        memcpy(chain->hash, sqlite3_column_blob(s, 10), HASH_BYTES);
    }
    chain->head = id_make(entry.hub, entry.seq);
    check_heads(c, &entry);
}

static void check_chain_head(struct check *c, sqlite3_stmt *s)
{
    struct chain *chain = chain_of(c, sqlite3_column_int64(s, 0));
    if (chain->head != sqlite3_column_int64(s, 1) || sqlite3_column_bytes(s, 2) != HASH_BYTES
        || memcmp(chain->hash, sqlite3_column_blob(s, 2), HASH_BYTES) != 0)
        finding(c, "the head of chain %lld is not its last entry", (long long)chain->room);
    chain->head = 0;   /* seen */
}

static void check_code(struct check *c, sqlite3_stmt *s)
{
    struct span code = column_span(s, 0);
    int64_t hub = sqlite3_column_int64(s, 1);
    if (code.len > BZ_HUB_CODE || hub < 0 || hub >= BZ_HUBS_MAX)
        return finding(c, "hub %lld: its code or number cannot be", (long long)hub);
    if (code.len > 0)
        memcpy(c->hubs.code[hub], code.at, code.len);
}

static void check_integrity(struct check *c, sqlite3_stmt *s)
{
    struct span line = column_span(s, 0);
    if (!span_is(line, "ok"))
        finding(c, "database: %.*s", (int)line.len, line.at);
}

static void check_foreign_key(struct check *c, sqlite3_stmt *s)
{
    struct span table = column_span(s, 0);
    finding(c, "table %.*s, row %lld: what it belongs to is missing", (int)table.len, table.at,
            (long long)sqlite3_column_int64(s, 1));
}

static enum bz_err each(struct check *c, const char *sql, void (*visit)(struct check *c, sqlite3_stmt *s),
                        struct bz_error *e)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(c->sq, sql, -1, &s, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(s);
        if (rc == SQLITE_ROW)
            visit(c, s);
    }
    enum bz_err err = rc == SQLITE_DONE ? BZ_OK : sqlite_fail(c->sq, "read the database", e);
    (void)sqlite3_finalize(s);
    return err;
}

/* Each commit ends with fewer unsigned entries, and younger ones: more of them mean that checkpoints were taken away. */
static void check_tail(struct check *c)
{
    const struct checkpoint_name *expected = c->request->expected;
    int64_t last = c->last_seq[0], unsealed = last - c->sealed_seq;
    if (unsealed < 0)
        finding(c, "entries %lld to %lld are missing: a checkpoint covers them", (long long)last + 1, (long long)c->sealed_seq);
    else if (c->sealed_seq == 0 && c->is_strict && last > 0)
        finding(c, "no checkpoint: entries 1 to %lld are not signed, though a hub signs its first; they were taken away",
                (long long)last);
    else if (c->sealed_seq > 0 && unsealed >= CHECKPOINT_ENTRIES)
        finding(c, "no checkpoint covers entries %lld to %lld, though a hub signs every %d; some were taken away",
                (long long)c->sealed_seq + 1, (long long)last, CHECKPOINT_ENTRIES);
    else if (c->sealed_seq > 0 && unsealed > 0 && c->newest_at_ms - c->sealed_at_ms > CHECKPOINT_MS)
        finding(c, "no checkpoint covers entries %lld to %lld, though a hub signs every hour; some were taken away",
                (long long)c->sealed_seq + 1, (long long)last);
    if (expected != NULL && !c->has_expected)
        finding(c, "the checkpoint at entry %lld is not the one that was expected%s", (long long)expected->seq,
                c->sealed_seq < expected->seq ? ": the record was cut off before it, or is another's" : "");
}

/* A rebuild in a private copy must end in the tables that are there. */
static enum bz_err check_rebuild(struct check *c, const struct env *env, struct bz_error *e)
{
    unsigned char before[32], after[32];
    int64_t entries;
    struct db *copy;
    struct bz_error why = { 0 };
    enum bz_err rc = db_open_copy(c->sq, env, &copy, e);
    if (rc != BZ_OK)
        return rc;
    rc = store_digest(copy, before, e);
    if (rc == BZ_OK && store_rebuild(copy, &entries, &why) != BZ_OK)
        finding(c, "rebuild: %s", why.text);
    else if (rc == BZ_OK && (rc = store_digest(copy, after, e)) == BZ_OK && memcmp(before, after, 32) != 0)
        finding(c, "rebuild: the derived tables are not what the journal makes; run `baraza rebuild`");
    db_close(copy);
    return rc;
}

static enum bz_err check_files(struct check *c, const struct env *env, struct bz_error *e)
{
    const struct verify_request *r = c->request;
    enum bz_err rc = r->files == NULL ? BZ_OK
                                      : keep_look(&(struct keep){ .sq = c->sq, .from = r->files, .env = env, .is_quick = r->is_quick,
                                                                  .say = r->say, .ctx = r->ctx }, &c->files, e);
    c->findings += c->files.missing;
    return rc;
}

static enum bz_err check_all(struct check *c, const struct env *env, struct bz_error *e)
{
    enum bz_err rc;
    if ((rc = each(c, SQL_INTEGRITY, check_integrity, e)) != BZ_OK
        || (rc = each(c, SQL_CODES, check_code, e)) != BZ_OK
        || (rc = each(c, SQL_CHECKPOINTS, check_checkpoint, e)) != BZ_OK
        || (rc = each(c, SQL_ENTRIES, check_entry, e)) != BZ_OK
        || (rc = each(c, SQL_STRAYS, check_entry, e)) != BZ_OK)
        return rc;
    check_tail(c);
    if ((rc = each(c, SQL_ERASED, check_erased, e)) != BZ_OK
        || (rc = each(c, SQL_CHAINS, check_chain_head, e)) != BZ_OK
        || (rc = each(c, SQL_FOREIGN_KEYS, check_foreign_key, e)) != BZ_OK)
        return rc;
    for (size_t i = 0; i < c->chains_count; i++)
        if (c->chains[i].head != 0)
            finding(c, "the head of chain %lld is missing", (long long)c->chains[i].room);
    return (rc = check_rebuild(c, env, e)) == BZ_OK ? check_files(c, env, e) : rc;
}

static enum bz_err open_plain(const struct db_config *config, sqlite3 **ret, struct bz_error *e)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/baraza.db", config->dir) >= (int)sizeof path)
        return bz_invalid(e, "data", "the folder's path is too long");
    return db_open_raw(path, ret, e);
}

#define STOP_STEPS 1000   /* steps of SQLite's machine between two looks at the flag */

static int is_stopped(void *stop) { return atomic_load_explicit((const atomic_bool *)stop, memory_order_relaxed); }

enum bz_err store_check(const struct db_config *config, const atomic_bool *stop, char ret_finding[CHECK_TEXT],
                        struct bz_error *e)
{
    sqlite3 *sq = NULL;
    sqlite3_stmt *s = NULL;
    ret_finding[0] = '\0';
    enum bz_err rc = open_plain(config, &sq, e);
    if (rc != BZ_OK)
        return rc;
    sqlite3_progress_handler(sq, STOP_STEPS, is_stopped, (void *)(uintptr_t)stop);
    int code = sqlite3_prepare_v2(sq, SQL_QUICK, -1, &s, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(s);
    struct span line = code == SQLITE_ROW ? column_span(s, 0) : (struct span){ 0 };
    if (code == SQLITE_ROW && !span_is(line, "ok"))
        (void)snprintf(ret_finding, CHECK_TEXT, "%.*s", (int)line.len, line.at);
    else if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
        (void)snprintf(ret_finding, CHECK_TEXT, "%s", sqlite3_errmsg(sq));
    else if (code != SQLITE_ROW)
        rc = sqlite_fail(sq, "check the database", e);
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(sq);
    return rc;
}

/* Is it there, ours, and of our schema? */
static enum bz_err open_checked(const struct verify_request *request, sqlite3 **ret, struct bz_error *e)
{
    bool is_older = false;
    if (request->file == NULL) {
        struct db *db;
        enum bz_err rc = db_open(&request->db, DB_READ, false, &db, e);
        if (rc != BZ_OK)
            return rc;
        db_close(db);
        return open_plain(&request->db, ret, e);
    }
    sqlite3 *sq;
    enum bz_err rc = db_open_raw(request->file, &sq, e);
    if (rc != BZ_OK)
        return rc;
    rc = migrate_check(sq, &is_older, e);
    if (rc == BZ_OK && is_older)
        rc = bz_fail(e, BZ_ERR_CONFLICT, "this copy is of an older release; `baraza restore` it into an empty folder and verify that");
    if (rc == BZ_OK)
        *ret = sq;
    else
        (void)sqlite3_close(sq);
    return rc;
}

enum bz_err store_verify(const struct verify_request *request, struct verify_result *ret, struct bz_error *e)
{
    struct check c = { .request = request, .has_key = request->key != NULL, .is_strict = request->key != NULL };
    if (request->key != NULL)
        memcpy(c.key, request->key, KEY_BYTES);
    int hold = -1;   /* what the snapshot names is there until it was looked at */
    enum bz_err rc = sodium_init() < 0 ? bz_fail(e, BZ_ERR_STORE, "out of memory") : open_checked(request, &c.sq, e);
    if (rc == BZ_OK && request->files != NULL && request->file == NULL)
        rc = blob_hold(request->db.dir, &hold, e);
    if (rc != BZ_OK) {
        (void)sqlite3_close(c.sq);
        return rc;
    }
    buf_init(&c.canonical, 4096);
    if (sqlite3_exec(c.sq, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)   /* one snapshot beside a running daemon */
        rc = sqlite_fail(c.sq, "read the database", e);
    if (rc == BZ_OK)
        rc = check_all(&c, request->db.env, e);
    (void)sqlite3_close(c.sq);
    if (hold >= 0)
        (void)close(hold);
    buf_done(&c.canonical);
    free(c.chains);
    for (size_t i = 0; i < c.seals_count; i++)
        free(c.seals[i].marks);
    free(c.seals);
    if (rc != BZ_OK)
        return rc;
    *ret = (struct verify_result){ .entries = c.entries, .findings = c.findings, .checkpoints = (int64_t)c.seals_count,
                                   .unsealed = c.last_seq[0] - c.sealed_seq, .last = { .seq = c.sealed_seq }, .files = c.files };
    memcpy(ret->last.hash, c.previous, HASH_BYTES);
    if (c.has_key)
        (void)sodium_bin2base64(ret->key, sizeof ret->key, c.key, KEY_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return BZ_OK;
}
