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
