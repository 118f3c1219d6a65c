#include "store/factor.h"

#include <assert.h>

#include "baraza/limits.h"
#include "base/otp.h"
#include "base/recovery.h"
#include "base/webauthn.h"
#include "store/browser.h"
#include "store/mail.h"
#include "store/statement.h"

#define CHALLENGE_MS (5 * 60 * 1000)
#define STRONG "kind IN (1, 2)"
#define FACTOR_STATEMENTS(X)                                                                                          \
    X(SQL_HAS, "SELECT count(*) FROM factor WHERE member = ?1 AND kind = ?2")                                         \
    X(SQL_STRONG, "SELECT count(*) FROM factor WHERE member = ?1 AND " STRONG)                                        \
    X(SQL_MODERATES, "SELECT 1 FROM member AS m WHERE m.id = ?1 AND (m.role >= 2 OR EXISTS (SELECT 1 FROM given_role AS g" \
                     " WHERE g.member = m.id AND g.role >= 2))")                                                      \
    X(SQL_SESSION, "SELECT kind, is_strong FROM session WHERE hash = ?1 AND member = ?2")                              \
    X(SQL_ROTATE, "UPDATE session SET hash = ?2, is_strong = max(is_strong, ?3) WHERE hash = ?1")                     \
    X(SQL_END_OTHERS, "DELETE FROM session WHERE member = ?1 AND kind <> 2 AND hash <> ?2")                           \
    X(SQL_ADD, "INSERT INTO factor(member, kind, name, credential, secret, counter, at_ms)"                           \
               " VALUES(?1, ?2, ?3, CASE WHEN ?2 = 1 THEN ?4 END, ?5, ?6, ?7)")                                       \
    X(SQL_KNOWN, "SELECT 1 FROM factor WHERE credential = ?1")                                                        \
    X(SQL_BY_CREDENTIAL, "SELECT id, member, secret, counter FROM factor WHERE credential = ?1")                      \
    X(SQL_ONE_OF, "SELECT id, secret, counter FROM factor WHERE member = ?1 AND kind = ?2")                           \
    X(SQL_KIND, "SELECT kind FROM factor WHERE id = ?1 AND member = ?2")                                              \
    X(SQL_USED, "UPDATE factor SET counter = ?2, used_ms = ?3 WHERE id = ?1")                                         \
    X(SQL_REPLACE, "UPDATE factor SET secret = ?2 WHERE id = ?1")                                                     \
    X(SQL_DROP, "DELETE FROM factor WHERE id = ?1")                                                                   \
    X(SQL_DROP_KIND, "DELETE FROM factor WHERE member = ?1 AND kind = ?2")                                            \
    X(SQL_SPEND, "DELETE FROM factor WHERE member = ?1 AND kind = 4 AND secret = ?2")                                 \
    X(SQL_TRIES, "SELECT tries FROM factor_try WHERE member = ?1 AND kind = ?2 AND from_ms > ?3")                     \
    X(SQL_TRIED, "INSERT INTO factor_try(member, kind, from_ms, tries) VALUES(?1, ?2, ?3, 1) ON CONFLICT(member, kind) DO UPDATE" \
                 " SET tries = CASE WHEN from_ms <= ?4 THEN 1 ELSE tries + 1 END,"                                    \
                 " from_ms = CASE WHEN from_ms <= ?4 THEN excluded.from_ms ELSE from_ms END")                         \
    X(SQL_TRIES_OVER, "DELETE FROM factor_try WHERE member = ?1 AND kind = ?2")                                       \
    X(SQL_WHO, "SELECT m.lang, (SELECT key FROM address WHERE member = m.id ORDER BY at_ms, key LIMIT 1) FROM member AS m" \
               " WHERE m.id = ?1")
STATEMENTS(FACTOR_STATEMENTS, factor, true)

#define BIND(name, ...) db_bind(db, LIST_FACTOR, name, __VA_ARGS__)

static struct span blob_of(sqlite3_stmt *s, int column)
{
    return (struct span){ sqlite3_column_blob(s, column), (size_t)sqlite3_column_bytes(s, column) };
}

enum bz_err factor_wants_second(struct db *db, bz_id member, bool *ret, struct bz_error *e)
{
    int64_t apps = 0;
    enum bz_err rc = db_number(db, BIND(SQL_HAS, "ii", member, (int64_t)FACTOR_TOTP), &apps, e);
    *ret = apps > 0;
    return rc;
}

/* ---- Who is signed in, and changes what they sign in with. */

/* A program's token changes nothing here. And who moderates, came in without a strong factor and has one shows that one first: else a
 * stranger with their mail would put an own one beside it. */
static enum bz_err may_change(struct db *db, const struct command *cmd, struct bz_error *e)
{
    bool has_row;
    int64_t moderates = 0, strong = 0;
    sqlite3_stmt *s = BIND(SQL_SESSION, "hi", cmd->secret, cmd->actor);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return bz_fail(e, BZ_ERR_UNAUTHENTICATED, "you are not signed in, or your session has ended");
    enum session_kind kind = (enum session_kind)sqlite3_column_int(s, 0);
    bool is_single = kind > SESSION_TOKEN && sqlite3_column_int(s, 1) == 0;
    db_reset(s);
    if (kind == SESSION_TOKEN)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "a program's token may not change what its owner signs in with");
    if (!is_single || !cmd->factor.minds_second)
        return BZ_OK;
    rc = db_number(db, BIND(SQL_MODERATES, "i", cmd->actor), &moderates, e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_STRONG, "i", cmd->actor), &strong, e);
    if (rc == BZ_OK && moderates != 0 && strong != 0)
        return bz_fail(e, BZ_ERR_SECOND, "sign in with the passkey or the app that you have before you change this");
    return rc;
}

static const char *const names[] = { [FACTOR_PASSKEY] = "passkey", [FACTOR_TOTP] = "totp", [FACTOR_PASSWORD] = "password",
                                      [FACTOR_RECOVERY] = "recovery" };

enum bz_err factor_tell(struct db *db, bz_id member, enum mail_kind mail, struct span what, struct arena *arena, struct bz_error *e)
{
    bool has_row;
    struct mail_new new = { .kind = mail, .member = member };
    sqlite3_stmt *s = BIND(SQL_WHO, "i", member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    new.lang = arena_copy(arena, column_span(s, 0));
    new.to_address = arena_copy(arena, column_span(s, 1));
    db_reset(s);
    if (mail == MAIL_FACTOR_ADDED || mail == MAIL_FACTOR_REMOVED)
        new.args.what = what;
    return new.to_address.at == NULL ? BZ_OK : mail_put(db, &new, e);
}

static enum bz_err tell(struct db *db, bz_id member, enum mail_kind mail, enum factor_kind kind, struct arena *arena, struct bz_error *e)
{
    return factor_tell(db, member, mail, span_of(names[kind]), arena, e);
}

/* Their session goes on under another name; it is a strong one from now on if what was added is. */
static enum bz_err rotate(struct db *db, const struct command *cmd, bool is_strong, struct account_outcome *ret, struct bz_error *e)
{
    ret->member = cmd->actor;
    enum bz_err rc = db_run(db, BIND(SQL_ROTATE, "hhi", cmd->secret, cmd->new_secret, (int64_t)is_strong), e);
    return rc == BZ_OK ? browser_note(db, cmd, cmd->actor, db->env->now_ms(db->env->ctx), e) : rc;
}

static enum bz_err add(struct db *db, const struct command *cmd, enum factor_kind kind, struct span secret, int64_t counter,
                       int64_t now_ms, struct bz_error *e)
{
    return db_run(db, BIND(SQL_ADD, "iisbbii", cmd->actor, (int64_t)kind, cmd->name, cmd->factor.credential.id, secret, counter, now_ms),
                  e);
}

static enum bz_err begin_for(struct db *db, const struct command *cmd, enum attempt_kind kind, struct span data, int64_t now_ms,
                             struct bz_error *e)
{
    enum bz_err rc = may_change(db, cmd, e);
    struct attempt a = { .kind = kind, .member = cmd->actor, .data = data, .lasts_ms = CHALLENGE_MS };
    return rc == BZ_OK ? attempt_add(db, cmd->ticket, &a, now_ms, e) : rc;
}

/* One of the tries of their ticket. */
static enum bz_err take_own(struct db *db, const struct command *cmd, enum attempt_kind kind, struct arena *arena, int64_t now_ms,
                            struct attempt *ret, struct bz_error *e)
{
    enum bz_err rc = may_change(db, cmd, e);
    if (rc == BZ_OK)
        rc = attempt_take(db, cmd->ticket, kind, arena, now_ms, ret, e);
    if (rc == BZ_ERR_UNAUTHENTICATED || (rc == BZ_OK && ret->member != cmd->actor))
        return bz_fail(e, BZ_ERR_CONFLICT, "this took too long or was tried too often; begin anew");
    return rc;
}

/* ---- Passkeys. */

static enum bz_err may_add_passkey(struct db *db, const struct command *cmd, struct bz_error *e)
{
    int64_t count = 0, known = 0;
    enum bz_err rc = db_number(db, BIND(SQL_HAS, "ii", cmd->actor, (int64_t)FACTOR_PASSKEY), &count, e);
    if (rc == BZ_OK && count >= BZ_LIMIT_PASSKEYS_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "you have %d passkeys: remove one of them first", BZ_LIMIT_PASSKEYS_MAX);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_KNOWN, "b", cmd->factor.credential.id), &known, e);
    return rc == BZ_OK && known != 0 ? bz_fail(e, BZ_ERR_CONFLICT, "this passkey is here already") : rc;
}

static enum bz_err add_passkey(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                               struct bz_error *e)
{
    struct attempt a = { 0 };
    struct webauthn_key key = { 0 };
    enum bz_err rc = take_own(db, cmd, ATTEMPT_PASSKEY_NEW, arena, now_ms, &a, e);
    if (rc == BZ_OK)
        rc = attempt_end(db, cmd->ticket, e);
    if (rc != BZ_OK)
        return rc;
    enum webauthn_flaw flaw = webauthn_new(cmd->factor.credential.attestation, cmd->factor.site, &key);
    if (flaw == WEBAUTHN_NONE && !span_eq(key.id, cmd->factor.credential.id))
        flaw = WEBAUTHN_FORM;
    if (flaw != WEBAUTHN_NONE)
        return bz_invalid(e, "credential", "credential: this passkey is not taken: %s", webauthn_flaw_text(flaw));
    rc = may_add_passkey(db, cmd, e);
    if (rc == BZ_OK)
        rc = tell(db, cmd->actor, MAIL_FACTOR_ADDED, FACTOR_PASSKEY, arena, e);
    if (rc == BZ_OK)
        rc = add(db, cmd, FACTOR_PASSKEY, key.key, key.counter, now_ms, e);
    return rc == BZ_OK ? rotate(db, cmd, true, ret, e) : rc;
}

struct known { int64_t id; bz_id member; struct span secret; int64_t counter; };

static enum bz_err find_passkey(struct db *db, struct span credential, struct arena *arena, struct known *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_BY_CREDENTIAL, "b", credential);
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = (struct known){ 0 };
    if (rc == BZ_OK && has_row) {
        *ret = (struct known){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), arena_copy(arena, blob_of(s, 2)),
                               sqlite3_column_int64(s, 3) };
        db_reset(s);
    }
    return rc;
}

/* The member's id stands in the passkey, as it was made. */
static bool is_theirs(struct db *db, struct span handle, bz_id member)
{
    char text[BZ_ID_TEXT];
    size_t len = id_format(db_hubs(db), member, text);
    return handle.at != NULL && span_eq(handle, (struct span){ text, len });
}

static enum bz_err enter_by_passkey(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms,
                                    struct account_outcome *ret, struct bz_error *e)
{
    struct attempt a = { 0 };
    struct known known;
    uint32_t counter = 0;
    const struct credential *c = &cmd->factor.credential;
    enum bz_err rc = attempt_take(db, cmd->secret, ATTEMPT_PASSKEY, arena, now_ms, &a, e);
    if (rc == BZ_OK)
        rc = attempt_end(db, cmd->secret, e);   /* its challenge is answered once, rightly or not */
    if (rc == BZ_OK)
        rc = find_passkey(db, c->id, arena, &known, e);
    if (rc != BZ_OK)
        return rc;
    const struct webauthn_proof proof = { c->data, c->client, c->signature };
    if (known.id == 0 || !is_theirs(db, c->handle, known.member) ||
        webauthn_check(&proof, cmd->factor.site, known.secret, (uint32_t)known.counter, &counter) != WEBAUTHN_NONE)
        return attempt_refuse(e);
    rc = db_run(db, BIND(SQL_USED, "iii", known.id, (int64_t)counter, now_ms), e);
    if (rc == BZ_OK)
        rc = session_add(db, cmd, &(struct session_new){ known.member, SESSION_PASSKEY, true, cmd->device }, now_ms, e);
    ret->member = rc == BZ_OK ? known.member : 0;
    return rc;
}

/* ---- Authenticator apps, and the codes on paper beside them. */

static enum bz_err one_of(struct db *db, bz_id member, enum factor_kind kind, struct arena *arena, struct known *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_ONE_OF, "ii", member, (int64_t)kind);
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = (struct known){ 0 };
    if (rc == BZ_OK && has_row) {
        *ret = (struct known){ sqlite3_column_int64(s, 0), member, arena_copy(arena, blob_of(s, 1)), sqlite3_column_int64(s, 2) };
        db_reset(s);
    }
    return rc;
}

static enum bz_err new_recovery(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_DROP_KIND, "ii", cmd->actor, (int64_t)FACTOR_RECOVERY), e);
    for (int i = 0; rc == BZ_OK && i < RECOVERY_CODES; i++)
        rc = add(db, cmd, FACTOR_RECOVERY, (struct span){ (const char *)cmd->factor.recovery[i], SECRET_BYTES }, 0, now_ms, e);
    return rc;
}

static enum bz_err begin_totp(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    char hex[2 * OTP_SECRET_BYTES + 1];
    sodium_bin2hex(hex, sizeof hex, (const unsigned char *)cmd->factor.key.at, OTP_SECRET_BYTES);
    return begin_for(db, cmd, ATTEMPT_TOTP_NEW, (struct span){ hex, 2 * OTP_SECRET_BYTES }, now_ms, e);
}

/* Only once a code of it was given back: the app has it then. One app a member: a new one takes the place of the other. */
static enum bz_err add_totp(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                            struct bz_error *e)
{
    struct attempt a = { 0 };
    unsigned char secret[OTP_SECRET_BYTES];
    int64_t step = 0;
    enum bz_err rc = take_own(db, cmd, ATTEMPT_TOTP_NEW, arena, now_ms, &a, e);
    if (rc != BZ_OK)
        return rc;
    if (a.data.at == NULL || sodium_hex2bin(secret, sizeof secret, a.data.at, a.data.len, NULL, NULL, NULL) != 0 ||
        !otp_check(secret, cmd->factor.code, now_ms, 0, &step))
        return bz_invalid(e, "code", "code: this is not what the app shows now; look at the clock of your device, too");
    rc = tell(db, cmd->actor, MAIL_FACTOR_ADDED, FACTOR_TOTP, arena, e);
    if (rc == BZ_OK)
        rc = attempt_end(db, cmd->ticket, e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_DROP_KIND, "ii", cmd->actor, (int64_t)FACTOR_TOTP), e);
    if (rc == BZ_OK)
        rc = add(db, cmd, FACTOR_TOTP, (struct span){ (const char *)secret, sizeof secret }, step, now_ms, e);
    if (rc == BZ_OK)
        rc = new_recovery(db, cmd, now_ms, e);
    return rc == BZ_OK ? rotate(db, cmd, true, ret, e) : rc;
}

static enum bz_err renew_recovery(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    int64_t apps = 0;
    enum bz_err rc = may_change(db, cmd, e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_HAS, "ii", cmd->actor, (int64_t)FACTOR_TOTP), &apps, e);
    if (rc == BZ_OK && apps == 0)
        return bz_fail(e, BZ_ERR_CONFLICT, "recovery codes are for who uses an authenticator app");
    if (rc == BZ_OK)
        rc = tell(db, cmd->actor, MAIL_FACTOR_ADDED, FACTOR_RECOVERY, arena, e);
    return rc == BZ_OK ? new_recovery(db, cmd, now_ms, e) : rc;
}

/* ---- Tries. */

static enum bz_err are_over(struct db *db, bz_id member, enum factor_kind kind, int64_t now_ms, bool *ret, struct bz_error *e)
{
    int64_t tries = 0;
    enum bz_err rc = db_number(db, BIND(SQL_TRIES, "iii", member, (int64_t)kind, now_ms - FACTOR_TRIES_MS), &tries, e);
    *ret = tries >= FACTOR_TRIES;
    return rc;
}

static enum bz_err tried(struct db *db, bz_id member, enum factor_kind kind, int64_t now_ms, struct bz_error *e)
{
    return db_run(db, BIND(SQL_TRIED, "iiii", member, (int64_t)kind, now_ms, now_ms - FACTOR_TRIES_MS), e);
}

/* The code of the app, or one from the paper, which is spent. */
static enum bz_err check_second(struct db *db, const struct command *cmd, bz_id member, struct arena *arena, int64_t now_ms, bool *ret,
                                struct bz_error *e)
{
    struct known app;
    int64_t step;
    unsigned char hash[RECOVERY_HASH_BYTES];
    enum bz_err rc = one_of(db, member, FACTOR_TOTP, arena, &app, e);
    *ret = false;
    if (rc != BZ_OK)
        return rc;
    if (app.secret.len == OTP_SECRET_BYTES &&
        otp_check((const unsigned char *)app.secret.at, cmd->factor.code, now_ms, app.counter, &step)) {
        *ret = true;
        return db_run(db, BIND(SQL_USED, "iii", app.id, step, now_ms), e);
    }
    if (!recovery_hash(cmd->factor.code, hash))
        return BZ_OK;
    rc = db_run(db, BIND(SQL_SPEND, "ib", member, ((struct span){ (const char *)hash, sizeof hash })), e);
    *ret = rc == BZ_OK && sqlite3_changes(db->sq) > 0;
    return rc;
}

static enum bz_err enter_second(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                                struct bz_error *e)
{
    struct attempt a = { 0 };
    bool is_over = false, is_right = false;
    enum bz_err rc = attempt_take(db, cmd->secret, ATTEMPT_SECOND, arena, now_ms, &a, e);
    if (rc == BZ_OK)
        rc = are_over(db, a.member, FACTOR_TOTP, now_ms, &is_over, e);
    if (rc == BZ_OK && !is_over)
        rc = check_second(db, cmd, a.member, arena, now_ms, &is_right, e);
    if (rc == BZ_OK && !is_right) {
        rc = tried(db, a.member, FACTOR_TOTP, now_ms, e);
        return rc == BZ_OK ? attempt_refuse(e) : rc;
    }
    if (rc == BZ_OK)
        rc = attempt_end(db, cmd->secret, e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_TRIES_OVER, "ii", a.member, (int64_t)FACTOR_TOTP), e);
    if (rc == BZ_OK)
        rc = session_add(db, cmd, &(struct session_new){ a.member, a.how, true, cmd->device }, now_ms, e);
    ret->member = rc == BZ_OK ? a.member : 0;
    return rc;
}

/* ---- Passwords. They were hashed before, outside of the writer: here it is looked whether that was of what is still so. */

static enum bz_err is_as_looked_at(struct db *db, const struct command *cmd, bz_id member, struct arena *arena, struct known *ret,
                                   bool *ret_is, struct bz_error *e)
{
    enum bz_err rc = one_of(db, member, FACTOR_PASSWORD, arena, ret, e);
    *ret_is = ret->id != 0 ? span_eq(ret->secret, cmd->factor.stored) : cmd->factor.stored.at == NULL;
    return rc;
}

static enum bz_err set_password(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                                struct bz_error *e)
{
    struct known old;
    bool is_over = false, is_as_it_was = false;
    enum bz_err rc = may_change(db, cmd, e);
    if (rc == BZ_OK)
        rc = is_as_looked_at(db, cmd, cmd->actor, arena, &old, &is_as_it_was, e);
    if (rc == BZ_OK && !is_as_it_was)
        return bz_fail(e, BZ_ERR_CONFLICT, "your password was changed meanwhile");
    if (rc == BZ_OK)
        rc = are_over(db, cmd->actor, FACTOR_PASSWORD, now_ms, &is_over, e);
    if (rc == BZ_OK && old.id != 0 && (is_over || !cmd->factor.is_right)) {
        rc = tried(db, cmd->actor, FACTOR_PASSWORD, now_ms, e);
        return rc == BZ_OK ? bz_invalid(e, "old", "old: this is not your password, or it was tried too often") : rc;
    }
    if (rc == BZ_OK)
        rc = tell(db, cmd->actor, old.id != 0 ? MAIL_PASSWORD_CHANGED : MAIL_FACTOR_ADDED, FACTOR_PASSWORD, arena, e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_DROP_KIND, "ii", cmd->actor, (int64_t)FACTOR_PASSWORD), e);
    if (rc == BZ_OK)
        rc = add(db, cmd, FACTOR_PASSWORD, cmd->factor.fresh, 0, now_ms, e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_END_OTHERS, "ih", cmd->actor, cmd->secret), e);
    if (rc == BZ_OK)
        rc = attempt_end_seconds(db, cmd->actor, e);
    if (rc == BZ_OK)
        rc = browser_forget(db, cmd->actor, cmd->secret, (struct span){ NULL, 0 }, e);
    ret->ends_all = true;
    return rc == BZ_OK ? rotate(db, cmd, false, ret, e) : rc;
}

/* cmd->member: whose address it is, or 0. Wrong ones cost the same whoever they are for. */
static enum bz_err enter_by_password(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms,
                                     struct account_outcome *ret, struct bz_error *e)
{
    struct known known;
    bool is_over = false, is_as_it_was = false;
    enum bz_err rc = is_as_looked_at(db, cmd, cmd->member, arena, &known, &is_as_it_was, e);
    if (rc == BZ_OK)
        rc = are_over(db, cmd->member, FACTOR_PASSWORD, now_ms, &is_over, e);
    if (rc == BZ_OK && (is_over || known.id == 0 || !is_as_it_was || !cmd->factor.is_right)) {
        rc = tried(db, cmd->member, FACTOR_PASSWORD, now_ms, e);
        return rc == BZ_OK ? bz_fail(e, BZ_ERR_UNAUTHENTICATED, "this is wrong, or was tried too often: sign in by mail, or try again in"
                                                                " an hour") : rc;
    }
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_TRIES_OVER, "ii", cmd->member, (int64_t)FACTOR_PASSWORD), e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_USED, "iii", known.id, (int64_t)0, now_ms), e);
    if (rc == BZ_OK && cmd->factor.fresh.at != NULL)
        rc = db_run(db, BIND(SQL_REPLACE, "ib", known.id, cmd->factor.fresh), e);
    return rc == BZ_OK ? account_let_in(db, cmd, cmd->member, SESSION_PASSWORD, now_ms, ret, e) : rc;
}

/* ---- */

/* The last strong one of who moderates stays while one is needed. Codes on paper go with the app. */
static enum bz_err drop(struct db *db, const struct command *cmd, struct arena *arena, struct account_outcome *ret, struct bz_error *e)
{
    int64_t kind = 0, moderates = 0, strong = 0;
    enum bz_err rc = may_change(db, cmd, e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_KIND, "ii", cmd->seq, cmd->actor), &kind, e);
    if (rc == BZ_OK && (kind == 0 || kind == FACTOR_RECOVERY))
        return bz_fail(e, BZ_ERR_NOT_FOUND, "this is nothing that you sign in with");
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_STRONG, "i", cmd->actor), &strong, e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_MODERATES, "i", cmd->actor), &moderates, e);
    if (rc == BZ_OK && kind <= FACTOR_TOTP && strong == 1 && moderates != 0 && cmd->factor.minds_second)
        return bz_fail(e, BZ_ERR_CONFLICT, "who moderates keeps a passkey or an app: add another one first");
    if (rc == BZ_OK)
        rc = tell(db, cmd->actor, MAIL_FACTOR_REMOVED, (enum factor_kind)kind, arena, e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_DROP, "i", cmd->seq), e);
    if (rc == BZ_OK && kind == FACTOR_TOTP)
        rc = db_run(db, BIND(SQL_DROP_KIND, "ii", cmd->actor, (int64_t)FACTOR_RECOVERY), e);
    if (rc == BZ_OK && kind == FACTOR_PASSWORD)
        rc = attempt_end_seconds(db, cmd->actor, e);
    ret->member = cmd->actor;
    return rc;
}

enum bz_err factor_apply(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                         struct bz_error *e)
{
    struct attempt a = { .kind = ATTEMPT_PASSKEY, .lasts_ms = CHALLENGE_MS };
    switch ((int)cmd->kind) {
    case COMMAND_SESSION_SECOND:
        return enter_second(db, cmd, arena, now_ms, ret, e);
    case COMMAND_FACTOR_DROP:
        return drop(db, cmd, arena, ret, e);
    case COMMAND_PASSKEY_BEGIN:
        return attempt_add(db, cmd->secret, &a, now_ms, e);
    case COMMAND_PASSKEY_ENTER:
        return enter_by_passkey(db, cmd, arena, now_ms, ret, e);
    case COMMAND_PASSKEY_NEW:
        return begin_for(db, cmd, ATTEMPT_PASSKEY_NEW, (struct span){ NULL, 0 }, now_ms, e);
    case COMMAND_PASSKEY_ADD:
        return add_passkey(db, cmd, arena, now_ms, ret, e);
    case COMMAND_TOTP_NEW:
        return begin_totp(db, cmd, now_ms, e);
    case COMMAND_TOTP_ADD:
        return add_totp(db, cmd, arena, now_ms, ret, e);
    case COMMAND_RECOVERY_RENEW:
        return renew_recovery(db, cmd, arena, now_ms, e);
    case COMMAND_PASSWORD_SET:
        return set_password(db, cmd, arena, now_ms, ret, e);
    case COMMAND_PASSWORD_ENTER:
        return enter_by_password(db, cmd, arena, now_ms, ret, e);
    default:
        assert(!"a command of what people sign in with");
        return BZ_OK;
    }
}
