/* What to say when a name is unknown: the nearest one that is known, or all of them; of a function,
 * what stands here for one of that name elsewhere; of a text that a column does not have, the
 * nearest one that it has. */
#ifndef GYRE_QUERY_SUGGEST_H
#define GYRE_QUERY_SUGGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/stop.h"
#include "graph/dictionary.h"
#include "graph/schema.h"
#include "query/ast.h"
#include "query/source.h"

enum { SUGGEST_TEXT_BYTES = 512, SUGGEST_LISTED_MAX = 20 };

/* Writes "; did you mean `Dur`?", or "; known: `a`, `b`, ..." with at most SUGGEST_LISTED_MAX
 * names, or nothing, into `text` (SUGGEST_TEXT_BYTES). The same letters in another case come before
 * a small edit distance. */
void suggest_name(struct bytes wrong, const struct bytes *names, uint32_t count, char *text);

/* The same of a property of flows. Where there are properties in whose names a point follows behind
 * it, as `id.orig_h` behind `id`, it tells how these are written. */
void suggest_property(struct bytes wrong, const struct schema *schema, char *text);

/* The same of a variable that stands at `offset`: what something is compared with may be a text
 * without its quotes. */
void suggest_variable(struct bytes wrong, const struct source *source, uint32_t offset,
                      const struct bytes *names, uint32_t count, char *text);

/* Writes "; write percentileCont(x, 0.5)" when other languages have a function of that name, or
 * "; did you mean `size`?", or where all of them are listed. */
void suggest_function(struct bytes wrong, const struct bytes *names, uint32_t count, char *text);

/* Whether no address whatever is equal to a text: it is a network, or an address with a mistake in
 * it, and none of the texts that stand for addresses in the graph. `text` says which, and what to
 * write. */
bool suggest_address(struct bytes wrong, const struct dictionary *known, char *text);

/* Whether no value of a column is equal to a text, or begins with it, ends with it or contains it
 * (AST_EQUAL, AST_STARTS_WITH, ...), but one is or does when case, and blanks around both, do not
 * count. `text` says which. Looks at all values, until it is stopped. */
bool suggest_value(struct bytes column, enum ast_kind comparison, struct bytes wrong,
                   const struct dictionary *values, struct stop *stop, char *text);

/* The same of a regular expression without a sign in it, but for (?i) at its start, that no value
 * is but one has in it: =~ wants all of a text. */
bool suggest_piece(struct bytes column, struct bytes expression, const struct dictionary *values,
                   struct stop *stop, char *text);

/* The nearest name, or NULL when none is near. */
const struct bytes *suggest_nearest(struct bytes wrong, const struct bytes *names, uint32_t count);

#endif
