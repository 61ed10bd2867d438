#include "engine/match.h"

#include <string.h>

#include "base/check.h"
#include "engine/match_plan.h"
#include "engine/match_ring.h"
#include "engine/orientation.h"
#include "engine/predicates.h"
#include "engine/search_once.h"
#include "engine/search_schedule.h"
#include "engine/search_straight.h"

/* What a run holds, given back in one place. */
struct run {
    struct search search;
    struct filters filters;
    struct plan plan;
    struct arena *arena;    /* filters, programs, roots */
    struct arena **workers; /* [worker_count], each on its worker's node: searchers, registers */
    struct arena **nodes;   /* by node, the arena of one of its workers; NULL: it has none */
    uint32_t worker_count;
    struct shared_orders orders;
    struct sink *sink;
};

static enum status run_prepare(struct run *run, const struct bound_query *query, struct team *team,
                               struct budget *budget, struct stop *stop,
                               struct filter_cache *filters, struct filter_externals *externals,
                               bool rehearses_always, struct error *error);
static enum status run_open(struct run *run, struct budget *budget,
                            const struct match_options *options, struct error *error);
static enum status run_search(struct run *run, const struct match_options *options,
                              struct budget *budget, struct match_statistics *statistics,
                              struct error *error);
static void run_collect(struct run *run, struct match_statistics *statistics);
static void collect_nodes(const struct run *run, struct node_work *nodes);
static enum status run_status(struct run *run, uint64_t row_limit, struct error *error);
static void run_close(struct run *run);

static double seconds_since(int64_t start_ns)
{
    return (double)(clock_ns() - start_ns) / (double)NS_PER_SECOND;
}

enum status match_run(struct result **result, const struct bound_query *query, struct team *team,
                      struct budget *budget, struct stop *stop, struct progress *progress,
                      const struct match_options *options, struct match_statistics *statistics,
                      struct error *error)
{
    enum status status;
    struct run run = {0};
    *result = NULL;
    memset(statistics, 0, sizeof *statistics);

    int64_t start = clock_ns();
    TRY_DONE(run_prepare(&run, query, team, budget, stop, options->filters, options->externals,
                         options->rehearses_always, error));
    match_ring_choose(&run.plan, query, &run.filters, options->cycles);
    TRY_DONE(run_open(&run, budget, options, error));
    run.search.progress = progress;
    run.search.judge = options->judge;
    run.search.judge_context = options->judge_context;
    for (uint32_t i = 0; i < run.worker_count; i++) {
        run.search.searchers[i]->counts_reads = options->counts_reads;
    }
    statistics->filter_seconds = seconds_since(start);

    start = clock_ns();
    if (run.search.root_count > 0 && !stop_is_requested(stop)) {
        TRY_DONE(run_search(&run, options, budget, statistics, error));
    }
    statistics->search_seconds = seconds_since(start);
    run_collect(&run, statistics);
    collect_nodes(&run, options->nodes);

    start = clock_ns();
    TRY_DONE(sink_finish(run.sink, team, result, error));
    statistics->finish_seconds = seconds_since(start);
    status = run_status(&run, options->row_limit, error);
done:
    run_close(&run);
    return status;
}

enum status match_explain(struct plan *plan, const struct bound_query *query, struct team *team,
                          struct budget *budget, struct stop *stop, struct filter_cache *filters,
                          struct filter_externals *externals, struct error *error)
{
    struct run run = {0};
    enum status status =
        run_prepare(&run, query, team, budget, stop, filters, externals, false, error);
    if (status == STATUS_OK) {
        match_ring_choose(&run.plan, query, &run.filters, MATCH_CYCLES_BY_COST);
    }
    *plan = run.plan;
    run_close(&run);
    return status;
}

static enum status open_arenas(struct run *run, struct budget *budget, struct error *error)
{
    struct team *team = run->search.team;
    uint32_t node_count = topology_node_count(team_topology(team));
    uint32_t worker_count = team_worker_count(team);
    TRY(arena_open_brief(&run->arena, team_topology(team), NODE_INTERLEAVED, budget, error));
    run->workers = arena_allocate_zeroed(run->arena, worker_count, sizeof *run->workers);
    run->nodes = arena_allocate_zeroed(run->arena, node_count, sizeof *run->nodes);
    if (run->workers == NULL || run->nodes == NULL) {
        return arena_error(run->arena, "preparing the search", error);
    }
    run->worker_count = worker_count;
    for (uint32_t i = 0; i < worker_count; i++) {
        uint32_t node = team_worker_at(team, i)->node;
        TRY(arena_open_brief(&run->workers[i], team_topology(team), node, budget, error));
        run->nodes[node] = run->workers[i];
    }
    return STATUS_OK;
}

/* Filters, and the plan; what it would take without the externals decides about them. */
static enum status run_prepare(struct run *run, const struct bound_query *query, struct team *team,
                               struct budget *budget, struct stop *stop,
                               struct filter_cache *filters, struct filter_externals *externals,
                               bool rehearses_always, struct error *error)
{
    struct search *search = &run->search;
    search->query = query;
    search->edges = &query->graph->edges;
    search->vertices = &query->graph->vertices;
    search->team = team;
    search->stop = stop;
    search->filters = &run->filters;
    search->plan = &run->plan;
    TRY(open_arenas(run, budget, error));
    TRY(filters_build(&run->filters, query, team, run->arena, run->nodes, filters, stop, error));
    struct rehearsal_means means = {team_topology(team), budget, stop, rehearses_always};
    match_plan(&run->plan, query, &run->filters, &means, search->seek);
    if (externals == NULL || run->plan.is_empty) {
        return STATUS_OK;
    }
    TRY(filters_add_externals(&run->filters, query, externals,
                              match_cost(&run->plan, query, &run->filters), team, run->arena,
                              run->nodes, stop, error));
    if (externals->are_filters) {
        match_plan(&run->plan, query, &run->filters, &means, search->seek);
        run->plan.has_externals = true;
    }
    return STATUS_OK;
}

static bool has_windows(const struct bound_query *query)
{
    for (uint32_t i = 0; i < query->edge_count; i++) {
        for (uint32_t j = 0; j < query->edge_count; j++) {
            if (i != j && query->window.limit_ns[i][j] != WINDOW_NONE) {
                return true;
            }
        }
    }
    return false;
}

/* A share of the candidates of the first step that lie in a partition; none leaves out the root. */
static void add_root(struct search *search, uint32_t partition, uint32_t orientation,
                     struct worker share)
{
    struct search_root *root = &search->roots[search->root_count];
    const struct plan_step *step = &search->plan->steps[0];
    if (step->kind == STEP_SCAN_LINKS) {
        root->begin = search->link_base[partition];
        root->end = search->link_base[partition + 1];
    } else {
        root->begin = search->vertices->partition_base[partition];
        root->end = search->vertices->partition_base[partition + 1];
    }
    if (step->kind == STEP_SEEK_VERTEX) {
        uint64_t seek = search->seek[step->vertex];
        bool is_here = seek >= root->begin && seek < root->end;
        root->begin = seek;
        root->end = seek + is_here;
    }
    uint64_t first = 0;
    uint64_t last = 0;
    team_share(&share, root->end - root->begin, &first, &last);
    root->end = root->begin + last;
    root->begin += first;
    root->rank = share.index;
    root->node = search->edges->partitions[partition].node;
    root->partition = partition;
    root->orientation = orientation;
    search->root_count += root->begin < root->end;
}

/* Runs are short enough that the last ones leave no worker idle for long. */
static void set_grain(struct search *search)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < search->root_count; i++) {
        total += search->roots[i].end - search->roots[i].begin;
    }
    uint64_t grain = total / (64 * (uint64_t)team_worker_count(search->team));
    for (uint32_t i = 0; i < search->root_count; i++) {
        search->roots[i].grain = grain < 1 ? 1 : grain > 4096 ? 4096 : grain;
    }
}

/* The roots of a node: first those that its first worker begins with, a share of each of its
 * partitions, then those of the second, so that what a worker finds is near what it found before.
 */
static void add_node_roots(struct search *search, uint32_t node)
{
    uint32_t workers = team_node_worker_count(search->team, node);
    struct worker share = {.worker_count = workers == 0 ? 1 : workers};
    for (share.index = 0; share.index < share.worker_count; share.index++) {
        for (uint32_t p = 0; p < search->edges->partition_count; p++) {
            bool is_here = search->edges->partitions[p].node == node;
            for (uint32_t i = 0; is_here && i < search->orientation_count; i++) {
                add_root(search, p, i, share);
            }
        }
    }
}

static enum status open_roots(struct run *run, struct error *error)
{
    struct search *search = &run->search;
    uint32_t count = search->edges->partition_count;
    uint64_t root_count =
        (uint64_t)count * search->orientation_count * team_worker_count(search->team);
    search->link_base = arena_allocate_zeroed(run->arena, count + 1, sizeof *search->link_base);
    search->roots = arena_allocate_zeroed(run->arena, root_count, sizeof *search->roots);
    if (search->link_base == NULL || search->roots == NULL) {
        return arena_error(run->arena, "preparing the search", error);
    }
    for (uint32_t p = 0; p < count; p++) {
        search->link_base[p + 1] = search->link_base[p] + search->edges->partitions[p].link_count;
    }
    if (run->plan.is_empty || search->query->limit == 0) {
        return STATUS_OK;
    }
    uint32_t node_count = topology_node_count(team_topology(search->team));
    for (uint32_t node = 0; node < node_count; node++) {
        add_node_roots(search, node);
    }
    set_grain(search);
    return STATUS_OK;
}

static bool allocate_batch(struct searcher *searcher, struct arena *arena)
{
    const struct bound_query *query = searcher->search->query;
    bool is_whole = true;
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        searcher->batch.vertices[v] = arena_allocate(arena, EVALUATE_LANES, sizeof(vertex_id));
        is_whole = is_whole && searcher->batch.vertices[v] != NULL;
    }
    for (uint32_t e = 0; e < query->edge_count; e++) {
        searcher->batch.edges[e] = arena_allocate(arena, EVALUATE_LANES, sizeof(edge_id));
        is_whole = is_whole && searcher->batch.edges[e] != NULL;
    }
    if (searcher->search->reads.can_weigh) {
        searcher->batch.weights = arena_allocate(arena, EVALUATE_LANES, sizeof(uint64_t));
        is_whole = is_whole && searcher->batch.weights != NULL;
    }
    return is_whole;
}

/* Whether a root lies before those that the worker begins with. */
static bool is_before_own(const struct search_root *root, const struct worker *worker)
{
    return root->node < worker->node ||
           (root->node == worker->node && root->rank < worker->node_rank);
}

static enum status open_searcher(struct run *run, uint32_t index, struct error *error)
{
    struct search *search = &run->search;
    const struct worker *worker = team_worker_at(search->team, index);
    struct arena *arena = run->workers[index];
    struct searcher *searcher = arena_allocate_zeroed(arena, 1, sizeof *searcher);
    if (searcher == NULL) {
        return arena_error(arena, "preparing the search", error);
    }
    search->searchers[index] = searcher;
    searcher->search = search;
    searcher->orientation = &search->orientations[0];
    searcher->worker = worker;
    searcher->node = worker->node;
    searcher->inner = search->edges->inner == NULL ? NULL : &search->edges->inner[worker->node];
    searcher->arena = arena;
    searcher->order_room = (struct order_room){.arena = arena, .kept = arena};
    thief_init(&searcher->thief, &search->thieves, worker);
    while (searcher->first_root < search->root_count &&
           is_before_own(&search->roots[searcher->first_root], worker)) {
        searcher->first_root++;
    }
    for (uint32_t v = 0; v < PATTERN_VERTICES_MAX; v++) {
        searcher->inputs.vertices[v] = &searcher->vertices[v];
    }
    for (uint32_t e = 0; e < PATTERN_EDGES_MAX; e++) {
        searcher->inputs.edges[e] = &searcher->edge_ids[e];
    }
    if (!allocate_batch(searcher, arena)) {
        return arena_error(arena, "preparing the search", error);
    }
    return registers_open(&searcher->registers, arena, error);
}

/* Scans find the flows of one source after the other. */
static void set_leader(const struct search *search)
{
    const struct plan_step *first = &search->plan->steps[0];
    bool is_scan = search->plan->step_count > 0 && search->plan->ring.hop_count == 0;
    if (!is_scan || first->by_time || search->orientation_count > 1) {
        return;
    }
    if (first->kind == STEP_SCAN_LINKS) {
        sink_set_leader(search->sink, search->query->edges[first->edge].source);
    } else if (first->kind == STEP_SCAN_VERTICES) {
        sink_set_leader(search->sink, first->vertex);
    }
}

static enum status run_open(struct run *run, struct budget *budget,
                            const struct match_options *options, struct error *error)
{
    struct search *search = &run->search;
    uint32_t count = team_worker_count(search->team);
    search->laid_step_count = run->plan.step_count;
    search->counted_edge = UINT32_MAX;
    search->reads = query_reads(search->query);
    search->reads.is_once = search->reads.is_once && options->judge == NULL;
    TRY(predicates_compile(search, run->arena, error));
    search->countable_edges = ~search->reads.edge_mask;
    for (uint32_t i = 0; i < search->residual_count; i++) {
        search->countable_edges &= ~search->residual[i].edge_mask;
    }
    TRY(orientations_open(search, run->arena, error));
    TRY(once_open(search, run->arena, error));
    TRY(open_roots(run, error));
    search->has_windows = has_windows(search->query);
    search->is_straight = straight_fits(search);
    search->has_limit = search->query->limit != UINT64_MAX || options->row_limit != 0;
    search->searchers = arena_allocate_zeroed(run->arena, count, sizeof *search->searchers);
    struct thief **all = arena_allocate(run->arena, count, sizeof *all);
    if (search->searchers == NULL || all == NULL) {
        return arena_error(run->arena, "preparing the search", error);
    }
    thieves_init(&search->thieves, all, sizeof(struct task), options->splits_always);
    if (run->plan.ring.hop_count == 0) {
        TRY(orientations_open_orders(search, &run->orders, budget, error));
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(open_searcher(run, i, error));
    }
    TRY(sink_open(&run->sink, search->query, search->team, budget, search->stop, options->row_limit,
                  error));
    search->sink = run->sink;
    set_leader(search);
    search->counts_only = sink_counts_only(run->sink);
    return STATUS_OK;
}

static enum status run_search(struct run *run, const struct match_options *options,
                              struct budget *budget, struct match_statistics *statistics,
                              struct error *error)
{
    struct search *search = &run->search;
    if (run->plan.ring.hop_count > 0) {
        return match_ring_run(search, options, budget, statistics, error);
    }
    if (search->progress != NULL) {
        progress_phase(search->progress, "matching", schedule_total_weight(search));
    }
    team_run(search->team, options->has_fixed_shares ? schedule_run_shares : schedule_run, search);
    return STATUS_OK;
}

/* What a worker read in filters becomes part of what it read. */
static void close_locality(struct run *run, uint32_t worker)
{
    struct match_statistics *counters = &run->search.searchers[worker]->counters;
    counters->links_visited = counters->locality.links[0] + counters->locality.links[1];
    locality_close(&counters->locality);
    if (run->filters.localities != NULL) {
        counters->filter_locality = run->filters.localities[worker];
        locality_sum(&counters->locality, &counters->filter_locality);
    }
}

/* Sums up what the workers counted. */
static void run_collect(struct run *run, struct match_statistics *statistics)
{
    for (uint32_t i = 0; i < run->worker_count; i++) {
        close_locality(run, i);
        const struct match_statistics *mine = &run->search.searchers[i]->counters;
        statistics->matches += mine->matches;
        statistics->flows_visited += mine->flows_visited;
        statistics->links_visited += mine->links_visited;
        thief_counts_sum(&statistics->work, &run->search.searchers[i]->thief.counts);
        locality_sum(&statistics->locality, &mine->locality);
        locality_sum(&statistics->filter_locality, &mine->filter_locality);
        for (uint32_t s = 0; s < run->plan.step_count; s++) {
            run->plan.steps[s].visited += mine->plan.steps[s].visited;
            run->plan.steps[s].produced += mine->plan.steps[s].produced;
        }
        for (uint32_t e = 0; e < PATTERN_EDGES_MAX; e++) {
            run->plan.flow_visited[e] += mine->plan.flow_visited[e];
            run->plan.flow_produced[e] += mine->plan.flow_produced[e];
        }
    }
    statistics->flows_scanned = run->filters.flows_scanned;
    statistics->plan = run->plan;
}

static void collect_nodes(const struct run *run, struct node_work *nodes)
{
    for (uint32_t i = 0; nodes != NULL && i < run->worker_count; i++) {
        const struct searcher *searcher = run->search.searchers[i];
        struct node_work *node = &nodes[searcher->worker->node];
        thief_counts_sum(&node->counts, &searcher->thief.counts);
        locality_sum(&node->locality, &searcher->counters.locality);
    }
}

/* The search's own failure, or why it ended before its end. */
static enum status run_status(struct run *run, uint64_t row_limit, struct error *error)
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
    enum stop_reason reason = stop_reason(run->search.stop);
    if (reason != STOP_NONE && reason != STOP_ROWS && reason != STOP_FAILED) {
        return stop_error(run->search.stop, "matching", error);
    }
    if (sink_is_partial(run->sink)) {
        return error_set(error, STATUS_LIMIT, "the limit of %llu rows was reached",
                         (unsigned long long)row_limit);
    }
    return STATUS_OK;
}

static void run_close(struct run *run)
{
    sink_close(run->sink);
    filters_close(&run->filters);
    shared_orders_close(&run->orders);
    for (uint32_t i = 0; i < run->worker_count; i++) {
        arena_close(run->workers[i]);
    }
    arena_close(run->arena);
}
