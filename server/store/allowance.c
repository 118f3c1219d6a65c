#include "store/allowance.h"

#include "store/statement.h"

#define ALLOWANCE_STATEMENTS(X)                                                                                      \
    X(SQL_OVER, "DELETE FROM spent WHERE until_ms <= ?1")                                                            \
    X(SQL_SPENT, "SELECT count(*) FROM (SELECT 1 FROM spent WHERE allowance = ?1 AND key = ?2 AND member = ?3" \
                 " AND who = ?4 AND until_ms > ?5 LIMIT ?6)")                                                         \
    X(SQL_SPEND, "INSERT INTO spent(allowance, key, member, who, until_ms) VALUES(?1, ?2, ?3, ?4, ?5)")
STATEMENTS(ALLOWANCE_STATEMENTS, allowance, true)

#define BIND(name, ...) db_bind(db, LIST_ALLOWANCE, name, __VA_ARGS__)

static const struct { int64_t most, ms; } rows[] = {
#define ROW(name, number, most, ms) [ALLOWANCE_##name] = { most, ms },
    ALLOWANCES(ROW)
#undef ROW
};

static struct span key_of(const struct allowed *a) { return a->key.at != NULL ? a->key : SPAN(""); }

enum bz_err allowance_left(struct db *db, const struct allowed *a, int64_t now_ms, int64_t *ret, struct bz_error *e)
{
    int64_t spent = 0, most = a->most > 0 && a->most < rows[a->allowance].most ? a->most : rows[a->allowance].most;
    enum bz_err rc = db_number(db, BIND(SQL_SPENT, "isiiii", (int64_t)a->allowance, key_of(a), a->member, a->who, now_ms, most), &spent, e);
    *ret = most - spent;
    return rc;
}

enum bz_err allowance_spend(struct db *db, const struct allowed *a, int64_t now_ms, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_OVER, "i", now_ms), e);
    return rc != BZ_OK ? rc : db_run(db, BIND(SQL_SPEND, "isiii", (int64_t)a->allowance, key_of(a), a->member, a->who,
                                              now_ms + rows[a->allowance].ms), e);
}
