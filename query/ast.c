/* Builders of expressions. */
#include "query/ast.h"

#include "query/bound.h"

enum { SHARED_DEPTH_MAX = 4 };

void *ast_new(const struct ast_builder *builder, size_t size)
{
    void *result = chain_allocate(builder->memory, 1, size);
    if (result == NULL) {
        (void)source_error_memory(builder->source);
    }
    return result;
}

void *ast_grow(const struct ast_builder *builder, void *items, uint32_t count, uint32_t *capacity,
               size_t size)
{
    void *result = chain_grow(builder->memory, items, count, capacity, size);
    if (result == NULL) {
        (void)source_error_memory(builder->source);
    }
    return result;
}

bool ast_deepen(const struct ast_builder *builder, struct ast_expression *parent, uint32_t depth,
                uint32_t shared_depth)
{
    if (depth >= QUERY_DEPTH_MAX) {
        (void)source_error(builder->source, parent->place,
                           "this expression is nested more than %d levels deep: parentheses around "
                           "parts of a long sum, or reduce over a list, make it flatter",
                           QUERY_DEPTH_MAX);
        return false;
    }
    if (shared_depth > SHARED_DEPTH_MAX) {
        (void)source_error(builder->source, parent->place,
                           "comparisons like a < b < c are nested more than %d levels deep",
                           SHARED_DEPTH_MAX);
        return false;
    }
    if (parent->depth <= depth) {
        parent->depth = depth + 1;
    }
    if (parent->shared_depth < shared_depth) {
        parent->shared_depth = shared_depth;
    }
    return true;
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

struct ast_expression *ast_named(const struct ast_builder *builder, enum ast_kind kind,
                                 struct ast_name name)
{
    struct ast_expression *node = ast_leaf(builder, kind, name.span);
    if (node != NULL) {
        node->name = name;
    }
    return node;
}

bool ast_add_child(const struct ast_builder *builder, struct ast_expression *parent,
                   struct ast_expression *child)
{
    if (parent == NULL ||
        (child != NULL && !ast_deepen(builder, parent, child->depth, child->shared_depth))) {
        return false;
    }
    struct ast_expression **children = ast_grow(builder, parent->children, parent->child_count,
                                                &parent->child_capacity, sizeof *children);
    if (children == NULL) {
        return false;
    }
    parent->children = children;
    parent->children[parent->child_count++] = child;
    return true;
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
    return ast_add_child(builder, node, right) ? node : NULL;
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
    if (link == NULL || !ast_deepen(builder, link, shared->depth, shared->shared_depth + 1)) {
        return NULL;
    }
    return ast_logic(builder, AST_AND, span, place, left, link);
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

struct ast_expression *ast_property(const struct ast_builder *builder, struct source_span span,
                                    struct ast_expression *base, struct ast_name name)
{
    struct ast_expression *node = ast_unary(builder, AST_PROPERTY, span, name.span.begin, base);
    if (node != NULL) {
        node->name = name;
    }
    return node;
}

struct ast_expression *ast_labelled(const struct ast_builder *builder, struct source_span span,
                                    struct ast_expression *base, struct ast_names *labels)
{
    struct ast_expression *node =
        ast_unary(builder, AST_LABELS, span, labels->names[0].span.begin, base);
    if (node != NULL) {
        node->labels = labels;
    }
    return node;
}

struct ast_expression *ast_slice(const struct ast_builder *builder, struct source_span span,
                                 struct ast_expression *base, struct ast_expression *from,
                                 struct ast_expression *to)
{
    struct ast_expression *node = ast_binary(builder, AST_SLICE, span, base->span.end, base, from);
    return ast_add_child(builder, node, to) ? node : NULL;
}

struct ast_expression *ast_call(const struct ast_builder *builder, struct source_span span,
                                struct ast_name name, struct ast_expression *arguments,
                                bool is_distinct)
{
    struct ast_expression *call = ast_bracketed(builder, AST_CALL, span, arguments);
    if (call != NULL) {
        call->name = name;
        call->is_distinct = is_distinct;
    }
    return call;
}

struct ast_expression *ast_in_cidr(const struct ast_builder *builder, struct source_span span,
                                   uint32_t place, struct ast_expression *address,
                                   struct ast_expression *network)
{
    static const struct ast_name function = {.text = {"inCidr", 6}};
    struct ast_expression *arguments = ast_add_item(builder, NULL, address);
    if (arguments == NULL || ast_add_item(builder, arguments, network) == NULL) {
        return NULL;
    }
    struct ast_expression *call = ast_call(builder, span, function, arguments, false);
    if (call != NULL) {
        call->place = place;
    }
    return call;
}

struct ast_expression *ast_add_item(const struct ast_builder *builder, struct ast_expression *list,
                                    struct ast_expression *item)
{
    if (list == NULL) {
        list = ast_leaf(builder, AST_LIST, item->span);
    }
    return ast_add_child(builder, list, item) ? list : NULL;
}

struct ast_expression *ast_add_entry(const struct ast_builder *builder, struct ast_expression *map,
                                     struct ast_name key, struct ast_expression *value)
{
    if (map == NULL) {
        map = ast_leaf(builder, AST_MAP, key.span);
    }
    struct ast_name *keys = map == NULL ? NULL
                                        : ast_grow(builder, map->keys, map->child_count,
                                                   &map->key_capacity, sizeof *keys);
    if (keys == NULL) {
        return NULL;
    }
    map->keys = keys;
    map->keys[map->child_count] = key;
    return ast_add_child(builder, map, value) ? map : NULL;
}

struct ast_expression *ast_bracketed(const struct ast_builder *builder, enum ast_kind kind,
                                     struct source_span span, struct ast_expression *items)
{
    if (items == NULL) {
        return ast_leaf(builder, kind, span);
    }
    items->kind = kind;
    items->span = span;
    items->place = span.begin;
    return items;
}

struct ast_expression *ast_add_when(const struct ast_builder *builder, struct ast_expression *whens,
                                    struct ast_expression *condition, struct ast_expression *value)
{
    if (whens == NULL) {
        whens = ast_unary(builder, AST_CASE, condition->span, condition->place, NULL);
    }
    return ast_add_child(builder, whens, condition) && ast_add_child(builder, whens, value) ? whens
                                                                                            : NULL;
}

struct ast_expression *ast_case(const struct ast_builder *builder, struct source_span span,
                                struct ast_expression *subject, struct ast_expression *whens,
                                struct ast_expression *otherwise)
{
    whens->span = span;
    whens->place = span.begin;
    whens->children[0] = subject;
    if (subject != NULL && !ast_deepen(builder, whens, subject->depth, subject->shared_depth)) {
        return NULL;
    }
    return ast_add_child(builder, whens, otherwise) ? whens : NULL;
}

struct ast_expression *ast_each(const struct ast_builder *builder, enum ast_kind kind,
                                struct source_span span, struct ast_name name,
                                struct ast_expression *list, struct ast_expression *where,
                                struct ast_expression *result)
{
    struct ast_expression *node = ast_binary(builder, kind, span, span.begin, list, where);
    if (node == NULL) {
        return NULL;
    }
    node->name = name;
    return kind != AST_COMPREHENSION || ast_add_child(builder, node, result) ? node : NULL;
}

struct ast_expression *ast_reduce(const struct ast_builder *builder, struct source_span span,
                                  struct ast_name accumulator, struct ast_expression *start,
                                  struct ast_name name, struct ast_expression *list,
                                  struct ast_expression *step)
{
    struct ast_expression *node = ast_binary(builder, AST_REDUCE, span, span.begin, list, start);
    if (!ast_add_child(builder, node, step)) {
        return NULL;
    }
    node->name = name;
    node->accumulator = accumulator;
    return node;
}
