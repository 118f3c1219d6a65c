#include <stdlib.h>

#include "baraza/limits.h"
#include "store/account.h"
#include "store/query.h"
#include "store/statement.h"
#include "store/words.h"

#define MEMBER_COLUMNS "m.id, m.region, m.role, m.handle, m.name, m.org, m.city, m.country, m.lang"
/* ?3 = 0: any room; else a room that the viewer may find, and only who can read it. */
#define OF_ROOM                                                                                      \
    " AND (?3 = 0 OR EXISTS (SELECT 1 FROM room AS r WHERE r.id = ?3 AND " CAN_FIND("r", "?1", "?2") \
    " AND " CAN_READ("r", "m.id", "m.role") "))"

/* A program that is bound to rooms sees who is part of them, and who asks. */
#define IS_NEAR                                                                                      \
    "(is_within(0) OR EXISTS (SELECT 1 FROM membership AS mw WHERE mw.member = m.id AND is_within(mw.room)))"

/* By handle and name; the index holds organisation and city, too. */
#define CALLED(words) "'{handle name} : (' || " words " || ')'"

#define MEMBER_STATEMENTS(X)                                                                                   \
    X(SQL_FOUND, "SELECT 1 FROM room AS r WHERE r.id = ?3 AND " CAN_FIND("r", "?1", "?2"))                     \
    X(SQL_MEMBER, "SELECT " MEMBER_COLUMNS " FROM member AS m WHERE m.id = ?1")                                \
    X(SQL_NEAR, "SELECT " MEMBER_COLUMNS " FROM member AS m WHERE m.id = ?1 AND " IS_NEAR)                     \
    X(SQL_ME, "SELECT " MEMBER_COLUMNS ", (SELECT group_concat(blocked) FROM blocked WHERE member = ?1 AND is_within(0))"       \
              " FROM member AS m WHERE m.id = ?1")                                                             \
    X(SQL_BY_HANDLE, "SELECT " MEMBER_COLUMNS " FROM member AS m WHERE m.handle = ?1")                         \
    X(SQL_ALL, "SELECT " MEMBER_COLUMNS " FROM member AS m WHERE m.erased_ms IS NULL" OF_ROOM " AND " IS_NEAR " ORDER BY m.handle LIMIT ?4")     \
    X(SQL_PREFIX, "SELECT " MEMBER_COLUMNS " FROM member_fts JOIN member AS m ON m.id = member_fts.rowid"      \
                  " WHERE member_fts MATCH " CALLED("?5") OF_ROOM " AND " IS_NEAR " ORDER BY m.handle LIMIT ?4")               \
    X(SQL_CALLED, "SELECT " MEMBER_COLUMNS " FROM member_fts JOIN member AS m ON m.id = member_fts.rowid"      \
                  " WHERE member_fts MATCH " CALLED("?1") " ORDER BY m.handle LIMIT ?2")                       \
    /* Those besides, as they come: half a hub may work in one city. */                                        \
    X(SQL_WORKING, "SELECT " MEMBER_COLUMNS " FROM member_fts CROSS JOIN member AS m ON m.id = member_fts.rowid" \
                   " WHERE member_fts MATCH '(' || ?1 || ') NOT ' || " CALLED("?1")                            \
                   " ORDER BY member_fts.rowid LIMIT ?2")                                                      \
    X(SQL_BLOCKED, "SELECT " MEMBER_COLUMNS " FROM blocked AS b JOIN member AS m ON m.id = b.blocked"            \
                   " WHERE b.member = ?1 ORDER BY b.at_ms DESC, b.blocked DESC")                               \
    X(SQL_SESSION, "SELECT m.id, m.role, s.expires_ms, s.seen_ms, s.kind IN (3, 5, 6) AND NOT s.is_strong,"    \
                   " m.role >= 2 OR EXISTS (SELECT 1 FROM given_role AS g WHERE g.member = m.id AND g.role >= 2)," \
                   " s.kind, s.scopes, s.rooms FROM session AS s JOIN member AS m ON m.id = s.member"                                     \
                   " WHERE s.hash = ?1 AND s.expires_ms > ?2 AND (s.kind = 2 OR s.seen_ms > ?3)")
STATEMENTS(MEMBER_STATEMENTS, member, false)

#define BEGINNING_CHARS 3   /* of the last word of a search */

#define BIND(name, ...) db_bind(db, LIST_MEMBER, name, __VA_ARGS__)

static enum bz_err visit_all(struct db *db, sqlite3_stmt *s, member_visit visit, void *ctx, int *ret_count,
                             struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row) {
        struct member_row row = {
            .id = sqlite3_column_int64(s, 0),
            .region = sqlite3_column_int64(s, 1),
            .role = (enum role)sqlite3_column_int(s, 2),
            .handle = column_span(s, 3),
            .name = column_span(s, 4),
            .org = column_span(s, 5),
            .city = column_span(s, 6),
            .country = column_span(s, 7),
            .lang = column_span(s, 8),
        };
        if (sqlite3_column_count(s) > 9)
            row.blocked = column_span(s, 9);
        visit(ctx, &row);
        ++*ret_count;
    }
    return rc;
}

static enum bz_err visit_one(struct db *db, sqlite3_stmt *s, member_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    enum bz_err rc = visit_all(db, s, visit, ctx, &count, e);
    return rc == BZ_OK && count == 0 ? bz_fail(e, BZ_ERR_NOT_FOUND, "there is no such member") : rc;
}

enum bz_err query_member(struct db *db, bz_id member, member_visit visit, void *ctx, struct bz_error *e)
{
    return visit_one(db, BIND(SQL_MEMBER, "i", member), visit, ctx, e);
}

enum bz_err query_member_near(struct db *db, bz_id member, member_visit visit, void *ctx, struct bz_error *e)
{
    return visit_one(db, BIND(SQL_NEAR, "i", member), visit, ctx, e);
}

enum bz_err query_me(struct db *db, bz_id member, member_visit visit, void *ctx, struct bz_error *e)
{
    return visit_one(db, BIND(SQL_ME, "i", member), visit, ctx, e);
}

enum bz_err query_member_by_handle(struct db *db, struct span handle, member_visit visit, void *ctx,
                                   struct bz_error *e)
{
    return visit_one(db, BIND(SQL_BY_HANDLE, "s", handle), visit, ctx, e);
}

/* No room is every room; one that the viewer cannot find is none. */
static enum bz_err find_room(struct db *db, struct viewer v, bz_id room, struct bz_error *e)
{
    bool is_there = false;
    if (room == 0)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_FOUND, "iii", v.member, (int64_t)v.role, room);
    enum bz_err rc = db_step(db, s, &is_there, e);
    if (rc != BZ_OK)
        return rc;
    if (!is_there)
        return bz_fail(e, BZ_ERR_NOT_FOUND, "there is nothing here, or it is not open to you");
    db_reset(s);
    return BZ_OK;
}

enum bz_err query_members(struct db *db, struct viewer v, struct span prefix, bz_id room, int limit,
                          member_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    int64_t role = v.role;
    enum bz_err rc = find_room(db, v, room, e);
    if (rc != BZ_OK)
        return rc;
    if (prefix.at == NULL || prefix.len == 0)
        return visit_all(db, BIND(SQL_ALL, "iiii", v.member, role, room, (int64_t)limit), visit, ctx, &count, e);
    struct words words;
    words_split(prefix, &words);
    char match[WORDS_MATCH_BYTES];
    if (words.count == 0)
        return BZ_OK;
    words_match(&words, 1, match);
    return visit_all(db, BIND(SQL_PREFIX, "iiiis", v.member, role, room, (int64_t)limit, span_of(match)), visit, ctx,
                     &count, e);
}

enum bz_err query_members_found(struct db *db, struct span text, int limit, member_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    struct words words;
    char match[WORDS_MATCH_BYTES];
    words_split(text, &words);
    if (words.count == 0)
        return BZ_OK;
    words_match(&words, BEGINNING_CHARS, match);
    enum bz_err rc = visit_all(db, BIND(SQL_CALLED, "si", span_of(match), (int64_t)limit), visit, ctx, &count, e);
    if (rc == BZ_OK && count < limit)
        rc = visit_all(db, BIND(SQL_WORKING, "si", span_of(match), (int64_t)(limit - count)), visit, ctx, &count, e);
    return rc;
}

enum bz_err query_blocked(struct db *db, struct viewer v, member_visit visit, void *ctx, struct bz_error *e)
{
    int count = 0;
    return visit_all(db, BIND(SQL_BLOCKED, "i", v.member), visit, ctx, &count, e);
}

/* A list of numbers as token_rooms writes it. */
static void take_rooms(struct span json, struct session_found *ret)
{
    const char *at = json.at;
    while (ret->rooms_count < BZ_LIMIT_TOKEN_ROOMS && at != NULL && (*at == '[' || *at == ',')) {
        char *end;
        long long room = strtoll(at + 1, &end, 10);
        if (end == at + 1)
            break;
        ret->rooms[ret->rooms_count++] = room;
        at = end;
    }
}

enum bz_err query_session(struct db *db, const unsigned char hash[32], int64_t now_ms, struct viewer *ret,
                          struct session_found *ret_session, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_SESSION, "hii", hash, now_ms, now_ms - SESSION_IDLE_MS);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    if (!has_row)
        return bz_fail(e, BZ_ERR_UNAUTHENTICATED, "you are not signed in, or your session has ended");
    *ret = (struct viewer){ sqlite3_column_int64(s, 0), (enum role)sqlite3_column_int(s, 1) };
    *ret_session = (struct session_found){ .expires_ms = sqlite3_column_int64(s, 2), .seen_ms = sqlite3_column_int64(s, 3),
                                           .is_single = sqlite3_column_int(s, 4) != 0, .moderates = sqlite3_column_int(s, 5) != 0,
                                           .is_bound = sqlite3_column_type(s, 8) != SQLITE_NULL };
    bool is_token = sqlite3_column_int(s, 6) == SESSION_TOKEN;
    if (sqlite3_column_type(s, 7) != SQLITE_NULL)
        ret_session->scopes = (unsigned)sqlite3_column_int(s, 7) & SCOPES_OF_TOKENS;
    else
        ret_session->scopes = is_token ? SCOPES_OF_OPERATOR : SCOPES_OF_PEOPLE;
    take_rooms(column_span(s, 8), ret_session);
    db_reset(s);
    return BZ_OK;
}
