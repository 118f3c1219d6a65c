/* address.h: which addresses are of the public internet. Pure. */
#ifndef BZ_WORK_ADDRESS_H
#define BZ_WORK_ADDRESS_H
#include <stdbool.h>
#include <sys/socket.h>

/* False for every range that leads into a machine, a house or a provider's own network, or nowhere (RFC 6890 and what
 * followed), also where one stands inside an IPv6 address: mapped, compatible, translated (NAT64), 6to4, Teredo, ISATAP. */
bool address_is_public(const struct sockaddr *address);
#endif
