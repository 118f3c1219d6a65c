/* asking.h: questions to the sites by which people sign in, each by a worker of its own (work/ask.h). Thread: the loop's. */
#ifndef BZ_ADMIN_ASKING_H
#define BZ_ADMIN_ASKING_H
#include "wire/provider.h"
#include "work/ask.h"

struct asking;
struct asking *asking_start(const struct ask_config *config);   /* config's texts: borrowed */
/* As struct providers wants it; ctx: struct asking. */
bool asking_ask(void *ctx, const struct provider_question *question, provider_answer *answer, void *owner);
/* Who waits hears that there is no answer; nobody is asked any more. The loop must still run. NULL is fine. */
void asking_stop(struct asking *a);
void asking_free(struct asking *a);   /* after it. NULL is fine */
#endif
