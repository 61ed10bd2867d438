/* The conjuncts that the search decides itself, compiled: structural ones at the step that binds
 * the last of their vertices, residual ones at the level that chooses the last of their flows.
 *
 * Conjuncts that can fail come last, so that the others guard them in whatever order they were
 * written: `x.TotPkts <> y.TotPkts` guards `1 / (x.TotPkts - y.TotPkts) > 0`. */
#ifndef GYRE_ENGINE_PREDICATES_H
#define GYRE_ENGINE_PREDICATES_H

#include "engine/search.h"

/* Fills `search->structural` and `search->residual` from the query and the plan, which are set.
 * Programs come from `arena`. STATUS_USAGE when there are more than SEARCH_PREDICATES_MAX. */
enum status predicates_compile(struct search *search, struct arena *arena, struct error *error);

#endif
