#include "store/forms.h"

#include <libstemmer.h>
#include <stdlib.h>

#include "store/letters.h"

#define WORD_CHARS_MIN 3     /* shorter ones have forms that mean something else */

enum language { EN, FR, ES, PT, LANGUAGES };

struct forms { struct sb_stemmer *stemmer[LANGUAGES]; };

/* What an ending may become; the stemmer of the language says whether it is the same word still. What it does not know
 * (Portuguese plurals that change inside) is trusted. Number first, then gender, then verbs. */
struct rule { enum language language; const char *from, *to; bool is_trusted; };
static const struct rule rules[] = {
    { EN, "", "s", false },        { EN, "s", "", false },      { EN, "", "es", false },      { EN, "es", "", false },
    { EN, "y", "ies", false },     { EN, "ies", "y", false },   { FR, "", "s", false },       { FR, "s", "", false },
    { FR, "al", "aux", false },    { FR, "aux", "al", false },  { FR, "eau", "eaux", false }, { FR, "eaux", "eau", false },
    { ES, "", "s", false },        { ES, "s", "", false },      { ES, "", "es", false },      { ES, "es", "", false },
    { ES, "z", "ces", true },      { ES, "ces", "z", true },    { ES, "ón", "ones", false },  { ES, "ones", "ón", false },
    { PT, "", "s", false },        { PT, "s", "", false },      { PT, "r", "res", false },    { PT, "res", "r", false },
    { PT, "ão", "ões", true },     { PT, "ões", "ão", true },   { PT, "çao", "ções", true },  { PT, "coes", "ção", true },
    { PT, "cao", "ções", true },   { PT, "gem", "gens", true }, { PT, "gens", "gem", true },  { PT, "al", "ais", true },
    { PT, "ais", "al", true },     { FR, "", "e", false },      { FR, "e", "", false },       { FR, "", "es", false },
    { FR, "es", "", false },       { ES, "o", "a", false },     { ES, "a", "o", false },      { ES, "os", "as", false },
    { ES, "as", "os", false },     { PT, "o", "a", false },     { PT, "a", "o", false },      { EN, "", "ing", false },
    { EN, "ing", "", false },      { EN, "ing", "e", false },   { EN, "e", "ing", false },    { EN, "", "ed", false },
    { EN, "ed", "", false },       { EN, "", "d", false },      { EN, "d", "", false },       { EN, "ing", "ed", false },
    { EN, "ed", "ing", false },    { FR, "er", "é", false },    { FR, "é", "er", false },     { FR, "er", "ent", false },
    { ES, "ar", "ando", false },   { ES, "ar", "ado", false },  { ES, "ado", "ar", false },   { PT, "ar", "ando", false },
};

struct forms *forms_new(void)
{
    static const char *const names[LANGUAGES] = { "english", "french", "spanish", "portuguese" };
    struct forms *f = calloc(1, sizeof *f);
    for (int i = 0; f != NULL && i < LANGUAGES; i++) {
        f->stemmer[i] = sb_stemmer_new(names[i], "UTF_8");
        if (f->stemmer[i] == NULL) {
            forms_free(f);
            return NULL;
        }
    }
    return f;
}

void forms_free(struct forms *forms)
{
    for (int i = 0; forms != NULL && i < LANGUAGES; i++)
        sb_stemmer_delete(forms->stemmer[i]);
    free(forms);
}

struct stem { size_t len; char text[2 * ASKED_FORM_BYTES]; };

static bool stem(struct forms *f, enum language language, struct span word, struct stem *ret)
{
    const sb_symbol *at = sb_stemmer_stem(f->stemmer[language], (const sb_symbol *)word.at, (int)word.len);
    int len = at == NULL ? 0 : sb_stemmer_length(f->stemmer[language]);
    if (len <= 0 || (size_t)len > sizeof ret->text)
        return false;
    ret->len = (size_t)len;
    memcpy(ret->text, at, ret->len);
    return true;
}

static bool is_new(const struct asked_forms *forms, struct span word, struct span form)
{
    if (span_eq(word, form))
        return false;
    for (size_t i = 0; i < forms->count; i++)
        if (span_is(form, forms->text[i]))
            return false;
    return true;
}

static void try_rule(struct forms *f, const struct rule *rule, struct span word, const struct stem *is, struct asked_forms *ret)
{
    char text[ASKED_FORM_BYTES];
    struct stem other;
    size_t from = strlen(rule->from), to = strlen(rule->to), kept = word.len - from;
    if (word.len < from || memcmp(word.at + kept, rule->from, from) != 0 || kept + to >= sizeof text || kept < 2)
        return;
    memcpy(text, word.at, kept);
    memcpy(text + kept, rule->to, to);
    struct span form = { text, kept + to };
    if (!is_new(ret, word, form))
        return;
    bool is_same = rule->is_trusted || (stem(f, rule->language, form, &other) && other.len == is->len
                                        && memcmp(other.text, is->text, is->len) == 0);
    if (!is_same)
        return;
    memcpy(ret->text[ret->count], text, form.len);
    ret->text[ret->count++][form.len] = '\0';
}

/* Numbers and names of lines (8A) have no other forms. */
static bool has_forms(struct span word)
{
    size_t chars = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] >= '0' && word.at[i] <= '9')
            return false;
        chars += ((unsigned char)word.at[i] & 0xc0) != 0x80;
    }
    return chars >= WORD_CHARS_MIN;
}

static void forms_of(struct forms *f, struct span word, size_t most, struct asked_forms *ret)
{
    struct stem stems[LANGUAGES];
    bool has_stem[LANGUAGES];
    for (int i = 0; i < LANGUAGES; i++)
        has_stem[i] = stem(f, (enum language)i, word, &stems[i]);
    for (size_t i = 0; i < sizeof rules / sizeof *rules && ret->count < most; i++)
        if (has_stem[rules[i].language])
            try_rule(f, &rules[i], word, &stems[rules[i].language], ret);
}

void forms_add(struct forms *forms, struct asked *asked)
{
    size_t left = ASKED_FORMS_ALL;
    for (size_t i = 0; i < asked->count && forms != NULL; i++) {
        const struct asked_group *g = &asked->group[i];
        struct span word = asked->words.word[g->first];
        struct buf letters;
        if (g->is_quoted || word.len >= ASKED_FORM_BYTES || !has_forms(word))
            continue;
        buf_init(&letters, 6 * (size_t)ASKED_FORM_BYTES);
        if (letters_add(&letters, word, false) && letters.len > 0)
            forms_of(forms, buf_span(&letters), left < ASKED_FORMS_MAX ? left : ASKED_FORMS_MAX, &asked->forms[i]);
        left -= asked->forms[i].count;
        buf_done(&letters);
    }
}
