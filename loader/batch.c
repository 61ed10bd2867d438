#include "loader/batch.h"

#include "base/memory.h"

/* The first batches take small blocks of just their size, so that a small input stays small; then
 * come blocks large enough for the arena to give them back, each an eighth of those before, so that
 * there are few of them. */
enum { POOL_SMALL_BYTES = 64 << 10, POOL_BLOCK_BYTES = 256 << 10, POOL_GROWTH = 8 };

struct staged_block {
    struct staged_block *next;
    uint64_t bytes; /* with this head */
    uint64_t used_bytes;
};

static struct staged_block *add_block(struct staged_pool *pool, struct arena *arena,
                                      uint64_t bytes);

void *staged_pool_take(struct staged_pool *pool, struct arena *arena, uint64_t bytes)
{
    struct staged_block *block = pool->blocks;
    bytes = (bytes + 7) & ~UINT64_C(7);
    if (block == NULL || block->bytes - block->used_bytes < bytes) {
        staged_pool_trim(pool, arena);
        block = add_block(pool, arena, bytes);
        if (block == NULL) {
            return NULL;
        }
    }
    char *taken = (char *)block + block->used_bytes;
    block->used_bytes += bytes;
    return taken;
}

static struct staged_block *add_block(struct staged_pool *pool, struct arena *arena, uint64_t bytes)
{
    uint64_t block_bytes = bytes + sizeof(struct staged_block);
    if (pool->bytes >= POOL_SMALL_BYTES) {
        uint64_t wanted = pool->bytes / POOL_GROWTH;
        wanted = wanted < POOL_BLOCK_BYTES ? POOL_BLOCK_BYTES : wanted;
        block_bytes = wanted < block_bytes ? block_bytes : wanted;
    }
    struct staged_block *block = arena_allocate(arena, block_bytes, 1);
    if (block != NULL) {
        *block = (struct staged_block){pool->blocks, block_bytes, sizeof(*block)};
        pool->blocks = block;
        pool->bytes += block_bytes;
    }
    return block;
}

void staged_pool_trim(struct staged_pool *pool, struct arena *arena)
{
    struct staged_block *block = pool->blocks;
    if (block == NULL || block->bytes < POOL_BLOCK_BYTES || block->used_bytes == block->bytes) {
        return;
    }
    /* A large block shrinks where it is; should that fail, it is only larger than need be. */
    if (arena_resize(arena, block, block->used_bytes, 1) != NULL) {
        pool->bytes -= block->bytes - block->used_bytes;
        block->bytes = block->used_bytes;
    }
}

static void return_pool(struct staged_pool *pool, struct arena *arena)
{
    while (pool->blocks != NULL) {
        struct staged_block *block = pool->blocks;
        pool->blocks = block->next;
        arena_return(arena, block);
    }
    pool->bytes = 0;
}

void staging_release_column(struct staging *staging, uint32_t property)
{
    enum role role = staging->schema.properties[property].role;
    for (uint32_t index = 0; index < staging->batch_count; index++) {
        struct batch *batch = &staging->batches[index];
        batch->columns[property].values = NULL;
        batch->columns[property].null_bits = NULL;
        batch->sources = role == ROLE_SOURCE ? NULL : batch->sources;
        batch->targets = role == ROLE_TARGET ? NULL : batch->targets;
    }
    for (uint32_t index = 0; index < staging->worker_count; index++) {
        struct staging_worker *worker = &staging->workers[index];
        return_pool(&worker->pools[property], worker->arena);
    }
}

void staging_release_addresses(struct staging *staging)
{
    for (uint32_t index = 0; index < staging->worker_count; index++) {
        struct staging_worker *worker = &staging->workers[index];
        arena_return(worker->arena, worker->addresses.addresses);
        arena_return(worker->arena, worker->addresses.first_seen);
        arena_return(worker->arena, worker->addresses.slots);
        worker->addresses = (struct address_table){0};
    }
}

void staging_close(struct staging *staging)
{
    if (staging->workers != NULL) {
        for (uint32_t worker = 0; worker < staging->worker_count; worker++) {
            arena_close(staging->workers[worker].arena);
        }
    }
    schema_close(&staging->schema);
    memory_free(staging->description);
    memory_free(staging->workers);
    memory_free(staging->batches);
    *staging = (struct staging){0};
}
