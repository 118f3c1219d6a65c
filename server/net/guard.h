/* guard.h: who may ask: exact hosts, exact origins, one token. Pure but for memory. */
#ifndef BZ_NET_GUARD_H
#define BZ_NET_GUARD_H
#include "net/request.h"

#define GUARD_NAMES 16

struct guard {
    char *origins[GUARD_NAMES];   /* "https://baraza.example.org" */
    unsigned count;
    bool is_https;                /* the site is: cookies get the __Host- prefix and Secure */
};

void guard_init(struct guard *g, const char *url, const char *site, const char *const *others);
void guard_done(struct guard *g);
bool guard_host(const struct guard *g, struct span host);         /* equal to a known origin without its scheme */
bool guard_origin(const struct guard *g, struct span origin);     /* equal to a known origin */
/* The token of a request; absent when there is none. ret_from_cookie: it came from the cookie, so a page may have made
 * the browser send it. The cookie counts only with our Origin, or for reading without one when Fetch metadata agree. */
struct span guard_token(const struct guard *g, const struct request *r, bool *ret_from_cookie);
bool guard_same_site(const struct guard *g, const struct request *r);   /* a write by cookie may pass */
const char *guard_cookie(const struct guard *g);                        /* its name */
struct span guard_browser(const struct guard *g, const struct request *r);   /* the browser's mark, from its cookie; or absent */
const char *guard_browser_cookie(const struct guard *g);
#endif
