#include "admin/asking.h"

#include <stdlib.h>

#include "base/limits.h"

struct waiting { struct asking *asking; struct ask_run *ask; provider_answer *answer; void *owner; };

struct asking {
    struct ask_config config;
    bool is_stopping;
    struct waiting waiting[ASK_WORKERS];   /* answer NULL: free */
};

struct asking *asking_start(const struct ask_config *config)
{
    struct asking *a = calloc(1, sizeof *a);
    if (a == NULL)
        abort();
    a->config = *config;
    return a;
}

static void answered(void *ctx, int status, struct span body)
{
    struct waiting *w = ctx, was = *w;
    *w = (struct waiting){ .answer = NULL };
    was.answer(was.owner, status, body);
}

bool asking_ask(void *ctx, const struct provider_question *question, provider_answer *answer, void *owner)
{
    struct asking *a = ctx;
    struct bz_error e = { 0 };
    const struct ask_order order = { question->url, question->user, question->password, question->form, question->provider->ca,
                                     question->is_inside };
    size_t i = 0;
    while (i < ASK_WORKERS && a->waiting[i].answer != NULL)
        i++;
    if (a->is_stopping || i == ASK_WORKERS)
        return false;
    a->waiting[i] = (struct waiting){ a, NULL, answer, owner };
    if (ask_start(&a->config, &order, answered, &a->waiting[i], &a->waiting[i].ask, &e) == BZ_OK)
        return true;
    a->waiting[i] = (struct waiting){ .answer = NULL };
    return false;
}

void asking_stop(struct asking *a)
{
    if (a == NULL)
        return;
    a->is_stopping = true;
    for (size_t i = 0; i < ASK_WORKERS; i++)
        if (a->waiting[i].answer != NULL) {
            ask_stop(a->waiting[i].ask);
            answered(&a->waiting[i], 0, SPAN(""));
        }
}

void asking_free(struct asking *a) { free(a); }
