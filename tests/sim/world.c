#include "sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "baraza/limits.h"
#include "fanout/fanout.h"
#include "folder.h"
#include "store/journal.h"
#include "store/upkeep.h"

#define PEOPLE 5
#define JOINER 4             /* the one whose rights change: 0 is an admin, 1 a moderator */
#define THINGS 400

enum { ROOM_GENERAL, ROOM_MEMBERS, ROOM_PRIVATE, ROOMS };

struct pending { struct pending *next; struct command cmd; struct arena arena; char cid[24]; };
struct acked { int person; char cid[24]; int64_t seq; bz_id id; };

struct person {
    struct world *w;
    bz_id id;
    struct subscriber *line;       /* NULL: not connected */
    bool is_full;                  /* the line takes what it is given and says so */
    bool was_reset;
    int64_t start, cursor;         /* first cursor; has everything up to here */
    int64_t *got;
    size_t got_count, got_cap;
    struct pending *pending;
};

struct world {
    uint64_t seed, rng;
    int64_t clock;
    struct env env;
    int faults;                    /* of a thousand calls */
    char dir[FOLDER_BYTES];
    uv_loop_t loop;
    struct stats stats;
    struct engine *en;
    struct readers *readers;
    struct fanout *f;
    struct person people[PEOPLE];
    bz_id region, rooms[ROOMS], threads[THINGS], posts[THINGS], matters[THINGS], moves[THINGS];
    bz_id shelf;                   /* a collection */
    bz_id org;                     /* an organisation */
    bz_id long_thread;             /* of more posts than one moderator moves alone */
    int threads_count, posts_count, matters_count, moves_count, cids;
    struct acked acked[4000];
    int acked_count;
};

#define CHECK(w, condition)                                                                                     \
    do {                                                                                                        \
        if (!(condition))                                                                                       \
            fail_msg("seed %llu: %s does not hold (SIM_SEED=%llu replays it)", (unsigned long long)(w)->seed,     \
                     #condition, (unsigned long long)(w)->seed);                                                 \
    } while (0)

uint64_t world_random(struct world *w)
{
    w->rng ^= w->rng << 13;
    w->rng ^= w->rng >> 7;
    w->rng ^= w->rng << 17;
    return w->rng;
}

static bool chance(struct world *w, unsigned percent) { return world_random(w) % 100 < percent; }

static int64_t sim_now(void *ctx) { return ((struct world *)ctx)->clock; }

static void sim_random(void *ctx, void *ret, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        ((unsigned char *)ret)[i] = (unsigned char)world_random(ctx);
}

static bool sim_fault(void *ctx, const char *site)
{
    struct world *w = ctx;
    return w->faults > 0 && strncmp(site, "store.", 6) == 0 && (int)(world_random(w) % 1000) < w->faults;
}

/* ---- Lines. */
static void note(struct person *p, const char *text, size_t len)
{
    struct world *w = p->w;
    const char *seq = memmem(text, len, "\"seq\":", 6);
    if (memmem(text, len, "\"method\":\"reset\"", 16) != NULL)
        p->was_reset = true;
    if (memmem(text, len, "\"method\":\"entry\"", 16) == NULL)
        return;
    CHECK(w, seq != NULL);
    int64_t n = strtoll(seq + 6, NULL, 10);
    CHECK(w, n > p->cursor);   /* once, and in order */
    p->cursor = n;
    if (p->got_count == p->got_cap) {
        p->got_cap = p->got_cap == 0 ? 64 : p->got_cap * 2;
        p->got = realloc(p->got, p->got_cap * sizeof *p->got);
    }
    p->got[p->got_count++] = n;
}

static bool line_send(void *conn, struct span frames)
{
    struct person *p = conn;
    for (size_t at = 0; at < frames.len;) {
        const unsigned char *head = (const unsigned char *)frames.at + at;
        size_t size = head[1], skip = 2;
        CHECK(p->w, head[0] == 0x81);
        if (size == 126) {
            size = (size_t)head[2] << 8 | head[3];
            skip = 4;
        }
        CHECK(p->w, size != 127 && at + skip + size <= frames.len);   /* whole frames only */
        note(p, frames.at + at + skip, size);
        at += skip + size;
    }
    return !p->is_full;
}

static void line_drop(void *conn) { (void)conn; }

static const struct subscriber_ops line_ops = { line_send, line_drop, NULL, NULL };

static void disconnect(struct person *p)
{
    subscriber_free(p->line);
    p->line = NULL;
}

static void plug_in(struct person *p)
{
    if (p->line != NULL)
        return;
    p->is_full = false;
    struct viewer viewer = { p->id, ROLE_MEMBER };
    CHECK(p->w, subscriber_new(p->w->f, viewer, NULL, 0, p->cursor, &line_ops, p, &p->line, NULL) == BZ_OK);
    subscriber_start(p->line);
}

/* Reads of the journal end before the next step, so that a seed always tells the same story. */
static void finish_reads(struct world *w)
{
    for (bool is_reading = true; is_reading;) {
        is_reading = false;
        for (int i = 0; i < PEOPLE; i++)
            is_reading |= w->people[i].line != NULL && subscriber_is_reading(w->people[i].line);
        if (is_reading)
            uv_run(&w->loop, UV_RUN_ONCE);
    }
}

/* ---- Start, crash, restart. */
static void power_on(struct world *w, bool create)
{
    struct bz_error e = { 0 };
    struct engine_config config = { .db = { w->dir, &w->env, NULL }, .create = create, .stats = &w->stats };
    int faults = w->faults;
    w->faults = 0;
    if (engine_open(&config, &w->en, &e) != BZ_OK || readers_start(&config.db, &w->loop, &w->stats, 1, &w->readers, &e) != BZ_OK)
        fail_msg("seed %llu: start: %s", (unsigned long long)w->seed, e.text);
    struct fanout_config fan = { .readers = w->readers, .hubs = engine_hubs(w->en), .env = &w->env, .stats = &w->stats, .ring_entries = 16 };
    CHECK(w, fanout_new(&fan, &w->f, &e) == BZ_OK);
    CHECK(w, fanout_load(w->f, engine_db(w->en), &e) == BZ_OK);
    w->faults = faults;
}

static void power_off(struct world *w)
{
    for (int i = 0; i < PEOPLE; i++)
        disconnect(&w->people[i]);
    readers_stop(w->readers);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    fanout_free(w->f);
    engine_close(w->en);
}

/* ---- Commands. */
static struct pending *command(struct world *w, int person, enum command_kind kind)
{
    struct pending *p = calloc(1, sizeof *p);
    arena_init(&p->arena);
    p->cmd.kind = kind;
    p->cmd.actor = person < 0 ? 0 : w->people[person].id;
    snprintf(p->cid, sizeof p->cid, "c%d", ++w->cids);
    p->cmd.cid = span_of(p->cid);
    return p;
}

static void text_of(struct world *w, struct pending *p)
{
    char text[120];
    snprintf(text, sizeof text, "post %llu says **something** to @p%d, see https://a.example/", (unsigned long long)world_random(w), (int)(world_random(w) % PEOPLE));
    p->cmd.text = arena_copy(&p->arena, span_of(text));
}

static bz_id any(struct world *w, const bz_id *list, int count) { return count == 0 ? 0 : list[world_random(w) % (unsigned)count]; }

/* Some posts, which may be of one thread, go to a thread or become one. */
static void posts_to_move(struct world *w, struct pending *p)
{
    p->cmd.posts.is_present = true;
    p->cmd.posts.count = w->posts_count == 0 ? 0 : 1 + world_random(w) % 2;
    p->cmd.posts.at = arena_alloc(&p->arena, 2 * sizeof *p->cmd.posts.at);
    for (size_t i = 0; i < p->cmd.posts.count; i++)
        p->cmd.posts.at[i] = any(w, w->posts, w->posts_count);
    if (chance(w, 60))
        p->cmd.to_thread = any(w, w->threads, w->threads_count);
    else
        p->cmd.to_room = w->rooms[world_random(w) % ROOMS];
}

/* What moderators do, and what is done about them. It names its own place. */
static struct pending *act_of_moderation(struct world *w, int person)
{
    static const enum command_kind kinds[] = {
        COMMAND_POST_HIDE, COMMAND_POST_HIDE, COMMAND_POST_RESTORE, COMMAND_POST_MOVE, COMMAND_POST_MOVE, COMMAND_THREAD_MOVE,
        COMMAND_THREAD_MERGE, COMMAND_THREAD_UNDO, COMMAND_THREAD_UNDO, COMMAND_THREAD_CLOSE, COMMAND_THREAD_ARCHIVE,
        COMMAND_THREAD_PIN, COMMAND_THREAD_KIND, COMMAND_REPORT_CREATE, COMMAND_REPORT_CREATE, COMMAND_REPORT_CLAIM,
        COMMAND_REPORT_DECIDE, COMMAND_APPEAL_CREATE, COMMAND_MEMBER_ROLE,
    };
    static const char *const decisions[] = { "keep", "hide", "redact", "lock", "restore", "approve", "approve", "refuse" };
    enum command_kind kind = kinds[world_random(w) % (sizeof kinds / sizeof *kinds)];
    bool is_open_to_all = kind == COMMAND_REPORT_CREATE || kind == COMMAND_APPEAL_CREATE;
    struct pending *p = command(w, is_open_to_all ? person : kind == COMMAND_MEMBER_ROLE ? 0 : (int)(world_random(w) % 2), kind);
    bool is_of_post = kind == COMMAND_POST_HIDE || kind == COMMAND_POST_RESTORE || kind == COMMAND_APPEAL_CREATE
                      || (kind == COMMAND_REPORT_CREATE && chance(w, 70));
    p->cmd.reason = span_of("a reason");
    p->cmd.rule = span_of("rude");
    p->cmd.title = span_of("Apart");
    p->cmd.on = chance(w, 40);
    p->cmd.thread_kind = chance(w, 50) ? THREAD_KIND_RESOURCE : chance(w, 50) ? THREAD_KIND_QUESTION : THREAD_KIND_DISCUSSION;
    p->cmd.decision = span_of(decisions[world_random(w) % (sizeof decisions / sizeof *decisions)]);
    if (is_of_post)
        p->cmd.post = any(w, w->posts, w->posts_count);
    else if (kind == COMMAND_REPORT_CLAIM || kind == COMMAND_REPORT_DECIDE)
        p->cmd.matter = any(w, w->matters, w->matters_count);
    else if (kind == COMMAND_THREAD_UNDO)
        p->cmd.seq = any(w, w->moves, w->moves_count);
    else if (kind == COMMAND_POST_MOVE)
        posts_to_move(w, p);
    else if (kind != COMMAND_MEMBER_ROLE)
        p->cmd.thread = any(w, w->threads, w->threads_count);
    if (kind == COMMAND_THREAD_MERGE) {
        p->cmd.to_thread = any(w, w->threads, w->threads_count);
        p->cmd.thread = chance(w, 30) ? w->long_thread : p->cmd.thread;
    }
    if (kind == COMMAND_THREAD_MOVE)
        p->cmd.to_room = w->rooms[world_random(w) % ROOMS];
    if (kind != COMMAND_MEMBER_ROLE)
        return p;
    p->cmd.member = w->people[JOINER].id;
    p->cmd.role = chance(w, 50) ? ROLE_MODERATOR : ROLE_MEMBER;
    p->cmd.room = chance(w, 60) ? w->rooms[world_random(w) % ROOMS] : 0;
    p->cmd.region = p->cmd.room == 0 && chance(w, 50) ? w->region : 0;
    return p;
}

/* What is said of resources, and what is made one or gathered. */
static struct pending *of_the_library(struct world *w, int person)
{
    static const enum command_kind kinds[] = { COMMAND_THREAD_FIELDS, COMMAND_THREAD_FIELDS, COMMAND_RESOURCE_PROMOTE,
                                               COMMAND_COLLECTION_PUT, COMMAND_COLLECTION_PUT, COMMAND_THEME_SET };
    static const char *const fields[] = { "{\"year\":2024,\"themes\":[\"brt\",\"mine\"]}", "{\"city\":\"Lomé\",\"languages\":[\"pt-BR\",\"fr\"]}",
                                          "{\"themes\":[\"brt\"]}", "{}" };
    enum command_kind kind = kinds[world_random(w) % (sizeof kinds / sizeof *kinds)];
    struct pending *p = command(w, kind == COMMAND_COLLECTION_PUT || kind == COMMAND_THEME_SET ? (int)(world_random(w) % 2) : person, kind);
    p->cmd.title = span_of("Made of a post");
    p->cmd.text = p->cmd.url = span_of("https://a.example/");
    p->cmd.fields = span_of(fields[world_random(w) % 4]);
    p->cmd.thread_kind = THREAD_KIND_RESOURCE;
    p->cmd.on = chance(w, 60);
    if (kind == COMMAND_RESOURCE_PROMOTE)
        p->cmd.post = any(w, w->posts, w->posts_count);
    else if (kind == COMMAND_THEME_SET) {
        p->cmd.slug = span_of("mine");
        p->cmd.names = span_of(chance(w, 50) ? "{\"en\":\"Mine\"}" : "{\"fr\":\"Le mien\"}");
        p->cmd.parent = chance(w, 50) ? span_of(chance(w, 50) ? "data" : "finance") : (struct span){ NULL, 0 };
        p->cmd.sets = SETS_RETIRED;
    } else
        p->cmd.thread = any(w, w->threads, w->threads_count);
    p->cmd.collection = kind == COMMAND_COLLECTION_PUT ? w->shelf : 0;
    return p;
}

/* What it is called, who is in it and who still works there. */
static struct pending *of_an_organisation(struct world *w)
{
    static const enum command_kind kinds[] = { COMMAND_ORG_MEMBER, COMMAND_ORG_MEMBER, COMMAND_ORG_SET, COMMAND_ORG_CONFIRM };
    struct pending *p = command(w, 0, kinds[world_random(w) % (sizeof kinds / sizeof *kinds)]);
    p->cmd.organisation = w->org;
    if (p->cmd.kind == COMMAND_ORG_SET) {
        p->cmd.name = span_of(chance(w, 50) ? "Mairie" : "City Hall");
        return p;
    }
    p->cmd.member = w->people[world_random(w) % 3].id;
    p->cmd.is_gone = chance(w, 30);
    p->cmd.is_delegate = !p->cmd.is_gone && chance(w, 50);
    p->cmd.sets = p->cmd.is_gone ? 0 : SETS_DELEGATE;
    if (p->cmd.kind == COMMAND_ORG_CONFIRM)
        p->cmd.members = (struct id_list){ &w->people[0].id, 1, true };
    return p;
}

static struct pending *random_command(struct world *w, int person)
{
    static const enum command_kind kinds[] = {
        COMMAND_POST_CREATE, COMMAND_POST_CREATE, COMMAND_POST_CREATE, COMMAND_POST_CREATE, COMMAND_THREAD_CREATE,
        COMMAND_POST_EDIT, COMMAND_POST_REDACT, COMMAND_POST_REACT, COMMAND_READ_MARK, COMMAND_THREAD_FOLLOW,
        COMMAND_THREAD_LOCK, COMMAND_THREAD_RENAME, COMMAND_ROOM_JOIN, COMMAND_ROOM_LEAVE,
    };
    if (chance(w, 45))
        return act_of_moderation(w, person);
    if (chance(w, 25))
        return of_the_library(w, person);
    if (chance(w, 5))
        return of_an_organisation(w);
    enum command_kind kind = kinds[world_random(w) % (sizeof kinds / sizeof *kinds)];
    bool is_moving = kind == COMMAND_ROOM_JOIN || kind == COMMAND_ROOM_LEAVE;
    struct pending *p = command(w, is_moving ? JOINER : person, kind);
    p->cmd.room = w->rooms[is_moving ? ROOM_MEMBERS : (int)(world_random(w) % ROOMS)];
    if (!is_moving && kind != COMMAND_THREAD_CREATE)
        p->cmd.room = 0;
    p->cmd.thread = is_moving || kind == COMMAND_THREAD_CREATE ? 0 : any(w, w->threads, w->threads_count);
    p->cmd.post = any(w, w->posts, w->posts_count);
    p->cmd.thread_kind = chance(w, 50) ? THREAD_KIND_RESOURCE : THREAD_KIND_DISCUSSION;
    if (kind == COMMAND_THREAD_CREATE && p->cmd.thread_kind == THREAD_KIND_RESOURCE)
        p->cmd.fields = span_of("{\"year\":2020,\"themes\":[\"gis\"]}");
    p->cmd.title = span_of("A title");
    p->cmd.reason = span_of("a reason");
    p->cmd.emoji = span_of("👍");
    p->cmd.on = chance(w, 50);
    p->cmd.seq = fanout_head(w->f);
    text_of(w, p);
    if (kind == COMMAND_POST_EDIT || kind == COMMAND_POST_REDACT || kind == COMMAND_POST_REACT)
        p->cmd.thread = 0;
    return p;
}

static void forget(struct pending *p)
{
    arena_done(&p->arena);
    free(p);
}

static struct job *job_of(const struct pending *p)
{
    struct job *job = job_new(p->cmd.kind);
    struct span *from = (struct span *)&p->cmd.slug, *to = &job->cmd.slug;
    job->cmd = p->cmd;
    job->cmd.cid = arena_copy(&job->arena, p->cmd.cid);
    for (size_t i = 0; i < (offsetof(struct command, fields) - offsetof(struct command, slug)) / sizeof(struct span); i++)
        to[i] = arena_copy(&job->arena, from[i]);
    return job;
}

static void acknowledged(struct world *w, int person, const struct pending *p, const struct outcome *out)
{
    if (!command_is_journalled(p->cmd.kind))
        return;
    if (w->acked_count < 4000 && out->seq > 0) {
        struct acked *a = &w->acked[w->acked_count++];
        bool is_made = p->cmd.kind != COMMAND_REPORT_CREATE;   /* who reports twice is told of the first */
        *a = (struct acked){ .person = person, .seq = out->seq, .id = is_made ? out->id : 0 };
        memcpy(a->cid, p->cid, sizeof a->cid);
    }
    if ((p->cmd.kind == COMMAND_THREAD_CREATE || p->cmd.kind == COMMAND_RESOURCE_PROMOTE) && w->threads_count < THINGS)
        w->threads[w->threads_count++] = out->id;
    if (p->cmd.kind == COMMAND_POST_CREATE && w->posts_count < THINGS)
        w->posts[w->posts_count++] = out->id;
    if ((p->cmd.kind == COMMAND_REPORT_CREATE || p->cmd.kind == COMMAND_APPEAL_CREATE) && out->id != 0 && w->matters_count < THINGS)
        w->matters[w->matters_count++] = out->id;
    if (p->cmd.kind == COMMAND_THREAD_MERGE && out->is_held && w->matters_count < THINGS)
        w->matters[w->matters_count++] = out->id;
    bool is_move = p->cmd.kind == COMMAND_POST_MOVE || p->cmd.kind == COMMAND_THREAD_MERGE || p->cmd.kind == COMMAND_THREAD_UNDO
                   || (p->cmd.kind == COMMAND_REPORT_DECIDE && span_is(p->cmd.decision, "approve"));
    if (is_move && out->seq > 0 && w->moves_count < THINGS)
        w->moves[w->moves_count++] = out->seq;
    if (p->cmd.kind == COMMAND_POST_MOVE && p->cmd.to_thread == 0 && w->threads_count < THINGS)
        w->threads[w->threads_count++] = id_make(0, out->seq);
}

/* Commits people's commands together. is_crashing: the power goes after the commit, before anybody hears of it. */
static void commit(struct world *w, struct pending **batch, const int *who, int count, bool is_crashing)
{
    struct job *jobs[8];
    struct commit *c;
    for (int i = 0; i < count; i++)
        jobs[i] = job_of(batch[i]);
    engine_commit(w->en, jobs, (size_t)count, &c);
    if (!is_crashing && c != NULL) {
        fanout_publish(w->f, c);
        if (chance(w, 70))
            fanout_flush(w->f);
    }
    for (int i = 0; i < count; i++) {
        enum bz_err code = jobs[i]->outcome.error.code;
        bool is_open = is_crashing || code == BZ_ERR_STORE || code == BZ_ERR_STORAGE_FULL || code == BZ_ERR_BUSY;
        if (code == BZ_OK && !is_crashing)
            acknowledged(w, who[i], batch[i], &jobs[i]->outcome);
        if (is_open) {   /* it will be sent again with the same cid */
            batch[i]->next = w->people[who[i]].pending;
            w->people[who[i]].pending = batch[i];
        } else {
            forget(batch[i]);
        }
        job_free(jobs[i]);
    }
    commit_free(c);
    if (is_crashing) {
        power_off(w);
        power_on(w, false);
    }
}

static void talk(struct world *w)
{
    struct pending *batch[4];
    int who[4], count = 1 + (int)(world_random(w) % 4);
    for (int i = 0; i < count; i++) {
        who[i] = (int)(world_random(w) % PEOPLE);
        batch[i] = random_command(w, who[i]);
        for (int k = 0; k < PEOPLE; k++)
            if (batch[i]->cmd.actor == w->people[k].id)
                who[i] = k;
    }
    w->faults = chance(w, 10) ? 30 : 0;
    commit(w, batch, who, count, chance(w, 6));
    w->faults = 0;
}

static void retry(struct world *w, int person)
{
    while (w->people[person].pending != NULL) {
        struct pending *p = w->people[person].pending;
        w->people[person].pending = p->next;
        commit(w, &p, &person, 1, false);
    }
}

void world_step(struct world *w)
{
    struct person *p = &w->people[world_random(w) % PEOPLE];
    unsigned dice = (unsigned)(world_random(w) % 100);
    if (dice < 60)
        talk(w);
    else if (dice < 68)
        retry(w, (int)(p - w->people));
    else if (dice < 78)
        disconnect(p);
    else if (dice < 90)
        plug_in(p);
    else if (dice < 93)
        p->is_full = true;
    else if (dice < 96) {
        p->is_full = false;
        if (p->line != NULL)
            subscriber_drained(p->line);
    } else if (dice < 98)
        w->clock += (int64_t)(world_random(w) % 7200000) - 3600000;
    else
        fanout_tick(w->f);
    finish_reads(w);
    w->clock += (int64_t)(world_random(w) % 1000);
}

void world_settle(struct world *w)
{
    w->faults = 0;
    for (int i = 0; i < PEOPLE; i++)
        retry(w, i);
    for (int i = 0; i < PEOPLE; i++) {
        struct person *p = &w->people[i];
        p->is_full = false;
        plug_in(p);
        subscriber_drained(p->line);
    }
    fanout_flush(w->f);
    finish_reads(w);
}

/* ---- What must hold. */
struct walk { struct world *w; int64_t last; size_t at[PEOPLE]; };

static bool walk_entry(void *ctx, const struct entry *entry)
{
    struct walk *k = ctx;
    struct world *w = k->w;
    CHECK(w, entry->seq == k->last + 1);   /* gapless */
    k->last = entry->seq;
    for (int i = 0; i < PEOPLE; i++) {
        struct person *p = &w->people[i];
        bool is_got = k->at[i] < p->got_count && p->got[k->at[i]] == entry->seq;
        k->at[i] += is_got;
        if (entry->seq <= p->start || i == JOINER) {
            CHECK(w, i != JOINER || !is_got || entry->room != w->rooms[ROOM_PRIVATE]);
            continue;
        }
        bool is_for_all = !entry_is_for_moderators(entry) || i < 2;
        bool may = is_for_all && (entry->room == 0 || entry->room == w->rooms[ROOM_GENERAL] || entry->room == w->rooms[ROOM_MEMBERS] ||
                   (entry->room == w->rooms[ROOM_PRIVATE] && i < 2));
        CHECK(w, is_got == may);
    }
    return true;
}

void world_check(struct world *w)
{
    struct walk k = { .w = w };
    struct journal *j = engine_journal(w->en);
    CHECK(w, j->ops->read(j, 0, 0, walk_entry, &k, NULL) == BZ_OK);
    CHECK(w, k.last == fanout_head(w->f));
    for (int i = 0; i < PEOPLE; i++)
        CHECK(w, k.at[i] == w->people[i].got_count && !w->people[i].was_reset);
    for (int i = 0; i < w->acked_count; i++) {
        struct entry first;
        enum bz_err rc = j->ops->by_cid(j, w->people[w->acked[i].person].id, span_of(w->acked[i].cid), &first, NULL);
        /* A command that changed nothing has no entry; one that made a thing or was numbered as its own must be there. */
        if (w->acked[i].id != 0)
            CHECK(w, rc == BZ_OK);
        if (rc == BZ_OK)
            CHECK(w, first.seq == w->acked[i].seq);
    }
    unsigned char before[32], after[32];
    int64_t count = 0;
    CHECK(w, store_digest(engine_db(w->en), before, NULL) == BZ_OK);
    CHECK(w, store_rebuild(engine_db(w->en), &count, NULL) == BZ_OK);
    CHECK(w, store_digest(engine_db(w->en), after, NULL) == BZ_OK);
    CHECK(w, count == k.last && memcmp(before, after, sizeof before) == 0);
}

/* ---- An empty database as the migrations leave it, made once: a third of the time that a world took to start. */
static char *image;
static size_t image_bytes;

static void database_path(const struct world *w, char ret[100]) { (void)snprintf(ret, 100, "%s/baraza.db", w->dir); }

static void make_image(struct world *w)
{
    struct bz_error e = { 0 };
    struct db *db;
    char path[100];
    struct stat st;
    const struct db_config config = { w->dir, &w->env, NULL };
    database_path(w, path);
    CHECK(w, db_open(&config, DB_WRITE, true, &db, &e) == BZ_OK);
    db_close(db);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(w, fd >= 0 && fstat(fd, &st) == 0);
    image_bytes = (size_t)st.st_size;
    image = malloc(image_bytes);
    CHECK(w, read(fd, image, image_bytes) == (ssize_t)image_bytes && close(fd) == 0);
}

static void lay_image(struct world *w)
{
    char path[100];
    if (image == NULL) {
        make_image(w);
        return;
    }
    database_path(w, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(w, fd >= 0 && write(fd, image, image_bytes) == (ssize_t)image_bytes && close(fd) == 0);
}

/* ---- The first day: one hub, three rooms, five people. */
static bz_id must(struct world *w, struct pending *p)
{
    struct job *job = job_of(p);
    struct commit *c;
    engine_commit(w->en, &job, 1, &c);
    if (job->outcome.error.code != BZ_OK)
        fail_msg("seed %llu: %s: %s", (unsigned long long)w->seed, command_wire(p->cmd.kind), job->outcome.error.text);
    bz_id id = job->outcome.id, extra = job->outcome.extra;
    if (p->cmd.kind == COMMAND_ROOM_CREATE)
        w->threads[w->threads_count++] = extra;
    if (c != NULL && w->f != NULL)
        fanout_publish(w->f, c);
    commit_free(c);
    job_free(job);
    forget(p);
    return id;
}

/* Both moderators can come in, and there is a thread that neither merges alone. */
static void found_long(struct world *w)
{
    for (int i = 0; i < 2; i++) {
        struct pending *p = command(w, -1, COMMAND_TOKEN_ISSUE);
        p->cmd.member = w->people[i].id;
        p->cmd.expires_ms = INT64_MAX;
        p->cmd.new_secret[0] = (unsigned char)(i + 1);
        (void)must(w, p);
    }
    struct pending *p = command(w, 0, COMMAND_COLLECTION_CREATE);
    p->cmd.region = w->region;
    p->cmd.title = span_of("Best of");
    w->shelf = must(w, p);
    p = command(w, 0, COMMAND_ORG_CREATE);
    p->cmd.org_kind = span_of("partner");
    p->cmd.name = span_of("Mairie");
    p->cmd.country = span_of("TG");
    w->org = must(w, p);
    p = command(w, 2, COMMAND_THREAD_CREATE);
    p->cmd.room = w->rooms[ROOM_GENERAL];
    p->cmd.title = span_of("Long");
    p->cmd.thread_kind = THREAD_KIND_DISCUSSION;
    text_of(w, p);
    w->long_thread = w->threads[w->threads_count++] = must(w, p);
    for (int i = 0; i < BZ_LIMIT_SECOND_ABOVE; i++) {
        p = command(w, 2 + i % 2, COMMAND_POST_CREATE);
        p->cmd.thread = w->long_thread;
        text_of(w, p);
        (void)must(w, p);
    }
}

static void found(struct world *w)
{
    static const enum access accesses[ROOMS] = { ACCESS_OPEN, ACCESS_MEMBERS, ACCESS_PRIVATE };
    static const char *const slugs[ROOMS] = { "one", "two", "three" };
    struct pending *p = command(w, -1, COMMAND_HUB_INIT);
    p->cmd.handle = span_of("sim");
    p->cmd.name = span_of("Simulated");
    (void)must(w, p);
    p = command(w, -1, COMMAND_REGION_CREATE);
    p->cmd.slug = span_of("somewhere");
    p->cmd.name = span_of("Somewhere");
    w->region = must(w, p);
    for (int i = 0; i < ROOMS; i++) {
        p = command(w, -1, COMMAND_ROOM_CREATE);
        p->cmd.region = w->region;
        p->cmd.slug = p->cmd.name = span_of(slugs[i]);
        p->cmd.access = accesses[i];
        w->rooms[i] = must(w, p);
    }
    for (int i = 0; i < PEOPLE; i++) {
        char handle[8];
        snprintf(handle, sizeof handle, "p%d", i);
        p = command(w, -1, COMMAND_MEMBER_ADD);
        p->cmd.handle = p->cmd.name = span_of(handle);
        p->cmd.role = i == 0 ? ROLE_ADMIN : i == 1 ? ROLE_MODERATOR : ROLE_MEMBER;
        w->people[i].id = must(w, p);
        w->people[i].w = w;
    }
    for (int i = 0; i < PEOPLE; i++) {
        p = command(w, i, COMMAND_ROOM_JOIN);
        p->cmd.room = w->rooms[ROOM_MEMBERS];
        if (i == JOINER)
            p->cmd.room = w->rooms[ROOM_GENERAL];
        (void)must(w, p);
        p = command(w, -1, COMMAND_ROOM_INVITE);
        p->cmd.room = w->rooms[ROOM_PRIVATE];
        p->cmd.member = w->people[i].id;
        if (i < 2)
            (void)must(w, p);
        else
            forget(p);
    }
    found_long(w);
}

struct world *world_new(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    w->seed = seed;
    w->rng = seed * 0x9e3779b97f4a7c15u + 1;
    w->clock = 1760000000000;
    w->env = (struct env){ sim_now, sim_random, sim_fault, w };
    CHECK(w, folder_make(w->dir, "sim"));
    CHECK(w, uv_loop_init(&w->loop) == 0);
    lay_image(w);
    power_on(w, false);
    found(w);
    int64_t head = fanout_head(w->f);
    for (int i = 0; i < PEOPLE; i++) {
        w->people[i].start = w->people[i].cursor = head;
        plug_in(&w->people[i]);
    }
    return w;
}

void world_free(struct world *w)
{
    char command_line[100];
    power_off(w);
    CHECK(w, uv_loop_close(&w->loop) == 0);
    snprintf(command_line, sizeof command_line, "rm -rf '%s'", w->dir);
    CHECK(w, system(command_line) == 0);
    for (int i = 0; i < PEOPLE; i++) {
        while (w->people[i].pending != NULL) {
            struct pending *p = w->people[i].pending;
            w->people[i].pending = p->next;
            forget(p);
        }
        free(w->people[i].got);
    }
    free(w);
}
