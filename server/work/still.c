#include "work/still.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/limits.h"

#define NAME_BYTES 24       /* of a name; those that are looked for are shorter */
#define PIECE_BYTES 65536
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* What a dictionary names itself, not in those that it holds. */
struct seen { bool type, first, count, filter, is_other; };
struct scan { int64_t left, left_parsed; bool is_still; };

static const char *const active[] = { "JavaScript", "XFA", "Encrypt" };
static const char *const others[] = { "LZWDecode", "LZW", "ASCII85Decode", "A85", "ASCIIHexDecode", "AHx", "RunLengthDecode", "RL",
                                      "Crypt", "DecodeParms", "DP", "BrotliDecode" };

static bool is_end(unsigned char c) { return c <= ' ' || strchr("()<>[]{}/%", c) != NULL; }

static int hex(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The name behind the slash at `at`, its escapes undone; the place behind it is returned. */
static size_t read_name(struct span s, size_t at, char ret[NAME_BYTES])
{
    size_t len = 0;
    for (at++; at < s.len && !is_end((unsigned char)s.at[at]); at++) {
        int high = s.at[at] == '#' && at + 2 < s.len ? hex((unsigned char)s.at[at + 1]) : -1;
        int low = high >= 0 ? hex((unsigned char)s.at[at + 2]) : -1;
        char c = low >= 0 ? (char)(high << 4 | low) : s.at[at];
        at += low >= 0 ? 2 : 0;
        if (len < NAME_BYTES - 1)
            ret[len++] = c;
    }
    ret[len] = '\0';
    return at;
}

static bool is_in(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static void take_active(struct scan *scan, const char *name)
{
    if (is_in(name, active, COUNT(active)))
        scan->is_still = false;
}

static void take_own(struct seen *seen, const char *name)
{
    seen->type = seen->type || strcmp(name, "ObjStm") == 0;
    seen->first = seen->first || strcmp(name, "First") == 0;   /* not all readers ask for the type */
    seen->count = seen->count || strcmp(name, "N") == 0;
    seen->filter = seen->filter || strcmp(name, "Filter") == 0 || strcmp(name, "F") == 0;
    seen->is_other = seen->is_other || is_in(name, others, COUNT(others));
}

static void names_in(struct scan *scan, struct span s)
{
    char name[NAME_BYTES];
    for (size_t at = 0; at < s.len && scan->is_still;) {
        const char *slash = memchr(s.at + at, '/', s.len - at);
        if (slash == NULL)
            break;
        at = read_name(s, (size_t)(slash - s.at), name);
        take_active(scan, name);
    }
}

/* Inflates an object stream and looks for names in it. What does not inflate to its end cannot be told. */
static bool look_inside(struct scan *scan, struct span packed)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)packed.at, .avail_in = packed.len > UINT32_MAX ? UINT32_MAX : (uInt)packed.len };
    size_t len = 0, size = PIECE_BYTES;
    char *bytes = malloc(size);
    int code = bytes != NULL && inflateInit(&z) == Z_OK ? Z_OK : Z_MEM_ERROR;
    while (code == Z_OK && (int64_t)len < scan->left) {
        if (len == size) {
            char *more = realloc(bytes, size * 2);
            if (more == NULL)
                break;
            bytes = more;
            size *= 2;
        }
        z.next_out = (Bytef *)bytes + len;
        z.avail_out = (uInt)(size - len < PIECE_BYTES ? size - len : PIECE_BYTES);
        size_t room = z.avail_out;
        code = inflate(&z, Z_NO_FLUSH);
        len += room - z.avail_out;
    }
    (void)inflateEnd(&z);
    scan->left -= (int64_t)len;
    if (code == Z_STREAM_END)
        names_in(scan, (struct span){ bytes, len });
    free(bytes);
    return code == Z_STREAM_END;
}

static bool has_word(struct span s, size_t at, const char *word, size_t len)
{
    return s.len - at >= len && memcmp(s.at + at, word, len) == 0;
}

/* Behind the bracket at `at` of a text: its own are in pairs, or escaped. */
static size_t skip_text(struct span s, size_t at)
{
    int open = 0;
    for (; at < s.len; at++) {
        open += s.at[at] == '(' ? 1 : s.at[at] == ')' ? -1 : 0;
        if (open == 0)
            return at + 1;
        at += s.at[at] == '\\';
    }
    return s.len;
}

static size_t skip_until(struct span s, size_t at, const char *ends)
{
    while (at < s.len && (s.at[at] == '\0' || strchr(ends, s.at[at]) == NULL))
        at++;
    return at;
}

static size_t skip_blanks(struct span s, size_t at)
{
    while (at < s.len && ((unsigned char)s.at[at] <= ' ' || s.at[at] == '%'))
        at = s.at[at] == '%' ? skip_until(s, at, "\r\n") : at + 1;
    return at;
}

/* The dictionary that begins at `at`; the place behind it is returned, or the end of the file where it has none. */
static size_t read_dictionary(struct span s, size_t at, struct seen *ret)
{
    char name[NAME_BYTES];
    for (int depth = 0; at < s.len;) {
        bool is_double = at + 1 < s.len && s.at[at + 1] == s.at[at];
        if (s.at[at] == '/') {
            at = read_name(s, at, name);
            if (depth == 1)
                take_own(ret, name);
        } else if (s.at[at] == '(') {
            at = skip_text(s, at);
        } else if (s.at[at] == '%') {
            at = skip_until(s, at, "\r\n");
        } else if (s.at[at] == '<') {
            depth += is_double;
            at = is_double ? at + 2 : skip_until(s, at, ">") + 1;
        } else {
            bool is_close = s.at[at] == '>' && is_double;
            depth -= is_close;
            at += is_close ? 2 : 1;
            if (is_close && depth == 0)
                return at;
        }
    }
    return s.len;
}

/* Behind the word `stream` of an object stream. Without a filter its names stand in plain sight; with one, which may be named
 * elsewhere, it must be what Flate made. */
static bool can_look_into(struct scan *scan, struct span s, size_t at, const struct seen *seen)
{
    bool is_return = at < s.len && s.at[at] == '\r', is_line = at + is_return < s.len && s.at[at + is_return] == '\n';
    at += (size_t)is_return + is_line;
    if (!seen->filter)
        return (at = skip_blanks(s, at)) < s.len && s.at[at] >= '0' && s.at[at] <= '9';
    return !seen->is_other && (is_return || is_line) && look_inside(scan, (struct span){ s.at + at, s.len - at });
}

/* Behind the word `obj` at `at`: wherever a reader enters an object, it is behind this word. */
static void take_object(struct scan *scan, struct span s, size_t at)
{
    struct seen seen = { 0 };
    at = skip_blanks(s, at);
    if (!has_word(s, at, "<<", 2))
        return;
    size_t end = read_dictionary(s, at, &seen);
    scan->left_parsed -= (int64_t)(end - at);
    if (scan->left_parsed < 0)
        scan->is_still = false;
    end = skip_blanks(s, end);
    if (!has_word(s, end, "stream", 6) || !(seen.type || (seen.first && seen.count)))
        return;
    if (!can_look_into(scan, s, end + 6, &seen))
        scan->is_still = false;
}

bool pdf_is_still(struct span file)
{
    struct scan scan = { .left = LOOK_INFLATE_BYTES, .left_parsed = (int64_t)file.len * 2 + PIECE_BYTES, .is_still = true };
    char name[NAME_BYTES];
    for (size_t at = 0; at < file.len && scan.is_still;) {
        if (file.at[at] == '/') {
            at = read_name(file, at, name);
            take_active(&scan, name);
        } else if (has_word(file, at, "obj", 3)) {
            take_object(&scan, file, at += 3);
        } else {
            at++;
        }
    }
    return scan.is_still;
}
