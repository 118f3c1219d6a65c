/* wire.h: JSON-RPC 2.0 with one table of methods, on two carriers. Loop thread only. The only user of jansson. */
#ifndef BZ_WIRE_WIRE_H
#define BZ_WIRE_WIRE_H
#include "engine/readers.h"
#include "engine/writer.h"
#include "fanout/fanout.h"

struct wire;
struct wire_config {
    uv_loop_t *loop;               /* for the time that requests are held */
    struct writer *writer;
    struct readers *readers;
    struct hasher *hasher;         /* of passwords */
    struct fanout *fanout;
    const struct hubs *hubs;
    const struct env *env;
    struct stats *stats;
    struct log *log;
    const char *hub_name;
    const struct keep_days *keep;  /* borrowed; NULL: nothing is said of it */
    bool minds_second;             /* who moderates needs a passkey or a second factor, unless the operator let them in */
    bool enforce_limits;           /* rate limits; size limits always hold */
    struct span openrpc;           /* the document rpc.discover answers; static */
};
enum bz_err wire_new(const struct wire_config *config, struct wire **ret, struct bz_error *e);
/* Passkeys are of this domain, and asked for by pages of these origins (struct origins of clientdata.h). Both borrowed; before the first
 * request. */
struct origins;
void wire_passkeys(struct wire *w, const char *domain, const struct origins *origins);
/* After writer_stop and readers_stop, which hand out all work, and after the last session_free. NULL is fine. */
void wire_free(struct wire *w);
struct providers;
/* Once, before anybody calls: the sites to sign in by. All that it points to stays until wire_free. */
void wire_providers(struct wire *w, const struct providers *providers);
/* After fanout_publish of the same commit: who was suspended or banned from the hub is told so, and their sockets and held
 * requests end. */
void wire_committed(struct wire *w, const struct commit *commit);
/* Grows with each commit, and each end of a session, by which somebody may have lost a right: what was allowed before and goes on
 * is to be asked about again. */
uint64_t wire_rights(const struct wire *w);
/* Once a second: closes the sockets, and refuses the held requests, whose session has expired; and the sockets on which
 * nobody said hello for HELLO_MS. */
void wire_tick(struct wire *w);

/* ---- WebSocket: one session per connection. */
struct session;
struct session_ops {
    /* One text message; copied or sent at once. Both: false: the line took it but is now full, and nothing more is sent
     * until session_drained. */
    bool (*send)(void *conn, struct span text);
    bool (*send_frames)(void *conn, struct span frames);           /* frames as in struct subscriber_ops */
    void (*close)(void *conn, int code, const char *reason);       /* RFC 6455 close code; asynchronous */
};
/* token: from the Authorization header or the cookie, or absent (then hello must bring one). */
struct session *session_new(struct wire *w, const struct session_ops *ops, void *conn, struct span token);
void session_from(struct session *s, uint64_t address);            /* whose: as in http_post; until then not counted */
void session_receive(struct session *s, struct span text);         /* one whole text message, valid UTF-8 */
void session_drained(struct session *s);
void session_free(struct session *s);                              /* the connection is gone; answers under way are dropped */

/* ---- HTTP: one call or batch per request. */
struct http_answer {
    int status;
    struct span body;              /* application/json; borrowed during the call */
    struct span set_token;         /* present after session.open: to be put into the session cookie */
    struct span set_browser;       /* along with it: the browser's mark, into a cookie of its own */
    bool clear_token;              /* after session.close */
    int64_t max_age_s, browser_age_s;        /* of the cookies */
    uint32_t retry_after_ms;
};
typedef void (*http_done)(void *ctx, const struct http_answer *answer);   /* exactly once, maybe before the call returns */
struct http_call;
struct http_post {
    struct span token, body;
    struct span browser;           /* its mark, or absent */
    uint64_t address;              /* whose requests are counted together; 0: not counted */
};
/* The call returns a handle to give to wire_http_cancel when the client is gone (then done is not called). NULL once
 * done was called. What post points to is not needed after the call. session.poll may be held for POLL_WAIT_MS. */
struct http_call *wire_http_post(struct wire *w, const struct http_post *post, http_done done, void *ctx);
/* Query by GET: name is the method, args "a=1&b=x" as in the URL (percent-encoded). Writes answer 405. */
struct http_call *wire_http_get(struct wire *w, struct span token, struct span name, struct span args, http_done done,
                                void *ctx);
void wire_http_cancel(struct http_call *call);
void wire_http_hurry(struct http_call *call);    /* a held request is answered in the next turn: more came behind it */
void wire_drain(struct wire *w);                 /* before the end: held requests are answered, and none is held again */

/* ---- A page of the client for a member: what its first questions would be answered, and its words. */
struct wire_page {
    struct span data;              /* JSON: me, hub, cursor, limit, rooms and, by the page, thread and posts, list, or catchup
                                    * and unanswered: results of the methods, all of one snapshot */
    struct span html;              /* escaped; at most some ten rows or posts */
};
/* Exactly once. NULL: there is nothing to send along (nobody speaks, nothing to be seen there, too much is going on).
 * is_nobody: the token is of no session; not said while that could not be found out. */
typedef void (*wire_page_done)(void *ctx, const struct wire_page *page, bool is_nobody);
struct page_call;
/* As wire_http_get: a handle for wire_page_cancel, or NULL once done was called. Costs the member one query. */
struct page_call *wire_page(struct wire *w, struct span token, struct span path, wire_page_done done, void *ctx);
void wire_page_cancel(struct page_call *call);

/* Sentence for carriers: {"jsonrpc":"2.0","id":null,"error":{...}} into ret. */
void wire_error(const struct bz_error *error, struct buf *ret);
#endif
