/* Commands about a hub as a whole: they work on the folder itself. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/cli.h"
#include "admin/demo.h"
#include "admin/mail_settings.h"
#include "admin/provider_settings.h"
#include "admin/serve.h"
#include "engine/engine.h"
#include "store/leavers.h"
#include "store/upkeep.h"

int cli_serve(struct cli *cli) { return serve(&cli->config); }

int cli_config_check(struct cli *cli)
{
    struct mail_settings mail;
    struct bz_error e = { 0 };
    enum bz_err rc = mail_settings_read(&cli->config, &mail, &e);
    bool has_server = mail.has_server;
    sodium_memzero(mail.password, sizeof mail.password);
    if (rc == BZ_OK) {
        struct provider_settings providers;
        rc = provider_settings_load(&cli->config, &providers, &e);
        provider_settings_done(&providers);
    }
    if (rc != BZ_OK)
        return complain(78, "%s", e.text);
    (void)printf("the settings are in order\n");
    if (!has_server)
        (void)printf("no mail server is set (mail.smtp): mails are written to files of the data folder, and nobody gets them\n");
    return 0;
}

int cli_config_show(struct cli *cli)
{
    config_show(&cli->config, cli->flag[FLAG_ORIGIN] != NULL, stdout);
    return 0;
}

static int make_folder(const char *dir)
{
    char path[SETTING_BYTES];
    (void)snprintf(path, sizeof path, "%s", dir);
    (void)umask(077);
    for (char *at = path + 1; *at != '\0'; at++)
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(path, 0700);
            *at = '/';
        }
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return complain(73, "the folder %s cannot be made: %s", dir, strerror(errno));
    return 0;
}

static int make_path(const char *dir, const char *name, char ret[2 * SETTING_BYTES])
{
    return snprintf(ret, 2 * SETTING_BYTES, "%s/%s", dir, name);
}

/* What a failed start leaves behind: only called where there was no database before. */
static void discard(const char *dir)
{
    static const char *const names[] = { "baraza.db", "baraza.db-wal", "baraza.db-shm", "lock" };
    char path[2 * SETTING_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)make_path(dir, names[i], path);
        (void)unlink(path);
    }
}

/* Opens an engine on a folder without a hub. */
static int open_new(const char *dir, struct stats *stats, struct engine **ret)
{
    char path[2 * SETTING_BYTES];
    struct stat st;
    struct bz_error e = { 0 };
    int status = make_folder(dir);
    if (status != 0)
        return status;
    (void)make_path(dir, "baraza.db", path);
    if (stat(path, &st) == 0)
        return complain(73, "%s holds a hub already; nothing was changed", dir);
    struct engine_config config = { .db = { .dir = dir, .env = &env_real },
                                    .create = true,
                                    .stats = stats };
    enum bz_err rc = engine_open(&config, ret, &e);
    if (rc == BZ_OK)
        return 0;
    if (rc != BZ_ERR_CONFLICT)   /* then it may be another's */
        discard(dir);
    return open_failed(dir, &e);
}

static int close_new(struct cli *cli, struct engine *en, const struct bz_error *e)
{
    engine_close(en);
    if (e->code == BZ_OK)
        return 0;
    discard(cli->dir);
    if (e->code == BZ_ERR_INVALID)
        return cli_usage(cli, e->text);
    return complain(exit_status(e->code), "%s", e->text);
}

int cli_init(struct cli *cli)
{
    struct stats stats = { 0 };
    struct engine *en = NULL;
    struct commit *commit = NULL;
    int status = open_new(cli->dir, &stats, &en);
    if (status != 0)
        return status;
    struct job *job = job_new(COMMAND_HUB_INIT);
    job->cmd.handle = span_of(cli->flag[FLAG_HUB]);
    job->cmd.name = span_of(cli->flag[FLAG_NAME]);
    job->cmd.lang = span_of(cli->flag[FLAG_LANG]);
    engine_commit(en, &job, 1, &commit);
    struct bz_error e = job->outcome.error;
    commit_free(commit);
    job_free(job);
    status = close_new(cli, en, &e);
    if (status == 0)
        (void)printf(
            "hub `%s` is in %s\nnext: baraza serve --data %s\n      baraza link --data %s admin\n",
            cli->flag[FLAG_HUB], cli->dir, cli->dir, cli->dir);
    return status;
}

int cli_demo(struct cli *cli)
{
    struct stats stats = { 0 };
    struct engine *en = NULL;
    struct bz_error e = { 0 };
    size_t counts[DEMO_TYPE_COUNT] = { 0 };
    int status = open_new(cli->dir, &stats, &en);
    if (status != 0)
        return status;
    (void)demo_load(en, cli->dir, env_real.now_ms(env_real.ctx), counts, &e);
    status = close_new(cli, en, &e);
    if (status == 0)
        (void)printf("the demo community is in %s: %zu members, %zu rooms, %zu threads, %zu posts\n"
                     "next: baraza serve --data %s\n      baraza link --data %s amina.diop\n",
                     cli->dir, counts[DEMO_MEMBER], counts[DEMO_ROOM], counts[DEMO_THREAD],
                     counts[DEMO_THREAD] + counts[DEMO_POST], cli->dir, cli->dir);
    return status;
}

static void say_finding(void *ctx, const char *line) { (void)printf("%s\n", line); }

#define TEXT_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

static bool parse_bytes(const char *text, unsigned char ret[32])
{
    size_t len = 0;
    return sodium_base642bin(ret, 32, text, strlen(text), NULL, &len, NULL, TEXT_VARIANT) == 0 && len == 32;
}

static bool parse_expected(const char *text, struct checkpoint_name *ret)
{
    char *end;
    errno = 0;
    ret->seq = strtoll(text, &end, 10);
    return errno == 0 && ret->seq > 0 && *text >= '1' && *text <= '9' && *end == ':' && parse_bytes(end + 1, ret->hash);
}

/* What is covered, and what is not: the operator must not take the one for the other. */
static void say_covered(const struct cli *cli, const struct verify_result *result)
{
    char hash[sodium_base64_ENCODED_LEN(32, TEXT_VARIANT)];
    if (result->checkpoints > 0)
        (void)printf("%lld checkpoint%s, signed with the key %s\n", (long long)result->checkpoints, result->checkpoints == 1 ? "" : "s",
                     result->key);
    if (result->last.seq == 0)
        return (void)printf("no checkpoint: %lld entries have only their hash chains, that whoever has the file can make "
                            "anew\n", (long long)result->unsealed);
    (void)sodium_bin2base64(hash, sizeof hash, result->last.hash, sizeof result->last.hash, TEXT_VARIANT);
    (void)printf("last checkpoint %lld:%s, %lld entries stand after it with their hash chains alone\n",
                 (long long)result->last.seq, hash, (long long)(result->unsealed > 0 ? result->unsealed : 0));
    if (cli->flag[FLAG_KEY] == NULL)
        (void)printf("not checked: whether that is this hub's key; say which one is with --key\n");
    if (cli->flag[FLAG_EXPECT] == NULL)
        (void)printf("not checked: whether a tail was cut off; keep the last checkpoint's SEQ:HASH elsewhere and give it "
                     "with --expect\n");
}

static void say_files(const struct cli *cli, const struct verify_result *result)
{
    if (result->files.files > 0)
        (void)printf("%lld shared files are there, %lld bytes%s\n", (long long)result->files.files, (long long)result->files.bytes,
                     cli->flag[FLAG_QUICK] != NULL ? "; not checked: whether these bytes are the ones that were shared" : "");
}

int cli_verify(struct cli *cli)
{
    unsigned char key[32];
    struct checkpoint_name expected;
    struct stat st;
    struct bz_error e = { 0 };
    struct verify_result result = { 0 };
    struct verify_request request = { .db = { .dir = cli->dir, .env = &env_real }, .file = cli->positional,
                                      .say = say_finding };
    if (cli->flag[FLAG_KEY] != NULL && !parse_bytes(cli->flag[FLAG_KEY], key))
        return cli_usage(cli, "--key is 43 characters, as `baraza verify` prints them");
    if (cli->flag[FLAG_KEY] != NULL)
        request.key = key;
    if (cli->flag[FLAG_EXPECT] != NULL && !parse_expected(cli->flag[FLAG_EXPECT], &expected))
        return cli_usage(cli, "--expect is SEQ:HASH, as `baraza verify` prints the last checkpoint");
    if (cli->flag[FLAG_EXPECT] != NULL)
        request.expected = &expected;
    if (cli->positional != NULL && cli->flag[FLAG_DATA] != NULL)
        return cli_usage(cli, "either --data DIR or FILE");
    if (cli->positional != NULL && stat(cli->positional, &st) != 0)
        return complain(74, "%s: %s", cli->positional, strerror(errno));
    int status = cli->positional == NULL ? folder_check(cli->dir) : 0;
    if (status != 0)
        return status;
    char files[2 * SETTING_BYTES];
    if (cli->positional == NULL)
        (void)make_path(cli->dir, "files", files);
    else
        (void)snprintf(files, sizeof files, "%s" KEEP_SUFFIX, cli->positional);
    request.files = files;
    request.is_quick = cli->flag[FLAG_QUICK] != NULL;
    if (store_verify(&request, &result, &e) != BZ_OK)
        return cli->positional == NULL ? open_failed(cli->dir, &e)
                                       : complain(e.code == BZ_ERR_CONFLICT ? 78 : exit_status(e.code), "%s: %s",
                                                  cli->positional, e.text);
    if (result.findings == 0)
        (void)printf("%lld entries verified: chains, database and rebuild agree\n", (long long)result.entries);
    say_files(cli, &result);
    say_covered(cli, &result);
    if (result.findings > 0 && result.findings == result.files.missing)
        return complain(65, "%lld of %lld shared files are missing or damaged, everything else is in order; put them back into %s "
                        "from a copy's folder of files, where they have the same names",
                        (long long)result.files.missing, (long long)(result.files.missing + result.files.files), files);
    if (result.findings > 0)
        return complain(65,
                        "%lld findings in %lld entries; put the latest backup into a new folder "
                        "with `baraza restore`",
                        (long long)result.findings, (long long)result.entries);
    return 0;
}

/* The list of who left: as it is given, else in the folder already, else beside the copy. "": there is none. */
static int find_list(const struct cli *cli, char ret[2 * SETTING_BYTES], struct bz_error *e)
{
    char code[BZ_HUB_CODE + 1];
    struct stat st;
    const char *given = cli->flag[FLAG_ERASED], *slash = strrchr(cli->positional, '/');
    if (given != NULL)
        return snprintf(ret, 2 * SETTING_BYTES, "%s", given);
    (void)make_path(cli->dir, LEAVERS_NAME, ret);
    if (stat(ret, &st) == 0 || leavers_code(cli->positional, code, e) != BZ_OK)
        return 0;
    (void)snprintf(ret, 2 * SETTING_BYTES, "%.*s%s.erased", slash == NULL ? 0 : (int)(slash + 1 - cli->positional), cli->positional, code);
    if (stat(ret, &st) != 0)
        ret[0] = '\0';
    return 0;
}

/* Before the database gets its name: a start after a cut has them leave, too. */
static enum bz_err bring_list(const struct cli *cli, const char *list, struct bz_error *e)
{
    char path[2 * SETTING_BYTES];
    (void)make_path(cli->dir, LEAVERS_NAME, path);
    return list[0] == '\0' || strcmp(list, path) == 0 ? BZ_OK : leavers_copy(list, path, e);
}

static enum bz_err leave_again(const struct cli *cli, const char *list, size_t *ret, struct bz_error *e)
{
    struct stats stats = { 0 };
    struct engine *en = NULL;
    enum bz_err rc = engine_open(&(struct engine_config){ .db = { .dir = cli->dir, .env = &env_real }, .stats = &stats,
                                                          .is_unsealed = true }, &en, e);
    if (rc == BZ_OK)
        rc = engine_leave_again(en, list, cli->flag[FLAG_ERASED] != NULL, ret, e);
    engine_close(en);
    return rc;
}

static void say_missing(void *ctx, const char *line) { (void)fprintf(stderr, "%s\n", line); }

int cli_restore(struct cli *cli)
{
    struct restore_request request = { .path = cli->positional, .db = { .dir = cli->dir, .env = &env_real },
                                       .is_partial = cli->flag[FLAG_PARTIAL] != NULL,
                                       .is_signed_out = cli->flag[FLAG_SIGN_OUT] != NULL, .say = say_missing };
    struct kept kept;
    struct bz_error e = { 0 };
    struct stat st;
    if (stat(cli->positional, &st) != 0)
        return complain(74, "%s: %s", cli->positional, strerror(errno));
    int status = make_folder(cli->dir);
    if (status != 0)
        return status;
    char list[2 * SETTING_BYTES] = "";
    size_t left = 0;
    (void)find_list(cli, list, &e);
    enum bz_err rc = bring_list(cli, list, &e);
    if (rc == BZ_OK)
        rc = store_restore(&request, &kept, &e);
    if (rc != BZ_OK)
        return complain(rc == BZ_ERR_CONFLICT ? 73 : exit_status(rc), "%s", e.text);
    if (list[0] != '\0' && (rc = leave_again(cli, list, &left, &e)) != BZ_OK)
        return complain(exit_status(rc), "restored, but who left since is in it: %s", e.text);
    (void)printf("restored into %s", cli->dir);
    if (kept.files > 0)
        (void)printf(", with %lld shared files", (long long)kept.files);
    if (kept.missing > 0)
        (void)printf("; %lld are missing", (long long)kept.missing);
    (void)printf("\n");
    (void)printf(request.is_signed_out ? "nobody is signed in, and no token, invitation or sign-in link holds\n"
                                       : "sessions, tokens, invitations and sign-in links that ended since the copy was made hold again;"
                                         " --sign-out ends all\n");
    if (list[0] == '\0')
        (void)printf("no list of who left was found (%s in the folder, CODE.erased beside the copy, or --erased): who left since"
                     " the copy was made is in it again\n", LEAVERS_NAME);
    else if (left == 0)
        (void)printf("nobody left since the copy was made, says %s\n", list);
    else
        (void)printf("%zu who left since the copy was made left again, by %s\n", left, list);
    return 0;
}
