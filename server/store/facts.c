#include "domain/facts.h"

#include <assert.h>

#include "domain/markup.h"
#include "domain/policy.h"
#include "store/apply.h"
#include "store/direct.h"
#include "store/filter.h"
#include "store/library.h"
#include "store/org.h"
#include "store/profile.h"
#include "store/request.h"
#include "store/proposal.h"
#include "store/matter.h"

#define FACTS_STATEMENTS(X)                                                                                         \
    X(SQL_MEMBER_ROLE, "SELECT role FROM member WHERE id = ?1 AND erased_ms IS NULL")                                                     \
    X(SQL_ROLE_HERE, "SELECT max(role) FROM given_role WHERE member = ?1 AND scope IN (?2, ?3)")                    \
    X(SQL_ROLE_GIVEN, "SELECT role FROM given_role WHERE member = ?1 AND scope = ?2")                               \
    X(SQL_OTHER_ADMINS, "SELECT count(*) FROM (SELECT 1 FROM member AS m WHERE m.role = 3 AND m.id <> ?1"           \
                        " AND NOT EXISTS (SELECT 1 FROM sanction AS s WHERE s.member = m.id AND s.scope = 0"        \
                        " AND s.act >= 3 AND " IN_FORCE("s", "?2") ") LIMIT 1)")                                    \
    /* Until when, by what it does; 9223372036854775807: without an end. */                                         \
    X(SQL_HELD, "SELECT max(CASE WHEN act = 2 THEN u END), max(CASE WHEN act >= 3 AND scope <> 0 THEN u END),"      \
                " max(CASE WHEN act >= 3 AND scope = 0 THEN u END) FROM (SELECT act, scope,"                        \
                " coalesce(until, 9223372036854775807) AS u FROM sanction WHERE member = ?1"                        \
                " AND scope IN (0, ?2, ?3) AND act > 1 AND pardon IS NULL)")                                        \
    X(SQL_SANCTION_OF, "SELECT id, member, scope, room, by, act, until, pardon IS NOT NULL, appeal IS NOT NULL"     \
                       " FROM sanction WHERE id = ?1")                                                              \
    X(SQL_ROOM_OF, "SELECT r.id, r.region, r.chat, r.access, r.lang, " IS_PART("r", "?2") ", " ROOM_SET("r")                 \
                   " FROM room AS r WHERE r.id = ?1")                                                               \
    X(SQL_WORDS_NOW, "SELECT words FROM room_words WHERE room = ?1")                                                \
    /* In this order: who never wrote in the room is told so without a walk over all that they wrote elsewhere, and   \
     * who just did is by the newest. */                                                                            \
    X(SQL_IS_KNOWN, "SELECT 1 FROM last_own AS lo CROSS JOIN post AS p INDEXED BY post_by CROSS JOIN thread AS t"   \
                    " ON t.id = p.thread WHERE lo.member = ?1 AND lo.room = ?2 AND p.by = ?1 AND t.room = ?2"       \
                    " AND p.redacted_at IS NULL AND NOT " IS_HIDDEN("p") " ORDER BY p.id DESC LIMIT 1")              \
    /* Of their first hundred posts, so that it ends: those that somebody who moderates there has read. */           \
    X(SQL_READ_OF, "WITH mods AS MATERIALIZED (SELECT id, 0 AS scope FROM member WHERE role >= 2"                    \
                   " UNION ALL SELECT member, scope FROM given_role WHERE role >= 2)"                               \
                   " SELECT count(*) FROM (SELECT 1 FROM (SELECT p.id, p.thread FROM post AS p INDEXED BY post_by"  \
                   " WHERE p.by = ?1 AND p.redacted_at IS NULL AND NOT " IS_HIDDEN("p") " ORDER BY p.id LIMIT 100) AS own" \
                   " CROSS JOIN thread AS t ON t.id = own.thread CROSS JOIN room AS r ON r.id = t.room"             \
                   " WHERE r.access <> 3 AND EXISTS (SELECT 1 FROM mods AS m CROSS JOIN read_pos AS rp ON rp.member = m.id"           \
                   " AND rp.thread = own.thread WHERE m.scope IN (0, r.id, r.region) AND m.id <> ?1 AND rp.seq >= own.id)" \
                   " LIMIT ?2)")                                                                                    \
    X(SQL_NTH_OWN, "SELECT at_ms FROM post INDEXED BY post_by WHERE by = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2 - 1") \
    X(SQL_LAST_ASKED, "SELECT max(rp.at_ms) FROM report AS rp JOIN matter AS m ON m.id = rp.matter"                 \
                      " WHERE rp.by = ?1 AND m.room = ?2 AND m.ask IN (1, 2)")                                      \
    X(SQL_WAITING, "SELECT count(*) FROM matter WHERE room = ?2 AND member = ?1 AND ask IN (1, 2)"                  \
                   " AND decided_ms IS NULL")                                                                       \
    X(SQL_HAS_ASKED, "SELECT 1 FROM matter WHERE room = ?2 AND member = ?1 AND ask = 3 AND decided_ms IS NULL")     \
    X(SQL_LAST_OWN, LAST_OWN("?1", "?2"))                                                                           \
    X(SQL_THREAD_OF, "SELECT id, room, by, answer, kind, is_locked, " IS_PINNED("thread") ", lang, title, merged_into,"  \
                     " posts, is_closed, is_archived, pinned_until, last_at,"     \
                     " " IS_FEATURED("thread") ", featured_until FROM thread WHERE id = ?1")             \
    X(SQL_POST_OF, "SELECT p.id, p.thread, p.by, p.redacted_at IS NOT NULL, p.text, p.lang, EXISTS (SELECT 1"       \
                   " FROM reaction WHERE post = ?1 AND emoji = ?2 AND member = ?3), hd.post IS NOT NULL, hd.by,"    \
                   " hd.appeal IS NOT NULL, (SELECT subject FROM journal WHERE id = p.moved), p.is_locked"          \
                   " FROM post AS p LEFT JOIN hidden AS hd ON hd.post = p.id WHERE p.id = ?1")                      \
    X(SQL_PLACE_OF, "SELECT n FROM post WHERE id = ?1 AND thread = ?2")                                             \
    X(SQL_ENDS_OF, "SELECT min(id), max(id) FROM post WHERE thread = ?1")                                           \
    /* The move among the entries of one act: its first bears the cid, those that follow have none. */              \
    X(SQL_MOVE_OF, "SELECT id, thread, subject,"                                                                    \
                   " json_extract(body, '$.merged') IS NOT NULL FROM journal AS j"                                  \
                   " WHERE id BETWEEN ?1 AND ?1 + 3 AND kind = 23 AND NOT EXISTS (SELECT 1 FROM journal AS o"       \
                   " WHERE o.id > ?1 AND o.id <= j.id AND o.cid IS NOT NULL) ORDER BY id LIMIT 1")                  \
    /* A move takes the answer of where the posts came from, its undo gives it back, the undo of that takes it again:   \
     * what counts is the first of them, seen from there. */                                                        \
    X(SQL_ANSWER_OF, "WITH RECURSIVE act(id, n) AS (VALUES(?1, 0) UNION ALL SELECT id_of(json_extract(j.body,"       \
                     " '$.undo')), n + 1 FROM act JOIN journal AS j ON j.id = act.id"                               \
                     " WHERE json_extract(j.body, '$.undo') IS NOT NULL LIMIT 1000)"                                 \
                     " SELECT id_of(json_extract(j.body, '$.answer')) FROM act JOIN journal AS j ON j.id = act.id"   \
                     " WHERE json_extract(j.body, '$.undo') IS NULL AND n % 2 = 0")                                  \
    X(SQL_MOVED_BY, "SELECT count(*) FROM post WHERE thread = ?1 AND moved = ?2")                                   \
    X(SQL_MATTER_OF, "SELECT id, room, thread, post, member, claimed_by, claimed_ms, is_appeal, decided_ms IS NOT NULL," \
                     " sanction, ask, opens, says FROM matter LEFT JOIN held USING (id) WHERE id = ?1")               \
    X(SQL_IS_OF_TWO, "SELECT 1" MATTER_SOURCE " WHERE m.id = ?1 AND " IS_OF_TWO("?2"))                              \
    X(SQL_IS_ANOTHERS, "SELECT 1" MATTER_SOURCE " WHERE m.id = ?1 AND r.id IS NOT NULL AND " IS_PARTY("?2")          \
                       " AND " IS_ANOTHERS("?2"))                                                                   \
    X(SQL_MATTER_OPEN, "SELECT m.id, (SELECT rp.id FROM report AS rp WHERE rp.matter = m.id AND rp.by = ?5)"       \
                       " FROM matter AS m WHERE m.room IS ?1 AND m.decided_ms IS NULL AND NOT m.is_appeal"           \
                       " AND m.ask IS NULL AND m.thread IS ?2 AND m.post IS ?3 AND m.member IS ?4")                                   \
    X(SQL_REGION_IS, "SELECT 1 FROM region WHERE id = ?1")                                                          \
    X(SQL_HUB_IS, "SELECT 1 FROM hub WHERE hub = 0")                                                                \
    X(SQL_REGION_SLUG, "SELECT 1 FROM region WHERE slug = ?1")                                                      \
    X(SQL_ROOM_SLUG, "SELECT 1 FROM room WHERE region = ?1 AND slug = ?2 AND access < 2")                          \
    X(SQL_EMAIL, "SELECT 1 FROM address WHERE key = ?1")                                                            \
    X(SQL_HANDLE, IS_HANDLE_TAKEN("?1"))                                                                            \
    X(SQL_IN_ROOM, "SELECT 1 FROM membership WHERE room = ?1 AND member = ?2")                                      \
    X(SQL_MENTIONED, "SELECT m.id FROM member AS m JOIN room AS r ON r.id = ?2 WHERE m.handle = ?1 AND "            \
                     CAN_READ("r", "m.id", "m.role") " AND NOT " IS_SUSPENDED("r", "m.id"))
STATEMENTS(FACTS_STATEMENTS, facts, true)

#define BIND(name, ...) db_bind(db, LIST_FACTS, name, __VA_ARGS__)

static enum bz_err exists(struct db *db, sqlite3_stmt *s, bool *ret, struct bz_error *e)
{
    enum bz_err rc = db_step(db, s, ret, e);
    if (rc == BZ_OK && *ret)
        db_reset(s);
    return rc;
}

static void copy_lang(char ret[BZ_LIMIT_LANG_CHARS + 1], struct span lang)
{
    size_t len = lang.len > BZ_LIMIT_LANG_CHARS ? BZ_LIMIT_LANG_CHARS : lang.len;
    if (len > 0)
        memcpy(ret, lang.at, len);
    ret[len] = '\0';
}

static enum bz_err load_member(struct db *db, bz_id member, struct member_facts *ret, struct bz_error *e)
{
    if (member == 0)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_MEMBER_ROLE, "i", member);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    enum role role = (enum role)sqlite3_column_int(s, 0);
    *ret = (struct member_facts){ member, role, role };
    db_reset(s);
    return BZ_OK;
}

static enum bz_err load_role_in(struct db *db, const struct member_facts *who, bz_id room, bz_id region, enum role *ret,
                                struct bz_error *e)
{
    int64_t role = 0;
    *ret = who->hub_role;
    if (who->id == 0 || region == 0)
        return BZ_OK;
    enum bz_err rc = db_number(db, BIND(SQL_ROLE_HERE, "iii", who->id, room, region), &role, e);
    if (role > (int64_t)*ret)
        *ret = (enum role)role;
    return rc;
}

static enum bz_err load_held(struct db *db, bz_id member, bz_id room, bz_id region, struct held_facts *ret,
                             struct bz_error *e)
{
    bool has_row;
    if (member == 0)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_HELD, "iii", member, room, region);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct held_facts){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2) };
    db_reset(s);
    return BZ_OK;
}

/* The region that the command is about, where it is not the room's. */
static bz_id region_of(const struct command *cmd, const struct facts *f)
{
    bool is_of_org = cmd->kind == COMMAND_ORG_SET || cmd->kind == COMMAND_ORG_MEMBER || cmd->kind == COMMAND_ORG_CONFIRM;
    if (cmd->request != 0)
        return f->request.region;
    return f->room.id != 0 ? f->room.region : f->sanction.id != 0 ? f->sanction.scope
         : f->collection.id != 0 ? f->collection.region
         : f->org.id != 0 && (is_of_org || cmd->region == 0) ? f->org.region : f->region;   /* a room's id is no region */
}

/* What the actor's role is in the room, or else the region, that the command is about, and what holds them there. */
static enum bz_err load_role_here(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    bz_id region = region_of(cmd, f);
    const struct room_facts *to = &f->to_room;
    enum bz_err rc = load_role_in(db, &f->actor, 0, region, &f->region_role, e);
    if (rc == BZ_OK)
        rc = load_role_in(db, &f->actor, f->room.id, region, &f->actor.role, e);
    f->actor.role = policy_role_in(f->actor.role, f->room.access);
    if (rc == BZ_OK)
        rc = load_role_in(db, &f->actor, to->id, to->region, &f->role_there, e);
    f->role_there = policy_role_in(f->role_there, to->access);
    if (rc == BZ_OK)
        rc = load_held(db, f->actor.id, f->room.id, region, &f->held, e);
    if (rc == BZ_OK && f->collection.id != 0) {
        rc = load_role_in(db, &f->actor, 0, f->collection.region, &f->role_there, e);
        return rc == BZ_OK ? load_held(db, f->actor.id, 0, f->collection.region, &f->held_there, e) : rc;
    }
    return rc == BZ_OK && to->id != 0 ? load_held(db, f->actor.id, to->id, to->region, &f->held_there, e) : rc;
}

/* Whom a decision of moderators is about. */
static bz_id concerned(const struct command *cmd, const struct facts *f)
{
    if (f->sanction.id != 0)
        return f->sanction.member;
    if (cmd->kind == COMMAND_MEMBER_ERASE || cmd->kind == COMMAND_MEMBER_SET)
        return cmd->member != 0 ? cmd->member : cmd->actor;
    return cmd->kind == COMMAND_REPORT_DECIDE ? policy_concerned(f, f->matter.post, f->matter.member) : cmd->member;
}

static bool is_judgement(enum command_kind kind)
{
    return kind == COMMAND_MEMBER_SANCTION || kind == COMMAND_MEMBER_PARDON || kind == COMMAND_REPORT_DECIDE;
}

/* Their role there, or the one that is to be replaced; and whether the hub would be left without an admin. */
static enum bz_err load_role_given(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    bz_id scope = cmd->room != 0 ? cmd->room : cmd->region;
    bool is_judged = is_judgement(cmd->kind);
    bool is_given = cmd->kind == COMMAND_MEMBER_ROLE || cmd->kind == COMMAND_MEMBER_ERASE || cmd->kind == COMMAND_INVITE_TAKE;
    if ((!is_given && !is_judged) || f->member.id == 0)
        return BZ_OK;
    if (is_judged) {
        enum bz_err rc = load_role_in(db, &f->member, f->room.id, region_of(cmd, f), &f->member.role, e);
        if (rc != BZ_OK)
            return rc;
    }
    if (scope == 0)
        return db_number(db, BIND(SQL_OTHER_ADMINS, "ii", f->member.id, f->now_ms), &f->other_admins, e);
    if (is_judged)
        return BZ_OK;
    int64_t role = ROLE_GUEST;
    enum bz_err rc = db_number(db, BIND(SQL_ROLE_GIVEN, "ii", f->member.id, scope), &role, e);
    f->member.role = (enum role)role;
    return rc;
}

static enum bz_err load_room(struct db *db, bz_id room, bz_id actor, struct room_facts *ret, struct bz_error *e)
{
    if (room == 0 || !is_within(db, room))
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_ROOM_OF, "ii", room, actor);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct room_facts){
        .id = sqlite3_column_int64(s, 0),
        .region = sqlite3_column_int64(s, 1),
        .chat = sqlite3_column_int64(s, 2),
        .access = (enum access)sqlite3_column_int(s, 3),
        .is_joined = sqlite3_column_int(s, 5) != 0,
        .set = room_set_of_row(s, 6),
    };
    copy_lang(ret->lang, column_span(s, 4));
    db_reset(s);
    return BZ_OK;
}

static enum bz_err load_thread(struct db *db, bz_id thread, struct arena *arena, struct thread_facts *ret,
                               struct bz_error *e)
{
    if (thread == 0)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_THREAD_OF, "i", thread);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct thread_facts){
        .id = sqlite3_column_int64(s, 0),
        .room = sqlite3_column_int64(s, 1),
        .author = sqlite3_column_int64(s, 2),
        .answer = sqlite3_column_int64(s, 3),
        .kind = (enum thread_kind)sqlite3_column_int(s, 4),
        .is_locked = sqlite3_column_int(s, 5) != 0,
        .is_pinned = sqlite3_column_int(s, 6) != 0,
        .title = arena_copy(arena, column_span(s, 8)),
        .merged_into = sqlite3_column_int64(s, 9),
        .posts = sqlite3_column_int64(s, 10),
        .is_closed = sqlite3_column_int(s, 11) != 0,
        .is_archived = sqlite3_column_int(s, 12) != 0,
        .pinned_until_ms = sqlite3_column_int64(s, 13),
        .last_ms = sqlite3_column_int64(s, 14),
        .is_featured = sqlite3_column_int(s, 15) != 0,
        .featured_until_ms = sqlite3_column_int64(s, 16),
    };
    copy_lang(ret->lang, column_span(s, 7));
    db_reset(s);
    return BZ_OK;
}

static enum bz_err load_post(struct db *db, bz_id post, const struct command *cmd, struct arena *arena,
                             struct post_facts *ret, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_POST_OF, "isi", post, cmd->emoji, cmd->actor);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct post_facts){
        .id = sqlite3_column_int64(s, 0),
        .thread = sqlite3_column_int64(s, 1),
        .author = sqlite3_column_int64(s, 2),
        .is_redacted = sqlite3_column_int(s, 3) != 0,
        .text = arena_copy(arena, column_span(s, 4)),
        .lang = arena_copy(arena, column_span(s, 5)),
        .has_reaction = sqlite3_column_int(s, 6) != 0,
        .is_hidden = sqlite3_column_int(s, 7) != 0,
        .hidden_by = sqlite3_column_int64(s, 8),
        .is_appealed = sqlite3_column_int(s, 9) != 0,
        .left = sqlite3_column_int64(s, 10),
        .is_locked = sqlite3_column_int(s, 11) != 0,
    };
    db_reset(s);
    return BZ_OK;
}

static enum bz_err load_matter(struct db *db, bz_id matter, struct arena *arena, struct matter_facts *ret,
                               struct bz_error *e)
{
    if (matter == 0)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_MATTER_OF, "i", matter);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct matter_facts){
        .id = sqlite3_column_int64(s, 0),
        .room = sqlite3_column_int64(s, 1),
        .thread = sqlite3_column_int64(s, 2),
        .post = sqlite3_column_int64(s, 3),
        .member = sqlite3_column_int64(s, 4),
        .claimed_by = sqlite3_column_int64(s, 5),
        .claimed_ms = sqlite3_column_int64(s, 6),
        .is_appeal = sqlite3_column_int(s, 7) != 0,
        .is_decided = sqlite3_column_int(s, 8) != 0,
        .sanction = sqlite3_column_int64(s, 9),
        .ask = (enum ask)sqlite3_column_int(s, 10),
        .opens = arena_copy(arena, column_span(s, 11)),
        .says = arena_copy(arena, column_span(s, 12)),
    };
    db_reset(s);
    return BZ_OK;
}

static enum bz_err load_sanction(struct db *db, bz_id sanction, struct sanction_facts *ret, struct bz_error *e)
{
    if (sanction == 0)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_SANCTION_OF, "i", sanction);
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    *ret = (struct sanction_facts){
        .id = sqlite3_column_int64(s, 0),
        .member = sqlite3_column_int64(s, 1),
        .scope = sqlite3_column_int64(s, 2),
        .room = sqlite3_column_int64(s, 3),
        .by = sqlite3_column_int64(s, 4),
        .act = (enum sanction)sqlite3_column_int(s, 5),
        .until_ms = sqlite3_column_int64(s, 6),
        .is_lifted = sqlite3_column_int(s, 7) != 0,
        .is_appealed = sqlite3_column_int(s, 8) != 0,
    };
    db_reset(s);
    return BZ_OK;
}

/* What waits already about the thing that is to be reported. */
static enum bz_err load_open_matter(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    bool has_row;
    bool is_flag = f->found.act == WORD_FLAG && (cmd->kind == COMMAND_POST_EDIT
                || cmd->kind == COMMAND_THREAD_RENAME || cmd->kind == COMMAND_THREAD_FIELDS);
    if ((cmd->kind != COMMAND_REPORT_CREATE && !is_flag) || f->room.id == 0)
        return BZ_OK;
    bool is_hubs = f->room.access == ACCESS_DIRECT;
    sqlite3_stmt *s = BIND(SQL_MATTER_OPEN, "nnnni", is_hubs ? 0 : f->room.id, is_hubs ? 0 : f->thread.id, cmd->post,
                           cmd->member, cmd->actor);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    f->open_matter = sqlite3_column_int64(s, 0);
    f->own_report = sqlite3_column_int64(s, 1);
    db_reset(s);
    return BZ_OK;
}

/* Title and description, looked at as if somebody wrote them there. */
static struct span told_of_link(const struct command *cmd, struct arena *arena)
{
    char *text = arena_alloc(arena, cmd->title.len + cmd->about.len + 1);
    if (cmd->title.len > 0)
        memcpy(text, cmd->title.at, cmd->title.len);
    text[cmd->title.len] = '\n';
    if (cmd->about.len > 0)
        memcpy(text + cmd->title.len + 1, cmd->about.at, cmd->about.len);
    return (struct span){ text, cmd->title.len + cmd->about.len + 1 };
}

static enum bz_err load_words(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f,
                              struct bz_error *e)
{
    bool has_row;
    if (cmd->kind == COMMAND_ROOM_SET && f->room.set.has_words) {
        sqlite3_stmt *s = BIND(SQL_WORDS_NOW, "i", f->room.id);
        enum bz_err rc = db_step(db, s, &has_row, e);
        if (rc != BZ_OK || !has_row)
            return rc;
        f->room.set.words = arena_copy(arena, column_span(s, 0));
        db_reset(s);
        return BZ_OK;
    }
    bool is_told = cmd->kind == COMMAND_LINK_TELL;
    bool is_said = is_told || cmd->kind == COMMAND_POST_CREATE || cmd->kind == COMMAND_THREAD_CREATE || cmd->kind == COMMAND_POST_EDIT
                || cmd->kind == COMMAND_THREAD_RENAME || cmd->kind == COMMAND_THREAD_FIELDS || cmd->kind == COMMAND_RESOURCE_PROMOTE;
    if (!is_said || !f->room.set.has_words)
        return BZ_OK;
    struct command said = { 0 };
    enum bz_err rc = is_told ? BZ_OK : library_said(db, cmd, arena, &said, e);
    if (is_told)
        said.text = told_of_link(cmd, arena);
    return rc != BZ_OK ? rc : filter_find(db, f->room.id, &said, arena, &f->found.act, &f->found.word, &f->found.in_files, e);
}

/* Whoever moderates nowhere and wrote little that moderators read. */
static enum bz_err load_new(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    const struct room_set *set = &f->room.set;
    bool minds = set->new_posts > 0 && (set->new_hour > 0 || set->new_links != LINKS_ALL || set->new_files != LINKS_ALL);
    int64_t seen = 0;
    if (!minds || f->is_operator || f->actor.role >= ROLE_MODERATOR)
        return BZ_OK;
    enum bz_err rc = db_number(db, BIND(SQL_READ_OF, "ii", cmd->actor, set->new_posts), &seen, e);
    f->is_new = seen < set->new_posts;
    if (rc != BZ_OK || !f->is_new || set->new_hour == 0)
        return rc;
    return db_number(db, BIND(SQL_NTH_OWN, "ii", cmd->actor, set->new_hour), &f->hour_own_ms, e);
}

/* What a room's settings ask about whoever wants to post or come in there. */
static enum bz_err load_standing(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    const struct room_set *set = &f->room.set;
    policy_plain(cmd, f);
    bool is_post = cmd->kind == COMMAND_POST_CREATE || cmd->kind == COMMAND_THREAD_CREATE || cmd->kind == COMMAND_RESOURCE_PROMOTE;
    enum bz_err rc = BZ_OK;
    if (cmd->kind == COMMAND_ROOM_JOIN && set->approve_join)
        return exists(db, BIND(SQL_HAS_ASKED, "ii", cmd->actor, f->room.id), &f->has_asked, e);
    bool is_edit = cmd->kind == COMMAND_POST_EDIT || cmd->kind == COMMAND_THREAD_FIELDS;
    if ((is_post || is_edit) && (rc = load_new(db, cmd, f, e)) != BZ_OK)
        return rc;
    bool may_hold = f->is_new || set->hold != HOLD_NONE || set->hold_threads || set->links == LINKS_HOLD || set->has_words;
    if (is_post && may_hold)
        rc = db_number(db, BIND(SQL_WAITING, "ii", cmd->actor, f->room.id), &f->waiting, e);
    if (rc == BZ_OK && is_post && set->hold == HOLD_FIRST)
        rc = exists(db, BIND(SQL_IS_KNOWN, "ii", cmd->actor, f->room.id), &f->is_known, e);
    if (rc != BZ_OK || !is_post || set->slow_s == 0)
        return rc;
    int64_t asked_ms = 0;
    if ((rc = db_number(db, BIND(SQL_LAST_OWN, "ii", cmd->actor, f->room.id), &f->last_own_ms, e)) != BZ_OK
        || (rc = db_number(db, BIND(SQL_LAST_ASKED, "ii", cmd->actor, f->room.id), &asked_ms, e)) != BZ_OK)
        return rc;
    if (asked_ms > f->last_own_ms)
        f->last_own_ms = asked_ms;
    return BZ_OK;
}

static enum bz_err load_name_taken(struct db *db, const struct command *cmd, const struct request_facts *request, bool *ret,
                                   struct bz_error *e)
{
    if (cmd->kind == COMMAND_HUB_INIT)
        return exists(db, BIND(SQL_HUB_IS, ""), ret, e);
    if (cmd->kind == COMMAND_REGION_CREATE)
        return exists(db, BIND(SQL_REGION_SLUG, "s", cmd->slug), ret, e);
    if (cmd->kind == COMMAND_ROOM_CREATE && cmd->access != ACCESS_PRIVATE)   /* a private one hides its slug, and minds none */
        return exists(db, BIND(SQL_ROOM_SLUG, "is", cmd->region, cmd->slug), ret, e);
    if (cmd->kind == COMMAND_MEMBER_ADD)
        return exists(db, BIND(SQL_HANDLE, "s", cmd->handle), ret, e);
    if (cmd->kind == COMMAND_ORG_CREATE)
        return org_is_there(db, cmd->name, cmd->country, ret, e);
    if (cmd->kind == COMMAND_REQUEST_DECIDE)
        return org_is_there(db, request->org, request->country, ret, e);
    return BZ_OK;
}

static enum bz_err load_email_taken(struct db *db, const struct command *cmd, bool *ret, struct bz_error *e)
{
    bool is_added = cmd->kind == COMMAND_MEMBER_ADD && cmd->email.at != NULL;
    return is_added ? exists(db, BIND(SQL_EMAIL, "s", cmd->email), ret, e) : BZ_OK;
}

static enum bz_err load_mentions(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    struct span handles[BZ_LIMIT_MENTIONS_MAX];
    if (f->room.id == 0 || cmd->text.at == NULL || memchr(cmd->text.at, '@', cmd->text.len) == NULL)
        return BZ_OK;
    size_t count = markup_handles(cmd->text, handles, BZ_LIMIT_MENTIONS_MAX);
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < count && rc == BZ_OK; i++) {
        if (handles[i].len > BZ_LIMIT_HANDLE_CHARS)
            continue;
        sqlite3_stmt *s = BIND(SQL_MENTIONED, "si", handles[i], f->room.id);
        bool has_row;
        rc = db_step(db, s, &has_row, e);
        if (rc != BZ_OK || !has_row)
            continue;
        f->mentions[f->mentions_count].id = sqlite3_column_int64(s, 0);
        memcpy(f->mentions[f->mentions_count].handle, handles[i].at, handles[i].len);
        f->mentions[f->mentions_count].handle[handles[i].len] = '\0';
        f->mentions_count++;
        db_reset(s);
    }
    return rc;
}

#define REDIRECTS_MAX 100   /* a thread merged into one that was merged into another … */

static enum bz_err load_may_read(struct db *db, const struct member_facts *who, bz_id room, bool *ret, struct bz_error *e)
{
    struct room_facts there = { 0 };
    enum role role;
    enum bz_err rc = load_room(db, room, who->id, &there, e);
    if (rc == BZ_OK)
        rc = load_role_in(db, who, room, there.region, &role, e);
    *ret = rc == BZ_OK && there.id != 0 && policy_can_read(role, there.access, there.is_joined);
    return rc;
}

/* The thread that is shown in the place of one that was merged, to whom that one was shown: else there is none. */
static enum bz_err load_shown(struct db *db, const struct member_facts *who, bz_id thread, struct arena *arena,
                              struct thread_facts *ret, struct bz_error *e)
{
    enum bz_err rc = load_thread(db, thread, arena, ret, e);
    for (int i = 0; rc == BZ_OK && ret->merged_into != 0 && i < REDIRECTS_MAX; i++) {
        bool may_read = who->id == 0;   /* the operator may */
        if (!may_read)
            rc = load_may_read(db, who, ret->room, &may_read, e);
        bz_id shown = ret->merged_into;
        if (rc == BZ_OK && !may_read)
            *ret = (struct thread_facts){ 0 };
        else if (rc == BZ_OK)
            rc = load_thread(db, shown, arena, ret, e);
    }
    return rc;
}

static enum bz_err load_undo(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f,
                             struct bz_error *e)
{
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_MOVE_OF, "i", id_make(0, cmd->seq));
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    bz_id there = sqlite3_column_int64(s, 1), from = sqlite3_column_int64(s, 2);
    f->undo = (struct undo_facts){ .entry = sqlite3_column_int64(s, 0), .is_merge = sqlite3_column_int(s, 3) != 0 };
    db_reset(s);
    if ((rc = db_number(db, BIND(SQL_ANSWER_OF, "i", f->undo.entry), &f->undo.answer, e)) != BZ_OK
        || (rc = load_thread(db, there, arena, &f->thread, e)) != BZ_OK
        || (rc = load_thread(db, from, arena, &f->to_thread, e)) != BZ_OK)
        return rc;
    s = BIND(SQL_MOVED_BY, "ii", there, f->undo.entry);
    rc = db_step(db, s, &has_row, e);
    if (rc == BZ_OK && has_row) {
        f->undo.posts = sqlite3_column_int64(s, 0);
        db_reset(s);
    }
    return rc;
}

static enum bz_err load_moving(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; rc == BZ_OK && i < cmd->posts.count && i < BZ_LIMIT_IDS_MAX; i++) {
        sqlite3_stmt *s = BIND(SQL_PLACE_OF, "ii", cmd->posts.at[i], f->thread.id);
        rc = db_step(db, s, &has_row, e);
        if (rc != BZ_OK || !has_row)
            continue;
        f->moving[f->moving_count++] = (struct moving_facts){ cmd->posts.at[i], sqlite3_column_int64(s, 0) };
        db_reset(s);
    }
    if (rc != BZ_OK || cmd->kind != COMMAND_THREAD_MERGE)
        return rc;
    sqlite3_stmt *s = BIND(SQL_ENDS_OF, "i", f->thread.id);
    rc = db_step(db, s, &has_row, e);
    if (rc == BZ_OK && has_row) {
        f->first_post = sqlite3_column_int64(s, 0);
        f->last_post = sqlite3_column_int64(s, 1);
        db_reset(s);
    }
    return rc;
}

/* Where something goes: the thread named, else the room named, else (new threads of moved posts) the same room. */
static enum bz_err load_target(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f,
                               struct bz_error *e)
{
    enum bz_err rc = cmd->to_thread != 0 ? load_shown(db, &f->actor, cmd->to_thread, arena, &f->to_thread, e) : BZ_OK;
    bz_id room = f->to_thread.id != 0 || cmd->to_thread != 0 ? f->to_thread.room : cmd->to_room;
    if (room == 0 && cmd->kind == COMMAND_POST_MOVE && cmd->to_thread == 0 && cmd->to_room == 0)
        room = f->thread.room;
    return rc == BZ_OK ? load_room(db, room, cmd->actor, &f->to_room, e) : rc;
}

static bz_id first_of(const struct id_list *posts)
{
    bz_id first = 0;
    for (size_t i = 0; i < posts->count; i++)
        if (first == 0 || posts->at[i] < first)
            first = posts->at[i];
    return first;
}

/* The thing that is spoken of, from the post up to the room, and where it is to go. */
static enum bz_err load_place(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f,
                              struct bz_error *e)
{
    enum bz_err rc = load_matter(db, cmd->matter, arena, &f->matter, e);
    if (rc == BZ_OK && cmd->collection != 0)
        rc = library_collection(db, cmd, arena, &f->collection, e);
    if (rc == BZ_OK && cmd->organisation != 0)
        rc = org_facts(db, cmd, arena, &f->org, e);
    if (rc == BZ_OK && cmd->request != 0)
        rc = request_facts(db, cmd, arena, &f->request, e);
    if (rc == BZ_OK)
        rc = load_sanction(db, cmd->sanction != 0 ? cmd->sanction : f->matter.sanction, &f->sanction, e);
    bz_id post = cmd->posts.count > 0 ? first_of(&cmd->posts) : cmd->post != 0 ? cmd->post : f->matter.post;
    if (rc == BZ_OK && post != 0)
        rc = load_post(db, post, cmd, arena, &f->post, e);
    if (rc == BZ_OK && cmd->reply_to != 0)
        rc = load_post(db, cmd->reply_to, cmd, arena, &f->reply, e);
    if (rc == BZ_OK && cmd->kind == COMMAND_THREAD_UNDO)
        rc = load_undo(db, cmd, arena, f, e);
    else if (rc == BZ_OK && (cmd->kind == COMMAND_POST_CREATE || f->matter.ask != 0))
        rc = load_shown(db, &f->actor, cmd->thread != 0 ? cmd->thread : f->matter.thread, arena, &f->thread, e);
    else if (rc == BZ_OK)
        rc = load_thread(db, cmd->thread != 0 ? cmd->thread : post != 0 ? f->post.thread : f->matter.thread, arena,
                         &f->thread, e);
    bz_id other = f->sanction.id != 0 ? f->sanction.room : f->matter.room;
    bool is_hubs = f->matter.id != 0 && f->matter.room == 0;   /* what it is about stands where its judges do not look */
    bz_id room = cmd->room != 0 ? cmd->room : f->thread.id != 0 && !is_hubs ? f->thread.room : other;
    if (rc == BZ_OK && cmd->kind == COMMAND_DIRECT_OPEN)
        rc = direct_room(db, cmd->actor, cmd->member, &room, e);
    if (rc == BZ_OK)
        rc = load_room(db, room, cmd->actor, &f->room, e);
    if (rc == BZ_OK && cmd->kind == COMMAND_DIRECT_OPEN)
        rc = load_thread(db, f->room.chat, arena, &f->thread, e);
    if (rc == BZ_OK)
        rc = load_target(db, cmd, arena, f, e);
    return rc == BZ_OK ? load_moving(db, cmd, f, e) : rc;
}

enum bz_err facts_load(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret,
                       struct bz_error *e)
{
    struct facts *f = ret;
    int64_t head_seq, head_at_ms;
    bool is_there = false;
    *f = (struct facts){ .hubs = &db->hubs, .is_operator = cmd->actor == 0, .room_is_named = cmd->room != 0 };
    enum bz_err rc = db_head(db, &head_seq, &head_at_ms, e);
    if (rc != BZ_OK)
        return rc;
    f->next_seq = head_seq + 1;
    f->now_ms = cmd->at_ms != 0 ? cmd->at_ms : db->env->now_ms(db->env->ctx);
    if (f->now_ms < head_at_ms)
        f->now_ms = head_at_ms;
    if (cmd->region != 0) {
        if ((rc = exists(db, BIND(SQL_REGION_IS, "i", cmd->region), &is_there, e)) != BZ_OK)
            return rc;
        f->region = is_there ? cmd->region : 0;
    }
    if ((rc = load_member(db, cmd->actor, &f->actor, e)) != BZ_OK
        || (rc = load_place(db, cmd, arena, f, e)) != BZ_OK
        || (rc = load_member(db, concerned(cmd, f), &f->member, e)) != BZ_OK
        || (rc = load_role_here(db, cmd, f, e)) != BZ_OK || (rc = load_role_given(db, cmd, f, e)) != BZ_OK
        || (rc = load_standing(db, cmd, f, e)) != BZ_OK || (rc = load_words(db, cmd, arena, f, e)) != BZ_OK
        || (rc = load_name_taken(db, cmd, &f->request, &f->name_taken, e)) != BZ_OK
        || (rc = load_email_taken(db, cmd, &f->email_taken, e)) != BZ_OK)
        return rc;
    if (f->member.id != 0 && f->room.id != 0
        && (rc = exists(db, BIND(SQL_IN_ROOM, "ii", f->room.id, f->member.id), &f->member_is_joined, e)) != BZ_OK)
        return rc;
    if (f->matter.ask != 0 && (rc = load_held(db, f->member.id, f->room.id, f->room.region, &f->member_held, e)) != BZ_OK)
        return rc;
    bool judges = cmd->kind == COMMAND_REPORT_CLAIM || cmd->kind == COMMAND_REPORT_DECIDE;
    if (judges && (rc = exists(db, BIND(SQL_IS_OF_TWO, "ii", f->matter.id, cmd->actor), &f->matter.is_of_two, e)) != BZ_OK)
        return rc;
    if (judges && (rc = exists(db, BIND(SQL_IS_ANOTHERS, "ii", f->matter.id, cmd->actor), &f->matter.is_anothers, e)) != BZ_OK)
        return rc;
    if ((rc = proposal_second(db, cmd, f, e)) != BZ_OK || (rc = proposal_load(db, cmd, arena, f, e)) != BZ_OK
        || (rc = load_open_matter(db, cmd, f, e)) != BZ_OK || (rc = direct_load(db, cmd, f, e)) != BZ_OK
        || (rc = library_facts(db, cmd, arena, f, e)) != BZ_OK || (rc = profile_facts(db, cmd, arena, f, e)) != BZ_OK)
        return rc;
    return load_mentions(db, cmd, f, e);
}
