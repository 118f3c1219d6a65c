/* decide_parts.h: what the deciders of one noun share. Inside domain/ only. */
#ifndef BZ_DOMAIN_DECIDE_PARTS_H
#define BZ_DOMAIN_DECIDE_PARTS_H
#include "base/json_out.h"
#include "domain/decide.h"

#define BODY_BYTES_MAX (256u << 10)     /* one entry's body: text and tokens at their limits, escaped */

struct decider {
    const struct facts *facts;
    const struct command *cmd;
    struct arena *arena;
    struct decision *ret;
    struct bz_error *e;
    struct buf body;                    /* of the entry being made */
};

struct place { bz_id room, thread, subject; };

/* body_open, json_put_…, then entry_add; the body is closed there. Order is the order of proto/README.md. */
void body_open(struct decider *d);
void entry_add(struct decider *d, enum entry_kind kind, struct place place);
bz_id next_id(const struct decider *d);              /* of the thing that the next entry creates */
void put_id_opt(struct decider *d, const char *name, bz_id id);
void entry_add_raw(struct decider *d, enum entry_kind kind, struct place place, struct span body);   /* made before */
struct thread_draft { bz_id room, author, source; struct span title, lang, fields; enum thread_kind kind; };   /* author 0: the actor */
void thread_body(struct decider *d, const struct thread_draft *draft);   /* its members, into the body that is open */
bz_id thread_add(struct decider *d, const struct thread_draft *draft);
void lobby_add(struct decider *d, bz_id room, struct span title, struct span lang);

/* INVALID with the field named. Optional ones take an absent span. */
enum bz_err need_name(struct decider *d, const char *field, struct span s, size_t chars_max);
enum bz_err need_text(struct decider *d, const char *field, struct span s, size_t bytes_max);
enum bz_err need_files(struct decider *d);            /* those that the command brings are complete, and there is room */
enum bz_err need_words_or_files(struct decider *d);
enum bz_err need_fields(struct decider *d);           /* if there are some: in bounds, and their themes are there */
void put_files(struct decider *d);
/* Why: a rule, or words, or both. */
enum bz_err need_why(struct decider *d);
void put_as(struct decider *d);    /* who moderates acts in their role, not in their name */
void put_why(struct decider *d);   /* as, rule, reason */
enum bz_err need_until(struct decider *d);   /* of a silence or a suspension */
void sanction_add(struct decider *d, enum sanction act);   /* on facts->member */
void pardon_add(struct decider *d);                        /* of facts->sanction */
/* Whoever hid a post does not end its author's appeal by removing it for good. */
enum bz_err leaves_appeal(struct decider *d);
enum bz_err need_name_opt(struct decider *d, const char *field, struct span s);
enum bz_err need_lang_opt(struct decider *d);
enum bz_err need_slug(struct decider *d, struct span s);
enum bz_err taken(struct decider *d, const char *field);
struct span lang_or(const struct decider *d, const char *other);

typedef enum bz_err decide_fn(struct decider *d);
decide_fn decide_hub_init, decide_region_create, decide_room_create, decide_room_join, decide_room_leave;
decide_fn decide_room_invite, decide_room_set, decide_member_add, decide_invite_take, decide_member_role, decide_member_set;
decide_fn decide_member_sanction, decide_member_pardon, decide_sanction_appeal;
decide_fn decide_member_erase, decide_erase_step;
decide_fn decide_direct_open;
decide_fn decide_thread_create, decide_thread_rename, decide_thread_lock, decide_thread_pin, decide_thread_answer;
decide_fn decide_thread_close, decide_thread_archive, decide_thread_kind, decide_thread_feature;
decide_fn decide_thread_fields, decide_resource_promote, decide_theme_set;
decide_fn decide_collection_create, decide_collection_set, decide_collection_put;
decide_fn decide_org_create, decide_org_set, decide_org_member, decide_org_confirm, decide_request_decide;
decide_fn decide_thread_move, decide_thread_merge, decide_thread_undo, decide_post_move;
decide_fn decide_post_create, decide_post_edit, decide_post_redact, decide_post_react;
decide_fn decide_post_hide, decide_post_restore, decide_post_lock;
/* What a room's settings make of something said there by who does not moderate it. */
enum saying { SAYS_POST, SAYS_THREAD, SAYS_EDIT, SAYS_TITLE, SAYS_FIELDS };
struct judgement { bool is_held, is_flagged; const char *why; };
enum bz_err judge(struct decider *d, enum saying saying, struct judgement *ret);   /* BLOCKED, FORBIDDEN: it is refused */
void ask_add(struct decider *d, enum ask ask, const struct judgement *why, bz_id reply_to);   /* sets ret->id */
void flag_add(struct decider *d, bz_id thread, bz_id post);   /* a report of the hub's own, of the word that was found */
void approve(struct decider *d);                              /* the matter, after its decision */
enum bz_err carry_out_proposal(struct decider *d);            /* after its decision; CONFLICT: nothing of it is left */

decide_fn decide_link_tell;
decide_fn decide_report_create, decide_report_claim, decide_report_decide, decide_appeal_create;

/* Text, md, lang where it is not the usual one, and the rest of what a post and its edit have in common; reply_to 0: none. */
void post_body(struct decider *d, struct span lang, struct span usual, bz_id reply_to);
#endif
