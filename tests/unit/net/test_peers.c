/* Proves that one address is held to its share while others and this machine are not, through the real net on real sockets;
 * that refusals are logged without the whole address, and no faster than anybody may make the log grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/conn.h"

/* The layer above is not linked here: the table of assets is made by the program. */
const struct asset assets[] = { { NULL, NULL, false, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } } };
const size_t assets_count = 0;

static void shares(void **state)
{
    static struct peers p;
    struct peer *held[4000];
    assert_null(peers_join(&p, 7, 0));
    for (uint64_t i = 0; i < 4000; i++)   /* more addresses than chains, two connections each */
        assert_non_null(held[i] = peers_join(&p, i / 2, 2));
    for (uint64_t i = 0; i < 2000; i++)
        assert_null(peers_join(&p, i, 2));
    peers_leave(&p, held[6]);
    assert_non_null(held[6] = peers_join(&p, 3, 2));
    assert_null(peers_join(&p, 3, 2));
    for (int i = 0; i < 4000; i++)
        peers_leave(&p, held[i]);
    for (int i = 0; i < PEER_CHAINS; i++)
        assert_null(p.chain[i]);
    peers_leave(&p, NULL);
}

static void networks(void **state)
{
    char text[32];
    uint64_t half;
    refusal_network(0xc00002a5u, text);
    assert_string_equal(text, "192.0.2.0/24");
    memcpy(&half, "\x20\x01\x0d\xb8\x00\x01\x00\x02", 8);
    refusal_network(half ^ 0x8000000000000000u, text);
    assert_string_equal(text, "2001:db8:1::/48");
}

static size_t lines_in(FILE *file)
{
    size_t lines = 0;
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        lines += c == '\n';
    return lines;
}

static void lines_a_second(void **state)
{
    FILE *file = tmpfile();
    struct log *log = log_new(fileno(file), LOG_INFO);
    struct refusals r = { 0 };
    const struct refusal one = { "request refused", "no such address", 404, 5, 0xc00002a5u };
    char text[4096] = "";
    for (int i = 0; i < 1000; i++)
        refusal_log(&r, log, &one);
    assert_int_equal(lines_in(file), REFUSAL_LINES);
    refusal_tick(&r, log);
    assert_int_equal(lines_in(file), REFUSAL_LINES + 1);
    refusal_log(&r, log, &one);
    refusal_tick(&r, log);
    assert_int_equal(lines_in(file), REFUSAL_LINES + 2);
    rewind(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    assert_non_null(strstr(text, "\"network\":\"192.0.2.0/24\""));
    assert_null(strstr(text, "192.0.2.165"));
    assert_non_null(strstr(text, "\"refusals left out\""));
    assert_non_null(strstr(text, "990"));
    log_free(log);
    fclose(file);
}

/* ---- A net without a hub: /healthz needs none. */
struct world { uv_loop_t loop; struct stats stats; struct wire *wire; struct fanout *fanout; struct net *net; bool is_stopped; };

static void on_stopped(void *ctx) { ((struct world *)ctx)->is_stopped = true; }

/* The client's end of a connection that comes from this address. */
static int from(struct world *w, uint64_t address, bool is_loopback)
{
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof own;
    int door = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(door, (struct sockaddr *)&own, len), 0);
    assert_int_equal(listen(door, 1), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&own, &len), 0);
    (void)connect(client, (struct sockaddr *)&own, len);
    int server = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(server >= 0);
    close(door);
    conn_adopt(w->net, server, address, is_loopback);
    return client;
}

static int status_of(struct world *w, int fd)
{
    char in[4096] = "", request[200];
    size_t len = 0;
    int n = snprintf(request, sizeof request, "GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n", net_url(w->net) + 7);
    assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
    while (strstr(in, "\r\n\r\n") == NULL) {
        uv_run(&w->loop, UV_RUN_ONCE);
        ssize_t got = recv(fd, in + len, sizeof in - 1 - len, 0);
        len += got > 0 ? (size_t)got : 0;
    }
    int status = atoi(in + 9);
    assert_true((status == 429) == (strstr(in, "\r\nRetry-After: 60\r\n") != NULL));
    return status;
}

static void one_address_of_many(void **state)
{
    struct world w = { 0 };
    struct bz_error e;
    int fds[12];
    uv_loop_init(&w.loop);
    assert_int_equal(fanout_new(&(struct fanout_config){ .stats = &w.stats }, &w.fanout, &e), BZ_OK);
    assert_int_equal(wire_new(&(struct wire_config){ .loop = &w.loop, .stats = &w.stats, .env = &env_real }, &w.wire, &e), BZ_OK);
    const struct net_config config = { .loop = &w.loop, .listen = "127.0.0.1:0", .wire = w.wire, .fanout = w.fanout,
                                       .stats = &w.stats, .address_max = 3 };
    assert_int_equal(net_start(&config, &w.net, &e), BZ_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(status_of(&w, fds[i] = from(&w, 0xc0000201u, false)), 200);
    assert_int_equal(status_of(&w, fds[3] = from(&w, 0xc0000201u, false)), 429);
    assert_int_equal(w.stats.address_full, 1);
    assert_int_equal(status_of(&w, fds[4] = from(&w, 0xc0000202u, false)), 200);   /* another one has its own share */
    for (int i = 5; i < 11; i++)
        assert_int_equal(status_of(&w, fds[i] = from(&w, 0x7f000001u, true)), 200);   /* this machine is not counted */
    assert_int_equal(status_of(&w, fds[0]), 200);   /* who has a place keeps it */
    close(fds[0]);
    for (int64_t count = w.net->count; w.net->count >= count;)
        uv_run(&w.loop, UV_RUN_ONCE);
    assert_int_equal(status_of(&w, fds[0] = from(&w, 0xc0000201u, false)), 200);   /* and its end makes room */
    for (int i = 0; i < 11; i++)
        close(fds[i]);
    net_stop(w.net, on_stopped, &w);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_true(w.is_stopped);
    wire_free(w.wire);
    fanout_free(w.fanout);
    assert_int_equal(uv_loop_close(&w.loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares),
        cmocka_unit_test(networks),
        cmocka_unit_test(lines_a_second),
        cmocka_unit_test(one_address_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
