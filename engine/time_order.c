#include "engine/time_order.h"

#include "base/memory.h"

enum {
    GRAIN = 256,      /* vertices that a worker takes at once */
    HUB_SHARE = 1024, /* a hub has at least such a part of all links */
    PAGE_VERTICES = 4096 / sizeof(struct ordered_vertex),
    PAIRS_FIRST = 256,
    CHUNK_BYTES = 64 << 10,
    CHUNK_SHARE = 16, /* what is larger than such a part of a chunk lies apart */
};

static const char what[] = "ordering flows by time";

/* In place of a vertex's flows. */
static const struct timed_link awaited;
static const struct timed_link impossible;
static const struct timed_link none;

static enum status open_part(struct time_order_part *part, const struct partition *partition,
                             struct team *team, struct budget *budget, struct error *error)
{
    TRY(arena_open_brief(&part->arena, team_topology(team), partition->node, budget, error));
    part->vertices =
        arena_allocate_zeroed(part->arena, partition->vertex_count, sizeof(*part->vertices));
    if (part->vertices == NULL) {
        return arena_error(part->arena, what, error);
    }
    /* A page that is read first is the system's page of zeros, and when it is written then, another
     * takes its place, of which every core is told. */
    for (uint32_t local = 0; local < partition->vertex_count; local += PAGE_VERTICES) {
        part->vertices[local].count = 0;
    }
    return STATUS_OK;
}

enum status time_order_open(struct time_order *order, const struct edge_frame *frame,
                            const struct flow_filter *filter, bool is_out, struct team *team,
                            struct budget *budget, struct stop *stop, struct error *error)
{
    order->of = (struct vertex_flows){frame, filter, stop, is_out};
    order->parts = memory_allocate(frame->partition_count, sizeof(*order->parts));
    if (order->parts == NULL) {
        return error_set_memory(error, what);
    }
    order->part_count = frame->partition_count;
    for (uint32_t p = 0; p < order->part_count; p++) {
        TRY(open_part(&order->parts[p], &frame->partitions[p], team, budget, error));
    }
    return STATUS_OK;
}

void time_order_close(struct time_order *order)
{
    for (uint32_t p = 0; p < order->part_count; p++) {
        arena_close(order->parts[p].arena);
    }
    memory_free(order->parts);
    arena_close(order->arena);
    *order = (struct time_order){0};
}

/* Room to sort so many; false without memory. */
static bool reserve_pairs(struct order_room *room, uint64_t count)
{
    uint64_t capacity = room->capacity == 0 ? PAIRS_FIRST : room->capacity;
    while (capacity < count) {
        capacity *= 2;
    }
    if (capacity > room->capacity) {
        struct radix_pair *pairs =
            arena_resize(room->arena, room->pairs, capacity * 2, sizeof(*pairs));
        if (pairs == NULL) {
            return false;
        }
        room->pairs = pairs;
        room->capacity = capacity;
    }
    return true;
}

/* Few flows, as most vertices have, are put side by side. */
static void *keep_small(struct order_room *room, uint64_t bytes)
{
    if (room->chunk_left < bytes) {
        room->chunk = arena_allocate(room->kept, CHUNK_BYTES, 1);
        room->chunk_left = room->chunk == NULL ? 0 : CHUNK_BYTES;
    }
    if (room->chunk == NULL) {
        return NULL;
    }
    char *kept = room->chunk;
    room->chunk += bytes;
    room->chunk_left -= bytes;
    return kept;
}

static const struct timed_link *order_vertex(const struct time_order *order,
                                             const struct partition *partition, uint32_t local,
                                             struct order_room *room, uint64_t *count)
{
    *count = vertex_flows_count(&order->of, partition, local);
    if (*count == 0) {
        return &none;
    }
    uint64_t bytes = *count * sizeof(struct timed_link);
    struct timed_link *flows = bytes * CHUNK_SHARE <= CHUNK_BYTES
                                   ? keep_small(room, bytes)
                                   : arena_allocate(order->parts[partition->index].arena, bytes, 1);
    if (flows == NULL || !reserve_pairs(room, *count)) {
        return &impossible;
    }
    vertex_flows_order(&order->of, partition, local, *count, room->pairs, flows);
    return stop_is_requested(order->of.stop) ? &impossible : flows;
}

enum time_order_state time_order_find(const struct time_order *order,
                                      const struct partition *partition, uint32_t local,
                                      struct order_room *room, struct timed_flows *found)
{
    struct ordered_vertex *vertex = &order->parts[partition->index].vertices[local];
    const struct timed_link *flows = atomic_load_explicit(&vertex->flows, memory_order_acquire);
    if (flows == NULL &&
        atomic_compare_exchange_strong_explicit(&vertex->flows, &flows, &awaited,
                                                memory_order_acquire, memory_order_acquire)) {
        flows = order_vertex(order, partition, local, room, &vertex->count);
        atomic_store_explicit(&vertex->flows, flows, memory_order_release);
    }
    if (flows == &awaited || flows == &impossible) {
        *found = (struct timed_flows){0};
        return flows == &awaited ? TIME_ORDER_AWAITED : TIME_ORDER_IMPOSSIBLE;
    }
    *found = (struct timed_flows){vertex->count, flows};
    return TIME_ORDER_FOUND;
}

/* Hubs come first, since each is one worker's. */
struct filling {
    const struct time_order *order;
    struct budget *budget;
    _Atomic uint64_t *next_hub; /* [part_count]: vertex */
    _Atomic uint64_t *next;     /* [part_count]: vertex */
};

static void fill_part(const struct filling *filling, uint32_t part, bool is_hub,
                      struct order_room *room)
{
    const struct time_order *order = filling->order;
    const struct partition *partition = &order->of.frame->partitions[part];
    _Atomic uint64_t *next = is_hub ? &filling->next_hub[part] : &filling->next[part];
    uint64_t begin = 0;
    uint64_t end = 0;
    while (!stop_poll(order->of.stop) &&
           team_next(next, partition->vertex_count, GRAIN, &begin, &end)) {
        for (uint32_t local = (uint32_t)begin; local < end; local++) {
            uint64_t links = vertex_flows_links(&order->of, partition, local);
            struct timed_flows found;
            if (is_hub ? links * HUB_SHARE >= order->of.frame->link_count
                       : partition_is_through(partition, local)) {
                (void)time_order_find(order, partition, local, room, &found);
            }
        }
    }
}

static void fill_parts(const struct filling *filling, uint32_t first, bool is_hub,
                       struct order_room *room)
{
    uint32_t part_count = filling->order->part_count;
    for (uint32_t i = 0; i < part_count; i++) {
        uint32_t part = (first + i) % part_count;
        room->kept = filling->order->parts[part].arena;
        room->chunk_left = 0;
        fill_part(filling, part, is_hub, room);
    }
}

static void fill(const struct worker *worker, void *context)
{
    const struct filling *filling = context;
    struct order_room room = {0};
    if (arena_open_brief(&room.arena, team_topology(worker->team), worker->node, filling->budget,
                         NULL) == STATUS_OK) {
        fill_parts(filling, worker->index, true, &room);
        fill_parts(filling, worker->index, false, &room);
    }
    arena_close(room.arena);
}

void time_order_fill(const struct time_order *order, struct team *team, struct budget *budget)
{
    struct filling filling = {
        .order = order,
        .budget = budget,
        .next_hub = memory_allocate(order->part_count, sizeof(*filling.next_hub)),
        .next = memory_allocate(order->part_count, sizeof(*filling.next)),
    };
    if (filling.next_hub != NULL && filling.next != NULL) {
        team_run(team, fill, &filling);
    }
    memory_free(filling.next_hub);
    memory_free(filling.next);
}
