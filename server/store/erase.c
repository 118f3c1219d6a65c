#include "store/erase.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/blob.h"
#include "store/columns.h"
#include "store/export.h"
#include "store/mail.h"
#include "store/statement.h"

#define STEP_ENTRIES 32          /* that are taken out in a step, unless it says more */
#define STEP_ROWS 4000           /* of the journal that are looked through */

/* ?1 is the member, ?5 whether their posts stay. What others said stands, also what they said as moderators; so do rooms, themes
 * and collections, which are the hub's. A reason is theirs where they gave it for something of their own, or it is about them. */
#define REASON "json_extract(j.body, '$.reason')"
#define OWN_THREAD "EXISTS (SELECT 1 FROM thread AS t WHERE t.id = j.thread AND t.by = ?1 AND t.kind <> 1)"
#define IS_THEIRS                                                                                                    \
    "CASE WHEN j.actor = ?1 AND j.kind IN (13, 16) THEN NOT ?5"                                                      \
    " WHEN j.actor = ?1 AND j.kind = 8 THEN NOT ?5 AND json_extract(j.body, '$.type') <> 'chat'"                     \
    " AND json_extract(j.body, '$.author') IS NULL"                                                                  \
    " WHEN j.actor = ?1 AND j.kind IN (9, 60) THEN NOT ?5 AND " OWN_THREAD                                           \
    " WHEN j.actor = ?1 AND j.kind = 15 THEN " REASON " <> '' AND EXISTS (SELECT 1 FROM post AS p WHERE p.id = j.subject AND p.by = ?1)" \
    " WHEN j.actor = ?1 AND j.kind IN (40, 43) THEN " REASON " IS NOT NULL"                                          \
    " WHEN j.actor = ?1 AND j.kind = 44 THEN json_extract(j.body, '$.ask') IN ('post', 'thread') OR EXISTS"           \
    " (SELECT 1 FROM matter AS m WHERE m.id = j.id AND m.decided_ms IS NULL)"                                        \
    " WHEN j.subject = ?1 AND j.kind IN (4, 29) THEN 1"                                                              \
    " WHEN j.subject = ?1 AND j.kind IN (19, 30, 31) THEN " REASON " IS NOT NULL"                                    \
    " WHEN j.kind = 21 THEN NOT ?5 AND json_extract(j.body, '$.title') <> '' AND " OWN_THREAD " ELSE 0 END"
/* What is left of each. */
#define REST                                                                                                         \
    "CASE WHEN j.kind = 8 THEN json_set(json_remove(j.body, '$.fields'), '$.title', '')"                             \
    " WHEN j.kind IN (9, 21) THEN json_set(j.body, '$.title', '') WHEN j.kind = 60 THEN json_set(j.body, '$.fields', json('{}'))" \
    " WHEN j.kind = 15 THEN json_set(j.body, '$.reason', '')"                                                        \
    " WHEN j.kind = 44 THEN json_object('ask', json_extract(j.body, '$.ask'))"                                       \
    " WHEN j.kind IN (19, 30, 31, 40, 43) THEN json_remove(j.body, '$.reason') END"

#define ERASE_STATEMENTS(X)                                                                                          \
    X(SQL_HANDLE, "SELECT handle, lang FROM member WHERE id = ?1 AND erased_ms IS NULL")                                   \
    X(SQL_STATE, "SELECT keeps, upto, NOT EXISTS (SELECT 1 FROM unmerged WHERE entry <= last)"                       \
                 " AND NOT EXISTS (SELECT 1 FROM blob WHERE since = 0) AND " NONE_IS_LEFT " FROM erasure"    \
                 " WHERE member = ?1 AND done_ms IS NULL")                                                           \
    X(SQL_THEIRS, "SELECT j.id, " REST " FROM journal AS j WHERE j.id > ?2 AND j.id <= ?3 AND j.body IS NOT NULL"    \
                  " AND (j.actor = ?1 OR j.subject = ?1 OR j.kind = 21) AND " IS_THEIRS " ORDER BY j.id LIMIT ?4")   \
    X(SQL_BEGIN, "INSERT OR IGNORE INTO erasure(member, mark, at_ms, keeps, upto, last, addresses, lang, handle)" \
                 " SELECT id, substr(hash, 1, 16), ?2, ?3, 0, ?4, (SELECT group_concat(key, ' ') FROM address WHERE member = ?1), ?5," \
                 " handle_mark(substr(hash, 1, 16), ?6)"                                                             \
                 " FROM journal WHERE id = ?1")                                                                      \
    X(SQL_UPTO, "UPDATE erasure SET upto = ?2, last = max(last, ?3) WHERE member = ?1 AND done_ms IS NULL")          \
    X(SQL_DONE, "UPDATE erasure SET done_ms = ?2, addresses = NULL, lang = NULL WHERE member = ?1 AND done_ms IS NULL")                             \
    X(SQL_FAREWELL, "SELECT addresses, lang FROM erasure WHERE member = ?1 AND done_ms IS NULL AND addresses IS NOT NULL") \
    X(SQL_UNMERGED, "INSERT OR IGNORE INTO unmerged(entry) VALUES(?1)")                                              \
    X(SQL_UPLOADS, "SELECT id FROM upload WHERE member = ?1 LIMIT 50")                                               \
    X(SQL_UNNAMED, "UPDATE blob SET since = 0 WHERE hash IN (SELECT hash FROM upload WHERE member = ?1)")            \
    COLUMN_ERASURES(X)
STATEMENTS(ERASE_STATEMENTS, erase, true)

#define ERASE_READ_STATEMENTS(X)                                                                                     \
    X(SQL_NEXT, "SELECT member FROM erasure WHERE done_ms IS NULL ORDER BY at_ms LIMIT 1")
STATEMENTS(ERASE_READ_STATEMENTS, erase_read, false)

#define BIND(name, ...) db_bind(db, LIST_ERASE, name, __VA_ARGS__)
#define RUN(name, ...) (rc = rc == BZ_OK ? db_run(db, BIND(name, __VA_ARGS__), e) : rc)

static const int own_rows[] = {
#define ROW(name, sql) name,
    COLUMN_ERASURES(ROW)
#undef ROW
};

/* Up to the head, or as many as a step takes. */
static enum bz_err find(struct db *db, const struct command *cmd, struct arena *arena, int64_t upto, int64_t keeps,
                        struct erase_facts *ret, struct bz_error *e)
{
    int64_t head, at_ms, limit = cmd->uses > 0 ? cmd->uses : STEP_ENTRIES;
    bool has_row;
    enum bz_err rc = db_head(db, &head, &at_ms, e);
    if (rc != BZ_OK)
        return rc;
    ret->upto = head - upto > STEP_ROWS ? upto + STEP_ROWS : head;
    ret->goes_on = upto < head;
    ret->is_over = upto == head;
    ret->entries = arena_alloc(arena, (size_t)limit * sizeof *ret->entries);
    sqlite3_stmt *s = BIND(SQL_THEIRS, "iiiii", cmd->member, upto, ret->upto, limit, keeps);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        ret->entries[ret->count++] = (struct erase_entry){ sqlite3_column_int64(s, 0), arena_copy(arena, column_span(s, 1)) };
    if ((int64_t)ret->count == limit)
        ret->upto = ret->entries[limit - 1].seq;
    return rc;
}

static enum bz_err step_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_STATE, "i", cmd->member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    int64_t keeps = sqlite3_column_int64(s, 0), upto = sqlite3_column_int64(s, 1);
    bool is_clean = sqlite3_column_int(s, 2) != 0;
    db_reset(s);
    struct erase_facts *erase = arena_alloc(arena, sizeof *erase);
    *erase = (struct erase_facts){ 0 };
    rc = find(db, cmd, arena, upto, keeps, erase, e);
    erase->is_over = erase->is_over && is_clean;
    erase->keeps = keeps != 0;
    f->erase = erase;
    return rc;
}

enum bz_err erase_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e)
{
    bool has_row;
    if (cmd->kind == COMMAND_ERASE_STEP)
        return step_facts(db, cmd, arena, ret, e);
    if (cmd->kind != COMMAND_MEMBER_ERASE)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_HANDLE, "i", ret->member.id);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    ret->handle = arena_copy(arena, column_span(s, 0));
    ret->lang = arena_copy(arena, column_span(s, 1));
    db_reset(s);
    return BZ_OK;
}

/* What they had sent and not shared. */
static enum bz_err end_uploads(struct db *db, const char *dir, bz_id member, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_UPLOADS, "i", member);
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        blob_part_remove(dir, column_span(s, 0));
    RUN(SQL_UNNAMED, "i", member);
    return rc;
}

/* A mail that was written into a file, for a hub without a mail server. */
static bool is_to(const char *path, struct span addresses)
{
    char block[16384], one[256];
    ssize_t len = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        len = read(fd, block, sizeof block);
        (void)close(fd);
    }
    for (size_t i = 0; len > 0 && i < addresses.len;) {
        const char *at = addresses.at + i, *blank = memchr(at, ' ', addresses.len - i);
        size_t part = blank == NULL ? addresses.len - i : (size_t)(blank - at);
        (void)snprintf(one, sizeof one, "<%.*s>\r\nSubject: ", (int)part, at);   /* the end of the line To, as letter.c writes it */
        if (memmem(block, (size_t)len, one, strlen(one)) != NULL)
            return true;
        i += part + 1;
    }
    return false;
}

static void end_mails(const char *dir, struct span addresses)
{
    char folder[BLOB_PATH_BYTES], path[BLOB_PATH_BYTES + 300];
    (void)snprintf(folder, sizeof folder, "%s/mail", dir);
    DIR *d = addresses.len > 0 ? opendir(folder) : NULL;
    for (struct dirent *f; d != NULL && (f = readdir(d)) != NULL;) {
        (void)snprintf(path, sizeof path, "%s/%.255s", folder, f->d_name);
        if (f->d_name[0] != '.' && is_to(path, addresses))
            (void)unlink(path);
    }
    if (d != NULL)
        (void)closedir(d);
}

/* What was mailed to them goes, and then one mail says that nothing is left: its row goes when it was sent. */
static enum bz_err say_farewell(struct db *db, const char *dir, bz_id member, struct bz_error *e)
{
    char to[256], lang[16];
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_FAREWELL, "i", member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    struct span addresses = column_span(s, 0), speaks = column_span(s, 1);
    end_mails(dir, addresses);
    const char *blank = memchr(addresses.at, ' ', addresses.len);
    (void)snprintf(to, sizeof to, "%.*s", (int)(blank == NULL ? addresses.len : (size_t)(blank - addresses.at)), addresses.at);
    (void)snprintf(lang, sizeof lang, "%.*s", (int)speaks.len, speaks.at == NULL ? "" : speaks.at);
    bool is_told = speaks.at != NULL;
    db_reset(s);
    if (!is_told)
        return BZ_OK;
    const struct mail_new mail = { .kind = MAIL_ERASED, .to_address = span_of(to), .lang = span_of(lang) };
    rc = mail_put(db, &mail, e);
    return rc == BZ_ERR_INVALID || rc == BZ_ERR_RATE_LIMITED ? BZ_OK : rc;   /* too much mail does not hold it up */
}

/* A few hundred rows of each table. */
static enum bz_err end_rows(struct db *db, const char *dir, bz_id member, struct bz_error *e)
{
    enum bz_err rc = end_uploads(db, dir, member, e);
    if (rc == BZ_OK)
        rc = export_forget(db, dir, member, e);
    for (size_t i = 0; i < sizeof own_rows / sizeof *own_rows; i++)
        RUN(own_rows[i], "i", member);
    return rc;
}

enum bz_err erase_carry_out(struct db *db, const struct command *cmd, const struct facts *facts, const struct erase_step *step,
                            struct bz_error *e)
{
    const struct erase_facts *erase = facts->erase;
    enum bz_err rc = BZ_OK;
    if (cmd->kind == COMMAND_MEMBER_ERASE) {
        struct span none = { NULL, 0 };
        RUN(SQL_BEGIN, "iiiiss", facts->member.id, step->now_ms, (int64_t)cmd->on, step->last, cmd->uses != 0 ? none : facts->lang,
            facts->handle);
        return rc == BZ_OK ? end_rows(db, step->dir, facts->member.id, e) : rc;
    }
    if (cmd->kind != COMMAND_ERASE_STEP || erase == NULL)
        return rc;
    if (erase->is_over) {
        rc = say_farewell(db, step->dir, cmd->member, e);
        RUN(SQL_DONE, "ii", cmd->member, step->now_ms);
        RUN(SQL_UNMERGED, "i", step->last);   /* its row had an address until now */
    } else
        RUN(SQL_UPTO, "iii", cmd->member, erase->upto, erase->count > 0 ? step->last : 0);
    return rc == BZ_OK ? end_rows(db, step->dir, cmd->member, e) : rc;
}

enum bz_err erase_next(struct db *db, bz_id *ret_member, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = db_bind(db, LIST_ERASE_READ, SQL_NEXT, "");
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret_member = rc == BZ_OK && has_row ? sqlite3_column_int64(s, 0) : 0;
    if (*ret_member != 0)
        db_reset(s);
    return rc;
}
