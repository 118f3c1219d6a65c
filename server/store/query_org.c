#include "store/query.h"
#include "store/statement.h"

#define ORG_COLUMNS                                                                                                  \
    "o.id, o.region, o.at_ms, (SELECT count(*) FROM org_member AS n WHERE n.org = o.id), o.kind, o.name, o.country," \
    " o.city, o.size, o.langs, o.contact, own.member IS NOT NULL, coalesce(own.is_delegate, 0)"                      \
    " FROM org AS o LEFT JOIN org_member AS own ON own.member = ?1 AND own.org = o.id"
#define PEOPLE_COLUMNS "m.org, m.member, o.name, m.since_ms, m.confirmed_ms, m.is_delegate" \
    " FROM org_member AS m JOIN org AS o ON o.id = m.org"

#define ORG_READ_STATEMENTS(X)                                                                                       \
    X(SQL_ORGS, "SELECT " ORG_COLUMNS " WHERE o.id < ?2 AND (?3 = 0 OR o.region = ?3) AND (?4 IS NULL OR o.kind = ?4)" \
                " AND (?5 IS NULL OR o.country = ?5) AND (?6 IS NULL OR instr(fold_of(o.name || ' ' ||"              \
                " coalesce(o.city, '') || ' ' || o.country), fold_of(?6)) > 0)"                                      \
                " AND (?7 = 0 OR o.id = (SELECT org FROM org_member WHERE member = ?7)) ORDER BY o.id DESC LIMIT ?8") \
    X(SQL_ORG, "SELECT " ORG_COLUMNS " WHERE o.id = ?2")                                                             \
    X(SQL_PEOPLE, "SELECT " PEOPLE_COLUMNS " WHERE m.org = ?1 ORDER BY m.is_delegate DESC, m.since_ms, m.member LIMIT ?2") \
    X(SQL_DUE, "SELECT " PEOPLE_COLUMNS " WHERE m.confirmed_ms < ?3 AND (" ADMINISTERS("o.region") " OR EXISTS (SELECT 1"   \
               " FROM org_member AS d WHERE d.member = ?1 AND d.org = m.org AND d.is_delegate))"                     \
               " ORDER BY m.confirmed_ms, m.member LIMIT ?4")
STATEMENTS(ORG_READ_STATEMENTS, org_read, false)

#define BIND(name, ...) db_bind(db, LIST_ORG_READ, name, __VA_ARGS__)

static enum bz_err visit_orgs(struct db *db, sqlite3_stmt *s, org_visit visit, void *ctx, int *ret_count, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        visit(ctx, &(struct org_row){
            .id = sqlite3_column_int64(s, 0), .region = sqlite3_column_int64(s, 1), .at_ms = sqlite3_column_int64(s, 2),
            .members = sqlite3_column_int64(s, 3), .kind = column_span(s, 4), .name = column_span(s, 5), .country = column_span(s, 6),
            .city = column_span(s, 7), .size = column_span(s, 8), .langs = column_span(s, 9), .contact = column_span(s, 10),
            .is_own = sqlite3_column_int(s, 11) != 0, .is_delegate = sqlite3_column_int(s, 12) != 0 });
        ++*ret_count;
    }
    return rc;
}

static enum bz_err visit_people(struct db *db, sqlite3_stmt *s, org_member_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct org_member_row){
            .org = sqlite3_column_int64(s, 0), .member = sqlite3_column_int64(s, 1), .name = column_span(s, 2),
            .since_ms = sqlite3_column_int64(s, 3), .confirmed_ms = sqlite3_column_int64(s, 4),
            .is_delegate = sqlite3_column_int(s, 5) != 0 });
    return rc;
}

enum bz_err query_orgs(struct db *db, struct viewer v, const struct org_query *q, org_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    sqlite3_stmt *s = BIND(SQL_ORGS, "iiisssii", v.member, q->before != 0 ? q->before : INT64_MAX, q->region, q->kind, q->country,
                           q->text, q->member, (int64_t)q->limit);
    return visit_orgs(db, s, visit, ctx, &count, e);
}

enum bz_err query_org(struct db *db, struct viewer v, bz_id org, org_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    enum bz_err rc = visit_orgs(db, BIND(SQL_ORG, "ii", v.member, org), visit, ctx, &count, e);
    return rc == BZ_OK && count == 0 ? bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such organisation") : rc;
}

enum bz_err query_org_members(struct db *db, bz_id org, int limit, org_member_visit visit, void *ctx, struct bz_error *e)
{
    return visit_people(db, BIND(SQL_PEOPLE, "ii", org, (int64_t)limit), visit, ctx, e);
}

enum bz_err query_org_due(struct db *db, struct viewer v, int64_t before_ms, int limit, org_member_visit visit, void *ctx,
                          struct bz_error *e)
{
    return visit_people(db, BIND(SQL_DUE, "iiii", v.member, (int64_t)v.role, before_ms, (int64_t)limit), visit, ctx, e);
}
