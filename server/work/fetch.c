#include "work/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "domain/kinds.h"
#include "work/child.h"

struct fetch {
    fetch_done *done;
    void *ctx;
    struct child *child;
};

/* ---- The record. */

static void put_text(struct buf *b, struct span s)
{
    const unsigned char len[2] = { (unsigned char)(s.len >> 8), (unsigned char)s.len };
    buf_add(b, len, sizeof len);
    buf_add_span(b, s);
}

void fetch_write(struct buf *b, const struct fetched *found)
{
    buf_add_text(b, "BZP1");
    buf_add_char(b, (char)('0' + found->end));
    put_text(b, found->title);
    put_text(b, found->about);
    put_text(b, found->lang);
}

static bool take_text(struct span *rest, struct span *ret)
{
    if (rest->len < 2)
        return false;
    size_t len = (size_t)(unsigned char)rest->at[0] << 8 | (unsigned char)rest->at[1];
    if (len > rest->len - 2)
        return false;
    *ret = len > 0 ? (struct span){ rest->at + 2, len } : (struct span){ NULL, 0 };
    *rest = (struct span){ rest->at + 2 + len, rest->len - 2 - len };
    return true;
}

bool fetch_read(struct span record, struct fetched *ret)
{
    struct span rest = { record.at + 5, record.len - 5 };
    if (record.len < 5 || memcmp(record.at, "BZP1", 4) != 0 || record.at[4] < '0' || record.at[4] > '0' + (int)FETCH_UNKNOWN)
        return false;
    struct fetched found = { .end = (enum fetch_end)(record.at[4] - '0') };
    if (!take_text(&rest, &found.title) || !take_text(&rest, &found.about) || !take_text(&rest, &found.lang) || rest.len != 0)
        return false;
    bool says = found.title.at != NULL || found.about.at != NULL || found.lang.at != NULL;
    if ((says && found.end != FETCH_READ) || (found.title.at != NULL && !utf8_is_name(found.title, BZ_LIMIT_LINK_TITLE_CHARS))
        || (found.about.at != NULL && !utf8_is_name(found.about, BZ_LIMIT_LINK_ABOUT_CHARS))
        || (found.lang.at != NULL && !lang_valid(found.lang)))
        return false;
    *ret = found;
    return true;
}

/* ---- The worker. */

static void answered(void *ctx, struct span answer)
{
    struct fetch *f = ctx;
    struct fetched found = { .end = FETCH_UNKNOWN };
    if (answer.at != NULL && !fetch_read(answer, &found))
        found = (struct fetched){ .end = FETCH_UNKNOWN };
    f->done(f->ctx, &found);
    free(f);
}

enum bz_err fetch_start(const struct fetch_config *config, struct span url, bool is_check, fetch_done *done, void *ctx,
                        struct fetch **ret, struct bz_error *e)
{
    char *args[] = { "baraza", LINK_WORKER, is_check ? "check" : "get", (char *)(uintptr_t)config->resolver,
                     (char *)(uintptr_t)config->ports, (char *)(uintptr_t)config->inside, (char *)(uintptr_t)config->agent, NULL };
    const struct child_config worker = { .loop = config->loop, .args = args, .input = url, .answer_max = FETCH_RECORD_BYTES,
                                         .deadline_ms = FETCH_DEADLINE_MS };
    struct fetch *f = malloc(sizeof *f);
    if (f == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    *f = (struct fetch){ .done = done, .ctx = ctx };
    enum bz_err rc = child_start(&worker, answered, f, &f->child, e);
    if (rc != BZ_OK)
        free(f);
    else
        *ret = f;
    return rc;
}

void fetch_stop(struct fetch *f)
{
    if (f == NULL)
        return;
    child_stop(f->child);
    free(f);
}
