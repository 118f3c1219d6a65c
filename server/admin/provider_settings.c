#include "admin/provider_settings.h"

#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "admin/secret_file.h"
#include "base/utf8.h"
#include "domain/mailbox.h"
#include "wire/idtoken.h"

#define TITLE_CHARS 40
#define SECRET_FILE_BYTES 512
#define SCOPES_USUAL "openid email profile"

enum key { KEY_TITLE, KEY_ISSUER, KEY_CLIENT, KEY_SECRET_FILE, KEY_SCOPES, KEY_TRUST, KEY_DOMAINS, KEY_INSIDE, KEY_CA, KEY_COUNT };
static const char *const keys[KEY_COUNT] = { "title", "issuer", "client_id", "client_secret_file", "scopes", "trust_email", "domains",
                                             "inside", "ca" };

struct reading {
    struct provider_settings *to;
    FILE *file;
    const char *name;
    int line, section_line;        /* of the section at hand */
    int seen[KEY_COUNT];
    char section[64];
    struct bz_error *error;
    bool has_failed;               /* the first fault is the one that is told */
};

static void fault(struct reading *r, int line, const char *what, const char *which)
{
    if (!r->has_failed)
        bz_fail(r->error, BZ_ERR_INVALID, "%.60s:%d: %s%.60s", r->name, line, what, which);
    r->has_failed = true;
}

static struct provider *at_hand(struct reading *r) { return &r->to->at[r->to->count - 1]; }

/* The section before is over: what must stand in it does. */
static void close_section(struct reading *r)
{
    static const enum key needed[] = { KEY_TITLE, KEY_ISSUER, KEY_CLIENT };
    if (r->to->count == 0)
        return;
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (r->seen[needed[i]] == 0)
            fault(r, r->section_line, "is missing in this section: ", keys[needed[i]]);
    if (*at_hand(r)->domains != '\0' && !at_hand(r)->trusts_email)
        fault(r, r->seen[KEY_DOMAINS], "domains: of addresses that are not believed; say trust_email = yes", "");
    if (!r->has_failed && oidc_is_bare(span_of(at_hand(r)->issuer)) && !at_hand(r)->is_inside)
        fault(r, r->seen[KEY_ISSUER], "issuer: of this machine itself: say inside = yes", "");
}

static bool is_name(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len <= PROVIDER_NAME_BYTES && text[len] == '\0';
}

static void open_section(struct reading *r, const char *name)
{
    close_section(r);
    memset(r->seen, 0, sizeof r->seen);
    r->section_line = r->line;
    (void)snprintf(r->section, sizeof r->section, "%s", name);
    if (!is_name(name)) {
        fault(r, r->line, "a name is 1 to 32 of a-z, 0-9 and -: ", name);
        return;
    }
    for (size_t i = 0; i < r->to->count; i++)
        if (strcmp(r->to->at[i].name, name) == 0)
            fault(r, r->line, "a section that was there before: ", name);
    struct provider *more = arena_alloc(&r->to->arena, (r->to->count + 1) * sizeof *more);
    if (r->to->count > 0)
        memcpy(more, r->to->at, r->to->count * sizeof *more);
    r->to->at = more;
    more[r->to->count++] = (struct provider){ .name = arena_copy(&r->to->arena, span_of(name)).at, .secret = "", .scopes = SCOPES_USUAL,
                                              .domains = "", .ca = "" };
}

static char *next_line(char *text, int size, void *ctx)
{
    struct reading *r = ctx;
    char name[64];
    if (r->has_failed || fgets(text, size, r->file) == NULL)
        return NULL;
    r->line++;
    size_t len = strlen(text);
    if (len + 1 == (size_t)size && text[len - 1] != '\n') {
        fault(r, r->line, "the line is too long", "");
        return NULL;
    }
    if (sscanf(text, " [%60[^]]]", name) == 1)
        open_section(r, name);
    return text;
}

static bool take_switch(const char *value, bool *ret)
{
    *ret = strcasecmp(value, "yes") == 0;
    return *ret || strcasecmp(value, "no") == 0;
}

/* Whole domains, in the form in which addresses are known. */
static bool take_domains(struct reading *r, const char *value, const char **ret)
{
    char copy[SETTING_BYTES], list[SETTING_BYTES] = "", *rest = copy, *one;
    (void)snprintf(copy, sizeof copy, "%s", value);
    while ((one = strsep(&rest, " ,\t")) != NULL) {
        char typed[SETTING_BYTES + 2], key[MAILBOX_BYTES + 1];
        if (*one == '\0')
            continue;
        (void)snprintf(typed, sizeof typed, "x@%s", one);
        size_t len = strlen(list);
        if (!mailbox_key(span_of(typed), key) ||
            snprintf(list + len, sizeof list - len, "%s%s", len == 0 ? "" : " ", key + 2) >= (int)(sizeof list - len))
            return false;
    }
    *ret = arena_copy(&r->to->arena, span_of(list)).at;
    return *list != '\0';
}

static bool is_line(const char *text, size_t max)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        if (text[i] < ' ' || text[i] >= 0x7f)
            return false;
    return *text != '\0' && strlen(text) <= max;
}

static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        if ((at == text || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' '))
            return true;
    return false;
}

/* NULL: the value is taken. Else what it must be. */
static const char *take(struct reading *r, enum key key, const char *value)
{
    struct provider *p = at_hand(r);
    const char *kept = arena_copy(&r->to->arena, span_of(value)).at;
    char secret[SECRET_FILE_BYTES], setting[128];
    switch (key) {
    case KEY_TITLE:
        p->title = kept;
        return utf8_is_name(span_of(value), TITLE_CHARS) ? NULL : "must be a name of at most 40 characters";
    case KEY_ISSUER:
        p->issuer = kept;
        return oidc_url_valid(span_of(value), true) && strchr(value, '?') == NULL ? NULL : "must be https://host, maybe with a path";
    case KEY_CLIENT:
        p->client = kept;
        return is_line(value, 255) ? NULL : "must be the name that the site gave this hub";
    case KEY_SECRET_FILE:
        (void)snprintf(setting, sizeof setting, "%.60s:%d: client_secret_file", r->name, r->line);
        if (secret_file_read(value, setting, secret, sizeof secret, r->error) != BZ_OK) {
            r->has_failed = true;
            return "";
        }
        p->secret = arena_copy(&r->to->arena, span_of(secret)).at;
        explicit_bzero(secret, sizeof secret);
        return NULL;
    case KEY_SCOPES:
        p->scopes = kept;
        return is_line(value, 255) && has_word(value, "openid") ? NULL : "must be words parted by blanks, with openid among them";
    case KEY_TRUST: return take_switch(value, &p->trusts_email) ? NULL : "must be yes or no";
    case KEY_DOMAINS: return take_domains(r, value, &p->domains) ? NULL : "must be domains such as example.org, parted by blanks";
    case KEY_INSIDE: return take_switch(value, &p->is_inside) ? NULL : "must be yes or no";
    case KEY_CA:
        p->ca = kept;
        return access(value, R_OK) == 0 ? NULL : "must be a file of certificates that can be read";
    case KEY_COUNT: break;
    }
    return NULL;
}

static int on_value(void *ctx, const char *section, const char *key, const char *value)
{
    struct reading *r = ctx;
    int i = 0;
    char what[160];
    if (r->has_failed)
        return 1;
    while (i < KEY_COUNT && strcmp(keys[i], key) != 0)
        i++;
    if (*section == '\0' || r->to->count == 0)
        fault(r, r->line, "a key before the first [section]: ", key);
    else if (i == KEY_COUNT)
        fault(r, r->line, "unknown key: ", key);
    else if (r->seen[i] != 0)
        fault(r, r->line, "set twice: ", key);
    else if (strlen(value) >= SETTING_BYTES)
        fault(r, r->line, key, " is too long");
    if (r->has_failed)
        return 1;
    r->seen[i] = r->line;
    const char *why = take(r, (enum key)i, value);
    (void)snprintf(what, sizeof what, "%s %s", key, why == NULL ? "" : why);
    if (why != NULL)
        fault(r, r->line, what, "");
    return 1;
}

enum bz_err provider_settings_read(FILE *file, const char *name, struct provider_settings *ret, struct bz_error *e)
{
    struct reading r = { .to = ret, .file = file, .name = name, .error = e };
    ini_allow_multiline = false;
    int bad_line = ini_parse_stream(next_line, &r, on_value, &r);
    if (!r.has_failed && bad_line == 0)
        close_section(&r);
    if (r.has_failed)
        return BZ_ERR_INVALID;
    if (bad_line != 0 || ferror(file))
        return bz_fail(e, BZ_ERR_INVALID, "%s:%d: expected [section], key = value or a comment", name, bad_line);
    return BZ_OK;
}

enum bz_err provider_settings_load(const struct config *c, struct provider_settings *ret, struct bz_error *e)
{
    const char *path = c->value[SETTING_PROVIDERS];
    *ret = (struct provider_settings){ .count = 0 };
    arena_init(&ret->arena);
    if (*path == '\0')
        return BZ_OK;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return file_missing("signin.providers", path, e);
    enum bz_err rc = provider_settings_read(file, path, ret, e);
    (void)fclose(file);
    if (rc == BZ_OK && *c->value[SETTING_SITE] == '\0')
        for (size_t i = 0; i < ret->count && rc == BZ_OK; i++)
            if (!oidc_is_bare(span_of(ret->at[i].issuer)))
                rc = bz_fail(e, BZ_ERR_INVALID, "signin.providers: net.site must be set, so that sites know where to lead back to");
    return rc;
}

void provider_settings_done(struct provider_settings *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (*s->at[i].secret != '\0')
            explicit_bzero((char *)(uintptr_t)s->at[i].secret, strlen(s->at[i].secret));
    arena_done(&s->arena);
    *s = (struct provider_settings){ .count = 0 };
}
