#include "store/apply.h"
#include "store/statement.h"

/* A member's `org` is the name of their organisation: whatever changes it takes their words out of the index before, and
 * puts them in again after it. ?1 is the organisation, ?2 the body. */
#define IN_BODY "(SELECT id_of(json_extract(?2, '$.member')))"
#define IN_IT "(SELECT member FROM org_member WHERE org = ?1)"
#define UNWORD(members) "INSERT INTO member_fts(member_fts, rowid, handle, name, org, city)"                         \
                        " SELECT 'delete', id, handle, name, org, city FROM member WHERE " IS_CALLED " AND id IN " members
#define REWORD(members) "INSERT INTO member_fts(rowid, handle, name, org, city)"                                     \
                        " SELECT id, handle, name, org, city FROM member WHERE " IS_CALLED " AND id IN " members

#define ORG_STATEMENTS(X)                                                                                            \
    X(SQL_ORG, "INSERT INTO org(id, kind, name, country, city, region, langs, contact, size, at_ms) SELECT ?1,"      \
               " json_extract(?2, '$.type'), json_extract(?2, '$.name'), json_extract(?2, '$.country'),"             \
               " json_extract(?2, '$.city'), id_of(json_extract(?2, '$.region')), json_extract(?2, '$.langs'),"      \
               " json_extract(?2, '$.contact'), json_extract(?2, '$.size'), ?3")                                     \
    X(SQL_ORG_SET, "UPDATE org SET kind = coalesce(json_extract(?2, '$.type'), kind),"                               \
                   " name = coalesce(json_extract(?2, '$.name'), name),"                                             \
                   " country = coalesce(json_extract(?2, '$.country'), country),"                                    \
                   " city = coalesce(json_extract(?2, '$.city'), city),"                                             \
                   " region = coalesce(id_of(json_extract(?2, '$.region')), region),"                                \
                   " langs = nullif(coalesce(json_extract(?2, '$.langs'), langs), '[]'),"                            \
                   " contact = nullif(coalesce(json_extract(?2, '$.contact'), contact), ''),"                        \
                   " size = coalesce(json_extract(?2, '$.size'), size) WHERE id = ?1")                               \
    X(SQL_UNWORD_ALL, UNWORD(IN_IT))                                                                                 \
    X(SQL_NAME_ALL, "UPDATE member SET org = (SELECT name FROM org WHERE id = ?1) WHERE id IN " IN_IT)               \
    X(SQL_REWORD_ALL, REWORD(IN_IT))                                                                                 \
    X(SQL_UNWORD_ONE, UNWORD(IN_BODY) " AND ?1")                                                                     \
    X(SQL_JOIN_ORG, "INSERT INTO org_member(member, org, is_delegate, since_ms, confirmed_ms)"                       \
                    " SELECT id_of(json_extract(?2, '$.member')), ?1, coalesce(json_extract(?2, '$.delegate'), 0), ?3, ?3" \
                    " WHERE true ON CONFLICT(member) DO UPDATE SET is_delegate = excluded.is_delegate,"              \
                    " since_ms = CASE org WHEN excluded.org THEN since_ms ELSE excluded.since_ms END,"               \
                    " confirmed_ms = excluded.confirmed_ms, org = excluded.org")                                     \
    X(SQL_LEAVE_ORG, "DELETE FROM org_member WHERE org = ?1 AND member IN " IN_BODY)                                 \
    X(SQL_NAME_ONE, "UPDATE member SET org = (SELECT o.name FROM org_member AS m JOIN org AS o ON o.id = m.org"      \
                    " WHERE m.member = member.id) WHERE id IN " IN_BODY " AND ?1")                                   \
    X(SQL_REWORD_ONE, REWORD(IN_BODY) " AND ?1")                                                                     \
    X(SQL_CONFIRM, "UPDATE org_member SET confirmed_ms = ?3 WHERE org = ?1"                                          \
                   " AND member IN (SELECT id_of(value) FROM json_each(?2, '$.members'))")
STATEMENTS(ORG_STATEMENTS, org, true)

#define BIND(name, ...) db_bind(db, LIST_ORG, name, __VA_ARGS__)

static bool tells(const struct entry *en, const char *what)
{
    return en->body.at != NULL && memmem(en->body.at, en->body.len, what, strlen(what)) != NULL;
}

static enum bz_err run_all(struct db *db, const struct entry *en, const int *steps, size_t count, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < count && rc == BZ_OK; i++) {
        bool is_timed = steps[i] == SQL_JOIN_ORG || steps[i] == SQL_CONFIRM;
        bool is_all = steps[i] == SQL_UNWORD_ALL || steps[i] == SQL_NAME_ALL || steps[i] == SQL_REWORD_ALL;
        rc = db_run(db, is_timed ? BIND(steps[i], "isi", en->subject, en->body, en->at_ms)
                      : is_all ? BIND(steps[i], "i", en->subject) : BIND(steps[i], "is", en->subject, en->body), e);
    }
    return rc;
}
#define RUN_ALL(...) run_all(db, en, (const int[]){ __VA_ARGS__ }, sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int), e)

enum bz_err apply_org(struct db *db, const struct entry *en, struct bz_error *e)
{
    if (en->kind == ENTRY_ORG)
        return db_run_one(db, BIND(SQL_ORG, "isi", en->subject, en->body, en->at_ms), e);
    if (en->kind == ENTRY_ORG_SET)
        return tells(en, "\"name\":\"") ? RUN_ALL(SQL_ORG_SET, SQL_UNWORD_ALL, SQL_NAME_ALL, SQL_REWORD_ALL) : RUN_ALL(SQL_ORG_SET);
    if (tells(en, "\"confirmed\":true"))
        return RUN_ALL(SQL_CONFIRM);
    return RUN_ALL(SQL_UNWORD_ONE, tells(en, "\"gone\":true") ? SQL_LEAVE_ORG : SQL_JOIN_ORG, SQL_NAME_ONE, SQL_REWORD_ONE);
}
