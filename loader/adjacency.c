#include "loader/adjacency.h"

#include <string.h>

#include "base/radix.h"
#include "loader/gather_kernel.h"

enum { TIME_PLACES = 512 };

struct link_item {
    vertex_id source;
    vertex_id target;
    uint32_t begin; /* position of its first flow in the partition */
};

struct bucket_links {
    struct link_item *items;
    uint32_t count;
    uint32_t first; /* number of the first one in the partition */
};

struct adjacency {
    struct builder *builder;
    struct exchange *exchange;
    struct arena *scratch;
    struct bucket_links *links; /* [buckets] */
    uint32_t target_bits;
};

/* What a worker sorts a bucket in; grown to the largest bucket it has met. */
struct sort_room {
    uint64_t capacity;
    struct radix_pair *pairs;
    struct radix_pair *scratch;
    time_ns *times; /* in order of the records */
    struct link_item *links;
};

/* One partition's arrays, while they are still written. */
struct link_arrays {
    uint32_t *link_offset;
    vertex_id *link_target;
    uint32_t *flow_offset;
};

static enum status open_times(struct adjacency *adjacency);
static enum status place_links(struct adjacency *adjacency);
static void sort_buckets(const struct worker *worker, void *context);
static void write_links(const struct worker *worker, void *context);

static const char what[] = "sorting flows";

enum status adjacency_build(struct builder *builder, struct exchange *exchange)
{
    struct adjacency adjacency = {.builder = builder, .exchange = exchange};
    enum status status = builder_open_arena(builder, &adjacency.scratch);
    if (status != STATUS_OK) {
        return status;
    }
    TRY_DONE(open_times(&adjacency));
    deal_restart(&exchange->deal);
    TRY_DONE(builder_run(builder, sort_buckets, &adjacency, what));
    TRY_DONE(place_links(&adjacency));
    deal_restart(&exchange->deal);
    TRY_DONE(builder_run(builder, write_links, &adjacency, what));
done:
    arena_close(adjacency.scratch);
    return status;
}

static enum status open_times(struct adjacency *adjacency)
{
    struct builder *builder = adjacency->builder;
    uint32_t vertex_count = builder->graph->vertices.vertex_count;
    while (vertex_count >> adjacency->target_bits != 0) {
        adjacency->target_bits++;
    }
    for (uint32_t index = 0; index < builder->partition_count; index++) {
        struct partition *partition = &builder->graph->edges.partitions[index];
        TRY(builder_allocate(builder, partition->arena, &partition->flow_time,
                             partition->flow_count, sizeof(time_ns), what));
    }
    return builder_allocate(builder, adjacency->scratch, &adjacency->links,
                            adjacency->exchange->buckets.count, sizeof(struct bucket_links), what);
}

static bool grow_array(struct arena *arena, void *array, uint64_t count, uint64_t size)
{
    void *old;
    memcpy(&old, array, sizeof(old));
    void *grown = arena_resize(arena, old, count, size);
    if (grown == NULL) {
        return false;
    }
    memcpy(array, &grown, sizeof(grown));
    return true;
}

static bool room_grow(struct sort_room *room, struct arena *arena, uint64_t count)
{
    if (count <= room->capacity) {
        return true;
    }
    room->capacity = count;
    return grow_array(arena, &room->pairs, count, sizeof(*room->pairs)) &&
           grow_array(arena, &room->scratch, count, sizeof(*room->scratch)) &&
           grow_array(arena, &room->times, count, sizeof(*room->times)) &&
           grow_array(arena, &room->links, count, sizeof(*room->links));
}

/* The start times of a bucket's records, batch by batch. */
static void read_times(const struct builder *builder, const struct flow_record *records,
                       uint32_t count, time_ns *times)
{
    uint32_t property = (uint32_t)builder->graph->edges.start_time;
    struct gather_place places[TIME_PLACES];
    for (uint32_t begin = 0, end; begin < count; begin = end) {
        uint32_t batch = records[begin].batch;
        for (end = begin; end < count && end - begin < TIME_PLACES && records[end].batch == batch;
             end++) {
            places[end - begin] = (struct gather_place){records[end].row, end};
        }
        const struct column *column = &builder->staging->batches[batch].columns[property];
        gather_kernel(column->width, sizeof(time_ns))(times, column->values, places, end - begin, 1,
                                                      (uint64_t)column->base);
    }
}

/* By time; the pairs come in order of the input, and the sort is stable. */
static void sort_link(struct radix_pair *pairs, struct radix_pair *scratch, uint64_t count,
                      const time_ns *times)
{
    time_ns least = times[pairs[0].value];
    for (uint64_t index = 1; index < count; index++) {
        time_ns time = times[pairs[index].value];
        least = time < least ? time : least;
    }
    for (uint64_t index = 0; index < count; index++) {
        pairs[index].key = (uint64_t)times[pairs[index].value] - (uint64_t)least;
    }
    radix_sort(pairs, scratch, count);
}

/* The end of the run of pairs with the key of `begin`; sorts the run by time where it is not. */
static uint32_t end_link(const struct sort_room *room, uint32_t begin, uint32_t count)
{
    uint64_t key = room->pairs[begin].key;
    time_ns last = room->times[room->pairs[begin].value];
    bool is_ascending = true;
    uint32_t end = begin + 1;
    for (; end < count && room->pairs[end].key == key; end++) {
        time_ns time = room->times[room->pairs[end].value];
        is_ascending = is_ascending && time >= last;
        last = time;
    }
    if (!is_ascending) {
        sort_link(room->pairs + begin, room->scratch, end - begin, room->times);
    }
    return end;
}

/* Sorts the bucket; returns how many links it has, in room->links. */
static uint32_t sort_bucket(const struct adjacency *adjacency, uint32_t bucket,
                            const struct sort_room *room, uint32_t count)
{
    const struct builder *builder = adjacency->builder;
    const struct exchange *exchange = adjacency->exchange;
    const struct partition *partition =
        &builder->graph->edges.partitions[exchange->buckets.partition[bucket]];
    /* Written here, before anyone reads the partition. */
    time_ns *flow_time = (time_ns *)(uintptr_t)partition->flow_time;
    struct flow_record *records = exchange_records(exchange, bucket);
    vertex_id first = exchange->buckets.first[bucket];
    uint32_t bits = adjacency->target_bits;
    for (uint32_t index = 0; index < count; index++) {
        uint64_t source = records[index].source - first;
        room->pairs[index] = (struct radix_pair){source << bits | records[index].target, index};
    }
    read_times(builder, records, count, room->times);
    radix_sort(room->pairs, room->scratch, count);

    uint32_t position = exchange->positions[bucket];
    uint64_t target_mask = (UINT64_C(1) << bits) - 1;
    uint32_t link_count = 0;
    for (uint32_t begin = 0, end; begin < count; begin = end) {
        uint64_t key = room->pairs[begin].key;
        room->links[link_count++] = (struct link_item){
            first + (vertex_id)(key >> bits), (vertex_id)(key & target_mask), position + begin};
        end = end_link(room, begin, count);
        for (uint32_t index = begin; index < end; index++) {
            uint64_t record = room->pairs[index].value;
            records[record].position = position + index;
            flow_time[position + index] = room->times[record];
        }
    }
    return link_count;
}

static void sort_buckets(const struct worker *worker, void *context)
{
    struct adjacency *adjacency = context;
    struct builder *builder = adjacency->builder;
    struct sort_room room = {0};
    uint32_t bucket;
    while (deal_next(&adjacency->exchange->deal, builder, worker, &bucket)) {
        uint32_t count = (uint32_t)tally_size(&adjacency->exchange->tally, bucket);
        if (!room_grow(&room, adjacency->scratch, count)) {
            builder_fail(builder, adjacency->scratch);
            return;
        }
        uint32_t link_count = sort_bucket(adjacency, bucket, &room, count);
        struct link_item *items =
            arena_allocate(adjacency->scratch, link_count, sizeof(struct link_item));
        if (items == NULL) {
            builder_fail(builder, adjacency->scratch);
            return;
        }
        if (link_count > 0) {
            memcpy(items, room.links, link_count * sizeof(*items));
        }
        adjacency->links[bucket] = (struct bucket_links){.items = items, .count = link_count};
        progress_add(builder->progress, count);
    }
}

/* Numbers the links of each partition, and makes room for them. */
static enum status place_links(struct adjacency *adjacency)
{
    struct builder *builder = adjacency->builder;
    const struct buckets *buckets = &adjacency->exchange->buckets;
    for (uint32_t index = 0; index < builder->partition_count; index++) {
        struct partition *partition = &builder->graph->edges.partitions[index];
        uint32_t link_count = 0;
        for (uint32_t bucket = buckets->partition_first[index];
             bucket < buckets->partition_first[index + 1]; bucket++) {
            adjacency->links[bucket].first = link_count;
            link_count += adjacency->links[bucket].count;
        }
        struct link_arrays arrays;
        TRY(builder_allocate(builder, partition->arena, &arrays.link_offset,
                             (uint64_t)partition->vertex_count + 1, sizeof(uint32_t), what));
        TRY(builder_allocate(builder, partition->arena, &arrays.link_target, link_count,
                             sizeof(vertex_id), what));
        TRY(builder_allocate(builder, partition->arena, &arrays.flow_offset,
                             (uint64_t)link_count + 1, sizeof(uint32_t), what));
        arrays.link_offset[partition->vertex_count] = link_count;
        arrays.flow_offset[link_count] = partition->flow_count;
        partition->link_offset = arrays.link_offset;
        partition->link_target = arrays.link_target;
        partition->flow_offset = arrays.flow_offset;
        partition->link_count = link_count;
    }
    return STATUS_OK;
}

static void write_bucket(const struct link_arrays *arrays, const struct bucket_links *links,
                         uint32_t vertex_begin, uint32_t vertex_end, vertex_id vertex_base)
{
    uint32_t vertex = vertex_begin;
    for (uint32_t index = 0; index < links->count; index++) {
        const struct link_item *item = &links->items[index];
        uint32_t link = links->first + index;
        for (; vertex <= item->source - vertex_base; vertex++) {
            arrays->link_offset[vertex] = link;
        }
        arrays->link_target[link] = item->target;
        arrays->flow_offset[link] = item->begin;
    }
    for (; vertex < vertex_end; vertex++) {
        arrays->link_offset[vertex] = links->first + links->count;
    }
}

static void write_links(const struct worker *worker, void *context)
{
    struct adjacency *adjacency = context;
    struct exchange *exchange = adjacency->exchange;
    uint32_t bucket;
    while (deal_next(&exchange->deal, adjacency->builder, worker, &bucket)) {
        const struct partition *partition =
            &adjacency->builder->graph->edges.partitions[exchange->buckets.partition[bucket]];
        struct link_arrays arrays = {(uint32_t *)(uintptr_t)partition->link_offset,
                                     (vertex_id *)(uintptr_t)partition->link_target,
                                     (uint32_t *)(uintptr_t)partition->flow_offset};
        write_bucket(&arrays, &adjacency->links[bucket],
                     exchange->buckets.first[bucket] - partition->vertex_base,
                     exchange->buckets.first[bucket + 1] - partition->vertex_base,
                     partition->vertex_base);
    }
}
