/* first.c: the client's page for who is signed in, with their first words and data in it. Whose it is decides what it says,
 * so it is kept nowhere; the page alone, as files.c serves it, is what may be cached. */
#include <sodium.h>
#include <stdio.h>

#include "net/http.h"

#define MARK_OPEN  "<!--first-->"
#define MARK_CLOSE "<!--/first-->"
#define STYLE_OPEN  "<style>"
#define STYLE_CLOSE "</style>"

/* What stands between two marks; absent without them. */
static struct span between(struct span text, const char *open, const char *close)
{
    const char *from = memmem(text.at, text.len, open, strlen(open));
    if (from == NULL)
        return (struct span){ NULL, 0 };
    from += strlen(open);
    const char *to = memmem(from, (size_t)(text.at + text.len - from), close, strlen(close));
    return to == NULL ? (struct span){ NULL, 0 } : (struct span){ from, (size_t)(to - from) };
}

void first_init(struct net *n)
{
    const struct asset *a = files_find(PAGE_PATH);
    if (a == NULL)
        return;
    struct span place = between(a->plain, MARK_OPEN, MARK_CLOSE), style = between(a->plain, STYLE_OPEN, STYLE_CLOSE);
    if (place.at != NULL) {
        const char *after = place.at + place.len;
        n->page_before = (struct span){ a->plain.at, (size_t)(place.at - a->plain.at) };
        n->page_after = (struct span){ after, (size_t)(a->plain.at + a->plain.len - after) };
    }
    if (style.at != NULL) {
        unsigned char hash[crypto_hash_sha256_BYTES];
        char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
        crypto_hash_sha256(hash, (const unsigned char *)style.at, style.len);
        sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
        snprintf(n->style_hash, sizeof n->style_hash, " 'sha256-%s'", text);
    }
}

/* The data stands in a template, which nothing runs: as text of HTML without any mark-up. Outside of strings JSON has
 * neither of these two. */
static void put_json(struct buf *b, struct span json)
{
    for (size_t i = 0; i < json.len; i++) {
        if (json.at[i] == '<')
            buf_add_text(b, "\\u003c");
        else if (json.at[i] == '&')
            buf_add_text(b, "\\u0026");
        else
            buf_add_char(b, json.at[i]);
    }
}

static void on_page(void *ctx, const struct wire_page *page, bool is_nobody)
{
    struct http *h = ctx;
    struct net *n = h->net;
    const struct asset *texts = files_texts(PAGE_PATH.at, h->request.accept_language);
    h->page = NULL;
    if (page == NULL) {
        files_answer(h, files_find(is_nobody ? DOOR_PATH : PAGE_PATH));
        return;
    }
    buf_add_span(&h->out, n->page_before);
    buf_add_text(&h->out, "<main class=\"first\" aria-busy=\"true\">");
    buf_add_span(&h->out, page->html);
    buf_add_text(&h->out, "</main><template id=\"first\">");
    put_json(&h->out, page->data);
    buf_add_text(&h->out, "</template>");
    buf_add_span(&h->out, n->page_after);
    buf_add_text(&h->extra, "Cache-Control: private, no-store\r\nVary: " PAGE_VARY "\r\n");
    if (texts != NULL)
        buf_printf(&h->extra, TEXTS_LINK, texts->path);
    h->status = 200;
    http_send(h, "text/html; charset=utf-8", true);
}

bool first_serve(struct http *h)
{
    const struct request *r = &h->request;
    bool from_cookie;
    struct span token = guard_token(&h->net->guard, r, &from_cookie);
    if (h->net->page_before.at == NULL || r->method != METHOD_GET || !from_cookie)
        return false;
    struct page_call *page = wire_page(h->net->config.wire, token, r->path, on_page, h);
    if (page != NULL)   /* else h is answered and gone */
        h->page = page;
    return true;
}
