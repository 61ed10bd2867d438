/* Blocks are zeroed when they come from the heap, and a byte is handed out once, so objects are
 * zeroed without further work. */
#include "query/chain.h"

#include <string.h>

#include "base/memory.h"

enum { CHAIN_BLOCK_BYTES = 16 * 1024, CHAIN_ALIGNMENT = 16 };

struct chain_block {
    struct chain_block *next;
    _Alignas(CHAIN_ALIGNMENT) char bytes[];
};

static void *allocate_block(struct chain *chain, size_t bytes)
{
    struct chain_block *block = memory_allocate(1, sizeof(struct chain_block) + bytes);
    if (block == NULL) {
        return NULL;
    }
    block->next = chain->blocks;
    chain->blocks = block;
    return block->bytes;
}

void *chain_allocate(struct chain *chain, size_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) {
        return NULL;
    }
    bytes = (bytes + CHAIN_ALIGNMENT - 1) & ~(size_t)(CHAIN_ALIGNMENT - 1);
    if (bytes > CHAIN_BLOCK_BYTES / 4) {
        return allocate_block(chain, bytes);
    }
    if (bytes > chain->left || chain->next == NULL) {
        char *block = allocate_block(chain, CHAIN_BLOCK_BYTES);
        if (block == NULL) {
            return NULL;
        }
        chain->next = block;
        chain->left = CHAIN_BLOCK_BYTES;
    }
    void *result = chain->next;
    chain->next += bytes;
    chain->left -= bytes;
    return result;
}

void *chain_grow(struct chain *chain, void *items, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity) {
        return items;
    }
    uint32_t larger = *capacity == 0 ? 4 : *capacity * 2;
    void *copy = chain_allocate(chain, larger, size);
    if (copy == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(copy, items, count * size);
    }
    *capacity = larger;
    return copy;
}

char *chain_copy(struct chain *chain, const char *data, size_t size)
{
    char *copy = chain_allocate(chain, size + 1, 1);
    if (copy != NULL && size > 0) {
        memcpy(copy, data, size);
    }
    return copy;
}

void chain_close(struct chain *chain)
{
    struct chain_block *block = chain->blocks;
    while (block != NULL) {
        struct chain_block *next = block->next;
        memory_free(block);
        block = next;
    }
    *chain = (struct chain){0};
}
