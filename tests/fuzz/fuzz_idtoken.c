/* What a provider of sign-ins says, its description, its keys, its answer and its token, is read within its bounds; nobody is found in
 * a token that no key of ours signed. The first byte says what the rest is. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/idtoken.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Keys to both sides of the first NUL: what the keys say, and the token. */
static void on_token(struct span in, struct arena *arena)
{
    static const char key[] = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
    static const struct idtoken_rules rules = { SPAN("https://id.example"), SPAN("baraza"), SPAN("nonce"), { NULL, 0 }, 1800000000000 };
    struct identity who;
    const char *cut = memchr(in.at, '\0', in.len);
    if (idtoken_check(in, span_of(key), &rules, arena, &who) == IDTOKEN_NONE)
        abort();
    if (cut == NULL)
        return;
    struct span keys = { in.at, (size_t)(cut - in.at) }, token = { cut + 1, in.len - (size_t)(cut + 1 - in.at) };
    if (idtoken_check(token, keys, &rules, arena, &who) == IDTOKEN_NONE && who.subject.len > OIDC_SUBJECT_BYTES)
        abort();
}

static void on_url(struct span in)
{
    if (oidc_url_valid(in, false) && (in.len < 9 || memcmp(in.at, "https://", 8) != 0))
        abort();
    if (oidc_url_valid(in, true) && !oidc_same_host(in, in))
        abort();
    (void)oidc_is_bare(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct discovery found;
    struct span token, access;
    struct arena arena;
    if (size == 0)
        return 0;
    char *exact = malloc(size);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data + 1, size - 1);
    struct span in = { exact, size - 1 };
    arena_init(&arena);
    if (data[0] == 'd')
        (void)discovery_read(in, SPAN("https://id.example"), &found);
    else if (data[0] == 'a')
        (void)token_answer_read(in, &arena, &token, &access);
    else if (data[0] == 'u')
        on_url(in);
    else
        on_token(in, &arena);
    arena_done(&arena);
    free(exact);
    return 0;
}
