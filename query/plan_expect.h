/* What a plan is expected to cost: partial matches after each move, and what is looked at on the
 * way. Inside query/ only.
 *
 * Edges are taken for independent but for three things. A hub is met as often as its links and
 * flows say: how many links go on from the end of a link is the mean over links, not over vertices
 * (graph/degrees.h). A window between two flows leaves the share of flows that it is of the whole
 * span of time. Vertices that a filter leaves have the links that they have.
 *
 * With a sampler each move is tried on a sample of what is bound. What was seen then takes the
 * place of what is expected, as far as enough was seen. */
#ifndef GYRE_QUERY_PLAN_EXPECT_H
#define GYRE_QUERY_PLAN_EXPECT_H

#include "query/plan.h"

enum plan_move_kind { MOVE_SCAN_EDGE, MOVE_START_VERTEX, MOVE_EXTEND };

/* What binds the next vertices: all links of an edge, a vertex, or a vertex by its links to bound
 * ones. Edges between bound vertices are closed along with it. */
struct plan_move {
    uint8_t kind;
    uint8_t index;   /* of the edge, or of the vertex */
    bool is_counted; /* as plan_step.is_counted */
};

/* How the last move goes, as plan_step says. */
struct plan_walk {
    bool is_long;
    bool by_time;
    double order_cost; /* where its flows have to be put in the order of time */
};

/* A pattern that is partly bound. */
struct plan_partial {
    uint32_t vertices; /* masks */
    uint32_t edges;
    double links;    /* ways to lay the bound edges on links */
    double flows;    /* and to choose flows in their windows */
    double cost;     /* links and flows looked at */
    uint32_t sample; /* of the sampler's; PLAN_NO_SAMPLE: only what is expected is known */
    /* Edges whose flows were put in the order of time, by their sources and by their targets. */
    uint32_t ordered[DIRECTION_COUNT];
};

struct plan_expect {
    const struct bound_query *query;
    const struct plan_statistics *statistics;
    struct query_reads reads;           /* of the query */
    const struct plan_sampler *sampler; /* NULL: nothing is tried */
};

/* Whether a mask has the vertex, or the edge. */
static inline bool plan_has(uint32_t mask, uint32_t index)
{
    return (mask >> index & 1) != 0;
}

/* The partial matches: a way to lay edges on links is left where their windows have no flows. */
static inline double plan_partial_count(const struct plan_partial *partial)
{
    return partial->links < partial->flows ? partial->links : partial->flows;
}

/* Each binds what it is called after. An extended vertex has an edge to a bound one; the two ends
 * of a closed edge are bound, and it is not. */
void plan_expect_scan(const struct plan_expect *expect, struct plan_partial *partial, uint32_t edge,
                      struct plan_walk *walk);
void plan_expect_vertex(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t vertex);
void plan_expect_extend(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t vertex, struct plan_walk *walk);
void plan_expect_close(const struct plan_expect *expect, struct plan_partial *partial,
                       uint32_t edge);

/* The edges between the vertex and bound ones, a mask. */
uint32_t plan_edges_to(const struct plan_expect *expect, const struct plan_partial *partial,
                       uint32_t vertex);

#endif
