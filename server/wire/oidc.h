/* oidc.h: sign-in by an account elsewhere (OpenID Connect Core, code flow with PKCE). The browser holds a ticket; state, nonce and PKCE
 * verifier are made of it and kept nowhere, so that whoever comes back without it, or with another, comes to nothing. Whatever is
 * wrong is told in one sentence, and in the log by its reason. Inner header of wire: loop thread only, but for run_*. */
#ifndef BZ_WIRE_OIDC_H
#define BZ_WIRE_OIDC_H
#include "wire/exchange.h"
#include "wire/provider.h"

void act_oidc_list(struct call *c, const struct session_args *args);
void act_oidc_begin(struct call *c, const struct session_args *args);
void act_oidc_finish(struct call *c, const struct session_args *args);
enum bz_err run_oidc_links(struct db *db, struct query *q, struct bz_error *e);

/* What is known of the providers; NULL where there are none. */
struct oidc;
struct oidc *oidc_new(const struct providers *providers);
void oidc_free(struct oidc *o);   /* after the last answer. NULL is fine */
#endif
