/* decimal.h: whole numbers as the other side writes them: digits alone, and so few that nothing made of them overflows. */
#ifndef BZ_BASE_DECIMAL_H
#define BZ_BASE_DECIMAL_H
#include <stdint.h>

#include "base/span.h"

#define DECIMAL_DIGITS_MAX 15

/* The digits at *pos, at most DECIMAL_DIGITS_MAX of them; *pos moves behind them. False, and 0: there are none. */
bool decimal_next(struct span s, size_t *pos, int64_t *ret);
/* Nothing but that. False: it is none, or longer. */
bool decimal_whole(struct span s, int64_t *ret);
#endif
