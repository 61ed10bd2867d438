#include "engine/cycle_schedule.h"

#include <string.h>

enum { POLL_STEPS = 512 };

static bool take_slab(struct cycle_searcher *searcher, struct cycle_task *task);
static void split(struct cycle_searcher *searcher);

void cycle_schedule_poll(struct cycle_searcher *searcher)
{
    const struct cycle_search *search = searcher->search;
    const struct cycle_options *options = search->options;
    searcher->poll_countdown = options->splits_always ? 1 : POLL_STEPS;
    stop_poll(options->stop);
    if (searcher->worker->index == 0) {
        progress_draw(options->progress);
    }
    if (thief_is_wanted(&searcher->thief)) {
        split(searcher);
    }
}

void cycle_schedule_run(const struct worker *worker, void *context)
{
    struct cycle_search *search = context;
    struct cycle_searcher *searcher = search->searchers[worker->index];
    struct cycle_task task;
    searcher->poll_countdown = 1;
    while (thief_pop(&searcher->thief, &task) || take_slab(searcher, &task) ||
           thief_wait(&searcher->thief, &task)) {
        if (!stop_is_requested(search->options->stop)) {
            cycle_search_run(searcher, &task);
        }
        slab_release(task.slab, &searcher->builder);
    }
}

/* Builds the next slab of which something is left. */
static bool take_slab(struct cycle_searcher *searcher, struct cycle_task *task)
{
    struct cycle_search *search = searcher->search;
    uint64_t index;
    uint64_t end;
    while (!stop_poll(search->options->stop) &&
           team_next(&search->next_slab, search->slab_count, 1, &index, &end)) {
        struct slab *slab = NULL;
        if (slab_build(&slab, &searcher->builder, (uint32_t)index, &searcher->error) != STATUS_OK) {
            stop_request(search->options->stop, STOP_FAILED);
            return false;
        }
        searcher->counters.slabs++;
        if (slab == NULL) {
            progress_add(search->options->progress, CYCLE_PROGRESS_UNITS);
            continue;
        }
        searcher->counters.slab_flows += slab->flow_count;
        memset(task, 0, sizeof *task);
        task->slab = slab;
        task->kind = CYCLE_TASK_ROOTS;
        task->end = slab->vertex_count;
        return true;
    }
    return false;
}

static bool split_roots(struct cycle_searcher *searcher, struct cycle_task *task)
{
    if (searcher->root_next >= searcher->root_end) {
        return false;
    }
    /* The root that is searched stays here; of the others even a single one is worth going. */
    task->kind = CYCLE_TASK_ROOTS;
    task->begin = searcher->root_next + (searcher->root_end - searcher->root_next) / 2;
    task->end = searcher->root_end;
    searcher->root_end = task->begin;
    return true;
}

static bool split_firsts(struct cycle_searcher *searcher, struct cycle_task *task)
{
    if (searcher->first_next + 1 >= searcher->first_end) {
        return false;
    }
    task->kind = CYCLE_TASK_FIRSTS;
    task->root = searcher->root.vertex;
    task->begin = (uint32_t)thief_middle(searcher->first_next, searcher->first_end);
    task->end = searcher->first_end;
    searcher->first_end = task->begin;
    return true;
}

/* Puts the links of the path to frame `last` into the task; false when they are too many. */
static bool describe_path(const struct cycle_searcher *searcher, uint32_t last,
                          struct cycle_task *task)
{
    if (last > CYCLE_TASK_WORDS) {
        return false;
    }
    task->root = searcher->root.vertex;
    task->link_count = (uint16_t)last;
    for (uint32_t i = 0; i < last; i++) {
        task->words[i] = searcher->frames[i + 1].link;
    }
    return true;
}

static bool split_links(struct cycle_searcher *searcher, struct cycle_task *task)
{
    for (uint32_t i = searcher->frame_first; i < searcher->frame_count; i++) {
        struct cycle_frame *frame = &searcher->frames[i];
        if (frame->next + 1 >= frame->end) {
            continue;
        }
        if (!describe_path(searcher, i, task)) {
            return false;
        }
        task->kind = CYCLE_TASK_LINKS;
        task->begin = (uint32_t)thief_middle(frame->next, frame->end);
        task->end = frame->end;
        frame->end = task->begin;
        return true;
    }
    return false;
}

static bool split_flows(struct cycle_searcher *searcher, struct cycle_task *task)
{
    for (uint32_t level = searcher->leaf_first; level < searcher->leaf_count; level++) {
        struct leaf_frame *leaf = &searcher->leaves[level];
        if (leaf->next + 1 >= leaf->end) {
            continue;
        }
        uint32_t hops = searcher->frame_count - 1;
        if (hops + level > CYCLE_TASK_WORDS || !describe_path(searcher, hops, task)) {
            return false;
        }
        uint64_t base = searcher->frames[level + 1].list_begin;
        task->kind = CYCLE_TASK_FLOWS;
        task->chosen_count = (uint16_t)level;
        for (uint32_t i = 0; i < level; i++) {
            task->words[hops + i] =
                (uint32_t)(searcher->chosen[i] - searcher->frames[i + 1].list_begin);
        }
        task->begin = (uint32_t)(thief_middle(leaf->next, leaf->end) - base);
        task->end = (uint32_t)(leaf->end - base);
        leaf->end = base + task->begin;
        return true;
    }
    return false;
}

static void split(struct cycle_searcher *searcher)
{
    struct cycle_task task;
    memset(&task, 0, sizeof task);
    task.slab = searcher->slab;
    bool is_split = split_roots(searcher, &task) || split_firsts(searcher, &task) ||
                    split_links(searcher, &task) || split_flows(searcher, &task);
    if (!is_split) {
        return;
    }
    slab_hold(searcher->slab);
    thief_push(&searcher->thief, &task);
}
