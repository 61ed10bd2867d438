/* What has to hold of a pattern's elements, and when all that it reads is bound. */
#include "pipeline/compile.h"
#include "pipeline/pattern_plan.h"

static const struct pattern_set everything = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

struct reading {
    const struct pattern *pattern;
    struct pattern_set reads;
};

static void read_element(void *context, uint32_t slot)
{
    struct reading *reading = context;
    const struct pattern *pattern = reading->pattern;
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        reading->reads.vertices |= (uint64_t)(pattern->vertices[i].slot == slot) << i;
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        reading->reads.edges |= (uint64_t)(pattern->edges[i].slot == slot) << i;
    }
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        reading->reads.paths |= (uint64_t)(pattern->paths[i].slot == slot) << i;
    }
}

/* Those bits that are elements of the pattern. */
static struct pattern_set within(const struct pattern *pattern, struct pattern_set set)
{
    uint64_t vertices =
        pattern->vertex_count == 64 ? UINT64_MAX : (UINT64_C(1) << pattern->vertex_count) - 1;
    uint64_t edges =
        pattern->edge_count == 64 ? UINT64_MAX : (UINT64_C(1) << pattern->edge_count) - 1;
    uint64_t paths = 0;
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        paths |= (uint64_t)(pattern->paths[i].slot != SLOT_NONE) << i;
    }
    return (struct pattern_set){set.vertices & vertices, set.edges & edges, set.paths & paths};
}

struct pattern_set plan_reads(const struct pattern *pattern, const struct term *term)
{
    struct reading reading = {.pattern = pattern};
    bool is_known = term == NULL || term_reads(term, read_element, &reading);
    return within(pattern, is_known ? reading.reads : everything);
}

static enum status add_check(struct planner *planner, struct pattern_check check,
                             struct pattern_set reads)
{
    struct planned_check *checks =
        chain_grow(planner->memory, planner->checks, planner->check_count, &planner->check_capacity,
                   sizeof *checks);
    if (checks == NULL) {
        return error_set_memory(planner->error, "planning a pattern");
    }
    planner->checks = checks;
    checks[planner->check_count++] =
        (struct planned_check){check, within(planner->pattern, reads), false};
    return STATUS_OK;
}

/* A value that reads nothing of the pattern becomes a constant of the row. */
static enum status add_value_check(struct planner *planner, struct pattern_check check,
                                   struct pattern_set reads)
{
    struct pattern_set value = plan_reads(planner->pattern, check.value.term);
    check.value.constant = CONSTANT_NONE;
    if ((value.vertices | value.edges | value.paths) == 0) {
        check.value.constant = planner->plan->constant_count++;
    }
    reads.vertices |= value.vertices;
    reads.edges |= value.edges;
    reads.paths |= value.paths;
    return add_check(planner, check, reads);
}

static enum status add_properties(struct planner *planner,
                                  const struct pattern_properties *properties, enum check_kind kind,
                                  enum check_kind map_kind, uint32_t element,
                                  struct pattern_set reads)
{
    if (properties->map != NULL) {
        struct pattern_check check = {
            .kind = map_kind, .element = element, .value.term = properties->map};
        return add_value_check(planner, check, reads);
    }
    for (uint32_t i = 0; i < properties->count; i++) {
        struct pattern_check check = {.kind = kind,
                                      .element = element,
                                      .handle = properties->handles[i],
                                      .value.term = properties->values[i]};
        TRY(add_value_check(planner, check, reads));
    }
    return STATUS_OK;
}

static enum status add_elements(struct planner *planner)
{
    const struct pattern *pattern = planner->pattern;
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        struct pattern_set reads = {.vertices = UINT64_C(1) << i};
        if (pattern->vertices[i].label_count > 0) {
            struct pattern_check check = {.kind = CHECK_LABELS, .element = i};
            TRY(add_check(planner, check, reads));
        }
        TRY(add_properties(planner, &pattern->vertices[i].properties, CHECK_VERTEX_PROPERTY,
                           CHECK_VERTEX_MAP, i, reads));
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        struct pattern_set reads = {.edges = UINT64_C(1) << i};
        TRY(add_properties(planner, &pattern->edges[i].properties, CHECK_EDGE_PROPERTY,
                           CHECK_EDGE_MAP, i, reads));
    }
    return STATUS_OK;
}

static enum status add_path(struct planner *planner, uint32_t index)
{
    const struct pattern_path *path = &planner->pattern->paths[index];
    struct pattern_set reads = {0, 0, 0};
    if (path->edge_count == 0) {
        reads.vertices = UINT64_C(1) << path->vertex;
    }
    for (uint32_t i = 0; i < path->edge_count; i++) {
        const struct pattern_edge *edge = &planner->pattern->edges[path->first_edge + i];
        reads.vertices |= UINT64_C(1) << edge->left | UINT64_C(1) << edge->right;
        reads.edges |= UINT64_C(1) << (path->first_edge + i);
    }
    struct pattern_check check = {.kind = CHECK_PATH, .element = index};
    return path->slot == SLOT_NONE ? STATUS_OK : add_check(planner, check, reads);
}

enum status plan_checks(struct planner *planner)
{
    const struct pattern *pattern = planner->pattern;
    TRY(add_elements(planner));
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        TRY(add_path(planner, i));
    }
    for (uint32_t i = 0; i < pattern->condition_count; i++) {
        const struct pattern_condition *condition = &pattern->conditions[i];
        struct pattern_check check = {.kind = CHECK_CONDITION,
                                      .value = {condition->term, CONSTANT_NONE}};
        TRY(add_check(
            planner, check,
            (struct pattern_set){condition->vertices, condition->edges, condition->paths}));
    }
    planner->plan->constants =
        chain_allocate(planner->memory, planner->plan->constant_count + 1, sizeof(struct term *));
    if (planner->plan->constants == NULL) {
        return error_set_memory(planner->error, "planning a pattern");
    }
    for (uint32_t i = 0; i < planner->check_count; i++) {
        const struct pattern_check *check = &planner->checks[i].check;
        if (check->kind != CHECK_CONDITION && check->value.term != NULL &&
            check->value.constant != CONSTANT_NONE) {
            planner->plan->constants[check->value.constant] = check->value.term;
        }
    }
    return STATUS_OK;
}

static enum status append(struct planner *planner, struct pattern_checks *checks,
                          const struct pattern_check *check)
{
    if (checks->checks == NULL) {
        checks->checks =
            chain_allocate(planner->memory, planner->check_count, sizeof *checks->checks);
    }
    if (checks->checks == NULL) {
        return error_set_memory(planner->error, "planning a pattern");
    }
    checks->checks[checks->count++] = *check;
    return STATUS_OK;
}

enum status plan_due_checks(struct planner *planner, struct pattern_checks *checks)
{
    for (uint32_t i = 0; i < planner->check_count; i++) {
        struct planned_check *planned = &planner->checks[i];
        if (!planned->is_done && pattern_set_holds(&planner->bound, &planned->reads)) {
            planned->is_done = true;
            TRY(append(planner, checks, &planned->check));
            if (planned->check.kind == CHECK_PATH) {
                planner->bound.paths |= UINT64_C(1) << planned->check.element;
            }
        }
    }
    return STATUS_OK;
}

/* Whether flows of any type will do: of a loaded graph's type, with handle 0, all flows are. */
static bool has_every_type(const struct planner *planner, const struct pattern_edge *edge)
{
    for (uint32_t i = 0; i < edge->type_count && planner->is_flows; i++) {
        if (edge->types[i] == 0) {
            return true;
        }
    }
    return edge->type_count == 0;
}

enum status plan_hop_checks(struct planner *planner, uint32_t edge, struct pattern_step *step)
{
    const struct pattern_edge *pattern_edge = &planner->pattern->edges[edge];
    struct pattern_set known = planner->bound;
    known.edges |= UINT64_C(1) << edge;
    for (uint32_t i = 0; i < planner->check_count; i++) {
        struct planned_check *planned = &planner->checks[i];
        bool is_own =
            planned->check.kind == CHECK_EDGE_PROPERTY || planned->check.kind == CHECK_EDGE_MAP;
        if (is_own && planned->check.element == edge && !planned->is_done &&
            pattern_set_holds(&known, &planned->reads)) {
            planned->is_done = true;
            TRY(append(planner, &step->hop_checks, &planned->check));
        }
    }
    step->hop_conditions = chain_allocate(planner->memory, planner->hop_count + 1, sizeof(void *));
    if (step->hop_conditions == NULL) {
        return error_set_memory(planner->error, "planning a pattern");
    }
    for (uint32_t i = 0; i < planner->hop_count; i++) {
        const struct hop_condition *condition = &planner->hops[i];
        struct pattern_set reads = plan_reads(planner->pattern, condition->term);
        if (condition->edge == edge && pattern_set_holds(&planner->bound, &reads)) {
            step->hop_conditions[step->hop_condition_count++] = condition;
        }
    }
    step->order = planner->orders[edge];
    step->has_types = !has_every_type(planner, pattern_edge);
    return STATUS_OK;
}
