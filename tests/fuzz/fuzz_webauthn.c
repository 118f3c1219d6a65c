/* Passkeys: whatever an authenticator or a browser is said to have written is read within its bounds; a key that was taken for a new
 * passkey can be read again, and takes no signature that nobody made. The first byte says what the rest is. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/clientdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_new(struct span in)
{
    static const char nobody[37] = { 0 };
    struct webauthn_key key;
    uint32_t counter;
    if (webauthn_new(in, SPAN("baraza.example"), &key) != WEBAUTHN_NONE)
        return;
    struct webauthn_proof proof = { { in.at + (key.id.at - in.at) - 55, 37 }, SPAN("{}"), SPAN("0123456789012345678901234567890123456789012345678901234567890123") };
    if (webauthn_check(&proof, SPAN("baraza.example"), key.key, 0, &counter) == WEBAUTHN_NONE)
        abort();
    proof.data = (struct span){ nobody, sizeof nobody };
    if (webauthn_check(&proof, SPAN("baraza.example"), key.key, 0, &counter) != WEBAUTHN_SITE)
        abort();
}

/* A third of it is the key, a third the authenticator data, the rest the signature. */
static void on_check(struct span in)
{
    uint32_t counter;
    size_t part = in.len / 3;
    struct webauthn_proof proof = { { in.at + part, part }, SPAN("{}"), { in.at + 2 * part, in.len - 2 * part } };
    (void)webauthn_check(&proof, SPAN("baraza.example"), (struct span){ in.at, part }, 0, &counter);
}

static void on_client(struct span in)
{
    static const char *const ours[] = { "https://baraza.example" };
    const struct origins origins = { ours, 1 };
    unsigned char challenge[WEBAUTHN_CHALLENGE_BYTES];
    struct bz_error e = { 0 };
    if (clientdata_read(in, (in.len & 1) != 0, &origins, challenge, &e) == BZ_OK && in.len < 100)
        abort();   /* shorter than what it has to say */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *exact = malloc(size);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data + 1, size - 1);
    struct span in = { exact, size - 1 };
    if (data[0] == 'n')
        on_new(in);
    else if (data[0] == 'c')
        on_check(in);
    else
        on_client(in);
    free(exact);
    return 0;
}
