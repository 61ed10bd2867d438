/* What a plan is expected to cost: partial matches after each move, and what is looked at on the
 * way. Inside query/ only.
 *
 * Edges are taken for independent but for three things. A hub is met as often as its links and
 * flows say: how many links go on from the end of a link is the mean over links, not over vertices
 * (graph/degrees.h). A window between two flows leaves the share of flows that it is of the whole
 * span of time. Vertices that a filter leaves have the links that they have. */
#ifndef GYRE_QUERY_PLAN_EXPECT_H
#define GYRE_QUERY_PLAN_EXPECT_H

#include "query/plan.h"

enum plan_move_kind { MOVE_SCAN_EDGE, MOVE_START_VERTEX, MOVE_EXTEND };

/* What binds the next vertices: all links of an edge, a vertex, or a vertex by its links to bound
 * ones. Edges between bound vertices are closed along with it. */
struct plan_move {
    uint8_t kind;
    uint8_t index; /* of the edge, or of the vertex */
};

/* A pattern that is partly bound. */
struct plan_partial {
    uint32_t vertices; /* masks */
    uint32_t edges;
    double ways;  /* to lay the bound edges on links, whatever their times; */
    double links; /* those that windows are expected to leave */
    double flows; /* and to choose flows in their windows */
    double cost;  /* links and flows looked at */
    bool by_time; /* the last move goes by time, as plan_step says */
    /* Edges whose flows were put in the order of time, by their sources and by their targets. */
    uint32_t ordered[DIRECTION_COUNT];
};

struct plan_expect {
    const struct bound_query *query;
    const struct plan_statistics *statistics;
    struct query_reads reads; /* of the query */
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

/* In every orientation of the pattern. */
static inline struct plan_partial plan_nothing_bound(const struct bound_query *query)
{
    double orientations = query_orientation_count(query);
    return (struct plan_partial){
        .ways = orientations, .links = orientations, .flows = orientations};
}

/* Each binds what it is called after. An extended vertex has an edge to a bound one; the two ends
 * of a closed edge are bound, and it is not. */
void plan_expect_scan(const struct plan_expect *expect, struct plan_partial *partial,
                      uint32_t edge);
void plan_expect_vertex(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t vertex);
void plan_expect_extend(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t vertex);
void plan_expect_close(const struct plan_expect *expect, struct plan_partial *partial,
                       uint32_t edge);

/* Whose flows are put in the order of time: those of each vertex at that end, or all. */
#define PLAN_ALL_FLOWS UINT32_MAX

/* What it costs to put the edge's flows in the order of time; nothing where that was paid. */
double plan_expect_order(const struct plan_expect *expect, struct plan_partial *partial,
                         uint32_t edge, uint32_t vertex);

/* The edges between the vertex and bound ones, a mask. */
uint32_t plan_edges_to(const struct plan_expect *expect, const struct plan_partial *partial,
                       uint32_t vertex);

#endif
