#include "wire/idtoken.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/pubkey.h"
#include "base/utf8.h"
#include "baraza/limits.h"
#include "domain/mailbox.h"
#include "wire/codec.h"

#define PART_BYTES (16u << 10)     /* of a part of a token, decoded */
#define AUDIENCES_MAX 16

const char *idtoken_flaw_text(enum idtoken_flaw flaw)
{
    static const char *const texts[] = {
#define IDTOKEN_TEXT(name, text) [IDTOKEN_##name] = text,
        IDTOKEN_FLAWS(IDTOKEN_TEXT)
#undef IDTOKEN_TEXT
    };
    return texts[flaw];
}

/* ---- Members of an object. */

static struct span text_of(const json_t *doc, const char *name)
{
    const json_t *value = json_object_get(doc, name);
    return json_is_string(value) ? (struct span){ json_string_value(value), json_string_length(value) } : (struct span){ NULL, 0 };
}

static bool lists(const json_t *list, const char *word)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (json_is_string(one) && strcmp(json_string_value(one), word) == 0)
            return true;
    }
    return false;
}

/* Seconds; some write fractions. */
static bool seconds_of(const json_t *doc, const char *name, int64_t *ret)
{
    const json_t *value = json_object_get(doc, name);
    double n = json_number_value(value);
    if (!json_is_number(value) || !(n >= 0 && n < 1e12))
        return false;
    *ret = (int64_t)n;
    return true;
}

/* ---- Addresses. */

static struct span rest_of(struct span url, const char *scheme)
{
    size_t len = strlen(scheme);
    bool begins = url.at != NULL && url.len > len && memcmp(url.at, scheme, len) == 0;
    return begins ? (struct span){ url.at + len, url.len - len } : (struct span){ NULL, 0 };
}

static size_t host_len(struct span rest)
{
    size_t len = 0;
    while (len < rest.len && strchr("/?", rest.at[len]) == NULL)
        len++;
    return len;
}

bool oidc_is_bare(struct span url)
{
    static const char *const here[] = { "127.0.0.1", "[::1]" };
    struct span rest = rest_of(url, "http://");
    size_t len = rest.at == NULL ? 0 : host_len(rest);
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++) {
        size_t host = strlen(here[i]);
        if (len >= host && memcmp(rest.at, here[i], host) == 0 && (len == host || rest.at[host] == ':'))
            return true;
    }
    return false;
}

bool oidc_url_valid(struct span url, bool may_be_bare)
{
    struct span rest = rest_of(url, "https://");
    if (rest.at == NULL && may_be_bare && oidc_is_bare(url))
        rest = rest_of(url, "http://");
    if (rest.at == NULL || url.len > OIDC_URL_BYTES)
        return false;
    for (size_t i = 0; i < rest.len; i++)
        if (rest.at[i] <= ' ' || rest.at[i] >= 0x7f || strchr("\"<>\\^`{|}#", rest.at[i]) != NULL)
            return false;
    size_t host = host_len(rest);
    return host > 0 && rest.at[0] != ':' && memchr(rest.at, '@', host) == NULL && memchr(rest.at, '%', host) == NULL;
}

static size_t origin_len(struct span url)
{
    struct span rest = rest_of(url, "https://");
    if (rest.at == NULL)
        rest = rest_of(url, "http://");
    return rest.at == NULL ? 0 : (size_t)(rest.at - url.at) + host_len(rest);
}

bool oidc_same_host(struct span url, struct span other)
{
    size_t len = origin_len(url);
    return len > 0 && len == origin_len(other) && strncasecmp(url.at, other.at, len) == 0;
}

/* ---- What it says of itself. */

static bool take_url(const json_t *doc, const char *name, bool may_be_bare, char ret[OIDC_URL_BYTES + 1])
{
    struct span url = text_of(doc, name);
    if (!oidc_url_valid(url, may_be_bare))
        return false;
    (void)snprintf(ret, OIDC_URL_BYTES + 1, "%.*s", (int)url.len, url.at);
    return true;
}

static bool read_discovery(const json_t *doc, struct span issuer, struct discovery *ret)
{
    const json_t *pkce = json_object_get(doc, "code_challenge_methods_supported");
    const json_t *ways = json_object_get(doc, "token_endpoint_auth_methods_supported");
    struct span own = text_of(doc, "issuer");
    bool is_bare = oidc_is_bare(issuer);
    ret->says_issuer = json_is_true(json_object_get(doc, "authorization_response_iss_parameter_supported"));
    ret->takes_basic = ways == NULL || lists(ways, "client_secret_basic");
    return own.at != NULL && span_eq(own, issuer) && (pkce == NULL || lists(pkce, "S256"))
           && take_url(doc, "authorization_endpoint", is_bare, ret->authorize) && take_url(doc, "token_endpoint", is_bare, ret->token)
           && take_url(doc, "jwks_uri", is_bare, ret->keys);
}

bool discovery_read(struct span text, struct span issuer, struct discovery *ret)
{
    json_t *doc;
    struct bz_error e = { 0 };
    if (codec_load_foreign(text, &doc, &e) != BZ_OK)
        return false;
    bool is_read = read_discovery(doc, issuer, ret);
    json_decref(doc);
    return is_read;
}

bool token_answer_read(struct span text, struct arena *arena, struct span *ret_id_token, struct span *ret_access)
{
    json_t *doc;
    struct bz_error e = { 0 };
    if (codec_load_foreign(text, &doc, &e) != BZ_OK)
        return false;
    *ret_id_token = arena_copy(arena, text_of(doc, "id_token"));
    *ret_access = arena_copy(arena, text_of(doc, "access_token"));
    json_decref(doc);
    return ret_id_token->at != NULL;
}

/* ---- The token's parts: base64url without padding, each written in one way only. */

static bool decode(struct span text, struct arena *arena, struct span *ret)
{
    size_t len = 0, room = text.len / 4 * 3 + 3;
    const char *end = NULL;
    if (text.at == NULL || text.len == 0 || room > PART_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++)   /* libsodium takes '-' and '_' with their highest bit set for the same */
        if ((text.at[i] & 0x80) != 0)
            return false;
    unsigned char *bytes = arena_alloc(arena, room);
    if (sodium_base642bin(bytes, room, text.at, text.len, NULL, &len, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text.at + text.len)
        return false;
    *ret = (struct span){ (const char *)bytes, len };
    return true;
}

struct jws { struct span head, body, signature, signed_text; };

static bool split(struct span token, struct arena *arena, struct jws *ret)
{
    const char *first = token.at == NULL ? NULL : memchr(token.at, '.', token.len);
    const char *second = first == NULL ? NULL : memchr(first + 1, '.', token.len - (size_t)(first + 1 - token.at));
    if (second == NULL)
        return false;
    ret->signed_text = (struct span){ token.at, (size_t)(second - token.at) };
    return decode((struct span){ token.at, (size_t)(first - token.at) }, arena, &ret->head)
           && decode((struct span){ first + 1, (size_t)(second - first - 1) }, arena, &ret->body)
           && decode((struct span){ second + 1, token.len - (size_t)(second + 1 - token.at) }, arena, &ret->signature);
}

/* ---- Keys. */

struct kind { const char *alg, *type, *curve; };
static const struct kind kinds[] = { { "RS256", "RSA", NULL }, { "ES256", "EC", "P-256" }, { "EdDSA", "OKP", "Ed25519" } };

static const struct kind *kind_of(struct span alg)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (span_is(alg, kinds[i].alg))
            return &kinds[i];
    return NULL;
}

/* May this key have signed it? A key is for one kind of signature alone, whatever the token says. */
static bool is_fit(const json_t *key, const struct kind *kind, struct span kid)
{
    struct span use = text_of(key, "use"), alg = text_of(key, "alg"), own = text_of(key, "kid");
    return span_is(text_of(key, "kty"), kind->type) && (kind->curve == NULL || span_is(text_of(key, "crv"), kind->curve))
           && (use.at == NULL || span_is(use, "sig")) && (alg.at == NULL || span_is(alg, kind->alg))
           && (kid.at == NULL || (own.at != NULL && span_eq(kid, own)));
}

static EVP_PKEY *load_key(const json_t *key, const struct kind *kind, struct arena *arena)
{
    struct span a, b = { NULL, 0 };
    bool is_rsa = kind->curve == NULL, is_ec = strcmp(kind->type, "EC") == 0;
    if (!decode(text_of(key, is_rsa ? "n" : "x"), arena, &a) ||
        ((is_rsa || is_ec) && !decode(text_of(key, is_rsa ? "e" : "y"), arena, &b)))
        return NULL;
    return is_rsa ? pubkey_rsa(a, b) : is_ec ? pubkey_p256(a, b) : pubkey_ed25519(a);
}

static enum idtoken_flaw check_signature(const json_t *set, const struct jws *jws, const struct kind *kind, struct span kid,
                                         struct arena *arena)
{
    const json_t *list = json_object_get(set, "keys");
    enum idtoken_flaw flaw = IDTOKEN_KEY;
    if (!json_is_array(list) || json_array_size(list) > OIDC_KEYS_MAX)
        return IDTOKEN_KEYS;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        EVP_PKEY *key = is_fit(one, kind, kid) ? load_key(one, kind, arena) : NULL;
        if (key == NULL)
            continue;
        bool is_signed = pubkey_signed_jws(key, jws->signed_text, jws->signature);
        pubkey_free(key);
        if (is_signed)
            return IDTOKEN_NONE;
        flaw = IDTOKEN_SIGNATURE;
    }
    return flaw;
}

/* ---- What it says. */

static bool is_for_us(const json_t *claims, struct span client)
{
    const json_t *aud = json_object_get(claims, "aud"), *azp = json_object_get(claims, "azp");
    size_t count = json_array_size(aud);
    if (azp != NULL && !(json_is_string(azp) && span_eq(text_of(claims, "azp"), client)))
        return false;
    if (json_is_string(aud))
        return span_eq(text_of(claims, "aud"), client);
    return json_is_array(aud) && count > 0 && count <= AUDIENCES_MAX && lists(aud, client.at) && (count == 1 || azp != NULL);
}

static bool is_in_time(const json_t *claims, int64_t now_ms)
{
    int64_t now = now_ms / 1000, exp, iat, nbf = 0;
    if (!seconds_of(claims, "exp", &exp) || !seconds_of(claims, "iat", &iat))
        return false;
    if (json_object_get(claims, "nbf") != NULL && !seconds_of(claims, "nbf", &nbf))
        return false;
    return now < exp + OIDC_SKEW_S && iat <= now + OIDC_SKEW_S && nbf <= now + OIDC_SKEW_S && iat > now - OIDC_AGE_S;
}

/* The left half of the hash of the access token that came along, if the token says it (Core §3.1.3.6). */
static bool is_of_access(const json_t *claims, const struct kind *kind, struct span access)
{
    unsigned char hash[crypto_hash_sha512_BYTES];
    char text[64];
    bool is_ed = strcmp(kind->alg, "EdDSA") == 0;
    if (json_object_get(claims, "at_hash") == NULL)
        return true;
    if (access.at == NULL)
        return false;
    if (is_ed)
        crypto_hash_sha512(hash, (const unsigned char *)access.at, access.len);
    else
        crypto_hash_sha256(hash, (const unsigned char *)access.at, access.len);
    sodium_bin2base64(text, sizeof text, hash, is_ed ? 32 : 16, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return span_is(text_of(claims, "at_hash"), text);
}

static bool is_plain(struct span s, size_t max)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] >= 0x7f)
            return false;
    return s.at != NULL && s.len > 0 && s.len <= max;
}

static enum idtoken_flaw check_claims(const json_t *claims, const struct kind *kind, const struct idtoken_rules *rules)
{
    struct span nonce = text_of(claims, "nonce"), issuer = text_of(claims, "iss");
    if (issuer.at == NULL || !span_eq(issuer, rules->issuer))
        return IDTOKEN_ISSUER;
    if (!is_for_us(claims, rules->client))
        return IDTOKEN_AUDIENCE;
    if (!is_in_time(claims, rules->now_ms))
        return IDTOKEN_TIME;
    if (nonce.at == NULL || nonce.len != rules->nonce.len || sodium_memcmp(nonce.at, rules->nonce.at, nonce.len) != 0)
        return IDTOKEN_NONCE;
    if (!is_of_access(claims, kind, rules->access))
        return IDTOKEN_ACCESS;
    return is_plain(text_of(claims, "sub"), OIDC_SUBJECT_BYTES) ? IDTOKEN_NONE : IDTOKEN_SUBJECT;
}

static void take_identity(const json_t *claims, struct arena *arena, struct identity *ret)
{
    char key[MAILBOX_BYTES + 1];
    struct span email = text_of(claims, "email"), name = text_of(claims, "name");
    bool has_email = email.at != NULL && mailbox_key(email, key);
    *ret = (struct identity){ .subject = arena_copy(arena, text_of(claims, "sub")),
                              .is_verified = has_email && json_is_true(json_object_get(claims, "email_verified")) };
    if (has_email)
        ret->email = arena_copy(arena, span_of(key));
    if (name.at != NULL && utf8_is_name(name, BZ_LIMIT_NAME_CHARS))
        ret->name = arena_copy(arena, name);
}

static enum idtoken_flaw check(const struct jws *jws, const json_t *head, const json_t *set, const struct idtoken_rules *rules,
                               struct arena *arena, struct identity *ret)
{
    struct span kid = text_of(head, "kid"), typ = text_of(head, "typ");
    const struct kind *kind = kind_of(text_of(head, "alg"));
    json_t *claims;
    struct bz_error e = { 0 };
    if (!json_is_object(head) || json_object_get(head, "crit") != NULL ||
        (typ.at != NULL && !(typ.len == 3 && strncasecmp(typ.at, "JWT", 3) == 0)))
        return IDTOKEN_FORM;
    if (kind == NULL)
        return IDTOKEN_ALGORITHM;
    enum idtoken_flaw flaw = check_signature(set, jws, kind, kid, arena);
    if (flaw != IDTOKEN_NONE)
        return flaw;
    if (codec_load_foreign(jws->body, &claims, &e) != BZ_OK)
        return IDTOKEN_FORM;
    flaw = check_claims(claims, kind, rules);
    if (flaw == IDTOKEN_NONE)
        take_identity(claims, arena, ret);
    json_decref(claims);
    return flaw;
}

enum idtoken_flaw idtoken_check(struct span token, struct span keys, const struct idtoken_rules *rules, struct arena *arena,
                                struct identity *ret)
{
    struct jws jws;
    json_t *head = NULL, *set = NULL;
    struct bz_error e = { 0 };
    enum idtoken_flaw flaw = IDTOKEN_FORM;
    if (!split(token, arena, &jws) || codec_load_foreign(jws.head, &head, &e) != BZ_OK)
        return IDTOKEN_FORM;
    flaw = codec_load_foreign(keys, &set, &e) != BZ_OK ? IDTOKEN_KEYS : check(&jws, head, set, rules, arena, ret);
    json_decref(head);
    json_decref(set);
    return flaw;
}
