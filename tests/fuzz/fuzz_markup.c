/* Any valid text becomes bounded tokens, or none; handles lie in the text; its words and letters are text again. */
#include <stdlib.h>

#include "base/utf8.h"
#include "domain/markup.h"
#include "store/letters.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Letters are valid text of a length that can be reckoned with, and so are theirs. */
static void letters_check(struct span text)
{
    for (int are_alike = 0; are_alike < 2; are_alike++) {
        struct buf once, twice;
        buf_init(&once, 6 * text.len + 1);
        buf_init(&twice, 36 * text.len + 1);
        if (!utf8_valid(text) || !letters_add(&once, text, are_alike != 0) || !utf8_valid(buf_span(&once))
            || !letters_add(&twice, buf_span(&once), are_alike != 0))
            abort();
        buf_done(&once);
        buf_done(&twice);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const struct hubs hubs = { .count = 1, .code = { "africa" } };
    struct span text = { (const char *)data, size }, handles[BZ_LIMIT_MENTIONS_MAX];
    if (size == 0 || !utf8_valid(text))
        return -1;
    struct facts facts = { .hubs = &hubs };
    facts.mentions_count = markup_handles(text, handles, BZ_LIMIT_MENTIONS_MAX);
    for (size_t i = 0; i < facts.mentions_count; i++) {
        if (handles[i].at < text.at || handles[i].at + handles[i].len > text.at + text.len)
            abort();
        facts.mentions[i].id = (bz_id)i + 1;
        memcpy(facts.mentions[i].handle, handles[i].at, handles[i].len);
    }
    struct buf md;
    buf_init(&md, 96u << 10);
    markup_tokens(&facts, text, &md);
    if (md.failed || (md.len > 0 && (md.at[0] != '[' || md.at[md.len - 1] != ']' || !utf8_valid(buf_span(&md)))))
        abort();
    markup_words(text, &md);
    letters_check(buf_span(&md));
    letters_check(text);
    buf_done(&md);
    return 0;
}
