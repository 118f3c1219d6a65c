/* A text file in any encoding: what is taken from it is text, whatever the bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "work/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data, size);
    struct text t;
    text_init(&t);
    if (!text_take_file(&t, (struct span){ exact, size }) && t.out.len > 0)
        abort();
    struct span found = text_found(&t);
    if (t.out.failed || found.len > LOOK_TEXT_BYTES || !utf8_valid(buf_span(&t.out)) || (found.len > 0 && !utf8_is_text(found)))
        abort();
    buf_done(&t.out);
    free(exact);
    return 0;
}
