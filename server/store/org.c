#include "store/org.h"

#include "store/statement.h"

#define ORG_FACTS_STATEMENTS(X)                                                                                      \
    X(SQL_ORG, "SELECT o.id, o.region, o.kind, o.name, o.country, o.city, o.size, o.langs, o.contact,"               \
               " coalesce((SELECT m.is_delegate FROM org_member AS m WHERE m.member = ?2 AND m.org = o.id), 0),"     \
               " coalesce((SELECT m.org FROM org_member AS m WHERE m.member = ?3), 0),"                              \
               " coalesce((SELECT m.is_delegate FROM org_member AS m WHERE m.member = ?3), 0)"                       \
               " FROM org AS o WHERE o.id = ?1")                                                                     \
    X(SQL_IS_IN, "SELECT 1 FROM org_member WHERE member = ?1 AND org = ?2")                                          \
    X(SQL_IS_THERE, "SELECT 1 FROM org WHERE country = ?2 AND fold_of(name) = fold_of(?1)")
STATEMENTS(ORG_FACTS_STATEMENTS, org_facts, true)

#define BIND(name, ...) db_bind(db, LIST_ORG_FACTS, name, __VA_ARGS__)

static struct span kept(sqlite3_stmt *s, int column, struct arena *arena)
{
    struct span text = column_span(s, column);
    return text.at != NULL ? arena_copy(arena, text) : text;
}

static enum bz_err is_row(struct db *db, sqlite3_stmt *s, bool *ret, struct bz_error *e)
{
    enum bz_err rc = db_step(db, s, ret, e);
    if (rc == BZ_OK && *ret)
        db_reset(s);
    return rc;
}

enum bz_err org_facts(struct db *db, const struct command *cmd, struct arena *arena, struct org_facts *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_ORG, "iii", cmd->organisation, cmd->actor, cmd->member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct org_facts){
        .id = sqlite3_column_int64(s, 0), .region = sqlite3_column_int64(s, 1), .kind = kept(s, 2, arena), .name = kept(s, 3, arena),
        .country = kept(s, 4, arena), .city = kept(s, 5, arena), .size = kept(s, 6, arena), .langs = kept(s, 7, arena),
        .contact = kept(s, 8, arena), .is_delegate = sqlite3_column_int(s, 9) != 0, .member_org = sqlite3_column_int64(s, 10),
        .member_is_delegate = sqlite3_column_int(s, 11) != 0,
    };
    db_reset(s);
    for (size_t i = 0; i < cmd->members.count && i < BZ_LIMIT_IDS_MAX && rc == BZ_OK; i++) {
        rc = is_row(db, BIND(SQL_IS_IN, "ii", cmd->members.at[i], ret->id), &has_row, e);
        if (rc == BZ_OK && has_row)
            ret->confirmed[ret->confirmed_count++] = cmd->members.at[i];
    }
    return rc;
}

enum bz_err org_is_there(struct db *db, struct span name, struct span country, bool *ret, struct bz_error *e)
{
    return is_row(db, BIND(SQL_IS_THERE, "ss", name, country), ret, e);
}
