/* Flows of which a column has to have a value that the row tells, `e.Dport = port`: the value is
 * brought into the column's form once a row, so that each flow is a comparison of numbers. */
#include "pipeline/pattern_match.h"

/* The property of a column of whole numbers, or of codes of texts. */
static bool is_comparable(const struct planner *planner, uint32_t handle)
{
    const struct schema *schema = &planner->entities->graph->edges.schema;
    if (handle == HANDLE_NONE || schema->properties[handle].role != ROLE_ATTRIBUTE) {
        return false;
    }
    enum type type = schema->properties[handle].type;
    return type == TYPE_INTEGER || type == TYPE_TEXT;
}

void plan_told(const struct planner *planner, struct pattern_step *step)
{
    const struct pattern_check *check = step->checks.count > 0 ? &step->checks.checks[0] : NULL;
    if (!planner->is_flows || check == NULL || check->kind != CHECK_CONDITION ||
        check->value.term->kind != AST_EQUAL || step_tests_hops(step)) {
        return; /* what is tested before may fail */
    }
    uint32_t slot = planner->pattern->edges[step->element].slot;
    for (uint32_t side = 0; side < 2; side++) {
        const struct term *property = check->value.term->children[side];
        const struct term *value = check->value.term->children[1 - side];
        struct pattern_set reads = plan_reads(planner->pattern, value);
        bool is_told = (value->kind == AST_NULL || value->kind == AST_VARIABLE) &&
                       (reads.vertices | reads.edges | reads.paths) == 0;
        if (is_told && property->kind == AST_PROPERTY &&
            property->children[0]->kind == AST_VARIABLE && property->children[0]->slot == slot &&
            is_comparable(planner, property->edge_handle)) {
            step->told = value;
            step->told_handle = property->edge_handle;
        }
    }
}

/* A number that is a whole one. */
static struct told read_number(struct value value)
{
    const double end = 9223372036854775808.0;
    if (value.kind == VALUE_INTEGER) {
        return (struct told){true, value.integer};
    }
    bool fits = value.kind == VALUE_FLOAT && value.real >= -end && value.real < end;
    int64_t integer = fits ? (int64_t)value.real : 0;
    return (struct told){fits && (double)integer == value.real, integer};
}

static struct told read_text(const struct dictionary *dictionary, struct value value)
{
    uint32_t code = 0;
    bool is_there =
        value.kind == VALUE_TEXT && dictionary_find(dictionary, value_text_view(value), &code);
    return (struct told){is_there, code};
}

enum status match_read_told(struct matching *matching)
{
    const struct pattern_plan *plan = matching->plan;
    struct run *run = matching->run;
    struct told *told = NULL;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct pattern_step *step = &plan->steps[i];
        if (step->told == NULL) {
            continue;
        }
        if (told == NULL) {
            told = pool_allocate(&run->pool, plan->step_count, sizeof *told, run->source->error);
            if (told == NULL) {
                return run->source->error->status;
            }
        }
        struct value value;
        TRY(evaluate(run, step->told, &value));
        bool is_text = matching->frame->schema.properties[step->told_handle].type == TYPE_TEXT;
        told[i] = is_text ? read_text(&matching->frame->dictionaries[step->told_handle], value)
                          : read_number(value);
    }
    matching->told = told;
    return STATUS_OK;
}
