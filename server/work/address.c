#include "work/address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

static const struct { uint32_t net; unsigned bits; } closed_v4[] = {
    { 0x00000000, 8 },    /* this network */
    { 0x0a000000, 8 },    /* private */
    { 0x64400000, 10 },   /* between a provider and its customers */
    { 0x7f000000, 8 },    /* loopback */
    { 0xa9fe0000, 16 },   /* link-local, with what clouds tell their machines */
    { 0xa83f8110, 32 },   /* what one cloud tells its machines, and its name server: the same in all of it */
    { 0xac100000, 12 },   /* private */
    { 0xc0000000, 24 },   /* protocol assignments */
    { 0xc0000200, 24 },   /* documentation */
    { 0xc01fc400, 24 },   /* AS112 */
    { 0xc034c100, 24 },   /* AMT */
    { 0xc0586300, 24 },   /* 6to4 relays */
    { 0xc0a80000, 16 },   /* private */
    { 0xc0af3000, 24 },   /* AS112 */
    { 0xc6120000, 15 },   /* benchmarks */
    { 0xc6336400, 24 },   /* documentation */
    { 0xcb007100, 24 },   /* documentation */
    { 0xe0000000, 3 },    /* multicast, reserved, broadcast */
};

static bool is_public_v4(uint32_t ip)
{
    for (size_t i = 0; i < sizeof closed_v4 / sizeof *closed_v4; i++)
        if ((ip ^ closed_v4[i].net) >> (32 - closed_v4[i].bits) == 0)
            return false;
    return true;
}

static bool begins(const uint8_t *ip, const uint8_t *with, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    return memcmp(ip, with, whole) == 0 && (rest == 0 || (ip[whole] ^ with[whole]) >> (8 - rest) == 0);
}

/* Within 2000::/3, of which alone addresses are given out. */
static const struct { uint8_t net[8]; unsigned bits; } closed_v6[] = {
    { { 0x20, 0x01, 0x00 }, 23 },                   /* protocol assignments, Teredo and ORCHID among them */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 },             /* documentation */
    { { 0x20, 0x02 }, 16 },                         /* 6to4 */
    { { 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00 }, 48 }, /* AS112 */
    { { 0x3f, 0xff }, 16 },                         /* documentation (3fff::/20), 6bone */
    { { 0x3f, 0xfe }, 16 },
};

static uint32_t v4_at(const uint8_t *at) { return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]; }

static bool is_public_v6(const uint8_t *ip)
{
    static const uint8_t global[] = { 0x20 }, nat64[12] = { 0, 0x64, 0xff, 0x9b };
    if (begins(ip, nat64, 96))   /* a gateway takes it to the address inside */
        return is_public_v4(v4_at(ip + 12));
    if (!begins(ip, global, 3))
        return false;
    for (size_t i = 0; i < sizeof closed_v6 / sizeof *closed_v6; i++)
        if (begins(ip, closed_v6[i].net, closed_v6[i].bits))
            return false;
    bool is_isatap = (ip[8] & 0xfd) == 0 && ip[9] == 0 && ip[10] == 0x5e && ip[11] == 0xfe;
    return !is_isatap || is_public_v4(v4_at(ip + 12));
}

bool address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_public_v4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
    if (address->sa_family != AF_INET6)
        return false;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    return v6->sin6_scope_id == 0 && is_public_v6(v6->sin6_addr.s6_addr);
}
