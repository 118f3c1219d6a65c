#include "net/http.h"

#include <sodium.h>
#include <stdlib.h>

#include "domain/kinds.h"

#define TAG_TEXT 24

bool files_init(struct net *n)
{
    n->assets_tag = calloc(assets_count + 1, TAG_TEXT);
    if (n->assets_tag == NULL)
        return false;
    for (size_t i = 0; i < assets_count; i++) {
        unsigned char hash[crypto_generichash_BYTES_MIN];
        crypto_generichash(hash, sizeof hash, (const unsigned char *)assets[i].plain.at, assets[i].plain.len, NULL, 0);
        sodium_bin2hex(n->assets_tag + i * TAG_TEXT, 2 * 10 + 1, hash, 10);
    }
    return true;
}

const struct asset *files_find(struct span path)
{
    for (size_t i = 0; i < assets_count; i++)
        if (span_is(path, assets[i].path))
            return &assets[i];
    return NULL;
}

/* Somebody's page by their handle, which has dots; neither two in a row nor one first. */
static bool is_of_handle(struct span path)
{
    static const char people[] = "/people/";
    size_t len = sizeof people - 1;
    return path.len > len && memcmp(path.at, people, len) == 0 && handle_valid((struct span){ path.at + len, path.len - len });
}

/* A page of the client: plain segments only, so that what looks like a way up or a file that is missing is a 404. */
static bool is_page(struct span path)
{
    char last = '\0';
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '.' && is_of_handle(path))
            return true;
        if (path.at[i] == '%' || path.at[i] == '\\' || path.at[i] == '.' || (path.at[i] == '/' && last == '/'))
            return false;
        last = path.at[i];
    }
    return path.len < 3 || memcmp(path.at, "/a/", 3) != 0;
}

/* The texts of the client in one language, given by its two letters; NULL when it does not speak it. before: "/a/", and what
 * stands before the language in the names of a part of them. */
static const struct asset *texts_in(const char *before, const char *lang)
{
    size_t begin = strlen(before);
    for (size_t i = 0; i < assets_count; i++) {
        const char *path = assets[i].path;
        size_t len = path == NULL ? 0 : strlen(path);
        if (len > begin + 8 && memcmp(path, before, begin) == 0 && memcmp(path + begin, lang, 2) == 0 && path[begin + 2] == '.' &&
            strcmp(path + len - 5, ".json") == 0)
            return &assets[i];
    }
    return NULL;
}

/* What the page will ask for first once its script runs: the first language of the reader's that the client speaks. */
const struct asset *files_texts(const char *page, struct span wanted)
{
    const char *before = span_is(DOOR_PATH, page) ? "/a/door-" : span_is(PAGE_PATH, page) ? "/a/" : NULL;
    if (before == NULL)
        return NULL;
    for (size_t i = 0; i + 1 < wanted.len; i++) {
        bool is_start = i == 0 || wanted.at[i - 1] == ',' || wanted.at[i - 1] == ' ';
        bool is_end = i + 2 == wanted.len || strchr("-,;", wanted.at[i + 2]) != NULL;
        const struct asset *a = is_start && is_end ? texts_in(before, wanted.at + i) : NULL;
        if (a != NULL)
            return a;
    }
    return texts_in(before, "en");
}

void files_answer(struct http *h, const struct asset *a)
{
    const struct request *r = &h->request;
    const char *tag = h->net->assets_tag + (size_t)(a - assets) * TAG_TEXT;
    const char *encoding = a->br.at != NULL && list_has(r->accept_encoding, "br")     ? "br"
                           : a->gz.at != NULL && list_has(r->accept_encoding, "gzip") ? "gzip"
                                                                                      : NULL;
    struct span body = encoding == NULL ? a->plain : encoding[0] == 'b' ? a->br : a->gz;
    const struct asset *texts = a->path == NULL ? NULL : files_texts(a->path, r->accept_language);
    char link[128] = "";
    if (texts != NULL)
        snprintf(link, sizeof link, TEXTS_LINK, texts->path);
    bool is_way_back = r->path.len > 6 && memcmp(r->path.at, "/oidc/", 6) == 0;   /* what stands behind it is somebody's for a moment */
    char extra[384];
    snprintf(extra, sizeof extra,
             "ETag: W/\"%s\"\r\nVary: %s\r\n%sCache-Control: %s\r\n%s%s%s", tag,
             texts != NULL ? PAGE_VARY : "Accept-Encoding", link,
             is_way_back ? "no-store" : a->is_immutable ? "public, max-age=31536000, immutable" : "no-cache",
             encoding == NULL ? "" : "Content-Encoding: ", encoding == NULL ? "" : encoding,
             encoding == NULL ? "" : "\r\n");
    bool is_known = r->if_none_match.len > 0 && memmem(r->if_none_match.at, r->if_none_match.len, tag, strlen(tag));
    http_answer(h, is_known ? 304 : 200, a->type, extra, is_known ? SPAN("") : body);
}

bool files_serve(struct http *h)
{
    struct span path = h->request.path;
    const struct asset *a = files_find(path);
    if (a == NULL && is_page(path)) {
        if (first_serve(h))
            return true;
        if ((a = files_find(DOOR_PATH)) == NULL)
            a = files_find(SPAN("/"));
    }
    if (a == NULL)
        return false;
    files_answer(h, a);
    return true;
}
