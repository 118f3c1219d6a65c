/* apply.h: the only writer of derived tables, and of what belongs to one person. Writer thread, inside a transaction. */
#ifndef BZ_STORE_APPLY_H
#define BZ_STORE_APPLY_H
#include "domain/command.h"
#include "domain/entry.h"
#include "domain/facts.h"
#include "store/db.h"

/* Derived tables from one entry. Reads no clock, no random, decides nothing; the body is read with SQLite's JSON. */
enum bz_err apply_entry(struct db *db, const struct entry *entry, struct bz_error *e);
/* Takes a post out of the indexes before what it is found by changes, or puts it in again afterwards. */
enum bz_err apply_post_words(struct db *db, bz_id post, bool is_in, struct bz_error *e);

/* Puts a thread's title into the indexes, or takes it out before it changes. */
enum bz_err apply_title_words(struct db *db, bz_id thread, bool is_in, struct bz_error *e);

/* A post's words are taken out of everything that holds them, the journal's bodies included; the chain keeps their hashes.
 * unnamed_ms: since when nothing names its files any more, as far as is known here. */
struct redaction { bz_id post, thread, entry, by; int64_t at_ms, unnamed_ms; struct span body; };
enum bz_err apply_redaction(struct db *db, const struct redaction *r, struct bz_error *e);

/* apply_erase.c: member.erase and erase. */
enum bz_err apply_erased(struct db *db, const struct entry *entry, struct bz_error *e);
/* What is left of an entry's body that was taken out, if anything is: then it is the entry's, and *ret_body is to be freed. */
enum bz_err erased_rest(struct db *db, struct entry *entry, char **ret_body, struct bz_error *e);

/* apply_resource.c. What is found of the resource that a thread is, if it is one: made anew after a change of the thread, of
 * its posts or of its room. */
enum bz_err apply_resource(struct db *db, bz_id thread, struct bz_error *e);
enum bz_err apply_library(struct db *db, const struct entry *entry, struct bz_error *e);   /* thread.fields, theme, collection… */

enum bz_err apply_org(struct db *db, const struct entry *entry, struct bz_error *e);   /* apply_org.c */

/* What a command needs to be decided. NOT_FOUND is not an error here: ids stay 0. Spans live until the next call. */
enum bz_err facts_load(struct db *db, const struct command *cmd, struct arena *arena, struct facts *ret,
                       struct bz_error *e);

/* What a draft.set changes, if it is newer than what is kept. CONFLICT: it is older, or the member has too many drafts.
 * NOT_FOUND: a place they may not see. */
enum bz_err draft_set(struct db *db, const struct command *cmd, int64_t now_ms, bool *ret_changed, struct bz_error *e);

/* A post.create or thread.create was carried out: the drafts of its place end, and of a thread also the one without a
 * room that has its title. */
#define DRAFT_ENDS 2
struct draft_end { bz_id place; int64_t at_ms; };
enum bz_err draft_sent(struct db *db, const struct command *cmd, struct draft_end ret[DRAFT_ENDS], size_t *ret_count,
                       struct bz_error *e);

/* Posts were moved (posts.moved_in): who read where they came from has read as much where they are, and what they had
 * not read stays unread. A new thread takes over positions and levels; one that was there takes over who follows. */
enum posts_moved { MOVED_OVER, MOVED_APART, MOVED_BACK };   /* to a thread that was there, to a new one, by an undo */
enum bz_err personal_moved(struct db *db, const struct entry *moved, enum posts_moved how, struct bz_error *e);

/* FORBIDDEN: a personal command of somebody who is suspended or banned from the hub. */
enum bz_err personal_check(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e);

/* Other personal commands and the secret ones (read.mark, read.room, thread.follow, member.block, session.open/close, token.issue,
 * link.issue):
 * tables of their own, no entry. ret_member: whom a session.open signed in, or whose session was closed.
 * UNAUTHENTICATED: unknown or expired code. NOT_FOUND: a thread they may not see. CONFLICT: they block too many. */
enum bz_err personal_apply(struct db *db, const struct command *cmd, int64_t now_ms, bz_id *ret_member,
                           struct bz_error *e);
/* Takes one field of a profile out, as if its owner had; who sees it stays as it is. */
enum bz_err profile_clear(struct db *db, bz_id member, enum profile_field field, struct bz_error *e);
/* search.save, search.seen, search.drop. CONFLICT: too many. NOT_FOUND: seen, and not there. */
enum bz_err saved_apply(struct db *db, const struct command *cmd, int64_t now_ms, struct bz_error *e);
#endif
