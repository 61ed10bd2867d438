#include "loader/batch.h"

#include "base/memory.h"

/* The first batches take small blocks of just their size, so that a small input stays small; then
 * come blocks that the arena can give back. They grow with what there is: what a pool has too much,
 * while all others have too, is little beside the graph, and yet there are few of them. */
enum {
    POOL_SMALL_BYTES = 16 << 10,
    POOL_BLOCK_BYTES_MIN = 32 << 10,
    POOL_BLOCK_BYTES = 256 << 10, /* up to here half of those before, and then an eighth */
};

struct staged_block {
    struct staged_block *next;
    uint64_t bytes; /* with this head */
    uint64_t used_bytes;
    bool is_apart;
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

static uint64_t wanted_bytes(const struct staged_pool *pool)
{
    uint64_t half = pool->bytes / 2 < POOL_BLOCK_BYTES ? pool->bytes / 2 : POOL_BLOCK_BYTES;
    half = half < POOL_BLOCK_BYTES_MIN ? POOL_BLOCK_BYTES_MIN : half;
    uint64_t wanted = pool->bytes / 8 < half ? half : pool->bytes / 8;
    /* From half a huge page on, whole ones. */
    uint64_t page_count = (wanted + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES;
    return wanted < HUGE_PAGE_BYTES / 2 ? wanted : page_count * HUGE_PAGE_BYTES;
}

static struct staged_block *add_block(struct staged_pool *pool, struct arena *arena, uint64_t bytes)
{
    uint64_t block_bytes = bytes + sizeof(struct staged_block);
    bool is_apart = pool->bytes >= POOL_SMALL_BYTES;
    if (is_apart) {
        uint64_t wanted = wanted_bytes(pool);
        block_bytes = wanted < block_bytes ? block_bytes : wanted;
    }
    struct staged_block *block = is_apart ? arena_resize_apart(arena, NULL, block_bytes, 1)
                                          : arena_allocate(arena, block_bytes, 1);
    if (block != NULL) {
        *block = (struct staged_block){pool->blocks, block_bytes, sizeof(*block), is_apart};
        pool->blocks = block;
        pool->bytes += block_bytes;
    }
    return block;
}

void staged_pool_trim(struct staged_pool *pool, struct arena *arena)
{
    struct staged_block *block = pool->blocks;
    if (block == NULL || !block->is_apart || block->used_bytes == block->bytes) {
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
