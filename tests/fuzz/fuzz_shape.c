/* The outline of a picture, which is read before any decoder sees the file: no read beyond it, and a size that may be decoded. */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "work/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data, size);
    struct span file = { exact, size };
    struct shape shape;
    if (shape_read(file, &shape)) {
        if (!shape_is_picture(file) || shape.width < 1 || shape.height < 1 || shape.width > LOOK_SIDE_MAX
            || shape.height > LOOK_SIDE_MAX || (uint64_t)shape.width * shape.height > LOOK_PIXELS_MAX || shape.turn < 1
            || shape.turn > 8)
            abort();
    }
    free(exact);
    return 0;
}
