#include "engine/search_flows.h"

#include <string.h>

#include "base/check.h"
#include "engine/counted_flows.h"
#include "engine/feasible.h"
#include "engine/search_emit.h"
#include "engine/search_once.h"
#include "engine/search_schedule.h"
#include "engine/search_structure.h"
#include "engine/window.h"

/* Times that finding the two ends of a window looks at, about: they are near where the search
 * begins, since windows of ascending flows ascend. */
enum { WINDOW_PROBES = 4 };

/* As long as finding and counting a range takes about as many flows can be looked at. */
enum { FLOWS_PER_COUNTED = 4 };

static void run_level(struct searcher *searcher, uint32_t level);

static uint32_t edge_count(const struct searcher *searcher)
{
    return searcher->search->query->edge_count;
}

void flows_run(struct searcher *searcher)
{
    searcher->has_lane = false;
    if (edge_count(searcher) == 0) {
        emit_flows(searcher, 0, NULL, 1);
        return;
    }
    if (!flows_order(searcher)) {
        return;
    }
    searcher->flow_first = 0;
    once_begin(searcher);
    flows_enter(searcher, 0);
    run_level(searcher, 0);
    searcher->flow_active = 0;
}

void flows_run_task(struct searcher *searcher, const struct task *task)
{
    searcher->has_lane = false;
    structure_restore(searcher, task, searcher->search->laid_step_count);
    bool is_feasible = flows_order(searcher);
    CHECK(is_feasible);
    memcpy(searcher->order, task->order, sizeof searcher->order);
    for (uint32_t level = 0; level < task->level; level++) {
        uint32_t edge = searcher->order[level];
        flows_enter(searcher, level);
        searcher->positions[edge] = task->positions[edge];
        searcher->edge_ids[edge] =
            edge_id_of(searcher->partitions[edge]->index, task->positions[edge]);
    }
    flows_enter(searcher, task->level);
    struct flow_frame *frame = &searcher->flows[task->level];
    frame->next = (uint32_t)task->begin;
    frame->end = (uint32_t)task->end;
    searcher->structure_first = 0;
    searcher->structure_active = 0;
    searcher->flow_first = task->level;
    once_begin(searcher);
    run_level(searcher, task->level);
    searcher->flow_active = 0;
}

static uint32_t feasible_flows(const struct searcher *searcher, uint32_t level)
{
    const struct feasible *feasible = &searcher->feasible[searcher->order[level]];
    return feasible->last - feasible->first;
}

/* The last level's flows are counted for each choice of the others, or each is looked at: an edge
 * that can be counted comes last, unless another has far more flows. */
static void put_countable_last(struct searcher *searcher, uint32_t level_count)
{
    uint32_t countable = searcher->search->countable_edges;
    uint32_t last = level_count - 1;
    uint64_t least = feasible_flows(searcher, last) / FLOWS_PER_COUNTED;
    uint32_t level = last;
    while (level > 0 && (countable >> searcher->order[level] & 1) == 0) {
        level--;
    }
    uint8_t edge = searcher->order[level];
    if (level == last || (countable >> edge & 1) == 0 || feasible_flows(searcher, level) < least) {
        return;
    }
    memmove(searcher->order + level, searcher->order + level + 1, last - level);
    searcher->order[last] = edge;
}

bool flows_order(struct searcher *searcher)
{
    uint32_t counted_edge = searcher->search->counted_edge;
    uint32_t laid = 0;
    for (uint32_t edge = 0; edge < edge_count(searcher); edge++) {
        struct feasible *feasible = &searcher->feasible[edge];
        if (edge == counted_edge) {
            continue;
        }
        if (searcher->search->has_windows) {
            const time_ns *times = searcher->partitions[edge]->flow_time;
            feasible->first =
                window_begin(times, feasible->first, feasible->last, feasible->earliest);
            feasible->last = window_end(times, feasible->first, feasible->last, feasible->latest);
        }
        uint32_t flows = feasible->last - feasible->first;
        if (flows == 0) {
            return false;
        }
        uint32_t at = laid++;
        while (at > 0) {
            const struct feasible *before = &searcher->feasible[searcher->order[at - 1]];
            if (before->last - before->first <= flows) {
                break;
            }
            searcher->order[at] = searcher->order[at - 1];
            at--;
        }
        searcher->order[at] = (uint8_t)edge;
    }
    if (counted_edge != UINT32_MAX) {
        searcher->order[laid] = (uint8_t)counted_edge;
    } else {
        put_countable_last(searcher, laid);
    }
    return true;
}

/* The flows of `edge` that the windows allow beside the flows chosen so far. */
static void set_range(struct searcher *searcher, struct flow_frame *frame, uint32_t edge)
{
    const struct feasible *feasible = &searcher->feasible[edge];
    frame->next = feasible->first;
    frame->end = feasible->last;
    if (!searcher->search->has_windows || frame->chosen_edges == 0) {
        return;
    }
    time_ns earliest = feasible->earliest;
    time_ns latest = feasible->latest;
    if (!feasible_window(searcher, edge, frame->chosen_edges, &earliest, &latest)) {
        frame->end = frame->next;
        return;
    }
    const time_ns *times = searcher->partitions[edge]->flow_time;
    search_touch(searcher, searcher->partitions[edge], 0, WINDOW_PROBES * sizeof(time_ns));
    uint32_t from = frame->hint;
    if (from > feasible->first && times[from - 1] >= earliest) {
        from = feasible->first;
    }
    frame->next = window_begin(times, from, feasible->last, earliest);
    frame->end = window_end(times, frame->next, feasible->last, latest);
    frame->hint = frame->next;
}

void flows_enter(struct searcher *searcher, uint32_t level)
{
    struct flow_frame *frame = &searcher->flows[level];
    uint32_t edge = searcher->order[level];
    frame->chosen_edges = 0;
    if (level > 0) {
        frame->chosen_edges =
            searcher->flows[level - 1].chosen_edges | 1u << searcher->order[level - 1];
    }
    frame->counted_begin = 0;
    frame->counted_end = 0;
    frame->block_next = 0;
    frame->block_count = 0;
    if (edge == searcher->search->counted_edge) {
        frame->next = frame->end = 0;
        counted_flows_enter(searcher);
        return;
    }
    frame->hint = searcher->feasible[edge].first;
    set_range(searcher, frame, edge);
}

/* The chosen flow of the level above has changed, nothing else: times there ascend, and so do the
 * ranges here. */
static void advance_level(struct searcher *searcher, uint32_t level)
{
    struct flow_frame *frame = &searcher->flows[level];
    frame->block_next = 0;
    frame->block_count = 0;
    if (searcher->order[level] != searcher->search->counted_edge) {
        set_range(searcher, frame, searcher->order[level]);
    }
}

/* Chosen edges of the same MATCH that lie on the same link as `edge`, and so could take its flows.
 */
static uint32_t rivals(const struct searcher *searcher, uint32_t edge, uint32_t chosen_edges)
{
    const struct bound_edge *edges = searcher->search->query->edges;
    uint32_t mask = 0;
    for (uint32_t rest = chosen_edges; rest != 0; rest &= rest - 1) {
        uint32_t chosen = (uint32_t)__builtin_ctz(rest);
        if (searcher->links[chosen] == searcher->links[edge] &&
            searcher->partitions[chosen] == searcher->partitions[edge] &&
            edges[chosen].clause == edges[edge].clause) {
            mask |= 1u << chosen;
        }
    }
    return mask;
}

/* Whether one of the rivals has taken the flow. */
static bool is_taken(const struct searcher *searcher, uint32_t position, uint32_t rival_edges)
{
    for (uint32_t rest = rival_edges; rest != 0; rest &= rest - 1) {
        if (searcher->positions[__builtin_ctz(rest)] == position) {
            return true;
        }
    }
    return false;
}

static const uint64_t *edge_bits(const struct searcher *searcher, uint32_t edge)
{
    uint64_t *const *bits = searcher->search->filters->edges[edge].bits;
    return bits == NULL ? NULL : bits[searcher->partitions[edge]->index];
}

/* Takes the next candidates of the range into the block: flows that pass the edge's filter and are
 * not taken. */
static void collect_block(struct searcher *searcher, struct flow_frame *frame, uint32_t edge)
{
    const uint64_t *bits = edge_bits(searcher, edge);
    uint32_t rival_edges = rivals(searcher, edge, frame->chosen_edges);
    uint32_t count = 0;
    uint32_t position = frame->next;
    uint32_t end = frame->end;
    for (; position < end && count < SEARCH_BLOCK; position++) {
        if (bits != NULL && !bit_is_set(bits, position)) {
            position = feasible_next_bit(bits, position, end);
            if (position == end) {
                break;
            }
        }
        if (rival_edges == 0 || !is_taken(searcher, position, rival_edges)) {
            frame->positions[count++] = position;
        }
    }
    frame->next = position;
    frame->block_next = 0;
    frame->block_count = count;
    searcher->counters.flows_visited += count;
    search_touch(searcher, searcher->partitions[edge], count, count * sizeof(time_ns));
    searcher->counters.plan.flow_visited[edge] += count;
}

/* Keeps the candidates for which `predicate` is true. */
static void select_block(struct searcher *searcher, struct flow_frame *frame, uint32_t edge,
                         const struct search_predicate *predicate)
{
    uint32_t partition = searcher->partitions[edge]->index;
    search_touch(searcher, searcher->partitions[edge], 0, frame->block_count * sizeof(union lane));
    for (uint32_t i = 0; i < frame->block_count; i++) {
        searcher->block_edges[i] = edge_id_of(partition, frame->positions[i]);
    }
    searcher->inputs.edges[edge] = searcher->block_edges;
    searcher->inputs.edge_stride[edge] = 1;
    uint32_t count = 0;
    if (program_select(predicate->program, searcher->registers, &searcher->inputs,
                       frame->block_count, searcher->selected, &count,
                       &searcher->error) != STATUS_OK) {
        stop_request(searcher->search->stop, STOP_FAILED);
        count = 0;
    }
    searcher->inputs.edges[edge] = &searcher->edge_ids[edge];
    searcher->inputs.edge_stride[edge] = 0;
    for (uint32_t i = 0; i < count; i++) {
        frame->positions[i] = frame->positions[searcher->selected[i]];
    }
    frame->block_count = count;
}

/* Whether a conjunct is decided by choosing `edge` after `chosen_edges`. */
static bool is_due(const struct search_predicate *predicate, uint32_t edge, uint32_t chosen_edges)
{
    uint32_t known = chosen_edges | 1u << edge;
    return (predicate->edge_mask >> edge & 1) != 0 && (predicate->edge_mask & ~known) == 0;
}

/* Fills the block with candidates that pass everything that can be decided; false when the range is
 * used up. */
static bool fill_block(struct searcher *searcher, uint32_t level)
{
    const struct search *search = searcher->search;
    struct flow_frame *frame = &searcher->flows[level];
    uint32_t edge = searcher->order[level];
    while (frame->next < frame->end) {
        if (stop_is_requested(search->stop)) {
            return false;
        }
        collect_block(searcher, frame, edge);
        for (uint32_t i = 0; i < search->residual_count && frame->block_count > 0; i++) {
            if (is_due(&search->residual[i], edge, frame->chosen_edges)) {
                select_block(searcher, frame, edge, &search->residual[i]);
            }
        }
        searcher->counters.plan.flow_produced[edge] += frame->block_count;
        if (frame->block_count > 0) {
            return true;
        }
        search_poll(searcher);
    }
    return false;
}

/* The flows of the frame's range that pass. Ranges move up as the level above goes on, so that only
 * what came in and what went out since the last one is counted. */
static uint64_t count_passing(struct flow_frame *frame, const uint64_t *bits)
{
    if (bits == NULL) {
        return frame->end - frame->next;
    }
    bool is_near = frame->next >= frame->counted_begin && frame->next < frame->counted_end &&
                   frame->end >= frame->counted_end;
    if (is_near) {
        frame->counted -= feasible_count_bits(bits, frame->counted_begin, frame->next);
        frame->counted += feasible_count_bits(bits, frame->counted_end, frame->end);
    } else {
        frame->counted = feasible_count_bits(bits, frame->next, frame->end);
    }
    frame->counted_begin = frame->next;
    frame->counted_end = frame->end;
    return frame->counted;
}

/* How many different flows of the range the rivals have taken. */
static uint64_t count_taken(const struct searcher *searcher, const struct flow_frame *frame,
                            const uint64_t *bits, uint32_t rival_edges)
{
    uint64_t count = 0;
    for (uint32_t rest = rival_edges; rest != 0; rest &= rest - 1) {
        uint32_t position = searcher->positions[__builtin_ctz(rest)];
        bool is_counted = is_taken(searcher, position, rest & (rest - 1));
        if (position >= frame->next && position < frame->end && !is_counted &&
            (bits == NULL || bit_is_set(bits, position))) {
            count++;
        }
    }
    return count;
}

static void take_count(struct searcher *searcher, uint32_t edge, uint64_t count)
{
    if (count > 0) {
        emit_weight(searcher, count);
    }
    searcher->counters.plan.flow_produced[edge] += count;
}

/* The last level's range is counted, not walked. */
static void count_range(struct searcher *searcher, uint32_t level)
{
    struct flow_frame *frame = &searcher->flows[level];
    uint32_t edge = searcher->order[level];
    if (edge == searcher->search->counted_edge) {
        take_count(searcher, edge, counted_flows_count(searcher, frame->chosen_edges));
    } else if (frame->next < frame->end) {
        const uint64_t *bits = edge_bits(searcher, edge);
        uint32_t rival_edges = rivals(searcher, edge, frame->chosen_edges);
        uint64_t count = count_passing(frame, bits);
        count -= count_taken(searcher, frame, bits, rival_edges);
        take_count(searcher, edge, count);
    }
}

static void run_level(struct searcher *searcher, uint32_t level)
{
    struct flow_frame *frame = &searcher->flows[level];
    uint32_t edge = searcher->order[level];
    bool is_last = level + 1 == edge_count(searcher);
    searcher->flow_active = level + 1;
    if (is_last && (searcher->search->countable_edges >> edge & 1) != 0) {
        count_range(searcher, level);
        return;
    }
    while (fill_block(searcher, level)) {
        if (is_last) {
            emit_flows(searcher, edge, frame->positions, frame->block_count);
            frame->block_next = frame->block_count;
            search_poll(searcher);
            if (once_is_enough(searcher, level)) {
                return;
            }
            continue;
        }
        bool is_entered = false;
        while (frame->block_next < frame->block_count) {
            uint32_t position = frame->positions[frame->block_next++];
            searcher->positions[edge] = position;
            searcher->edge_ids[edge] = edge_id_of(searcher->partitions[edge]->index, position);
            if (is_entered) {
                advance_level(searcher, level + 1);
            } else {
                flows_enter(searcher, level + 1);
                is_entered = true;
            }
            run_level(searcher, level + 1);
            searcher->flow_active = level + 1;
            search_poll(searcher);
            if (once_is_enough(searcher, level) || stop_is_requested(searcher->search->stop)) {
                return;
            }
        }
    }
}
