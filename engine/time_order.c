#include "engine/time_order.h"

#include "base/check.h"
#include "base/memory.h"
#include "base/radix.h"

enum {
    GRAIN = 256,       /* vertices that a worker takes at once */
    POLL_LINKS = 1024, /* links of a vertex between two looks at the stop */
};

struct building {
    struct time_order *order;
    const struct edge_frame *frame;
    const struct flow_filter *filter;
    struct team *team;
    struct stop *stop;
    struct scratch *scratch; /* [worker_count] */
    _Atomic uint64_t next;   /* vertex, over all partitions */
    _Atomic bool is_short;   /* of memory */
};

/* A worker's room for sorting: two blocks of `capacity` pairs, as large as its largest vertex. */
struct scratch {
    struct arena *arena;
    struct radix_pair *pairs;
    uint64_t capacity;
};

static const char what[] = "ordering flows by time";

static enum status open_parts(struct building *building, struct budget *budget,
                              struct error *error);
static void count_flows(const struct worker *worker, void *context);
static void sum_counts(struct building *building);
static enum status open_flows(struct building *building, struct error *error);
static enum status open_scratch(struct building *building, struct budget *budget,
                                struct error *error);
static void close_scratch(struct building *building);
static void fill_flows(const struct worker *worker, void *context);

enum status time_order_build(struct time_order *order, const struct edge_frame *frame,
                             const struct flow_filter *filter, bool is_out, struct team *team,
                             struct budget *budget, struct stop *stop, struct error *error)
{
    struct building building = {
        .order = order, .frame = frame, .filter = filter, .team = team, .stop = stop};
    enum status status;
    order->is_out = is_out;
    TRY_DONE(open_parts(&building, budget, error));
    team_run(team, count_flows, &building);
    sum_counts(&building);
    TRY_DONE(stop_error(stop, what, error));
    TRY_DONE(open_flows(&building, error));
    TRY_DONE(open_scratch(&building, budget, error));
    atomic_store_explicit(&building.next, 0, memory_order_relaxed);
    team_run(team, fill_flows, &building);
    TRY_DONE(stop_error(stop, what, error));
    if (atomic_load_explicit(&building.is_short, memory_order_relaxed)) {
        status = error_set_memory(error, what);
    }
done:
    close_scratch(&building);
    return status;
}

void time_order_close(struct time_order *order)
{
    for (uint32_t p = 0; p < order->part_count; p++) {
        arena_close(order->parts[p].arena);
    }
    memory_free(order->parts);
    *order = (struct time_order){0};
}

static enum status open_parts(struct building *building, struct budget *budget, struct error *error)
{
    struct time_order *order = building->order;
    uint32_t count = building->frame->partition_count;
    order->parts = memory_allocate(count, sizeof(*order->parts));
    if (order->parts == NULL) {
        return error_set_memory(error, what);
    }
    order->part_count = count;
    for (uint32_t p = 0; p < count; p++) {
        const struct partition *partition = &building->frame->partitions[p];
        struct time_order_part *part = &order->parts[p];
        TRY(arena_open_brief(&part->arena, team_topology(building->team), partition->node, budget,
                             error));
        part->offset =
            arena_allocate(part->arena, (size_t)partition->vertex_count + 1, sizeof(uint64_t));
        if (part->offset == NULL) {
            return arena_error(part->arena, what, error);
        }
        part->offset[0] = 0;
    }
    return STATUS_OK;
}

/* The flows of the link that entry `index` of the vertex's partition names. */
static void link_flows(const struct building *building, const struct partition *partition,
                       uint32_t index, const struct partition **holder, uint32_t *begin,
                       uint32_t *end)
{
    uint32_t link = index;
    *holder = partition;
    if (!building->order->is_out) {
        struct reverse_link reverse = partition->reverse[index];
        *holder = graph_partition_of(building->frame, reverse.source);
        link = reverse.link;
    }
    *begin = (*holder)->flow_offset[link];
    *end = (*holder)->flow_offset[link + 1];
}

static bool passes(const struct building *building, const struct partition *holder,
                   uint32_t position)
{
    uint64_t *const *bits = building->filter->bits;
    return bits == NULL || bit_is_set(bits[holder->index], position);
}

static const uint32_t *entry_offset(const struct building *building,
                                    const struct partition *partition)
{
    return building->order->is_out ? partition->link_offset : partition->reverse_offset;
}

static uint64_t count_vertex(const struct building *building, const struct partition *partition,
                             uint32_t local)
{
    const uint32_t *offset = entry_offset(building, partition);
    uint64_t count = 0;
    for (uint32_t index = offset[local]; index < offset[local + 1]; index++) {
        const struct partition *holder;
        uint32_t begin;
        uint32_t end;
        link_flows(building, partition, index, &holder, &begin, &end);
        if (building->filter->bits == NULL) {
            count += end - begin;
            continue;
        }
        for (uint32_t position = begin; position < end; position++) {
            count += passes(building, holder, position);
        }
        if (index % POLL_LINKS == 0 && stop_is_requested(building->stop)) {
            break;
        }
    }
    return count;
}

/* Takes the next vertices, all of one partition; false when none is left. */
static bool take_vertices(struct building *building, const struct partition **partition,
                          uint32_t *begin, uint32_t *end)
{
    const struct vertex_frame *vertices = building->frame->source;
    uint64_t first;
    uint64_t last;
    while (!stop_poll(building->stop) &&
           team_next(&building->next,
                     vertices->vertex_count + (uint64_t)building->order->part_count * GRAIN, GRAIN,
                     &first, &last)) {
        /* Every partition's vertices are counted up to whole grains. */
        for (uint32_t p = 0; p < building->order->part_count; p++) {
            *partition = &building->frame->partitions[p];
            uint64_t grains = ((uint64_t)(*partition)->vertex_count + GRAIN - 1) / GRAIN * GRAIN;
            if (first < grains) {
                *begin = (uint32_t)first;
                *end = (*partition)->vertex_count - *begin < GRAIN ? (*partition)->vertex_count
                                                                   : *begin + GRAIN;
                return true;
            }
            first -= grains;
        }
    }
    return false;
}

static void count_flows(const struct worker *worker, void *context)
{
    (void)worker;
    struct building *building = context;
    const struct partition *partition;
    uint32_t begin;
    uint32_t end;
    while (take_vertices(building, &partition, &begin, &end)) {
        uint64_t *offset = building->order->parts[partition->index].offset;
        for (uint32_t local = begin; local < end; local++) {
            offset[local + 1] = count_vertex(building, partition, local);
        }
    }
}

static void sum_counts(struct building *building)
{
    for (uint32_t p = 0; p < building->order->part_count; p++) {
        uint64_t *offset = building->order->parts[p].offset;
        uint32_t count = building->frame->partitions[p].vertex_count;
        for (uint32_t local = 0; local < count; local++) {
            offset[local + 1] += offset[local];
        }
    }
}

static enum status open_flows(struct building *building, struct error *error)
{
    struct time_order *order = building->order;
    for (uint32_t p = 0; p < order->part_count; p++) {
        struct time_order_part *part = &order->parts[p];
        uint64_t flows = part->offset[building->frame->partitions[p].vertex_count];
        part->flows = arena_allocate(part->arena, flows, sizeof(*part->flows));
        if (part->flows == NULL) {
            return arena_error(part->arena, what, error);
        }
    }
    return STATUS_OK;
}

static enum status open_scratch(struct building *building, struct budget *budget,
                                struct error *error)
{
    uint32_t workers = team_worker_count(building->team);
    building->scratch = memory_allocate(workers, sizeof(*building->scratch));
    if (building->scratch == NULL) {
        return error_set_memory(error, what);
    }
    for (uint32_t w = 0; w < workers; w++) {
        TRY(arena_open_brief(&building->scratch[w].arena, team_topology(building->team),
                             team_worker_at(building->team, w)->node, budget, error));
    }
    return STATUS_OK;
}

static void close_scratch(struct building *building)
{
    uint32_t workers = building->scratch == NULL ? 0 : team_worker_count(building->team);
    for (uint32_t w = 0; w < workers; w++) {
        arena_close(building->scratch[w].arena);
    }
    memory_free(building->scratch);
}

/* Room for `count` pairs twice; false without memory. */
static bool reserve(struct scratch *scratch, uint64_t count)
{
    if (count <= scratch->capacity) {
        return true;
    }
    uint64_t capacity = scratch->capacity == 0 ? GRAIN : scratch->capacity;
    while (capacity < count) {
        capacity *= 2;
    }
    struct radix_pair *pairs =
        arena_resize(scratch->arena, scratch->pairs, capacity * 2, sizeof(*pairs));
    if (pairs != NULL) {
        scratch->pairs = pairs;
        scratch->capacity = capacity;
    }
    return pairs != NULL;
}

static void fill_vertex(const struct building *building, const struct partition *partition,
                        uint32_t local, struct radix_pair *pairs)
{
    const uint32_t *entries = entry_offset(building, partition);
    const struct time_order_part *part = &building->order->parts[partition->index];
    struct timed_link *flows = part->flows + part->offset[local];
    uint64_t count = 0;
    for (uint32_t index = entries[local]; index < entries[local + 1]; index++) {
        const struct partition *holder;
        uint32_t begin;
        uint32_t end;
        link_flows(building, partition, index, &holder, &begin, &end);
        if (index % POLL_LINKS == 0 && stop_is_requested(building->stop)) {
            return;
        }
        for (uint32_t position = begin; position < end; position++) {
            if (passes(building, holder, position)) {
                /* Flips the sign, so that times before 1970 sort first. */
                pairs[count].key = (uint64_t)holder->flow_time[position] ^ UINT64_C(1) << 63;
                pairs[count++].value = index;
            }
        }
    }
    DCHECK(count == part->offset[local + 1] - part->offset[local]);
    radix_sort_patiently(pairs, pairs + count, count, &(struct stop_patience){building->stop, 0});
    for (uint64_t i = 0; i < count; i++) {
        flows[i].time = (time_ns)(pairs[i].key ^ UINT64_C(1) << 63);
        flows[i].link = (uint32_t)pairs[i].value;
    }
}

static void fill_flows(const struct worker *worker, void *context)
{
    struct building *building = context;
    struct scratch *scratch = &building->scratch[worker->index];
    const struct partition *partition;
    uint32_t begin;
    uint32_t end;
    while (take_vertices(building, &partition, &begin, &end)) {
        const uint64_t *offset = building->order->parts[partition->index].offset;
        for (uint32_t local = begin; local < end; local++) {
            if (!reserve(scratch, offset[local + 1] - offset[local])) {
                atomic_store_explicit(&building->is_short, true, memory_order_relaxed);
                return;
            }
            fill_vertex(building, partition, local, scratch->pairs);
        }
    }
}
