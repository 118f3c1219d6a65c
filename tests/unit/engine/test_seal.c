/* A journal of a release that did not sign is sealed when the engine opens: the first commit has not to wait for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "engine/engine.h"
#include "folder.h"

static char dir[FOLDER_BYTES];

static struct engine *opened(bool create)
{
    static struct stats stats;
    struct engine *en = NULL;
    struct bz_error e = { 0 };
    struct engine_config config = { .db = { .dir = dir, .env = &env_real }, .create = create, .stats = &stats };
    if (engine_open(&config, &en, &e) != BZ_OK)
        fail_msg("%s", e.text);
    return en;
}

static int64_t number_of(const char *sql)
{
    char path[100];
    sqlite3 *sq;
    sqlite3_stmt *s;
    snprintf(path, sizeof path, "%s/baraza.db", dir);
    assert_int_equal(sqlite3_open(path, &sq), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
    return n;
}

static void forget_checkpoints(void)
{
    char path[100];
    sqlite3 *sq;
    snprintf(path, sizeof path, "%s/baraza.db", dir);
    assert_int_equal(sqlite3_open(path, &sq), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sq, "DROP TRIGGER checkpoint_kept; DELETE FROM checkpoint", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
}

static void an_unsigned_journal_is_sealed_at_the_start(void **state)
{
    struct commit *commit = NULL;
    char line[100];
    assert_true(folder_make(dir, "seal"));
    struct engine *en = opened(true);
    struct job *job = job_new(COMMAND_HUB_INIT);
    job->cmd.handle = SPAN("africa");
    job->cmd.name = SPAN("Africa");
    engine_commit(en, &job, 1, &commit);
    assert_int_equal(job->outcome.error.code, BZ_OK);
    commit_free(commit);
    job_free(job);
    engine_close(en);
    int64_t head = number_of("SELECT max(id) FROM journal");
    assert_int_equal(number_of("SELECT max(seq) FROM checkpoint"), head);
    forget_checkpoints();
    assert_int_equal(number_of("SELECT count(*) FROM checkpoint"), 0);
    engine_close(opened(false));
    assert_int_equal(number_of("SELECT count(*) FROM checkpoint"), 1);
    assert_int_equal(number_of("SELECT max(seq) FROM checkpoint"), head);
    assert_int_equal(number_of("SELECT length(marks) FROM checkpoint"), 8 * head);
    engine_close(opened(false));   /* once */
    assert_int_equal(number_of("SELECT count(*) FROM checkpoint"), 1);
    snprintf(line, sizeof line, "rm -rf '%s'", dir);
    assert_int_equal(system(line), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(an_unsigned_journal_is_sealed_at_the_start) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
