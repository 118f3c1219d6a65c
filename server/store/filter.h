/* filter.h: which words of a room's list stand in what somebody is about to say there. Writer thread. */
#ifndef BZ_STORE_FILTER_H
#define BZ_STORE_FILTER_H
#include "base/arena.h"
#include "domain/command.h"
#include "store/db.h"

/* Whole words, whatever their case and accents, as search finds them; a word of a script without spaces wherever it
 * stands. They are found as they are written and as they read: letters of other forms and such that look alike, what is
 * not seen, and marks, links and entities inside a word hide nothing. Files that are shared along are looked at by their names
 * and what they show (alt). The strongest word that is found is copied to the arena; 0: none. *ret_in_files: only there. */
enum bz_err filter_find(struct db *db, bz_id room, const struct command *cmd, struct arena *arena,
                        enum word_act *ret_act, struct span *ret_word, bool *ret_in_files, struct bz_error *e);

struct filter;   /* of one connection */
void filter_free(struct filter *filter);   /* before its connection is closed; NULL is fine */
#endif
