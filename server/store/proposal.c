#include "store/proposal.h"

#include "domain/kinds.h"
#include "domain/policy.h"
#include "store/apply.h"
#include "store/statement.h"

#define PROPOSAL_STATEMENTS(X)                                                                                     \
    X(SQL_SECOND, "SELECT 1 FROM member AS m JOIN room AS ra ON ra.id = ?2 JOIN room AS rb ON rb.id = ?3"          \
                  " WHERE m.id <> ?1 AND (m.role >= 2 OR m.id IN (SELECT member FROM given_role WHERE role >= 2))"  \
                  " AND " MODERATES("ra", "m.id", "m.role") " AND " MODERATES("rb", "m.id", "m.role")              \
                  " AND " CAN_SIGN_IN("m.id") " LIMIT 1")                                                           \
    X(SQL_PROPOSED_BY, "SELECT count(*) FROM matter WHERE room = ?2 AND member = ?1 AND ask IN (4, 5)"             \
                       " AND decided_ms IS NULL")                                                                  \
    X(SQL_PROPOSED, "SELECT id_of(json_extract(does, '$.thread')), id_of(json_extract(does, '$.room')),"           \
                    " id_of(json_extract(does, '$.to')), id_of(json_extract(does, '$.to_room')),"                  \
                    " json_extract(does, '$.title'), number_of('thread', json_extract(does, '$.type'))"            \
                    " FROM held WHERE id = ?1 AND does IS NOT NULL")                                               \
    X(SQL_PROPOSED_POSTS, "SELECT id_of(p.value) FROM held AS h, json_each(h.does, '$.posts') AS p WHERE h.id = ?1" \
                          " ORDER BY p.key LIMIT ?2")
STATEMENTS(PROPOSAL_STATEMENTS, proposal, true)

#define BIND(name, ...) db_bind(db, LIST_PROPOSAL, name, __VA_ARGS__)

static bool is_many(const struct command *cmd, const struct facts *f)
{
    bool is_move = cmd->kind == COMMAND_POST_MOVE, is_merge = cmd->kind == COMMAND_THREAD_MERGE;
    return (is_move && cmd->posts.count > BZ_LIMIT_SECOND_ABOVE) || (is_merge && f->thread.posts > BZ_LIMIT_SECOND_ABOVE);
}

enum bz_err proposal_second(struct db *db, const struct command *cmd, struct facts *f, struct bz_error *e)
{
    bool has_row;
    if (f->is_operator || cmd->approved != 0 || !is_many(cmd, f) || f->room.id == 0 || f->to_room.id == 0)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_SECOND, "iii", cmd->actor, f->room.id, f->to_room.id);
    enum bz_err rc = db_step(db, s, &f->has_second, e);
    if (rc != BZ_OK || !f->has_second)
        return rc;
    db_reset(s);
    s = BIND(SQL_PROPOSED_BY, "ii", cmd->actor, policy_closer(f)->id);
    rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    f->proposals = sqlite3_column_int64(s, 0);
    db_reset(s);
    return BZ_OK;
}

static enum bz_err load_posts(struct db *db, bz_id matter, struct arena *arena, struct id_list *ret, struct bz_error *e)
{
    bool has_row;
    enum bz_err rc;
    *ret = (struct id_list){ .at = arena_alloc(arena, BZ_LIMIT_IDS_MAX * sizeof(bz_id)), .is_present = true };
    sqlite3_stmt *s = BIND(SQL_PROPOSED_POSTS, "ii", matter, (int64_t)BZ_LIMIT_IDS_MAX);
    while ((rc = db_step(db, s, &has_row, e)) == BZ_OK && has_row)
        ret->at[ret->count++] = sqlite3_column_int64(s, 0);
    return rc;
}

static enum bz_err load_act(struct db *db, const struct facts *f, struct arena *arena, struct proposal_facts *ret,
                            bool *ret_is_there, struct bz_error *e)
{
    sqlite3_stmt *s = BIND(SQL_PROPOSED, "i", f->matter.id);
    enum bz_err rc = db_step(db, s, ret_is_there, e);
    if (rc != BZ_OK || !*ret_is_there)
        return rc;
    *ret = (struct proposal_facts){
        .thread = sqlite3_column_int64(s, 0),
        .room = sqlite3_column_int64(s, 1),
        .to_room = sqlite3_column_int64(s, 3),
        .cmd = {
            .kind = f->matter.ask == ASK_MOVE ? COMMAND_POST_MOVE : COMMAND_THREAD_MERGE,
            .actor = f->matter.member,
            .at_ms = f->now_ms,
            .approved = f->matter.id,
            .to_thread = sqlite3_column_int64(s, 2),
            .title = arena_copy(arena, column_span(s, 4)),
            .thread_kind = (enum thread_kind)sqlite3_column_int(s, 5),
        },
    };
    db_reset(s);
    if (f->matter.ask == ASK_MERGE) {
        ret->cmd.thread = ret->thread;
        return BZ_OK;
    }
    ret->cmd.to_room = ret->cmd.to_thread == 0 ? ret->to_room : 0;
    return load_posts(db, f->matter.id, arena, &ret->cmd.posts, e);
}

enum bz_err proposal_load(struct db *db, const struct command *cmd, struct arena *arena, struct facts *f,
                          struct bz_error *e)
{
    bool is_there;
    if (cmd->kind != COMMAND_REPORT_DECIDE || !ask_is_act(f->matter.ask))
        return BZ_OK;
    struct proposal_facts *p = arena_alloc(arena, sizeof *p);
    struct facts *theirs = arena_alloc(arena, sizeof *theirs), *own = arena_alloc(arena, sizeof *own);
    enum bz_err rc = load_act(db, f, arena, p, &is_there, e);
    if (rc != BZ_OK || !is_there)
        return rc;
    struct command as_own = p->cmd;
    as_own.actor = cmd->actor;
    p->theirs = theirs;
    p->own = own;
    if ((rc = facts_load(db, &p->cmd, arena, theirs, e)) != BZ_OK
        || (rc = facts_load(db, &as_own, arena, own, e)) != BZ_OK)
        return rc;
    f->proposal = p;
    return BZ_OK;
}
