/* bench_ranges.c: many readers of parts of one large file at once, each with a connection that stays: as soon as a part is there the
 * next is asked for. Bytes are counted, not looked at. Speaks to any HTTP server.
 *   bench_ranges PORT PATH TOKEN FILE-BYTES CONNECTIONS PART-BYTES SECONDS MB-A-SECOND
 * TOKEN "-": none; MB-A-SECOND: all together, as lines would bound it; 0: as fast as it goes. First each connection gets one byte,
 * then "all" is printed and all ask for parts; in the end comes one line of figures. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_BYTES 4096
#define AT_ONCE    128               /* connections that have not got anything yet */
#define PIECE      (256 << 10)
#define EVENTS     512

enum reader_state { READER_NEW, READER_HEAD, READER_BODY, READER_IDLE };
struct reader { int fd; enum reader_state state; bool has_begun; long long left; size_t head_len; long long bytes; char head[HEAD_BYTES]; };

static struct { int port; const char *path, *token; long long file; int count; long long part; double seconds, rate; } want;
static struct reader *readers;
static int epoll_fd, opened, begun, waiting;
static long long bytes, parts, errors;
static bool is_counting;
static uint64_t seed = 88172645463325252u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    (void)fprintf(stderr, "bench_ranges: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void ask(struct reader *r)
{
    char request[1024], auth[256] = "";
    long long part = begun == want.count ? want.part : 1, span = want.file - part;
    long long from = span > 0 ? (long long)(next_random() % (uint64_t)span) : 0;
    if (strcmp(want.token, "-") != 0)
        (void)snprintf(auth, sizeof auth, "Authorization: Bearer %s\r\n", want.token);
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%sRange: bytes=%lld-%lld\r\n\r\n", want.path,
                       want.port, auth, from, from + part - 1);
    if (send(r->fd, request, (size_t)len, MSG_NOSIGNAL) != len)
        die("send");
    r->state = READER_HEAD;
    r->head_len = 0;
}

static void open_one(void)
{
    struct reader *r = &readers[opened++];
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)want.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (r->fd < 0 || (connect(r->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS))
        die("connect");
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT, .data.ptr = r };
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, r->fd, &e) != 0)
        die("epoll");
    waiting++;
}

static void first_byte(struct reader *r)
{
    if (r->has_begun)
        return;
    r->has_begun = true;
    waiting--;
    if (++begun < want.count)
        return;
    (void)puts("all");
    (void)fflush(stdout);
}

/* Of what has been read of a head; what of the body came with it counts. */
static void take_head(struct reader *r)
{
    char *end = memmem(r->head, r->head_len, "\r\n\r\n", 4);
    if (end == NULL)
        return;
    *end = '\0';
    char *length = strcasestr(r->head, "content-length:");
    first_byte(r);
    if (strncmp(r->head, "HTTP/1.1 206", 12) != 0 || length == NULL) {
        if (errors++ == 0)
            (void)fprintf(stderr, "bench_ranges: %.60s\n", r->head);
        if (length == NULL)
            die("no length");
    }
    long long came = (long long)(r->head_len - (size_t)(end + 4 - r->head));
    r->left = atoll(length + 15) - came;
    bytes += came;
    r->bytes += came;
    r->state = READER_BODY;
}

static void done_part(struct reader *r)
{
    r->state = READER_IDLE;
    if (!is_counting)
        return;
    parts++;
    ask(r);
}

static bool take(struct reader *r)   /* false: there is no more now */
{
    static char piece[PIECE];
    bool is_head = r->state == READER_HEAD;
    size_t room = is_head ? HEAD_BYTES - 1 - r->head_len : r->left < PIECE ? (size_t)r->left : PIECE;
    ssize_t n = recv(r->fd, is_head ? r->head + r->head_len : piece, room, is_head ? 0 : MSG_TRUNC);   /* a body is dropped in the kernel */
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0)
        die(n == 0 ? "closed" : "recv");
    if (is_head) {
        r->head_len += (size_t)n;
        take_head(r);
    } else {
        r->left -= n;
        r->bytes += n;
        bytes += n;
    }
    if (r->state == READER_BODY && r->left == 0)
        done_part(r);
    return true;
}

static void on_event(struct reader *r)
{
    if (r->state == READER_NEW) {
        int error = 0;
        socklen_t len = sizeof error;
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = r };
        if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)
            die("connect");
        (void)epoll_ctl(epoll_fd, EPOLL_CTL_MOD, r->fd, &e);
        ask(r);
        return;
    }
    for (int i = 0; i < (want.rate > 0 ? 1 : 4) && r->state != READER_IDLE && take(r); i++)
        ;
}

/* As slow as all lines together are. */
static void keep_pace(double since)
{
    double ahead = want.rate > 0 ? (double)bytes / (want.rate * 1e6) - (now() - since) : 0;
    if (ahead > 0.001) {
        struct timespec t = { 0, (long)((ahead < 0.5 ? ahead : 0.5) * 1e9) };
        (void)nanosleep(&t, NULL);
    }
}

int main(int argc, char **argv)
{
    if (argc != 9)
        return 64;
    want.port = atoi(argv[1]);
    want.path = argv[2];
    want.token = argv[3];
    want.file = atoll(argv[4]);
    want.count = atoi(argv[5]);
    want.part = atoll(argv[6]);
    want.seconds = atof(argv[7]);
    want.rate = atof(argv[8]);
    readers = calloc((size_t)want.count, sizeof *readers);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    double start = now(), since = start;
    for (;;) {
        static struct epoll_event events[EVENTS];
        while (opened < want.count && waiting < AT_ONCE)
            open_one();
        int n = epoll_wait(epoll_fd, events, is_counting && want.rate > 0 ? EVENTS / 8 : EVENTS, 100);
        for (int i = 0; i < n; i++)
            on_event(events[i].data.ptr);
        if (is_counting)
            keep_pace(since);
        else if (begun == want.count) {
            is_counting = true;
            since = now();
            bytes = 0;
            for (int i = 0; i < want.count; i++) {
                readers[i].bytes = 0;
                if (readers[i].state == READER_IDLE)
                    ask(&readers[i]);
            }
        }
        if (is_counting && now() - since >= want.seconds)
            break;
        if (!is_counting && now() - start > 60)
            die("not all were answered within 60 s");
    }
    double took = now() - since;
    unsigned none = 0;
    for (int i = 0; i < want.count; i++)
        none += readers[i].bytes == 0;
    (void)printf("mb_per_s=%.1f parts=%lld errors=%lld ramp_s=%.2f without_a_byte=%u\n", (double)bytes / 1e6 / took, parts, errors,
                 since - start, none);
    return errors > 0;
}
