#include "base/decimal.h"

bool decimal_next(struct span s, size_t *pos, int64_t *ret)
{
    size_t from = *pos;
    *ret = 0;
    for (; *pos < s.len && s.at[*pos] >= '0' && s.at[*pos] <= '9' && *pos - from < DECIMAL_DIGITS_MAX; ++*pos)
        *ret = *ret * 10 + (s.at[*pos] - '0');
    return *pos > from;
}

bool decimal_whole(struct span s, int64_t *ret)
{
    size_t pos = 0;
    return decimal_next(s, &pos, ret) && pos == s.len;
}
