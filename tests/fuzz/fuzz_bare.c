/* What is taken out of a picture: no read or write beyond it, the same outline before and after, and nothing more the second time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "work/bare.h"
#include "work/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told { const unsigned char *file; unsigned char *copy; };

static void changed(void *ctx, size_t at, size_t len)
{
    struct told *t = ctx;
    memcpy(t->copy + at, t->file + at, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t room = size > 0 ? size : 1;
    unsigned char *file = malloc(room), *copy = malloc(room);   /* of the exact size, so that a step beyond it is seen */
    struct told told = { .file = file, .copy = copy };
    struct shape before = { 0 }, after = { 0 };
    memcpy(file, data, size);
    memcpy(copy, data, size);
    bool was_fine = shape_read((struct span){ (const char *)data, size }, &before);
    bool is_changed = bare_picture(file, size, changed, &told);
    bool is_fine = shape_read((struct span){ (const char *)file, size }, &after);
    if (memcmp(file, copy, size) != 0 || (memcmp(file, data, size) != 0) != is_changed)
        abort();   /* what was told is all that is new */
    bool may_be_archive = memmem(file, size, "PK\5\6", 4) != NULL;   /* zeros behind this mark may make it one: then it is not shown */
    if (was_fine && !is_fine && !may_be_archive)
        abort();
    if (was_fine && is_fine && (before.type != after.type || before.width != after.width || before.height != after.height))
        abort();
    if (bare_picture(file, size, NULL, NULL))
        abort();
    free(file);
    free(copy);
    return 0;
}
