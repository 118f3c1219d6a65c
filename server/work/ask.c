#include "work/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "work/child.h"

struct ask_run {
    ask_done *done;
    void *ctx;
    struct child *child;
};

/* ---- The order: each field is '0', or '1', its length and its bytes. */

static void put(struct buf *b, struct span field)
{
    const unsigned char len[3] = { field.at == NULL ? '0' : '1', (unsigned char)(field.len >> 8), (unsigned char)field.len };
    b->failed |= field.len > 0xffff;
    buf_add(b, len, field.at == NULL ? 1 : 3);
    buf_add_span(b, field);
}

static bool take(struct span *rest, struct span *ret)
{
    *ret = (struct span){ NULL, 0 };
    if (rest->len < 1 || (rest->at[0] != '0' && (rest->at[0] != '1' || rest->len < 3)))
        return false;
    size_t head = 1;
    if (rest->at[0] == '1') {
        *ret = (struct span){ rest->at + 3, (size_t)(unsigned char)rest->at[1] << 8 | (unsigned char)rest->at[2] };
        head = 3;
    }
    if (ret->len > rest->len - head)
        return false;
    *rest = (struct span){ rest->at + head + ret->len, rest->len - head - ret->len };
    return true;
}

bool ask_take(struct span order, struct span ret[ASK_FIELDS])
{
    for (size_t i = 0; i < ASK_FIELDS; i++)
        if (!take(&order, &ret[i]))
            return false;
    return order.len == 0;
}

bool ask_read(struct span record, int *ret_status, struct span *ret_body)
{
    int status = 0;
    if (record.len < 3 || record.len - 3 > ASK_BODY_BYTES)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (record.at[i] < '0' || record.at[i] > '9')
            return false;
        status = status * 10 + (record.at[i] - '0');
    }
    *ret_status = status;
    *ret_body = (struct span){ record.at + 3, record.len - 3 };
    return true;
}

/* ---- The worker. */

static void answered(void *ctx, struct span answer)
{
    struct ask_run *a = ctx;
    int status = 0;
    struct span body = { NULL, 0 };
    if (answer.at == NULL || !ask_read(answer, &status, &body))
        status = 0;
    a->done(a->ctx, status, body);
    free(a);
}

enum bz_err ask_start(const struct ask_config *config, const struct ask_order *order, ask_done *done, void *ctx, struct ask_run **ret,
                      struct bz_error *e)
{
    char *args[] = { "baraza", ASK_WORKER, (char *)(uintptr_t)config->resolver, order->is_inside ? "inside" : "outside",
                     (char *)(uintptr_t)order->ca, (char *)(uintptr_t)config->agent, NULL };
    const struct span fields[ASK_FIELDS] = { order->url, order->user, order->password, order->form };
    struct buf b;
    struct ask_run *a = malloc(sizeof *a);
    if (a == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    *a = (struct ask_run){ .done = done, .ctx = ctx };
    buf_init(&b, ASK_ORDER_BYTES);
    (void)buf_reserve(&b, ASK_ORDER_BYTES);   /* at once: what is copied on the way would not be wiped */
    for (size_t i = 0; i < ASK_FIELDS; i++)
        put(&b, fields[i]);
    enum bz_err rc = b.failed ? bz_fail(e, BZ_ERR_INVALID, "a question is too long")
        : child_start(&(struct child_config){ .loop = config->loop, .args = args, .input = buf_span(&b), .answer_max = ASK_BODY_BYTES + 3,
                                              .deadline_ms = ASK_DEADLINE_MS }, answered, a, &a->child, e);
    if (b.at != NULL)
        explicit_bzero(b.at, b.len);
    buf_done(&b);
    if (rc != BZ_OK)
        free(a);
    else
        *ret = a;
    return rc;
}

void ask_stop(struct ask_run *a)
{
    if (a == NULL)
        return;
    child_stop(a->child);
    free(a);
}
