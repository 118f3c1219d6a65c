/* names.h: whom a worker that asks others believes: name servers, and certificates. Nobody else looks names up: no file is looked
 * into, no list of endings is tried, and each question ends in time. Used inside a worker. */
#ifndef BZ_WORK_NAMES_H
#define BZ_WORK_NAMES_H
#include <resolv.h>

#include "base/buf.h"
#include "work/grab.h"

#define CA_FILE "/etc/ssl/certs/ca-certificates.crt"

struct names { struct __res_state state; int servers; };

/* Before it is locked in. resolver: ADDRESS:PORT, or "": the machine's own. */
bool names_load(struct names *n, const char *resolver);
bool names_resolve(void *ctx, const char *host, int64_t until_ms, struct addresses *ret);   /* of grab_rules; ctx: struct names */
bool names_read_ca(const char *path, struct buf *ret);   /* "": CA_FILE */
#endif
