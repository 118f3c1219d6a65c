/* The 1st, 2nd, 3rd ... fallible step of a commit fails until none is left, for every journalled command: once, and
 * from there on until somebody mends it. Whoever was told "done" is in the journal, whoever was told "failed" is not,
 * the same command again is done once, and a rebuild shows the same tables. The address sanitizer watches for leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baraza/limits.h"
#include "engine/engine.h"
#include "folder.h"
#include "store/journal.h"
#include "store/upkeep.h"

#define STEPS_MAX 100   /* more fallible steps than any commit has: the loop must end by itself */

struct hub {
    struct env env;
    int calls, fail_at;          /* fail_at 0: nothing fails */
    bool stays_broken, has_failed;
    int64_t clock;
    int cids;
    char dir[FOLDER_BYTES];
    struct engine *en;
    bz_id region, open, closed, admin, ana, ben, gone, talk, plan, shelf, org, question, first, answer, hidden, report, sanction;
    bool is_holding;           /* the open room holds all that is written: then `report` is of what waits */
    bool is_proposing;         /* the talk is long, and there are two moderators: then `report` is of its merge, by the admin */
    bz_id second;              /* who agrees */
    int64_t moved;             /* the entry that moved a post from the question into the talk */
};

static int64_t hub_now(void *ctx) { return ((struct hub *)ctx)->clock++; }

static void hub_random(void *ctx, void *ret, size_t bytes) { memset(ret, 7, bytes); }

static bool hub_fault(void *ctx, const char *site)
{
    struct hub *h = ctx;
    h->calls++;
    bool fails_now = h->fail_at > 0 && (h->calls == h->fail_at || (h->stays_broken && h->calls > h->fail_at));
    h->has_failed = h->has_failed || fails_now;
    return fails_now;
}

static void arm(struct hub *h, int fail_at, bool stays_broken)
{
    h->calls = 0;
    h->fail_at = fail_at;
    h->stays_broken = stays_broken;
    h->has_failed = false;
}

static int64_t head(struct hub *h)
{
    int64_t seq, at_ms;
    struct journal *j = engine_journal(h->en);
    assert_int_equal(j->ops->head(j, 0, &seq, &at_ms, NULL), BZ_OK);
    return seq;
}

static struct outcome commit(struct hub *h, const struct command *cmd)
{
    struct job *job = job_new(cmd->kind);
    struct commit *c;
    job->cmd = *cmd;
    engine_commit(h->en, &job, 1, &c);
    struct outcome out = job->outcome;
    if (out.error.code != BZ_OK)
        assert_null(c);
    commit_free(c);
    job_free(job);
    return out;
}

static struct outcome must(struct hub *h, struct command cmd)
{
    struct outcome out = commit(h, &cmd);
    if (out.error.code != BZ_OK)
        fail_msg("%s: %s", command_wire(cmd.kind), out.error.text);
    return out;
}

static void attach(struct hub *h, bool create)
{
    struct bz_error e;
    struct engine_config config = { .db = { h->dir, &h->env, NULL }, .create = create };
    if (engine_open(&config, &h->en, &e) != BZ_OK)
        fail_msg("%s", e.text);
}

static void hold_all(struct hub *h)
{
    must(h, (struct command){ .kind = COMMAND_ROOM_SET, .actor = h->admin, .room = h->open, .sets = SETS_HOLD | SETS_WORDS,
                              .set = { .hold = HOLD_ALL, .words = SPAN("[{\"word\":\"fair\",\"act\":\"block\"}]") } });
    h->report = must(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = h->ben, .room = h->open, .title = SPAN("May I?"),
                                          .thread_kind = THREAD_KIND_DISCUSSION, .text = SPAN("for @ana"), .lang = SPAN("en") }).id;
}

/* Who was invited, with the code that was sent to their address. */
static struct command invited(enum command_kind kind)
{
    struct command c = { .kind = kind, .email = SPAN("cy@ville.example"), .code = SPAN("123456"), .name = SPAN("Cy"), .lang = SPAN("en"),
                         .expires_ms = INT64_MAX };
    memset(c.secret, 1, SECRET_BYTES);
    memset(c.code_hash, 2, SECRET_BYTES);
    memset(c.invitation, 3, SECRET_BYTES);
    memset(c.new_secret, 4, SECRET_BYTES);
    return c;
}

static void propose(struct hub *h)
{
    h->second = must(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("eve"), .name = SPAN("Eve"), .role = ROLE_MODERATOR }).id;
    must(h, (struct command){ .kind = COMMAND_TOKEN_ISSUE, .member = h->second, .expires_ms = INT64_MAX });
    for (int i = 0; i < BZ_LIMIT_SECOND_ABOVE; i++)
        must(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ben, .thread = h->talk, .text = SPAN("more words"), .lang = SPAN("en") });
    h->report = must(h, (struct command){ .kind = COMMAND_THREAD_MERGE, .actor = h->admin, .thread = h->talk, .to_thread = h->question }).id;
}

static void found(struct hub *h)
{
    must(h, (struct command){ .kind = COMMAND_HUB_INIT, .handle = SPAN("fault"), .name = SPAN("Fault") });
    h->region = must(h, (struct command){ .kind = COMMAND_REGION_CREATE, .slug = SPAN("here"), .name = SPAN("Here") }).id;
    h->admin = must(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("boss"), .name = SPAN("Boss"), .role = ROLE_ADMIN }).id;
    h->ana = must(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("ana"), .name = SPAN("Ana"), .role = ROLE_MEMBER }).id;
    h->ben = must(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("ben"), .name = SPAN("Ben"), .role = ROLE_MEMBER }).id;
    h->open = must(h, (struct command){ .kind = COMMAND_ROOM_CREATE, .actor = h->admin, .region = h->region, .slug = SPAN("open"), .name = SPAN("Open") }).id;
    h->closed = must(h, (struct command){ .kind = COMMAND_ROOM_CREATE, .actor = h->admin, .region = h->region, .slug = SPAN("closed"),
                                          .name = SPAN("Closed"), .access = ACCESS_PRIVATE }).id;
    must(h, (struct command){ .kind = COMMAND_ROOM_JOIN, .actor = h->ben, .room = h->open });
    struct outcome made = must(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = h->ana, .room = h->open, .title = SPAN("Talk"),
                                                    .thread_kind = THREAD_KIND_DISCUSSION, .text = SPAN("first words"), .lang = SPAN("en") });
    h->talk = made.id;
    h->first = made.extra;
    h->question = must(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = h->ana, .room = h->open, .title = SPAN("When?"),
                                            .thread_kind = THREAD_KIND_QUESTION, .text = SPAN("when is it?"), .lang = SPAN("en") }).id;
    h->shelf = must(h, (struct command){ .kind = COMMAND_COLLECTION_CREATE, .actor = h->admin, .region = h->region, .title = SPAN("Best of") }).id;
    h->org = must(h, (struct command){ .kind = COMMAND_ORG_CREATE, .actor = h->admin, .org_kind = SPAN("city"), .name = SPAN("City of Accra"),
                                       .city = SPAN("Accra"), .country = SPAN("GH") }).id;
    must(h, (struct command){ .kind = COMMAND_ORG_MEMBER, .actor = h->admin, .organisation = h->org, .member = h->ana,
                              .is_delegate = true, .sets = SETS_DELEGATE });
    h->plan = must(h, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = h->ana, .room = h->open, .title = SPAN("Plan"),
                                        .thread_kind = THREAD_KIND_RESOURCE, .text = SPAN("read https://a.example/"), .lang = SPAN("en") }).id;
    h->answer = must(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ben, .thread = h->question, .text = SPAN("at ten"), .lang = SPAN("en") }).id;
    h->hidden = must(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ben, .thread = h->talk, .text = SPAN("unfit"), .lang = SPAN("en") }).id;
    must(h, (struct command){ .kind = COMMAND_POST_HIDE, .actor = h->admin, .post = h->hidden, .rule = SPAN("rude") });
    bz_id stray = must(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->ben, .thread = h->question, .text = SPAN("by the way"), .lang = SPAN("en") }).id;
    h->moved = must(h, (struct command){ .kind = COMMAND_POST_MOVE, .actor = h->admin, .posts = { &stray, 1, true }, .to_thread = h->talk }).seq;
    h->report = must(h, (struct command){ .kind = COMMAND_REPORT_CREATE, .actor = h->ben, .post = h->first, .rule = SPAN("spam") }).id;
    h->sanction = must(h, (struct command){ .kind = COMMAND_MEMBER_SANCTION, .actor = h->admin, .member = h->ben, .room = h->closed, .act = SANCTION_SUSPEND, .rule = SPAN("rude") }).id;
    h->gone = must(h, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("dan"), .name = SPAN("Dan"), .role = ROLE_MEMBER }).id;
    must(h, (struct command){ .kind = COMMAND_POST_CREATE, .actor = h->gone, .thread = h->talk, .text = SPAN("last words"), .lang = SPAN("en") });
    must(h, (struct command){ .kind = COMMAND_MEMBER_ERASE, .member = h->gone });
    struct command asks = invited(COMMAND_SESSION_CODE);
    struct command invites = { .kind = COMMAND_INVITE_CREATE, .actor = h->admin, .room = h->closed, .organisation = h->org,
                               .role = ROLE_MODERATOR, .uses = 1, .expires_ms = INT64_MAX };
    memcpy(invites.new_secret, asks.invitation, SECRET_BYTES);
    (void)must(h, invites);
    (void)must(h, asks);
    struct command joins = asks;   /* the same code once more, for somebody who asks to join */
    joins.email = SPAN("join@b.example");
    joins.on = true;
    joins.secret[0] ^= 1;
    (void)must(h, joins);
    joins.kind = COMMAND_REQUEST_CREATE;
    joins.org_kind = SPAN("city"); joins.org = SPAN("Kumasi"); joins.city = SPAN("Kumasi"); joins.country = SPAN("GH"); joins.name = SPAN("Jo");
    (void)must(h, joins);
    if (h->is_holding)
        hold_all(h);
    if (h->is_proposing)
        propose(h);
}

static bool is_holding, is_proposing;   /* of the hubs that are made from here on */

static void folder_end(const char *dir)
{
    char line[FOLDER_BYTES + 16];
    (void)snprintf(line, sizeof line, "rm -rf '%s'", dir);
    assert_int_equal(system(line), 0);
}

static void hub_free(struct hub *h)
{
    engine_close(h->en);
    folder_end(h->dir);
    free(h);
}

static struct hub *hub_empty(void)
{
    struct hub *h = calloc(1, sizeof *h);
    h->env = (struct env){ hub_now, hub_random, hub_fault, h };
    h->clock = 1760000000000;
    h->is_holding = is_holding;
    h->is_proposing = is_proposing;
    assert_true(folder_make(h->dir, "fault"));
    return h;
}

/* A hub is founded once of each sort; the thousands that follow are copies of its folder. */
static struct hub *models[4];
static struct hub *model(void)
{
    struct hub **at = &models[(is_holding ? 1 : 0) + (is_proposing ? 2 : 0)];
    if (*at == NULL) {
        *at = hub_empty();
        attach(*at, true);
        found(*at);
        engine_close((*at)->en);
    }
    return *at;
}
static int end_models(void **state)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (models[i] != NULL) {
            folder_end(models[i]->dir);
            free(models[i]);
        }
    return 0;
}

static struct hub *hub_new(bool is_founded)
{
    struct hub *h = hub_empty();
    if (is_founded) {
        char own[FOLDER_BYTES];
        memcpy(own, h->dir, sizeof own);
        *h = *model();
        memcpy(h->dir, own, sizeof own);
        h->env.ctx = h;
        char line[2 * FOLDER_BYTES + 16];
        (void)snprintf(line, sizeof line, "cp -R '%s/.' '%s'", model()->dir, own);
        assert_int_equal(system(line), 0);
    }
    attach(h, !is_founded);
    return h;
}

/* A command of each kind that changes something in a founded hub. */
static struct command sample(struct hub *h, enum command_kind kind)
{
    struct command c = { .kind = kind, .actor = h->ana, .cid = SPAN("the-one"), .lang = SPAN("en") };
    switch (kind) {
    case COMMAND_HUB_INIT: c.actor = 0; c.handle = SPAN("fault"); c.name = SPAN("Fault"); break;
    case COMMAND_REGION_CREATE: c.actor = h->admin; c.slug = SPAN("south"); c.name = SPAN("South"); break;
    case COMMAND_ROOM_CREATE: c.actor = h->admin; c.region = h->region; c.slug = SPAN("new"); c.name = SPAN("New"); break;
    case COMMAND_MEMBER_ADD: c.actor = h->admin; c.handle = SPAN("cy"); c.name = SPAN("Cy"); c.role = ROLE_MEMBER; break;
    case COMMAND_INVITE_TAKE: return invited(kind);
    case COMMAND_MEMBER_ROLE: c.actor = h->admin; c.member = h->ana; c.room = h->open; c.role = ROLE_MODERATOR; break;
    case COMMAND_MEMBER_SET: c.name = SPAN("Ana B"); c.sets = SETS_NAME; break;
    case COMMAND_MEMBER_SANCTION: c.actor = h->admin; c.member = h->ana; c.act = SANCTION_BAN; c.rule = SPAN("spam"); break;
    case COMMAND_MEMBER_PARDON: c.actor = h->admin; c.sanction = h->sanction; break;
    case COMMAND_SANCTION_APPEAL: c.actor = h->ben; c.sanction = h->sanction; c.reason = SPAN("it was not me"); break;
    case COMMAND_MEMBER_ERASE: c.handle = SPAN("ana"); break;
    case COMMAND_ERASE_STEP: c.actor = 0; c.member = h->gone; break;
    case COMMAND_ROOM_JOIN: c.room = h->open; break;
    case COMMAND_ROOM_LEAVE: c.actor = h->ben; c.room = h->open; break;
    case COMMAND_ROOM_INVITE: c.actor = h->admin; c.room = h->closed; c.member = h->ana; break;
    case COMMAND_ROOM_SET:
        c.actor = h->admin; c.room = h->open; c.set.slow_s = 60; c.sets = SETS_SLOW; break;
    case COMMAND_THREAD_CREATE:
        c.room = h->open; c.title = SPAN("More"); c.thread_kind = THREAD_KIND_DISCUSSION; c.text = SPAN("words for @ben");
        break;
    case COMMAND_THREAD_RENAME: c.thread = h->talk; c.title = SPAN("Another title"); break;
    case COMMAND_THREAD_LOCK:
    case COMMAND_THREAD_CLOSE:
    case COMMAND_THREAD_ARCHIVE:
    case COMMAND_THREAD_PIN: c.actor = h->admin; c.thread = h->talk; c.on = true; break;
    case COMMAND_THREAD_MOVE: c.actor = h->admin; c.thread = h->talk; c.to_room = h->closed; break;
    case COMMAND_THREAD_FIELDS: c.thread = h->plan; c.fields = SPAN("{\"year\":2024,\"themes\":[\"brt\"]}"); break;
    case COMMAND_THREAD_KIND: c.thread = h->talk; c.thread_kind = THREAD_KIND_QUESTION; break;
    case COMMAND_THREAD_MERGE: c.actor = h->admin; c.thread = h->talk; c.to_thread = h->question; break;
    case COMMAND_THREAD_UNDO: c.actor = h->admin; c.seq = h->moved; break;
    case COMMAND_POST_MOVE:
        c.actor = h->admin; c.posts = (struct id_list){ &h->answer, 1, true }; c.to_thread = h->talk; break;
    case COMMAND_THREAD_ANSWER: c.thread = h->question; c.post = h->answer; break;
    case COMMAND_POST_CREATE: c.thread = h->talk; c.text = SPAN("and more words"); c.reply_to = h->first; break;
    case COMMAND_DIRECT_OPEN: c.actor = h->admin; c.member = h->ben; c.text = SPAN("between us, about https://a.example/"); break;
    case COMMAND_POST_EDIT: c.post = h->first; c.text = SPAN("other words"); break;
    case COMMAND_POST_REDACT: c.actor = h->admin; c.post = h->first; c.reason = SPAN("a reason"); break;
    case COMMAND_THREAD_FEATURE: c.actor = h->admin; c.thread = h->talk; c.on = true; break;
    case COMMAND_POST_LOCK: c.actor = h->admin; c.post = h->first; c.on = true; break;
    case COMMAND_POST_HIDE: c.actor = h->admin; c.post = h->first; c.rule = SPAN("spam"); break;
    case COMMAND_POST_RESTORE: c.actor = h->admin; c.post = h->hidden; c.reason = SPAN("a mistake"); break;
    case COMMAND_POST_REACT: c.post = h->first; c.emoji = SPAN("👍"); c.on = true; break;
    case COMMAND_RESOURCE_PROMOTE: c.post = id_make(0, id_seq(h->plan) + 1); c.url = SPAN("https://a.example/"); c.title = SPAN("More");
        c.fields = SPAN("{\"url\":\"https://a.example/\"}"); c.text = c.url; break;
    case COMMAND_THEME_SET: c.actor = h->admin; c.slug = SPAN("ferries"); c.names = SPAN("{\"en\":\"Ferries\"}"); break;
    case COMMAND_COLLECTION_CREATE: c.actor = h->admin; c.region = h->region; c.title = SPAN("More"); break;
    case COMMAND_COLLECTION_SET: c.actor = h->admin; c.collection = h->shelf; c.title = SPAN("Best of all"); break;
    case COMMAND_COLLECTION_PUT: c.actor = h->admin; c.collection = h->shelf; c.thread = h->plan; c.on = true; break;
    case COMMAND_ORG_CREATE: c.actor = h->admin; c.org_kind = SPAN("partner"); c.name = SPAN("Wheels"); c.country = SPAN("KE"); break;
    case COMMAND_ORG_SET: c.actor = h->admin; c.organisation = h->org; c.name = SPAN("Accra"); break;
    case COMMAND_ORG_MEMBER: c.actor = h->admin; c.organisation = h->org; c.member = h->ben; break;
    case COMMAND_ORG_CONFIRM: c.organisation = h->org; c.members = (struct id_list){ &h->ana, 1, true }; break;
    case COMMAND_REQUEST_DECIDE: c.actor = h->admin; c.request = 1; c.on = true; c.code = SPAN("code"); break;
    case COMMAND_LINK_TELL: c.actor = 0; c.post = id_make(0, id_seq(h->plan) + 1); c.url = SPAN("https://a.example/");
        c.found = LINK_READ; c.title = SPAN("A page"); break;
    case COMMAND_REPORT_CREATE: c.post = h->answer; c.rule = SPAN("false"); break;
    case COMMAND_REPORT_CLAIM: c.actor = h->admin; c.matter = h->report; c.on = true; break;
    case COMMAND_REPORT_DECIDE: c.actor = h->is_proposing ? h->second : h->admin; c.matter = h->report;
        c.decision = h->is_holding || h->is_proposing ? SPAN("approve") : SPAN("hide"); c.rule = SPAN("spam"); break;
    case COMMAND_APPEAL_CREATE: c.actor = h->ben; c.post = h->hidden; c.reason = SPAN("it was meant well"); break;
    case COMMAND_READ_MARK:
    case COMMAND_READ_ROOM:
    case COMMAND_THREAD_FOLLOW:
    case COMMAND_DRAFT_SET:
    case COMMAND_MEMBER_BLOCK:
    case COMMAND_PROFILE_SET:
    case COMMAND_DIRECT_SET:
    case COMMAND_EXPORT_BEGIN:
    case COMMAND_EXPORT_DONE:
    case COMMAND_SEARCH_SAVE:
    case COMMAND_SEARCH_SEEN:
    case COMMAND_SEARCH_DROP:
    case COMMAND_UPLOAD_OPEN:
    case COMMAND_UPLOAD_DONE:
    case COMMAND_UPLOAD_DROP:
    case COMMAND_INVITE_CREATE: case COMMAND_INVITE_DROP: case COMMAND_INVITE_BULK: case COMMAND_REQUEST_CREATE:
    case COMMAND_OIDC_BEGIN: case COMMAND_OIDC_TAKE: case COMMAND_OIDC_ENTER: case COMMAND_OIDC_LINK: case COMMAND_OIDC_UNLINK:
    case COMMAND_SESSION_SECOND: case COMMAND_FACTOR_DROP: case COMMAND_PASSKEY_BEGIN: case COMMAND_PASSKEY_ENTER:
    case COMMAND_PASSKEY_NEW: case COMMAND_PASSKEY_ADD: case COMMAND_TOTP_NEW: case COMMAND_TOTP_ADD: case COMMAND_RECOVERY_RENEW:
    case COMMAND_PASSWORD_SET: case COMMAND_PASSWORD_ENTER:
    case COMMAND_SESSION_CODE: case COMMAND_SESSION_ENTER: case COMMAND_SESSION_END: case COMMAND_SESSION_SEEN:
    case COMMAND_ADDRESS_CODE: case COMMAND_ADDRESS_ADD: case COMMAND_ADDRESS_DROP: case COMMAND_ADDRESS_PUT:
    case COMMAND_SESSION_OPEN:
    case COMMAND_SESSION_CLOSE:
    case COMMAND_TOKEN_CREATE: case COMMAND_TOKEN_DROP: case COMMAND_TOKEN_ISSUE:
    case COMMAND_LINK_ISSUE:
    case COMMAND_MAIL_DONE:
    case COMMAND_MAIL_FAILED:
    case COMMAND_COUNT: break;
    }
    return c;
}

static void found_nothing(void *ctx, const char *line) { fail_msg("verify: %s", line); }

struct tally { struct span cid; int with_cid; int64_t last; };

static bool tally_entry(void *ctx, const struct entry *entry)
{
    struct tally *t = ctx;
    assert_int_equal(entry->seq, t->last + 1);
    t->last = entry->seq;
    t->with_cid += entry->cid.at != NULL && span_eq(entry->cid, t->cid);
    return true;
}

/* Opened anew, as after a restart: the journal has just what was acknowledged, and the tables follow from it. */
static void check(struct hub *h, struct span cid, int entries_with_cid, int64_t want_head)
{
    engine_close(h->en);
    attach(h, false);
    struct tally t = { .cid = cid };
    struct journal *j = engine_journal(h->en);
    assert_int_equal(j->ops->read(j, 0, 0, tally_entry, &t, NULL), BZ_OK);
    assert_int_equal(t.last, want_head);
    if (entries_with_cid >= 0)
        assert_int_equal(t.with_cid, entries_with_cid);
    unsigned char before[32], after[32];
    int64_t count;
    assert_int_equal(store_digest(engine_db(h->en), before, NULL), BZ_OK);
    assert_int_equal(store_rebuild(engine_db(h->en), &count, NULL), BZ_OK);
    assert_int_equal(store_digest(engine_db(h->en), after, NULL), BZ_OK);
    assert_int_equal(count, want_head);
    assert_memory_equal(before, after, sizeof before);
    struct db_config config = { h->dir, &h->env, NULL };
    struct verify_result result;
    assert_int_equal(store_verify(&(struct verify_request){ .db = config, .say = found_nothing }, &result, NULL), BZ_OK);
    assert_int_equal(result.findings, 0);
}

static void is_failure(const struct outcome *out, enum command_kind kind, int step)
{
    enum bz_err code = out->error.code;
    if (code != BZ_ERR_STORE && code != BZ_ERR_STORAGE_FULL && code != BZ_ERR_BUSY)
        fail_msg("%s, step %d: told %d (%s)", command_wire(kind), step, code, out->error.text);
    assert_int_not_equal(strlen(out->error.text), 0);
    assert_int_equal(out->id, 0);
    assert_int_equal(out->seq, 0);
}

/* Fails the step; false: there is no such step, so the commit went through. */
static bool fail_step(enum command_kind kind, int step, bool stays_broken, int64_t want_entries)
{
    struct hub *h = hub_new(kind != COMMAND_HUB_INIT);
    struct command cmd = sample(h, kind);
    int64_t before = head(h);
    arm(h, step, stays_broken);
    struct outcome out = commit(h, &cmd);
    bool was_hit = h->has_failed;
    arm(h, 0, false);
    if (was_hit) {
        is_failure(&out, kind, step);
        struct outcome again = commit(h, &cmd);
        assert_int_equal(again.error.code, BZ_OK);
        assert_false(again.is_repeat);   /* nothing was left behind by the failed one */
        out = again;
    }
    assert_int_equal(out.error.code, BZ_OK);
    assert_int_equal(out.seq, before + 1);
    if (cmd.actor != 0) {
        struct outcome repeated = commit(h, &cmd);
        assert_int_equal(repeated.error.code, BZ_OK);
        assert_true(repeated.is_repeat);
        assert_int_equal(repeated.seq, out.seq);
    }
    check(h, cmd.cid, cmd.actor != 0 ? 1 : -1, before + want_entries);
    hub_free(h);
    return was_hit;
}

static int64_t entries_of(enum command_kind kind)
{
    struct hub *h = hub_new(kind != COMMAND_HUB_INIT);
    struct command cmd = sample(h, kind);
    int64_t before = head(h);
    must(h, cmd);
    int64_t count = head(h) - before;
    hub_free(h);
    assert_true(count > 0);   /* else the sample changes nothing and tests nothing */
    return count;
}

/* Of two processes FAULT_PART=odd has the odd kinds, and even the others with what follows them; without it one has all. */
static bool is_part(const char *name)
{
    const char *part = getenv("FAULT_PART");
    return part != NULL && strcmp(part, name) == 0;
}

static void each_step_of_each_command_may_fail(void **state)
{
    int kinds = 0;
    for (enum command_kind kind = 0; kind < COMMAND_COUNT; kind++) {
        if (!command_is_journalled(kind))
            continue;
        kinds++;
        if (is_part(kinds % 2 == 1 ? "even" : "odd"))
            continue;
        int64_t want_entries = entries_of(kind);
        for (int stays_broken = 0; stays_broken < 2; stays_broken++) {
            int step = 1;
            while (fail_step(kind, step, stays_broken != 0, want_entries))
                assert_true(++step < STEPS_MAX);
            /* begin, append, apply of each entry, commit */
            assert_true(step > 3 + want_entries);
        }
    }
    assert_int_equal(kinds, 53);
}

/* What waits for a moderator, or for a second one, and what is said or done by a yes, are whole or not there. */
static void each_step_of_what_waits_may_fail(void **state)
{
    if (is_part("odd"))
        skip();
    static const struct { enum command_kind kind; int64_t entries; bool is_proposing; } asks[] = {
        { COMMAND_POST_CREATE, 1, false }, { COMMAND_THREAD_CREATE, 1, false }, { COMMAND_REPORT_DECIDE, 3, false },
        { COMMAND_THREAD_MERGE, 1, true }, { COMMAND_REPORT_DECIDE, 2, true },
    };
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++)
        for (int stays_broken = 0; stays_broken < 2; stays_broken++) {
            is_proposing = asks[i].is_proposing;
            is_holding = !is_proposing;
            assert_int_equal(entries_of(asks[i].kind), asks[i].entries);
            int step = 1;
            while (fail_step(asks[i].kind, step, stays_broken != 0, asks[i].entries))
                assert_true(++step < STEPS_MAX);
            assert_true(step > 3 + asks[i].entries);
        }
    is_holding = is_proposing = false;
}

/* Three people share one commit. */
static int fail_shared(int step, bool stays_broken)
{
    struct hub *h = hub_new(true);
    const bz_id actors[3] = { h->ana, h->ben, h->admin };
    struct job *jobs[3];
    struct commit *c;
    int64_t before = head(h);
    for (int i = 0; i < 3; i++) {
        jobs[i] = job_new(COMMAND_POST_CREATE);
        jobs[i]->cmd = (struct command){ .kind = COMMAND_POST_CREATE, .actor = actors[i], .cid = SPAN("shared"),
                                         .thread = h->talk, .text = SPAN("all at once"), .lang = SPAN("en") };
    }
    arm(h, step, stays_broken);
    engine_commit(h->en, jobs, 3, &c);
    bool was_hit = h->has_failed;
    arm(h, 0, false);
    int done = 0;
    int64_t seqs[3] = { 0 };
    for (int i = 0; i < 3; i++) {
        if (jobs[i]->outcome.error.code != BZ_OK)
            is_failure(&jobs[i]->outcome, COMMAND_POST_CREATE, step);
        else
            seqs[i] = before + ++done;
        assert_int_equal(jobs[i]->outcome.seq, seqs[i]);
    }
    assert_int_equal(c == NULL ? 0 : (int)c->count, done);   /* others are told of what was done, and of no more */
    commit_free(c);
    check(h, SPAN("shared"), done, before + done);
    for (int i = 0; i < 3; i++) {
        struct outcome out = commit(h, &jobs[i]->cmd);
        assert_int_equal(out.error.code, BZ_OK);
        assert_true(out.is_repeat == (seqs[i] != 0));
        if (seqs[i] != 0)
            assert_int_equal(out.seq, seqs[i]);
        job_free(jobs[i]);
    }
    check(h, SPAN("shared"), 3, before + 3);
    hub_free(h);
    return was_hit ? done : -1;
}

static void a_failure_takes_no_others_along_silently(void **state)
{
    if (is_part("odd"))
        skip();
    int step = 1, spared = 0, done;
    for (; (done = fail_shared(step, false)) >= 0; step++) {
        assert_true(step < STEPS_MAX);
        spared += done == 2;
    }
    assert_int_equal(step, 1 + 1 + 3 * 2 + 1);   /* begin, three times append and apply, commit */
    assert_int_equal(spared, 6);                 /* one poisonous command fails alone */
    for (step = 1; (done = fail_shared(step, true)) >= 0; step++)
        assert_int_equal(done, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_of_each_command_may_fail), cmocka_unit_test(each_step_of_what_waits_may_fail),
        cmocka_unit_test(a_failure_takes_no_others_along_silently),
    };
    return cmocka_run_group_tests(tests, NULL, end_models);
}
