/* What is wrong in a tree whatever the graph is, and no grammar can say well. */
#include "query/parse.h"

#include "query/visit.h"

static bool refuse(const struct source *source, uint32_t place, const char *message)
{
    (void)source_error(source, place, "%s", message);
    return false;
}

/* A pattern that says whether it has a match; a shortest path has a value. */
static bool is_condition(const struct ast_expression *expression)
{
    return expression != NULL && expression->kind == AST_PATTERN &&
           expression->pattern->paths[0]->shortest == AST_ANY_LENGTH;
}

static bool check_value(const struct source *source, const struct ast_expression *expression)
{
    return !is_condition(expression) ||
           refuse(source, expression->place,
                  "a pattern is a condition and no value: it stands in WHERE, or in "
                  "EXISTS { ... } or COUNT { ... }");
}

/* Whether the child at `index` is asked whether it is true. */
static bool takes_condition(const struct ast_expression *parent, uint32_t index)
{
    switch ((int)parent->kind) {
    case AST_NOT:
    case AST_AND:
    case AST_OR:
    case AST_XOR:
        return true;
    case AST_COMPREHENSION:
    case AST_ALL:
    case AST_ANY:
    case AST_NONE:
    case AST_SINGLE:
        return index == 1;
    case AST_PATTERN_COMPREHENSION:
        return index == 0;
    case AST_CASE:
        return parent->children[0] == NULL && index % 2 == 1 && index + 1 < parent->child_count;
    case AST_CALL:
        return bytes_equal_ignoring_case(parent->name.text, bytes_of("exists"));
    default:
        return false;
    }
}

static bool check_properties(const struct source *source, const struct ast_expression *properties)
{
    return properties == NULL || properties->kind != AST_PARAMETER ||
           refuse(source, properties->place,
                  "a parameter may not stand for all properties of a pattern: name each, as in "
                  "{name: $name}");
}

static bool check_pattern(const struct source *source, const struct ast_pattern *pattern)
{
    bool is_right = true;
    for (uint32_t i = 0; is_right && i < pattern->count; i++) {
        const struct ast_path *path = pattern->paths[i];
        for (uint32_t j = 0; is_right && j < path->node_count; j++) {
            is_right = check_properties(source, path->nodes[j]->properties);
        }
        for (uint32_t j = 0; is_right && j < path->relationship_count; j++) {
            is_right = check_properties(source, path->relationships[j]->properties);
        }
    }
    return is_right;
}

static bool check_unions(void *context, const struct ast_query *query)
{
    for (uint32_t i = 2; i < query->count; i++) {
        if (query->branches[i]->is_all != query->branches[1]->is_all) {
            return refuse(context, query->branches[i]->union_span.begin,
                          "UNION and UNION ALL may not stand in one query");
        }
    }
    return true;
}

static bool check_projection(const struct source *source, enum ast_clause_kind kind,
                             const struct ast_projection *projection)
{
    bool is_right = true;
    for (uint32_t i = 0; is_right && i < projection->item_count; i++) {
        const struct ast_item *item = &projection->items[i];
        is_right = check_value(source, item->expression);
        bool is_nameless = item->alias.text.data == NULL && item->expression->kind != AST_VARIABLE;
        if (is_right && kind == AST_WITH && is_nameless) {
            is_right = refuse(source, item->span.begin,
                              "WITH wants a name for this: write AS and the name behind it");
        }
    }
    for (uint32_t i = 0; is_right && i < projection->sort_count; i++) {
        is_right = check_value(source, projection->sorts[i].expression);
    }
    return is_right && check_value(source, projection->skip) &&
           check_value(source, projection->limit);
}

static bool check_clause(void *context, const struct ast_clause *clause)
{
    switch (clause->kind) {
    case AST_MATCH:
        return check_pattern(context, clause->pattern);
    case AST_UNWIND:
        return check_value(context, clause->list);
    case AST_WITH:
    case AST_RETURN:
        return check_projection(context, clause->kind, clause->projection);
    case AST_CREATE:
        return true;
    }
    return true;
}

static bool check_path(void *context, const struct ast_path *path)
{
    if (path->shortest != AST_ANY_LENGTH && path->relationship_count != 1) {
        return refuse(context, path->span.begin,
                      "a shortest path is of one relationship, as in shortestPath((a)-[*]->(b))");
    }
    for (uint32_t i = 0; i < path->relationship_count; i++) {
        const struct ast_range *range = path->relationships[i]->range;
        if (range != NULL && (range->min < 0 || range->max < 0)) {
            return refuse(context, range->span.begin, "this length does not fit into 64 bits");
        }
    }
    return true;
}

static bool check_expression(void *context, const struct ast_expression *expression)
{
    if (expression->kind == AST_INTEGER && expression->is_least) {
        const struct source *source = context;
        struct bytes text = source_text(source, expression->span);
        (void)source_error(source, expression->place, "the integer %.*s does not fit into 64 bits",
                           source_shown(text), text.data);
        return false;
    }
    if (expression->pattern != NULL && !check_pattern(context, expression->pattern)) {
        return false;
    }
    bool is_right = true;
    for (uint32_t i = 0; is_right && i < expression->child_count; i++) {
        is_right = takes_condition(expression, i) || check_value(context, expression->children[i]);
    }
    return is_right;
}

enum status check_query(const struct ast_query *query, const struct source *source)
{
    struct source own = *source;
    const struct ast_visitor visitor = {check_unions, check_clause, check_path, check_expression,
                                        &own};
    return ast_visit(&visitor, query) ? STATUS_OK : source->error->status;
}
