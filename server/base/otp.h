/* otp.h: one-time codes of an authenticator app: TOTP (RFC 6238) with SHA-1, 6 digits and steps of 30 s, which is what all of
 * them make. Pure; any thread. */
#ifndef BZ_BASE_OTP_H
#define BZ_BASE_OTP_H
#include <stdint.h>

#include "base/buf.h"

#define OTP_SECRET_BYTES 20
#define OTP_DIGITS 6
#define OTP_STEP_S 30

/* HOTP (RFC 4226): NUL-terminated. */
void otp_code(const unsigned char secret[OTP_SECRET_BYTES], uint64_t counter, char ret[OTP_DIGITS + 1]);

/* Is it the code of now, of the step before or of the one after, and of a step later than last_step, so that none is accepted
 * twice? Then *ret_step is to be kept as the next last_step. Spaces in the code do not count. */
bool otp_check(const unsigned char secret[OTP_SECRET_BYTES], struct span code, int64_t now_ms, int64_t last_step,
               int64_t *ret_step);

/* otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=… for a QR code. */
void otp_url(const unsigned char secret[OTP_SECRET_BYTES], struct span issuer, struct span account, struct buf *ret);
#endif
