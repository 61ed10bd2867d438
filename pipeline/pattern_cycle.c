/* Reads one condition at a time the way pattern_prepare reads all of them, and looks at what it
 * came to. */
#include "pipeline/pattern_cycle.h"

#include "pipeline/path_functions.h"
#include "pipeline/pattern_plan.h"
#include "value/list_function.h"

static bool is_inequality(const struct term *term)
{
    return term->kind == AST_LESS || term->kind == AST_LESS_EQUAL || term->kind == AST_GREATER ||
           term->kind == AST_GREATER_EQUAL;
}

static bool is_call(const struct term *term, function_call *call)
{
    return term->kind == AST_CALL && term->function->call == call;
}

/* Whether the term is the pattern's path, or the list of all vertices but the first of it. */
static bool is_path(const struct pattern *pattern, const struct term *term)
{
    return term->kind == AST_VARIABLE && pattern->path_count == 1 &&
           pattern->paths[0].slot == term->slot;
}

static bool is_integer(const struct term *term, int64_t integer)
{
    return term != NULL && term->kind == AST_NULL && term->literal.kind == VALUE_INTEGER &&
           term->literal.integer == integer;
}

static bool is_nodes(const struct pattern *pattern, const struct term *term)
{
    return is_call(term, call_nodes) && is_path(pattern, term->children[0]);
}

/* nodes(p)[1..] */
static bool is_rest(const struct pattern *pattern, const struct term *term)
{
    return term->kind == AST_SLICE && is_integer(term->children[1], 1) &&
           term->children[2] == NULL && is_nodes(pattern, term->children[0]);
}

/* nodes(p)[..-1] */
static bool is_all_but_last(const struct pattern *pattern, const struct term *term)
{
    return term->kind == AST_SLICE &&
           (term->children[1] == NULL || is_integer(term->children[1], 0)) &&
           is_integer(term->children[2], -1) && is_nodes(pattern, term->children[0]);
}

static bool is_slot(const struct term *term, uint32_t slot)
{
    return term->kind == AST_VARIABLE && term->slot == slot;
}

/* unique_vertices(p), or all(n IN nodes(p)[1..] WHERE single(m IN nodes(p)[1..] WHERE m = n)) */
static bool is_simplicity(const struct pattern *pattern, const struct term *term)
{
    if (is_call(term, call_unique_vertices)) {
        return term->child_count == 1 && is_path(pattern, term->children[0]);
    }
    if (term->kind != AST_ALL || !is_rest(pattern, term->children[0]) ||
        term->children[1]->kind != AST_SINGLE ||
        !is_rest(pattern, term->children[1]->children[0])) {
        return false;
    }
    const struct term *equal = term->children[1]->children[1];
    uint32_t inner = term->children[1]->slot;
    return equal->kind == AST_EQUAL &&
           ((is_slot(equal->children[0], inner) && is_slot(equal->children[1], term->slot)) ||
            (is_slot(equal->children[1], inner) && is_slot(equal->children[0], term->slot)));
}

/* Whether what was read is all that the condition says. */
static bool is_exact(const struct planner *planner, const struct term *term)
{
    const struct hop_order *order = &planner->orders[0];
    if (is_inequality(term)) {
        return planner->relation_count == 1 && order->window_ns != INT64_MAX;
    }
    if (is_call(term, call_ascending) || is_call(term, call_strictly_ascending)) {
        return order->is_ascending;
    }
    return term->kind == AST_ALL && is_inequality(term->children[1]) && order->is_ascending &&
           order->pause_ns <= 1 && order->gap_ns == INT64_MAX;
}

bool pattern_lists_edges(const struct pattern *pattern, const struct term *term)
{
    return is_slot(term, pattern->edges[0].slot) ||
           (is_call(term, call_relationships) && is_path(pattern, term->children[0]));
}

bool pattern_lists_vertices(const struct pattern *pattern, const struct term *term)
{
    return is_nodes(pattern, term) || is_rest(pattern, term) || is_all_but_last(pattern, term) ||
           (is_call(term, call_tail) && is_nodes(pattern, term->children[0]));
}

enum status pattern_read_order(const struct pattern *pattern, uint32_t index,
                               const struct entities *entities, struct chain *memory,
                               struct cycle_order *order, bool *is_order, struct error *error)
{
    const struct term *term = pattern->conditions[index].term;
    struct pattern single = *pattern;
    struct pattern_edge edge = pattern->edges[0];
    single.conditions = &pattern->conditions[index];
    single.condition_count = 1;
    edge.is_ascending = false;
    edge.is_strict = false;
    edge.window_ns = INT64_MAX;
    edge.hop_condition = NULL;
    single.edges = &edge;
    *is_order = is_simplicity(pattern, term);
    if (*is_order) {
        order->is_simple = true;
        return STATUS_OK;
    }
    struct planner planner = {.pattern = &single,
                              .entities = entities,
                              .memory = memory,
                              .error = error,
                              .is_flows = true,
                              .index_slot = SLOT_NONE};
    TRY(plan_times(&planner));
    TRY(plan_hops(&planner));
    *is_order = is_exact(&planner, term);
    if (*is_order) {
        const struct hop_order *read = &planner.orders[0];
        order->is_ascending = order->is_ascending || read->is_ascending;
        order->is_strict = order->is_strict || read->is_strict;
        order->window_ns = read->window_ns < order->window_ns ? read->window_ns : order->window_ns;
    }
    return STATUS_OK;
}
