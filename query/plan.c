/* Orders a pattern greedily by estimated cost: start at the rarest thing, then always bind what
 * multiplies the number of partial matches least. Directions of edges make no difference to what is
 * known, so that one order is right for all orientations of a pattern. */
#include "query/plan.h"

#include <math.h>
#include <string.h>

#include "base/check.h"

struct planner {
    struct plan *plan;
    const struct bound_query *query;
    const struct plan_statistics *statistics;
    struct query_reads reads;
    uint32_t held_edge; /* UINT32_MAX: none */
    uint32_t held_vertex;
    uint32_t bound_vertices; /* masks */
    uint32_t bound_edges;
    double estimate;
};

static bool plan_start(struct planner *planner);
static bool plan_close(struct planner *planner);
static bool plan_extend(struct planner *planner);
static void count_last(struct planner *planner);
static uint32_t leaf_of(const struct bound_query *query, uint32_t edge);

/* Orders everything but the edge that is held, then that. */
static void order_steps(struct plan *plan, const struct bound_query *query,
                        const struct plan_statistics *statistics, uint32_t held_edge)
{
    memset(plan, 0, sizeof *plan);
    plan->orientation_count = query_orientation_count(query);
    struct planner planner = {
        .plan = plan,
        .query = query,
        .statistics = statistics,
        .reads = query_reads(query),
        .held_edge = held_edge,
        .held_vertex = held_edge == UINT32_MAX ? UINT32_MAX : leaf_of(query, held_edge),
        .estimate = plan->orientation_count,
    };
    while (plan_close(&planner) || plan_extend(&planner) || plan_start(&planner)) {
        CHECK(plan->step_count <= PLAN_STEPS_MAX);
    }
    if (held_edge != UINT32_MAX) {
        planner.held_edge = planner.held_vertex = UINT32_MAX;
        CHECK(plan_extend(&planner));
    }
    count_last(&planner);
}

static bool ends_counted(const struct plan *plan)
{
    return plan->step_count > 0 && plan->steps[plan->step_count - 1].is_counted;
}

static bool has_long_step(const struct plan *plan)
{
    bool has_long = false;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        has_long = has_long || plan->steps[s].is_long;
    }
    return has_long;
}

void plan_build(struct plan *plan, const struct bound_query *query,
                const struct plan_statistics *statistics)
{
    order_steps(plan, query, statistics, UINT32_MAX);
    if (query_reads(query).can_weigh && has_long_step(plan) && !ends_counted(plan)) {
        for (uint32_t e = 0; e < query->edge_count; e++) {
            struct plan other;
            if (leaf_of(query, e) == UINT32_MAX) {
                continue;
            }
            order_steps(&other, query, statistics, e);
            if (ends_counted(&other) && plan_estimate(&other) < plan_estimate(plan)) {
                *plan = other;
            }
        }
    }
    plan->is_empty = query->window.is_impossible;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        plan->pass_counts[e] = statistics->edge_pass_counts[e];
        plan->is_empty = plan->is_empty || plan->pass_counts[e] == 0;
    }
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        plan->is_empty = plan->is_empty || statistics->vertex_pass_counts[v] == 0;
    }
}

static uint32_t degree(const struct bound_query *query, uint32_t vertex)
{
    uint32_t count = 0;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        count += query->edges[e].source == vertex;
        count += query->edges[e].target == vertex;
    }
    return count;
}

/* The end of an edge that has no other, where its other end has; UINT32_MAX: none. */
static uint32_t leaf_of(const struct bound_query *query, uint32_t edge)
{
    uint32_t source = query->edges[edge].source;
    uint32_t target = query->edges[edge].target;
    bool is_source = degree(query, source) == 1;
    if (is_source == (degree(query, target) == 1)) {
        return UINT32_MAX;
    }
    return is_source ? source : target;
}

static bool is_vertex_bound(const struct planner *planner, uint32_t vertex)
{
    return (planner->bound_vertices >> vertex & 1) != 0;
}

static bool is_edge_bound(const struct planner *planner, uint32_t edge)
{
    return (planner->bound_edges >> edge & 1) != 0;
}

/* Links that can hold a flow for the pattern edge. */
static double edge_links(const struct planner *planner, uint32_t edge)
{
    double links = (double)planner->query->edges[edge].frame->link_count;
    double flows = (double)planner->statistics->edge_pass_counts[edge];
    return flows < links ? flows : links;
}

static double vertex_total(const struct planner *planner, uint32_t vertex)
{
    double count = (double)planner->query->vertices[vertex].frame->vertex_count;
    return count > 1 ? count : 1;
}

/* The share of vertices that pass the filter of a pattern vertex. */
static double vertex_share(const struct planner *planner, uint32_t vertex)
{
    double pass = (double)planner->statistics->vertex_pass_counts[vertex];
    return pass / vertex_total(planner, vertex);
}

static struct plan_step *add_step(struct planner *planner, enum plan_step_kind kind)
{
    CHECK(planner->plan->step_count < PLAN_STEPS_MAX);
    struct plan_step *step = &planner->plan->steps[planner->plan->step_count++];
    step->kind = kind;
    return step;
}

static void bind_edge(struct planner *planner, struct plan_step *step, uint32_t edge)
{
    step->edges[step->edge_count++] = edge;
    planner->bound_edges |= 1u << edge;
}

/* An edge whose ends are both bound only removes partial matches: always first. */
static bool plan_close(struct planner *planner)
{
    const struct bound_query *query = planner->query;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        const struct bound_edge *edge = &query->edges[e];
        if (is_edge_bound(planner, e) || !is_vertex_bound(planner, edge->source) ||
            !is_vertex_bound(planner, edge->target)) {
            continue;
        }
        struct plan_step *step = add_step(planner, STEP_CLOSE);
        step->edge = e;
        bind_edge(planner, step, e);
        double ends = vertex_total(planner, edge->source) * vertex_total(planner, edge->target);
        planner->estimate *= edge_links(planner, e) / ends;
        step->estimate = planner->estimate;
        return true;
    }
    return false;
}

/* Links that leave the end of a link, on average: hubs are met more often than others, so that this
 * is far above the mean degree. */
static double mean_fan_out(const struct edge_frame *frame)
{
    return frame->link_count == 0 ? 0 : frame->path_count / (double)frame->link_count;
}

/* By how much binding `vertex` through its edges to bound vertices multiplies partial matches;
 * negative when it has no such edge. */
static double extend_factor(const struct planner *planner, uint32_t vertex)
{
    const struct bound_query *query = planner->query;
    double factor = vertex_total(planner, vertex) * vertex_share(planner, vertex);
    bool is_adjacent = false;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        const struct bound_edge *edge = &query->edges[e];
        uint32_t other = edge->source == vertex ? edge->target : edge->source;
        if (is_edge_bound(planner, e) || (edge->source != vertex && edge->target != vertex) ||
            other == vertex || !is_vertex_bound(planner, other)) {
            continue;
        }
        if (!is_adjacent) {
            double mean_degree = (double)edge->frame->link_count / vertex_total(planner, vertex);
            double fan_out = mean_fan_out(edge->frame);
            factor *= fan_out > mean_degree ? fan_out / mean_degree : 1;
        }
        is_adjacent = true;
        factor *=
            edge_links(planner, e) / vertex_total(planner, vertex) / vertex_total(planner, other);
    }
    return is_adjacent ? factor : -1;
}

/* How wide the window of `edge` around `other` is; infinite without one on both sides. */
static double window_width(const struct planner *planner, uint32_t edge, uint32_t other)
{
    int64_t after = planner->query->window.limit_ns[other][edge];
    int64_t before = planner->query->window.limit_ns[edge][other];
    return after == WINDOW_NONE || before == WINDOW_NONE ? INFINITY
                                                         : (double)after + (double)before;
}

/* A step that binds one edge goes by time when walking all links, `walked` of them, would cost more
 * than ordering the flows, and few can be meant: because a window ties the edge to a bound one on
 * both sides, or because few flows pass the edge's filter, which the order holds alone; a scan
 * finds those without it. */
static void choose_time(struct planner *planner, struct plan_step *step, uint32_t bound_edges,
                        double walked)
{
    uint32_t edge = step->edges[0];
    const struct edge_frame *frame = planner->query->edges[edge].frame;
    if (step->edge_count != 1 || bound_edges == 0 || walked < 4 * (double)frame->flow_count) {
        return;
    }
    step->is_long = true;
    double least = INFINITY;
    for (uint32_t rest = bound_edges; rest != 0; rest &= rest - 1) {
        uint32_t other = (uint32_t)__builtin_ctz(rest);
        double width = window_width(planner, edge, other);
        if (width <= least) {
            step->timed_by = other;
            least = width;
        }
    }
    bool is_rare =
        step->kind == STEP_EXTEND && edge_links(planner, edge) * 8 < (double)frame->link_count;
    step->by_time = least < INFINITY || is_rare;
}

static bool plan_extend(struct planner *planner)
{
    const struct bound_query *query = planner->query;
    uint32_t best = UINT32_MAX;
    double best_factor = 0;
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        if (is_vertex_bound(planner, v) || v == planner->held_vertex) {
            continue;
        }
        double factor = extend_factor(planner, v);
        if (factor >= 0 && (best == UINT32_MAX || factor < best_factor)) {
            best = v;
            best_factor = factor;
        }
    }
    if (best == UINT32_MAX) {
        return false;
    }
    struct plan_step *step = add_step(planner, STEP_EXTEND);
    step->vertex = best;
    double before = planner->estimate;
    uint32_t bound_before = planner->bound_edges;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        const struct bound_edge *edge = &query->edges[e];
        bool is_touching = edge->source == best || edge->target == best;
        uint32_t other = edge->source == best ? edge->target : edge->source;
        if (is_touching && other != best && is_vertex_bound(planner, other)) {
            bind_edge(planner, step, e);
        }
    }
    planner->bound_vertices |= 1u << best;
    planner->estimate *= best_factor;
    step->estimate = planner->estimate;
    const struct edge_frame *frame = query->edges[step->edges[0]].frame;
    choose_time(planner, step, bound_before, before * mean_fan_out(frame));
    return true;
}

/* Whether something is asked of the vertices, or of the edge what its filter does not hold, or one
 * of them is read. Windows do not count, nor that the only vertex is another one than those before
 * it. */
static bool is_asked_for(const struct planner *planner, uint32_t edge, uint32_t vertices)
{
    const struct bound_query *query = planner->query;
    if ((planner->reads.edge_mask >> edge & 1) != 0 ||
        (planner->reads.vertex_mask & vertices) != 0) {
        return true;
    }
    bool is_one = (vertices & (vertices - 1)) == 0;
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        const struct expression *expression = query->predicates[i].expression;
        enum predicate_kind kind = query->predicates[i].kind;
        bool tells_apart =
            is_one && kind == PREDICATE_STRUCTURE && expression_is_inequality(expression);
        if (((expression->vertex_mask & vertices) != 0 && !tells_apart) ||
            ((expression->edge_mask >> edge & 1) != 0 && kind != PREDICATE_EDGE)) {
            return true;
        }
    }
    for (uint32_t e = 0; e < query->edge_count; e++) {
        uint32_t ends = 1u << query->edges[e].source | 1u << query->edges[e].target;
        if (e != edge && (ends & vertices) != 0) {
            return true;
        }
    }
    return false;
}

static void count_last(struct planner *planner)
{
    const struct bound_query *query = planner->query;
    struct plan *plan = planner->plan;
    if (plan->step_count == 0 || !planner->reads.can_weigh) {
        return;
    }
    struct plan_step *step = &plan->steps[plan->step_count - 1];
    const struct bound_edge *edge = &query->edges[step->edges[0]];
    uint32_t bound =
        step->kind == STEP_EXTEND ? 1u << step->vertex : 1u << edge->source | 1u << edge->target;
    bool can_be_loop = edge->is_undirected && step->kind == STEP_SCAN_LINKS;
    step->is_counted = step->is_long && edge->source != edge->target && !can_be_loop &&
                       !is_asked_for(planner, step->edges[0], bound);
}

static uint32_t rarest_vertex(const struct planner *planner, double *cost)
{
    const struct bound_query *query = planner->query;
    uint32_t best = UINT32_MAX;
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        double pass = (double)planner->statistics->vertex_pass_counts[v];
        if (!is_vertex_bound(planner, v) && v != planner->held_vertex &&
            (best == UINT32_MAX || pass < *cost)) {
            best = v;
            *cost = pass;
        }
    }
    return best;
}

static uint32_t rarest_edge(const struct planner *planner, double *cost)
{
    const struct bound_query *query = planner->query;
    uint32_t best = UINT32_MAX;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        double links = edge_links(planner, e);
        if (!is_edge_bound(planner, e) && e != planner->held_edge &&
            (best == UINT32_MAX || links < *cost)) {
            best = e;
            *cost = links;
        }
    }
    return best;
}

/* Whether some unbound edge touches a pattern vertex. */
static bool has_edges(const struct planner *planner, uint32_t vertex)
{
    const struct bound_query *query = planner->query;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        if (query->edges[e].source == vertex || query->edges[e].target == vertex) {
            return true;
        }
    }
    return false;
}

static void start_at_vertex(struct planner *planner, uint32_t vertex, double cost)
{
    bool is_seek = planner->statistics->vertex_seek[vertex] != VERTEX_NONE;
    struct plan_step *step = add_step(planner, is_seek ? STEP_SEEK_VERTEX : STEP_SCAN_VERTICES);
    step->vertex = vertex;
    planner->bound_vertices |= 1u << vertex;
    planner->estimate *= cost;
    step->estimate = planner->estimate;
}

static void start_at_edge(struct planner *planner, uint32_t edge, double cost)
{
    const struct bound_edge *bound = &planner->query->edges[edge];
    struct plan_step *step = add_step(planner, STEP_SCAN_LINKS);
    uint32_t bound_before = planner->bound_edges;
    step->edge = edge;
    bind_edge(planner, step, edge);
    choose_time(planner, step, bound_before, planner->estimate * cost);
    planner->bound_vertices |= 1u << bound->source | 1u << bound->target;
    planner->estimate *=
        cost * vertex_share(planner, bound->source) * vertex_share(planner, bound->target);
    step->estimate = planner->estimate;
}

/* Starts a component at its cheapest vertex or edge. A vertex with edges is worth it only when its
 * filter leaves few: walking its links costs about an average degree each. */
static bool plan_start(struct planner *planner)
{
    double vertex_cost = 0;
    double edge_cost = 0;
    uint32_t vertex = rarest_vertex(planner, &vertex_cost);
    uint32_t edge = rarest_edge(planner, &edge_cost);
    if (vertex == UINT32_MAX) {
        return false;
    }
    if (edge == UINT32_MAX) {
        start_at_vertex(planner, vertex, vertex_cost);
        return true;
    }
    const struct edge_frame *frame = planner->query->edges[edge].frame;
    double degree = 1 + (double)frame->link_count / vertex_total(planner, vertex);
    if (has_edges(planner, vertex) && vertex_cost * degree < edge_cost) {
        start_at_vertex(planner, vertex, vertex_cost);
    } else {
        start_at_edge(planner, edge, edge_cost);
    }
    return true;
}

double plan_estimate(const struct plan *plan)
{
    double candidates = 0;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        candidates += plan->steps[s].is_counted ? 0 : plan->steps[s].estimate;
    }
    return candidates;
}
