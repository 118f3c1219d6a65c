/* cli.h: one call of the command line, and the commands behind the table in cli.c. Each returns the exit status. */
#ifndef BZ_ADMIN_CLI_H
#define BZ_ADMIN_CLI_H
#include "admin/config.h"

/*    name      flag       does it take a value? */
#define BZ_FLAGS(X)                                                                                        \
    X(DATA, "data", 1) X(LISTEN, "listen", 1) X(CONFIG, "config", 1) X(HUB, "hub", 1) X(NAME, "name", 1)   \
    X(ROLE, "role", 1) X(REGION, "region", 1) X(LANG, "lang", 1) X(CITY, "city", 1)                        \
    X(COUNTRY, "country", 1) X(ORG, "org", 1) X(USES, "uses", 1) X(HOURS, "hours", 1)                      \
    X(QR, "qr", 0) X(ORIGIN, "origin", 0) X(KEY, "key", 1) X(EXPECT, "expect", 1)               \
    X(EMAIL, "email", 1) X(SCOPES, "scopes", 1) X(DAYS, "days", 1) X(QUICK, "quick", 0)                     \
    X(PARTIAL, "partial", 0) X(SIGN_OUT, "sign-out", 0) X(ERASED, "erased", 1) X(HELP, "help", 0)

enum flag {
#define BZ_FLAG_E(name, wire, value) FLAG_##name,
    BZ_FLAGS(BZ_FLAG_E)
#undef BZ_FLAG_E
    FLAG_COUNT
};

struct cli;
struct cli_command {
    const char *name;              /* one word or two */
    const char *positional;        /* what its one word that is no flag means, or NULL; [WORD]: it may be left out */
    unsigned allowed, required;    /* flags */
    int (*run)(struct cli *cli);
    const char *usage, *about;
};

extern const struct cli_command cli_commands[];   /* sorted by name */
extern const size_t cli_commands_count;

struct cli {
    const struct cli_command *command;
    const char *flag[FLAG_COUNT];  /* NULL: not given */
    const char *positional;
    struct config config;
    const char *dir;               /* the data folder, or "" */
};

int cli_usage(const struct cli *cli, const char *what);   /* says it and returns 64 */

int cli_backup(struct cli *cli);
int cli_config_check(struct cli *cli);
int cli_config_show(struct cli *cli);
int cli_demo(struct cli *cli);
int cli_init(struct cli *cli);
int cli_invite(struct cli *cli);
int cli_address(struct cli *cli);
int cli_link(struct cli *cli);
int cli_look(struct cli *cli);
int cli_mail_test(struct cli *cli);
int cli_member_add(struct cli *cli);
int cli_rebuild(struct cli *cli);
int cli_restore(struct cli *cli);
int cli_serve(struct cli *cli);
int cli_token(struct cli *cli);
int cli_verify(struct cli *cli);
#endif
