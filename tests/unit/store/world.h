/* world.h: a hub in a temporary folder, driven the way the engine drives it, for the store's tests. */
#ifndef BZ_TESTS_STORE_WORLD_H
#define BZ_TESTS_STORE_WORLD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "domain/decide.h"
#include "folder.h"
#include "store/apply.h"
#include "store/blob.h"
#include "store/journal.h"
#include "store/query.h"
#include "store/statement.h"
#include "store/upload.h"
#include "store/upkeep.h"

struct world {
    char dir[FOLDER_BYTES];
    struct env env;
    struct db_config config;
    struct db *db, *reader;
    struct journal *journal;
    struct arena arena;
    int64_t clock_ms;
    const char *fault;         /* the site that fails, or NULL */
    int64_t last_seq;          /* of the last command's first entry */
    bz_id extra;
    bz_id admin, region, general, lobby;
};

static int64_t world_now(void *ctx) { return ++((struct world *)ctx)->clock_ms; }
static void world_random(void *ctx, void *ret, size_t bytes) { memset(ret, 7, bytes); }
static bool world_fault(void *ctx, const char *site)
{
    struct world *w = ctx;
    return w->fault != NULL && strcmp(w->fault, site) == 0;
}

static inline void must(enum bz_err rc, const struct bz_error *e)
{
    if (rc != BZ_OK)
        fail_msg("%s: %s", bz_err_wire(rc), e->text);
}

/* Decides and writes one command in a transaction of its own. */
static inline enum bz_err world_try(struct world *w, const struct command *cmd, bz_id *ret_id, struct bz_error *e)
{
    static struct facts facts;
    struct decision d = { 0 };
    enum bz_err rc = db_begin(w->db, e);
    if (rc != BZ_OK)
        return rc;
    struct hubs hubs = *db_hubs(w->db);
    if (cmd->kind == COMMAND_HUB_INIT)
        memcpy(hubs.code[0], cmd->handle.at, cmd->handle.len);
    rc = facts_load(w->db, cmd, &w->arena, &facts, e);
    facts.hubs = &hubs;
    if (rc == BZ_OK)
        rc = upload_facts(w->db, cmd, &w->arena, &facts, e);
    if (rc == BZ_OK)
        rc = decide(&facts, cmd, &w->arena, &d, e);
    if (rc == BZ_OK)
        rc = w->journal->ops->append(w->journal, facts.next_seq - 1, d.entries, d.count, e);
    for (size_t i = 0; rc == BZ_OK && i < d.count; i++)
        rc = apply_entry(w->db, &d.entries[i], e);
    if (rc == BZ_OK)
        rc = db_commit(w->db, e);
    else
        db_rollback(w->db);
    if (rc == BZ_OK) {
        if (ret_id != NULL)
            *ret_id = d.id;
        w->extra = d.extra;
        w->last_seq = d.count > 0 ? d.entries[0].seq : 0;
    }
    return rc;
}

static inline bz_id world_do(struct world *w, struct command cmd)
{
    struct bz_error e = { 0 };
    bz_id id = 0;
    must(world_try(w, &cmd, &id, &e), &e);
    return id;
}

static inline void world_personal(struct world *w, struct command cmd)
{
    struct bz_error e = { 0 };
    bz_id member;
    must(db_begin(w->db, &e), &e);
    must(personal_apply(w->db, &cmd, w->clock_ms, &member, &e), &e);
    must(db_commit(w->db, &e), &e);
}

static inline bz_id add_member(struct world *w, const char *handle, const char *name, enum role role)
{
    return world_do(w, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = span_of(handle), .name = span_of(name),
                                         .role = role, .region = w->region });
}

static inline bz_id add_room(struct world *w, const char *slug, enum access access)
{
    return world_do(w, (struct command){ .kind = COMMAND_ROOM_CREATE, .actor = w->admin, .region = w->region,
                                         .slug = span_of(slug), .name = span_of(slug), .access = access });
}

static inline void join(struct world *w, bz_id member, bz_id room)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_JOIN, .actor = member, .room = room });
}

static inline bz_id add_thread(struct world *w, bz_id by, bz_id room, const char *title, const char *text)
{
    return world_do(w, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = by, .room = room,
                                         .thread_kind = THREAD_KIND_QUESTION, .title = span_of(title),
                                         .text = span_of(text) });
}

static inline bz_id add_post(struct world *w, bz_id by, bz_id thread, const char *text)
{
    return world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = by, .thread = thread,
                                         .text = span_of(text) });
}

static inline void world_upload(struct world *w, struct command cmd)
{
    struct bz_error e = { 0 };
    struct file_store files = { .dir = w->dir };
    must(db_begin(w->db, &e), &e);
    must(upload_apply(w->db, &files, &cmd, w->clock_ms, &e), &e);
    must(db_commit(w->db, &e), &e);
}

/* A file that is complete and waits to be shared; inside: the words found in it, or NULL. id: 32 characters, the caller's. */
static inline void add_upload(struct world *w, bz_id by, const char *id, const char *name, const char *bytes, const char *inside)
{
    char path[BLOB_PATH_BYTES];
    struct bz_error e = { 0 };
    struct command cmd = { .kind = COMMAND_UPLOAD_OPEN, .actor = by, .upload = span_of(id), .name = span_of(name),
                           .blob = { .bytes = (int64_t)strlen(bytes), .type = SPAN("text/plain"), .text = span_of(inside) } };
    must(blob_folder(w->dir, &e), &e);
    world_upload(w, cmd);
    blob_part_path(w->dir, cmd.upload, path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs(bytes, f);
    (void)fclose(f);
    (void)crypto_generichash(cmd.blob.hash, sizeof cmd.blob.hash, (const unsigned char *)bytes, strlen(bytes), NULL, 0);
    cmd.kind = COMMAND_UPLOAD_DONE;
    world_upload(w, cmd);
}

static inline void edit(struct world *w, bz_id by, bz_id post, const char *text)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_POST_EDIT, .actor = by, .post = post, .text = span_of(text) });
}

static inline void redact(struct world *w, bz_id by, bz_id post)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_POST_REDACT, .actor = by, .post = post,
                                        .reason = SPAN("against the rules") });
}

static inline void react(struct world *w, bz_id by, bz_id post, bool on)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_POST_REACT, .actor = by, .post = post, .emoji = SPAN("💡"),
                                        .on = on });
}

static inline struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof *w);
    struct bz_error e = { 0 };
    assert_true(folder_make(w->dir, "store"));
    w->env = (struct env){ world_now, world_random, world_fault, w };
    w->clock_ms = 1000000;
    w->config = (struct db_config){ .dir = w->dir, .env = &w->env };
    arena_init(&w->arena);
    must(db_open(&w->config, DB_WRITE, true, &w->db, &e), &e);
    w->journal = journal_sqlite(w->db);
    assert_non_null(w->journal);
    return w;
}

static inline struct world *world_hub(void)
{
    struct world *w = world_new();
    struct bz_error e = { 0 };
    (void)world_do(w, (struct command){ .kind = COMMAND_HUB_INIT, .handle = SPAN("africa"), .name = SPAN("Africa hub") });
    w->region = id_make(0, 2);
    w->general = id_make(0, 3);
    w->lobby = id_make(0, 4);
    w->admin = id_make(0, 5);
    must(db_open(&w->config, DB_READ, false, &w->reader, &e), &e);
    return w;
}

/* Opens a fresh snapshot of the reader. */
static inline struct db *look(struct world *w)
{
    struct bz_error e = { 0 };
    db_rollback(w->reader);
    must(db_begin(w->reader, &e), &e);
    return w->reader;
}

/* The number that a statement answers. */
static inline int64_t world_count(struct world *w, const char *sql)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(w->db->sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static inline void remove_dir(const char *dir)
{
    static const char *const names[] = { "baraza.db", "baraza.db-wal", "baraza.db-shm", "lock", "copy.db", "baraza.db.part" };
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/copy.db.files", dir);
    (void)keep_discard(path);
    (void)snprintf(path, sizeof path, "%s/files/part", dir);
    (void)rmdir(path);
    *strrchr(path, '/') = '\0';
    (void)keep_discard(path);
    (void)rmdir(dir);
}

static inline void world_free(struct world *w)
{
    db_close(w->reader);
    if (w->journal != NULL)
        w->journal->ops->free(w->journal);
    db_close(w->db);
    arena_done(&w->arena);
    remove_dir(w->dir);
    free(w);
}
#endif
