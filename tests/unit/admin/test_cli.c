/* Proves that the table of commands is sorted, that each row can be called, and that the help and README name each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/cli.h"

static const char *const flags[FLAG_COUNT] = {
#define ROW(name, wire, value) wire,
    BZ_FLAGS(ROW)
#undef ROW
};

static void the_table_is_sorted_and_whole(void **state)
{
    assert_true(cli_commands_count > 10);
    for (size_t i = 0; i < cli_commands_count; i++) {
        const struct cli_command *c = &cli_commands[i];
        if (i > 0)
            assert_true(strcmp(cli_commands[i - 1].name, c->name) < 0);
        assert_non_null(c->run);
        assert_true(c->about[0] != '\0');
        assert_int_equal(c->required & ~c->allowed, 0);
        if (c->positional != NULL)
            assert_non_null(strstr(c->usage, c->positional));
        for (int flag = 0; flag < FLAG_COUNT; flag++) {   /* the usage names what the command takes */
            char word[32];
            (void)snprintf(word, sizeof word, "--%s", flags[flag]);
            if (c->allowed & (1u << flag) && strcmp(c->name, "invite") != 0)
                if (strstr(c->usage, word) == NULL && flag != FLAG_LANG)
                    fail_msg("%s: the usage does not name %s", c->name, word);
        }
    }
}

static void the_readme_names_each(void **state)
{
    char path[4096], *text = calloc(1, 1 << 20);
    const char *source = getenv("BARAZA_SOURCE");
    (void)snprintf(path, sizeof path, "%s/README.md", source == NULL ? "." : source);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 1000);
    fclose(file);
    for (size_t i = 0; i < cli_commands_count; i++) {
        char word[64];
        const char *name = cli_commands[i].name;
        (void)snprintf(word, sizeof word, "`%s", name);
        if (strstr(text, word) == NULL && strcmp(name, "help") != 0 && strcmp(name, "version") != 0)
            fail_msg("README.md does not name `%s`", name);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sorted_and_whole),
        cmocka_unit_test(the_readme_names_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
