/* idtoken.h: what a provider of sign-ins says (OpenID Connect Core and Discovery): where to ask it, with which keys it signs, what it
 * answers to a code, and the token that says who somebody is. Texts of strangers, of 64 KiB at most. Pure; any thread. */
#ifndef BZ_WIRE_IDTOKEN_H
#define BZ_WIRE_IDTOKEN_H
#include <stdint.h>

#include "base/arena.h"

#define OIDC_URL_BYTES 512
#define OIDC_SUBJECT_BYTES 255     /* OpenID Connect Core §2 */
#define OIDC_KEYS_MAX 32
#define OIDC_SKEW_S 60             /* how far two clocks may be apart */
#define OIDC_AGE_S (15 * 60)       /* of a token, at most: the sign-in it answers to is younger */

/* Is this an address that may be asked: https, or http of this machine where the issuer is that too; no name before the host, no
 * part behind a '#'. */
bool oidc_url_valid(struct span url, bool may_be_bare);
bool oidc_is_bare(struct span url);     /* http of a loopback address, port or not */
bool oidc_same_host(struct span url, struct span other);   /* scheme, host and port */

struct discovery {
    char authorize[OIDC_URL_BYTES + 1], token[OIDC_URL_BYTES + 1], keys[OIDC_URL_BYTES + 1];
    bool says_issuer;                   /* names itself where it leads back (RFC 9207) */
    bool takes_basic;                   /* the client's secret in the head of the request; else in its body */
};
/* False: it is not in order, it is another issuer's, or it knows no PKCE with S256 although it says what it knows. */
bool discovery_read(struct span text, struct span issuer, struct discovery *ret);

/* The answer to a code. access: or absent. False: there is no token in it. */
bool token_answer_read(struct span text, struct arena *arena, struct span *ret_id_token, struct span *ret_access);

/*    name        what is wrong */
#define IDTOKEN_FLAWS(X)                                            \
    X(NONE,       "nothing")                                        \
    X(FORM,       "it is not well formed")                          \
    X(ALGORITHM,  "its signature is of a kind that is not taken")   \
    X(KEYS,       "the provider's keys are not in order")           \
    X(KEY,        "none of the provider's keys is the one it names") \
    X(SIGNATURE,  "the signature is not of the provider")           \
    X(ISSUER,     "it is of another issuer")                        \
    X(AUDIENCE,   "it is for another site")                         \
    X(TIME,       "it is too old, or not yet good")                 \
    X(NONCE,      "it answers to another sign-in")                  \
    X(ACCESS,     "it came with another access token")              \
    X(SUBJECT,    "it does not say who it is about")

enum idtoken_flaw {
#define IDTOKEN_E(name, text) IDTOKEN_##name,
    IDTOKEN_FLAWS(IDTOKEN_E)
#undef IDTOKEN_E
};
const char *idtoken_flaw_text(enum idtoken_flaw flaw);

struct idtoken_rules { struct span issuer, client, nonce, access; int64_t now_ms; };   /* access: the token it came with, or absent */
/* email: in the form of mailbox.h, or absent; is_verified: the provider says that it is theirs. name: one line, or absent. */
struct identity { struct span subject, email, name; bool is_verified; };
/* keys: the JWK set as it came. Spans of ret: of the arena. KEY: other keys may be worth a look. */
enum idtoken_flaw idtoken_check(struct span token, struct span keys, const struct idtoken_rules *rules, struct arena *arena,
                                struct identity *ret);
#endif
