/* office.h: the words of Office Open XML and OpenDocument files. Used inside a worker: archives and XML of strangers. */
#ifndef BZ_WORK_OFFICE_H
#define BZ_WORK_OFFICE_H
#include "work/look.h"
#include "work/text.h"

/* What kind of document the archive is, LOOK_ZIP when none that is known (or one with macros), LOOK_BYTES when it is no
 * archive. Its words are added: what its reader sees, not what was deleted in it. At most LOOK_INFLATE_BYTES are unpacked. */
enum look_type office_read(struct span file, struct text *t);
#endif
