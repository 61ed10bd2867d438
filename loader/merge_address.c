#include "loader/merge_address.h"

#include <string.h>

#include "base/check.h"
#include "loader/partition_map.h"
#include "loader/tally.h"

enum {
    SHARD_ITEMS = 2048,
    SHARD_BITS_MAX = 12,
    RANK_PLACES = 64, /* of a counted block: a cache line */
    FETCH_ITEMS = 16, /* items that lie anywhere are fetched so many ahead */
    OWNER_HINTS_MAX = 16384,
    LOOKUP_SIZE_MIN = 16,
    POLL_ITEMS = 16, /* between two looks at the stop: each may be the first on a new page */
};

/* An item is an entry of a worker's table, and its number fits 32 bits. */
#define ITEMS_MAX (UINT64_C(0xffffffff) - 1)

struct address_item {
    struct address address;
    union {
        uint64_t first;   /* place of first appearance: row * 2, + 1 for the target */
        vertex_id vertex; /* then, of the item that stands for its address, its vertex */
    };
    uint32_t entry;  /* over all workers' tables */
    uint32_t unique; /* the item that stands for all of this address */
};

struct address_merge {
    struct builder *builder;
    struct arena *scratch;
    uint64_t *worker_begins; /* [staging workers + 1], in entries */
    uint32_t item_count;
    uint32_t shard_bits;
    struct tally tally; /* of items, by shard */
    struct address_item *items;
    uint64_t *overflows;        /* [shards]: how many of a shard's vertices found no room in its
                                   range of the lookup table; they stand at the shard's begin in */
    uint32_t *overflow_entries; /* [item_count] */
    uint8_t *appears;           /* [place_count]: 1 at each place of first appearance. Bytes, which
                                   are merely written: setting bits at random in words that the
                                   workers share takes five times as long */
    uint64_t place_count;
    uint64_t *ranks;         /* of each block of RANK_PLACES */
    uint64_t *order;         /* by rank: partition << 32 | item */
    struct tally partitions; /* of vertices in that order */
    _Atomic uint64_t next_shard;
    _Atomic uint64_t unique_count;
    vertex_id *codes; /* by entry: the vertex */
    struct address *addresses;
    uint32_t *lookup;
};

static enum status merge_plan(struct address_merge *merge);
static enum status merge_rank(struct address_merge *merge);
static enum status merge_frame(struct address_merge *merge);
static enum status merge_owners(struct address_merge *merge);
static void insert_overflows(struct address_merge *merge);
static void count_entries(const struct worker *worker, void *context);
static void scatter_entries(const struct worker *worker, void *context);
static void unite_shards(const struct worker *worker, void *context);
static void order_shards(const struct worker *worker, void *context);
static void count_partitions(const struct worker *worker, void *context);
static void number_vertices(const struct worker *worker, void *context);
static void map_shards(const struct worker *worker, void *context);

static const char what[] = "merging addresses";

enum status merge_addresses(struct builder *builder)
{
    struct address_merge merge = {.builder = builder};
    TRY(partition_map_build(builder));
    enum status status = builder_open_arena(builder, &merge.scratch);
    if (status != STATUS_OK) {
        return status;
    }
    TRY_DONE(merge_plan(&merge));
    TRY_DONE(builder_run(builder, count_entries, &merge, what));
    tally_plan(&merge.tally);
    TRY_DONE(builder_run(builder, scatter_entries, &merge, what));
    TRY_DONE(builder_run(builder, unite_shards, &merge, what));
    TRY_DONE(merge_rank(&merge));
    TRY_DONE(builder_run(builder, order_shards, &merge, what));
    TRY_DONE(builder_run(builder, count_partitions, &merge, what));
    tally_plan(&merge.partitions);
    TRY_DONE(merge_frame(&merge));
    TRY_DONE(builder_run(builder, number_vertices, &merge, what));
    merge.next_shard = 0;
    TRY_DONE(builder_run(builder, map_shards, &merge, what));
    insert_overflows(&merge);
    TRY_DONE(merge_owners(&merge));
done:
    arena_close(merge.scratch);
    return status;
}

static enum status merge_plan(struct address_merge *merge)
{
    struct builder *builder = merge->builder;
    const struct staging *staging = builder->staging;
    TRY(builder_allocate(builder, merge->scratch, &merge->worker_begins,
                         (uint64_t)staging->worker_count + 1, sizeof(uint64_t), what));
    uint64_t count = 0;
    for (uint32_t worker = 0; worker < staging->worker_count; worker++) {
        merge->worker_begins[worker] = count;
        count += staging->workers[worker].addresses.count;
    }
    merge->worker_begins[staging->worker_count] = count;
    if (count > ITEMS_MAX) {
        return error_set(builder->error, STATUS_LIMIT,
                         "the threads hold more than %llu addresses; use fewer --threads",
                         (unsigned long long)ITEMS_MAX);
    }
    merge->item_count = (uint32_t)count;
    while (merge->shard_bits < SHARD_BITS_MAX && count >> merge->shard_bits > SHARD_ITEMS) {
        merge->shard_bits++;
    }
    TRY(tally_open(&merge->tally, builder, merge->scratch, 1u << merge->shard_bits));
    TRY(builder_allocate(builder, merge->scratch, &merge->items, count, sizeof(struct address_item),
                         what));
    merge->place_count = (staging->row_count * 2 / RANK_PLACES + 1) * RANK_PLACES;
    TRY(builder_allocate_zeroed(builder, merge->scratch, &merge->appears, merge->place_count,
                                sizeof(*merge->appears), what));

    TRY(builder_allocate(builder, builder->maps, &merge->codes, count, sizeof(vertex_id), what));
    TRY(builder_allocate(builder, builder->maps, &builder->vertex_maps, staging->worker_count,
                         sizeof(uint32_t *), what));
    for (uint32_t worker = 0; worker < staging->worker_count; worker++) {
        builder->vertex_maps[worker] = merge->codes + merge->worker_begins[worker];
    }
    return STATUS_OK;
}

static uint32_t shard_of(const struct address_merge *merge, struct address address)
{
    return merge->shard_bits == 0 ? 0
                                  : (uint32_t)(address_hash(address) >> (64 - merge->shard_bits));
}

/* The staging worker and code of an entry, from the worker of the entry before it. */
static uint32_t entry_worker(const struct address_merge *merge, uint64_t entry, uint32_t worker)
{
    while (entry >= merge->worker_begins[worker + 1]) {
        worker++;
    }
    return worker;
}

/* Whether to go on no further, as is asked now and then. */
static bool is_over(const struct address_merge *merge, uint64_t index)
{
    return index % POLL_ITEMS == 0 && builder_must_stop(merge->builder);
}

static void count_entries(const struct worker *worker, void *context)
{
    struct address_merge *merge = context;
    uint64_t *counts = tally_cursors(&merge->tally, worker->index);
    uint64_t begin;
    uint64_t end;
    team_share(worker, merge->item_count, &begin, &end);
    uint32_t from = 0;
    for (uint64_t entry = begin; entry < end; entry++) {
        if (is_over(merge, entry)) {
            return;
        }
        from = entry_worker(merge, entry, from);
        uint32_t code = (uint32_t)(entry - merge->worker_begins[from]);
        counts[shard_of(merge, builder_address(merge->builder, from, code))]++;
    }
}

static void scatter_entries(const struct worker *worker, void *context)
{
    struct address_merge *merge = context;
    const struct staging *staging = merge->builder->staging;
    uint64_t *cursors = tally_cursors(&merge->tally, worker->index);
    uint64_t begin;
    uint64_t end;
    team_share(worker, merge->item_count, &begin, &end);
    uint32_t from = 0;
    for (uint64_t entry = begin; entry < end; entry++) {
        if (is_over(merge, entry)) {
            return;
        }
        from = entry_worker(merge, entry, from);
        uint32_t code = (uint32_t)(entry - merge->worker_begins[from]);
        struct address address = builder_address(merge->builder, from, code);
        uint64_t seen = staging->workers[from].addresses.first_seen[code];
        uint64_t first = staging->batches[seen >> 32].first_row * 2 + (uint32_t)seen;
        merge->items[cursors[shard_of(merge, address)]++] =
            (struct address_item){.address = address, .first = first, .entry = (uint32_t)entry};
    }
}

/* Finds, for each item of a shard, the first item of its address; that one learns the first place
 * of all. `slots` holds a power of two, at least twice the items. */
static void unite_shard(struct address_merge *merge, uint32_t shard, uint32_t *slots,
                        uint64_t slot_count)
{
    struct address_item *items = merge->items;
    uint32_t begin = (uint32_t)merge->tally.begins[shard];
    uint32_t end = (uint32_t)merge->tally.begins[shard + 1];
    memset(slots, 0, slot_count * sizeof(*slots));
    for (uint32_t index = begin; index < end; index++) {
        /* The high bits of the hash chose the shard, the low ones are as good. */
        uint64_t slot = address_hash(items[index].address) & (slot_count - 1);
        while (slots[slot] != 0 &&
               !address_equal(items[slots[slot] - 1].address, items[index].address)) {
            slot = (slot + 1) & (slot_count - 1);
        }
        if (slots[slot] == 0) {
            slots[slot] = index + 1;
        }
        struct address_item *unique = &items[slots[slot] - 1];
        items[index].unique = slots[slot] - 1;
        unique->first = items[index].first < unique->first ? items[index].first : unique->first;
    }
    uint64_t unique_count = 0;
    for (uint32_t index = begin; index < end; index++) {
        if (items[index].unique == index) {
            unique_count++;
            merge->appears[items[index].first] = 1;
        }
    }
    atomic_fetch_add_explicit(&merge->unique_count, unique_count, memory_order_relaxed);
}

static uint64_t power_of_two_from(uint64_t least)
{
    uint64_t size = LOOKUP_SIZE_MIN;
    while (size < least) {
        size *= 2;
    }
    return size;
}

static void unite_shards(const struct worker *worker, void *context)
{
    struct address_merge *merge = context;
    (void)worker;
    uint64_t shard;
    uint64_t end;
    uint32_t *slots = NULL;
    uint64_t capacity = 0;
    while (!builder_must_stop(merge->builder) &&
           team_next(&merge->next_shard, merge->tally.bucket_count, 1, &shard, &end)) {
        uint64_t slot_count = power_of_two_from(tally_size(&merge->tally, (uint32_t)shard) * 2);
        if (slot_count > capacity) {
            uint32_t *grown = arena_resize(merge->scratch, slots, slot_count, sizeof(*slots));
            if (grown == NULL) {
                builder_fail(merge->builder, merge->scratch);
                return;
            }
            slots = grown;
            capacity = slot_count;
        }
        unite_shard(merge, (uint32_t)shard, slots, slot_count);
    }
}

static uint64_t count_places(const struct address_merge *merge, uint64_t begin, uint64_t end)
{
    uint8_t count = 0;
    for (uint64_t place = begin; place < end; place++) {
        count += merge->appears[place];
    }
    return count;
}

/* Counts the places before each block; the vertices are as many as there are. */
static enum status merge_rank(struct address_merge *merge)
{
    struct builder *builder = merge->builder;
    uint64_t block_count = merge->place_count / RANK_PLACES;
    TRY(builder_allocate(builder, merge->scratch, &merge->ranks, block_count, sizeof(uint64_t),
                         what));
    uint64_t sum = 0;
    for (uint64_t block = 0; block < block_count; block++) {
        merge->ranks[block] = sum;
        if (is_over(merge, block)) {
            return stop_error(builder->stop, "loading", builder->error);
        }
        sum += count_places(merge, block * RANK_PLACES, (block + 1) * RANK_PLACES);
    }
    CHECK(sum == merge->unique_count);
    TRY(builder_allocate(builder, merge->scratch, &merge->order, sum, sizeof(uint64_t), what));
    merge->next_shard = 0;
    return tally_open(&merge->partitions, builder, merge->scratch, builder->partition_count);
}

static uint64_t rank_of(const struct address_merge *merge, uint64_t first)
{
    uint64_t block = first / RANK_PLACES;
    return merge->ranks[block] + count_places(merge, block * RANK_PLACES, first);
}

static void fetch_place(const struct address_merge *merge, uint64_t first)
{
    __builtin_prefetch(&merge->appears[first]);
    __builtin_prefetch(&merge->ranks[first / RANK_PLACES]);
}

static void order_shards(const struct worker *worker, void *context)
{
    struct address_merge *merge = context;
    (void)worker;
    const uint16_t *bucket_partition = merge->builder->graph->vertices.bucket_partition;
    uint64_t shard;
    uint64_t next;
    while (!builder_must_stop(merge->builder) &&
           team_next(&merge->next_shard, merge->tally.bucket_count, 1, &shard, &next)) {
        uint64_t end = merge->tally.begins[shard + 1];
        for (uint64_t index = merge->tally.begins[shard]; index < end; index++) {
            const struct address_item *item = &merge->items[index];
            if (index + FETCH_ITEMS < end) {
                fetch_place(merge, item[FETCH_ITEMS].first);
            }
            if (item->unique == index) {
                uint64_t partition = bucket_partition[vertex_frame_bucket(item->address)];
                merge->order[rank_of(merge, item->first)] = partition << 32 | index;
            }
        }
    }
}

static void count_partitions(const struct worker *worker, void *context)
{
    struct address_merge *merge = context;
    uint64_t *counts = tally_cursors(&merge->partitions, worker->index);
    uint64_t begin;
    uint64_t end;
    team_share(worker, merge->unique_count, &begin, &end);
    for (uint64_t index = begin; index < end && !is_over(merge, index); index++) {
        counts[merge->order[index] >> 32]++;
    }
}

/* Room for the vertices, and who owns which. */
static enum status merge_frame(struct address_merge *merge)
{
    struct builder *builder = merge->builder;
    struct graph *graph = builder->graph;
    struct vertex_frame *frame = &graph->vertices;
    frame->vertex_count = (uint32_t)merge->unique_count;
    frame->partition_count = builder->partition_count;
    uint32_t *bases;
    TRY(builder_allocate(builder, graph->shared, &bases, (uint64_t)builder->partition_count + 1,
                         sizeof(*bases), what));
    for (uint32_t partition = 0; partition <= builder->partition_count; partition++) {
        bases[partition] = (uint32_t)merge->partitions.begins[partition];
    }
    frame->partition_base = bases;
    TRY(builder_allocate(builder, graph->shared, &merge->addresses, merge->unique_count,
                         sizeof(struct address), what));
    frame->addresses = merge->addresses;
    frame->lookup_size = power_of_two_from(merge->unique_count * 2);
    TRY(builder_allocate_zeroed(builder, graph->shared, &merge->lookup, frame->lookup_size,
                                sizeof(*merge->lookup), what));
    frame->lookup = merge->lookup;
    TRY(builder_allocate_zeroed(builder, merge->scratch, &merge->overflows,
                                merge->tally.bucket_count, sizeof(uint64_t), what));
    return builder_allocate(builder, merge->scratch, &merge->overflow_entries, merge->item_count,
                            sizeof(uint32_t), what);
}

static void number_vertices(const struct worker *worker, void *context)
{
    struct address_merge *merge = context;
    uint64_t *cursors = tally_cursors(&merge->partitions, worker->index);
    uint64_t begin;
    uint64_t end;
    team_share(worker, merge->unique_count, &begin, &end);
    for (uint64_t index = begin; index < end && !is_over(merge, index); index++) {
        if (index + FETCH_ITEMS < end) {
            __builtin_prefetch(&merge->items[(uint32_t)merge->order[index + FETCH_ITEMS]]);
        }
        struct address_item *item = &merge->items[(uint32_t)merge->order[index]];
        uint64_t vertex = cursors[merge->order[index] >> 32]++;
        item->vertex = (vertex_id)vertex;
        merge->addresses[vertex] = item->address;
    }
}

/* Puts an entry into the first slot of [slot, end) that holds none or a larger one, which then goes
 * on: so entries lie where they would if they had come in ascending order, whatever the order in
 * which they come (Amble and Knuth, Ordered hash tables, 1974). Returns what finds no slot, or 0.
 */
static uint32_t insert_ordered(uint32_t *lookup, uint64_t slot, uint64_t end, uint32_t entry)
{
    for (; slot < end && lookup[slot] != 0; slot++) {
        uint32_t known = lookup[slot];
        lookup[slot] = known < entry ? known : entry;
        entry = known < entry ? entry : known;
    }
    if (slot == end) {
        return entry;
    }
    lookup[slot] = entry;
    return 0;
}

/* The vertices of a shard go into the shard's own range of the lookup table, so that workers never
 * meet; what would run over the end of it waits for insert_overflows. */
static void map_shard(struct address_merge *merge, uint32_t shard)
{
    uint64_t size = merge->builder->graph->vertices.lookup_size;
    uint64_t range_end = (size >> merge->shard_bits) * (shard + 1);
    uint64_t end = merge->tally.begins[shard + 1];
    for (uint64_t index = merge->tally.begins[shard]; index < end; index++) {
        const struct address_item *item = &merge->items[index];
        vertex_id vertex = merge->items[item->unique].vertex;
        merge->codes[item->entry] = vertex;
        if (item->unique != index) {
            continue;
        }
        uint64_t slot = vertex_frame_slot(size, item->address);
        uint32_t over = insert_ordered(merge->lookup, slot, range_end, vertex + 1);
        if (over != 0) {
            uint64_t place = merge->tally.begins[shard] + merge->overflows[shard]++;
            merge->overflow_entries[place] = over;
        }
    }
}

static void map_shards(const struct worker *worker, void *context)
{
    struct address_merge *merge = context;
    (void)worker;
    uint64_t shard;
    uint64_t end;
    while (!builder_must_stop(merge->builder) &&
           team_next(&merge->next_shard, merge->tally.bucket_count, 1, &shard, &end)) {
        map_shard(merge, (uint32_t)shard);
    }
}

/* A few per shard: searches go on from one range into the next, and from the last into the first.
 */
static void insert_overflows(struct address_merge *merge)
{
    uint64_t size = merge->builder->graph->vertices.lookup_size;
    for (uint32_t shard = 0; shard < merge->tally.bucket_count; shard++) {
        const uint32_t *entries = merge->overflow_entries + merge->tally.begins[shard];
        uint64_t range_end = (size >> merge->shard_bits) * (shard + 1);
        for (uint64_t place = 0; place < merge->overflows[shard]; place++) {
            uint32_t over = insert_ordered(merge->lookup, range_end, size, entries[place]);
            if (over != 0) {
                insert_ordered(merge->lookup, 0, size, over);
            }
        }
    }
}

static enum status merge_owners(struct address_merge *merge)
{
    struct builder *builder = merge->builder;
    struct vertex_frame *frame = &builder->graph->vertices;
    uint32_t last = frame->vertex_count == 0 ? 0 : frame->vertex_count - 1;
    while (builder->partition_count > 1 && last >> frame->owner_shift >= OWNER_HINTS_MAX) {
        frame->owner_shift++;
    }
    if (builder->partition_count == 1) {
        frame->owner_shift = 31;
    }
    uint32_t hint_count = (last >> frame->owner_shift) + 1;
    uint16_t *hints;
    TRY(builder_allocate(builder, builder->graph->shared, &hints, hint_count, sizeof(*hints),
                         what));
    uint32_t owner = 0;
    for (uint32_t hint = 0; hint < hint_count; hint++) {
        while (owner + 1 < frame->partition_count &&
               (uint64_t)hint << frame->owner_shift >= frame->partition_base[owner + 1]) {
            owner++;
        }
        hints[hint] = (uint16_t)owner;
    }
    frame->owner_hint = hints;
    return STATUS_OK;
}
