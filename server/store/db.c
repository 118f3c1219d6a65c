#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/filter.h"
#include "store/forms.h"
#include "store/migrate.h"
#include "store/statement.h"

#define DB_STATEMENTS(X)                                                                             \
    X(SQL_BEGIN_READ, "BEGIN")                                                                       \
    X(SQL_ROLLBACK, "ROLLBACK")                                                                      \
    X(SQL_HEAD, "SELECT id, at_ms FROM journal WHERE id < 1 << 40 ORDER BY id DESC LIMIT 1")         \
    X(SQL_HUBS, "SELECT hub, code FROM hub ORDER BY hub")                                            \
    X(SQL_HUB_CODE, "SELECT json_extract(?1, '$.code')")
STATEMENTS(DB_STATEMENTS, db, false)

#define COMMIT_STATEMENTS(X)                  \
    X(SQL_BEGIN_WRITE, "BEGIN IMMEDIATE")     \
    X(SQL_COMMIT, "COMMIT")
STATEMENTS(COMMIT_STATEMENTS, commit, true)

static const struct statement_list *const lists[LISTS] = {
#define LIST_ROW(NAME, name) [LIST_##NAME] = &name##_statements,
    STATEMENT_LISTS(LIST_ROW)
#undef LIST_ROW
};

#define BUSY_MS 2000
#define PROGRESS_OPS 1000      /* virtual machine steps between two looks at the clock */
#define CLOCK_PER_PROCESSOR 10  /* a query may last so many times longer by the clock */

static enum bz_err errno_fail(int number, const char *doing, struct bz_error *e)
{
    if (number == ENOSPC || number == EDQUOT || number == EFBIG)
        return bz_fail(e, BZ_ERR_STORAGE_FULL, "the disk is full: could not %s; what was acknowledged is safe", doing);
    return bz_fail(e, BZ_ERR_STORE, "could not %s (%s)", doing, strerror(number));
}

enum bz_err sqlite_fail(sqlite3 *sq, const char *doing, struct bz_error *e)
{
    int code = sqlite3_extended_errcode(sq);
    int number = sqlite3_system_errno(sq);
    if ((code & 0xff) == SQLITE_FULL
        || ((code & 0xff) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT || number == EFBIG)))
        return errno_fail(ENOSPC, doing, e);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
        (void)bz_fail(e, BZ_ERR_BUSY, "the database is in use by another program: could not %s; try again", doing);
        if (e != NULL)
            e->retry_after_ms = BUSY_MS;
        return BZ_ERR_BUSY;
    }
    if ((code & 0xff) == SQLITE_INTERRUPT)
        return bz_fail(e, BZ_ERR_DEADLINE, "this took too long and was stopped; ask for less");
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
        return bz_fail(e, BZ_ERR_STORE, "the database is damaged: could not %s (code %d); put the latest backup into a new "
                       "folder with `baraza restore`", doing, code);
    return bz_fail(e, BZ_ERR_STORE, "the database failed: could not %s (code %d)", doing, code);
}

/* ---- statements */

static enum bz_err prepare_list(struct db *db, int list, struct bz_error *e)
{
    const struct statement_list *l = lists[list];
    db->statements[list] = calloc((size_t)l->count, sizeof(sqlite3_stmt *));
    if (db->statements[list] == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    for (int i = 0; i < l->count; i++) {
        if (sqlite3_prepare_v3(db->sq, l->sql[i], -1, SQLITE_PREPARE_PERSISTENT, &db->statements[list][i], NULL)
            != SQLITE_OK) {
            log_line(db->log, LOG_ERROR, "statement", "sql", l->sql[i], "error", sqlite3_errmsg(db->sq), NULL);
            return sqlite_fail(db->sq, "prepare the database", e);
        }
    }
    return BZ_OK;
}

static enum bz_err prepare_all(struct db *db, struct bz_error *e)
{
    for (int list = 0; list < LISTS; list++) {
        enum bz_err rc = lists[list]->is_write && db->mode != DB_WRITE ? BZ_OK : prepare_list(db, list, e);
        if (rc != BZ_OK)
            return rc;
    }
    return BZ_OK;
}

static int bind_one(sqlite3_stmt *s, int at, char type, va_list *args)
{
    switch (type) {
    case 'i':
        return sqlite3_bind_int64(s, at, va_arg(*args, int64_t));
    case 'n': {
        int64_t n = va_arg(*args, int64_t);
        return n == 0 ? sqlite3_bind_null(s, at) : sqlite3_bind_int64(s, at, n);
    }
    case 's': {
        struct span text = va_arg(*args, struct span);
        return text.at == NULL ? sqlite3_bind_null(s, at)
                               : sqlite3_bind_text64(s, at, text.at, text.len, SQLITE_STATIC, SQLITE_UTF8);
    }
    case 'b': {
        struct span bytes = va_arg(*args, struct span);
        return sqlite3_bind_blob64(s, at, bytes.at == NULL ? "" : bytes.at, bytes.len, SQLITE_STATIC);
    }
    case 'h':
        return sqlite3_bind_blob(s, at, va_arg(*args, const unsigned char *), 32, SQLITE_STATIC);
    default:
        assert(!"format of db_bind");
        return SQLITE_MISUSE;
    }
}

sqlite3_stmt *db_bind(struct db *db, int list, int index, const char *format, ...)
{
    assert(db->statements[list] != NULL && "a writer's statement on a reading connection");
    assert(!db->in_transaction || pthread_equal(db->owner, pthread_self()));
    sqlite3_stmt *s = db->statements[list][index];
    assert(sqlite3_bind_parameter_count(s) == (int)strlen(format));
    (void)sqlite3_reset(s);   /* its result is that of the last step, which was looked at there */
    int rc = SQLITE_OK;
    va_list args;
    va_start(args, format);
    for (int i = 0; format[i] != '\0' && rc == SQLITE_OK; i++)
        rc = bind_one(s, i + 1, format[i], &args);
    va_end(args);
    return rc == SQLITE_OK ? s : NULL;
}

enum bz_err db_step(struct db *db, sqlite3_stmt *s, bool *ret_row, struct bz_error *e)
{
    *ret_row = false;
    if (s == NULL)
        return sqlite_fail(db->sq, "prepare a statement", e);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        *ret_row = true;
        return BZ_OK;
    }
    enum bz_err err = BZ_OK;
    if (rc != SQLITE_DONE)
        err = sqlite_fail(db->sq, sqlite3_column_count(s) > 0 && sqlite3_stmt_readonly(s) ? "read" : "write", e);
    (void)sqlite3_reset(s);
    return err;
}

void db_reset(sqlite3_stmt *s) { (void)sqlite3_reset(s); }

enum bz_err db_run(struct db *db, sqlite3_stmt *s, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (has_row)
        (void)sqlite3_reset(s);
    return rc;
}

enum bz_err db_number(struct db *db, sqlite3_stmt *s, int64_t *ret, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = 0;
    if (rc == BZ_OK && has_row) {
        *ret = sqlite3_column_int64(s, 0);
        db_reset(s);
    }
    return rc;
}

enum bz_err db_run_one(struct db *db, sqlite3_stmt *s, struct bz_error *e)
{
    enum bz_err rc = db_run(db, s, e);
    if (rc == BZ_OK && sqlite3_changes(db->sq) != 1)
        rc = bz_fail(e, BZ_ERR_STORE, "an entry speaks of something that is not there");
    return rc;
}

struct room_set room_set_of_row(sqlite3_stmt *s, int column)
{
    return (struct room_set){
        .slow_s = sqlite3_column_int64(s, column),
        .lock_days = sqlite3_column_int64(s, column + 1),
        .posting = (enum posting)sqlite3_column_int(s, column + 2),
        .hold = (enum hold)sqlite3_column_int(s, column + 3),
        .links = (enum links)sqlite3_column_int(s, column + 4),
        .hold_threads = sqlite3_column_int(s, column + 5) != 0,
        .approve_join = sqlite3_column_int(s, column + 6) != 0,
        .new_posts = sqlite3_column_int64(s, column + 7),
        .new_hour = sqlite3_column_int64(s, column + 8),
        .new_links = (enum links)sqlite3_column_int(s, column + 9),
        .new_files = (enum links)sqlite3_column_int(s, column + 10),
        .previews = sqlite3_column_int(s, column + 11) != 0,
        .has_words = sqlite3_column_int(s, column + 12) != 0,
    };
}

struct span column_span(sqlite3_stmt *s, int column)
{
    const char *at = (const char *)sqlite3_column_text(s, column);
    if (at == NULL)
        return (struct span){ 0 };
    return (struct span){ at, (size_t)sqlite3_column_bytes(s, column) };
}

void entry_of_row(sqlite3_stmt *s, struct entry *ret)
{
    bz_id id = sqlite3_column_int64(s, 0);
    *ret = (struct entry){
        .hub = id_hub(id),
        .seq = id_seq(id),
        .at_ms = sqlite3_column_int64(s, 1),
        .actor = sqlite3_column_int64(s, 2),
        .kind = (enum entry_kind)sqlite3_column_int(s, 3),
        .room = sqlite3_column_int64(s, 4),
        .thread = sqlite3_column_int64(s, 5),
        .subject = sqlite3_column_int64(s, 6),
        .cid = column_span(s, 7),
        .body = column_span(s, 8),
    };
}

/* ---- hubs and head */

static enum bz_err load_hubs(struct db *db, struct bz_error *e)
{
    sqlite3_stmt *s = db_bind(db, LIST_DB, SQL_HUBS, "");
    bool has_row;
    enum bz_err rc;
    memset(&db->hubs, 0, sizeof db->hubs);
    db->hubs.count = 1;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        int64_t hub = sqlite3_column_int64(s, 0);
        struct span code = column_span(s, 1);
        if (hub < 0 || hub >= BZ_HUBS_MAX || code.len > BZ_HUB_CODE)
            continue;
        memcpy(db->hubs.code[hub], code.at, code.len);
        if ((unsigned)hub >= db->hubs.count)
            db->hubs.count = (unsigned)hub + 1;
    }
    return rc;
}

enum bz_err db_learn_hub(struct db *db, const struct entry *entry, struct bz_error *e)
{
    if (entry->kind != ENTRY_HUB || entry->hub != 0 || db->hubs.code[0][0] != '\0')
        return BZ_OK;
    sqlite3_stmt *s = db_bind(db, LIST_DB, SQL_HUB_CODE, "s", entry->body);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    struct span code = column_span(s, 0);
    if (!hub_code_valid(code))
        rc = bz_fail(e, BZ_ERR_STORE, "the hub's entry has no valid code");
    else
        memcpy(db->hubs.code[0], code.at, code.len);
    db->hub_is_new = rc == BZ_OK;
    db_reset(s);
    return rc;
}

enum bz_err db_head(struct db *db, int64_t *ret_seq, int64_t *ret_at_ms, struct bz_error *e)
{
    if (!db->head_known) {
        sqlite3_stmt *s = db_bind(db, LIST_DB, SQL_HEAD, "");
        bool has_row;
        enum bz_err rc = db_step(db, s, &has_row, e);
        if (rc != BZ_OK)
            return rc;
        db->head_seq = has_row ? id_seq(sqlite3_column_int64(s, 0)) : 0;
        db->head_at_ms = has_row ? sqlite3_column_int64(s, 1) : 0;
        db_reset(s);
        db->head_known = db->mode == DB_WRITE && db->in_transaction;   /* a reader's head moves with its snapshot */
    }
    *ret_seq = db->head_seq;
    *ret_at_ms = db->head_at_ms;
    return BZ_OK;
}

const struct hubs *db_hubs(const struct db *db) { return &db->hubs; }

/* ---- deadline */

static int64_t ns_of(clockid_t clock)   /* env has the time of day alone; a deadline must not follow a clock that is set */
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What a query costs is the processor's time; a machine that is busy with others is not the query's fault. A disk that does
 * not answer takes none of it: so much more by the clock is enough, too. */
static bool is_past(const struct db *db, int64_t ns)
{
    return ns_of(CLOCK_THREAD_CPUTIME_ID) - db->began_cpu_ns > ns ||
           ns_of(CLOCK_MONOTONIC) - db->began_ns > ns * CLOCK_PER_PROCESSOR;
}

static int past_deadline(void *ctx)
{
    const struct db *db = ctx;
    return db->deadline_ns != 0 && is_past(db, db->deadline_ns);
}

void db_within(struct db *db, const struct id_list *rooms) { db->within = rooms; }

void db_deadline(struct db *db, int ms)
{
    db->deadline_ns = (int64_t)ms * 1000000;
    if (ms != 0) {
        db->began_ns = ns_of(CLOCK_MONOTONIC);
        db->began_cpu_ns = ns_of(CLOCK_THREAD_CPUTIME_ID);
    }
    sqlite3_progress_handler(db->sq, PROGRESS_OPS, ms == 0 ? NULL : past_deadline, db);
}

bool db_hurries(const struct db *db) { return db->deadline_ns != 0 && is_past(db, db->deadline_ns / 2); }

/* ---- transactions */

enum bz_err db_begin(struct db *db, struct bz_error *e)
{
    assert(!db->in_transaction);
    if (db->mode == DB_WRITE && fails(db->env, "store.begin"))
        return bz_fail(e, BZ_ERR_STORE, "the database failed: could not begin");
    sqlite3_stmt *s = db->mode == DB_WRITE ? db_bind(db, LIST_COMMIT, SQL_BEGIN_WRITE, "")
                                           : db_bind(db, LIST_DB, SQL_BEGIN_READ, "");
    enum bz_err rc = db_run(db, s, e);
    if (rc != BZ_OK)
        return rc;
    db->in_transaction = true;
    db->mails = 0;
    db->owner = pthread_self();
    int64_t seq, at_ms;
    if (db->mode == DB_READ && (rc = db_head(db, &seq, &at_ms, e)) != BZ_OK)   /* the first read takes the snapshot */
        db_rollback(db);
    return rc;
}

void db_rollback(struct db *db)
{
    if (!db->in_transaction)
        return;
    int64_t deadline_ns = db->deadline_ns;
    db->deadline_ns = 0;
    if (sqlite3_get_autocommit(db->sq) == 0)   /* some errors have rolled back already */
        (void)db_run(db, db_bind(db, LIST_DB, SQL_ROLLBACK, ""), NULL);
    db->deadline_ns = deadline_ns;
    db->in_transaction = false;
    if (db->mode != DB_WRITE)
        return;
    db->head_known = false;
    if (db->journal_forget != NULL)
        db->journal_forget(db->journal);
    if (db->hub_is_new)
        memset(db->hubs.code[0], 0, sizeof db->hubs.code[0]);
    db->hub_is_new = false;
}

enum bz_err db_commit(struct db *db, struct bz_error *e)
{
    assert(db->in_transaction && db->mode == DB_WRITE);
    enum bz_err rc = BZ_OK;
    if (db->journal_flush != NULL)
        rc = db->journal_flush(db->journal, e);
    if (rc == BZ_OK && fails(db->env, "store.commit.before"))
        rc = bz_fail(e, BZ_ERR_STORE, "the database failed: could not commit");
    if (rc == BZ_OK)
        rc = db_run(db, db_bind(db, LIST_COMMIT, SQL_COMMIT, ""), e);
    if (rc != BZ_OK) {
        db_rollback(db);
        return rc;
    }
    db->in_transaction = false;
    db->hub_is_new = false;
    return BZ_OK;
}

/* ---- opening */

/* Reading connections may read, and call what reading calls; whatever else a statement tries is refused as it is
 * prepared. FTS5 asks for data_version on its own, and a virtual table that declares its columns is shown to us as an
 * update of sqlite_master, which is out of reach by the file's mode, query_only and DEFENSIVE all the same. */
static int authorize(void *ctx, int action, const char *a, const char *b, const char *schema, const char *inner)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_UPDATE:
        return a != NULL && strcmp(a, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
        return b != NULL && sqlite3_stricmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_TRANSACTION:
        return a != NULL && sqlite3_stricmp(a, "COMMIT") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return a != NULL && sqlite3_stricmp(a, "data_version") == 0 && b == NULL ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static void limits_set(sqlite3 *sq)
{
    static const struct { int id, value; } limits[] = {
        { SQLITE_LIMIT_LENGTH, 8 << 20 },    { SQLITE_LIMIT_SQL_LENGTH, 64 << 10 }, { SQLITE_LIMIT_COLUMN, 64 },
        { SQLITE_LIMIT_EXPR_DEPTH, 80 },     { SQLITE_LIMIT_COMPOUND_SELECT, 8 },   { SQLITE_LIMIT_VDBE_OP, 25000 },
        { SQLITE_LIMIT_FUNCTION_ARG, 16 },   { SQLITE_LIMIT_ATTACHED, 0 },
        { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 }, { SQLITE_LIMIT_VARIABLE_NUMBER, 32 },
        { SQLITE_LIMIT_TRIGGER_DEPTH, 4 },   { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        (void)sqlite3_limit(sq, limits[i].id, limits[i].value);
}

static enum bz_err guard(sqlite3 *sq, struct bz_error *e)
{
    limits_set(sq);
    if (sqlite3_extended_result_codes(sq, 1) != SQLITE_OK || sqlite3_busy_timeout(sq, BUSY_MS) != SQLITE_OK
        || sqlite3_db_config(sq, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK
        || sqlite3_db_config(sq, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK
        || sqlite3_db_config(sq, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL) != SQLITE_OK
        || sqlite3_db_config(sq, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL) != SQLITE_OK)
        return sqlite_fail(sq, "open the database", e);
    return BZ_OK;
}

static enum bz_err set_up_writer(struct db *db, struct bz_error *e)
{
    bool is_older;
    enum bz_err rc = migrate_check(db->sq, &is_older, e);   /* before anything is changed in a file that is not ours */
    if (rc != BZ_OK)
        return rc;
    sqlite3_stmt *s = NULL;
    bool is_wal = sqlite3_prepare_v2(db->sq, "PRAGMA journal_mode = WAL", -1, &s, NULL) == SQLITE_OK
                  && sqlite3_step(s) == SQLITE_ROW && span_is(column_span(s, 0), "wal");
    rc = is_wal ? BZ_OK : sqlite_fail(db->sq, "turn on the write-ahead log", e);
    (void)sqlite3_finalize(s);
    if (rc == BZ_OK
        && sqlite3_exec(db->sq, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -16384;"
                                "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216",
                        NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_fail(db->sq, "open the database", e);
    return rc == BZ_OK && is_older ? migrate_run(db->sq, e) : rc;
}

static enum bz_err set_up_reader(struct db *db, struct bz_error *e)
{
    bool is_older = false;
    enum bz_err rc = BZ_OK;
    if (sqlite3_db_config(db->sq, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK
        || sqlite3_exec(db->sq, "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;"
                                "PRAGMA query_only = ON",
                        NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_fail(db->sq, "open the database for reading", e);
    if (rc == BZ_OK)
        rc = migrate_check(db->sq, &is_older, e);
    if (rc == BZ_OK && is_older)
        rc = bz_fail(e, BZ_ERR_CONFLICT, "the database is of an older release; start the daemon once to bring it up");
    if (rc == BZ_OK && sqlite3_set_authorizer(db->sq, authorize, db) != SQLITE_OK)
        rc = sqlite_fail(db->sq, "open the database for reading", e);
    return rc;
}

static enum bz_err open_lock(const char *dir, int *ret_fd, struct bz_error *e)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/lock", dir) >= (int)sizeof path)
        return bz_invalid(e, "data", "the folder's path is too long");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno_fail(errno, "open the lock in the data folder", e);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        enum bz_err rc = errno == EWOULDBLOCK
            ? bz_fail(e, BZ_ERR_CONFLICT, "another process is using this data folder")
            : errno_fail(errno, "lock the data folder", e);
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return BZ_OK;
}

/* Makes an empty file of mode 0600 before SQLite would make one by the umask. Only while nobody has the database open:
 * closing any descriptor of a file drops the process's locks on it. */
static enum bz_err make_file(const char *dir, const char *path, struct bz_error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EEXIST ? BZ_OK : errno_fail(errno, "make the database", e);
    close(fd);
    int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum bz_err rc = at < 0 || fsync(at) != 0 ? errno_fail(errno, "make the database", e) : BZ_OK;
    if (at >= 0)
        close(at);
    return rc;
}

static enum bz_err open_file(const struct db_config *config, struct db *db, bool create, struct bz_error *e)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/baraza.db", config->dir) >= (int)sizeof path)
        return bz_invalid(e, "data", "the folder's path is too long");
    if (db->mode == DB_WRITE && create && mkdir(config->dir, 0700) != 0 && errno != EEXIST)
        return errno_fail(errno, "make the data folder", e);
    struct stat st;
    bool is_missing = stat(path, &st) != 0;
    if (is_missing && (!create || db->mode == DB_READ))
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no database in this folder; make one with `baraza init`");
    if (db->mode == DB_WRITE) {
        enum bz_err rc = open_lock(config->dir, &db->lock_fd, e);
        if (rc == BZ_OK && is_missing)
            rc = make_file(config->dir, path, e);
        if (rc == BZ_OK && chmod(path, 0600) != 0)
            rc = errno_fail(errno, "protect the database from other users", e);
        if (rc != BZ_OK)
            return rc;
    }
    int flags = (db->mode == DB_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &db->sq, flags, NULL) != SQLITE_OK)
        return db->sq == NULL ? bz_fail(e, BZ_ERR_STORE, "out of memory") : sqlite_fail(db->sq, "open the database", e);
    return BZ_OK;
}

static struct db *db_alloc(const struct env *env, struct log *log, enum db_mode mode)
{
    struct db *db = sodium_init() < 0 ? NULL : calloc(1, sizeof *db);
    if (db != NULL) {
        db->mode = mode;
        db->env = env;
        db->log = log;
        db->lock_fd = -1;
    }
    return db;
}

enum bz_err db_open(const struct db_config *config, enum db_mode mode, bool create, struct db **ret,
                    struct bz_error *e)
{
    struct db *db = db_alloc(config->env, config->log, mode);
    if (db == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    enum bz_err rc = open_file(config, db, create, e);
    if (rc == BZ_OK)
        rc = guard(db->sq, e);
    if (rc == BZ_OK)
        rc = functions_add(db, e);   /* migrations call them, too */
    if (rc == BZ_OK)
        rc = mode == DB_WRITE ? set_up_writer(db, e) : set_up_reader(db, e);
    if (rc == BZ_OK)
        rc = prepare_all(db, e);
    if (rc == BZ_OK)
        rc = load_hubs(db, e);
    if (rc != BZ_OK) {
        db_close(db);
        return rc;
    }
    *ret = db;
    return BZ_OK;
}

enum bz_err db_open_raw(const char *path, sqlite3 **ret, struct bz_error *e)
{
    sqlite3 *sq = NULL;
    enum bz_err rc = BZ_OK;
    if (sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        rc = sq == NULL ? bz_fail(e, BZ_ERR_STORE, "out of memory") : sqlite_fail(sq, "open the database", e);
    if (rc == BZ_OK)
        rc = guard(sq, e);
    if (rc == BZ_OK
        && (sqlite3_db_config(sq, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK
            || sqlite3_exec(sq, "PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON", NULL, NULL, NULL)
                   != SQLITE_OK))
        rc = sqlite_fail(sq, "open the database", e);
    if (rc != BZ_OK)
        (void)sqlite3_close(sq);
    else
        *ret = sq;
    return rc;
}

enum bz_err db_open_copy(sqlite3 *src, const struct env *env, struct db **ret, struct bz_error *e)
{
    struct db *db = db_alloc(env, NULL, DB_WRITE);
    if (db == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    enum bz_err rc = BZ_OK;
    if (sqlite3_open_v2("", &db->sq, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)
        != SQLITE_OK)
        rc = db->sq == NULL ? bz_fail(e, BZ_ERR_STORE, "out of memory") : sqlite_fail(db->sq, "make a copy", e);
    if (rc == BZ_OK)
        rc = copy_pages(db->sq, src, e);
    if (rc == BZ_OK)
        rc = guard(db->sq, e);
    if (rc == BZ_OK && sqlite3_exec(db->sq, "PRAGMA synchronous = OFF", NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_fail(db->sq, "make a copy", e);
    if (rc == BZ_OK)
        rc = functions_add(db, e);
    if (rc == BZ_OK)
        rc = prepare_all(db, e);
    if (rc == BZ_OK)
        rc = load_hubs(db, e);
    if (rc != BZ_OK)
        db_close(db);
    else
        *ret = db;
    return rc;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    if (db->sq != NULL)
        db_rollback(db);
    filter_free(db->filter);
    forms_free(db->forms);
    for (int list = 0; list < LISTS; list++) {
        for (int i = 0; db->statements[list] != NULL && i < lists[list]->count; i++)
            (void)sqlite3_finalize(db->statements[list][i]);
        free(db->statements[list]);
    }
    if (db->sq != NULL)
        (void)sqlite3_close(db->sq);
    if (db->lock_fd >= 0)
        close(db->lock_fd);
    free(db);
}
