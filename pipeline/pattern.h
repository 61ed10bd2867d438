/* Matching a pattern from one row: the general way, for whatever the parallel matcher (engine/)
 * does not do: variables bound by earlier clauses, relationships of variable length, many
 * undirected ones, optional parts, shortest paths. Row at a time, by backtracking; openCypher's
 * semantics: within one MATCH no flow is used twice. */
#ifndef GYRE_PIPELINE_PATTERN_H
#define GYRE_PIPELINE_PATTERN_H

#include "pipeline/term.h"

/* {name: value, ...}: equal to all of these; or equal to the entries of a map known at run time. */
struct pattern_properties {
    uint32_t count;
    const uint32_t *handles; /* HANDLE_NONE: nothing has it, so nothing matches */
    struct term **values;
    struct term *map; /* NULL: none; else the rest is empty */
};

struct pattern_vertex {
    uint32_t slot; /* every vertex has one, also an anonymous one */
    bool is_bound; /* by an earlier clause; when the slot is null, nothing matches */
    uint32_t label_count;
    const uint32_t *labels; /* handles; all have to hold */
    struct pattern_properties properties;
};

struct pattern_edge {
    uint32_t slot; /* of the edge, or of the list of edges when it is variable */
    bool is_bound;
    uint32_t left; /* pattern vertices, as written */
    uint32_t right;
    enum ast_direction direction;
    uint32_t type_count;                  /* 0: any */
    const uint32_t *types;                /* handles; one has to hold */
    struct pattern_properties properties; /* of every edge of a variable one */
    bool is_variable;
    int64_t least; /* hops */
    int64_t most;  /* AST_HOPS_UNBOUNDED */

    /* What the conditions of the query say of the hops of a variable edge, so that they prune the
     * walk. They are checked again as conditions, so that it is right to ignore them. */
    bool is_ascending; /* each StartTime at or after the one before */
    bool is_strict;    /* after it */
    int64_t window_ns; /* last StartTime - first StartTime is at most this; INT64_MAX: not known */
    struct term *hop_condition; /* must hold with each edge of it in slot `hop_slot`; or NULL */
    uint32_t hop_slot;
};

/* vertices and edges that follow one another: path i has edges first_edge .. + edge_count - 1; its
 * vertices are the ends of these, or `vertex` alone. */
struct pattern_path {
    uint32_t slot; /* SLOT_NONE: without a name */
    uint32_t vertex;
    uint32_t first_edge;
    uint32_t edge_count;
    enum ast_shortest shortest;
};

/* A conjunct of the condition, to be evaluated as soon as the variables that it reads are bound. */
struct pattern_condition {
    struct term *term;
    uint64_t vertices; /* bits of pattern vertices, edges and paths that it reads */
    uint64_t edges;
    uint64_t paths;
};

enum { PATTERN_ELEMENTS_MAX = 64 };

struct pattern {
    uint32_t vertex_count; /* a vertex that is written several times is one here */
    struct pattern_vertex *vertices;
    uint32_t edge_count;
    struct pattern_edge *edges;
    uint32_t path_count;
    struct pattern_path *paths;
    uint32_t condition_count;
    struct pattern_condition *conditions;
    void *plan;          /* pattern.c's own, made by pattern_prepare */
    uint32_t first_step; /* of its plan, among those of the whole query */
};

/* Orders the steps: from bound vertices outward, from what is told by its key, else from the
 * rarest. In `memory`. */
enum status pattern_prepare(struct pattern *pattern, const struct entities *entities,
                            struct chain *memory, struct error *error);

/* Steps of its plan. */
uint32_t pattern_step_count(const struct pattern *pattern);

/* Called with all slots of the pattern set, once for every match. */
typedef enum pushed pattern_found(struct run *run, void *context);

/* Finds all matches that extend the current row. Slots that the pattern binds are undefined
 * afterwards. Deterministic: the order depends only on graph and query. */
enum pushed pattern_match(struct run *run, const struct pattern *pattern, pattern_found *found,
                          void *context);

/* How the work of one row can be divided: among the vertices that its plan begins with, where that
 * is all of them, and the hops of each among slices. */
struct pattern_division {
    bool scans;    /* it begins with every vertex */
    bool has_hops; /* and goes, or goes from one vertex, along hops that can be cut into slices */
    uint32_t slot; /* of that vertex, where the row has it from before; SLOT_NONE: it has not */
    enum ast_direction direction; /* of the hops, as seen from the vertex */
};

struct pattern_division pattern_divide(const struct pattern *pattern);

/* What a division's hops go over at a vertex, in the units of slices: hops_count. */
uint64_t pattern_hop_count(const struct pattern_division *division, const struct graph *graph,
                           vertex_id vertex);

/* A part of that work. Parts whose vertices, and of one vertex whose slices, follow one another
 * give together what pattern_match gives, in the same order. */
struct pattern_part {
    vertex_id vertex_begin; /* where the division scans */
    vertex_id vertex_end;
    uint32_t slice; /* of slice_count; these are 0 of 1 unless it has hops and one vertex */
    uint32_t slice_count;
};

/* As pattern_match, of one part; NULL: of all. */
enum pushed pattern_match_part(struct run *run, const struct pattern *pattern,
                               const struct pattern_part *part, pattern_found *found,
                               void *context);

#endif
