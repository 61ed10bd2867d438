#include "loader/partition_map.h"

#include "base/radix.h"

/* Of a sampled flow; a bucket counts 1 by itself, so that buckets without sampled flows are dealt
 * out evenly too. */
enum { FLOW_WEIGHT = 16 };

/* The greedy rule "longest processing time first" (Graham, "Bounds on Multiprocessing Timing
 * Anomalies", 1969): the heaviest bucket goes to who has the least so far; where nodes have
 * different numbers of cores, to who would have the least with it (Gonzalez, Ibarra, Sahni, "Bounds
 * for LPT Schedules on Uniform Processors", 1977). */
struct partition_deal {
    uint64_t *partition_loads; /* [partition_count] */
    uint64_t *node_loads;      /* [node_count] */
    struct radix_pair *order;  /* [VERTEX_BUCKETS]: weight, bucket */
    struct radix_pair *spare;
};

static enum status deal_allocate(struct partition_deal *deal, struct builder *builder,
                                 struct arena *scratch);
static void weigh_buckets(struct builder *builder, struct radix_pair *order);
static void deal_buckets(struct partition_deal *deal, const struct builder *builder, uint16_t *map);

static const char what[] = "dividing the graph";

enum status partition_map_build(struct builder *builder)
{
    uint16_t *map;
    TRY(builder_allocate_zeroed(builder, builder->graph->shared, &map, VERTEX_BUCKETS, sizeof(*map),
                                what));
    builder->graph->vertices.bucket_partition = map;
    if (builder->partition_count == 1) {
        return STATUS_OK;
    }
    struct arena *scratch;
    struct partition_deal deal;
    TRY(builder_open_arena(builder, &scratch));
    enum status status = deal_allocate(&deal, builder, scratch);
    if (status == STATUS_OK) {
        weigh_buckets(builder, deal.order);
        radix_sort(deal.order, deal.spare, VERTEX_BUCKETS);
        deal_buckets(&deal, builder, map);
    }
    arena_close(scratch);
    return status;
}

static enum status deal_allocate(struct partition_deal *deal, struct builder *builder,
                                 struct arena *scratch)
{
    TRY(builder_allocate_zeroed(builder, scratch, &deal->partition_loads, builder->partition_count,
                                sizeof(uint64_t), what));
    TRY(builder_allocate_zeroed(builder, scratch, &deal->node_loads, builder->node_count,
                                sizeof(uint64_t), what));
    TRY(builder_allocate(builder, scratch, &deal->order, VERTEX_BUCKETS, sizeof(struct radix_pair),
                         what));
    return builder_allocate(builder, scratch, &deal->spare, VERTEX_BUCKETS,
                            sizeof(struct radix_pair), what);
}

static void weigh_buckets(struct builder *builder, struct radix_pair *order)
{
    const struct staging *staging = builder->staging;
    for (uint32_t bucket = 0; bucket < VERTEX_BUCKETS; bucket++) {
        order[bucket] = (struct radix_pair){.key = 1, .value = bucket};
    }
    uint64_t stride = staging->row_count / PARTITION_MAP_SAMPLE_ROWS + 1;
    for (uint64_t row = 0; row < staging->row_count; row += stride) {
        const struct batch *batch = &staging->batches[builder_batch_of(builder, row)];
        uint32_t code = batch->sources[row - batch->first_row];
        struct address address = builder_address(builder, batch->worker, code);
        order[vertex_frame_bucket(address)].key += FLOW_WEIGHT;
    }
}

/* A node's share of the flows is to be its share of the cores. */
static uint64_t node_weight(const struct builder *builder, uint32_t node)
{
    uint32_t cores = topology_node_at(team_topology(builder->team), node)->core_count;
    return cores == 0 ? 1 : cores;
}

/* The partition with the least load on the node that would have the least for each core, with the
 * bucket on it. */
static uint32_t lightest(const struct partition_deal *deal, const struct builder *builder,
                         uint64_t weight)
{
    uint32_t best = 0;
    uint32_t best_node = builder_node(builder, 0);
    for (uint32_t partition = 1; partition < builder->partition_count; partition++) {
        uint32_t node = builder_node(builder, partition);
        uint64_t load = (deal->node_loads[node] + weight) * node_weight(builder, best_node);
        uint64_t least = (deal->node_loads[best_node] + weight) * node_weight(builder, node);
        bool is_lighter = deal->partition_loads[partition] < deal->partition_loads[best];
        if (load < least || (node == best_node && is_lighter)) {
            best = partition;
            best_node = node;
        }
    }
    return best;
}

static void deal_buckets(struct partition_deal *deal, const struct builder *builder, uint16_t *map)
{
    for (uint32_t place = VERTEX_BUCKETS; place-- > 0;) {
        const struct radix_pair *bucket = &deal->order[place];
        uint32_t partition = lightest(deal, builder, bucket->key);
        deal->partition_loads[partition] += bucket->key;
        deal->node_loads[builder_node(builder, partition)] += bucket->key;
        map[bucket->value] = (uint16_t)partition;
    }
}
