/* queries.h: the reading methods. Each runs on a reader thread, inside one snapshot, and writes its whole result. */
#ifndef BZ_WIRE_QUERIES_H
#define BZ_WIRE_QUERIES_H
#include "engine/readers.h"
#include "wire/exchange.h"

/* q->args is a struct query_args (method.h). */
enum bz_err run_catchup_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_direct_get(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_direct_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_draft_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_link_posts(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_log_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_keep_get(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_export_get(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_member_blocked(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_member_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_post_history(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_post_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_post_preview(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_collection_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_resource_facets(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_resource_get(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_resource_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_org_due(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_org_get(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_org_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_theme_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_room_words(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_region_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_room_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_queue_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_report_mine(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_sanction_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_sanction_mine(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_search_query(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_search_saved(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_thread_get(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_thread_list(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_thread_similar(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_thread_unanswered(struct db *db, struct query *q, struct bz_error *e);

/* wire/desk.c */
enum bz_err run_desk_numbers(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_desk_members(struct db *db, struct query *q, struct bz_error *e);
enum bz_err run_request_list(struct db *db, struct query *q, struct bz_error *e);

/* Who speaks: fills viewer and expires_ms, and writes the Member as q->out. q->args is a struct who_args. */
struct who_args {
    const struct hubs *hubs;
    unsigned char hash[32];
    int64_t now_ms;
    bz_id member;              /* not 0: this member, no token is asked */
    int64_t expires_ms, seen_ms;
    bool minds_second;         /* in: who moderates needs one */
    bool is_weak;              /* and has none */
    struct rights rights;      /* in its query's arena */
    bool may_weaken;           /* would have none if they moderated */
};
enum bz_err run_who(struct db *db, struct query *q, struct bz_error *e);

/* Where a thread is, if the viewer may see it. q->args is a struct place_args. */
struct place_args { bz_id thread, room; };
enum bz_err run_place(struct db *db, struct query *q, struct bz_error *e);
#endif
