#include "engine/search_schedule.h"

#include <sched.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "engine/feasible.h"
#include "engine/search_flows.h"
#include "engine/search_structure.h"

enum {
    POLL_STEPS = 64,  /* candidates between two looks at the idle count */
    CLOCK_POLLS = 16, /* of those between two looks at the clock */
    SPINS_BEFORE_YIELD = 64,
    SPINS_BEFORE_SLEEP = 256,
    /* Each sleep is a quarter longer than the one before, and so about a quarter of the wait until
     * then: work that appears is not left lying for much longer than it was waited for. */
    SLEEP_NS_MIN = 50000,
    SLEEP_NS_MAX = 800000,
};

static bool take_root(struct searcher *searcher, struct task *task);
static bool steal(struct searcher *searcher, struct task *task);
static void run_task(struct searcher *searcher, const struct task *task);
static void split(struct searcher *searcher);

static uint32_t idle_workers(struct search *search)
{
    return atomic_load_explicit(&search->idle_count, memory_order_relaxed);
}

void schedule_poll(struct searcher *searcher)
{
    struct search *search = searcher->search;
    searcher->poll_countdown = search->splits_always ? 1 : POLL_STEPS;
    if (--searcher->clock_countdown == 0) {
        searcher->clock_countdown = CLOCK_POLLS;
        stop_poll(search->stop);
        if (search->has_limit) {
            flows_flush(searcher);
        }
        if (searcher->worker->index == 0) {
            progress_draw(search->progress);
        }
    }
    bool is_wanted = idle_workers(search) > 0 || search->splits_always;
    if (is_wanted && deque_is_empty(&searcher->deque)) {
        split(searcher);
    }
}

uint64_t schedule_weight(const struct search *search, const struct search_root *root,
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

static bool pop_own(struct searcher *searcher, struct task *task)
{
    struct deque_item item;
    if (!deque_pop(&searcher->deque, &item, sizeof *task / sizeof(uint64_t))) {
        return false;
    }
    memcpy(task, item.words, sizeof *task);
    return true;
}

static bool find_task(struct searcher *searcher, struct task *task)
{
    return pop_own(searcher, task) || take_root(searcher, task);
}

/* Waits for something to steal; false when all workers are idle, and so the search is over. */
static bool wait_idle(struct searcher *searcher, struct task *task)
{
    struct search *search = searcher->search;
    uint32_t worker_count = searcher->worker->worker_count;
    long sleep_ns = SLEEP_NS_MIN;
    atomic_fetch_add_explicit(&search->idle_count, 1, memory_order_acq_rel);
    for (uint32_t spins = 0;; spins++) {
        if (atomic_load_explicit(&search->idle_count, memory_order_acquire) == worker_count) {
            return false;
        }
        if (steal(searcher, task)) {
            return true;
        }
        if (spins > SPINS_BEFORE_SLEEP) {
            nanosleep(&(struct timespec){.tv_nsec = sleep_ns}, NULL);
            sleep_ns += sleep_ns < SLEEP_NS_MAX ? sleep_ns / 4 : 0;
        } else if (spins > SPINS_BEFORE_YIELD) {
            sched_yield();
        } else {
            __builtin_ia32_pause();
        }
    }
}

static bool wait_for_task(struct searcher *searcher, struct task *task)
{
    int64_t start_ns = clock_ns();
    bool is_found = wait_idle(searcher, task);
    searcher->counters.idle_ns += clock_ns() - start_ns;
    return is_found;
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
    while (find_task(searcher, &task) || wait_for_task(searcher, &task)) {
        if (!stop_is_requested(search->stop)) {
            run_task(searcher, &task);
        }
    }
    flows_flush(searcher);
}

/* A worker's part of a partition's candidates: shared by the workers of its node, or by all where
 * that has none. */
static struct task share_of(const struct worker *worker, const struct search *search,
                            const struct search_root *root)
{
    bool has_workers = false;
    for (uint32_t i = 0; i < worker->worker_count; i++) {
        has_workers = has_workers || team_worker_at(search->team, i)->node == root->node;
    }
    struct worker member = *worker;
    if (has_workers) {
        member.index = worker->node_rank;
        member.worker_count = worker->node_workers;
    }
    uint64_t count = has_workers && worker->node != root->node ? 0 : root->end - root->begin;
    struct task task = {.walked = UINT8_MAX};
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
    flows_flush(searcher);
}

static void run_task(struct searcher *searcher, const struct task *task)
{
    searcher->counters.tasks++;
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
            task->begin = root->begin + begin;
            task->end = root->begin + end;
            searcher->root_weight = schedule_weight(search, root, task->begin, task->end);
            return true;
        }
    }
    return false;
}

/* Takes one task from another worker. A thief counts as busy before it takes, so that all being
 * idle means that there is nothing left; it looks before it does, so that it seldom pretends. */
static bool steal_from(struct searcher *searcher, struct searcher *victim, struct task *task)
{
    struct search *search = searcher->search;
    if (deque_is_empty(&victim->deque)) {
        return false;
    }
    atomic_fetch_sub_explicit(&search->idle_count, 1, memory_order_acq_rel);
    struct deque_item item;
    if (!deque_steal(&victim->deque, &item, sizeof *task / sizeof(uint64_t))) {
        atomic_fetch_add_explicit(&search->idle_count, 1, memory_order_acq_rel);
        return false;
    }
    memcpy(task, item.words, sizeof *task);
    bool is_local = victim->worker->node == searcher->worker->node;
    searcher->counters.steals_local += is_local;
    searcher->counters.steals_remote += !is_local;
    return true;
}

static bool steal(struct searcher *searcher, struct task *task)
{
    struct team_others others = {0};
    const struct worker *other;
    while ((other = team_next_other(searcher->worker, &others)) != NULL) {
        if (steal_from(searcher, searcher->search->searchers[other->index], task)) {
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
    memcpy(task->order, searcher->order, sizeof task->order);
    memcpy(task->vertices, searcher->vertices, sizeof task->vertices);
    memcpy(task->links, searcher->links, sizeof task->links);
    memcpy(task->positions, searcher->positions, sizeof task->positions);
}

/* Where to cut a range so that its owner keeps at least one and the larger half: a task that is
 * given away whole would only travel. */
static uint64_t middle_of(uint64_t next, uint64_t end)
{
    return next + (end - next + 1) / 2;
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
        task->begin = middle_of(frame->next, frame->end);
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
            task->begin = middle_of(frame->next, frame->end);
            task->end = frame->end;
            frame->end = (uint32_t)task->begin;
        } else if (frame->block_next + 1 < frame->block_count) {
            uint64_t middle = middle_of(frame->block_next, frame->block_count);
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
    if (!split_structure(searcher, &task) && !split_flows(searcher, &task)) {
        return;
    }
    struct deque_item item;
    memcpy(item.words, &task, sizeof task);
    bool is_pushed = deque_push(&searcher->deque, &item, sizeof task / sizeof(uint64_t));
    CHECK(is_pushed);
    searcher->counters.splits++;
}
