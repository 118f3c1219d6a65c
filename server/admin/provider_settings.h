/* provider_settings.h: the file of the setting signin.providers: a section for each site by which people may sign in. */
#ifndef BZ_ADMIN_PROVIDER_SETTINGS_H
#define BZ_ADMIN_PROVIDER_SETTINGS_H
#include <stdio.h>

#include "admin/config.h"
#include "base/arena.h"
#include "wire/provider.h"

struct provider_settings {
    struct provider *at;           /* count of them; all memory is the arena's */
    size_t count;
    struct arena arena;
};

/* Nothing where the setting is empty. INVALID: an unknown key, a value in no order, a secret's file that is open to others; the
 * sentence names file and line, and never a secret. Freed by provider_settings_done in any case. */
enum bz_err provider_settings_load(const struct config *c, struct provider_settings *ret, struct bz_error *e);
/* The same, of an open file. */
enum bz_err provider_settings_read(FILE *file, const char *name, struct provider_settings *ret, struct bz_error *e);
void provider_settings_done(struct provider_settings *s);   /* wipes the secrets; all zeros are fine */
#endif
