/* Pictures decoded and made small: what comes out is always an answer that the parent takes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "work/picture.h"
#include "work/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data, size);
    struct buf thumb, record;
    struct look look = look_plain, got;
    buf_init(&thumb, LOOK_THUMB_BYTES);
    buf_init(&record, LOOK_RECORD_BYTES);
    if (picture_look((struct span){ exact, size }, &thumb, &look)) {
        record_write(&record, &look);
        if (!record_read(buf_span(&record), &got) || !got.is_image)
            abort();
    }
    buf_done(&thumb);
    buf_done(&record);
    free(exact);
    return 0;
}
