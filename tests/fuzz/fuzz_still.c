/* Whether a PDF does anything by itself: no read beyond the file, an end in time, and never a yes where the word stands there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "work/still.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char word[] = "/JavaScript ";
    char *exact = malloc(size + sizeof word);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data, size);
    bool is_still = pdf_is_still((struct span){ exact, size });
    memmove(exact + sizeof word - 1, exact, size);
    memcpy(exact, word, sizeof word - 1);
    if (pdf_is_still((struct span){ exact, size + sizeof word - 1 }) && is_still)
        abort();
    free(exact);
    return 0;
}
