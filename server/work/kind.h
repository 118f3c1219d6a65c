/* kind.h: what a file holds, by its content alone. Used inside a worker. */
#ifndef BZ_WORK_KIND_H
#define BZ_WORK_KIND_H
#include "base/span.h"
#include "work/look.h"

struct kinds;
struct kinds *kinds_load(void);   /* reads libmagic's database; NULL: there is none. Kept until the process ends. */
/* Never an inline type: a picture is one when it decodes (picture.h). Markup and scripts are BYTES, whatever they call
 * themselves; documents in ZIP archives are ZIP here (office.h knows them). */
enum look_type kind_of(struct kinds *k, struct span file);
#endif
