/* factor.h: the methods of what people sign in with: challenges, secrets that are told once, passwords that are hashed on the way,
 * sessions that go on under another name. Inner header of wire: loop thread only, but for run_*. */
#ifndef BZ_WIRE_FACTOR_H
#define BZ_WIRE_FACTOR_H
#include "wire/exchange.h"

/* As in account.h: before the job goes; false: the call has failed. */
bool prepare_factor(struct call *c, struct job *job);          /* who is signed in, by which session */
bool prepare_second(struct call *c, struct job *job);          /* may become a session */
bool prepare_passkey_begin(struct call *c, struct job *job);
bool prepare_passkey_enter(struct call *c, struct job *job);
bool prepare_passkey_add(struct call *c, struct job *job);
bool prepare_totp_add(struct call *c, struct job *job);
bool prepare_recovery(struct call *c, struct job *job);
void answer_made(struct call *c, const struct outcome *o);     /* what was prepared is the answer */
void answer_renamed(struct call *c, const struct outcome *o);  /* the same, and the session has another name */

void act_passkey_new(struct call *c, const struct session_args *args);
void act_totp_new(struct call *c, const struct session_args *args);
void act_password_set(struct call *c, const struct session_args *args);
void act_password_enter(struct call *c, const struct session_args *args);

enum bz_err run_factor_list(struct db *db, struct query *q, struct bz_error *e);
#endif
