#include "admin/serve.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "admin/asking.h"
#include "admin/check.h"
#include "admin/control.h"
#include "admin/erasing.h"
#include "admin/exporting.h"
#include "admin/linking.h"
#include "admin/looking.h"
#include "admin/mailing.h"
#include "admin/provider_settings.h"
#include "base/limits.h"
#include "engine/hasher.h"
#include "net/net.h"
#include "store/leavers.h"
#include "store/query.h"
#include "wire/clientdata.h"

extern const char bz_openrpc[];
extern const unsigned long bz_openrpc_len;

#define TICK_MS       1000
#define DRAIN_LOOK_MS 5
#define SEAL_TICKS   60 /* looks whether a checkpoint is due, and for files that nobody needs */
#define INODE_TICKS   5 /* a database that was replaced under us is noticed within this many ticks \
                         */

struct daemon {
    const struct config *config;
    const char *dir;
    uv_loop_t loop;
    struct stats stats;
    struct log *log;
    struct engine *engine;
    struct readers *readers;
    struct fanout *fanout;
    struct wire *wire;
    struct writer *writer;
    struct net *net;
    struct control *control;
    struct check *check;
    struct keep_days keep;
    struct looking looking;
    struct linking *linking;
    struct erasing *erasing;
    struct mailing *mailing;
    struct mail_settings mail;
    struct provider_settings providers;
    struct asking *asking;
    char asker[SETTING_BYTES + 64];         /* who asks them */
    struct exporting *exporting;
    struct hasher *hasher;
    char domain[SETTING_BYTES];             /* of passkeys */
    char agent[SETTING_BYTES + 64];         /* who asks links */
    uv_timer_t tick, drain;
    uv_signal_t term, interrupt;
    char name[4 * BZ_LIMIT_NAME_CHARS + 1];
    ino_t inode;
    unsigned ticks;
    uint64_t drain_until;
    bool has_handles, is_draining, is_drained, is_asked_last, is_replaced, is_sealing;
};

static void notify(const char *state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len = path == NULL ? 0 : strlen(path);
    if (len < 2 || len >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    close(fd);
}

/* A clock that lies before this program was made would end every session and link at once, or
 * never. */
static bool is_clock_behind(void)
{
    struct tm built = { 0 };
    if (strptime(__DATE__, "%b %d %Y", &built) == NULL)
        return false;
    return time(NULL) < timegm(&built) - 24 * 3600;
}

static void warn_about_surroundings(const struct daemon *d)
{
    struct stat st;
    if (geteuid() == 0)
        log_line(d->log, LOG_WARN, "root", "remedy",
                 "run the daemon as a user of its own; see deploy/baraza.service", NULL);
    if (is_clock_behind())
        log_line(d->log, LOG_WARN, "clock", "remedy",
                 "the clock is behind this program's build; set it", NULL);
    if (!config_enforces(d->config))
        log_line(d->log, LOG_WARN, "limits", "remedy",
                 "rate limits are off (limits.enforce = no): for load tests only", NULL);
    if (stat(d->dir, &st) == 0 && (st.st_mode & 077) != 0)
        log_line(d->log, LOG_WARN, "folder", "remedy",
                 "others may list the data folder; chmod 700 it", NULL);
}

static void harden(void)
{
    struct rlimit files;
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
#ifndef BZ_FAULTS /* a build for tests may be looked into */
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        rlim_t wanted = CONNECTIONS_MAX + 256;
        files.rlim_cur =
            files.rlim_max == RLIM_INFINITY || files.rlim_max > wanted ? wanted : files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static bool on_first(void *ctx, const struct entry *entry)
{
    struct daemon *d = ctx;
    json_t *body =
        entry->body.at == NULL ? NULL : json_loadb(entry->body.at, entry->body.len, 0, NULL);
    const char *name = json_string_value(json_object_get(body, "name"));
    (void)snprintf(d->name, sizeof d->name, "%s", name == NULL ? "Baraza" : name);
    json_decref(body);
    return false;
}

/* The hub's name stands in the first entry. */
static enum bz_err read_name(struct daemon *d, struct bz_error *e)
{
    struct db *db = engine_db(d->engine);
    enum bz_err rc = db_begin(db, e);
    if (rc != BZ_OK)
        return rc;
    rc = query_entries(db, &(struct reach){ .rooms = SPAN("[]") }, 0, 1, 1, on_first, d, e);
    db_rollback(db);
    return rc;
}

static bool is_ready(void *ctx, char ret_why[120])
{
    const struct daemon *d = ctx;
    const char *why = d->is_draining   ? "stopping"
                      : d->is_replaced ? "the database file was replaced"
                      : atomic_load_explicit(&d->stats.storage_full, memory_order_relaxed) != 0
                          ? "the disk is full"
                      : atomic_load_explicit(&d->stats.damaged, memory_order_relaxed) != 0
                          ? DAMAGED_TEXT
                          : NULL;
    if (why != NULL)
        (void)snprintf(ret_why, 120, "%s", why);
    return why == NULL;
}

static void on_committed(void *ctx, const struct commit *commit)
{
    struct daemon *d = ctx;
    fanout_publish(d->fanout, commit);
    wire_committed(d->wire, commit);
    linking_committed(d->linking, commit);
    erasing_committed(d->erasing, commit);
    mailing_committed(d->mailing, commit);
    exporting_committed(d->exporting, commit);
}

#define SPACE_BYTES (1u << 20)   /* free space from which a disk that was full may be tried again */

/* Nobody writes to a hub that says it is not ready: so it says so only while the disk is really full. */
static void watch_space(struct daemon *d)
{
    struct statvfs disk;
    if (atomic_load_explicit(&d->stats.storage_full, memory_order_relaxed) != 0
        && statvfs(d->dir, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize >= SPACE_BYTES)
        atomic_store_explicit(&d->stats.storage_full, 0, memory_order_relaxed);
}

static void watch_file(struct daemon *d)
{
    char path[4096];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/baraza.db", d->dir);
    bool is_there = stat(path, &st) == 0;
    if (d->inode == 0 && is_there)
        d->inode = st.st_ino;
    if (!d->is_replaced && (!is_there || st.st_ino != d->inode)) {
        d->is_replaced = true;
        log_line(d->log, LOG_ERROR, "database_replaced", "remedy",
                 "stop the daemon, put the database back, start it", NULL);
    }
}

/* What was written last is sealed within the hour, also when nothing is written after it. */
static void run_seal(struct engine *en, void *ctx)
{
    (void)ctx;
    engine_seal(en);
    engine_sweep(en);
}
static void on_sealed(void *ctx) { ((struct daemon *)ctx)->is_sealing = false; }

static void seal_record(struct daemon *d)
{
    if (!d->is_sealing && !d->is_draining)
        d->is_sealing = writer_run(d->writer, run_seal, on_sealed, d) == BZ_OK;
}

static void on_tick(uv_timer_t *timer)
{
    struct daemon *d = timer->data;
    fanout_tick(d->fanout);
    wire_tick(d->wire);
    if (d->ticks % SEAL_TICKS == SEAL_TICKS - 1)
        seal_record(d);
    if (d->ticks++ % INODE_TICKS == 0)
        watch_file(d);
    watch_space(d);
}

static void stop_workers(struct daemon *d)
{
    linking_stop(d->linking);
    erasing_stop(d->erasing);
    mailing_stop(d->mailing);
    asking_stop(d->asking);
    exporting_stop(d->exporting);
    d->linking = NULL;
    d->erasing = NULL;
    d->mailing = NULL;
    d->exporting = NULL;
}

/* Whose machine it is that asks: so that who is asked can say what they think of it. */
static enum bz_err start_linking(struct daemon *d, struct bz_error *e)
{
    const char *site = d->config->value[SETTING_SITE];
    if (!config_previews(d->config))
        return BZ_OK;
    (void)snprintf(d->agent, sizeof d->agent, "Baraza/%s (link preview; %s%s)", BARAZA_VERSION, *site == '\0' ? "hub " : "+",
                   *site == '\0' ? engine_hubs(d->engine)->code[0] : site);
    return linking_start(&(struct linking_config){ .loop = &d->loop, .writer = d->writer, .readers = d->readers, .env = &env_real,
                                                   .log = d->log, .resolver = d->config->value[SETTING_LINK_RESOLVER],
                                                   .ports = d->config->value[SETTING_LINK_PORTS],
                                                   .inside = d->config->value[SETTING_LINK_INSIDE], .agent = d->agent },
                         &d->linking, e);
}

static enum bz_err start_mailing(struct daemon *d, const char *site, struct bz_error *e)
{
    if (!d->mail.has_server)
        log_line(d->log, LOG_WARN, "mail", "remedy", "no mail server is set ([mail] smtp): mails are written to files of the data folder",
                 NULL);
    return mailing_start(&(struct mailing_config){ .loop = &d->loop, .writer = d->writer, .readers = d->readers, .stats = &d->stats,
                                                   .env = &env_real, .log = d->log, .settings = &d->mail, .dir = d->dir, .hub = d->name,
                                                   .site = site },
                         &d->mailing, e);
}

/* The last steps; safe to call when any of the parts was never made. */
static void close_rest(struct daemon *d)
{
    if (d->has_handles) {
        uv_close((uv_handle_t *)&d->tick, NULL);
        uv_close((uv_handle_t *)&d->drain, NULL);
        uv_close((uv_handle_t *)&d->term, NULL);
        uv_close((uv_handle_t *)&d->interrupt, NULL);
    }
    check_stop(d->check);
    looking_stop(&d->looking);
    stop_workers(d);
    control_stop(d->control);
    hasher_stop(d->hasher);   /* first: what was hashed goes to the writer */
    writer_stop(d->writer);
    readers_stop(d->readers);
}

static void on_net_stopped(void *ctx) { close_rest(ctx); }

static void on_barrier(void *ctx) { ((struct daemon *)ctx)->is_drained = true; }
static void run_barrier(struct engine *en, void *ctx)
{
    (void)en;
    (void)ctx;
}

/* Done when nothing waits for the writer and what it had in hand came back; or when patience ends.
 */
static void on_drain(uv_timer_t *timer)
{
    struct daemon *d = timer->data;
    bool is_late = uv_now(&d->loop) >= d->drain_until;
    if (!d->is_asked_last && atomic_load_explicit(&d->stats.inbox, memory_order_relaxed) == 0)
        d->is_asked_last = writer_run(d->writer, run_barrier, on_barrier, d) == BZ_OK;
    if (!(mailing_rest(d->mailing) && d->is_drained) && !is_late)
        return;
    (void)uv_timer_stop(timer);
    looking_stop(&d->looking);   /* who waits for one hears so */
    stop_workers(d);
    net_stop(d->net, on_net_stopped, d);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct daemon *d = handle->data;
    if (d->is_draining)
        return;
    d->is_draining = true;
    notify("STOPPING=1");
    log_line(d->log, LOG_INFO, "stopping", "signal", number == SIGTERM ? "TERM" : "INT", NULL);
    net_stop_accepting(d->net);
    d->drain_until = uv_now(&d->loop) + DRAIN_MS;
    (void)uv_timer_start(&d->drain, on_drain, 0, DRAIN_LOOK_MS);
}

static void start_handles(struct daemon *d)
{
    (void)uv_timer_init(&d->loop, &d->tick);
    (void)uv_timer_init(&d->loop, &d->drain);
    (void)uv_signal_init(&d->loop, &d->term);
    (void)uv_signal_init(&d->loop, &d->interrupt);
    d->tick.data = d->drain.data = d->term.data = d->interrupt.data = d;
    d->has_handles = true;
    (void)uv_timer_start(&d->tick, on_tick, 0, TICK_MS);
    (void)uv_signal_start(&d->term, on_signal, SIGTERM);
    (void)uv_signal_start(&d->interrupt, on_signal, SIGINT);
}

static enum bz_err start_net(struct daemon *d, struct bz_error *e)
{
    char origins_text[SETTING_BYTES];
    const char *origins[ORIGINS_MAX + 1];
    const char *site = d->config->value[SETTING_SITE];
    config_origins(d->config, origins_text, origins);
    return net_start(&(struct net_config){ .loop = &d->loop,
                                           .listen = d->config->value[SETTING_LISTEN],
                                           .site = *site == '\0' ? NULL : site,
                                           .origins = origins,
                                           .dir = d->dir,
                                           .file_bytes_max = config_bytes(d->config, SETTING_FILE_MB),
                                           .looker = { looking_look, looking_bare, &d->looking },
                                           .wire = d->wire,
                                           .fanout = d->fanout,
                                           .stats = &d->stats,
                                           .log = d->log,
                                           .enforce_limits = config_enforces(d->config),
                                           .address_max = config_address_max(d->config),
                                           .is_ready = is_ready,
                                           .ready_ctx = d },
                     &d->net, e);
}

/* The host of the site; a hub without one is tried out on its own machine, where browsers know passkeys of "localhost" alone. */
static void start_passkeys(struct daemon *d)
{
    struct origins origins;
    const char *site = d->config->value[SETTING_SITE], *host = strstr(site, "://");
    const char *name = host == NULL ? "localhost" : host + 3;
    (void)snprintf(d->domain, sizeof d->domain, "%.*s", (int)strcspn(name, ":/"), name);
    origins.at = net_origins(d->net, &origins.count);
    wire_passkeys(d->wire, d->domain, &origins);
}

static void start_asking(struct daemon *d, const char *site)
{
    if (d->providers.count == 0)
        return;
    (void)snprintf(d->asker, sizeof d->asker, "Baraza/%s (sign-in; +%s)", BARAZA_VERSION, site);
    d->asking = asking_start(&(struct ask_config){ &d->loop, d->config->value[SETTING_LINK_RESOLVER], d->asker });
    wire_providers(d->wire, &(struct providers){ d->providers.at, d->providers.count, site, asking_ask, d->asking });
}

static enum bz_err wire_up(struct daemon *d, const struct db_config *db, struct bz_error *e)
{
    const struct hubs *hubs = engine_hubs(d->engine);
    enum bz_err rc;
    if ((rc = read_name(d, e)) != BZ_OK
        || (rc = readers_start(db, &d->loop, &d->stats, READER_THREADS, &d->readers, e)) != BZ_OK
        || (rc = fanout_new(
                &(struct fanout_config){
                    .readers = d->readers, .hubs = hubs, .env = &env_real, .stats = &d->stats },
                &d->fanout, e))
               != BZ_OK
        || (rc = fanout_load(d->fanout, engine_db(d->engine), e)) != BZ_OK
        || (rc = hasher_start(&d->loop, &d->stats, &d->hasher, e)) != BZ_OK
        || (rc = writer_start(d->engine, &d->loop, &d->stats,
                              (struct writer_hooks){ on_committed, d }, &d->writer, e))
               != BZ_OK
        || (rc = wire_new(&(struct wire_config){ .loop = &d->loop,
                                                 .writer = d->writer,
                                                 .readers = d->readers,
                                                 .hasher = d->hasher,
                                                 .fanout = d->fanout,
                                                 .hubs = hubs,
                                                 .env = &env_real,
                                                 .stats = &d->stats,
                                                 .log = d->log,
                                                 .hub_name = d->name,
                                                 .minds_second = config_minds_second(d->config),
                                                 .keep = &d->keep,
                                                 .enforce_limits = config_enforces(d->config),
                                                 .openrpc = { bz_openrpc, bz_openrpc_len } },
                          &d->wire, e))
               != BZ_OK
        || (rc = control_start(&(struct control_config){ .loop = &d->loop,
                                                         .dir = d->dir,
                                                         .writer = d->writer,
                                                         .readers = d->readers,
                                                         .hubs = hubs,
                                                         .env = &env_real,
                                                         .log = d->log },
                               &d->control, e))
               != BZ_OK)
        return rc;
    if ((rc = erasing_start(&(struct erasing_config){ &d->loop, d->writer, d->readers }, &d->erasing, e)) != BZ_OK
        || (rc = exporting_start(&(struct exporting_config){ &d->loop, d->writer, d->readers, *db, d->log, d->name }, &d->exporting, e))
               != BZ_OK)
        return rc;
    if ((rc = looking_start(&d->looking, &d->loop, d->log, e)) != BZ_OK || (rc = start_net(d, e)) != BZ_OK
        || (rc = start_linking(d, e)) != BZ_OK)
        return rc;
    const char *site = *d->config->value[SETTING_SITE] == '\0' ? net_url(d->net) : d->config->value[SETTING_SITE];
    control_site(d->control, site);
    start_passkeys(d);
    start_asking(d, site);
    return start_mailing(d, site, e);
}

static void free_all(struct daemon *d)
{
    if (d->wire != NULL)
        wire_free(d->wire);
    if (d->fanout != NULL)
        fanout_free(d->fanout);
    control_free(d->control);
    engine_close(d->engine);
    if (uv_loop_close(&d->loop) != 0)
        log_line(d->log, LOG_WARN, "loop_busy", NULL);
    log_free(d->log);
}

/* A copy was put back, and what comes then was cut off: whoever left is gone before anybody is served. */
static enum bz_err leave_again(struct daemon *d, struct bz_error *e)
{
    char path[4096];
    size_t left;
    (void)snprintf(path, sizeof path, "%s/" LEAVERS_NAME, d->dir);
    enum bz_err rc = engine_leave_again(d->engine, path, false, &left, e);
    return rc == BZ_ERR_NOT_FOUND ? BZ_OK : rc;
}

static int run(struct daemon *d)
{
    struct db_config db = { .dir = d->dir, .env = &env_real, .log = d->log };
    struct bz_error e = { 0 };
    const struct file_limits files = { config_bytes(d->config, SETTING_FILE_MB), config_bytes(d->config, SETTING_MEMBER_MB),
                                       config_bytes(d->config, SETTING_ROOM_MB), config_bytes(d->config, SETTING_HUB_MB) };
    d->keep = (struct keep_days){ {
        [KEEP_SESSIONS] = config_count(d->config, SETTING_KEEP_SESSIONS), [KEEP_DRAFTS] = config_count(d->config, SETTING_KEEP_DRAFTS),
        [KEEP_INVITATIONS] = config_count(d->config, SETTING_KEEP_INVITATIONS),
        [KEEP_REQUESTS] = config_count(d->config, SETTING_KEEP_REQUESTS),
        [KEEP_MAIL] = config_count(d->config, SETTING_KEEP_MAIL),
    } };
    if (engine_open(&(struct engine_config){ .db = db, .files = files, .keep = d->keep, .stats = &d->stats }, &d->engine, &e) != BZ_OK)
        return open_failed(d->dir, &e);
    if (engine_hubs(d->engine)->code[0][0] == '\0')
        return complain(
            78, "%s holds no hub yet; make it with `baraza init --data %s --hub CODE --name NAME`",
            d->dir, d->dir);
    enum bz_err rc = leave_again(d, &e);
    if (rc == BZ_OK)
        rc = wire_up(d, &db, &e);
    if (rc != BZ_OK) {
        close_rest(d);
        (void)uv_run(&d->loop, UV_RUN_DEFAULT);
        return complain(exit_status(rc), "%s", e.text);
    }
    start_handles(d);
    warn_about_surroundings(d);
    log_line(d->log, LOG_INFO, "serving", "url", net_url(d->net), "version", BARAZA_VERSION, NULL);
    (void)printf("baraza: serving %s at %s\n", d->name, net_url(d->net));
    if (!d->mail.has_server)
        (void)printf("baraza: no mail server is set ([mail] smtp): mails are written to %s/" MAIL_FOLDER ", sign-in codes appear here\n",
                     d->dir);
    (void)fflush(stdout);
    notify("READY=1");
    d->check = check_start(&d->loop, &db, &d->stats);
    (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    log_line(d->log, LOG_INFO, "stopped", NULL);
    return 0;
}

int serve(const struct config *config)
{
    const char *dir = config->value[SETTING_DATA];
    int status = folder_check(dir);
    if (status != 0)
        return status;
    struct daemon *d = calloc(1, sizeof *d);
    if (d == NULL || uv_loop_init(&d->loop) != 0) {
        free(d);
        return complain(74, "out of memory");
    }
    d->config = config;
    d->dir = dir;
    struct bz_error e = { 0 };
    if (mail_settings_read(config, &d->mail, &e) != BZ_OK || provider_settings_load(config, &d->providers, &e) != BZ_OK) {
        provider_settings_done(&d->providers);
        (void)uv_loop_close(&d->loop);
        free(d);
        return complain(78, "%s", e.text);
    }
    d->log = log_new(STDERR_FILENO, config_level(config));
    harden();
    status = run(d);
    free_all(d);
    explicit_bzero(d->mail.password, sizeof d->mail.password);
    asking_free(d->asking);
    provider_settings_done(&d->providers);
    free(d);
    return status;
}
