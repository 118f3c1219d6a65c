#include "domain/facts.h"

#include <assert.h>

#include "domain/markup.h"
#include "store/apply.h"
#include "store/statement.h"

#define FACTS_STATEMENTS(X)                                                                                         \
    X(SQL_MEMBER_ROLE, "SELECT role FROM member WHERE id = ?1")                                                     \
    X(SQL_ROLE_HERE, "SELECT max(role) FROM given_role WHERE member = ?1 AND scope IN (?2, ?3)")                    \
    X(SQL_ROLE_GIVEN, "SELECT role FROM given_role WHERE member = ?1 AND scope = ?2")                               \
    X(SQL_ADMINS, "SELECT count(*) FROM (SELECT 1 FROM member WHERE role = 3 LIMIT 2)")                             \
    X(SQL_ROOM_OF, "SELECT r.id, r.region, r.chat, r.access, r.lang, " IS_PART("r", "?2")                           \
                   " FROM room AS r WHERE r.id = ?1")                                                               \
    X(SQL_THREAD_OF, "SELECT id, room, by, answer, kind, is_locked, is_pinned, lang, title FROM thread"             \
                     " WHERE id = ?1")                                                                              \
    X(SQL_POST_OF, "SELECT p.id, p.thread, p.by, p.redacted_at IS NOT NULL, p.text, p.lang, EXISTS (SELECT 1"       \
                   " FROM reaction WHERE post = ?1 AND emoji = ?2 AND member = ?3), " IS_HIDDEN("p")                \
                   " FROM post AS p WHERE p.id = ?1")                                                               \
    X(SQL_REGION_IS, "SELECT 1 FROM region WHERE id = ?1")                                                          \
    X(SQL_HUB_IS, "SELECT 1 FROM hub WHERE hub = 0")                                                                \
    X(SQL_REGION_SLUG, "SELECT 1 FROM region WHERE slug = ?1")                                                      \
    X(SQL_ROOM_SLUG, "SELECT 1 FROM room WHERE region = ?1 AND slug = ?2 AND access <> 2")                          \
    X(SQL_HANDLE, "SELECT 1 FROM member WHERE handle = ?1")                                                         \
    X(SQL_IN_ROOM, "SELECT 1 FROM membership WHERE room = ?1 AND member = ?2")                                      \
    X(SQL_MENTIONED, "SELECT m.id FROM member AS m JOIN room AS r ON r.id = ?2 WHERE m.handle = ?1 AND "            \
                     CAN_READ("r", "m.id", "m.role"))
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

/* One number of a statement that answers at most one row; NULL and no row leave it as it is. */
static enum bz_err load_number(struct db *db, sqlite3_stmt *s, int64_t *ret, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    if (sqlite3_column_type(s, 0) == SQLITE_INTEGER)
        *ret = sqlite3_column_int64(s, 0);
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
    enum bz_err rc = load_number(db, BIND(SQL_ROLE_HERE, "iii", who->id, room, region), &role, e);
    if (role > (int64_t)*ret)
        *ret = (enum role)role;
    return rc;
}

/* What the actor's role is in the room, or else the region, that the command is about. */
static enum bz_err load_role_here(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    bz_id region = f->room.id != 0 ? f->room.region : cmd->region;
    enum bz_err rc = load_role_in(db, &f->actor, f->room.id, region, &f->actor.role, e);
    return rc == BZ_OK ? load_role_in(db, &f->actor, f->to_room.id, f->to_room.region, &f->role_there, e) : rc;
}

/* The role that is to be replaced, and whether the hub would be left without an admin. */
static enum bz_err load_role_given(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    bz_id scope = cmd->room != 0 ? cmd->room : cmd->region;
    if (cmd->kind != COMMAND_MEMBER_ROLE || f->member.id == 0)
        return BZ_OK;
    if (scope == 0)
        return load_number(db, BIND(SQL_ADMINS, ""), &f->admins, e);
    int64_t role = ROLE_GUEST;
    enum bz_err rc = load_number(db, BIND(SQL_ROLE_GIVEN, "ii", f->member.id, scope), &role, e);
    f->member.role = (enum role)role;
    return rc;
}

static enum bz_err load_room(struct db *db, bz_id room, bz_id actor, struct room_facts *ret, struct bz_error *e)
{
    if (room == 0)
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
    };
    db_reset(s);
    return BZ_OK;
}

static enum bz_err load_name_taken(struct db *db, const struct command *cmd, bool *ret, struct bz_error *e)
{
    if (cmd->kind == COMMAND_HUB_INIT)
        return exists(db, BIND(SQL_HUB_IS, ""), ret, e);
    if (cmd->kind == COMMAND_REGION_CREATE)
        return exists(db, BIND(SQL_REGION_SLUG, "s", cmd->slug), ret, e);
    if (cmd->kind == COMMAND_ROOM_CREATE && cmd->access != ACCESS_PRIVATE)   /* a private one hides its slug, and minds none */
        return exists(db, BIND(SQL_ROOM_SLUG, "is", cmd->region, cmd->slug), ret, e);
    if (cmd->kind == COMMAND_MEMBER_ADD)
        return exists(db, BIND(SQL_HANDLE, "s", cmd->handle), ret, e);
    return BZ_OK;
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

/* The thing that is spoken of, from the post up to the room. */
static enum bz_err load_place(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f,
                              struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (cmd->post != 0)
        rc = load_post(db, cmd->post, cmd, arena, &f->post, e);
    if (rc == BZ_OK && cmd->reply_to != 0)
        rc = load_post(db, cmd->reply_to, cmd, arena, &f->reply, e);
    if (rc == BZ_OK)
        rc = load_thread(db, cmd->thread != 0 ? cmd->thread : f->post.thread, arena, &f->thread, e);
    if (rc == BZ_OK)
        rc = load_room(db, cmd->room != 0 ? cmd->room : f->thread.room, cmd->actor, &f->room, e);
    if (rc == BZ_OK)
        rc = load_room(db, cmd->to_room, cmd->actor, &f->to_room, e);
    return rc;
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
    if ((rc = load_member(db, cmd->actor, &f->actor, e)) != BZ_OK
        || (rc = load_member(db, cmd->member, &f->member, e)) != BZ_OK
        || (rc = load_place(db, cmd, arena, f, e)) != BZ_OK
        || (rc = load_role_here(db, cmd, f, e)) != BZ_OK || (rc = load_role_given(db, cmd, f, e)) != BZ_OK
        || (rc = load_name_taken(db, cmd, &f->name_taken, e)) != BZ_OK)
        return rc;
    if (cmd->region != 0) {
        if ((rc = exists(db, BIND(SQL_REGION_IS, "i", cmd->region), &is_there, e)) != BZ_OK)
            return rc;
        f->region = is_there ? cmd->region : 0;
    }
    if (f->member.id != 0 && f->room.id != 0
        && (rc = exists(db, BIND(SQL_IN_ROOM, "ii", f->room.id, f->member.id), &f->member_is_joined, e)) != BZ_OK)
        return rc;
    return load_mentions(db, cmd, f, e);
}
