/* The counter of memory taken by all arenas of a run. */
#include "numa/budget.h"

#include <stddef.h>

#include "base/check.h"

void budget_init(struct budget *budget, uint64_t limit_bytes)
{
    atomic_init(&budget->used_bytes, 0);
    atomic_init(&budget->peak_bytes, 0);
    budget->limit_bytes = limit_bytes;
    budget->huge_pages = HUGE_PAGES_AUTO;
    budget->kept = NULL;
    budget->spill = NULL;
}

bool budget_take(struct budget *budget, uint64_t bytes)
{
    uint64_t limit = budget->limit_bytes == 0 ? UINT64_MAX : budget->limit_bytes;
    uint64_t used = atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
    do {
        /* Written without a sum, which could overflow; `used` never passes `limit`. */
        if (bytes > limit - used) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&budget->used_bytes, &used, used + bytes,
                                                    memory_order_relaxed, memory_order_relaxed));

    used += bytes;
    uint64_t peak = atomic_load_explicit(&budget->peak_bytes, memory_order_relaxed);
    while (peak < used &&
           !atomic_compare_exchange_weak_explicit(&budget->peak_bytes, &peak, used,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
    budget_fit_kept(budget);
    return true;
}

void budget_fit_kept(struct budget *budget)
{
    if (budget->kept != NULL) {
        uint64_t used = budget_used(budget);
        uint64_t peak = budget_peak(budget);
        kept_pages_shrink(budget->kept, peak > used ? peak - used : 0);
    }
}

void budget_give(struct budget *budget, uint64_t bytes)
{
    uint64_t before = atomic_fetch_sub_explicit(&budget->used_bytes, bytes, memory_order_relaxed);
    CHECK(before >= bytes);
}

uint64_t budget_used(struct budget *budget)
{
    return atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
}

uint64_t budget_peak(struct budget *budget)
{
    return atomic_load_explicit(&budget->peak_bytes, memory_order_relaxed);
}
