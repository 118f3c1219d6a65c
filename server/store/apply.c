#include "store/apply.h"

#include <stdlib.h>

#include "store/statement.h"

/* ?1 is always the entry's id where an entry makes a row. JSON is read by SQLite: a body that lacks a member fails on
 * NOT NULL, an erased one (NULL) makes an empty text that a later `post.redact` marks.
 * What every post runs is INSERT … VALUES, not INSERT … SELECT: a statement of many rows opens a savepoint, at which
 * FTS5 writes out what it holds in memory (measured: 40 instead of 10 microseconds a post). draft_sent heeds it too. */
#define APPLY_STATEMENTS(X)                                                                                          \
    X(SQL_HUB, "INSERT INTO hub(hub, code, name) SELECT ?1, json_extract(?2, '$.code'), json_extract(?2, '$.name')") \
    X(SQL_REGION, "INSERT INTO region(id, slug, name, lang) SELECT ?1, json_extract(?2, '$.slug'),"                  \
                  " json_extract(?2, '$.name'), json_extract(?2, '$.lang')")                                         \
    X(SQL_ROOM, "INSERT INTO room(id, region, slug, name, about, lang, access)"                                      \
                " SELECT ?1, id_of(json_extract(?2, '$.region')), json_extract(?2, '$.slug'),"                       \
                " json_extract(?2, '$.name'), json_extract(?2, '$.about'), json_extract(?2, '$.lang'),"              \
                " number_of('access', json_extract(?2, '$.access'))")                                                \
    X(SQL_ROOM_OF_TWO, "INSERT INTO room(id, slug, name, lang, access, members)"                                     \
                       " SELECT ?1, '', '', json_extract(?2, '$.lang'), 3, 2")                                       \
    X(SQL_TWO, "INSERT INTO direct(room, low, high, by, at_ms) SELECT ?1, min(a, b), max(a, b), ?3, ?4"              \
               " FROM (SELECT id_of(json_extract(?2, '$.members[0]')) AS a, id_of(json_extract(?2, '$.members[1]')) AS b)") \
    X(SQL_PART_OF_TWO, "INSERT INTO membership(room, member, how, since) SELECT ?1, id_of(value), 1, ?1"             \
                       " FROM json_each(?2, '$.members')")                                                           \
    X(SQL_ROOM_SET, "UPDATE room SET slow_s = coalesce(json_extract(?2, '$.slow_s'), slow_s),"                       \
                    " lock_days = coalesce(json_extract(?2, '$.lock_days'), lock_days),"                             \
                    " posting = coalesce(number_of('posting', json_extract(?2, '$.posting')), posting),"             \
                    " hold = coalesce(number_of('hold', json_extract(?2, '$.hold')), hold),"                         \
                    " links = coalesce(number_of('links', json_extract(?2, '$.links')), links),"                     \
                    " hold_threads = coalesce(json_extract(?2, '$.hold_threads'), hold_threads),"                    \
                    " approve_join = coalesce(json_extract(?2, '$.approve_join'), approve_join),"                     \
                    " new_posts = coalesce(json_extract(?2, '$.new_posts'), new_posts),"                             \
                    " new_hour = coalesce(json_extract(?2, '$.new_hour'), new_hour),"                                \
                    " new_links = coalesce(number_of('links', json_extract(?2, '$.new_links')), new_links),"         \
                    " new_files = coalesce(number_of('links', json_extract(?2, '$.new_files')), new_files),"         \
                    " previews = coalesce(json_extract(?2, '$.previews'), previews)"                                 \
                    " WHERE id = ?1")                                                                                \
    X(SQL_ROOM_WORDS, "INSERT INTO room_words(room, words) SELECT ?1, json_extract(?2, '$.words')"                   \
                      " WHERE json_extract(?2, '$.words') IS NOT NULL"                                               \
                      " ON CONFLICT(room) DO UPDATE SET words = excluded.words")                                     \
    X(SQL_MEMBER_GONE, "INSERT INTO member(id, handle, name, role, lang) VALUES(?1, '~' || ?1, '', 0, 'en')")        \
    X(SQL_MEMBER, "INSERT INTO member(id, handle, name, role, org, city, country, region, lang)"                     \
                  " SELECT ?1, json_extract(?2, '$.handle'), json_extract(?2, '$.name'),"                            \
                  " number_of('role', json_extract(?2, '$.role')), json_extract(?2, '$.org'),"                       \
                  " json_extract(?2, '$.city'), json_extract(?2, '$.country'),"                                      \
                  " id_of(json_extract(?2, '$.region')), json_extract(?2, '$.lang')")                                \
    X(SQL_ROLE_HUB, "UPDATE member SET role = number_of('role', json_extract(?2, '$.role')) WHERE id = ?1")         \
    X(SQL_ROLE_TAKEN, "DELETE FROM given_role WHERE member = ?1 AND scope = id_of(json_extract(?2, '$.scope'))")     \
    X(SQL_ROLE_GIVEN, "INSERT INTO given_role(member, scope, role) SELECT ?1, id_of(json_extract(?2, '$.scope')),"   \
                      " number_of('role', json_extract(?2, '$.role')) WHERE json_extract(?2, '$.role') <> 'guest'")  \
    X(SQL_MEMBER_WORDS, "INSERT INTO member_fts(rowid, handle, name, org, city) SELECT id, handle, name, org, city"  \
                        " FROM member WHERE id = ?1 AND " IS_CALLED)                                                 \
    X(SQL_MEMBER_UNWORD, "INSERT INTO member_fts(member_fts, rowid, handle, name, org, city)"                        \
                         " SELECT 'delete', id, handle, name, org, city FROM member WHERE id = ?1 AND " IS_CALLED)   \
    /* What an entry names is set, to nothing if it says null. */                                                    \
    X(SQL_MEMBER_SET, "UPDATE member SET name = coalesce(json_extract(?2, '$.name'), name),"                         \
                      " lang = coalesce(json_extract(?2, '$.lang'), lang),"                                          \
                      " org = CASE WHEN json_type(?2, '$.org') IS NULL THEN org ELSE json_extract(?2, '$.org') END," \
                      " city = CASE WHEN json_type(?2, '$.city') IS NULL THEN city ELSE json_extract(?2, '$.city') END," \
                      " country = CASE WHEN json_type(?2, '$.country') IS NULL THEN country"                         \
                      " ELSE json_extract(?2, '$.country') END,"                                                     \
                      " region = CASE WHEN json_type(?2, '$.region') IS NULL THEN region"                            \
                      " ELSE id_of(json_extract(?2, '$.region')) END WHERE id = ?1")                                 \
    X(SQL_JOIN, "INSERT INTO membership(room, member, how, since) VALUES(?1, ?2, ?3, ?4)"                            \
                " ON CONFLICT(room, member) DO UPDATE SET how = min(how, excluded.how)")                             \
    X(SQL_LEAVE, "DELETE FROM membership WHERE room = ?1 AND member = ?2")                                           \
    X(SQL_IS_PART, "SELECT 1 FROM membership WHERE room = ?1 AND member = ?2")                                       \
    X(SQL_ROOM_ADD, "UPDATE room SET members = members + ?2 WHERE id = ?1")                                          \
    X(SQL_THREAD, "INSERT INTO thread(id, room, kind, title, lang, fields, by, at_ms, last, last_at, last_by, source)"       \
                  " SELECT ?1, ?2, number_of('thread', json_extract(?5, '$.type')), json_extract(?5, '$.title'),"    \
                  " json_extract(?5, '$.lang'), json_extract(?5, '$.fields'),"                                       \
                  " coalesce(id_of(json_extract(?5, '$.author')), ?3), ?4, ?1, ?4, ?3, id_of(json_extract(?5, '$.from'))")   \
    X(SQL_THREAD_IN_ROOM, "UPDATE room SET threads = threads + (t.kind <> 1),"                                       \
                          " chat = CASE t.kind WHEN 1 THEN t.id ELSE chat END"                                       \
                          " FROM thread AS t WHERE t.id = ?1 AND room.id = t.room")                                  \
    X(SQL_TITLE_WORDS, "INSERT INTO title_fts(rowid, title) SELECT id, title FROM thread_title WHERE id = ?1")       \
    X(SQL_TITLE_UNWORD, "INSERT INTO title_fts(title_fts, rowid, title) SELECT 'delete', id, title"                  \
                        " FROM thread_title WHERE id = ?1")                                                          \
    X(SQL_TITLE_TRI, "INSERT INTO title_tri(rowid, title) SELECT id, title FROM thread_title WHERE id = ?1")         \
    X(SQL_TITLE_UNTRI, "INSERT INTO title_tri(title_tri, rowid, title) SELECT 'delete', id, title"                   \
                       " FROM thread_title WHERE id = ?1")                                                           \
    X(SQL_TITLE_SPACELESS, "INSERT INTO title_spaceless(id) SELECT id FROM thread WHERE id = ?1"                     \
                           " AND is_spaceless(title)")                                                               \
    X(SQL_TITLE_UNSPACELESS, "DELETE FROM title_spaceless WHERE id = ?1")                                            \
    X(SQL_RENAME, "UPDATE thread SET title = json_extract(?2, '$.title') WHERE id = ?1")                             \
    X(SQL_LOCK, "UPDATE thread SET is_locked = json_extract(?2, '$.locked') WHERE id = ?1")                          \
    X(SQL_PIN, "UPDATE thread SET is_pinned = json_extract(?2, '$.pinned'),"                                         \
               " pinned_until = json_extract(?2, '$.until') WHERE id = ?1")                                          \
    X(SQL_FEATURE, "UPDATE thread SET is_featured = json_extract(?2, '$.featured'),"                                 \
                   " featured_until = json_extract(?2, '$.until') WHERE id = ?1")                                    \
    X(SQL_POST_LOCK, "UPDATE post SET is_locked = json_extract(?2, '$.locked') WHERE id = ?1")                       \
    X(SQL_CLOSE, "UPDATE thread SET is_closed = json_extract(?2, '$.closed') WHERE id = ?1")                         \
    X(SQL_ARCHIVE, "UPDATE thread SET is_archived = json_extract(?2, '$.archived') WHERE id = ?1")                   \
    X(SQL_KIND, "UPDATE thread SET kind = number_of('thread', json_extract(?2, '$.type')), fields = NULL,"           \
                " answer = NULL WHERE id = ?1")                                                                      \
    X(SQL_ANSWER, "UPDATE thread SET answer = id_of(json_extract(?2, '$.post')) WHERE id = ?1")                      \
    X(SQL_MOVE_COUNT, "UPDATE room SET threads = threads + CASE id WHEN ?2 THEN 1 ELSE -1 END"                       \
                      " WHERE id IN (?2, (SELECT room FROM thread WHERE id = ?1))")                                  \
    X(SQL_MOVE, "UPDATE thread SET room = ?2 WHERE id = ?1")                                                         \
    X(SQL_POST, "INSERT INTO post(id, thread, n, by, at_ms, changed, lang, reply_to, text, md, files) VALUES(?1, ?2,"  \
                " (SELECT posts + 1 FROM thread WHERE id = ?2), ?3, ?4, ?1,"                                         \
                " coalesce(json_extract(?5, '$.lang'), (SELECT lang FROM thread WHERE id = ?2)),"                    \
                " id_of(json_extract(?5, '$.reply_to')), coalesce(json_extract(?5, '$.text'), ''),"                  \
                " json_extract(?5, '$.md'), json_extract(?5, '$.files'))")                                         \
    X(SQL_POST_VERSION, "UPDATE post SET is_version = 1 WHERE id = ?1")                                              \
    X(SQL_POST_ABOUT, "UPDATE post SET about = id_of(json_extract(?2, '$.about')) WHERE id = ?1")                     \
    X(SQL_FILES, "INSERT INTO post_file(post, n, room, by, hash, name, type, bytes, thumb, alt) SELECT ?1, f.key, ?2, ?3," \
                 " json_extract(f.value, '$.hash'), json_extract(f.value, '$.name'), json_extract(f.value, '$.type'), "  \
                 " json_extract(f.value, '$.bytes'), coalesce(json_extract(f.value, '$.thumb'), 0), json_extract(f.value, '$.alt')" \
                 " FROM json_each(?4, ?5) AS f")                                                                     \
    X(SQL_FILES_UNNAMED, "UPDATE blob SET since = ?2 WHERE hash IN (SELECT hash FROM post_file WHERE post = ?1)")    \
    X(SQL_UNFILE, "DELETE FROM post_file WHERE post = ?1")                                                           \
    X(SQL_MOVE_FILES, "UPDATE post_file SET room = ?2 WHERE room <> ?2"                                              \
                      " AND post IN (SELECT id FROM post WHERE thread = ?1)")                                        \
    X(SQL_LAST_OWN, "INSERT INTO last_own(member, room, at_ms) VALUES(?1, ?2, ?3)"                                   \
                    " ON CONFLICT(member, room) DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)")                   \
    X(SQL_IS_OWN_TURN, "SELECT 1 FROM thread WHERE id = ?1 AND posts > 0 AND last_by = ?2")                          \
    X(SQL_TURN, "INSERT INTO turn(thread, first, by) VALUES(?1, ?2, ?3)")                                            \
    X(SQL_POST_IN_THREAD, "UPDATE thread SET posts = posts + 1, last = ?2, last_at = ?3, last_by = ?4 WHERE id = ?1")\
    X(SQL_POST_WORDS, "INSERT INTO post_fts(rowid, text) VALUES(?1, (SELECT text FROM post_text WHERE id = ?1))")    \
    X(SQL_POST_WORDS_ALL, "INSERT INTO post_fts(rowid, text, names, inside, links)"                                  \
                          " SELECT id, text, names, inside, links FROM post_text WHERE id = ?1")                     \
    X(SQL_POST_UNWORD, "INSERT INTO post_fts(post_fts, rowid, text, names, inside, links)"                           \
                       " SELECT 'delete', id, text, names, inside, links FROM post_text"                             \
                       " WHERE id = ?1 AND (text <> '' OR names IS NOT NULL OR links IS NOT NULL)")                  \
    X(SQL_POST_SPACELESS, "INSERT INTO post_spaceless(id) SELECT id FROM post_text WHERE id = ?1"                    \
                          " AND (is_spaceless(text) OR is_spaceless(names) OR is_spaceless(inside) OR is_spaceless(links))") \
    X(SQL_POST_UNSPACELESS, "DELETE FROM post_spaceless WHERE id = ?1")                                              \
    X(SQL_POST_TRI, "INSERT INTO post_tri(rowid, text, names, inside, links)"                                        \
                    " SELECT id, text, names, inside, links FROM post_text WHERE id = ?1")                           \
    X(SQL_POST_UNTRI, "INSERT INTO post_tri(post_tri, rowid, text, names, inside, links)"                            \
                      " SELECT 'delete', id, text, names, inside, links FROM post_text WHERE id = ?1")               \
    X(SQL_MENTIONS, "INSERT OR IGNORE INTO mention(member, thread, post) SELECT id_of(value), ?2, ?1"                \
                    " FROM json_each(?3, '$.mentions')")                                                             \
    X(SQL_UNMENTION, "DELETE FROM mention WHERE post = ?1")                                                          \
    X(SQL_VERSION, "INSERT INTO post_version(post, entry, at_ms, by, lang, text, md)"                                \
                   " SELECT id, changed, coalesce(edited_at, at_ms), by, lang, text, md FROM post WHERE id = ?1")    \
    X(SQL_EDIT, "UPDATE post SET changed = ?2, edited_at = ?3, lang = coalesce(json_extract(?4, '$.lang'), lang),"   \
                " text = coalesce(json_extract(?4, '$.text'), ''), md = json_extract(?4, '$.md') WHERE id = ?1")     \
    X(SQL_ERASE, "UPDATE journal SET body = NULL WHERE body IS NOT NULL AND kind IN (13, 14, 50) AND (id = ?1"       \
                 " OR id = (SELECT changed FROM post WHERE id = ?1) OR id IN (SELECT entry FROM link_told WHERE post = ?1)" \
                 " OR id IN (SELECT entry FROM post_version WHERE post = ?1))")                                      \
    X(SQL_UNMERGED, "INSERT OR IGNORE INTO unmerged(entry) VALUES(?1)")                                              \
    X(SQL_UNVERSION, "DELETE FROM post_version WHERE post = ?1")                                                     \
    X(SQL_UNREACT_ALL, "DELETE FROM reaction WHERE post = ?1")                                                       \
    X(SQL_REDACT, "UPDATE post SET text = '', md = NULL, files = NULL, is_version = 0, reply_to = NULL, about = NULL, changed = ?2,"           \
                  " redacted_at = ?3, redacted_by = ?4, reason = json_extract(?5, '$.reason'),"                                        \
                  " lang = (SELECT lang FROM thread WHERE id = post.thread) WHERE id = ?1")                          \
    X(SQL_HIDE, "INSERT INTO hidden(post, at_ms, by, rule, reason) SELECT ?1, ?2, ?3,"                               \
                " json_extract(?4, '$.rule'), json_extract(?4, '$.reason')")                                         \
    X(SQL_HIDER, "INSERT OR IGNORE INTO hider(post, by) VALUES(?1, ?2)")                                             \
    X(SQL_UNHIDE, "DELETE FROM hidden WHERE post = ?1")                                                              \
    X(SQL_MATTER, "INSERT INTO matter(id, is_appeal, room, thread, post, member, at_ms, sanction) SELECT ?1, ?2," \
                  " nullif(?3, 0), nullif(?4, 0), id_of(json_extract(?6, '$.post')),"                                \
                  " id_of(json_extract(?6, '$.member')), ?5, id_of(json_extract(?6, '$.sanction'))"                  \
                  " WHERE json_extract(?6, '$.report') IS NULL")                                                     \
    X(SQL_REPORT, "INSERT INTO report(id, matter, by, at_ms, rule, reason) SELECT ?1,"                               \
                  " coalesce(id_of(json_extract(?4, '$.report')), ?1), ?2, ?3, json_extract(?4, '$.rule'),"          \
                  " json_extract(?4, '$.reason')")                                                                   \
    X(SQL_APPEALED_SANCTION, "UPDATE sanction SET appeal = ?1 WHERE id = id_of(json_extract(?2, '$.sanction'))")     \
    X(SQL_SANCTION, "INSERT INTO sanction(id, member, scope, room, act, at_ms, until, by, role, rule, reason, field)" \
                    " SELECT ?1, ?2, coalesce(id_of(json_extract(?6, '$.scope')), 0), ?3,"                           \
                    " number_of('sanction', json_extract(?6, '$.act')), ?5, json_extract(?6, '$.until'), ?4,"        \
                    " number_of('role', json_extract(?6, '$.as')), json_extract(?6, '$.rule'),"                      \
                    " json_extract(?6, '$.reason'), json_extract(?6, '$.field')")                                    \
    X(SQL_PARDON, "UPDATE sanction SET pardon = ?1, pardoned_ms = ?2,"                                               \
                  " pardon_role = number_of('role', json_extract(?3, '$.as')),"                                      \
                  " pardon_rule = json_extract(?3, '$.rule'), pardon_reason = json_extract(?3, '$.reason')"          \
                  " WHERE id = id_of(json_extract(?3, '$.sanction'))")                                               \
    X(SQL_PARDON_HEARD, "UPDATE matter SET decided_by = ?2, decided_ms = ?3, decision = 'restore',"                  \
                        " rule = json_extract(?4, '$.rule'), reason = json_extract(?4, '$.reason')"                  \
                        " WHERE id = (SELECT appeal FROM sanction WHERE pardon = ?1) AND decided_ms IS NULL")        \
    X(SQL_APPEALED, "UPDATE hidden SET appeal = ?1 WHERE post = id_of(json_extract(?2, '$.post'))")                  \
    X(SQL_CLAIM, "UPDATE matter SET claimed_by = CASE WHEN json_extract(?4, '$.on') THEN ?2 END,"                    \
                 " claimed_ms = CASE WHEN json_extract(?4, '$.on') THEN ?3 END WHERE id = ?1")                       \
    X(SQL_DECIDE, "UPDATE matter SET decided_by = ?2, decided_ms = ?3, decision = json_extract(?4, '$.decision'),"   \
                  " rule = json_extract(?4, '$.rule'), reason = json_extract(?4, '$.reason') WHERE id = ?1")         \
    X(SQL_ASK, "INSERT INTO matter(id, is_appeal, room, thread, member, at_ms, ask) SELECT ?1, 0, ?2, nullif(?3, 0), ?4," \
               " ?5, number_of('ask', json_extract(?6, '$.ask'))")                                                   \
    X(SQL_HELD, "INSERT INTO held(id, why, word, opens, says, does) SELECT ?1, json_extract(?2, '$.why'),"           \
                " json_extract(?2, '$.word'), json_extract(?2, '$.opens'), json_extract(?2, '$.says'),"              \
                " json_extract(?2, '$.does')")                                                                       \
    X(SQL_APPROVED, "UPDATE matter SET post = id_of(json_extract(?2, '$.says')),"                                    \
                    " thread = coalesce(id_of(json_extract(?2, '$.opens')), thread), ask = CASE WHEN"                \
                    " json_extract(?2, '$.opens') IS NOT NULL THEN 2 WHEN json_extract(?2, '$.says') IS NOT NULL THEN 1" \
                    " ELSE ask END"                                                                                  \
                    " WHERE id = ?1 AND json_extract(?2, '$.decision') = 'approve'")                                 \
    X(SQL_SAID, "DELETE FROM held WHERE id = ?1 AND json_extract(?2, '$.decision') = 'approve' AND does IS NULL")    \
    X(SQL_SAID_ONCE, "UPDATE journal SET body = NULL WHERE id = ?1 AND kind = 44 AND body IS NOT NULL"               \
                     " AND json_extract(?2, '$.says') IS NOT NULL")                                                 \
    X(SQL_MOVE_MATTERS, "UPDATE matter SET room = ?2 WHERE thread = ?1")                                             \
    X(SQL_REACT, "INSERT OR IGNORE INTO reaction(post, emoji, member) SELECT ?1, json_extract(?3, '$.emoji'), ?2"    \
                 " WHERE json_extract(?3, '$.on')")                                                                  \
    X(SQL_UNREACT, "DELETE FROM reaction WHERE post = ?1 AND member = ?2 AND emoji = json_extract(?3, '$.emoji')"    \
                   " AND NOT json_extract(?3, '$.on')")
STATEMENTS(APPLY_STATEMENTS, apply, true)

#define BIND(name, ...) db_bind(db, LIST_APPLY, name, __VA_ARGS__)
#define RUN(name, ...) do_run(db, BIND(name, __VA_ARGS__), &rc, e)
#define RUN_ONE(name, ...) do_run_one(db, BIND(name, __VA_ARGS__), &rc, e)

/* A chain of statements of which each runs only when all before it did. */
static void do_run(struct db *db, sqlite3_stmt *s, enum bz_err *rc, struct bz_error *e)
{
    if (*rc == BZ_OK)
        *rc = db_run(db, s, e);
}

static void do_run_one(struct db *db, sqlite3_stmt *s, enum bz_err *rc, struct bz_error *e)
{
    if (*rc == BZ_OK)
        *rc = db_run_one(db, s, e);
}

static enum bz_err apply_hub(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = db_learn_hub(db, en, e);
    RUN_ONE(SQL_HUB, "is", (int64_t)en->hub, en->body);
    return rc;
}

static enum bz_err apply_member(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (en->body.at == NULL) {   /* who left since: a later entry says so */
        RUN_ONE(SQL_MEMBER_GONE, "i", id);
        return rc;
    }
    RUN_ONE(SQL_MEMBER, "is", id, en->body);
    RUN(SQL_MEMBER_WORDS, "i", id);
    return rc;
}

static enum bz_err apply_member_set(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (en->body.at == NULL)   /* of who left since */
        return rc;
    RUN(SQL_MEMBER_UNWORD, "i", en->subject);
    RUN_ONE(SQL_MEMBER_SET, "is", en->subject, en->body);
    RUN(SQL_MEMBER_WORDS, "i", en->subject);
    return rc;
}

/* A role that was taken for a region or a room leaves no row. */
static enum bz_err apply_role(struct db *db, const struct entry *en, struct bz_error *e)
{
    static const char scoped[] = "\"scope\":";
    enum bz_err rc = BZ_OK;
    if (en->body.at == NULL || memmem(en->body.at, en->body.len, scoped, sizeof scoped - 1) == NULL) {
        RUN_ONE(SQL_ROLE_HUB, "is", en->subject, en->body);
        return rc;
    }
    RUN(SQL_ROLE_TAKEN, "is", en->subject, en->body);
    RUN(SQL_ROLE_GIVEN, "is", en->subject, en->body);
    return rc;
}

static enum bz_err apply_part(struct db *db, const struct entry *en, bz_id member, enum membership_how how,
                              struct bz_error *e)
{
    bool was_part;
    sqlite3_stmt *s = BIND(SQL_IS_PART, "ii", en->room, member);
    enum bz_err rc = db_step(db, s, &was_part, e);
    if (was_part)
        db_reset(s);
    RUN_ONE(SQL_JOIN, "iiii", en->room, member, (int64_t)how, id_make(en->hub, en->seq));
    RUN_ONE(SQL_ROOM_ADD, "ii", en->room, (int64_t)!was_part);
    return rc;
}

static enum bz_err apply_room_set(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN_ONE(SQL_ROOM_SET, "is", en->room, en->body);
    RUN(SQL_ROOM_WORDS, "is", en->room, en->body);
    return rc == BZ_OK ? apply_links_set(db, en, e) : rc;
}

/* A room of two begins with both of them in it, and stays so. */
static enum bz_err apply_room(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    static const char of_two[] = "{\"members\":";
    enum bz_err rc = BZ_OK;
    if (en->body.at == NULL || memmem(en->body.at, en->body.len, of_two, sizeof of_two - 1) != en->body.at) {
        RUN_ONE(SQL_ROOM, "is", id, en->body);
        return rc;
    }
    RUN_ONE(SQL_ROOM_OF_TWO, "is", id, en->body);
    RUN_ONE(SQL_TWO, "isii", id, en->body, en->actor, en->at_ms);
    RUN(SQL_PART_OF_TWO, "is", id, en->body);
    return rc;
}

static enum bz_err apply_leave(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(SQL_LEAVE, "ii", en->room, en->subject);
    int64_t gone = sqlite3_changes64(db->sq);
    RUN_ONE(SQL_ROOM_ADD, "ii", en->room, -gone);
    return rc;
}

enum bz_err apply_title_words(struct db *db, bz_id thread, bool is_in, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(is_in ? SQL_TITLE_WORDS : SQL_TITLE_UNWORD, "i", thread);
    RUN(is_in ? SQL_TITLE_SPACELESS : SQL_TITLE_UNSPACELESS, "i", thread);
    if (rc == BZ_OK && sqlite3_changes(db->sq) > 0)
        RUN(is_in ? SQL_TITLE_TRI : SQL_TITLE_UNTRI, "i", thread);
    return rc;
}

/* maybe_more: it is not known that it has neither files nor links. maybe_spaceless: nor whether it has such words. Then the
 * statements for all are run. */
static enum bz_err post_index(struct db *db, bz_id post, bool is_in, bool maybe_more, bool maybe_spaceless, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(!is_in ? SQL_POST_UNWORD : maybe_more ? SQL_POST_WORDS_ALL : SQL_POST_WORDS, "i", post);
    if (rc != BZ_OK || !maybe_spaceless)
        return rc;
    RUN(is_in ? SQL_POST_SPACELESS : SQL_POST_UNSPACELESS, "i", post);
    if (rc == BZ_OK && sqlite3_changes(db->sq) > 0)
        RUN(is_in ? SQL_POST_TRI : SQL_POST_UNTRI, "i", post);
    return rc;
}

enum bz_err apply_post_words(struct db *db, bz_id post, bool is_in, struct bz_error *e)
{
    return post_index(db, post, is_in, true, true, e);
}

static enum bz_err apply_thread(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN_ONE(SQL_THREAD, "iiiis", id, en->room, en->actor, en->at_ms, en->body);
    RUN_ONE(SQL_THREAD_IN_ROOM, "i", id);
    if (rc == BZ_OK)
        rc = apply_title_words(db, id, true, e);
    return rc == BZ_OK ? apply_resource(db, id, e) : rc;
}

static enum bz_err apply_rename(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = apply_title_words(db, en->thread, false, e);
    RUN_ONE(SQL_RENAME, "is", en->thread, en->body);
    return rc == BZ_OK ? apply_title_words(db, en->thread, true, e) : rc;
}

static enum bz_err apply_move(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(SQL_MOVE_COUNT, "ii", en->thread, en->room);
    RUN_ONE(SQL_MOVE, "ii", en->thread, en->room);
    RUN(SQL_MOVE_MATTERS, "ii", en->thread, en->room);
    RUN(SQL_MOVE_FILES, "ii", en->thread, en->room);
    if (rc == BZ_OK)
        rc = apply_links_moved(db, en, e);
    return rc == BZ_OK ? apply_resource(db, en->thread, e) : rc;
}

static enum bz_err apply_mentions(struct db *db, const struct entry *en, bz_id post, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    static const char name[] = "\"mentions\":[";   /* most posts name nobody: spare them the parsing */
    if (en->body.at != NULL && memmem(en->body.at, en->body.len, name, sizeof name - 1) != NULL)
        RUN(SQL_MENTIONS, "iis", post, en->thread, en->body);
    return rc;
}

static bool tells(struct span body, const char *member)
{
    return body.at != NULL && memmem(body.at, body.len, member, strlen(member)) != NULL;
}

/* Most have none: spare them the parsing. */
static bool tells_files(struct span body) { return tells(body, "\"files\":["); }

/* Of a post, or of what waits to be one: then `post` is its ask. */
static enum bz_err apply_files(struct db *db, const struct entry *en, bz_id post, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    struct span path = en->kind == ENTRY_ASK ? SPAN("$.says.files") : SPAN("$.files");
    if (tells_files(en->body))
        RUN(SQL_FILES, "iiiss", post, en->room, en->actor, en->body, path);
    return rc;
}

/* Nothing here names them any more; whether anything else does is looked up before the bytes go. */
static enum bz_err unfile(struct db *db, bz_id post, int64_t since_ms, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(SQL_FILES_UNNAMED, "ii", post, since_ms);
    RUN(SQL_UNFILE, "i", post);
    return rc;
}

/* A post after one of the same author takes no new turn. */
static enum bz_err apply_turn(struct db *db, const struct entry *en, bz_id post, struct bz_error *e)
{
    bool is_own;
    sqlite3_stmt *s = BIND(SQL_IS_OWN_TURN, "ii", en->thread, en->actor);
    enum bz_err rc = db_step(db, s, &is_own, e);
    if (rc != BZ_OK)
        return rc;
    if (is_own)
        db_reset(s);
    else
        RUN_ONE(SQL_TURN, "iii", en->thread, post, en->actor);
    return rc;
}

static enum bz_err apply_post(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN_ONE(SQL_POST, "iiiis", id, en->thread, en->actor, en->at_ms, en->body);
    if (rc == BZ_OK)
        rc = apply_turn(db, en, id, e);
    RUN_ONE(SQL_POST_IN_THREAD, "iiii", en->thread, id, en->at_ms, en->actor);
    RUN_ONE(SQL_LAST_OWN, "iii", en->actor, en->room, en->at_ms);
    bool has_files = tells_files(en->body);
    if (rc == BZ_OK && has_files)   /* before their words are looked up */
        rc = apply_files(db, en, id, e);
    if (has_files && tells(en->body, "\"version\":true"))
        RUN_ONE(SQL_POST_VERSION, "i", id);
    if (tells(en->body, "\"about\":"))
        RUN_ONE(SQL_POST_ABOUT, "is", id, en->body);
    if (rc == BZ_OK && en->body.at != NULL)
        rc = post_index(db, id, true, has_files, has_files || is_spaceless(en->body), e);
    if (rc == BZ_OK && has_files)
        rc = apply_resource(db, en->thread, e);
    if (rc == BZ_OK)
        rc = apply_links(db, en, id, e);
    return rc == BZ_OK ? apply_mentions(db, en, id, e) : rc;
}

static enum bz_err apply_edit(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    enum bz_err rc = apply_post_words(db, en->subject, false, e);
    RUN(SQL_UNMENTION, "i", en->subject);
    RUN_ONE(SQL_VERSION, "i", en->subject);
    RUN_ONE(SQL_EDIT, "iiis", en->subject, id, en->at_ms, en->body);
    if (rc == BZ_OK)
        rc = apply_links(db, en, en->subject, e);
    if (rc == BZ_OK)   /* what is known of links that stayed is among them */
        rc = apply_post_words(db, en->subject, true, e);
    return rc == BZ_OK ? apply_mentions(db, en, en->subject, e) : rc;
}

/* Takes the text out of everything that holds it, the journal's bodies included; the chain keeps their hashes. */
enum bz_err apply_redaction(struct db *db, const struct redaction *r, struct bz_error *e)
{
    enum bz_err rc = apply_post_words(db, r->post, false, e);
    RUN(SQL_ERASE, "i", r->post);
    RUN(SQL_UNMERGED, "i", r->entry);
    RUN(SQL_UNVERSION, "i", r->post);
    RUN(SQL_UNMENTION, "i", r->post);
    RUN(SQL_UNREACT_ALL, "i", r->post);
    if (rc == BZ_OK)
        rc = unfile(db, r->post, r->unnamed_ms, e);
    if (rc == BZ_OK)
        rc = apply_unlink(db, r->post, e);
    RUN(SQL_UNHIDE, "i", r->post);
    RUN_ONE(SQL_REDACT, "iiiis", r->post, r->entry, r->at_ms, r->by, r->body);
    return rc == BZ_OK ? apply_resource(db, r->thread, e) : rc;
}

static enum bz_err apply_redact(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    return apply_redaction(db, &(struct redaction){ .post = en->subject, .thread = en->thread, .entry = id, .by = en->actor,
                                                    .at_ms = en->at_ms, .unnamed_ms = en->at_ms, .body = en->body }, e);
}

/* A first report opens a matter, a further one joins it; an appeal is a matter of its own. */
static enum bz_err apply_report(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    int64_t is_appeal = en->kind == ENTRY_APPEAL;
    RUN(SQL_MATTER, "iiiiis", id, is_appeal, en->room, en->thread, en->at_ms, en->body);
    RUN_ONE(SQL_REPORT, "iiis", id, en->actor, en->at_ms, en->body);
    static const char of_sanction[] = "{\"sanction\":";
    bool is_of_sanction = en->body.at != NULL && memmem(en->body.at, en->body.len, of_sanction, sizeof of_sanction - 1) == en->body.at;
    if (is_appeal)
        RUN_ONE(is_of_sanction ? SQL_APPEALED_SANCTION : SQL_APPEALED, "is", id, en->body);
    return rc;
}

static enum bz_err apply_sanction(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (en->kind == ENTRY_MEMBER_SANCTION)
        RUN_ONE(SQL_SANCTION, "iiiiis", id, en->subject, en->room, en->actor, en->at_ms, en->body);
    else
        RUN_ONE(SQL_PARDON, "iis", id, en->at_ms, en->body);
    if (en->kind == ENTRY_MEMBER_PARDON)   /* an appeal that waits has its answer */
        RUN(SQL_PARDON_HEARD, "iiis", id, en->actor, en->at_ms, en->body);
    return rc;
}

/* Who asked hears what becomes of it as of a report. An erased body is of something that was said since. */
static enum bz_err apply_ask(struct db *db, const struct entry *en, bz_id id, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    struct span none = SPAN("{}");
    RUN_ONE(SQL_ASK, "iiiiis", id, en->room, en->thread, en->actor, en->at_ms, en->body);
    RUN_ONE(SQL_HELD, "is", id, en->body);
    RUN_ONE(SQL_REPORT, "iiis", id, en->actor, en->at_ms, none);
    return rc == BZ_OK ? apply_files(db, en, id, e) : rc;
}

/* What was held is said now, by an entry of its own: its words stand there alone, where they can be taken out again. */
static enum bz_err apply_decide(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (en->kind == ENTRY_REPORT_CLAIM) {
        RUN_ONE(SQL_CLAIM, "iiis", en->subject, en->actor, en->at_ms, en->body);
        return rc;
    }
    RUN_ONE(SQL_DECIDE, "iiis", en->subject, en->actor, en->at_ms, en->body);
    RUN(SQL_APPROVED, "is", en->subject, en->body);
    RUN(SQL_SAID_ONCE, "is", en->subject, en->body);
    RUN(SQL_SAID, "is", en->subject, en->body);
    return rc == BZ_OK ? unfile(db, en->subject, en->at_ms, e) : rc;
}

static enum bz_err apply_react(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    RUN(SQL_REACT, "iis", en->subject, en->actor, en->body);
    RUN(SQL_UNREACT, "iis", en->subject, en->actor, en->body);
    return rc;
}

/* Hidden, shown again, or no longer to be edited. */
static enum bz_err apply_set_aside(struct db *db, const struct entry *en, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (en->kind == ENTRY_POST_HIDE) {
        RUN(SQL_HIDER, "ii", en->subject, en->actor);
        RUN_ONE(SQL_HIDE, "iiis", en->subject, en->at_ms, en->actor, en->body);
    } else if (en->kind == ENTRY_POST_RESTORE)
        RUN_ONE(SQL_UNHIDE, "i", en->subject);
    else
        RUN_ONE(SQL_POST_LOCK, "is", en->subject, en->body);
    return rc == BZ_OK ? apply_resource(db, en->thread, e) : rc;
}

/* What one statement about the thread does. A new kind leaves behind what only the old one had. */
static const int thread_changes[] = {
    [ENTRY_THREAD_LOCK] = SQL_LOCK,   [ENTRY_THREAD_PIN] = SQL_PIN,         [ENTRY_THREAD_ANSWER] = SQL_ANSWER,
    [ENTRY_THREAD_CLOSE] = SQL_CLOSE, [ENTRY_THREAD_ARCHIVE] = SQL_ARCHIVE, [ENTRY_THREAD_KIND] = SQL_KIND,
    [ENTRY_THREAD_FEATURE] = SQL_FEATURE,
};

static enum bz_err apply_whole(struct db *db, const struct entry *en, struct bz_error *e);

/* Whose words were taken out is applied as if it never had them. */
enum bz_err apply_entry(struct db *db, const struct entry *en, struct bz_error *e)
{
    struct entry rest = *en;
    char *body = NULL;
    enum bz_err rc = en->body.at == NULL ? erased_rest(db, &rest, &body, e) : BZ_OK;
    if (rc == BZ_OK)
        rc = apply_whole(db, &rest, e);
    free(body);
    return rc;
}

static enum bz_err apply_whole(struct db *db, const struct entry *en, struct bz_error *e)
{
    bz_id id = id_make(en->hub, en->seq);
    enum bz_err rc = BZ_OK;
    if (fails(db->env, "store.apply"))
        return bz_fail(e, BZ_ERR_STORE, "the database failed: could not apply");
    switch (en->kind) {
    case ENTRY_HUB:
        return apply_hub(db, en, e);
    case ENTRY_REGION:
        RUN_ONE(SQL_REGION, "is", id, en->body);
        return rc;
    case ENTRY_ROOM:
        return apply_room(db, en, id, e);
    case ENTRY_MEMBER:
        return apply_member(db, en, id, e);
    case ENTRY_MEMBER_ROLE:
        return apply_role(db, en, e);
    case ENTRY_MEMBER_SET:
        return apply_member_set(db, en, e);
    case ENTRY_MEMBER_SANCTION: case ENTRY_MEMBER_PARDON:
        return apply_sanction(db, en, id, e);
    case ENTRY_MEMBER_ERASE: case ENTRY_ERASE:
        return apply_erased(db, en, e);
    case ENTRY_ROOM_JOIN: case ENTRY_ROOM_INVITE:
        return apply_part(db, en, en->subject, en->kind == ENTRY_ROOM_JOIN ? JOINED : INVITED, e);
    case ENTRY_ROOM_LEAVE:
        return apply_leave(db, en, e);
    case ENTRY_ROOM_SET:
        return apply_room_set(db, en, e);
    case ENTRY_THREAD:
        return apply_thread(db, en, id, e);
    case ENTRY_THREAD_RENAME:
        return apply_rename(db, en, e);
    case ENTRY_THREAD_LOCK: case ENTRY_THREAD_PIN: case ENTRY_THREAD_FEATURE: case ENTRY_THREAD_CLOSE:
    case ENTRY_THREAD_ARCHIVE: case ENTRY_THREAD_KIND: case ENTRY_THREAD_ANSWER:
        RUN_ONE(thread_changes[en->kind], "is", en->thread, en->body);
        return rc == BZ_OK ? apply_resource(db, en->thread, e) : rc;
    case ENTRY_THREAD_FIELDS: case ENTRY_THEME: case ENTRY_COLLECTION:
    case ENTRY_COLLECTION_SET: case ENTRY_COLLECTION_PUT:
        return apply_library(db, en, e);
    case ENTRY_ORG: case ENTRY_ORG_SET: case ENTRY_ORG_MEMBER:
        return apply_org(db, en, e);
    case ENTRY_POST:
        return apply_post(db, en, id, e);
    case ENTRY_POST_EDIT:
        return apply_edit(db, en, id, e);
    case ENTRY_POST_REDACT:
        return apply_redact(db, en, id, e);
    case ENTRY_POST_HIDE: case ENTRY_POST_RESTORE: case ENTRY_POST_LOCK:
        return apply_set_aside(db, en, e);
    case ENTRY_REPORT: case ENTRY_APPEAL:
        return apply_report(db, en, id, e);
    case ENTRY_ASK:
        return apply_ask(db, en, id, e);
    case ENTRY_REPORT_CLAIM: case ENTRY_REPORT_DECIDE:
        return apply_decide(db, en, e);
    case ENTRY_REACT:
        return apply_react(db, en, e);
    case ENTRY_LINK:
        return apply_link(db, en, e);
    case ENTRY_THREAD_MOVED_OUT:
    case ENTRY_POSTS_MOVED_OUT:
        return rc;   /* told in the room that it left; the one that it came to carries it out */
    case ENTRY_THREAD_MOVED_IN:
        return apply_move(db, en, e);
    case ENTRY_POSTS_MOVED_IN:
        return apply_posts_moved(db, en, e);
    }
    return bz_fail(e, BZ_ERR_STORE, "an entry of an unknown kind");
}
