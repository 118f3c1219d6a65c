/* lasting.c: a file takes minutes on a bad line, and who sends or fetches it may lose the right meanwhile: by a ban, a post that is
 * taken back or moved, a room that closes, a session that ends. So each is asked about again when somebody may have lost one.
 * The list is in the order of the last questions, so that only its beginning need be looked at. */
#include "net/http.h"
#include "wire/file.h"

static void unlink_from(struct net *n, struct http *h)
{
    struct lasting *l = &h->lasting;
    *(l->prev == NULL ? &n->lasting_first : &l->prev->lasting.next) = l->next;
    *(l->next == NULL ? &n->lasting_last : &l->next->lasting.prev) = l->prev;
    l->prev = l->next = NULL;
    l->is_listed = false;
}

static void link_into(struct net *n, struct http *h)
{
    struct lasting *l = &h->lasting;
    struct http *after = n->lasting_last;
    while (after != NULL && after->lasting.rights > l->rights)   /* answers come nearly in the order of the questions */
        after = after->lasting.prev;
    l->prev = after;
    l->next = after == NULL ? n->lasting_first : after->lasting.next;
    *(l->prev == NULL ? &n->lasting_first : &l->prev->lasting.next) = h;
    *(l->next == NULL ? &n->lasting_last : &l->next->lasting.prev) = h;
    l->is_listed = true;
}

void lasting_asked(struct http *h) { h->lasting.rights = wire_rights(h->net->config.wire); }

void lasting_begin(struct http *h)
{
    if (!h->lasting.is_listed)
        link_into(h->net, h);
}

void lasting_end(struct http *h)
{
    struct lasting *l = &h->lasting;
    if (l->call != NULL) {
        wire_file_cancel(l->call);
        l->call = NULL;
        h->net->lasting_asks--;
    }
    if (l->is_listed)
        unlink_from(h->net, h);
}

/* An answer has begun, or bytes are on their way: only its end can tell. When nobody can say now, it is asked again. */
static void on_answer(void *ctx, const struct file_answer *a)
{
    struct http *h = ctx;
    struct net *n = h->net;
    h->lasting.call = NULL;
    n->lasting_asks--;
    if (a->error.code == BZ_ERR_NOT_FOUND || a->error.code == BZ_ERR_FORBIDDEN || a->error.code == BZ_ERR_UNAUTHENTICATED) {
        conn_kill(h->conn);
    } else if (a->error.code != BZ_OK) {
        unlink_from(n, h);
        h->lasting.rights = 0;
        link_into(n, h);
        n->lasting_left = 0;   /* but not in this second */
    }
}

static void ask_again(struct http *h)
{
    struct net *n = h->net;
    bool from_cookie;
    struct file_ask ask = { .token = guard_token(&n->guard, &h->request, &from_cookie), .is_again = true };
    unlink_from(n, h);
    lasting_asked(h);
    if (!upload_ask_again(h, &ask) && !download_ask_again(h, &ask))
        return;
    link_into(n, h);
    n->lasting_asks++;
    n->lasting_left--;
    struct file_call *call = wire_file(n->config.wire, &ask, on_answer, h);
    if (call != NULL)   /* else it was answered */
        h->lasting.call = call;
}

void lasting_turn(struct net *n)
{
    uint64_t now = wire_rights(n->config.wire);
    while (n->lasting_first != NULL && n->lasting_asks < LASTING_ASKS && n->lasting_left > 0
           && n->lasting_first->lasting.rights < now)
        ask_again(n->lasting_first);
}
