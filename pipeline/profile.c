/* Counting what stages do; see profile.h. */
#include "pipeline/profile.h"

#include <string.h>

/* What was done since the last change is the current stage's. */
static void settle(struct run *run)
{
    struct profile *profile = run->profile;
    struct stage_profile *current = &profile->stages[profile->current];
    int64_t now_ns = clock_ns();
    current->own_ns += now_ns - profile->since_ns;
    current->flows_visited += run->flows_visited - profile->flows_before;
    current->links_visited += run->links_visited - profile->links_before;
    profile->since_ns = now_ns;
    profile->flows_before = run->flows_visited;
    profile->links_before = run->links_visited;
}

void profile_begin(struct run *run)
{
    struct profile *profile = run->profile;
    size_t stages = (size_t)profile->stage_count + 1;
    memset(profile->stages, 0, stages * sizeof *profile->stages);
    memset(profile->step_rows, 0, profile->step_count * sizeof *profile->step_rows);
    profile->current = profile->stage_count;
    profile->since_ns = clock_ns();
    profile->flows_before = 0;
    profile->links_before = 0;
    profile->answer_rows = 0;
    profile->answer_bytes = 0;
    profile->is_filled = true;
}

uint32_t profile_enter(struct run *run, uint32_t stage)
{
    uint32_t before = run->profile->current;
    settle(run);
    run->profile->current = stage;
    return before;
}

enum status profile_copy(struct profile **copy, const struct profile *profile, struct pool *pool,
                         struct error *error)
{
    size_t stages = (size_t)profile->stage_count + 1;
    struct profile *made = pool_allocate(pool, 1, sizeof *made, error);
    *copy = made;
    if (made == NULL) {
        return error->status;
    }
    *made = *profile;
    made->stages = pool_allocate(pool, stages, sizeof *made->stages, error);
    made->step_rows = pool_allocate(pool, profile->step_count, sizeof *made->step_rows, error);
    if (made->stages == NULL || made->step_rows == NULL) {
        return error->status;
    }
    memset(made->stages, 0, stages * sizeof *made->stages);
    memset(made->step_rows, 0, profile->step_count * sizeof *made->step_rows);
    made->since_ns = clock_ns();
    made->flows_before = 0;
    made->links_before = 0;
    return STATUS_OK;
}

void profile_add(struct profile *profile, const struct run *worker, uint32_t worker_count)
{
    const struct profile *part = worker->profile;
    for (uint32_t i = 0; i < profile->stage_count; i++) {
        int64_t share_ns = part->stages[i].own_ns / worker_count;
        profile->stages[profile->current].own_ns -= share_ns;
        profile->stages[i].own_ns += share_ns;
        profile->stages[i].rows_in += i == profile->current ? 0 : part->stages[i].rows_in;
        profile->stages[i].rows_out += part->stages[i].rows_out;
        profile->stages[i].flows_visited += part->stages[i].flows_visited;
        profile->stages[i].links_visited += part->stages[i].links_visited;
        profile->stages[i].bytes += part->stages[i].bytes;
    }
    for (uint32_t i = 0; i < profile->step_count; i++) {
        profile->step_rows[i] += part->step_rows[i];
    }
    profile->flows_before += worker->flows_visited;
    profile->links_before += worker->links_visited;
}
