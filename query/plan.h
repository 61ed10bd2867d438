/* The plan: in which order the edges and vertices of a pattern are bound. Data, not code.
 *
 * A match is found in two phases. Structure first: steps bind pattern vertices and the links
 * between them, one step at a time, outward from the rarest edge. Then time: for every way to lay
 * the pattern on links, flows are chosen within them, the link with the fewest feasible flows
 * first, each next one within the window that the chosen ones leave. */
#ifndef GYRE_QUERY_PLAN_H
#define GYRE_QUERY_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "query/bound.h"
#include "query/ring.h"

enum plan_step_kind {
    STEP_SCAN_LINKS,    /* every link with a flow that passes: binds `edge` and both its ends */
    STEP_SCAN_VERTICES, /* every vertex that passes: binds `vertex` */
    STEP_SEEK_VERTEX,   /* the one vertex that a filter names: binds `vertex` */
    STEP_EXTEND,        /* binds `vertex` and the links of `edges`: those between it and bound
                           vertices; the shortest list is walked, the others are searched */
    STEP_CLOSE,         /* both ends of `edge` are bound: finds its link */
};

struct plan_step {
    enum plan_step_kind kind;
    uint32_t vertex;
    uint32_t edge;
    uint32_t edges[PATTERN_EDGES_MAX];
    uint32_t edge_count;
    bool by_time;      /* STEP_EXTEND, or STEP_SCAN_LINKS of another part of the pattern: links are
                          found by time, from the flows of a bound edge whose windows leave few */
    bool is_long;      /* walking its links costs more than to order all flows by time */
    bool is_counted;   /* the last step, where only the number of matches is asked for, by groups
                          or not, and nothing else of what this step would bind: it is left out,
                          and the flows that its edge can be are counted over all links, in the
                          order of time */
    double estimate;   /* partial matches after this step */
    uint64_t visited;  /* candidates looked at (profile) */
    uint64_t produced; /* partial matches that passed (profile) */
};

/* At most one step an edge and one a vertex. */
enum { PLAN_STEPS_MAX = PATTERN_EDGES_MAX + PATTERN_VERTICES_MAX };

struct plan {
    struct plan_step steps[PLAN_STEPS_MAX];
    uint32_t step_count;
    uint32_t orientation_count; /* of the pattern's; estimates and counts are over all */
    uint64_t pass_counts[PATTERN_EDGES_MAX]; /* flows that pass each edge's unary filter */
    uint64_t flow_visited[PATTERN_EDGES_MAX];
    uint64_t flow_produced[PATTERN_EDGES_MAX];
    double cost;        /* links and flows that are looked at, as estimated */
    bool is_empty;      /* no match is possible: a contradiction, or a filter that nothing passes */
    bool has_externals; /* the query's externals are filters */
    struct ring ring;   /* with hops: found by the search for cycles, and not by the steps */
};

/* A step that is tried on a sample of partial matches: as a plan_step, with its edges as a mask. */
struct plan_trial {
    enum plan_step_kind kind;
    uint32_t vertex;
    uint32_t edges;
    bool by_time;
};

/* What became of it. Means are over all partial matches that the sample stands for. */
struct plan_outcome {
    uint32_t sample;   /* of those that passed; PLAN_NO_SAMPLE: none did, or it was not tried */
    double starts;     /* partial matches that were gone on from */
    double neighbours; /* of each, on average: what is walked */
    double candidates; /* the same; by time, flows in the windows */
    double tried;      /* candidates that were looked at */
    double passed;     /* the share of them that passed */
    bool is_tried;
    bool is_exact; /* all there are were looked at */
};

enum { PLAN_NO_SAMPLE = UINT32_MAX };

/* Tries steps on partial matches of the data, for a planner that would rather know than expect.
 * Sample 0 is the empty match. */
struct plan_sampler {
    void *context;
    /* From here on samples are others, and so many times as large. */
    void (*begin)(void *context, double effort);
    struct plan_outcome (*try_step)(void *context, uint32_t sample, const struct plan_trial *trial);
    /* Flows that are looked at for each partial match of the sample, on average, where it binds all
     * edges or all but one that is counted. */
    double (*try_flows)(void *context, uint32_t sample);
    double effort_cost;  /* of a plan that is worth looking for a cheaper one at an effort of 1 */
    uint64_t starts_max; /* vertices that a plan may begin with: of more the sample lacks hubs */
};

/* What the planner knows about the data when it plans. */
struct plan_statistics {
    uint64_t edge_pass_counts[PATTERN_EDGES_MAX]; /* after unary filters */
    double edge_link_counts[PATTERN_EDGES_MAX];   /* links with a flow that passes, about */
    uint64_t vertex_pass_counts[PATTERN_VERTICES_MAX];
    /* [edge][end][direction]: links and flows at the source of a flow that passes, and at its
     * target, on average over the links and over the flows that pass. */
    struct degree edge_ends[PATTERN_EDGES_MAX][DIRECTION_COUNT];
    vertex_id vertex_seek[PATTERN_VERTICES_MAX]; /* the only vertex that passes, or VERTEX_NONE */
    struct degrees vertex_degrees[PATTERN_VERTICES_MAX]; /* of those that pass */
    double span_ns;                                      /* from the first flow to the last */
    const struct plan_sampler *sampler;                  /* NULL: none */
};

/* Without a filter an edge's ends are all vertices, as often as they have links and flows. */
void plan_statistics_set_ends(struct plan_statistics *statistics, uint32_t edge,
                              const struct edge_frame *frame);

void plan_build(struct plan *plan, const struct bound_query *query,
                const struct plan_statistics *statistics);

/* Partial matches of all steps, as estimated. */
double plan_estimate(const struct plan *plan);

/* Text for people (EXPLAIN; with `is_profile` the counts too), or JSON. Returns the length that it
 * wanted to write. */
uint32_t plan_format(const struct plan *plan, const struct bound_query *query, bool is_profile,
                     char *text, uint32_t text_bytes);
uint32_t plan_format_json(const struct plan *plan, const struct bound_query *query, bool is_profile,
                          char *text, uint32_t text_bytes);

/* The same as part of a longer text. */
struct plan_text;
void plan_show(const struct plan *plan, const struct bound_query *query, bool is_profile,
               struct plan_text *text);
void plan_show_json(const struct plan *plan, const struct bound_query *query, bool is_profile,
                    struct plan_text *text);

#endif
