/* markup.h: Markdown (md4c, raw HTML off) into the bounded token list of proto/README.md. Pure, linear in the text. */
#ifndef BZ_DOMAIN_MARKUP_H
#define BZ_DOMAIN_MARKUP_H
#include "domain/facts.h"

/* Writes the JSON array of tokens to ret, or nothing (ret stays empty) when the text is plain paragraphs,
 * has more tokens than the limit, or cannot be parsed. Positions are UTF-16 units of text.
 * `@handle` of a member in facts->mentions becomes a mention. */
void markup_tokens(const struct facts *facts, struct span text, struct buf *ret);

/* Handles that follow an '@' at a word's start, each once, at most max; they borrow from text. Returns the count. */
size_t markup_handles(struct span text, struct span *ret, size_t max);
#endif
