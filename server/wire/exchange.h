/* exchange.h: one message with its calls, from its text to its one answer; the same on both carriers.
 * An exchange lives until its last call is back from the writer or the readers, also when its connection is gone.
 * Inner header of wire: loop thread only. */
#ifndef BZ_WIRE_EXCHANGE_H
#define BZ_WIRE_EXCHANGE_H
#include "engine/admit.h"
#include "wire/clientdata.h"
#include "wire/codec.h"
#include "wire/method.h"
#include "wire/token.h"
#include "wire/wire.h"

#define HTTP_CALLS 1024            /* HTTP exchanges and pages under way; more: 503, or the page alone */
#define ASKED_KEPT 256
#define ASKED_HOUR 3               /* requests to join of one address in an hour */
#define ASKED_HOUR_NEAR 30         /* and of this machine: a proxy on it speaks for everyone */
#define POLL_CHAINS 256
#define POLL_SLOTS 1024
#define WIRE_SCRATCH_BYTES ((4u << 20) + (256u << 10))   /* ANSWER_BYTES and the envelopes of a batch */

struct wire {
    struct wire_config config;
    struct admit *admit;
    struct session *sessions;      /* all, in no order */
    size_t http_count;             /* HTTP exchanges under way, but for those that are held */
    struct poll *polls[POLL_CHAINS];          /* held requests, by the first byte of their token's hash */
    size_t polls_count;
    uint16_t held[POLL_SLOTS];     /* how many of one address; addresses that share a slot share its places */
    bool is_draining;              /* nothing is held any more */
    uint64_t rights;               /* wire_rights */
    uint64_t ends;                 /* grows when sessions end or grow too weak: who was looked up before is looked up again */
    const char *domain;            /* of passkeys; "" while none is known */
    struct origins origins;
    struct oidc *oidc;             /* sites to sign in by; NULL: none */
    struct buf scratch;            /* the answer being put together */
    struct { uint64_t address; int64_t at_ms; } asked[ASKED_KEPT];   /* request.create: who asked to join last, a ring */
    size_t asked_count;
    unsigned char network_key[16]; /* by which networks are told apart in the database, and by nobody else */
};

/* What who speaks may do; rooms: in these alone, or NULL. */
struct rights { unsigned scopes; const struct id_list *rooms; };

struct exchange;
struct call {
    struct exchange *x;
    const struct method *method;   /* NULL: not known, or the request is malformed */
    struct request request;
    struct bz_error error;         /* code BZ_OK: result is the answer */
    struct buf result;             /* JSON */
    const struct session_args *args;
    char made[TOKEN_CHARS + 1];    /* a ticket or a code that the answer tells, once */
};

struct exchange {
    struct exchange *prev, *next;  /* of its session, in the order of arrival */
    struct wire *wire;
    struct session *session;       /* NULL: HTTP, or the connection is gone */
    struct http_call *http;        /* NULL: WebSocket, or the client is gone */
    struct poll *poll;             /* HTTP: held by session.poll */
    uint64_t address;              /* HTTP: whose; 0: not counted */
    unsigned char browser[TOKEN_HASH_BYTES]; /* HTTP: of its mark; zeros: none */
    int64_t expires_ms;            /* HTTP: of its session; 0: never */
    struct rights rights;          /* HTTP */
    bool is_weak;                  /* HTTP: a second factor is to come before anything else */
    struct arena arena;
    json_t *doc;
    size_t bytes;                  /* of its text */
    bool is_batch, is_running;
    bool is_reading;               /* WebSocket: its queries were begun; the session counts it */
    size_t result_bytes;           /* of the queries that are done */
    bool is_asking;                /* HTTP: a reader is looking up who speaks */
    size_t calls_count, started, finished;
    struct call *calls;
    bz_id member;                  /* HTTP: who speaks, 0: nobody */
    struct bz_error who_error;     /* HTTP: why nobody speaks */
    bool has_hash;
    unsigned char hash[TOKEN_HASH_BYTES];    /* HTTP: of the token that came with the request */
    char new_token[TOKEN_CHARS + 1];         /* session.open succeeded: the token it made */
    bool starts_subscriber;        /* session.hello succeeded: entries follow the answer */
    bool ends_session;             /* session.close succeeded: all sockets of `hash` end */
};

/* NULL when text is no request at all; *e says why. */
struct exchange *exchange_new(struct wire *w, struct span text, struct bz_error *e);
struct exchange *exchange_from_doc(struct wire *w, json_t *take_doc, struct bz_error *e);
void exchange_run(struct exchange *x);     /* starts what may start; may answer and free x before it returns */
bool exchange_can_go_on(const struct exchange *x);   /* would exchange_run start anything? */
void exchange_drop(struct exchange *x);    /* nobody waits for the answer any more */
void exchange_fail(struct exchange *x, const struct bz_error *error);   /* answers every call with error, now */
bool exchange_needs_member(const struct exchange *x);    /* is there a call that asks who speaks? */

bool call_is_alone(const struct call *c);
void call_done(struct call *c);            /* error or result is set */
void call_fail(struct call *c, enum bz_err code, const char *text);
struct job *call_job(const struct call *c, enum command_kind kind);   /* with what is known of who asks */
/* Work for others. false: it was refused; the job or query is freed, the call answered, and c may be gone. */
bool call_submit_job(struct call *c, struct job *take_job, void (*done)(struct job *job));
bool call_submit_query(struct call *c, struct query *take_q, void (*done)(struct query *q));
void call_take_error(struct call *c, const struct bz_error *error);     /* and gives it a time to come back */
/* Asks a reader who the token's member is (member 0), or reads this member; done gets it with struct who_args. */
struct query *who_query(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES], bz_id member);
struct rights call_rights(const struct call *c);
struct rights rights_of(const struct session_found *session, struct arena *arena);
struct id_list *rooms_copy(const struct id_list *rooms, struct arena *arena);   /* NULL: of NULL */
/* FORBIDDEN: it is for people, or for tokens that were given more. */
enum bz_err rights_check(struct rights rights, const struct method *m, struct bz_error *e);
int64_t wire_now_ms(const struct wire *w);
/* True, and e says until when: suspended or banned from the hub. */
bool wire_is_barred(const struct wire *w, bz_id member, struct bz_error *e);
void wire_end_others(struct wire *w, bz_id member, const unsigned char hash[TOKEN_HASH_BYTES]);   /* all but this one: they come again */
/* A session goes on under another hash: its sockets stay. */
void wire_rename_sessions(struct wire *w, const unsigned char old[TOKEN_HASH_BYTES], const unsigned char hash[TOKEN_HASH_BYTES]);
void wire_end_sessions(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES]);

/* http.c */
void http_answer_send(struct http_call *http, struct exchange *x, struct span body);
#endif
