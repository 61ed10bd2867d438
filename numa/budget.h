/* How much memory a run may take, and of which kind: one counter for all arenas, with a limit and a
 * high-water mark.
 * Thread-safe: relaxed atomics, since only the sum matters. */
#ifndef GYRE_NUMA_BUDGET_H
#define GYRE_NUMA_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "numa/kept_pages.h"
#include "numa/pages.h"

struct spill;

struct budget {
    _Atomic uint64_t used_bytes;
    _Atomic uint64_t peak_bytes;
    uint64_t limit_bytes; /* 0: no limit */
    enum huge_pages huge_pages;
    struct kept_pages *kept; /* given back and not unmapped, not in used_bytes; NULL: none */
    struct spill *spill;     /* where results go beyond it (numa/spill.h); NULL: nowhere */
};

void budget_init(struct budget *budget, uint64_t limit_bytes);

/* False, and nothing taken, when it would pass the limit. */
bool budget_take(struct budget *budget, uint64_t bytes);
void budget_give(struct budget *budget, uint64_t bytes);
/* Unmaps what is kept beyond the high-water mark. */
void budget_fit_kept(struct budget *budget);

uint64_t budget_used(struct budget *budget);
uint64_t budget_peak(struct budget *budget);

#endif
