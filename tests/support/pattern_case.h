/* Random patterns over random small graphs, and all their matches by trying everything: every
 * vertex for every vertex of the pattern, every flow for every edge, every order of flows for every
 * walk. Written in rows and hosts, and sharing nothing with pipeline/. */
#ifndef GYRE_TESTS_SUPPORT_PATTERN_CASE_H
#define GYRE_TESTS_SUPPORT_PATTERN_CASE_H

#include "query/ast.h"
#include "tests/support/tiny_graph.h"

enum {
    CASE_HOSTS = 5,
    CASE_ROWS_MAX = 7,
    CASE_VERTICES_MAX = 4,
    CASE_EDGES_MAX = 4,
    CASE_PATHS_MAX = 3,
    CASE_CONDITIONS_MAX = 3,
    CASE_MATCHES_MAX = 20000,
    CASE_STEPS_MAX = 300000,
};

#define CASE_NO_WISH (-1)

extern const char *const case_hosts[CASE_HOSTS];

/* Labels and types are 0 and 1. */
static inline bool case_host_has_label(int host, int label)
{
    return (host >> label & 1) == 0;
}
static inline bool case_row_has_type(int row, int type)
{
    return row % 2 == type;
}

struct case_vertex {
    bool is_bound;
    int host;        /* of a bound one; CASE_NO_WISH: null */
    int wished_host; /* {IPAddr: ...}; CASE_NO_WISH: none */
    int label;       /* or CASE_NO_WISH */
};

struct case_edge {
    uint32_t left;
    uint32_t right;
    enum ast_direction direction;
    bool is_variable;
    int64_t least;
    int64_t most;

    bool is_bound;
    uint32_t bound_count; /* of a variable one */
    int bound_rows[3];    /* CASE_NO_WISH in [0]: null */

    uint32_t type_count;
    int types[2];       /* one has to hold; CASE_NO_WISH: one that nothing has */
    int wished_packets; /* {TotPkts: ...} */
    bool is_map;        /* as a map that is known when it runs */
    int packets_most;   /* of every hop, as a hop condition */
    bool is_ascending;
    bool is_strict;
    int64_t window_ns;
    bool is_hinted; /* the above as hints to the pattern, else as conditions */
};

struct case_path {
    uint32_t vertex;
    uint32_t first_edge;
    uint32_t edge_count;
    bool is_named;
    enum ast_shortest shortest;
};

enum case_condition_kind {
    CASE_KEY,        /* vertex `left` is host `value` */
    CASE_KEY_IN,     /* or `other` */
    CASE_SAME,       /* the keys of vertices `left` and `right` are equal */
    CASE_DIFFERENT,  /* vertices */
    CASE_SOURCE_KEY, /* the key of vertex `left` is the SrcAddr of edge `right` */
    CASE_PACKETS,    /* TotPkts of edge `left` against `value` */
    CASE_TIMES,      /* StartTime of edge `left` against that of `right` + value */
    CASE_DIFFERENCE, /* StartTime of edge `left` - that of `right` against value */
    CASE_TIME,       /* StartTime of edge `left` against `value` */
    CASE_LENGTH,     /* of path `left` */
    CASE_SIZE,       /* of the list of edge `left` */
    CASE_CONDITION_KINDS,
};

struct case_condition {
    enum case_condition_kind kind;
    enum ast_kind operator;
    bool is_turned; /* the sides are exchanged */
    uint32_t left;
    uint32_t right;
    int64_t value;
    int64_t other;
};

struct pattern_case {
    uint64_t seed;
    bool has_labels; /* the graph is none of flows: it has labels and types of its own */
    struct tiny_row rows[CASE_ROWS_MAX];
    uint32_t row_count;
    int row_hosts[CASE_ROWS_MAX][2];
    uint32_t vertex_count;
    struct case_vertex vertices[CASE_VERTICES_MAX];
    uint32_t edge_count;
    struct case_edge edges[CASE_EDGES_MAX];
    uint32_t path_count;
    struct case_path paths[CASE_PATHS_MAX];
    uint32_t condition_count;
    struct case_condition conditions[CASE_CONDITIONS_MAX];
};

/* One match: hosts, and rows edge by edge. Unused entries are 0, so that bytes can be compared. */
struct case_match {
    int8_t hosts[CASE_VERTICES_MAX];
    uint8_t lengths[CASE_EDGES_MAX];
    int8_t rows[CASE_EDGES_MAX][CASE_ROWS_MAX];
};

struct case_matches {
    uint32_t count;
    struct case_match *matches; /* [CASE_MATCHES_MAX] */
};

void pattern_case_draw(struct pattern_case *drawn, uint64_t seed);

/* False when there are too many matches, or too much to try. Of shortest paths, all are found. */
bool pattern_case_solve(const struct pattern_case *drawn, struct case_matches *matches);

/* The edge that is a shortest path, or CASE_EDGES_MAX. */
uint32_t pattern_case_shortest(const struct pattern_case *drawn);

/* Whether a walk keeps what the hints say of it; they are conditions too. */
bool pattern_case_keeps_hints(const struct pattern_case *drawn, const struct case_match *match);

#endif
