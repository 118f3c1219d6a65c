/* method.h: the one table of methods. Whatever can be called stands here, with its parameters, rights and rate. */
#ifndef BZ_WIRE_METHOD_H
#define BZ_WIRE_METHOD_H
#include "engine/readers.h"
#include "wire/params.h"

/*    name       wire (x-class)  rate bucket */
#define BZ_METHOD_CLASSES(X)                  \
    X(QUERY,     "query",        ADMIT_QUERY)  \
    X(WRITE,     "write",        ADMIT_WRITE)  \
    X(PERSONAL,  "personal",     ADMIT_WRITE)  \
    X(SIGNAL,    "signal",       ADMIT_SIGNAL) \
    X(SESSION,   "session",      ADMIT_QUERY)

enum method_class {
#define BZ_METHOD_CLASS_E(name, wire, bucket) METHOD_##name,
    BZ_METHOD_CLASSES(BZ_METHOD_CLASS_E)
#undef BZ_METHOD_CLASS_E
};

struct call;
struct oidc;
struct job;
struct outcome;

/* What a query was asked for; lies in its query's arena. */
struct query_args {
    const struct hubs *hubs;
    int64_t now_ms;
    const struct keep_days *keep;
    bz_id room, region, collection, org, thread, post, member, by, before, after, around;
    int64_t limit;                 /* set to PAGE_DEFAULT when not given */
    enum thread_kind kind;         /* 0: any */
    enum role role;                /* desk.members, if is_on */
    bool is_on;                    /* queue.list, request.list: decided ones */
    bool is_archive, has_file;
    struct span text, lang, prefix, next;   /* next: where a search goes on; of invite.list, behind which one */
    struct span theme, city, country, type, org_name, can;
    int64_t year, request;
    struct id_list ids;
    const struct oidc *oidc;       /* read-only; its providers never change */
    unsigned char hash[SECRET_BYTES];     /* of the session that asks */
    unsigned char secret[SECRET_BYTES];   /* invite.look: of the code */
};

/* Of the session methods and signals; lies in its exchange's arena. */
struct session_args {
    struct span token, code, lang, text;
    struct span email, password, old, device;
    struct span provider, state, issuer;   /* oidc.*; token is the ticket, code what the provider gave along */
    unsigned char invitation[SECRET_BYTES];
    struct cursor cursor;
    struct id_list watch;
    bz_id thread;
    int64_t wait_ms;
};

struct method {
    const char *name;
    enum method_class class;
    enum role least;               /* coarse: domain/policy decides again with fresh facts */
    enum scope needs;              /* who may, by which scope; 0: what method_scope says of its class */
    bool is_in_rooms;              /* also by a token that is bound to rooms: whatever it answers or does goes by CAN_READ, or by facts
                                      with a room */
    bool is_public;                /* may be called by who is not signed in */
    bool asks_who;                 /* and may be by who is: it is looked up */
    bool is_for_barred;            /* also by who is suspended or banned from the hub */
    bool is_for_weak;              /* also by who moderates and came in without a second factor (account.h of the store) */
    bool needs_socket;
    bool needs_http;
    bool makes_id;                 /* WRITE: the result has `id` */
    bool may_wait;                 /* WRITE: for a moderator; then the result has `held` in the place of extra */
    const char *extra;             /* WRITE: name of the second id in the result, or NULL */
    const char *third;             /* and of the third */
    enum command_kind command;     /* WRITE, PERSONAL */
    const struct param_spec *params;
    size_t params_count;
    /* WRITE, PERSONAL; may be NULL. prepare: what no parameter brings; false: the call's error is set. answer: the result, instead of
     * the usual one. done: takes the job, instead of both. */
    bool (*prepare)(struct call *call, struct job *job);
    void (*answer)(struct call *call, const struct outcome *outcome);
    void (*done)(struct job *job);
    /* What one parameter alone cannot say; may be NULL. */
    enum bz_err (*finish)(const json_t *params, void *target, struct arena *arena, struct bz_error *e);
    enum bz_err (*run)(struct db *db, struct query *q, struct bz_error *e);   /* QUERY */
    void (*act)(struct call *call, const struct session_args *args);          /* SESSION, SIGNAL, rpc.discover */
};

extern const struct method methods[];      /* sorted by name */
extern const size_t methods_count;

const struct method *method_by_name(struct span name);   /* NULL: unknown */
/* What a token must have been given. OWNER for all that says nothing else. */
enum scope method_scope(const struct method *m);
const char *method_class_wire(enum method_class class);
#endif
