/* How many links and flows leave a set of vertices and arrive there, and how often two of them
 * meet: what a planner expects of joins. Sums are of doubles, since pairs of flows at hubs do not
 * fit into 64 bits. */
#ifndef GYRE_GRAPH_DEGREES_H
#define GYRE_GRAPH_DEGREES_H

#include "graph/partition.h"

enum direction { DIRECTION_OUT, DIRECTION_IN, DIRECTION_COUNT };

struct degrees {
    double vertices;
    double links[DIRECTION_COUNT];
    double flows[DIRECTION_COUNT];
    /* [d][e]: pairs of one in direction d and one in direction e at the same vertex; where d is e,
     * also of one with itself. */
    double link_pairs[DIRECTION_COUNT][DIRECTION_COUNT];
    double flow_pairs[DIRECTION_COUNT][DIRECTION_COUNT];
};

struct edge_frame;

/* Of one vertex. */
struct degree {
    double links[DIRECTION_COUNT];
    double flows[DIRECTION_COUNT];
};

/* Of a vertex that the partition owns. Where more links arrive than `looked_at`, a sample of so
 * many of them tells how many flows they have. */
struct degree degree_of(const struct edge_frame *frame, const struct partition *partition,
                        vertex_id vertex, uint32_t looked_at);

void degrees_add(struct degrees *degrees, const struct degree *degree);

/* Adds the vertices begin .. end - 1 of the frame. */
void degrees_add_range(struct degrees *degrees, const struct edge_frame *frame, vertex_id begin,
                       vertex_id end);

/* Adds those of other vertices. */
void degrees_add_all(struct degrees *degrees, const struct degrees *others);

/* Those of a share of the vertices that is like the rest. */
struct degrees degrees_of_share(const struct degrees *degrees, double share);

#endif
