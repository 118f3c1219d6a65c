/* mail.h: the mails that the hub sends, by kind, and what each tells. */
#ifndef BZ_DOMAIN_MAIL_H
#define BZ_DOMAIN_MAIL_H
#include "base/span.h"
#include <stdint.h>

/* The number is stored: never reuse or change one.
 *    number name              word                 what it tells; in brackets: may be absent */
#define BZ_MAIL_KINDS(X)                            \
    X(1,  CODE,             "code")                 /* code, minutes: a sign-in code */                              \
    X(2,  INVITE,           "invite")               /* code, by, [org]: who invites, and for which organisation */   \
    X(3,  REQUEST_RECEIVED, "request_received")     /* [org]: somebody asked to become a member */                   \
    X(4,  REQUEST_APPROVED, "request_approved")     /* [code], [org]: and may */                                     \
    X(5,  REQUEST_REFUSED,  "request_refused")      /* [reason], [org]: and may not */                               \
    X(6,  FACTOR_ADDED,     "factor_added")         /* what: "passkey", "totp", "recovery", "password", "site", "address" */    \
    X(7,  FACTOR_REMOVED,   "factor_removed")       /* what */                                                       \
    X(8,  PASSWORD_CHANGED, "password_changed")     /* nothing */                                                    \
    X(9,  ERASED,           "erased")               /* nothing: the account is gone */                               \
    X(10, TEST,             "test")                 /* nothing */                                                    \
    X(11, TOKEN_MADE,       "token_made")           /* nothing: a program may act in their name */

enum mail_kind {
#define BZ_MAIL_KIND_E(n, name, word) MAIL_##name = n,
    BZ_MAIL_KINDS(BZ_MAIL_KIND_E)
#undef BZ_MAIL_KIND_E
};

struct mail_args {
    struct span code;          /* of a sign-in or an invitation */
    struct span by, org;       /* names */
    struct span reason, what;
    int64_t minutes;           /* for which a code is good */
};
#endif
