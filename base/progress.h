/* Progress of long work, on stderr, and nothing where nobody looks.
 *
 * One per program; any worker may add, only worker 0 draws (at most ten times a second, nothing in
 * the first half second), so that no lock is needed. What is left is guessed from what is done of
 * the phase, as if the rest went on as fast. */
#ifndef GYRE_BASE_PROGRESS_H
#define GYRE_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress_when { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct progress {
    const char *_Atomic phase; /* "loading", "matching"; static text */
    _Atomic uint64_t done;
    _Atomic uint64_t total;   /* 0: unknown */
    _Atomic int64_t phase_ns; /* when the phase began */
    bool is_shown;
    bool is_terminal;
    bool is_drawn; /* a line stands on the terminal and must be wiped */
    int64_t start_ns;
    int64_t drawn_ns;
};

void progress_init(struct progress *progress, enum progress_when when);

/* The clock of one run of several starts. */
void progress_begin(struct progress *progress);

void progress_phase(struct progress *progress, const char *phase, uint64_t total);

/* `progress` may be NULL. */
static inline void progress_add(struct progress *progress, uint64_t amount)
{
    if (progress != NULL) {
        atomic_fetch_add_explicit(&progress->done, amount, memory_order_relaxed);
    }
}

/* So much more is to be done of the phase. `progress` may be NULL. */
static inline void progress_expect(struct progress *progress, uint64_t amount)
{
    if (progress != NULL) {
        atomic_fetch_add_explicit(&progress->total, amount, memory_order_relaxed);
    }
}

/* Draws if it is time to; called by worker 0 only. NULL is accepted. */
void progress_draw(struct progress *progress);

/* Wipes the line, so that results and messages start on a clean one. */
void progress_end(struct progress *progress);

#endif
