/* Inside the filters: what is built (filter_class.c), run (filter_run.c) and published (filter.c).
 */
#ifndef GYRE_ENGINE_FILTER_CLASS_H
#define GYRE_ENGINE_FILTER_CLASS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/filter.h"
#include "engine/filter_cache.h"
#include "engine/filter_test.h"
#include "engine/program.h"

enum {
    FILTER_BLOCK_WORDS = EVALUATE_LANES / 64,
    FILTER_UNIT_WORDS = 256, /* what a worker takes at once: 16,384 flows or vertices */
};

/* A distinct filter of flows, shared by the pattern edges that have the same conjuncts. */
struct flow_class {
    uint32_t edge;                /* the first of them */
    struct filter_key key;        /* empty: reads the ends of a flow, and is not shared */
    struct cached_filter *cached; /* whose bits and counts these are; NULL: of this query only */
    bool is_known;                /* evaluated by an earlier query */
    uint32_t conjunct_count;
    const struct expression **conjuncts;
    int64_t time_first;
    int64_t time_last;
    uint32_t test_count;
    struct flow_test *tests;
    struct program *program;     /* of the conjuncts that are no tests; NULL: none */
    uint32_t vertex_mask;        /* ends that the program reads */
    uint64_t **bits;             /* [partition] */
    _Atomic uint64_t *passed;    /* [partition] */
    _Atomic uint64_t *next_word; /* [partition] */
};

/* Of one pattern vertex. */
struct vertex_class {
    uint32_t vertex;
    struct program *program;
    uint64_t *bits;
    _Atomic uint64_t passed;
    _Atomic uint64_t next_word;
};

struct filter_build {
    struct filters *filters;
    const struct bound_query *query;
    struct arena *arena;
    struct arena *const *node_arenas; /* as filters_build has them */
    struct stop *stop;
    struct error *error;
    struct flow_class flows[PATTERN_EDGES_MAX];
    uint32_t flow_class_count;
    struct vertex_class vertices[PATTERN_VERTICES_MAX];
    uint32_t vertex_class_count;
    uint32_t class_of[PATTERN_EDGES_MAX]; /* FILTER_CLASS_NONE: everything passes */
    struct error *worker_errors;          /* [worker] */
};
#define FILTER_CLASS_NONE UINT32_MAX

/* Evaluates the constant conjuncts into filters->is_false. */
enum status filter_evaluate_constants(struct filter_build *build);

/* Sort the conjuncts of each pattern edge and vertex into tests and programs. */
enum status filter_make_flow_classes(struct filter_build *build);
enum status filter_make_vertex_classes(struct filter_build *build);

/* Runs all classes: a team_function, with a struct filter_build. An error goes to worker_errors and
 * requests STOP_FAILED. */
void filter_run_worker(const struct worker *worker, void *context);

#endif
