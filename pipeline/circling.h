/* What filters decide of a cycle, as a query of conditions on one flow or one vertex:
 *
 *   MATCH (a)-[]->(), (b)-[]->(), ()-[flow]->(), ... WHERE ...
 *
 * of the ends of the clause's path, which are one vertex or are to become one, of one flow of it
 * with its types and maps, and of flows and their sources that conditions name (struct
 * cycle_pattern). Flows are not tied to the ends, since a cycle's flows leave other vertices than
 * its first too. Internal to head_cycle.c. */
#ifndef GYRE_PIPELINE_CIRCLING_H
#define GYRE_PIPELINE_CIRCLING_H

#include "engine/cycle_match.h"
#include "pipeline/heading.h"
#include "pipeline/pattern_cycle.h"
#include "query/bound.h"

/* The pattern edge that stands for all flows. */
enum { CIRCLING_FLOW = 2 };

/* A cycle in the making. */
struct circling {
    struct heading *heading;
    const struct ast_clause *clause;
    const struct pattern *pattern;
    struct stage_cycle *cycle;
    struct cycle_order order;
    struct ast_clause *match;      /* of what the filters decide */
    struct conjunction conditions; /* of it */
    uint32_t some_edges;           /* as cycle_pattern has them, and the next */
    uint32_t first_edges;
    uint32_t last_edges;  /* of a path that need not come back */
    bool is_open;         /* it is such a one */
    uint32_t exact_edges; /* bits of its edges whose conditions must not fail */
    uint32_t condition_capacity;
    struct stage_externals *externals;
    struct stage *external_filters;
    struct stage **external_end;
    struct stage *filters;
    struct stage **end;
};

/* Draws the ends and the flow. False without memory, as all of these. */
bool circling_draw_match(struct circling *circling);

/* Adds ()-[name]->(), unless it is there. */
bool circling_draw_flow(struct circling *circling, const struct ast_name *name);

/* Adds (name)-[]->(): each vertex of a cycle is where one of its flows begins. */
bool circling_draw_vertex(struct circling *circling, struct ast_name name);

/* A name that no query can have written, for the pattern edge that comes next or its source, whose
 * conditions must not fail. False where there are enough. */
bool circling_name(struct circling *circling, struct source_span span, struct ast_name *name);

/* Adds a condition. */
bool circling_add(struct circling *circling, struct ast_expression *condition);

/* The query; NULL when the filters cannot decide it. */
struct bound_query *circling_bind(struct circling *circling);

/* Whether the filters decide what there is now; if not, it goes back to what there was `before`,
 * with so many paths. */
bool circling_can_bind(struct circling *circling);
void circling_restore(struct circling *circling, const struct circling *before,
                      uint32_t path_count);

#endif
