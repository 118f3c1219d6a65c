#include "store/account.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "baraza/limits.h"
#include "base/json_out.h"
#include "domain/kinds.h"
#include "store/allowance.h"
#include "store/browser.h"
#include "store/factor.h"
#include "store/mail.h"
#include "store/oidc.h"
#include "store/statement.h"

#define ACCOUNT_STATEMENTS(X)                                                                                       \
    X(SQL_WHOSE, "SELECT member FROM address WHERE key = ?1")                                                       \
    X(SQL_LANG, "SELECT lang FROM member WHERE id = ?1")                                                            \
    X(SQL_SESSION_OLD, "DELETE FROM session WHERE expires_ms <= ?1 OR (kind <> 2 AND seen_ms <= ?2)")               \
    X(SQL_SESSION_NEW, "INSERT INTO session(hash, member, kind, created_ms, expires_ms, device, seen_ms, is_strong," \
                       " scopes, rooms) SELECT ?1, id, ?3, ?4, ?5, ?6, iif(?8 IS NULL, ?4, 0), ?7, ?8, ?9 FROM member WHERE id = ?2" \
                       " AND erased_ms IS NULL")                                                                    \
    X(SQL_TOKEN_COUNT, "SELECT count(*) FROM session WHERE member = ?1 AND kind = 2 AND scopes IS NOT NULL AND expires_ms > ?2") \
    X(SQL_TOKEN_DROP, "DELETE FROM session WHERE member = ?1 AND kind = 2 AND lower(hex(substr(hash, 1, 8))) = ?2"  \
                      " RETURNING hash")                                                                            \
    X(SQL_MODERATES, "SELECT m.role >= 2 OR EXISTS (SELECT 1 FROM given_role AS g WHERE g.member = m.id AND g.role >= 2)" \
                     " FROM member AS m WHERE m.id = ?1")                                                           \
    X(SQL_READS, "SELECT 1 FROM room AS r JOIN member AS m ON m.id = ?1 WHERE r.id = ?2 AND "                       \
                 CAN_READ("r", "m.id", "m.role"))                                                                   \
    X(SQL_SESSION_SEEN, "UPDATE session SET seen_ms = ?2 WHERE hash = ?1 AND seen_ms < ?2")                         \
    X(SQL_SESSION_DROP, "DELETE FROM session WHERE member = ?1 AND kind <> 2 AND hash <> ?2"                        \
                        " AND (?3 = '' OR lower(hex(substr(hash, 1, 8))) = ?3)")                                    \
    X(SQL_ADDRESS_ADD, "INSERT INTO address(key, member, at_ms) VALUES(?1, ?2, ?3) ON CONFLICT(key) DO NOTHING")    \
    X(SQL_ADDRESSES, "SELECT count(*) FROM address WHERE member = ?1")                                              \
    X(SQL_ADDRESS_DROP, "DELETE FROM address WHERE member = ?1 AND key = ?2")                                       \
    X(SQL_INVITE_ADD, "INSERT INTO invitation(hash, by, org, region, room, role, key, lang, uses, at_ms, expires_ms," \
                      " is_delegate, said) VALUES(?1, ?2, nullif(?3, 0), nullif(?4, 0), nullif(?5, 0), ?6, ?7, ?8, ?9, ?10," \
                      " ?11, ?12, ?13)")                                                                            \
    X(SQL_INVITES, "SELECT (SELECT name FROM member WHERE id = ?1), (SELECT name FROM org WHERE id = ?2)")          \
    X(SQL_INVITE_COUNT, "SELECT count(*) FROM invitation WHERE by = ?1 AND expires_ms > ?2 AND used < uses"         \
                        " AND (said IS NULL OR ?3)")                                                                \
    X(SQL_INVITE_DROP, "DELETE FROM invitation WHERE lower(hex(substr(hash, 1, 8))) = ?1 AND (by = ?2 OR ?3)")      \
    X(SQL_INVITE_UNDO, "DELETE FROM invitation WHERE hash = ?1")                                                    \
    X(SQL_INVITE_OLD, "DELETE FROM invitation WHERE expires_ms <= ?1")                                              \
    X(SQL_INVITE, "SELECT by, org, region, room, role, key, is_delegate, uses - used FROM invitation"               \
                  " WHERE hash = ?1 AND used < uses AND expires_ms > ?2")                                           \
    X(SQL_INVITE_USE, "UPDATE invitation SET used = used + 1 WHERE hash = ?1")                                      \
    X(SQL_INVITED, "INSERT OR IGNORE INTO invited(member, invitation, by, at_ms)"                                   \
                   " SELECT ?2, hash, by, ?3 FROM invitation WHERE hash = ?1")                                      \
    X(SQL_HANDLE_TAKEN, IS_HANDLE_TAKEN("?1"))
STATEMENTS(ACCOUNT_STATEMENTS, account, true)

#define MAILED "mailed"     /* a code's data: to who signs in */
#define OWN    "own"        /* to an address that a member adds */
#define BIND(name, ...) db_bind(db, LIST_ACCOUNT, name, __VA_ARGS__)

/* ---- A code by mail. */

/* In the language of who has the address, or else of who asks. */
static enum bz_err lang_of(struct db *db, const struct command *cmd, bz_id member, struct arena *arena, struct span *ret,
                           struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_LANG, "i", member);
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = cmd->lang.at != NULL ? cmd->lang : SPAN("en");
    if (rc == BZ_OK && has_row) {
        *ret = arena_copy(arena, column_span(s, 0));
        db_reset(s);
    }
    return rc;
}

static enum bz_err mail_code(struct db *db, const struct command *cmd, bz_id member, bool is_sent, struct arena *arena, int64_t now_ms,
                             struct bz_error *e)
{
    struct mail_new mail = { .kind = MAIL_CODE, .member = is_sent ? member : 0, .expires_ms = now_ms + ATTEMPT_MS,
                             .args = { .code = cmd->code, .minutes = ATTEMPT_MS / 60000 } };
    enum bz_err rc = lang_of(db, cmd, member, arena, &mail.lang, e);
    if (is_sent)
        mail.to_address = cmd->email;
    return rc == BZ_OK ? mail_put(db, &mail, e) : rc;
}

static int64_t number_of(const unsigned char hash[SECRET_BYTES])
{
    int64_t ret;
    memcpy(&ret, hash, sizeof ret);
    return ret & INT64_MAX;
}

/* Who asks for codes, and what that may cost of. */
struct asking {
    bool is_granted, is_mailed;
    size_t count;
    struct allowed of[7];
};

static void add_allowed(struct asking *ask, const struct command *cmd, enum allowance allowance, int64_t who)
{
    ask->of[ask->count++] = (struct allowed){ .allowance = allowance, .key = cmd->email, .who = who };
}

/* Of the address, however it is asked for. */
static enum bz_err is_granted(struct db *db, const struct command *cmd, bool is_known, int64_t now_ms, struct asking *ret,
                              struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (is_known) {
        add_allowed(ret, cmd, ALLOWANCE_CODE_BROWSER, number_of(cmd->browser));
        add_allowed(ret, cmd, ALLOWANCE_CODE_BROWSERS, 0);
    } else {
        add_allowed(ret, cmd, ALLOWANCE_CODE_NETWORK, cmd->network);
        add_allowed(ret, cmd, ALLOWANCE_CODE_NETWORK_DAY, cmd->network);
        add_allowed(ret, cmd, ALLOWANCE_CODE_STRANGERS, 0);
        add_allowed(ret, cmd, ALLOWANCE_CODE_STRANGERS_DAY, 0);
    }
    if (!is_known && cmd->network != 0)
        ret->of[ret->count++] = (struct allowed){ .allowance = ALLOWANCE_CODE_FROM, .who = cmd->network };
    ret->is_granted = true;
    for (size_t i = 0; rc == BZ_OK && i < ret->count; i++) {
        int64_t left = 0;
        rc = allowance_left(db, &ret->of[i], now_ms, &left, e);
        ret->is_granted &= left > 0;
    }
    return rc;
}

/* Is there an invitation in the command for this address? */
static enum bz_err is_invited(struct db *db, const struct command *cmd, struct asking *ask, int64_t now_ms, bool *ret, struct bz_error *e)
{
    bool has_row;
    struct allowed codes = { .allowance = ALLOWANCE_CODE_INVITATION, .who = number_of(cmd->invitation) };
    int64_t left = 0;
    sqlite3_stmt *s = BIND(SQL_INVITE, "hi", cmd->invitation, now_ms);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    struct span key = column_span(s, 5);
    *ret = key.at == NULL || span_eq(key, cmd->email);
    codes.most = 4 * sqlite3_column_int64(s, 7) + 10;
    db_reset(s);
    ask->of[ask->count++] = codes;
    rc = allowance_left(db, &codes, now_ms, &left, e);
    *ret = *ret && left > 0;
    return rc;
}

/* A member's own addresses are few: nobody has this hub write to many. Mailed or not, it counts: what is left tells nothing of the
 * address. */
static enum bz_err may_ask_own(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    const struct allowed of[] = { { .allowance = ALLOWANCE_CODE_OWN, .member = cmd->actor },
                                  { .allowance = ALLOWANCE_CODE_OWN_DAY, .member = cmd->actor } };
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; rc == BZ_OK && i < 2; i++) {
        int64_t left = 0;
        rc = allowance_left(db, &of[i], now_ms, &left, e);
        if (rc == BZ_OK && left == 0) {
            (void)bz_fail(e, BZ_ERR_RATE_LIMITED, "you asked for many codes; try again %s", i == 0 ? "in an hour" : "tomorrow");
            e->retry_after_ms = ALLOWANCE_HOUR;
            return BZ_ERR_RATE_LIMITED;
        }
    }
    for (size_t i = 0; rc == BZ_OK && i < 2; i++)
        rc = allowance_spend(db, &of[i], now_ms, e);
    return rc;
}

/* May an address that is nobody's be written to? */
static enum bz_err is_welcome(struct db *db, const struct command *cmd, struct asking *ask, int64_t now_ms, bool *ret, struct bz_error *e)
{
    int64_t left = 0;
    const struct allowed joins = { .allowance = ALLOWANCE_CODE_JOIN };
    enum bz_err rc = is_invited(db, cmd, ask, now_ms, ret, e);
    if (rc == BZ_OK && cmd->on) {
        ask->of[ask->count++] = joins;
        rc = allowance_left(db, &joins, now_ms, &left, e);
        *ret |= left > 0;
    }
    *ret |= cmd->kind == COMMAND_ADDRESS_CODE;
    return rc;
}

/* Whoever asks, and whatever for: the same steps, one attempt and one mail. What is for nobody is dropped by who sends it. */
static enum bz_err ask_code(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    int64_t member = 0;
    bool is_known = false, may_come = false, is_own = cmd->kind == COMMAND_ADDRESS_CODE;
    struct asking ask = { 0 };
    enum bz_err rc = is_own ? may_ask_own(db, cmd, now_ms, e) : BZ_OK;
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_WHOSE, "s", cmd->email), &member, e);
    if (rc == BZ_OK)
        rc = browser_knows(db, cmd->browser, member, &is_known, e);
    if (rc == BZ_OK)
        rc = is_granted(db, cmd, is_known, now_ms, &ask, e);
    if (rc == BZ_OK)
        rc = is_welcome(db, cmd, &ask, now_ms, &may_come, e);
    ask.is_mailed = ask.is_granted && (member != 0 || may_come);
    struct attempt a = { .kind = ATTEMPT_CODE, .key = cmd->email, .member = is_own ? cmd->actor : member, .has_code = true,
                         .data = !ask.is_mailed ? SPAN(ATTEMPT_SILENT) : is_own ? SPAN(OWN) : SPAN(MAILED) };
    memcpy(a.code, cmd->code_hash, SECRET_BYTES);
    if (rc == BZ_OK)
        rc = attempt_add(db, cmd->secret, &a, now_ms, e);
    for (size_t i = 0; rc == BZ_OK && ask.is_granted && i < ask.count; i++)
        rc = allowance_spend(db, &ask.of[i], now_ms, e);
    return rc == BZ_OK ? mail_code(db, cmd, member, ask.is_mailed, arena, now_ms, e) : rc;
}

/* ---- Sessions. */

/* rooms: JSON; absent: all. */
static enum bz_err put_session(struct db *db, const struct command *cmd, const struct session_new *s, struct span rooms, int64_t now_ms,
                               struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_SESSION_OLD, "ii", now_ms, now_ms - SESSION_IDLE_MS), e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_SESSION_NEW, "hiiiisins", cmd->new_secret, s->member, (int64_t)s->kind, now_ms, cmd->expires_ms,
                             s->device, (int64_t)s->is_strong, (int64_t)cmd->scopes, rooms), e);
    if (rc == BZ_OK && sqlite3_changes(db->sq) != 1)
        rc = bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such member");
    return rc;
}

enum bz_err account_let_in(struct db *db, const struct command *cmd, bz_id member, enum session_kind how, int64_t now_ms,
                           struct account_outcome *ret, struct bz_error *e)
{
    enum bz_err rc = factor_wants_second(db, member, &ret->needs_second, e);
    if (rc == BZ_OK && ret->needs_second) {
        rc = attempt_pass(db, cmd->secret, how, member, e);
        if (rc == BZ_OK && sqlite3_changes(db->sq) == 0)
            rc = attempt_add(db, cmd->secret, &(struct attempt){ .kind = ATTEMPT_SECOND, .how = how, .member = member }, now_ms, e);
        return rc;
    }
    if (rc == BZ_OK)
        rc = attempt_end(db, cmd->secret, e);
    if (rc == BZ_OK)
        rc = session_add(db, cmd, &(struct session_new){ member, how, false, cmd->device }, now_ms, e);
    ret->member = rc == BZ_OK ? member : 0;
    return rc;
}

static enum bz_err enter(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                         struct bz_error *e)
{
    struct attempt a = { 0 };
    int64_t owner = 0;
    enum bz_err rc = attempt_code(db, cmd, arena, now_ms, &a, e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_WHOSE, "s", a.key), &owner, e);
    if (rc == BZ_OK && (a.member == 0 || owner != a.member))   /* they may have dropped it since it was mailed to */
        rc = attempt_refuse(e);
    return rc == BZ_OK ? account_let_in(db, cmd, a.member, SESSION_CODE, now_ms, ret, e) : rc;
}

/* One by its name, or all but the one that asks. */
static enum bz_err end_sessions(struct db *db, const struct command *cmd, struct account_outcome *ret, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_SESSION_DROP, "ihs", cmd->actor, cmd->secret, cmd->slug.at == NULL ? SPAN("") : cmd->slug), e);
    if (rc == BZ_OK && cmd->slug.at != NULL && sqlite3_changes(db->sq) == 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such session, or it is the one you ask from");
    if (rc == BZ_OK && cmd->slug.at == NULL)
        rc = attempt_end_seconds(db, cmd->actor, e);
    if (rc == BZ_OK)
        rc = browser_forget(db, cmd->actor, cmd->secret, cmd->slug, e);
    ret->member = cmd->actor;
    ret->ends_all = true;
    return rc;
}

enum bz_err session_add(struct db *db, const struct command *cmd, const struct session_new *s, int64_t now_ms, struct bz_error *e)
{
    enum bz_err rc = put_session(db, cmd, s, (struct span){ NULL, 0 }, now_ms, e);
    return rc == BZ_OK ? browser_note(db, cmd, s->member, now_ms, e) : rc;
}

/* ---- Tokens for programs. */

/* The rooms that a token is bound to, which its owner reads; as JSON. */
static enum bz_err token_rooms(struct db *db, const struct command *cmd, struct arena *arena, struct span *ret, struct bz_error *e)
{
    struct buf list;
    enum bz_err rc = BZ_OK;
    if (!cmd->rooms.is_present)
        return BZ_OK;
    buf_init(&list, 4096);
    json_open(&list, '[');
    for (size_t i = 0; rc == BZ_OK && i < cmd->rooms.count; i++) {
        int64_t reads = 0;
        rc = db_number(db, BIND(SQL_READS, "ii", cmd->actor, cmd->rooms.at[i]), &reads, e);
        if (rc == BZ_OK && reads == 0)
            rc = bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such room, or it is not open to you");
        json_int(&list, cmd->rooms.at[i]);
    }
    json_close(&list, ']');
    *ret = arena_copy(arena, buf_span(&list));
    buf_done(&list);
    return rc;
}

/* By mail, as factor_tell does it; but a queue that is full, or an address that no mail goes to, keeps nobody from it. */
static enum bz_err tell_if_possible(struct db *db, bz_id member, enum mail_kind kind, struct span what, struct arena *arena,
                                    struct bz_error *e)
{
    struct bz_error why = { 0 };
    enum bz_err rc = factor_tell(db, member, kind, what, arena, &why);
    if (rc == BZ_OK || rc == BZ_ERR_RATE_LIMITED || rc == BZ_ERR_INVALID)
        return BZ_OK;
    *e = why;
    return rc;
}

/* Of a member, or by the operator for one. */
static enum bz_err make_token(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    int64_t count = 0, moderates = 0;
    bz_id owner = cmd->kind == COMMAND_TOKEN_ISSUE ? cmd->member : cmd->actor;
    struct session_new s = { owner, SESSION_TOKEN, false, cmd->name };
    struct span rooms = { NULL, 0 };
    enum bz_err rc = db_number(db, BIND(SQL_TOKEN_COUNT, "ii", owner, now_ms), &count, e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_MODERATES, "i", owner), &moderates, e);
    if (rc == BZ_OK && (cmd->scopes & SCOPE_MODERATE) && moderates == 0)
        return bz_fail(e, BZ_ERR_FORBIDDEN, "moderate: only for who moderates somewhere");
    if (rc == BZ_OK && cmd->scopes != 0 && count >= BZ_LIMIT_TOKENS_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "there are %d tokens already: take some back first", BZ_LIMIT_TOKENS_MAX);
    if (rc == BZ_OK)
        rc = token_rooms(db, cmd, arena, &rooms, e);
    if (rc == BZ_OK && owner == cmd->actor)
        rc = factor_tell(db, owner, MAIL_TOKEN_MADE, SPAN(""), arena, e);
    else if (rc == BZ_OK)
        rc = tell_if_possible(db, owner, MAIL_TOKEN_MADE, SPAN(""), arena, e);
    return rc == BZ_OK ? put_session(db, cmd, &s, rooms, now_ms, e) : rc;
}

static enum bz_err drop_token(struct db *db, const struct command *cmd, struct account_outcome *ret, struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_TOKEN_DROP, "is", cmd->actor, cmd->slug);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc != BZ_OK ? rc : bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such token of yours");
    memcpy(ret->ended, sqlite3_column_blob(s, 0), SECRET_BYTES);
    ret->member = cmd->actor;
    return db_step(db, s, &has_row, e);   /* to its end: the row is gone then */
}

/* ---- Addresses. */

enum bz_err address_add(struct db *db, struct span key, bz_id member, int64_t now_ms, struct bz_error *e)
{
    int64_t owner = 0, count = 0;
    enum bz_err rc = db_number(db, BIND(SQL_ADDRESSES, "i", member), &count, e);
    if (rc == BZ_OK && count >= BZ_LIMIT_ADDRESSES_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "you have %d addresses already", BZ_LIMIT_ADDRESSES_MAX);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_ADDRESS_ADD, "sii", key, member, now_ms), e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_WHOSE, "s", key), &owner, e);
    if (rc == BZ_OK && owner != member)
        return bz_fail(e, BZ_ERR_CONFLICT, "somebody here has this address already");
    return rc;
}

/* To the oldest one, also if that is the one that goes: whoever stole a session cannot read it. */
static enum bz_err tell_of_address(struct db *db, bz_id member, enum mail_kind kind, struct arena *arena, struct bz_error *e)
{
    return tell_if_possible(db, member, kind, SPAN("address"), arena, e);
}

/* The operator's. Who had none before is told nothing. */
static enum bz_err put_address(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    int64_t count = 0;
    enum bz_err rc = db_number(db, BIND(SQL_ADDRESSES, "i", cmd->member), &count, e);
    if (rc == BZ_OK)
        rc = address_add(db, cmd->email, cmd->member, now_ms, e);
    return rc == BZ_OK && count > 0 ? tell_of_address(db, cmd->member, MAIL_FACTOR_ADDED, arena, e) : rc;
}

static enum bz_err confirm_address(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    struct attempt a = { 0 };
    enum bz_err rc = attempt_code(db, cmd, arena, now_ms, &a, e);
    if (rc == BZ_OK && (a.member != cmd->actor || !span_is(a.data, OWN)))
        return attempt_refuse(e);
    if (rc == BZ_OK)
        rc = attempt_end(db, cmd->secret, e);
    if (rc == BZ_OK)
        rc = address_add(db, a.key, cmd->actor, now_ms, e);
    return rc == BZ_OK ? tell_of_address(db, cmd->actor, MAIL_FACTOR_ADDED, arena, e) : rc;
}

/* The last one stays: without it nobody comes in again whose device is lost. */
static enum bz_err drop_address(struct db *db, const struct command *cmd, struct arena *arena, struct bz_error *e)
{
    int64_t count = 0, owner = 0;
    enum bz_err rc = db_number(db, BIND(SQL_WHOSE, "s", cmd->email), &owner, e);
    if (rc == BZ_OK && owner != cmd->actor)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "this is none of your addresses");
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_ADDRESSES, "i", cmd->actor), &count, e);
    if (rc == BZ_OK && count <= 1)
        return bz_fail(e, BZ_ERR_CONFLICT, "your last address stays: add another one first");
    if (rc == BZ_OK)
        rc = tell_of_address(db, cmd->actor, MAIL_FACTOR_REMOVED, arena, e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_ADDRESS_DROP, "is", cmd->actor, cmd->email), e) : rc;
}

/* ---- Invitations. */

enum bz_err invitations_fit(struct db *db, bz_id by, int64_t count, int64_t now_ms, struct bz_error *e)
{
    int64_t open = 0;
    enum bz_err rc = db_number(db, BIND(SQL_INVITE_COUNT, "iii", by, now_ms, (int64_t)1), &open, e);
    return rc != BZ_OK || open + count <= LIST_INVITATIONS_MAX ? rc
         : bz_fail(e, BZ_ERR_CONFLICT, "%lld of your invitations are open: take some back first", (long long)open);
}

enum bz_err invitation_add(struct db *db, const unsigned char hash[SECRET_BYTES], const struct invitation *i, int64_t now_ms,
                           struct bz_error *e)
{
    int64_t count = 0;
    enum bz_err rc = db_run(db, BIND(SQL_INVITE_OLD, "i", now_ms), e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_INVITE_COUNT, "iii", i->by, now_ms, (int64_t)0), &count, e);
    if (rc == BZ_OK && i->by != 0 && i->said.at == NULL && count >= BZ_LIMIT_INVITATIONS_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "%d of your invitations are open: take some back first", BZ_LIMIT_INVITATIONS_MAX);
    return rc != BZ_OK ? rc : db_run(db, BIND(SQL_INVITE_ADD, "hiiiiissiiiis", hash, i->by, i->org, i->region, i->room, (int64_t)i->role,
                                              i->key, i->lang, i->uses, now_ms, i->expires_ms, (int64_t)i->is_delegate, i->said), e);
}

/* To the address that it is for: who invites, and for which organisation. */
static enum bz_err mail_invitation(struct db *db, const struct command *cmd, struct arena *arena, struct bz_error *e)
{
    bool has_row;
    struct mail_new mail = { .kind = MAIL_INVITE, .to_address = cmd->email, .lang = cmd->lang,
                             .args = { .code = cmd->code, .by = SPAN("Baraza") } };
    sqlite3_stmt *s = BIND(SQL_INVITES, "ii", cmd->actor, cmd->organisation);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (has_row) {
        struct span by = column_span(s, 0), org = column_span(s, 1);
        if (by.at != NULL)
            mail.args.by = arena_copy(arena, by);
        if (org.at != NULL)
            mail.args.org = arena_copy(arena, org);
        db_reset(s);
    }
    return mail_put(db, &mail, e);
}

/* Of one that is taken back at once the mail is on its way all the same. */
static enum bz_err may_mail(struct db *db, const struct allowed of[2], int64_t now_ms, struct bz_error *e)
{
    int64_t left[2] = { 0 };
    enum bz_err rc = allowance_left(db, &of[0], now_ms, &left[0], e);
    if (rc == BZ_OK)
        rc = allowance_left(db, &of[1], now_ms, &left[1], e);
    if (rc == BZ_OK && left[0] == 0)
        return bz_fail(e, BZ_ERR_RATE_LIMITED, "you sent many invitations today; the next ones tomorrow");
    return rc != BZ_OK || left[1] > 0 ? rc : bz_fail(e, BZ_ERR_RATE_LIMITED, "this address was invited often today; again tomorrow");
}

static enum bz_err invite(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    const struct allowed of[] = { { .allowance = ALLOWANCE_INVITE_MEMBER, .member = cmd->actor },
                                  { .allowance = ALLOWANCE_INVITE_ADDRESS, .key = cmd->email } };
    const struct invitation i = { .by = cmd->actor, .org = cmd->organisation, .is_delegate = cmd->is_delegate,
                                  .region = cmd->region, .room = cmd->room, .role = cmd->role, .key = cmd->email,
                                  .lang = cmd->lang, .uses = cmd->email.at != NULL ? 1 : cmd->uses, .expires_ms = cmd->expires_ms };
    enum bz_err rc = cmd->email.at == NULL ? BZ_OK : may_mail(db, of, now_ms, e);
    if (rc == BZ_OK)
        rc = invitation_add(db, cmd->new_secret, &i, now_ms, e);
    if (rc != BZ_OK || cmd->email.at == NULL)
        return rc;
    if ((rc = mail_invitation(db, cmd, arena, e)) == BZ_OK) {
        rc = allowance_spend(db, &of[0], now_ms, e);
        return rc == BZ_OK ? allowance_spend(db, &of[1], now_ms, e) : rc;
    }
    struct bz_error ignored = { 0 };   /* what is refused leaves nothing: there is no mail that could bring its code */
    return db_run(db, BIND(SQL_INVITE_UNDO, "h", cmd->new_secret), &ignored) == BZ_OK ? rc : BZ_ERR_STORE;
}

static enum bz_err drop_invitation(struct db *db, const struct command *cmd, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_INVITE_DROP, "sii", cmd->slug, cmd->actor, (int64_t)cmd->on), e);
    if (rc == BZ_OK && sqlite3_changes(db->sq) == 0)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such invitation of yours");
    return rc;
}

/* What is left of a name in small ASCII letters, dots between its words. */
static size_t handle_of(struct span name, char ret[BZ_LIMIT_HANDLE_CHARS + 1])
{
    utf8proc_uint8_t *plain = NULL;
    size_t len = 0;
    bool is_gap = false;
    (void)utf8proc_map((const utf8proc_uint8_t *)name.at, (utf8proc_ssize_t)name.len, &plain,
                       UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD);
    for (const char *at = (const char *)plain; at != NULL && *at != '\0' && len + 2 < BZ_LIMIT_HANDLE_CHARS - 3; at++) {
        bool is_kept = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9');
        if (is_kept && is_gap && len > 0)
            ret[len++] = '.';
        if (is_kept)
            ret[len++] = *at;
        is_gap = !is_kept && *at != '\'';
    }
    free(plain);
    ret[len] = '\0';
    return len;
}

/* A handle that nobody has, made of the name. */
static enum bz_err free_handle(struct db *db, struct span name, struct arena *arena, struct span *ret, struct bz_error *e)
{
    char stem[BZ_LIMIT_HANDLE_CHARS + 1], handle[BZ_LIMIT_HANDLE_CHARS + 8];
    bool is_taken = true;
    enum bz_err rc = BZ_OK;
    if (handle_of(name, stem) < 2)
        memcpy(stem, "member", sizeof "member");
    for (int n = 1; rc == BZ_OK && is_taken && n < 10000; n++) {
        (void)snprintf(handle, sizeof handle, n == 1 ? "%s" : "%.20s%d", stem, n);
        sqlite3_stmt *s = BIND(SQL_HANDLE_TAKEN, "s", span_of(handle));
        rc = db_step(db, s, &is_taken, e);
        if (rc == BZ_OK && is_taken)
            db_reset(s);
    }
    *ret = arena_copy(arena, span_of(handle));
    return rc;
}

enum bz_err invitation_over(struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_NOT_FOUND, "this invitation is used up, over or taken back; ask for a new one");
}

enum bz_err account_invited(struct db *db, struct command *cmd, struct arena *arena, int64_t now_ms, struct bz_error *e)
{
    struct attempt a = { 0 };
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_INVITE, "hi", cmd->invitation, now_ms);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc != BZ_OK ? rc : invitation_over(e);
    cmd->actor = sqlite3_column_int64(s, 0);
    cmd->organisation = sqlite3_column_int64(s, 1);
    cmd->region = sqlite3_column_int64(s, 2);
    cmd->room = sqlite3_column_int64(s, 3);
    cmd->role = (enum role)sqlite3_column_int(s, 4);
    cmd->is_delegate = sqlite3_column_int(s, 6) != 0;
    struct span key = arena_copy(arena, column_span(s, 5));
    db_reset(s);
    rc = cmd->code.at == NULL ? oidc_invited(db, cmd, arena, now_ms, e) : attempt_code(db, cmd, arena, now_ms, &a, e);
    if (cmd->code.at != NULL)
        cmd->email = a.key;
    if (rc == BZ_OK && key.at != NULL && !(cmd->email.at != NULL && span_eq(key, cmd->email)))
        return invitation_over(e);
    if (rc == BZ_OK)
        rc = db_number(db, BIND(SQL_WHOSE, "s", cmd->email), &cmd->member, e);
    return rc == BZ_OK ? free_handle(db, cmd->name, arena, &cmd->handle, e) : rc;
}

enum bz_err account_came(struct db *db, const struct command *cmd, bz_id member, int64_t now_ms, struct account_outcome *ret,
                         struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_INVITE_USE, "h", cmd->invitation), e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_INVITED, "hii", cmd->invitation, member, now_ms), e);
    if (rc == BZ_OK && cmd->email.at != NULL)
        rc = db_run(db, BIND(SQL_ADDRESS_ADD, "sii", cmd->email, member, now_ms), e);
    bool is_oidc = cmd->oidc.subject.at != NULL;
    if (rc == BZ_OK && is_oidc)
        rc = oidc_link_add(db, &cmd->oidc, member, now_ms, e);
    return rc == BZ_OK ? account_let_in(db, cmd, member, is_oidc ? SESSION_OIDC : SESSION_CODE, now_ms, ret, e) : rc;
}

enum bz_err account_apply(struct db *db, const struct command *cmd, struct arena *arena, int64_t now_ms, struct account_outcome *ret,
                          struct bz_error *e)
{
    switch ((int)cmd->kind) {
    case COMMAND_SESSION_CODE: case COMMAND_ADDRESS_CODE:
        return ask_code(db, cmd, arena, now_ms, e);
    case COMMAND_SESSION_ENTER:
        return enter(db, cmd, arena, now_ms, ret, e);
    case COMMAND_SESSION_END:
        return end_sessions(db, cmd, ret, e);
    case COMMAND_SESSION_SEEN:
        return db_run(db, BIND(SQL_SESSION_SEEN, "hi", cmd->secret, now_ms), e);
    case COMMAND_TOKEN_CREATE: case COMMAND_TOKEN_ISSUE:
        return make_token(db, cmd, arena, now_ms, e);
    case COMMAND_TOKEN_DROP:
        return drop_token(db, cmd, ret, e);
    case COMMAND_ADDRESS_ADD:
        return confirm_address(db, cmd, arena, now_ms, e);
    case COMMAND_ADDRESS_DROP:
        return drop_address(db, cmd, arena, e);
    case COMMAND_ADDRESS_PUT:
        return put_address(db, cmd, arena, now_ms, e);
    case COMMAND_INVITE_CREATE:
        return invite(db, cmd, arena, now_ms, e);
    case COMMAND_INVITE_DROP:
        return drop_invitation(db, cmd, e);
    default:
        assert(!"a command of accounts");
        return BZ_OK;
    }
}
