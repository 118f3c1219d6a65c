#include "admin/mail_settings.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "admin/secret_file.h"
#include "base/utf8.h"
#include "work/letter.h"

#define NAME_CHARS 80

/* The name may stand in quotes. */
static bool split(const char *text, struct span *ret_name, struct span *ret_address)
{
    size_t len = strlen(text);
    const char *open = strrchr(text, '<');
    *ret_name = (struct span){ "", 0 };
    *ret_address = (struct span){ text, len };
    if (open == NULL)
        return letter_is_address(*ret_address);
    if (text[len - 1] != '>')
        return false;
    *ret_address = (struct span){ open + 1, len - (size_t)(open - text) - 2 };
    *ret_name = (struct span){ text, (size_t)(open - text) };
    while (ret_name->len > 0 && ret_name->at[ret_name->len - 1] == ' ')
        ret_name->len--;
    if (ret_name->len >= 2 && ret_name->at[0] == '"' && ret_name->at[ret_name->len - 1] == '"')
        *ret_name = (struct span){ ret_name->at + 1, ret_name->len - 2 };
    return letter_is_address(*ret_address)
           && (ret_name->len == 0 || (utf8_is_name(*ret_name, NAME_CHARS) && memchr(ret_name->at, '<', ret_name->len) == NULL));
}

bool mail_is_sender(const char *text)
{
    struct span name, address;
    return split(text, &name, &address);
}

/* The host of net.site; else a name that means us alone. */
static void own_name(const struct config *c, char ret[SETTING_BYTES])
{
    const char *site = c->value[SETTING_SITE], *host = strstr(site, "://");
    size_t len = host == NULL ? 0 : strspn(host + 3, "abcdefghijklmnopqrstuvwxyz0123456789-.");
    bool is_name = len > 0 && host[3] >= 'a' && host[3] <= 'z';
    (void)snprintf(ret, SETTING_BYTES, "%.*s", is_name ? (int)len : 9, is_name ? host + 3 : "localhost");
}

static enum bz_err check_server(const struct mail_settings *m, const struct config *c, bool is_bare, struct bz_error *e)
{
    const struct send_server *s = &m->server;
    if (*c->value[SETTING_MAIL_FROM] == '\0')
        return bz_fail(e, BZ_ERR_INVALID, "mail.from: is missing; mail.smtp is set, so say which address mails come from");
    if ((*s->user == '\0') != (*c->value[SETTING_MAIL_PASSWORD_FILE] == '\0'))
        return bz_fail(e, BZ_ERR_INVALID, "mail.user and mail.password_file: either both or none");
    if (*s->user != '\0' && is_bare && s->tls != SEND_TLS_REQUIRED)
        return bz_fail(e, BZ_ERR_INVALID, "mail.tls: must be required where a password goes to another machine");
    if (*s->ca != '\0' && access(s->ca, R_OK) != 0)
        return file_missing("mail.ca", s->ca, e);
    return BZ_OK;
}

enum bz_err mail_settings_read(const struct config *c, struct mail_settings *ret, struct bz_error *e)
{
    const char *url = c->value[SETTING_MAIL_SMTP], *tls = c->value[SETTING_MAIL_TLS];
    struct span name, address;
    memset(ret, 0, sizeof *ret);
    own_name(c, ret->hello);
    if (*c->value[SETTING_MAIL_FROM] == '\0')
        (void)snprintf(ret->from, sizeof ret->from, "baraza@%.200s", ret->hello);
    else if (split(c->value[SETTING_MAIL_FROM], &name, &address)) {
        (void)snprintf(ret->from, sizeof ret->from, "%.*s", (int)address.len, address.at);
        (void)snprintf(ret->from_name, sizeof ret->from_name, "%.*s", (int)name.len, name.at);
    }
    ret->has_server = *url != '\0';
    if (!ret->has_server)
        return BZ_OK;
    ret->server = (struct send_server){
        .url = url, .user = c->value[SETTING_MAIL_USER], .password = ret->password, .ca = c->value[SETTING_MAIL_CA],
        .tls = strcmp(tls, "opportunistic") == 0 ? SEND_TLS_OPPORTUNISTIC
             : strcmp(tls, "none") == 0 || (*tls == '\0' && send_is_loopback(url)) ? SEND_TLS_NONE : SEND_TLS_REQUIRED,
    };
    enum bz_err rc = check_server(ret, c, strncmp(url, "smtp://", 7) == 0 && !send_is_loopback(url), e);
    if (rc == BZ_OK && *ret->server.user != '\0')
        rc = secret_file_read(c->value[SETTING_MAIL_PASSWORD_FILE], "mail.password_file", ret->password, sizeof ret->password, e);
    return rc;
}
