/* Builders of the syntax tree. The depth of every node is checked as it is built, so that whatever
 * walks the tree later may recurse. */
#include "query/ast.h"

#include "query/bound.h"

void *ast_new(const struct ast_builder *builder, size_t size)
{
    void *result = chain_allocate(builder->memory, 1, size);
    if (result == NULL) {
        (void)source_error_memory(builder->source);
    }
    return result;
}

/* Room for one more item; the caller stores it. */
static void *grow(const struct ast_builder *builder, void *items, uint32_t count,
                  uint32_t *capacity, size_t size)
{
    void *result = chain_grow(builder->memory, items, count, capacity, size);
    if (result == NULL) {
        (void)source_error_memory(builder->source);
    }
    return result;
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

struct ast_expression *ast_leaf(const struct ast_builder *builder, enum ast_kind kind,
                                struct source_span span)
{
    struct ast_expression *node = ast_new(builder, sizeof *node);
    if (node != NULL) {
        node->kind = kind;
        node->span = span;
        node->place = span.begin;
        node->depth = 1;
    }
    return node;
}

bool ast_add_child(const struct ast_builder *builder, struct ast_expression *parent,
                   struct ast_expression *child)
{
    if (child->depth >= QUERY_DEPTH_MAX) {
        (void)source_error(builder->source, parent->place,
                           "this expression is nested more than %d levels deep", QUERY_DEPTH_MAX);
        return false;
    }
    struct ast_expression **children = grow(builder, parent->children, parent->child_count,
                                            &parent->child_capacity, sizeof *children);
    if (children == NULL) {
        return false;
    }
    parent->children = children;
    parent->children[parent->child_count++] = child;
    if (parent->depth <= child->depth) {
        parent->depth = child->depth + 1;
    }
    return true;
}

bool ast_add_entry(const struct ast_builder *builder, struct ast_expression *map,
                   struct ast_name key, struct ast_expression *value)
{
    struct ast_name *keys =
        grow(builder, map->keys, map->child_count, &map->key_capacity, sizeof *keys);
    if (keys == NULL) {
        return false;
    }
    map->keys = keys;
    map->keys[map->child_count] = key;
    return ast_add_child(builder, map, value);
}

struct ast_expression *ast_unary(const struct ast_builder *builder, enum ast_kind kind,
                                 struct source_span span, uint32_t place,
                                 struct ast_expression *child)
{
    struct ast_expression *node = ast_leaf(builder, kind, span);
    if (node == NULL) {
        return NULL;
    }
    node->place = place;
    return ast_add_child(builder, node, child) ? node : NULL;
}

struct ast_expression *ast_binary(const struct ast_builder *builder, enum ast_kind kind,
                                  struct source_span span, uint32_t place,
                                  struct ast_expression *left, struct ast_expression *right)
{
    struct ast_expression *node = ast_unary(builder, kind, span, place, left);
    return node != NULL && ast_add_child(builder, node, right) ? node : NULL;
}

struct ast_expression *ast_logic(const struct ast_builder *builder, enum ast_kind kind,
                                 struct source_span span, uint32_t place,
                                 struct ast_expression *left, struct ast_expression *right)
{
    if (left->kind != kind) {
        return ast_binary(builder, kind, span, place, left, right);
    }
    left->span.end = span.end;
    return ast_add_child(builder, left, right) ? left : NULL;
}

struct ast_expression *ast_chain(const struct ast_builder *builder, enum ast_kind kind,
                                 struct source_span span, uint32_t place,
                                 struct ast_expression *left, struct ast_expression *right)
{
    struct ast_expression *last =
        left->kind == AST_AND ? left->children[left->child_count - 1] : left;
    struct ast_expression *shared = last->children[1];
    struct source_span link_span = {shared->span.begin, span.end};
    struct ast_expression *link = ast_binary(builder, kind, link_span, place, shared, right);
    return link == NULL ? NULL : ast_logic(builder, AST_AND, span, place, left, link);
}

struct ast_expression *ast_sign(const struct ast_builder *builder, enum ast_kind kind,
                                struct source_span span, struct ast_expression *child)
{
    bool is_positive = child->kind == AST_INTEGER && (child->integer >= 0 || child->is_least);
    if (kind == AST_PLUS || !is_positive) {
        return ast_unary(builder, kind, span, span.begin, child);
    }
    child->integer = child->is_least ? INT64_MIN : -child->integer;
    child->is_least = false;
    child->span = span;
    child->place = span.begin;
    return child;
}

bool ast_add_name(const struct ast_builder *builder, struct ast_names *names, struct ast_name name)
{
    struct ast_name *grown =
        grow(builder, names->names, names->count, &names->capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    names->names = grown;
    names->names[names->count++] = name;
    return true;
}

bool ast_add_node(const struct ast_builder *builder, struct ast_path *path, struct ast_node *node)
{
    struct ast_node **grown =
        grow(builder, path->nodes, path->node_count, &path->node_capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    path->nodes = grown;
    path->nodes[path->node_count++] = node;
    return true;
}

bool ast_add_relationship(const struct ast_builder *builder, struct ast_path *path,
                          struct ast_relationship *relationship)
{
    struct ast_relationship **grown = grow(builder, path->relationships, path->relationship_count,
                                           &path->relationship_capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    path->relationships = grown;
    path->relationships[path->relationship_count++] = relationship;
    return true;
}

bool ast_add_path(const struct ast_builder *builder, struct ast_pattern *pattern,
                  struct ast_path *path)
{
    struct ast_path **grown =
        grow(builder, pattern->paths, pattern->count, &pattern->capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    pattern->paths = grown;
    pattern->paths[pattern->count++] = path;
    return true;
}

bool ast_add_item(const struct ast_builder *builder, struct ast_projection *projection,
                  struct ast_item item)
{
    struct ast_item *grown = grow(builder, projection->items, projection->item_count,
                                  &projection->item_capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    projection->items = grown;
    projection->items[projection->item_count++] = item;
    return true;
}

bool ast_add_sort(const struct ast_builder *builder, struct ast_projection *projection,
                  struct ast_sort sort)
{
    struct ast_sort *grown = grow(builder, projection->sorts, projection->sort_count,
                                  &projection->sort_capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    projection->sorts = grown;
    projection->sorts[projection->sort_count++] = sort;
    return true;
}

bool ast_add_clause(const struct ast_builder *builder, struct ast_query *query,
                    struct ast_clause *clause)
{
    struct ast_clause **grown =
        grow(builder, query->clauses, query->count, &query->capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    query->clauses = grown;
    query->clauses[query->count++] = clause;
    return true;
}
