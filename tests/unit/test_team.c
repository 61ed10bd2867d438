/* floor: numa */
/* The team: who runs, where, and how work is shared. */
#include "numa/team.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/support/suite.h"

static struct topology *topology; /* of this machine */

static struct team *open_team(const struct topology *machine, uint32_t worker_count)
{
    struct team *team = NULL;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(team_open(&team, machine, worker_count, &error), STATUS_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(team);
    return team;
}

static void run_again(const struct worker *worker, void *context)
{
    (void)context;
    if (worker->index == 0) {
        team_run(worker->team, run_again, NULL);
    }
}

/* Comes first, while the process has one thread and may fork. */
static void running_within_a_run_ends_the_program(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        fclose(stderr);
        signal(SIGABRT, SIG_DFL);
        struct team *team = NULL;
        if (team_open(&team, topology, 2, NULL) == STATUS_OK) {
            team_run(team, run_again, NULL);
        }
        _exit(0);
    }
    int result = 0;
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &result, 0), child);
    CU_ASSERT(WIFSIGNALED(result) && WTERMSIG(result) == SIGABRT);
}

struct roll_call {
    _Atomic uint32_t calls[64];
    _Atomic uint32_t wrong_count;
};

static void answer(const struct worker *worker, void *context)
{
    struct roll_call *roll_call = context;
    atomic_fetch_add(&roll_call->calls[worker->index], 1);
    bool is_right = worker == team_worker_at(worker->team, worker->index) &&
                    worker->worker_count == team_worker_count(worker->team);
    atomic_fetch_add(&roll_call->wrong_count, is_right ? 0 : 1);
}

static void each_worker_runs_once_per_run(void)
{
    for (uint32_t worker_count = 1; worker_count <= 9; worker_count += 2) {
        struct team *team = open_team(topology, worker_count);
        CU_ASSERT_EQUAL(team_worker_count(team), worker_count);
        CU_ASSERT_PTR_EQUAL(team_topology(team), topology);
        struct roll_call roll_call = {0};
        for (uint32_t run = 1; run <= 3; run++) {
            team_run(team, answer, &roll_call);
            for (uint32_t index = 0; index < 64; index++) {
                CU_ASSERT_EQUAL(roll_call.calls[index], index < worker_count ? run : 0);
            }
        }
        CU_ASSERT_EQUAL(roll_call.wrong_count, 0);
        team_close(team);
    }
}

struct held {
    struct team *team;
    struct roll_call roll_call;
    pthread_t caller;
};

static void run_thrice(void *context)
{
    struct held *held = context;
    CU_ASSERT_TRUE(pthread_equal(pthread_self(), held->caller));
    for (uint32_t run = 1; run <= 3; run++) {
        team_run(held->team, answer, &held->roll_call);
        for (uint32_t index = 0; index < team_worker_count(held->team); index++) {
            CU_ASSERT_EQUAL(held->roll_call.calls[index] % 3, run % 3);
        }
    }
}

static void each_worker_runs_once_per_run_while_held(void)
{
    for (uint32_t worker_count = 1; worker_count <= 9; worker_count += 2) {
        struct held held = {.team = open_team(topology, worker_count), .caller = pthread_self()};
        team_hold(held.team, run_thrice, &held);
        team_hold(held.team, run_thrice, &held);
        team_run(held.team, answer, &held.roll_call);
        for (uint32_t index = 0; index < worker_count; index++) {
            CU_ASSERT_EQUAL(held.roll_call.calls[index], 7);
        }
        CU_ASSERT_EQUAL(held.roll_call.wrong_count, 0);
        team_close(held.team);
    }
}

static void workers_are_ranked_within_their_node(void)
{
    struct topology *four = NULL;
    CU_ASSERT_EQUAL_FATAL(topology_open(&four, "synthetic:numa:4 core:2 pu:1", NULL), STATUS_OK);
    struct team *team = open_team(four, 10);
    static const uint32_t nodes[] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1};
    static const uint32_t ranks[] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2};
    static const uint32_t counts[] = {3, 3, 2, 2};
    for (uint32_t index = 0; index < 10; index++) {
        const struct worker *worker = team_worker_at(team, index);
        CU_ASSERT_EQUAL(worker->index, index);
        CU_ASSERT_EQUAL(worker->node, nodes[index]);
        CU_ASSERT_EQUAL(worker->node_rank, ranks[index]);
        CU_ASSERT_EQUAL(worker->node_workers, counts[nodes[index]]);
    }
    team_close(team);
    topology_close(four);
}

/* Indices of the others of a worker, in order. */
static void write_others(const struct worker *worker, char *text, size_t text_bytes)
{
    struct team_others others = {0};
    const struct worker *other;
    size_t used = 0;
    text[0] = '\0';
    while ((other = team_next_other(worker, &others)) != NULL) {
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%u", used == 0 ? "" : " ",
                                 other->index);
    }
}

/* Worker i is on node i % 4 with four nodes. */
static void others_come_by_distance_and_each_begins_elsewhere(void)
{
    static const struct {
        const char *description;
        uint32_t worker_count;
        const char *others[6]; /* of the first workers */
    } rows[] = {
        {"synthetic:numa:1 core:4 pu:1", 4, {"1 2 3", "2 3 0", "3 0 1", "0 1 2"}},
        {"synthetic:numa:4 core:2 pu:1",
         8,
         {"4 1 5 2 6 3 7", "5 2 6 3 7 0 4", "6 3 7 0 4 1 5", "7 0 4 1 5 2 6", "0 5 1 6 2 7 3",
          "1 6 2 7 3 4 0"}},
        {"four_nodes_two_near.xml",
         8,
         {"4 1 5 2 6 3 7", "5 0 4 2 6 3 7", "6 3 7 0 4 1 5", "7 2 6 0 4 1 5", "0 5 1 6 2 7 3",
          "1 4 0 6 2 7 3"}},
        {"unequal_sockets.xml", 2, {"1", "0"}},
        {"node_without_memory.xml", 1, {""}},
        {"memory_without_processors.xml", 2, {"1", "0"}},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        char path[512];
        char text[64];
        const char *slash = strrchr(__FILE__, '/');
        bool is_file = strncmp(rows[row].description, "synthetic:", strlen("synthetic:")) != 0;
        snprintf(path, sizeof(path), "%.*s/../numa/%s", (int)(slash - __FILE__), __FILE__,
                 rows[row].description);
        struct topology *machine = NULL;
        CU_ASSERT_EQUAL_FATAL(topology_open(&machine, is_file ? path : rows[row].description, NULL),
                              STATUS_OK);
        struct team *team = open_team(machine, rows[row].worker_count);
        for (uint32_t index = 0; index < 6 && rows[row].others[index] != NULL; index++) {
            write_others(team_worker_at(team, index), text, sizeof(text));
            CU_ASSERT_STRING_EQUAL(text, rows[row].others[index]);
        }
        team_close(team);
        topology_close(machine);
    }
}

static void default_is_a_worker_per_core_unless_the_user_says_otherwise(void)
{
    struct topology *two = NULL;
    CU_ASSERT_EQUAL_FATAL(topology_open(&two, "synthetic:numa:2 core:3 pu:2", NULL), STATUS_OK);
    unsetenv("OMP_NUM_THREADS");
    struct team *team = open_team(two, 0);
    CU_ASSERT_EQUAL(team_worker_count(team), 6);
    team_close(team);

    setenv("OMP_NUM_THREADS", "3", 1);
    omp_set_num_threads(3); /* the variable itself was read when the program started */
    team = open_team(two, 0);
    CU_ASSERT_EQUAL(team_worker_count(team), 3);
    team_close(team);
    unsetenv("OMP_NUM_THREADS");
    topology_close(two);
}

static void threads_that_cannot_be_had_are_an_error(void)
{
    struct team *team = NULL;
    struct error error = {0};
    CU_ASSERT_EQUAL(team_open(&team, topology, TEAM_WORKERS_MAX + 1, &error), STATUS_USAGE);
    CU_ASSERT_PTR_NULL(team);

    int levels = omp_get_max_active_levels();
    omp_set_max_active_levels(0);
    error_clear(&error);
    CU_ASSERT_EQUAL(team_open(&team, topology, 4, &error), STATUS_FAILED);
    CU_ASSERT_PTR_NULL(team);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "only 1 of 4 threads"));
    omp_set_max_active_levels(levels);
}

static void the_callers_dynamic_setting_stays(void)
{
    omp_set_dynamic(1);
    struct team *team = open_team(topology, 5);
    struct roll_call roll_call = {0};
    team_run(team, answer, &roll_call);
    CU_ASSERT_EQUAL(roll_call.calls[4], 1);
    CU_ASSERT_EQUAL(omp_get_dynamic(), 1);
    team_close(team);
    omp_set_dynamic(0);
}

static void note_place(const struct worker *worker, void *context)
{
    _Atomic uint32_t *wrong_count = context;
    const struct topology *machine = team_topology(worker->team);
    uint32_t place = worker->index % topology_place_count(machine);
    cpu_set_t mask;
    bool is_right = sched_getaffinity(0, sizeof(mask), &mask) == 0 && CPU_COUNT(&mask) == 1 &&
                    CPU_ISSET(topology_place_at(machine, place).os_unit, &mask);
    atomic_fetch_add(wrong_count, is_right ? 0 : 1);
}

/* The smaller team makes the runtime end threads, which the larger one needs again. */
static void workers_stay_at_their_places_while_teams_alternate(void)
{
    cpu_set_t before;
    cpu_set_t after;
    sched_getaffinity(0, sizeof(before), &before);
    struct team *large = open_team(topology, 5);
    struct team *small = open_team(topology, 2);
    _Atomic uint32_t wrong_count = 0;
    for (int round = 0; round < 5; round++) {
        team_run(large, note_place, &wrong_count);
        team_run(small, note_place, &wrong_count);
    }
    CU_ASSERT_EQUAL(wrong_count, 0);
    team_close(small);
    team_run(large, note_place, &wrong_count);
    CU_ASSERT_EQUAL(wrong_count, 0);
    team_close(large);
    sched_getaffinity(0, sizeof(after), &after);
    CU_ASSERT(CPU_EQUAL(&before, &after));
}

static void note_freedom(const struct worker *worker, void *context)
{
    _Atomic uint32_t *count = context;
    cpu_set_t mask;
    sched_getaffinity(0, sizeof(mask), &mask);
    bool is_free = worker->index > 0 || CPU_COUNT(&mask) > 1;
    atomic_fetch_add(count, is_free ? 1 : 0);
}

static void the_callers_thread_is_left_alone_when_asked_or_alone(void)
{
    if (topology_place_count(topology) < 2) {
        CU_PASS("there is one place only");
        return;
    }
    static const char *const names[] = {"OMP_PROC_BIND", "OMP_PLACES"};
    for (size_t index = 0; index < 2; index++) {
        setenv(names[index], index == 0 ? "false" : "cores", 1);
        struct team *team = open_team(topology, 2);
        _Atomic uint32_t free_count = 0;
        team_run(team, note_freedom, &free_count);
        CU_ASSERT_EQUAL(free_count, 2);
        team_close(team);
        unsetenv(names[index]);
    }
    if (topology_node_count(topology) == 1) {
        struct team *team = open_team(topology, 1);
        _Atomic uint32_t free_count = 0;
        team_run(team, note_freedom, &free_count);
        CU_ASSERT_EQUAL(free_count, 1);
        team_close(team);
    }
}

enum { STAGES = 50, CROWD = 6 };

struct stages {
    uint64_t values[CROWD]; /* not atomic: the barrier orders them */
    _Atomic uint32_t wrong_count;
};

static void pass_stages(const struct worker *worker, void *context)
{
    struct stages *stages = context;
    for (uint64_t stage = 1; stage <= STAGES; stage++) {
        stages->values[worker->index] = stage;
        team_barrier(worker);
        uint32_t neighbour = (worker->index + 1) % worker->worker_count;
        bool is_there = stages->values[neighbour] == stage;
        atomic_fetch_add_explicit(&stages->wrong_count, is_there ? 0 : 1, memory_order_relaxed);
        team_barrier(worker);
    }
}

static void a_barrier_shows_each_worker_what_others_wrote(void)
{
    struct team *team = open_team(topology, CROWD);
    struct stages stages = {.wrong_count = 0};
    team_run(team, pass_stages, &stages);
    CU_ASSERT_EQUAL(stages.wrong_count, 0);
    CU_ASSERT_EQUAL(stages.values[CROWD - 1], STAGES);
    team_close(team);
}

static void shares_are_contiguous_and_as_equal_as_can_be(void)
{
    static const uint64_t totals[] = {0, 1, 6, 7, 8, 100, 1000003, UINT64_MAX};
    for (uint32_t worker_count = 1; worker_count <= 9; worker_count++) {
        for (size_t row = 0; row < sizeof(totals) / sizeof(totals[0]); row++) {
            uint64_t total = totals[row];
            uint64_t next = 0;
            for (uint32_t index = 0; index < worker_count; index++) {
                struct worker worker = {.index = index, .worker_count = worker_count};
                uint64_t begin;
                uint64_t end;
                team_share(&worker, total, &begin, &end);
                CU_ASSERT_EQUAL(begin, next);
                CU_ASSERT(end - begin == total / worker_count ||
                          end - begin == total / worker_count + 1);
                next = end;
            }
            CU_ASSERT_EQUAL(next, total);
        }
    }
}

struct deal {
    _Atomic uint64_t counter;
    uint64_t grain;
    uint64_t total;
    _Atomic uint64_t sum;
};

static void take_runs(const struct worker *worker, void *context)
{
    (void)worker;
    struct deal *deal = context;
    uint64_t begin;
    uint64_t end;
    while (team_next(&deal->counter, deal->total, deal->grain, &begin, &end)) {
        for (uint64_t value = begin; value < end; value++) {
            atomic_fetch_add_explicit(&deal->sum, value + 1, memory_order_relaxed);
        }
    }
}

static void dealing_gives_each_number_once(void)
{
    struct team *team = open_team(topology, 3);
    static const uint64_t totals[] = {0, 1, 9, 10, 11, 5000};
    for (size_t row = 0; row < sizeof(totals) / sizeof(totals[0]); row++) {
        struct deal deal = {.grain = 10, .total = totals[row]};
        team_run(team, take_runs, &deal);
        CU_ASSERT_EQUAL(deal.sum, totals[row] * (totals[row] + 1) / 2);
    }
    team_close(team);
}

static void each_failing_allocation_is_an_error(void)
{
    enum status status = STATUS_FAILED;
    for (uint64_t after = 1; status != STATUS_OK; after++) {
        struct team *team = NULL;
        memory_fault_set(after);
        status = team_open(&team, topology, 2, NULL);
        memory_fault_set(0);
        CU_ASSERT_EQUAL(status == STATUS_OK, team != NULL);
        team_close(team);
        CU_ASSERT_FATAL(after < 10);
    }
    team_close(NULL);
}

int main(void)
{
    /* A user's wishes are not the test's. */
    unsetenv("OMP_PROC_BIND");
    unsetenv("OMP_PLACES");
    if (topology_open(&topology, "", NULL) != STATUS_OK) {
        return 1;
    }
    CU_TestInfo cases[] = {
        CASE(running_within_a_run_ends_the_program),
        CASE(each_worker_runs_once_per_run),
        CASE(each_worker_runs_once_per_run_while_held),
        CASE(workers_are_ranked_within_their_node),
        CASE(others_come_by_distance_and_each_begins_elsewhere),
        CASE(default_is_a_worker_per_core_unless_the_user_says_otherwise),
        CASE(threads_that_cannot_be_had_are_an_error),
        CASE(the_callers_dynamic_setting_stays),
        CASE(workers_stay_at_their_places_while_teams_alternate),
        CASE(the_callers_thread_is_left_alone_when_asked_or_alone),
        CASE(a_barrier_shows_each_worker_what_others_wrote),
        CASE(shares_are_contiguous_and_as_equal_as_can_be),
        CASE(dealing_gives_each_number_once),
        CASE(each_failing_allocation_is_an_error),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("team", NULL, NULL, cases);
    topology_close(topology);
    return failed;
}
