/* What one run of a query works on, for everything that evaluates and moves rows.
 *
 * A row is one array of values, with a slot for every variable of the whole query, those of WITH,
 * of comprehensions and subqueries included; nothing is ever renumbered or copied between clauses.
 * Values made for a row lie in `pool` above a mark that whoever made the row returns to. */
#ifndef GYRE_PIPELINE_RUN_H
#define GYRE_PIPELINE_RUN_H

#include <stdint.h>

#include "base/stop.h"
#include "pipeline/entities.h"
#include "query/source.h"
#include "value/function.h"
#include "value/pool.h"

#define SLOT_NONE UINT32_MAX

struct run_options;
struct match_statistics;
struct profile;
struct timed_hops;

struct run {
    struct value *row; /* [slot_count], of the query */
    uint32_t slot_count;
    struct pool pool;
    const struct entities *entities;
    const struct source *source; /* of the query; its error is the run's */
    struct stop *stop;
    struct call call; /* for functions; its pool is `pool` */
    const struct run_options *options;
    struct match_statistics *matching; /* of the matcher */
    struct profile *profile;           /* NULL: nobody wants to see it */
    struct timed_hops *timed;          /* of all workers (pattern_timed.h); NULL: none */
    uint64_t flows_visited;
    uint64_t links_visited;
    bool is_in_team;        /* the team is at work for this run already */
    bool is_order_lost;     /* the error is one of several, and perhaps not the first */
    bool is_alone;          /* one worker does it all, for the sake of that error */
    uint32_t steps_to_poll; /* until the stop is looked at again */
};

/* What became of a row that was pushed on. */
enum pushed {
    PUSHED_MORE,   /* go on */
    PUSHED_ENOUGH, /* no further row is wanted: end without an error */
    PUSHED_FAILED, /* the error is set (or the stop requested): end */
};

/* To be called in every loop that may be long, before so many steps at once; false: end with
 * PUSHED_FAILED. */
static inline bool run_continues_for(struct run *run, uint32_t steps)
{
    if (run->steps_to_poll >= steps) {
        run->steps_to_poll -= steps;
        return true;
    }
    run->steps_to_poll = 1000;
    return !stop_poll(run->stop);
}

static inline bool run_continues(struct run *run)
{
    return run_continues_for(run, 1);
}

#endif
