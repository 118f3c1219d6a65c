/* Proves that settings are read from their sources in rising order, and that whatever is wrong is told with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/config.h"

static enum bz_err read_text(struct config *c, const char *text, struct bz_error *e)
{
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(file);
    enum bz_err rc = config_read(c, file, "b.ini", e);
    fclose(file);
    return rc;
}

static void each_fault_is_told_with_its_line(void **state)
{
    static const struct { const char *text, *told; } faults[] = {
        { "[net]\nlisten = 127.0.0.1:1\nport = 8080\n", "b.ini:3: unknown key: port" },
        { "; a comment\n\n[nett]\nlisten = 127.0.0.1:1\n", "b.ini:3: unknown section: nett" },
        { "listen = 127.0.0.1:1\n", "b.ini:1: a key before the first [section]: listen" },
        { "[net]\nlisten = 127.0.0.1:1\nlisten = 127.0.0.1:2\n", "b.ini:3: set twice: listen" },
        { "[net]\nlisten\n", "b.ini:2: expected [section], key = value" },
        { "[net]\nlisten = localhost:80\n", "b.ini:2: net.listen must be ADDRESS:PORT" },
        { "[net]\nlisten = 127.0.0.1:65536\n", "b.ini:2: net.listen must be ADDRESS:PORT" },
        { "[net]\nlisten = [::1]8080\n", "b.ini:2: net.listen must be ADDRESS:PORT" },
        { "[net]\nsite = https://a.example.org/path\n", "b.ini:2: net.site must be https://host" },
        { "[net]\nsite = ftp://a.example.org\n", "b.ini:2: net.site must be https://host" },
        { "[net]\norigins = https://a.example.org, nonsense\n", "b.ini:2: net.origins must be at most 16" },
        { "[limits]\nenforce = maybe\n", "b.ini:2: limits.enforce must be yes or no" },
        { "[limits]\nconnections_address = -1\n", "b.ini:2: limits.connections_address must be a number from 0" },
        { "[mail]\nsmtp = https://a\n", "b.ini:2: mail.smtp must be smtp://host:port" },
        { "[mail]\nfrom = a@b, c@d\n", "b.ini:2: mail.from must be an address" },
        { "[mail]\ntls = yes\n", "b.ini:2: mail.tls must be required" },
        { "[log]\nlevel = INFO\n", "b.ini:2: log.level must be debug" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct config c;
        struct bz_error e = { 0 };
        config_init(&c);
        assert_int_equal(read_text(&c, faults[i].text, &e), BZ_ERR_INVALID);
        if (strncmp(e.text, faults[i].told, strlen(faults[i].told)) != 0)
            fail_msg("told: %s\nexpected: %s", e.text, faults[i].told);
    }
}

static void limits_hold(void **state)
{
    struct config c;
    struct bz_error e = { 0 };
    char text[40000] = "[net]\norigins =";
    for (int i = 0; i < ORIGINS_MAX; i++)
        strcat(text, " http://a.b");
    config_init(&c);
    assert_int_equal(read_text(&c, text, &e), BZ_OK);
    strcat(text, " http://a.b\n");
    config_init(&c);
    assert_int_equal(read_text(&c, text, &e), BZ_ERR_INVALID);
    strcpy(text, "[hub]\n; ");
    memset(text + strlen(text), 'x', 30000);
    config_init(&c);
    assert_int_equal(read_text(&c, text, &e), BZ_ERR_INVALID);
    assert_non_null(strstr(e.text, "b.ini:2: the line is too long"));
    char value[SETTING_BYTES + 1];
    memset(value, 'x', SETTING_BYTES);
    value[SETTING_BYTES] = '\0';
    assert_int_equal(config_flag(&c, SETTING_DATA, "data", value, &e), BZ_ERR_INVALID);
    assert_non_null(strstr(e.text, "too long"));
    value[SETTING_BYTES - 1] = '\0';
    assert_int_equal(config_flag(&c, SETTING_DATA, "data", value, &e), BZ_OK);
}

static void the_later_source_wins_and_is_named(void **state)
{
    struct config c;
    struct bz_error e = { 0 };
    char *environment[] = { (char[]){ "HOME=/root" }, (char[]){ "BARAZA_NET_LISTEN=127.0.0.1:2" },
                            (char[]){ "BARAZA_LOG_LEVEL=warn" }, NULL };
    config_init(&c);
    assert_string_equal(c.origin[SETTING_LISTEN], "default");
    assert_true(config_enforces(&c));
    assert_int_equal(read_text(&c, "[net]\nlisten = 127.0.0.1:1\n[limits]\nenforce = OFF\n", &e), BZ_OK);
    assert_string_equal(c.origin[SETTING_LISTEN], "b.ini:2");
    assert_false(config_enforces(&c));
    assert_int_equal(config_environment(&c, environment, &e), BZ_OK);
    assert_string_equal(c.value[SETTING_LISTEN], "127.0.0.1:2");
    assert_string_equal(c.origin[SETTING_LISTEN], "environment BARAZA_NET_LISTEN");
    assert_int_equal(config_level(&c), LOG_WARN);
    assert_int_equal(config_flag(&c, SETTING_LISTEN, "listen", "[::1]:3", &e), BZ_OK);
    assert_string_equal(c.origin[SETTING_LISTEN], "flag --listen");
    assert_int_equal(config_flag(&c, SETTING_LISTEN, "listen", "nowhere", &e), BZ_ERR_INVALID);
    assert_string_equal(c.value[SETTING_LISTEN], "[::1]:3");   /* what was refused changes nothing */
    char *unknown[] = { (char[]){ "BARAZA_NET_PORT=1" }, NULL };
    assert_int_equal(config_environment(&c, unknown, &e), BZ_ERR_INVALID);
    assert_non_null(strstr(e.text, "BARAZA_NET_PORT"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_told_with_its_line),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(the_later_source_wins_and_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
