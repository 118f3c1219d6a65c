/* mail_settings.h: the section [mail] of the settings as a whole: what its values mean together, and the secret in its file. */
#ifndef BZ_ADMIN_MAIL_SETTINGS_H
#define BZ_ADMIN_MAIL_SETTINGS_H
#include "admin/config.h"
#include "work/send.h"

#define MAIL_PASSWORD_BYTES 512

struct mail_settings {
    bool has_server;               /* false: mails are written to files */
    struct send_server server;     /* borrows from here and from the config */
    char password[MAIL_PASSWORD_BYTES];
    char from[SETTING_BYTES];      /* an address */
    char from_name[SETTING_BYTES]; /* or "": the hub's */
    char hello[SETTING_BYTES];     /* how we name ourselves to the server */
};

bool mail_is_sender(const char *text);   /* "address" or "Name <address>" */

/* INVALID: the settings contradict each other, or the password's file is missing, open to others or in no order; the sentence names
 * the setting. */
enum bz_err mail_settings_read(const struct config *c, struct mail_settings *ret, struct bz_error *e);
#endif
