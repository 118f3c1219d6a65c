#include "net/guard.h"

#include <stdlib.h>
#include <strings.h>

static void add(struct guard *g, const char *text, size_t len)
{
    while (len > 0 && text[len - 1] == '/')
        len--;
    if (g->count < GUARD_NAMES && len > 0 && (g->origins[g->count] = strndup(text, len)) != NULL)
        g->count++;
}

/* A listening address of this machine is reached as localhost too. */
static void add_twin(struct guard *g, const char *url)
{
    static const char *const local[] = { "http://127.0.0.1", "http://[::1]", "http://0.0.0.0", "http://[::]" };
    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(local[i]);
        if (strncmp(url, local[i], len) != 0 || (url[len] != ':' && url[len] != '\0'))
            continue;
        char twin[64] = "http://localhost";
        strncat(twin, url + len, sizeof twin - strlen(twin) - 1);
        add(g, twin, strlen(twin));
        if (i < 2)
            return;
        twin[0] = '\0';
        strncat(twin, i == 2 ? "http://127.0.0.1" : "http://[::1]", 20);
        strncat(twin, url + len, 16);
        add(g, twin, strlen(twin));
    }
}

void guard_init(struct guard *g, const char *url, const char *site, const char *const *others)
{
    *g = (struct guard){ 0 };
    add(g, url, strlen(url));
    add_twin(g, url);
    if (site != NULL)
        add(g, site, strlen(site));
    for (; others != NULL && *others != NULL; others++)
        add(g, *others, strlen(*others));
    g->is_https = site != NULL && strncmp(site, "https://", 8) == 0;
}

void guard_done(struct guard *g)
{
    for (unsigned i = 0; i < g->count; i++)
        free(g->origins[i]);
    g->count = 0;
}

bool guard_host(const struct guard *g, struct span host)
{
    for (unsigned i = 0; i < g->count; i++) {
        const char *name = strstr(g->origins[i], "://");
        if (name != NULL && host.len == strlen(name + 3) && strncasecmp(host.at, name + 3, host.len) == 0)
            return true;
    }
    return false;
}

bool guard_origin(const struct guard *g, struct span origin)
{
    for (unsigned i = 0; i < g->count; i++)
        if (span_is(origin, g->origins[i]))
            return true;
    return false;
}

const char *guard_cookie(const struct guard *g) { return g->is_https ? "__Host-baraza" : "baraza"; }

static struct span cookie_value(struct span cookie, const char *name)
{
    size_t name_len = strlen(name);
    while (cookie.len > 0) {
        const char *stop = memchr(cookie.at, ';', cookie.len);
        size_t len = stop == NULL ? cookie.len : (size_t)(stop - cookie.at);
        if (len > name_len && memcmp(cookie.at, name, name_len) == 0 && cookie.at[name_len] == '=')
            return (struct span){ cookie.at + name_len + 1, len - name_len - 1 };
        while (len < cookie.len && (cookie.at[len] == ';' || cookie.at[len] == ' '))
            len++;
        cookie.at += len;
        cookie.len -= len;
    }
    return (struct span){ 0 };
}

const char *guard_browser_cookie(const struct guard *g) { return g->is_https ? "__Host-baraza-browser" : "baraza-browser"; }

struct span guard_browser(const struct guard *g, const struct request *r) { return cookie_value(r->cookie, guard_browser_cookie(g)); }

bool guard_same_site(const struct guard *g, const struct request *r)
{
    if (!guard_origin(g, r->origin))
        return false;
    return r->fetch_site.at == NULL || span_is(r->fetch_site, "same-origin") || span_is(r->fetch_site, "none");
}

struct span guard_token(const struct guard *g, const struct request *r, bool *ret_from_cookie)
{
    *ret_from_cookie = false;
    if (r->authorization.len > 7 && strncasecmp(r->authorization.at, "Bearer ", 7) == 0)
        return (struct span){ r->authorization.at + 7, r->authorization.len - 7 };
    struct span token = cookie_value(r->cookie, guard_cookie(g));
    *ret_from_cookie = token.at != NULL;
    return token;
}
