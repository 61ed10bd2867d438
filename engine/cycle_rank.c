#include "engine/cycle_rank.h"

#include <string.h>

#include "base/radix.h"
#include "engine/cycle_needs.h"

enum { SORT_AT_ONCE = 1 << 18, SORT_PARTS = 1 << 12 };

static void rank_flows(const struct slab_builder *builder, struct slab *slab);
static void link_windows(const struct slab_builder *builder, struct slab *slab);
static void list_arrivals(const struct slab_builder *builder, struct slab *slab);
static void list_firsts(const struct slab_builder *builder, struct slab *slab);
static void list_links(const struct slab_builder *builder, struct slab *slab);

void rank_fill(const struct slab_builder *builder, struct slab *slab)
{
    static void (*const steps[])(const struct slab_builder *builder, struct slab *slab) = {
        rank_flows, link_windows, list_arrivals, list_firsts, list_links};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !stop_poll(builder->stop); i++) {
        steps[i](builder, slab);
    }
}

/* Sorts by time. Very many are divided by time first, so that a stop need not wait for all. False
 * when it ended the work. */
static bool sort_pairs(const struct slab_builder *builder, struct radix_pair *pairs, uint32_t count)
{
    struct radix_pair *scratch = pairs + count;
    uint64_t least = UINT64_MAX;
    uint64_t greatest = 0;
    uint32_t begin[SORT_PARTS + 1] = {0};
    if (count <= SORT_AT_ONCE) {
        radix_sort(pairs, scratch, count);
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        least = pairs[i].key < least ? pairs[i].key : least;
        greatest = pairs[i].key > greatest ? pairs[i].key : greatest;
    }
    uint64_t width = (greatest - least) / SORT_PARTS + 1;
    for (uint32_t i = 0; i < count && !slab_is_stopped(builder, i); i++) {
        begin[(pairs[i].key - least) / width + 1]++;
    }
    for (uint32_t part = 1; part <= SORT_PARTS; part++) {
        begin[part] += begin[part - 1];
    }
    for (uint32_t i = 0; i < count; i++) {
        if (slab_is_stopped(builder, i)) {
            return false;
        }
        scratch[begin[(pairs[i].key - least) / width]++] = pairs[i];
    }
    for (uint32_t part = 0; part < SORT_PARTS; part++) {
        uint32_t first = part == 0 ? 0 : begin[part - 1];
        if (stop_poll(builder->stop)) {
            return false;
        }
        memcpy(pairs + first, scratch + first, (begin[part] - first) * sizeof *pairs);
        radix_sort(pairs + first, scratch + first, begin[part] - first);
    }
    return true;
}

static void rank_flows(const struct slab_builder *builder, struct slab *slab)
{
    const struct bundles *bundles = builder->bundles;
    const struct loose_flow *loose = builder->loose.data;
    struct radix_pair *pairs = builder->pairs.data;
    uint32_t count = slab->flow_count;
    if (!sort_pairs(builder, pairs, count)) {
        return;
    }
    for (uint32_t rank = 0; rank < count && !slab_is_stopped(builder, rank); rank++) {
        const struct loose_flow *flow = &loose[pairs[rank].value];
        slab->edges[rank] = flow->edge;
        slab->flows[rank].source = flow->source;
        slab->flows[rank].target = flow->target;
        slab->flows[rank].link = flow->link;
        if (slab->meets != NULL) {
            slab->meets[rank] =
                needs_met(builder->query, edge_partition(flow->edge), edge_position(flow->edge));
        }
        if (slab->begins != NULL) {
            slab->begins[rank] = cycle_may_begin(builder->query, flow->edge);
        }
    }
    uint64_t interval = ((uint64_t)slab->serial + 1) * SLAB_INTERVALS;
    slab->first_end = count;
    while (interval < bundles->interval_count && slab->first_end > 0 &&
           pairs[slab->first_end - 1].key >= interval * bundles->interval_ns) {
        slab->first_end--;
    }
}

/* Turns times into ranks. */
static void link_windows(const struct slab_builder *builder, struct slab *slab)
{
    const struct radix_pair *pairs = builder->pairs.data;
    uint64_t window = (uint64_t)builder->query->window_ns;
    uint32_t count = slab->flow_count;
    uint32_t low = 0;
    uint32_t limit = 0;
    for (uint32_t begin = 0; begin < count && !slab_is_stopped(builder, begin);) {
        uint32_t end = begin + 1;
        while (end < count && pairs[end].key == pairs[begin].key) {
            end++;
        }
        limit = limit < end ? end : limit;
        while (limit < count && pairs[limit].key - pairs[begin].key <= window) {
            limit++;
        }
        while (pairs[begin].key - pairs[low].key > window) {
            low++;
        }
        bool is_strict = builder->query->is_strict;
        for (uint32_t rank = begin; rank < end; rank++) {
            struct slab_flow *flow = &slab->flows[rank];
            flow->low = low;
            flow->limit = limit - 1;
            flow->after = is_strict ? end : begin;
            flow->before = is_strict ? begin : end;
        }
        begin = end;
    }
}

/* From counts to the place behind each one's last entry. */
static void sum_offsets(uint32_t *offset, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i <= count; i++) {
        sum += offset[i];
        offset[i] = sum;
    }
}

static void list_arrivals(const struct slab_builder *builder, struct slab *slab)
{
    uint32_t *offset = slab->in_offset;
    memset(offset, 0, ((uint64_t)slab->vertex_count + 1) * sizeof *offset);
    for (uint32_t rank = 0; rank < slab->flow_count; rank++) {
        offset[slab->flows[rank].target]++;
        if (slab_is_stopped(builder, rank)) {
            return;
        }
    }
    sum_offsets(offset, slab->vertex_count);
    for (uint32_t rank = slab->flow_count; rank-- > 0 && !slab_is_stopped(builder, rank);) {
        slab->in_ranks[--offset[slab->flows[rank].target]] = rank;
    }
}

static void list_firsts(const struct slab_builder *builder, struct slab *slab)
{
    const uint64_t *anchors = builder->query->anchor_bits;
    memset(slab->first_low, 0xff, (uint64_t)slab->vertex_count * 4);
    memset(slab->first_high, 0xff, (uint64_t)slab->vertex_count * 4);
    for (uint32_t rank = 0; rank < slab->first_end && !slab_is_stopped(builder, rank); rank++) {
        uint32_t source = slab->flows[rank].source;
        bool is_anchor = anchors == NULL || bit_is_set(anchors, slab->vertices[source]);
        if (is_anchor && slab_begins(slab, rank)) {
            if (slab->first_low[source] == RANK_NONE) {
                slab->first_low[source] = rank;
            }
            slab->first_high[source] = rank;
        }
    }
}

/* Links were numbered source by source, so that those of a vertex lie side by side. */
static void list_links(const struct slab_builder *builder, struct slab *slab)
{
    const struct local_bundle *kept = builder->bundles_kept.data;
    const uint32_t *order = builder->targets.data;
    uint64_t bytes = ((uint64_t)slab->vertex_count + 1) * sizeof(uint32_t);
    memset(slab->out_offset, 0, bytes);
    memset(slab->in_offset_links, 0, bytes);
    uint32_t links = 0;
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        const struct local_bundle *bundle = &kept[order[i]];
        if (bundle->link == links) {
            slab->out_targets[links++] = bundle->target;
            slab->out_offset[bundle->source]++;
            slab->in_offset_links[bundle->target]++;
        }
    }
    sum_offsets(slab->out_offset, slab->vertex_count);
    sum_offsets(slab->in_offset_links, slab->vertex_count);
    for (uint32_t source = slab->vertex_count; source-- > 0;) {
        slab->out_offset[source] = source == 0 ? 0 : slab->out_offset[source - 1];
        for (uint32_t link = slab->out_offset[source]; link < slab->out_offset[source + 1];
             link++) {
            slab->in_sources[--slab->in_offset_links[slab->out_targets[link]]] = source;
        }
    }
}
