#include "engine/paths.h"

#include "base/check.h"
#include "engine/filter.h"
#include "engine/path_front.h"
#include "engine/path_kinds.h"
#include "engine/path_step.h"

enum {
    VERTICES_AT_ONCE = 1024, /* whose units a worker makes */
    UNITS_AT_ONCE = 8,
    STARTS_AT_ONCE = 4, /* vertices that paths are followed from alone */
};

static const char what[] = "following paths";

/* One end of the paths. */
struct path_side {
    const uint64_t *vertices;
    uint64_t *const *flows; /* who may be the flow at it */
    bool varies;            /* it is told, and is not the same for all paths */
    bool is_told;
    uint64_t vertex_count;
    uint64_t flow_count; /* at these */
    vertex_id vertex;    /* the only one, where there is one */
};

/* What a run holds, given back in one place. */
struct path_run {
    struct path_search search;
    struct arena *arena;
    struct path_side begin;
    struct path_side end;
    bool is_turned; /* the search begins at the end */
    bool is_single; /* from one first flow at a time */
};

/* Counts what there is at an end. */
static void survey(struct path_side *side, const struct graph *graph, bool is_leaving,
                   struct stop *stop)
{
    static const struct flow_filter all = {0};
    const struct edge_frame *edges = &graph->edges;
    const struct vertex_flows of = {edges, &all, stop, is_leaving};
    side->vertex_count = graph->vertices.vertex_count;
    side->flow_count = edges->flow_count;
    if (side->vertices == NULL) {
        side->varies = side->is_told;
        return;
    }
    side->vertex_count = 0;
    side->flow_count = 0;
    for (uint64_t word = 0; word < filter_word_count(graph->vertices.vertex_count); word++) {
        for (uint64_t rest = side->vertices[word]; rest != 0; rest &= rest - 1) {
            vertex_id vertex = (vertex_id)(word << 6) + (vertex_id)__builtin_ctzll(rest);
            const struct partition *partition = graph_partition_of(edges, vertex);
            side->flow_count += vertex_flows_count(&of, partition, vertex - partition->vertex_base);
            side->vertex_count++;
            side->vertex = vertex;
        }
    }
    side->varies = side->is_told && side->vertex_count > 1;
}

/* From the end that need not be told, or else is less. */
static void choose_side(struct path_run *run)
{
    struct path_search *search = &run->search;
    const struct path_query *query = search->query;
    run->begin = (struct path_side){
        .vertices = query->begin_bits, .flows = query->first_bits, .is_told = query->tells_begin};
    run->end = (struct path_side){
        .vertices = query->end_bits, .flows = query->last_bits, .is_told = query->tells_end};
    survey(&run->begin, query->graph, !query->is_backward, search->options->stop);
    survey(&run->end, query->graph, query->is_backward, search->options->stop);
    run->is_turned = query->tells_first ? false
                     : run->begin.varies != run->end.varies
                         ? run->begin.varies
                         : run->end.flow_count < run->begin.flow_count;
    const struct path_side *near = run->is_turned ? &run->end : &run->begin;
    const struct path_side *far = run->is_turned ? &run->begin : &run->end;
    search->near_vertices = near->vertices;
    search->near_bits = near->flows;
    search->tells_near = near->varies;
    search->far_vertices = far->vertices;
    search->far_bits = far->flows;
    search->tells_far = far->varies;
    search->is_descending = run->is_turned;
    search->is_leaving = run->is_turned == query->is_backward;
    search->is_counted = query->is_counted;
    run->is_single = search->is_counted && query->window_ns != CYCLE_WINDOW_ANY;
}

/* Whether some path may have taken a flow twice, at one instant, where that makes a difference: to
 * arrive somewhere it need not have, but to arrive with so many flows. Then only counting, which
 * knows what each has taken, tells. */
static bool repeats(const struct path_lane *lane)
{
    const struct path_query *query = lane->search->query;
    return lane->has_repeats && (query->hops_min > 1 || (query->tells_hops && !query->tells_least));
}

static bool repeats_any(const struct path_search *search)
{
    bool has_repeats = false;
    for (uint32_t i = 0; i < search->lane_count; i++) {
        has_repeats = has_repeats || repeats(search->lanes[i]);
    }
    return has_repeats;
}

static bool is_near(const struct path_search *search, uint64_t vertex)
{
    return search->near_vertices == NULL || bit_is_set(search->near_vertices, vertex);
}

/* Units of all vertices to begin with, among the workers. */
static void begin_units(struct path_lane *lane, bool is_single)
{
    struct path_search *search = lane->search;
    uint64_t begin = 0;
    uint64_t end = 0;
    while (!stop_poll(search->options->stop) &&
           team_next(&search->next, search->edges->source->vertex_count, VERTICES_AT_ONCE, &begin,
                     &end)) {
        for (uint64_t vertex = begin; vertex < end; vertex++) {
            if (!is_near(search, vertex)) {
                continue;
            }
            if (!(is_single ? path_add_single(lane, (vertex_id)vertex)
                            : path_add_units(lane, (vertex_id)vertex, 0, 0))) {
                return;
            }
        }
    }
}

/* Lets all workers take the lane's units. */
static void deal(struct path_lane *lane)
{
    lane->dealt = lane->units;
    lane->dealt_count = lane->unit_count;
    atomic_store_explicit(&lane->next_dealt, 0, memory_order_relaxed);
}

/* The next units of any lane, its own first. */
static bool next_units(struct path_lane *lane, struct path_lane **owner, uint64_t *begin,
                       uint64_t *end)
{
    const struct path_search *search = lane->search;
    for (uint32_t i = 0; i < search->lane_count; i++) {
        *owner = search->lanes[(lane->worker->index + i) % search->lane_count];
        if (team_next(&(*owner)->next_dealt, (*owner)->dealt_count, UNITS_AT_ONCE, begin, end)) {
            return true;
        }
    }
    return false;
}

/* All workers, hop by hop. */
static void follow_together(const struct worker *worker, void *context)
{
    struct path_run *run = context;
    struct path_search *search = &run->search;
    struct path_lane *lane = search->lanes[worker->index];
    struct path_lane *owner = NULL;
    uint64_t begin = 0;
    uint64_t end = 0;
    bool goes_on = true;
    begin_units(lane, false);
    deal(lane);
    team_barrier(worker);
    for (uint32_t hops = 1; goes_on; hops++) {
        while (next_units(lane, &owner, &begin, &end)) {
            for (uint64_t i = begin; i < end && !stop_poll(search->options->stop); i++) {
                path_step(lane, owner, &owner->dealt[i], hops);
            }
        }
        path_settle(lane);
        team_barrier(worker);
        path_gather(lane, hops);
        deal(lane);
        team_barrier(worker);
        if (worker->index == 0) {
            uint64_t unit_count = 0;
            for (uint32_t i = 0; i < search->lane_count; i++) {
                unit_count += search->lanes[i]->dealt_count;
            }
            search->is_over =
                unit_count == 0 || stop_is_requested(search->options->stop) || repeats_any(search);
            progress_draw(search->options->progress);
        }
        team_barrier(worker);
        goes_on = !search->is_over;
    }
}

/* On from what the first hop has led to. */
static void follow_on(struct path_lane *lane)
{
    struct stop *stop = lane->search->options->stop;
    path_settle(lane);
    path_gather(lane, 1);
    for (uint32_t hops = 2; lane->unit_count > 0 && !repeats(lane) && !stop_is_requested(stop);
         hops++) {
        for (uint64_t i = 0; i < lane->unit_count && !stop_is_requested(stop); i++) {
            path_step(lane, lane, &lane->units[i], hops);
        }
        path_settle(lane);
        path_gather(lane, hops);
    }
}

/* From one vertex after the other. */
static void follow_apart(const struct worker *worker, void *context)
{
    struct path_run *run = context;
    struct path_search *search = &run->search;
    struct path_lane *lane = search->lanes[worker->index];
    uint64_t vertex_count = search->edges->source->vertex_count;
    uint64_t begin = 0;
    uint64_t end = 0;
    while (!stop_poll(search->options->stop) &&
           team_next(&search->next, vertex_count, STARTS_AT_ONCE, &begin, &end)) {
        for (uint64_t vertex = begin; vertex < end && !repeats(lane) && !path_is_stopped(lane, 1);
             vertex++) {
            path_forget(lane);
            if (!is_near(search, vertex) || !path_add_units(lane, (vertex_id)vertex, 0, 0)) {
                continue;
            }
            lane->near = (vertex_id)vertex;
            for (uint64_t i = 0; i < lane->unit_count; i++) {
                path_step(lane, lane, &lane->units[i], 1);
            }
            follow_on(lane);
            path_end_kinds(lane);
        }
        progress_add(search->options->progress, end - begin);
        if (worker->index == 0) {
            progress_draw(search->options->progress);
        }
    }
}

/* From one flow after the other. */
static void follow_single(const struct worker *worker, void *context)
{
    struct path_run *run = context;
    struct path_search *search = &run->search;
    struct path_lane *lane = search->lanes[worker->index];
    struct path_lane *owner = NULL;
    uint64_t begin = 0;
    uint64_t end = 0;
    begin_units(lane, true);
    deal(lane);
    lane->units = NULL; /* its room is others' from here on */
    lane->unit_room = (struct room){0};
    lane->unit_count = 0;
    progress_expect(search->options->progress, lane->dealt_count);
    team_barrier(worker);
    while (next_units(lane, &owner, &begin, &end)) {
        for (uint64_t i = begin; i < end && !stop_poll(search->options->stop); i++) {
            struct path_unit unit = owner->dealt[i];
            lane->near = search->tells_near ? unit.vertex : 0;
            while (!stop_is_requested(search->options->stop) && path_step_one(lane, &unit)) {
                follow_on(lane);
                path_forget(lane);
            }
        }
        progress_add(search->options->progress, end - begin);
        if (worker->index == 0) {
            progress_draw(search->options->progress);
        }
    }
}

static enum status open_lane(struct path_run *run, const struct worker *worker, struct error *error)
{
    struct path_search *search = &run->search;
    const struct cycle_options *options = search->options;
    struct arena *arena = NULL;
    struct path_lane **place = &search->lanes[worker->index];
    TRY(arena_open_brief(&arena, team_topology(options->team), worker->node, options->budget,
                         error));
    struct path_lane *lane = arena_allocate_zeroed(arena, 1, sizeof *lane);
    if (lane == NULL) {
        enum status status = arena_error(arena, what, error);
        arena_close(arena);
        return status;
    }
    bool is_alone = run->is_single || search->tells_near;
    *place = lane;
    lane->search = search;
    lane->worker = worker;
    lane->arena = arena;
    lane->self = lane;
    lane->lanes = is_alone ? &lane->self : search->lanes;
    lane->lane_count = is_alone ? 1 : search->lane_count;
    lane->index = is_alone ? 0 : worker->index;
    lane->limit = INT64_MAX;
    lane->order_room.arena = arena;
    lane->order_room.kept = arena;
    lane->emitted = arena_allocate_zeroed(arena, lane->lane_count, sizeof *lane->emitted);
    lane->ended = arena_allocate_zeroed(arena, lane->lane_count, sizeof *lane->ended);
    return lane->emitted == NULL || lane->ended == NULL ? arena_error(arena, what, error)
                                                        : STATUS_OK;
}

static enum status open_run(struct path_run *run, struct error *error)
{
    struct path_search *search = &run->search;
    const struct cycle_options *options = search->options;
    TRY(arena_open_brief(&run->arena, team_topology(options->team), NODE_INTERLEAVED,
                         options->budget, error));
    search->lane_count = team_worker_count(options->team);
    search->lanes = arena_allocate_zeroed(run->arena, search->lane_count, sizeof *search->lanes);
    if (search->lanes == NULL) {
        return arena_error(run->arena, what, error);
    }
    if (search->query->window_ns != CYCLE_WINDOW_ANY) {
        search->flows.bits = (uint64_t **)(uintptr_t)search->query->flow_bits;
        TRY(time_order_open(&search->order, search->edges, &search->flows, search->is_leaving,
                            options->team, options->budget, options->stop, error));
    }
    for (uint32_t i = 0; i < search->lane_count; i++) {
        TRY(open_lane(run, team_worker_at(options->team, i), error));
    }
    return STATUS_OK;
}

/* May be opened again. */
static void close_run(struct path_run *run)
{
    struct path_search *search = &run->search;
    for (uint32_t i = 0; search->lanes != NULL && i < search->lane_count; i++) {
        if (search->lanes[i] != NULL) {
            arena_close(search->lanes[i]->arena);
        }
    }
    time_order_close(&search->order);
    arena_close(run->arena);
    run->arena = NULL;
    search->lanes = NULL;
    search->next = 0;
    search->is_over = false;
}

/* Why it ended before its end. */
static enum status run_status(const struct path_run *run, struct error *error)
{
    for (uint32_t i = 0; i < run->search.lane_count; i++) {
        const struct path_lane *lane = run->search.lanes[i];
        if (lane->is_short) {
            return arena_error(lane->arena, what, error);
        }
        if (lane->is_full) {
            return path_many(error);
        }
    }
    return stop_error(run->search.options->stop, what, error);
}

static enum status follow(struct path_run *run, struct path_statistics *statistics,
                          struct error *error)
{
    struct path_search *search = &run->search;
    const struct cycle_options *options = search->options;
    bool is_apart = search->tells_near && !run->is_single;
    TRY(open_run(run, error));
    if (options->progress != NULL) {
        progress_phase(options->progress, what, is_apart ? search->edges->source->vertex_count : 0);
    }
    team_run(options->team,
             run->is_single       ? follow_single
             : search->tells_near ? follow_apart
                                  : follow_together,
             run);
    for (uint32_t i = 0; i < search->lane_count; i++) {
        statistics->flows_visited += search->lanes[i]->flows_visited;
        statistics->links_visited += search->lanes[i]->links_visited;
    }
    return run_status(run, error);
}

/* The ends that are the same for all paths. */
static void name_ends(const struct path_run *run, struct path_kinds *kinds)
{
    for (uint64_t i = 0; i < kinds->count; i++) {
        struct path_kind *kind = &kinds->kinds[i];
        kind->begin = run->begin.is_told && !run->begin.varies ? run->begin.vertex : kind->begin;
        kind->end = run->end.is_told && !run->end.varies ? run->end.vertex : kind->end;
    }
}

enum status paths_count(struct path_kinds *kinds, const struct path_query *query,
                        const struct cycle_options *options, struct path_statistics *statistics,
                        struct error *error)
{
    struct path_run run = {
        .search = {.query = query, .options = options, .edges = &query->graph->edges}};
    CHECK(query->hops_min >= 1 && query->window_ns >= 0);
    *kinds = (struct path_kinds){0};
    *statistics = (struct path_statistics){0};
    if (query->hops_max < query->hops_min) {
        return STATUS_OK;
    }
    int64_t start = clock_ns();
    choose_side(&run);
    enum status status = follow(&run, statistics, error);
    if (status == STATUS_OK && repeats_any(&run.search)) {
        close_run(&run);
        run.search.is_counted = true;
        run.is_single = query->window_ns != CYCLE_WINDOW_ANY;
        status = follow(&run, statistics, error);
    }
    if (status == STATUS_OK) {
        status = arena_open_brief(&kinds->arena, team_topology(options->team), NODE_INTERLEAVED,
                                  options->budget, error);
    }
    if (status == STATUS_OK) {
        status = path_list_kinds(&run.search, run.is_turned, kinds, error);
        name_ends(&run, kinds);
    }
    kinds->count = status == STATUS_OK ? kinds->count : 0;
    close_run(&run);
    statistics->seconds = (double)(clock_ns() - start) / (double)NS_PER_SECOND;
    return status;
}

void path_kinds_close(struct path_kinds *kinds)
{
    arena_close(kinds->arena);
    *kinds = (struct path_kinds){0};
}
