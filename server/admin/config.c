#include "admin/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/mail_settings.h"
#include "work/fetch.h"
#include "work/send.h"

enum value_type { TYPE_TEXT, TYPE_ADDRESS, TYPE_ORIGIN, TYPE_ORIGINS, TYPE_SWITCH, TYPE_COUNT, TYPE_LEVEL,
                  TYPE_NAME_SERVER, TYPE_PORTS, TYPE_ADDRESSES, TYPE_SMTP, TYPE_SENDER, TYPE_TLS };

static const struct {
    const char *section, *key, *fallback;
    enum value_type type;
} settings[SETTING_COUNT] = {
#define ROW(member, section, key, fallback, type) { section, key, fallback, TYPE_##type },
    BZ_SETTINGS(ROW)
#undef ROW
};

static const char *const levels[] = { "debug", "info", "warn", "error" };

void config_init(struct config *c)
{
    memset(c, 0, sizeof *c);
    for (int i = 0; i < SETTING_COUNT; i++) {
        (void)snprintf(c->value[i], SETTING_BYTES, "%s", settings[i].fallback);
        (void)snprintf(c->origin[i], SETTING_BYTES, "default");
    }
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 5 && text[digits] == '\0' && atol(text) <= 65535;
}

/* 127.0.0.1:8080 or [::1]:8080; whether the address is ours is the kernel's answer at start. */
static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || !is_port(colon + 1))
        return false;
    if (text[0] == '[')
        return colon[-1] == ']'
               && strspn(text + 1, "0123456789abcdefABCDEF:.") == (size_t)(colon - text - 2);
    return strspn(text, "0123456789.") == (size_t)(colon - text);
}

/* What a browser sends as Origin: scheme, host, maybe a port, nothing more. */
static bool is_origin(const char *text)
{
    const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : NULL;
    if (host == NULL)
        return false;
    size_t len = host[0] == '[' ? strspn(host + 1, "0123456789abcdef:.") + 2
                                : strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.");
    if (len == 0 || len > strlen(host) || (host[0] == '[' && host[len - 1] != ']'))
        return false;
    return host[len] == '\0' || (host[len] == ':' && is_port(host + len + 1));
}

static bool are_origins(const char *text)
{
    char copy[SETTING_BYTES], *rest = copy, *one;
    int count = 0;
    (void)snprintf(copy, sizeof copy, "%s", text);
    while ((one = strsep(&rest, " ,\t")) != NULL)
        if (*one != '\0' && (!is_origin(one) || ++count > ORIGINS_MAX))
            return false;
    return true;
}

static bool is_switch(const char *text, bool *ret)
{
    static const char *const words[] = { "no", "off", "false", "0", "yes", "on", "true", "1" };
    for (int i = 0; i < 8; i++)
        if (strcasecmp(text, words[i]) == 0) {
            *ret = i >= 4;
            return true;
        }
    return false;
}

static bool is_count(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 6 && text[digits] == '\0';
}

/* One by one, parted by blanks or commas. */
static bool are(const char *text, int max, bool (*is)(const char *one))
{
    char copy[SETTING_BYTES], *rest = copy, *one;
    int count = 0;
    (void)snprintf(copy, sizeof copy, "%s", text);
    while ((one = strsep(&rest, " ,\t")) != NULL)
        if (*one != '\0' && (!is(one) || ++count > max))
            return false;
    return true;
}

static bool is_open_port(const char *text) { return is_port(text) && atol(text) > 0; }
static bool is_bare(const char *text)
{
    unsigned char ip[16];
    return inet_pton(AF_INET, text, ip) == 1 || inet_pton(AF_INET6, text, ip) == 1;
}

static bool is_tls(const char *text)
{
    return *text == '\0' || strcmp(text, "required") == 0 || strcmp(text, "opportunistic") == 0 || strcmp(text, "none") == 0;
}

static bool is_level(const char *text)
{
    for (int i = 0; i < 4; i++)
        if (strcmp(text, levels[i]) == 0)
            return true;
    return false;
}

/* NULL: the value is fine. Else what it must be. */
static const char *complaint(enum value_type type, const char *value)
{
    bool on;
    switch (type) {
    case TYPE_TEXT: return NULL;
    case TYPE_ADDRESS:
        return is_address(value) ? NULL
                                 : "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080";
    case TYPE_ORIGIN:
        return *value == '\0' || is_origin(value)
                   ? NULL
                   : "must be https://host with no path, such as https://baraza.example.org";
    case TYPE_ORIGINS:
        return are_origins(value)
                   ? NULL
                   : "must be at most 16 origins such as https://a.example.org, parted by blanks";
    case TYPE_SWITCH: return is_switch(value, &on) ? NULL : "must be yes or no";
    case TYPE_COUNT: return is_count(value) ? NULL : "must be a number from 0 to 999999";
    case TYPE_NAME_SERVER:
        return *value == '\0' || (is_address(value) && value[0] != '[') ? NULL : "must be ADDRESS:PORT of a name server, by IPv4";
    case TYPE_PORTS:
        return *value != '\0' && are(value, FETCH_PORTS_MAX, is_open_port) ? NULL : "must be one to 8 ports, parted by blanks";
    case TYPE_ADDRESSES: return are(value, 16, is_bare) ? NULL : "must be at most 16 addresses, parted by blanks";
    case TYPE_SMTP:
        return *value == '\0' || send_is_url(value) ? NULL : "must be smtp://host:port or smtps://host:port";
    case TYPE_SENDER:
        return *value == '\0' || mail_is_sender(value) ? NULL : "must be an address, or Name <address>";
    case TYPE_TLS: return is_tls(value) ? NULL : "must be required, opportunistic or none";
    case TYPE_LEVEL: return is_level(value) ? NULL : "must be debug, info, warn or error";
    }
    return NULL;
}

static enum bz_err set(struct config *c, int i, const char *value, const char *origin,
                       struct bz_error *e)
{
    const char *why =
        strlen(value) >= SETTING_BYTES ? "is too long" : complaint(settings[i].type, value);
    if (why != NULL)
        return bz_fail(e, BZ_ERR_INVALID, "%s: %s.%s %s", origin, settings[i].section,
                       settings[i].key, why);
    (void)snprintf(c->value[i], SETTING_BYTES, "%s", value);
    (void)snprintf(c->origin[i], SETTING_BYTES, "%s", origin);
    return BZ_OK;
}

static int find(const char *section, const char *key)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        if (strcmp(section, settings[i].section) == 0 && strcmp(key, settings[i].key) == 0)
            return i;
    return -1;
}

static bool has_section(const char *section)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        if (strcmp(section, settings[i].section) == 0)
            return true;
    return false;
}

/* The parser calls back without a line number, so the reader counts. */
struct reading {
    struct config *config;
    FILE *file;
    const char *name;
    int line;
    int seen[SETTING_COUNT]; /* the line that set it, or 0 */
    struct bz_error *error;
    bool has_failed; /* the first fault is the one that is told */
};

static void fault(struct reading *r, const char *what, const char *which)
{
    if (!r->has_failed)
        bz_fail(r->error, BZ_ERR_INVALID, "%s:%d: %s%s", r->name, r->line, what, which);
    r->has_failed = true;
}

static char *next_line(char *text, int size, void *ctx)
{
    struct reading *r = ctx;
    if (r->has_failed || fgets(text, size, r->file) == NULL)
        return NULL;
    r->line++;
    size_t len = strlen(text);
    if (len + 1 == (size_t)size && text[len - 1] != '\n') {
        fault(r, "the line is too long", "");
        return NULL;
    }
    char name[64];
    if (sscanf(text, " [%60[^]]]", name) == 1 && !has_section(name))
        fault(r, "unknown section: ", name);
    return text;
}

static int on_value(void *ctx, const char *section, const char *key, const char *value)
{
    struct reading *r = ctx;
    char origin[SETTING_BYTES];
    if (r->has_failed)
        return 1;
    int i = find(section, key);
    (void)snprintf(origin, sizeof origin, "%s:%d", r->name, r->line);
    if (!has_section(section))
        fault(r, *section == '\0' ? "a key before the first [section]: " : "unknown section: ",
              *section == '\0' ? key : section);
    else if (i < 0)
        fault(r, "unknown key: ", key);
    else if (r->seen[i] != 0)
        fault(r, "set twice: ", key);
    else if (set(r->config, i, value, origin, r->error) != BZ_OK)
        r->has_failed = true;
    else
        r->seen[i] = r->line;
    return 1;
}

enum bz_err config_read(struct config *c, FILE *file, const char *name, struct bz_error *e)
{
    struct reading r = { .config = c, .file = file, .name = name, .error = e };
    ini_allow_multiline = false;
    int bad_line = ini_parse_stream(next_line, &r, on_value, &r);
    if (r.has_failed)
        return BZ_ERR_INVALID;
    if (bad_line > 0)
        return bz_fail(e, BZ_ERR_INVALID, "%s:%d: expected [section], key = value or a comment",
                       name, bad_line);
    if (bad_line < 0 || ferror(file))
        return bz_fail(e, BZ_ERR_INVALID, "%s: cannot be read", name);
    return BZ_OK;
}

enum bz_err config_file(struct config *c, const char *path, struct bz_error *e)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return bz_fail(e, BZ_ERR_INVALID, "%s: %s; name an existing file with --config", path,
                       strerror(errno));
    enum bz_err rc = config_read(c, file, path, e);
    (void)fclose(file);
    return rc;
}

static void variable(int i, char ret[64])
{
    (void)snprintf(ret, 64, "BARAZA_%s_%s", settings[i].section, settings[i].key);
    for (char *at = ret; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
}

/* Does the variable speak of one of our sections? Then its key must be known too. */
static bool is_ours(const char *assignment, int *ret)
{
    bool is_section = false;
    *ret = -1;
    for (int i = 0; i < SETTING_COUNT; i++) {
        char name[64];
        variable(i, name);
        size_t len = strlen(name), section = strlen(settings[i].section) + 8;
        if (strncmp(assignment, name, len) == 0 && assignment[len] == '=')
            *ret = i;
        is_section = is_section || strncmp(assignment, name, section) == 0;
    }
    return is_section;
}

enum bz_err config_environment(struct config *c, char **environment, struct bz_error *e)
{
    for (; *environment != NULL; environment++) {
        int i;
        const char *equals = strchr(*environment, '=');
        if (equals == NULL || !is_ours(*environment, &i))
            continue;
        if (i < 0)
            return bz_fail(e, BZ_ERR_INVALID, "environment: unknown setting %.*s",
                           (int)(equals - *environment), *environment);
        char origin[96], name[64];
        variable(i, name);
        (void)snprintf(origin, sizeof origin, "environment %s", name);
        enum bz_err rc = set(c, i, equals + 1, origin, e);
        if (rc != BZ_OK)
            return rc;
    }
    return BZ_OK;
}

enum bz_err config_flag(struct config *c, enum setting setting, const char *flag, const char *value,
                        struct bz_error *e)
{
    char origin[64];
    (void)snprintf(origin, sizeof origin, "flag --%s", flag);
    return set(c, (int)setting, value, origin, e);
}

void config_show(const struct config *c, bool with_origin, FILE *out)
{
    const char *section = "";
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(section, settings[i].section) != 0)
            (void)fprintf(out, "%s[%s]\n", *section == '\0' ? "" : "\n", settings[i].section);
        section = settings[i].section;
        if (with_origin)
            (void)fprintf(out, "; %s\n", c->origin[i]);
        (void)fprintf(out, "%s = %s\n", settings[i].key, c->value[i]);
    }
}

bool config_enforces(const struct config *c)
{
    bool on = true;
    (void)is_switch(c->value[SETTING_ENFORCE], &on);
    return on;
}

bool config_previews(const struct config *c)
{
    bool on = false;
    return is_switch(c->value[SETTING_LINKS], &on) && on;
}

bool config_minds_second(const struct config *c)
{
    bool on = false;
    return is_switch(c->value[SETTING_SECOND], &on) && on;
}

int64_t config_bytes(const struct config *c, enum setting megabytes) { return atoll(c->value[megabytes]) * 1000000; }

int64_t config_count(const struct config *c, enum setting setting) { return atoll(c->value[setting]); }

unsigned config_address_max(const struct config *c)
{
    return (unsigned)strtoul(c->value[SETTING_ADDRESS_MAX], NULL, 10);
}

enum log_level config_level(const struct config *c)
{
    for (int i = 0; i < 4; i++)
        if (strcmp(c->value[SETTING_LEVEL], levels[i]) == 0)
            return (enum log_level)i;
    return LOG_INFO;
}

void config_origins(const struct config *c, char *text, const char *ret[ORIGINS_MAX + 1])
{
    char *rest = text, *one;
    int count = 0;
    (void)snprintf(text, SETTING_BYTES, "%s", c->value[SETTING_ORIGINS]);
    while ((one = strsep(&rest, " ,\t")) != NULL)
        if (*one != '\0' && count < ORIGINS_MAX)
            ret[count++] = one;
    ret[count] = NULL;
}
