/* A graph built by hand from an array of rows, by naive sorting, with a team and memory: for tests
 * of the engine without the loader. Everything is checked with CHECK; nothing here is fast. */
#ifndef GYRE_TESTS_SUPPORT_TINY_GRAPH_H
#define GYRE_TESTS_SUPPORT_TINY_GRAPH_H

#include <math.h>
#include <stdint.h>

#include "base/stop.h"
#include "graph/graph.h"
#include "numa/budget.h"
#include "numa/team.h"
#include "query/bound.h"

/* Nulls: TINY_NULL, NAN, NULL. */
#define TINY_NULL INT64_MIN

struct tiny_row {
    const char *source;
    const char *target;
    int64_t time;
    int64_t packets;
    double duration; /* kept as thousandths when all are, else as doubles */
    const char *protocol;
};

/* Properties, in the schema's order. */
enum {
    TINY_TIME,
    TINY_DURATION,
    TINY_PROTOCOL,
    TINY_SOURCE,
    TINY_TARGET,
    TINY_PACKETS,
    TINY_PROPERTIES,
};

/* Machine, memory, graph and query of a test. */
struct tiny {
    struct topology *topology; /* synthetic, of two nodes */
    struct team *team;
    struct budget budget;
    struct stop stop;
    struct arena *arena; /* of expressions, and for the test */
    struct graph *graph;
    struct bound_query query;
    const struct tiny_row *rows;
    uint32_t row_count;
};

/* Opens everything, with an empty query over the graph. graph_validate has passed. */
void tiny_open(struct tiny *tiny, const struct tiny_row *rows, uint32_t row_count,
               uint32_t partition_count, uint32_t worker_count);
void tiny_close(struct tiny *tiny);

/* As the graph has it; an unknown text has a `low` beyond all texts. */
struct address tiny_address_of(const struct vertex_frame *frame, const char *text);

/* The flow that a row became, and the vertex of an address text. */
edge_id tiny_edge(const struct tiny *tiny, uint32_t row);
vertex_id tiny_vertex(const struct tiny *tiny, const char *text);

#endif
