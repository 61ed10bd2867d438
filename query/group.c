/* Grouping: outputs without an aggregate are the keys; the others are rewritten to read keys and
 * aggregates only. Whatever they read besides has to be a key itself, or follow from one: a.IPAddr
 * follows from a, and becomes a key of its own that parts no group. */
#include "query/bind.h"

bool expression_has_aggregate(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_AGGREGATE) {
        return true;
    }
    for (uint32_t i = 0; i < expression->child_count; i++) {
        if (expression_has_aggregate(expression->children[i])) {
            return true;
        }
    }
    return false;
}

/* The number of an equal key, or key_count. */
static uint32_t find_key(const struct bound_query *query, const struct expression *expression)
{
    uint32_t i = 0;
    while (i < query->key_count && !expression_equal(query->keys[i], expression)) {
        i++;
    }
    return i;
}

static struct expression *read_key(struct binder *binder, const struct expression *expression,
                                   uint32_t key)
{
    struct expression *read =
        build_leaf(binder, EXPRESSION_GROUP_KEY, expression->type, expression->query_offset);
    if (read != NULL) {
        read->variable = key;
    }
    return read;
}

static struct expression *add_key(struct binder *binder, const struct expression *expression)
{
    struct bound_query *query = binder->query;
    uint32_t key = find_key(query, expression);
    if (key == query->key_count) {
        const struct expression **grown = binder_grow(binder, query->keys, query->key_count,
                                                      &binder->key_capacity, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        query->keys = grown;
        query->keys[query->key_count++] = expression;
    }
    return read_key(binder, expression, key);
}

/* Whether a leaf has one value in each group because its variable, or the flow that it is an end
 * of, is a key. Which end of an undirected one it is nobody knows. */
static bool follows_from_keys(const struct bound_query *query, const struct expression *leaf)
{
    bool is_vertex = leaf->kind == EXPRESSION_VERTEX || leaf->kind == EXPRESSION_KEY;
    for (uint32_t i = 0; i < query->key_count; i++) {
        const struct expression *key = query->keys[i];
        if (key->kind == EXPRESSION_VERTEX && is_vertex && key->variable == leaf->variable) {
            return true;
        }
        if (key->kind != EXPRESSION_EDGE) {
            continue;
        }
        const struct bound_edge *edge = &query->edges[key->variable];
        bool is_end = edge->source == leaf->variable || edge->target == leaf->variable;
        if (is_vertex ? is_end && !edge->is_undirected : key->variable == leaf->variable) {
            return true;
        }
    }
    return false;
}

static struct expression *group_leaf(struct binder *binder, const struct expression *leaf)
{
    if (follows_from_keys(binder->query, leaf)) {
        return add_key(binder, leaf);
    }
    char text[SOURCE_SHOWN_BYTES];
    (void)expression_format(binder->query, leaf, text, sizeof text);
    return BIND_FAIL(binder, leaf->query_offset,
                     "%s has many values in a group: return it as well, or put it into an "
                     "aggregate",
                     text);
}

static struct expression *copy_expression(struct binder *binder,
                                          const struct expression *expression)
{
    struct expression *copy = binder_allocate(binder, 1, sizeof *copy);
    if (copy != NULL) {
        *copy = *expression;
    }
    return copy;
}

struct expression *group_expression(struct binder *binder, const struct expression *expression)
{
    uint32_t key = find_key(binder->query, expression);
    if (key < binder->query->key_count) {
        return read_key(binder, expression, key);
    }
    if (expression->kind == EXPRESSION_LITERAL || expression->kind == EXPRESSION_AGGREGATE) {
        return copy_expression(binder, expression);
    }
    if (expression->child_count == 0) {
        return group_leaf(binder, expression);
    }
    struct expression *copy = copy_expression(binder, expression);
    struct expression **children =
        copy == NULL ? NULL : binder_allocate(binder, copy->child_count, sizeof *children);
    for (uint32_t i = 0; children != NULL && i < expression->child_count; i++) {
        children[i] = group_expression(binder, expression->children[i]);
        if (children[i] == NULL) {
            return NULL;
        }
    }
    if (children == NULL) {
        return NULL;
    }
    copy->children = children;
    copy->edge_mask = 0;
    copy->vertex_mask = 0;
    return copy;
}

enum status group_outputs(struct binder *binder)
{
    struct bound_query *query = binder->query;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < query->output_count; i++) {
            struct expression *expression = binder->items[i].expression;
            bool is_key = !expression_has_aggregate(expression);
            if (is_key != (pass == 0)) {
                continue;
            }
            query->outputs[i].expression =
                is_key ? add_key(binder, expression) : group_expression(binder, expression);
            if (query->outputs[i].expression == NULL) {
                return binder->source->error->status;
            }
        }
    }
    return STATUS_OK;
}
