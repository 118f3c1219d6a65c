#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "engine/lang.h"

enum { SHORT_CHARS = 40, LANGS = 8 };
static struct tally { char lang[BZ_LIMIT_LANG_CHARS + 1]; int count, right, unsure; } tallies[LANGS];

static struct tally *tally_of(const char *lang)
{
    for (int i = 0; i < LANGS; i++) {
        if (tallies[i].lang[0] == '\0')
            snprintf(tallies[i].lang, sizeof tallies[i].lang, "%s", lang);
        if (strcmp(tallies[i].lang, lang) == 0)
            return &tallies[i];
    }
    fail_msg("more languages than expected");
    return NULL;
}

static void judge(struct lang_model *m, const char *lang, struct span text)
{
    char got[BZ_LIMIT_LANG_CHARS + 1] = "";
    while (text.len > 0 && text.at[text.len - 1] == '\n')
        text.len--;
    if (lang[0] == '\0' || !utf8_valid(text) || utf8_chars(text) < SHORT_CHARS)
        return;
    struct tally *t = tally_of(lang);
    bool is_sure = lang_guess(m, text, got);
    t->count++;
    t->right += is_sure && strcmp(got, lang) == 0;
    t->unsure += !is_sure;
    if (is_sure && strcmp(got, lang) != 0)
        print_message("%s taken for %s: %.*s\n", lang, got, (int)(text.len < 90 ? text.len : 90), text.at);
}

static void read_file(struct lang_model *m, const char *name)
{
    char path[1024], line[8192], lang[BZ_LIMIT_LANG_CHARS + 1] = "";
    static char text[32768];
    size_t len = 0;
    const char *source = getenv("BARAZA_SOURCE");
    snprintf(path, sizeof path, "%s/server/admin/demo/%s.txt", source == NULL ? "." : source, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return;
    while (fgets(line, sizeof line, file) != NULL) {
        size_t n = strlen(line);
        if (strncmp(line, "@@ ", 3) != 0) {
            if (line[0] != '#' && len + n < sizeof text) {
                memcpy(text + len, line, n);
                len += n;
            }
            continue;
        }
        judge(m, lang, (struct span){ text, len });
        len = 0;
        const char *at = strstr(line, " lang=");
        bool is_post = strncmp(line, "@@ post", 7) == 0 || strncmp(line, "@@ thread", 9) == 0;
        if (!is_post || at == NULL || sscanf(at, " lang=%11[A-Za-z-]", lang) != 1)
            lang[0] = '\0';
    }
    judge(m, lang, (struct span){ text, len });
    fclose(file);
}

static void test_demo(void **state)
{
    (void)state;
    /* Proves that at least 95 of 100 guesses on the demo's posts of 40 characters or more are right. */
    struct lang_model *m = lang_new();
    if (m == NULL)
        skip();
    static const char *const names[] = { "africa", "asia", "latam", "global" };
    for (size_t i = 0; i < 4; i++)
        read_file(m, names[i]);
    int count = 0, right = 0, unsure = 0;
    for (int i = 0; i < LANGS && tallies[i].count > 0; i++) {
        print_message("%s: %d of %d right, %d unsure\n", tallies[i].lang, tallies[i].right, tallies[i].count,
                      tallies[i].unsure);
        count += tallies[i].count;
        right += tallies[i].right;
        unsure += tallies[i].unsure;
    }
    print_message("all: %d of %d right, %d unsure\n", right, count, unsure);
    assert_true(right * 100 >= count * 95);
    lang_free(m);
}

static void test_unsure(void **state)
{
    (void)state;
    /* Proves that words too few to tell are not guessed at, and that rubbish is survived. */
    struct lang_model *m = lang_new();
    if (m == NULL)
        skip();
    char got[BZ_LIMIT_LANG_CHARS + 1];
    static const char *const texts[] = { "", "ok", "👍👍👍", "Bus 14", "12 345 67" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(lang_guess(m, span_of(texts[i]), got));
    static char rubbish[16384];
    for (size_t i = 0; i < sizeof rubbish; i++)
        rubbish[i] = (char)(128 + i * 7 % 127);
    (void)lang_guess(m, (struct span){ rubbish, sizeof rubbish }, got);
    lang_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_demo), cmocka_unit_test(test_unsure) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
