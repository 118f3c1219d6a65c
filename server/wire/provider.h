/* provider.h: sites by which people may sign in (OpenID Connect), as the operator named them, and how they are asked. */
#ifndef BZ_WIRE_PROVIDER_H
#define BZ_WIRE_PROVIDER_H
#include <stddef.h>

#include "base/span.h"

#define PROVIDER_NAME_BYTES 32

struct provider {
    const char *name;              /* in addresses: a-z, 0-9 and '-' */
    const char *title;             /* on the button */
    const char *issuer, *client, *scopes;
    const char *secret;            /* "": a public client */
    const char *domains;           /* of e-mail addresses that may come by it, parted by blanks, in the form of mailbox.h; "": any */
    const char *ca;                /* file of certificates, or "" */
    bool trusts_email;             /* that an address was shown to be theirs is believed */
    bool is_inside;                /* its own host may be inside the hub's network */
};

/* One question to a provider; spans are copied. */
struct provider_question { const struct provider *provider; struct span url, user, password, form; bool is_inside; };
/* status 0: there was none, and body may say why. It lives until it returns. */
typedef void provider_answer(void *owner, int status, struct span body);

struct providers {
    const struct provider *at;
    size_t count;
    const char *site;              /* "https://hub.example": where they lead back to */
    /* answer is called once, later. False: too much is being asked already, or the hub stops. */
    bool (*ask)(void *ctx, const struct provider_question *question, provider_answer *answer, void *owner);
    void *ctx;
};
#endif
