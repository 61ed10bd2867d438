/* Builders of patterns, clauses and queries, and of the expressions that hold them. */
#include "query/ast.h"

/* Stores `item` behind the others of a list whose fields have these names. */
#define APPEND(builder, list, items, count, capacity, item)                               \
    do {                                                                                  \
        void *grown_ = ast_grow(builder, (list)->items, (list)->count, &(list)->capacity, \
                                sizeof *(list)->items);                                   \
        if (grown_ == NULL) {                                                             \
            return NULL;                                                                  \
        }                                                                                 \
        (list)->items = grown_;                                                           \
        (list)->items[(list)->count++] = (item);                                          \
    } while (0)

/* Makes the list that is not there yet. */
#define MAKE(builder, list)                                                          \
    do {                                                                             \
        if ((list) == NULL && ((list) = ast_new(builder, sizeof *(list))) == NULL) { \
            return NULL;                                                             \
        }                                                                            \
    } while (0)

/* How deep expressions are; each knows its own depth, so only the outermost are looked at. */
struct depths {
    uint32_t nested;
    uint32_t shared;
};

static void measure(struct depths *depths, const struct ast_expression *expression)
{
    if (expression == NULL) {
        return;
    }
    depths->nested = expression->depth > depths->nested ? expression->depth : depths->nested;
    depths->shared =
        expression->shared_depth > depths->shared ? expression->shared_depth : depths->shared;
}

static void measure_pattern(struct depths *depths, const struct ast_pattern *pattern)
{
    for (uint32_t i = 0; pattern != NULL && i < pattern->count; i++) {
        const struct ast_path *path = pattern->paths[i];
        for (uint32_t j = 0; j < path->node_count; j++) {
            measure(depths, path->nodes[j]->properties);
        }
        for (uint32_t j = 0; j < path->relationship_count; j++) {
            measure(depths, path->relationships[j]->properties);
        }
    }
}

static void measure_projection(struct depths *depths, const struct ast_projection *projection)
{
    for (uint32_t i = 0; i < projection->item_count; i++) {
        measure(depths, projection->items[i].expression);
    }
    for (uint32_t i = 0; i < projection->sort_count; i++) {
        measure(depths, projection->sorts[i].expression);
    }
    measure(depths, projection->skip);
    measure(depths, projection->limit);
}

static void measure_clause(struct depths *depths, const struct ast_clause *clause)
{
    measure_pattern(depths, clause->pattern);
    measure(depths, clause->where);
    measure(depths, clause->list);
    if (clause->projection != NULL) {
        measure_projection(depths, clause->projection);
    }
}

struct ast_expression *ast_path_condition(const struct ast_builder *builder,
                                          struct source_span span, struct ast_path *path)
{
    struct ast_expression *node = ast_leaf(builder, AST_PATTERN, span);
    struct ast_pattern *pattern = node == NULL ? NULL : ast_add_path(builder, NULL, path);
    if (pattern == NULL) {
        return NULL;
    }
    struct depths depths = {0};
    measure_pattern(&depths, pattern);
    node->pattern = pattern;
    return ast_deepen(builder, node, depths.nested, depths.shared) ? node : NULL;
}

struct ast_expression *ast_path_comprehension(const struct ast_builder *builder,
                                              struct source_span span, struct ast_path *path,
                                              struct ast_expression *where,
                                              struct ast_expression *result)
{
    struct ast_expression *node = ast_path_condition(builder, span, path);
    if (!ast_add_child(builder, node, where) || !ast_add_child(builder, node, result)) {
        return NULL;
    }
    node->kind = AST_PATTERN_COMPREHENSION;
    return node;
}

struct ast_expression *ast_subquery(const struct ast_builder *builder, enum ast_kind kind,
                                    struct source_span span, struct ast_query *query)
{
    struct ast_expression *node = ast_leaf(builder, kind, span);
    if (node == NULL) {
        return NULL;
    }
    struct depths depths = {0};
    for (uint32_t i = 0; i < query->count; i++) {
        for (uint32_t j = 0; j < query->branches[i]->count; j++) {
            measure_clause(&depths, query->branches[i]->clauses[j]);
        }
    }
    node->query = query;
    return ast_deepen(builder, node, depths.nested, depths.shared) ? node : NULL;
}

struct ast_names *ast_add_name(const struct ast_builder *builder, struct ast_names *names,
                               struct ast_name name)
{
    MAKE(builder, names);
    APPEND(builder, names, names, count, capacity, name);
    return names;
}

struct ast_node *ast_new_node(const struct ast_builder *builder, struct source_span span,
                              struct ast_name name, struct ast_names *labels,
                              struct ast_expression *properties)
{
    struct ast_node *node = ast_new(builder, sizeof *node);
    if (node != NULL) {
        *node = (struct ast_node){span, name, labels, properties};
    }
    return node;
}

struct ast_relationship *ast_new_relationship(const struct ast_builder *builder,
                                              struct ast_name name, struct ast_names *types,
                                              struct ast_range *range,
                                              struct ast_expression *properties)
{
    struct ast_relationship *relationship = ast_new(builder, sizeof *relationship);
    if (relationship != NULL) {
        relationship->name = name;
        relationship->types = types;
        relationship->range = range;
        relationship->properties = properties;
    }
    return relationship;
}

struct ast_range *ast_new_range(const struct ast_builder *builder, int64_t min, int64_t max)
{
    struct ast_range *range = ast_new(builder, sizeof *range);
    if (range != NULL) {
        range->min = min;
        range->max = max;
    }
    return range;
}

struct ast_path *ast_new_path(const struct ast_builder *builder, struct ast_node *node)
{
    struct ast_path *path = ast_new(builder, sizeof *path);
    if (path == NULL) {
        return NULL;
    }
    path->span = node->span;
    APPEND(builder, path, nodes, node_count, node_capacity, node);
    return path;
}

struct ast_path *ast_extend_path(const struct ast_builder *builder, struct ast_path *path,
                                 struct ast_relationship *relationship, struct ast_node *node)
{
    path->span.end = node->span.end;
    APPEND(builder, path, relationships, relationship_count, relationship_capacity, relationship);
    APPEND(builder, path, nodes, node_count, node_capacity, node);
    return path;
}

struct ast_pattern *ast_add_path(const struct ast_builder *builder, struct ast_pattern *pattern,
                                 struct ast_path *path)
{
    MAKE(builder, pattern);
    APPEND(builder, pattern, paths, count, capacity, path);
    return pattern;
}

struct ast_projection *ast_add_output(const struct ast_builder *builder,
                                      struct ast_projection *projection, struct ast_item item)
{
    MAKE(builder, projection);
    APPEND(builder, projection, items, item_count, item_capacity, item);
    return projection;
}

struct ast_projection *ast_add_sort(const struct ast_builder *builder, struct ast_projection *sorts,
                                    struct ast_sort sort)
{
    MAKE(builder, sorts);
    APPEND(builder, sorts, sorts, sort_count, sort_capacity, sort);
    return sorts;
}

static struct ast_clause *new_clause(const struct ast_builder *builder, enum ast_clause_kind kind,
                                     struct source_span span)
{
    struct ast_clause *clause = ast_new(builder, sizeof *clause);
    if (clause != NULL) {
        clause->kind = kind;
        clause->span = span;
    }
    return clause;
}

struct ast_clause *ast_match(const struct ast_builder *builder, struct source_span span,
                             struct ast_pattern *pattern, struct ast_expression *where)
{
    struct ast_clause *clause = new_clause(builder, AST_MATCH, span);
    if (clause != NULL) {
        clause->pattern = pattern;
        clause->where = where;
    }
    return clause;
}

struct ast_clause *ast_create(const struct ast_builder *builder, struct source_span span,
                              struct ast_pattern *pattern)
{
    struct ast_clause *clause = new_clause(builder, AST_CREATE, span);
    if (clause != NULL) {
        clause->pattern = pattern;
    }
    return clause;
}

struct ast_clause *ast_unwind(const struct ast_builder *builder, struct source_span span,
                              struct ast_expression *list, struct ast_name alias)
{
    struct ast_clause *clause = new_clause(builder, AST_UNWIND, span);
    if (clause != NULL) {
        clause->list = list;
        clause->alias = alias;
    }
    return clause;
}

struct ast_clause *ast_project(const struct ast_builder *builder, enum ast_clause_kind kind,
                               struct source_span span, struct ast_projection *projection,
                               struct ast_expression *where)
{
    struct ast_clause *clause = new_clause(builder, kind, span);
    if (clause != NULL) {
        clause->projection = projection;
        clause->where = where;
    }
    return clause;
}

struct ast_branch *ast_add_clause(const struct ast_builder *builder, struct ast_branch *branch,
                                  struct ast_clause *clause)
{
    if (clause == NULL) {
        return NULL;
    }
    MAKE(builder, branch);
    APPEND(builder, branch, clauses, count, capacity, clause);
    return branch;
}

struct ast_query *ast_add_branch(const struct ast_builder *builder, struct ast_query *query,
                                 struct ast_branch *branch)
{
    if (branch == NULL) {
        return NULL;
    }
    MAKE(builder, query);
    APPEND(builder, query, branches, count, capacity, branch);
    return query;
}

struct ast_queries *ast_add_query(const struct ast_builder *builder, struct ast_queries *queries,
                                  struct ast_query *query)
{
    MAKE(builder, queries);
    APPEND(builder, queries, queries, count, capacity, query);
    return queries;
}
