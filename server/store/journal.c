#include "store/journal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "store/statement.h"

#define JOURNAL_READ_STATEMENTS(X)                                                                                \
    X(SQL_READ, "SELECT " ENTRY_COLUMNS " FROM journal WHERE id > (?1 << 40) + ?2 AND id < (?1 + 1) << 40"        \
                " ORDER BY id")                                                                                   \
    X(SQL_HEAD_OF, "SELECT id, at_ms FROM journal WHERE id < (?1 + 1) << 40 AND id > ?1 << 40"                    \
                   " ORDER BY id DESC LIMIT 1")                                                                   \
    X(SQL_BY_CID, "SELECT " ENTRY_COLUMNS " FROM journal WHERE actor = ?1 AND cid = ?2 AND hub = 0")              \
    X(SQL_CHAIN, "SELECT hash FROM chain WHERE hub = ?1 AND room = ?2")
STATEMENTS(JOURNAL_READ_STATEMENTS, journal_read, false)

#define JOURNAL_STATEMENTS(X)                                                                                     \
    X(SQL_INSERT, "INSERT INTO journal(id, hub, at_ms, actor, kind, room, thread, subject, cid, body, body_hash," \
                  " hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")                             \
    X(SQL_CHAIN_SET, "INSERT INTO chain(hub, room, head, hash) VALUES(?1, ?2, ?3, ?4)"                            \
                     " ON CONFLICT(hub, room) DO UPDATE SET head = excluded.head, hash = excluded.hash")
STATEMENTS(JOURNAL_STATEMENTS, journal, true)

#define JBIND(j, name, ...) db_bind((j)->db, LIST_JOURNAL, name, __VA_ARGS__)
#define RBIND(j, name, ...) db_bind((j)->db, LIST_JOURNAL_READ, name, __VA_ARGS__)

#define HEADS 256           /* power of two; chain heads kept in memory, direct-mapped by room */

struct head {
    bool is_known, is_dirty;
    bz_id room, id;
    unsigned char hash[HASH_BYTES];
};

/* Heads of the rooms that are written to stay in memory; what changed is written once per commit, not per entry. */
struct sqlite_journal {
    struct journal journal;
    struct db *db;
    struct buf canonical;
    struct head heads[HEADS];
};

static enum bz_err head_write(struct sqlite_journal *j, struct head *h, struct bz_error *e)
{
    if (!h->is_known || !h->is_dirty)
        return BZ_OK;
    h->is_dirty = false;
    return db_run(j->db, JBIND(j, SQL_CHAIN_SET, "iiih", (int64_t)0, h->room, h->id, h->hash), e);
}

static enum bz_err flush(void *ctx, struct bz_error *e)
{
    struct sqlite_journal *j = ctx;
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < HEADS && rc == BZ_OK; i++)
        rc = head_write(j, &j->heads[i], e);
    return rc;
}

static void forget(void *ctx)
{
    struct sqlite_journal *j = ctx;
    for (size_t i = 0; i < HEADS; i++)
        j->heads[i].is_known = false;
}

static enum bz_err head_get(struct sqlite_journal *j, bz_id room, struct head **ret, struct bz_error *e)
{
    struct head *h = &j->heads[((uint64_t)room * 0x9e3779b97f4a7c15u >> 32) % HEADS];
    *ret = h;
    if (h->is_known && h->room == room)
        return BZ_OK;
    enum bz_err rc = head_write(j, h, e);
    if (rc != BZ_OK)
        return rc;
    bool has_row;
    sqlite3_stmt *s = RBIND(j, SQL_CHAIN, "ii", (int64_t)0, room);
    rc = db_step(j->db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    *h = (struct head){ .is_known = true, .room = room };
    if (has_row && sqlite3_column_bytes(s, 0) == HASH_BYTES)
        memcpy(h->hash, sqlite3_column_blob(s, 0), HASH_BYTES);
    else if (has_row)
        rc = bz_fail(e, BZ_ERR_STORE, "the head of a chain is damaged; run `baraza verify`");
    db_reset(s);
    return rc;
}

static enum bz_err append_one(struct sqlite_journal *j, const struct entry *entry, struct bz_error *e)
{
    unsigned char body_hash[HASH_BYTES];
    struct head *head;
    assert(entry->hub == 0 && entry->body.at != NULL);
    enum bz_err rc = db_learn_hub(j->db, entry, e);
    if (rc == BZ_OK)
        rc = head_get(j, entry->room, &head, e);
    if (rc != BZ_OK)
        return rc;
    if (fails(j->db->env, "store.append"))
        return bz_fail(e, BZ_ERR_STORE, "the database failed: could not append");
    (void)crypto_generichash(body_hash, HASH_BYTES, (const unsigned char *)entry->body.at, entry->body.len, NULL, 0);
    if (!chain_hash(&j->canonical, &j->db->hubs, entry, body_hash, head->hash))
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    head->id = id_make(0, entry->seq);
    head->is_dirty = true;
    return db_run(j->db, JBIND(j, SQL_INSERT, "iiiiiiiisshh", head->id, (int64_t)0, entry->at_ms, entry->actor,
                               (int64_t)entry->kind, entry->room, entry->thread, entry->subject, entry->cid,
                               entry->body, body_hash, head->hash), e);
}

bool chain_hash(struct buf *scratch, const struct hubs *hubs, const struct entry *entry,
                const unsigned char body_hash[HASH_BYTES], unsigned char hash[HASH_BYTES])
{
    crypto_generichash_state state;
    buf_clear(scratch);
    entry_canonical(entry, hubs, scratch);
    if (scratch->failed)
        return false;
    (void)crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    (void)crypto_generichash_update(&state, hash, HASH_BYTES);
    (void)crypto_generichash_update(&state, (const unsigned char *)scratch->at, scratch->len);
    (void)crypto_generichash_update(&state, body_hash, HASH_BYTES);
    (void)crypto_generichash_final(&state, hash, HASH_BYTES);
    return true;
}

void chain_head_add(crypto_generichash_state *state, bz_id room, bz_id head, const void *hash)
{
    unsigned char bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)((uint64_t)room >> (8 * i));
        bytes[8 + i] = (unsigned char)((uint64_t)head >> (8 * i));
    }
    (void)crypto_generichash_update(state, bytes, sizeof bytes);
    (void)crypto_generichash_update(state, hash, HASH_BYTES);
}

static enum bz_err append(struct journal *journal, int64_t expected_seq, const struct entry *entries, size_t count,
                          struct bz_error *e)
{
    struct sqlite_journal *j = (struct sqlite_journal *)journal;
    int64_t seq, at_ms;
    enum bz_err rc = db_head(j->db, &seq, &at_ms, e);
    if (rc != BZ_OK)
        return rc;
    assert(j->db->in_transaction);
    if (seq != expected_seq)
        return bz_fail(e, BZ_ERR_CONFLICT, "the journal has moved on");
    for (size_t i = 0; i < count && rc == BZ_OK; i++) {
        assert(entries[i].seq == expected_seq + 1 + (int64_t)i);
        rc = append_one(j, &entries[i], e);
        if (rc == BZ_OK) {
            j->db->head_seq = entries[i].seq;
            j->db->head_at_ms = entries[i].at_ms;
        }
    }
    return rc;
}

static enum bz_err read_from(struct journal *journal, unsigned hub, int64_t from, entry_visit visit, void *ctx,
                             struct bz_error *e)
{
    struct sqlite_journal *j = (struct sqlite_journal *)journal;
    sqlite3_stmt *s = RBIND(j, SQL_READ, "ii", (int64_t)hub, from);
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(j->db, s, &has_row, e)) == BZ_OK && has_row) {
        struct entry entry;
        entry_of_row(s, &entry);
        if (!visit(ctx, &entry)) {
            db_reset(s);
            break;
        }
    }
    return rc;
}

static enum bz_err head(struct journal *journal, unsigned hub, int64_t *ret_seq, int64_t *ret_at_ms,
                        struct bz_error *e)
{
    struct sqlite_journal *j = (struct sqlite_journal *)journal;
    if (hub == 0)
        return db_head(j->db, ret_seq, ret_at_ms, e);
    bool has_row;
    sqlite3_stmt *s = RBIND(j, SQL_HEAD_OF, "i", (int64_t)hub);
    enum bz_err rc = db_step(j->db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    *ret_seq = has_row ? id_seq(sqlite3_column_int64(s, 0)) : 0;
    *ret_at_ms = has_row ? sqlite3_column_int64(s, 1) : 0;
    db_reset(s);
    return BZ_OK;
}

static enum bz_err by_cid(struct journal *journal, bz_id actor, struct span cid, struct entry *ret,
                          struct bz_error *e)
{
    struct sqlite_journal *j = (struct sqlite_journal *)journal;
    bool has_row;
    sqlite3_stmt *s = RBIND(j, SQL_BY_CID, "is", actor, cid);
    enum bz_err rc = db_step(j->db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "this command id was not used yet");
    entry_of_row(s, ret);
    ret->cid = cid;                    /* the row's bytes end here: the caller's cid stands for its own */
    ret->body = (struct span){ 0 };
    db_reset(s);
    return BZ_OK;
}

static void journal_free(struct journal *journal)
{
    struct sqlite_journal *j = (struct sqlite_journal *)journal;
    if (j == NULL)
        return;
    if (j->db->journal == j) {
        j->db->journal = NULL;
        j->db->journal_flush = NULL;
        j->db->journal_forget = NULL;
    }
    buf_done(&j->canonical);
    free(j);
}

struct journal *journal_sqlite(struct db *db)
{
    static const struct journal_ops ops = { append, read_from, head, by_cid, journal_free };
    struct sqlite_journal *j = calloc(1, sizeof *j);
    if (j == NULL)
        return NULL;
    j->journal.ops = &ops;
    j->db = db;
    buf_init(&j->canonical, 4096);
    if (db->mode == DB_WRITE) {
        assert(db->journal == NULL && "one journal per writing connection");
        db->journal = j;
        db->journal_flush = flush;
        db->journal_forget = forget;
    }
    return &j->journal;
}
