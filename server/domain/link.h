/* link.h: addresses in posts, each in the one form by which they are told apart. Pure, linear in the address. */
#ifndef BZ_DOMAIN_LINK_H
#define BZ_DOMAIN_LINK_H
#include "baraza/limits.h"
#include "base/span.h"

/* An http or https address with scheme and host in lower case, without the scheme's own port, a last dot of the host and a
 * fragment, and with a path. Returns its bytes, at most BZ_LIMIT_LINK_BYTES; 0: it is no such address, too long, or names a
 * user (what stands there may be a password). */
size_t link_url(struct span href, char ret[BZ_LIMIT_LINK_BYTES]);
#endif
