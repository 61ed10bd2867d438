/* Where the workers of a team wait for each other.
 *
 * Who comes first spins for about as long as waking a thread takes, and then sleeps: libgomp's own
 * barrier spins for some milliseconds, which on a machine with other work, or in a container with a
 * share of the processors, takes the time from the very worker that is waited for. All that was
 * written before the barrier is seen after it. */
#ifndef GYRE_NUMA_BARRIER_H
#define GYRE_NUMA_BARRIER_H

#include <stdatomic.h>
#include <stdint.h>

struct barrier {
    uint32_t count;           /* how many wait for each other */
    uint32_t spins;           /* before sleeping */
    _Atomic uint32_t arrived; /* in this round */
    char apart[64];           /* those who arrive do not disturb those who spin */
    _Atomic uint32_t round;   /* what sleepers sleep on */
    _Atomic uint32_t sleepers;
};

/* Spins as OMP_WAIT_POLICY says: `active`: for long, `passive`: not at all. */
void barrier_init(struct barrier *barrier, uint32_t count);

/* Returns when all `count` have called it in this round. */
void barrier_wait(struct barrier *barrier);

#endif
