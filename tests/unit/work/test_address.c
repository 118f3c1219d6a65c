/* Proves that no address that leads inside is held to be public, in any of its forms, and that neighbours are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <string.h>

#include "work/address.h"

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return address_is_public((const struct sockaddr *)&v4);
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
        fail_msg("%s is no address", text);
    return address_is_public((const struct sockaddr *)&v6);
}

static void what_leads_inside_is_closed(void **state)
{
    static const char *const closed[] = {
        "0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255",
        "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1",
        "192.88.99.1", "192.168.0.1", "192.168.255.255", "192.175.48.1", "198.18.0.0", "198.19.255.255", "198.51.100.7",
        "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::168.63.129.16", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "1::", "1fff:ffff::1",
        "2001::1", "2001:0:7f00:1::", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::",
        "2002:808:808::1", "2620:4f:8000::1", "3ffe::1", "3fff::1", "2a00:1450:4001::5efe:7f00:1", "2a00:1450:4001::200:5efe:a00:1",
        "4000::1", "5f00::1", "fc00::1", "fd12:3456:789a::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
    };
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (is_public(closed[i]))
            fail_msg("%s", closed[i]);
}

static void what_is_public_is_open(void **state)
{
    static const char *const open[] = {
        "1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
        "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.0.3.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2000::1", "2001:200::1", "2001:4860:4860::8888", "2a00:1450:4001:800::200e", "2a00:1450:4001::5efe:808:808", "3ffd::1",
        "64:ff9b::808:808",
    };
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        if (!is_public(open[i]))
            fail_msg("%s", open[i]);
    struct sockaddr_in6 scoped = { .sin6_family = AF_INET6, .sin6_scope_id = 1 };
    (void)inet_pton(AF_INET6, "2001:4860:4860::8888", &scoped.sin6_addr);
    assert_false(address_is_public((const struct sockaddr *)&scoped));
    assert_false(address_is_public(&(const struct sockaddr){ .sa_family = AF_UNIX }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_leads_inside_is_closed),
        cmocka_unit_test(what_is_public_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
