#include "numa/barrier.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SPINS = 1000, /* some 40 us */
    SPINS_ACTIVE = 100 * 1000 * 1000,
};

static void sleep_on(_Atomic uint32_t *word, uint32_t value);
static void wake_all(_Atomic uint32_t *word);

void barrier_init(struct barrier *barrier, uint32_t count)
{
    const char *policy = getenv("OMP_WAIT_POLICY");
    atomic_init(&barrier->arrived, 0);
    atomic_init(&barrier->round, 0);
    atomic_init(&barrier->sleepers, 0);
    barrier->count = count;
    barrier->spins = SPINS;
    if (policy != NULL && strcasecmp(policy, "active") == 0) {
        barrier->spins = SPINS_ACTIVE;
    } else if (policy != NULL && strcasecmp(policy, "passive") == 0) {
        barrier->spins = 0;
    }
}

/* Sleeper and waker are sequentially consistent: either the waker sees the sleeper counted, or the
 * sleeper sees the new round (tests/model/barrier.pml). */
void barrier_wait(struct barrier *barrier)
{
    uint32_t round = atomic_load_explicit(&barrier->round, memory_order_relaxed);
    uint32_t before = atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel);
    if (before + 1 == barrier->count) {
        /* Nobody arrives for the next round before this one is over. */
        atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&barrier->round, round + 1, memory_order_seq_cst);
        if (atomic_load_explicit(&barrier->sleepers, memory_order_seq_cst) > 0) {
            wake_all(&barrier->round);
        }
        return;
    }
    for (uint32_t spins = 0; spins < barrier->spins; spins++) {
        if (atomic_load_explicit(&barrier->round, memory_order_acquire) != round) {
            return;
        }
        __builtin_ia32_pause();
    }
    atomic_fetch_add_explicit(&barrier->sleepers, 1, memory_order_seq_cst);
    while (atomic_load_explicit(&barrier->round, memory_order_seq_cst) == round) {
        sleep_on(&barrier->round, round);
    }
    atomic_fetch_sub_explicit(&barrier->sleepers, 1, memory_order_relaxed);
}

/* Unless the word has another value already; wakes up now and then without a reason. */
static void sleep_on(_Atomic uint32_t *word, uint32_t value)
{
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake_all(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
