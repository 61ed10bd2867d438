#include "engine/search_reads.h"

/* Of a list: where it begins and ends. */
enum { LIST_BYTES = 2 * sizeof(uint32_t) };

static void count_extend(struct searcher *searcher, uint32_t step, uint64_t walked);
static void count_close(struct searcher *searcher, uint32_t step, const struct neighbours *before);

static const struct plan_step *step_at(const struct searcher *searcher, uint32_t step)
{
    return &searcher->search->plan->steps[step];
}

void reads_begin(const struct searcher *searcher, uint32_t step, struct reads_before *before)
{
    const struct structure_frame *frame = &searcher->structure[step];
    before->next = frame->next;
    if (step_at(searcher, step)->kind == STEP_CLOSE) {
        before->neighbours = frame->neighbours[step_at(searcher, step)->edge];
    }
}

void reads_end(struct searcher *searcher, uint32_t step, const struct reads_before *before)
{
    switch (step_at(searcher, step)->kind) {
    case STEP_SCAN_LINKS:
    case STEP_SCAN_VERTICES:
    case STEP_SEEK_VERTEX:
        break;
    case STEP_EXTEND:
        count_extend(searcher, step, searcher->structure[step].next - before->next);
        break;
    case STEP_CLOSE:
        count_close(searcher, step, &before->neighbours);
        break;
    }
}

static uint64_t entry_bytes(const struct neighbours *neighbours)
{
    return neighbours->is_out ? sizeof(vertex_id) : sizeof(struct reverse_link);
}

/* Entries that a galloping search looks at when it ends `distance` entries from where it began. */
static uint64_t probes(uint32_t distance)
{
    return 2 * (uint64_t)(63 - __builtin_clzll((uint64_t)distance + 1)) + 1;
}

/* One list was walked, and each of the others searched about as often. */
static void count_extend(struct searcher *searcher, uint32_t step, uint64_t walked)
{
    const struct structure_frame *frame = &searcher->structure[step];
    const struct plan_step *plan_step = step_at(searcher, step);
    for (uint32_t i = 0; i < plan_step->edge_count; i++) {
        uint32_t edge = plan_step->edges[i];
        const struct neighbours *neighbours = &frame->neighbours[edge];
        uint64_t entries = walked;
        if (edge != frame->walked && walked > 0) {
            uint32_t length = neighbours->end - neighbours->begin;
            entries = walked * probes(walked < length ? length / (uint32_t)walked : 0);
        }
        search_touch(searcher, neighbours->partition, 0,
                     LIST_BYTES + entries * entry_bytes(neighbours));
    }
}

/* One search, onward in the list of the time before or in another one. */
static void count_close(struct searcher *searcher, uint32_t step, const struct neighbours *before)
{
    const struct neighbours *after =
        &searcher->structure[step].neighbours[step_at(searcher, step)->edge];
    bool is_same = before->partition == after->partition && before->vertex == after->vertex &&
                   before->is_out == after->is_out;
    bool is_onward = is_same && before->cursor <= after->cursor;
    uint32_t begin = is_onward ? before->cursor : after->begin;
    search_touch(searcher, after->partition, 0,
                 (is_same ? 0 : LIST_BYTES) + probes(after->cursor - begin) * entry_bytes(after));
}
