/* Lists of cycles. Found ones lie in arenas of the workers; the list is an
 * array of pointers to them, each beside the row by which it is sorted. */
#include "engine/cycle_match.h"

#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "engine/cycle_filters.h"
#include "engine/cycle_order.h"
#include "engine/filter_external.h"

enum {
    FINDER_CYCLES_MIN = 256,
    BLOCK_BYTES_MIN = 1 << 14,
    BLOCK_BYTES_MAX = HUGE_PAGE_BYTES,
};

/* What one worker found. */
struct cycle_finder {
    struct arena *arena;
    struct radix_pair *cycles; /* [count]: of cycle_order.h */
    uint64_t count;
    uint64_t capacity;
    char *block; /* where cycles are kept */
    uint64_t block_used;
    uint64_t block_bytes;
    bool is_short; /* memory ended */
};

struct cycle_list {
    const struct graph *graph;
    struct arena *arena;
    struct cycle_finder *finders; /* [worker_count] */
    uint32_t worker_count;
    struct radix_pair *cycles; /* [count], in order */
    uint64_t count;
    struct cycle_choice choice;
    _Atomic uint64_t found;
};

static const char what[] = "looking for cycles";

static struct cycle_query query_of(const struct cycle_pattern *pattern, const struct graph *graph)
{
    return (struct cycle_query){.graph = graph,
                                .hops_min = pattern->hops_min,
                                .hops_max = pattern->hops_max,
                                .window_ns = pattern->window_ns,
                                .is_strict = pattern->is_strict,
                                .is_simple = pattern->is_simple,
                                .is_backward = pattern->is_backward};
}

enum status cycle_match_count(struct cycle_counts *counts, const struct cycle_pattern *pattern,
                              const struct graph *graph, const struct cycle_options *options,
                              struct cycle_statistics *statistics, struct error *error)
{
    struct cycle_query query = query_of(pattern, graph);
    struct cycle_filters filters;
    *counts = (struct cycle_counts){0};
    enum status status = cycle_filters_open(&filters, &query, pattern, options, false, error);
    bool has_all = options->externals == NULL || options->externals->are_filters;
    if (status == STATUS_OK && !filters.is_false && has_all) {
        status = cycles_count(counts, &query, options, statistics, error);
    }
    statistics->flows_scanned = filters.of.flows_scanned;
    cycle_filters_close(&filters);
    return status;
}

enum status cycle_match_explain(const struct cycle_pattern *pattern, const struct graph *graph,
                                const struct cycle_options *options, bool has_limit,
                                struct error *error)
{
    struct cycle_query query = query_of(pattern, graph);
    struct cycle_filters filters;
    enum status status = cycle_filters_open(&filters, &query, pattern, options, has_limit, error);
    cycle_filters_close(&filters);
    return status;
}

static bool make_room(struct cycle_finder *finder)
{
    if (finder->count < finder->capacity) {
        return true;
    }
    uint64_t capacity = finder->capacity == 0 ? FINDER_CYCLES_MIN : finder->capacity * 2;
    struct radix_pair *cycles =
        arena_resize(finder->arena, finder->cycles, capacity, sizeof *cycles);
    if (cycles != NULL) {
        finder->cycles = cycles;
        finder->capacity = capacity;
    }
    return cycles != NULL;
}

/* Cycles lie one behind the other in blocks that grow: there may be millions. */
static struct kept_cycle *make_kept(struct cycle_finder *finder, uint32_t hop_count)
{
    uint64_t bytes = sizeof(struct kept_cycle) + hop_count * (sizeof(edge_id) + sizeof(vertex_id));
    bytes = (bytes + 7) / 8 * 8;
    if (finder->block_bytes - finder->block_used < bytes) {
        uint64_t size = finder->block_bytes * 2;
        size = size < BLOCK_BYTES_MIN ? BLOCK_BYTES_MIN : size;
        size = size > BLOCK_BYTES_MAX ? BLOCK_BYTES_MAX : size;
        size = size < bytes ? bytes : size;
        finder->block = arena_allocate(finder->arena, size, 1);
        finder->block_bytes = finder->block == NULL ? 0 : size;
        finder->block_used = 0;
    }
    if (finder->block == NULL) {
        return NULL;
    }
    struct kept_cycle *kept = (struct kept_cycle *)(void *)(finder->block + finder->block_used);
    finder->block_used += bytes;
    return kept;
}

static bool keep_cycle(void *context, uint32_t worker, const struct cycle *cycle)
{
    struct cycle_list *list = context;
    const struct cycle_choice *choice = &list->choice;
    struct cycle_finder *finder = &list->finders[worker];
    if (choice->judge != NULL && !choice->judge(choice->context, worker, cycle)) {
        return true;
    }
    uint64_t before = atomic_fetch_add_explicit(&list->found, 1, memory_order_relaxed);
    if (before >= choice->limit) {
        return false;
    }
    struct kept_cycle *kept = make_room(finder) ? make_kept(finder, cycle->hop_count) : NULL;
    if (kept == NULL) {
        finder->is_short = true;
        return false;
    }
    kept->hop_count = cycle->hop_count;
    for (uint32_t i = 0; i < cycle->hop_count; i++) {
        kept->edges[i] = cycle->edges[i];
        kept_cycle_vertices(kept)[i] = cycle->vertices[i];
    }
    finder->cycles[finder->count++] = kept_cycle_pair(kept, list->graph);
    return before + 1 < choice->limit;
}

static enum status open_list(struct cycle_list **opened, const struct graph *graph,
                             const struct cycle_choice *choice, const struct cycle_options *options,
                             struct error *error)
{
    struct cycle_list *list = memory_allocate(1, sizeof *list);
    *opened = list;
    if (list == NULL) {
        return error_set_memory(error, what);
    }
    list->graph = graph;
    list->choice = *choice;
    TRY(arena_open_brief(&list->arena, team_topology(options->team), NODE_INTERLEAVED,
                         options->budget, error));
    uint32_t worker_count = team_worker_count(options->team);
    list->finders = arena_allocate_zeroed(list->arena, worker_count, sizeof *list->finders);
    if (list->finders == NULL) {
        return arena_error(list->arena, what, error);
    }
    list->worker_count = worker_count;
    for (uint32_t i = 0; i < worker_count; i++) {
        uint32_t node = team_worker_at(options->team, i)->node;
        TRY(arena_open_brief(&list->finders[i].arena, team_topology(options->team), node,
                             options->budget, error));
    }
    return STATUS_OK;
}

/* One list of all workers' cycles. The workers' own ones are given back before it is sorted. */
static enum status gather(struct cycle_list *list, struct stop *stop, struct error *error)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < list->worker_count; i++) {
        if (list->finders[i].is_short) {
            return arena_error(list->finders[i].arena, what, error);
        }
        count += list->finders[i].count;
    }
    list->cycles = arena_allocate(list->arena, count + 1, sizeof *list->cycles);
    if (list->cycles == NULL) {
        return arena_error(list->arena, what, error);
    }
    for (uint32_t i = 0; i < list->worker_count; i++) {
        struct cycle_finder *finder = &list->finders[i];
        if (finder->count > 0) {
            memcpy(list->cycles + list->count, finder->cycles,
                   finder->count * sizeof *finder->cycles);
            list->count += finder->count;
            arena_return(finder->arena, finder->cycles);
        }
    }
    struct radix_pair *scratch = arena_allocate(list->arena, count + 1, sizeof *scratch);
    if (scratch == NULL) {
        return arena_error(list->arena, what, error);
    }
    bool is_sorted = cycles_sort(list->cycles, scratch, count, list->graph, stop);
    arena_return(list->arena, scratch);
    return is_sorted ? STATUS_OK : stop_error(stop, "sorting cycles", error);
}

static enum status find(struct cycle_list *list, const struct cycle_pattern *pattern,
                        const struct cycle_options *options, struct cycle_statistics *statistics,
                        struct error *error)
{
    struct cycle_query query = query_of(pattern, list->graph);
    struct cycle_filters filters;
    bool has_limit = list->choice.limit != UINT64_MAX;
    enum status status = cycle_filters_open(&filters, &query, pattern, options, has_limit, error);
    if (status == STATUS_OK && !filters.is_false && list->choice.limit > 0) {
        status = cycles_find(&query, options, keep_cycle, list, statistics, error);
    }
    statistics->flows_scanned = filters.of.flows_scanned;
    cycle_filters_close(&filters);
    stop_resume(options->stop);
    return status == STATUS_OK ? gather(list, options->stop, error) : status;
}

enum status cycle_match_find(struct cycle_list **list, const struct cycle_pattern *pattern,
                             const struct graph *graph, const struct cycle_choice *choice,
                             const struct cycle_options *options,
                             struct cycle_statistics *statistics, struct error *error)
{
    enum status status = open_list(list, graph, choice, options, error);
    if (status == STATUS_OK) {
        status = find(*list, pattern, options, statistics, error);
    }
    if (status != STATUS_OK) {
        cycle_list_close(*list);
        *list = NULL;
    }
    return status;
}

uint64_t cycle_list_count(const struct cycle_list *list)
{
    return list->count;
}

struct cycle cycle_list_at(const struct cycle_list *list, uint64_t index)
{
    struct kept_cycle *kept = kept_cycle_of(&list->cycles[index]);
    return (struct cycle){kept->hop_count, kept->edges, kept_cycle_vertices(kept)};
}

void cycle_list_close(struct cycle_list *list)
{
    if (list == NULL) {
        return;
    }
    for (uint32_t i = 0; i < list->worker_count; i++) {
        arena_close(list->finders[i].arena);
    }
    arena_close(list->arena);
    memory_free(list);
}
