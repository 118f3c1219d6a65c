/* Any text is read to its end: fields lie in it or are shorter than it, lines count upwards, and what is broken ends it. */
#include <stdint.h>
#include <stdlib.h>

#include "domain/csv.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena arena;
    struct csv c;
    struct roster r;
    int64_t line = 0;
    enum csv_read read;
    arena_init(&arena);
    csv_open(&c, (struct span){ (const char *)data, size });
    while ((read = csv_next(&c, &arena)) == CSV_ROW) {
        if (c.count == 0 || c.count > CSV_FIELDS_MAX || c.line <= line || c.at > c.text.len)
            abort();
        line = c.line;
        (void)roster_open(&c, &r);
        for (size_t i = 0; i < c.count; i++)
            if (c.fields[i].len > size)
                abort();
        for (int i = 0; i < ROSTER_COLUMNS; i++)
            if (r.at[i] >= (int)c.count)
                abort();
    }
    if (c.at != c.text.len)
        abort();
    arena_done(&arena);
    return 0;
}
