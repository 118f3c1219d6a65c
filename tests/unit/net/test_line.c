/* Proves that who goes on acknowledging is waited for, who does not is found out within the silence that is allowed, and
 * that the system tells both apart on a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/line.h"
#include "net/net.h"

/* The layer above is not linked here: the table of assets is made by the program. */
const struct asset assets[] = { { NULL, NULL, false, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } } };
const size_t assets_count = 0;

#define SILENCE (SILENCE_MS / 1000)

static enum line_pace at(struct line *l, uint64_t acked, uint32_t waiting, unsigned now)
{
    return line_pace(l, &(struct line_state){ acked, waiting }, false, now);
}

static void progress(void **state)
{
    struct line l = { 0 };
    assert_int_equal(at(&l, 100, LINE_LEAST_BYTES - 1, 10), LINE_IDLE);
    assert_int_equal(at(&l, 100, 90000, 10), LINE_TAKES);   /* watched from here on */
    assert_int_equal(at(&l, 100 + LINE_LEAST_BYTES - 1, 90000, 10 + SILENCE - 1), LINE_TAKES);
    assert_int_equal(at(&l, 100 + LINE_LEAST_BYTES - 1, 90000, 10 + SILENCE), LINE_STUCK);
    assert_int_equal(at(&l, 100 + LINE_LEAST_BYTES, 90000, 10 + SILENCE), LINE_TAKES);
    assert_int_equal(at(&l, 100 + LINE_LEAST_BYTES, 90000, 10 + 2 * SILENCE - 1), LINE_TAKES);
    assert_int_equal(at(&l, 100 + LINE_LEAST_BYTES, 90000, 10 + 2 * SILENCE), LINE_STUCK);
    assert_int_equal(at(&l, 95000, 0, 10 + 2 * SILENCE), LINE_IDLE);
    assert_int_equal(at(&l, 95000, 5000, 1000), LINE_TAKES);   /* what was long ago does not count */
}

static void more_than_the_system_took(void **state)
{
    struct line l = { 0 };
    const struct line_state none = { 0, 0 };
    assert_int_equal(line_pace(&l, &none, true, 0), LINE_TAKES);
    assert_int_equal(line_pace(&l, &none, true, SILENCE), LINE_STUCK);
}

static void a_real_socket(void **state)
{
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof own;
    int door = socket(AF_INET, SOCK_STREAM, 0), to = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
    static char bytes[300000];
    struct line_state before, after;
    assert_int_equal(bind(door, (struct sockaddr *)&own, len), 0);
    assert_int_equal(listen(door, 1), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&own, &len), 0);
    assert_int_equal(setsockopt(to, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    assert_int_equal(connect(to, (struct sockaddr *)&own, len), 0);
    int from = accept(door, NULL, NULL);
    assert_true(line_look(from, &before));
    assert_int_equal(before.waiting, 0);
    assert_true(send(from, bytes, sizeof bytes, MSG_DONTWAIT) > 100000);
    assert_true(line_look(from, &before));
    assert_true(before.waiting > 90000);
    for (size_t got = 0; got < 50000;) {
        ssize_t n = recv(to, bytes, 1000, 0);
        assert_true(n > 0);
        got += (size_t)n;
    }
    assert_true(line_look(from, &after));
    assert_true(after.acked - before.acked > 30000);
    assert_true(after.waiting < before.waiting);
    assert_false(line_look(-1, &after));
    close(from);
    close(to);
    close(door);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress),
        cmocka_unit_test(more_than_the_system_took),
        cmocka_unit_test(a_real_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
