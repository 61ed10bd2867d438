/* The conditions that filters decide of a cycle, drawn as a MATCH and bound; see circling.h. */
#include "pipeline/circling.h"

#include <stdio.h>

/* Adds (source)-[flow]->(). Names may be none. */
static bool add_flow(struct circling *circling, struct ast_name source,
                     struct ast_relationship *flow)
{
    const struct ast_builder *builder = &circling->heading->builder;
    struct ast_node *left = ast_new(builder, sizeof *left);
    struct ast_node *right = ast_new(builder, sizeof *right);
    if (left == NULL || right == NULL) {
        return false;
    }
    left->name = source;
    struct ast_path *path = ast_new_path(builder, left);
    path = path == NULL ? NULL : ast_extend_path(builder, path, flow, right);
    return path != NULL && ast_add_path(builder, circling->match->pattern, path) != NULL;
}

bool circling_draw_match(struct circling *circling)
{
    const struct ast_builder *builder = &circling->heading->builder;
    const struct ast_path *path = circling->clause->pattern->paths[0];
    struct ast_clause *match = ast_new(builder, sizeof *match);
    struct ast_relationship *flow = ast_new(builder, sizeof *flow);
    if (match == NULL || flow == NULL) {
        return false;
    }
    *flow = *path->relationships[0];
    flow->range = NULL;
    flow->name = (struct ast_name){0};
    flow->direction = AST_RIGHT;
    *match = *circling->clause;
    match->where = NULL;
    match->pattern = NULL;
    circling->match = match;
    for (uint32_t i = 0; i < 2; i++) {
        struct ast_relationship *any = ast_new(builder, sizeof *any);
        struct ast_node *end = ast_new(builder, sizeof *end);
        struct ast_path *drawn = ast_new_path(builder, path->nodes[i]);
        if (any == NULL || end == NULL || drawn == NULL ||
            ast_extend_path(builder, drawn, any, end) == NULL) {
            return false;
        }
        match->pattern = ast_add_path(builder, match->pattern, drawn);
        if (match->pattern == NULL) {
            return false;
        }
    }
    return add_flow(circling, (struct ast_name){0}, flow);
}

bool circling_draw_flow(struct circling *circling, const struct ast_name *name)
{
    const struct ast_builder *builder = &circling->heading->builder;
    struct ast_pattern *pattern = circling->match->pattern;
    for (uint32_t i = 2; i < pattern->count; i++) {
        if (bytes_equal(pattern->paths[i]->relationships[0]->name.text, name->text)) {
            return true;
        }
    }
    struct ast_relationship *flow = ast_new(builder, sizeof *flow);
    if (flow == NULL) {
        return false;
    }
    flow->name = *name;
    return add_flow(circling, (struct ast_name){0}, flow);
}

bool circling_draw_vertex(struct circling *circling, struct ast_name name)
{
    struct ast_relationship *flow = ast_new(&circling->heading->builder, sizeof *flow);
    return flow != NULL && add_flow(circling, name, flow);
}

/* Whether all conditions are on one flow or on where it begins, or on an end of the path (which
 * have to become one), and none made one vertex of two others than these, which would say something
 * of a flow's place. Filters look at flows and vertices that are on no cycle too, so that what can
 * fail may fail for these. */
static bool is_unary(const struct circling *circling, const struct bound_query *bound)
{
    uint32_t ends = UINT32_C(1) << bound->edges[0].source | UINT32_C(1) << bound->edges[1].source;
    uint32_t united = bound->edges[0].source == bound->edges[1].source;
    if (bound->vertex_count + united != 2 * circling->match->pattern->count) {
        return false;
    }
    uint32_t of_flows = 0;
    for (uint32_t i = CIRCLING_FLOW; i < bound->edge_count; i++) {
        of_flows |= UINT32_C(1) << bound->edges[i].source | UINT32_C(1) << bound->edges[i].target;
    }
    for (uint32_t i = 0; i < bound->predicate_count; i++) {
        const struct predicate *predicate = &bound->predicates[i];
        const struct expression *expression = predicate->expression;
        bool is_of_vertex = predicate->kind == PREDICATE_VERTEX &&
                            (expression->vertex_mask & ~(ends | of_flows)) == 0;
        bool is_exact = (expression->edge_mask & circling->exact_edges) != 0 ||
                        (expression->vertex_mask & of_flows) != 0;
        if ((is_exact && query_can_fail(bound, expression)) ||
            (predicate->kind != PREDICATE_CONSTANT && predicate->kind != PREDICATE_EDGE &&
             !is_of_vertex)) {
            return false;
        }
    }
    return true;
}

struct bound_query *circling_bind(struct circling *circling)
{
    struct heading *heading = circling->heading;
    struct error problem = {0};
    bool is_made = false;
    circling->match->where = conjunction_join(&heading->builder, &circling->conditions, &is_made);
    if (!is_made) {
        return NULL;
    }
    struct ast_clause *result = heading_return(heading, heading_star(heading));
    if (result == NULL || !heading_begin(heading) || !heading_add(heading, circling->match) ||
        !heading_add(heading, result)) {
        return NULL;
    }
    struct bound_query *bound = heading_bind(heading, &problem);
    if (bound != NULL && !is_unary(circling, bound)) {
        query_close(bound);
        return NULL;
    }
    return bound;
}

bool circling_can_bind(struct circling *circling)
{
    struct bound_query *bound = circling_bind(circling);
    query_close(bound);
    return bound != NULL;
}

bool circling_name(struct circling *circling, struct source_span span, struct ast_name *name)
{
    enum { NAME_BYTES = 16 };
    uint32_t edge = circling->match->pattern->count;
    char *text = ast_new(&circling->heading->builder, NAME_BYTES);
    if (text == NULL || edge >= PATTERN_EDGES_MAX) {
        return false;
    }
    size_t length = (size_t)snprintf(text, NAME_BYTES, " %u", edge);
    *name = (struct ast_name){bytes_view(text, length), span};
    circling->exact_edges |= UINT32_C(1) << edge;
    return true;
}

bool circling_add(struct circling *circling, struct ast_expression *condition)
{
    return conjunction_add(circling->heading->compiler, &circling->conditions, condition);
}

void circling_restore(struct circling *circling, const struct circling *before, uint32_t path_count)
{
    circling->match->pattern->count = path_count;
    circling->conditions.count = before->conditions.count;
    circling->some_edges = before->some_edges;
    circling->first_edges = before->first_edges;
    circling->last_edges = before->last_edges;
    circling->exact_edges = before->exact_edges;
}
