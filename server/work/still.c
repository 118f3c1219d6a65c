#include "work/still.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/limits.h"

#define NAME_BYTES 24       /* of a name; those that are looked for are shorter */
#define PIECE_BYTES 65536
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* What was named since the last stream began: where a dictionary begins could be made up, in a string or a comment. */
struct seen { bool type, first, count, is_flate, is_other; };
struct scan { struct seen seen; int64_t left; bool is_still; };

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

static void take_name(struct scan *scan, const char *name)
{
    if (is_in(name, active, COUNT(active)))
        scan->is_still = false;
    scan->seen.type = scan->seen.type || strcmp(name, "ObjStm") == 0;
    scan->seen.first = scan->seen.first || strcmp(name, "First") == 0;   /* not all readers ask for the type */
    scan->seen.count = scan->seen.count || strcmp(name, "N") == 0;
    scan->seen.is_flate = scan->seen.is_flate || strcmp(name, "FlateDecode") == 0 || strcmp(name, "Fl") == 0;
    scan->seen.is_other = scan->seen.is_other || is_in(name, others, COUNT(others));
}

static void names_in(struct scan *scan, struct span s)
{
    char name[NAME_BYTES];
    for (size_t at = 0; at < s.len && scan->is_still;) {
        const char *slash = memchr(s.at + at, '/', s.len - at);
        if (slash == NULL)
            break;
        at = read_name(s, (size_t)(slash - s.at), name);
        take_name(scan, name);
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

/* Behind the word `stream` at `at`. */
static void take_stream(struct scan *scan, struct span s, size_t at)
{
    struct seen seen = scan->seen;
    scan->seen = (struct seen){ 0 };
    bool has_objects = seen.type || (seen.first && seen.count);
    if (!has_objects || (!seen.is_flate && !seen.is_other))   /* no objects, or they stand there as they are */
        return;
    if (at < s.len && s.at[at] == '\r')
        at++;
    if (at < s.len && s.at[at] == '\n')
        at++;
    if (seen.is_other || !look_inside(scan, (struct span){ s.at + at, s.len - at }))
        scan->is_still = false;
}

static bool has_word(struct span s, size_t at, const char *word, size_t len)
{
    return s.len - at >= len && memcmp(s.at + at, word, len) == 0;
}

bool pdf_is_still(struct span file)
{
    struct scan scan = { .left = LOOK_INFLATE_BYTES, .is_still = true };
    char name[NAME_BYTES];
    for (size_t at = 0; at < file.len && scan.is_still;) {
        if (file.at[at] == '/') {
            at = read_name(file, at, name);
            take_name(&scan, name);
        } else if (has_word(file, at, "stream", 6) && !(at >= 3 && memcmp(file.at + at - 3, "end", 3) == 0)) {
            take_stream(&scan, file, at += 6);
        } else {
            at++;
        }
    }
    return scan.is_still;
}
