#include "net/signin.h"

#include <string.h>

static int hex_of(const char *at)
{
    int code = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* One character of a string; -1 for any that the name cannot contain. */
static int next_char(struct span json, size_t *at)
{
    char c = json.at[(*at)++];
    if (c != '\\')
        return (unsigned char)c;
    if (*at >= json.len)
        return -1;
    if (json.at[(*at)++] != 'u' || json.len - *at < 4)
        return -1;
    int code = hex_of(json.at + *at);
    if (code >= 0)
        *at += 4;
    return code;
}

/* What who is not signed in may call, and what costs: each is a guess, a mail, or work for a hash. */
static const char *const names[] = {
    "invite.look", "invite.take", "oidc.begin", "oidc.finish", "passkey.begin", "passkey.enter", "password.enter", "request.create",
    "session.code", "session.enter", "session.open", "session.second",
};
#define NAME_BYTES 16              /* the longest, and more */

static bool is_one(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0)
            return true;
    return false;
}

unsigned signin_asked(struct span json)
{
    unsigned calls = 0;
    for (size_t at = 0; at < json.len;) {
        const char *quote = memchr(json.at + at, '"', json.len - at);
        char text[NAME_BYTES];
        size_t len = 0;
        if (quote == NULL)
            break;
        at = (size_t)(quote - json.at) + 1;
        while (at < json.len && json.at[at] != '"') {
            int c = next_char(json, &at);
            if (len < NAME_BYTES)
                text[len] = c > 0 && c < 0x80 ? (char)c : '?';
            len++;
        }
        calls += at < json.len && len < NAME_BYTES && is_one(text, len);
        at++;
    }
    return calls;
}

bool signin_take(struct signin *s, uint64_t address, int64_t minute, unsigned calls, unsigned most)
{
    size_t i = (size_t)(address * 0x9e3779b97f4a7c15u >> 54);
    if (s->slot[i].minute != minute) {
        s->slot[i].minute = minute;
        s->slot[i].used = 0;
    }
    if (s->slot[i].used >= most || calls > most - s->slot[i].used)
        return false;
    s->slot[i].used += calls;
    return true;
}
