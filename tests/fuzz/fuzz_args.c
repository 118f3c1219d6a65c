/* fuzz_args: the first byte chooses a method, the rest is the query part of a URL for it. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "wire/method.h"

static const struct hubs hubs = { .count = 1, .code = { "africa" } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    union { struct command cmd; struct query_args query; struct session_args session; } target = { 0 };
    struct bz_error e = { .code = BZ_OK };
    struct pair pairs[PARAMS_MAX];
    struct arena arena;
    size_t count = 0;
    json_t *params = NULL;

    if (size == 0)
        return 0;
    const struct method *m = &methods[data[0] % methods_count];
    arena_init(&arena);
    if (codec_pairs((struct span){ (const char *)data + 1, size - 1 }, &arena, pairs, m->params_count, &count, &e) == BZ_OK) {
        for (size_t i = 0; i < count; i++)
            assert(utf8_valid(pairs[i].name) && utf8_valid(pairs[i].value));
        if (params_from_pairs(m, pairs, count, &params, &e) == BZ_OK)
            (void)params_check(m, params, &hubs, &arena, &target, &e);
        json_decref(params);
    }
    assert(e.code == BZ_OK || e.text[0] != '\0');
    arena_done(&arena);
    return 0;
}
