#include "work/text.h"

#include <time.h>

#include "base/limits.h"
#include "base/utf8.h"

#define FILE_BYTES (4 * LOOK_TEXT_BYTES)   /* of a text file that is read: in UTF-16 and with many blanks it is enough */

void text_init(struct text *t)
{
    *t = (struct text){ 0 };
    buf_init(&t->out, LOOK_TEXT_BYTES);
}

bool text_has_room(const struct text *t)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * 1000 + used.tv_nsec / 1000000 < LOOK_TEXT_MS && t->out.max - t->out.len > 5;
}

void text_gap(struct text *t, char blank)
{
    if (t->gap != '\n' && t->out.len > 0)
        t->gap = blank;
}

static bool put(struct text *t, uint32_t c)
{
    char bytes[5];
    size_t len = 0;
    if (c <= 0x20 || (c >= 0x7f && c <= 0xa0)) {
        text_gap(t, c == '\n' || c == '\f' ? '\n' : ' ');
        return true;
    }
    if (t->out.max - t->out.len < sizeof bytes)
        return false;
    if (t->gap != '\0')
        bytes[len++] = t->gap;
    t->gap = '\0';
    if (c < 0x80) {
        bytes[len++] = (char)c;
    } else {
        unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        bytes[len++] = (char)((0xf00u >> (more + 1) & 0xff) | c >> (6 * more));
        while (more-- > 0)
            bytes[len++] = (char)(0x80 | (c >> (6 * more) & 0x3f));
    }
    buf_add(&t->out, bytes, len);
    return !t->out.failed;
}

bool text_add(struct text *t, struct span utf8)
{
    if (!utf8_valid(utf8))
        return text_has_room(t);
    for (size_t i = 0; i < utf8.len;)
        if (!put(t, utf8_next(utf8, &i)))
            return false;
    return text_has_room(t);
}

struct span text_found(const struct text *t)
{
    struct span found = buf_span(&t->out);
    return utf8_is_text(found) ? found : (struct span){ "", 0 };
}

static void take_utf16(struct text *t, struct span file, bool is_low_first)
{
    const unsigned char *p = (const unsigned char *)file.at;
    uint32_t high = 0;
    for (size_t i = 2; i + 1 < file.len; i += 2) {
        uint32_t c = is_low_first ? p[i] | (uint32_t)p[i + 1] << 8 : p[i + 1] | (uint32_t)p[i] << 8;
        bool is_high = c >= 0xd800 && c < 0xdc00, is_low = c >= 0xdc00 && c < 0xe000;
        if (is_low && high != 0)
            c = 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00);
        if (!is_high && (!is_low || high != 0) && !put(t, c))   /* half a pair alone is left out */
            return;
        high = is_high ? c : 0;
    }
}

static void take_windows(struct text *t, struct span file)
{
    static const uint16_t special[32] = {   /* 0x80 to 0x9f; the rest is as in Unicode */
        0x20ac, ' ',    0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, ' ', 0x017d, ' ',
        ' ',    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, ' ', 0x017e, 0x0178,
    };
    for (size_t i = 0; i < file.len; i++) {
        unsigned char c = (unsigned char)file.at[i];
        if (!put(t, c >= 0x80 && c < 0xa0 ? special[c - 0x80] : c))
            return;
    }
}

bool text_take_file(struct text *t, struct span file)
{
    struct span head = { file.at, file.len < FILE_BYTES ? file.len : FILE_BYTES };
    bool is_low_first = head.len >= 2 && memcmp(head.at, "\xff\xfe", 2) == 0;
    if (is_low_first || (head.len >= 2 && memcmp(head.at, "\xfe\xff", 2) == 0)) {
        take_utf16(t, head, is_low_first);
        return true;
    }
    if (memchr(head.at, '\0', head.len) != NULL)
        return false;
    struct span whole = head;   /* up to the last character that was not cut through */
    for (int i = 0; head.len < file.len && i < 4 && !utf8_valid(whole); i++)
        whole.len--;
    if (!utf8_valid(whole)) {
        take_windows(t, head);
        return true;
    }
    if (whole.len >= 3 && memcmp(whole.at, "\xef\xbb\xbf", 3) == 0) {
        whole.at += 3;
        whole.len -= 3;
    }
    (void)text_add(t, whole);
    return true;
}
