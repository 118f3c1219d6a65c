/* conn.h: one TCP connection, first HTTP, then perhaps a WebSocket. Private to net/. Loop thread only.
 * Invariants: a conn lives from conn_adopt to the library's RAW_CLOSE callback, which alone frees it; whoever wants it
 * gone asks conn_kill or conn_finish. Bytes leave through conn_write only. */
#ifndef BZ_NET_CONN_H
#define BZ_NET_CONN_H
#include <libwebsockets.h>
#include <netinet/in.h>

#include "base/limits.h"
#include "net/frames.h"
#include "net/guard.h"
#include "net/line.h"
#include "net/net.h"
#include "net/peers.h"
#include "net/refusal.h"
#include "net/signin.h"
#include "net/wheel.h"

#define HEAD_SECONDS 10        /* a connection's first request, to its last byte of the head */
#define IDLE_SECONDS 5         /* between two requests of one connection */
#define LINGER_SECONDS 2       /* after the last answer, for the peer to read it */
#define CLOSE_SECONDS 5        /* between the two close frames */
#define LOOK_SECONDS 5         /* between two looks at a slow reader whose time would be up */
#define FILES_SPARE 16         /* descriptors kept from connections, for the database, uploads and the control socket */
#define CONNECTIONS_LEAST 8    /* with room for fewer the daemon does not start */
#define ACCEPT_PAUSE_MS 250    /* without accepting, once the system has no room for one more connection */
#define OPEN_FILE_CHAINS 64
#define PINGS_MAX 20           /* pings of a client in ten seconds */

enum conn_state { CONN_HEAD, CONN_BODY, CONN_UPLOAD, CONN_ANSWER, CONN_FILE, CONN_WS, CONN_CLOSING, CONN_LINGER, CONN_DEAD };

struct net {
    struct net_config config;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct guard guard;
    struct wheel wheel;
    uv_timer_t second;
    uv_check_t turn;
    uv_poll_t listen;
    uv_timer_t accept_again;       /* runs while accepting pauses */
    uint64_t accept_logged_ms;     /* loop time of the last line about it, 0: none */
    unsigned count_max;            /* connections at once; fewer than CONNECTIONS_MAX where descriptors are scarce */
    int listen_fd;
    unsigned handles;              /* of ours, not yet closed */
    unsigned count, handshakes, jobs;
    struct wheel_timer waiting;    /* list of connections that have not sent a whole request yet, oldest first */
    struct wheel_timer all;        /* list of every connection */
    char url[80], csp[1024];
    struct signin signin;
    struct peers peers;
    unsigned address_max;          /* connections of one of them */
    struct refusals refusals;
    struct upload *uploads;        /* that have their part in hand */
    unsigned uploads_count;
    struct http *lasting_first, *lasting_last;   /* from who was asked about least lately on */
    unsigned lasting_asks, lasting_left;         /* questions under way; that may still be asked in this second */
    struct open_file *open_files[OPEN_FILE_CHAINS];
    struct downloads { struct download *first, *last; } down_waiting, down_ready;   /* to be asked about; to send */
    unsigned down_asking;
    uv_idle_t busy;                /* runs while somebody could be sent more at once */
    uint64_t serial;               /* of the newest connection */
    struct span page_before, page_after;   /* of the client's page: what stands around the first words; absent: none */
    char style_hash[64];           /* of the style in it, for the policy, with a blank before; "": none */
    char *assets_tag;              /* 20 bytes an asset: its ETag */
    bool is_stopping;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

struct http;
struct conn {
    struct wheel_timer timer, waiting, all;   /* timer first: the wheel hands it back */
    struct net *net;
    struct lws *wsi;
    uint64_t address;              /* IPv4, or the upper half of IPv6 */
    uint64_t serial;
    struct peer *peer;             /* from its first request on; NULL: not counted */
    struct http *http;             /* from a whole head to its answer */
    char *in;                      /* HTTP bytes not used yet; NULL when none */
    uint32_t in_len, in_cap;
    struct line line;
    uint8_t state;
    bool is_loopback, is_waiting, is_full, has_sent_close, finishes, is_quiet, is_late, is_processing, is_paused;
    uint16_t pings;
    uint32_t pings_from;           /* second in which the window of pings began */
    struct session *session;
    struct frames *frames;         /* of a WebSocket */
};

#define CONN_OF(member, at) ((struct conn *)((char *)(at) - offsetof(struct conn, member)))

void list_init(struct wheel_timer *head);
void list_add(struct wheel_timer *head, struct wheel_timer *t);
#define list_del wheel_unset

/* conn.c */
int conn_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);
void conn_adopt(struct net *n, int fd, uint64_t address, bool is_loopback);   /* takes fd */
bool conn_write(struct conn *c, const void *bytes, size_t len);   /* false: the line is full now, or gone */
void conn_timer(struct conn *c, unsigned seconds);
void conn_pause(struct conn *c, bool is_paused);   /* what the peer sends stays in the system for a while */
void conn_last(struct conn *c);         /* what has come already is still read, then it is as if the peer had gone */
void conn_input(struct conn *c, int bytes);   /* how much the system takes in ahead of us */
void conn_full(struct conn *c);         /* the system takes no more: the callback of an empty line comes, or the end of patience */
void conn_settled(struct conn *c);      /* no longer counts as a handshake */
bool conn_join(struct conn *c);         /* counts it to its address; false: one too many */
void conn_refused(struct conn *c, const char *event, int code, const char *reason);   /* for the log; texts are ours */
void conn_finish(struct conn *c);       /* close once everything is sent and the peer could read it */
void conn_kill(struct conn *c);         /* close now */
void conn_fire(struct wheel_timer *t);
bool conn_may_send(struct conn *c, struct span json);   /* false: a sign-in too many of its address */
/* http.c */
void http_receive(struct conn *c, const char *in, size_t len);
void http_next(struct conn *c);         /* the answer is out: the next request, or the end */
void http_drained(struct conn *c);      /* requests that waited for the line to be free */
void http_gone(struct conn *c);
void http_timeout(struct conn *c);
void http_process(struct conn *c);      /* takes what came and was not read yet */
void http_consume(struct conn *c, size_t len);
/* ws.c */
void ws_open(struct conn *c, const struct request *r, struct span token);
void ws_receive(struct conn *c, char *in, size_t len);
void ws_drained(struct conn *c);
void ws_timer(struct conn *c);
void ws_gone(struct conn *c);
void ws_close(struct conn *c, int code, const char *reason);
/* listen.c */
enum bz_err listen_open(struct net *n, struct bz_error *e);
void listen_close(struct net *n);
/* net.c */
void net_handle_closed(uv_handle_t *handle);
#endif
