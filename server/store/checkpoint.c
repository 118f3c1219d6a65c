#include "store/checkpoint.h"

#include <sodium.h>
#include <string.h>

#include "store/journal.h"
#include "store/statement.h"

#define CHECKPOINT_STATEMENTS(X)                                                                                      \
    X(SQL_NEWEST, "SELECT seq, at_ms, previous, heads, marks, key, signature FROM checkpoint ORDER BY seq DESC LIMIT 1") \
    X(SQL_HEADS, "SELECT room, head, hash FROM chain WHERE hub = 0 ORDER BY room")                                    \
    X(SQL_MARKS, "SELECT hash FROM journal WHERE id > ?1 AND id <= ?2 ORDER BY id")                                   \
    X(SQL_SEAL, "INSERT INTO checkpoint(seq, at_ms, previous, heads, marks, key, signature) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
STATEMENTS(CHECKPOINT_STATEMENTS, checkpoint, true)

#define BIND(name, ...) db_bind(db, LIST_CHECKPOINT, name, __VA_ARGS__)

static void put_hex(struct buf *text, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(text, "%02x", (unsigned char)bytes.at[i]);
    buf_add_char(text, '\n');
}

/* The marks may be long: their hash is signed. */
void checkpoint_text(struct buf *text, const struct hubs *hubs, const struct checkpoint_row *row)
{
    unsigned char marks[HASH_BYTES];
    buf_clear(text);
    buf_printf(text, "baraza checkpoint 1\n%s\n%lld\n%lld\n", hubs->code[0], (long long)row->seq, (long long)row->at_ms);
    put_hex(text, row->previous);
    put_hex(text, row->heads);
    (void)crypto_generichash(marks, HASH_BYTES, (const unsigned char *)row->marks.at, row->marks.len, NULL, 0);
    put_hex(text, (struct span){ (const char *)marks, HASH_BYTES });
    put_hex(text, row->key);
}

void checkpoint_hash(const struct buf *text, const struct checkpoint_row *row, unsigned char ret[32])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    (void)crypto_generichash_update(&state, (const unsigned char *)text->at, text->len);
    (void)crypto_generichash_update(&state, (const unsigned char *)row->signature.at, row->signature.len);
    (void)crypto_generichash_final(&state, ret, HASH_BYTES);
}

/* The newest one, and its hash for the next. */
static enum bz_err newest(struct db *db, struct checkpoint_state *state, unsigned char hash[HASH_BYTES], struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_NEWEST, "");
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    memset(hash, 0, HASH_BYTES);
    *state = (struct checkpoint_state){ .is_known = true };
    if (!has_row)
        return BZ_OK;
    struct buf text;
    struct checkpoint_row row = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), column_span(s, 2), column_span(s, 3),
                                  column_span(s, 4), column_span(s, 5), column_span(s, 6) };
    buf_init(&text, 4096);
    checkpoint_text(&text, &db->hubs, &row);
    checkpoint_hash(&text, &row, hash);
    buf_done(&text);
    state->seq = row.seq;
    state->at_ms = row.at_ms;
    db_reset(s);
    return BZ_OK;
}

static enum bz_err heads_hash(struct db *db, unsigned char ret[HASH_BYTES], struct bz_error *e)
{
    crypto_generichash_state state;
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_HEADS, "");
    (void)crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        chain_head_add(&state, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), sqlite3_column_blob(s, 2));
    (void)crypto_generichash_final(&state, ret, HASH_BYTES);
    return rc;
}

static enum bz_err gather_marks(struct db *db, int64_t from, int64_t upto, struct buf *marks, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND(SQL_MARKS, "ii", id_make(0, from), id_make(0, upto));
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        buf_add(marks, sqlite3_column_blob(s, 0), MARK_BYTES);
    return rc == BZ_OK && marks->failed ? bz_fail(e, BZ_ERR_STORE, "out of memory") : rc;
}

static enum bz_err seal(struct db *db, const struct hub_key *key, int64_t head, int64_t now_ms, struct buf *marks,
                        struct bz_error *e)
{
    unsigned char previous[HASH_BYTES], heads[HASH_BYTES], signature[crypto_sign_BYTES];
    struct checkpoint_state last;
    struct buf text;
    enum bz_err rc = newest(db, &last, previous, e);
    if (rc == BZ_OK)
        rc = heads_hash(db, heads, e);
    if (rc == BZ_OK)
        rc = gather_marks(db, last.seq, head, marks, e);
    if (rc != BZ_OK)
        return rc;
    struct checkpoint_row row = {
        .seq = head, .at_ms = now_ms, .previous = { (const char *)previous, HASH_BYTES },
        .heads = { (const char *)heads, HASH_BYTES }, .marks = buf_span(marks),
        .key = { (const char *)key->public_key, KEY_BYTES },
    };
    buf_init(&text, 4096);
    checkpoint_text(&text, &db->hubs, &row);
    (void)crypto_sign_detached(signature, NULL, (const unsigned char *)text.at, text.len, key->secret);
    buf_done(&text);
    row.signature = (struct span){ (const char *)signature, sizeof signature };
    return db_run_one(db, BIND(SQL_SEAL, "iibbbbb", row.seq, row.at_ms, row.previous, row.heads, row.marks, row.key,
                               row.signature), e);
}

enum bz_err checkpoint_tend(struct db *db, const struct hub_key *key, int64_t now_ms, struct checkpoint_state *state,
                            struct bz_error *e)
{
    unsigned char hash[HASH_BYTES];
    int64_t head, at_ms;
    enum bz_err rc = state->is_known ? BZ_OK : newest(db, state, hash, e);
    if (rc == BZ_OK)
        rc = db_head(db, &head, &at_ms, e);
    if (rc != BZ_OK || head == state->seq)
        return rc;
    if (now_ms < at_ms)   /* the clock was set back: entries keep their order in time, and so do checkpoints */
        now_ms = at_ms;
    bool is_late = state->seq == 0 || now_ms - state->at_ms >= CHECKPOINT_MS;   /* the first one seals the hub's founding */
    if (head - state->seq < CHECKPOINT_ENTRIES && !is_late)
        return BZ_OK;
    struct buf marks;
    buf_init(&marks, (size_t)1 << 30);
    if (db->journal_flush != NULL)   /* the heads of this transaction are still in memory */
        rc = db->journal_flush(db->journal, e);
    if (rc == BZ_OK)
        rc = seal(db, key, head, now_ms, &marks, e);
    buf_done(&marks);
    if (rc == BZ_OK)
        *state = (struct checkpoint_state){ .is_known = true, .seq = head, .at_ms = now_ms };
    return rc;
}
