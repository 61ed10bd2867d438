/* Names, slots and memory of the compiler. */
#include "pipeline/compile.h"

void *compiler_allocate(struct compiler *compiler, size_t count, size_t size)
{
    void *result = chain_allocate(compiler->memory, count, size);
    if (result == NULL) {
        (void)source_error_memory(compiler->source);
    }
    return result;
}

void *compiler_grow(struct compiler *compiler, void *items, uint32_t count, uint32_t *capacity,
                    size_t size)
{
    void *result = chain_grow(compiler->memory, items, count, capacity, size);
    if (result == NULL) {
        (void)source_error_memory(compiler->source);
    }
    return result;
}

uint32_t compiler_new_slot(struct compiler *compiler)
{
    return compiler->compiled->slot_count++;
}

const struct variable *scope_find(const struct scope *scope, struct bytes name)
{
    for (uint32_t i = scope->count; i > 0; i--) {
        if (bytes_equal(scope->variables[i - 1].name, name)) {
            return &scope->variables[i - 1];
        }
    }
    return NULL;
}

bool scope_add(struct compiler *compiler, struct bytes name, uint32_t slot, int known)
{
    struct scope *scope = &compiler->scope;
    struct variable *variables = compiler_grow(compiler, scope->variables, scope->count,
                                               &scope->capacity, sizeof *variables);
    if (variables == NULL) {
        return false;
    }
    scope->variables = variables;
    variables[scope->count++] = (struct variable){name, slot, known};
    return true;
}

bool scope_copy(struct compiler *compiler, struct scope *copy, const struct scope *scope)
{
    *copy = (struct scope){.count = scope->count, .capacity = scope->count};
    copy->variables = compiler_allocate(compiler, scope->count + 1, sizeof *copy->variables);
    for (uint32_t i = 0; copy->variables != NULL && i < scope->count; i++) {
        copy->variables[i] = scope->variables[i];
    }
    return copy->variables != NULL;
}
