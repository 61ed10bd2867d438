/* Vertices that a condition says are one become one: `MATCH (a)-->(b), (c)-->(d) WHERE b = c AND
 * a = d` is then the cycle that it means, and not a product of all flows with all flows. */
#include "query/bind.h"

/* The pattern vertex that an expression names: itself, or by its address, which no two share. */
static bool names_vertex(const struct expression *expression, uint32_t *vertex)
{
    *vertex = expression->variable;
    return expression->kind == EXPRESSION_VERTEX || expression->kind == EXPRESSION_KEY;
}

/* Whether the conjunct says that two pattern vertices are one; `*kept` is the lower of them, or
 * both where they already are. */
static bool says_same(const struct expression *conjunct, uint32_t *kept, uint32_t *gone)
{
    if (conjunct->kind != EXPRESSION_EQUAL || !names_vertex(conjunct->children[0], kept) ||
        !names_vertex(conjunct->children[1], gone)) {
        return false;
    }
    if (*kept > *gone) {
        uint32_t lower = *gone;
        *gone = *kept;
        *kept = lower;
    }
    return true;
}

/* A copy of the expression, over the vertices as they are numbered anew. */
static struct expression *renumber(struct binder *binder, const struct expression *expression,
                                   const uint32_t *numbers)
{
    uint32_t vertex = 0;
    struct expression *copy = binder_allocate(binder, 1, sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    *copy = *expression;
    copy->vertex_mask = 0;
    if (names_vertex(expression, &vertex)) {
        copy->variable = numbers[vertex];
        copy->vertex_mask = UINT32_C(1) << copy->variable;
    }
    if (copy->child_count > 0) {
        copy->children = binder_allocate(binder, copy->child_count, sizeof(struct expression *));
    }
    for (uint32_t i = 0; i < copy->child_count; i++) {
        struct expression *child =
            copy->children == NULL ? NULL : renumber(binder, expression->children[i], numbers);
        if (child == NULL) {
            return NULL;
        }
        copy->children[i] = child;
        copy->vertex_mask |= child->vertex_mask;
    }
    return copy;
}

/* `gone` becomes `kept`, and the vertices above it move down by one. */
static enum status merge(struct binder *binder, uint32_t kept, uint32_t gone)
{
    struct bound_query *query = binder->query;
    uint32_t numbers[PATTERN_VERTICES_MAX];
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        numbers[v] = v < gone ? v : v == gone ? kept : v - 1;
    }
    if (query->vertices[kept].name == NULL) {
        query->vertices[kept].name = query->vertices[gone].name;
    }
    query->vertex_count--;
    for (uint32_t v = gone; v < query->vertex_count; v++) {
        query->vertices[v] = query->vertices[v + 1];
    }
    for (uint32_t e = 0; e < query->edge_count; e++) {
        query->edges[e].source = numbers[query->edges[e].source];
        query->edges[e].target = numbers[query->edges[e].target];
    }
    for (uint32_t s = 0; s < binder->symbol_count; s++) {
        if (binder->symbols[s].kind == SYMBOL_VERTEX) {
            binder->symbols[s].index = numbers[binder->symbols[s].index];
        }
    }
    for (uint32_t p = 0; p < query->predicate_count; p++) {
        struct predicate *predicate = &query->predicates[p];
        const struct expression *renumbered = renumber(binder, predicate->expression, numbers);
        if (renumbered == NULL) {
            return binder->source->error->status;
        }
        *predicate = (struct predicate){predicate_classify(renumbered), renumbered};
    }
    return STATUS_OK;
}

enum status bind_unify(struct binder *binder)
{
    struct bound_query *query = binder->query;
    uint32_t p = 0;
    while (p < query->predicate_count) {
        uint32_t kept = 0;
        uint32_t gone = 0;
        if (!says_same(query->predicates[p].expression, &kept, &gone)) {
            p++;
            continue;
        }
        query->predicate_count--;
        for (uint32_t i = p; i < query->predicate_count; i++) {
            query->predicates[i] = query->predicates[i + 1];
        }
        if (kept != gone) {
            TRY(merge(binder, kept, gone));
            p = 0;
        }
    }
    return STATUS_OK;
}
