#include "work/office.h"

#include <expat.h>
#include <stdio.h>
#include <zip.h>

#include "base/limits.h"

#define ENTRIES_MAX 4096   /* a presentation of 500 slides has 2,000 */
#define DEPTH_MAX   256
#define NUMBERS_MAX 1000   /* slides or sheets */
#define PIECE_BYTES 16384

/* Element names without their prefix, each between blanks. */
struct dialect {
    const char *taken, *skipped, *lines, *blanks;
};
static const struct dialect ooxml = { " t ", " Fallback rPh ", " p br si row tr ", " tab tc " };
static const struct dialect odf = { " p h ", " tracked-changes ", " p h line-break ", " tab s table-cell " };

struct part {
    const char *path;
    bool is_numbered;
};

static const struct {
    enum look_type type;
    const char *sign;                    /* an entry, or what the entry `mimetype` holds */
    const struct dialect *dialect;
    struct part parts[3];
} documents[] = {
    { LOOK_DOCX, "word/document.xml", &ooxml, { { "word/document", false }, { "word/footnotes", false }, { "word/endnotes", false } } },
    { LOOK_XLSX, "xl/workbook.xml", &ooxml, { { "xl/sharedStrings", false }, { "xl/worksheets/sheet", true } } },
    { LOOK_PPTX, "ppt/presentation.xml", &ooxml, { { "ppt/slides/slide", true }, { "ppt/notesSlides/notesSlide", true } } },
    { LOOK_ODT, "application/vnd.oasis.opendocument.text", &odf, { { "content", false } } },
    { LOOK_ODS, "application/vnd.oasis.opendocument.spreadsheet", &odf, { { "content", false } } },
    { LOOK_ODP, "application/vnd.oasis.opendocument.presentation", &odf, { { "content", false } } },
    { LOOK_EPUB, "application/epub+zip", NULL, { { NULL, false } } },
};

struct reader {
    zip_t *zip;
    struct text *text;
    const struct dialect *dialect;
    XML_Parser xml;
    int64_t bytes_left;          /* to unpack, of all parts together */
    unsigned depth, skipped_at, taken;
};

static bool is_one_of(const char *name, const char *names)
{
    char word[24];
    const char *colon = strrchr(name, ':');
    int n = snprintf(word, sizeof word, " %s ", colon == NULL ? name : colon + 1);
    return n > 0 && n < (int)sizeof word && strstr(names, word) != NULL;
}

static void XMLCALL element_begins(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = ctx;
    if (++r->depth > DEPTH_MAX)
        (void)XML_StopParser(r->xml, XML_FALSE);
    if (r->skipped_at == 0 && is_one_of(name, r->dialect->skipped))
        r->skipped_at = r->depth;
    r->taken += is_one_of(name, r->dialect->taken);
    if (is_one_of(name, r->dialect->blanks))
        text_gap(r->text, ' ');
}

static void XMLCALL element_ends(void *ctx, const XML_Char *name)
{
    struct reader *r = ctx;
    if (is_one_of(name, r->dialect->lines))
        text_gap(r->text, '\n');
    r->taken -= is_one_of(name, r->dialect->taken);
    if (r->skipped_at == r->depth)
        r->skipped_at = 0;
    r->depth--;
}

static void XMLCALL letters(void *ctx, const XML_Char *at, int len)
{
    struct reader *r = ctx;
    if (r->taken > 0 && r->skipped_at == 0 && !text_add(r->text, (struct span){ at, (size_t)len }))
        (void)XML_StopParser(r->xml, XML_FALSE);
}

/* No document has one; bombs and reads of other files need it. */
static void XMLCALL doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *public_id, int has_subset)
{
    (void)XML_StopParser(((struct reader *)ctx)->xml, XML_FALSE);
}

static void parse(struct reader *r, zip_file_t *file)
{
    char piece[PIECE_BYTES];
    zip_int64_t n;
    while (r->bytes_left > 0 && text_has_room(r->text) && (n = zip_fread(file, piece, sizeof piece)) > 0) {
        r->bytes_left -= n;
        if (XML_Parse(r->xml, piece, (int)n, XML_FALSE) != XML_STATUS_OK)
            return;
    }
}

/* False: there is no such part. */
static bool read_part(struct reader *r, const char *path)
{
    zip_int64_t at = zip_name_locate(r->zip, path, 0);
    zip_file_t *file = at < 0 ? NULL : zip_fopen_index(r->zip, (zip_uint64_t)at, 0);
    if (file == NULL)
        return at >= 0;
    r->xml = XML_ParserCreate(NULL);
    if (r->xml != NULL) {
        r->depth = r->skipped_at = r->taken = 0;
        XML_SetUserData(r->xml, r);
        XML_SetElementHandler(r->xml, element_begins, element_ends);
        XML_SetCharacterDataHandler(r->xml, letters);
        XML_SetStartDoctypeDeclHandler(r->xml, doctype);
        parse(r, file);
        XML_ParserFree(r->xml);
    }
    (void)zip_fclose(file);
    text_gap(r->text, '\n');
    return true;
}

static void read_parts(struct reader *r, const struct part *part)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s.xml", part->path);
    if (!part->is_numbered)
        (void)read_part(r, path);
    for (unsigned n = 1; part->is_numbered && n <= NUMBERS_MAX; n++) {
        (void)snprintf(path, sizeof path, "%s%u.xml", part->path, n);
        if (!read_part(r, path) || r->bytes_left <= 0 || !text_has_room(r->text))
            return;
    }
}

static bool has(zip_t *zip, const char *path) { return zip_name_locate(zip, path, 0) >= 0; }

/* The index of the kind of document, or -1. */
static int kind_of(zip_t *zip)
{
    char kind[64] = "";
    zip_file_t *file = zip_fopen(zip, "mimetype", 0);
    zip_int64_t n = file == NULL ? 0 : zip_fread(file, kind, sizeof kind - 1);
    kind[n < 0 ? 0 : n] = '\0';
    if (file != NULL)
        (void)zip_fclose(file);
    bool is_ooxml = has(zip, "[Content_Types].xml"), has_macros = has(zip, "word/vbaProject.bin") || has(zip, "xl/vbaProject.bin")
                                                                  || has(zip, "ppt/vbaProject.bin");
    for (size_t i = 0; i < sizeof documents / sizeof documents[0] && !has_macros; i++)
        if (strcmp(kind, documents[i].sign) == 0 || (is_ooxml && documents[i].dialect == &ooxml && has(zip, documents[i].sign)))
            return (int)i;
    return -1;
}

enum look_type office_read(struct span file, struct text *t)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(file.at, file.len, 0, &error);
    zip_t *zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, &error);
    if (zip == NULL) {
        zip_source_free(source);
        return LOOK_BYTES;
    }
    zip_int64_t entries = zip_get_num_entries(zip, 0);
    int kind = entries > 0 && entries <= ENTRIES_MAX ? kind_of(zip) : -1;
    if (kind >= 0 && documents[kind].dialect != NULL) {
        struct reader r = { .zip = zip, .text = t, .dialect = documents[kind].dialect, .bytes_left = LOOK_INFLATE_BYTES };
        for (size_t i = 0; i < 3 && documents[kind].parts[i].path != NULL; i++)
            read_parts(&r, &documents[kind].parts[i]);
    }
    zip_discard(zip);
    return kind < 0 ? LOOK_ZIP : documents[kind].type;
}
