/* people.h: the reading methods about people: directory, profiles, who could be asked. As queries.h. */
#ifndef BZ_WIRE_PEOPLE_H
#define BZ_WIRE_PEOPLE_H
#include "engine/readers.h"

/* q->args is a struct query_args (method.h). */
enum bz_err run_member_facets(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_member_find(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_peer_find(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_profile_get(struct db *db, struct query *q, struct bz_error *e);
#endif
