#include "work/kind.h"

#include <magic.h>
#include <stdlib.h>

#define LOOK_AT_BYTES (1u << 20)   /* tables of old Office files may lie that deep */

/* Sorted by nothing: the first that fits counts; a name that ends in / or - stands for all that begin so. */
static const struct {
    const char *mime;
    enum look_type type;
} known[] = {
    { "application/pdf", LOOK_PDF },
    { "application/msword", LOOK_DOC },
    { "application/vnd.ms-excel", LOOK_XLS },
    { "application/vnd.ms-powerpoint", LOOK_PPT },
    { "application/rtf", LOOK_RTF },
    { "text/rtf", LOOK_RTF },
    { "application/epub+zip", LOOK_EPUB },
    { "application/zip", LOOK_ZIP },
    { "application/vnd.openxmlformats-officedocument.", LOOK_ZIP },
    { "application/vnd.oasis.opendocument.", LOOK_ZIP },
    { "application/gzip", LOOK_GZIP },
    { "application/x-gzip", LOOK_GZIP },
    { "image/tiff", LOOK_TIFF },
    { "image/heic", LOOK_HEIC },
    { "video/mp4", LOOK_MP4 },
    { "video/x-m4v", LOOK_MP4 },
    { "video/3gpp", LOOK_MP4 },
    { "video/webm", LOOK_WEBM },
    { "video/quicktime", LOOK_MOV },
    { "audio/mpeg", LOOK_MP3 },
    { "audio/mp4", LOOK_M4A },
    { "audio/x-m4a", LOOK_M4A },
    { "audio/ogg", LOOK_OGG },
    { "audio/x-wav", LOOK_WAV },
    { "text/html", LOOK_BYTES },
    { "text/xml", LOOK_BYTES },
    { "text/javascript", LOOK_BYTES },
    { "text/x-php", LOOK_BYTES },
    { "text/x-shellscript", LOOK_BYTES },
    { "text/csv", LOOK_CSV },
    { "text/", LOOK_TEXT },
    { "application/json", LOOK_TEXT },
    { "application/x-ndjson", LOOK_TEXT },
};

struct kinds *kinds_load(void)
{
    /* No look into what is packed: that would start other programs. */
    magic_t m = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF);
    if (m != NULL && magic_load(m, NULL) != 0) {
        magic_close(m);
        return NULL;
    }
    return (struct kinds *)m;
}

/* A page that libmagic did not know for one. */
static bool is_markup(struct span file)
{
    size_t at = 0;
    while (at < file.len && memchr(" \t\r\n\f\v\0\xef\xbb\xbf\xff\xfe", file.at[at], 12) != NULL)   /* and marks of the encoding */
        at++;
    return at < file.len && (file.at[at] == '<' || (file.len - at >= 2 && memcmp(file.at + at, "#!", 2) == 0));
}

enum look_type kind_of(struct kinds *k, struct span file)
{
    size_t len = file.len < LOOK_AT_BYTES ? file.len : LOOK_AT_BYTES;
    const char *mime = len == 0 ? NULL : magic_buffer((magic_t)k, file.at, len);
    for (size_t i = 0; mime != NULL && i < sizeof known / sizeof known[0]; i++) {
        size_t n = strlen(known[i].mime);
        bool is_group = known[i].mime[n - 1] == '/' || known[i].mime[n - 1] == '.';
        if (is_group ? strncmp(mime, known[i].mime, n) != 0 : strcmp(mime, known[i].mime) != 0)
            continue;
        enum look_type type = known[i].type;
        bool is_text = type == LOOK_TEXT || type == LOOK_CSV;
        bool is_other = type == LOOK_PDF && (file.len < 5 || memcmp(file.at, "%PDF-", 5) != 0);   /* something stands before it */
        return is_other || (is_text && is_markup(file)) ? LOOK_BYTES : type;
    }
    return LOOK_BYTES;
}
