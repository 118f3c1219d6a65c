/* objects.h: rows of the store as the JSON objects of proto/README.md. Pure; reader threads. */
#ifndef BZ_WIRE_OBJECTS_H
#define BZ_WIRE_OBJECTS_H
#include "store/query.h"

void put_member(struct buf *b, const struct hubs *hubs, const struct member_row *row);
void put_region(struct buf *b, const struct hubs *hubs, const struct region_row *row);
void put_room(struct buf *b, const struct hubs *hubs, const struct room_row *row);
void put_thread(struct buf *b, const struct hubs *hubs, const struct thread_row *row);
void put_post(struct buf *b, const struct hubs *hubs, const struct post_row *row);
void put_draft(struct buf *b, const struct hubs *hubs, const struct draft_row *row);
void put_act(struct buf *b, const struct hubs *hubs, const struct act_row *row);
/* A matter is open while its reports are written. */
void put_matter_open(struct buf *b, const struct hubs *hubs, const struct matter_row *row);
void put_report(struct buf *b, const struct hubs *hubs, const struct report_row *row);
void put_matter_close(struct buf *b);
void put_sanction(struct buf *b, const struct hubs *hubs, const struct sanction_row *row);
void put_version(struct buf *b, const struct hubs *hubs, const struct version_row *row);
void put_resource(struct buf *b, const struct hubs *hubs, const struct resource_row *row);
void put_edition(struct buf *b, const struct hubs *hubs, const struct edition_row *row);
void put_collection(struct buf *b, const struct hubs *hubs, const struct collection_row *row);
void put_theme(struct buf *b, const struct hubs *hubs, const struct theme_row *row);
void put_org(struct buf *b, const struct hubs *hubs, const struct org_row *row);
void put_org_member(struct buf *b, const struct hubs *hubs, const struct org_member_row *row);
void put_shared(struct buf *b, const struct hubs *hubs, const struct shared_row *row);
void put_hit(struct buf *b, const struct hubs *hubs, const struct hit_row *row);
void put_saved(struct buf *b, const struct hubs *hubs, const struct saved_row *row);
#endif
