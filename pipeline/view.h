/* What INTO keeps of a query's rows for the queries behind it: the rows, as a parameter of that
 * name (a list of maps), and the flows in them, as a type of that name. */
#ifndef GYRE_PIPELINE_VIEW_H
#define GYRE_PIPELINE_VIEW_H

#include "graph/graph.h"
#include "pipeline/answer.h"
#include "query/ast.h"

struct view {
    struct view *next;
    struct pool pool; /* of everything below */
    struct bytes name;
    struct value rows; /* LIST of MAP */
    uint64_t **flows;  /* [partition]: a bit per flow; NULL when the rows have none */
    uint32_t number;   /* from 1, in the order of their making */
};

/* Makes a view of an answer, before `*views`. A view of the same name is replaced. */
enum status view_add(struct view **views, const struct graph *graph, struct bytes name,
                     const struct answer *answer, struct budget *budget, struct stop *stop,
                     struct error *error);
void views_close(struct view **views);

/* NULL when there is none of that name. */
const struct view *view_find(const struct view *views, struct bytes name);

/* Whether a query asks for flows of a view by its name, which only the pipeline knows. */
bool views_are_asked(const struct view *views, const struct ast_query *query);

static inline bool view_has_flow(const struct view *view, edge_id edge)
{
    uint32_t position = edge_position(edge);
    return (view->flows[edge_partition(edge)][position >> 6] >> (position & 63) & 1) != 0;
}

#endif
