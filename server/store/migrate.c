#include "store/migrate.h"

#include "store/statement.h"

/* One number that a constant query answers. */
static enum bz_err number(sqlite3 *sq, const char *sql, int64_t *ret, struct bz_error *e)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(sq, sql, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        *ret = sqlite3_column_int64(s, 0);
    enum bz_err err = rc == SQLITE_ROW ? BZ_OK : sqlite_fail(sq, "read the database's version", e);
    (void)sqlite3_finalize(s);
    return err;
}

enum bz_err migrate_check(sqlite3 *sq, bool *ret_is_older, struct bz_error *e)
{
    int64_t version, application, tables;
    enum bz_err rc;
    if ((rc = number(sq, "PRAGMA user_version", &version, e)) != BZ_OK
        || (rc = number(sq, "PRAGMA application_id", &application, e)) != BZ_OK
        || (rc = number(sq, "SELECT count(*) FROM sqlite_schema", &tables, e)) != BZ_OK)
        return rc;
    if (application != BZ_APPLICATION_ID && (tables > 0 || application != 0))
        return bz_fail(e, BZ_ERR_CONFLICT, "the database file in this folder was not made by Baraza; it is left as it is");
    if (version > migrations_count)
        return bz_fail(e, BZ_ERR_CONFLICT,
                       "the database has schema %d, this program knows up to %d: start a newer release; "
                       "nothing was changed", (int)version, migrations_count);
    *ret_is_older = version < migrations_count;
    return BZ_OK;
}

static enum bz_err run_one(sqlite3 *sq, const struct migration *m, struct bz_error *e)
{
    int64_t version;
    if (sqlite3_exec(sq, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_fail(sq, "begin a migration", e);
    enum bz_err rc = BZ_OK;
    if (sqlite3_exec(sq, m->sql, NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_fail(sq, "migrate the database", e);
    if (rc == BZ_OK)
        rc = number(sq, "PRAGMA user_version", &version, e);
    if (rc == BZ_OK && version != m->number)
        rc = bz_fail(e, BZ_ERR_STORE, "migration %d left number %d", m->number, (int)version);
    if (rc == BZ_OK && sqlite3_exec(sq, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_fail(sq, "commit a migration", e);
    if (rc != BZ_OK && sqlite3_get_autocommit(sq) == 0)
        (void)sqlite3_exec(sq, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

enum bz_err migrate_run(sqlite3 *sq, struct bz_error *e)
{
    int64_t version;
    enum bz_err rc = number(sq, "PRAGMA user_version", &version, e);
    for (int i = 0; rc == BZ_OK && i < migrations_count; i++)
        if (migrations[i].number > version)
            rc = run_one(sq, &migrations[i], e);
    return rc;
}
