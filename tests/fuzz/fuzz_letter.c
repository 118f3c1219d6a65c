/* A mail: whatever the names and addresses are, it is refused or has the fields of its head and no other, in lines that any mail
 * server takes. The first two bytes choose kind and language; a byte of 1 parts the fields. */
#include <stdint.h>
#include <stdlib.h>

#include "work/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COUNT (sizeof fields / sizeof fields[0])

static void check(struct span mail)
{
    static const char *const fields[] = { "From: ", "To: ", "Subject: ", "Date: ", "Message-ID: ", "MIME-Version: 1.0", "Content-Type: ",
                                          "Content-Transfer-Encoding: ", "Content-Language: ", "Auto-Submitted: ", "X-Auto-Response-Suppress: ", "\r\n" };
    size_t field = 0, begun = 0;
    for (size_t i = 0; i < mail.len; i++) {
        char c = mail.at[i];
        if ((c < ' ' && c != '\r' && c != '\n') || c == 0x7f || (c == '\n') != (i > 0 && mail.at[i - 1] == '\r') || i - begun > 998)
            abort();
        if (c == '\n')
            begun = i + 1;
        if (i != begun || c == '\n')
            continue;
        if (c == '.')
            abort();
        if (field == COUNT || c == ' ')   /* the body, or a line that goes on */
            continue;
        size_t len = strlen(fields[field]);
        if (mail.len - i < len || memcmp(mail.at + i, fields[field++], len) != 0)
            abort();
    }
    if (field != COUNT)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const langs[] = { "en", "fr", "es", "pt", "xx" };
    if (size < 2)
        return 0;
    struct letter l = { .kind = (enum mail_kind)(data[0] % 12), .lang = span_of(langs[data[1] % 5]), .at_ms = (int64_t)data[0] << 40,
                        .site = SPAN("https://baraza.example.net") };
    struct span *const fields[] = { &l.to, &l.from, &l.hub, &l.to_name, &l.from_name, &l.args.code, &l.args.by, &l.args.org,
                                    &l.args.reason, &l.args.what };
    char *exact = malloc(size);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data, size);
    size_t from = 2;
    for (size_t f = 0; f < sizeof fields / sizeof fields[0] && from < size; f++) {
        const char *end = memchr(exact + from, 1, size - from);
        *fields[f] = (struct span){ exact + from, end == NULL ? size - from : (size_t)(end - exact) - from };
        from += fields[f]->len + 1;
    }
    struct buf b;
    struct bz_error e = { 0 };
    buf_init(&b, LETTER_BYTES);
    if (letter_write(&l, &b, &e) == BZ_OK)
        check(buf_span(&b));
    buf_done(&b);
    free(exact);
    return 0;
}
