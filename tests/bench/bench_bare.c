/* bench_bare.c: the yardstick for durable posts: the rows that the daemon wrote for its posts, inserted anew by bare SQLite
 * in one thread, BATCH posts a commit, WAL and synchronous=FULL, with the same tables, indexes and search index.
 *   bench_bare SOURCE.db TARGET.db BATCH       prints posts=… seconds=… posts_per_s=… */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS 24
#define POSTS_MAX 200000

struct table { const char *select, *insert; sqlite3_value **rows; int columns, count; };

/* Journal entries of kind 13 are posts; each has one row in post and one in the search index. */
static struct table tables[] = {
    { "SELECT * FROM src.journal WHERE kind = 13 ORDER BY id", "journal", NULL, 0, 0 },
    { "SELECT * FROM src.post ORDER BY id", "post", NULL, 0, 0 },
    { "SELECT id, text FROM src.post ORDER BY id", "post_fts", NULL, 0, 0 },
};

static sqlite3 *db;

static void must(int rc, const char *what)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
        return;
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void load(struct table *t)
{
    sqlite3_stmt *s;
    must(sqlite3_prepare_v2(db, t->select, -1, &s, NULL), t->select);
    t->columns = sqlite3_column_count(s);
    t->rows = calloc((size_t)POSTS_MAX * (size_t)t->columns, sizeof *t->rows);
    while (sqlite3_step(s) == SQLITE_ROW && t->count < POSTS_MAX) {
        for (int i = 0; i < t->columns; i++)
            t->rows[t->count * t->columns + i] = sqlite3_value_dup(sqlite3_column_value(s, i));
        t->count++;
    }
    sqlite3_finalize(s);
}

static void make_tables(void)
{
    sqlite3_stmt *s;
    char *sql[64];
    int count = 0;
    must(sqlite3_prepare_v2(db,
             "SELECT sql FROM src.sqlite_master WHERE sql IS NOT NULL AND (tbl_name IN ('journal', 'post') AND type IN ('table', 'index')"
             " OR name = 'post_fts') ORDER BY type DESC", -1, &s, NULL), "schema");
    while (sqlite3_step(s) == SQLITE_ROW && count < 64)
        sql[count++] = strdup((const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    for (int i = 0; i < count; i++) {
        must(sqlite3_exec(db, sql[i], NULL, NULL, NULL), sql[i]);
        free(sql[i]);
    }
}

static sqlite3_stmt *inserter(const struct table *t)
{
    char sql[400];
    int len = strcmp(t->insert, "post_fts") == 0 ? snprintf(sql, sizeof sql, "INSERT INTO main.post_fts(rowid, text) VALUES(?")
                                                 : snprintf(sql, sizeof sql, "INSERT INTO main.%s VALUES(?", t->insert);
    for (int i = 1; i < t->columns; i++)
        len += snprintf(sql + len, sizeof sql - (size_t)len, ",?");
    snprintf(sql + len, sizeof sql - (size_t)len, ")");
    sqlite3_stmt *s;
    must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL), sql);
    return s;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 64;
    char attach[600];
    must(sqlite3_open(argv[2], &db), "open");
    must(sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;", NULL, NULL, NULL), "pragma");
    snprintf(attach, sizeof attach, "ATTACH 'file:%s?mode=ro' AS src", argv[1]);
    must(sqlite3_exec(db, attach, NULL, NULL, NULL), attach);
    enum { TABLES = sizeof tables / sizeof *tables };
    sqlite3_stmt *insert[TABLES];
    make_tables();
    for (int t = 0; t < TABLES; t++)
        load(&tables[t]);
    must(sqlite3_exec(db, "DETACH src; PRAGMA foreign_keys=OFF;", NULL, NULL, NULL), "detach");
    for (int t = 0; t < TABLES; t++)
        insert[t] = inserter(&tables[t]);
    int batch = atoi(argv[3]), posts = tables[0].count;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < posts; i += batch) {
        must(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), "begin");
        for (int k = i; k < i + batch && k < posts; k++) {
            for (int t = 0; t < TABLES; t++) {
                for (int c = 0; k < tables[t].count && c < tables[t].columns; c++)
                    sqlite3_bind_value(insert[t], c + 1, tables[t].rows[k * tables[t].columns + c]);
                if (k < tables[t].count)
                    must(sqlite3_step(insert[t]), tables[t].insert);
                sqlite3_reset(insert[t]);
            }
        }
        must(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), "commit");
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    double seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    printf("posts=%d batch=%d seconds=%.3f posts_per_s=%.0f\n", posts, batch, seconds, posts / seconds);
    return 0;
}
