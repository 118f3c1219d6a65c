/* pdf.h: the words of a PDF, by poppler, which the worker alone loads: the daemon never has it in its memory. */
#ifndef BZ_WORK_PDF_H
#define BZ_WORK_PDF_H
#include "work/text.h"

struct pdf_reader;
struct pdf_reader *pdf_load(void);   /* NULL: it is not installed. Kept until the process ends. */
/* Page by page, as far as there is room. A file that poppler cannot open has no words. True: poppler opened it. */
bool pdf_text(const struct pdf_reader *p, struct span file, struct text *t);
#endif
