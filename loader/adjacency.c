#include "loader/adjacency.h"

#include <string.h>

#include "base/check.h"
#include "base/radix.h"
#include "loader/gather_kernel.h"
#include "loader/sort_room.h"

enum { TIME_PLACES = 512 };

/* What is sorted at once takes 52 bytes a record beside the record, for each worker; so it is a
 * small part of all records, a PARTS_MIN-th of them. The bucket of a heavy source may hold half of
 * all flows, so that a larger one is cut into parts by the topmost bits of the keys, and a part
 * that is still larger by the next ones; what is a single link, by the times. Most buckets have one
 * part.
 */
enum { PARTS_MIN = 64, PART_RECORDS_MIN = SORT_RECORDS_MIN, PART_RECORDS_MAX = 1 << 16 };

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
    uint32_t part_records_max;
};

/* Records of a bucket whose keys lie in a range. */
struct sort_part {
    struct flow_record *records; /* of the bucket */
    const uint32_t *order;       /* [count]: which, ascending; NULL: all of the bucket */
    uint32_t count;
    uint32_t position; /* of its first flow in the partition */
    vertex_id first;   /* of the bucket */
    bool is_link;      /* all records are of one; else of the keys [key_begin, key_end) */
    uint64_t key_begin;
    uint64_t key_end;
    const time_ns *times; /* [count]: a link that is to be cut by time; the keys are times then */
};

/* One partition's arrays, while they are still written. */
struct link_arrays {
    uint32_t *link_offset;
    vertex_id *link_target;
    uint32_t *flow_offset;
};

static enum status open_times(struct adjacency *adjacency);
static enum status place_links(struct adjacency *adjacency);
static bool add_large(struct adjacency *adjacency, uint32_t bucket, const struct sort_part *whole,
                      struct sort_room *room, uint32_t depth);
static void sort_buckets(const struct worker *worker, void *context);
static void write_links(const struct worker *worker, void *context);

static const char what[] = "sorting flows";

enum status adjacency_build(struct builder *builder, struct exchange *exchange)
{
    uint64_t part = builder->staging->row_count / PARTS_MIN;
    part = part < PART_RECORDS_MIN ? PART_RECORDS_MIN : part;
    struct adjacency adjacency = {
        .builder = builder,
        .exchange = exchange,
        .part_records_max = part < PART_RECORDS_MAX ? (uint32_t)part : PART_RECORDS_MAX,
    };
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
    return builder_allocate_zeroed(builder, adjacency->scratch, &adjacency->links,
                                   adjacency->exchange->buckets.count, sizeof(struct bucket_links),
                                   what);
}

static inline uint32_t part_record(const struct sort_part *part, uint32_t index)
{
    return part->order == NULL ? index : part->order[index];
}

/* The start times of a part's records, batch by batch. */
static void read_times(const struct builder *builder, const struct sort_part *part, time_ns *times)
{
    uint32_t property = (uint32_t)builder->graph->edges.start_time;
    struct gather_place places[TIME_PLACES];
    for (uint32_t begin = 0, end; begin < part->count; begin = end) {
        uint32_t batch = part->records[part_record(part, begin)].batch;
        for (end = begin; end < part->count && end - begin < TIME_PLACES; end++) {
            const struct flow_record *record = &part->records[part_record(part, end)];
            if (record->batch != batch) {
                break;
            }
            places[end - begin] = (struct gather_place){record->row, end};
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

static uint64_t record_key(const struct adjacency *adjacency, const struct flow_record *record,
                           vertex_id first)
{
    return (uint64_t)(record->source - first) << adjacency->target_bits | record->target;
}

/* Sorts the part; returns how many links it has, in room->links. */
static uint32_t sort_part(const struct adjacency *adjacency, const struct partition *partition,
                          const struct sort_part *part, const struct sort_room *room)
{
    /* Written here, before anyone reads the partition. */
    time_ns *flow_time = (time_ns *)(uintptr_t)partition->flow_time;
    uint32_t bits = adjacency->target_bits;
    for (uint32_t index = 0; index < part->count; index++) {
        const struct flow_record *record = &part->records[part_record(part, index)];
        room->pairs[index] = (struct radix_pair){record_key(adjacency, record, part->first), index};
    }
    read_times(adjacency->builder, part, room->times);
    radix_sort(room->pairs, room->scratch, part->count);

    uint64_t target_mask = (UINT64_C(1) << bits) - 1;
    uint32_t link_count = 0;
    for (uint32_t begin = 0, end; begin < part->count; begin = end) {
        uint64_t key = room->pairs[begin].key;
        room->links[link_count++] =
            (struct link_item){part->first + (vertex_id)(key >> bits),
                               (vertex_id)(key & target_mask), part->position + begin};
        end = end_link(room, begin, part->count);
        for (uint32_t index = begin; index < end; index++) {
            uint32_t sorted = (uint32_t)room->pairs[index].value;
            part->records[part_record(part, sorted)].position = part->position + index;
            flow_time[part->position + index] = room->times[sorted];
        }
    }
    return link_count;
}

/* Adds links to those of the bucket. The first may go on with the last one there. */
static bool add_links(struct adjacency *adjacency, uint32_t bucket, const struct link_item *items,
                      uint32_t count)
{
    struct bucket_links *links = &adjacency->links[bucket];
    if (count > 0 && links->count > 0) {
        const struct link_item *last = &links->items[links->count - 1];
        bool is_same = items->source == last->source && items->target == last->target;
        items += is_same;
        count -= is_same;
    }
    struct link_item *grown = arena_resize(adjacency->scratch, links->items,
                                           (uint64_t)links->count + count, sizeof(*grown));
    if (grown == NULL) {
        return false;
    }
    links->items = grown;
    if (count > 0) {
        memcpy(links->items + links->count, items, count * sizeof(*items));
    }
    links->count += count;
    return true;
}

static const struct partition *partition_of(const struct adjacency *adjacency, uint32_t bucket)
{
    uint32_t index = adjacency->exchange->buckets.partition[bucket];
    return &adjacency->builder->graph->edges.partitions[index];
}

static bool add_part(struct adjacency *adjacency, uint32_t bucket, const struct sort_part *part,
                     struct sort_room *room)
{
    if (!sort_room_grow(room, adjacency->scratch, part->count)) {
        return false;
    }
    uint32_t count = sort_part(adjacency, partition_of(adjacency, bucket), part, room);
    return add_links(adjacency, bucket, room->links, count);
}

/* Adds a large part that is one link: nothing is to be sorted but by time, where need be. */
static bool add_link(struct adjacency *adjacency, uint32_t bucket, const struct sort_part *part,
                     struct sort_room *room, uint32_t depth)
{
    /* Written here, before anyone reads the partition. */
    time_ns *times =
        (time_ns *)(uintptr_t)partition_of(adjacency, bucket)->flow_time + part->position;
    bool is_ascending = true;
    time_ns least = INT64_MAX;
    time_ns greatest = INT64_MIN;
    read_times(adjacency->builder, part, times);
    for (uint32_t index = 0; index < part->count; index++) {
        is_ascending = is_ascending && times[index] >= greatest;
        least = times[index] < least ? times[index] : least;
        greatest = times[index] > greatest ? times[index] : greatest;
    }
    if (!is_ascending) {
        struct sort_part timed = *part;
        timed.times = times;
        timed.key_begin = (uint64_t)least;
        timed.key_end = (uint64_t)greatest + 1;
        return add_large(adjacency, bucket, &timed, room, depth);
    }
    const struct flow_record *record = &part->records[part->order[0]];
    struct link_item item = {record->source, record->target, part->position};
    for (uint32_t index = 0; index < part->count; index++) {
        part->records[part->order[index]].position = part->position + index;
    }
    return add_links(adjacency, bucket, &item, 1);
}

static uint64_t part_digit(const struct adjacency *adjacency, const struct sort_part *part,
                           uint32_t index, uint32_t shift)
{
    uint64_t key =
        part->times != NULL
            ? (uint64_t)part->times[index]
            : record_key(adjacency, &part->records[part_record(part, index)], part->first);
    return (key - part->key_begin) >> shift;
}

/* Counting sort of a large part's records by the bits of their keys from `shift` up. */
static bool order_by_digit(const struct adjacency *adjacency, const struct sort_part *part,
                           uint32_t shift, uint32_t digit_count, struct sort_level *level)
{
    if (!sort_level_grow(level, adjacency->scratch, part->count, digit_count)) {
        return false;
    }
    uint32_t *ends = level->ends;
    memset(ends, 0, digit_count * sizeof(*ends));
    for (uint32_t index = 0; index < part->count; index++) {
        ends[part_digit(adjacency, part, index, shift)]++;
    }
    uint32_t sum = 0;
    for (uint32_t digit = 0; digit < digit_count; digit++) {
        uint32_t here = ends[digit];
        ends[digit] = sum;
        sum += here;
    }
    for (uint32_t index = 0; index < part->count; index++) {
        level->order[ends[part_digit(adjacency, part, index, shift)]++] = part_record(part, index);
    }
    return true;
}

/* Sorts a part of any size. Digits are joined to parts of up to part_records_max; a digit with more
 * is cut once more. When the build has to stop, what is left stays as it is. */
static bool add_large(struct adjacency *adjacency, uint32_t bucket, const struct sort_part *whole,
                      struct sort_room *room, uint32_t depth)
{
    uint32_t records_max = adjacency->part_records_max;
    if (whole->count <= records_max) {
        return add_part(adjacency, bucket, whole, room);
    }
    if (whole->is_link && whole->times == NULL) {
        return add_link(adjacency, bucket, whole, room, depth);
    }
    CHECK(depth < SORT_LEVELS_MAX);
    struct sort_level *level = &room->levels[depth];
    uint64_t last = whole->key_end - whole->key_begin - 1;
    uint32_t shift = 0;
    while (last >> shift >= whole->count / 4) {
        shift++;
    }
    uint32_t digit_count = (uint32_t)(last >> shift) + 1;
    if (!order_by_digit(adjacency, whole, shift, digit_count, level)) {
        return false;
    }
    struct sort_part part = *whole;
    part.times = NULL;
    uint32_t begin = 0;
    for (uint32_t digit = 0; digit < digit_count; digit++) {
        uint32_t end = level->ends[digit];
        uint64_t key_end = whole->key_begin + ((uint64_t)(digit + 1) << shift);
        bool is_last = digit + 1 == digit_count;
        if (end == begin || (!is_last && level->ends[digit + 1] - begin <= records_max)) {
            part.key_begin = end == begin ? key_end : part.key_begin;
            continue;
        }
        if (builder_must_stop(adjacency->builder)) {
            return true;
        }
        part.key_end = is_last ? whole->key_end : key_end;
        part.is_link = whole->is_link || part.key_end - part.key_begin == 1;
        part.order = level->order + begin;
        part.count = end - begin;
        part.position = whole->position + begin;
        if (!add_large(adjacency, bucket, &part, room, depth + 1)) {
            return false;
        }
        part.key_begin = key_end;
        begin = end;
    }
    return true;
}

static void sort_buckets(const struct worker *worker, void *context)
{
    struct adjacency *adjacency = context;
    struct builder *builder = adjacency->builder;
    const struct exchange *exchange = adjacency->exchange;
    struct sort_room room = {0};
    uint32_t bucket;
    while (deal_next(&adjacency->exchange->deal, builder, worker, &bucket)) {
        vertex_id first = exchange->buckets.first[bucket];
        uint64_t vertex_count = exchange->buckets.first[bucket + 1] - first;
        struct sort_part whole = {
            .records = exchange_records(exchange, bucket),
            .count = (uint32_t)tally_size(&exchange->tally, bucket),
            .position = exchange->positions[bucket],
            .first = first,
            .key_end = vertex_count << adjacency->target_bits,
        };
        if (!add_large(adjacency, bucket, &whole, &room, 0)) {
            builder_fail(builder, adjacency->scratch);
            return;
        }
        progress_add(builder->progress, whole.count);
    }
    sort_room_return(&room, adjacency->scratch);
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
