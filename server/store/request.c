#include "store/request.h"

#include "baraza/limits.h"
#include "base/json_out.h"
#include "store/account.h"
#include "store/mail.h"
#include "store/query.h"
#include "store/statement.h"

#define INVITED_MS ((int64_t)30 * 24 * 3600 * 1000)
#define SAID_BYTES 4096

#define REQUEST_STATEMENTS(X)                                                                                        \
    X(SQL_OPEN, "SELECT count(*) FROM join_request WHERE decided_ms IS NULL AND key <> ?1")                          \
    X(SQL_AGAIN, "DELETE FROM join_request WHERE decided_ms IS NULL AND key = ?1")                                   \
    X(SQL_REGION, "SELECT id FROM region WHERE id = ?1")                                                             \
    X(SQL_ADD, "INSERT INTO join_request(key, name, title, kind, org, country, city, region, langs, lang, website, text, at_ms)" \
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9," \
               " coalesce(?10, 'en'), ?11, ?12, ?13)")                    \
    X(SQL_ONE, "SELECT id, region, decided_ms IS NOT NULL, coalesce(approved, 0), key, lang, org, kind, country, city, langs," \
               " website, name, title FROM join_request WHERE id = ?1")                                                                   \
    X(SQL_DECIDED, "UPDATE join_request SET decided_ms = ?2, decided_by = ?3, approved = ?4, reason = ?5, of_org = nullif(?6, 0)" \
                   " WHERE id = ?1")                                                                                 \
    X(SQL_UNINVITE, "DELETE FROM invitation WHERE hash = ?1")                                                        \
    X(SQL_OLD, "DELETE FROM join_request WHERE decided_ms IS NULL AND at_ms <= ?1")
STATEMENTS(REQUEST_STATEMENTS, request, true)

#define COLUMNS "id, at_ms, decided_ms, region, decided_by, of_org, (SELECT member FROM address AS a WHERE a.key = q.key), key, name," \
                " title, kind, org, country, city, langs, lang, website, text, reason, approved FROM join_request AS q"
#define REQUEST_READ_STATEMENTS(X)                                                                                   \
    X(SQL_IS_ADMIN, "SELECT 1 WHERE ?2 >= 3 OR EXISTS (SELECT 1 FROM region AS g WHERE " ADMINISTERS("g.id") ")")    \
    X(SQL_WAITING, "SELECT " COLUMNS " WHERE decided_ms IS NULL AND id > ?3 AND " ADMINISTERS("q.region") " ORDER BY id LIMIT 100") \
    X(SQL_DONE, "SELECT " COLUMNS " WHERE decided_ms IS NOT NULL AND " ADMINISTERS("q.region")                       \
                " AND (?3 = 0 OR (decided_ms, id) < (SELECT b.decided_ms, b.id FROM join_request AS b WHERE b.id = ?3 AND " \
                ADMINISTERS("b.region") ")) ORDER BY decided_ms DESC, id DESC LIMIT 100")
STATEMENTS(REQUEST_READ_STATEMENTS, request_read, false)

#define BIND(name, ...) db_bind(db, LIST_REQUEST, name, __VA_ARGS__)
#define BIND_READ(name, ...) db_bind(db, LIST_REQUEST_READ, name, __VA_ARGS__)

static enum bz_err count_open(struct db *db, struct span key, int64_t *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_OPEN, "s", key);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    *ret = sqlite3_column_int64(s, 0);
    db_reset(s);
    return BZ_OK;
}

static enum bz_err look_at_region(struct db *db, bz_id region, struct bz_error *e)
{
    bz_id found = 0;
    enum bz_err rc = region != 0 ? db_number(db, BIND(SQL_REGION, "i", region), &found, e) : BZ_OK;
    return rc == BZ_OK && found != region ? bz_invalid(e, "region", "region: there is no such region") : rc;
}

enum bz_err request_create(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    bool is_shown = cmd->email.at != NULL;
    struct span key = cmd->email;
    int64_t open = 0;
    struct attempt a = { .key = key };
    enum bz_err rc = look_at_region(db, cmd->region, e);   /* first: then the code stays good */
    if (rc == BZ_OK && !is_shown)
        rc = attempt_code(db, cmd, arena, now_ms, &a, e);
    key = a.key;
    if (rc == BZ_OK)
        rc = request_tend(db, now_ms, e);
    if (rc == BZ_OK)
        rc = count_open(db, key, &open, e);
    if (rc == BZ_OK && open >= BZ_LIMIT_REQUESTS_OPEN)
        return bz_fail(e, BZ_ERR_RATE_LIMITED, "many requests wait just now, and no more are taken; try again tomorrow");
    if (rc == BZ_OK && !is_shown)
        rc = attempt_end(db, cmd->secret, e);
    if (rc != BZ_OK)
        return rc;
    const struct mail_new mail = { .kind = MAIL_REQUEST_RECEIVED, .to_address = key, .lang = cmd->lang, .args = { .org = cmd->org } };
    if ((!is_shown && (rc = mail_put(db, &mail, e)) != BZ_OK) || (rc = db_run(db, BIND(SQL_AGAIN, "s", key), e)) != BZ_OK)
        return rc;
    return db_run(db, BIND(SQL_ADD, "sssssssnssssi", key, cmd->name, cmd->title, cmd->org_kind, cmd->org, cmd->country, cmd->city,
                           cmd->region, cmd->langs, cmd->lang, cmd->website, cmd->text, now_ms), e);
}

static struct span kept(sqlite3_stmt *s, int column, struct arena *arena)
{
    struct span text = column_span(s, column);
    return text.at != NULL ? arena_copy(arena, text) : text;
}

enum bz_err request_facts(struct db *db, const struct command *cmd, struct arena *arena, struct request_facts *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_ONE, "i", cmd->request);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct request_facts){
        .id = sqlite3_column_int64(s, 0), .region = sqlite3_column_int64(s, 1), .is_decided = sqlite3_column_int(s, 2) != 0,
        .was_approved = sqlite3_column_int(s, 3) != 0, .key = kept(s, 4, arena), .lang = kept(s, 5, arena), .org = kept(s, 6, arena),
        .kind = kept(s, 7, arena), .country = kept(s, 8, arena), .city = kept(s, 9, arena), .langs = kept(s, 10, arena),
        .website = kept(s, 11, arena), .name = kept(s, 12, arena), .title = kept(s, 13, arena),
    };
    db_reset(s);
    return BZ_OK;
}

/* They find it filled in. */
static struct span said_of(const struct request_facts *r, struct buf *ret)
{
    json_open(ret, '{');
    json_put_text_opt(ret, "name", r->name);
    json_put_text_opt(ret, "city", r->city);
    json_put_text_opt(ret, "country", r->country);
    json_put_text_opt(ret, "title", r->title);
    json_close(ret, '}');
    return buf_span(ret);
}

/* Whose organisation is new is its delegate; of one that is there only who is named so. */
static enum bz_err invite(struct db *db, const struct command *cmd, const struct facts *f, bz_id org, struct bz_error *e)
{
    const struct request_facts *r = &f->request;
    struct buf said;
    buf_init(&said, SAID_BYTES);
    const struct invitation i = { .by = cmd->actor, .org = org, .region = cmd->region != 0 ? cmd->region : r->region,
                                  .role = ROLE_MEMBER, .key = r->key, .lang = r->lang, .uses = 1, .expires_ms = f->now_ms + INVITED_MS,
                                  .is_delegate = cmd->is_delegate || cmd->organisation == 0, .said = said_of(r, &said) };
    enum bz_err rc = invitation_add(db, cmd->new_secret, &i, f->now_ms, e);
    buf_done(&said);
    return rc;
}

enum bz_err request_decided(struct db *db, const struct command *cmd, const struct facts *f, bz_id org, struct bz_error *e)
{
    const struct request_facts *r = &f->request;
    struct mail_new mail = { .kind = cmd->on ? MAIL_REQUEST_APPROVED : MAIL_REQUEST_REFUSED, .to_address = r->key, .lang = r->lang,
                             .args = { .org = r->org } };
    enum bz_err rc = cmd->on ? invite(db, cmd, f, org, e) : BZ_OK;
    if (cmd->on)
        mail.args.code = cmd->code;
    else
        mail.args.reason = cmd->reason;
    if (rc == BZ_OK)
        rc = mail_put(db, &mail, e);
    if (rc != BZ_OK) {
        struct bz_error other;
        (void)db_run(db, BIND(SQL_UNINVITE, "h", cmd->new_secret), &other);
        return rc;
    }
    return db_run_one(db, BIND(SQL_DECIDED, "iiiisi", r->id, f->now_ms, cmd->actor, (int64_t)cmd->on, cmd->reason, cmd->on ? org : 0), e);
}

enum bz_err request_tend(struct db *db, int64_t now_ms, struct bz_error *e)
{
    return db_run(db, BIND(SQL_OLD, "i", now_ms - REQUEST_OPEN_MS), e);
}

enum bz_err query_requests(struct db *db, struct viewer v, bool decided, int64_t next, request_visit visit, void *ctx,
                           struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND_READ(SQL_IS_ADMIN, "ii", v.member, (int64_t)v.role);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "only admins may do this");
    db_reset(s);
    s = BIND_READ(decided ? SQL_DONE : SQL_WAITING, "iii", v.member, (int64_t)v.role, next);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct request_row){
            .id = sqlite3_column_int64(s, 0), .at_ms = sqlite3_column_int64(s, 1), .decided_ms = sqlite3_column_int64(s, 2),
            .region = sqlite3_column_int64(s, 3), .decided_by = sqlite3_column_int64(s, 4), .org_id = sqlite3_column_int64(s, 5),
            .member = sqlite3_column_int64(s, 6), .key = column_span(s, 7), .name = column_span(s, 8), .title = column_span(s, 9),
            .kind = column_span(s, 10), .org = column_span(s, 11), .country = column_span(s, 12), .city = column_span(s, 13),
            .langs = column_span(s, 14), .lang = column_span(s, 15), .website = column_span(s, 16), .text = column_span(s, 17),
            .reason = column_span(s, 18), .is_approved = sqlite3_column_int(s, 19) != 0 });
    return rc;
}
