#include "store/oidc.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "baraza/limits.h"
#include "store/factor.h"
#include "store/statement.h"

#define OIDC_STATEMENTS(X)                                                                                            \
    X(SQL_ASKED, "UPDATE attempt SET kind = 7, tries = 0 WHERE ticket = ?1")                                          \
    X(SQL_KNOWN, "UPDATE attempt SET kind = 8, tries = 0, member = ?2, key = ?3, data = ?4, expires_ms = ?5 WHERE ticket = ?1") \
    X(SQL_WHOSE, "SELECT member FROM oidc_link WHERE issuer = ?1 AND subject = ?2")                                   \
    X(SQL_USED, "UPDATE oidc_link SET used_ms = ?3 WHERE issuer = ?1 AND subject = ?2")                               \
    X(SQL_ADDRESS, "SELECT member FROM address WHERE key = ?1")                                                       \
    X(SQL_INVITED, "SELECT 1 FROM invitation WHERE hash = ?1 AND used < uses AND expires_ms > ?2 AND (key IS NULL OR key = ?3)") \
    X(SQL_ADD, "INSERT INTO oidc_link(issuer, subject, member, at_ms) VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING") \
    X(SQL_COUNT, "SELECT count(*) FROM oidc_link WHERE member = ?1")                                                  \
    X(SQL_OWN, "SELECT count(*) FROM oidc_link WHERE id = ?1 AND member = ?2")                                        \
    X(SQL_DROP, "DELETE FROM oidc_link WHERE id = ?1 AND member = ?2")                                                \
    X(SQL_WAYS, "SELECT (SELECT count(*) FROM address WHERE member = ?1) + (SELECT count(*) FROM factor WHERE member = ?1 AND kind = 1)" \
                " + (SELECT count(*) FROM oidc_link WHERE member = ?1)")
STATEMENTS(OIDC_STATEMENTS, oidc, true)

#define OIDC_READ_STATEMENTS(X)                                                                                       \
    X(SQL_LINKS, "SELECT id, issuer, at_ms, coalesce(used_ms, 0) FROM oidc_link WHERE member = ?1 ORDER BY id LIMIT 100")
STATEMENTS(OIDC_READ_STATEMENTS, oidc_read, false)

#define BIND(name, ...) db_bind(db, LIST_OIDC, name, __VA_ARGS__)

/* Two words of which the first has no blank. */
static struct span join(struct arena *arena, struct span first, struct span second)
{
    char *text = arena_alloc(arena, first.len + second.len + 2);
    memcpy(text, first.at, first.len);
    text[first.len] = ' ';
    memcpy(text + first.len + 1, second.at, second.len);
    return (struct span){ text, first.len + second.len + 1 };
}

static bool part(struct span both, struct span *ret_first, struct span *ret_second)
{
    const char *blank = both.at == NULL ? NULL : memchr(both.at, ' ', both.len);
    if (blank == NULL)
        return false;
    *ret_first = (struct span){ both.at, (size_t)(blank - both.at) };
    *ret_second = (struct span){ blank + 1, both.len - ret_first->len - 1 };
    return true;
}

static bool is_named(const unsigned char hash[SECRET_BYTES])
{
    static const unsigned char none[SECRET_BYTES];
    return memcmp(hash, none, SECRET_BYTES) != 0;
}

static enum bz_err begin(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    struct attempt a = { .kind = ATTEMPT_OIDC, .member = cmd->actor, .has_code = is_named(cmd->invitation),
                         .data = join(arena, cmd->oidc.provider, cmd->oidc.issuer) };
    memcpy(a.code, cmd->invitation, SECRET_BYTES);
    return attempt_add(db, cmd->secret, &a, now_ms, e);
}

/* Whoever began it signed in has to be the one who is. */
static enum bz_err take(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    struct attempt a = { 0 };
    struct span wanted = join(arena, cmd->oidc.provider, cmd->oidc.issuer);
    enum bz_err rc = attempt_take(db, cmd->secret, ATTEMPT_OIDC, arena, now_ms, &a, e);
    if (rc == BZ_OK && (!span_eq(a.data, wanted) || (a.member != 0 && a.member != cmd->actor)))
        return attempt_refuse(e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_ASKED, "h", cmd->secret), e) : rc;
}

/* Nobody's yet: whose it might become. */
static enum bz_err stranger(struct db *db, const struct command *cmd, const struct attempt *a, struct arena *arena, int64_t now_ms,
                            struct account_outcome *ret, struct bz_error *e)
{
    int64_t owner = 0, is_invited = 0;
    struct span email = a->member != 0 || cmd->oidc.is_believed ? cmd->email : (struct span){ NULL, 0 };
    enum bz_err rc = db_number(db, BIND(SQL_ADDRESS, "s", email), &owner, e);
    if (rc == BZ_OK && a->has_code)
        rc = db_number(db, BIND(SQL_INVITED, "his", a->code, now_ms, email), &is_invited, e);
    if (rc != BZ_OK)
        return rc;
    if (a->member != 0 && owner != a->member)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "this account has no confirmed address that is one of yours here: add that one first");
    ret->may_link = owner != 0;
    ret->may_join = owner == 0 && is_invited != 0;
    if (!ret->may_link && !ret->may_join)
        return attempt_refuse(e);
    return db_run(db, BIND(SQL_KNOWN, "hissi", cmd->secret, (bz_id)owner, email, join(arena, cmd->oidc.issuer, cmd->oidc.subject),
                           now_ms + ATTEMPT_MS), e);
}

static enum bz_err enter(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                         struct bz_error *e)
{
    struct attempt a = { 0 };
    int64_t member = 0;
    enum bz_err rc = attempt_take(db, cmd->secret, ATTEMPT_OIDC_ASKED, arena, now_ms, &a, e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_WHOSE, "ss", cmd->oidc.issuer, cmd->oidc.subject), &member, e);
    if (rc != BZ_OK)
        return rc;
    if (member == 0)
        return stranger(db, cmd, &a, arena, now_ms, ret, e);
    if (a.member != 0)   /* who is signed in wanted to link it */
        return bz_fail(e, BZ_ERR_CONFLICT, a.member == member ? "this account is yours here already"
                                                              : "this account is somebody's here already");
    rc = db_run(db, BIND(SQL_USED, "ssi", cmd->oidc.issuer, cmd->oidc.subject, now_ms), e);
    return rc == BZ_OK ? account_let_in(db, cmd, member, SESSION_OIDC, now_ms, ret, e) : rc;
}

static enum bz_err may_add(struct db *db, const struct oidc_ask *who, bz_id member, struct bz_error *e)
{
    int64_t count = 0, owner = 0;
    enum bz_err rc = db_number(db, BIND(SQL_COUNT, "i", member), &count, e);
    if (rc == BZ_OK && count >= BZ_LIMIT_OIDC_LINKS_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "you have %d accounts elsewhere already", BZ_LIMIT_OIDC_LINKS_MAX);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_WHOSE, "ss", who->issuer, who->subject), &owner, e);
    if (rc == BZ_OK && owner != 0 && owner != member)
        return bz_fail(e, BZ_ERR_CONFLICT, "this account is somebody's here already");
    return rc;
}

static enum bz_err add(struct db *db, const struct oidc_ask *who, bz_id member, int64_t now_ms, struct bz_error *e)
{
    return db_run(db, BIND(SQL_ADD, "ssii", who->issuer, who->subject, member, now_ms), e);
}

enum bz_err oidc_link_add(struct db *db, const struct oidc_ask *who, bz_id member, int64_t now_ms, struct bz_error *e)
{
    enum bz_err rc = may_add(db, who, member, e);
    return rc == BZ_OK ? add(db, who, member, now_ms, e) : rc;
}

/* Only who has the address that it has. */
static enum bz_err link(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                        struct bz_error *e)
{
    struct attempt a = { 0 };
    struct oidc_ask who = { 0 };
    int64_t owner = 0;
    enum bz_err rc = attempt_take(db, cmd->ticket, ATTEMPT_OIDC_KNOWN, arena, now_ms, &a, e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_ADDRESS, "s", a.key), &owner, e);
    if (rc == BZ_OK && (a.member != cmd->actor || owner != cmd->actor || !part(a.data, &who.issuer, &who.subject)))
        return attempt_refuse(e);
    if (rc == BZ_OK)
        rc = may_add(db, &who, cmd->actor, e);
    if (rc == BZ_OK)
        rc = factor_tell(db, cmd->actor, MAIL_FACTOR_ADDED, SPAN("site"), arena, e);
    if (rc == BZ_OK)
        rc = attempt_end(db, cmd->ticket, e);
    ret->member = cmd->actor;
    return rc == BZ_OK ? add(db, &who, cmd->actor, now_ms, e) : rc;
}

static enum bz_err unlink_one(struct db *db, const struct command *cmd, struct arena *arena, struct bz_error *e)
{
    int64_t own = 0, ways = 0;
    enum bz_err rc = db_number(db, BIND(SQL_OWN, "ii", cmd->seq, cmd->actor), &own, e);
    if (rc == BZ_OK && own == 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such account of yours");
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_WAYS, "i", cmd->actor), &ways, e);
    if (rc == BZ_OK && ways <= 1)
        return bz_fail(e, BZ_ERR_CONFLICT, "this is your last way to sign in: add another one first");
    if (rc == BZ_OK)
        rc = factor_tell(db, cmd->actor, MAIL_FACTOR_REMOVED, SPAN("site"), arena, e);
    if (rc == BZ_OK)
        rc = attempt_end_seconds(db, cmd->actor, e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_DROP, "ii", cmd->seq, cmd->actor), e) : rc;
}

enum bz_err oidc_apply(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                       struct bz_error *e)
{
    switch ((int)cmd->kind) {
    case COMMAND_OIDC_BEGIN:
        return begin(db, cmd, arena, now_ms, e);
    case COMMAND_OIDC_TAKE:
        return take(db, cmd, arena, now_ms, e);
    case COMMAND_OIDC_ENTER:
        return enter(db, cmd, arena, now_ms, ret, e);
    case COMMAND_OIDC_LINK:
        return link(db, cmd, arena, now_ms, ret, e);
    case COMMAND_OIDC_UNLINK:
        return unlink_one(db, cmd, arena, e);
    default:
        assert(!"a command of accounts elsewhere");
        return BZ_OK;
    }
}

enum bz_err oidc_invited(struct db *db, struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    struct attempt a = { 0 };
    int64_t owner = 0;
    enum bz_err rc = attempt_take(db, cmd->secret, ATTEMPT_OIDC_KNOWN, arena, now_ms, &a, e);
    if (rc == BZ_OK && (a.member != 0 || !a.has_code || sodium_memcmp(a.code, cmd->invitation, SECRET_BYTES) != 0 ||
                        !part(a.data, &cmd->oidc.issuer, &cmd->oidc.subject)))
        return attempt_refuse(e);
    cmd->email = a.key;
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_ADDRESS, "s", cmd->email), &owner, e);
    if (rc == BZ_OK && owner == 0)
        rc = db_number(db, BIND(SQL_WHOSE, "ss", cmd->oidc.issuer, cmd->oidc.subject), &owner, e);
    return rc == BZ_OK && owner != 0 ? attempt_refuse(e) : rc;   /* a member since: to be linked by them, not by this */
}

enum bz_err query_oidc_links(struct db *db, bz_id member, oidc_visit visit, void *ctx, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = db_bind(db, LIST_OIDC_READ, SQL_LINKS, "i", member);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct oidc_row){ sqlite3_column_int64(s, 0), column_span(s, 1), sqlite3_column_int64(s, 2),
                                       sqlite3_column_int64(s, 3) });
    return rc;
}
