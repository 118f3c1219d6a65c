/* Any file of settings is read or refused with a sentence that names its line; what is taken is within its bounds, and
 * what config_show writes out is read again as the same. */
#include <stdlib.h>
#include <string.h>

#include "admin/config.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static enum bz_err read_bytes(struct config *c, const void *data, size_t size, struct bz_error *e)
{
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    if (file == NULL)
        abort();
    config_init(c);
    enum bz_err rc = config_read(c, file, "b.ini", e);
    fclose(file);
    return rc;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static struct config c, again;
    struct bz_error e = { 0 };
    char text[SETTING_BYTES], *shown = NULL;
    const char *origins[ORIGINS_MAX + 1];
    size_t shown_bytes = 0;
    if (size == 0)
        return 0;
    if (read_bytes(&c, data, size, &e) != BZ_OK) {
        if (strncmp(e.text, "b.ini", 5) != 0)
            abort();
        return 0;
    }
    config_origins(&c, text, origins);
    (void)config_enforces(&c);
    (void)config_level(&c);
    FILE *out = open_memstream(&shown, &shown_bytes);
    config_show(&c, true, out);
    fclose(out);
    if (shown_bytes == 0)
        abort();
    bool is_plain = strpbrk(c.value[SETTING_DATA], ";#\"'") == NULL;   /* a folder's name may hold what begins a comment */
    if (is_plain && strlen(c.value[SETTING_DATA]) < 100 && strlen(c.value[SETTING_ORIGINS]) < 100 && strlen(c.value[SETTING_SITE]) < 100) {
        if (read_bytes(&again, shown, shown_bytes, &e) != BZ_OK)
            abort();
        for (int i = 0; i < SETTING_COUNT; i++)
            if (strcmp(c.value[i], again.value[i]) != 0)
                abort();
    }
    free(shown);
    return 0;
}
