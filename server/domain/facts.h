/* facts.h: what the store knew when a command was decided, read in the writer's own transaction.
 * A thing that was not asked for or does not exist has id 0. */
#ifndef BZ_DOMAIN_FACTS_H
#define BZ_DOMAIN_FACTS_H
#include "baraza/limits.h"
#include "domain/command.h"
#include "domain/entry.h"

/* role: in the room or region that the command names, where one given for it, its region or the hub counts most. */
struct member_facts { bz_id id; enum role role, hub_role; };
/* What is imposed on the actor: until when, 0: nothing, INT64_MAX: without an end. */
struct held_facts {
    int64_t silenced_ms;       /* in the room, its region, or the hub */
    int64_t suspended_ms;      /* from the room or its region */
    int64_t barred_ms;         /* from the hub: suspended or banned */
};
struct room_facts {
    bz_id id, region, chat;
    enum access access;
    struct room_set set;
    bool is_joined;            /* the actor is part of it (joined, or invited into a private one) */
    char lang[BZ_LIMIT_LANG_CHARS + 1];
};
struct thread_facts {
    bz_id id, room, author, answer;
    bz_id merged_into;         /* the thread that is shown in its place, or 0 */
    int64_t posts, last_ms;    /* of its newest post, or of itself */
    enum thread_kind kind;
    bool is_locked, is_pinned, is_featured, is_closed, is_archived;
    int64_t pinned_until_ms;   /* 0: until it is unpinned */
    int64_t featured_until_ms; /* 0: until that is taken back */
    char lang[BZ_LIMIT_LANG_CHARS + 1];
    struct span title;
};
struct post_facts {
    bz_id id, thread, author;
    bz_id left;                /* the thread that it was moved out of last, or 0 */
    bool is_redacted, is_hidden, is_appealed, is_locked;
    bz_id hidden_by;
    bool has_reaction;         /* of the actor, with the command's emoji */
    struct span text;          /* as it stands now */
    struct span lang;
};

/* What moderators were asked to look at. */
struct matter_facts {
    bz_id id, room, thread, post, member, claimed_by;
    int64_t claimed_ms;
    bz_id sanction;            /* that is appealed against, or 0 */
    bool is_appeal, is_decided;
    bool is_of_two;            /* of a conversation of two, and the actor is one of them */
    bool is_anothers;          /* the actor reported it, or hid it before, and somebody else could decide */
    enum ask ask;              /* or 0: nothing that waits for a yes */
    struct span opens, says;   /* what waits: the bodies of the thread (or absent) and the post to come */
};

/* An act of moderation that waits for a second moderator: as it was asked for, and as the hub is now. */
struct facts;
struct proposal_facts {
    struct command cmd;              /* of who proposed it */
    bz_id thread, room, to_room;     /* where the posts stood, and were to go */
    const struct facts *theirs, *own;   /* of the command if it came from who proposed it, from the actor */
};

struct sanction_facts {
    bz_id id, member, scope, room, by;   /* scope: a room or region, or 0; room: that, if it is one */
    enum sanction act;
    int64_t until_ms;          /* 0: no end */
    bool is_lifted, is_appealed;
};

struct collection_facts {
    bz_id id, region;
    struct span title, about;
    bool is_retired, has_thread;   /* has_thread: command.thread is in it */
};
struct said_facts { struct span name, org, city, country, lang; bz_id region; bool is_in_org; };
struct theme_facts {
    bool is_there, is_retired, has_children, names_differ;   /* names_differ: command.names says something new */
    struct span parent;            /* or absent */
    bool parent_is_top;            /* command.parent is a theme of the upper level */
};

struct org_facts {
    bz_id id, region;
    struct span kind, name, country, city, size, langs, contact;   /* or absent */
    bool is_delegate;              /* the actor, of it */
    bz_id member_org;              /* of command.member, or 0 */
    bool member_is_delegate;       /* there */
    size_t confirmed_count;        /* of command.members, those who are in it */
    bz_id confirmed[BZ_LIMIT_IDS_MAX];
};

/* Somebody who asked to join, and for which organisation. */
struct request_facts {
    int64_t id;
    bz_id region;                  /* 0: they named none */
    bool is_decided, was_approved;
    struct span key, lang, org, kind, country, city, langs, website, name, title;   /* key: their address; or absent */
};

struct moving_facts { bz_id id; int64_t n; };   /* n: its place in its thread */
struct undo_facts {
    bz_id entry;               /* the posts.moved_in that is to be taken back, or 0 */
    bz_id answer;              /* the post that was the answer where they came from */
    int64_t posts;             /* of those it moved, still where they were put */
    bool is_merge;
};

enum upload_state { UPLOAD_UNKNOWN, UPLOAD_OPEN, UPLOAD_COMPLETE };
struct file_facts { enum upload_state state; struct span name, alt; struct blob blob; };

/* A link of the post, and what is told of it now. */
struct link_facts {
    bool is_there, is_shown;       /* in the post; where the room lets it be told */
    struct span title, about, lang;
    int64_t dead_ms;               /* 0: it is not said to be */
    int64_t failures, failed_ms;   /* since it last answered */
};

/* The next entries whose words are to be taken out, of somebody who left. */
struct erase_entry { int64_t seq; struct span rest; };   /* rest: a body without the words, or absent */
struct erase_facts {
    int64_t upto;              /* what the journal says up to here was looked through then */
    bool keeps;                /* their posts stay */
    bool goes_on;              /* there was something to look through */
    bool is_over;              /* nothing is left to be found in the database or its log */
    size_t count;
    struct erase_entry *entries;
};

/* The other of the two in a conversation; of direct.open: command.member, and `from` and what follows count where there is
 * no conversation yet. */
struct direct_facts {
    bool is_blocked, blocks;       /* they block the actor; the actor blocks them */
    bool is_barred;                /* suspended or banned from the hub */
    enum from from;                /* who may begin one with them */
    bool shares_room, is_of_region;
    bool is_new;                   /* the actor: moderators read few of their posts yet */
    int64_t day_own_ms, hour_own_ms;   /* when the actor began the oldest of as many as they may begin; 0: they have fewer */
    bool reads_there;              /* they read facts.to_thread */
};

struct facts {
    int64_t now_ms;            /* never less than the last entry's at_ms */
    int64_t next_seq;          /* of this hub */
    const struct hubs *hubs;
    bool is_operator;          /* command.actor == 0 */
    const struct erase_facts *erase; /* erase.step */
    struct span handle, lang;  /* member.erase: of `member` */
    bool room_is_named;        /* command.room != 0, also of one that does not exist */
    struct member_facts actor;
    enum role region_role;     /* the actor's in the region of what is spoken of: one that was given for a room alone is none there */
    /* command.member, or of member.set the actor; role: what was given for exactly this place, else GUEST. In what is
     * imposed or lifted: whom it concerns; role: theirs there. */
    struct member_facts member;
    int64_t other_admins;            /* of the hub, who may sign in: counted where `member` may cease to be one */
    struct held_facts held, held_there;   /* on the actor: in `room`, else in command.region; in to_room */
    struct held_facts member_held;   /* on who waits for a yes, where it would be done */
    bool member_is_joined;           /* command.member in the room */
    bz_id region;                    /* command.region, if it exists */
    bool email_taken;                /* member.add: somebody has command.email */
    bool name_taken;                 /* slug of a room that all may find, region slug, handle, or an organisation's name in its country */
    struct room_facts room;          /* command.room, or the thread's, or the post's */
    struct room_facts to_room;       /* command.to_room, or that of to_thread, or of post.move `room` */
    bool is_known;                   /* of a room that holds first posts: the actor has one that all may see */
    bool is_new;                     /* of a room that minds it: moderators read few posts of the actor yet */
    int64_t hour_own_ms;             /* is_new: when the actor wrote the oldest of their last room.set.new_hour posts; 0: they have fewer */
    int64_t waiting;                 /* of the actor's posts and threads in room: for a moderator */
    bool has_asked;                  /* room.join: and waits for the answer */
    struct { enum word_act act; struct span word; bool in_files; } found;   /* on the room's list, in what is to be said; or 0.
                                        in_files: in the name or alt of a file alone */
    int64_t last_own_ms;             /* when the actor last posted in room, if it is slow; 0: never */
    enum role role_there;            /* the actor's in to_room */
    struct thread_facts thread;      /* command.thread, or the post's, or the matter's; of thread.undo where the posts are */
    struct thread_facts to_thread;   /* command.to_thread; of thread.undo where they came from */
    struct post_facts post;          /* command.post, or the first of command.posts */
    size_t moving_count;             /* command.posts that stand in `thread` */
    struct moving_facts moving[BZ_LIMIT_IDS_MAX];
    bz_id first_post, last_post;     /* thread.merge: of `thread`, or 0 */
    struct undo_facts undo;
    bool has_second;                 /* of a move of more than BZ_LIMIT_SECOND_ABOVE posts: another moderator could do it, too */
    int64_t proposals;               /* then: of the actor's, how many wait where this one would */
    const struct proposal_facts *proposal;   /* report.decide: what its matter proposes, or NULL */
    struct post_facts reply;         /* command.reply_to */
    struct matter_facts matter;      /* command.matter */
    struct sanction_facts sanction;  /* command.sanction, or that of the matter */
    bz_id open_matter;               /* report.create: of the same thing, waiting */
    bz_id own_report;                /* the actor's in it, or 0 */
    struct link_facts link;          /* link.tell */
    struct span fields;              /* thread.fields: as they are, or absent */
    struct span no_theme;            /* in command.fields: the first that is none, or is retired and new to the thread; or absent */
    struct direct_facts direct;      /* direct.open, and what is written in a room of two */
    struct collection_facts collection;   /* command.collection; role_there and held_there are those in its region */
    struct said_facts said;          /* member.set: of `member`, as it is */
    struct theme_facts theme;        /* theme.set: command.slug */
    struct org_facts org;            /* command.organisation */
    struct request_facts request;    /* command.request */
    int64_t shelf_count;             /* theme.set: themes there are; collection.create: collections of the region */
    size_t files_count;              /* command.files, in their order, or that of resource.promote; name: as told now,
                                        or when it was sent */
    struct file_facts files[BZ_LIMIT_FILES_MAX];
    int64_t own_bytes, own_bytes_max;     /* resource.promote: of the actor's files; 0: no end */
    int64_t room_bytes, room_bytes_max;   /* of the files in room, if the command brings some; 0: no end */
    size_t mentions_count;           /* members whose @handle stands in the text and who may read the room */
    struct { bz_id id; char handle[BZ_LIMIT_HANDLE_CHARS + 1]; } mentions[BZ_LIMIT_MENTIONS_MAX];
};
#endif
