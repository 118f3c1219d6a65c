/* lang.h: a guess at the language of a post, restricted to the languages of the community. Not thread-safe. */
#ifndef BZ_ENGINE_LANG_H
#define BZ_ENGINE_LANG_H
#include "baraza/limits.h"
#include "base/span.h"

struct lang_model;
struct lang_model *lang_new(void);       /* NULL: the fingerprints are not installed; then nothing is guessed */
void lang_free(struct lang_model *m);
bool lang_guess(struct lang_model *m, struct span text, char ret[BZ_LIMIT_LANG_CHARS + 1]);   /* false: unsure */
#endif
