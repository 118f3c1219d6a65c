#include "store/browser.h"

#include "store/statement.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

#define BROWSER_STATEMENTS(X)                                                                                       \
    X(SQL_OLD, "DELETE FROM browser WHERE at_ms <= ?1")                                                             \
    X(SQL_MOVE, "UPDATE browser SET mark = ?1 WHERE mark = ?2")                                                     \
    X(SQL_NOTE, "INSERT INTO browser(mark, member, session, at_ms) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(mark, member)" \
                " DO UPDATE SET session = excluded.session, at_ms = excluded.at_ms")                                \
    X(SQL_MOST, "DELETE FROM browser WHERE member = ?1 AND mark NOT IN (SELECT mark FROM browser WHERE member = ?1" \
                " ORDER BY at_ms DESC, mark LIMIT ?2)")                                                             \
    X(SQL_KNOWS, "SELECT 1 FROM browser WHERE mark = ?1 AND member = ?2")                                           \
    X(SQL_FORGET, "DELETE FROM browser WHERE member = ?1 AND session <> ?2 AND (?3 = '' OR lower(hex(substr(session, 1, 8))) = ?3)")
STATEMENTS(BROWSER_STATEMENTS, browser, true)

#define BIND(name, ...) db_bind(db, LIST_BROWSER, name, __VA_ARGS__)

void browser_mark(const unsigned char session[SECRET_BYTES], char ret[BROWSER_MARK_CHARS + 1])
{
    static const unsigned char use[] = "the mark of a browser";
    unsigned char bytes[32];
    (void)crypto_generichash(bytes, sizeof bytes, session, SECRET_BYTES, use, sizeof use - 1);
    (void)sodium_bin2base64(ret, BROWSER_MARK_CHARS + 1, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

enum bz_err browser_note(struct db *db, const struct command *cmd, bz_id member, int64_t now_ms, struct bz_error *e)
{
    char mark[BROWSER_MARK_CHARS + 1];
    unsigned char hash[SECRET_BYTES];
    browser_mark(cmd->new_secret, mark);
    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)mark, BROWSER_MARK_CHARS, NULL, 0);
    sodium_memzero(mark, sizeof mark);
    enum bz_err rc = db_run(db, BIND(SQL_OLD, "i", now_ms - BROWSER_DAYS * DAY_MS), e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_MOVE, "hh", hash, cmd->browser), e);
    if (rc == BZ_OK)
        rc = db_run(db, BIND(SQL_NOTE, "hihi", hash, member, cmd->new_secret, now_ms), e);
    return rc == BZ_OK ? db_run(db, BIND(SQL_MOST, "ii", member, (int64_t)BROWSERS_MAX), e) : rc;
}

enum bz_err browser_knows(struct db *db, const unsigned char mark[SECRET_BYTES], bz_id member, bool *ret, struct bz_error *e)
{
    int64_t found = 0;
    enum bz_err rc = db_number(db, BIND(SQL_KNOWS, "hi", mark, member), &found, e);
    *ret = found != 0;
    return rc;
}

enum bz_err browser_forget(struct db *db, bz_id member, const unsigned char own[SECRET_BYTES], struct span name, struct bz_error *e)
{
    return db_run(db, BIND(SQL_FORGET, "ihs", member, own, name.at == NULL ? SPAN("") : name), e);
}
