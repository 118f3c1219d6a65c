#include "engine/hasher.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/limits.h"

#define OPS 2
#define MEMORY_BYTES (64u << 20)
#define RETRY_MS 2000

_Static_assert(HASHED_BYTES >= crypto_pwhash_STRBYTES, "a hash fits");

/* Of a password that nobody knows, with the settings of all others. */
static const char nobody[HASHED_BYTES] =
    "$argon2id$v=19$m=65536,t=2,p=1$fouvNBvTRFXCAtM8v7eKUA$dfN3MUBNErgUFO0sEt+hVkA1I9m+oWyDW34ZqYV3Ilc";

struct hasher {
    struct stats *stats;
    uv_async_t wake;
    uv_thread_t thread[HASH_THREADS];
    int threads;                   /* that run */
    uv_mutex_t lock;               /* guards all below */
    uv_cond_t work;
    struct hashing *first, **last;
    size_t waiting;
    struct hashing *answered, **answered_last;
    bool is_stopping;
};

struct hashing *hashing_new(void)
{
    struct hashing *h = calloc(1, sizeof *h);
    if (h == NULL)
        abort();
    return h;
}

void hashing_free(struct hashing *h)
{
    if (h == NULL)
        return;
    sodium_memzero(h, sizeof *h);
    free(h);
}

static bool make(struct hashing *h)
{
    return crypto_pwhash_str_alg(h->fresh, h->password.text, h->password.len, OPS, MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static void run(struct hashing *h)
{
    if (h->is_new) {
        if (!make(h))
            bz_fail(&h->error, BZ_ERR_BUSY, "the hub is short of memory; try again soon");
        return;
    }
    bool is_stored = h->stored[0] != '\0';
    bool is_same = crypto_pwhash_str_verify(is_stored ? h->stored : nobody, h->password.text, h->password.len) == 0;
    h->is_right = is_stored && is_same;
    if (h->is_right && crypto_pwhash_str_needs_rehash(h->stored, OPS, MEMORY_BYTES) != 0 && !make(h))
        h->fresh[0] = '\0';   /* the old one goes on */
}

static void hash_main(void *arg)
{
    struct hasher *hs = arg;
    for (;;) {
        uv_mutex_lock(&hs->lock);
        while (hs->first == NULL && !hs->is_stopping)
            uv_cond_wait(&hs->work, &hs->lock);
        struct hashing *h = hs->is_stopping ? NULL : hs->first;
        if (h != NULL) {
            hs->first = h->next;
            hs->waiting--;
            if (hs->first == NULL)
                hs->last = &hs->first;
        }
        uv_mutex_unlock(&hs->lock);
        if (h == NULL)
            return;
        h->next = NULL;
        run(h);
        stat_add(&hs->stats->hashes, 1);
        uv_mutex_lock(&hs->lock);
        *hs->answered_last = h;
        hs->answered_last = &h->next;
        uv_mutex_unlock(&hs->lock);
        (void)uv_async_send(&hs->wake);
    }
}

static void deliver(uv_async_t *wake)
{
    struct hasher *hs = wake->data;
    uv_mutex_lock(&hs->lock);
    struct hashing *h = hs->answered;
    hs->answered = NULL;
    hs->answered_last = &hs->answered;
    uv_mutex_unlock(&hs->lock);
    for (struct hashing *next; h != NULL; h = next) {
        next = h->next;
        h->done(h);
    }
}

enum bz_err hasher_start(uv_loop_t *loop, struct stats *stats, struct hasher **ret, struct bz_error *e)
{
    struct hasher *hs = calloc(1, sizeof *hs);
    if (hs == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    hs->stats = stats;
    hs->last = &hs->first;
    hs->answered_last = &hs->answered;
    hs->wake.data = hs;
    if (uv_mutex_init(&hs->lock) != 0 || uv_cond_init(&hs->work) != 0 || uv_async_init(loop, &hs->wake, deliver) != 0)
        abort();   /* only without memory, at start */
    for (; hs->threads < HASH_THREADS; hs->threads++) {
        if (uv_thread_create(&hs->thread[hs->threads], hash_main, hs) != 0) {
            hasher_stop(hs);
            return bz_fail(e, BZ_ERR_STORE, "cannot start a thread for passwords: raise the limit of processes");
        }
    }
    *ret = hs;
    return BZ_OK;
}

static enum bz_err say_busy(struct bz_error *e)
{
    bz_fail(e, BZ_ERR_BUSY, "too many people sign in with a password just now; try again in a moment");
    e->retry_after_ms = RETRY_MS;
    return BZ_ERR_BUSY;
}

enum bz_err hasher_submit(struct hasher *hs, struct hashing *take_h, struct bz_error *e)
{
    uv_mutex_lock(&hs->lock);
    bool is_full = hs->waiting >= HASH_JOBS || hs->is_stopping;
    if (!is_full) {
        take_h->next = NULL;
        *hs->last = take_h;
        hs->last = &take_h->next;
        hs->waiting++;
        uv_cond_signal(&hs->work);
    }
    uv_mutex_unlock(&hs->lock);
    if (!is_full)
        return BZ_OK;
    stat_add(&hs->stats->hashes_refused, 1);
    return say_busy(e);
}

static void wake_closed(uv_handle_t *handle)
{
    struct hasher *hs = handle->data;
    uv_mutex_destroy(&hs->lock);
    uv_cond_destroy(&hs->work);
    free(hs);
}

void hasher_stop(struct hasher *hs)
{
    if (hs == NULL)
        return;
    uv_mutex_lock(&hs->lock);
    hs->is_stopping = true;
    uv_cond_broadcast(&hs->work);
    uv_mutex_unlock(&hs->lock);
    for (int i = 0; i < hs->threads; i++)
        (void)uv_thread_join(&hs->thread[i]);
    for (struct hashing *h = hs->first; h != NULL; h = h->next)
        say_busy(&h->error);
    *hs->answered_last = hs->first;
    hs->first = NULL;
    hs->last = &hs->first;
    deliver(&hs->wake);
    uv_close((uv_handle_t *)&hs->wake, wake_closed);
}
