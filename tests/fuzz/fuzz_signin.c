/* The brake on sign-ins: whatever the reader of requests takes for a call of session.open, however it is spelled, the
 * scan has seen too. (It may see more: a text that quotes the name costs its sender one of many tries.) */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/signin.h"
#include "wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool opens(const json_t *item)
{
    const json_t *method = json_object_get(item, "method");
    return json_is_string(method) && json_string_length(method) == 12 &&
           memcmp(json_string_value(method), "session.open", 12) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data, size);
    struct span in = { exact, size };
    struct bz_error e = { 0 };
    json_t *doc = NULL;
    unsigned asked = signin_asked(in), opened = 0;
    if (codec_load(in, &doc, &e) == BZ_OK) {
        opened = opens(doc);
        for (size_t i = 0; i < json_array_size(doc); i++)
            opened += opens(json_array_get(doc, i));
        if (opened > asked)
            abort();
        json_decref(doc);
    }
    free(exact);
    return 0;
}
