/* The command line: one table of commands, one of flags. */
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/cli.h"
#include "admin/serve.h"

static const char *const flags[FLAG_COUNT] = {
#define ROW(name, wire, value) wire,
    BZ_FLAGS(ROW)
#undef ROW
};
static const bool takes_value[FLAG_COUNT] = {
#define ROW(name, wire, value) value,
    BZ_FLAGS(ROW)
#undef ROW
};

#define F(name)      (1u << FLAG_##name)
#define MEMBER_FLAGS (F(NAME) | F(ROLE) | F(REGION) | F(LANG) | F(CITY) | F(COUNTRY) | F(ORG) | F(EMAIL))
#define LINK_FLAGS   (F(USES) | F(HOURS) | F(QR))

static int help(struct cli *cli);
static int version(struct cli *cli);

/* Sorted by name; a test checks. */
const struct cli_command cli_commands[] = {
    { "address", "HANDLE", F(DATA) | F(EMAIL), F(EMAIL), cli_address, "--data DIR HANDLE --email ADDRESS",
      "let a member sign in by codes that are sent to this address" },
    { "backup", "FILE", F(DATA), 0, cli_backup, "--data DIR FILE",
      "a consistent copy of the hub, while it serves: FILE, and FILE.files with what was shared" },
    { "config check", NULL, F(DATA), 0, cli_config_check, "[--config FILE] [--data DIR]",
      "read the settings and say what is wrong" },
    { "config show", NULL, F(DATA) | F(ORIGIN), 0, cli_config_show,
      "[--config FILE] [--data DIR] [--origin]",
      "the settings in force, and where each comes from" },
    { "demo", NULL, F(DATA), 0, cli_demo, "--data DIR",
      "make a lively trilingual sample community" },
    { "help", NULL, 0, 0, help, "", "this page" },
    { "init", NULL, F(DATA) | F(HUB) | F(NAME) | F(LANG), F(HUB) | F(NAME), cli_init,
      "--data DIR --hub CODE --name NAME [--lang LANG]",
      "make a hub: a region, the open room `general`, the member `admin`" },
    { "invite", "HANDLE", F(DATA) | MEMBER_FLAGS | LINK_FLAGS, F(NAME), cli_invite,
      "--data DIR HANDLE --name NAME [--role guest|member] [--uses N] [--hours H] [--qr]",
      "add a member and print their sign-in link" },
    { "link", "HANDLE", F(DATA) | LINK_FLAGS, 0, cli_link,
      "--data DIR HANDLE [--uses N] [--hours H] [--qr]",
      "print a sign-in link for a member: 1 use, 24 hours" },
    { "look", "FILE", 0, 0, cli_look, "FILE",
      "say what a hub would make of a file that is shared in it: type, size, words found" },
    { "mail test", "ADDRESS", F(DATA) | F(LANG), 0, cli_mail_test, "--data DIR ADDRESS [--lang LANG]",
      "send a test mail by the settings in force, and say what became of it" },
    { "member add", "HANDLE", F(DATA) | MEMBER_FLAGS, F(NAME), cli_member_add,
      "--data DIR HANDLE --name NAME [--role guest|member|moderator|admin] [--region SLUG] "
      "[--lang LANG] [--city CITY] [--country CC] [--org ORG] [--email ADDRESS]",
      "add a member" },
    { "rebuild", NULL, F(DATA), 0, cli_rebuild, "--data DIR",
      "drop every derived table and replay the journal" },
    { "restore", "FILE", F(DATA) | F(PARTIAL) | F(ERASED) | F(SIGN_OUT), 0, cli_restore,
      "FILE --data DIR [--partial] [--erased LIST] [--sign-out]",
      "put a copy and its files into an empty folder; --partial: even if some of these are missing; --erased: who left since; "
      "--sign-out: end every session, token, invitation and link of the copy" },
    { "serve", NULL, F(DATA) | F(LISTEN), 0, cli_serve,
      "--data DIR [--listen ADDR:PORT] [--config FILE]", "serve the hub" },
    { "token", "HANDLE", F(DATA) | F(NAME) | F(SCOPES) | F(DAYS), 0, cli_token,
      "--data DIR HANDLE [--name NAME] [--scopes read,post,moderate] [--days N]",
      "print a bearer token for a program: 365 days; without --scopes it may all that the member may" },
    { "verify", "[FILE]", F(DATA) | F(KEY) | F(EXPECT) | F(QUICK), 0, cli_verify,
      "[--data DIR] [FILE] [--key KEY] [--expect SEQ:HASH] [--quick]",
      "check signatures, hash chains, database, rebuild and shared files, of a hub or of a copy; "
      "--quick: of files, the lengths alone" },
    { "version", NULL, 0, 0, version, "", "print the version" },
};
const size_t cli_commands_count = sizeof cli_commands / sizeof cli_commands[0];

static int help(struct cli *cli)
{
    (void)printf("Baraza: a community server. Usage:\n");
    for (size_t i = 0; i < cli_commands_count; i++)
        (void)printf("\n  baraza %s %s\n      %s\n", cli_commands[i].name, cli_commands[i].usage,
                     cli_commands[i].about);
    (void)printf(
        "\nSettings come from --config FILE or DIR/baraza.ini, then BARAZA_<SECTION>_<KEY>, then "
        "flags; see deploy/baraza.ini.\n"
        "Every command works beside a running daemon, as the same user, and without one.\n");
    return 0;
}

static int version(struct cli *cli)
{
    (void)printf("baraza %s\n", BARAZA_VERSION);
    return 0;
}

int cli_usage(const struct cli *cli, const char *what)
{
    return complain(64, "%s: %s\nusage: baraza %s %s", cli->command->name, what, cli->command->name,
                    cli->command->usage);
}

static const struct cli_command *find_command(int argc, char **argv, int *ret_used)
{
    for (size_t i = 0; i < cli_commands_count; i++) {
        const char *name = cli_commands[i].name, *blank = strchr(name, ' ');
        size_t first = blank == NULL ? strlen(name) : (size_t)(blank - name);
        if (argc < 2 || strlen(argv[1]) != first || strncmp(argv[1], name, first) != 0)
            continue;
        if (blank != NULL && (argc < 3 || strcmp(argv[2], blank + 1) != 0))
            continue;
        *ret_used = blank == NULL ? 2 : 3;
        return &cli_commands[i];
    }
    return NULL;
}

/* --name value or --name=value. Returns the words used, or 0 with the fault said. */
static int read_flag(struct cli *cli, char **argv)
{
    const char *name = argv[0] + 2, *equals = strchr(name, '=');
    size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
    int flag = 0;
    while (flag < FLAG_COUNT
           && (strlen(flags[flag]) != len || strncmp(flags[flag], name, len) != 0))
        flag++;
    if (flag == FLAG_COUNT || ((cli->command->allowed | F(CONFIG) | F(HELP)) & (1u << flag)) == 0) {
        (void)cli_usage(cli, "a flag is unknown here");
        return 0;
    }
    const char *value = equals != NULL ? equals + 1 : takes_value[flag] ? argv[1] : "yes";
    if (cli->flag[flag] != NULL || value == NULL || (equals != NULL && !takes_value[flag])) {
        (void)cli_usage(cli, cli->flag[flag] != NULL ? "a flag stands twice"
                             : value == NULL         ? "a flag lacks its value"
                                                     : "this flag takes no value");
        return 0;
    }
    cli->flag[flag] = value;
    return equals != NULL || !takes_value[flag] ? 1 : 2;
}

static int read_words(struct cli *cli, char **argv)
{
    while (*argv != NULL) {
        if (strncmp(*argv, "--", 2) == 0) {
            int used = read_flag(cli, argv);
            if (used == 0)
                return 64;
            argv += used;
        } else if (cli->positional == NULL && cli->command->positional != NULL) {
            cli->positional = *argv++;
        } else {
            return cli_usage(cli, "there is a word too many");
        }
    }
    if (cli->flag[FLAG_HELP] != NULL)
        return 0;
    if (cli->command->positional != NULL && *cli->command->positional != '['
        && cli->positional == NULL)
        return complain(64, "%s: %s is missing\nusage: baraza %s %s", cli->command->name, cli->command->positional, cli->command->name,
                        cli->command->usage);
    for (int i = 0; i < FLAG_COUNT; i++)
        if ((cli->command->required & (1u << i)) != 0 && cli->flag[i] == NULL)
            return complain(64, "%s: --%s is missing\nusage: baraza %s %s", cli->command->name,
                            flags[i], cli->command->name, cli->command->usage);
    return 0;
}

/* The file that --config names; else baraza.ini in the data folder, when there is one. */
static enum bz_err read_file(struct cli *cli, struct bz_error *e)
{
    char path[SETTING_BYTES];
    const char *dir =
        cli->flag[FLAG_DATA] != NULL ? cli->flag[FLAG_DATA] : getenv("BARAZA_HUB_DATA");
    if (cli->flag[FLAG_CONFIG] != NULL)
        return config_file(&cli->config, cli->flag[FLAG_CONFIG], e);
    if (dir == NULL || snprintf(path, sizeof path, "%s/baraza.ini", dir) >= (int)sizeof path
        || access(path, F_OK) != 0)
        return BZ_OK;
    return config_file(&cli->config, path, e);
}

static int read_config(struct cli *cli)
{
    struct bz_error e = { 0 };
    config_init(&cli->config);
    enum bz_err rc = read_file(cli, &e);
    if (rc == BZ_OK)
        rc = config_environment(&cli->config, environ, &e);
    if (rc != BZ_OK)
        return complain(78, "%s", e.text);
    if (cli->flag[FLAG_DATA] != NULL)
        rc = config_flag(&cli->config, SETTING_DATA, "data", cli->flag[FLAG_DATA], &e);
    if (rc == BZ_OK && cli->flag[FLAG_LISTEN] != NULL)
        rc = config_flag(&cli->config, SETTING_LISTEN, "listen", cli->flag[FLAG_LISTEN], &e);
    if (rc != BZ_OK)
        return cli_usage(cli, e.text);
    cli->dir = cli->config.value[SETTING_DATA];
    bool needs_dir =
        (cli->command->allowed & F(DATA)) != 0 && strncmp(cli->command->name, "config", 6) != 0
        && (cli->positional == NULL || *cli->command->positional != '[');
    return needs_dir && *cli->dir == '\0' ? cli_usage(cli, "--data DIR is missing") : 0;
}

int admin_main(int argc, char **argv)
{
    int used;
    struct cli *cli = calloc(1, sizeof *cli);
    if (cli == NULL || sodium_init() < 0)
        return complain(74, "out of memory");
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "--version") == 0))
        argv[1] += 2;
    cli->command = find_command(argc, argv, &used);
    int status = 64;
    if (cli->command == NULL) {
        (void)complain(64, argc < 2 ? "what shall be done? `baraza help` lists the commands"
                                    : "there is no such command; `baraza help` lists them");
    } else if ((status = read_words(cli, argv + used)) == 0) {
        if (cli->flag[FLAG_HELP] != NULL)
            (void)printf("baraza %s %s\n    %s\n", cli->command->name, cli->command->usage,
                         cli->command->about);
        else if ((status = read_config(cli)) == 0)
            status = cli->command->run(cli);
    }
    if (status == 0 && (fflush(stdout) != 0 || ferror(stdout)))
        status = complain(74, "the answer could not be written");
    free(cli);
    return status;
}
