/* A pattern is planned once (pattern_plan.c) and matched for every row (pattern_match.c). */
#include "pipeline/pattern.h"

#include "pipeline/pattern_match.h"
#include "pipeline/profile.h"

enum status pattern_prepare(struct pattern *pattern, const struct entities *entities,
                            struct chain *memory, struct error *error)
{
    if (pattern->vertex_count > PATTERN_ELEMENTS_MAX ||
        pattern->edge_count > PATTERN_ELEMENTS_MAX || pattern->path_count > PATTERN_ELEMENTS_MAX) {
        return error_set(error, STATUS_LIMIT,
                         "a pattern of more than %d vertices, relationships or paths; write it as "
                         "several MATCH clauses",
                         PATTERN_ELEMENTS_MAX);
    }
    struct pattern_plan *plan = chain_allocate(memory, 1, sizeof *plan);
    uint32_t step_count = pattern->vertex_count + pattern->edge_count;
    struct pattern_step *steps = chain_allocate(memory, step_count + 1, sizeof *steps);
    if (plan == NULL || steps == NULL) {
        return error_set_memory(error, "planning a pattern");
    }
    struct planner planner = {
        .pattern = pattern, .entities = entities, .memory = memory, .error = error, .plan = plan};
    planner.is_flows = entities->has_columns;
    plan->steps = steps;
    plan->is_impossible = plan_is_impossible(pattern);
    TRY(plan_checks(&planner));
    TRY(plan_times(&planner));
    TRY(plan_hops(&planner));
    TRY(plan_steps(&planner));
    pattern->plan = plan;
    return STATUS_OK;
}

uint32_t pattern_step_count(const struct pattern *pattern)
{
    const struct pattern_plan *plan = pattern->plan;
    return plan->step_count;
}

static enum pushed match_row(struct matching *matching)
{
    struct run *run = matching->run;
    uint32_t count = matching->plan->constant_count;
    struct value *constants =
        pool_allocate(&run->pool, count + 1, sizeof *constants, run->source->error);
    if (constants == NULL) {
        return PUSHED_FAILED;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (evaluate(run, matching->plan->constants[i], &constants[i]) != STATUS_OK) {
            return PUSHED_FAILED;
        }
    }
    matching->constants = constants;
    if (match_read_told(matching) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    bool holds = false;
    if (match_checks(matching, &matching->plan->checks, &holds) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    return holds ? match_step(matching, 0) : PUSHED_MORE;
}

/* The step along the hops that can be cut into slices: those before it bind one vertex each, of
 * which all but the first, that may be scanned for, are told. STEP_NONE: there is none. */
static uint32_t sliced_step(const struct pattern_plan *plan)
{
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct pattern_step *step = &plan->steps[i];
        bool is_one = step->kind == STEP_GIVEN || (step->kind == STEP_KEY && !step->is_list) ||
                      (step->kind == STEP_SCAN && i == 0);
        if (!is_one) {
            bool has_hops = step->kind == STEP_EDGE || step->kind == STEP_WALK;
            return has_hops && !(step->has_left && step->has_right) ? i : STEP_NONE;
        }
    }
    return STEP_NONE;
}

struct pattern_division pattern_divide(const struct pattern *pattern)
{
    const struct pattern_plan *plan = pattern->plan;
    struct pattern_division division = {.slot = SLOT_NONE};
    uint32_t sliced = sliced_step(plan);
    division.scans = plan->step_count > 0 && plan->steps[0].kind == STEP_SCAN;
    division.has_hops = sliced != STEP_NONE;
    if (division.has_hops) {
        const struct pattern_step *step = &plan->steps[sliced];
        const struct pattern_edge *edge = &pattern->edges[step->element];
        const struct pattern_vertex *from =
            &pattern->vertices[step->has_left ? edge->left : edge->right];
        division.slot = from->is_bound ? from->slot : SLOT_NONE;
        division.direction = step_direction(edge, step->has_left);
    }
    return division;
}

uint64_t pattern_hop_count(const struct pattern_division *division, const struct graph *graph,
                           vertex_id vertex)
{
    struct hops hops;
    hops_open(&hops, &graph->edges, vertex, division->direction, VERTEX_NONE);
    return hops_count(&hops);
}

enum pushed pattern_match(struct run *run, const struct pattern *pattern, pattern_found *found,
                          void *context)
{
    return pattern_match_part(run, pattern, NULL, found, context);
}

enum pushed pattern_match_part(struct run *run, const struct pattern *pattern,
                               const struct pattern_part *part, pattern_found *found, void *context)
{
    struct matching matching = {.run = run,
                                .pattern = pattern,
                                .plan = pattern->plan,
                                .part = part,
                                .sliced_step = part == NULL || part->slice_count == 1
                                                   ? STEP_NONE
                                                   : sliced_step(pattern->plan),
                                .frame = &run->entities->graph->edges,
                                .found = found,
                                .context = context};
    if (run->profile != NULL) {
        matching.step_rows = run->profile->step_rows + pattern->first_step;
    }
    if (matching.plan->is_impossible) {
        return PUSHED_MORE;
    }
    struct pool_mark mark = pool_mark(&run->pool);
    enum pushed pushed = match_row(&matching);
    pool_release(&run->pool, mark);
    return pushed;
}
