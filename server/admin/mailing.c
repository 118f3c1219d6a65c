#include "admin/mailing.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "store/mail.h"
#include "work/letter.h"
#include "work/spool.h"

#define TICK_MS 1000
#define SWEEP_TICKS 3600
#define AGAIN_MS 10000       /* after what could not be looked up or written down */
#define LOG_PAUSE_MS 60000   /* a mail server that is away is told of by one line a minute */

/* What it does: at most one of these at a time. */
enum at_hand { NOTHING, LOOKING, SENDING, WRITING, TELLING };

struct mailing {
    struct mailing_config config;
    char site[SETTING_BYTES], folder[MAIL_FOLDER_BYTES];
    uv_timer_t tick;
    enum at_hand at_hand;
    bool is_due, is_resting, is_stopping, is_sweeping;
    bool is_untold;            /* what became of the last one could not be written down: it is not tried again before that */
    unsigned ticks;
    int64_t next_ms;           /* when the next one is due, by the wall clock */
    uint64_t told_ms;          /* the last line in the log */
    /* The one at hand. */
    struct arena arena;
    struct mail_due mail;
    struct buf letter;
    struct send *send;
    struct { enum command_kind kind; bool is_for_good; char why[BZ_ERROR_TEXT]; } outcome;
    uv_work_t work;
    struct bz_error written;
    uv_work_t sweep;
};

static int64_t now_ms(const struct mailing *m) { return m->config.env->now_ms(m->config.env->ctx); }

void mail_folder(const char *dir, char ret[MAIL_FOLDER_BYTES]) { (void)snprintf(ret, MAIL_FOLDER_BYTES, "%s/" MAIL_FOLDER, dir); }

static const char *kind_word(enum mail_kind kind)
{
    static const char *const words[] = {
#define WORD(n, name, word) [n] = word,
        BZ_MAIL_KINDS(WORD)
#undef WORD
    };
    return (size_t)kind < sizeof words / sizeof words[0] && words[kind] != NULL ? words[kind] : "unknown";
}

static void go_on(struct mailing *m);

static void on_closed(uv_handle_t *tick)
{
    struct mailing *m = tick->data;
    arena_done(&m->arena);
    if (m->letter.at != NULL)
        sodium_memzero(m->letter.at, m->letter.cap);
    buf_done(&m->letter);
    free(m);
}

static void free_when_over(struct mailing *m)
{
    if (m->is_stopping && m->at_hand == NOTHING && !m->is_sweeping && !uv_is_closing((uv_handle_t *)&m->tick))
        uv_close((uv_handle_t *)&m->tick, on_closed);
}

/* ---- What became of it. */

static void is_free(struct mailing *m)
{
    m->at_hand = NOTHING;
    if (m->is_stopping)
        free_when_over(m);
    else
        go_on(m);
}

static void told(struct job *job)
{
    struct mailing *m = job->owner;
    m->is_untold = job->outcome.error.code != BZ_OK;
    m->is_due = !m->is_untold;   /* there may be more */
    m->next_ms = now_ms(m) + AGAIN_MS;
    job_free(job);
    is_free(m);
}

static void tell_again(struct mailing *m)
{
    struct bz_error e = { 0 };
    struct job *job = job_new(m->outcome.kind);
    job->cmd.mail = m->mail.id;
    job->cmd.on = m->outcome.is_for_good;
    job->cmd.text = arena_copy(&job->arena, span_of(m->outcome.why));
    job->done = told;
    job->owner = m;
    m->at_hand = TELLING;
    if (writer_submit(m->config.writer, job, &e) == BZ_OK)
        return;
    job->outcome.error = e;
    told(job);
}

static void tell(struct mailing *m, enum command_kind kind, bool is_for_good, struct span why)
{
    m->outcome.kind = kind;
    m->outcome.is_for_good = is_for_good;
    (void)snprintf(m->outcome.why, sizeof m->outcome.why, "%.*s", (int)why.len, why.at == NULL ? "" : why.at);
    tell_again(m);
}

static void done(struct mailing *m)
{
    stat_add(&m->config.stats->mail_sent, 1);
    tell(m, COMMAND_MAIL_DONE, false, (struct span){ NULL, 0 });
}

/* reason: for the log, without addresses. */
static void failed(struct mailing *m, bool is_for_good, struct span reason, struct span why)
{
    bool is_over = is_for_good || mail_again_ms(m->mail.tries + 1, now_ms(m), m->mail.expires_ms) == 0;
    stat_add(is_over ? &m->config.stats->mail_failed : &m->config.stats->mail_retried, 1);
    if (m->told_ms == 0 || uv_now(m->config.loop) - m->told_ms >= LOG_PAUSE_MS) {
        char text[BZ_ERROR_TEXT];
        (void)snprintf(text, sizeof text, "%.*s", (int)reason.len, reason.at);
        log_line(m->config.log, LOG_WARN, is_over ? "mail_given_up" : "mail_waits", "kind", kind_word(m->mail.kind), "reason", text, NULL);
        m->told_ms = uv_now(m->config.loop);
    }
    tell(m, COMMAND_MAIL_FAILED, is_for_good, why);
}

static void sent(void *ctx, const struct sent *sent)
{
    struct mailing *m = ctx;
    m->send = NULL;
    if (sent->end == SEND_TAKEN)
        done(m);
    else
        failed(m, sent->end == SEND_REFUSED, sent->brief, sent->why);
}

/* ---- Without a mail server. */

static void write_file(uv_work_t *work)
{
    struct mailing *m = work->data;
    char name[2 * MAIL_ID_BYTES + 1];
    (void)sodium_bin2hex(name, sizeof name, m->mail.message, MAIL_ID_BYTES);
    (void)spool_put(m->config.env, m->folder, name, buf_span(&m->letter), &m->written);
}

static void wrote_file(uv_work_t *work, int status)
{
    struct mailing *m = work->data;
    struct span reason = status != 0 ? SPAN("stopped") : span_of(m->written.text);
    if (status != 0 || m->written.code != BZ_OK) {
        failed(m, false, reason, reason);
        return;
    }
    if (m->mail.kind == MAIL_CODE) {   /* who tries a hub out has no other way to learn it */
        (void)printf("Sign-in code for %.*s: %.*s (no mail server is set; [mail] smtp)\n", (int)m->mail.to_address.len,
                     m->mail.to_address.at, (int)m->mail.args.code.len, m->mail.args.code.at);
        (void)fflush(stdout);
    }
    done(m);
}

/* ---- The next one. */

static bool write_letter(struct mailing *m, struct bz_error *e)
{
    const struct mail_settings *s = m->config.settings;
    struct letter letter = { .kind = m->mail.kind, .args = m->mail.args, .lang = m->mail.lang, .to = m->mail.to_address,
                             .to_name = m->mail.name, .from = span_of(s->from), .from_name = span_of(s->from_name),
                             .hub = span_of(m->config.hub), .site = span_of(m->site), .at_ms = m->mail.at_ms };
    memcpy(letter.id, m->mail.message, sizeof letter.id);
    buf_clear(&m->letter);
    return letter_write(&letter, &m->letter, e) == BZ_OK;
}

static void start(struct mailing *m)
{
    const struct mail_settings *s = m->config.settings;
    struct bz_error e = { 0 };
    if (m->mail.to_address.at == NULL) {   /* nobody's: to whom there is no account the hub answered just so */
        tell(m, COMMAND_MAIL_DONE, false, (struct span){ NULL, 0 });
    } else if (m->mail.expires_ms <= now_ms(m)) {
        failed(m, false, SPAN("it is too late"), SPAN("it is too late"));
    } else if (!write_letter(m, &e)) {
        log_line(m->config.log, LOG_ERROR, "mail_not_written", "kind", kind_word(m->mail.kind), "reason", e.text, NULL);
        stat_add(&m->config.stats->mail_failed, 1);
        tell(m, COMMAND_MAIL_DONE, false, (struct span){ NULL, 0 });
    } else if (!s->has_server) {
        m->at_hand = WRITING;
        m->written = (struct bz_error){ 0 };
        m->work.data = m;
        (void)uv_queue_work(m->config.loop, &m->work, write_file, wrote_file);
    } else {
        m->at_hand = SENDING;
        if (send_start(m->config.loop, &s->server, s->hello, span_of(s->from), m->mail.to_address, buf_span(&m->letter), sent, m, &m->send,
                       &e) != BZ_OK)
            failed(m, false, span_of(e.text), span_of(e.text));
    }
}

struct look { struct query *q; struct mail_queue queue; struct mail_due mail; bool has_mail; int64_t now_ms; };

static void on_mail(void *ctx, const struct mail_due *mail)
{
    struct look *l = ctx;
    struct arena *a = &l->q->arena;
    l->has_mail = true;
    l->mail = *mail;
    struct mail_args *args = &l->mail.args;
    struct span *const spans[] = { &l->mail.to_address, &l->mail.name, &l->mail.lang, &args->code, &args->by, &args->org, &args->reason,
                                   &args->what };
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        *spans[i] = arena_copy(a, *spans[i]);
}

static enum bz_err run_look(struct db *db, struct query *q, struct bz_error *e)
{
    struct look *l = q->args;
    return mail_next(db, l->now_ms, on_mail, l, &l->queue, e);
}

static void looked(struct query *q)
{
    struct mailing *m = q->owner;
    struct look *l = q->args;
    bool is_ok = q->error.code == BZ_OK;
    m->next_ms = is_ok ? l->queue.next_ms : now_ms(m) + AGAIN_MS;
    if (is_ok)
        atomic_store_explicit(&m->config.stats->mail_queue, l->queue.depth, memory_order_relaxed);
    if (!is_ok || !l->has_mail || m->is_resting) {
        query_free(q);
        is_free(m);
        return;
    }
    m->mail = l->mail;
    arena_done(&m->arena);
    m->arena = q->arena;   /* what the mail's spans borrow from */
    arena_init(&q->arena);
    query_free(q);
    start(m);
}

static void look(struct mailing *m)
{
    struct bz_error e = { 0 };
    struct query *q = query_new();
    struct look *l = arena_alloc(&q->arena, sizeof *l);
    *l = (struct look){ .q = q, .now_ms = now_ms(m) };
    q->args = l;
    q->run = run_look;
    q->done = looked;
    q->owner = m;
    m->at_hand = LOOKING;
    if (readers_submit(m->config.readers, q, &e) == BZ_OK)
        return;
    query_free(q);
    m->at_hand = NOTHING;
    m->next_ms = now_ms(m);   /* with the next tick */
}

static void go_on(struct mailing *m)
{
    if (m->at_hand != NOTHING || !m->is_due || m->is_resting)
        return;
    m->is_due = false;
    if (m->is_untold)
        tell_again(m);
    else
        look(m);
}

/* ---- */

static void sweep(uv_work_t *work)
{
    struct mailing *m = work->data;
    spool_sweep(m->folder, now_ms(m) - MAIL_KEEP_MS);
}

static void swept(uv_work_t *work, int status)
{
    struct mailing *m = work->data;
    m->is_sweeping = false;
    free_when_over(m);
}

static void on_tick(uv_timer_t *timer)
{
    struct mailing *m = timer->data;
    if (m->ticks++ % SWEEP_TICKS == 0 && !m->is_sweeping) {
        m->is_sweeping = true;
        m->sweep.data = m;
        (void)uv_queue_work(m->config.loop, &m->sweep, sweep, swept);
    }
    m->is_due |= m->next_ms <= now_ms(m);
    go_on(m);
}

void mailing_committed(struct mailing *m, const struct commit *commit)
{
    if (m == NULL || commit->mails == 0)
        return;
    m->is_due = true;
    go_on(m);
}

enum bz_err mailing_start(const struct mailing_config *config, struct mailing **ret, struct bz_error *e)
{
    struct mailing *m = calloc(1, sizeof *m);
    if (m == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    m->config = *config;
    (void)snprintf(m->site, sizeof m->site, "%s", config->site);
    mail_folder(config->dir, m->folder);
    arena_init(&m->arena);
    buf_init(&m->letter, LETTER_BYTES);
    (void)uv_timer_init(config->loop, &m->tick);
    m->tick.data = m;
    (void)uv_timer_start(&m->tick, on_tick, 0, TICK_MS);
    *ret = m;
    return BZ_OK;
}

bool mailing_rest(struct mailing *m)
{
    if (m == NULL)
        return true;
    m->is_resting = true;
    return m->at_hand == NOTHING;
}

void mailing_stop(struct mailing *m)
{
    if (m == NULL)
        return;
    m->is_stopping = m->is_resting = true;
    (void)uv_timer_stop(&m->tick);
    if (m->send != NULL) {
        send_stop(m->send);
        m->send = NULL;
        m->at_hand = NOTHING;
    }
    free_when_over(m);
}
