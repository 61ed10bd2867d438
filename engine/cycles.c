#include "engine/cycles.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/cycle_anchors.h"
#include "engine/cycle_needs.h"
#include "engine/cycle_schedule.h"

/* What a run holds, given back in one place. */
struct cycle_run {
    struct cycle_search search;
    struct bundles bundles;
    struct arena *arena;    /* the table of searchers */
    struct arena **workers; /* [worker_count], each on its worker's node */
    uint32_t worker_count;
};

static const char what[] = "looking for cycles";

static enum status run_search(struct cycle_run *run, struct cycle_statistics *statistics,
                              struct error *error);
static enum status open_searchers(struct cycle_run *run, struct error *error);
static enum status run_status(const struct cycle_run *run, struct error *error);
static void collect_node(struct cycle_searcher *searcher, struct node_work *nodes);
static enum status collect(const struct cycle_run *run, struct cycle_counts *counts,
                           struct cycle_statistics *statistics, struct error *error);
static void close_run(struct cycle_run *run);

static void init_run(struct cycle_run *run, const struct cycle_query *query,
                     const struct cycle_options *options)
{
    CHECK(query->hops_min >= 1 && query->window_ns >= 0 && query->need_count <= CYCLE_NEEDS_MAX);
    *run = (struct cycle_run){0};
    run->search.query = query;
    run->search.options = options;
    run->search.bundles = &run->bundles;
    run->worker_count = team_worker_count(options->team);
}

enum status cycles_count(struct cycle_counts *counts, const struct cycle_query *query,
                         const struct cycle_options *options, struct cycle_statistics *statistics,
                         struct error *error)
{
    struct cycle_run run;
    *counts = (struct cycle_counts){0};
    init_run(&run, query, options);
    enum status status =
        options->counts_anchors ? anchors_open(&run.search, counts, error) : STATUS_OK;
    if (status == STATUS_OK) {
        status = run_search(&run, statistics, error);
    }
    enum status collected = collect(&run, counts, statistics, error);
    if (collected == STATUS_OK && run.search.by_anchor != NULL) {
        collected = anchors_list(&run.search, counts, error);
    }
    close_run(&run);
    return status != STATUS_OK ? status : collected;
}

void cycle_counts_close(struct cycle_counts *counts)
{
    memory_free(counts->by_hops);
    arena_close(counts->arena);
    *counts = (struct cycle_counts){0};
}

static enum status find(struct cycle_run *run, struct cycle_statistics *statistics,
                        struct error *error)
{
    enum status status = run_search(run, statistics, error);
    enum status collected = collect(run, NULL, statistics, error);
    close_run(run);
    return status != STATUS_OK ? status : collected;
}

enum status cycles_find(const struct cycle_query *query, const struct cycle_options *options,
                        cycle_consumer consumer, void *context, struct cycle_statistics *statistics,
                        struct error *error)
{
    struct cycle_run run;
    init_run(&run, query, options);
    run.search.consumer = consumer;
    run.search.context = context;
    return find(&run, statistics, error);
}

enum status cycles_find_paths(const struct cycle_query *query, const struct cycle_options *options,
                              cycle_path_consumer consumer, void *context,
                              struct cycle_statistics *statistics, struct error *error)
{
    struct cycle_run run;
    init_run(&run, query, options);
    run.search.path_consumer = consumer;
    run.search.context = context;
    return find(&run, statistics, error);
}

static double seconds_since(int64_t start_ns)
{
    return (double)(clock_ns() - start_ns) / (double)NS_PER_SECOND;
}

/* A flow from a vertex to itself, where that is a cycle of its own. */
static void take_loop(const struct worker *worker, void *context, vertex_id vertex, edge_id edge)
{
    struct cycle_search *search = context;
    struct cycle_searcher *searcher = search->searchers[worker->index];
    struct cycle cycle = {1, &edge, &vertex};
    if (!cycle_may_begin(search->query, edge) ||
        needs_met(search->query, edge_partition(edge), edge_position(edge)) !=
            needs_of(search->query)) {
        return;
    }
    if (!cycle_search_count(searcher, vertex, 1, 1)) {
        return;
    }
    bool goes_on =
        (search->consumer == NULL || search->consumer(search->context, worker->index, &cycle)) &&
        (search->path_consumer == NULL ||
         search->path_consumer(search->context, worker->index, &cycle, 1));
    if (!goes_on) {
        stop_request(search->options->stop, STOP_ROWS);
    }
}

static enum status run_search(struct cycle_run *run, struct cycle_statistics *statistics,
                              struct error *error)
{
    struct cycle_search *search = &run->search;
    const struct cycle_options *options = search->options;
    const struct cycle_query *query = search->query;
    memset(statistics, 0, sizeof *statistics);
    if (query->hops_max < query->hops_min) {
        return STATUS_OK;
    }
    int64_t start = clock_ns();
    TRY(open_searchers(run, error));
    /* Loops alone may be enough for the consumer: then the end of the build is no error. */
    struct error build_error = {0};
    enum status status =
        bundles_build(&run->bundles, query, options, query->hops_min == 1 ? take_loop : NULL,
                      search, &build_error);
    statistics->prepare_seconds = seconds_since(start);
    start = clock_ns();
    bool has_search = query->hops_max > 1 || !query->is_simple;
    if (status == STATUS_OK && has_search) {
        search->slab_count = slabs_in(&run->bundles);
        if (options->progress != NULL) {
            progress_phase(options->progress, "searching cycles",
                           (uint64_t)search->slab_count * CYCLE_PROGRESS_UNITS);
        }
        team_run(options->team, cycle_schedule_run, search);
    }
    statistics->search_seconds = seconds_since(start);
    TRY(run_status(run, error));
    if (status != STATUS_OK && stop_reason(options->stop) != STOP_ROWS) {
        return error_set(error, status, "%s", build_error.text);
    }
    return STATUS_OK;
}

static enum status open_searchers(struct cycle_run *run, struct error *error)
{
    struct cycle_search *search = &run->search;
    const struct cycle_options *options = search->options;
    const struct topology *topology = team_topology(options->team);
    TRY(arena_open_brief(&run->arena, topology, NODE_INTERLEAVED, options->budget, error));
    run->workers = arena_allocate_zeroed(run->arena, run->worker_count, sizeof *run->workers);
    search->searchers =
        arena_allocate_zeroed(run->arena, run->worker_count, sizeof *search->searchers);
    struct thief **all = arena_allocate(run->arena, run->worker_count, sizeof *all);
    if (run->workers == NULL || search->searchers == NULL || all == NULL) {
        return arena_error(run->arena, what, error);
    }
    thieves_init(&search->thieves, all, sizeof(struct cycle_task), options->splits_always);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        const struct worker *worker = team_worker_at(options->team, i);
        TRY(arena_open_brief(&run->workers[i], topology, worker->node, options->budget, error));
        struct cycle_searcher *searcher =
            arena_allocate_zeroed(run->workers[i], 1, sizeof *searcher);
        if (searcher == NULL) {
            return arena_error(run->workers[i], what, error);
        }
        searcher->search = search;
        searcher->worker = worker;
        searcher->arena = run->workers[i];
        thief_init(&searcher->thief, &search->thieves, worker);
        slab_builder_init(&searcher->builder, search->query, &run->bundles, searcher->arena,
                          options->stop);
        root_init(&searcher->root, search->query, searcher->arena, options->stop,
                  options->splits_always);
        search->searchers[i] = searcher;
    }
    return STATUS_OK;
}

/* The search's own failure, or why it ended before its end. */
static enum status run_status(const struct cycle_run *run, struct error *error)
{
    for (uint32_t i = 0; i < run->worker_count; i++) {
        const struct error *mine = &run->search.searchers[i]->error;
        if (mine->status != STATUS_OK) {
            if (error != NULL && error->status == STATUS_OK) {
                *error = *mine;
            }
            return mine->status;
        }
    }
    enum stop_reason reason = stop_reason(run->search.options->stop);
    if (reason != STOP_NONE && reason != STOP_ROWS) {
        return stop_error(run->search.options->stop, what, error);
    }
    return STATUS_OK;
}

static void collect_node(struct cycle_searcher *searcher, struct node_work *nodes)
{
    if (nodes != NULL) {
        struct node_work *node = &nodes[searcher->worker->node];
        thief_counts_sum(&node->counts, &searcher->thief.counts);
        locality_sum(&node->locality, &searcher->builder.locality);
        locality_sum(&node->locality, &searcher->locality);
    }
}

/* Sums up what the workers counted. */
static enum status collect(const struct cycle_run *run, struct cycle_counts *counts,
                           struct cycle_statistics *statistics, struct error *error)
{
    struct cycle_searcher *const *searchers = run->search.searchers;
    uint32_t hop_end = 0;
    bool is_over = false;
    for (uint32_t i = 0; searchers != NULL && i < run->worker_count && searchers[i] != NULL; i++) {
        const struct cycle_statistics *mine = &searchers[i]->counters;
        is_over = __builtin_add_overflow(statistics->cycles, mine->cycles, &statistics->cycles) ||
                  is_over;
        statistics->slabs += mine->slabs;
        statistics->slab_flows += mine->slab_flows;
        statistics->roots += mine->roots;
        statistics->flows_visited += mine->flows_visited;
        statistics->links_visited += mine->links_visited;
        thief_counts_sum(&statistics->work, &searchers[i]->thief.counts);
        collect_node(searchers[i], run->search.options->nodes);
        hop_end = searchers[i]->hop_end > hop_end ? searchers[i]->hop_end : hop_end;
    }
    if (is_over) {
        return cycle_search_many(error);
    }
    if (counts == NULL || hop_end == 0) {
        return STATUS_OK;
    }
    counts->by_hops = memory_allocate(hop_end, sizeof *counts->by_hops);
    if (counts->by_hops == NULL) {
        return error_set_memory(error, what);
    }
    counts->hop_end = hop_end;
    counts->total = statistics->cycles;
    for (uint32_t i = 0; i < run->worker_count; i++) {
        for (uint32_t hops = 0; hops < searchers[i]->hop_end; hops++) {
            counts->by_hops[hops] += searchers[i]->by_hops[hops];
        }
    }
    return STATUS_OK;
}

static void close_run(struct cycle_run *run)
{
    bundles_close(&run->bundles);
    for (uint32_t i = 0; run->workers != NULL && i < run->worker_count; i++) {
        arena_close(run->workers[i]);
    }
    arena_close(run->arena);
}
