#include "loader/bucket.h"

#include "base/check.h"

enum {
    GRANULES_MAX = 1 << 16,
    BUCKET_VERTICES_MAX = 1 << 16,
    BUCKET_ITEMS_MIN = 8192,
    BUCKET_ITEMS_MAX = 65536,
    BUCKETS_WANTED = 2048,
    BATCH_ITEMS_WANTED = 16, /* of one batch in a bucket */
    HEAVY = 4,               /* times the mean */
    DEAL_STRIDE = 8,         /* counters lie on cache lines of their own */
    DEAL_WORKERS_MIN = 2,
    DEAL_WORKER_ITEMS = 1 << 16, /* of each worker where there are more than these */
};

static const char what[] = "planning the exchange";

static uint32_t granule_shift(uint32_t vertex_count)
{
    uint32_t shift = 0;
    while (vertex_count >> shift >= GRANULES_MAX) {
        shift++;
    }
    return shift;
}

enum status bucket_sample_open(struct bucket_sample *sample, struct builder *builder,
                               struct arena *arena, uint64_t item_count)
{
    uint32_t vertex_count = builder->graph->vertices.vertex_count;
    sample->shift = granule_shift(vertex_count);
    sample->granule_count = (vertex_count >> sample->shift) + 1;
    sample->items_per_weight = item_count / BUCKET_SAMPLE_ITEMS + 1;
    return builder_allocate_zeroed(builder, arena, &sample->weights, sample->granule_count,
                                   sizeof(uint32_t), what);
}

/* What one bucket should hold: as little as sorts in cache, as much as keeps few the streams of the
 * scatter, and keeps rows of one batch together for the gather. */
static uint64_t items_wanted(const struct builder *builder, uint64_t item_count)
{
    uint64_t by_batches = (uint64_t)builder->staging->batch_count * BATCH_ITEMS_WANTED;
    uint64_t wanted = item_count / BUCKETS_WANTED;
    wanted = wanted < by_batches ? by_batches : wanted;
    wanted = wanted < BUCKET_ITEMS_MIN ? BUCKET_ITEMS_MIN : wanted;
    return wanted > BUCKET_ITEMS_MAX ? BUCKET_ITEMS_MAX : wanted;
}

static void add_bucket(struct buckets *buckets, vertex_id first, uint32_t partition)
{
    buckets->first[buckets->count] = first;
    buckets->partition[buckets->count] = partition;
    buckets->count++;
}

/* Cuts the partition's vertices at ends of granules. A bucket is closed before a granule that would
 * make it too large, so that two neighbours hold more than `wanted` together. */
static void cut_partition(struct buckets *buckets, const struct vertex_frame *frame,
                          const struct bucket_sample *sample, uint32_t partition, uint64_t wanted)
{
    uint64_t begin = frame->partition_base[partition];
    uint64_t end = frame->partition_base[partition + 1];
    uint64_t items = 0;
    uint64_t next;
    for (uint64_t vertex = begin; vertex < end; vertex = next) {
        uint64_t granule = vertex >> sample->shift;
        next = (granule + 1) << sample->shift;
        next = next > end ? end : next;
        uint64_t added = sample->weights[granule] * sample->items_per_weight;
        if (vertex > begin &&
            ((items + added > wanted && items > 0) || next - begin > BUCKET_VERTICES_MAX)) {
            add_bucket(buckets, (vertex_id)begin, partition);
            begin = vertex;
            items = 0;
        }
        items += added;
    }
    if (begin < end) {
        add_bucket(buckets, (vertex_id)begin, partition);
    }
}

static void set_hints(struct buckets *buckets, uint32_t hint_count)
{
    uint32_t bucket = 0;
    for (uint32_t hint = 0; hint < hint_count; hint++) {
        uint64_t vertex = (uint64_t)hint << buckets->shift;
        while (bucket + 1 < buckets->count && vertex >= buckets->first[bucket + 1]) {
            bucket++;
        }
        buckets->hints[hint] = bucket;
    }
}

enum status buckets_open(struct buckets *buckets, struct builder *builder, struct arena *arena,
                         const struct bucket_sample *sample, uint64_t item_count)
{
    const struct vertex_frame *frame = &builder->graph->vertices;
    uint64_t wanted = items_wanted(builder, item_count);
    /* Buckets end where granules or partitions do. */
    uint64_t room = (uint64_t)sample->granule_count + frame->partition_count + 1;
    buckets->count = 0;
    buckets->shift = sample->shift;
    TRY(builder_allocate(builder, arena, &buckets->first, room, sizeof(vertex_id), what));
    TRY(builder_allocate(builder, arena, &buckets->partition, room, sizeof(uint32_t), what));
    TRY(builder_allocate(builder, arena, &buckets->partition_first,
                         (uint64_t)frame->partition_count + 1, sizeof(uint32_t), what));
    TRY(builder_allocate(builder, arena, &buckets->hints, sample->granule_count, sizeof(uint32_t),
                         what));
    for (uint32_t partition = 0; partition < frame->partition_count; partition++) {
        buckets->partition_first[partition] = buckets->count;
        cut_partition(buckets, frame, sample, partition, wanted);
    }
    buckets->partition_first[frame->partition_count] = buckets->count;
    CHECK(buckets->count < room);
    buckets->first[buckets->count] = frame->vertex_count;
    set_hints(buckets, sample->granule_count);
    return STATUS_OK;
}

static bool is_heavy(uint64_t weight, uint64_t total, uint32_t unit_count)
{
    return weight > total / unit_count * HEAVY;
}

static uint32_t choose_worker_count(const struct builder *builder, uint64_t total)
{
    uint64_t count = total / DEAL_WORKER_ITEMS;
    count = count < DEAL_WORKERS_MIN ? DEAL_WORKERS_MIN : count;
    return count < builder->worker_count ? (uint32_t)count : builder->worker_count;
}

/* Puts the units of one node in order: heavy ones, then the rest. */
static uint64_t deal_node(struct deal *deal, const struct builder *builder, uint32_t node,
                          uint64_t place, uint32_t unit_count, const uint32_t *partitions,
                          const uint64_t *weights, uint64_t total)
{
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t unit = 0; unit < unit_count; unit++) {
            if (builder_node(builder, partitions[unit]) == node &&
                is_heavy(weights[unit], total, unit_count) == (pass == 0)) {
                deal->units[place++] = unit;
            }
        }
    }
    return place;
}

enum status deal_open(struct deal *deal, struct builder *builder, struct arena *arena,
                      uint32_t unit_count, const uint32_t *partitions, const uint64_t *weights)
{
    deal->node_count = builder->node_count;
    TRY(builder_allocate(builder, arena, &deal->units, unit_count, sizeof(uint32_t), what));
    TRY(builder_allocate(builder, arena, &deal->begins, (uint64_t)deal->node_count + 1,
                         sizeof(uint64_t), what));
    TRY(builder_allocate_zeroed(builder, arena, &deal->next,
                                (uint64_t)deal->node_count * DEAL_STRIDE, sizeof(uint64_t), what));
    uint64_t total = 0;
    for (uint32_t unit = 0; unit < unit_count; unit++) {
        total += weights[unit];
    }
    deal->worker_count = choose_worker_count(builder, total);
    uint64_t place = 0;
    for (uint32_t node = 0; node < deal->node_count; node++) {
        deal->begins[node] = place;
        place = deal_node(deal, builder, node, place, unit_count, partitions, weights, total);
    }
    deal->begins[deal->node_count] = place;
    return STATUS_OK;
}

void deal_restart(struct deal *deal)
{
    for (uint32_t node = 0; node < deal->node_count; node++) {
        deal->next[node * DEAL_STRIDE] = 0;
    }
}

bool deal_next(struct deal *deal, struct builder *builder, const struct worker *worker,
               uint32_t *unit)
{
    if (worker->index >= deal->worker_count || builder_must_stop(builder)) {
        return false;
    }
    if (worker->index == 0) {
        progress_draw(builder->progress);
    }
    for (uint32_t turn = 0; turn < deal->node_count; turn++) {
        uint32_t node = (worker->node + turn) % deal->node_count;
        uint64_t count = deal->begins[node + 1] - deal->begins[node];
        uint64_t begin;
        uint64_t end;
        if (team_next(&deal->next[node * DEAL_STRIDE], count, 1, &begin, &end)) {
            *unit = deal->units[deal->begins[node] + begin];
            return true;
        }
    }
    return false;
}
