/* Taking, stealing and waiting. tests/model/termination.pml is a model of how it ends. */
#include "numa/thief.h"

#include <sched.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/stop.h"

enum {
    SPINS_BEFORE_YIELD = 64,
    SPINS_BEFORE_SLEEP = 256,
    /* Each sleep is a quarter longer than the one before, and so about a quarter of the wait until
     * then: work that appears is not left lying for much longer than it was waited for. */
    SLEEP_NS_MIN = 50000,
    SLEEP_NS_MAX = 800000,
};

static bool wait_idle(struct thief *thief, void *task);
static bool steal(struct thief *thief, void *task);
static bool steal_from(struct thief *thief, struct thief *victim, void *task);

void thieves_init(struct thieves *thieves, struct thief **all, size_t task_bytes,
                  bool splits_always)
{
    CHECK(task_bytes % sizeof(uint64_t) == 0 && task_bytes <= sizeof(struct deque_item));
    thieves->all = all;
    thieves->task_bytes = (uint32_t)task_bytes;
    thieves->splits_always = splits_always;
    atomic_init(&thieves->idle_count, 0);
}

void thief_init(struct thief *thief, struct thieves *thieves, const struct worker *worker)
{
    thief->thieves = thieves;
    thief->worker = worker;
    thief->counts = (struct thief_counts){0};
    deque_init(&thief->deque);
    thieves->all[worker->index] = thief;
}

static uint32_t task_words(const struct thief *thief)
{
    return thief->thieves->task_bytes / sizeof(uint64_t);
}

bool thief_is_wanted(struct thief *thief)
{
    const struct thieves *thieves = thief->thieves;
    return (atomic_load_explicit(&thieves->idle_count, memory_order_relaxed) > 0 ||
            thieves->splits_always) &&
           deque_is_empty(&thief->deque);
}

void thief_push(struct thief *thief, const void *task)
{
    struct deque_item item;
    memcpy(item.words, task, thief->thieves->task_bytes);
    bool is_pushed = deque_push(&thief->deque, &item, task_words(thief));
    CHECK(is_pushed);
    thief->counts.splits++;
}

bool thief_pop(struct thief *thief, void *task)
{
    struct deque_item item;
    if (!deque_pop(&thief->deque, &item, task_words(thief))) {
        return false;
    }
    memcpy(task, item.words, thief->thieves->task_bytes);
    return true;
}

bool thief_wait(struct thief *thief, void *task)
{
    int64_t start_ns = clock_ns();
    bool is_found = wait_idle(thief, task);
    thief->counts.idle_ns += clock_ns() - start_ns;
    return is_found;
}

void thief_counts_sum(struct thief_counts *total, const struct thief_counts *part)
{
    total->tasks += part->tasks;
    total->splits += part->splits;
    total->steals_local += part->steals_local;
    total->steals_remote += part->steals_remote;
    total->idle_ns += part->idle_ns;
}

static bool wait_idle(struct thief *thief, void *task)
{
    struct thieves *thieves = thief->thieves;
    uint32_t worker_count = thief->worker->worker_count;
    long sleep_ns = SLEEP_NS_MIN;
    atomic_fetch_add_explicit(&thieves->idle_count, 1, memory_order_acq_rel);
    for (uint32_t spins = 0;; spins++) {
        if (atomic_load_explicit(&thieves->idle_count, memory_order_acquire) == worker_count) {
            return false;
        }
        if (steal(thief, task)) {
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

static bool steal(struct thief *thief, void *task)
{
    struct team_others others = {0};
    const struct worker *other;
    while ((other = team_next_other(thief->worker, &others)) != NULL) {
        if (steal_from(thief, thief->thieves->all[other->index], task)) {
            return true;
        }
    }
    return false;
}

/* A thief counts as busy before it takes, so that all being idle means that there is nothing left;
 * it looks before it does, so that it seldom pretends. */
static bool steal_from(struct thief *thief, struct thief *victim, void *task)
{
    struct thieves *thieves = thief->thieves;
    if (deque_is_empty(&victim->deque)) {
        return false;
    }
    atomic_fetch_sub_explicit(&thieves->idle_count, 1, memory_order_acq_rel);
    struct deque_item item;
    if (!deque_steal(&victim->deque, &item, task_words(thief))) {
        atomic_fetch_add_explicit(&thieves->idle_count, 1, memory_order_acq_rel);
        return false;
    }
    memcpy(task, item.words, thieves->task_bytes);
    bool is_local = victim->worker->node == thief->worker->node;
    thief->counts.steals_local += is_local;
    thief->counts.steals_remote += !is_local;
    return true;
}
