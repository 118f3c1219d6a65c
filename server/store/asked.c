#include "store/asked.h"

#include "base/utf8.h"

#define BEGINNING_CHARS 3   /* shorter beginnings match too much */

static bool is_quote(uint32_t c)
{
    return c == '"' || (c >= 0x201c && c <= 0x201f) || c == 0xab || c == 0xbb || c == 0xff02;
}

/* The place of the next quote from `from` on, or the end. *ret_after: behind it. */
static size_t quote_at(struct span text, size_t from, size_t *ret_after)
{
    for (size_t i = from; i < text.len;) {
        size_t at = i;
        if (is_quote(utf8_next(text, &i))) {
            *ret_after = i;
            return at;
        }
    }
    *ret_after = text.len;
    return text.len;
}

static void add_words(struct span part, bool is_quoted, struct asked *ret)
{
    struct words words;
    size_t first = ret->words.count;
    words_split(part, &words);
    for (size_t i = 0; i < words.count && ret->words.count < BZ_LIMIT_SEARCH_WORDS; i++) {
        ret->words.word[ret->words.count++] = words.word[i];
        if (!is_quoted)
            ret->group[ret->count++] = (struct asked_group){ ret->words.count - 1, 1, false };
    }
    if (is_quoted && ret->words.count > first)
        ret->group[ret->count++] = (struct asked_group){ first, ret->words.count - first, true };
}

void asked_read(struct span text, struct asked *ret)
{
    *ret = (struct asked){ 0 };
    if (text.len > WORDS_TEXT_BYTES) {
        text.len = WORDS_TEXT_BYTES;
        while (text.len > 0 && ((unsigned char)text.at[text.len] & 0xc0) == 0x80)
            text.len--;
    }
    bool is_quoted = false;
    for (size_t from = 0, after; from < text.len; from = after, is_quoted = !is_quoted) {
        size_t end = quote_at(text, from, &after);
        add_words((struct span){ text.at + from, end - from }, is_quoted && end < text.len, ret);
    }
    if (ret->count > 0 && !ret->group[ret->count - 1].is_quoted)
        ret->may_go_on = utf8_chars(ret->words.word[ret->words.count - 1]) >= BEGINNING_CHARS;
}

static void put(struct asked_match *m, struct span s)
{
    memcpy(m->text + m->len, s.at, s.len);
    m->len += s.len;
}

/* One phrase: a word holds no quote, splitting took them out. */
static void put_phrase(struct asked_match *m, const struct span *words, size_t count, char mean)
{
    size_t phrases = strlen(m->map);
    put(m, SPAN("\""));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put(m, SPAN(" "));
        put(m, words[i]);
    }
    put(m, SPAN("\""));
    m->map[phrases] = mean;
    m->map[phrases + 1] = '\0';
}

void asked_match(const struct asked *asked, bool is_beginning, struct asked_match *ret)
{
    *ret = (struct asked_match){ 0 };
    for (size_t i = 0; i < asked->count; i++) {
        const struct asked_group *g = &asked->group[i];
        const struct span *words = &asked->words.word[g->first];
        bool goes_on = is_beginning && asked->may_go_on && i + 1 == asked->count;
        put(ret, i > 0 ? SPAN(" AND (") : SPAN("("));
        put_phrase(ret, words, g->count, (char)(ASKED_EXACT + (char)i));
        if (goes_on) {
            put(ret, SPAN(" OR "));
            put_phrase(ret, words, g->count, (char)(ASKED_LIKE + (char)i));
            put(ret, SPAN("*"));
        }
        for (size_t k = 0; k < asked->forms[i].count; k++) {
            struct span form = span_of(asked->forms[i].text[k]);
            put(ret, SPAN(" OR "));
            put_phrase(ret, &form, 1, (char)(ASKED_LIKE + (char)i));
        }
        put(ret, SPAN(")"));
    }
    ret->text[ret->len] = '\0';
}
