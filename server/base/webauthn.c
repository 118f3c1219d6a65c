#include "base/webauthn.h"

#include <sodium.h>

#include "base/cbor.h"
#include "base/pubkey.h"

enum { FLAG_PRESENT = 1, FLAG_VERIFIED = 4, FLAG_MAY_BACK_UP = 8, FLAG_BACKED_UP = 16, FLAG_KEY = 64, FLAG_EXTENSIONS = 128 };
enum { COSE_KTY = 1, COSE_ALG = 3, COSE_CRV = -1, COSE_X = -2, COSE_Y = -3, COSE_N = -1, COSE_E = -2 };
enum { KTY_OKP = 1, KTY_EC2 = 2, KTY_RSA = 3, ALG_ES256 = -7, ALG_EDDSA = -8, ALG_RS256 = -257, CRV_P256 = 1, CRV_ED25519 = 6 };

const char *webauthn_flaw_text(enum webauthn_flaw flaw)
{
    static const char *const texts[] = {
#define WEBAUTHN_TEXT(name, text) [WEBAUTHN_##name] = text,
        WEBAUTHN_FLAWS(WEBAUTHN_TEXT)
#undef WEBAUTHN_TEXT
    };
    return texts[flaw];
}

/* ---- Public keys (RFC 9052, 9053). */

/* crv stands where a key of RSA has its n: `first` is one of the two. */
struct cose { int64_t kty, alg, crv; struct span first, x_or_e, y; };

static bool read_key(struct cbor *c, struct cose *ret)
{
    uint64_t pairs;
    unsigned seen = 0;
    *ret = (struct cose){ 0 };
    if (!cbor_map(c, &pairs))
        return false;
    for (; pairs > 0; pairs--) {
        int64_t label;
        bool is_read;
        if (!cbor_int(c, &label))
            return false;
        unsigned bit = label >= -3 && label <= 3 ? 1u << (label + 3) : 0;
        if ((seen & bit) != 0)
            return false;
        seen |= bit;
        if (label == COSE_KTY)
            is_read = cbor_int(c, &ret->kty);
        else if (label == COSE_ALG)
            is_read = cbor_int(c, &ret->alg);
        else if (label == COSE_CRV)   /* kty comes first (CTAP2 sorts the labels) */
            is_read = ret->kty == KTY_RSA ? cbor_bytes(c, &ret->first) : cbor_int(c, &ret->crv);
        else if (label == COSE_X)
            is_read = cbor_bytes(c, &ret->x_or_e);
        else if (label == COSE_Y)
            is_read = cbor_bytes(c, &ret->y);
        else
            is_read = cbor_skip(c);
        if (!is_read)
            return false;
    }
    return true;
}

static EVP_PKEY *key_of(const struct cose *k)
{
    if (k->kty == KTY_EC2 && k->alg == ALG_ES256)
        return k->crv == CRV_P256 ? pubkey_p256(k->x_or_e, k->y) : NULL;
    if (k->kty == KTY_OKP && k->alg == ALG_EDDSA)
        return k->crv == CRV_ED25519 ? pubkey_ed25519(k->x_or_e) : NULL;
    if (k->kty == KTY_RSA && k->alg == ALG_RS256)
        return pubkey_rsa(k->first, k->x_or_e);
    return NULL;
}

/* ---- Authenticator data. */

static enum webauthn_flaw check_data(struct span data, struct span site, struct cbor *ret, uint32_t *ret_counter)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    if (data.at == NULL || data.len < 37)
        return WEBAUTHN_FORM;
    crypto_hash_sha256(hash, (const unsigned char *)site.at, site.len);
    if (memcmp(data.at, hash, sizeof hash) != 0)
        return WEBAUTHN_SITE;
    const unsigned char *at = (const unsigned char *)data.at + 32;
    if ((at[0] & FLAG_PRESENT) == 0)
        return WEBAUTHN_ABSENT;
    if ((at[0] & FLAG_VERIFIED) == 0)
        return WEBAUTHN_UNVERIFIED;
    if ((at[0] & (FLAG_MAY_BACK_UP | FLAG_BACKED_UP)) == FLAG_BACKED_UP)
        return WEBAUTHN_FORM;
    *ret_counter = (uint32_t)at[1] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 8 | at[4];
    *ret = (struct cbor){ data, 37 };
    return WEBAUTHN_NONE;
}

/* What stands behind the fixed part has to end with it. */
static bool ends_well(struct cbor *c, unsigned flags)
{
    uint64_t pairs;
    size_t from = c->pos;
    if ((flags & FLAG_EXTENSIONS) != 0) {
        if (!cbor_map(c, &pairs))
            return false;
        c->pos = from;
        if (!cbor_skip(c))
            return false;
    }
    return c->pos == c->in.len;
}

static unsigned flags_of(struct span data) { return (unsigned char)data.at[32]; }

/* fmt, attStmt and authData, each once and nothing else. */
static bool read_attestation(struct span in, struct span *ret_data)
{
    struct cbor c = { in, 0 };
    uint64_t pairs;
    bool has_format = false, has_statement = false;
    *ret_data = (struct span){ NULL, 0 };
    if (in.at == NULL || !cbor_map(&c, &pairs) || pairs != 3)
        return false;
    for (; pairs > 0; pairs--) {
        struct span name, format;
        uint64_t inner;
        if (!cbor_text(&c, &name))
            return false;
        size_t from = c.pos;
        if (span_is(name, "fmt") && !has_format && cbor_text(&c, &format)) {
            has_format = true;
        } else if (span_is(name, "attStmt") && !has_statement && cbor_map(&c, &inner)) {
            has_statement = true;
            c.pos = from;
            if (!cbor_skip(&c))
                return false;
        } else if (!span_is(name, "authData") || ret_data->at != NULL || !cbor_bytes(&c, ret_data)) {
            return false;
        }
    }
    return c.pos == in.len;
}

enum webauthn_flaw webauthn_new(struct span attestation, struct span site, struct webauthn_key *ret)
{
    struct span data;
    struct cbor c;
    struct cose cose;
    if (!read_attestation(attestation, &data))
        return WEBAUTHN_FORM;
    enum webauthn_flaw flaw = check_data(data, site, &c, &ret->counter);
    if (flaw != WEBAUTHN_NONE)
        return flaw;
    if ((flags_of(data) & FLAG_KEY) == 0 || data.len - c.pos < 18)
        return WEBAUTHN_FORM;
    const unsigned char *at = (const unsigned char *)data.at + c.pos + 16;   /* behind what model it is */
    size_t id_len = (size_t)at[0] << 8 | at[1];
    c.pos += 18;
    if (id_len == 0 || id_len > WEBAUTHN_ID_BYTES || id_len > data.len - c.pos)
        return WEBAUTHN_FORM;
    ret->id = (struct span){ data.at + c.pos, id_len };
    c.pos += id_len;
    size_t from = c.pos;
    if (!read_key(&c, &cose))
        return WEBAUTHN_FORM;
    ret->key = (struct span){ data.at + from, c.pos - from };
    if (!ends_well(&c, flags_of(data)) || ret->key.len > WEBAUTHN_KEY_BYTES)
        return WEBAUTHN_FORM;
    EVP_PKEY *key = key_of(&cose);
    flaw = key == NULL ? WEBAUTHN_ALGORITHM : WEBAUTHN_NONE;
    pubkey_free(key);
    return flaw;
}

/* ---- The signature, over the authenticator data and the hash of the client data. */

static bool is_signed(EVP_PKEY *key, const struct webauthn_proof *proof)
{
    unsigned char text[512 + crypto_hash_sha256_BYTES];
    if (proof->data.len > 512)
        return false;
    memcpy(text, proof->data.at, proof->data.len);
    crypto_hash_sha256(text + proof->data.len, (const unsigned char *)proof->client.at, proof->client.len);
    return pubkey_signed(key, (struct span){ (const char *)text, proof->data.len + crypto_hash_sha256_BYTES }, proof->signature);
}

enum webauthn_flaw webauthn_check(const struct webauthn_proof *proof, struct span site, struct span key, uint32_t counter,
                                  uint32_t *ret_counter)
{
    struct cbor c, k = { key, 0 };
    struct cose cose;
    uint32_t now = 0;
    enum webauthn_flaw flaw = check_data(proof->data, site, &c, &now);
    if (flaw != WEBAUTHN_NONE)
        return flaw;
    if ((flags_of(proof->data) & FLAG_KEY) != 0 || !ends_well(&c, flags_of(proof->data)) || proof->client.at == NULL ||
        proof->signature.at == NULL)
        return WEBAUTHN_FORM;
    if (key.at == NULL || !read_key(&k, &cose) || k.pos != key.len)
        return WEBAUTHN_FORM;
    EVP_PKEY *pkey = key_of(&cose);
    if (pkey == NULL)
        return WEBAUTHN_ALGORITHM;
    bool is_right = is_signed(pkey, proof);
    pubkey_free(pkey);
    if (!is_right)
        return WEBAUTHN_SIGNATURE;
    if ((now != 0 || counter != 0) && now <= counter)
        return WEBAUTHN_CLONED;
    *ret_counter = now;
    return WEBAUTHN_NONE;
}
