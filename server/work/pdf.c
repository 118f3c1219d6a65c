#include "work/pdf.h"

#include <dlfcn.h>
#include <poppler.h>
#include <stdlib.h>

#define LIBRARY "libpoppler-glib.so.8"   /* Debian 12 and 13 */

/* Their types come from the headers. */
#define CALLS(X)                                                                                          \
    X(g_bytes_new_static) X(g_bytes_unref) X(g_free) X(g_object_unref) X(poppler_document_new_from_bytes) \
    X(poppler_document_get_n_pages) X(poppler_document_get_page) X(poppler_page_get_text)

struct pdf_reader {
#define MEMBER(name) __typeof__(name) *call_##name;
    CALLS(MEMBER)
#undef MEMBER
};

struct pdf_reader *pdf_load(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    struct pdf_reader *p = library == NULL ? NULL : calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    bool is_whole = true;
#define FIND(name) is_whole = (p->call_##name = (__typeof__(name) *)dlsym(library, #name)) != NULL && is_whole;
    CALLS(FIND)
#undef FIND
    if (is_whole)
        return p;
    free(p);
    return NULL;
}

bool pdf_text(const struct pdf_reader *p, struct span file, struct text *t)
{
    GBytes *bytes = p->call_g_bytes_new_static(file.at, file.len);
    PopplerDocument *document = p->call_poppler_document_new_from_bytes(bytes, NULL, NULL);
    int pages = document == NULL ? 0 : p->call_poppler_document_get_n_pages(document);
    for (int i = 0; i < pages && text_has_room(t); i++) {
        PopplerPage *page = p->call_poppler_document_get_page(document, i);
        if (page == NULL)
            continue;
        char *words = p->call_poppler_page_get_text(page);
        if (words != NULL)
            (void)text_add(t, span_of(words));
        text_gap(t, '\n');
        p->call_g_free(words);
        p->call_g_object_unref(page);
    }
    bool is_open = document != NULL;
    if (is_open)
        p->call_g_object_unref(document);
    p->call_g_bytes_unref(bytes);
    return is_open;
}
