#include <assert.h>

#include "baraza/limits.h"
#include "store/account.h"
#include "store/apply.h"
#include "store/profile.h"
#include "store/export.h"
#include "store/statement.h"

#define PERSONAL_STATEMENTS(X)                                                                                     \
    X(SQL_MAY_READ, "SELECT 1 FROM thread AS t JOIN room AS r ON r.id = t.room JOIN member AS m ON m.id = ?2"      \
                    " WHERE t.id = ?1 AND " CAN_READ("r", "m.id", "m.role"))                                       \
    X(SQL_BARRED, "SELECT 1 FROM sanction AS s WHERE s.member = ?1 AND s.scope = 0 AND s.act >= 3 AND "            \
                  IN_FORCE("s", "?2") " UNION ALL SELECT 1 FROM member WHERE id = ?1"                              \
                  " AND erased_ms IS NOT NULL")                                                  \
    X(SQL_READ_MARK, "INSERT INTO read_pos(member, thread, seq) VALUES(?1, ?2, ?3)"                                \
                     " ON CONFLICT(member, thread) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq")     \
    X(SQL_MAY_READ_ROOM, "SELECT 1 FROM room AS r JOIN member AS m ON m.id = ?2 WHERE r.id = ?1"                   \
                         " AND " CAN_READ("r", "m.id", "m.role"))                                                  \
    X(SQL_READ_ROOM, "INSERT INTO read_pos(member, thread, seq) SELECT ?1, t.id, ?3 FROM thread AS t"              \
                     " LEFT JOIN read_pos AS rp ON rp.member = ?1 AND rp.thread = t.id WHERE t.room = ?2"          \
                     " AND t.last > max(coalesce(rp.seq, 0), coalesce((SELECT since FROM membership"               \
                     " WHERE room = ?2 AND member = ?1), 0))"                                                      \
                     " ON CONFLICT(member, thread) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq")     \
    X(SQL_FOLLOW, "INSERT INTO follow(member, thread, level) VALUES(?1, ?2, ?3)"                                   \
                  " ON CONFLICT(member, thread) DO UPDATE SET level = excluded.level")                             \
    X(SQL_BLOCKABLE, "SELECT (SELECT count(*) FROM blocked WHERE member = ?1) FROM member WHERE id = ?2")          \
    X(SQL_BLOCK, "INSERT OR IGNORE INTO blocked(member, blocked, at_ms) VALUES(?1, ?2, ?3)")                       \
    X(SQL_UNBLOCK, "DELETE FROM blocked WHERE member = ?1 AND blocked = ?2")                                       \
    X(SQL_FROM, "INSERT INTO direct_from(member, who) VALUES(?1, ?2) ON CONFLICT(member) DO UPDATE SET who = excluded.who") \
    X(SQL_READ_COPY, "INSERT OR IGNORE INTO read_pos(member, thread, seq) SELECT member, ?2, seq FROM read_pos"    \
                     " WHERE thread = ?1")                                                                         \
    X(SQL_FOLLOW_COPY, "INSERT OR IGNORE INTO follow(member, thread, level) SELECT member, ?2, level FROM follow"  \
                       " WHERE thread = ?1 AND (?3 OR level = 1)")                                                 \
    X(SQL_READ_LOWER, "UPDATE read_pos AS r SET seq = coalesce(min(seq, (SELECT p.id FROM post AS p"               \
                      " WHERE p.thread = ?2 AND p.moved = ?3 AND p.by <> r.member AND p.id > max("                 \
                      " coalesce((SELECT f.seq FROM read_pos AS f WHERE f.member = r.member AND f.thread = ?1), ?4)," \
                      " coalesce((SELECT m.since FROM membership AS m JOIN thread AS t ON t.room = m.room"         \
                      " WHERE t.id = ?2 AND m.member = r.member), 0)) ORDER BY p.id LIMIT 1) - 1), seq)"           \
                      " WHERE thread = ?2")                                                                        \
    X(SQL_LINK_USE, "UPDATE link SET uses = uses - 1 WHERE hash = ?1 AND expires_ms > ?2 AND uses > 0"             \
                    " RETURNING member")                                                                           \
    X(SQL_LINK_SWEEP, "DELETE FROM link WHERE uses <= 0 OR expires_ms <= ?1")                                      \
    X(SQL_SESSION_END, "DELETE FROM session WHERE hash = ?1 RETURNING member")                                     \
    X(SQL_LINK_ADD, "INSERT INTO link(hash, member, expires_ms, uses) SELECT ?1, id, ?3, ?4 FROM member"           \
                    " WHERE id = ?2 AND erased_ms IS NULL")
STATEMENTS(PERSONAL_STATEMENTS, personal, true)

#define BIND(name, ...) db_bind(db, LIST_PERSONAL, name, __VA_ARGS__)

static enum bz_err check_thread(struct db *db, const struct command *cmd, struct bz_error *e)
{
    bool may_read;
    sqlite3_stmt *s = BIND(SQL_MAY_READ, "ii", cmd->thread, cmd->actor);
    enum bz_err rc = db_step(db, s, &may_read, e);
    if (rc != BZ_OK)
        return rc;
    if (!may_read)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such thread, or it is not open to you");
    db_reset(s);
    return BZ_OK;
}

enum bz_err personal_check(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    bool is_barred;
    if (cmd->actor == 0 || cmd->kind == COMMAND_SESSION_OPEN || cmd->kind == COMMAND_SESSION_CLOSE
        || cmd->kind == COMMAND_SESSION_END || cmd->kind == COMMAND_EXPORT_BEGIN)   /* what is kept of them they are told */
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_BARRED, "ii", cmd->actor, now_ms);
    enum bz_err rc = db_step(db, s, &is_barred, e);
    if (rc != BZ_OK || !is_barred)
        return rc;
    db_reset(s);
    return bz_fail(e, BZ_ERR_FORBIDDEN, "you are suspended from this hub");
}

static enum bz_err read_mark(struct db *db, const struct command *cmd, struct bz_error *e)
{
    int64_t head, at_ms;
    enum bz_err rc = check_thread(db, cmd, e);
    if (rc == BZ_OK)
        rc = db_head(db, &head, &at_ms, e);
    if (rc != BZ_OK)
        return rc;
    int64_t seq = cmd->seq < head ? cmd->seq : head;   /* nobody has read what is not written yet */
    return db_run(db, BIND(SQL_READ_MARK, "iii", cmd->actor, cmd->thread, seq), e);
}

/* Every thread of the room that has something newer than where they stood. */
static enum bz_err read_room(struct db *db, const struct command *cmd, struct bz_error *e)
{
    bool may_read;
    int64_t head, at_ms;
    sqlite3_stmt *s = BIND(SQL_MAY_READ_ROOM, "ii", cmd->room, cmd->actor);
    enum bz_err rc = db_step(db, s, &may_read, e);
    if (rc == BZ_OK && !may_read)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such room, or it is not open to you");
    if (rc == BZ_OK) {
        db_reset(s);
        rc = db_head(db, &head, &at_ms, e);
    }
    if (rc != BZ_OK)
        return rc;
    int64_t seq = cmd->seq < head ? cmd->seq : head;
    return db_run(db, BIND(SQL_READ_ROOM, "iii", cmd->actor, cmd->room, seq), e);
}

static enum bz_err follow(struct db *db, const struct command *cmd, struct bz_error *e)
{
    enum bz_err rc = check_thread(db, cmd, e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_FOLLOW, "iii", cmd->actor, cmd->thread, (int64_t)cmd->level), e) : rc;
}

/* Whoever is blocked hears nothing of it. */
static enum bz_err block(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    bool is_there;
    if (!cmd->on)
        return db_run(db, BIND(SQL_UNBLOCK, "ii", cmd->actor, cmd->member), e);
    if (cmd->member == cmd->actor)
        return bz_invalid(e, "member", "member: nobody blocks themselves");
    sqlite3_stmt *s = BIND(SQL_BLOCKABLE, "ii", cmd->actor, cmd->member);
    enum bz_err rc = db_step(db, s, &is_there, e);
    if (rc != BZ_OK)
        return rc;
    if (!is_there)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such member");
    int64_t count = sqlite3_column_int64(s, 0);
    db_reset(s);
    if (count >= BZ_LIMIT_BLOCKED_MAX)
        return bz_fail(e, BZ_ERR_CONFLICT, "you block %d members already", BZ_LIMIT_BLOCKED_MAX);
    return db_run(db, BIND(SQL_BLOCK, "iii", cmd->actor, cmd->member, now_ms), e);
}

/* Runs a statement that answers a member or nothing. */
static enum bz_err run_for_member(struct db *db, sqlite3_stmt *s, bz_id *ret, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    *ret = 0;
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = sqlite3_column_int64(s, 0);
    return db_step(db, s, &has_row, e);   /* to its end: a change is made by the last step */
}

static enum bz_err session_open(struct db *db, const struct command *cmd, int64_t now_ms, bz_id *ret_member,
                                struct bz_error *e)
{
    bz_id member;
    enum bz_err rc = run_for_member(db, BIND(SQL_LINK_USE, "hi", cmd->secret, now_ms), &member, e);
    if (rc == BZ_OK && member == 0)
        rc = bz_fail(e, BZ_ERR_UNAUTHENTICATED, "this sign-in link is used up or too old; ask for a new one");
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_LINK_SWEEP, "i", now_ms), e);
    if (rc == BZ_OK)
        rc = session_add(db, cmd, &(struct session_new){ member, SESSION_LINK, false, cmd->device }, now_ms, e);
    if (rc == BZ_OK)
        *ret_member = member;
    return rc;
}

static enum bz_err session_close(struct db *db, const struct command *cmd, bz_id *ret_member, struct bz_error *e)
{
    bz_id member;
    enum bz_err rc = run_for_member(db, BIND(SQL_SESSION_END, "h", cmd->secret), &member, e);
    if (rc != BZ_OK)
        return rc;
    if (member == 0)
        return bz_fail(e, BZ_ERR_UNAUTHENTICATED, "this session has ended already");
    *ret_member = member;
    return BZ_OK;
}

static enum bz_err link_issue(struct db *db, const struct command *cmd, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_LINK_ADD, "hiii", cmd->new_secret, cmd->member, cmd->expires_ms,
                                     cmd->uses), e);
    if (rc == BZ_OK && sqlite3_changes(db->sq) != 1)
        rc = bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such member");
    return rc;
}

enum bz_err personal_apply(struct db *db, const struct command *cmd, int64_t now_ms, bz_id *ret_member,
                           struct bz_error *e)
{
    if (cmd->kind == COMMAND_READ_MARK)
        return read_mark(db, cmd, e);
    if (cmd->kind == COMMAND_READ_ROOM)
        return read_room(db, cmd, e);
    if (cmd->kind == COMMAND_THREAD_FOLLOW)
        return follow(db, cmd, e);
    if (cmd->kind == COMMAND_MEMBER_BLOCK)
        return block(db, cmd, now_ms, e);
    if (cmd->kind == COMMAND_PROFILE_SET)
        return profile_apply(db, cmd, now_ms, e);
    if (cmd->kind == COMMAND_DIRECT_SET)
        return db_run(db, BIND(SQL_FROM, "ii", cmd->actor, (int64_t)cmd->from), e);
    if (cmd->kind == COMMAND_SESSION_OPEN)
        return session_open(db, cmd, now_ms, ret_member, e);
    if (cmd->kind == COMMAND_SESSION_CLOSE)
        return session_close(db, cmd, ret_member, e);
    if (cmd->kind == COMMAND_SEARCH_SAVE || cmd->kind == COMMAND_SEARCH_SEEN || cmd->kind == COMMAND_SEARCH_DROP)
        return saved_apply(db, cmd, now_ms, e);
    if (cmd->kind == COMMAND_EXPORT_BEGIN || cmd->kind == COMMAND_EXPORT_DONE)
        return export_apply(db, cmd, now_ms, e);
    assert(cmd->kind == COMMAND_LINK_ISSUE);
    return link_issue(db, cmd, e);
}

/* Whoever has no position where posts come from has read none of them; but of what goes back they read what they had. */
enum bz_err personal_moved(struct db *db, const struct entry *moved, enum posts_moved how, struct bz_error *e)
{
    int64_t without = how == MOVED_BACK ? INT64_MAX : 0;
    bz_id from = moved->subject, to = moved->thread, entry = id_make(moved->hub, moved->seq);
    enum bz_err rc = how == MOVED_APART ? db_run(db, BIND(SQL_READ_COPY, "ii", from, to), e)
                                        : db_run(db, BIND(SQL_READ_LOWER, "iiii", from, to, entry, without), e);
    if (rc != BZ_OK || how == MOVED_BACK)
        return rc;
    return db_run(db, BIND(SQL_FOLLOW_COPY, "iii", from, to, (int64_t)(how == MOVED_APART)), e);
}
