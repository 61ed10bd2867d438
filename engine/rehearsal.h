/* A rehearsal: the steps of plans, tried on samples of partial matches before the search begins, so
 * that a planner knows what filters, windows and hubs leave when they come together. After V. Leis
 * et al., "Cardinality Estimation Done Right: Index-Based Join Sampling", 2017.
 *
 * A sample stands for all partial matches of some moves. Of a step's candidates, over all partial
 * matches of the sample, some are tried at even distances, so that a hub's are as many among them
 * as among all; more are tried where few pass. What passes is the sample of the next step. Where
 * there are no more candidates than would be tried, all are, and the outcome is exact. Nothing is
 * drawn by chance: the same partitions and query give the same samples.
 *
 * Has an arena of its own; one thread uses it. Steps that were tried are remembered.
 * Conditions between flows, and between vertices other than that they differ, are not asked. A
 * candidate costs some hundred nanoseconds, and a step some hundred candidates. */
#ifndef GYRE_ENGINE_REHEARSAL_H
#define GYRE_ENGINE_REHEARSAL_H

#include "engine/filter.h"
#include "numa/arena.h"
#include "query/plan.h"

/* Vertices that a plan may begin with: of more, some are tried, and the hub may not be among them.
 */
enum { REHEARSAL_STARTS_MAX = 1024 };

struct rehearsal;

/* What a rehearsal takes. */
struct rehearsal_means {
    const struct topology *topology;
    struct budget *budget;
    struct stop *stop;
    bool is_wanted; /* for tests: whatever the plan is expected to cost */
};

/* NULL: there is no memory for it. */
struct rehearsal *rehearsal_open(const struct bound_query *query, const struct filters *filters,
                                 const vertex_id *seek, const struct rehearsal_means *means);

/* NULL is accepted. */
void rehearsal_close(struct rehearsal *rehearsal);

/* As those of plan_sampler; `context` is the rehearsal. */
void rehearsal_begin(void *context, double effort);
struct plan_outcome rehearsal_try(void *context, uint32_t sample, const struct plan_trial *trial);
double rehearsal_try_flows(void *context, uint32_t sample);

#endif
