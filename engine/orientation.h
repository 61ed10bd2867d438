/* Orientations of a pattern: with k undirected edges there are 2^k ways to give each a direction,
 * and the pattern's matches are those of all of them together.
 *
 * A self-loop would match either way and is one match, so that an edge that is turned round,
 * against the way it is written, stands only for flows between different vertices
 * (engine/predicates.c). Then no two orientations have a match in common. All are searched for with
 * one plan, which does not depend on directions, and at once: a task knows its orientation. */
#ifndef GYRE_ENGINE_ORIENTATION_H
#define GYRE_ENGINE_ORIENTATION_H

#include "engine/search.h"

struct orientation {
    uint32_t turned;                            /* mask of pattern edges */
    struct bound_edge edges[PATTERN_EDGES_MAX]; /* as the query's, turned */
    uint32_t inner_edges;                       /* mask: both ends can only be inner vertices */
    const uint64_t *vertex_bits[PATTERN_VERTICES_MAX]; /* vertices that can match; NULL: all */
    const struct time_order *orders[PLAN_STEPS_MAX];   /* of the steps that go by time */
    uint32_t counted_apart; /* mask: vertices that the far end of the counted edge is not */
};

/* Fills search->orientations, but for the orders. */
enum status orientations_open(struct search *search, struct arena *arena, struct error *error);

/* An order of flows by time, which steps and orientations may share. */
struct shared_order {
    struct time_order order;
    enum plan_step_kind kind;
    uint64_t *const *bits; /* of the flows' filter */
};

struct shared_orders {
    struct shared_order items[2 * PLAN_STEPS_MAX];
    uint32_t count;
};

/* Orders flows by time for the steps that want it. Where there is no memory for that, they walk all
 * links, which needs none. `orders` is to be closed whatever the status. */
enum status orientations_open_orders(struct search *search, struct shared_orders *orders,
                                     struct budget *budget, struct error *error);
void shared_orders_close(struct shared_orders *orders);

#endif
