/* mailing.h: sends what waits in the store's queue of mail, one at a time: by a worker to a mail server (work/send.h), or without one
 * into files of DIR/mail, which are kept for a week. What became of each is told by commands of the hub itself. Loop thread. */
#ifndef BZ_ADMIN_MAILING_H
#define BZ_ADMIN_MAILING_H
#include "admin/mail_settings.h"
#include "engine/readers.h"
#include "engine/writer.h"

struct mailing;
struct mailing_config {
    uv_loop_t *loop;
    struct writer *writer;     /* borrowed, as the rest: they outlive it */
    struct readers *readers;
    struct stats *stats;
    const struct env *env;
    struct log *log;
    const struct mail_settings *settings;
    const char *dir;           /* data folder */
    const char *hub;           /* its name */
    const char *site;          /* where links lead; copied */
};
enum bz_err mailing_start(const struct mailing_config *config, struct mailing **ret, struct bz_error *e);
void mailing_committed(struct mailing *m, const struct commit *commit);   /* NULL is fine, as below */
/* Takes nothing more in hand. True: and has nothing in hand any more. */
bool mailing_rest(struct mailing *m);
void mailing_stop(struct mailing *m);   /* ends a worker. Frees itself on the loop, which must still run */

/* Where mails go without a mail server, of a data folder. */
#define MAIL_FOLDER "mail"
#define MAIL_FOLDER_BYTES 4096
void mail_folder(const char *dir, char ret[MAIL_FOLDER_BYTES]);
#endif
