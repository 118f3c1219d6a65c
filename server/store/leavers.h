/* leavers.h: the list of who left, for copies of before: whoever puts one back has them left again (DIR/erased.list, and CODE.erased
 * beside the copies). Lines of text: a member's number, a mark by which only the one of this history is meant, when, whether the posts
 * stay, a hash of their handle; the hub signs it (Ed25519). It has no names. */
#ifndef BZ_STORE_LEAVERS_H
#define BZ_STORE_LEAVERS_H
#include "store/db.h"
#include "store/key.h"

#define LEAVERS_NAME "erased.list"
#define LEAVER_MARK_BYTES 16      /* and of the hash of a handle */

struct leaver { bz_id member; int64_t at_ms; unsigned char mark[LEAVER_MARK_BYTES], handle[LEAVER_MARK_BYTES]; bool keeps, has_handle; };

/* Writes dir/erased.list, unless it says so already: whole, and on the disk. Writer thread, outside a transaction. */
enum bz_err leavers_write(struct db *db, const struct hub_key *key, const char *dir, struct bz_error *e);
/* To a name of another folder, whole or not at all; one that is there is replaced. NOT_FOUND: there is none to copy. */
enum bz_err leavers_copy(const char *from, const char *to, struct bz_error *e);
/* *ret: to be freed. NOT_FOUND: no such file. STORE: it is damaged, or of another hub. FORBIDDEN: signed neither with `own` nor with a
 * key that a checkpoint of this database knows; NULL: any key will do. */
enum bz_err leavers_read(struct db *db, const char *path, const unsigned char own[KEY_BYTES], struct leaver **ret,
                         size_t *ret_count, struct bz_error *e);

/* Are they here, and not gone yet? One who is not here is noted, so that the next list has them, too. In a transaction. */
enum bz_err leavers_meet(struct db *db, const struct leaver *leaver, bool *ret_is_here, struct bz_error *e);

/* Of a copy, before it is put back. */
enum bz_err leavers_code(const char *copy, char ret[BZ_HUB_CODE + 1], struct bz_error *e);
#endif
