#include "loader/reverse.h"

#include <string.h>

#include "loader/bucket.h"
#include "loader/tally.h"

enum { POLL_LINKS = 16 }; /* between two looks at the stop */

struct arrival {
    vertex_id target;
    struct reverse_link link;
};

struct reverse {
    struct builder *builder;
    struct arena *scratch;
    uint64_t *link_begins; /* [partition_count + 1]: links over all partitions */
    struct buckets buckets;
    struct tally tally;
    struct arrival *arrivals; /* bucket by bucket */
    uint32_t *firsts;         /* [buckets]: of the bucket's first arrival in its partition */
    struct deal deal;
};

/* Links of one partition within a worker's share. */
struct link_range {
    const struct partition *partition;
    uint32_t begin;
    uint32_t end;
};

static enum status plan_links(struct reverse *reverse);
static enum status place_arrivals(struct reverse *reverse);
static void count_links(const struct worker *worker, void *context);
static void scatter_links(const struct worker *worker, void *context);
static void write_lists(const struct worker *worker, void *context);

static const char what[] = "listing arriving links";

enum status reverse_build(struct builder *builder)
{
    struct reverse reverse = {.builder = builder};
    enum status status = builder_open_arena(builder, &reverse.scratch);
    if (status != STATUS_OK) {
        return status;
    }
    TRY_DONE(plan_links(&reverse));
    TRY_DONE(builder_run(builder, count_links, &reverse, what));
    tally_plan(&reverse.tally);
    TRY_DONE(place_arrivals(&reverse));
    TRY_DONE(builder_run(builder, scatter_links, &reverse, what));
    TRY_DONE(builder_run(builder, write_lists, &reverse, what));
done:
    arena_close(reverse.scratch);
    return status;
}

/* The rest of the links [*link, end) that lies in one partition; `*partition` moves up with it. */
static bool next_range(const struct reverse *reverse, uint64_t *link, uint64_t end,
                       uint32_t *partition, struct link_range *range)
{
    if (*link >= end) {
        return false;
    }
    while (*link >= reverse->link_begins[*partition + 1]) {
        (*partition)++;
    }
    uint64_t base = reverse->link_begins[*partition];
    uint64_t range_end = reverse->link_begins[*partition + 1];
    range_end = range_end < end ? range_end : end;
    range->partition = &reverse->builder->graph->edges.partitions[*partition];
    range->begin = (uint32_t)(*link - base);
    range->end = (uint32_t)(range_end - base);
    *link = range_end;
    return true;
}

static enum status plan_links(struct reverse *reverse)
{
    struct builder *builder = reverse->builder;
    const struct partition *partitions = builder->graph->edges.partitions;
    TRY(builder_allocate(builder, reverse->scratch, &reverse->link_begins,
                         (uint64_t)builder->partition_count + 1, sizeof(uint64_t), what));
    uint64_t link_count = 0;
    for (uint32_t index = 0; index < builder->partition_count; index++) {
        reverse->link_begins[index] = link_count;
        link_count += partitions[index].link_count;
    }
    reverse->link_begins[builder->partition_count] = link_count;

    struct bucket_sample sample;
    TRY(bucket_sample_open(&sample, builder, reverse->scratch, link_count));
    uint32_t partition = 0;
    for (uint64_t link = 0; link < link_count; link += sample.items_per_weight) {
        while (link >= reverse->link_begins[partition + 1]) {
            partition++;
        }
        bucket_sample_add(
            &sample, partitions[partition].link_target[link - reverse->link_begins[partition]]);
    }
    TRY(buckets_open(&reverse->buckets, builder, reverse->scratch, &sample, link_count));
    return tally_open(&reverse->tally, builder, reverse->scratch, reverse->buckets.count);
}

/* Whether to go on no further. Asked often, since each link may be the first on a new page. */
static bool is_over(const struct reverse *reverse, uint32_t link)
{
    return link % POLL_LINKS == 0 && builder_must_stop(reverse->builder);
}

static void count_links(const struct worker *worker, void *context)
{
    struct reverse *reverse = context;
    uint64_t *counts = tally_cursors(&reverse->tally, worker->index);
    uint64_t link;
    uint64_t end;
    team_share(worker, reverse->link_begins[reverse->builder->partition_count], &link, &end);
    uint32_t partition = 0;
    struct link_range range;
    while (next_range(reverse, &link, end, &partition, &range)) {
        for (uint32_t index = range.begin; index < range.end && !is_over(reverse, index); index++) {
            counts[bucket_of(&reverse->buckets, range.partition->link_target[index])]++;
        }
    }
}

static enum status place_arrivals(struct reverse *reverse)
{
    struct builder *builder = reverse->builder;
    const struct buckets *buckets = &reverse->buckets;
    uint64_t *sizes;
    TRY(builder_allocate(builder, reverse->scratch, &reverse->firsts, buckets->count,
                         sizeof(uint32_t), what));
    TRY(builder_allocate(builder, reverse->scratch, &sizes, buckets->count, sizeof(uint64_t),
                         what));
    for (uint32_t index = 0; index < builder->partition_count; index++) {
        struct partition *partition = &builder->graph->edges.partitions[index];
        uint64_t count = 0;
        for (uint32_t bucket = buckets->partition_first[index];
             bucket < buckets->partition_first[index + 1]; bucket++) {
            reverse->firsts[bucket] = (uint32_t)count;
            sizes[bucket] = tally_size(&reverse->tally, bucket);
            count += sizes[bucket];
        }
        if (count > PARTITION_FLOWS_MAX) {
            return error_set(builder->error, STATUS_LIMIT,
                             "%llu links would arrive in one partition, more than the %llu that "
                             "it can list; raise --partitions",
                             (unsigned long long)count, (unsigned long long)PARTITION_FLOWS_MAX);
        }
        uint32_t *offsets;
        TRY(builder_allocate(builder, partition->arena, &offsets,
                             (uint64_t)partition->vertex_count + 1, sizeof(uint32_t), what));
        TRY(builder_allocate(builder, partition->arena, &partition->reverse, count,
                             sizeof(struct reverse_link), what));
        offsets[partition->vertex_count] = (uint32_t)count;
        partition->reverse_offset = offsets;
        partition->reverse_count = (uint32_t)count;
    }
    TRY(deal_open(&reverse->deal, builder, reverse->scratch, buckets->count, buckets->partition,
                  sizes));
    return builder_allocate(builder, reverse->scratch, &reverse->arrivals,
                            reverse->link_begins[builder->partition_count], sizeof(struct arrival),
                            what);
}

static void scatter_range(const struct reverse *reverse, const struct link_range *range,
                          uint64_t *cursors)
{
    const struct partition *partition = range->partition;
    vertex_id source = partition_link_source(partition, range->begin);
    for (uint32_t link = range->begin; link < range->end && !is_over(reverse, link); link++) {
        while (partition->link_offset[source - partition->vertex_base + 1] <= link) {
            source++;
        }
        vertex_id target = partition->link_target[link];
        uint32_t bucket = bucket_of(&reverse->buckets, target);
        reverse->arrivals[cursors[bucket]++] = (struct arrival){target, {source, link}};
    }
}

static void scatter_links(const struct worker *worker, void *context)
{
    struct reverse *reverse = context;
    uint64_t link;
    uint64_t end;
    team_share(worker, reverse->link_begins[reverse->builder->partition_count], &link, &end);
    uint32_t partition = 0;
    struct link_range range;
    while (next_range(reverse, &link, end, &partition, &range)) {
        scatter_range(reverse, &range, tally_cursors(&reverse->tally, worker->index));
    }
}

/* Counting sort of one bucket's arrivals by target. */
static void write_bucket(const struct reverse *reverse, uint32_t bucket, uint32_t *cursors)
{
    const struct partition *partition =
        &reverse->builder->graph->edges.partitions[reverse->buckets.partition[bucket]];
    /* Written here, before anyone reads the partition. */
    uint32_t *offsets = (uint32_t *)(uintptr_t)partition->reverse_offset;
    struct reverse_link *lists = (struct reverse_link *)(uintptr_t)partition->reverse;
    vertex_id first = reverse->buckets.first[bucket];
    uint32_t vertex_count = reverse->buckets.first[bucket + 1] - first;
    const struct arrival *arrivals = reverse->arrivals + reverse->tally.begins[bucket];
    uint64_t count = tally_size(&reverse->tally, bucket);

    memset(cursors, 0, vertex_count * sizeof(*cursors));
    for (uint64_t index = 0; index < count; index++) {
        cursors[arrivals[index].target - first]++;
    }
    uint32_t sum = reverse->firsts[bucket];
    for (uint32_t vertex = 0; vertex < vertex_count; vertex++) {
        uint32_t here = cursors[vertex];
        cursors[vertex] = sum;
        offsets[first - partition->vertex_base + vertex] = sum;
        sum += here;
    }
    for (uint64_t index = 0; index < count; index++) {
        lists[cursors[arrivals[index].target - first]++] = arrivals[index].link;
    }
}

static void write_lists(const struct worker *worker, void *context)
{
    struct reverse *reverse = context;
    struct builder *builder = reverse->builder;
    uint32_t *cursors = NULL;
    uint32_t capacity = 0;
    uint32_t bucket;
    while (deal_next(&reverse->deal, builder, worker, &bucket)) {
        uint32_t vertex_count = reverse->buckets.first[bucket + 1] - reverse->buckets.first[bucket];
        if (vertex_count > capacity) {
            uint32_t *grown =
                arena_resize(reverse->scratch, cursors, vertex_count, sizeof(*cursors));
            if (grown == NULL) {
                builder_fail(builder, reverse->scratch);
                return;
            }
            cursors = grown;
            capacity = vertex_count;
        }
        write_bucket(reverse, bucket, cursors);
    }
}
