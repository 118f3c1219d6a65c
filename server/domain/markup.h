/* markup.h: Markdown (md4c, raw HTML off) into the bounded token list of proto/README.md. Pure, linear in the text.
 *
 * md     = [ token, ... ]                     never empty; at most BZ_LIMIT_MARKUP_TOKENS; depth at most 32
 * token  = code | -code | 8 | 18              opens, closes; 8 hr and 18 br (also of soft breaks) have no close
 *        | [start, end] | "literal"           a slice of the text, start < end; text that is not in it (entities)
 *        | ["a", href]                        opens 17; href is http, https or mailto; never inside another
 *        | ["h", level] | ["ol", start]       open 2 (always this way) and 4 (when it does not begin at 1)
 *        | ["@", member id]                   opens 19, closed by -19; holds the slice "@handle" */
#ifndef BZ_DOMAIN_MARKUP_H
#define BZ_DOMAIN_MARKUP_H
#include "domain/facts.h"

/* Writes the JSON array of tokens to ret, or nothing (ret stays empty) when the text is plain paragraphs,
 * has more tokens than the limit, or cannot be parsed. Positions are UTF-16 units of text.
 * `@handle` of a member in facts->mentions becomes a mention. */
void markup_tokens(const struct facts *facts, struct span text, struct buf *ret);

/* What is read of the text once its markup is shown: no marks, addresses only where they are words, a new line where a
 * block, a cell or a line ends. Nothing where markup_tokens writes nothing: the text is read as it stands. */
void markup_words(struct span text, struct buf *ret);

/* Handles that follow an '@' at a word's start, each once, at most max; they borrow from text. Returns the count. */
size_t markup_handles(struct span text, struct span *ret, size_t max);
#endif
