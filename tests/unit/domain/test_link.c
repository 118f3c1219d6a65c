/* Proves that an address has one form, whatever it was written like, and that what is no address has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/link.h"

static void is(const char *href, const char *url)
{
    char ret[BZ_LIMIT_LINK_BYTES];
    size_t len = link_url(span_of(href), ret);
    if (len != strlen(url) || memcmp(ret, url, len) != 0)
        fail_msg("%s: %.*s", href, (int)len, ret);
}

static void one_address_has_one_form(void **state)
{
    is("https://example.org", "https://example.org/");
    is("HTTPS://Example.ORG/Plan.pdf", "https://example.org/Plan.pdf");
    is("http://example.org:80/a?b=C#top", "http://example.org/a?b=C");
    is("https://example.org:443", "https://example.org/");
    is("https://example.org:0443/", "https://example.org/");
    is("https://example.org:80/", "https://example.org:80/");
    is("http://example.org:8080?x", "http://example.org:8080/?x");
    is("http://example.org./a", "http://example.org/a");
    is("http://example.org#x", "http://example.org/");
    is("http://example.org:/a", "http://example.org/a");
    is("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a");
    is("http://[2001:db8::1]", "http://[2001:db8::1]/");
    is("https://пример.рф/Путь", "https://пример.рф/Путь");
    is("https://example.org/a@b/c:d#e/f?g", "https://example.org/a@b/c:d");
}

static void what_is_no_address_has_none(void **state)
{
    static const char *const hrefs[] = {
        "", "x", "http://", "https://", "http:///a", "ftp://example.org/", "mailto:a@example.org", "javascript:alert(1)",
        "http://user:password@example.org/", "http://user@example.org", "http://example.org:x/", "http://example.org:65536/",
        "http://example.org:0/", "http://example.org:99999999999999999999/", "http://[::1", "http://[::1]x/", "http://exa mple.org/",
        "http://example.org\\@evil.org/", "http://example.org/\x01", "http://:80/", "http://@example.org/",
    };
    for (size_t i = 0; i < sizeof hrefs / sizeof *hrefs; i++)
        is(hrefs[i], "");
}

static void it_is_bounded(void **state)
{
    char href[BZ_LIMIT_LINK_BYTES + 2];
    char ret[BZ_LIMIT_LINK_BYTES];
    memset(href, 'a', sizeof href);
    memcpy(href, "http://a.org/", 13);
    assert_int_equal(link_url((struct span){ href, BZ_LIMIT_LINK_BYTES }, ret), BZ_LIMIT_LINK_BYTES);
    assert_int_equal(link_url((struct span){ href, BZ_LIMIT_LINK_BYTES + 1 }, ret), 0);
    memcpy(href, "http://a.org?", 13);   /* it grows by a path */
    assert_int_equal(link_url((struct span){ href, BZ_LIMIT_LINK_BYTES }, ret), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_address_has_one_form),
        cmocka_unit_test(what_is_no_address_has_none),
        cmocka_unit_test(it_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
