/* passkey_maker.h: an authenticator for tests: keys of all three kinds, attestation objects and signatures, right or wrong as told. */
#ifndef TEST_PASSKEY_MAKER_H
#define TEST_PASSKEY_MAKER_H
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/webauthn.h"

enum maker_kind { MAKER_ES256, MAKER_EDDSA, MAKER_RS256, MAKER_RSA1024 };

static inline void put_head(struct buf *b, int major, uint64_t n)
{
    if (n < 24) {
        buf_add_char(b, (char)(major << 5 | (int)n));
        return;
    }
    int power = n <= 0xff ? 0 : n <= 0xffff ? 1 : n <= 0xffffffff ? 2 : 3;
    buf_add_char(b, (char)(major << 5 | (24 + power)));
    for (int i = (1 << power) - 1; i >= 0; i--)
        buf_add_char(b, (char)(n >> (8 * i)));
}
static inline void put_int(struct buf *b, int64_t n) { put_head(b, n < 0, n < 0 ? (uint64_t)(-1 - n) : (uint64_t)n); }
static inline void put_bytes(struct buf *b, const void *at, size_t len)
{
    put_head(b, 2, len);
    buf_add(b, at, len);
}
static inline void put_cbor_text(struct buf *b, const char *text)
{
    put_head(b, 3, strlen(text));
    buf_add_text(b, text);
}

static inline EVP_PKEY *maker_key(enum maker_kind kind)
{
    if (kind == MAKER_ES256)
        return EVP_EC_gen("P-256");
    if (kind == MAKER_EDDSA)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    return EVP_RSA_gen(kind == MAKER_RS256 ? 2048u : 1024u);
}

static inline void put_param(struct buf *b, EVP_PKEY *key, const char *name, int label)
{
    BIGNUM *n = NULL;
    unsigned char at[512];
    if (EVP_PKEY_get_bn_param(key, name, &n) != 1)
        abort();
    int len = label == -2 && BN_num_bytes(n) == 3 ? 3 : BN_num_bytes(n) > 32 ? BN_num_bytes(n) : 32;
    BN_bn2binpad(n, at, len);
    put_int(b, label);
    put_bytes(b, at, (size_t)len);
    BN_free(n);
}

/* The public key as COSE. */
static inline void put_cose(struct buf *b, EVP_PKEY *key, enum maker_kind kind)
{
    unsigned char raw[32];
    size_t len = sizeof raw;
    put_head(b, 5, kind == MAKER_ES256 ? 5 : 4);
    put_int(b, 1);
    put_int(b, kind == MAKER_ES256 ? 2 : kind == MAKER_EDDSA ? 1 : 3);
    put_int(b, 3);
    put_int(b, kind == MAKER_ES256 ? -7 : kind == MAKER_EDDSA ? -8 : -257);
    if (kind == MAKER_RS256 || kind == MAKER_RSA1024) {
        put_param(b, key, OSSL_PKEY_PARAM_RSA_N, -1);
        put_param(b, key, OSSL_PKEY_PARAM_RSA_E, -2);
        return;
    }
    put_int(b, -1);
    put_int(b, kind == MAKER_ES256 ? 1 : 6);
    if (kind == MAKER_ES256) {
        put_param(b, key, OSSL_PKEY_PARAM_EC_PUB_X, -2);
        put_param(b, key, OSSL_PKEY_PARAM_EC_PUB_Y, -3);
        return;
    }
    EVP_PKEY_get_raw_public_key(key, raw, &len);
    put_int(b, -2);
    put_bytes(b, raw, len);
}

/* The 37 bytes that every authenticator data begins with. */
static inline void put_data(struct buf *b, const char *site, unsigned flags, uint32_t counter)
{
    unsigned char hash[32];
    crypto_hash_sha256(hash, (const unsigned char *)site, strlen(site));
    buf_add(b, hash, sizeof hash);
    buf_add_char(b, (char)flags);
    for (int i = 3; i >= 0; i--)
        buf_add_char(b, (char)(counter >> (8 * i)));
}

/* data with a new key behind its first part (what is behind it is the caller's). */
static inline void put_credential(struct buf *data, const char *id, EVP_PKEY *key, enum maker_kind kind)
{
    for (int i = 0; i < 16; i++)
        buf_add_char(data, 0);
    buf_add_char(data, (char)(strlen(id) >> 8));
    buf_add_char(data, (char)strlen(id));
    buf_add_text(data, id);
    put_cose(data, key, kind);
}

static inline void put_attestation(struct buf *b, struct span data)
{
    put_head(b, 5, 3);
    put_cbor_text(b, "fmt");
    put_cbor_text(b, "none");
    put_cbor_text(b, "attStmt");
    put_head(b, 5, 0);
    put_cbor_text(b, "authData");
    put_bytes(b, data.at, data.len);
}

/* data and the hash of client, signed; the length. */
static inline size_t maker_sign(EVP_PKEY *key, enum maker_kind kind, struct span data, struct span client, unsigned char ret[512])
{
    struct buf b;
    unsigned char hash[32];
    size_t len = 512;
    buf_init(&b, 8192);
    crypto_hash_sha256(hash, (const unsigned char *)client.at, client.len);
    buf_add_span(&b, data);
    buf_add(&b, hash, sizeof hash);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(ctx, NULL, kind == MAKER_EDDSA ? NULL : EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(ctx, ret, &len, (const unsigned char *)b.at, b.len) != 1)
        abort();
    EVP_MD_CTX_free(ctx);
    buf_done(&b);
    return len;
}
#endif
