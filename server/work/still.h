/* still.h: does a PDF do anything by itself? Pure but for the memory it inflates into. Used inside a worker.
 * A script stands in an action, and an action is a dictionary with the name /JavaScript, in the file itself or in one of its
 * object streams (ISO 32000-2, 7.5.7 and 12.6.4.17). Both are looked through, whatever the file says of its own structure. */
#ifndef BZ_WORK_STILL_H
#define BZ_WORK_STILL_H
#include <stdbool.h>

#include "base/span.h"

/* False also when that cannot be told: it is encrypted, an object stream is packed in another way than by Flate, or all of them
 * are more than LOOK_INFLATE_BYTES. */
bool pdf_is_still(struct span file);
#endif
