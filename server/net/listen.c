#include "net/conn.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_A_TURN 64

static uint64_t address_of(const struct sockaddr_storage *from, bool *ret_is_loopback)
{
    if (from->ss_family == AF_INET) {
        uint32_t v4 = ntohl(((const struct sockaddr_in *)from)->sin_addr.s_addr);
        *ret_is_loopback = v4 >> 24 == 127;
        return v4;
    }
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)from)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(v6)) {
        uint32_t v4;
        memcpy(&v4, v6->s6_addr + 12, 4);
        *ret_is_loopback = ntohl(v4) >> 24 == 127;
        return ntohl(v4);
    }
    uint64_t half;
    memcpy(&half, v6->s6_addr, sizeof half);
    *ret_is_loopback = IN6_IS_ADDR_LOOPBACK(v6);
    return half ^ 0x8000000000000000u;
}

static unsigned waiting_of(const struct net *n, uint64_t address)
{
    unsigned count = 0;
    for (const struct wheel_timer *t = n->waiting.next; t != &n->waiting; t = t->next)
        count += CONN_OF(waiting, t)->address == address;
    return count;
}

/* At the cap the oldest unfinished handshake makes room: an honest one is done within a moment, a slow one is not. */
static void admit(struct net *n, int fd, const struct sockaddr_storage *from)
{
    bool is_loopback = false;
    uint64_t address = address_of(from, &is_loopback);
    int one = 1;
    stat_add(&n->config.stats->handshakes, 1);
    if (n->count >= n->count_max ||
        (!is_loopback && n->handshakes >= HANDSHAKES_ADDRESS && waiting_of(n, address) >= HANDSHAKES_ADDRESS)) {
        stat_add(&n->config.stats->refused, 1);
        refusal_log(&n->refusals, n->config.log,
                    &(struct refusal){ .event = "connection refused", .connection = ++n->serial, .address = address,
                                       .reason = n->count >= n->count_max ? "no place is free"
                                                                          : "too many handshakes of this address" });
        close(fd);
        if (n->count >= n->count_max && n->handshakes > 0)   /* who says nothing gives way to who comes next */
            conn_kill(CONN_OF(waiting, n->waiting.next));
        return;
    }
    if (n->handshakes >= HANDSHAKES_MAX) {
        struct conn *oldest = CONN_OF(waiting, n->waiting.next);
        stat_add(&n->config.stats->refused, 1);
        conn_refused(oldest, "connection refused", 0, "too many handshakes");
        conn_kill(oldest);
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    conn_adopt(n, fd, address, is_loopback);
}

static void on_listen(uv_poll_t *poll, int status, int events);

static void on_accept_again(uv_timer_t *timer)
{
    struct net *n = timer->data;
    if (!n->is_stopping)
        (void)uv_poll_start(&n->listen, UV_READABLE, on_listen);
}

/* The socket stays readable while the system has no room, so the loop would spin on it: it is left alone for a moment.
 * One line in the log a minute; the metric counts each time. */
static void pause_accepting(struct net *n, int error)
{
    uint64_t now_ms = uv_now(n->config.loop);
    stat_add(&n->config.stats->accept_failed, 1);
    (void)uv_poll_stop(&n->listen);
    (void)uv_timer_start(&n->accept_again, on_accept_again, ACCEPT_PAUSE_MS, 0);
    if (n->accept_logged_ms != 0 && now_ms - n->accept_logged_ms < 60000)
        return;
    n->accept_logged_ms = now_ms;
    log_line(n->config.log, LOG_ERROR, "accept failed", "error", strerror(error), "remedy",
             error == EMFILE   ? "raise the limit of open files (LimitNOFILE in deploy/baraza.service)"
             : error == ENFILE ? "raise the system's limit of open files (sysctl fs.file-max)"
                               : "the system is short of memory for sockets", NULL);
}

/* Faults of one caller end with that caller; all others are the system's. */
static bool is_of_caller(int error)
{
    return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM || error == ENETDOWN ||
           error == ENETUNREACH || error == EHOSTUNREACH || error == EHOSTDOWN || error == ENOPROTOOPT ||
           error == EOPNOTSUPP || error == ENONET;
}

static void on_listen(uv_poll_t *poll, int status, int events)
{
    struct net *n = poll->data;
    for (int i = 0; i < ACCEPTS_A_TURN && !n->is_stopping; i++) {
        struct sockaddr_storage from = { 0 };
        socklen_t len = sizeof from;
        int fd = accept4(n->listen_fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        int error = fd >= 0 ? 0 : errno;
        if (fd >= 0) {
            admit(n, fd, &from);
        } else if (error == EAGAIN || error == EWOULDBLOCK) {
            return;
        } else if (!is_of_caller(error)) {
            pause_accepting(n, error);
            return;
        }
    }
}

static bool split(const char *text, char host[64], char port[8])
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || strlen(colon + 1) > 5 || colon[1] == '\0')
        return false;
    size_t len = (size_t)(colon - text);
    if (*text == '[') {
        if (colon[-1] != ']')
            return false;
        text++;
        len -= 2;
    }
    if (len == 0 || len >= 64)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    strncpy(port, colon + 1, 7);
    port[7] = '\0';
    return true;
}

static enum bz_err bind_to(struct net *n, const struct addrinfo *at, struct bz_error *e)
{
    int one = 1;
    n->listen_fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (n->listen_fd < 0)
        return bz_fail(e, BZ_ERR_STORE, "no socket: %s", strerror(errno));
    (void)setsockopt(n->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(n->listen_fd, at->ai_addr, at->ai_addrlen) == 0 && listen(n->listen_fd, 4096) == 0)
        return BZ_OK;
    if (errno == EADDRINUSE)
        return bz_fail(e, BZ_ERR_STORE, "%s is taken: stop the other program or choose another port", n->config.listen);
    if (errno == EADDRNOTAVAIL)
        return bz_fail(e, BZ_ERR_STORE, "%s is no address of this machine: choose one of its own", n->config.listen);
    if (errno == EACCES)
        return bz_fail(e, BZ_ERR_STORE, "%s may not be used by this user: choose a port from 1024", n->config.listen);
    return bz_fail(e, BZ_ERR_STORE, "cannot listen on %s: %s", n->config.listen, strerror(errno));
}

static unsigned open_files(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 64;   /* out of them already, or a system without /proc */
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;    /* with "." and ".." a little too many, which does no harm */
}

/* Connections never take the descriptors that the members already here need for what they ask. */
static enum bz_err count_room(struct net *n, struct bz_error *e)
{
    struct rlimit files;
    unsigned used = open_files() + FILES_SPARE;
    n->count_max = CONNECTIONS_MAX + HANDSHAKES_MAX;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= (rlim_t)n->count_max + used)
        return BZ_OK;
    if (files.rlim_cur < used + CONNECTIONS_LEAST)
        return bz_fail(e, BZ_ERR_STORE, "only %u files may be open, at least %u are needed: raise the limit (ulimit -n, "
                       "or LimitNOFILE in the unit)", (unsigned)files.rlim_cur, used + CONNECTIONS_LEAST);
    n->count_max = (unsigned)files.rlim_cur - used;
    if (n->count_max < CONNECTIONS_MAX)
        log_num(n->config.log, LOG_WARN, "few open files allowed", "connections_max", n->count_max);
    return BZ_OK;
}

enum bz_err listen_open(struct net *n, struct bz_error *e)
{
    char host[64], port[8];
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *found = NULL;
    n->listen_fd = -1;
    if (!split(n->config.listen, host, port) || getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port,
                                                            &hints, &found) != 0)
        return bz_fail(e, BZ_ERR_STORE, "cannot listen on %s: write ADDRESS:PORT, as in 127.0.0.1:8080",
                       n->config.listen);
    enum bz_err rc = bind_to(n, found, e);
    if (rc == BZ_OK)
        rc = count_room(n, e);
    unsigned share = n->count_max / ADDRESS_SHARE;
    n->address_max = n->config.address_max > 0 ? n->config.address_max
                     : share < CONNECTIONS_LEAST ? CONNECTIONS_LEAST : share;
    struct sockaddr_storage own;
    socklen_t len = sizeof own;
    if (rc == BZ_OK && getsockname(n->listen_fd, (struct sockaddr *)&own, &len) != 0)
        rc = bz_fail(e, BZ_ERR_STORE, "no address: %s", strerror(errno));
    if (rc == BZ_OK) {
        bool is_v6 = own.ss_family == AF_INET6;
        unsigned number = ntohs(is_v6 ? ((struct sockaddr_in6 *)&own)->sin6_port : ((struct sockaddr_in *)&own)->sin_port);
        (void)snprintf(n->url, sizeof n->url, is_v6 ? "http://[%s]:%u" : "http://%s:%u", host, number);
        n->listen.data = n->accept_again.data = n;
        if (uv_poll_init(n->config.loop, &n->listen, n->listen_fd) != 0) {
            rc = bz_fail(e, BZ_ERR_STORE, "the loop takes no more sockets");
        } else {
            (void)uv_timer_init(n->config.loop, &n->accept_again);
            (void)uv_poll_start(&n->listen, UV_READABLE, on_listen);
            n->handles += 2;
        }
    }
    freeaddrinfo(found);
    if (rc != BZ_OK && n->listen_fd >= 0) {
        close(n->listen_fd);
        n->listen_fd = -1;
    }
    return rc;
}

void listen_close(struct net *n)
{
    if (n->listen_fd < 0)
        return;
    uv_close((uv_handle_t *)&n->listen, net_handle_closed);
    uv_close((uv_handle_t *)&n->accept_again, net_handle_closed);
    close(n->listen_fd);
    n->listen_fd = -1;
}
