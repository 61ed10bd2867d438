/* The flag that ends all work, and the clock that deadlines are told by. */
#include "base/stop.h"

#include <time.h>

void stop_init(struct stop *stop, int64_t timeout_ns)
{
    atomic_init(&stop->reason, STOP_NONE);
    atomic_init(&stop->interrupted_ns, 0);
    stop->deadline_ns = 0;
    if (timeout_ns > 0 && __builtin_add_overflow(clock_ns(), timeout_ns, &stop->deadline_ns)) {
        stop->deadline_ns = INT64_MAX;
    }
}

/* Relaxed: the flag says that work is to end and publishes nothing; what workers hand over is
 * published by the end of their team. */
void stop_request(struct stop *stop, enum stop_reason reason)
{
    int none = STOP_NONE;
    if (reason == STOP_INTERRUPTED) {
        int64_t never = 0;
        atomic_compare_exchange_strong_explicit(&stop->interrupted_ns, &never, clock_ns(),
                                                memory_order_relaxed, memory_order_relaxed);
    }
    atomic_compare_exchange_strong_explicit(&stop->reason, &none, (int)reason, memory_order_relaxed,
                                            memory_order_relaxed);
}

void stop_forget(struct stop *stop, bool has_told)
{
    if (has_told) {
        atomic_store_explicit(&stop->interrupted_ns, 0, memory_order_relaxed);
    }
    atomic_store_explicit(&stop->reason, stop_is_interrupted(stop) ? STOP_INTERRUPTED : STOP_NONE,
                          memory_order_relaxed);
    /* A signal may have come between the look and the store, and must not be lost. */
    if (stop_is_interrupted(stop)) {
        stop_request(stop, STOP_INTERRUPTED);
    }
}

void stop_resume(struct stop *stop)
{
    if (stop_reason(stop) == STOP_ROWS) {
        stop_forget(stop, false);
    }
}

void stop_patience_init(struct stop_patience *patience, struct stop *stop, int64_t grace_ns)
{
    int64_t interrupted_ns =
        stop == NULL ? 0 : atomic_load_explicit(&stop->interrupted_ns, memory_order_relaxed);
    *patience = (struct stop_patience){stop, interrupted_ns == 0 ? 0 : interrupted_ns + grace_ns};
}

bool stop_poll(struct stop *stop)
{
    if (stop->deadline_ns != 0 && !stop_is_requested(stop) && clock_ns() >= stop->deadline_ns) {
        stop_request(stop, STOP_DEADLINE);
    }
    return stop_is_requested(stop);
}

enum stop_reason stop_reason(struct stop *stop)
{
    return (enum stop_reason)atomic_load_explicit(&stop->reason, memory_order_relaxed);
}

enum status stop_error(struct stop *stop, const char *doing, struct error *error)
{
    switch (stop == NULL ? STOP_NONE : stop_reason(stop)) {
    case STOP_NONE:
        return STATUS_OK;
    case STOP_INTERRUPTED:
        return error_set(error, STATUS_INTERRUPTED, "interrupted while %s", doing);
    case STOP_DEADLINE:
        return error_set(error, STATUS_LIMIT,
                         "the time limit was reached while %s; raise --timeout", doing);
    case STOP_MEMORY:
        return error_set(error, STATUS_LIMIT,
                         "memory ran out while %s: --memory-limit was reached, or the machine has "
                         "no more; raise it, or ask for less (LIMIT, fewer columns, a narrower "
                         "window)",
                         doing);
    case STOP_DISK:
        return error_set(error, STATUS_LIMIT,
                         "the results outgrew --memory-limit, and then the room on disk, while %s: "
                         "--spill-limit was reached, or --spill-directory is full; raise one of "
                         "them, or ask for less (LIMIT, a narrower window)",
                         doing);
    case STOP_ROWS:
        return error_set(error, STATUS_LIMIT, "enough rows were found while %s", doing);
    case STOP_FAILED:
        break;
    }
    return error_set(error, STATUS_FAILED, "stopped while %s", doing);
}

int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
