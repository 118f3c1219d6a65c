#include "net/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PLAIN "text/plain; charset=utf-8"
#define FRESH "Cache-Control: no-store\r\n"

static long resident_bytes(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f != NULL) {
        if (fscanf(f, "%*s %ld", &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return pages * sysconf(_SC_PAGESIZE);
}

static void metrics(struct http *h)
{
    struct stats *s = h->net->config.stats;
    struct buf out;
    buf_init(&out, 65536);
#define METRIC(member, type, name, help)                                                                             \
    buf_printf(&out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name,                          \
               (long long)atomic_load_explicit(&s->member, memory_order_relaxed));
    BZ_STATS(METRIC)
#undef METRIC
    buf_printf(&out,
               "# HELP process_resident_memory_bytes resident memory\n# TYPE process_resident_memory_bytes gauge\n"
               "process_resident_memory_bytes %ld\n",
               resident_bytes());
    buf_add_text(&out, "# HELP baraza_build_info the version that runs\n# TYPE baraza_build_info gauge\n"
                       "baraza_build_info{version=\"" BARAZA_VERSION "\"} 1\n");
    http_answer(h, 200, "text/plain; version=0.0.4; charset=utf-8", FRESH, buf_span(&out));
    buf_done(&out);
}

/* Asked from this machine, by a name of this machine: a proxy beside the daemon is a stranger's way in, and one that
 * adds no header to tell by still passes on the name it was called by. */
static bool is_near(const struct http *h)
{
    static const char *const names[] = { "127.0.0.1:", "localhost:", "[::1]:" };
    struct span host = h->request.host;
    if (!h->conn->is_loopback || h->request.is_forwarded)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (host.len > strlen(names[i]) && strncasecmp(host.at, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

bool pages_serve(struct http *h)
{
    struct span path = h->request.path;
    if (span_is(path, "/healthz")) {
        http_answer(h, 200, PLAIN, FRESH, SPAN("ok\n"));
    } else if (span_is(path, "/readyz")) {
        char why[120] = "stopping";
        const struct net_config *config = &h->net->config;
        bool is_ready = !h->net->is_stopping && (config->is_ready == NULL || config->is_ready(config->ready_ctx, why));
        http_answer(h, is_ready ? 200 : 503, PLAIN, FRESH, is_ready ? SPAN("ready\n") : span_of(why));
    } else if (span_is(path, "/metrics")) {
        if (!is_near(h))
            http_refuse(h, 404, "", "no such address");
        else
            metrics(h);
    } else {
        return false;
    }
    return true;
}
