/* What conditions say of start times, so that of a link's flows only those in the window are
 * visited. The conditions are checked all the same: whatever is not understood here costs time
 * only, and every bound may be wider than the condition. */
#include "pipeline/path_functions.h"
#include "pipeline/pattern_plan.h"
#include "value/temporal.h"

/* StartTime of `plus` - StartTime of `minus` + ns. */
struct linear {
    uint32_t plus;
    uint32_t minus;
    int64_t ns;
};

/* The place of an item in a list: the index + offset, or from an end. */
static bool index_slot(const struct planner *planner, uint32_t edge, const struct term *index,
                       uint32_t *slot)
{
    int64_t offset = 0;
    if (index->kind == AST_NULL && index->literal.kind == VALUE_INTEGER) {
        *slot = slot_of_end(edge, index->literal.integer == -1);
        return index->literal.integer == 0 || index->literal.integer == -1;
    }
    if (index->kind == AST_ADD || index->kind == AST_SUBTRACT) {
        const struct term *shift = index->children[1];
        if (shift->kind != AST_NULL || shift->literal.kind != VALUE_INTEGER ||
            shift->literal.integer < 0 || shift->literal.integer > INDEX_OFFSET_MAX) {
            return false;
        }
        offset = index->kind == AST_ADD ? shift->literal.integer : -shift->literal.integer;
        index = index->children[0];
    }
    *slot = slot_of_index(edge, offset);
    return index->kind == AST_VARIABLE && index->slot == planner->index_slot;
}

/* The edge that a term is: a variable, or an item of the list of a walk. */
static bool edge_slot(const struct planner *planner, const struct term *term, uint32_t *slot)
{
    uint32_t edge = 0;
    if (term->kind == AST_VARIABLE) {
        *slot = term->slot;
        return true;
    }
    if (term->kind == AST_INDEX && plan_list_edge(planner, term->children[0], &edge)) {
        return index_slot(planner, edge, term->children[1], slot);
    }
    if (term->kind != AST_CALL || term->child_count != 1 ||
        !plan_list_edge(planner, term->children[0], &edge)) {
        return false;
    }
    bool is_last = strcmp(term->function->name, "last") == 0;
    *slot = slot_of_end(edge, is_last);
    return is_last || strcmp(term->function->name, "head") == 0;
}

static bool start_time_slot(const struct planner *planner, const struct term *term, uint32_t *slot)
{
    return term->kind == AST_PROPERTY &&
           term->edge_handle == (uint32_t)planner->entities->graph->edges.start_time &&
           edge_slot(planner, term->children[0], slot);
}

/* span(list) */
static bool span_of(const struct planner *planner, const struct term *term, struct linear *linear)
{
    uint32_t edge = 0;
    if (term->kind != AST_CALL || term->function->call != call_span ||
        !plan_list_edge(planner, term->children[0], &edge)) {
        return false;
    }
    *linear = (struct linear){slot_of_end(edge, true), slot_of_end(edge, false), 0};
    return true;
}

static bool linear_add(struct linear *sum, struct linear left, struct linear right)
{
    if ((left.plus != SLOT_NONE && right.plus != SLOT_NONE) ||
        (left.minus != SLOT_NONE && right.minus != SLOT_NONE)) {
        return false;
    }
    sum->plus = left.plus != SLOT_NONE ? left.plus : right.plus;
    sum->minus = left.minus != SLOT_NONE ? left.minus : right.minus;
    return !__builtin_add_overflow(left.ns, right.ns, &sum->ns);
}

static bool linear_subtract(struct linear *difference, struct linear left, struct linear right)
{
    struct linear negated = {.plus = right.minus, .minus = right.plus};
    return !__builtin_sub_overflow((int64_t)0, right.ns, &negated.ns) &&
           linear_add(difference, left, negated);
}

static bool linear_of(const struct planner *planner, const struct term *term, struct linear *linear)
{
    *linear = (struct linear){SLOT_NONE, SLOT_NONE, 0};
    if (span_of(planner, term, linear)) {
        return true;
    }
    if (start_time_slot(planner, term, &linear->plus)) {
        return true;
    }
    linear->plus = SLOT_NONE;
    if (term->kind == AST_NULL) {
        return (term->literal.kind == VALUE_DATETIME &&
                temporal_to_ns(term->literal, &linear->ns)) ||
               (term->literal.kind == VALUE_DURATION &&
                temporal_duration_to_ns(term->literal, &linear->ns));
    }
    struct linear left;
    struct linear right;
    if ((term->kind != AST_ADD && term->kind != AST_SUBTRACT) ||
        !linear_of(planner, term->children[0], &left) ||
        !linear_of(planner, term->children[1], &right)) {
        return false;
    }
    return term->kind == AST_ADD ? linear_add(linear, left, right)
                                 : linear_subtract(linear, left, right);
}

static enum status add_relation(struct planner *planner, uint32_t later, uint32_t earlier,
                                int64_t limit_ns)
{
    struct time_relation *relations =
        chain_grow(planner->memory, planner->relations, planner->relation_count,
                   &planner->relation_capacity, sizeof *relations);
    if (relations == NULL) {
        return error_set_memory(planner->error, "planning a pattern");
    }
    planner->relations = relations;
    relations[planner->relation_count++] = (struct time_relation){later, earlier, limit_ns};
    return STATUS_OK;
}

/* difference `kind` 0. Times of two flows are all in UTC, so that less means a nanosecond less; of
 * other times the order has more to it than the instant. */
static enum status add_relations(struct planner *planner, enum ast_kind kind,
                                 struct linear difference)
{
    bool is_of_two = difference.plus != SLOT_NONE && difference.minus != SLOT_NONE;
    bool is_strict = is_of_two && (kind == AST_LESS || kind == AST_GREATER);
    if (difference.plus == difference.minus || difference.ns < -INT64_MAX ||
        (is_strict && difference.ns > INT64_MAX - 1)) {
        return STATUS_OK;
    }
    if (kind != AST_GREATER && kind != AST_GREATER_EQUAL) {
        TRY(add_relation(planner, difference.plus, difference.minus,
                         -difference.ns - (int64_t)is_strict));
    }
    if (kind != AST_LESS && kind != AST_LESS_EQUAL) {
        TRY(add_relation(planner, difference.minus, difference.plus,
                         difference.ns - (int64_t)is_strict));
    }
    return STATUS_OK;
}

static enum status add_comparison(struct planner *planner, enum ast_kind kind,
                                  const struct term *time, const struct term *term)
{
    struct time_comparison comparison = {.kind = kind, .term = term};
    if (!start_time_slot(planner, time, &comparison.slot)) {
        return STATUS_OK;
    }
    struct time_comparison *comparisons =
        chain_grow(planner->memory, planner->comparisons, planner->comparison_count,
                   &planner->comparison_capacity, sizeof *comparisons);
    if (comparisons == NULL) {
        return error_set_memory(planner->error, "planning a pattern");
    }
    comparison.reads = plan_reads(planner->pattern, term);
    planner->comparisons = comparisons;
    comparisons[planner->comparison_count++] = comparison;
    return STATUS_OK;
}

enum status plan_read_times(struct planner *planner, const struct term *term)
{
    if (term->kind == AST_AND) {
        for (uint32_t i = 0; i < term->child_count; i++) {
            TRY(plan_read_times(planner, term->children[i]));
        }
    }
    if (term->kind != AST_EQUAL && (term->kind < AST_LESS || term->kind > AST_GREATER_EQUAL)) {
        return STATUS_OK;
    }
    struct linear left;
    struct linear right;
    struct linear difference;
    if (linear_of(planner, term->children[0], &left) &&
        linear_of(planner, term->children[1], &right)) {
        return linear_subtract(&difference, left, right)
                   ? add_relations(planner, term->kind, difference)
                   : STATUS_OK;
    }
    TRY(add_comparison(planner, term->kind, term->children[0], term->children[1]));
    return add_comparison(planner, ast_turned(term->kind), term->children[1], term->children[0]);
}

enum status plan_times(struct planner *planner)
{
    for (uint32_t i = 0; planner->is_flows && i < planner->pattern->condition_count; i++) {
        TRY(plan_read_times(planner, planner->pattern->conditions[i].term));
    }
    return STATUS_OK;
}

/* Whether the edge of a slot is known while `edge` is not: it is of an earlier clause, or bound. */
static bool slot_is_known(const struct planner *planner, uint32_t slot)
{
    const struct pattern *pattern = planner->pattern;
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        if (pattern->edges[i].slot == slot) {
            return (planner->bound.edges >> i & 1) != 0;
        }
    }
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        if (pattern->vertices[i].slot == slot) {
            return false;
        }
    }
    return slot == SLOT_NONE || slot < SLOT_OF_END;
}

enum status plan_window(struct planner *planner, uint32_t edge, struct pattern_step *step)
{
    uint32_t slot = planner->pattern->edges[edge].slot;
    step->relations = chain_allocate(planner->memory, planner->relation_count + 1, sizeof(void *));
    step->comparisons =
        chain_allocate(planner->memory, planner->comparison_count + 1, sizeof(void *));
    if (step->relations == NULL || step->comparisons == NULL) {
        return error_set_memory(planner->error, "planning a pattern");
    }
    for (uint32_t i = 0; i < planner->relation_count; i++) {
        const struct time_relation *relation = &planner->relations[i];
        if ((relation->later == slot && slot_is_known(planner, relation->earlier)) ||
            (relation->earlier == slot && slot_is_known(planner, relation->later))) {
            step->relations[step->relation_count++] = relation;
        }
    }
    for (uint32_t i = 0; i < planner->comparison_count; i++) {
        const struct time_comparison *comparison = &planner->comparisons[i];
        if (comparison->slot == slot && pattern_set_holds(&planner->bound, &comparison->reads)) {
            step->comparisons[step->comparison_count++] = comparison;
        }
    }
    return STATUS_OK;
}
