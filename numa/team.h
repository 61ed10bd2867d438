/* The team: one OpenMP parallel region with workers pinned to cores.
 *
 * Threads exist only inside team_run, the one `#pragma omp parallel` of the program. Worker 0 is
 * the calling thread. Load, build and match use the same team, so that a worker finds its node's
 * memory where it left it.
 *
 * Worker i sits at the topology's place i (more workers than places share them in turn), from
 * team_open on; the caller's own binding comes back with team_close. Nobody is pinned when
 * OMP_PROC_BIND or OMP_PLACES is set, nor a lone worker on a machine with one node. Running a team
 * from within a run, or from two threads at once, is a CHECK failure; a team is opened, run and
 * closed by one thread. */
#ifndef GYRE_NUMA_TEAM_H
#define GYRE_NUMA_TEAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/status.h"
#include "numa/topology.h"

struct team;

/* One per thread; valid for the life of the team. */
struct worker {
    uint32_t index;        /* 0..worker_count-1 */
    uint32_t worker_count; /* of the team */
    uint32_t node;         /* where it is pinned */
    uint32_t node_rank;    /* 0.. among the workers of its node */
    uint32_t node_workers; /* how many workers its node has */
    struct team *team;
};

/* `worker_count` 0: one per usable core (OMP_NUM_THREADS when set). Open fails when the machine
 * cannot start that many threads. At most TEAM_WORKERS_MAX. */
enum { TEAM_WORKERS_MAX = 1024 };
enum status team_open(struct team **team, const struct topology *topology, uint32_t worker_count,
                      struct error *error);
void team_close(struct team *team);

uint32_t team_worker_count(const struct team *team);
uint32_t team_node_worker_count(const struct team *team, uint32_t node);
const struct worker *team_worker_at(const struct team *team, uint32_t index);
const struct topology *team_topology(const struct team *team);

/* The other workers in the order in which `worker` turns to them when it has nothing to do: those
 * of its own node, then those of the nearest node, and so on. Of nodes equally far every node
 * begins at another one, and within a node every worker does, so that those who run out of work
 * together do not all turn to the same.
 *
 *     struct team_others others = {0};
 *     while ((other = team_next_other(worker, &others)) != NULL) */
struct team_others {
    uint32_t node_rank;
    uint32_t member;
};
const struct worker *team_next_other(const struct worker *worker, struct team_others *others);

/* Runs `function(worker, context)` once per worker, and returns when all have returned. */
typedef void (*team_function)(const struct worker *worker, void *context);
void team_run(struct team *team, team_function function, void *context);

/* Runs `function(context)` on the calling thread, and keeps the other workers at hand meanwhile:
 * runs within it find them waiting (numa/barrier.h), where otherwise each run ends and begins a
 * parallel region, between which libgomp's threads spin. For calls that consist of several runs. */
typedef void (*team_held_function)(void *context);
void team_hold(struct team *team, team_held_function function, void *context);

/* Waits until all workers have come here (numa/barrier.h). Every worker must, or none. */
void team_barrier(const struct worker *worker);

/* The worker's share of 0..total-1: contiguous, as equal as can be. */
void team_share(const struct worker *worker, uint64_t total, uint64_t *begin, uint64_t *end);

/* Deals out 0..total-1 in runs of `grain`, first come first served. False when none is left. The
 * counter starts at 0. */
static inline _Bool team_next(_Atomic uint64_t *counter, uint64_t total, uint64_t grain,
                              uint64_t *begin, uint64_t *end)
{
    uint64_t first = atomic_fetch_add_explicit(counter, grain, memory_order_relaxed);
    if (first >= total) {
        return 0;
    }
    *begin = first;
    *end = total - first < grain ? total : first + grain;
    return 1;
}

#endif
