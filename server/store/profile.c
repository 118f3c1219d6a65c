#include "store/profile.h"

#include "baraza/limits.h"
#include "domain/kinds.h"
#include "store/apply.h"
#include "store/statement.h"

#define PROFILE_STATEMENTS(X)                                                                                        \
    X(SQL_SAID, "SELECT name, org, city, country, lang, region, EXISTS (SELECT 1 FROM org_member WHERE member = ?1) FROM member" \
                " WHERE id = ?1 AND erased_ms IS NULL")                           \
    X(SQL_SILENCED, "SELECT 1 FROM sanction AS s WHERE s.member = ?1 AND s.scope = 0 AND s.act >= 2 AND "            \
                    IN_FORCE("s", "?2"))                                                                             \
    /* A retired theme stays where it is, and comes to nobody else. */                                               \
    X(SQL_NO_THEME, "SELECT j.value FROM json_each(?3) AS j WHERE NOT EXISTS (SELECT 1 FROM theme AS t"              \
                    " WHERE t.slug = j.value AND NOT t.retired) AND NOT EXISTS (SELECT 1 FROM profile_key AS k"      \
                    " WHERE k.member = ?1 AND k.field = ?2 AND k.value = j.value) LIMIT 1")                          \
    X(SQL_PROFILE, "INSERT INTO profile(member, at_ms, peers) SELECT id, ?2, coalesce(?3 - 1, 0) FROM member WHERE id = ?1" \
                   " ON CONFLICT(member) DO UPDATE SET at_ms = excluded.at_ms, peers = coalesce(?3 - 1, peers)")     \
    /* ?4: 1 + the circle, or NULL: as it is, else who shares a room; how to reach somebody: nobody. ?6: the value is new. */ \
    X(SQL_FIELD, "INSERT INTO profile_field(member, field, shown, value, words) VALUES(?1, ?2,"                      \
                 " coalesce(?4 - 1, CASE ?2 WHEN 9 THEN 0 ELSE 1 END), ?3, ?5) ON CONFLICT(member, field) DO UPDATE" \
                 " SET shown = coalesce(?4 - 1, shown), value = CASE WHEN ?6 THEN excluded.value ELSE value END,"    \
                 " words = CASE WHEN ?6 THEN excluded.words ELSE words END")                                         \
    X(SQL_CLEAR, "UPDATE profile_field SET value = NULL, words = NULL WHERE member = ?1 AND field = ?2")             \
    X(SQL_WORDS, "SELECT words_of(?1)")                                                                              \
    X(SQL_UNKEY, "DELETE FROM profile_key WHERE member = ?1 AND field = ?2")                                         \
    X(SQL_KEYS, "INSERT OR IGNORE INTO profile_key(member, field, value) SELECT ?1, ?2, value FROM json_each(?3)"    \
                " UNION SELECT ?1, ?2, substr(value, 1, instr(value || '-', '-') - 1) FROM json_each(?3) WHERE ?2 = 2") \
    X(SQL_KEY, "INSERT INTO profile_key(member, field, value) VALUES(?1, ?2, ?3)")
STATEMENTS(PROFILE_STATEMENTS, profile, true)

#define BIND(name, ...) db_bind(db, LIST_PROFILE, name, __VA_ARGS__)

#define WORDS_BYTES_MAX (4 * BZ_LIMIT_PROFILE_BYTES)

static const bool is_list[PROFILE_END] = { [PROFILE_LANGUAGES] = true, [PROFILE_THEMES] = true, [PROFILE_CAN_THEMES] = true };
/* How to reach somebody is found by no word. */
static const bool is_searched[PROFILE_END] = {
    [PROFILE_TITLE] = true, [PROFILE_CAN] = true, [PROFILE_SEEKS] = true, [PROFILE_ABOUT] = true };

enum bz_err profile_facts(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret, struct bz_error *e)
{
    bool has_row;
    struct span *const texts[] = { &ret->said.name, &ret->said.org, &ret->said.city, &ret->said.country, &ret->said.lang };
    if (cmd->kind != COMMAND_MEMBER_SET || ret->member.id == 0)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_SAID, "i", ret->member.id);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
        if (column_span(s, i).at != NULL)
            *texts[i] = arena_copy(arena, column_span(s, i));
    ret->said.region = sqlite3_column_int64(s, 5);
    ret->said.is_in_org = sqlite3_column_int(s, 6) != 0;
    db_reset(s);
    return BZ_OK;
}

static enum bz_err check_silenced(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    bool is_silenced;
    sqlite3_stmt *s = BIND(SQL_SILENCED, "ii", cmd->actor, now_ms);
    enum bz_err rc = db_step(db, s, &is_silenced, e);
    if (rc != BZ_OK || !is_silenced)
        return rc;
    db_reset(s);
    return bz_fail(e, BZ_ERR_FORBIDDEN, "you are silenced here: sanction.mine says why, sanction.appeal asks others to look");
}

static enum bz_err check_themes(struct db *db, const struct command *cmd, enum profile_field field, struct bz_error *e)
{
    bool is_none;
    if (field == PROFILE_LANGUAGES || cmd->profile.value[field].at == NULL)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_NO_THEME, "iis", cmd->actor, (int64_t)field, cmd->profile.value[field]);
    enum bz_err rc = db_step(db, s, &is_none, e);
    if (rc != BZ_OK || !is_none)
        return rc;
    db_reset(s);
    return bz_invalid(e, profile_field_wire(field), "%s: one of them is no theme of this hub", profile_field_wire(field));
}

/* What is found by words, as it is looked for; `ret` is empty for what is not. */
static enum bz_err words_of_field(struct db *db, enum profile_field field, struct span value, struct buf *ret, struct bz_error *e)
{
    bool has_row;
    if (!is_searched[field] || value.at == NULL)
        return BZ_OK;
    sqlite3_stmt *s = BIND(SQL_WORDS, "s", value);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK || !has_row)
        return rc;
    buf_add_span(ret, column_span(s, 0));
    db_reset(s);
    return BZ_OK;
}

static enum bz_err set_field(struct db *db, const struct command *cmd, enum profile_field field, struct bz_error *e)
{
    bool is_new = (cmd->sets & (1u << field)) != 0;
    struct span value = cmd->profile.value[field], words = { NULL, 0 };
    struct buf folded;
    buf_init(&folded, WORDS_BYTES_MAX);
    enum bz_err rc = words_of_field(db, field, value, &folded, e);
    if (folded.len > 0)
        words = buf_span(&folded);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_FIELD, "iisnsi", cmd->actor, (int64_t)field, value, (int64_t)cmd->profile.shown[field], words,
                             (int64_t)is_new), e);
    buf_done(&folded);
    if (rc != BZ_OK || !is_new || (!is_list[field] && field != PROFILE_SIZE))
        return rc;
    rc = db_run(db, BIND(SQL_UNKEY, "ii", cmd->actor, (int64_t)field), e);
    if (rc != BZ_OK || value.at == NULL)
        return rc;
    return db_run(db, BIND(is_list[field] ? SQL_KEYS : SQL_KEY, "iis", cmd->actor, (int64_t)field, value), e);
}

enum bz_err profile_apply(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e)
{
    int64_t peers = cmd->sets & SETS_PEERS ? 1 + cmd->on : 0;
    enum bz_err rc = check_silenced(db, cmd, now_ms, e);   /* all that may refuse it comes before what is written */
    for (int field = 1; field < PROFILE_END && rc == BZ_OK; field++)
        if (is_list[field] && (cmd->sets & (1u << field)))
            rc = check_themes(db, cmd, (enum profile_field)field, e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_PROFILE, "iin", cmd->actor, now_ms, peers), e);
    for (int field = 1; field < PROFILE_END && rc == BZ_OK; field++)
        if ((cmd->sets & (1u << field)) || cmd->profile.shown[field] != 0)
            rc = set_field(db, cmd, (enum profile_field)field, e);
    return rc;
}

enum bz_err profile_clear(struct db *db, bz_id member, enum profile_field field, struct bz_error *e)
{
    enum bz_err rc = db_run(db, BIND(SQL_CLEAR, "ii", member, (int64_t)field), e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_UNKEY, "ii", member, (int64_t)field), e) : rc;
}
