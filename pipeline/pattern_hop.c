/* What conditions say of the hops of a walk, so that a walk ends where they fail and not when it
 * is whole:
 *   all(e IN es WHERE ...), none(...)                          of every hop
 *   ascending(es), strictlyAscending(es)
 *   all(i IN range(0, size(es) - 2) WHERE es[i].StartTime <= es[i + 1].StartTime)
 *   last(es).StartTime - head(es).StartTime <= ..., span(es) <= ...
 * where `es` may be relationships(p). The conditions are checked all the same. */
#include "pipeline/path_functions.h"
#include "pipeline/pattern_plan.h"

static bool is_call(const struct term *term, function_call *call)
{
    return term->kind == AST_CALL && term->function->call == call;
}

static uint64_t path_edges(const struct pattern *pattern, uint32_t slot)
{
    uint64_t edges = 0;
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        const struct pattern_path *path = &pattern->paths[i];
        for (uint32_t j = 0; path->slot == slot && j < path->edge_count; j++) {
            edges |= UINT64_C(1) << (path->first_edge + j);
        }
    }
    return edges;
}

/* The slot of the path that a term is, or whose flows it lists; SLOT_NONE: of none. */
static uint32_t path_slot(const struct planner *planner, const struct term *term)
{
    const struct term *path = is_call(term, call_relationships) ? term->children[0] : term;
    bool is_path = path->kind == AST_VARIABLE && path_edges(planner->pattern, path->slot) != 0;
    return is_path ? path->slot : SLOT_NONE;
}

/* The edges of a list: those of a path, or one. */
static uint64_t list_edges(const struct planner *planner, const struct term *term)
{
    const struct pattern *pattern = planner->pattern;
    uint32_t slot = path_slot(planner, term);
    uint64_t edges = slot == SLOT_NONE ? 0 : path_edges(pattern, slot);
    for (uint32_t i = 0; term->kind == AST_VARIABLE && i < pattern->edge_count; i++) {
        edges |= (uint64_t)(pattern->edges[i].slot == term->slot) << i;
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        if (!pattern->edges[i].is_variable) {
            edges &= ~(UINT64_C(1) << i);
        }
    }
    return edges;
}

/* Whether the path of that slot is this edge and nothing else. */
static bool is_whole_path(const struct planner *planner, uint32_t slot, uint32_t edge)
{
    for (uint32_t i = 0; i < planner->pattern->path_count; i++) {
        const struct pattern_path *path = &planner->pattern->paths[i];
        if (path->slot == slot) {
            return path->edge_count == 1 && path->first_edge == edge;
        }
    }
    return false;
}

bool plan_list_edge(const struct planner *planner, const struct term *term, uint32_t *edge)
{
    uint64_t edges = list_edges(planner, term);
    if (edges == 0) {
        return false;
    }
    *edge = (uint32_t)__builtin_ctzll(edges);
    uint32_t slot = path_slot(planner, term);
    return slot == SLOT_NONE || is_whole_path(planner, slot, *edge);
}

static enum status add_hop(struct planner *planner, uint32_t edge, uint32_t slot,
                           const struct term *term, bool is_negated)
{
    struct hop_condition *hops = chain_grow(planner->memory, planner->hops, planner->hop_count,
                                            &planner->hop_capacity, sizeof *hops);
    if (hops == NULL) {
        return error_set_memory(planner->error, "planning a pattern");
    }
    planner->hops = hops;
    hops[planner->hop_count++] = (struct hop_condition){edge, slot, term, is_negated};
    return STATUS_OK;
}

static enum status add_hops(struct planner *planner, const struct term *quantifier)
{
    uint64_t edges = list_edges(planner, quantifier->children[0]);
    for (; edges != 0; edges &= edges - 1) {
        TRY(add_hop(planner, (uint32_t)__builtin_ctzll(edges), quantifier->slot,
                    quantifier->children[1], quantifier->kind == AST_NONE));
    }
    return STATUS_OK;
}

static bool is_integer(const struct term *term, int64_t *integer)
{
    *integer = term->literal.integer;
    return term->kind == AST_NULL && term->literal.kind == VALUE_INTEGER;
}

/* Whether a term is the number of hops of an edge. */
static bool is_size(const struct planner *planner, const struct term *term, uint32_t edge)
{
    uint32_t sized = 0;
    if (is_call(term, call_length)) {
        return term->children[0]->kind == AST_VARIABLE &&
               is_whole_path(planner, term->children[0]->slot, edge);
    }
    return term->kind == AST_CALL && strcmp(term->function->name, "size") == 0 &&
           plan_list_edge(planner, term->children[0], &sized) && sized == edge;
}

/* Whether index + offset and the place behind it are, in turn, all neighbours of the list. */
static bool covers(const struct planner *planner, const struct term *range, uint32_t edge,
                   int64_t offset)
{
    int64_t first = 0;
    int64_t less = 0;
    const struct term *last = range->children[1];
    return is_integer(range->children[0], &first) && first + offset == 0 &&
           last->kind == AST_SUBTRACT && is_size(planner, last->children[0], edge) &&
           is_integer(last->children[1], &less) && less == 2 + offset;
}

/* A relation between neighbours, of any place in the list. */
static void take_neighbours(struct planner *planner, const struct term *range,
                            const struct time_relation *relation)
{
    if (relation->later == SLOT_NONE || relation->earlier == SLOT_NONE ||
        (relation->later & SLOT_OF_INDEX) == 0 || (relation->earlier & SLOT_OF_INDEX) == 0) {
        return;
    }
    uint32_t edge = (relation->later & ~(uint32_t)SLOT_OF_INDEX) >> 8;
    int64_t later = (int64_t)(relation->later & 255) - INDEX_OFFSET_MAX;
    int64_t earlier = (int64_t)(relation->earlier & 255) - INDEX_OFFSET_MAX;
    struct hop_order *order = &planner->orders[edge];
    if (edge != (relation->earlier & ~(uint32_t)SLOT_OF_INDEX) >> 8) {
        return;
    }
    if (later + 1 == earlier && relation->limit_ns <= 0 && covers(planner, range, edge, later)) {
        order->is_ascending = true;
        order->is_strict = order->is_strict || relation->limit_ns < 0;
        order->pause_ns =
            -relation->limit_ns > order->pause_ns ? -relation->limit_ns : order->pause_ns;
    }
    if (earlier + 1 == later && covers(planner, range, edge, earlier)) {
        order->gap_ns = relation->limit_ns < order->gap_ns ? relation->limit_ns : order->gap_ns;
    }
}

/* What a condition over an index says is true of neighbours only: it is no relation of its own. */
static enum status read_range(struct planner *planner, const struct term *quantifier)
{
    const struct term *range = quantifier->children[0];
    if (!planner->is_flows || range->child_count != 2 ||
        strcmp(range->function->name, "range") != 0) {
        return STATUS_OK;
    }
    uint32_t relation_count = planner->relation_count;
    uint32_t comparison_count = planner->comparison_count;
    planner->index_slot = quantifier->slot;
    enum status status = plan_read_times(planner, quantifier->children[1]);
    planner->index_slot = SLOT_NONE;
    for (uint32_t i = relation_count; i < planner->relation_count; i++) {
        take_neighbours(planner, range, &planner->relations[i]);
    }
    planner->relation_count = relation_count;
    planner->comparison_count = comparison_count;
    return status;
}

static enum status read_condition(struct planner *planner, const struct term *term)
{
    if (term->kind == AST_AND) {
        for (uint32_t i = 0; i < term->child_count; i++) {
            TRY(read_condition(planner, term->children[i]));
        }
    }
    if (term->kind == AST_ALL && term->children[0]->kind == AST_CALL) {
        TRY(read_range(planner, term));
    }
    if (term->kind == AST_ALL || term->kind == AST_NONE) {
        return add_hops(planner, term);
    }
    bool is_strict = is_call(term, call_strictly_ascending);
    if (planner->is_flows && (is_strict || is_call(term, call_ascending))) {
        uint64_t edges = list_edges(planner, term->children[0]);
        for (; edges != 0; edges &= edges - 1) {
            struct hop_order *order = &planner->orders[__builtin_ctzll(edges)];
            order->is_ascending = true;
            order->is_strict = order->is_strict || is_strict;
        }
    }
    return STATUS_OK;
}

/* From the first to the last of a list. */
static void take_windows(struct planner *planner)
{
    for (uint32_t i = 0; i < planner->relation_count; i++) {
        const struct time_relation *relation = &planner->relations[i];
        for (uint32_t edge = 0; edge < planner->pattern->edge_count; edge++) {
            int64_t *window_ns = &planner->orders[edge].window_ns;
            if (relation->later == slot_of_end(edge, true) &&
                relation->earlier == slot_of_end(edge, false) && relation->limit_ns < *window_ns) {
                *window_ns = relation->limit_ns;
            }
        }
    }
}

enum status plan_hops(struct planner *planner)
{
    const struct pattern *pattern = planner->pattern;
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        const struct pattern_edge *edge = &pattern->edges[i];
        planner->orders[i] =
            (struct hop_order){.is_ascending = planner->is_flows && edge->is_ascending,
                               .is_strict = edge->is_strict,
                               .window_ns = edge->window_ns,
                               .gap_ns = INT64_MAX};
        if (edge->hop_condition != NULL) {
            TRY(add_hop(planner, i, edge->hop_slot, edge->hop_condition, false));
        }
    }
    for (uint32_t i = 0; i < pattern->condition_count; i++) {
        TRY(read_condition(planner, pattern->conditions[i].term));
    }
    take_windows(planner);
    return STATUS_OK;
}
