#include "store/retention.h"

#include "store/statement.h"

#define DAY_MS (24 * 3600 * (int64_t)1000)

const char *const keep_words[KEEP_COUNT] = {
#define ROW(name, word, days, sql) [KEEP_##name] = word,
    BZ_KEEPS(ROW)
#undef ROW
};

static const char *const texts[KEEP_COUNT] = {
#define ROW(name, word, days, sql) [KEEP_##name] = sql,
    BZ_KEEPS(ROW)
#undef ROW
};
const struct statement_list retention_statements = { texts, KEEP_COUNT, true };

enum bz_err retention_tend(struct db *db, const struct keep_days *keep, int64_t now_ms, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    for (int i = 0; i < KEEP_COUNT && rc == BZ_OK; i++)
        if (keep->days[i] > 0)
            rc = db_run(db, db_bind(db, LIST_RETENTION, i, "i", now_ms - keep->days[i] * DAY_MS), e);
    return rc;
}
