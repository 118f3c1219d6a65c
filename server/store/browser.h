/* browser.h: in which browsers somebody signed in. Each keeps a mark, which its next sign-in changes: by it a member's own browser has
 * codes of its own, which no stranger uses up. It opens nothing. Personal, never an entry. Writer thread, inside a transaction, except
 * where a function says otherwise. */
#ifndef BZ_STORE_BROWSER_H
#define BZ_STORE_BROWSER_H
#include "domain/command.h"
#include "store/db.h"

#define BROWSER_MARK_CHARS 43
#define BROWSER_DAYS       365         /* without a sign-in there */
#define BROWSERS_MAX       10          /* of one member: the last ones */

/* That of the browser which holds the session of this hash: base64url; ret is NUL-terminated. Pure; any thread. */
void browser_mark(const unsigned char session[SECRET_BYTES], char ret[BROWSER_MARK_CHARS + 1]);

/* Somebody signed in as cmd->new_secret (a session's hash), in the browser that had cmd->browser: who signed in there before comes
 * along to the new mark. */
enum bz_err browser_note(struct db *db, const struct command *cmd, bz_id member, int64_t now_ms, struct bz_error *e);
enum bz_err browser_knows(struct db *db, const unsigned char mark[SECRET_BYTES], bz_id member, bool *ret, struct bz_error *e);
/* All but that of session `own`; with a name (16 hexadecimal digits) that of this session alone. */
enum bz_err browser_forget(struct db *db, bz_id member, const unsigned char own[SECRET_BYTES], struct span name, struct bz_error *e);
#endif
