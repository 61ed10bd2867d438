/* Which worker searches what: slabs are dealt out; then what is left of a slab, of a root's paths
 * or of a closed path is split when somebody is idle, as in engine/search_schedule.h. */
#ifndef GYRE_ENGINE_CYCLE_SCHEDULE_H
#define GYRE_ENGINE_CYCLE_SCHEDULE_H

#include "engine/cycle_search.h"

/* The team's function: works until no worker has anything left. */
void cycle_schedule_run(const struct worker *worker, void *search);

/* Looks at the stop, draws, splits. */
void cycle_schedule_poll(struct cycle_searcher *searcher);

/* Called after `amount` small steps. False when the search is to end. */
static inline bool cycle_poll(struct cycle_searcher *searcher, uint64_t amount)
{
    searcher->poll_countdown -= amount < 4096 ? (int32_t)amount : 4096;
    if (__builtin_expect(searcher->poll_countdown <= 0, 0)) {
        cycle_schedule_poll(searcher);
    }
    return !stop_is_requested(searcher->search->options->stop);
}

#endif
