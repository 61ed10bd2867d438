/* The oracle: answers a small query over a few flows by trying every assignment of flows to the
 * edges of the pattern. Slow on purpose, so that it can be read and believed, and it shares no code
 * with what it checks: only the C library.
 *
 * A query is a pattern of edges between numbered vertices, and a condition in conjunctive normal
 * form, evaluated in three-valued logic. Results are lines of text, values separated by
 * bars, so that any implementation's rows can be compared with them. */
#ifndef GYRE_TESTS_SUPPORT_ORACLE_H
#define GYRE_TESTS_SUPPORT_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ORACLE_EDGES_MAX = 8,
    ORACLE_VERTICES_MAX = 9,
    ORACLE_CLAUSES_MAX = 12,
    ORACLE_LITERALS_MAX = 3,
    ORACLE_MATCHES_MAX = 5000,
    ORACLE_LINE_BYTES = 512,
};

/* `source` and `target` index the names of the vertices. */
struct oracle_flow {
    int source;
    int target;
    int64_t time_ns;
    bool has_duration; /* else null */
    double duration;
    const char *protocol; /* NULL: null */
    bool has_bytes;       /* else null */
    int64_t bytes;
};

/* `match` counts the MATCH clauses: one flow is not used twice within one of them. An undirected
 * edge stands for flows from either of its vertices to the other. */
struct oracle_edge {
    int source;
    int target;
    int match;
    bool is_undirected;
};

enum oracle_comparison {
    ORACLE_LESS,
    ORACLE_LESS_EQUAL,
    ORACLE_EQUAL,
    ORACLE_NOT_EQUAL,
    ORACLE_GREATER,
    ORACLE_GREATER_EQUAL,
    ORACLE_COMPARISONS,
};

/* What a literal says; `left` and `right` are edges, or for VERTEX vertices. */
enum oracle_kind {
    ORACLE_TIME_DIFFERENCE, /* time[right] - time[left] OP number, in ns */
    ORACLE_BYTES,           /* bytes[left] OP number */
    ORACLE_BYTES_PAIR,      /* bytes[left] OP bytes[right] */
    ORACLE_BYTES_SUM,       /* bytes[left] + bytes[right] OP number */
    ORACLE_BYTES_IS_NULL,   /* bytes[left] IS NULL */
    ORACLE_DURATION_RATIO,  /* duration[left] OP duration[right] / number */
    ORACLE_PROTOCOL,        /* protocol[left] OP text */
    ORACLE_PROTOCOL_PAIR,   /* protocol[left] OP protocol[right] */
    ORACLE_VERTEX_PAIR,     /* vertex[left] OP vertex[right]: equality only */
    ORACLE_VERTEX_NAME,     /* name of vertex[left] OP name `number`: equality only */
    ORACLE_SOURCE_NAME,     /* name of the flow's source OP name `number`: equality only */
    ORACLE_KINDS,
};

struct oracle_literal {
    enum oracle_kind kind;
    enum oracle_comparison comparison;
    int left;
    int right;
    int64_t number;
    const char *text;
    bool is_negated;
};

/* True when one of its literals is. */
struct oracle_clause {
    struct oracle_literal literals[ORACLE_LITERALS_MAX];
    int literal_count;
};

/* What RETURN asks for, as the line of a row says it. */
enum oracle_form {
    ORACLE_ROWS,     /* each edge's flow number, each vertex's name; in order of the numbers */
    ORACLE_COUNT,    /* count, then of edge 0's bytes: sum, min, max, count, avg */
    ORACLE_GROUPS,   /* by vertex 0's name: count, sum of edge 0's bytes, distinct last vertices */
    ORACLE_DISTINCT, /* distinct names of the first and the last vertex */
    ORACLE_TOP,      /* each edge's flow number, by edge 0's bytes, descending, nulls first */
    ORACLE_FORMS,
};

struct oracle_query {
    struct oracle_edge edges[ORACLE_EDGES_MAX];
    int edge_count;
    int vertex_count;
    struct oracle_clause clauses[ORACLE_CLAUSES_MAX];
    int clause_count;
    enum oracle_form form;
    int skip;
    int limit; /* -1: none */
};

/* Lines owned by the result. ORACLE_ROWS and ORACLE_TOP are in the one right order; the other forms
 * in none that matters. */
struct oracle_result {
    char (*lines)[ORACLE_LINE_BYTES];
    size_t count;
};

/* False, and an empty result, when there are more matches than ORACLE_MATCHES_MAX. */
bool oracle_answer(struct oracle_result *result, const struct oracle_query *query,
                   const struct oracle_flow *flows, int flow_count, const char *const *names);
void oracle_result_close(struct oracle_result *result);

#endif
