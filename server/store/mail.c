#include "store/mail.h"

#include <assert.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "store/statement.h"

#define MINUTE 60000LL
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define ADDRESS_BYTES 254   /* RFC 5321 */

#define MAIL_STATEMENTS(X)                                                                                           \
    X(SQL_WAITING, "SELECT count(*) FROM mail")                                                                      \
    X(SQL_PUT, "INSERT INTO mail(message, member, to_address, lang, kind, args, at_ms, next_ms, tries, expires_ms)"  \
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0, ?8)")                                                     \
    X(SQL_ONE, "SELECT member, tries, expires_ms FROM mail WHERE id = ?1")                                           \
    X(SQL_GONE, "DELETE FROM mail WHERE id = ?1")                                                                    \
    /* The address of who left: of it nothing stays in the log of the database, either. */                           \
    X(SQL_FAREWELL, "INSERT OR IGNORE INTO unmerged(entry) SELECT max(id) FROM journal WHERE EXISTS (SELECT 1 FROM mail" \
                    " WHERE id = ?1 AND kind = 9)")                                                                  \
    X(SQL_AGAIN, "UPDATE mail SET tries = tries + 1, next_ms = ?2 WHERE id = ?1")                                    \
    X(SQL_REFUSED, "INSERT INTO mail_trouble(member, refused, at_ms, why) VALUES(?1, 1, ?2, coalesce(?3, ''))"       \
                   " ON CONFLICT(member) DO UPDATE SET refused = refused + 1, at_ms = excluded.at_ms, why = excluded.why") \
    X(SQL_TAKEN, "DELETE FROM mail_trouble WHERE member = ?1")
STATEMENTS(MAIL_STATEMENTS, mail, true)

#define ARG(name) "json_extract(m.args, '$." name "')"

/* Who waits for a code looks at the screen. */
#define MAIL_READ_STATEMENTS(X)                                                                                      \
    X(SQL_NEXT, "SELECT m.id, m.message, m.kind, m.to_address, p.name, m.lang, m.at_ms, m.tries, m.expires_ms, "     \
                ARG("code") ", " ARG("by") ", " ARG("org") ", " ARG("reason") ", " ARG("what") ", " ARG("minutes")   \
                " FROM mail AS m INDEXED BY mail_next LEFT JOIN member AS p ON p.id = m.member WHERE m.next_ms <= ?1" \
                " ORDER BY m.kind <> 1, m.next_ms, m.id LIMIT 1")                                                    \
    X(SQL_QUEUE, "SELECT count(*), min(next_ms) FROM mail")                                                          \
    X(SQL_TROUBLE, "SELECT member, refused, at_ms, why FROM mail_trouble WHERE refused >= ?1 ORDER BY at_ms DESC, member LIMIT ?2")
STATEMENTS(MAIL_READ_STATEMENTS, mail_read, false)

#define BIND(name, ...) db_bind(db, LIST_MAIL, name, __VA_ARGS__)
#define BIND_READ(name, ...) db_bind(db, LIST_MAIL_READ, name, __VA_ARGS__)

int64_t mail_again_ms(int64_t tries, int64_t now_ms, int64_t expires_ms)
{
    static const int64_t pauses[] = { MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR };
    const int64_t count = sizeof pauses / sizeof pauses[0];
    int64_t n = tries < 1 ? 0 : tries > count ? count - 1 : tries - 1, next = now_ms + pauses[n];
    return next < expires_ms ? next : 0;
}

int64_t mails_put(const struct db *db) { return db->mails; }

static bool is_address(struct span s)
{
    size_t at = 0;
    if (s.len < 3 || s.len > ADDRESS_BYTES)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c <= ' ' || c >= 0x7f || strchr("<>()[],;:\\\"", c) != NULL)
            return false;
        at += c == '@';
    }
    return at == 1 && s.at[0] != '@' && s.at[s.len - 1] != '@';
}

static bool is_line(struct span s) { return s.len == 0 || utf8_is_name(s, MAIL_ARG_CHARS); }

static enum bz_err write_args(const struct mail_args *a, struct buf *b, struct bz_error *e)
{
    if (!is_line(a->code) || !is_line(a->by) || !is_line(a->org) || !is_line(a->what)
        || (a->reason.at != NULL && (!utf8_valid(a->reason) || !utf8_is_text(a->reason))))
        return bz_fail(e, BZ_ERR_INVALID, "a text cannot stand in a mail");
    json_open(b, '{');
    json_put_text_opt(b, "code", a->code);
    json_put_text_opt(b, "by", a->by);
    json_put_text_opt(b, "org", a->org);
    json_put_text_opt(b, "reason", a->reason);
    json_put_text_opt(b, "what", a->what);
    if (a->minutes != 0)
        json_put_int(b, "minutes", a->minutes);
    json_close(b, '}');
    return b->failed ? bz_fail(e, BZ_ERR_INVALID, "a mail is too long") : BZ_OK;
}

static enum bz_err check_room(struct db *db, enum mail_kind kind, struct bz_error *e)
{
    int64_t most = kind == MAIL_CODE ? MAIL_QUEUE : MAIL_QUEUE - MAIL_QUEUE_CODES;
    sqlite3_stmt *s = BIND(SQL_WAITING, "");
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    int64_t waiting = sqlite3_column_int64(s, 0);
    db_reset(s);
    return waiting < most ? BZ_OK : bz_fail(e, BZ_ERR_RATE_LIMITED, "too much mail waits to be sent; try again later");
}

enum bz_err mail_put(struct db *db, const struct mail_new *mail, struct bz_error *e)
{
    unsigned char message[MAIL_ID_BYTES];
    struct buf args;
    int64_t now = db->env->now_ms(db->env->ctx);
    int64_t expires = mail->expires_ms != 0 ? mail->expires_ms : now + (mail->kind == MAIL_CODE ? 10 * MINUTE : 3 * DAY);
    if (mail->to_address.at != NULL && !is_address(mail->to_address))
        return bz_fail(e, BZ_ERR_INVALID, "this is no address that mail can be sent to");
    enum bz_err rc = check_room(db, mail->kind, e);
    if (rc != BZ_OK)
        return rc;
    buf_init(&args, MAIL_ARGS_BYTES);
    db->env->random(db->env->ctx, message, sizeof message);
    struct span lang = mail->lang.at == NULL ? SPAN("en") : mail->lang;
    if ((rc = write_args(&mail->args, &args, e)) == BZ_OK)
        rc = db_run(db, BIND(SQL_PUT, "bnssisii", (struct span){ (const char *)message, sizeof message }, mail->member,
                             mail->to_address, lang, (int64_t)mail->kind, buf_span(&args), now, expires), e);
    buf_done(&args);
    db->mails += rc == BZ_OK;
    return rc;
}

static enum bz_err gone(struct db *db, int64_t mail, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_FAREWELL, "i", mail), e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_GONE, "i", mail), e) : rc;
}

static enum bz_err failed(struct db *db, const struct command *cmd, bz_id member, int64_t next_ms, int64_t now_ms, struct bz_error *e)
{
    if (!cmd->on && next_ms != 0)
        return db_run(db, BIND(SQL_AGAIN, "ii", cmd->mail, next_ms), e);
    enum bz_err rc = gone(db, cmd->mail, e);
    return rc == BZ_OK && cmd->on && member != 0 ? db_run(db, BIND(SQL_REFUSED, "iis", member, now_ms, cmd->text), e) : rc;
}

enum bz_err mail_apply(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    bool has_row;
    if (fails(db->env, "store.mail"))
        return bz_fail(e, BZ_ERR_STORE, "the database failed: could not note a mail");
    sqlite3_stmt *s = BIND(SQL_ONE, "i", cmd->mail);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    bz_id member = sqlite3_column_int64(s, 0);
    int64_t next = mail_again_ms(sqlite3_column_int64(s, 1) + 1, now_ms, sqlite3_column_int64(s, 2));
    db_reset(s);
    if (cmd->kind == COMMAND_MAIL_FAILED)
        return failed(db, cmd, member, next, now_ms, e);
    assert(cmd->kind == COMMAND_MAIL_DONE);
    rc = gone(db, cmd->mail, e);
    return rc == BZ_OK && member != 0 ? db_run(db, BIND(SQL_TAKEN, "i", member), e) : rc;
}

static void visit_row(sqlite3_stmt *s, void (*visit)(void *ctx, const struct mail_due *mail), void *ctx)
{
    struct mail_due due = {
        .id = sqlite3_column_int64(s, 0), .kind = (enum mail_kind)sqlite3_column_int(s, 2), .to_address = column_span(s, 3),
        .name = column_span(s, 4), .lang = column_span(s, 5), .at_ms = sqlite3_column_int64(s, 6),
        .tries = sqlite3_column_int64(s, 7), .expires_ms = sqlite3_column_int64(s, 8),
        .args = { .code = column_span(s, 9), .by = column_span(s, 10), .org = column_span(s, 11), .reason = column_span(s, 12),
                  .what = column_span(s, 13), .minutes = sqlite3_column_int64(s, 14) },
    };
    if (sqlite3_column_bytes(s, 1) == MAIL_ID_BYTES)
        memcpy(due.message, sqlite3_column_blob(s, 1), MAIL_ID_BYTES);
    visit(ctx, &due);
}

enum bz_err mail_next(struct db *db, int64_t now_ms, void (*visit)(void *ctx, const struct mail_due *mail), void *ctx,
                      struct mail_queue *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND_READ(SQL_QUEUE, "");
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    *ret = (struct mail_queue){ sqlite3_column_int64(s, 0), INT64_MAX };
    if (ret->depth > 0)
        ret->next_ms = sqlite3_column_int64(s, 1);
    db_reset(s);
    if (ret->next_ms > now_ms)
        return BZ_OK;
    s = BIND_READ(SQL_NEXT, "i", now_ms);
    rc = db_step(db, s, &has_row, e);
    if (rc == BZ_OK && has_row) {
        visit_row(s, visit, ctx);
        db_reset(s);
    }
    return rc;
}

enum bz_err mail_trouble(struct db *db, int64_t limit, void (*visit)(void *ctx, const struct mail_trouble *t), void *ctx,
                         struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    sqlite3_stmt *s = BIND_READ(SQL_TROUBLE, "ii", (int64_t)MAIL_TROUBLE_REFUSED, limit);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        visit(ctx, &(struct mail_trouble){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2),
                                           column_span(s, 3) });
    return rc;
}
