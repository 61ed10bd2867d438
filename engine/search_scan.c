#include "engine/search_scan.h"

#include "engine/feasible.h"
#include "engine/search_candidate.h"
#include "engine/search_schedule.h"
#include "engine/search_straight.h"
#include "engine/search_structure.h"

static void scan_inner(struct searcher *searcher, uint32_t step);
static const struct partition *link_partition(const struct search *search, uint64_t number);
static void scan_listed(struct searcher *searcher, uint32_t step);
static void scan_straight(struct searcher *searcher, uint32_t step);
static void scan_candidate(struct searcher *searcher, uint32_t step,
                           const struct partition *partition, uint32_t link, uint64_t next);

static struct structure_frame *frame_at(struct searcher *searcher, uint32_t step)
{
    return &searcher->structure[step];
}

static const struct plan_step *step_at(const struct searcher *searcher, uint32_t step)
{
    return &searcher->search->plan->steps[step];
}

void scan_links_run(struct searcher *searcher, uint32_t step)
{
    const struct search *search = searcher->search;
    struct structure_frame *frame = frame_at(searcher, step);
    uint32_t edge = step_at(searcher, step)->edge;
    uint64_t *const *filter = search->filters->edges[edge].bits;
    feasible_save(searcher, frame);
    if (frame->is_listed) {
        scan_listed(searcher, step);
        return;
    }
    if (filter == NULL && (searcher->orientation->inner_edges >> edge & 1) != 0) {
        scan_inner(searcher, step);
        return;
    }
    if (search->is_straight) {
        scan_straight(searcher, step);
        return;
    }
    while (search_goes_on(searcher) && frame->next < frame->end) {
        const struct partition *partition = link_partition(search, frame->next);
        uint64_t base = search->link_base[partition->index];
        uint32_t link = (uint32_t)(frame->next - base);
        if (filter != NULL) {
            uint64_t end = frame->end - base;
            end = end < partition->link_count ? end : partition->link_count;
            link = scan_next_link(partition, filter[partition->index], link, (uint32_t)end);
            if (link == end) {
                frame->next = base + link;
                continue;
            }
        }
        scan_candidate(searcher, step, partition, link, base + link + 1);
    }
}

/* The partition that holds candidate `number` of all links. */
static const struct partition *link_partition(const struct search *search, uint64_t number)
{
    uint32_t first = 0;
    uint32_t last = search->edges->partition_count;
    while (first + 1 < last) {
        uint32_t middle = first + (last - first) / 2;
        if (search->link_base[middle] <= number) {
            first = middle;
        } else {
            last = middle;
        }
    }
    return &search->edges->partitions[first];
}

uint32_t scan_next_link(const struct partition *partition, const uint64_t *bits, uint32_t link,
                        uint32_t end)
{
    const uint32_t *offset = partition->flow_offset;
    uint32_t position = feasible_next_bit(bits, offset[link], offset[end]);
    if (position == offset[end]) {
        return end;
    }
    uint32_t stride = 1;
    uint32_t high = link + 1;
    while (offset[high] <= position) {
        link = high;
        high = end - high > stride ? high + stride : end;
        stride *= 2;
    }
    while (link + 1 < high) {
        uint32_t middle = link + (high - link) / 2;
        if (offset[middle] <= position) {
            link = middle;
        } else {
            high = middle;
        }
    }
    return link;
}

static vertex_id scan_source(struct structure_frame *frame, const struct partition *partition,
                             uint32_t link)
{
    vertex_id base = partition->vertex_base;
    bool is_near = frame->scanned >= base && frame->scanned < base + partition->vertex_count &&
                   partition->link_offset[frame->scanned - base] <= link;
    if (!is_near) {
        frame->scanned = partition_link_source(partition, link);
    }
    while (partition->link_offset[frame->scanned - base + 1] <= link) {
        frame->scanned++;
    }
    return frame->scanned;
}

/* Binds the ends of a scanned link; false when they do not pass. */
static bool scan_ends(struct searcher *searcher, uint32_t step, uint32_t edge,
                      const struct partition *partition, uint32_t link)
{
    const struct bound_edge *bound = &searcher->orientation->edges[edge];
    vertex_id source = scan_source(frame_at(searcher, step), partition, link);
    vertex_id target = partition->link_target[link];
    if (bound->source == bound->target && source != target) {
        return false;
    }
    searcher->vertices[bound->source] = source;
    searcher->vertices[bound->target] = target;
    return candidate_vertex_passes(searcher, bound->source) &&
           candidate_vertex_passes(searcher, bound->target) &&
           candidate_vertices_differ(searcher, step);
}

/* One link of a scan: binds the edge and its ends. */
static bool scan_link(struct searcher *searcher, uint32_t step, uint32_t edge,
                      const struct partition *partition, uint32_t link)
{
    searcher->partitions[edge] = partition;
    searcher->links[edge] = link;
    return scan_ends(searcher, step, edge, partition, link) && candidate_bind(searcher, edge) &&
           candidate_passes(searcher, step);
}

/* One candidate of a scan, and everything below it; `next` is where the scan goes on. */
static void scan_candidate(struct searcher *searcher, uint32_t step,
                           const struct partition *partition, uint32_t link, uint64_t next)
{
    struct structure_frame *frame = frame_at(searcher, step);
    uint32_t bound_edges = searcher->bound_edges;
    frame->next = next;
    searcher->counters.plan.steps[step].visited++;
    if (scan_link(searcher, step, step_at(searcher, step)->edge, partition, link)) {
        searcher->counters.plan.steps[step].produced++;
        structure_descend(searcher, step);
    }
    searcher->bound_edges = bound_edges;
    feasible_restore(searcher, frame);
}

/* Links whose flows are matches: those of many flows as any, which can be split. */
static void scan_straight(struct searcher *searcher, uint32_t step)
{
    const struct search *search = searcher->search;
    struct structure_frame *frame = frame_at(searcher, step);
    struct plan_step *counters = &searcher->counters.plan.steps[step];
    uint32_t edge = step_at(searcher, step)->edge;
    uint64_t *const *filter = search->filters->edges[edge].bits;
    const struct partition *partition = NULL;
    uint64_t base = 0;
    while (search_goes_on(searcher) && frame->next < frame->end) {
        if (partition == NULL || frame->next >= base + partition->link_count) {
            partition = link_partition(search, frame->next);
            base = search->link_base[partition->index];
        }
        uint32_t link = (uint32_t)(frame->next - base);
        if (filter != NULL) {
            uint64_t end = frame->end - base;
            end = end < partition->link_count ? end : partition->link_count;
            link = scan_next_link(partition, filter[partition->index], link, (uint32_t)end);
            frame->next = base + link;
            if (link == end) {
                continue;
            }
        }
        if (partition->flow_offset[link + 1] - partition->flow_offset[link] > SEARCH_BLOCK) {
            scan_candidate(searcher, step, partition, link, base + link + 1);
            continue;
        }
        frame->next++;
        counters->visited++;
        if (scan_ends(searcher, step, edge, partition, link)) {
            counters->produced++;
            straight_take(searcher, edge, partition, link);
        }
    }
}

/* The links that the order of time has listed. */
static void scan_listed(struct searcher *searcher, uint32_t step)
{
    const struct search *search = searcher->search;
    struct structure_frame *frame = frame_at(searcher, step);
    while (search_goes_on(searcher) && frame->next < frame->end) {
        uint64_t index = frame->next;
        uint64_t number = frame->listed[index];
        const struct partition *partition = link_partition(search, number);
        scan_candidate(searcher, step, partition,
                       (uint32_t)(number - search->link_base[partition->index]), index + 1);
    }
}

/* The first inner link from `link` on of the partition, as an index of the leaving links. */
static uint32_t find_inner(const struct inner *inner, const struct partition *partition,
                           uint32_t link)
{
    vertex_id source = partition_link_source(partition, link);
    uint32_t rank = inner_rank(inner, source);
    uint32_t at = inner->leaving.offset[rank];
    uint32_t end = inner->leaving.offset[rank + bit_is_set(inner->bits, source)];
    while (at < end && inner->leaving.links[at].link < link) {
        at++;
    }
    return at;
}

/* Where the inner links of the partition, which has vertices, end. */
static uint32_t inner_end(const struct inner *inner, const struct partition *partition)
{
    vertex_id last = partition->vertex_base + partition->vertex_count - 1;
    return inner->leaving.offset[inner_rank(inner, last) + bit_is_set(inner->bits, last)];
}

/* Links of a pattern edge between inner vertices: the others are passed over unseen. */
static void scan_inner(struct searcher *searcher, uint32_t step)
{
    const struct search *search = searcher->search;
    const struct inner *inner = searcher->inner;
    struct structure_frame *frame = frame_at(searcher, step);
    const struct partition *partition = NULL;
    uint64_t base = 0;
    uint32_t at = 0;
    uint32_t end = 0;
    while (search_goes_on(searcher) && frame->next < frame->end) {
        if (partition == NULL || frame->next >= base + partition->link_count) {
            partition = link_partition(search, frame->next);
            base = search->link_base[partition->index];
            at = find_inner(inner, partition, (uint32_t)(frame->next - base));
            end = inner_end(inner, partition);
        }
        uint64_t link = at < end ? inner->leaving.links[at].link : partition->link_count;
        if (at == end || base + link >= frame->end) {
            frame->next = base + link < frame->end ? base + link : frame->end;
            continue;
        }
        at++;
        uint64_t next = search->link_base[partition->index] + link + 1;
        scan_candidate(searcher, step, partition, (uint32_t)link, next);
    }
}
