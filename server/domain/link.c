#include "domain/link.h"

#include <strings.h>

#include "domain/kinds.h"

struct out { char *at; size_t len; };

static void put(struct out *o, struct span s)
{
    if (o->len + s.len <= BZ_LIMIT_LINK_BYTES)
        memcpy(o->at + o->len, s.at, s.len);
    o->len += s.len;
}

static void put_lower(struct out *o, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i] >= 'A' && s.at[i] <= 'Z' ? (char)(s.at[i] | 0x20) : s.at[i];
        put(o, (struct span){ &c, 1 });
    }
}

static size_t until(struct span s, size_t from, const char *ends)
{
    while (from < s.len && strchr(ends, s.at[from]) == NULL)
        from++;
    return from;
}

/* The port behind the host's colon: digits alone; *ret_is_usual: none, or the scheme's own. */
static bool port_of(struct span port, bool is_https, bool *ret_is_usual)
{
    int n = 0;
    for (size_t i = 0; i < port.len; i++) {
        if (port.at[i] < '0' || port.at[i] > '9' || n > 65535)
            return false;
        n = n * 10 + (port.at[i] - '0');
    }
    *ret_is_usual = port.len == 0 || n == (is_https ? 443 : 80);
    return port.len == 0 || (n > 0 && n <= 65535);
}

size_t link_url(struct span href, char ret[BZ_LIMIT_LINK_BYTES])
{
    if (!url_valid(href))
        return 0;
    bool is_https = (href.at[4] | 0x20) == 's', is_usual;
    size_t scheme = is_https ? 8 : 7, end = until(href, scheme, "/?#");
    size_t host_end = href.at[scheme] == '[' ? until(href, scheme, "]") + 1 : until(href, scheme, ":/?#");
    if (memchr(href.at + scheme, '@', end - scheme) != NULL || host_end > end)
        return 0;
    struct span host = { href.at + scheme, host_end - scheme };
    bool has_port = host_end < end;
    if (has_port && href.at[host_end] != ':')
        return 0;
    struct span port = { href.at + host_end + has_port, end - host_end - has_port };
    if (!port_of(port, is_https, &is_usual))
        return 0;
    if (host.len > 1 && host.at[host.len - 1] == '.')
        host.len--;
    struct out o = { ret, 0 };
    put(&o, is_https ? SPAN("https://") : SPAN("http://"));
    put_lower(&o, host);
    if (!is_usual) {
        put(&o, SPAN(":"));
        put(&o, port);
    }
    if (end == href.len || href.at[end] != '/')
        put(&o, SPAN("/"));
    put(&o, (struct span){ href.at + end, until(href, end, "#") - end });
    return o.len <= BZ_LIMIT_LINK_BYTES ? o.len : 0;
}
