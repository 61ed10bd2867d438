/* Work stealing among the workers of a team.
 *
 * Every worker has a deque of tasks, small values that say what part of a search is still to be
 * done. It takes its own first; when it has none left it steals, from its own node before others
 * (team_next_other), or waits until there is something. A worker that searches gives part of its
 * range away only when it is wanted: when somebody is idle and its own deque is empty. The search
 * is over when all are idle.
 *
 *     while (thief_pop(thief, &task) || take_another(&task) || thief_wait(thief, &task))
 *         ... do the task; from time to time: if (thief_is_wanted(thief)) thief_push(thief, ...)
 *
 * `take_another` stands for work that is dealt out otherwise; once it has none for a worker it has
 * none for it ever again, since those that wait do not ask. Every task that is pushed is taken
 * once. Workers that wait sleep, and look again up to 0.8 ms later: nobody need wake them.
 *
 * A thief lies in its worker's memory, and is used by that worker alone; thieves touch each other's
 * deques. */
#ifndef GYRE_NUMA_THIEF_H
#define GYRE_NUMA_THIEF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numa/deque.h"
#include "numa/team.h"

struct thief;

/* What all workers of a search share. */
struct thieves {
    struct thief **all; /* [worker_count], by the worker's index */
    uint32_t task_bytes;
    bool splits_always;                       /* for tests: as if somebody were always idle */
    _Alignas(64) _Atomic uint32_t idle_count; /* workers without work; all: the search is over */
};

/* What workers did; kept for one of them, summed up for several. */
struct thief_counts {
    uint64_t tasks; /* counted by who runs them */
    uint64_t splits;
    uint64_t steals_local; /* from a worker of the same node */
    uint64_t steals_remote;
    int64_t idle_ns; /* waiting for something to steal */
};

struct thief {
    struct thieves *thieves;
    const struct worker *worker;
    struct thief_counts counts;
    struct deque deque;
};

/* `all` is the caller's and is filled by thief_init, once for each worker, before the team runs. A
 * task is `task_bytes` long, whole words, at most a deque's item. No clean-up. */
void thieves_init(struct thieves *thieves, struct thief **all, size_t task_bytes,
                  bool splits_always);
void thief_init(struct thief *thief, struct thieves *thieves, const struct worker *worker);

/* Whether part of what the worker is at would be taken. */
bool thief_is_wanted(struct thief *thief);

/* Puts a task that was split off where others find it. Only when wanted: then there is room. */
void thief_push(struct thief *thief, const void *task);

/* Takes the worker's own task that was pushed last. False when there is none. */
bool thief_pop(struct thief *thief, void *task);

/* Takes another worker's task, as soon as there is one. False when all workers are here. */
bool thief_wait(struct thief *thief, void *task);

void thief_counts_sum(struct thief_counts *total, const struct thief_counts *part);

/* Where to cut a range so that its owner keeps at least one and the larger half: a task that is
 * given away whole would only travel. */
static inline uint64_t thief_middle(uint64_t next, uint64_t end)
{
    return next + (end - next + 1) / 2;
}

#endif
