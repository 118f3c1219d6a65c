#include "engine/password.h"

#include <sodium.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"

#define NAME_BYTES_MIN 4           /* a shorter handle may stand in a password by chance */
#define DISTINCT_MIN 5

/* Of the lists of passwords that leaked, the most frequent ones of 10 characters and more, in their languages. */
static const char *const common[] = {
    "0000000000", "0123456789", "0987654321", "1111111111", "1122334455", "11223344556677889900", "1212121212", "1234512345",
    "123456123456", "1234567890", "12345678900", "12345678901", "12345678910", "123456789a", "123456789q", "1234567891", "123123123123",
    "123qwe123qwe", "1234qwerasdf", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "1qazxsw23edc", "9876543210", "abc1234567",
    "abcd123456", "abcdefghij", "administrator", "admin12345", "admin123456", "amoureux123", "asdfghjkl1", "asdfghjkl;", "azerty12345",
    "azerty123456", "azertyuiop", "azertyuiop123", "basketball", "bienvenue1", "bismillah1", "bismillah123", "bonjour123", "changeme123",
    "chocolate1", "christopher", "computer123", "contrasena", "contraseña", "corazon123", "dragon12345", "elizabeth1", "estrella123",
    "football12", "football123", "futebol123", "guilherme1", "iloveyou12", "iloveyou123", "jesus12345", "jesuschrist", "juventus1897",
    "letmein123", "liverpool1", "liverpool123", "loulou1234", "manchester", "manchester1", "master1234", "michael123", "microsoft1",
    "mosdepasse", "motdepasse", "motdepasse1", "motdepasse123", "mynameis123", "nothing123", "password01", "password10", "password11",
    "password12", "password123", "password1234", "password12345", "password1!", "password123!", "passw0rd123", "passwort123", "princess12",
    "princess123", "q1w2e3r4t5", "q1w2e3r4t5y6", "qazwsxedc123", "qazwsxedcrfv", "qwer123456", "qwerasdfzxcv", "qwerty12345",
    "qwerty123456", "qwerty1234", "qwertyuiop", "qwertyuiop1", "qwertyuiop123", "qwertyuiop[]", "qwertyuiopasdfghjkl", "realmadrid",
    "sacrecoeur", "samantha12", "senha12345", "senha123456", "soleil1234", "sunshine12", "sunshine123", "superman123", "trustno1trustno1",
    "unbelievable", "welcome123", "welcome1234", "whatever12", "zaq12wsxcde3", "zxcvbnm123", "zxcvbnmasdfghjkl", "zxcvbnm,./",
    "baraza1234", "baraza12345", "barazabaraza", "communaute", "comunidade", "comunidad1", "secret1234", "secret12345",
};

bool password_read(struct span typed, struct password *ret)
{
    utf8proc_uint8_t *text = NULL;
    if (typed.at == NULL || typed.len > 4 * PASSWORD_BYTES_MAX || memchr(typed.at, '\0', typed.len) != NULL || !utf8_valid(typed))
        return false;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)typed.at, (utf8proc_ssize_t)typed.len, &text,
                                        UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    bool is_read = len >= PASSWORD_BYTES_MIN && len <= PASSWORD_BYTES_MAX;
    if (is_read) {
        *ret = (struct password){ .len = (size_t)len };
        memcpy(ret->text, text, (size_t)len);
    }
    if (text != NULL)
        sodium_memzero(text, (size_t)(len > 0 ? len : 0));
    free(text);
    return is_read;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static bool is_same(struct span a, struct span b)
{
    size_t i = 0;
    while (i < a.len && i < b.len && lower(a.at[i]) == lower(b.at[i]))
        i++;
    return a.len == b.len && i == a.len;
}

static bool has_within(struct span text, struct span part)
{
    if (part.at == NULL || part.len < NAME_BYTES_MIN)
        return false;
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (is_same((struct span){ text.at + i, part.len }, part))
            return true;
    return false;
}

static size_t distinct(struct span text)
{
    bool seen[256] = { false };
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool *is_seen = &seen[(unsigned char)lower(text.at[i])];
        count += !*is_seen;
        *is_seen = true;
    }
    return count;
}

enum bz_err password_check(const struct password *p, struct span handle, struct span email, struct bz_error *e)
{
    struct span text = { p->text, p->len };
    const char *at = email.at == NULL ? NULL : memchr(email.at, '@', email.len);
    struct span local = { at == NULL ? NULL : email.at, at == NULL ? 0 : (size_t)(at - email.at) };
    bool is_common = distinct(text) < DISTINCT_MIN;
    for (size_t i = 0; i < sizeof common / sizeof *common && !is_common; i++)
        is_common = is_same(text, span_of(common[i]));
    if (is_common)
        return bz_invalid(e, "password", "password: this one is among the first that are tried; take several words of your own");
    if (has_within(text, handle) || has_within(text, local))
        return bz_invalid(e, "password", "password: leave your name and your address out of it");
    return BZ_OK;
}
