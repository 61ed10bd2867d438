/* Blocks of items; see value/pool_items.h. */
#include "value/pool_items.h"

#include <string.h>

enum { ITEMS_MIN = 8 };

/* A first block becomes a whole one by doubling. */
static enum status grow_first(struct pool_items *items, struct pool *pool, size_t item_bytes,
                              struct error *error)
{
    uint32_t capacity = items->capacity == 0 ? ITEMS_MIN : items->capacity * 2;
    char *block = pool_allocate(pool, capacity, item_bytes, error);
    if (block == NULL) {
        return pool_status(error);
    }
    if (items->capacity > 0) {
        memcpy(block, items->blocks[0], items->count * item_bytes);
    }
    items->blocks[0] = block;
    items->capacity = capacity;
    return STATUS_OK;
}

/* There is room for a power of two of blocks; what was outgrown stays in the pool. */
static enum status grow_blocks(struct pool_items *items, struct pool *pool, uint32_t block_count,
                               struct error *error)
{
    size_t capacity = block_count == 0 ? 1 : (size_t)block_count * 2;
    char **blocks = pool_allocate(pool, capacity, sizeof *blocks, error);
    if (blocks == NULL) {
        return pool_status(error);
    }
    if (block_count > 0) {
        memcpy(blocks, items->blocks, block_count * sizeof *blocks);
    }
    items->blocks = blocks;
    return STATUS_OK;
}

enum status pool_items_grow(struct pool_items *items, struct pool *pool, size_t item_bytes,
                            struct error *error)
{
    if (items->capacity == POOL_ITEMS_MAX) {
        return error_set(error, STATUS_LIMIT,
                         "more than %u rows or values would have to be kept together",
                         POOL_ITEMS_MAX);
    }
    uint32_t block_count = (items->capacity + POOL_ITEMS_BLOCK - 1) / POOL_ITEMS_BLOCK;
    if (items->capacity % POOL_ITEMS_BLOCK == 0 && (block_count & (block_count - 1)) == 0) {
        TRY(grow_blocks(items, pool, block_count, error));
    }
    if (items->capacity < POOL_ITEMS_BLOCK) {
        return grow_first(items, pool, item_bytes, error);
    }
    items->blocks[block_count] = pool_allocate(pool, POOL_ITEMS_BLOCK, item_bytes, error);
    if (items->blocks[block_count] == NULL) {
        return pool_status(error);
    }
    items->capacity += POOL_ITEMS_BLOCK;
    return STATUS_OK;
}
