/* base32.h: RFC 4648's base32 without padding, in the case that is asked for. Pure; any thread. */
#ifndef BZ_BASE_BASE32_H
#define BZ_BASE_BASE32_H
#include <stdbool.h>
#include <stddef.h>

#define BASE32_CHARS(bytes) (((bytes) * 8 + 4) / 5)

/* Writes BASE32_CHARS(bytes) characters and a NUL. */
void base32_encode(const unsigned char *at, size_t bytes, bool is_upper, char *ret);
#endif
