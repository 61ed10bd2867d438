#include "loader/builder.h"

#include <string.h>

static enum status run_status(struct builder *builder, const char *what);

enum status builder_run(struct builder *builder, team_function function, void *context,
                        const char *what)
{
    team_run(builder->team, function, context);
    return run_status(builder, what);
}

enum status builder_run_alone(struct builder *builder, team_function function, void *context,
                              const char *what)
{
    struct worker alone = *team_worker_at(builder->team, 0);
    alone.worker_count = 1;
    function(&alone, context);
    return run_status(builder, what);
}

static enum status run_status(struct builder *builder, const char *what)
{
    struct arena *exhausted = atomic_load_explicit(&builder->exhausted, memory_order_relaxed);
    if (exhausted != NULL) {
        return arena_error(exhausted, what, builder->error);
    }
    progress_draw(builder->progress);
    return stop_poll(builder->stop) ? stop_error(builder->stop, "loading", builder->error)
                                    : STATUS_OK;
}

bool builder_must_stop(struct builder *builder)
{
    return atomic_load_explicit(&builder->exhausted, memory_order_relaxed) != NULL ||
           stop_poll(builder->stop);
}

void builder_fail(struct builder *builder, struct arena *arena)
{
    atomic_store_explicit(&builder->exhausted, arena, memory_order_relaxed);
}

enum status builder_open_arena(struct builder *builder, struct arena **arena)
{
    return arena_open(arena, team_topology(builder->team), NODE_INTERLEAVED, builder->budget,
                      builder->error);
}

static enum status keep_block(struct builder *builder, struct arena *arena, void *block,
                              void *allocated, const char *what)
{
    if (allocated == NULL) {
        return arena_error(arena, what, builder->error);
    }
    memcpy(block, &allocated, sizeof(allocated));
    return STATUS_OK;
}

enum status builder_allocate(struct builder *builder, struct arena *arena, void *block,
                             uint64_t count, uint64_t size, const char *what)
{
    return keep_block(builder, arena, block, arena_allocate(arena, count, size), what);
}

enum status builder_allocate_zeroed(struct builder *builder, struct arena *arena, void *block,
                                    uint64_t count, uint64_t size, const char *what)
{
    return keep_block(builder, arena, block, arena_allocate_zeroed(arena, count, size), what);
}

uint32_t builder_batch_of(const struct builder *builder, uint64_t row)
{
    const struct batch *batches = builder->staging->batches;
    uint32_t low = 0;
    uint32_t high = builder->staging->batch_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (batches[middle].first_row + batches[middle].row_count <= row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
