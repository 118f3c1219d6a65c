/* One mail by the settings in force, sent here and now: not by the daemon, which need not run. */
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "admin/cli.h"
#include "admin/mailing.h"
#include "admin/serve.h"
#include "work/letter.h"
#include "work/spool.h"

static void on_sent(void *ctx, const struct sent *sent)
{
    int *ret_status = ctx;
    bool is_refused = sent->end == SEND_REFUSED, says_more = !span_eq(sent->brief, sent->why);
    *ret_status = sent->end == SEND_TAKEN ? 0
        : complain(is_refused ? 65 : 75, "%s: %.*s%s%.*s", is_refused ? "it was refused" : "it was not sent", (int)sent->brief.len,
                   sent->brief.at, says_more ? "; it says: " : "", says_more ? (int)sent->why.len : 0, sent->why.at);
}

static int send_now(const struct mail_settings *s, struct span to, struct span mail)
{
    uv_loop_t loop;
    struct send *send;
    struct bz_error e = { 0 };
    int status = 74;
    if (uv_loop_init(&loop) != 0)
        return complain(74, "out of memory");
    enum bz_err rc = send_start(&loop, &s->server, s->hello, span_of(s->from), to, mail, on_sent, &status, &send, &e);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop);
    if (rc != BZ_OK)
        return complain(exit_status(rc), "%s", e.text);
    if (status == 0)
        (void)printf("the mail server %s took it\n", s->server.url);
    return status;
}

static int write_now(const char *dir, const char *name, struct span mail)
{
    char folder[MAIL_FOLDER_BYTES];
    struct bz_error e = { 0 };
    int status = folder_check(dir);
    if (status != 0)
        return status;
    (void)umask(077);
    mail_folder(dir, folder);
    if (spool_put(&env_real, folder, name, mail, &e) != BZ_OK)
        return complain(74, "%s", e.text);
    (void)printf("no mail server is set (mail.smtp): it was written to %s/%s.eml\n", folder, name);
    return 0;
}

int cli_mail_test(struct cli *cli)
{
    struct mail_settings s;
    struct buf mail;
    struct bz_error e = { 0 };
    const char *site = cli->config.value[SETTING_SITE];
    char name[2 * LETTER_ID_BYTES + 1];
    if (!letter_is_address(span_of(cli->positional)))
        return cli_usage(cli, "ADDRESS is one address, such as amina@example.org");
    if (mail_settings_read(&cli->config, &s, &e) != BZ_OK)
        return complain(78, "%s", e.text);
    struct letter letter = { .kind = MAIL_TEST, .lang = span_of(cli->flag[FLAG_LANG]), .to = span_of(cli->positional),
                             .from = span_of(s.from), .from_name = span_of(s.from_name), .hub = SPAN("Baraza"),
                             .site = span_of(*site == '\0' ? "http://localhost" : site), .at_ms = env_real.now_ms(env_real.ctx) };
    env_real.random(env_real.ctx, letter.id, sizeof letter.id);
    (void)sodium_bin2hex(name, sizeof name, letter.id, sizeof letter.id);
    buf_init(&mail, LETTER_BYTES);
    int status = letter_write(&letter, &mail, &e) != BZ_OK ? complain(78, "%s", e.text)
               : s.has_server ? send_now(&s, letter.to, buf_span(&mail)) : write_now(cli->dir, name, buf_span(&mail));
    buf_done(&mail);
    sodium_memzero(s.password, sizeof s.password);
    return status;
}
