/* What a worker answers: whatever the bytes, what is read from them lies inside and keeps to its ranges. */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "work/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span record, struct span part)
{
    if (part.len > 0 && (part.at < record.at || part.at + part.len > record.at + record.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data, size);
    struct span record = { exact, size };
    struct look look;
    (void)record_is_thumb(record);
    if (record_read(record, &look)) {
        inside(record, look.thumb);
        inside(record, look.text);
        if (look.type >= LOOK_TYPE_COUNT || look.thumb.len > LOOK_THUMB_BYTES || look.text.len > LOOK_TEXT_BYTES
            || look.is_image != (look.thumb.len > 0) || (uint64_t)look.width * look.height > LOOK_PIXELS_MAX
            || (look.text.len > 0 && !utf8_is_text(look.text)))
            abort();
        struct buf again;
        buf_init(&again, LOOK_RECORD_BYTES);
        record_write(&again, &look);
        if (again.failed || !span_eq(buf_span(&again), record))
            abort();
        buf_done(&again);
    }
    free(exact);
    return 0;
}
