#include "engine/cycle_anchors.h"

#include "base/radix.h"

static const char what[] = "counting cycles by where they begin";

enum status anchors_open(struct cycle_search *search, struct cycle_counts *counts,
                         struct error *error)
{
    const struct cycle_options *options = search->options;
    TRY(arena_open_brief(&counts->arena, team_topology(options->team), NODE_INTERLEAVED,
                         options->budget, error));
    search->by_anchor = arena_allocate_zeroed(
        counts->arena, search->query->graph->vertices.vertex_count, sizeof *search->by_anchor);
    return search->by_anchor == NULL ? arena_error(counts->arena, what, error) : STATUS_OK;
}

bool anchors_add(struct cycle_searcher *searcher, vertex_id anchor, uint64_t amount)
{
    _Atomic uint64_t *by_anchor = searcher->search->by_anchor;
    if (by_anchor == NULL || amount == 0 ||
        atomic_fetch_add_explicit(&by_anchor[anchor], amount, memory_order_relaxed) != 0) {
        return true;
    }
    vertex_id *anchors = room_extend(&searcher->anchor_room, searcher->arena,
                                     searcher->anchor_count + 1, sizeof *anchors);
    if (anchors == NULL) {
        return false;
    }
    searcher->anchors = anchors;
    anchors[searcher->anchor_count++] = anchor;
    return true;
}

void anchors_subtract(struct cycle_searcher *searcher, vertex_id anchor, uint64_t amount)
{
    _Atomic uint64_t *by_anchor = searcher->search->by_anchor;
    if (by_anchor != NULL) {
        atomic_fetch_sub_explicit(&by_anchor[anchor], amount, memory_order_relaxed);
    }
}

/* The first row of the input of those that leave the vertex. */
static uint64_t first_row(const struct edge_frame *edges, vertex_id vertex)
{
    const struct partition *partition = graph_partition_of(edges, vertex);
    const uint32_t *links = &partition->link_offset[vertex - partition->vertex_base];
    uint64_t first = UINT64_MAX;
    for (uint32_t at = partition->flow_offset[links[0]]; at < partition->flow_offset[links[1]];
         at++) {
        uint64_t row = (uint64_t)column_integer(&partition->row, at);
        first = row < first ? row : first;
    }
    return first;
}

static uint64_t count_at(const struct cycle_search *search, uint64_t vertex)
{
    return atomic_load_explicit(&search->by_anchor[vertex], memory_order_relaxed);
}

/* All workers' vertices by row; more than once those that were counted down to nothing in between.
 * What was counted until a limit is still told; false after an interrupt. */
static bool fill(const struct cycle_search *search, struct radix_pair *pairs, uint64_t *count)
{
    const struct edge_frame *edges = &search->query->graph->edges;
    for (uint32_t i = 0; i < team_worker_count(search->options->team); i++) {
        const struct cycle_searcher *searcher = search->searchers[i];
        for (uint64_t at = 0; at < searcher->anchor_count; at++) {
            vertex_id vertex = searcher->anchors[at];
            if (count_at(search, vertex) > 0) {
                pairs[(*count)++] = (struct radix_pair){first_row(edges, vertex), vertex};
            }
            if (stop_is_interrupted(search->options->stop)) {
                return false;
            }
        }
    }
    return true;
}

enum status anchors_list(const struct cycle_search *search, struct cycle_counts *counts,
                         struct error *error)
{
    uint64_t count = 0;
    if (search->searchers == NULL) {
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < team_worker_count(search->options->team); i++) {
        count += search->searchers[i]->anchor_count;
    }
    struct arena *arena = counts->arena;
    counts->anchors = arena_allocate(arena, count + 1, sizeof *counts->anchors);
    struct radix_pair *pairs = arena_allocate(arena, count + 1, sizeof *pairs);
    struct radix_pair *scratch = arena_allocate(arena, count + 1, sizeof *scratch);
    if (counts->anchors == NULL || pairs == NULL || scratch == NULL) {
        return arena_error(arena, what, error);
    }
    count = 0;
    if (!fill(search, pairs, &count)) {
        return stop_error(search->options->stop, what, error);
    }
    radix_sort(pairs, scratch, count);
    for (uint64_t i = 0; i < count; i++) {
        if (i == 0 || pairs[i].value != pairs[i - 1].value) {
            counts->anchors[counts->anchor_count++] =
                (struct anchor){(vertex_id)pairs[i].value, count_at(search, pairs[i].value)};
        }
    }
    return STATUS_OK;
}
