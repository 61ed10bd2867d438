#include "engine/search_reads.h"

#include "engine/search_candidate.h"

/* Of a list: where it begins and ends; of an inner one also the rank. */
enum {
    LIST_BYTES = 2 * sizeof(uint32_t),
    INNER_LIST_BYTES = LIST_BYTES + sizeof(uint64_t) + sizeof(uint32_t),
};

static void count_scan(struct searcher *searcher, uint32_t step, const struct reads_before *before);
static void count_extend(struct searcher *searcher, uint32_t step,
                         const struct reads_before *before);
static void count_close(struct searcher *searcher, uint32_t step, const struct neighbours *before);

static const struct plan_step *step_at(const struct searcher *searcher, uint32_t step)
{
    return &searcher->search->plan->steps[step];
}

void reads_begin(const struct searcher *searcher, uint32_t step, struct reads_before *before)
{
    const struct structure_frame *frame = &searcher->structure[step];
    before->next = frame->next;
    before->visited = searcher->counters.plan.steps[step].visited;
    if (step_at(searcher, step)->kind == STEP_CLOSE) {
        before->neighbours = frame->neighbours[step_at(searcher, step)->edge];
    }
}

void reads_end(struct searcher *searcher, uint32_t step, const struct reads_before *before)
{
    switch (step_at(searcher, step)->kind) {
    case STEP_SCAN_LINKS:
        count_scan(searcher, step, before);
        break;
    case STEP_SCAN_VERTICES:
    case STEP_SEEK_VERTEX:
        break;
    case STEP_EXTEND:
        count_extend(searcher, step, before);
        break;
    case STEP_CLOSE:
        count_close(searcher, step, &before->neighbours);
        break;
    }
}

static void touch(struct searcher *searcher, const struct neighbours *neighbours, uint64_t lists,
                  uint64_t entries)
{
    uint64_t list_bytes = neighbours->partition == NULL ? INNER_LIST_BYTES : LIST_BYTES;
    locality_add(&searcher->counters.locality, neighbours->node != searcher->node, 0,
                 lists * list_bytes + entries * neighbours->entry_words * sizeof(uint32_t));
}

/* Entries that a galloping search looks at when it ends `distance` entries from where it began. */
static uint64_t probes(uint32_t distance)
{
    return 2 * (uint64_t)(63 - __builtin_clzll((uint64_t)distance + 1)) + 1;
}

/* The links that a scan looked at, of one partition or of several. */
static void count_scan(struct searcher *searcher, uint32_t step, const struct reads_before *before)
{
    const struct search *search = searcher->search;
    uint64_t next = searcher->structure[step].next;
    uint64_t seen = searcher->counters.plan.steps[step].visited - before->visited;
    uint32_t edge = step_at(searcher, step)->edge;
    if (search->filters->edges[edge].bits == NULL &&
        (searcher->orientation->inner_edges >> edge & 1) != 0) {
        locality_add(&searcher->counters.locality, searcher->inner->node != searcher->node, 0,
                     seen * sizeof(struct inner_link));
        return;
    }
    for (uint32_t p = 0; p < search->edges->partition_count; p++) {
        uint64_t begin = search->link_base[p];
        uint64_t end = search->link_base[p + 1];
        begin = begin > before->next ? begin : before->next;
        end = end < next ? end : next;
        if (begin < end) {
            uint64_t share = seen * (end - begin) / (next - before->next);
            search_touch(searcher, &search->edges->partitions[p], 0, share * sizeof(vertex_id));
        }
    }
}

/* How many of the candidates from `next` on were searched for in the other lists. */
static uint64_t count_searched(struct searcher *searcher, uint32_t step, uint64_t next)
{
    const struct structure_frame *frame = &searcher->structure[step];
    uint32_t vertex = step_at(searcher, step)->vertex;
    uint64_t searched = 0;
    for (; next < frame->next; next++) {
        uint32_t index = frame->is_listed ? frame->listed[next] : (uint32_t)next;
        searcher->vertices[vertex] = neighbour_at(&frame->neighbours[frame->walked], index);
        searched +=
            candidate_vertex_passes(searcher, vertex) && candidate_vertices_differ(searcher, step);
    }
    return searched;
}

/* One list was walked, and the others searched, dividing them evenly. */
static void count_extend(struct searcher *searcher, uint32_t step,
                         const struct reads_before *before)
{
    const struct structure_frame *frame = &searcher->structure[step];
    const struct plan_step *plan_step = step_at(searcher, step);
    uint64_t searched =
        plan_step->edge_count > 1 ? count_searched(searcher, step, before->next) : 0;
    for (uint32_t i = 0; i < plan_step->edge_count; i++) {
        uint32_t edge = plan_step->edges[i];
        const struct neighbours *neighbours = &frame->neighbours[edge];
        uint64_t entries = frame->next - before->next;
        if (edge != frame->walked && searched > 0) {
            entries = searched * probes((neighbours->end - neighbours->begin) / (uint32_t)searched);
        } else if (edge != frame->walked) {
            entries = 0;
        }
        touch(searcher, neighbours, 1, entries);
    }
}

/* One search, onward in the list of the time before or in another one. */
static void count_close(struct searcher *searcher, uint32_t step, const struct neighbours *before)
{
    const struct neighbours *after =
        &searcher->structure[step].neighbours[step_at(searcher, step)->edge];
    bool is_same = before->entries == after->entries && before->vertex == after->vertex &&
                   before->is_out == after->is_out;
    bool is_onward = is_same && before->cursor <= after->cursor;
    uint32_t begin = is_onward ? before->cursor : after->begin;
    touch(searcher, after, !is_same, probes(after->cursor - begin));
}
