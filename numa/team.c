/* The program's one OpenMP parallel region, and where its threads sit. */
#include "numa/team.h"

#include <stdbool.h>
#include <stdlib.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/check.h"
#include "base/memory.h"
#include "numa/barrier.h"

#ifndef _OPENMP
/* Built without threads: a team of one. */
static int omp_get_max_threads(void)
{
    return 1;
}
static int omp_get_thread_num(void)
{
    return 0;
}
static int omp_get_num_threads(void)
{
    return 1;
}
static int omp_get_dynamic(void)
{
    return 0;
}
static void omp_set_dynamic(int is_dynamic)
{
    (void)is_dynamic;
}
#endif

struct team {
    const struct topology *topology;
    uint64_t id;
    uint32_t worker_count;
    bool is_pinned;
    atomic_bool is_running;
    struct barrier barrier;
    struct barrier start; /* where workers are held; worker 0 comes with a run, or to let them go */
    bool is_held;
    team_function held_run; /* NULL: let go */
    void *held_context;
    struct worker *workers;
    uint32_t *members;     /* [worker_count]: workers node by node, each node's by rank */
    uint32_t *node_begins; /* [nodes + 1]: a node's first in `members` */
    uint32_t *near_nodes;  /* [nodes * nodes]: for each node all nodes, itself first, by distance */
    struct topology_binding *caller_binding; /* worker 0's before it was pinned */
};

/* What the calling thread is bound to. The OpenMP runtime may end a thread between two regions and
 * start another in its stead, which inherits the binding of whoever started it; so each thread
 * compares at each region, and binds itself when it finds that it is new. */
struct seat {
    uint64_t team_id; /* 0: none */
    uint32_t place;
};

static _Atomic uint64_t next_team_id = 1;
static _Thread_local struct seat thread_seat;
static _Thread_local bool thread_is_in_team;

static uint32_t default_worker_count(const struct topology *topology);
static bool user_places_threads(void);
static void seat_workers(struct team *team);
static void list_near_nodes(struct team *team);
static uint32_t run_region(struct team *team, team_function function, void *context);
static void take_seat(struct team *team, uint32_t index);
static void do_nothing(const struct worker *worker, void *context);
static void run_held(struct team *team, team_function function, void *context);
static void hold_worker(const struct worker *worker, void *context);

enum status team_open(struct team **team, const struct topology *topology, uint32_t worker_count,
                      struct error *error)
{
    *team = NULL;
    if (worker_count == 0) {
        worker_count = default_worker_count(topology);
    }
    if (worker_count > TEAM_WORKERS_MAX) {
        return error_set(error, STATUS_USAGE, "%u threads are more than the %u that gyre runs",
                         worker_count, (unsigned)TEAM_WORKERS_MAX);
    }

    struct team *opened = memory_allocate(1, sizeof(*opened));
    if (opened == NULL) {
        return error_set_memory(error, "starting threads");
    }
    opened->topology = topology;
    opened->id = atomic_fetch_add_explicit(&next_team_id, 1, memory_order_relaxed);
    opened->worker_count = worker_count;
    barrier_init(&opened->barrier, worker_count);
    barrier_init(&opened->start, worker_count);
    opened->workers = memory_allocate(worker_count, sizeof(*opened->workers));
    opened->members = memory_allocate(worker_count, sizeof(*opened->members));
    size_t node_count = topology_node_count(topology);
    opened->node_begins = memory_allocate(node_count + 1, sizeof(*opened->node_begins));
    opened->near_nodes = memory_allocate(node_count * node_count, sizeof(*opened->near_nodes));
    if (opened->workers == NULL || opened->members == NULL || opened->node_begins == NULL ||
        opened->near_nodes == NULL) {
        team_close(opened);
        return error_set_memory(error, "starting threads");
    }
    seat_workers(opened);
    list_near_nodes(opened);

    /* A lone worker on a lone node is not pinned: nothing is won by it, and it would be kept from
     * an idle core when another process has taken the first one. */
    opened->is_pinned =
        !user_places_threads() && (worker_count > 1 || topology_node_count(topology) > 1);
    if (opened->is_pinned) {
        opened->caller_binding = topology_binding_take(topology);
    }
    uint32_t given = run_region(opened, do_nothing, NULL);
    if (given != worker_count) {
        team_close(opened);
        return error_set(error, STATUS_FAILED,
                         "only %u of %u threads could be started; ask for fewer, or see whether "
                         "OMP_THREAD_LIMIT is set",
                         given, worker_count);
    }
    *team = opened;
    return STATUS_OK;
}

void team_close(struct team *team)
{
    if (team == NULL) {
        return;
    }
    CHECK(!atomic_load_explicit(&team->is_running, memory_order_relaxed));
    topology_binding_restore(team->topology, team->caller_binding);
    thread_seat.team_id = 0;
    memory_free(team->near_nodes);
    memory_free(team->node_begins);
    memory_free(team->members);
    memory_free(team->workers);
    memory_free(team);
}

uint32_t team_worker_count(const struct team *team)
{
    return team->worker_count;
}

uint32_t team_node_worker_count(const struct team *team, uint32_t node)
{
    CHECK(node < topology_node_count(team->topology));
    return team->node_begins[node + 1] - team->node_begins[node];
}

const struct worker *team_worker_at(const struct team *team, uint32_t index)
{
    CHECK(index < team->worker_count);
    return &team->workers[index];
}

const struct topology *team_topology(const struct team *team)
{
    return team->topology;
}

const struct worker *team_next_other(const struct worker *worker, struct team_others *others)
{
    const struct team *team = worker->team;
    uint32_t node_count = topology_node_count(team->topology);
    while (others->node_rank < node_count) {
        uint32_t node = team->near_nodes[(size_t)worker->node * node_count + others->node_rank];
        uint32_t begin = team->node_begins[node];
        uint32_t count = team->node_begins[node + 1] - begin;
        while (others->member < count) {
            uint32_t rank = (worker->node_rank + others->member++) % count;
            const struct worker *other = &team->workers[team->members[begin + rank]];
            if (other != worker) {
                return other;
            }
        }
        others->node_rank++;
        others->member = 0;
    }
    return NULL;
}

void team_run(struct team *team, team_function function, void *context)
{
    if (team->is_held) {
        run_held(team, function, context);
        return;
    }
    uint32_t given = run_region(team, function, context);
    CHECK(given == team->worker_count);
}

struct hold {
    struct team *team;
    team_held_function function;
    void *context;
};

void team_hold(struct team *team, team_held_function function, void *context)
{
    struct hold hold = {team, function, context};
    uint32_t given = run_region(team, hold_worker, &hold);
    CHECK(given == team->worker_count);
}

static void hold_worker(const struct worker *worker, void *context)
{
    struct hold *hold = context;
    struct team *team = hold->team;
    if (worker->index == 0) {
        team->is_held = true;
        thread_is_in_team = false;
        hold->function(hold->context);
        team->is_held = false;
        team->held_run = NULL;
        barrier_wait(&team->start);
        return;
    }
    for (;;) {
        barrier_wait(&team->start);
        if (team->held_run == NULL) {
            return;
        }
        team->held_run(worker, team->held_context);
        barrier_wait(&team->barrier);
    }
}

static void run_held(struct team *team, team_function function, void *context)
{
    CHECK(!thread_is_in_team);
    thread_is_in_team = true;
    team->held_run = function;
    team->held_context = context;
    barrier_wait(&team->start);
    function(&team->workers[0], context);
    barrier_wait(&team->barrier);
    thread_is_in_team = false;
}

void team_barrier(const struct worker *worker)
{
    DCHECK(worker->team->is_running);
    barrier_wait(&worker->team->barrier);
}

void team_share(const struct worker *worker, uint64_t total, uint64_t *begin, uint64_t *end)
{
    uint64_t each = total / worker->worker_count;
    uint64_t rest = total % worker->worker_count;
    uint64_t index = worker->index;
    *begin = index * each + (index < rest ? index : rest);
    *end = *begin + each + (index < rest ? 1 : 0);
}

static uint32_t default_worker_count(const struct topology *topology)
{
    uint32_t count = 0;
#ifndef _OPENMP
    return 1;
#endif
    const char *asked = getenv("OMP_NUM_THREADS");
    if (asked != NULL && asked[0] != '\0') {
        count = (uint32_t)omp_get_max_threads();
    } else {
        for (uint32_t place = 0; place < topology_place_count(topology); place++) {
            count += topology_place_at(topology, place).is_second_thread ? 0 : 1;
        }
    }
    return count < TEAM_WORKERS_MAX ? count : TEAM_WORKERS_MAX;
}

/* Whoever sets these wants the OpenMP runtime to place threads, or nobody to. */
static bool user_places_threads(void)
{
    static const char *const names[] = {"OMP_PROC_BIND", "OMP_PLACES"};
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        const char *value = getenv(names[index]);
        if (value != NULL && value[0] != '\0') {
            return true;
        }
    }
    return false;
}

/* More workers than places share them, in the same order. */
static uint32_t place_of(const struct team *team, uint32_t index)
{
    return index % topology_place_count(team->topology);
}

static void seat_workers(struct team *team)
{
    uint32_t node_count = topology_node_count(team->topology);
    for (uint32_t index = 0; index < team->worker_count; index++) {
        struct worker *worker = &team->workers[index];
        worker->index = index;
        worker->worker_count = team->worker_count;
        worker->node = topology_place_at(team->topology, place_of(team, index)).node;
        worker->team = team;
        worker->node_rank = team->node_begins[worker->node + 1]++;
    }
    for (uint32_t node = 0; node < node_count; node++) {
        team->node_begins[node + 1] += team->node_begins[node];
    }
    for (uint32_t index = 0; index < team->worker_count; index++) {
        struct worker *worker = &team->workers[index];
        worker->node_workers = team_node_worker_count(team, worker->node);
        team->members[team->node_begins[worker->node] + worker->node_rank] = index;
    }
}

/* Round the circle of nodes, and insertion keeps that order among nodes equally far. */
static void list_near_nodes(struct team *team)
{
    const struct topology *topology = team->topology;
    uint32_t node_count = topology_node_count(topology);
    for (uint32_t from = 0; from < node_count; from++) {
        uint32_t *row = team->near_nodes + (size_t)from * node_count;
        row[0] = from;
        for (uint32_t step = 1; step < node_count; step++) {
            uint32_t node = (from + step) % node_count;
            uint32_t distance = topology_distance(topology, from, node);
            uint32_t at = step;
            for (; at > 1 && topology_distance(topology, from, row[at - 1]) > distance; at--) {
                row[at] = row[at - 1];
            }
            row[at] = node;
        }
    }
}

/* Runs nothing when the runtime gives fewer threads than the team has workers. Returns how many it
 * gave. */
static uint32_t run_region(struct team *team, team_function function, void *context)
{
    CHECK(!thread_is_in_team);
    CHECK(!atomic_exchange_explicit(&team->is_running, true, memory_order_acquire));
    /* The caller's setting, which a library has no business to change for good. */
    int was_dynamic = omp_get_dynamic();
    omp_set_dynamic(0);

    uint32_t given = 0;
#ifdef _OPENMP
#pragma omp parallel num_threads((int)team->worker_count) default(none) \
    shared(team, function, context, given)
#endif
    {
        uint32_t index = (uint32_t)omp_get_thread_num();
        uint32_t thread_count = (uint32_t)omp_get_num_threads();
        if (index == 0) {
            given = thread_count;
        }
        if (thread_count == team->worker_count) {
            thread_is_in_team = true;
            take_seat(team, index);
            function(&team->workers[index], context);
            /* Here, lest they wait where the region ends, which is not so considerate. */
            barrier_wait(&team->barrier);
            thread_is_in_team = false;
        }
    }

    omp_set_dynamic(was_dynamic);
    atomic_store_explicit(&team->is_running, false, memory_order_release);
    return given;
}

static void take_seat(struct team *team, uint32_t index)
{
    if (!team->is_pinned) {
        return;
    }
    uint32_t place = place_of(team, index);
    if (thread_seat.team_id != team->id || thread_seat.place != place) {
        (void)topology_bind_thread(team->topology, place);
        thread_seat = (struct seat){.team_id = team->id, .place = place};
    }
}

static void do_nothing(const struct worker *worker, void *context)
{
    (void)worker;
    (void)context;
}
