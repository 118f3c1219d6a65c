/* Commands that change or copy a living hub: through its daemon when one runs, else inline. */
#include <stdlib.h>
#include <sodium.h>
#include <time.h>
#include <unistd.h>

#include "admin/cli.h"
#include "admin/control.h"
#include "base/qr.h"
#include "admin/serve.h"
#include "store/upkeep.h"

#define TRIES  40 /* a daemon that starts or stops holds the folder for a moment */
#define TRY_MS 50

static enum bz_err run_jobs(struct operation *op, struct engine *en, struct bz_error *e)
{
    struct job *job;
    enum bz_err rc = db_begin(engine_db(en), e);
    if (rc == BZ_OK) {
        rc = operation_resolve(op, engine_db(en), e);
        db_rollback(engine_db(en));
    }
    while (rc == BZ_OK && (job = operation_next(op)) != NULL) {
        struct commit *commit = NULL;
        engine_commit(en, &job, 1, &commit);
        rc = operation_outcome(op, engine_hubs(en), &job->outcome, e);
        commit_free(commit);
        job_free(job);
    }
    return rc;
}

static void run_inline(struct operation *op, struct engine *en, const struct db_config *config,
                       struct answer *ret)
{
    struct bz_error e = { 0 };
    int64_t entries = 0;
    enum bz_err rc;
    if (op->kind == OPERATION_REBUILD)
        rc = store_rebuild(engine_db(en), &entries, &e);
    else if (op->kind == OPERATION_BACKUP)
        rc = operation_backup(op, config, &e);
    else
        rc = run_jobs(op, en, &e);
    ret->code = rc;
    ret->site[0] = '\0';
    if (rc != BZ_OK) {
        (void)snprintf(ret->text, sizeof ret->text, "%s", e.text);
        return;
    }
    struct buf text;
    buf_init(&text, sizeof ret->text - 1);
    if (op->kind == OPERATION_REBUILD)
        buf_printf(&text, "rebuilt from %lld entries", (long long)entries);
    else
        operation_text(op, &text);
    (void)snprintf(ret->text, sizeof ret->text, "%.*s", (int)text.len,
                   text.at == NULL ? "" : text.at);
    if (text.at != NULL)
        sodium_memzero(text.at, text.len);
    buf_done(&text);
}

/* A daemon's answer, or the same work done here when nobody holds the folder. Returns the exit
 * status. */
static int carry_out(struct cli *cli, struct operation *op, struct answer *ret)
{
    struct db_config config = { .dir = cli->dir, .env = &env_real };
    struct stats stats = { 0 };
    struct bz_error e = { 0 };
    for (int try = 1;; try++) {
        enum bz_err rc = control_ask(cli->dir, op, ret, &e);
        if (rc == BZ_OK)
            return 0;
        if (rc != BZ_ERR_NOT_FOUND)
            return complain(exit_status(rc), "%s", e.text);
        struct engine *en = NULL;
        if (engine_open(&(struct engine_config){ .db = config, .stats = &stats }, &en, &e)
            == BZ_OK) {
            run_inline(op, en, &config, ret);
            engine_close(en);
            return 0;
        }
        if (e.code != BZ_ERR_CONFLICT || !folder_is_locked(cli->dir) || try == TRIES)
            return open_failed(cli->dir, &e);
        (void)nanosleep(&(struct timespec){ .tv_nsec = TRY_MS * 1000000L }, NULL);
    }
}

static void take_flags(struct operation *op, const struct cli *cli)
{
    static const struct {
        enum flag flag;
        enum operation_arg arg;
    } pairs[] = {
        { FLAG_NAME, ARG_NAME }, { FLAG_ROLE, ARG_ROLE }, { FLAG_REGION, ARG_REGION },
        { FLAG_LANG, ARG_LANG }, { FLAG_CITY, ARG_CITY }, { FLAG_COUNTRY, ARG_COUNTRY },
        { FLAG_ORG, ARG_ORG },   { FLAG_USES, ARG_USES }, { FLAG_HOURS, ARG_HOURS },
        { FLAG_EMAIL, ARG_EMAIL }, { FLAG_SCOPES, ARG_SCOPES }, { FLAG_DAYS, ARG_DAYS },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (cli->flag[pairs[i].flag] != NULL)
            operation_set(op, pairs[i].arg, cli->flag[pairs[i].flag]);
    if (op->kind == OPERATION_BACKUP) {
        char *here = cli->positional[0] == '/' ? NULL : getcwd(NULL, 0);
        char path[OPERATION_ARG_BYTES];
        (void)snprintf(path, sizeof path, "%s%s%s", here == NULL ? "" : here,
                       here == NULL ? "" : "/", cli->positional);
        operation_set(op, ARG_FILE, path);
        free(here);
    } else if (cli->positional != NULL) {
        operation_set(op, ARG_HANDLE, cli->positional);
    }
}

/* A link without a host leads nowhere: a daemon says where it is reached, the settings say it else. */
static void print_link(const struct cli *cli, const struct answer *answer)
{
    char url[sizeof answer->site + sizeof answer->text + 16];
    const char *site = answer->site[0] != '\0' ? answer->site : cli->config.value[SETTING_SITE];
    bool is_address = *site == '\0';
    (void)snprintf(url, sizeof url, "%s%s%s", is_address ? "http://" : "",
                   is_address ? cli->config.value[SETTING_LISTEN] : site, answer->text);
    (void)printf("%s\n", url);
    if (cli->flag[FLAG_QR] != NULL)
        qr_print(url, stdout);
    sodium_memzero(url, sizeof url);
}

static int run(struct cli *cli, enum operation_kind kind)
{
    struct operation op;
    struct answer answer = { 0 };
    struct bz_error e = { 0 };
    int status = folder_check(cli->dir);
    if (status != 0)
        return status;
    operation_init(&op, kind, &env_real);
    take_flags(&op, cli);
    if (operation_check(&op, &e) != BZ_OK)
        status = cli_usage(cli, e.text);
    else
        status = carry_out(cli, &op, &answer);
    if (status == 0 && answer.code != BZ_OK)
        status = complain(kind == OPERATION_BACKUP && answer.code == BZ_ERR_CONFLICT
                              ? 73
                              : exit_status(answer.code),
                          "%s", answer.text);
    else if (status == 0 && (kind == OPERATION_LINK || kind == OPERATION_INVITE))
        print_link(cli, &answer);
    else if (status == 0)
        (void)printf("%s\n", answer.text);
    sodium_memzero(&answer, sizeof answer);
    operation_done(&op);
    return status;
}

int cli_backup(struct cli *cli) { return run(cli, OPERATION_BACKUP); }
int cli_invite(struct cli *cli) { return run(cli, OPERATION_INVITE); }
int cli_address(struct cli *cli) { return run(cli, OPERATION_ADDRESS); }
int cli_link(struct cli *cli) { return run(cli, OPERATION_LINK); }
int cli_member_add(struct cli *cli) { return run(cli, OPERATION_MEMBER_ADD); }
int cli_rebuild(struct cli *cli) { return run(cli, OPERATION_REBUILD); }
int cli_token(struct cli *cli) { return run(cli, OPERATION_TOKEN); }
