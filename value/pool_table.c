/* Blocks of items and their slots; see value/pool_table.h. */
#include "value/pool_table.h"

#include <string.h>

enum { ITEMS_MIN = 8, SLOTS_FIRST = 16 };

struct source {
    struct pool *pool;
    struct error *error;
};

static void *allocate_slots(void *context, size_t count, size_t size)
{
    const struct source *source = context;
    void *slots = pool_allocate(source->pool, count, size, source->error);
    return slots == NULL ? NULL : memset(slots, 0, count * size);
}

/* A first block is small, and becomes a whole one by doubling. */
static enum status grow_first(struct pool_table *table, struct pool *pool, size_t item_bytes,
                              struct error *error)
{
    uint32_t capacity = table->capacity == 0 ? ITEMS_MIN : table->capacity * 2;
    char *block = pool_allocate(pool, capacity, item_bytes, error);
    if (block == NULL) {
        return pool_status(error);
    }
    if (table->capacity > 0) {
        memcpy(block, table->blocks[0], table->count * item_bytes);
    }
    table->blocks[0] = block;
    table->capacity = capacity;
    return STATUS_OK;
}

/* There is room for a power of two of blocks: what was outgrown stays in the pool. */
static enum status grow_blocks(struct pool_table *table, struct pool *pool, uint32_t block_count,
                               struct error *error)
{
    size_t capacity = block_count == 0 ? 1 : (size_t)block_count * 2;
    char **blocks = pool_allocate(pool, capacity, sizeof *blocks, error);
    if (blocks == NULL) {
        return pool_status(error);
    }
    if (block_count > 0) {
        memcpy(blocks, table->blocks, block_count * sizeof *blocks);
    }
    table->blocks = blocks;
    return STATUS_OK;
}

static enum status grow_items(struct pool_table *table, struct pool *pool, size_t item_bytes,
                              struct error *error)
{
    uint32_t block_count = (table->capacity + POOL_TABLE_BLOCK - 1) / POOL_TABLE_BLOCK;
    if (table->capacity == HASH_NUMBERS_MAX) {
        return error_set(error, STATUS_LIMIT,
                         "there are more than %u different rows or values to be kept apart",
                         HASH_NUMBERS_MAX);
    }
    if (table->capacity % POOL_TABLE_BLOCK == 0 && (block_count & (block_count - 1)) == 0) {
        TRY(grow_blocks(table, pool, block_count, error));
    }
    if (table->capacity < POOL_TABLE_BLOCK) {
        return grow_first(table, pool, item_bytes, error);
    }
    table->blocks[block_count] = pool_allocate(pool, POOL_TABLE_BLOCK, item_bytes, error);
    if (table->blocks[block_count] == NULL) {
        return pool_status(error);
    }
    table->capacity += POOL_TABLE_BLOCK;
    return STATUS_OK;
}

enum status pool_table_grow(struct pool_table *table, struct pool *pool, size_t item_bytes,
                            struct error *error)
{
    struct hash_memory memory = {.allocate = allocate_slots,
                                 .context = &(struct source){pool, error}};
    if (!hash_slots_reserve(&table->slots, SLOTS_FIRST, &memory)) {
        return pool_status(error);
    }
    return table->count < table->capacity ? STATUS_OK : grow_items(table, pool, item_bytes, error);
}
