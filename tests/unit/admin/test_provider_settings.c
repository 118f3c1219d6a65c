/* The file of sites to sign in by: what stands in it is taken as it stands, and each fault is told with its line, never a secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/provider_settings.h"

static enum bz_err read_text(const char *text, struct provider_settings *ret, struct bz_error *e)
{
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    *ret = (struct provider_settings){ .count = 0 };
    arena_init(&ret->arena);
    enum bz_err rc = provider_settings_read(file, "p.ini", ret, e);
    (void)fclose(file);
    return rc;
}

#define CITY "[city]\ntitle = City\nissuer = https://id.example/realm\nclient_id = baraza\n"

static void what_stands_there_is_taken(void **state)
{
    struct provider_settings s;
    struct bz_error e = { 0 };
    assert_int_equal(read_text("; none\n", &s, &e), BZ_OK);
    assert_int_equal(s.count, 0);
    provider_settings_done(&s);
    assert_int_equal(read_text(CITY "trust_email = Yes\ndomains = Example.ORG, münchen.example\n[b-2]\ntitle = B\nissuer = http://127.0.0.1:1\n"
                               "client_id = x y\nscopes = email openid\ninside = yes\n", &s, &e), BZ_OK);
    assert_int_equal(s.count, 2);
    assert_string_equal(s.at[0].name, "city");
    assert_string_equal(s.at[0].title, "City");
    assert_string_equal(s.at[0].issuer, "https://id.example/realm");
    assert_string_equal(s.at[0].client, "baraza");
    assert_string_equal(s.at[0].scopes, "openid email profile");
    assert_string_equal(s.at[0].domains, "example.org xn--mnchen-3ya.example");
    assert_true(s.at[0].trusts_email && !s.at[0].is_inside && *s.at[0].secret == '\0');
    assert_true(!s.at[1].trusts_email && s.at[1].is_inside);
    provider_settings_done(&s);
}

static void each_fault_is_told_with_its_line(void **state)
{
    static const struct { const char *text, *says; } faults[] = {
        { "title = x\n", "p.ini:1: a key before the first [section]" },
        { CITY "colour = red\n", "p.ini:5: unknown key: colour" },
        { CITY "title = x\n", "p.ini:5: set twice: title" },
        { CITY CITY, "p.ini:5: a section that was there before: city" },
        { "[City]\n", "p.ini:1: a name is 1 to 32" },
        { "[a/b]\n", "p.ini:1: a name is 1 to 32" },
        { "[city]\ntitle = x\n", "p.ini:1: is missing in this section: issuer" },
        { CITY "[b]\n", "p.ini:5: is missing in this section: title" },
        { "[city]\nissuer = http://id.example\n", "p.ini:2: issuer must be https" },
        { "[city]\nissuer = https://a@id.example\n", "p.ini:2: issuer must be https" },
        { "[city]\nissuer = https://id.example?x\n", "p.ini:2: issuer must be https" },
        { "[city]\ntitle = x\nissuer = http://127.0.0.1:9\nclient_id = x\n", "p.ini:3: issuer: of this machine itself" },
        { CITY "trust_email = perhaps\n", "p.ini:5: trust_email must be yes or no" },
        { CITY "domains = example.org\n", "p.ini:5: domains: of addresses that are not believed" },
        { CITY "domains = @example.org\ntrust_email = yes\n", "p.ini:5: domains must be" },
        { CITY "scopes = email openidx\n", "p.ini:5: scopes must be" },
        { CITY "ca = /nowhere\n", "p.ini:5: ca must be a file" },
        { CITY "client_secret_file = /nowhere\n", "p.ini:5: client_secret_file: /nowhere: No such file" },
        { CITY "nonsense\n", "p.ini:5: expected [section]" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct provider_settings s;
        struct bz_error e = { 0 };
        assert_int_equal(read_text(faults[i].text, &s, &e), BZ_ERR_INVALID);
        if (strstr(e.text, faults[i].says) == NULL)
            fail_msg("%s: %s", faults[i].says, e.text);
        provider_settings_done(&s);
    }
}

static void a_secret_has_a_file_that_others_may_not_open(void **state)
{
    char path[] = "/tmp/secretXXXXXX", text[512];
    struct provider_settings s;
    struct bz_error e = { 0 };
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "canary-secret\n", 14), 14);
    (void)snprintf(text, sizeof text, CITY "client_secret_file = %s\n", path);
    assert_int_equal(read_text(text, &s, &e), BZ_OK);
    assert_string_equal(s.at[0].secret, "canary-secret");
    provider_settings_done(&s);
    assert_int_equal(fchmod(fd, 0644), 0);
    assert_int_equal(read_text(text, &s, &e), BZ_ERR_INVALID);
    assert_non_null(strstr(e.text, "others may open"));
    provider_settings_done(&s);
    assert_int_equal(fchmod(fd, 0600), 0);
    assert_int_equal(write(fd, "more\n", 5), 5);
    assert_int_equal(read_text(text, &s, &e), BZ_ERR_INVALID);
    assert_null(strstr(e.text, "canary"));
    provider_settings_done(&s);
    (void)close(fd);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_there_is_taken), cmocka_unit_test(each_fault_is_told_with_its_line),
        cmocka_unit_test(a_secret_has_a_file_that_others_may_not_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
