/* columns.h: every table of the database, what is personal in it, and what becomes of that when somebody asks for everything
 * about them and when they leave. This is the rule and the code: the exports are what is told, the erasures are what is run. A test
 * holds it to the schema: each column is told, or named as kept back, or of a table that is nobody's.
 * Inside the store only. */
#ifndef BZ_STORE_COLUMNS_H
#define BZ_STORE_COLUMNS_H

/* What is told: (EXPORT_ and the table, statement with the member as ?1). Columns have the names of the schema, and the table's is
 * that of the file. Words of others are never among it: of what somebody wrote to, only the id. */
#define COLUMN_EXPORTS(X) COLUMN_EXPORTS_SAID(X) COLUMN_EXPORTS_OWN(X)
#define COLUMN_EXPORTS_SAID(X)                                                                                       \
    X(EXPORT_MEMBER, "SELECT id_text(id) AS id, handle, name, word_of('role', role) AS role, org, city, country, id_text(region) AS region, lang" \
                     " FROM member WHERE id = ?1")                                                                   \
    X(EXPORT_ORG_MEMBER, "SELECT id_text(m.org) AS org, (SELECT name FROM org WHERE id = m.org) AS name, m.is_delegate," \
                         " m.since_ms, m.confirmed_ms FROM org_member AS m WHERE m.member = ?1")                     \
    X(EXPORT_GIVEN_ROLE, "SELECT id_text(scope) AS scope, word_of('role', role) AS role FROM given_role WHERE member = ?1")                   \
    X(EXPORT_MEMBERSHIP, "SELECT id_text(room) AS room, (SELECT name FROM room WHERE id = m.room) AS name, how,"      \
                         " id_text(since) AS since FROM membership AS m"                                             \
                         " WHERE member = ?1")                                                                       \
    X(EXPORT_DIRECT, "SELECT id_text(room) AS room, id_text(low) AS low, id_text(high) AS high, id_text(by) AS by, at_ms"  \
                     " FROM direct WHERE low = ?1 OR high = ?1")                                                     \
    X(EXPORT_THREAD, "SELECT id_text(id) AS id, id_text(room) AS room, word_of('thread', kind) AS kind, title, lang, fields, at_ms, id_text(answer) AS answer," \
                     " id_text(source) AS source FROM thread WHERE by = ?1 AND kind <> 1")                           \
    X(EXPORT_POST, "SELECT id_text(id) AS id, id_text(thread) AS thread, n, at_ms, id_text(reply_to) AS reply_to, edited_at, redacted_at," \
                   " reason, lang, text, is_version, id_text(about) AS about FROM post WHERE by = ?1")               \
    X(EXPORT_POST_VERSION, "SELECT id_text(post) AS post, at_ms, lang, text FROM post_version WHERE post IN"              \
                      " (SELECT id FROM post WHERE by = ?1)")                                                        \
    X(EXPORT_POST_FILE, "SELECT id_text(post) AS post, n, id_text(room) AS room, hash, name, type, bytes, alt FROM post_file WHERE by = ?1") \
    X(EXPORT_REACTION, "SELECT id_text(post) AS post, emoji FROM reaction WHERE member = ?1")                        \
    X(EXPORT_MENTION, "SELECT id_text(thread) AS thread, id_text(post) AS post FROM mention WHERE member = ?1")      \
    X(EXPORT_REPORT, "SELECT id_text(id) AS id, id_text(matter) AS matter, at_ms, rule, reason FROM report WHERE by = ?1") \
    X(EXPORT_MATTER, "SELECT id_text(id) AS id, id_text(room) AS room, id_text(thread) AS thread, id_text(post) AS post, is_appeal, at_ms," \
                     " decided_ms, decision, rule, word_of('ask', ask) AS ask, id_text(sanction) AS sanction"        \
                     " FROM matter WHERE id IN (SELECT matter FROM report WHERE by = ?1)") \
    X(EXPORT_HELD, "SELECT id_text(h.id) AS id, h.why, h.word, h.opens, h.says FROM held AS h JOIN matter AS m ON m.id = h.id" \
                   " WHERE m.member = ?1 AND m.ask IN (1, 2)")                                                       \
    X(EXPORT_SANCTION, "SELECT id_text(id) AS id, id_text(scope) AS scope, word_of('sanction', act) AS act, at_ms, until," \
                       " word_of('role', role) AS role, rule, reason, pardoned_ms, word_of('role', pardon_role) AS pardon_role," \
                       " pardon_rule, pardon_reason, id_text(appeal) AS appeal, field FROM sanction WHERE member = ?1") \
    X(EXPORT_HIDDEN, "SELECT id_text(post) AS post, at_ms, rule, reason, id_text(appeal) AS appeal FROM hidden WHERE post IN" \
                     " (SELECT id FROM post WHERE by = ?1)")                                                         \
    X(EXPORT_COLLECTION, "SELECT id_text(id) AS id, id_text(region) AS region, title, about, at_ms, retired FROM collection" \
                         " WHERE by = ?1")
#define COLUMN_EXPORTS_OWN(X)                                                                                        \
    X(EXPORT_READ_POS, "SELECT id_text(thread) AS thread, seq FROM read_pos WHERE member = ?1")                      \
    X(EXPORT_FOLLOW, "SELECT id_text(thread) AS thread, word_of('level', level) AS level FROM follow WHERE member = ?1")                        \
    X(EXPORT_DRAFT, "SELECT id_text(place) AS place, at_ms, word_of('thread', kind) AS kind, title, text, id_text(reply_to) AS reply_to FROM draft" \
                    " WHERE member = ?1")                                                                            \
    X(EXPORT_BLOCKED, "SELECT id_text(blocked) AS blocked, at_ms FROM blocked WHERE member = ?1")                    \
    X(EXPORT_DIRECT_FROM, "SELECT who FROM direct_from WHERE member = ?1")                                           \
    X(EXPORT_SAVED, "SELECT id, at_ms, seen, notify, text, id_text(region) AS region, id_text(room) AS room, word_of('thread', kind) AS kind, id_text(by) AS by," \
                    " has_file, year, lang FROM saved WHERE member = ?1")                                            \
    X(EXPORT_PROFILE, "SELECT at_ms, peers FROM profile WHERE member = ?1")                                          \
    X(EXPORT_PROFILE_FIELD, "SELECT profile_field(field) AS field, CASE shown WHEN 0 THEN 'nobody' WHEN 1 THEN 'rooms' WHEN 2 THEN" \
                            " 'region' ELSE 'all' END AS shown, value FROM profile_field WHERE member = ?1")         \
    X(EXPORT_UPLOAD, "SELECT at_ms, name, bytes, type, width, height FROM upload WHERE member = ?1")                 \
    X(EXPORT_SESSION, "SELECT kind, device, created_ms, seen_ms, expires_ms, is_strong, scopes, (SELECT json_group_array("  \
                      "id_text(value)) FROM json_each(session.rooms)) AS rooms FROM session WHERE member = ?1") \
    X(EXPORT_ADDRESS, "SELECT key, at_ms FROM address WHERE member = ?1")                                            \
    X(EXPORT_ATTEMPT, "SELECT kind, key, tries, is_passed, how, at_ms, expires_ms FROM attempt WHERE member = ?1")     \
    /* Neither whom they wrote to nor whom they invited is theirs to take along. */                                  \
    X(EXPORT_BROWSER, "SELECT at_ms FROM browser WHERE member = ?1")                                                 \
    X(EXPORT_SPENT, "SELECT allowance, until_ms FROM spent WHERE member = ?1 OR key IN (SELECT key FROM address WHERE member = ?1)") \
    X(EXPORT_INVITATION, "SELECT id_text(org) AS org, is_delegate, id_text(region) AS region, id_text(room) AS room, role, lang," \
                         " uses, used, at_ms, expires_ms FROM invitation WHERE by = ?1")                             \
    X(EXPORT_INVITED, "SELECT id_text(by) AS by, at_ms FROM invited WHERE member = ?1")                              \
    X(EXPORT_LINK, "SELECT expires_ms, uses FROM link WHERE member = ?1")                                            \
    X(EXPORT_JOIN_REQUEST, "SELECT key, name, title, kind, org, country, city, id_text(region) AS region, langs, lang, website, text, at_ms," \
                           " decided_ms, approved, reason, id_text(of_org) AS of_org FROM join_request"              \
                           " WHERE key IN (SELECT key FROM address WHERE member = ?1)")                              \
    X(EXPORT_FACTOR, "SELECT id, kind, name, at_ms, used_ms FROM factor WHERE member = ?1")                          \
    X(EXPORT_FACTOR_TRY, "SELECT kind, from_ms, tries FROM factor_try WHERE member = ?1")                            \
    X(EXPORT_OIDC_LINK, "SELECT id, issuer, subject, at_ms, used_ms FROM oidc_link WHERE member = ?1")               \
    X(EXPORT_MAIL, "SELECT to_address, lang, kind, at_ms, next_ms, tries, expires_ms FROM mail WHERE member = ?1")   \
    X(EXPORT_EXPORT, "SELECT at_ms, done_ms, bytes FROM export WHERE member = ?1")                                   \
    X(EXPORT_MAIL_TROUBLE, "SELECT refused, at_ms, why FROM mail_trouble WHERE member = ?1")

/* (ERASE_ and the table, statement.) What goes when somebody leaves, besides their words in the journal, which are taken out of the
 * derived tables, too. Of long tables some rows at a time: it is run again until none is left. */
#define SOME_OF(table, key)                                                                                          \
    "DELETE FROM " table " WHERE member = ?1 AND " key " IN (SELECT " key " FROM " table " WHERE member = ?1 LIMIT 500)"
#define NONE_IS_LEFT "NOT EXISTS (SELECT 1 FROM read_pos WHERE member = ?1) AND NOT EXISTS (SELECT 1 FROM follow WHERE member = ?1)"
#define COLUMN_ERASURES(X)                                                                                           \
    X(ERASE_READ_POS, SOME_OF("read_pos", "thread"))                                                                 \
    X(ERASE_FOLLOW, SOME_OF("follow", "thread"))                                                                     \
    X(ERASE_DRAFT, "DELETE FROM draft WHERE member = ?1")                                                            \
    X(ERASE_BLOCKED, "DELETE FROM blocked WHERE member = ?1 OR blocked = ?1")                                        \
    X(ERASE_DIRECT_FROM, "DELETE FROM direct_from WHERE member = ?1")                                                \
    X(ERASE_SAVED, "DELETE FROM saved WHERE member = ?1")                                                            \
    X(ERASE_PROFILE, "DELETE FROM profile WHERE member = ?1")                                                        \
    X(ERASE_PROFILE_FIELD, "DELETE FROM profile_field WHERE member = ?1")                                            \
    X(ERASE_PROFILE_KEY, "DELETE FROM profile_key WHERE member = ?1")                                                \
    X(ERASE_UPLOAD, "DELETE FROM upload WHERE member = ?1")                                                          \
    X(ERASE_SESSION, "DELETE FROM session WHERE member = ?1")                                                        \
    X(ERASE_INVITATION, "DELETE FROM invitation WHERE by = ?1 OR key IN (SELECT key FROM address WHERE member = ?1)") \
    X(ERASE_INVITED, "DELETE FROM invited WHERE member = ?1")                                                        \
    X(ERASE_ATTEMPT, "DELETE FROM attempt WHERE member = ?1 OR key IN (SELECT key FROM address WHERE member = ?1)")   \
    X(ERASE_BROWSER, "DELETE FROM browser WHERE member = ?1")                                                        \
    X(ERASE_SPENT, "DELETE FROM spent WHERE member = ?1 OR key IN (SELECT key FROM address WHERE member = ?1)")       \
    X(ERASE_JOIN_REQUEST, "DELETE FROM join_request WHERE key IN (SELECT key FROM address WHERE member = ?1)")       \
    X(ERASE_MAIL, "DELETE FROM mail WHERE member = ?1 OR to_address IN (SELECT key FROM address WHERE member = ?1)")  \
    X(ERASE_ADDRESS, "DELETE FROM address WHERE member = ?1")                                                        \
    X(ERASE_LINK, "DELETE FROM link WHERE member = ?1")                                                              \
    X(ERASE_FACTOR, "DELETE FROM factor WHERE member = ?1")                                                          \
    X(ERASE_FACTOR_TRY, "DELETE FROM factor_try WHERE member = ?1")                                                  \
    X(ERASE_OIDC_LINK, "DELETE FROM oidc_link WHERE member = ?1")                                                    \
    X(ERASE_EXPORT, "DELETE FROM export WHERE member = ?1")                                                          \
    X(ERASE_MAIL_TROUBLE, "DELETE FROM mail_trouble WHERE member = ?1")

/* Every table: (table, what it is, columns that are kept back from an export). DERIVED: made from the journal, and erased with it.
 * OWN: rows of one person, erased by a statement above. NOBODYS: of the hub, its rooms and its own work; what names a person there
 * is their number alone, which says nothing of who left; of them a hash of their handle stays, that nobody has it again. */
#define COLUMN_TABLES(X)                                                                                             \
    X("member", DERIVED, "erased_ms")                                                                                \
    X("org_member", DERIVED, "member")                                                                               \
    X("given_role", DERIVED, "member")                                                                               \
    X("membership", DERIVED, "member")                                                                               \
    X("direct", DERIVED, "")                                                                                         \
    X("thread", DERIVED, "by posts last last_at last_by is_pinned is_locked merged_into is_closed is_archived pinned_until" \
                         " is_featured featured_until")                                                              \
    X("post", DERIVED, "by changed redacted_by md moved is_locked files")                                            \
    X("post_version", DERIVED, "entry by md")                                                                        \
    X("post_file", DERIVED, "by thumb")                                                                              \
    X("reaction", DERIVED, "member")                                                                                 \
    X("mention", DERIVED, "member")                                                                                  \
    X("report", DERIVED, "by")                                                                                       \
    X("matter", DERIVED, "member claimed_by claimed_ms decided_by reason")                                           \
    X("held", DERIVED, "does")                                                                                       \
    X("sanction", DERIVED, "member room by pardon")                                                                  \
    X("hidden", DERIVED, "by")                                                                                       \
    X("collection", DERIVED, "by")                                                                                   \
    X("read_pos", OWN, "member")                                                                                     \
    X("follow", OWN, "member")                                                                                       \
    X("draft", OWN, "member kept_ms")                                                                                \
    X("blocked", OWN, "member")                                                                                      \
    X("direct_from", OWN, "member")                                                                                  \
    X("saved", OWN, "member")                                                                                        \
    X("profile", OWN, "member")                                                                                      \
    X("profile_field", OWN, "member words")                                                                          \
    X("profile_key", OWN, "member field value")                                                                      \
    X("upload", OWN, "id member hash dot thumb metadata")                                                            \
    X("session", OWN, "hash member")                                                                                 \
    X("address", OWN, "member")                                                                                      \
    X("attempt", OWN, "ticket member code data")                                                                     \
    X("browser", OWN, "mark member session")                                                                         \
    X("spent", OWN, "key member who")                                                                                   \
    X("invitation", OWN, "hash by key said")                                                                              \
    X("invited", OWN, "member invitation")                                                                           \
    X("link", OWN, "hash member")                                                                                    \
    X("join_request", OWN, "id decided_by")                                                                          \
    X("factor", OWN, "member credential secret counter")                                                             \
    X("factor_try", OWN, "member")                                                                                   \
    X("oidc_link", OWN, "member")                                                                                    \
    X("mail", OWN, "id message member args")                                                                         \
    X("export", OWN, "member id")                                                                                    \
    X("mail_trouble", OWN, "member")                                                                                 \
    X("last_own", NOBODYS, "") X("hider", NOBODYS, "") X("turn", NOBODYS, "") X("journal", NOBODYS, "")              \
    X("chain", NOBODYS, "") X("checkpoint", NOBODYS, "") X("hub", NOBODYS, "") X("region", NOBODYS, "")              \
    X("room", NOBODYS, "") X("room_words", NOBODYS, "") X("org", NOBODYS, "") X("theme", NOBODYS, "")                \
    X("theme_seed", NOBODYS, "") X("collection_item", NOBODYS, "") X("resource", NOBODYS, "")                        \
    X("resource_key", NOBODYS, "") X("resource_count", NOBODYS, "") X("post_link", NOBODYS, "")                      \
    X("link_told", NOBODYS, "") X("link_due", NOBODYS, "") X("blob", NOBODYS, "") X("unmerged", NOBODYS, "")         \
    X("post_spaceless", NOBODYS, "") X("title_spaceless", NOBODYS, "") X("erased", NOBODYS, "") X("erasure", NOBODYS, "")        \
    X("under_way", NOBODYS, "")
#endif
