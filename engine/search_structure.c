#include "engine/search_structure.h"

#include "base/check.h"
#include "engine/feasible.h"
#include "engine/search_candidate.h"
#include "engine/search_flows.h"
#include "engine/search_once.h"
#include "engine/search_reads.h"
#include "engine/search_scan.h"
#include "engine/search_schedule.h"
#include "engine/timed_links.h"

static void run_vertices(struct searcher *searcher, uint32_t step);
static void run_extend(struct searcher *searcher, uint32_t step);
static void run_close(struct searcher *searcher, uint32_t step);

static struct structure_frame *frame_at(struct searcher *searcher, uint32_t step)
{
    return &searcher->structure[step];
}

static const struct plan_step *step_at(const struct searcher *searcher, uint32_t step)
{
    return &searcher->search->plan->steps[step];
}

void structure_run(struct searcher *searcher, uint32_t step)
{
    if (step == searcher->search->laid_step_count) {
        flows_run(searcher);
        return;
    }
    searcher->structure_active = step + 1;
    struct reads_before before;
    if (searcher->counts_reads) {
        reads_begin(searcher, step, &before);
    }
    switch (step_at(searcher, step)->kind) {
    case STEP_SCAN_LINKS:
        scan_links_run(searcher, step);
        break;
    case STEP_SCAN_VERTICES:
    case STEP_SEEK_VERTEX:
        run_vertices(searcher, step);
        break;
    case STEP_EXTEND:
        run_extend(searcher, step);
        break;
    case STEP_CLOSE:
        run_close(searcher, step);
        break;
    }
    if (searcher->counts_reads) {
        reads_end(searcher, step, &before);
    }
    searcher->structure_active = step;
}

static void edge_set_link(struct searcher *searcher, uint32_t edge,
                          const struct neighbours *neighbours, uint32_t index)
{
    searcher->links[edge] =
        neighbours_link(neighbours, searcher->search->edges, index, &searcher->partitions[edge]);
}

static void enter_scan_links(struct searcher *searcher, uint32_t step)
{
    const struct search *search = searcher->search;
    struct structure_frame *frame = frame_at(searcher, step);
    frame->scanned = VERTEX_NONE;
    frame->is_listed = step_at(searcher, step)->by_time && timed_links_enter(searcher, step);
    frame->next = 0;
    frame->end =
        frame->is_listed ? frame->listed_count : search->link_base[search->edges->partition_count];
}

static void enter_vertices(struct searcher *searcher, struct structure_frame *frame,
                           const struct plan_step *step)
{
    vertex_id seek = searcher->search->seek[step->vertex];
    bool is_seek = step->kind == STEP_SEEK_VERTEX;
    frame->next = is_seek ? seek : 0;
    frame->end = is_seek ? (uint64_t)seek + 1 : searcher->search->vertices->vertex_count;
}

/* The neighbours of a bound end of `edge`, only the inner ones where the pattern wants no others.
 * Steps by time number the links as the partition does. */
static void set_list(struct searcher *searcher, uint32_t step, uint32_t edge, bool is_out,
                     struct neighbours *neighbours)
{
    const struct search *search = searcher->search;
    const struct bound_edge *bound = &searcher->orientation->edges[edge];
    vertex_id vertex = searcher->vertices[is_out ? bound->source : bound->target];
    if ((searcher->orientation->inner_edges >> edge & 1) != 0 &&
        !step_at(searcher, step)->by_time) {
        neighbours_set_inner(neighbours, searcher->inner, vertex, is_out);
    } else {
        neighbours_set(neighbours, search->edges, vertex, is_out);
    }
}

/* Sets the neighbours of all bound ends, and walks the fewest. */
static void set_neighbours(struct searcher *searcher, uint32_t step)
{
    struct structure_frame *frame = frame_at(searcher, step);
    const struct plan_step *plan_step = step_at(searcher, step);
    frame->walked = plan_step->edges[0];
    for (uint32_t i = 0; i < plan_step->edge_count; i++) {
        uint32_t edge = plan_step->edges[i];
        const struct bound_edge *bound = &searcher->orientation->edges[edge];
        struct neighbours *neighbours = &frame->neighbours[edge];
        set_list(searcher, step, edge, bound->source != plan_step->vertex, neighbours);
        const struct neighbours *least = &frame->neighbours[frame->walked];
        if (neighbours->end - neighbours->begin < least->end - least->begin) {
            frame->walked = edge;
        }
    }
}

static void enter_extend(struct searcher *searcher, uint32_t step)
{
    struct structure_frame *frame = frame_at(searcher, step);
    set_neighbours(searcher, step);
    frame->next = frame->neighbours[frame->walked].begin;
    frame->end = frame->neighbours[frame->walked].end;
    frame->is_listed = step_at(searcher, step)->by_time && timed_links_enter(searcher, step);
    if (frame->is_listed) {
        frame->next = 0;
        frame->end = frame->listed_count;
    }
}

/* The step's frame gets all candidates. */
static void enter_step(struct searcher *searcher, uint32_t step)
{
    struct structure_frame *frame = frame_at(searcher, step);
    const struct plan_step *plan_step = step_at(searcher, step);
    switch (plan_step->kind) {
    case STEP_SCAN_LINKS:
        enter_scan_links(searcher, step);
        break;
    case STEP_SCAN_VERTICES:
    case STEP_SEEK_VERTEX:
        enter_vertices(searcher, frame, plan_step);
        break;
    case STEP_EXTEND:
        enter_extend(searcher, step);
        break;
    case STEP_CLOSE:
        frame->next = 0;
        frame->end = 1;
        break;
    }
}

/* The step's frame gets the task's candidates, which are numbered as its first owner had them: all
 * links, or those that it had listed by time. A thief without memory for the list cannot know
 * which they are: the run ends, and is said to be partial. */
static bool enter_task(struct searcher *searcher, const struct task *task)
{
    struct structure_frame *frame = frame_at(searcher, task->level);
    if (task->walked == UINT8_MAX) {
        enter_step(searcher, task->level);
    } else {
        set_neighbours(searcher, task->level);
        frame->walked = task->walked;
        frame->is_listed = task->is_listed != 0 && timed_links_enter(searcher, task->level);
    }
    if (task->is_listed != 0 && !frame->is_listed) {
        stop_request(searcher->search->stop, STOP_MEMORY);
        return false;
    }
    frame->is_listed = task->is_listed != 0;
    frame->next = task->begin;
    frame->end = task->end;
    return true;
}

void structure_descend(struct searcher *searcher, uint32_t step)
{
    if (once_is_known(searcher, step)) {
        return;
    }
    searcher->has_found = false;
    if (step + 1 < searcher->search->laid_step_count) {
        enter_step(searcher, step + 1);
    }
    structure_run(searcher, step + 1);
    searcher->structure_active = step + 1;
    once_leave(searcher, step);
}

static void run_vertices(struct searcher *searcher, uint32_t step)
{
    struct structure_frame *frame = frame_at(searcher, step);
    uint32_t vertex = step_at(searcher, step)->vertex;
    while (search_goes_on(searcher) && frame->next < frame->end) {
        searcher->vertices[vertex] = (vertex_id)frame->next++;
        searcher->counters.plan.steps[step].visited++;
        if (candidate_vertex_passes(searcher, vertex) &&
            candidate_vertices_differ(searcher, step) && candidate_passes(searcher, step)) {
            searcher->counters.plan.steps[step].produced++;
            structure_descend(searcher, step);
        }
    }
}

/* Whether the candidate at `index` of the walked neighbours is a neighbour of all other bound ends
 * too; then all links are bound. */
static bool extend_to(struct searcher *searcher, uint32_t step, uint32_t index)
{
    const struct plan_step *plan_step = step_at(searcher, step);
    struct structure_frame *frame = frame_at(searcher, step);
    vertex_id vertex = neighbour_at(&frame->neighbours[frame->walked], index);
    searcher->vertices[plan_step->vertex] = vertex;
    if (!candidate_vertex_passes(searcher, plan_step->vertex) ||
        !candidate_vertices_differ(searcher, step)) {
        return false;
    }
    for (uint32_t i = 0; i < plan_step->edge_count; i++) {
        uint32_t edge = plan_step->edges[i];
        if (edge != frame->walked && !neighbours_search(&frame->neighbours[edge], vertex)) {
            return false;
        }
    }
    if (!candidate_passes(searcher, step)) {
        return false;
    }
    for (uint32_t i = 0; i < plan_step->edge_count; i++) {
        uint32_t edge = plan_step->edges[i];
        const struct neighbours *neighbours = &frame->neighbours[edge];
        uint32_t at = edge == frame->walked ? index : neighbours->cursor;
        edge_set_link(searcher, edge, neighbours, at);
        if (!candidate_bind(searcher, edge)) {
            return false;
        }
    }
    return true;
}

static void run_extend(struct searcher *searcher, uint32_t step)
{
    struct structure_frame *frame = frame_at(searcher, step);
    uint32_t bound_edges = searcher->bound_edges;
    feasible_save(searcher, frame);
    while (search_goes_on(searcher) && frame->next < frame->end) {
        uint32_t index = (uint32_t)frame->next++;
        index = frame->is_listed ? frame->listed[index] : index;
        searcher->counters.plan.steps[step].visited++;
        if (extend_to(searcher, step, index)) {
            searcher->counters.plan.steps[step].produced++;
            structure_descend(searcher, step);
        }
        searcher->bound_edges = bound_edges;
        feasible_restore(searcher, frame);
    }
}

/* The list to search for a closing link is that of the end which a scan holds while it walks the
 * other: its neighbours stay in cache, and the searches ascend. */
static bool close_from_source(const struct searcher *searcher, uint32_t step, uint32_t edge)
{
    const struct bound_edge *bound = &searcher->orientation->edges[edge];
    for (uint32_t s = step; s-- > 0;) {
        const struct plan_step *before = step_at(searcher, s);
        if (before->kind == STEP_SCAN_LINKS) {
            return bound->target != searcher->orientation->edges[before->edge].source;
        }
    }
    return true;
}

static void run_close(struct searcher *searcher, uint32_t step)
{
    struct structure_frame *frame = frame_at(searcher, step);
    uint32_t edge = step_at(searcher, step)->edge;
    const struct bound_edge *bound = &searcher->orientation->edges[edge];
    uint32_t bound_edges = searcher->bound_edges;
    frame->next = frame->end;
    searcher->counters.plan.steps[step].visited++;

    bool is_out = close_from_source(searcher, step, edge);
    vertex_id from = searcher->vertices[is_out ? bound->source : bound->target];
    vertex_id to = searcher->vertices[is_out ? bound->target : bound->source];
    struct neighbours *neighbours = &frame->neighbours[edge];
    if (neighbours->entries == NULL || neighbours->vertex != from || neighbours->is_out != is_out) {
        set_list(searcher, step, edge, is_out, neighbours);
    }
    if (!candidate_vertices_differ(searcher, step) || !neighbours_search(neighbours, to)) {
        return;
    }
    edge_set_link(searcher, edge, neighbours, neighbours->cursor);
    feasible_save(searcher, frame);
    if (candidate_bind(searcher, edge) && candidate_passes(searcher, step)) {
        searcher->counters.plan.steps[step].produced++;
        structure_descend(searcher, step);
    }
    searcher->bound_edges = bound_edges;
    feasible_restore(searcher, frame);
}

void structure_restore(struct searcher *searcher, const struct task *task, uint32_t step_count)
{
    const struct search *search = searcher->search;
    searcher->bound_edges = 0;
    for (uint32_t s = 0; s < step_count; s++) {
        const struct plan_step *step = step_at(searcher, s);
        if (step->kind != STEP_SCAN_LINKS && step->kind != STEP_CLOSE) {
            searcher->vertices[step->vertex] = task->vertices[step->vertex];
        }
        for (uint32_t i = 0; i < step->edge_count; i++) {
            uint32_t edge = step->edges[i];
            const struct bound_edge *bound = &searcher->orientation->edges[edge];
            searcher->vertices[bound->source] = task->vertices[bound->source];
            searcher->vertices[bound->target] = task->vertices[bound->target];
            searcher->links[edge] = task->links[edge];
            searcher->partitions[edge] =
                graph_partition_of(search->edges, task->vertices[bound->source]);
            bool is_bound = feasible_bind(searcher, edge);
            CHECK(is_bound);
        }
    }
}

void structure_run_task(struct searcher *searcher, const struct task *task)
{
    structure_restore(searcher, task, task->level);
    if (!enter_task(searcher, task)) {
        return;
    }
    searcher->structure_first = task->level;
    searcher->flow_first = 0;
    searcher->flow_active = 0;
    structure_run(searcher, task->level);
}
