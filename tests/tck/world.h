/* A small graph of any labels, types and properties, made by CREATE and then read by queries: what
 * the scenarios of the openCypher TCK are run on. Its shape is a real struct graph of one
 * partition; its labels and properties are answered by methods of its own. */
#ifndef GYRE_TESTS_TCK_WORLD_H
#define GYRE_TESTS_TCK_WORLD_H

#include "pipeline/entities.h"

struct world_node {
    struct value labels; /* LIST of TEXT */
    struct value properties;
};

struct world_edge {
    uint32_t source;
    uint32_t target;
    struct value type; /* TEXT */
    struct value properties;
};

struct world {
    struct entities entities; /* first: methods find the world from it */
    struct pool pool;
    struct graph graph;
    struct partition partition;
    struct world_node *nodes;
    uint32_t node_count;
    uint32_t node_capacity;
    struct world_edge *edges;
    uint32_t edge_count;
    uint32_t edge_capacity;
    uint32_t *edge_at; /* [edge_count]: the edge that each flow position is */
    struct bytes *names;
    uint32_t name_count;
    uint32_t name_capacity;
};

void world_open(struct world *world);
void world_close(struct world *world);

/* Labels and properties are copied. Memory that ends is a failed CHECK. The graph has what was
 * added after the next world_build. Returns the vertex. */
uint32_t world_add_node(struct world *world, struct value labels, struct value properties);
void world_add_edge(struct world *world, uint32_t source, uint32_t target, struct value type,
                    struct value properties);

/* Makes the graph of what was added so far. Numbers of flows may change with it. */
void world_build(struct world *world);

#endif
