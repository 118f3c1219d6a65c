/* What people type at the door, and what the workers beside it are told and say: an address has one form, which is plain and stays as it
 * is when it is read again; so has a password; what is cut out of an order or an answer lies inside of it; a file of sites is read or
 * refused with a sentence that names its line. The first byte says what the rest is. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/provider_settings.h"
#include "base/recovery.h"
#include "domain/mailbox.h"
#include "engine/password.h"
#include "work/ask.h"
#include "work/send.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_mailbox(struct span in)
{
    char key[MAILBOX_BYTES + 1], again[MAILBOX_BYTES + 1];
    size_t at = 0;
    if (!mailbox_key(in, key))
        return;
    for (const char *c = key; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 0x7f || (*c >= 'A' && *c <= 'Z') || strchr("<>()[],;:\\\"", *c) != NULL)
            abort();
        at += *c == '@';
    }
    if (at != 1 || !mailbox_key(span_of(key), again) || strcmp(key, again) != 0)
        abort();
}

static void on_password(struct span in)
{
    struct password p, again;
    struct bz_error e = { 0 };
    if (!password_read(in, &p))
        return;
    if (p.len < PASSWORD_BYTES_MIN || p.len > PASSWORD_BYTES_MAX || strlen(p.text) != p.len)
        abort();
    if (!password_read(span_of(p.text), &again) || again.len != p.len || memcmp(again.text, p.text, p.len) != 0)
        abort();
    (void)password_check(&p, in, in, &e);
}

static void inside(struct span whole, struct span part)
{
    if (part.len > 0 && (part.at < whole.at || part.at + part.len > whole.at + whole.len))
        abort();
}

static void on_order(struct span in)
{
    struct span asked[ASK_FIELDS], sent[SEND_FIELDS], body;
    enum send_tls tls;
    int status;
    if (ask_take(in, asked))
        for (size_t i = 0; i < ASK_FIELDS; i++)
            inside(in, asked[i]);
    if (send_take(in, &tls, sent))
        for (size_t i = 0; i < SEND_FIELDS; i++)
            inside(in, sent[i]);
    if (ask_read(in, &status, &body))
        inside(in, body);
}

static void on_sites(struct span in)
{
    struct provider_settings settings = { .count = 0 };
    struct bz_error e = { 0 };
    FILE *file = in.len == 0 ? NULL : fmemopen((void *)(uintptr_t)in.at, in.len, "r");
    if (file == NULL)
        return;
    arena_init(&settings.arena);
    if (provider_settings_read(file, "sites.ini", &settings, &e) != BZ_OK && e.text[0] == '\0')
        abort();
    (void)fclose(file);
    provider_settings_done(&settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char hash[RECOVERY_HASH_BYTES];
    if (size == 0)
        return 0;
    char *exact = malloc(size);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data + 1, size - 1);
    struct span in = { exact, size - 1 };
    if (data[0] == 'm')
        on_mailbox(in);
    else if (data[0] == 'p')
        on_password(in);
    else if (data[0] == 'r')
        (void)recovery_hash(in, hash);
    else if (data[0] == 's')
        on_sites(in);
    else
        on_order(in);
    free(exact);
    return 0;
}
