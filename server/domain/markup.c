#include "domain/markup.h"

#include <md4c.h>
#include <stdlib.h>
#include <strings.h>

#include "base/json_out.h"
#include "base/utf8.h"
#include "domain/kinds.h"

#define HREF_BYTES_MAX 2048
#define FOREIGN_BYTES_MAX 64  /* md4c's own pieces: line ends and indents */
#define PAD_BYTES 16          /* md4c peeks behind the end of its input */
#define DEPTH_MAX 32          /* open elements; deeper is no writing for people */

enum { CODE_P = 1, CODE_H, CODE_UL, CODE_OL, CODE_LI, CODE_QUOTE, CODE_PRE, CODE_HR, CODE_TABLE, CODE_TR, CODE_TH,
       CODE_TD, CODE_EM, CODE_STRONG, CODE_CODE, CODE_DEL, CODE_A, CODE_BR, CODE_MENTION };

struct writer {
    const struct facts *facts;
    struct span text;
    struct buf *ret;
    uint32_t *utf16;          /* position in UTF-16 units of each byte */
    size_t tokens, depth;
    size_t from, to;          /* slice not yet written, in bytes; empty when equal */
    size_t seen;              /* end of the last slice: what is skipped behind it must be white to be plain */
    bool is_rich, in_code;
    bool is_words;            /* not tokens are written, but what is read of them */
    size_t links, open_link;  /* nesting of links and images; the one that is open as a link, or 0 */
    bool link_is_empty;
    struct buf href;
};

static void token(struct writer *w) { w->tokens++; }

static void flush(struct writer *w)
{
    if (w->from == w->to)
        return;
    token(w);
    if (w->is_words) {
        buf_add(w->ret, w->text.at + w->from, w->to - w->from);
        w->from = w->to;
        return;
    }
    json_open(w->ret, '[');
    json_int(w->ret, w->utf16[w->from]);
    json_int(w->ret, w->utf16[w->to]);
    json_close(w->ret, ']');
    w->from = w->to;
}

/* Blocks, cells and breaks part words; what only looks different goes on in them. */
static void part(struct writer *w, int n)
{
    bool goes_on = n == CODE_EM || n == CODE_STRONG || n == CODE_CODE || n == CODE_DEL || n == CODE_A || n == CODE_MENTION;
    if (!goes_on && w->ret->len > 0 && w->ret->at[w->ret->len - 1] != '\n')
        buf_add_char(w->ret, '\n');
}

static void code(struct writer *w, int n)
{
    flush(w);
    token(w);
    if (w->is_words)
        part(w, n < 0 ? -n : n);
    else
        json_int(w->ret, n);
}

static void named(struct writer *w, const char *name, struct span text, int n)
{
    flush(w);
    token(w);
    if (w->is_words)
        return;   /* a heading or a list begins at a line's start; a link or a mention goes on in its word */
    json_open(w->ret, '[');
    json_text(w->ret, span_of(name));
    if (text.at != NULL)
        json_text(w->ret, text);
    else
        json_int(w->ret, n);
    json_close(w->ret, ']');
}

static void literal(struct writer *w, struct span s)
{
    flush(w);
    token(w);
    if (w->is_words)
        buf_add_span(w->ret, s);
    else
        json_text(w->ret, s);
}

/* Non-zero stops the parser: the post is then shown as plain text. */
static int verdict(const struct writer *w)
{
    return w->tokens > BZ_LIMIT_MARKUP_TOKENS || w->depth > DEPTH_MAX || w->ret->failed;
}

static bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Bytes that md4c left out (escapes, definitions, marks) make a difference to what plain text would show. */
static void skipped_to(struct writer *w, size_t at)
{
    for (size_t i = w->seen; i < at && !w->is_rich; i++)
        w->is_rich = !is_white(w->text.at[i]);
}

static void slice(struct writer *w, size_t from, size_t to)
{
    skipped_to(w, from);
    if (w->to != from) {
        flush(w);
        w->from = from;
    }
    w->to = to;
    w->seen = to;
}

/* ---- Handles. */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Length of the handle behind the '@' at text[at], or 0. */
static size_t handle_at(struct span text, size_t at)
{
    if (at > 0 && (is_word(text.at[at - 1]) || strchr("@./-+", text.at[at - 1]) != NULL))
        return 0;
    size_t end = at + 1;
    while (end < text.len && ((text.at[end] >= 'a' && text.at[end] <= 'z') ||
                              (text.at[end] >= '0' && text.at[end] <= '9') ||
                              (text.at[end] == '.' && text.at[end - 1] != '.' && end > at + 1)))
        end++;
    if (end < text.len && (text.at[end] == '@' || is_word(text.at[end])))
        return 0;
    while (end > at + 1 && text.at[end - 1] == '.')   /* the full stop of the sentence */
        end--;
    size_t len = end - at - 1;
    return handle_valid((struct span){ text.at + at + 1, len }) ? len : 0;
}

size_t markup_handles(struct span text, struct span *ret, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len && count < max; i++) {
        size_t len = text.at[i] == '@' ? handle_at(text, i) : 0;
        struct span handle = { text.at + i + 1, len };
        bool is_new = len > 0;
        for (size_t k = 0; k < count && is_new; k++)
            is_new = !span_eq(ret[k], handle);
        if (is_new)
            ret[count++] = handle;
    }
    return count;
}

static bz_id mentioned(const struct facts *f, struct span handle)
{
    for (size_t i = 0; i < f->mentions_count; i++)
        if (span_is(handle, f->mentions[i].handle))
            return f->mentions[i].id;
    return 0;
}

static void prose(struct writer *w, size_t from, size_t to)
{
    for (size_t i = from; i < to && w->facts->mentions_count > 0 && w->links == 0; i++) {
        size_t len = w->text.at[i] == '@' ? handle_at(w->text, i) : 0;
        bz_id member = len > 0 && i + 1 + len <= to ? mentioned(w->facts, (struct span){ w->text.at + i + 1, len }) : 0;
        if (member == 0)
            continue;
        if (i > from)
            slice(w, from, i);
        char id[BZ_ID_TEXT];
        size_t id_len = id_format(w->facts->hubs, member, id);
        w->is_rich = true;
        named(w, "@", (struct span){ id, id_len }, 0);
        slice(w, i, i + 1 + len);
        code(w, -CODE_MENTION);
        from = i + 1 + len;
        i = from - 1;
    }
    if (to > from)
        slice(w, from, to);
}

/* ---- Entities. */

static size_t utf8_put(uint32_t c, char ret[4])
{
    bool is_char = c >= 0x20 && (c < 0x7f || c >= 0xa0) && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
    c = is_char ? c : 0xfffd;
    if (c < 0x80) {
        ret[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        ret[i] = (char)(0x80 | (c & 0x3f));
    ret[0] = (char)(lead[len] | c);
    return len;
}

/* What an entity stands for, or itself when it is none of the common ones. ret holds it. */
static struct span entity(struct span s, char ret[4])
{
    static const struct { const char *name; uint32_t c; } names[] = {
        { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&nbsp;", 0xa0 },
        { "&copy;", 0xa9 }, { "&reg;", 0xae }, { "&deg;", 0xb0 }, { "&euro;", 0x20ac }, { "&hellip;", 0x2026 },
        { "&ndash;", 0x2013 }, { "&mdash;", 0x2014 }, { "&laquo;", 0xab }, { "&raquo;", 0xbb }, { "&times;", 0xd7 },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (span_is(s, names[i].name))
            return (struct span){ ret, utf8_put(names[i].c, ret) };
    if (s.len < 4 || s.at[1] != '#')
        return s;
    bool is_hex = s.at[2] == 'x' || s.at[2] == 'X';
    uint32_t c = 0;
    for (size_t i = is_hex ? 3 : 2; i + 1 < s.len; i++) {
        char d = s.at[i];
        uint32_t digit = d <= '9' ? (uint32_t)(d - '0') : (uint32_t)((d | 0x20) - 'a' + 10);
        c = c > 0x10ffff ? c : c * (is_hex ? 16 : 10) + digit;
    }
    return (struct span){ ret, utf8_put(c, ret) };
}

/* ---- Links. */

static void href_read(const MD_ATTRIBUTE *from, struct buf *ret)
{
    char c[4];
    buf_clear(ret);
    for (size_t i = 0; from->size > 0 && from->substr_offsets[i] < from->size; i++) {
        struct span part = { from->text + from->substr_offsets[i], from->substr_offsets[i + 1] - from->substr_offsets[i] };
        buf_add_span(ret, from->substr_types[i] == MD_TEXT_ENTITY ? entity(part, c) : part);
    }
}

static bool is_safe(struct span href)
{
    if (href.len <= 7 || strncasecmp(href.at, "mailto:", 7) != 0)
        return url_valid(href);
    for (size_t i = 0; i < href.len; i++)
        if ((unsigned char)href.at[i] <= ' ' || href.at[i] == 0x7f)
            return false;
    return utf8_valid(href);
}

/* A link in a link (a linked image) is only the outer one. */
static void link_open(struct writer *w, const MD_ATTRIBUTE *to)
{
    w->links++;
    if (w->open_link != 0)
        return;
    href_read(to, &w->href);
    if (w->href.failed || !is_safe(buf_span(&w->href)))
        return;
    w->open_link = w->links;
    w->link_is_empty = true;
    named(w, "a", buf_span(&w->href), 0);
}

static void link_close(struct writer *w)
{
    if (w->open_link == w->links) {
        if (w->link_is_empty)   /* an image without words: its address stands for it */
            literal(w, buf_span(&w->href));
        code(w, -CODE_A);
        w->open_link = 0;
    }
    w->links--;
}

/* ---- What md4c calls. */

static int block_code(MD_BLOCKTYPE type)
{
    static const signed char codes[] = {
        [MD_BLOCK_QUOTE] = CODE_QUOTE, [MD_BLOCK_UL] = CODE_UL, [MD_BLOCK_OL] = CODE_OL, [MD_BLOCK_LI] = CODE_LI,
        [MD_BLOCK_HR] = CODE_HR, [MD_BLOCK_H] = CODE_H, [MD_BLOCK_CODE] = CODE_PRE, [MD_BLOCK_P] = CODE_P,
        [MD_BLOCK_TABLE] = CODE_TABLE, [MD_BLOCK_TR] = CODE_TR, [MD_BLOCK_TH] = CODE_TH, [MD_BLOCK_TD] = CODE_TD,
    };
    return codes[type];
}

static int span_code(MD_SPANTYPE type)
{
    return type == MD_SPAN_EM ? CODE_EM : type == MD_SPAN_STRONG ? CODE_STRONG : type == MD_SPAN_CODE ? CODE_CODE
         : type == MD_SPAN_DEL ? CODE_DEL : 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct writer *w = ctx;
    int n = block_code(type);
    if (n == 0)
        return 0;
    w->is_rich = w->is_rich || n != CODE_P;
    w->in_code = n == CODE_PRE;
    if (n == CODE_H)
        named(w, "h", (struct span){ NULL, 0 }, (int)((const MD_BLOCK_H_DETAIL *)detail)->level);
    else if (n == CODE_OL && ((const MD_BLOCK_OL_DETAIL *)detail)->start != 1)
        named(w, "ol", (struct span){ NULL, 0 }, (int)((const MD_BLOCK_OL_DETAIL *)detail)->start);
    else
        code(w, n);
    w->depth += n != CODE_HR;
    return verdict(w);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct writer *w = ctx;
    int n = block_code(type);
    (void)detail;
    if (n == 0 || n == CODE_HR)
        return 0;
    w->in_code = false;
    w->depth--;
    code(w, -n);
    return verdict(w);
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    struct writer *w = ctx;
    w->is_rich = true;
    w->depth++;
    w->in_code = type == MD_SPAN_CODE;
    if (type == MD_SPAN_A)
        link_open(w, &((const MD_SPAN_A_DETAIL *)detail)->href);
    else if (type == MD_SPAN_IMG)
        link_open(w, &((const MD_SPAN_IMG_DETAIL *)detail)->src);
    else if (span_code(type) != 0)
        code(w, span_code(type));
    return verdict(w);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    struct writer *w = ctx;
    (void)detail;
    w->depth--;
    w->in_code = false;
    if (type == MD_SPAN_A || type == MD_SPAN_IMG)
        link_close(w);
    else if (span_code(type) != 0)
        code(w, -span_code(type));
    return verdict(w);
}

/* Text that is not the source's own: taken from it after all where the same bytes stand next (ends of code lines). */
static void foreign(struct writer *w, struct span s)
{
    bool is_next = w->seen + s.len <= w->text.len && w->to == w->seen && memcmp(w->text.at + w->seen, s.at, s.len) == 0;
    if (is_next)
        slice(w, w->seen, w->seen + s.len);
    else
        literal(w, s);
}

static int text(MD_TEXTTYPE type, const MD_CHAR *at, MD_SIZE size, void *ctx)
{
    struct writer *w = ctx;
    struct span s = { at, size };
    uintptr_t begin = (uintptr_t)w->text.at, here = (uintptr_t)at;
    bool is_source = here >= begin && here <= begin + w->text.len;
    size_t from = here - begin;
    char c[4];
    /* md4c 0.4.8 at times names a piece that runs past the end of its input (found by fuzzing): then it is plain text. */
    if (size > (is_source ? w->text.len - from : FOREIGN_BYTES_MAX))
        return 1;
    w->link_is_empty = w->link_is_empty && size == 0;
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
        w->is_rich = w->is_rich || type == MD_TEXT_BR;
        code(w, CODE_BR);
    } else if (type == MD_TEXT_NULLCHAR) {
        w->is_rich = true;
        literal(w, SPAN("\xef\xbf\xbd"));
    } else if (type == MD_TEXT_ENTITY && is_source) {
        struct span meant = entity(s, c);
        w->is_rich = true;
        if (meant.at == s.at)
            slice(w, from, from + size);
        else {
            skipped_to(w, from);
            literal(w, meant);
            w->seen = from + size;
        }
    } else if (!is_source) {
        foreign(w, s);
    } else if (type == MD_TEXT_CODE || w->in_code) {
        slice(w, from, from + size);
    } else {
        prose(w, from, from + size);
    }
    return verdict(w);
}

static void positions(struct span s, uint32_t *ret)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        ret[i] = n;
        n += c >= 0xf0 ? 2 : (c & 0xc0) != 0x80;
    }
    ret[s.len] = n;
}

static void tokens(const struct facts *facts, struct span source, bool is_words, struct buf *ret)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEURLAUTOLINKS,
        .enter_block = enter_block, .leave_block = leave_block, .enter_span = enter_span, .leave_span = leave_span,
        .text = text,
    };
    buf_clear(ret);
    if (source.len == 0 || source.len > BZ_LIMIT_POST_BYTES)
        return;
    struct writer w = { .facts = facts, .ret = ret, .is_words = is_words };
    w.utf16 = malloc((source.len + 1) * sizeof *w.utf16);
    char *padded = calloc(1, source.len + PAD_BYTES);
    if (w.utf16 == NULL || padded == NULL) {
        free(w.utf16);
        free(padded);
        return;
    }
    memcpy(padded, source.at, source.len);
    w.text = (struct span){ padded, source.len };
    positions(source, w.utf16);
    buf_init(&w.href, HREF_BYTES_MAX);
    if (!is_words)
        json_open(ret, '[');
    bool is_done = md_parse(padded, (MD_SIZE)source.len, &parser, &w) == 0;
    skipped_to(&w, source.len);
    if (!is_words)
        json_close(ret, ']');
    if (!is_done || !w.is_rich || w.tokens == 0 || ret->failed)   /* nothing to see: better the text as it stands */
        buf_clear(ret);
    buf_done(&w.href);
    free(w.utf16);
    free(padded);
}

void markup_tokens(const struct facts *facts, struct span text, struct buf *ret) { tokens(facts, text, false, ret); }

void markup_words(struct span text, struct buf *ret)
{
    static const struct facts nobody;
    tokens(&nobody, text, true, ret);
}
