#include "engine/cycle_bundles.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/feasible.h"
#include "engine/filter.h"
#include "engine/window.h"

enum {
    GRAIN = 1024, /* vertices that a worker takes at once */
    POLL_LINKS = 1024,
    INTERVAL_FLOWS_MIN = 128, /* on average; shorter intervals would cost more than they save */
    INTERVALS_MAX = 1 << 16,
    PART_BUNDLES_MIN = 4096,
};

static const char what[] = "dividing flows by time";

struct placed {
    struct bundle bundle;
    uint32_t interval;
};

/* What one worker found. */
struct part {
    struct arena *arena;
    uint32_t node; /* the worker's */
    struct locality locality;
    time_ns earliest;
    time_ns latest;
    uint64_t flow_count;
    struct placed *placed;
    uint64_t count;
    uint64_t capacity;
    uint64_t *interval_counts; /* [interval_count]; then where the next one of each goes */
    bool is_short;             /* of memory */
};

struct dividing {
    struct bundles *bundles;
    const struct cycle_query *query;
    const struct cycle_options *options;
    const struct edge_frame *edges;
    bundle_loop loop;
    void *context;
    bool is_surveyed;        /* whether `live` had to be found out */
    _Atomic uint64_t *leave; /* a bit per vertex, while surveying: has links that leave */
    _Atomic uint64_t *arrive;
    uint64_t *joined;
    const uint64_t *live;   /* a bit per vertex: has links that leave and links that arrive */
    _Atomic uint64_t *next; /* [partition_count]: the vertices not yet dealt out */
    struct part *parts;     /* [worker_count] */
    struct arena *arena;    /* all of the above, until the build ends */
};

static enum status open_division(struct dividing *dividing, struct error *error);
static void close_division(struct dividing *dividing);
static void survey(const struct worker *worker, void *context);
static enum status choose_intervals(struct dividing *dividing, struct error *error);
static void divide(const struct worker *worker, void *context);
static enum status place_intervals(struct dividing *dividing, struct error *error);
static void scatter(const struct worker *worker, void *context);
static enum status division_status(const struct dividing *dividing, struct error *error);

static void rewind_vertices(struct dividing *dividing)
{
    for (uint32_t p = 0; p < dividing->edges->partition_count; p++) {
        atomic_store_explicit(&dividing->next[p], 0, memory_order_relaxed);
    }
}

static void join_live(struct dividing *dividing)
{
    uint64_t words = ((uint64_t)dividing->edges->source->vertex_count + 63) / 64;
    for (uint64_t word = 0; dividing->is_surveyed && word < words; word++) {
        dividing->joined[word] =
            atomic_load_explicit(&dividing->leave[word], memory_order_relaxed) &
            atomic_load_explicit(&dividing->arrive[word], memory_order_relaxed);
    }
}

enum status bundles_build(struct bundles *bundles, const struct cycle_query *query,
                          const struct cycle_options *options, bundle_loop loop, void *context,
                          struct error *error)
{
    enum status status;
    struct dividing dividing = {.bundles = bundles,
                                .query = query,
                                .options = options,
                                .edges = &query->graph->edges,
                                .loop = loop,
                                .context = context};
    TRY_DONE(open_division(&dividing, error));
    team_run(options->team, survey, &dividing);
    TRY_DONE(stop_error(options->stop, what, error));
    join_live(&dividing);
    TRY_DONE(choose_intervals(&dividing, error));
    rewind_vertices(&dividing);
    team_run(options->team, divide, &dividing);
    TRY_DONE(stop_error(options->stop, what, error));
    TRY_DONE(division_status(&dividing, error));
    TRY_DONE(place_intervals(&dividing, error));
    team_run(options->team, scatter, &dividing);
    status = stop_error(options->stop, what, error);
done:
    close_division(&dividing);
    return status;
}

void bundles_close(struct bundles *bundles)
{
    arena_close(bundles->arena);
    *bundles = (struct bundles){0};
}

static enum status open_parts(struct dividing *dividing, struct error *error)
{
    struct team *team = dividing->options->team;
    uint32_t workers = team_worker_count(team);
    dividing->parts = arena_allocate_zeroed(dividing->arena, workers, sizeof *dividing->parts);
    if (dividing->parts == NULL) {
        return arena_error(dividing->arena, what, error);
    }
    for (uint32_t w = 0; w < workers; w++) {
        struct part *part = &dividing->parts[w];
        part->earliest = INT64_MAX;
        part->latest = INT64_MIN;
        part->node = team_worker_at(team, w)->node;
        TRY(arena_open_brief(&part->arena, team_topology(team), part->node,
                             dividing->options->budget, error));
    }
    return STATUS_OK;
}

static enum status open_division(struct dividing *dividing, struct error *error)
{
    struct bundles *bundles = dividing->bundles;
    const struct cycle_options *options = dividing->options;
    const struct edge_frame *edges = dividing->edges;
    const struct topology *topology = team_topology(options->team);
    uint64_t words = ((uint64_t)edges->source->vertex_count + 63) / 64;
    TRY(arena_open_brief(&bundles->arena, topology, NODE_INTERLEAVED, options->budget, error));
    TRY(arena_open_brief(&dividing->arena, topology, NODE_INTERLEAVED, options->budget, error));
    TRY(open_parts(dividing, error));
    dividing->next =
        arena_allocate_zeroed(dividing->arena, edges->partition_count, sizeof *dividing->next);
    dividing->is_surveyed = edges->through == NULL || dividing->query->flow_bits != NULL;
    dividing->live = edges->through;
    if (dividing->is_surveyed) {
        dividing->leave = arena_allocate_zeroed(dividing->arena, words, sizeof *dividing->leave);
        dividing->arrive = arena_allocate_zeroed(dividing->arena, words, sizeof *dividing->arrive);
        dividing->joined = arena_allocate(dividing->arena, words, sizeof *dividing->joined);
        dividing->live = dividing->joined;
        if (dividing->leave == NULL || dividing->arrive == NULL || dividing->joined == NULL) {
            return arena_error(dividing->arena, what, error);
        }
    }
    return dividing->next == NULL ? arena_error(dividing->arena, what, error) : STATUS_OK;
}

static void close_division(struct dividing *dividing)
{
    uint32_t workers = team_worker_count(dividing->options->team);
    struct node_work *nodes = dividing->options->nodes;
    for (uint32_t w = 0; dividing->parts != NULL && w < workers; w++) {
        struct part *part = &dividing->parts[w];
        if (nodes != NULL) {
            locality_close(&part->locality);
            locality_sum(&nodes[part->node].locality, &part->locality);
        }
        arena_close(part->arena);
    }
    arena_close(dividing->arena);
}

/* The next vertices of a partition, those of the worker's node first; false when none is left. */
static bool take_vertices(struct dividing *dividing, const struct worker *worker,
                          const struct partition **partition, uint64_t *begin, uint64_t *end)
{
    for (uint32_t far = 0; far < 2; far++) {
        for (uint32_t p = 0; p < dividing->edges->partition_count; p++) {
            *partition = &dividing->edges->partitions[p];
            if (((*partition)->node != worker->node) == (far != 0) &&
                !stop_poll(dividing->options->stop) &&
                team_next(&dividing->next[p], (*partition)->vertex_count, GRAIN, begin, end)) {
                return true;
            }
        }
    }
    return false;
}

/* Narrows a link's flows to those from the first to the last that passes; false when none does. */
static bool passing_flows(const struct dividing *dividing, const struct partition *partition,
                          uint32_t *first, uint32_t last)
{
    uint64_t *const *bits = dividing->query->flow_bits;
    if (bits != NULL) {
        *first = feasible_next_bit(bits[partition->index], *first, last);
    }
    return *first < last;
}

static void set_bit(_Atomic uint64_t *bits, vertex_id vertex)
{
    atomic_fetch_or_explicit(&bits[vertex >> 6], UINT64_C(1) << (vertex & 63),
                             memory_order_relaxed);
}

static void survey_vertex(struct dividing *dividing, struct part *part,
                          const struct partition *partition, uint32_t local)
{
    vertex_id source = partition->vertex_base + local;
    for (uint32_t link = partition->link_offset[local]; link < partition->link_offset[local + 1];
         link++) {
        if (link % POLL_LINKS == 0 && stop_poll(dividing->options->stop)) {
            return;
        }
        uint32_t first = partition->flow_offset[link];
        uint32_t last = partition->flow_offset[link + 1];
        vertex_id target = partition->link_target[link];
        bool is_dead = !dividing->is_surveyed && !bit_is_set(dividing->live, target);
        if (is_dead || !passing_flows(dividing, partition, &first, last)) {
            continue;
        }
        part->locality.links[partition->node != part->node]++;
        if (dividing->is_surveyed) {
            set_bit(dividing->leave, source);
            set_bit(dividing->arrive, target);
        }
        time_ns earliest = partition->flow_time[first];
        time_ns latest = partition->flow_time[last - 1];
        part->earliest = earliest < part->earliest ? earliest : part->earliest;
        part->latest = latest > part->latest ? latest : part->latest;
        part->flow_count += last - first;
    }
}

/* Which vertices can lie on a cycle, where the graph does not tell; the span of time, and about how
 * many flows there are. */
static void survey(const struct worker *worker, void *context)
{
    struct dividing *dividing = context;
    struct part *part = &dividing->parts[worker->index];
    const struct partition *partition;
    uint64_t begin;
    uint64_t end;
    while (take_vertices(dividing, worker, &partition, &begin, &end)) {
        for (uint64_t local = begin; local < end; local++) {
            if (dividing->is_surveyed ||
                bit_is_set(dividing->live, partition->vertex_base + local)) {
                survey_vertex(dividing, part, partition, (uint32_t)local);
            }
        }
    }
}

static enum status choose_intervals(struct dividing *dividing, struct error *error)
{
    struct bundles *bundles = dividing->bundles;
    uint32_t workers = team_worker_count(dividing->options->team);
    time_ns earliest = INT64_MAX;
    time_ns latest = INT64_MIN;
    uint64_t flow_count = 0;
    for (uint32_t w = 0; w < workers; w++) {
        const struct part *part = &dividing->parts[w];
        earliest = part->earliest < earliest ? part->earliest : earliest;
        latest = part->latest > latest ? part->latest : latest;
        flow_count += part->flow_count;
    }
    uint64_t span = flow_count == 0 ? 0 : (uint64_t)latest - (uint64_t)earliest;
    bool is_test = dividing->options->splits_always;
    uint64_t most = flow_count / (is_test ? 1 : INTERVAL_FLOWS_MIN);
    most = most < 1 ? 1 : most > INTERVALS_MAX ? INTERVALS_MAX : most;
    uint64_t interval = (uint64_t)dividing->query->window_ns;
    interval = interval < span / most + 1 ? span / most + 1 : interval;
    bundles->origin = earliest;
    bundles->interval_ns = interval;
    bundles->interval_count = flow_count == 0 ? 0 : (uint32_t)(span / interval) + 1;
    for (uint32_t w = 0; w < workers; w++) {
        struct part *part = &dividing->parts[w];
        part->interval_counts = arena_allocate_zeroed(part->arena, bundles->interval_count,
                                                      sizeof *part->interval_counts);
        if (part->interval_counts == NULL) {
            return arena_error(part->arena, what, error);
        }
    }
    return STATUS_OK;
}

static struct placed *add_placed(struct part *part)
{
    if (part->count == part->capacity) {
        uint64_t capacity = part->capacity == 0 ? PART_BUNDLES_MIN : part->capacity * 2;
        struct placed *placed =
            arena_resize(part->arena, part->placed, capacity, sizeof *part->placed);
        if (placed == NULL) {
            part->is_short = true;
            return NULL;
        }
        part->placed = placed;
        part->capacity = capacity;
    }
    return &part->placed[part->count++];
}

/* Cuts the flows of a link where intervals begin. */
static bool divide_link(struct dividing *dividing, struct part *part,
                        const struct partition *partition, vertex_id source, uint32_t link)
{
    const struct bundles *bundles = dividing->bundles;
    const time_ns *times = partition->flow_time;
    uint32_t first = partition->flow_offset[link];
    uint32_t last = partition->flow_offset[link + 1];
    part->locality.links[partition->node != part->node]++;
    while (passing_flows(dividing, partition, &first, last)) {
        uint64_t since = (uint64_t)times[first] - (uint64_t)bundles->origin;
        uint64_t interval = since / bundles->interval_ns;
        uint32_t end = last;
        if (interval + 1 < bundles->interval_count) {
            uint64_t next = (uint64_t)bundles->origin + (interval + 1) * bundles->interval_ns;
            end = window_begin(times, first, last, (time_ns)next);
        }
        struct placed *placed = add_placed(part);
        if (placed == NULL) {
            return false;
        }
        *placed = (struct placed){{source, partition->link_target[link], first, end - first},
                                  (uint32_t)interval};
        part->interval_counts[interval]++;
        first = end;
    }
    return true;
}

static void divide_loops(struct dividing *dividing, const struct worker *worker,
                         const struct partition *partition, vertex_id vertex, uint32_t link)
{
    uint32_t first = partition->flow_offset[link];
    uint32_t last = partition->flow_offset[link + 1];
    const uint64_t *anchors = dividing->query->anchor_bits;
    if (anchors != NULL && !bit_is_set(anchors, vertex)) {
        return;
    }
    for (; passing_flows(dividing, partition, &first, last); first++) {
        if (stop_is_requested(dividing->options->stop)) {
            return;
        }
        dividing->loop(worker, dividing->context, vertex, edge_id_of(partition->index, first));
    }
}

static bool divide_vertex(struct dividing *dividing, const struct worker *worker,
                          const struct partition *partition, uint32_t local)
{
    struct part *part = &dividing->parts[worker->index];
    vertex_id source = partition->vertex_base + local;
    for (uint32_t link = partition->link_offset[local]; link < partition->link_offset[local + 1];
         link++) {
        vertex_id target = partition->link_target[link];
        if (link % POLL_LINKS == 0 && stop_poll(dividing->options->stop)) {
            return false;
        }
        if (target == source && dividing->query->is_simple) {
            if (dividing->loop != NULL) {
                divide_loops(dividing, worker, partition, source, link);
            }
        } else if (bit_is_set(dividing->live, target) &&
                   !divide_link(dividing, part, partition, source, link)) {
            return false;
        }
    }
    return true;
}

static void divide(const struct worker *worker, void *context)
{
    struct dividing *dividing = context;
    const struct partition *partition;
    uint64_t begin;
    uint64_t end;
    while (take_vertices(dividing, worker, &partition, &begin, &end)) {
        for (uint64_t local = begin; local < end; local++) {
            if (bit_is_set(dividing->live, partition->vertex_base + local) &&
                !divide_vertex(dividing, worker, partition, (uint32_t)local)) {
                return;
            }
        }
    }
}

static enum status division_status(const struct dividing *dividing, struct error *error)
{
    for (uint32_t w = 0; w < team_worker_count(dividing->options->team); w++) {
        if (dividing->parts[w].is_short) {
            return arena_error(dividing->parts[w].arena, what, error);
        }
    }
    return STATUS_OK;
}

/* Counts become places: by interval, then by worker. */
static enum status place_intervals(struct dividing *dividing, struct error *error)
{
    struct bundles *bundles = dividing->bundles;
    uint32_t workers = team_worker_count(dividing->options->team);
    uint64_t total = 0;
    bundles->offset = arena_allocate(bundles->arena, (uint64_t)bundles->interval_count + 1,
                                     sizeof *bundles->offset);
    if (bundles->offset == NULL) {
        return arena_error(bundles->arena, what, error);
    }
    for (uint32_t interval = 0; interval < bundles->interval_count; interval++) {
        bundles->offset[interval] = total;
        for (uint32_t w = 0; w < workers; w++) {
            uint64_t count = dividing->parts[w].interval_counts[interval];
            dividing->parts[w].interval_counts[interval] = total;
            total += count;
        }
    }
    bundles->offset[bundles->interval_count] = total;
    bundles->bundles = arena_allocate(bundles->arena, total, sizeof *bundles->bundles);
    return bundles->bundles == NULL ? arena_error(bundles->arena, what, error) : STATUS_OK;
}

static void scatter(const struct worker *worker, void *context)
{
    struct dividing *dividing = context;
    struct part *part = &dividing->parts[worker->index];
    struct bundle *bundles = dividing->bundles->bundles;
    for (uint64_t i = 0; i < part->count; i++) {
        const struct placed *placed = &part->placed[i];
        bundles[part->interval_counts[placed->interval]++] = placed->bundle;
        if (i % (1 << 16) == 0 && stop_poll(dividing->options->stop)) {
            return;
        }
    }
}
