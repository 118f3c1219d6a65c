/* session.h: what one WebSocket connection is to the wire. Inner header of wire: loop thread only.
 * NEW -> BUSY (hello or open under way; what arrives meanwhile waits) -> READY, or NEW again when refused.
 * CLOSED: told to close, hears nothing any more. */
#ifndef BZ_WIRE_SESSION_H
#define BZ_WIRE_SESSION_H
#include "wire/exchange.h"

enum session_state { SESSION_NEW, SESSION_BUSY, SESSION_READY, SESSION_CLOSED };

struct held;                       /* an answer that waits for the line */

struct session {
    struct session *prev, *next;
    struct wire *wire;
    const struct session_ops *ops;
    void *conn;
    uint64_t address;              /* whose; 0: not counted */
    enum session_state state;
    bool has_hash;
    unsigned char hash[TOKEN_HASH_BYTES];
    int64_t born_ms;
    bz_id member;                  /* from READY on */
    struct rights rights;          /* from READY on; its rooms: owned */
    int64_t expires_ms;            /* 0: never */
    bool may_weaken;               /* would need a second factor if they moderated */
    struct subscriber *subscriber;
    struct exchange *first, *last; /* under way */
    size_t calls, bytes;           /* of them */
    size_t reads;                  /* of them: whose queries were begun */
    struct held *held, *held_last; /* while the line is full: in the order in which they go out */
    size_t held_bytes;
    bool is_full;                  /* the line is: session_drained ends it */
    bool is_late_start;            /* the entries begin once there is room for them */
    bool is_resuming;
    uint64_t ends;                 /* those of the wire when hello began to look who it is */
    unsigned refused;              /* messages refused in a row */
    struct bucket attempts;        /* calls of who is not signed in */
    bz_id place_thread, place_room;    /* where this member typed last */
};

bz_id session_member(struct session *s);   /* who speaks now; 0: nobody (or no longer) */
void session_put_hub(struct buf *b, const struct wire *w);                  /* ,"hub":{…} */
void session_put_cursor(struct buf *b, const struct wire *w, int64_t seq);   /* ,"cursor":{…} */
bool session_may_read(const struct session *s);   /* may one more message begin its queries now? */
void session_resume(struct session *s);    /* runs what waited: while BUSY, for its turn to read, or for the line */
void session_answered(struct session *s, struct exchange *x, struct span answer);  /* x leaves the session */
void session_close(struct session *s, int code, const char *reason);

void act_hello(struct call *c, const struct session_args *args);
void act_open(struct call *c, const struct session_args *args);
void act_close(struct call *c, const struct session_args *args);
void act_watch(struct call *c, const struct session_args *args);
void act_signal(struct call *c, const struct session_args *args);
void act_discover(struct call *c, const struct session_args *args);
#endif
