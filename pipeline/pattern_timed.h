/* Links of a vertex that have a flow in a window of time, for hops along these only: at a vertex of
 * thousands of links most have none. They are found by the vertex's flows in the order of time
 * (engine/time_order.h), come in the order in which all would come, and none is left out that has
 * one: what is found along them does not depend on whether they were listed.
 *
 * To order the flows of a vertex costs more than to walk its links once. So links are walked, and
 * what that takes is added up, until it is as much as the order would take; then the next who comes
 * makes it, for all workers of the run. Without memory links are walked.
 *
 * One of a run, which all its workers use at once. */
#ifndef GYRE_PIPELINE_PATTERN_TIMED_H
#define GYRE_PIPELINE_PATTERN_TIMED_H

#include <stdatomic.h>

#include "engine/time_order.h"
#include "pipeline/compiled.h"
#include "pipeline/pattern_match.h"

/* Room for one worker at a time. */
struct timed_room {
    atomic_flag is_taken;
    struct order_room room;
};

/* The flows that leave, or those that arrive. */
struct timed_order {
    _Atomic uint32_t state; /* of `order`: of pattern_timed.c */
    struct time_order order;

    /* Links still to be walked at a vertex before its flows are put in order: 0: nobody has been
     * there; 1: none. [partition][vertex_count] */
    _Atomic uint32_t **debts;
    struct timed_room *rooms; /* [worker_count] */
};

/* `timed` of a run. */
struct timed_hops {
    const struct edge_frame *frame;
    const struct run_options *options;
    uint32_t links_least;   /* of a vertex: fewer are walked as soon as looked up */
    struct flow_filter all; /* lets every flow pass */
    struct timed_order leaving;
    struct timed_order arriving;
    _Atomic uint64_t walked_count; /* links, before there was an order */
    uint64_t used_bytes_most;      /* of the budget, by anybody, while orders are made */
};

/* NULL where `options` have no team or no budget: then links are walked. To be closed if not. */
struct timed_hops *timed_hops_init(struct timed_hops *timed, const struct graph *graph,
                                   const struct run_options *options);
void timed_hops_close(struct timed_hops *timed); /* NULL is accepted */

/* Before the links that leave, or arrive: leaves on the stack those with a flow in the window, or
 * lets the hops walk them all. */
void timed_hops_enter(struct hops *hops, bool is_out);

/* All links that leave, or arrive, were walked. */
void timed_hops_walked(const struct hops *hops, bool is_out);

#endif
