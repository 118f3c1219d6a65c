/* bench_erase.c: how long the writer is held while somebody is forgotten: of each step of an erasure, and of each step that tends
 * indexes, files and free pages behind it, the time of the processor.
 *   bench_erase DIR HANDLE     on a folder that no daemon holds; the member is gone after it. Prints one line for each kind of step. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/stats.h"
#include "engine/engine.h"
#include "store/erase.h"

#define STEPS_MAX 1000000

static double times[3][STEPS_MAX];   /* milliseconds */
static size_t counts[3];

static double now_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void note(int kind, double from)
{
    if (counts[kind] < STEPS_MAX)
        times[kind][counts[kind]++] = now_ms(CLOCK_THREAD_CPUTIME_ID) - from;
}

static void must(enum bz_err rc, const struct bz_error *e)
{
    if (rc == BZ_OK)
        return;
    (void)fprintf(stderr, "bench_erase: %s\n", e->text);
    exit(1);
}

static void run(struct engine *en, enum command_kind kind, bz_id member)
{
    struct job *job = job_new(kind);
    struct commit *commit;
    job->cmd.member = member;
    if (kind == COMMAND_MEMBER_ERASE)
        job->cmd.uses = 1;
    double from = now_ms(CLOCK_THREAD_CPUTIME_ID);
    engine_commit(en, &job, 1, &commit);
    note(kind == COMMAND_ERASE_STEP, from);
    must(job->outcome.error.code, &job->outcome.error);
    commit_free(commit);
    job_free(job);
}

static int by_length(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void say(int kind, const char *what)
{
    double *t = times[kind], sum = 0;
    size_t n = counts[kind];
    qsort(t, n, sizeof *t, by_length);
    for (size_t i = 0; i < n; i++)
        sum += t[i];
    if (n > 0)
        (void)printf("erase: %-5s %6zu times, p50 %.2f ms, p99 %.2f ms, worst %.2f ms, %.1f s together\n", what, n, t[n / 2],
                     t[n * 99 / 100], t[n - 1], sum / 1e3);
}

static bz_id member_of(const char *dir, const char *handle)
{
    char path[4096];
    sqlite3 *sq;
    sqlite3_stmt *s;
    (void)snprintf(path, sizeof path, "%s/baraza.db", dir);
    if (sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK
        || sqlite3_prepare_v2(sq, "SELECT id FROM member WHERE handle = ?1", -1, &s, NULL) != SQLITE_OK)
        return 0;
    (void)sqlite3_bind_text(s, 1, handle, -1, SQLITE_STATIC);
    bz_id id = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(sq);
    return id;
}

int main(int argc, char **argv)
{
    struct stats stats = { 0 };
    struct engine *en;
    struct bz_error e = { 0 };
    bz_id member = argc == 3 ? member_of(argv[1], argv[2]) : 0, next = 0;
    if (member == 0) {
        (void)fprintf(stderr, "usage: bench_erase DIR HANDLE\n");
        return 64;
    }
    must(engine_open(&(struct engine_config){ .db = { .dir = argv[1], .env = &env_real }, .stats = &stats }, &en, &e), &e);
    while (engine_tend(en))
        continue;
    double began = now_ms(CLOCK_MONOTONIC);
    run(en, COMMAND_MEMBER_ERASE, member);
    do {
        double from = now_ms(CLOCK_THREAD_CPUTIME_ID);
        bool goes_on = engine_tend(en);
        note(2, from);
        if (goes_on)
            continue;
        must(db_begin(engine_db(en), &e), &e);
        must(erase_next(engine_db(en), &next, &e), &e);
        db_rollback(engine_db(en));
        if (next != 0)
            run(en, COMMAND_ERASE_STEP, next);
    } while (next != 0);
    say(0, "begin");
    say(1, "step");
    say(2, "tend");
    (void)printf("erase: %.1f s by the clock\n", (now_ms(CLOCK_MONOTONIC) - began) / 1e3);
    engine_close(en);
    return 0;
}
