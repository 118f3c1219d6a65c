/* account.h: what the methods of signing in need beside a command: secrets that are made here and told once, cookies, sockets that
 * end. Inner header of wire: loop thread only. */
#ifndef BZ_WIRE_ACCOUNT_H
#define BZ_WIRE_ACCOUNT_H
#include "wire/exchange.h"

/* prepare: before the job goes. false: the call has failed (its error is set). */
bool prepare_ticket(struct call *c, struct job *job);      /* a ticket and a code by mail */
bool prepare_enter(struct call *c, struct job *job);       /* what may become a session */
bool prepare_code(struct call *c, struct job *job);        /* a code is given back, of who is signed in */
int64_t session_end_ms(const struct wire *w);              /* when one ends that begins now */
bool prepare_end(struct call *c, struct job *job);
bool prepare_invite(struct call *c, struct job *job);
bool prepare_token(struct call *c, struct job *job);
bool prepare_drop(struct call *c, struct job *job);
/* answer: of a job that succeeded; writes c->result. */
void answer_ticket(struct call *c, const struct outcome *o);
void answer_invite(struct call *c, const struct outcome *o);
void answer_token(struct call *c, const struct outcome *o);
void answer_token_drop(struct call *c, const struct outcome *o);
void answer_end(struct call *c, const struct outcome *o);
/* done: instead of an answer; takes the job. */
void enter_done(struct job *job);                          /* {me}, and the cookie; or {more} */
void act_qr(struct call *c, const struct session_args *args);

enum bz_err run_session_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_token_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_address_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_invite_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_invite_look(struct db *db, struct query *q, struct bz_error *e);

/* This session was used today: noted at most once an hour. */
void note_seen(struct wire *w, const unsigned char hash[TOKEN_HASH_BYTES], int64_t seen_ms);
#endif
