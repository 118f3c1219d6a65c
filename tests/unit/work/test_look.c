/* The pool of workers: each file gets one answer, whatever its worker does; and a worker that was taken over gets nowhere.
 * This program is its own worker. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "work/look.h"

static struct {
    uv_loop_t loop;
    struct look_pool *pool;
    struct log *log;
    int log_fd;
    const char *fault;      /* the site that fails, or NULL */
    int answers, plain, stopped, texts;
} world;

static bool fault(void *ctx, const char *site) { return world.fault != NULL && strcmp(world.fault, site) == 0; }
static int64_t now_ms(void *ctx) { return 0; }
static void random_bytes(void *ctx, void *ret, size_t bytes) { memset(ret, 0, bytes); }
static const struct env env = { now_ms, random_bytes, fault, NULL };

static int start(void **state)
{
    struct bz_error e;
    memset(&world, 0, sizeof world);
    world.log_fd = memfd_create("log", MFD_CLOEXEC);
    world.log = log_new(world.log_fd, LOG_WARN);
    assert_int_equal(uv_loop_init(&world.loop), 0);
    const struct look_config config = { &world.loop, world.log, &env, LOOK_DEADLINE_MS };
    assert_int_equal(look_pool_new(&config, &world.pool, &e), BZ_OK);
    return 0;
}

static int end(void **state)
{
    look_pool_stop(world.pool);
    (void)uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world.loop), 0);   /* no handle is left */
    log_free(world.log);
    close(world.log_fd);
    return 0;
}

static void count(void *ctx, const struct look *look)
{
    world.answers++;
    if (look == NULL)
        world.stopped++;
    else if (look->type == LOOK_TEXT)
        world.texts++;
    else if (look->type == LOOK_BYTES && !look->is_image && look->thumb.len == 0 && look->text.len == 0)
        world.plain++;
}

static int text_file(void)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    assert_int_equal(write(fd, "The bus lane opens on Monday.\n", 30), 30);
    return fd;
}

static void look_once(void)
{
    struct bz_error e;
    assert_int_equal(look_start(world.pool, text_file(), count, NULL, &e), BZ_OK);
}

static bool log_has(const char *text)
{
    static char all[1 << 16];
    ssize_t n = pread(world.log_fd, all, sizeof all - 1, 0);
    all[n < 0 ? 0 : n] = '\0';
    return strstr(all, text) != NULL;
}

/* Proves that what a worker may not do is refused, and that it can go on, or ends where no honest worker would come. */
static void a_worker_is_locked_in(void **state)
{
    static const struct {
        const char *site;
        bool is_deadly;
    } tries[] = { { "look.worker.open", false },  { "look.worker.code", false },  { "look.worker.fork", false },
                  { "look.worker.inherited", false },
                  { "look.worker.socket", true }, { "look.worker.exec", true },   { "look.worker.ptrace", true },
#ifndef __SANITIZE_ADDRESS__
                  { "look.worker.memory", false },
#endif
    };
    int left_open = open("/proc/self/exe", O_RDONLY);
    assert_int_equal(dup2(left_open, 50), 50);   /* not closed on exec, as a library might leave one */
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        assert_int_equal(start(state), 0);
        world.fault = tries[i].site;
        look_once();
        (void)uv_run(&world.loop, UV_RUN_DEFAULT);
        if (world.texts != !tries[i].is_deadly || world.plain != tries[i].is_deadly)
            fail_msg("%s was not refused", tries[i].site);
        assert_int_equal(log_has("did what it may not"), tries[i].is_deadly);
        assert_int_equal(end(state), 0);
    }
    close(left_open);
    close(50);
}

/* Proves that a worker that crashes, floods or answers nonsense gives the plain answer, and one line of the log for all. */
static void a_bad_worker_gives_the_plain_answer(void **state)
{
    static const char *const sites[] = { "look.worker.crash", "look.worker.garbage", "look.worker.flood", "look.spawn" };
    for (size_t i = 0; i < 4; i++) {
        world.fault = sites[i];
        look_once();
        assert_int_equal(world.answers, (int)i);   /* never from within */
        (void)uv_run(&world.loop, UV_RUN_DEFAULT);
        assert_int_equal(world.plain, (int)i + 1);
    }
    world.fault = NULL;
    look_once();
    (void)uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(world.texts, 1);
    off_t bytes = lseek(world.log_fd, 0, SEEK_END);
    assert_true(bytes > 0 && log_has("file_not_looked_into"));
    assert_true(bytes < 300);
}

/* Proves that a worker that never ends is ended. */
static void a_worker_that_hangs_is_killed(void **state)
{
    struct bz_error e;
    look_pool_stop(world.pool);
    const struct look_config config = { &world.loop, world.log, &env, 200 };
    assert_int_equal(look_pool_new(&config, &world.pool, &e), BZ_OK);
    world.fault = "look.worker.hang";
    look_once();
    (void)uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(world.plain, 1);
    assert_true(log_has("took too long"));
}

static int children(void)   /* of this process */
{
    char path[64], line[4096];
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "r");
    int n = 0;
    if (file != NULL && fgets(line, sizeof line, file) != NULL)
        for (const char *p = line; *p != '\0'; p++)
            n += *p == ' ';
    if (file != NULL)
        fclose(file);
    return n;
}

/* Proves that two work at once and the rest wait, each is answered, and a full queue says so. */
static void files_wait_their_turn(void **state)
{
    struct bz_error e;
    world.fault = "look.worker.hang";
    for (unsigned i = 0; i < LOOK_WORKERS; i++)
        look_once();
    world.fault = NULL;
    for (unsigned i = 0; i < LOOK_QUEUE; i++)
        look_once();
    assert_int_equal(children(), LOOK_WORKERS);
    int fd = text_file();
    assert_int_equal(look_start(world.pool, fd, count, NULL, &e), BZ_ERR_BUSY);
    assert_int_equal(fcntl(fd, F_GETFD), -1);   /* closed, as promised */
    look_pool_stop(world.pool);
    assert_int_equal(world.stopped, LOOK_WORKERS + LOOK_QUEUE);
    (void)uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(children(), 0);
    assert_int_equal(look_pool_new(&(struct look_config){ &world.loop, world.log, &env, LOOK_DEADLINE_MS }, &world.pool, &e), BZ_OK);
    world.answers = 0;
    for (unsigned i = 0; i < 3 * LOOK_WORKERS; i++)
        look_once();
    assert_in_range(children(), 1, LOOK_WORKERS);
    (void)uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(world.answers, 3 * LOOK_WORKERS);
    assert_int_equal(world.texts, 3 * LOOK_WORKERS);
}

static void stop_within(void *ctx, const struct look *look)
{
    count(ctx, look);
    look_pool_stop(world.pool);
    world.pool = NULL;
}

/* Proves that the pool can be stopped by the very answer it gives. */
static void an_answer_may_stop_the_pool(void **state)
{
    struct bz_error e;
    assert_int_equal(look_start(world.pool, text_file(), stop_within, NULL, &e), BZ_OK);
    (void)uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(world.texts, 1);
    assert_int_equal(world.answers, 1);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], LOOK_WORKER) == 0)
        return look_worker(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_is_locked_in),
        cmocka_unit_test_setup_teardown(a_bad_worker_gives_the_plain_answer, start, end),
        cmocka_unit_test_setup_teardown(a_worker_that_hangs_is_killed, start, end),
        cmocka_unit_test_setup_teardown(files_wait_their_turn, start, end),
        cmocka_unit_test_setup_teardown(an_answer_may_stop_the_pool, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
