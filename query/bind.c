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

static enum status bind_match(struct binder *binder, const struct ast_clause *clause)
{
    TRY(bind_pattern(binder, clause->pattern));
    if (clause->where == NULL) {
        return bind_unify(binder);
    }
    binder->no_aggregates = "WHERE";
    struct expression *condition = bind_truth(binder, clause->where, "WHERE");
    if (condition == NULL) {
        return binder->source->error->status;
    }
    TRY(bind_condition(binder, condition));
    return bind_unify(binder);
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
            TRY(bind_return(binder, clause->projection));
            break;
        case AST_UNWIND:
        case AST_WITH:
        case AST_CREATE:
            return source_error(binder->source, clause->span.begin, "this is not supported");
        }
    }
    return STATUS_OK;
}
