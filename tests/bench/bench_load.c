/* bench_load.c: a load of WebSocket clients in one process, on epoll, to measure the daemon from outside.
 *   bench_load fanout PORT TOKENS ROOM THREAD MEMBERS POSTS WINDOW     posts reach every member; per core of the server
 *   bench_load latency PORT TOKENS ROOM THREAD MEMBERS POSTS RATE      post to delivered, RATE posts a second
 *   bench_load write PORT TOKENS none THREAD WRITERS POSTS WINDOW      durable posts a second, nobody listens
 *   bench_load idle PORT TOKENS all - MEMBERS 0 0                        connect, say hello, wait for end of input
 *   bench_load held PORT TOKENS all - MEMBERS 0 0                        have a session.poll held, wait for end of input
 * ROOM is the room that all watch, `all` or `none`; THREAD is where they post.
 * TOKENS is a file with one bearer token a line; connections take them in turn. Prints name=value pairs. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IN_BYTES (256 * 1024)
#define TEXT "The drivers' association of line 14 agreed to the new stop after three meetings at the depot."

struct client {
    int fd;
    bool is_up, is_ready;      /* upgraded; hello answered */
    size_t len;
    char *in;                  /* unread bytes of one frame that is not whole yet */
    size_t cap;
    int64_t entries, answers, sent;
};

static struct client *clients;
static int clients_count;
static int epoll;
static char tokens[4096][64];
static int tokens_count;
static int64_t entries, entry_bytes, answers, errors;
static int64_t *latency_ns;
static int64_t latency_count, latency_cap;
static char input[IN_BYTES];
static char first_error[400];

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void send_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            usleep(100);
            continue;
        }
        if (n <= 0)
            die("send");
        at += n;
        len -= (size_t)n;
    }
}

/* Clients mask (RFC 6455 §5.3); a mask of zeros leaves the text as it is. */
static void send_text(struct client *c, const char *text)
{
    char frame[2048];
    size_t len = strlen(text), head = len < 126 ? 6 : 8;
    frame[0] = (char)0x81;
    if (len < 126) {
        frame[1] = (char)(0x80 | len);
    } else {
        frame[1] = (char)(0x80 | 126);
        frame[2] = (char)(len >> 8);
        frame[3] = (char)len;
    }
    memset(frame + head - 4, 0, 4);
    memcpy(frame + head, text, len);
    send_all(c->fd, frame, head + len);
}

static void note_latency(const char *text, size_t len)
{
    static const char mark[] = "\"text\":\"t=";
    const char *at = memmem(text, len, mark, sizeof mark - 1);
    if (at == NULL || latency_count == latency_cap)
        return;
    latency_ns[latency_count++] = now_ns() - strtoll(at + sizeof mark - 1, NULL, 10);
}

static void on_text(struct client *c, const char *text, size_t len, size_t head)
{
    static const char entry[] = "\"method\":\"entry\"";
    if (len > 40 && memcmp(text + 17, entry, sizeof entry - 1) == 0) {
        entries++;
        c->entries++;
        entry_bytes += (int64_t)(len + head);
        if (latency_cap > 0)
            note_latency(text, len);
        return;
    }
    if (memmem(text, len, "\"error\":", 8) != NULL) {
        errors++;
        if (first_error[0] == '\0')
            snprintf(first_error, sizeof first_error, "%.*s", (int)len, text);
    }
    if (memmem(text, len, "\"id\":", 5) != NULL) {
        answers++;
        c->answers++;
        c->is_ready = true;
    }
}

/* Eats whole frames; returns how many bytes it ate. */
static size_t eat(struct client *c, const char *at, size_t len)
{
    size_t eaten = 0;
    if (!c->is_up) {
        const char *end = memmem(at, len, "\r\n\r\n", 4);
        if (end == NULL)
            return 0;
        if (memcmp(at, "HTTP/1.1 101", 12) != 0) {
            fprintf(stderr, "refused: %.60s\n", at);
            exit(1);
        }
        c->is_up = true;
        eaten = (size_t)(end + 4 - at);
    }
    while (len - eaten >= 2) {
        const unsigned char *p = (const unsigned char *)at + eaten;
        size_t size = p[1] & 127, head = 2;
        if (size == 126) {
            if (len - eaten < 4)
                break;
            size = (size_t)p[2] << 8 | p[3];
            head = 4;
        } else if (size == 127) {
            if (len - eaten < 10)
                break;
            size = 0;
            for (int i = 0; i < 8; i++)
                size = size << 8 | p[2 + i];
            head = 10;
        }
        if (len - eaten < head + size)
            break;
        if ((p[0] & 15) == 1)
            on_text(c, (const char *)p + head, size, head);
        else if ((p[0] & 15) == 8) {
            fprintf(stderr, "closed by the server: %d %.*s\n", size >= 2 ? p[head] << 8 | p[head + 1] : 0,
                    size > 2 ? (int)size - 2 : 0, (const char *)p + head + 2);
            exit(1);
        }
        eaten += head + size;
    }
    return eaten;
}

static void keep(struct client *c, const char *at, size_t len)
{
    if (len > c->cap) {
        c->cap = len * 2;
        c->in = realloc(c->in, c->cap);
    }
    if (len > 0)
        memmove(c->in, at, len);
    c->len = len;
}

static void on_readable(struct client *c)
{
    memcpy(input, c->in, c->len);
    ssize_t n = recv(c->fd, input + c->len, sizeof input - c->len, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        fprintf(stderr, "connection lost\n");
        exit(1);
    }
    size_t len = c->len + (size_t)n;
    size_t eaten = eat(c, input, len);
    keep(c, input + eaten, len - eaten);
}

static void turn(int wait_ms)
{
    struct epoll_event events[256];
    int n = epoll_wait(epoll, events, 256, wait_ms);
    for (int i = 0; i < n; i++)
        on_readable(events[i].data.ptr);
}

static void open_client(struct client *c, int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void ask_upgrade(struct client *c, int port, const char *token)
{
    char request[512];
    snprintf(request, sizeof request,
             "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Protocol: baraza.v1\r\nAuthorization: Bearer %s\r\n\r\n", port, token);
    send_all(c->fd, request, strlen(request));
}

static void connect_all(int port, const char *watch)
{
    char hello[256], list[100] = "";
    if (strcmp(watch, "none") == 0)
        snprintf(list, sizeof list, "\"watch\":[]");
    else if (strcmp(watch, "all") != 0)
        snprintf(list, sizeof list, "\"watch\":[\"%s\"]", watch);
    snprintf(hello, sizeof hello, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.hello\",\"params\":{%s}}", list);
    for (int i = 0; i < clients_count; i++) {
        struct client *c = &clients[i];
        open_client(c, port);
        ask_upgrade(c, port, tokens[i % tokens_count]);
        for (int64_t until = now_ns() + 10000000000; !c->is_up && now_ns() < until;)
            turn(100);
        if (!c->is_up)
            die("no upgrade");
        send_text(c, hello);
    }
    for (int64_t until = now_ns() + 20000000000; now_ns() < until; turn(50)) {
        int ready = 0;
        for (int i = 0; i < clients_count; i++)
            ready += clients[i].is_ready;
        if (ready == clients_count)
            break;
    }
    while (errors == 0 && answers < clients_count)
        turn(100);
    answers = 0;
    entries = entry_bytes = 0;
    for (int i = 0; i < clients_count; i++)
        clients[i].answers = clients[i].entries = clients[i].sent = 0;
}

/* What nobody answers before 25 s are over; with what a browser says of itself. */
static void hold_all(int port)
{
    static const char poll[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.poll\",\"params\":{\"wait_ms\":25000}}";
    char request[1024];
    for (int i = 0; i < clients_count; i++) {
        open_client(&clients[i], port);
        snprintf(request, sizeof request,
                 "POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                 "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 "
                 "Mobile Safari/537.36\r\nsec-ch-ua: \"Chromium\";v=\"150\", \"Not)A;Brand\";v=\"8\"\r\nsec-ch-ua-mobile: ?1\r\n"
                 "sec-ch-ua-platform: \"Android\"\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
                 "Accept-Language: fr-SN,fr;q=0.9,en;q=0.8\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\n"
                 "Authorization: Bearer %s\r\n\r\n%s", port, sizeof poll - 1, tokens[i % tokens_count], poll);
        send_all(clients[i].fd, request, strlen(request));
    }
}

static void post(struct client *c, const char *thread, int64_t n, bool is_stamped)
{
    char text[768], stamp[32] = "";
    if (is_stamped)
        snprintf(stamp, sizeof stamp, "t=%lld ", (long long)now_ns());
    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":\"post.create\",\"params\":{\"thread\":\"%s\",\"lang\":\"en\",\"cid\":\"b%d-%lld\","
             "\"text\":\"%s%s\"}}", (long long)n, thread, (int)getpid(), (long long)n, stamp, TEXT);
    send_text(c, text);
    c->sent++;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void run_fanout(const char *thread, int64_t posts, int window)
{
    int64_t sent = 0, began = now_ns(), wanted = posts * clients_count;
    while (entries < wanted && errors == 0) {
        while (sent < posts && sent - entries / clients_count < window)
            post(&clients[sent % clients_count], thread, sent, false), sent++;
        turn(1000);
        if (now_ns() - began > 120000000000) {
            fprintf(stderr, "stuck: %lld of %lld entries, %lld answers\n", (long long)entries, (long long)wanted, (long long)answers);
            exit(1);
        }
    }
    double seconds = (double)(now_ns() - began) / 1e9;
    printf("members=%d posts=%lld deliveries=%lld seconds=%.3f deliveries_per_s=%.0f bytes_above_text=%.1f\n", clients_count,
           (long long)posts, (long long)entries, seconds, (double)entries / seconds,
           (double)entry_bytes / (double)entries - (double)strlen(TEXT));
}

static void run_write(const char *thread, int64_t posts, int window)
{
    int64_t sent = 0, began = now_ns();
    while (answers < posts && errors == 0) {
        for (int i = 0; i < clients_count; i++)
            while (sent < posts && clients[i].sent - clients[i].answers < window)
                post(&clients[i], thread, sent, false), sent++;
        turn(1000);
    }
    double seconds = (double)(now_ns() - began) / 1e9;
    printf("writers=%d posts=%lld seconds=%.3f posts_per_s=%.0f\n", clients_count, (long long)posts, seconds, (double)posts / seconds);
}

static void run_latency(const char *thread, int64_t posts, int rate)
{
    latency_cap = posts * clients_count;
    latency_ns = calloc((size_t)latency_cap, sizeof *latency_ns);
    int64_t began = now_ns(), sent = 0;
    while (entries < posts * clients_count && errors == 0 && now_ns() - began < 120000000000) {
        if (sent < posts && now_ns() >= began + sent * 1000000000 / rate)
            post(&clients[sent % clients_count], thread, sent, true), sent++;
        turn(sent < posts ? 1 : 100);
    }
    qsort(latency_ns, (size_t)latency_count, sizeof *latency_ns, by_value);
    printf("members=%d posts=%lld rate=%d p50_ms=%.2f p99_ms=%.2f\n", clients_count, (long long)posts, rate,
           (double)latency_ns[latency_count / 2] / 1e6, (double)latency_ns[latency_count * 99 / 100] / 1e6);
}

int main(int argc, char **argv)
{
    if (argc != 9) {
        fprintf(stderr, "usage: see the head of bench_load.c\n");
        return 64;
    }
    struct rlimit files = { 100000, 100000 };
    (void)setrlimit(RLIMIT_NOFILE, &files);
    FILE *f = fopen(argv[3], "r");
    while (f != NULL && tokens_count < 4096 && fscanf(f, "%63s", tokens[tokens_count]) == 1)
        tokens_count++;
    if (tokens_count == 0)
        die(argv[3]);
    fclose(f);
    clients_count = atoi(argv[6]);
    clients = calloc((size_t)clients_count, sizeof *clients);
    epoll = epoll_create1(0);
    if (strcmp(argv[1], "held") == 0)
        hold_all(atoi(argv[2]));
    else
        connect_all(atoi(argv[2]), argv[4]);
    int64_t posts = atoll(argv[7]);
    int knob = atoi(argv[8]);
    if (strcmp(argv[1], "fanout") == 0)
        run_fanout(argv[5], posts, knob);
    else if (strcmp(argv[1], "write") == 0)
        run_write(argv[5], posts, knob);
    else if (strcmp(argv[1], "latency") == 0)
        run_latency(argv[5], posts, knob);
    else {
        printf("members=%d connected\n", clients_count);
        fflush(stdout);
        while (getchar() != EOF)
            ;
    }
    if (errors > 0)
        fprintf(stderr, "%lld errors, first: %s\n", (long long)errors, first_error);
    return errors > 0;
}
