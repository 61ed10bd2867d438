/* One flag that ends all work: Ctrl-C, a deadline, a limit, or a failed worker.
 *
 * Shared by all workers; the first reason stands. Set from signal handlers (only atomic stores, and
 * a look at the clock), read by hot loops through stop_is_requested (one relaxed load), with the
 * clock looked at by stop_poll, which callers place every few thousand steps (at most every 10 ms
 * of work). */
#ifndef GYRE_BASE_STOP_H
#define GYRE_BASE_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum stop_reason {
    STOP_NONE = 0,
    STOP_INTERRUPTED, /* SIGINT, SIGTERM */
    STOP_DEADLINE,    /* --timeout */
    STOP_MEMORY,      /* --memory-limit, or the machine has none */
    STOP_DISK,        /* beyond --memory-limit: --spill-limit, or the disk is full */
    STOP_ROWS,        /* enough rows were found (LIMIT, a row limit) */
    STOP_FAILED,      /* another worker failed; its error says why */
};

struct stop {
    _Atomic int reason;
    _Atomic int64_t interrupted_ns; /* on the monotonic clock, the first time; 0: never. Also when
                                     * another reason was first. */
    int64_t deadline_ns;            /* on the monotonic clock; 0: none */
};

/* The monotonic clock. */
int64_t clock_ns(void);

void stop_init(struct stop *stop, int64_t timeout_ns); /* 0: no deadline */

/* Begins anew after a run: forgets why that was stopped, unless an interrupt came that it has not
 * told (`has_told`) anyone of. */
void stop_forget(struct stop *stop, bool has_told);

/* Async-signal-safe. */
void stop_request(struct stop *stop, enum stop_reason reason);

static inline bool stop_is_requested(struct stop *stop)
{
    return atomic_load_explicit(&stop->reason, memory_order_relaxed) != STOP_NONE;
}

/* Whether an interrupt came, which ends what other reasons do not. NULL: never. */
static inline bool stop_is_interrupted(struct stop *stop)
{
    return stop != NULL && atomic_load_explicit(&stop->interrupted_ns, memory_order_relaxed) != 0;
}

/* Looks at the clock too. */
bool stop_poll(struct stop *stop);

enum stop_reason stop_reason(struct stop *stop);

/* After a stop, what was found until then is still put together, which may take long. Only an
 * interrupt ends that too: at once when it comes meanwhile; when it was the reason for the stop, a
 * little later, when not much is ready, since then whoever asked would rather go than see it. */
struct stop_patience {
    struct stop *stop;
    int64_t until_ns; /* 0: until an interrupt */
};

/* `grace_ns`: after the interrupt. */
void stop_patience_init(struct stop_patience *patience, struct stop *stop, int64_t grace_ns);

/* True from some moment on. NULL: never. */
static inline bool stop_patience_is_over(const struct stop_patience *patience)
{
    return patience != NULL && stop_is_interrupted(patience->stop) &&
           (patience->until_ns == 0 || clock_ns() >= patience->until_ns);
}

/* What a stop means for what was being done ("loading the flows"): STATUS_OK when there is none, or
 * `stop` is NULL, else the status of its reason, with a text that names the limit. */
enum status stop_error(struct stop *stop, const char *doing, struct error *error);

/* Takes STOP_ROWS back: one part of the work had enough, and the next begins. Others stand. */
void stop_resume(struct stop *stop);

#endif
