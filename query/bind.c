/* The binder's clauses, in order, so that a clause sees only what stands before it; and what all of
 * its parts need. */
#include "query/bind.h"

void *binder_allocate(struct binder *binder, size_t count, size_t size)
{
    void *result = chain_allocate(binder->memory, count, size);
    if (result == NULL) {
        (void)source_error_memory(binder->source);
    }
    return result;
}

void *binder_grow(struct binder *binder, void *items, uint32_t count, uint32_t *capacity,
                  size_t size)
{
    void *result = chain_grow(binder->memory, items, count, capacity, size);
    if (result == NULL) {
        (void)source_error_memory(binder->source);
    }
    return result;
}

const struct symbol *binder_find(const struct binder *binder, struct bytes name)
{
    for (uint32_t i = 0; i < binder->symbol_count; i++) {
        if (bytes_equal(binder->symbols[i].name, name)) {
            return &binder->symbols[i];
        }
    }
    return NULL;
}

static enum status bind_where(struct binder *binder, const struct ast_expression *where)
{
    binder->no_aggregates = "WHERE";
    struct expression *condition = bind_truth(binder, where, "WHERE");
    return condition == NULL ? binder->source->error->status : bind_condition(binder, condition);
}

/* A flow from a vertex to itself has one direction. */
static enum status bind_match(struct binder *binder, const struct ast_clause *clause)
{
    TRY(bind_pattern(binder, clause->pattern));
    if (clause->where != NULL) {
        TRY(bind_where(binder, clause->where));
    }
    TRY(bind_unify(binder));
    for (uint32_t i = 0; i < binder->query->edge_count; i++) {
        struct bound_edge *edge = &binder->query->edges[i];
        edge->is_undirected = edge->is_undirected && edge->source != edge->target;
    }
    return STATUS_OK;
}

enum status bind_clauses(struct binder *binder, const struct ast_query *ast)
{
    const struct ast_branch *branch = ast->branches[0];
    for (uint32_t i = 0; i < branch->count; i++) {
        const struct ast_clause *clause = branch->clauses[i];
        binder->clause = i;
        switch (clause->kind) {
        case AST_MATCH:
            TRY(bind_match(binder, clause));
            break;
        case AST_RETURN:
            TRY(bind_return(binder, clause));
            break;
        case AST_UNWIND:
        case AST_WITH:
        case AST_CREATE:
            return source_error(binder->source, clause->span.begin, "this is not supported");
        }
    }
    return STATUS_OK;
}
