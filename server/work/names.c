#include "work/names.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "work/child.h"

#define ANSWER_MAX 8192
#define SERVER_MS 1000     /* for one who knows names: resolv's smallest */
#define SERVERS_MAX 2

bool names_load(struct names *n, const char *resolver)
{
    char host[INET6_ADDRSTRLEN + 2];
    const char *colon = strrchr(resolver, ':');
    if (res_ninit(&n->state) != 0)
        return false;
    n->state.options &= ~(unsigned long)(RES_DNSRCH | RES_DEFNAMES);
    n->state.options |= RES_USE_EDNS0 | RES_IGNTC;   /* never by TCP, which waits as long as the other side likes */
    n->state.retrans = SERVER_MS / 1000;
    n->state.retry = 1;
    n->servers = n->state.nscount > SERVERS_MAX ? SERVERS_MAX : n->state.nscount;
    if (colon == NULL)
        return true;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10)) };
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - resolver), resolver);
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
        return false;
    n->state.nsaddr_list[0] = to;
    n->servers = 1;
    return true;
}

static void take(const ns_rr *record, struct addresses *ret)
{
    if (ret->count == GRAB_ADDRESSES)
        return;
    union address *a = &ret->at[ret->count];
    memset(a, 0, sizeof *a);
    if (ns_rr_type(*record) == ns_t_a && ns_rr_rdlen(*record) == 4) {
        a->any.sa_family = AF_INET;
        memcpy(&a->v4.sin_addr, ns_rr_rdata(*record), 4);
        ret->count++;
    } else if (ns_rr_type(*record) == ns_t_aaaa && ns_rr_rdlen(*record) == 16) {
        a->any.sa_family = AF_INET6;
        memcpy(&a->v6.sin6_addr, ns_rr_rdata(*record), 16);
        ret->count++;
    }
}

/* False: nobody could tell. That there is no such name is an answer. */
static bool look_up(struct names *n, const char *host, int type, int64_t until_ms, struct addresses *ret)
{
    unsigned char answer[ANSWER_MAX];
    ns_msg message;
    ns_rr record;
    int64_t servers = (until_ms - grab_now_ms()) / SERVER_MS;
    if (servers < 1)
        return false;
    n->state.nscount = servers < n->servers ? (int)servers : n->servers;
    int len = res_nquery(&n->state, host, ns_c_in, type, answer, sizeof answer);
    if (len < 0)
        return n->state.res_h_errno == HOST_NOT_FOUND || n->state.res_h_errno == NO_DATA;
    if (len > (int)sizeof answer || ns_initparse(answer, len, &message) != 0)
        return false;
    size_t before = ret->count;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); i++)
        if (ns_parserr(&message, ns_s_an, i, &record) == 0)
            take(&record, ret);
    return ret->count > before || ns_msg_getflag(message, ns_f_tc) == 0;   /* cut short, and nothing is left */
}

bool names_resolve(void *ctx, const char *host, int64_t until_ms, struct addresses *ret)
{
    bool has_v4 = look_up(ctx, host, ns_t_a, until_ms, ret), has_v6 = look_up(ctx, host, ns_t_aaaa, until_ms, ret);
    return has_v4 && (has_v6 || ret->count > 0);
}

bool names_read_ca(const char *path, struct buf *ret)
{
    int fd = open(*path == '\0' ? CA_FILE : path, O_RDONLY | O_CLOEXEC);
    bool is_read = fd >= 0 && child_read_all(fd, ret) && ret->len > 0;
    if (fd >= 0)
        (void)close(fd);
    return is_read;
}
