/* linking.h: what links lead to, found out by workers (work/fetch.h), a few at a time: those of new posts at once, then once a week
 * whether they still answer. What is found is told by commands of the hub itself. Loop thread. */
#ifndef BZ_ADMIN_LINKING_H
#define BZ_ADMIN_LINKING_H
#include "base/log.h"
#include "engine/readers.h"
#include "engine/writer.h"
#include "work/fetch.h"

struct linking;
struct linking_config {
    uv_loop_t *loop;
    struct writer *writer;     /* borrowed, as the rest: they outlive it */
    struct readers *readers;
    const struct env *env;
    struct log *log;
    const char *resolver, *ports, *inside, *agent;   /* as in struct fetch_config */
};
enum bz_err linking_start(const struct linking_config *config, struct linking **ret, struct bz_error *e);
void linking_committed(struct linking *l, const struct commit *commit);   /* NULL is fine, as below */
void linking_stop(struct linking *l);   /* ends the workers. Frees itself on the loop, which must still run */
#endif
