/* Hostile links: over 300 ways to name an address inside, a port or a scheme that is not asked. None is connected to; what is
 * looked up is looked up once, and a name that has one address inside is not asked at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>

#include "base/limits.h"
#include "work/grab.h"

static struct { int asked, connected, count; bool is_late; const char *first, *second; } world;

static void add(struct addresses *list, const char *text)
{
    union address *a = &list->at[list->count++];
    memset(a, 0, sizeof *a);
    a->any.sa_family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    if (inet_pton(a->any.sa_family, text, a->any.sa_family == AF_INET ? (void *)&a->v4.sin_addr : (void *)&a->v6.sin6_addr) != 1)
        fail_msg("%s is no address", text);
}

static bool resolve(void *ctx, const char *host, int64_t until_ms, struct addresses *ret)
{
    int64_t left_ms = until_ms - grab_now_ms();
    assert_true(left_ms > 0 && left_ms <= FETCH_MS);
    world.asked++;
    if (world.is_late)
        while (grab_now_ms() < until_ms)
            (void)poll(NULL, 0, 10);
    if (world.first != NULL)
        add(ret, world.first);
    if (world.second != NULL)
        add(ret, world.second);
    return true;
}

static void connects(void *ctx, const struct sockaddr *to) { world.connected++; }

static struct grab_rules rules(void)
{
    struct grab_rules r = { .resolve = resolve, .connects = connects, .agent = "test", .ca = { "", 0 } };
    assert_true(grab_ports("80, 443", &r));
    return r;
}

static enum fetch_end ask(const char *url)
{
    struct grab_rules r = rules();
    struct page page = { 0 };
    world.count++;
    enum fetch_end end = grab(&r, span_of(url), false, &page);
    if (world.connected != 0)
        fail_msg("%s was connected to", url);
    page_done(&page);
    return end;
}

static void refused(const char *url)
{
    if (ask(url) != FETCH_REFUSED)
        fail_msg("%s was not refused", url);
}

static const char *const inside[] = {
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.254", "100.64.0.1", "100.127.0.1", "127.0.0.1", "127.1.2.3", "127.255.255.254",
    "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.254", "192.0.0.192", "192.0.2.1", "192.168.0.1", "192.168.255.254",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:192.168.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "2002:7f00:1::", "2002:a00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::1", "2001:db8::1",
    "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00::1", "fdff:ffff::1", "ff02::1", "ff05::1", "100::1", "1::1", "5f00::1",
    "2a00:1450::5efe:127.0.0.1", "64:ff9b:1::1",
};
#define INSIDE (sizeof inside / sizeof *inside)

static void no_spelling_of_an_address_inside_is_asked(void **state)
{
    static const char *const spellings[] = {
        "127.1", "127.0.1", "0177.0.0.1", "0177.1", "017700000001", "2130706433", "0x7f.1", "0x7f000001", "0x7f.0x0.0x0.0x1", "0x7F.0.0.1",
        "00000177.0.0.1", "127.0.0.1.", "127.000.000.001", "127.0x1", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "①②⑦.⓪.⓪.①", "１２７.０.０.１",
        "127。0。0。1", "127．0．0．1", "3232235521", "0xc0a80001", "0300.0250.0.1", "192.168.1", "192.168.257", "10.1", "0xa.1", "012.1",
        "167772161", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "169.16689662", "0", "0.0", "00", "0x0", "1", "255", "4294967295",
        "localhost", "localhost.", "LOCALHOST", "LocalHost", "a.localhost", "a.b.localhost.", "localhost.localdomain", "printer", "intranet",
        "router.local", "nas.lan", "db.internal", "metadata.google.internal", "wiki.corp", "a.home.arpa", "1.0.0.127.in-addr.arpa", "x.onion",
        "example.1", "example.0x7f", "a..org", ".org", "a b.org", "a_b", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]",
        "[::127.0.0.1]", "[0000:0000:0000:0000:0000:ffff:7f00:0001]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fe80::1%251]", "[::1%25lo]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fc00::1]", "[::]", "[::ffff:a9fe:a9fe]", "[v1.x]", "[::1", "::1", "[]", "[127.0.0.1]",
    };
    world.first = "127.0.0.1";   /* who looks any of them up is told so */
    world.second = NULL;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        char url[256];
        (void)snprintf(url, sizeof url, "http://%s/", spellings[i]);
        refused(url);
        (void)snprintf(url, sizeof url, "https://%s", spellings[i]);
        refused(url);
    }
    for (size_t i = 0; i < INSIDE; i++) {
        char url[256];
        (void)snprintf(url, sizeof url, strchr(inside[i], ':') != NULL ? "http://[%s]/" : "http://%s/", inside[i]);
        refused(url);
    }
}

static void no_name_leads_inside(void **state)
{
    static const char *const orders[][2] = { { NULL, "in" }, { "out", "in" }, { "in", "out" } };
    for (size_t i = 0; i < INSIDE; i++)
        for (size_t k = 0; k < 3; k++) {
            world.asked = 0;
            world.first = orders[k][0] == NULL ? NULL : orders[k][0][0] == 'i' ? inside[i] : "8.8.8.8";
            world.second = orders[k][1][0] == 'i' ? inside[i] : "2001:4860:4860::8888";
            refused(k == 0 ? "https://a.example.org/" : "http://a.example.org/");
            assert_int_equal(world.asked, 1);   /* never again for this connection: what it was then, it is */
        }
}

static void no_other_port_scheme_or_user_is_asked(void **state)
{
    static const int ports[] = { 1, 7, 19, 21, 22, 23, 25, 53, 79, 110, 111, 143, 389, 445, 465, 587, 636, 993, 1433, 2049, 2375, 3000, 3306,
                                 4222, 5432, 5984, 6379, 8000, 8080, 8443, 9000, 9200, 11211, 27017, 50070, 65535, 65536, 99999, 0 };
    static const char *const urls[] = {
        "file:///etc/passwd", "ftp://a.example.org/", "gopher://a.example.org/_x", "dict://a.example.org:80/x", "ldap://a.example.org/",
        "smb://a.example.org/x", "telnet://a.example.org:80/", "tftp://a.example.org/x", "scp://a.example.org/x", "data:text/html,x",
        "javascript:alert(1)", "mailto:a@example.org", "ws://a.example.org/", "view-source:http://a.example.org/", "//a.example.org/", "", "x",
        "http:", "http://", "http:///x", "http://user@a.example.org/", "http://user:word@a.example.org/", "http://a.example.org@127.0.0.1/",
        "http://a.example.org:80@127.0.0.1/", "http://127.0.0.1#@a.example.org/", "http://127.0.0.1?@a.example.org/",
        "http://127.0.0.1\\@a.example.org/", "http://a.example.org\\@127.0.0.1/", "http://a.example.org:80:25/", "http://a.example.org:+80/",
        "http://a.example.org: 80/", "http://a.example.org\r\nHost: b/", "http://a.example.org:80%20/", "http://a\texample.org/",
    };
    world.first = "127.0.0.1";
    world.second = NULL;
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        char url[64];
        (void)snprintf(url, sizeof url, "http://a.example.org:%d/", ports[i]);
        refused(url);
    }
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        refused(urls[i]);
    refused("http://a.example.org/");
    world.first = NULL;
    assert_int_equal(ask("http://a.example.org/"), FETCH_DEAD);   /* there is no such name */
    assert_true(world.count >= 300);
}

/* Who took all the time to be found is not asked. */
static void names_take_of_the_same_time(void **state)
{
    int64_t from_ms = grab_now_ms();
    world.first = "8.8.8.8";
    world.second = NULL;
    world.is_late = true;
    world.asked = 0;
    assert_int_equal(ask("http://a.example.org/"), FETCH_UNKNOWN);
    world.is_late = false;
    assert_int_equal(world.asked, 1);
    assert_true(grab_now_ms() - from_ms < FETCH_MS + 1000);
}

static void lists_are_read_whole(void **state)
{
    struct grab_rules r = { 0 };
    assert_true(grab_inside("10.1.2.3, fd00::1", &r));
    assert_int_equal(r.inside.count, 2);
    assert_true(grab_inside("", &r));
    assert_false(grab_inside("10.1.2", &r));
    assert_false(grab_ports("", &r));
    assert_false(grab_ports("80 x", &r));
    assert_false(grab_ports("0", &r));
    assert_false(grab_ports("65536", &r));
    assert_false(grab_ports("1 2 3 4 5 6 7 8 9", &r));
}

static int load(void **state) { return grab_load() ? 0 : 1; }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_spelling_of_an_address_inside_is_asked),
        cmocka_unit_test(no_name_leads_inside),
        cmocka_unit_test(no_other_port_scheme_or_user_is_asked),
        cmocka_unit_test(names_take_of_the_same_time),
        cmocka_unit_test(lists_are_read_whole),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
