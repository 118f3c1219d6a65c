/* A strangers' page: what is taken from it is a line of plain text, whatever the bytes. The first byte chooses the type told along. */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "domain/kinds.h"
#include "work/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    page_load();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = { "", "text/html", "text/html; charset=utf-8", "text/html; charset=gb18030", "text/html;charset=utf-16le",
                                         "text/html; charset=\"shift_jis\"", "text/html; charset=windows-1251", "text/html; charset=euc-kr" };
    if (size == 0)
        return 0;
    char *exact = malloc(size > 1 ? size - 1 : 1);   /* of its exact size, so that a read beyond it is seen */
    memcpy(exact, data + 1, size - 1);
    struct page page;
    page_read(span_of(types[data[0] % 8]), (struct span){ exact, size - 1 }, &page);
    if ((page.title.len > 0 && !utf8_is_name(buf_span(&page.title), BZ_LIMIT_LINK_TITLE_CHARS))
        || (page.about.len > 0 && !utf8_is_name(buf_span(&page.about), BZ_LIMIT_LINK_ABOUT_CHARS))
        || (page.lang.len > 0 && !lang_valid(buf_span(&page.lang))))
        abort();
    (void)page_has_head((struct span){ exact, size - 1 });
    page_done(&page);
    free(exact);
    return 0;
}
