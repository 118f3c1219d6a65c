#include "wire/wire.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "wire/exchange.h"
#include "wire/oidc.h"

enum bz_err wire_new(const struct wire_config *config, struct wire **ret, struct bz_error *e)
{
    struct wire *w = calloc(1, sizeof *w);

    if (w != NULL)
        w->admit = admit_new();
    if (w == NULL || w->admit == NULL) {
        free(w);
        return bz_fail(e, BZ_ERR_BUSY, "out of memory");
    }
    w->config = *config;
    w->domain = "";
    config->env->random(config->env->ctx, w->network_key, sizeof w->network_key);
    buf_init(&w->scratch, WIRE_SCRATCH_BYTES);
    *ret = w;
    return BZ_OK;
}

void wire_passkeys(struct wire *w, const char *domain, const struct origins *origins)
{
    w->domain = domain;
    w->origins = *origins;
}

void wire_free(struct wire *w)
{
    if (w == NULL)
        return;
    assert(w->sessions == NULL && w->polls_count == 0);
    oidc_free(w->oidc);
    admit_free(w->admit);
    buf_done(&w->scratch);
    free(w);
}

void wire_providers(struct wire *w, const struct providers *providers) { w->oidc = oidc_new(providers); }

void wire_error(const struct bz_error *error, struct buf *ret)
{
    codec_error(SPAN("null"), error, ret);
}
