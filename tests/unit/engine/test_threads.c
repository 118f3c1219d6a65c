/* Proves that the writer and the readers hand back every job and query once, in order, through the loop; that full queues
 * say busy at their bound, that a failed commit fails its jobs and heals, and that stopping loses nothing that was taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "engine/readers.h"
#include "engine/writer.h"
#include "folder.h"

static struct hub {
    char dir[FOLDER_BYTES];
    uv_loop_t loop;
    uv_sem_t gate;
    struct stats stats;
    struct env env;
    struct engine *en;
    struct writer *writer;
    struct readers *readers;
    atomic_bool is_faulty;
    uint64_t next_tag;             /* of the job that must come back next */
    int64_t committed_seq, done_seq;
    size_t done, failed, entries, errands;
    enum bz_err last_error;
} *h;

static bool fault(void *ctx, const char *site)
{
    return strcmp(site, "store.commit.before") == 0 && atomic_load(&((struct hub *)ctx)->is_faulty);
}
static int64_t now(void *ctx) { return env_real.now_ms(env_real.ctx); }
static void random_bytes(void *ctx, void *ret, size_t bytes) { env_real.random(env_real.ctx, ret, bytes); }

static void on_committed(void *ctx, const struct commit *commit)
{
    for (size_t i = 0; i < commit->count; i++) {
        assert_int_equal(commit->entries[i].seq, h->committed_seq + 1);   /* no gap, and in order */
        h->committed_seq++;
    }
    h->entries += commit->count;
}

static void on_job(struct job *job)
{
    assert_int_equal(job->tag, h->next_tag++);
    h->last_error = job->outcome.error.code;
    h->done++;
    h->failed += job->outcome.error.code != BZ_OK;
    if (job->outcome.error.code == BZ_OK && !job->outcome.is_repeat)
        assert_true(job->outcome.seq <= h->committed_seq);   /* its entries were told before it */
    job_free(job);
}

static enum bz_err say(uint64_t tag, bz_id thread, struct bz_error *e)
{
    struct job *job = job_new(COMMAND_POST_CREATE);
    job->cmd.thread = thread;
    job->cmd.text = SPAN("words");
    job->cmd.lang = SPAN("en");
    job->tag = tag;
    job->done = on_job;
    enum bz_err rc = writer_submit(h->writer, job, e);
    if (rc != BZ_OK)
        job_free(job);
    return rc;
}

static void wait_for(const size_t *count, size_t wanted)
{
    while (*count < wanted)
        uv_run(&h->loop, UV_RUN_ONCE);
    assert_int_equal(*count, wanted);
}

static int setup(void **state)
{
    struct bz_error e = { 0 };
    h = calloc(1, sizeof *h);
    assert_true(folder_make(h->dir, "engine"));
    h->env = (struct env){ now, random_bytes, fault, h };
    uv_loop_init(&h->loop);
    uv_sem_init(&h->gate, 0);
    struct engine_config config = { .db = { h->dir, &h->env, NULL }, .create = true, .stats = &h->stats };
    assert_int_equal(engine_open(&config, &h->en, &e), BZ_OK);
    struct job *job = job_new(COMMAND_HUB_INIT);
    struct commit *commit;
    job->cmd.handle = SPAN("test");
    job->cmd.name = SPAN("Test");
    engine_commit(h->en, &job, 1, &commit);
    assert_int_equal(job->outcome.error.code, BZ_OK);
    h->committed_seq = (int64_t)commit->count;
    commit_free(commit);
    job_free(job);
    assert_int_equal(writer_start(h->en, &h->loop, &h->stats, (struct writer_hooks){ on_committed, h }, &h->writer, &e), BZ_OK);
    assert_int_equal(readers_start(&config.db, &h->loop, &h->stats, 2, &h->readers, &e), BZ_OK);
    return 0;
}

static int teardown(void **state)
{
    char command[100];
    writer_stop(h->writer);
    readers_stop(h->readers);
    uv_run(&h->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&h->loop), 0);
    engine_close(h->en);
    uv_sem_destroy(&h->gate);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", h->dir);
    assert_int_equal(system(command), 0);
    free(h);
    return 0;
}

#define LOBBY id_make(0, 4)

static void hold(struct engine *en, void *ctx) { uv_sem_wait(&h->gate); }
static void held(void *ctx) { h->errands++; }

static void jobs_come_back_once_and_in_order(void **state)
{
    struct bz_error e = { 0 };
    for (uint64_t i = 0; i < 1500; i++)   /* some are refused: that stops no other */
        assert_int_equal(say(i, i % 7 == 3 ? id_make(0, 999999) : LOBBY, &e), BZ_OK);
    wait_for(&h->done, 1500);
    assert_int_equal(h->failed, 214);
    assert_int_equal(h->entries, 1500 - 214);
    assert_int_equal(atomic_load(&h->stats.inbox), 0);
    assert_true(atomic_load(&h->stats.commits) < 1500);   /* groups */
}

static void a_full_inbox_says_busy(void **state)
{
    struct bz_error e = { 0 };
    assert_int_equal(writer_run(h->writer, hold, held, NULL), BZ_OK);   /* errands go first */
    for (uint64_t i = 0; i < INBOX_JOBS; i++)
        assert_int_equal(say(i, LOBBY, &e), BZ_OK);
    assert_int_equal(say(9999, LOBBY, &e), BZ_ERR_BUSY);
    assert_true(e.retry_after_ms > 0);
    uv_sem_post(&h->gate);
    wait_for(&h->done, INBOX_JOBS);
    assert_int_equal(h->errands, 1);
    assert_int_equal(h->failed, 0);
    assert_int_equal(say(INBOX_JOBS, LOBBY, &e), BZ_OK);
    wait_for(&h->done, INBOX_JOBS + 1);
}

static void a_failed_commit_fails_its_jobs_and_heals(void **state)
{
    struct bz_error e = { 0 };
    atomic_store(&h->is_faulty, true);
    for (uint64_t i = 0; i < 20; i++)
        assert_int_equal(say(i, LOBBY, &e), BZ_OK);
    wait_for(&h->done, 20);
    assert_int_equal(h->failed, 20);
    assert_int_equal(h->entries, 0);
    assert_int_equal(h->last_error, BZ_ERR_STORE);
    atomic_store(&h->is_faulty, false);
    assert_int_equal(say(20, LOBBY, &e), BZ_OK);
    wait_for(&h->done, 21);
    assert_int_equal(h->failed, 20);
    assert_int_equal(h->entries, 1);
}

static void stopping_commits_what_waits(void **state)
{
    struct bz_error e = { 0 };
    for (uint64_t i = 0; i < 300; i++)
        assert_int_equal(say(i, LOBBY, &e), BZ_OK);
    writer_stop(h->writer);
    h->writer = NULL;
    assert_int_equal(h->done, 300);
    assert_int_equal(h->entries, 300);
}

/* ---- Readers. */
static enum bz_err run_head(struct db *db, struct query *q, struct bz_error *e) { return query_head(db, q->args, e); }
static enum bz_err run_held(struct db *db, struct query *q, struct bz_error *e)
{
    uv_sem_wait(&h->gate);
    return BZ_OK;
}
static enum bz_err run_late(struct db *db, struct query *q, struct bz_error *e) { return bz_fail(e, BZ_ERR_DEADLINE, "late"); }
static enum bz_err run_without(struct db *db, struct query *q, struct bz_error *e)
{
    (void)bz_fail(e, BZ_ERR_DEADLINE, "a part of it was late, and is left out");
    return BZ_OK;
}
static enum bz_err run_long(struct db *db, struct query *q, struct bz_error *e)
{
    static const char text[4096];
    for (size_t i = 0; i <= ANSWER_BYTES / sizeof text; i++)
        buf_add(&q->out, text, sizeof text);
    return BZ_OK;
}

static void on_query(struct query *q)
{
    h->last_error = q->error.code;
    h->failed += q->error.code != BZ_OK;
    h->done++;
    query_free(q);
}

static enum bz_err ask(enum bz_err (*run)(struct db *, struct query *, struct bz_error *), void *args, struct bz_error *e)
{
    struct query *q = query_new();
    q->run = run;
    q->done = on_query;
    q->args = args;
    enum bz_err rc = readers_submit(h->readers, q, e);
    if (rc != BZ_OK)
        query_free(q);
    return rc;
}

static void a_query_fails_alone_and_by_its_own_error(void **state)
{
    struct bz_error e = { 0 };
    int64_t seq = 0;
    assert_int_equal(ask(run_late, NULL, &e), BZ_OK);
    wait_for(&h->done, 1);
    assert_int_equal(h->last_error, BZ_ERR_DEADLINE);
    assert_int_equal(atomic_load(&h->stats.query_deadline), 1);
    assert_int_equal(ask(run_long, NULL, &e), BZ_OK);
    wait_for(&h->done, 2);
    assert_int_equal(h->last_error, BZ_ERR_TOO_LARGE);
    assert_int_equal(ask(run_head, &seq, &e), BZ_OK);
    wait_for(&h->done, 3);
    assert_int_equal(h->last_error, BZ_OK);
    assert_int_equal(seq, h->committed_seq);
    assert_int_equal(ask(run_without, NULL, &e), BZ_OK);
    wait_for(&h->done, 4);
    assert_int_equal(h->last_error, BZ_OK);
    assert_int_equal(atomic_load(&h->stats.queries), 4);
}

static void full_readers_say_busy_and_stopping_answers_all(void **state)
{
    struct bz_error e = { 0 };
    size_t taken = 0;
    while (ask(run_held, NULL, &e) == BZ_OK)
        taken++;
    assert_int_equal(e.code, BZ_ERR_BUSY);
    assert_true(e.retry_after_ms > 0);
    assert_in_range(taken, READER_JOBS, READER_JOBS + 2);   /* one in the hand of each of the two, maybe */
    for (size_t i = 0; i < taken; i++)
        uv_sem_post(&h->gate);
    readers_stop(h->readers);
    h->readers = NULL;
    assert_int_equal(h->done, taken);
    assert_int_equal(h->failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(jobs_come_back_once_and_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_inbox_says_busy, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_commit_fails_its_jobs_and_heals, setup, teardown),
        cmocka_unit_test_setup_teardown(stopping_commits_what_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_query_fails_alone_and_by_its_own_error, setup, teardown),
        cmocka_unit_test_setup_teardown(full_readers_say_busy_and_stopping_answers_all, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
