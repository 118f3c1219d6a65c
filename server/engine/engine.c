#include "engine/engine.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "domain/decide.h"
#include "domain/policy.h"
#include "engine/lang.h"
#include "store/account.h"
#include "store/request.h"
#include "store/apply.h"
#include "store/blob.h"
#include "store/checkpoint.h"
#include "store/erase.h"
#include "store/export.h"
#include "store/factor.h"
#include "store/forget.h"
#include "store/journal.h"
#include "store/leavers.h"
#include "store/link.h"
#include "store/oidc.h"
#include "store/mail.h"

struct engine {
    struct engine_config config;
    char *dir;
    struct db *db;
    struct journal *journal;
    struct lang_model *lang;
    struct hubs hubs;          /* own copy: it outlives a reopened connection */
    int64_t head, head_at_ms;  /* of hub 0, the open transaction's entries included */
    bool has_redacted;         /* words of a redacted post may still stand in the files; also asked once at start */
    int64_t forgetting;        /* state of store_forget */
    bool is_listing;           /* the list of who left may be older than the database */
    bool is_sweeping;          /* files may have to go */
    int sweeping;              /* state of upload_tend */
    struct hub_key key;
    struct checkpoint_state sealed;
    bool is_damaged;           /* a sync failed: nothing is acknowledged before the file was opened anew */
};

#define POISONOUS_MAX 3   /* commands of one batch that may each break it before the store itself is held to be broken */

/* One batch on its way into one transaction. */
struct batch {
    struct engine *en;
    struct commit *commit;
    size_t entries_cap, personal_cap;
};

static enum bz_err attach(struct engine *en, bool create, struct bz_error *e)
{
    enum bz_err rc = db_open(&en->config.db, DB_WRITE, create, &en->db, e);
    if (rc != BZ_OK)
        return rc;
    en->journal = journal_sqlite(en->db);
    if (en->journal == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    en->hubs = *db_hubs(en->db);
    en->sealed = (struct checkpoint_state){ 0 };
    rc = en->journal->ops->head(en->journal, 0, &en->head, &en->head_at_ms, e);
    if (rc == BZ_OK)
        en->is_damaged = false;
    return rc;
}

static void detach(struct engine *en)
{
    if (en->journal != NULL)
        en->journal->ops->free(en->journal);
    db_close(en->db);
    en->journal = NULL;
    en->db = NULL;
}

enum bz_err engine_open(const struct engine_config *config, struct engine **ret, struct bz_error *e)
{
    struct engine *en = calloc(1, sizeof *en);
    if (en == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    en->config = *config;
    en->dir = strdup(config->db.dir);
    en->config.db.dir = en->dir;
    en->has_redacted = en->is_sweeping = en->is_listing = true;
    enum bz_err rc = attach(en, config->create, e);
    if (rc == BZ_OK && !config->is_unsealed)   /* before the folder of files: an init that is refused for its key leaves nothing behind */
        rc = hub_key_load(en->dir, config->db.env, &en->key, e);
    if (rc == BZ_OK)
        rc = blob_folder(en->dir, e);
    if (rc != BZ_OK) {
        engine_close(en);
        return rc;
    }
    engine_seal(en);   /* a journal of a release that did not sign: all its marks at once, before anybody waits */
    en->lang = lang_new();
    *ret = en;
    return BZ_OK;
}

void engine_close(struct engine *en)
{
    if (en == NULL)
        return;
    detach(en);
    lang_free(en->lang);
    sodium_memzero(&en->key, sizeof en->key);
    free(en->dir);
    free(en);
}

struct db *engine_db(struct engine *en) { return en->db; }
struct journal *engine_journal(struct engine *en) { return en->journal; }
const unsigned char *engine_key(struct engine *en) { return en->key.public_key; }
const struct hubs *engine_hubs(struct engine *en) { return &en->hubs; }

static void *grown(void *at, size_t *cap, size_t item_bytes)
{
    *cap = *cap == 0 ? 16 : *cap * 2;
    at = realloc(at, *cap * item_bytes);
    if (at == NULL)
        abort();
    return at;
}

static void keep_entry(struct batch *b, const struct entry *entry)
{
    struct commit *c = b->commit;
    if (c->count == b->entries_cap)
        c->entries = grown(c->entries, &b->entries_cap, sizeof *c->entries);
    struct entry *kept = &c->entries[c->count++];
    b->en->is_listing |= entry->kind == ENTRY_MEMBER_ERASE;
    b->en->has_redacted |= entry->kind == ENTRY_POST_REDACT;
    *kept = *entry;
    kept->cid = (struct span){ NULL, 0 };   /* a command's id concerns nobody but its sender */
    kept->body = arena_copy(&c->arena, entry->body);
}

static void keep_personal(struct batch *b, struct personal_change change)
{
    struct commit *c = b->commit;
    if (c->personal_count == b->personal_cap)
        c->personal = grown(c->personal, &b->personal_cap, sizeof *c->personal);
    c->personal[c->personal_count++] = change;
}

static struct personal_change change_of(const struct command *cmd)
{
    return (struct personal_change){
        .member = cmd->kind == COMMAND_EXPORT_DONE ? cmd->member : cmd->actor,
        .thread = cmd->thread, .room = cmd->room, .other = cmd->member, .kind = cmd->kind,
        .seq = cmd->seq, .edited_ms = cmd->edited_ms, .level = cmd->level, .from = cmd->from,
        .is_gone = (cmd->kind == COMMAND_DRAFT_SET && cmd->text.len == 0 && cmd->title.len == 0)
                   || (cmd->kind == COMMAND_MEMBER_BLOCK && !cmd->on),
    };
}

/* The answer to a cid that was used before: what its first entry made. */
static void repeat(enum command_kind kind, const struct entry *first, struct outcome *out)
{
    out->is_repeat = true;
    out->seq = first->seq;
    out->is_held = first->kind == ENTRY_ASK;
    bz_id made = id_make(first->hub, first->seq);
    out->id = first->subject == made || first->kind == ENTRY_MEMBER_SANCTION ? made : 0;
    if (first->kind == ENTRY_THREAD || first->kind == ENTRY_ROOM)
        out->extra = id_make(first->hub, first->seq + 1);   /* its first post, its lobby: the next entry */
    bool is_first = first->kind == ENTRY_ROOM;
    if (kind == COMMAND_DIRECT_OPEN && (is_first || first->kind == ENTRY_POST)) {   /* the room, its lobby, and then the post */
        out->id = first->room;
        out->extra = is_first ? out->extra : first->thread;
        out->third = is_first ? id_make(first->hub, first->seq + 2) : made;
    }
}

static bool is_outside(const struct command *cmd, bz_id room)
{
    bool is_in = cmd->within == NULL;
    for (size_t i = 0; !is_in && i < cmd->within->count; i++)
        is_in = cmd->within->at[i] == room;
    return !is_in;
}

static void guess_language(struct engine *en, struct job *job)
{
    struct command *cmd = &job->cmd;
    char lang[BZ_LIMIT_LANG_CHARS + 1];
    bool is_wanted = cmd->kind == COMMAND_POST_CREATE || cmd->kind == COMMAND_POST_EDIT || cmd->kind == COMMAND_THREAD_CREATE
                     || cmd->kind == COMMAND_RESOURCE_PROMOTE || cmd->kind == COMMAND_DIRECT_OPEN;
    if (is_wanted && cmd->lang.at == NULL && en->lang != NULL && lang_guess(en->lang, cmd->text, lang))
        cmd->lang = arena_copy(&job->arena, span_of(lang));
}

static enum bz_err facts_now(struct engine *en, struct job *job, struct facts *facts, struct bz_error *e)
{
    memset(facts, 0, sizeof *facts);
    db_within(en->db, job->cmd.within);
    enum bz_err rc = facts_load(en->db, &job->cmd, &job->arena, facts, e);
    db_within(en->db, NULL);
    if (rc != BZ_OK)
        return rc;
    int64_t now = en->config.db.env->now_ms(en->config.db.env->ctx);
    facts->now_ms = now > en->head_at_ms ? now : en->head_at_ms;
    facts->next_seq = en->head + 1;
    facts->is_operator = job->cmd.actor == 0;
    facts->hubs = &en->hubs;
    facts->room_bytes_max = en->config.files.room;
    facts->own_bytes_max = en->config.files.member;
    rc = link_facts(en->db, &job->cmd, &job->arena, facts, e);
    if (rc == BZ_OK)
        rc = erase_facts(en->db, &job->cmd, &job->arena, facts, e);
    return rc == BZ_OK ? upload_facts(en->db, &job->cmd, &job->arena, facts, e) : rc;
}

static enum bz_err write_entries(struct batch *b, const struct decision *decision, struct bz_error *e)
{
    struct engine *en = b->en;
    enum bz_err rc = en->journal->ops->append(en->journal, en->head, decision->entries, decision->count, e);
    for (size_t i = 0; rc == BZ_OK && i < decision->count; i++) {
        rc = apply_entry(en->db, &decision->entries[i], e);
        if (rc == BZ_OK)
            keep_entry(b, &decision->entries[i]);
    }
    if (rc == BZ_OK && decision->count > 0) {
        en->head += (int64_t)decision->count;
        int64_t at_ms = decision->entries[decision->count - 1].at_ms;
        en->head_at_ms = at_ms > en->head_at_ms ? at_ms : en->head_at_ms;
    }
    return rc;
}

/* What was sent is no draft any more: in the same commit, so that no device sees both. */
static enum bz_err end_drafts(struct batch *b, const struct command *cmd, struct bz_error *e)
{
    struct draft_end ends[DRAFT_ENDS];
    size_t count = 0;
    enum bz_err rc = draft_sent(b->en->db, cmd, ends, &count, e);
    for (size_t i = 0; rc == BZ_OK && i < count; i++)
        keep_personal(b, (struct personal_change){
            .member = cmd->actor, .kind = COMMAND_DRAFT_SET, .edited_ms = ends[i].at_ms, .is_gone = true,
            .thread = ends[i].place == cmd->thread ? cmd->thread : 0,
            .room = ends[i].place == cmd->room ? cmd->room : 0,
        });
    return rc;
}

/* Where posts went, what people had read of them goes along in the same commit. */
static enum bz_err follow_posts(struct engine *en, const struct command *cmd, const struct decision *decision, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    enum posts_moved how = cmd->kind == COMMAND_THREAD_UNDO ? MOVED_BACK : MOVED_OVER;
    for (size_t i = 0; rc == BZ_OK && i < decision->count; i++) {
        if (decision->entries[i].kind == ENTRY_THREAD)
            how = MOVED_APART;
        else if (decision->entries[i].kind == ENTRY_POSTS_MOVED_IN)
            rc = personal_moved(en->db, &decision->entries[i], how, e);
    }
    return rc;
}

/* Somebody leaves: a step of it. What waits for indexes to be merged and for files to go is tended before the next. */
static enum bz_err erase(struct engine *en, const struct command *cmd, const struct facts *facts, struct bz_error *e)
{
    if (cmd->kind == COMMAND_ERASE_STEP && facts->erase != NULL && !facts->erase->goes_on)   /* once, when all was taken out */
        en->has_redacted = en->is_sweeping = true;
    return erase_carry_out(en->db, cmd, facts, &(struct erase_step){ en->dir, id_make(0, en->head), facts->now_ms }, e);
}

/* An invitation is decided as an act of who made it. True: it is; else it is refused, and the transaction goes on. */
static enum bz_err load_invitation(struct engine *en, struct job *job, bool *ret, struct bz_error *e)
{
    struct bz_error why = { 0 };
    int64_t now = en->config.db.env->now_ms(en->config.db.env->ctx);
    enum bz_err rc = job->cmd.kind != COMMAND_INVITE_TAKE ? BZ_OK : account_invited(en->db, &job->cmd, &job->arena, now, &why);
    *ret = rc == BZ_OK;
    if (rc == BZ_ERR_STORE || rc == BZ_ERR_STORAGE_FULL || rc == BZ_ERR_BUSY) {
        *e = why;
        return rc;
    }
    if (rc != BZ_OK)
        job->outcome.error = why;
    return BZ_OK;
}

/* An error of the store ends the transaction; any other is the answer of this one command. */
static enum bz_err refused(struct outcome *out, const struct bz_error *why, struct bz_error *e)
{
    bool is_stores = why->code == BZ_ERR_STORE || why->code == BZ_ERR_STORAGE_FULL || why->code == BZ_ERR_BUSY;
    *(is_stores ? e : &out->error) = *why;
    return is_stores ? why->code : BZ_OK;
}

/* What only they know who made it: to others it is over. */
static void hide_inviter(struct outcome *out)
{
    enum bz_err code = out->error.code;
    if (code == BZ_ERR_FORBIDDEN || code == BZ_ERR_NOT_FOUND || code == BZ_ERR_UNAUTHENTICATED)
        (void)invitation_over(&out->error);
}

/* What belongs to people alone, in the commit that makes them members. */
static enum bz_err let_in(struct engine *en, struct job *job, bz_id member, int64_t now_ms, struct bz_error *e)
{
    const struct command *cmd = &job->cmd;
    if (cmd->kind == COMMAND_INVITE_TAKE) {
        struct account_outcome account = { 0 };
        enum bz_err rc = account_came(en->db, cmd, member, now_ms, &account, e);
        job->outcome.member = account.member;
        job->outcome.needs_second = account.needs_second;
        return rc;
    }
    return cmd->kind == COMMAND_MEMBER_ADD && cmd->email.at != NULL ? address_add(en->db, cmd->email, member, now_ms, e) : BZ_OK;
}

/* Decides one journalled command. The return value is an error of the store: the transaction cannot go on. */
static enum bz_err journalled(struct batch *b, struct job *job, struct bz_error *e)
{
    struct engine *en = b->en;
    struct outcome *out = &job->outcome;
    if (job->cmd.cid.at != NULL && job->cmd.actor != 0) {
        struct entry first;
        enum bz_err rc = en->journal->ops->by_cid(en->journal, job->cmd.actor, job->cmd.cid, &first, e);
        if (rc == BZ_OK && is_outside(&job->cmd, first.room))
            (void)bz_fail(&out->error, BZ_ERR_CONFLICT, "this cid was used outside of the rooms of this token");
        else if (rc == BZ_OK)
            repeat(job->cmd.kind, &first, out);
        if (rc != BZ_ERR_NOT_FOUND)
            return rc;
    }
    guess_language(en, job);
    if (job->cmd.kind == COMMAND_HUB_INIT && en->hubs.code[0][0] == '\0' && hub_code_valid(job->cmd.handle)) {
        memcpy(en->hubs.code[0], job->cmd.handle.at, job->cmd.handle.len);   /* ids of its own entries need it */
        en->hubs.count = 1;
    }
    struct facts facts;
    bool is_invited;
    enum bz_err rc = load_invitation(en, job, &is_invited, e);
    if (rc != BZ_OK || !is_invited)
        return rc;
    if ((rc = facts_now(en, job, &facts, e)) != BZ_OK)
        return rc;
    struct decision decision = { 0 };
    if (decide(&facts, &job->cmd, &job->arena, &decision, &out->error) != BZ_OK) {
        if (job->cmd.kind == COMMAND_INVITE_TAKE)
            hide_inviter(out);
        return BZ_OK;   /* refused: the answer is in the outcome, the transaction is untouched */
    }
    if (job->cmd.kind == COMMAND_REQUEST_DECIDE && !facts.request.is_decided) {   /* may be refused still: nothing is written yet */
        struct bz_error why = { 0 };
        rc = request_decided(en->db, &job->cmd, &facts, decision.id, &why);
        if (rc != BZ_OK)
            return refused(out, &why, e);
    }
    rc = write_entries(b, &decision, e);
    if (rc == BZ_OK && job->cmd.field != 0)   /* not by the entry: a rebuild leaves what was said since */
        rc = profile_clear(en->db, job->cmd.member, job->cmd.field, e);
    if (rc == BZ_OK)
        rc = follow_posts(en, &job->cmd, &decision, e);
    bool is_sent = job->cmd.kind == COMMAND_POST_CREATE || job->cmd.kind == COMMAND_THREAD_CREATE;
    if (rc == BZ_OK && is_sent && job->cmd.actor != 0)
        rc = end_drafts(b, &job->cmd, e);
    if (rc == BZ_OK)
        rc = upload_named(en->db, &job->cmd, e);
    if (rc == BZ_OK)
        rc = link_asked(en->db, &job->cmd, facts.now_ms, e);
    if (rc == BZ_OK)
        rc = erase(en, &job->cmd, &facts, e);
    if (rc == BZ_OK)
        rc = let_in(en, job, decision.id, facts.now_ms, e);
    out->id = decision.id;
    out->is_held = decision.count > 0 && decision.entries[0].kind == ENTRY_ASK;
    out->extra = decision.extra;
    out->third = decision.third;
    out->seq = decision.count > 0 ? decision.entries[0].seq : en->head;
    return rc;
}

static enum bz_err carry_out(struct engine *en, struct job *job, int64_t now_ms, bool *ret_is_told, struct bz_error *e)
{
    const struct command *cmd = &job->cmd;
    struct account_outcome account = { 0 };
    struct facts facts;
    enum bz_err rc;
    switch ((int)cmd->kind) {
    case COMMAND_DRAFT_SET:
        return draft_set(en->db, cmd, now_ms, ret_is_told, e);
    case COMMAND_MAIL_DONE: case COMMAND_MAIL_FAILED:
        en->has_redacted = true;   /* it may have been the last that was known of somebody */
        return mail_apply(en->db, cmd, now_ms, e);
    case COMMAND_UPLOAD_OPEN:
    case COMMAND_UPLOAD_DONE:
    case COMMAND_UPLOAD_DROP:
        return upload_apply(en->db, &(struct file_store){ en->dir, en->config.files }, cmd, now_ms, e);
    case COMMAND_INVITE_CREATE:
        if (facts_now(en, job, &facts, e) != BZ_OK || policy_check(&facts, cmd, e) != BZ_OK)
            return e->code;
        return account_apply(en->db, cmd, &job->arena, now_ms, &account, e);
    case COMMAND_INVITE_BULK:
        if (facts_now(en, job, &facts, e) != BZ_OK || policy_check(&facts, cmd, e) != BZ_OK)
            return e->code;
        return bulk_invite(en->db, cmd, &facts, &job->arena, now_ms, &job->outcome.report, e);
    case COMMAND_REQUEST_CREATE:
        return request_create(en->db, cmd, &job->arena, now_ms, e);
    case COMMAND_SESSION_CODE: case COMMAND_SESSION_ENTER: case COMMAND_SESSION_END: case COMMAND_SESSION_SEEN:
    case COMMAND_TOKEN_CREATE: case COMMAND_TOKEN_ISSUE: case COMMAND_TOKEN_DROP:
    case COMMAND_ADDRESS_CODE: case COMMAND_ADDRESS_ADD: case COMMAND_ADDRESS_DROP: case COMMAND_ADDRESS_PUT: case COMMAND_INVITE_DROP:
        rc = account_apply(en->db, cmd, &job->arena, now_ms, &account, e);
        job->outcome.member = account.member;
        job->outcome.needs_second = account.needs_second;
        memcpy(job->outcome.ended, account.ended, sizeof job->outcome.ended);
        return rc;
    case COMMAND_OIDC_BEGIN: case COMMAND_OIDC_TAKE: case COMMAND_OIDC_ENTER: case COMMAND_OIDC_LINK: case COMMAND_OIDC_UNLINK:
        rc = oidc_apply(en->db, cmd, &job->arena, now_ms, &account, e);
        job->outcome.member = account.member;
        job->outcome.needs_second = account.needs_second;
        job->outcome.may_link = account.may_link;
        job->outcome.may_join = account.may_join;
        return rc;
    case COMMAND_SESSION_SECOND: case COMMAND_FACTOR_DROP: case COMMAND_PASSKEY_BEGIN: case COMMAND_PASSKEY_ENTER:
    case COMMAND_PASSKEY_NEW: case COMMAND_PASSKEY_ADD: case COMMAND_TOTP_NEW: case COMMAND_TOTP_ADD: case COMMAND_RECOVERY_RENEW:
    case COMMAND_PASSWORD_SET: case COMMAND_PASSWORD_ENTER:
        rc = factor_apply(en->db, cmd, &job->arena, now_ms, &account, e);
        job->outcome.member = account.member;
        job->outcome.needs_second = account.needs_second;
        return rc;
    default:
        return personal_apply(en->db, cmd, now_ms, &job->outcome.member, e);
    }
}

static enum bz_err personal(struct batch *b, struct job *job, struct bz_error *e)
{
    struct engine *en = b->en;
    int64_t now = en->config.db.env->now_ms(en->config.db.env->ctx);
    struct bz_error why = { 0 };
    enum command_kind kind = job->cmd.kind;
    bool is_told = kind == COMMAND_READ_MARK || kind == COMMAND_READ_ROOM || kind == COMMAND_THREAD_FOLLOW
                   || kind == COMMAND_MEMBER_BLOCK || kind == COMMAND_DIRECT_SET
                   || kind == COMMAND_EXPORT_BEGIN || kind == COMMAND_EXPORT_DONE;
    enum bz_err rc = personal_check(en->db, &job->cmd, now, &why);
    db_within(en->db, job->cmd.within);
    if (rc == BZ_OK)
        rc = carry_out(en, job, now, &is_told, &why);
    db_within(en->db, NULL);
    bool is_full = rc == BZ_ERR_STORAGE_FULL && kind != COMMAND_UPLOAD_OPEN;   /* a file that is not taken breaks nothing */
    if (rc == BZ_ERR_STORE || is_full || rc == BZ_ERR_BUSY) {
        *e = why;
        return rc;
    }
    if (rc != BZ_OK)
        job->outcome.error = why;
    else if (is_told)
        keep_personal(b, change_of(&job->cmd));
    job->outcome.seq = en->head;
    return BZ_OK;
}

static struct commit *commit_new(void)
{
    struct commit *c = calloc(1, sizeof *c);
    if (c == NULL)
        abort();
    arena_init(&c->arena);
    return c;
}

static void undo(struct engine *en, const struct hubs *hubs, int64_t head, int64_t head_at_ms)
{
    db_rollback(en->db);
    en->hubs = *hubs;
    en->head = head;
    en->head_at_ms = head_at_ms;
    en->sealed = (struct checkpoint_state){ 0 };
}

/* The record is sealed in the commit that makes it due. */
static enum bz_err seal(struct engine *en, struct bz_error *e)
{
    if (en->config.is_unsealed)
        return BZ_OK;
    return checkpoint_tend(en->db, &en->key, en->config.db.env->now_ms(en->config.db.env->ctx), &en->sealed, e);
}

/* All jobs that are not marked as failed by the store, in one transaction. Returns the job that broke it, or count. */
static size_t attempt(struct engine *en, struct job **jobs, size_t count, struct commit **ret, struct bz_error *e)
{
    const struct hubs hubs = en->hubs;
    const int64_t head = en->head, head_at_ms = en->head_at_ms;
    struct batch b = { .en = en, .commit = commit_new() };
    size_t broken = count;
    memset(e, 0, sizeof *e);
    if (db_begin(en->db, e) == BZ_OK) {
        for (size_t i = 0; i < count && broken == count; i++) {
            if (jobs[i]->is_out)
                continue;
            jobs[i]->outcome = (struct outcome){ 0 };
            enum bz_err rc = command_is_journalled(jobs[i]->cmd.kind) ? journalled(&b, jobs[i], e) : personal(&b, jobs[i], e);
            if (rc != BZ_OK)
                broken = i;
        }
        if (broken == count && seal(en, e) == BZ_OK && db_commit(en->db, e) == BZ_OK) {
            b.commit->mails = mails_put(en->db);
            *ret = b.commit;
            return count;
        }
        undo(en, &hubs, head, head_at_ms);
        if (broken == count)
            en->is_damaged = e->code == BZ_ERR_STORE;
    }
    commit_free(b.commit);
    *ret = NULL;
    return broken;
}

static void fail_all(struct job **jobs, size_t count, const struct bz_error *e)
{
    for (size_t i = 0; i < count; i++)
        if (jobs[i]->outcome.error.code == BZ_OK || jobs[i]->outcome.error.code == BZ_ERR_STORE)
            jobs[i]->outcome = (struct outcome){ .error = *e };
}

/* For the metric alone: nothing is decided by it. */
static int64_t monotonic_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void count_commit(struct engine *en, const struct commit *commit, enum bz_err why, int64_t began_us)
{
    struct stats *stats = en->config.stats;
    if (stats == NULL)
        return;
    if (commit != NULL ? commit->count > 0 : why == BZ_ERR_STORAGE_FULL)
        atomic_store_explicit(&stats->storage_full, commit == NULL, memory_order_relaxed);
    stat_add(commit != NULL ? &stats->commits : &stats->commit_failed, 1);
    stat_add(&stats->entries, commit != NULL ? (int64_t)commit->count : 0);
    stat_add(&stats->commit_us, monotonic_us() - began_us);
}

void engine_commit(struct engine *en, struct job **jobs, size_t count, struct commit **ret)
{
    struct bz_error e = { 0 };
    int64_t began_us = monotonic_us();
    *ret = NULL;
    if (en->is_damaged) {   /* the kernel may have dropped dirty pages: only what a new look at the file shows is true */
        detach(en);
        if (attach(en, false, &e) != BZ_OK) {
            detach(en);
            fail_all(jobs, count, &e);
            return;
        }
    }
    for (int poisonous = 0;; poisonous++) {
        size_t broken = attempt(en, jobs, count, ret, &e);
        if (*ret != NULL)
            break;
        bool is_everybodys = e.code == BZ_ERR_STORAGE_FULL || e.code == BZ_ERR_BUSY;
        if (broken == count || is_everybodys || poisonous == POISONOUS_MAX) {   /* nobody got through */
            fail_all(jobs, count, &e);
            break;
        }
        jobs[broken]->is_out = true;
        jobs[broken]->outcome = (struct outcome){ .error = e };   /* one poisonous command must not take the others along */
    }
    count_commit(en, *ret, e.code, began_us);
    if (*ret != NULL && (*ret)->count == 0 && (*ret)->personal_count == 0 && (*ret)->mails == 0) {
        commit_free(*ret);
        *ret = NULL;
    }
}

void engine_seal(struct engine *en)
{
    struct bz_error e = { 0 };
    if (en->is_damaged || en->db == NULL || en->config.is_unsealed || db_begin(en->db, &e) != BZ_OK)
        return;
    if (seal(en, &e) == BZ_OK && db_commit(en->db, &e) == BZ_OK)
        return;
    en->sealed = (struct checkpoint_state){ 0 };   /* the next commit tries again */
    db_rollback(en->db);
}

void engine_sweep(struct engine *en) { en->is_sweeping = true; }

/* One step; what fails is tried again with the next sweep. */
static void sweep(struct engine *en)
{
    struct bz_error e = { 0 };
    int64_t now = en->config.db.env->now_ms(en->config.db.env->ctx);
    if (db_begin(en->db, &e) != BZ_OK) {
        en->is_sweeping = false;
        return;
    }
    if (request_tend(en->db, now, &e) == BZ_OK && upload_tend(en->db, en->dir, now, &en->sweeping, &en->is_sweeping, &e) == BZ_OK
        && export_tend(en->db, en->dir, now, &e) == BZ_OK && retention_tend(en->db, &en->config.keep, now, &e) == BZ_OK
        && db_commit(en->db, &e) == BZ_OK)
        return;
    db_rollback(en->db);
    en->is_sweeping = false;
}

bool engine_tend(struct engine *en)
{
    struct bz_error e = { 0 };
    bool has_more = false;
    if (en->is_damaged || en->db == NULL)
        return false;
    if (en->is_listing && !en->config.is_unsealed && en->hubs.code[0][0] != '\0') {
        en->is_listing = false;   /* one that cannot be written is tried again with the next who leaves, and at each start */
        (void)leavers_write(en->db, &en->key, en->dir, &e);
    }
    if (!en->has_redacted) {
        if (en->is_sweeping)
            sweep(en);
        return en->is_sweeping;
    }
    if (en->forgetting == 0)
        en->has_redacted = false;   /* what is redacted from here on asks for a round of its own */
    if (store_forget(en->db, &en->forgetting, &has_more, &e) != BZ_OK)
        has_more = false;           /* the next redaction or start tries again */
    if (has_more) {
        en->has_redacted = true;
        return true;
    }
    en->forgetting = 0;
    return en->has_redacted || en->is_sweeping;
}
