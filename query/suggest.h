/* What to say when a name is unknown: the nearest one that is known, or all of them; of a function,
 * what stands here for one of that name elsewhere. */
#ifndef GYRE_QUERY_SUGGEST_H
#define GYRE_QUERY_SUGGEST_H

#include <stdint.h>

#include "base/bytes.h"

enum { SUGGEST_TEXT_BYTES = 512, SUGGEST_LISTED_MAX = 20 };

/* Writes "; did you mean `Dur`?", or "; known: `a`, `b`, ..." with at most SUGGEST_LISTED_MAX
 * names, or nothing, into `text` (SUGGEST_TEXT_BYTES). The same letters in another case come before
 * a small edit distance. */
void suggest_name(struct bytes wrong, const struct bytes *names, uint32_t count, char *text);

/* Writes "; write percentileCont(x, 0.5)" when other languages have a function of that name, or
 * "; did you mean `size`?", or where all of them are listed. */
void suggest_function(struct bytes wrong, const struct bytes *names, uint32_t count, char *text);

/* The nearest name, or NULL when none is near. */
const struct bytes *suggest_nearest(struct bytes wrong, const struct bytes *names, uint32_t count);

#endif
