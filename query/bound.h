/* A bound query: what the engine executes, with every name resolved against a graph's frames.
 *
 * One MATCH (or several; each flow is unique within its clause) and one RETURN. Conjuncts of WHERE
 * and inline property maps are classified; conditions on the start times of flows are taken out as
 * difference constraints and closed transitively. Immutable; owns its memory. */
#ifndef GYRE_QUERY_BOUND_H
#define GYRE_QUERY_BOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "graph/graph.h"
#include "query/expression.h"

enum {
    PATTERN_EDGES_MAX = 16,
    PATTERN_VERTICES_MAX = 20,
    QUERY_BYTES_MAX = 1 << 20,
    QUERY_DEPTH_MAX = 200, /* of nested expressions */
    QUERY_NAME_BYTES = 256,
    QUERY_OUTPUTS_MAX = 1024, /* and as many ORDER BY */
    UNDIRECTED_EDGES_MAX = 8, /* each doubles the orientations of a pattern */
};

struct bound_vertex {
    const char *name; /* NULL: anonymous */
    const struct vertex_frame *frame;
};

struct bound_edge {
    const char *name;
    const struct edge_frame *frame;
    uint32_t source; /* pattern vertices; equal for a self-loop */
    uint32_t target;
    uint32_t clause;    /* flows are distinct within a clause */
    bool is_undirected; /* stands for flows either way; its ends are not equal */
};

/* A conjunct. Its kind follows from its masks: no edge and one vertex: a vertex filter; one edge
 * and no vertex but possibly its ends: with no vertex an edge filter; several vertices and no edge:
 * structural; everything else: residual. None at all: a constant. */
enum predicate_kind {
    PREDICATE_CONSTANT,
    PREDICATE_VERTEX,
    PREDICATE_EDGE,
    PREDICATE_STRUCTURE,
    PREDICATE_RESIDUAL,
};

struct predicate {
    enum predicate_kind kind;
    const struct expression *expression; /* BOOL; a match passes when it is true, not null */
};

/* A conjunct on one flow or one vertex that the typed language has no words for. Whoever bound the
 * query judges it (engine/filter_external.h). */
struct external_predicate {
    enum predicate_kind kind; /* PREDICATE_EDGE or PREDICATE_VERTEX */
    uint32_t variable;        /* the pattern edge or vertex that it reads */
    int property;      /* of an edge: the only one that it reads; PROPERTY_NONE: it may read any */
    struct bytes key;  /* what it says, whichever edge it reads and whichever query it is of: as
                          filter_key; empty: nothing else says the same */
    struct bytes text; /* for EXPLAIN */
};
enum { EXTERNALS_MAX = 16 };

/* time[j] - time[i] <= limit_ns[i][j], for pattern edges; index WINDOW_ORIGIN stands for time 0, so
 * that absolute bounds are differences too. WINDOW_NONE: no bound. Closed under addition of bounds
 * (Floyd and Warshall's shortest paths); saturating. Starts with i == j as 0. */
#define WINDOW_NONE INT64_MAX
enum { WINDOW_ORIGIN = PATTERN_EDGES_MAX, WINDOW_NODES = PATTERN_EDGES_MAX + 1 };

struct window {
    int64_t limit_ns[WINDOW_NODES][WINDOW_NODES];
    bool is_impossible; /* the bounds contradict one another: no match */
};

enum aggregate_function {
    AGGREGATE_COUNT_ALL, /* count(*): no argument */
    AGGREGATE_COUNT,
    AGGREGATE_SUM,
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_AVG,
};

struct aggregate {
    enum aggregate_function function;
    bool is_distinct;
    enum type type;                    /* of the result */
    const struct expression *argument; /* over matches; NULL for count(*) */
};

struct output {
    const char *name;                    /* the alias, or the expression's text */
    const struct expression *expression; /* over matches; or over keys and aggregates */
};

struct order {
    const struct expression *expression; /* as an output's, or EXPRESSION_OUTPUT */
    bool is_descending;
};

struct bound_query {
    const struct graph *graph;
    struct bound_vertex vertices[PATTERN_VERTICES_MAX];
    uint32_t vertex_count;
    struct bound_edge edges[PATTERN_EDGES_MAX];
    uint32_t edge_count;

    struct predicate *predicates;
    uint32_t predicate_count;
    const struct external_predicate *externals; /* [external_count], of whoever judges them */
    uint32_t external_count;                    /* at most EXTERNALS_MAX */
    struct window window;

    bool is_grouped; /* has aggregates: outputs are over keys and aggregates */
    const struct expression **keys;
    uint32_t key_count;
    struct aggregate *aggregates;
    uint32_t aggregate_count;
    const struct expression *having; /* over keys and aggregates, never an error: groups for which
                                        it is not true may be left out; NULL: all are wanted */

    struct output *outputs;
    uint32_t output_count;
    bool is_distinct;
    struct order *orders;
    uint32_t order_count;
    uint64_t skip;
    uint64_t limit; /* UINT64_MAX: none */

    bool is_explain; /* EXPLAIN and PROFILE before the query */
    bool is_profile;

    struct bytes text; /* of the query, a copy */
    const char *name;  /* of its place, a copy */

    void *memory; /* owns everything above but `externals` */
};

/* Parses and binds `text`. `name` is what errors call its place ("query", a file's name). Errors
 * are STATUS_USAGE with line, column and excerpt. `*query` is set only on success. */
enum status query_bind(struct bound_query **query, const struct graph *graph, struct bytes text,
                       const char *name, struct error *error);

struct ast_query;
struct source;

/* Binds a plain query (query/plain.h) that was parsed already; copies what it needs. */
enum status query_bind_tree(struct bound_query **query, const struct graph *graph,
                            const struct ast_query *ast, const struct source *source);

/* Parses the queries of a text, for checks that need no graph. */
enum status query_check(struct bytes text, const char *name, struct error *error);

/* Whether it says that two vertices differ, and nothing else. */
bool expression_is_inequality(const struct expression *expression);

/* Whether evaluating it can be an error: integer overflow, division by zero. The widths of columns
 * tell how large what they hold can be. */
bool query_can_fail(const struct bound_query *query, const struct expression *expression);

/* Whether nothing is asked for but how many matches there are. */
bool query_counts_only(const struct bound_query *query);

/* What rows, or keys and aggregates, are made of, as masks of pattern edges and vertices; of rows
 * that may be equal, everything. */
struct query_reads {
    bool can_weigh; /* matches that differ in nothing of that can be taken as one with a weight, and
                       there can be such */
    bool is_once;   /* of these, one is as good as all, and to look at no other hides no error */
    uint32_t edge_mask;
    uint32_t vertex_mask;
};
struct query_reads query_reads(const struct bound_query *query);

/* NULL is accepted. */
void query_close(struct bound_query *query);

/* STATUS_USAGE at an expression's query_offset, with line, column and excerpt; for what goes wrong
 * when a query runs. `error` may be NULL. */
enum status query_error(struct error *error, const struct bound_query *query, uint32_t offset,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The undirected edges of the pattern, as a mask. */
uint32_t query_undirected_edges(const struct bound_query *query);

/* The directions that they can have together: the orientations of the pattern. */
static inline uint32_t query_orientation_count(const struct bound_query *query)
{
    return UINT32_C(1) << __builtin_popcount(query_undirected_edges(query));
}

/* The vertices that are known where the flows of a match are: ends of directed edges. */
uint32_t query_known_vertices(const struct bound_query *query);

/* Writes an expression in the language, for EXPLAIN; returns the length it wanted to write. */
uint32_t expression_format(const struct bound_query *query, const struct expression *expression,
                           char *text, uint32_t text_bytes);

#endif
