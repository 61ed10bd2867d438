#include "engine/cycle_order.h"

#include <stdlib.h>

enum {
    COMPARED_MAX = 16,   /* so few are compared with one another */
    DEPTH_MAX = 1 << 10, /* flows in common, beyond which all are: a level is a call */
    POLL_RUNS = 256,
};

struct ordering {
    const struct graph *graph;
    struct radix_pair *scratch;
    struct stop *stop;
    struct stop_patience patience;
    uint32_t run_count; /* sorted so far */
};

static bool sort_runs(struct ordering *ordering, struct radix_pair *cycles, uint64_t count,
                      uint32_t depth);

static uint64_t row_of(const struct graph *graph, edge_id edge)
{
    const struct partition *partition = &graph->edges.partitions[edge_partition(edge)];
    return (uint64_t)column_integer(&partition->row, edge_position(edge));
}

struct radix_pair kept_cycle_pair(const struct kept_cycle *kept, const struct graph *graph)
{
    return (struct radix_pair){row_of(graph, kept->edges[0]), (uint64_t)(uintptr_t)kept};
}

bool cycles_sort(struct radix_pair *cycles, struct radix_pair *scratch, uint64_t count,
                 const struct graph *graph, struct stop *stop)
{
    struct ordering ordering = {.graph = graph, .scratch = scratch, .stop = stop};
    stop_patience_init(&ordering.patience, stop, 0);
    radix_sort_patiently(cycles, scratch, count, &ordering.patience);
    return !stop_poll(stop) && sort_runs(&ordering, cycles, count, 1);
}

/* The row of flow `depth`; a cycle that ends before it comes before all that go on. */
static uint64_t key_at(const struct ordering *ordering, const struct kept_cycle *kept,
                       uint32_t depth)
{
    return depth < kept->hop_count ? row_of(ordering->graph, kept->edges[depth]) + 1 : 0;
}

static int compare_cycles(const void *left, const void *right, void *context)
{
    const struct ordering *ordering = context;
    const struct kept_cycle *one = kept_cycle_of(left);
    const struct kept_cycle *other = kept_cycle_of(right);
    uint32_t shorter = one->hop_count < other->hop_count ? one->hop_count : other->hop_count;
    for (uint32_t i = 1; i < shorter; i++) {
        if (one->edges[i] != other->edges[i]) {
            return row_of(ordering->graph, one->edges[i]) < row_of(ordering->graph, other->edges[i])
                       ? -1
                       : 1;
        }
    }
    return (one->hop_count > other->hop_count) - (one->hop_count < other->hop_count);
}

/* Sorts cycles that have their first `depth` flows in common. */
static bool sort_run(struct ordering *ordering, struct radix_pair *cycles, uint64_t count,
                     uint32_t depth)
{
    if (++ordering->run_count % POLL_RUNS == 0 && stop_poll(ordering->stop)) {
        return false;
    }
    if (count <= COMPARED_MAX || depth == DEPTH_MAX) {
        qsort_r(cycles, count, sizeof *cycles, compare_cycles, ordering);
        return true;
    }
    for (uint64_t i = 0; i < count; i++) {
        cycles[i].key = key_at(ordering, kept_cycle_of(&cycles[i]), depth);
    }
    radix_sort_patiently(cycles, ordering->scratch, count, &ordering->patience);
    return sort_runs(ordering, cycles, count, depth + 1);
}

/* Cycles are in order by their first `depth` flows; what follows these is not. */
static bool sort_runs(struct ordering *ordering, struct radix_pair *cycles, uint64_t count,
                      uint32_t depth)
{
    uint64_t end;
    for (uint64_t begin = 0; begin < count; begin = end) {
        for (end = begin + 1; end < count && cycles[end].key == cycles[begin].key;) {
            end++;
        }
        if (end - begin > 1 && !sort_run(ordering, cycles + begin, end - begin, depth)) {
            return false;
        }
    }
    return true;
}
