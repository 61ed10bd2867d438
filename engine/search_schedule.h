/* Scheduling: which worker searches what.
 *
 * Candidates of the first step are dealt out in runs. A worker begins with its share of each
 * partition of its node, so that what it finds is near what it found before, and goes on with those
 * of the workers behind it. A worker that finds none left, and nothing in its own deque, steals,
 * from its own node first. A worker that searches gives away half of its shallowest range that is
 * left, but only when somebody is idle and its own deque is empty. The search is over when all are
 * idle. */
#ifndef GYRE_ENGINE_SEARCH_SCHEDULE_H
#define GYRE_ENGINE_SEARCH_SCHEDULE_H

#include "engine/search.h"

/* Called by the search every so often: looks at the stop, draws, splits. */
void schedule_poll(struct searcher *searcher);

static inline void search_poll(struct searcher *searcher)
{
    if (__builtin_expect(--searcher->poll_countdown == 0, 0)) {
        schedule_poll(searcher);
    }
}

/* Whether a loop over candidates is to go on; asked before its range is looked at, which a split
 * may shorten. */
static inline bool search_goes_on(struct searcher *searcher)
{
    search_poll(searcher);
    return !stop_is_requested(searcher->search->stop);
}
/* About how much work the whole search is, for progress: the flows that its roots have, where few
 * pass a filter those that do. */
uint64_t schedule_total_weight(const struct search *search);

/* The team's function: works until no worker has anything left. */
void schedule_run(const struct worker *worker, void *search);

/* The same without a scheduler, to measure one by: each partition's candidates in equal shares for
 * the workers of its node. */
void schedule_run_shares(const struct worker *worker, void *search);

#endif
