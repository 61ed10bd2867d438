/* What each stage did in a run, counted and timed only when somebody wants to see it. */
#ifndef GYRE_PIPELINE_PROFILE_H
#define GYRE_PIPELINE_PROFILE_H

#include <stdint.h>

#include "pipeline/run.h"

struct stage_profile {
    uint64_t rows_in;
    uint64_t rows_out;
    uint64_t flows_visited;
    uint64_t links_visited;
    int64_t own_ns; /* without the stages behind it and those of its subqueries */
    uint64_t bytes; /* that it held, at most */
};

/* Of one run. Time passes for one stage at once, the current one; `stages[stage_count]` stands for
 * everything that is outside of stages: what keeps the answer. */
struct profile {
    struct stage_profile *stages; /* [stage_count + 1] */
    uint64_t *step_rows;          /* [steps of all patterns]: what passed each */
    uint32_t stage_count;
    uint32_t step_count;
    uint32_t current;
    int64_t since_ns;
    uint64_t flows_before;
    uint64_t links_before;
    uint64_t answer_rows;
    uint64_t answer_bytes;
    bool is_filled; /* a run was profiled */
};

/* Forgets what an earlier run did; everything from here on is outside of stages. */
void profile_begin(struct run *run);

/* From here on `stage` is at work; gives the one before. The run has a profile. */
uint32_t profile_enter(struct run *run, uint32_t stage);

/* A worker's own, to be counted in beside others; the current stage is the same. In `pool`. */
enum status profile_copy(struct profile **copy, const struct profile *profile, struct pool *pool,
                         struct error *error);

/* Adds what one of `worker_count` workers counted while the current stage waited for them. They
 * worked side by side: of the time that passed, each had a part. */
void profile_add(struct profile *profile, const struct run *worker, uint32_t worker_count);

/* A stage holds so much; does nothing without a profile. */
static inline void profile_hold(struct run *run, uint32_t stage, uint64_t bytes)
{
    if (run->profile != NULL && run->profile->stages[stage].bytes < bytes) {
        run->profile->stages[stage].bytes = bytes;
    }
}

#endif
