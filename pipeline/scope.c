/* Names, slots and memory of the compiler. */
#include "pipeline/compile.h"

#include <string.h>

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

/* Keeps what a slot is called, for those who show the query. */
static bool name_slot(struct compiler *compiler, struct bytes name, uint32_t slot)
{
    struct compiled *compiled = compiler->compiled;
    while (slot >= compiled->name_capacity) {
        uint32_t before = compiled->name_capacity;
        struct bytes *names = compiler_grow(compiler, compiled->slot_names, before,
                                            &compiled->name_capacity, sizeof *names);
        if (names == NULL) {
            return false;
        }
        memset(names + before, 0, (compiled->name_capacity - before) * sizeof *names);
        compiled->slot_names = names;
    }
    compiled->slot_names[slot] = name;
    return true;
}

bool scope_add(struct compiler *compiler, struct bytes name, uint32_t slot, int known)
{
    struct scope *scope = &compiler->scope;
    struct variable *variables = compiler_grow(compiler, scope->variables, scope->count,
                                               &scope->capacity, sizeof *variables);
    if (variables == NULL) {
        return false;
    }
    if (!name_slot(compiler, name, slot)) {
        return false;
    }
    scope->variables = variables;
    variables[scope->count++] = (struct variable){.name = name, .slot = slot, .known = known};
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
