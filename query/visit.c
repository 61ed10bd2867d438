/* The depth of a tree is bounded when it is built, so recursion is. */
#include "query/visit.h"

static bool visit_expression(const struct ast_visitor *visitor,
                             const struct ast_expression *expression);

static bool visit_path(const struct ast_visitor *visitor, const struct ast_path *path)
{
    bool goes_on = visitor->path == NULL || visitor->path(visitor->context, path);
    for (uint32_t i = 0; goes_on && i < path->node_count; i++) {
        goes_on = visit_expression(visitor, path->nodes[i]->properties) &&
                  (i == path->relationship_count ||
                   visit_expression(visitor, path->relationships[i]->properties));
    }
    return goes_on;
}

static bool visit_pattern(const struct ast_visitor *visitor, const struct ast_pattern *pattern)
{
    bool goes_on = true;
    for (uint32_t i = 0; goes_on && pattern != NULL && i < pattern->count; i++) {
        goes_on = visit_path(visitor, pattern->paths[i]);
    }
    return goes_on;
}

/* NULL, a part that is not there, is passed over. */
static bool visit_expression(const struct ast_visitor *visitor,
                             const struct ast_expression *expression)
{
    if (expression == NULL) {
        return true;
    }
    bool goes_on =
        (visitor->expression == NULL || visitor->expression(visitor->context, expression)) &&
        visit_pattern(visitor, expression->pattern) &&
        (expression->query == NULL || ast_visit(visitor, expression->query));
    for (uint32_t i = 0; goes_on && i < expression->child_count; i++) {
        goes_on = visit_expression(visitor, expression->children[i]);
    }
    return goes_on;
}

static bool visit_projection(const struct ast_visitor *visitor,
                             const struct ast_projection *projection)
{
    bool goes_on = true;
    if (projection == NULL) {
        return true;
    }
    for (uint32_t i = 0; goes_on && i < projection->item_count; i++) {
        goes_on = visit_expression(visitor, projection->items[i].expression);
    }
    for (uint32_t i = 0; goes_on && i < projection->sort_count; i++) {
        goes_on = visit_expression(visitor, projection->sorts[i].expression);
    }
    return goes_on && visit_expression(visitor, projection->skip) &&
           visit_expression(visitor, projection->limit);
}

static bool visit_clause(const struct ast_visitor *visitor, const struct ast_clause *clause)
{
    return (visitor->clause == NULL || visitor->clause(visitor->context, clause)) &&
           visit_pattern(visitor, clause->pattern) && visit_expression(visitor, clause->list) &&
           visit_projection(visitor, clause->projection) &&
           visit_expression(visitor, clause->where);
}

bool ast_visit(const struct ast_visitor *visitor, const struct ast_query *query)
{
    bool goes_on = visitor->query == NULL || visitor->query(visitor->context, query);
    for (uint32_t i = 0; goes_on && i < query->count; i++) {
        const struct ast_branch *branch = query->branches[i];
        for (uint32_t j = 0; goes_on && j < branch->count; j++) {
            goes_on = visit_clause(visitor, branch->clauses[j]);
        }
    }
    return goes_on;
}
