/* floor: numa */
/* Work stealing: whose task is taken, when one is wanted, and how a search ends. */
#include "numa/thief.h"

#include <sched.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "tests/support/suite.h"

enum { WORKERS_MAX = 8, TASK_WORDS = 5 };

struct task {
    uint64_t begin;
    uint64_t end;
    uint64_t rest[TASK_WORDS - 2];
};

struct crew {
    struct topology *topology;
    struct team *team;
    struct thieves thieves;
    struct thief *all[WORKERS_MAX];
    struct thief members[WORKERS_MAX];
};

static struct crew crew;

static void open_crew(const char *topology, uint32_t worker_count, bool splits_always)
{
    CU_ASSERT_EQUAL_FATAL(topology_open(&crew.topology, topology, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&crew.team, crew.topology, worker_count, NULL), STATUS_OK);
    thieves_init(&crew.thieves, crew.all, sizeof(struct task), splits_always);
    for (uint32_t i = 0; i < worker_count; i++) {
        thief_init(&crew.members[i], &crew.thieves, team_worker_at(crew.team, i));
    }
}

static void close_crew(void)
{
    team_close(crew.team);
    topology_close(crew.topology);
}

static struct task task_of(uint64_t begin, uint64_t end)
{
    struct task task = {.begin = begin, .end = end};
    for (uint64_t i = 0; i < TASK_WORDS - 2; i++) {
        task.rest[i] = hash_mix(begin + end + i);
    }
    return task;
}

static bool is_whole(const struct task *task)
{
    for (uint64_t i = 0; i < TASK_WORDS - 2; i++) {
        if (task->rest[i] != hash_mix(task->begin + task->end + i)) {
            return false;
        }
    }
    return true;
}

static void push(uint32_t worker, uint64_t begin)
{
    struct task task = task_of(begin, begin + 1);
    thief_push(&crew.members[worker], &task);
}

static void a_worker_takes_its_own_newest_task(void)
{
    struct task task;
    open_crew("synthetic:numa:1 core:2 pu:1", 2, false);
    CU_ASSERT_FALSE(thief_pop(&crew.members[0], &task));
    for (uint64_t i = 0; i < 3; i++) {
        push(0, i);
    }
    for (uint64_t i = 3; i-- > 0;) {
        CU_ASSERT(thief_pop(&crew.members[0], &task) && is_whole(&task));
        CU_ASSERT_EQUAL(task.begin, i);
    }
    CU_ASSERT_FALSE(thief_pop(&crew.members[0], &task));
    CU_ASSERT_EQUAL(crew.members[0].counts.splits, 3);
    CU_ASSERT_EQUAL(crew.members[0].counts.steals_local, 0);
    close_crew();
}

/* Every worker has a task of its number; worker 3 waits for them, one after the other. */
static void a_thief_takes_from_its_own_node_first(void)
{
    open_crew("synthetic:numa:4 core:2 pu:1", WORKERS_MAX, false);
    struct thief *thief = &crew.members[3];
    uint32_t local_count = 0;
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        local_count += i != 3 && team_worker_at(crew.team, i)->node == thief->worker->node;
        if (i != 3) {
            push(i, i);
        }
    }
    struct team_others others = {0};
    const struct worker *other;
    while ((other = team_next_other(thief->worker, &others)) != NULL) {
        struct task task;
        CU_ASSERT(thief_wait(thief, &task) && is_whole(&task));
        CU_ASSERT_EQUAL(task.begin, other->index);
        CU_ASSERT_EQUAL(crew.thieves.idle_count, 0);
        bool is_local = thief->counts.steals_remote == 0;
        CU_ASSERT_EQUAL(is_local, other->node == thief->worker->node);
    }
    CU_ASSERT_EQUAL(thief->counts.steals_local, local_count);
    CU_ASSERT_EQUAL(thief->counts.steals_remote, WORKERS_MAX - 1 - local_count);
    CU_ASSERT(local_count > 0);
    close_crew();
}

static void a_lone_worker_does_not_wait(void)
{
    struct task task;
    open_crew("synthetic:numa:1 core:1 pu:1", 1, false);
    CU_ASSERT_FALSE(thief_is_wanted(&crew.members[0]));
    CU_ASSERT_FALSE(thief_wait(&crew.members[0], &task));
    close_crew();
}

static void a_task_is_wanted_where_none_lies_and_somebody_is_idle(void)
{
    static const struct {
        uint32_t idle_count;
        bool splits_always;
        bool has_task;
        bool is_wanted;
    } rows[] = {
        {0, false, false, false}, {1, false, false, true}, {1, false, true, false},
        {0, true, false, true},   {0, true, true, false},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        open_crew("synthetic:numa:1 core:2 pu:1", 2, rows[row].splits_always);
        atomic_store(&crew.thieves.idle_count, rows[row].idle_count);
        if (rows[row].has_task) {
            push(0, 1);
        }
        CU_ASSERT_EQUAL(thief_is_wanted(&crew.members[0]), rows[row].is_wanted);
        close_crew();
    }
}

static void the_owner_keeps_the_larger_half(void)
{
    CU_ASSERT_EQUAL(thief_middle(0, 2), 1);
    CU_ASSERT_EQUAL(thief_middle(4, 7), 6);
    CU_ASSERT_EQUAL(thief_middle(4, 8), 6);
}

/* Elements 0 .. count-1, each to be done once: half of them is dealt out in runs, the other half
 * is one task of worker 0. */
struct range {
    uint64_t count;
    uint64_t grain;
    _Atomic uint64_t next_run;
    _Atomic uint64_t done_count;
    _Atomic uint64_t damaged_count;
    _Atomic uint64_t early_count; /* workers that left before all was done */
    uint8_t *done;                /* how often, per element; by whoever has it alone */
};

static bool take_run(struct range *range, struct task *task)
{
    uint64_t begin;
    uint64_t end;
    bool is_taken = team_next(&range->next_run, range->count / 2, range->grain, &begin, &end);
    if (is_taken) {
        *task = task_of(begin, end);
    }
    return is_taken;
}

static void run_task(struct thief *thief, struct range *range, struct task task)
{
    thief->counts.tasks++;
    atomic_fetch_add(&range->damaged_count, is_whole(&task) ? 0 : 1);
    for (uint64_t next = task.begin; next < task.end; next++) {
        range->done[next]++;
        atomic_fetch_add_explicit(&range->done_count, 1, memory_order_relaxed);
        if (next + 2 < task.end && thief_is_wanted(thief)) {
            uint64_t middle = thief_middle(next + 1, task.end);
            struct task rest = task_of(middle, task.end);
            task.end = middle;
            thief_push(thief, &rest);
        }
        if (hash_mix(next) >> 57 == 0) {
            sched_yield();
        }
    }
}

static void run_tasks(const struct worker *worker, void *context)
{
    struct range *range = context;
    struct thief *thief = &crew.members[worker->index];
    struct task task = task_of(range->count / 2, range->count);
    if (worker->index == 0) {
        run_task(thief, range, task);
    }
    while (thief_pop(thief, &task) || take_run(range, &task) || thief_wait(thief, &task)) {
        run_task(thief, range, task);
    }
    bool is_early = atomic_load(&range->done_count) < range->count;
    atomic_fetch_add(&range->early_count, is_early ? 1 : 0);
}

static void sum_counts(struct thief_counts *sum, uint32_t worker_count)
{
    for (uint32_t i = 0; i < worker_count; i++) {
        struct task task;
        CU_ASSERT_FALSE(thief_pop(&crew.members[i], &task));
        CU_ASSERT(crew.members[i].counts.idle_ns >= 0);
        thief_counts_sum(sum, &crew.members[i].counts);
    }
}

static void every_element_is_done_once_before_all_leave(void)
{
    static const struct {
        const char *topology;
        uint32_t worker_count;
        uint64_t count;
        uint64_t grain;
        bool splits_always;
    } rows[] = {
        {"synthetic:numa:1 core:1 pu:1", 1, 1000, 10, false},
        {"synthetic:numa:1 core:2 pu:1", 2, 200000, 100, false},
        {"synthetic:numa:2 core:2 pu:1", 4, 200000, 7, false},
        {"synthetic:numa:4 core:2 pu:1", 8, 100000, 1000, false},
        {"synthetic:numa:2 core:2 pu:1", 4, 50000, 1000, true},
        {"synthetic:numa:2 core:2 pu:1", 4, 2, 1, false},
    };
    uint64_t steals_local = 0;
    uint64_t steals_remote = 0;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct range range = {.count = rows[row].count, .grain = rows[row].grain};
        struct thief_counts sum = {0};
        range.done = memory_allocate(range.count, sizeof(*range.done));
        CU_ASSERT_PTR_NOT_NULL_FATAL(range.done);
        open_crew(rows[row].topology, rows[row].worker_count, rows[row].splits_always);
        team_run(crew.team, run_tasks, &range);
        sum_counts(&sum, rows[row].worker_count);
        uint64_t run_count = (range.count / 2 + range.grain - 1) / range.grain;
        bool is_each_once = true;
        for (uint64_t i = 0; i < range.count; i++) {
            is_each_once = is_each_once && range.done[i] == 1;
        }
        CU_ASSERT(is_each_once);
        CU_ASSERT_EQUAL(range.damaged_count, 0);
        CU_ASSERT_EQUAL(range.early_count, 0);
        CU_ASSERT_EQUAL(sum.tasks, 1 + run_count + sum.splits);
        CU_ASSERT(sum.steals_local + sum.steals_remote <= sum.splits);
        steals_local += sum.steals_local;
        steals_remote += sum.steals_remote;
        close_crew();
        memory_free(range.done);
    }
    CU_ASSERT(steals_local > 0 && steals_remote > 0);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(a_worker_takes_its_own_newest_task),
        CASE(a_thief_takes_from_its_own_node_first),
        CASE(a_lone_worker_does_not_wait),
        CASE(a_task_is_wanted_where_none_lies_and_somebody_is_idle),
        CASE(the_owner_keeps_the_larger_half),
        CASE(every_element_is_done_once_before_all_leave),
        CU_TEST_INFO_NULL,
    };
    return suite_run("thief", NULL, NULL, cases);
}
