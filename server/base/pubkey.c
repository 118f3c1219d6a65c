#include "base/pubkey.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#define DER_BYTES 80               /* of a signature on P-256, at most 72 */

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

/* OpenSSL refuses what is no point of the curve. */
EVP_PKEY *pubkey_p256(struct span x, struct span y)
{
    unsigned char point[65] = { 4 };
    if (x.len != 32 || y.len != 32)
        return NULL;
    memcpy(point + 1, x.at, 32);
    memcpy(point + 33, y.at, 32);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (build != NULL && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1)
        key = from_params("EC", build);
    OSSL_PARAM_BLD_free(build);
    return key;
}

EVP_PKEY *pubkey_ed25519(struct span x)
{
    return x.len != 32 ? NULL : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)x.at, 32);
}

/* e is 65537, as in all of them, and n of a length that costs the hub little. */
EVP_PKEY *pubkey_rsa(struct span n, struct span e)
{
    if (!span_eq(e, SPAN("\x01\x00\x01")) || n.len < 256 || n.len > 512 || ((unsigned char)n.at[0] & 0x80) == 0 ||
        ((unsigned char)n.at[n.len - 1] & 1) == 0)
        return NULL;
    BIGNUM *number = BN_bin2bn((const unsigned char *)n.at, (int)n.len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (number != NULL && build != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, number) == 1 &&
        OSSL_PARAM_BLD_push_ulong(build, OSSL_PKEY_PARAM_RSA_E, 65537) == 1)
        key = from_params("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(number);
    return key;
}

void pubkey_free(EVP_PKEY *key) { EVP_PKEY_free(key); }

bool pubkey_signed(EVP_PKEY *key, struct span text, struct span signature)
{
    const EVP_MD *hash = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_right = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, hash, NULL, key) == 1 &&
                    EVP_DigestVerify(ctx, (const unsigned char *)signature.at, signature.len, (const unsigned char *)text.at,
                                     text.len) == 1;
    EVP_MD_CTX_free(ctx);
    return is_right;
}

/* The number at `at`, as DER writes it: no zeros before it, but one where it would look negative. */
static size_t put_number(const unsigned char at[32], unsigned char *ret)
{
    size_t zeros = 0;
    while (zeros < 31 && at[zeros] == 0)
        zeros++;
    size_t pad = at[zeros] >> 7, len = 32 - zeros;
    ret[0] = 2;
    ret[1] = (unsigned char)(len + pad);
    ret[2] = 0;
    memcpy(ret + 2 + pad, at + zeros, len);
    return 2 + pad + len;
}

bool pubkey_signed_jws(EVP_PKEY *key, struct span text, struct span signature)
{
    unsigned char der[DER_BYTES] = { 0x30 };
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
        return pubkey_signed(key, text, signature);
    if (signature.len != 64)
        return false;
    size_t len = put_number((const unsigned char *)signature.at, der + 2);
    len += put_number((const unsigned char *)signature.at + 32, der + 2 + len);
    der[1] = (unsigned char)len;
    return pubkey_signed(key, text, (struct span){ (const char *)der, len + 2 });
}
