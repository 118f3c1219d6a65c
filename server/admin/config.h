/* config.h: the settings, from defaults, one INI file, the environment (BARAZA_<SECTION>_<KEY>) and flags, in rising
 * order. Each value remembers where it came from. Command line only; one thread. */
#ifndef BZ_ADMIN_CONFIG_H
#define BZ_ADMIN_CONFIG_H
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"

/*    member    section   key        default           what a value must be */
#define BZ_SETTINGS(X)                                              \
    X(DATA,     "hub",    "data",    "",               TEXT)        \
    X(LISTEN,   "net",    "listen",  "127.0.0.1:8080", ADDRESS)     \
    X(SITE,     "net",    "site",    "",               ORIGIN)      \
    X(ORIGINS,  "net",    "origins", "",               ORIGINS)     \
    X(ENFORCE,  "limits", "enforce", "yes",            SWITCH)      \
    X(ADDRESS_MAX, "limits", "connections_address", "0", COUNT)       \
    X(FILE_MB,   "files", "file_mb", "250",            COUNT)       \
    X(MEMBER_MB, "files", "member_mb", "2000",         COUNT)       \
    X(ROOM_MB,   "files", "room_mb", "0",              COUNT)       \
    X(HUB_MB,    "files", "hub_mb",  "0",              COUNT)       \
    X(LINKS,     "links", "preview", "yes",            SWITCH)      \
    X(LINK_RESOLVER, "links", "resolver", "",          NAME_SERVER) \
    X(LINK_PORTS, "links", "ports",  "80 443",         PORTS)       \
    X(LINK_INSIDE, "links", "inside", "",              ADDRESSES)   \
    X(MAIL_SMTP, "mail",  "smtp",    "",               SMTP)        \
    X(MAIL_FROM, "mail",  "from",    "",               SENDER)      \
    X(MAIL_USER, "mail",  "user",    "",               TEXT)        \
    X(MAIL_PASSWORD_FILE, "mail", "password_file", "", TEXT)        \
    X(MAIL_TLS,  "mail",  "tls",     "",               TLS)         \
    X(MAIL_CA,   "mail",  "ca",      "",               TEXT)        \
    X(KEEP_SESSIONS, "keep", "sessions_days", "180",  COUNT)       \
    X(KEEP_DRAFTS, "keep", "drafts_days", "365",      COUNT)       \
    X(KEEP_INVITATIONS, "keep", "invitations_days", "90", COUNT)   \
    X(KEEP_REQUESTS, "keep", "requests_days", "90",   COUNT)       \
    X(KEEP_MAIL, "keep",  "mail_days", "90",          COUNT)       \
    X(SECOND,    "signin", "second", "yes",            SWITCH)      \
    X(PROVIDERS, "signin", "providers", "",            TEXT)        \
    X(LEVEL,    "log",    "level",   "info",           LEVEL)

enum setting {
#define BZ_SETTING_E(member, section, key, fallback, type) SETTING_##member,
    BZ_SETTINGS(BZ_SETTING_E)
#undef BZ_SETTING_E
    SETTING_COUNT
};

#define SETTING_BYTES 1024
#define ORIGINS_MAX 16

struct config {
    char value[SETTING_COUNT][SETTING_BYTES];
    char origin[SETTING_COUNT][SETTING_BYTES];   /* "default", "FILE:LINE", "environment NAME", "flag --NAME" */
};

void config_init(struct config *c);   /* the defaults */
/* All: INVALID with a sentence that names file and line, variable or flag. */
enum bz_err config_read(struct config *c, FILE *file, const char *name, struct bz_error *e);
enum bz_err config_file(struct config *c, const char *path, struct bz_error *e);
enum bz_err config_environment(struct config *c, char **environment, struct bz_error *e);
enum bz_err config_flag(struct config *c, enum setting setting, const char *flag, const char *value, struct bz_error *e);

void config_show(const struct config *c, bool with_origin, FILE *out);
bool config_enforces(const struct config *c);
unsigned config_address_max(const struct config *c);   /* 0: the daemon's own share */
int64_t config_bytes(const struct config *c, enum setting megabytes);   /* 0: no end */
int64_t config_count(const struct config *c, enum setting setting);
bool config_previews(const struct config *c);
bool config_minds_second(const struct config *c);
enum log_level config_level(const struct config *c);
/* Cuts the list of origins into text (SETTING_BYTES) and fills ret, NULL-terminated. */
void config_origins(const struct config *c, char *text, const char *ret[ORIGINS_MAX + 1]);
#endif
