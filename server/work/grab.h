/* grab.h: fetches the head of a strangers' page and nothing else, and never from inside the hub's own network. Used inside a worker,
 * where it is locked in by jail.h; it takes no more than FETCH_MS and LINK_BODY_BYTES, whatever the other side does. */
#ifndef BZ_WORK_GRAB_H
#define BZ_WORK_GRAB_H
#include <netinet/in.h>
#include <stdint.h>

#include "work/fetch.h"
#include "work/page.h"

#define GRAB_ADDRESSES 16        /* of one name; of more the first */

union address { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; };
struct addresses { union address at[GRAB_ADDRESSES]; size_t count; };

struct grab_rules {
    /* All addresses of a name, until then by grab_now_ms; false: who knows could not be asked. Nobody else looks names up. */
    bool (*resolve)(void *ctx, const char *host, int64_t until_ms, struct addresses *ret);
    void (*connects)(void *ctx, const struct sockaddr *to);   /* NULL, or told of each connection before it is made */
    void *ctx;
    int ports[FETCH_PORTS_MAX];
    size_t ports_count;          /* 0: any */
    struct addresses inside;     /* not public, and may be asked all the same */
    bool is_inside;              /* so may any: the operator named whom is asked */
    struct span ca;              /* whom to believe about names: certificates, PEM */
    const char *agent;           /* who asks */
};

/* Lists parted by blanks or commas, as in the settings. False: something in them is none. */
bool grab_ports(const char *text, struct grab_rules *ret);
bool grab_inside(const char *text, struct grab_rules *ret);

int64_t grab_now_ms(void);   /* since some moment: a clock that nobody sets */
/* Before it is locked in: what libraries load. */
bool grab_load(void);
/* FETCH_READ: it answers, and what it says of itself, if anything. is_check: only whether it answers.
 * page: all zeros before; the caller's to free by page_done, or to leave to the end of the process. */
enum fetch_end grab(const struct grab_rules *rules, struct span url, bool is_check, struct page *page);

/* One question to one who is known, with its whole answer. No redirect is followed. */
struct grab_ask {
    struct span url;
    struct span user, password;  /* told by the way HTTP calls basic; or absent */
    struct span form;            /* absent: a GET; else posted, application/x-www-form-urlencoded */
};
/* FETCH_READ: *ret_status is what it answered, and body (initialised, its maximum is the answer's) what. DEAD: no connection, no TLS
 * with that name, no end in time, or too long. why: for the operator, what hindered it; its maximum is at least GRAB_WHY_BYTES. */
#define GRAB_WHY_BYTES 256
enum fetch_end grab_ask(const struct grab_rules *rules, const struct grab_ask *ask, int64_t until_ms, struct buf *body, struct buf *why,
                        long *ret_status);
#endif
