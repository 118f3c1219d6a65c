/* people.h: the directory of members, what they say of themselves as far as the viewer may see it, and who is a good one to
 * ask. Reader threads, inside db_begin..db_rollback; rows are borrowed until the visit returns. */
#ifndef BZ_STORE_PEOPLE_H
#define BZ_STORE_PEOPLE_H
#include "domain/peer.h"
#include "store/query.h"

/* profile: a JSON object of the fields that the viewer may see. may_ask: they say that they can be asked. */
struct person_row { struct member_row member; struct span profile; bool may_ask; };
typedef void (*person_visit)(void *ctx, const struct person_row *row);

/* Members, but for those who are banned, whom all that is asked for (absent, 0: any) finds in what the viewer may see: by handle,
 * after that of `before`. text: words that all begin one in name, handle, organisation, city or the texts of the profile; can:
 * in what they can help with alone. */
struct directory { bz_id region, before; struct span country, city, org, lang, theme, can, text; int limit; };
enum bz_err query_directory(struct db *db, struct viewer v, const struct directory *find, person_visit visit, void *ctx,
                            struct bz_error *e);
/* ids: JSON array of integers, at most PAGE_MAX; in its order. */
enum bz_err query_persons(struct db *db, struct viewer v, struct span ids, person_visit visit, void *ctx, struct bz_error *e);
/* One: NOT_FOUND if there is none. */
enum bz_err query_person(struct db *db, struct viewer v, bz_id member, person_visit visit, void *ctx, struct bz_error *e);
/* The organisation that a member is in, or 0. */
enum bz_err query_org_of(struct db *db, bz_id member, bz_id *ret, struct bz_error *e);
/* The viewer's own: the circles of the fields that are set, as a JSON object. */
enum bz_err query_circles(struct db *db, struct viewer v, void (*visit)(void *ctx, struct span json), void *ctx, struct bz_error *e);

/* Of what the viewer may read, among a member's newest posts (PEOPLE_WALKED): how many, how many were accepted as answers,
 * how many began a resource. Then the threads, newest first, in which they wrote last; no lobbies. */
#define PEOPLE_WALKED "2000"
struct contributions { int64_t posts, answers, resources; };
enum bz_err query_contributions(struct db *db, struct viewer v, bz_id member, struct contributions *ret, struct bz_error *e);
enum bz_err query_threads_of(struct db *db, struct viewer v, bz_id member, int limit, thread_visit visit, void *ctx, struct bz_error *e);

/* How many listed members (of a region, or 0) have which value in what the viewer may see; the most first, at most FACETS_MAX. */
enum people_facet { PEOPLE_COUNTRY, PEOPLE_CITY, PEOPLE_LANG, PEOPLE_THEME };
enum bz_err query_people_facet(struct db *db, struct viewer v, bz_id region, enum people_facet of, facet_visit visit, void *ctx,
                               struct bz_error *e);
enum bz_err query_people_count(struct db *db, bz_id region, int64_t *ret, struct bz_error *e);

/* Whom the viewer could ask about a thread that they may read, or about words, a theme, in a city (absent: whatever): of who says
 * that they can be asked and neither blocks nor is blocked by the viewer, the best PEERS_MAX first; then the same for cities, by
 * all of these people. NOT_FOUND: no such thread. */
struct peer_wish { bz_id thread; struct span text, theme, city; };
struct peer_row { struct person_row person; int64_t score; struct peer_signs signs; struct span theme, lang; };
struct peer_city_row { struct span city, country; int64_t score, people; struct peer_signs signs; struct span theme; };
struct peer_visit {
    void (*person)(void *ctx, const struct peer_row *row);
    void (*city)(void *ctx, const struct peer_city_row *row);
    void *ctx;
};
enum bz_err query_peers(struct db *db, struct viewer v, const struct peer_wish *wish, const struct peer_visit *visit, struct bz_error *e);
#endif
