#include "admin/demo.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_out.h"
#include "domain/kinds.h"
#include "store/blob.h"

extern const char bz_demo_africa[], bz_demo_latam[], bz_demo_asia[], bz_demo_global[],
    bz_demo_library[], bz_demo_people[], bz_demo_talks[];
extern const unsigned long bz_demo_africa_len, bz_demo_latam_len, bz_demo_asia_len,
    bz_demo_global_len, bz_demo_library_len, bz_demo_people_len, bz_demo_talks_len;

#define BATCH  400
#define DAY_MS (24 * 3600 * INT64_C(1000))

/* How far the people that a visitor signs in as have read, in days before today; everybody else:
 * OTHERS_DAYS. */
static const struct {
    const char *handle;
    int days;
} readers[] = {
    { "amina.diop", 6 },
    { "moussa.kone", 3 },
    { "zainab.admin", 4 },
};
#define OTHERS_DAYS 5

/* Jobs gathered for one commit. Ids are foretold, so that a post can follow its thread in the same
 * commit, and compared with what the engine made. */
struct loading {
    struct engine *en;
    const char *dir;
    struct demo *d;
    struct job *jobs[BATCH];
    struct foretold {
        bz_id id;
        const struct demo_record *record;
    } foretold[BATCH];
    size_t count;
    int64_t next_seq, first_ms;
    struct bz_error *error;
};

static enum bz_err flush(struct loading *l)
{
    struct commit *commit = NULL;
    enum bz_err rc = BZ_OK;
    engine_commit(l->en, l->jobs, l->count, &commit);
    commit_free(commit);
    for (size_t i = 0; i < l->count; i++) {
        const struct outcome *out = &l->jobs[i]->outcome;
        const struct foretold *f = &l->foretold[i];
        bool is_journalled = command_is_journalled(l->jobs[i]->cmd.kind);
        if (rc == BZ_OK && out->error.code != BZ_OK)
            rc = bz_fail(l->error, out->error.code, "%s.txt:%d: %.150s", f->record->file,
                         f->record->line, out->error.text);
        else if (rc == BZ_OK && is_journalled && out->seq != id_seq(f->id))
            rc = demo_fault(f->record, "changes nothing", l->error);
        job_free(l->jobs[i]);
    }
    l->count = 0;
    return rc;
}

/* entries: how many the command makes. Returns the id of the first. */
static bz_id say(struct loading *l, struct job *job, const struct demo_record *r, int entries,
                 enum bz_err *rc)
{
    bz_id id = id_make(0, l->next_seq);
    char cid[32];
    int len = snprintf(cid, sizeof cid, "demo-%lld", (long long)l->next_seq);
    if (entries > 0)
        job->cmd.cid = arena_copy(&job->arena, (struct span){ cid, (size_t)len });
    l->foretold[l->count] = (struct foretold){ id, r };
    l->jobs[l->count++] = job;
    l->next_seq += entries;
    if (l->count == BATCH && *rc == BZ_OK)
        *rc = flush(l);
    else if (l->count == BATCH)
        (void)flush(l);
    return id;
}

static struct job *begin(const struct demo_record *r, enum command_kind kind, bz_id actor,
                         int64_t at_ms)
{
    struct job *job = job_new(kind);
    job->cmd.actor = actor;
    job->cmd.at_ms = at_ms;
    job->cmd.lang = r->key[KEY_LANG];
    return job;
}

static enum bz_err say_region(struct loading *l, struct demo_record *r)
{
    enum bz_err rc = BZ_OK;
    struct job *job = begin(r, COMMAND_REGION_CREATE, 0, l->first_ms);
    job->cmd.slug = r->key[KEY_SLUG];
    job->cmd.name = r->key[KEY_NAME];
    r->id = say(l, job, r, 1, &rc);
    return rc;
}

static enum bz_err say_room(struct loading *l, struct demo_record *r)
{
    enum bz_err rc = BZ_OK;
    struct job *job = begin(r, COMMAND_ROOM_CREATE, 0, l->first_ms);
    job->cmd.region = l->d->records[r->place].id;
    job->cmd.slug = r->key[KEY_SLUG];
    job->cmd.name = r->key[KEY_NAME];
    if (r->text.len > 0)
        job->cmd.about = r->text;
    if (!access_by_wire(r->key[KEY_ACCESS], &job->cmd.access))
        rc = demo_fault(r, "access= must be open, members or private", l->error);
    r->id = say(l, job, r, 2, &rc);
    r->extra = r->id + 1;
    return rc;
}

/* Nobody's: .example is kept free (RFC 2606). Without a mail server the code stands on the console. */
static struct span demo_email(struct arena *arena, struct span handle)
{
    static const char domain[] = "@demo.example";
    char *at = arena_alloc(arena, handle.len + sizeof domain);
    memcpy(at, handle.at, handle.len);
    memcpy(at + handle.len, domain, sizeof domain);
    return (struct span){ at, handle.len + sizeof domain - 1 };
}

static enum bz_err say_member(struct loading *l, struct demo_record *r)
{
    enum bz_err rc = BZ_OK;
    struct job *job = begin(r, COMMAND_MEMBER_ADD, 0, l->first_ms);
    struct command *cmd = &job->cmd;
    cmd->handle = r->key[KEY_HANDLE];
    cmd->name = r->key[KEY_NAME];
    cmd->city = r->key[KEY_CITY];
    cmd->country = r->key[KEY_COUNTRY];
    cmd->org = r->key[KEY_ORG];
    cmd->region = l->d->records[r->place].id;
    cmd->email = demo_email(&job->arena, cmd->handle);
    if (!role_by_wire(r->key[KEY_ROLE], &cmd->role))
        rc = demo_fault(r, "role= must be guest, member, moderator or admin", l->error);
    r->id = say(l, job, r, 1, &rc);
    return rc;
}

static bool speaks_in(const struct demo *d, size_t member, size_t room)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->records[i].by == member && d->records[i].thread != DEMO_NONE
            && d->records[d->records[i].thread].place == room)
            return true;
    return false;
}

static bool is_private(const struct demo_record *room)
{
    return span_is(room->key[KEY_ACCESS], "private");
}

/* Everybody is in the open rooms of their region and where they speak; moderators in all of their
 * region's, admins in all that are not open to everybody. */
static bool belongs(const struct demo *d, size_t member, size_t room)
{
    const struct demo_record *m = &d->records[member], *r = &d->records[room];
    bool is_open = span_is(r->key[KEY_ACCESS], "open"), is_home = m->place == r->place;
    if (span_is(m->key[KEY_ROLE], "guest"))
        return false;
    if (speaks_in(d, member, room))
        return true;
    if (span_is(m->key[KEY_ROLE], "admin"))
        return is_home || !is_open;
    return is_home && (is_open || span_is(m->key[KEY_ROLE], "moderator"));
}

static enum bz_err say_joins(struct loading *l)
{
    const struct demo *d = l->d;
    enum bz_err rc = BZ_OK;
    for (size_t m = 0; m < d->count; m++)
        for (size_t r = 0; d->records[m].type == DEMO_MEMBER && r < d->count && rc == BZ_OK; r++) {
            const struct demo_record *member = &d->records[m], *room = &d->records[r];
            if (room->type != DEMO_ROOM || !belongs(d, m, r))
                continue;
            struct job *job = is_private(room)
                                  ? begin(member, COMMAND_ROOM_INVITE, 0, l->first_ms)
                                  : begin(member, COMMAND_ROOM_JOIN, member->id, l->first_ms);
            job->cmd.room = room->id;
            job->cmd.member = is_private(room) ? member->id : 0;
            (void)say(l, job, room, 1, &rc);
        }
    return rc;
}

static struct span kind_of_org(struct span name)
{
    static const char *const partners[] = { "Pool", "Lab", "Cooperative", "Operator", "Observatory", "Atelier" };
    if (memmem(name.at, name.len, "Secretariat", 11) != NULL)
        return SPAN("secretariat");
    for (size_t i = 0; i < sizeof partners / sizeof partners[0]; i++)
        if (memmem(name.at, name.len, partners[i], strlen(partners[i])) != NULL)
            return SPAN("partner");
    return SPAN("city");
}

/* The first member with this organisation brings it, and is its delegate. */
static enum bz_err say_org(struct loading *l, const struct demo_record *m, bz_id *ret)
{
    enum bz_err rc = BZ_OK;
    struct job *job = begin(m, COMMAND_ORG_CREATE, 0, l->first_ms);
    struct command *cmd = &job->cmd;
    cmd->org_kind = kind_of_org(m->key[KEY_ORG]);
    cmd->name = m->key[KEY_ORG];
    cmd->country = m->key[KEY_COUNTRY];
    cmd->city = m->key[KEY_CITY];
    cmd->region = l->d->records[m->place].id;
    cmd->contact = SPAN("Demo office, 1 Example Street");
    *ret = say(l, job, m, 1, &rc);
    return rc;
}

static enum bz_err say_orgs(struct loading *l)
{
    const struct demo *d = l->d;
    enum bz_err rc = BZ_OK;
    bz_id *orgs = calloc(d->count + 1, sizeof *orgs);   /* by the record of who brought it */
    if (orgs == NULL)
        abort();
    for (size_t m = 0; m < d->count && rc == BZ_OK; m++) {
        const struct demo_record *member = &d->records[m];
        size_t first = 0;
        if (member->type != DEMO_MEMBER || member->key[KEY_ORG].at == NULL)
            continue;
        while (first < m && (orgs[first] == 0 || !span_eq(d->records[first].key[KEY_ORG], member->key[KEY_ORG])))
            first++;
        if (first == m && (rc = say_org(l, member, &orgs[m])) != BZ_OK)
            break;
        struct job *job = begin(member, COMMAND_ORG_MEMBER, 0, l->first_ms);
        job->cmd.organisation = orgs[first];
        job->cmd.member = member->id;
        job->cmd.is_delegate = first == m;
        job->cmd.sets = SETS_DELEGATE;
        (void)say(l, job, member, 1, &rc);
    }
    free(orgs);
    return rc;
}

static bz_id post_id(const struct demo_record *r)
{
    return r->type == DEMO_THREAD ? r->extra : r->id;
}

static bz_id thread_id(const struct demo *d, const struct demo_record *r)
{
    return d->records[r->thread].id;
}

static bool is_lobby(const struct demo_record *thread)
{
    return span_is(thread->key[KEY_KIND], "chat");
}

/* Words with commas between them as a JSON list. */
static void add_list(struct buf *b, struct span words)
{
    json_open(b, '[');
    while (words.len > 0) {
        const char *comma = memchr(words.at, ',', words.len);
        size_t len = comma == NULL ? words.len : (size_t)(comma - words.at);
        json_text(b, (struct span){ words.at, len });
        words.at += len + (comma != NULL);
        words.len -= len + (comma != NULL);
    }
    json_close(b, ']');
}

static void put_list(struct buf *b, const char *name, struct span words)
{
    if (words.at == NULL)
        return;
    json_name(b, name);
    add_list(b, words);
}

/* What is said of a resource, in the order of its kind. */
static struct span fields_of(const struct demo_record *r, struct arena *arena)
{
    struct buf b;
    buf_init(&b, BZ_LIMIT_FIELDS_BYTES);
    json_open(&b, '{');
    json_put_text_opt(&b, "url", r->key[KEY_URL]);
    if (r->key[KEY_YEAR].at != NULL)
        json_put_raw(&b, "year", r->key[KEY_YEAR]);
    json_put_text_opt(&b, "licence", r->key[KEY_LICENCE]);
    json_put_text_opt(&b, "city", r->key[KEY_CITY]);
    put_list(&b, "languages", r->key[KEY_LANGUAGES]);
    json_put_text_opt(&b, "country", r->key[KEY_COUNTRY]);
    put_list(&b, "themes", r->key[KEY_THEMES]);
    json_put_text_opt(&b, "source", r->key[KEY_SOURCE]);
    json_close(&b, '}');
    struct span ret = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    return ret;
}

/* A small file, as if its member had sent it: on the disk first, then known by its hash. */
static enum bz_err send_file(struct loading *l, const struct demo_record *r, bz_id actor, struct span bytes, struct file_ref *ret)
{
    char path[BLOB_PATH_BYTES], id[UPLOAD_CHARS + 1];
    enum bz_err rc = BZ_OK;
    struct span name = r->key[KEY_FILE];
    bool is_table = name.len > 4 && memcmp(name.at + name.len - 4, ".csv", 4) == 0;
    (void)snprintf(id, sizeof id, "%0*x", UPLOAD_CHARS, (unsigned)r->order);
    ret->upload = arena_copy(&l->d->arena, span_of(id));
    blob_part_path(l->dir, ret->upload, path);
    FILE *f = fopen(path, "wx");
    bool is_whole = f != NULL && fwrite(bytes.at, 1, bytes.len, f) == bytes.len;
    if (f != NULL && fclose(f) != 0)
        is_whole = false;
    if (!is_whole)
        return bz_fail(l->error, BZ_ERR_STORE, "could not write %s", path);
    for (int step = 0; step < 2 && rc == BZ_OK; step++) {
        struct job *job = begin(r, step == 0 ? COMMAND_UPLOAD_OPEN : COMMAND_UPLOAD_DONE, actor, 0);
        struct command *cmd = &job->cmd;
        cmd->upload = arena_copy(&job->arena, span_of(id));
        cmd->name = name;
        cmd->blob = (struct blob){ .bytes = (int64_t)bytes.len, .type = is_table ? SPAN("text/csv") : SPAN("text/plain"), .text = bytes };
        (void)crypto_generichash(cmd->blob.hash, sizeof cmd->blob.hash, (const unsigned char *)bytes.at, bytes.len, NULL, 0);
        (void)say(l, job, r, 0, &rc);
    }
    return rc;
}

static enum bz_err say_thread(struct loading *l, struct demo_record *r)
{
    const struct demo_record *room = &l->d->records[r->place];
    enum bz_err rc = BZ_OK;
    bz_id actor = l->d->records[r->by].id;
    if (is_lobby(r)) { /* the lobby is there; what is said here is its first post */
        struct job *job = begin(r, COMMAND_POST_CREATE, actor, r->at_ms);
        job->cmd.thread = r->id = room->extra;
        job->cmd.text = r->text;
        r->extra = say(l, job, r, 1, &rc);
        return rc;
    }
    struct demo_words words = demo_words_of(r);
    struct file_ref *file = arena_alloc(&l->d->arena, sizeof *file);
    *file = (struct file_ref){ 0 };
    if (words.inside.at != NULL && (rc = send_file(l, r, actor, words.inside, file)) != BZ_OK)
        return rc;
    struct job *job = begin(r, COMMAND_THREAD_CREATE, actor, r->at_ms);
    const struct kind_spec *kind = kind_by_wire(r->key[KEY_KIND]);
    if (kind == NULL || !kind->is_creatable)
        rc = demo_fault(r, "kind= is unknown", l->error);
    job->cmd.thread_kind = kind == NULL ? THREAD_KIND_DISCUSSION : kind->kind;
    job->cmd.room = room->id;
    job->cmd.title = r->key[KEY_TITLE];
    job->cmd.text = words.said;
    if (job->cmd.thread_kind == THREAD_KIND_RESOURCE)
        job->cmd.fields = fields_of(r, &job->arena);
    if (file->upload.at != NULL)
        job->cmd.files = (struct file_refs){ file, 1 };
    r->id = say(l, job, r, 2, &rc);
    r->extra = r->id + 1;
    return rc;
}

static enum bz_err say_post(struct loading *l, struct demo_record *r)
{
    enum bz_err rc = BZ_OK;
    struct job *job = begin(r, COMMAND_POST_CREATE, l->d->records[r->by].id, r->at_ms);
    job->cmd.thread = thread_id(l->d, r);
    job->cmd.text = r->text;
    job->cmd.reply_to = r->post == DEMO_NONE ? 0 : post_id(&l->d->records[r->post]);
    r->id = say(l, job, r, 1, &rc);
    return rc;
}

static enum bz_err say_react(struct loading *l, struct demo_record *r)
{
    enum bz_err rc = BZ_OK;
    struct job *job = begin(r, COMMAND_POST_REACT, l->d->records[r->by].id, r->at_ms);
    job->cmd.post = post_id(&l->d->records[r->post]);
    job->cmd.emoji = r->key[KEY_EMOJI];
    job->cmd.on = true;
    r->id = say(l, job, r, 1, &rc);
    return rc;
}

/* The asker marks the answer; a moderator of the region pins, or the operator where there is none.
 */
static enum bz_err say_mark(struct loading *l, struct demo_record *r)
{
    const struct demo *d = l->d;
    const struct demo_record *thread = &d->records[r->thread];
    bool is_answer = r->type == DEMO_ANSWER;
    bz_id actor = is_answer ? d->records[thread->by].id : 0;
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; !is_answer && actor == 0 && i < d->count; i++)
        if (d->records[i].type == DEMO_MEMBER && span_is(d->records[i].key[KEY_ROLE], "moderator")
            && d->records[i].place == d->records[thread->place].place)
            actor = d->records[i].id;
    struct job *job =
        begin(r, is_answer ? COMMAND_THREAD_ANSWER : COMMAND_THREAD_PIN, actor, r->at_ms);
    job->cmd.thread = thread->id;
    job->cmd.post = is_answer ? post_id(&d->records[r->post]) : 0;
    job->cmd.on = true;
    r->id = say(l, job, r, 1, &rc);
    return rc;
}

static struct span list_of(struct span words, struct arena *arena)
{
    struct buf b;
    struct span ret = { NULL, 0 };
    if (words.at == NULL)
        return ret;
    buf_init(&b, BZ_LIMIT_FIELDS_BYTES);
    add_list(&b, words);
    ret = arena_copy(arena, buf_span(&b));
    buf_done(&b);
    return ret;
}

static enum bz_err say_profile(struct loading *l, struct demo_record *r)
{
    struct demo_words words = demo_words_of(r);
    enum bz_err rc = BZ_OK;
    enum circle circle = CIRCLE_NOBODY;
    struct job *job = begin(r, COMMAND_PROFILE_SET, l->d->records[r->by].id, 0);
    struct profile_set *profile = &job->cmd.profile;
    profile->value[PROFILE_TITLE] = r->key[KEY_TITLE];
    profile->value[PROFILE_LANGUAGES] = list_of(r->key[KEY_LANGUAGES], &job->arena);
    profile->value[PROFILE_THEMES] = list_of(r->key[KEY_THEMES], &job->arena);
    profile->value[PROFILE_CAN] = words.said;
    profile->value[PROFILE_CAN_THEMES] = list_of(r->key[KEY_CAN_THEMES], &job->arena);
    profile->value[PROFILE_SEEKS] = words.inside;
    profile->value[PROFILE_SIZE] = r->key[KEY_SIZE];
    if (!circle_by_wire(r->key[KEY_SHOWN], &circle))
        rc = demo_fault(r, "shown= must be nobody, rooms, region or all", l->error);
    for (int field = 1; field < PROFILE_END; field++)
        if (profile->value[field].at != NULL) {
            job->cmd.sets |= 1u << field;
            profile->shown[field] = (unsigned char)(1 + circle);
        }
    job->cmd.sets |= SETS_PEERS;
    job->cmd.on = span_is(r->key[KEY_PEERS], "yes");
    (void)say(l, job, r, 0, &rc);
    return rc;
}

/* The first message between two makes the room and its lobby, too. */
static enum bz_err say_direct(struct loading *l, struct demo_record *r)
{
    const struct demo *d = l->d;
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; r->extra == 0 && i < d->count; i++) {
        const struct demo_record *o = &d->records[i];
        if (o->type == DEMO_DIRECT && ((o->by == r->by && o->place == r->place) || (o->by == r->place && o->place == r->by)))
            r->extra = o->extra;
    }
    struct job *job = begin(r, COMMAND_DIRECT_OPEN, d->records[r->by].id, r->at_ms);
    job->cmd.member = d->records[r->place].id;
    job->cmd.text = r->text;
    bz_id first = say(l, job, r, r->extra == 0 ? 3 : 1, &rc);
    r->id = r->extra == 0 ? first + 2 : first;
    r->extra = r->extra == 0 ? first + 1 : r->extra;
    return rc;
}

static int by_time(const void *a, const void *b)
{
    const struct demo_record *const *x = a, *const *y = b;
    if ((*x)->at_ms != (*y)->at_ms)
        return (*x)->at_ms < (*y)->at_ms ? -1 : 1;
    return (*x)->order < (*y)->order ? -1 : 1;
}

static enum bz_err say_one(struct loading *l, struct demo_record *r)
{
    switch (r->type) {
    case DEMO_REGION: return say_region(l, r);
    case DEMO_ROOM: return say_room(l, r);
    case DEMO_MEMBER: return say_member(l, r);
    case DEMO_THREAD: return say_thread(l, r);
    case DEMO_POST: return say_post(l, r);
    case DEMO_REACT: return say_react(l, r);
    case DEMO_ANSWER:
    case DEMO_PIN: return say_mark(l, r);
    case DEMO_PROFILE: return say_profile(l, r);
    case DEMO_DIRECT: return say_direct(l, r);
    case DEMO_TYPE_COUNT: break;
    }
    return BZ_OK;
}

/* Regions, rooms and members first, then everything that was said, in the order of time across all
 * texts. */
static enum bz_err say_all(struct loading *l)
{
    struct demo *d = l->d;
    struct demo_record **sorted = calloc(d->count + 1, sizeof(struct demo_record *));
    size_t count = 0;
    enum bz_err rc = BZ_OK;
    if (sorted == NULL)
        abort();
    for (enum demo_type type = DEMO_REGION; type <= DEMO_MEMBER; type++)
        for (size_t i = 0; i < d->count && rc == BZ_OK; i++)
            if (d->records[i].type == type)
                rc = say_one(l, &d->records[i]);
    if (rc == BZ_OK)
        rc = say_joins(l);
    if (rc == BZ_OK)
        rc = say_orgs(l);
    for (size_t i = 0; i < d->count; i++)
        if (d->records[i].type > DEMO_MEMBER)
            sorted[count++] = &d->records[i];
    qsort(sorted, count, sizeof *sorted, by_time);
    for (size_t i = 0; i < count && rc == BZ_OK; i++)
        rc = say_one(l, sorted[i]);
    free(sorted);
    return rc;
}

static int days_behind(const struct demo_record *member)
{
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (span_is(member->key[KEY_HANDLE], readers[i].handle))
            return readers[i].days;
    return OTHERS_DAYS;
}

/* Up to where one member has read one thread: the last thing said there before they last looked in.
 */
static bz_id last_read(const struct demo *d, size_t thread, int64_t until_ms)
{
    bz_id last = 0;
    for (size_t i = thread; i < d->count; i++)
        if ((i == thread || d->records[i].type == DEMO_POST) && d->records[i].thread == thread
            && d->records[i].at_ms < until_ms && post_id(&d->records[i]) > last)
            last = post_id(&d->records[i]);
    return last;
}

static enum bz_err mark_read(struct loading *l)
{
    const struct demo *d = l->d;
    enum bz_err rc = BZ_OK;
    for (size_t t = 0; t < d->count; t++)
        for (size_t m = 0; d->records[t].type == DEMO_THREAD && m < d->count && rc == BZ_OK; m++) {
            const struct demo_record *thread = &d->records[t], *member = &d->records[m];
            if (member->type != DEMO_MEMBER || !belongs(d, m, thread->place))
                continue;
            bz_id last = last_read(d, t, d->anchor_ms - days_behind(member) * DAY_MS);
            if (last == 0)
                continue;
            struct job *job = begin(member, COMMAND_READ_MARK, member->id, 0);
            job->cmd.thread = thread->id;
            job->cmd.seq = id_seq(last);
            (void)say(l, job, member, 0, &rc);
        }
    for (size_t i = 0; i < d->count && rc == BZ_OK; i++)   /* between two, both have read everything */
        for (int side = 0; d->records[i].type == DEMO_DIRECT && side < 2 && rc == BZ_OK; side++) {
            const struct demo_record *r = &d->records[i], *reader = &d->records[side == 0 ? r->by : r->place];
            struct job *job = begin(reader, COMMAND_READ_MARK, reader->id, 0);
            job->cmd.thread = r->extra;
            job->cmd.seq = id_seq(r->id);
            (void)say(l, job, reader, 0, &rc);
        }
    return rc;
}

static enum bz_err parse_all(struct demo *d, struct bz_error *e)
{
    const struct {
        const char *name, *at;
        const unsigned long *len;
    } texts[] = {
        { "africa", bz_demo_africa, &bz_demo_africa_len },
        { "latam", bz_demo_latam, &bz_demo_latam_len },
        { "asia", bz_demo_asia, &bz_demo_asia_len },
        { "global", bz_demo_global, &bz_demo_global_len },
        { "library", bz_demo_library, &bz_demo_library_len },
        { "people", bz_demo_people, &bz_demo_people_len },
        { "talks", bz_demo_talks, &bz_demo_talks_len },
    };
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; rc == BZ_OK && i < sizeof texts / sizeof texts[0]; i++)
        rc = demo_parse(d, texts[i].name, (struct span){ texts[i].at, *texts[i].len }, e);
    return rc == BZ_OK ? demo_tie(d, e) : rc;
}

/* Two that wait for the secretariat. */
static enum bz_err say_requests(struct loading *l)
{
    static const struct { const char *name, *email, *title, *org, *city, *country, *lang, *text; } asks[] = {
        { "Yao Mensavi (demo)", "yao.mensavi@example.org", "Planner", "Demo Mairie de Sokodé", "Sokodé", "TG", "fr",
          "Nous préparons un plan de mobilité et cherchons des villes de notre taille." },
        { "Marta Quiroga (demo)", "marta.quiroga@example.org", "Directora de movilidad", "Demo Alcaldía de Tarija", "Tarija", "BO", "es",
          "Queremos aprender de otras ciudades sobre carriles bus." },
    };
    static const struct demo_record none = { .file = "demo" };
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        struct job *job = begin(&none, COMMAND_REQUEST_CREATE, 0, 0);
        struct command *cmd = &job->cmd;
        cmd->name = span_of(asks[i].name);
        cmd->email = span_of(asks[i].email);
        cmd->title = span_of(asks[i].title);
        cmd->org_kind = SPAN("city");
        cmd->org = span_of(asks[i].org);
        cmd->city = span_of(asks[i].city);
        cmd->country = span_of(asks[i].country);
        cmd->lang = span_of(asks[i].lang);
        cmd->text = span_of(asks[i].text);
        (void)say(l, job, &none, 0, &rc);
    }
    return rc;
}

static enum bz_err say_hub(struct loading *l)
{
    static const struct demo_record hub = { .file = "demo" };
    enum bz_err rc = BZ_OK;
    struct job *job = job_new(COMMAND_HUB_INIT);
    job->cmd.handle = SPAN("demo");
    job->cmd.name = SPAN("Baraza demo");
    job->cmd.on = true; /* empty: the texts bring regions, rooms and members */
    job->cmd.at_ms = l->first_ms;
    (void)say(l, job, &hub, 1, &rc);
    return rc == BZ_OK ? flush(l) : rc;
}

enum bz_err demo_load(struct engine *en, const char *dir, int64_t now_ms, size_t ret[DEMO_TYPE_COUNT],
                      struct bz_error *e)
{
    struct demo d;
    demo_init(&d, now_ms);
    struct loading l = { .en = en, .dir = dir, .d = &d, .next_seq = 1, .error = e, .first_ms = d.anchor_ms };
    enum bz_err rc = parse_all(&d, e);
    for (size_t i = 0; i < d.count; i++) {
        ret[d.records[i].type]++;
        if (d.records[i].at_ms > 0 && d.records[i].at_ms - DAY_MS < l.first_ms)
            l.first_ms = d.records[i].at_ms - DAY_MS;
    }
    if (rc == BZ_OK)
        rc = say_hub(&l);
    if (rc == BZ_OK)
        rc = say_all(&l);
    if (rc == BZ_OK)
        rc = mark_read(&l);
    if (rc == BZ_OK)
        rc = say_requests(&l);
    if (rc == BZ_OK && l.count > 0)
        rc = flush(&l);
    for (size_t i = 0; i < l.count; i++)
        job_free(l.jobs[i]);
    demo_done(&d);
    return rc;
}
