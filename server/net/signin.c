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

bool signin_asked(struct span json)
{
    static const char name[] = "session.open";
    for (size_t at = 0; at < json.len;) {
        const char *quote = memchr(json.at + at, '"', json.len - at);
        if (quote == NULL)
            return false;
        size_t matched = 0;
        bool is_same = true;
        at = (size_t)(quote - json.at) + 1;
        while (at < json.len && json.at[at] != '"') {
            int c = next_char(json, &at);
            is_same = is_same && matched < sizeof name - 1 && c == name[matched];
            matched++;
        }
        if (is_same && matched == sizeof name - 1 && at < json.len)
            return true;
        at++;
    }
    return false;
}

bool signin_take(struct signin *s, uint64_t address, int64_t minute, unsigned most)
{
    size_t i = (size_t)(address * 0x9e3779b97f4a7c15u >> 54);
    if (s->slot[i].minute != minute) {
        s->slot[i].minute = minute;
        s->slot[i].used = 0;
    }
    if (s->slot[i].used >= most)
        return false;
    s->slot[i].used++;
    return true;
}
