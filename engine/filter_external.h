/* Filters of conjuncts that the typed language has no words for (bound_query.externals): whoever
 * bound the query judges one flow or one vertex at a time, and that is done once, over those that
 * pass the other filters, into bits like theirs.
 *
 * Judging takes a hundred times as long as comparing a column, so that it is done only where the
 * search is expected to take longer, or where it is known from before; what reads one narrow column
 * is judged once for each of its values. If judging fails for any flow, there are no such filters:
 * a flow that is in no match must not make an error. Whoever judges then does so for the matches.
 */
#ifndef GYRE_ENGINE_FILTER_EXTERNAL_H
#define GYRE_ENGINE_FILTER_EXTERNAL_H

#include "engine/filter.h"

/* Whether predicate `index` of bound_query.externals holds for a flow (edge_id) or vertex. False:
 * it cannot be told, now or ever. Called by worker `worker`, by several at once. */
typedef bool external_judge(void *context, uint32_t worker, uint32_t index, uint64_t id,
                            bool *holds);

enum external_choice { EXTERNALS_BY_COST, EXTERNALS_NEVER, EXTERNALS_ALWAYS };

struct filter_externals {
    external_judge *judge;
    void *context;
    enum external_choice choice; /* NEVER after judging failed */
    bool are_filters;            /* they are part of the filters; set before the search begins */
    uint64_t judge_count;        /* so many calls take as long as making filters of them */
};

/* What the search looks at in the time of one call. */
enum { EXTERNAL_CANDIDATES = 16 };

/* Makes filters of all externals of the query, or of none, after filters_build with the same
 * arguments. `search_cost`: what the search takes where it judges its matches, in candidates; 0
 * where it may end at any time. `externals` may be NULL: the query has none. */
enum status filters_add_externals(struct filters *filters, const struct bound_query *query,
                                  struct filter_externals *externals, double search_cost,
                                  struct team *team, struct arena *arena,
                                  struct arena *const *node_arenas, struct stop *stop,
                                  struct error *error);

#endif
