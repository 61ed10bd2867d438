/* Grouping by one integer key, with a sum. Bound: adding each value to a slot that its key names
 * directly, as if keys were small numbers without gaps. A table that grows shows besides how long
 * its slowest block of rows took: no more than a part of it may ever move at once. */
#include "perf/bench.h"

#include <time.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/memory.h"
#include "engine/aggregate.h"
#include "engine/group_table.h"
#include "numa/topology.h"
#include "query/bound.h"

enum { BLOCKS_MIN = 64 };

struct rig {
    struct topology *topology;
    struct budget budget;
    struct arena *arena;
    uint32_t block_count;
    uint64_t row_count; /* as many as groups, so that most are met */
    union lane *keys;   /* [row_count] */
    union lane *values; /* [row_count] */
    int64_t *sums;      /* the bound's, by key */
};

static void open_rig(struct rig *rig, int64_t groups)
{
    *rig = (struct rig){0};
    budget_init(&rig->budget, 0);
    CHECK(topology_open(&rig->topology, NULL, NULL) == STATUS_OK);
    CHECK(arena_open(&rig->arena, rig->topology, NODE_INTERLEAVED, &rig->budget, NULL) ==
          STATUS_OK);
    rig->block_count = (uint32_t)(groups / EVALUATE_LANES);
    rig->block_count = rig->block_count < BLOCKS_MIN ? BLOCKS_MIN : rig->block_count;
    rig->row_count = (uint64_t)rig->block_count * EVALUATE_LANES;
    rig->keys = memory_allocate(rig->row_count, sizeof *rig->keys);
    rig->values = memory_allocate(rig->row_count, sizeof *rig->values);
    rig->sums = memory_allocate((size_t)groups, sizeof *rig->sums);
    CHECK(rig->keys != NULL && rig->values != NULL && rig->sums != NULL);
    for (uint64_t row = 0; row < rig->row_count; row++) {
        rig->keys[row].integer = (int64_t)(hash_mix(row) % (uint64_t)groups);
        rig->values[row].integer = (int64_t)(row % 1000);
    }
}

static void close_rig(struct rig *rig)
{
    memory_free(rig->keys);
    memory_free(rig->values);
    memory_free(rig->sums);
    arena_close(rig->arena);
    topology_close(rig->topology);
}

static void add_directly(void *context)
{
    struct rig *rig = context;
    for (uint64_t row = 0; row < rig->row_count; row++) {
        rig->sums[rig->keys[row].integer] += rig->values[row].integer;
    }
    bench_keep(rig->sums);
}

static void group_block(struct rig *rig, struct group_table *table, struct aggregate_column *column,
                        uint32_t block)
{
    uint32_t groups[EVALUATE_LANES];
    uint64_t begin = (uint64_t)block * EVALUATE_LANES;
    struct lanes keys = {TYPE_INTEGER, rig->keys + begin, NULL};
    struct lanes values = {TYPE_INTEGER, rig->values + begin, NULL};
    CHECK(group_table_reserve(table, EVALUATE_LANES));
    CHECK(aggregate_reserve(column, rig->arena, table->capacity, table->count + EVALUATE_LANES));
    CHECK(group_table_find(table, &keys, NULL, EVALUATE_LANES, groups) == EVALUATE_LANES);
    CHECK(aggregate_fold(column, &table->texts, groups, &values, NULL, EVALUATE_LANES));
}

/* All groups are there after the first iteration. */
static void sum_groups(struct bench *bench, int64_t groups)
{
    static const enum type types[] = {TYPE_INTEGER};
    static const struct aggregate sum = {.function = AGGREGATE_SUM, .type = TYPE_INTEGER};
    struct rig rig;
    struct group_table table = {0};
    open_rig(&rig, groups);
    CHECK(group_table_open(&table, rig.arena, 1, types, NULL));
    struct aggregate_column column = {.aggregate = &sum, .type = TYPE_INTEGER};
    bench_set_bound(bench, add_directly, &rig);
    while (bench_next(bench)) {
        for (uint32_t block = 0; block < rig.block_count; block++) {
            group_block(&rig, &table, &column, block);
        }
        bench_keep(column.states);
    }
    bench_set_items(bench, bench_iterations(bench) * (int64_t)rig.row_count);
    close_rig(&rig);
}

/* Processor time, which other programs disturb less. */
static int64_t worked_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* From no groups on. */
static void grow_groups(struct bench *bench, int64_t groups)
{
    static const enum type types[] = {TYPE_INTEGER};
    static const struct aggregate sum = {.function = AGGREGATE_SUM, .type = TYPE_INTEGER};
    struct rig rig;
    int64_t worst_ns = 0;
    open_rig(&rig, groups);
    bench_set_bound(bench, add_directly, &rig);
    while (bench_next(bench)) {
        struct group_table table = {0};
        struct aggregate_column column = {.aggregate = &sum, .type = TYPE_INTEGER};
        CHECK(group_table_open(&table, rig.arena, 1, types, NULL));
        for (uint32_t block = 0; block < rig.block_count; block++) {
            int64_t begin_ns = worked_ns();
            group_block(&rig, &table, &column, block);
            int64_t block_ns = worked_ns() - begin_ns;
            worst_ns = block_ns > worst_ns ? block_ns : worst_ns;
        }
        aggregate_drop(&column, rig.arena);
        group_table_drop(&table);
    }
    bench_set_items(bench, bench_iterations(bench) * (int64_t)rig.row_count);
    bench_set_figure(bench, "worst_ms", (double)worst_ns / 1e6);
    close_rig(&rig);
}

void bench_main(void)
{
    bench_add("aggregate/sum/groups/4", sum_groups, 4);
    bench_add("aggregate/sum/groups/4096", sum_groups, 4096);
    bench_add("aggregate/sum/groups/65536", sum_groups, 65536);
    bench_add("aggregate/sum/groups/1048576", sum_groups, 1 << 20);
    bench_add("aggregate/sum/groups/4194304", sum_groups, 4 << 20);
    bench_add("aggregate/grow/groups/4194304", grow_groups, 4 << 20);
}
