/* folder.h: a folder of a test's own, in memory where there is such a place: these tests are not about the disk's speed.
 * What has to outlast a power cut is tested on a disk, in fault/. */
#ifndef BZ_TESTS_FOLDER_H
#define BZ_TESTS_FOLDER_H
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FOLDER_BYTES 64

/* Makes it; false: it could not. The caller removes it. */
static inline bool folder_make(char ret[FOLDER_BYTES], const char *name)
{
    const char *in = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    int len = snprintf(ret, FOLDER_BYTES, "%s/baraza-%s-XXXXXX", in, name);
    return len < FOLDER_BYTES && mkdtemp(ret) != NULL;
}
#endif
