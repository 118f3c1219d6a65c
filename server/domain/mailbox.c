#include "domain/mailbox.h"

#include <idn2.h>
#include <stdlib.h>

#define LOCAL_BYTES 64             /* RFC 5321 §4.5.3.1.1 */

static bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static bool put_local(struct span s, char *ret)
{
    if (s.len == 0 || s.len > LOCAL_BYTES)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = lower(s.at[i]);
        bool is_dot = c == '.' && i > 0 && i + 1 < s.len && s.at[i - 1] != '.';
        if (!is_dot && !is_alnum(c) && (c == '\0' || strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL))
            return false;
        ret[i] = c;
    }
    return true;
}

/* Labels of letters, digits and inner hyphens (RFC 1123 §2.1), at least two; the last one is no number. */
static bool is_domain(const char *s)
{
    size_t len = 0, labels = 1;
    for (const char *at = s; *at != '\0'; at++) {
        if (*at == '.') {
            if (len == 0 || at[-1] == '-')
                return false;
            labels++;
            len = 0;
        } else if (!is_alnum(*at) && (*at != '-' || len == 0)) {
            return false;
        } else if (++len > 63) {
            return false;
        }
    }
    const char *last = strrchr(s, '.');
    return labels >= 2 && len > 0 && s[strlen(s) - 1] != '-' && !(last[1] >= '0' && last[1] <= '9');
}

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] >= 0x80 || s.at[i] <= ' ' || s.at[i] == 0x7f)
            return false;
    return true;
}

/* ret: MAILBOX_BYTES + 1. */
static bool put_domain(struct span s, char *ret)
{
    char typed[MAILBOX_BYTES + 1], *ascii = NULL;
    if (s.len == 0 || s.len > MAILBOX_BYTES || memchr(s.at, '\0', s.len) != NULL)
        return false;
    memcpy(typed, s.at, s.len);
    typed[s.len] = '\0';
    if (is_ascii(s)) {
        for (size_t i = 0; i <= s.len; i++)
            ret[i] = lower(typed[i]);
        return is_domain(ret);
    }
    bool is_idn = idn2_lookup_u8((const uint8_t *)typed, (uint8_t **)&ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK
                  && strlen(ascii) <= MAILBOX_BYTES;
    /* A full stop or a letter of full width would become another domain than the one that was read. */
    for (size_t i = 0; is_idn && i + 2 < s.len; i++)
        is_idn = memcmp(typed + i, "\xef\xbc", 2) != 0 && memcmp(typed + i, "\xef\xbd", 2) != 0
                 && memcmp(typed + i, "\xe3\x80\x82", 3) != 0;
    if (is_idn)
        memcpy(ret, ascii, strlen(ascii) + 1);
    idn2_free(ascii);
    return is_idn && is_domain(ret);
}

static struct span trim(struct span s)
{
    while (s.len > 0 && (s.at[0] == ' ' || s.at[0] == '\t'))
        s = (struct span){ s.at + 1, s.len - 1 };
    while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
        s.len--;
    return s;
}

bool mailbox_key(struct span typed, char ret[MAILBOX_BYTES + 1])
{
    char domain[MAILBOX_BYTES + 1];
    struct span s = trim(typed);
    const char *at = s.len == 0 ? NULL : memchr(s.at, '@', s.len);
    if (at == NULL)
        return false;
    size_t local = (size_t)(at - s.at);
    if (!put_local((struct span){ s.at, local }, ret) || !put_domain((struct span){ at + 1, s.len - local - 1 }, domain))
        return false;
    size_t len = strlen(domain);
    if (local + 1 + len > MAILBOX_BYTES)
        return false;
    ret[local] = '@';
    memcpy(ret + local + 1, domain, len + 1);
    return true;
}
