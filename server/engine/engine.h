/* engine.h: one function that commits a batch of commands. The writer thread calls it in production; unit tests,
 * the simulation and the command line call it inline. */
#ifndef BZ_ENGINE_ENGINE_H
#define BZ_ENGINE_ENGINE_H
#include "base/arena.h"
#include "base/stats.h"
#include "domain/command.h"
#include "domain/entry.h"
#include "store/db.h"
#include "store/retention.h"
#include "store/upload.h"

struct outcome {
    struct bz_error error;     /* error.code BZ_OK: done and on the disk */
    bz_id id, extra, third;    /* as in struct decision */
    int64_t seq;               /* of the command's first entry; the head when nothing had to change */
    bz_id member;              /* session.open, .enter, .close, .end, invite.take */
    unsigned char ended[SECRET_BYTES];   /* token.drop: its hash */
    bool may_link, may_join;   /* oidc.enter: the ticket goes on, to be linked, or to an invitation */
    bool needs_second;         /* session.enter: a second factor is to come */
    struct span report;        /* invite.bulk: JSON, in the job's arena */
    bool is_held;              /* it waits for a moderator; id is that of the ask */
    bool is_repeat;            /* this cid was answered before */
};

/* One command on its way: made by the edge, moves to the writer, comes back with its outcome. */
struct job {
    struct job *next;
    struct arena arena;        /* owns every span of cmd */
    struct command cmd;
    struct outcome outcome;
    bool is_out;               /* inside a commit: it broke one, and takes no part in the next */
    void (*done)(struct job *job);   /* on the loop thread; takes the job. NULL: job_free */
    void *owner;
    uint64_t tag;
};
struct job *job_new(enum command_kind kind);
void job_free(struct job *job);

/* What one commit changed, as a whole value. */
struct personal_change {
    bz_id member, thread, room;
    bz_id other;                   /* member.block */
    enum command_kind kind;
    int64_t seq;                   /* read.mark, read.room */
    int64_t edited_ms;             /* draft.set */
    enum follow_level level;
    enum from from;                /* direct.set */
    bool is_gone;                  /* draft.set: it was emptied or sent; member.block: not any more */
};
struct commit {
    struct commit *next;
    struct arena arena;
    size_t count;              /* entries, seq ascending, of hub 0 */
    struct entry *entries;
    size_t personal_count;
    struct personal_change *personal;
    int64_t mails;             /* put into the queue (store/mail.h) */
};
void commit_free(struct commit *c);

struct engine;
struct engine_config {
    struct db_config db;
    struct file_limits files;
    struct keep_days keep;     /* how long what nobody needs any more is kept */
    bool create;               /* make the database if it is missing */
    bool is_unsealed;          /* sign nothing, and make no key: a copy is put back whose key may come later */
    struct stats *stats;       /* borrowed */
};
/* Also signs a checkpoint if one is due: the first one of a long journal is not made while members wait for a commit. */
enum bz_err engine_open(const struct engine_config *config, struct engine **ret, struct bz_error *e);
void engine_close(struct engine *en);
struct db *engine_db(struct engine *en);              /* for upkeep, on the engine's thread only */
struct journal *engine_journal(struct engine *en);    /* likewise; ends with the engine */
const struct hubs *engine_hubs(struct engine *en);
const unsigned char *engine_key(struct engine *en);   /* public; zeros if is_unsealed */

/* Uploads that ended and bytes that nothing names are looked for in the next steps of engine_tend. */
void engine_sweep(struct engine *en);

/* Those of the list at `path` (store/leavers.h) who are here leave again, before anybody is served; the rest is noted. *ret: how many
 * left. Errors as of leavers_read; any_key: who gives the list answers for it. */
enum bz_err engine_leave_again(struct engine *en, const char *path, bool any_key, size_t *ret, struct bz_error *e);

/* Work that nobody waits for, one step of milliseconds between two commits: false when nothing is left to do. */
bool engine_tend(struct engine *en);

/* Signs a checkpoint if one is due and nothing was committed lately; what was written last is sealed within the hour. */
void engine_seal(struct engine *en);

/* Decides and commits all jobs in one transaction; outcomes are set in each. *ret is NULL when nothing changed for
 * others and no mail is to be sent. A failed commit fails every job of the batch that would have written (STORE, STORAGE_FULL, BUSY). */
void engine_commit(struct engine *en, struct job **jobs, size_t count, struct commit **ret);
#endif
