#include "engine/search_schedule.h"

#include <string.h>

#include "engine/feasible.h"
#include "engine/orientation.h"
#include "engine/search_emit.h"
#include "engine/search_flows.h"
#include "engine/search_structure.h"

enum {
    POLL_STEPS = 64,  /* candidates between two looks at whether somebody is idle */
    CLOCK_POLLS = 16, /* of those between two looks at the clock */
};

static bool take_root(struct searcher *searcher, struct task *task);
static void run_task(struct searcher *searcher, const struct task *task);
static void split(struct searcher *searcher);

void schedule_poll(struct searcher *searcher)
{
    struct search *search = searcher->search;
    searcher->poll_countdown = search->thieves.splits_always ? 1 : POLL_STEPS;
    if (--searcher->clock_countdown == 0) {
        searcher->clock_countdown = CLOCK_POLLS;
        stop_poll(search->stop);
        if (search->has_limit) {
            emit_flush(searcher);
        }
        if (searcher->worker->index == 0) {
            progress_draw(search->progress);
        }
    }
    if (thief_is_wanted(&searcher->thief)) {
        split(searcher);
    }
}

static uint64_t weight_of(const struct search *search, const struct search_root *root,
                          uint64_t begin, uint64_t end)
{
    const struct plan_step *step = &search->plan->steps[0];
    const struct partition *partition = &search->edges->partitions[root->partition];
    const uint32_t *flow_offset = partition->flow_offset;
    if (step->kind != STEP_SCAN_LINKS) {
        uint32_t first = partition->link_offset[begin - partition->vertex_base];
        uint32_t last = partition->link_offset[end - partition->vertex_base];
        return end - begin + flow_offset[last] - flow_offset[first];
    }
    uint64_t base = search->link_base[root->partition];
    uint32_t first = flow_offset[begin - base];
    uint32_t last = flow_offset[end - base];
    uint64_t *const *filter = search->filters->edges[step->edge].bits;
    return 1 + (filter == NULL ? end - begin + last - first
                               : feasible_count_bits(filter[root->partition], first, last));
}

uint64_t schedule_total_weight(const struct search *search)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < search->root_count; i++) {
        const struct search_root *root = &search->roots[i];
        total += weight_of(search, root, root->begin, root->end);
    }
    return total;
}

static struct searcher *begin(const struct worker *worker, struct search *search)
{
    struct searcher *searcher = search->searchers[worker->index];
    searcher->poll_countdown = 1;
    searcher->clock_countdown = CLOCK_POLLS;
    return searcher;
}

void schedule_run(const struct worker *worker, void *context)
{
    struct search *search = context;
    struct searcher *searcher = begin(worker, search);
    struct task task;
    while (thief_pop(&searcher->thief, &task) || take_root(searcher, &task) ||
           thief_wait(&searcher->thief, &task)) {
        if (!stop_is_requested(search->stop)) {
            run_task(searcher, &task);
        }
    }
    emit_flush(searcher);
}

/* A worker's part of a partition's candidates: shared by the workers of its node, or by all where
 * that has none. */
static struct task share_of(const struct worker *worker, const struct search *search,
                            const struct search_root *root)
{
    bool has_workers = team_node_worker_count(search->team, root->node) > 0;
    struct worker member = *worker;
    if (has_workers) {
        member.index = worker->node_rank;
        member.worker_count = worker->node_workers;
    }
    uint64_t count = has_workers && worker->node != root->node ? 0 : root->end - root->begin;
    struct task task = {.walked = UINT8_MAX, .orientation = (uint8_t)root->orientation};
    team_share(&member, count, &task.begin, &task.end);
    task.begin += root->begin;
    task.end += root->begin;
    return task;
}

void schedule_run_shares(const struct worker *worker, void *context)
{
    struct search *search = context;
    struct searcher *searcher = begin(worker, search);
    for (uint32_t i = 0; i < search->root_count && !stop_is_requested(search->stop); i++) {
        struct task task = share_of(worker, search, &search->roots[i]);
        if (task.begin < task.end) {
            run_task(searcher, &task);
        }
    }
    emit_flush(searcher);
}

/* Turns to another orientation, in which lists of neighbours that are kept may be others. */
static void orient(struct searcher *searcher, uint32_t index)
{
    const struct search *search = searcher->search;
    if (searcher->orientation == &search->orientations[index]) {
        return;
    }
    searcher->orientation = &search->orientations[index];
    for (uint32_t s = 0; s < search->plan->step_count; s++) {
        if (search->plan->steps[s].kind == STEP_CLOSE) {
            searcher->structure[s].neighbours[search->plan->steps[s].edge].entries = NULL;
        }
    }
}

static void run_task(struct searcher *searcher, const struct task *task)
{
    searcher->thief.counts.tasks++;
    orient(searcher, task->orientation);
    if (task->is_flow) {
        flows_run_task(searcher, task);
    } else {
        structure_run_task(searcher, task);
    }
}

/* Roots are in order of node; a worker goes round from the first one of its own. */
static bool take_root(struct searcher *searcher, struct task *task)
{
    struct search *search = searcher->search;
    progress_add(search->progress, searcher->root_weight);
    searcher->root_weight = 0;
    for (; searcher->live_root < search->root_count; searcher->live_root++) {
        uint32_t place = searcher->first_root + searcher->live_root;
        struct search_root *root = &search->roots[place % search->root_count];
        uint64_t total = root->end - root->begin;
        uint64_t begin;
        uint64_t end;
        if (team_next(&root->next, total, root->grain, &begin, &end)) {
            memset(task, 0, sizeof *task);
            task->walked = UINT8_MAX;
            task->orientation = (uint8_t)root->orientation;
            task->begin = root->begin + begin;
            task->end = root->begin + end;
            searcher->root_weight = weight_of(search, root, task->begin, task->end);
            return true;
        }
    }
    return false;
}

/* What the thief needs of the partial match. */
static void describe(const struct searcher *searcher, struct task *task)
{
    memset(task, 0, sizeof *task);
    task->walked = UINT8_MAX;
    task->orientation = (uint8_t)(searcher->orientation - searcher->search->orientations);
    memcpy(task->order, searcher->order, sizeof task->order);
    memcpy(task->vertices, searcher->vertices, sizeof task->vertices);
    memcpy(task->links, searcher->links, sizeof task->links);
    memcpy(task->positions, searcher->positions, sizeof task->positions);
}

static bool split_structure(struct searcher *searcher, struct task *task)
{
    for (uint32_t step = searcher->structure_first; step < searcher->structure_active; step++) {
        struct structure_frame *frame = &searcher->structure[step];
        if (frame->next + 1 >= frame->end) {
            continue;
        }
        describe(searcher, task);
        task->level = (uint8_t)step;
        if (searcher->search->plan->steps[step].kind == STEP_EXTEND) {
            task->walked = (uint8_t)frame->walked;
        }
        task->is_listed = frame->is_listed;
        task->begin = thief_middle(frame->next, frame->end);
        task->end = frame->end;
        frame->end = task->begin;
        return true;
    }
    return false;
}

static bool split_flows(struct searcher *searcher, struct task *task)
{
    for (uint32_t level = searcher->flow_first; level < searcher->flow_active; level++) {
        struct flow_frame *frame = &searcher->flows[level];
        if (frame->next + 1 < frame->end) {
            describe(searcher, task);
            task->begin = thief_middle(frame->next, frame->end);
            task->end = frame->end;
            frame->end = (uint32_t)task->begin;
        } else if (frame->block_next + 1 < frame->block_count) {
            uint64_t middle = thief_middle(frame->block_next, frame->block_count);
            describe(searcher, task);
            task->begin = frame->positions[middle];
            task->end = (uint64_t)frame->positions[frame->block_count - 1] + 1;
            frame->block_count = (uint32_t)middle;
        } else {
            continue;
        }
        task->is_flow = 1;
        task->level = (uint8_t)level;
        return true;
    }
    return false;
}

static void split(struct searcher *searcher)
{
    struct task task;
    if (split_structure(searcher, &task) || split_flows(searcher, &task)) {
        thief_push(&searcher->thief, &task);
    }
}
