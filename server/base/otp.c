#include "base/otp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base32.h"

void otp_code(const unsigned char secret[OTP_SECRET_BYTES], uint64_t counter, char ret[OTP_DIGITS + 1])
{
    unsigned char message[8], mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    for (int i = 7; i >= 0; i--, counter >>= 8)
        message[i] = (unsigned char)counter;
    if (HMAC(EVP_sha1(), secret, OTP_SECRET_BYTES, message, sizeof message, mac, &len) == NULL || len != 20)
        abort();   /* only without memory, or without SHA-1 */
    unsigned at = mac[19] & 15u;
    uint32_t n = ((uint32_t)mac[at] << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 | mac[at + 3]) & 0x7fffffffu;
    (void)snprintf(ret, OTP_DIGITS + 1, "%06u", (unsigned)(n % 1000000u));
    sodium_memzero(mac, sizeof mac);
}

/* The digits alone; false: there are more or fewer, or something else. */
static bool read_code(struct span code, char ret[OTP_DIGITS])
{
    size_t digits = 0;
    for (size_t i = 0; i < code.len; i++) {
        if (code.at[i] == ' ')
            continue;
        if (code.at[i] < '0' || code.at[i] > '9' || digits == OTP_DIGITS)
            return false;
        ret[digits++] = code.at[i];
    }
    return digits == OTP_DIGITS;
}

bool otp_check(const unsigned char secret[OTP_SECRET_BYTES], struct span code, int64_t now_ms, int64_t last_step,
               int64_t *ret_step)
{
    char given[OTP_DIGITS], right[OTP_DIGITS + 1];
    int64_t now = now_ms / 1000 / OTP_STEP_S;
    if (!read_code(code, given))
        return false;
    for (int64_t step = now - 1; step <= now + 1; step++) {
        if (step < 0 || step <= last_step)
            continue;
        otp_code(secret, (uint64_t)step, right);
        bool is_right = sodium_memcmp(given, right, OTP_DIGITS) == 0;
        sodium_memzero(right, sizeof right);
        if (is_right) {
            *ret_step = step;
            return true;
        }
    }
    return false;
}

static void put_escaped(struct buf *b, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_')
            buf_add_char(b, c);
        else
            buf_printf(b, "%%%02X", (unsigned)(unsigned char)c);
    }
}

void otp_url(const unsigned char secret[OTP_SECRET_BYTES], struct span issuer, struct span account, struct buf *ret)
{
    char text[BASE32_CHARS(OTP_SECRET_BYTES) + 1];
    base32_encode(secret, OTP_SECRET_BYTES, true, text);
    buf_add_text(ret, "otpauth://totp/");
    put_escaped(ret, issuer);
    buf_add_char(ret, ':');
    put_escaped(ret, account);
    buf_printf(ret, "?secret=%s&issuer=", text);
    put_escaped(ret, issuer);
    sodium_memzero(text, sizeof text);
}
