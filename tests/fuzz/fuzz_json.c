/* fuzz_json: any bytes as one message, through guard, parser, request and the parameters of every method they name. */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "wire/method.h"

static const struct hubs hubs = { .count = 1, .code = { "africa" } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_request(const json_t *item, struct arena *arena)
{
    union { struct command cmd; struct query_args query; struct session_args session; } target = { 0 };
    struct bz_error e = { .code = BZ_OK };
    struct request request;
    struct buf answer;

    buf_init(&answer, 1u << 20);
    if (codec_request(item, arena, &request, &e) == BZ_OK) {
        const struct method *m = method_by_name(request.method);
        if (m == NULL)
            bz_fail(&e, BZ_ERR_METHOD, "no such method");
        else if (params_check(m, request.params, &hubs, arena, &target, &e) == BZ_OK)
            e.code = BZ_OK;
    }
    if (e.code == BZ_OK)
        codec_result(request.id, SPAN("{}"), &answer);
    else
        codec_error(request.id, &e, &answer);
    /* Whatever came in, what goes out is JSON. */
    assert(!answer.failed && utf8_valid(buf_span(&answer)));
    json_t *check = json_loadb(answer.at, answer.len, JSON_REJECT_DUPLICATES, NULL);
    assert(check != NULL);
    json_decref(check);
    buf_done(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bz_error e = { .code = BZ_OK };
    struct arena arena;
    json_t *doc;

    if (codec_load((struct span){ (const char *)data, size }, &doc, &e) != BZ_OK)
        return 0;
    arena_init(&arena);
    if (json_is_array(doc))
        for (size_t i = 0; i < json_array_size(doc) && i < BZ_LIMIT_BATCH_CALLS; i++)
            one_request(json_array_get(doc, i), &arena);
    else
        one_request(doc, &arena);
    arena_done(&arena);
    json_decref(doc);
    return 0;
}
