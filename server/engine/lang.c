#include "engine/lang.h"

#include <libexttextcat/textcat.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FOLDER "/usr/share/libexttextcat/"
#define CLASSIFY_BYTES_MIN 40    /* fingerprints of less are chance */
#define CLASSIFY_BYTES_MAX 2000  /* more text does not make the guess better */
#define WORD_BYTES_MAX 12

struct lang_model { void *textcat; };

/* Fingerprint file and the tag it stands for. */
static const char conf[] =
    "en.lm en\nfr.lm fr\nes.lm es\npt.lm pt\nid.lm id\nvi.lm vi\nsw.lm sw\nar.lm ar\nzh-Hans.lm zh\nzh-Hant.lm zh\n";

/* Frequent words that are (nearly) of one language alone: on posts they decide better than fingerprints do. */
static const struct { const char *lang; const char *words; } frequent[] = {
    { "en", " the and of to is it we our you that this with for was were are have has not but what which they there from "
            "i if or an be do does did my your their who how when would will can could should about at by as "
            "yes thanks anyone here just been only than then too these those hello please great " },
    { "fr", " le les et est une des du dans pour avec nous vous il elle ils sont pas sur ce cette qui mais ou je au aux "
            "ont chez très avez avons notre votre leur plus c'est n'est j'ai l'on oui merci bonjour on été être fait "
            "tout comme ça quel quelle " },
    { "es", " el los las y una del con por para nos nosotros ustedes usted son está esta este pero lo al fue hay muy más "
            "qué cómo sí yo mi su sus le ya si también donde cuando gracias hola todo hacer tenemos es nuestro nuestra "
            "eso esto ni sin hasta desde porque buenos " },
    { "pt", " o os e um uma do da dos das em no na nos nas com para por não é são está mas mais foi há muito você vocês "
            "nós eu já também ao aos à às isso isto sem até desde porque obrigado obrigada bom olá tem temos aqui "
            "nosso nossa pelo pela ele ela seu sua " },
};
#define FREQUENT_COUNT (sizeof frequent / sizeof frequent[0])

/* The library takes a configuration by name only: one in memory needs no folder that can be written to. */
struct lang_model *lang_new(void)
{
    char path[64];
    struct lang_model *m = NULL;
    int fd = memfd_create("languages", MFD_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (write(fd, conf, sizeof conf - 1) == (ssize_t)(sizeof conf - 1) && access(FOLDER "en.lm", R_OK) == 0) {
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        m = calloc(1, sizeof *m);
        if (m != NULL && (m->textcat = special_textcat_Init(path, FOLDER)) == NULL) {
            free(m);
            m = NULL;
        }
    }
    close(fd);
    return m;
}

void lang_free(struct lang_model *m)
{
    if (m == NULL)
        return;
    textcat_Done(m->textcat);
    free(m);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80 || c == '\'';
}

/* Counts the word's languages; word is lower case between two spaces. */
static void count_word(const char *word, int ret[FREQUENT_COUNT])
{
    for (size_t i = 0; i < FREQUENT_COUNT; i++)
        ret[i] += strstr(frequent[i].words, word) != NULL;
}

static const char *by_words(struct span text)
{
    int counts[FREQUENT_COUNT] = { 0 };
    for (size_t i = 0; i < text.len;) {
        char word[WORD_BYTES_MAX + 3] = " ";
        size_t len = 1, from = i;
        for (; i < text.len && is_letter(text.at[i]); i++)
            if (len <= WORD_BYTES_MAX)
                word[len++] = text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] + 32) : text.at[i];
        word[len] = ' ';
        if (i == from)
            i++;
        else if (i - from <= WORD_BYTES_MAX)
            count_word(word, counts);
    }
    size_t best = 0;
    int second = 0;
    for (size_t i = 1; i < FREQUENT_COUNT; i++)
        best = counts[i] > counts[best] ? i : best;
    for (size_t i = 0; i < FREQUENT_COUNT; i++)
        second = i != best && counts[i] > second ? counts[i] : second;
    return counts[best] >= 3 && counts[best] >= second + 2 ? frequent[best].lang : NULL;
}

static bool by_fingerprint(struct lang_model *m, struct span text, char ret[BZ_LIMIT_LANG_CHARS + 1])
{
    size_t len = text.len < CLASSIFY_BYTES_MAX ? text.len : CLASSIFY_BYTES_MAX;
    while (len > 0 && len < text.len && ((unsigned char)text.at[len] & 0xc0) == 0x80)
        len--;   /* not through a character */
    candidate_t *found = textcat_GetClassifyFullOutput(m->textcat);
    if (found == NULL)
        return false;
    int count = textcat_ClassifyFull(m->textcat, text.at, len, found);
    if (count > 0)
        (void)snprintf(ret, BZ_LIMIT_LANG_CHARS + 1, "%s", found[0].name);   /* the name is the library's */
    textcat_ReleaseClassifyFullOutput(m->textcat, found);
    return count > 0;
}

bool lang_guess(struct lang_model *m, struct span text, char ret[BZ_LIMIT_LANG_CHARS + 1])
{
    const char *lang = by_words(text);
    if (lang == NULL)
        return text.len >= CLASSIFY_BYTES_MIN && by_fingerprint(m, text, ret);
    (void)snprintf(ret, BZ_LIMIT_LANG_CHARS + 1, "%s", lang);
    return true;
}
