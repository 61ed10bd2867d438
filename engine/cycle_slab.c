#include "engine/cycle_slab.h"

#include <string.h>

#include "base/check.h"
#include "base/radix.h"
#include "engine/cycle_component.h"
#include "engine/cycle_needs.h"
#include "engine/cycle_rank.h"

enum {
    /* A pass of the cheap trimming that keeps more than this share was the last one. */
    TRIM_PASSES_MAX = 4,
    TRIM_KEPT_PERCENT = 90,
    IN = 1, /* flags of a vertex */
    OUT = 2,
};

static const char what[] = "building a slab of time";

static enum status take_bundles(struct slab_builder *builder, const struct bundle *bundles,
                                uint64_t count, struct error *error);
static enum status trim_cheaply(struct slab_builder *builder, struct error *error);
static enum status trim_components(struct slab_builder *builder, struct error *error);
static enum status unfold(struct slab_builder *builder, const struct bundle *bundles,
                          struct error *error);
static enum status open_slab(struct slab **slab, struct slab_builder *builder, uint32_t index,
                             struct error *error);

void slab_builder_init(struct slab_builder *builder, const struct cycle_query *query,
                       const struct bundles *bundles, struct arena *arena, struct stop *stop)
{
    builder->query = query;
    builder->bundles = bundles;
    builder->arena = arena;
    builder->node = arena_node(arena);
    builder->stop = stop;
}

/* Interval `interval`, held within those that there are. */
static uint64_t bundle_offset(const struct bundles *bundles, uint64_t interval)
{
    return bundles->offset[interval < bundles->interval_count ? interval : bundles->interval_count];
}

enum status slab_build(struct slab **slab, struct slab_builder *builder, uint32_t index,
                       struct error *error)
{
    uint64_t interval = (uint64_t)index * SLAB_INTERVALS;
    uint64_t begin = bundle_offset(builder->bundles, interval);
    uint64_t end = bundle_offset(builder->bundles, interval + SLAB_INTERVALS + 1);
    const struct bundle *bundles = builder->bundles->bundles + begin;
    *slab = NULL;
    TRY(take_bundles(builder, bundles, end - begin, error));
    TRY(trim_cheaply(builder, error));
    if (builder->bundle_count == 0 || stop_poll(builder->stop)) {
        return STATUS_OK;
    }
    TRY(trim_components(builder, error));
    if (builder->bundle_count == 0 || stop_poll(builder->stop)) {
        return STATUS_OK;
    }
    TRY(unfold(builder, bundles, error));
    if (builder->loose_count == 0 || builder->met != needs_of(builder->query) ||
        stop_poll(builder->stop)) {
        return STATUS_OK;
    }
    TRY(open_slab(slab, builder, index, error));
    rank_fill(builder, *slab);
    return STATUS_OK;
}

void slab_release(struct slab *slab, struct slab_builder *builder)
{
    if (atomic_fetch_sub_explicit(&slab->holders, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (slab->arena == builder->arena && slab->bytes > builder->spare_bytes) {
        arena_return(builder->arena, builder->spare);
        builder->spare = slab;
        builder->spare_bytes = slab->bytes;
    } else {
        arena_return(slab->arena, slab);
    }
}

/* Numbers the vertices. An entry of `local_of` counts only where `vertex_of` points back, so that
 * nothing has to be cleared between two slabs. */
static uint32_t local_vertex(struct slab_builder *builder, uint32_t *local_of, uint32_t *vertex_of,
                             vertex_id vertex)
{
    uint32_t local = local_of[vertex];
    if (local >= builder->vertex_count || vertex_of[local] != vertex) {
        local = builder->vertex_count++;
        local_of[vertex] = local;
        vertex_of[local] = vertex;
    }
    return local;
}

static enum status refuse_crowd(struct error *error)
{
    return error_set(error, STATUS_LIMIT,
                     "a window holds more flows than cycles can be looked for in; make it "
                     "narrower, or ask for fewer flows");
}

static enum status take_bundles(struct slab_builder *builder, const struct bundle *bundles,
                                uint64_t count, struct error *error)
{
    struct arena *arena = builder->arena;
    uint64_t graph_vertices = builder->query->graph->vertices.vertex_count;
    bool is_backward = builder->query->is_backward;
    if (count > UINT32_MAX / 2) {
        return refuse_crowd(error);
    }
    uint32_t *local_of = room_extend(&builder->local_of, arena, graph_vertices, sizeof *local_of);
    uint64_t vertices = count * 2 < graph_vertices ? count * 2 : graph_vertices;
    uint32_t *vertex_of = room_take(&builder->vertex_of, arena, vertices, sizeof *vertex_of);
    struct local_bundle *kept = room_take(&builder->bundles_kept, arena, count, sizeof *kept);
    if (local_of == NULL || vertex_of == NULL || kept == NULL) {
        return arena_error(arena, what, error);
    }
    builder->vertex_count = 0;
    builder->bundle_count = count;
    for (uint64_t i = 0; i < count; i++) {
        vertex_id from = is_backward ? bundles[i].target : bundles[i].source;
        vertex_id to = is_backward ? bundles[i].source : bundles[i].target;
        kept[i].source = local_vertex(builder, local_of, vertex_of, from);
        kept[i].target = local_vertex(builder, local_of, vertex_of, to);
        kept[i].index = (uint32_t)i;
        if (slab_is_stopped(builder, i)) {
            return STATUS_OK;
        }
    }
    return STATUS_OK;
}

/* Drops bundles whose source nothing enters or whose target nothing leaves, and again as long as it
 * pays: it costs far less than finding components. */
static enum status trim_cheaply(struct slab_builder *builder, struct error *error)
{
    struct local_bundle *kept = builder->bundles_kept.data;
    uint8_t *flags = room_take(&builder->flags, builder->arena, builder->vertex_count, 1);
    if (flags == NULL) {
        return arena_error(builder->arena, what, error);
    }
    for (uint32_t pass = 0; pass < TRIM_PASSES_MAX && !stop_poll(builder->stop); pass++) {
        uint64_t before = builder->bundle_count;
        uint64_t count = 0;
        memset(flags, 0, builder->vertex_count);
        for (uint64_t i = 0; i < before && !slab_is_stopped(builder, i); i++) {
            flags[kept[i].source] |= OUT;
            flags[kept[i].target] |= IN;
        }
        for (uint64_t i = 0; i < before && !slab_is_stopped(builder, i); i++) {
            kept[count] = kept[i];
            count += (flags[kept[i].source] & IN) != 0 && (flags[kept[i].target] & OUT) != 0;
        }
        builder->bundle_count = count;
        if (count * 100 > before * TRIM_KEPT_PERCENT) {
            break;
        }
    }
    return STATUS_OK;
}

/* Targets by source: the bundles as a compact graph. `offset` is one longer than it needs to be,
 * so that it can be its own cursor. */
static void list_targets(const struct slab_builder *builder, uint32_t *offset, uint32_t *targets)
{
    const struct local_bundle *kept = builder->bundles_kept.data;
    memset(offset, 0, ((uint64_t)builder->vertex_count + 2) * sizeof *offset);
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        offset[kept[i].source + 2]++;
    }
    for (uint32_t vertex = 2; vertex < builder->vertex_count + 2; vertex++) {
        offset[vertex] += offset[vertex - 1];
    }
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        targets[offset[kept[i].source + 1]++] = kept[i].target;
    }
}

/* Gives the vertices that are left new numbers, and orders the bundles by source. */
static void renumber(struct slab_builder *builder, uint32_t *number_of)
{
    struct local_bundle *kept = builder->bundles_kept.data;
    uint32_t *vertex_of = builder->vertex_of.data;
    vertex_id *moved = builder->scratch.data;
    uint32_t count = 0;
    memset(number_of, 0xff, (uint64_t)builder->vertex_count * sizeof *number_of);
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        uint32_t *ends[] = {&kept[i].source, &kept[i].target};
        for (uint32_t end = 0; end < 2; end++) {
            if (number_of[*ends[end]] == UINT32_MAX) {
                number_of[*ends[end]] = count;
                moved[count++] = vertex_of[*ends[end]];
            }
            *ends[end] = number_of[*ends[end]];
        }
    }
    memcpy(vertex_of, moved, (uint64_t)count * sizeof *moved);
    builder->vertex_count = count;
}

static enum status trim_components(struct slab_builder *builder, struct error *error)
{
    struct arena *arena = builder->arena;
    uint64_t vertices = builder->vertex_count;
    struct local_bundle *kept = builder->bundles_kept.data;
    uint32_t *offset = room_take(&builder->offset, arena, vertices + 2, sizeof *offset);
    uint32_t *targets = room_take(&builder->targets, arena, builder->bundle_count, sizeof *targets);
    uint32_t *component = room_take(&builder->component, arena, vertices, sizeof *component);
    uint32_t *scratch =
        room_take(&builder->scratch, arena, vertices * COMPONENT_SCRATCH_WORDS, sizeof *scratch);
    if (offset == NULL || targets == NULL || component == NULL || scratch == NULL) {
        return arena_error(arena, what, error);
    }
    list_targets(builder, offset, targets);
    struct compact_graph graph = {builder->vertex_count, offset, targets};
    uint64_t count = 0;
    if (components_find(&graph, component, scratch, builder->stop)) {
        for (uint64_t i = 0; i < builder->bundle_count; i++) {
            kept[count] = kept[i];
            count += component[kept[i].source] == component[kept[i].target];
        }
    }
    builder->bundle_count = count;
    renumber(builder, component);
    return STATUS_OK;
}

/* Numbers links: bundles of one link in several intervals share a number. Bundles are gone through
 * source by source, so that the last link to each target tells whether it is from this source. */
static enum status number_links(struct slab_builder *builder, struct error *error)
{
    struct local_bundle *kept = builder->bundles_kept.data;
    uint64_t vertices = builder->vertex_count;
    uint32_t *offset = builder->offset.data;
    uint32_t *order = builder->targets.data;
    uint32_t *source_of = room_take(&builder->scratch, builder->arena, vertices * 2, 4);
    if (source_of == NULL) {
        return arena_error(builder->arena, what, error);
    }
    uint32_t *link_of = source_of + vertices;
    memset(offset, 0, (vertices + 2) * sizeof *offset);
    memset(source_of, 0xff, vertices * sizeof *source_of);
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        offset[kept[i].source + 2]++;
    }
    for (uint64_t vertex = 2; vertex < vertices + 2; vertex++) {
        offset[vertex] += offset[vertex - 1];
    }
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        order[offset[kept[i].source + 1]++] = (uint32_t)i;
    }
    builder->link_count = 0;
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        struct local_bundle *bundle = &kept[order[i]];
        if (source_of[bundle->target] != bundle->source) {
            source_of[bundle->target] = bundle->source;
            link_of[bundle->target] = builder->link_count++;
        }
        bundle->link = link_of[bundle->target];
    }
    return STATUS_OK;
}

/* From bundles to the flows that pass the filter. */
static enum status unfold(struct slab_builder *builder, const struct bundle *bundles,
                          struct error *error)
{
    const struct local_bundle *kept = builder->bundles_kept.data;
    const struct edge_frame *edges = &builder->query->graph->edges;
    uint64_t *const *bits = builder->query->flow_bits;
    uint64_t most = 0;
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        most += bundles[kept[i].index].count;
    }
    if (most >= RANK_NONE) {
        return refuse_crowd(error);
    }
    TRY(number_links(builder, error));
    struct loose_flow *loose = room_take(&builder->loose, builder->arena, most, sizeof *loose);
    struct radix_pair *pairs = room_take(&builder->pairs, builder->arena, most * 2, sizeof *pairs);
    if (loose == NULL || pairs == NULL) {
        return arena_error(builder->arena, what, error);
    }
    uint32_t count = 0;
    uint32_t met = 0;
    for (uint64_t i = 0; i < builder->bundle_count; i++) {
        const struct bundle *bundle = &bundles[kept[i].index];
        const struct partition *partition = graph_partition_of(edges, bundle->source);
        locality_add(&builder->locality, partition->node != builder->node, bundle->count,
                     bundle->count * sizeof(time_ns));
        for (uint32_t at = bundle->first; at < bundle->first + bundle->count; at++) {
            loose[count] = (struct loose_flow){kept[i].source, kept[i].target, kept[i].link,
                                               edge_id_of(partition->index, at)};
            pairs[count].key =
                (uint64_t)partition->flow_time[at] - (uint64_t)builder->bundles->origin;
            pairs[count].value = count;
            if (bits == NULL || bit_is_set(bits[partition->index], at)) {
                met |= needs_met(builder->query, partition->index, at);
                count++;
            }
        }
        if (slab_is_stopped(builder, i)) {
            break;
        }
    }
    builder->loose_count = count;
    builder->met = (uint8_t)met;
    return STATUS_OK;
}

/* Takes `bytes` from a block, aligned for anything in a slab. */
static void *carve(char **next, uint64_t bytes)
{
    void *block = *next;
    *next += (bytes + 7) / 8 * 8;
    return block;
}

/* One block for all of it, so that one call gives it back. */
static enum status open_slab(struct slab **slab, struct slab_builder *builder, uint32_t index,
                             struct error *error)
{
    uint64_t flows = builder->loose_count;
    uint64_t vertices = builder->vertex_count;
    bool has_needs = builder->query->need_count > 0;
    bool has_firsts = builder->query->first_bits != NULL;
    uint64_t flow_bytes = sizeof(struct slab_flow) + sizeof(edge_id) + 4 + has_needs + has_firsts;
    uint64_t bytes = sizeof **slab + flows * flow_bytes + (uint64_t)builder->link_count * 8 +
                     vertices * 24 + 128;
    char *block = builder->spare;
    if (builder->spare_bytes < bytes) {
        block = arena_allocate(builder->arena, bytes, 1);
        if (block == NULL) {
            return arena_error(builder->arena, what, error);
        }
    } else {
        bytes = builder->spare_bytes;
        builder->spare = NULL;
        builder->spare_bytes = 0;
    }
    char *next = block;
    struct slab *opened = carve(&next, sizeof *opened);
    *opened = (struct slab){.arena = builder->arena,
                            .bytes = bytes,
                            .vertex_count = builder->vertex_count,
                            .link_count = builder->link_count,
                            .flow_count = (uint32_t)flows};
    atomic_init(&opened->holders, 1);
    opened->serial = index;
    opened->edges = carve(&next, flows * sizeof(edge_id));
    opened->flows = carve(&next, flows * sizeof(struct slab_flow));
    opened->meets = has_needs ? carve(&next, flows) : NULL;
    opened->begins = has_firsts ? carve(&next, flows) : NULL;
    opened->vertices = carve(&next, vertices * 4);
    opened->in_offset = carve(&next, (vertices + 1) * 4);
    opened->in_ranks = carve(&next, flows * 4);
    opened->out_offset = carve(&next, (vertices + 1) * 4);
    opened->out_targets = carve(&next, (uint64_t)builder->link_count * 4);
    opened->in_offset_links = carve(&next, (vertices + 1) * 4);
    opened->in_sources = carve(&next, (uint64_t)builder->link_count * 4);
    opened->first_low = carve(&next, vertices * 4);
    opened->first_high = carve(&next, vertices * 4);
    DCHECK((uint64_t)(next - block) <= bytes);
    memcpy(opened->vertices, builder->vertex_of.data, vertices * 4);
    *slab = opened;
    return STATUS_OK;
}
