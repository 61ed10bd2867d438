/* Expected rows; see estimate.h. Shares without statistics are the textbook's (P. Selinger et al.,
 * "Access path selection in a relational database management system", 1979); groups are the square
 * root of their rows. */
#include "pipeline/estimate.h"

#include <math.h>

#include "query/plan.h"

static const double share_equal = 0.1;
static const double share_range = 0.3;
static const double share_other = 0.5;
static const double rows_max = 1e18;

enum { UNWIND_ITEMS = 10, HOPS_MAX = 64 };

static double capped(double rows)
{
    return rows > rows_max ? rows_max : rows; /* what is not known stays so */
}

/* The share of rows for which a condition holds. */
static double share_of(const struct term *term)
{
    double share = term->kind == AST_AND ? 1 : 0;
    switch (term->kind) {
    case AST_NULL:
        return term->literal.kind == VALUE_BOOL && term->literal.integer != 0 ? 1 : 0;
    case AST_AND:
        for (uint32_t i = 0; i < term->child_count; i++) {
            share *= share_of(term->children[i]);
        }
        return share;
    case AST_OR:
        for (uint32_t i = 0; i < term->child_count; i++) {
            share += (1 - share) * share_of(term->children[i]);
        }
        return share;
    case AST_NOT:
        return 1 - share_of(term->children[0]);
    case AST_EQUAL:
    case AST_IN:
    case AST_IS_NULL:
    case AST_STARTS_WITH:
    case AST_ENDS_WITH:
    case AST_CONTAINS:
    case AST_MATCHES:
        return share_equal;
    case AST_NOT_EQUAL:
    case AST_IS_NOT_NULL:
        return 1 - share_equal;
    case AST_LESS:
    case AST_LESS_EQUAL:
    case AST_GREATER:
    case AST_GREATER_EQUAL:
        return share_range;
    default:
        return share_other;
    }
}

/* Whether a condition has become a window, an order or what is asked of every hop, so that its
 * share was taken already. */
static bool is_taken(const struct pattern_step *step, const struct term *condition)
{
    switch (condition->kind) {
    case AST_LESS:
    case AST_LESS_EQUAL:
    case AST_GREATER:
    case AST_GREATER_EQUAL:
        return step->relation_count + step->comparison_count > 0 ||
               (step->kind == STEP_WALK && step->order.window_ns != INT64_MAX);
    case AST_ALL:
    case AST_NONE:
        return step->hop_condition_count > 0 || step->order.is_ascending;
    default:
        return false;
    }
}

static double checks_share(const struct pattern_step *step, const struct pattern_checks *checks)
{
    double share = 1;
    for (uint32_t i = 0; i < checks->count; i++) {
        const struct pattern_check *check = &checks->checks[i];
        if (check->kind == CHECK_CONDITION) {
            share *= is_taken(step, check->value.term) ? 1 : share_of(check->value.term);
        } else if (check->kind != CHECK_PATH && check->kind != CHECK_LABELS) {
            share *= share_equal;
        }
    }
    return share;
}

static double vertex_count(const struct graph *graph)
{
    return graph->vertices.vertex_count > 0 ? graph->vertices.vertex_count : 1;
}

/* Flows on from a vertex that a flow leads to: hubs are met more often than others, so that this is
 * far above the mean. */
static double fan_out(const struct graph *graph)
{
    const struct edge_frame *edges = &graph->edges;
    double mean = (double)edges->flow_count / vertex_count(graph);
    double flows = edges->flow_count > 0 ? (double)edges->flow_count : 1;
    double met = edges->degrees.flow_pairs[DIRECTION_IN][DIRECTION_OUT] / flows;
    return met > mean ? met : mean;
}

/* Whether an end of an edge was looked for among all vertices, so that its degree is the mean. */
static bool is_scanned(const struct pattern *pattern, uint32_t vertex)
{
    const struct pattern_plan *plan = pattern->plan;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].kind == STEP_SCAN && plan->steps[i].element == vertex) {
            return true;
        }
    }
    return false;
}

/* Flows of a step at one partial match, before anything is checked. */
static double step_flows(const struct graph *graph, const struct pattern *pattern,
                         const struct pattern_step *step)
{
    const struct pattern_edge *edge = &pattern->edges[step->element];
    uint32_t from = step->has_left ? edge->left : edge->right;
    double flows = is_scanned(pattern, from) && !edge->is_variable
                       ? (double)graph->edges.flow_count / vertex_count(graph)
                       : fan_out(graph);
    flows *= edge->direction == AST_UNDIRECTED ? 2 : 1;
    return flows * checks_share(step, &step->hop_checks) *
           pow(share_other, (double)step->hop_condition_count) *
           pow(share_other, (double)step->relation_count) *
           pow(share_range, (double)step->comparison_count);
}

static double walk_count(const struct graph *graph, const struct pattern *pattern,
                         const struct pattern_step *step)
{
    const struct pattern_edge *edge = &pattern->edges[step->element];
    double flows = step_flows(graph, pattern, step);
    double walks = 1;
    double total = edge->least == 0 ? 1 : 0;
    for (int64_t hops = 1; hops <= edge->most && hops <= HOPS_MAX; hops++) {
        walks *= step->order.is_ascending ? flows / (double)hops : flows;
        total += hops >= edge->least ? walks : 0;
        if (total > rows_max || walks < 0.01) {
            break;
        }
    }
    return total;
}

double estimate_step(const struct graph *graph, const struct pattern *pattern,
                     const struct pattern_step *step, double rows)
{
    bool is_closing = step->has_left && step->has_right;
    switch (step->kind) {
    case STEP_GIVEN:
    case STEP_GIVEN_EDGE:
    case STEP_GIVEN_WALK:
        break;
    case STEP_KEY: /* what is checked is mostly that key */
        return rows;
    case STEP_SCAN:
        rows *= vertex_count(graph);
        break;
    case STEP_EDGE:
        rows *= step_flows(graph, pattern, step) / (is_closing ? vertex_count(graph) : 1);
        break;
    case STEP_WALK:
        rows *= walk_count(graph, pattern, step) / (is_closing ? vertex_count(graph) : 1);
        break;
    case STEP_SHORTEST:
        rows *= is_closing ? 1 : vertex_count(graph);
        break;
    }
    return capped(rows * checks_share(step, &step->vertex_checks) *
                  checks_share(step, &step->checks));
}

double estimate_pattern(const struct graph *graph, const struct pattern *pattern, double rows)
{
    const struct pattern_plan *plan = pattern->plan;
    const struct pattern_step none = {.kind = STEP_GIVEN};
    rows *= plan->is_impossible ? 0 : checks_share(&none, &plan->checks);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        rows = estimate_step(graph, pattern, &plan->steps[i], rows);
    }
    return rows;
}

static double estimate_matcher(const struct stage *stage)
{
    const struct bound_query *query = stage->matcher;
    const struct plan *plan = stage->plan;
    double rows = plan->step_count == 0 ? 1 : plan->steps[plan->step_count - 1].estimate;
    if (plan->is_empty) {
        rows = 0;
    }
    if (query->is_grouped || query->is_distinct) {
        rows = query->is_grouped && query->key_count == 0 ? 1 : sqrt(rows);
    }
    double skip = (double)query->skip;
    rows = rows > skip ? rows - skip : 0;
    if (stage->residual_count > 0) { /* the limit is one of what passes these */
        return rows;
    }
    return rows < (double)query->limit ? rows : (double)query->limit;
}

/* The number that SKIP, LIMIT or the length of a list is; `otherwise` when only a run will tell. */
static double known_number(const struct term *term, double otherwise)
{
    if (term->kind == AST_LIST) {
        return term->child_count;
    }
    if (term->kind == AST_NULL && term->literal.kind == VALUE_LIST) {
        return term->literal.count;
    }
    bool is_number = term->kind == AST_NULL && term->literal.kind == VALUE_INTEGER;
    return is_number ? (double)term->literal.integer : otherwise;
}

double estimate_stage(const struct compiled *compiled, const struct stage *stage, double rows)
{
    const struct graph *graph = compiled->entities->graph;
    double number;
    switch (stage->kind) {
    case STAGE_MATCHER:
        return capped(estimate_matcher(stage));
    case STAGE_CYCLES:
    case STAGE_ENDS:
        return NAN;
    case STAGE_MATCH:
        number = estimate_pattern(graph, stage->pattern, rows);
        return stage->is_optional && number < rows ? rows : number;
    case STAGE_UNWIND:
        return capped(rows * known_number(stage->term, UNWIND_ITEMS));
    case STAGE_FILTER:
        return rows * share_of(stage->term);
    case STAGE_GROUP:
        return stage->item_count == 0 ? 1 : sqrt(rows);
    case STAGE_DISTINCT:
        return sqrt(rows);
    case STAGE_SKIP:
        number = known_number(stage->term, 0);
        return rows > number ? rows - number : 0;
    case STAGE_LIMIT:
        number = known_number(stage->term, rows);
        return rows < number ? rows : number;
    case STAGE_PATH:
    case STAGE_PROJECT:
    case STAGE_SORT:
        return rows;
    }
    return rows;
}
