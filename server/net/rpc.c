#include "net/http.h"

#include <sodium.h>
#include <stdlib.h>
#include <strings.h>

/* The tag names the content, not its encoding, and so is a weak one. */
static bool put_tag(struct http *h, struct span body)
{
    unsigned char hash[16];
    char tag[2 * sizeof hash + 1];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)body.at, body.len, NULL, 0);
    sodium_bin2hex(tag, sizeof tag, hash, sizeof hash);
    buf_printf(&h->extra, "ETag: W/\"%s\"\r\nVary: Accept-Encoding, Cookie, Authorization\r\n", tag);
    struct span known = h->request.if_none_match;
    return known.len > 0 && memmem(known.at, known.len, tag, strlen(tag)) != NULL;
}

static bool is_cookie_value(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] >= 0x7f || strchr("\",;\\", s.at[i]) != NULL)
            return false;
    return s.len > 0;
}

static void put_cookie(struct http *h, const struct http_answer *answer)
{
    const struct guard *g = &h->net->guard;
    const char *secure = g->is_https ? "; Secure" : "";
    if (answer->set_token.at != NULL && is_cookie_value(answer->set_token))
        buf_printf(&h->extra, "Set-Cookie: %s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s\r\n",
                   guard_cookie(g), (int)answer->set_token.len, answer->set_token.at, (long long)answer->max_age_s,
                   secure);
    else if (answer->clear_token)
        buf_printf(&h->extra, "Set-Cookie: %s=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax%s\r\n", guard_cookie(g),
                   secure);
    if (answer->set_browser.at != NULL)   /* it outlives the session: who comes again is no stranger */
        buf_printf(&h->extra, "Set-Cookie: %s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s\r\n", guard_browser_cookie(g),
                   (int)answer->set_browser.len, answer->set_browser.at, (long long)answer->browser_age_s, secure);
}

static void on_done(void *ctx, const struct http_answer *answer)
{
    struct http *h = ctx;
    h->call = NULL;
    h->status = answer->status;
    buf_add_text(&h->extra, "Cache-Control: private, no-store\r\n");
    if (answer->retry_after_ms > 0)
        buf_printf(&h->extra, "Retry-After: %u\r\n", (answer->retry_after_ms + 999) / 1000);
    put_cookie(h, answer);
    bool is_read = h->request.method != METHOD_POST && answer->status == 200;
    if (is_read && put_tag(h, answer->body)) {
        h->status = 304;
        http_send(h, "application/json", false);
        return;
    }
    buf_add_span(&h->out, answer->body);
    http_send(h, "application/json", is_read);
}

static bool is_json(struct span type)
{
    const char *semi = memchr(type.at, ';', type.len);
    size_t len = semi == NULL ? type.len : (size_t)(semi - type.at);
    while (len > 0 && type.at[len - 1] == ' ')
        len--;
    if (len != 16 || strncasecmp(type.at, "application/json", 16) != 0)
        return false;
    if (semi == NULL)
        return true;
    struct span rest = { semi + 1, type.len - (size_t)(semi + 1 - type.at) };
    return list_has(rest, "charset=utf-8") || list_has(rest, "charset=\"utf-8\"");
}

/* The answer may be held for long: of a POST it needs no more than this. */
static void forget(struct http *h)
{
    h->request = (struct request){ .method = METHOD_POST, .keep_alive = h->request.keep_alive };
    buf_done(&h->body);
    free(h->head);
    h->head = NULL;
}

void rpc_post(struct http *h)
{
    const struct request *r = &h->request;
    bool from_cookie;
    struct span token = guard_token(&h->net->guard, r, &from_cookie);
    struct span body = buf_span(&h->body);
    if (r->content_type.at == NULL || !is_json(r->content_type)) {
        http_refuse(h, 415, "", "Content-Type must be application/json");
        return;
    }
    if ((from_cookie || r->origin.at != NULL) && !guard_same_site(&h->net->guard, r)) {
        http_refuse(h, 403, "", "this origin may not write");
        return;
    }
    if (!conn_may_send(h->conn, body)) {
        http_refuse(h, 429, "Retry-After: 60\r\n", "too many sign-ins from this address; wait a minute");
        return;
    }
    const struct http_post post = {
        .token = token, .body = body, .browser = guard_browser(&h->net->guard, r),
        .address = h->conn->is_loopback ? 0 : h->conn->address,
    };
    struct http_call *call = wire_http_post(h->net->config.wire, &post, on_done, h);
    if (call == NULL)   /* h is answered and gone */
        return;
    h->call = call;
    forget(h);
}

void rpc_get(struct http *h, struct span name)
{
    const struct request *r = &h->request;
    bool from_cookie;
    struct span token = guard_token(&h->net->guard, r, &from_cookie);
    struct span site = r->fetch_site;
    if (from_cookie && site.at != NULL && !span_is(site, "same-origin") && !span_is(site, "none")) {
        http_refuse(h, 403, "", "other sites may not read");
        return;
    }
    struct http_call *call = wire_http_get(h->net->config.wire, token, name, r->args, on_done, h);
    if (call != NULL)
        h->call = call;
}
