/* Orders a pattern by expected cost (query/plan_expect.h). What can be bound next depends on the
 * bound vertices only, and so, nearly, does what it is expected to cost: of all ways to bind the
 * same vertices the cheapest is kept and gone on from, by numbers of bound vertices. Patterns of
 * many vertices keep the cheapest few of each number. Directions of undirected edges make no
 * difference to what is known, so that one order is right for all orientations of a pattern. */
#include "query/plan.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "query/plan_expect.h"

/* Ways kept for each number of bound vertices: all that there are in patterns of up to five. */
enum { WAYS_MAX = 16 };

struct way {
    struct plan_partial partial;
    struct plan_move moves[PATTERN_VERTICES_MAX];
    uint32_t move_count;
};

struct ways {
    struct way ways[WAYS_MAX];
    uint32_t count;
};

struct planner {
    struct plan_expect expect;
    struct ways bound[PATTERN_VERTICES_MAX]; /* by the number of bound vertices */
    struct way best; /* that binds all; its cost is infinite until there is one */
};

static void go_on(struct planner *planner, const struct way *way);
static void write_steps(struct plan *plan, const struct plan_expect *expect, const struct way *way);

static bool is_impossible(const struct bound_query *query, const struct plan_statistics *statistics)
{
    bool is_impossible = query->window.is_impossible;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        is_impossible = is_impossible || statistics->edge_pass_counts[e] == 0;
    }
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        is_impossible = is_impossible || statistics->vertex_pass_counts[v] == 0;
    }
    return is_impossible;
}

void plan_build(struct plan *plan, const struct bound_query *query,
                const struct plan_statistics *statistics)
{
    memset(plan, 0, sizeof *plan);
    plan->orientation_count = query_orientation_count(query);
    plan->is_empty = is_impossible(query, statistics);
    memcpy(plan->pass_counts, statistics->edge_pass_counts, sizeof plan->pass_counts);

    struct planner planner;
    planner.expect = (struct plan_expect){query, statistics, query_reads(query)};
    planner.best.partial.cost = INFINITY;
    for (uint32_t count = 0; count < query->vertex_count; count++) {
        planner.bound[count].count = 0;
    }
    double orientations = plan->orientation_count;
    planner.bound[0].ways[0] =
        (struct way){.partial = {.links = orientations, .flows = orientations}};
    planner.bound[0].count = 1;
    for (uint32_t count = 0; count < query->vertex_count; count++) {
        for (uint32_t i = 0; i < planner.bound[count].count; i++) {
            go_on(&planner, &planner.bound[count].ways[i]);
        }
    }
    CHECK(planner.best.partial.cost < INFINITY);
    plan->cost = planner.best.partial.cost;
    write_steps(plan, &planner.expect, &planner.best);
}

/* An edge whose ends are both bound only removes partial matches, and is bound at once. The first
 * of them, or the number of edges. */
static uint32_t edge_to_close(const struct bound_query *query, const struct plan_partial *partial)
{
    uint32_t e = 0;
    while (e < query->edge_count &&
           (plan_has(partial->edges, e) || !plan_has(partial->vertices, query->edges[e].source) ||
            !plan_has(partial->vertices, query->edges[e].target))) {
        e++;
    }
    return e;
}

/* Whether something is asked of the vertices, or of the edge what its filter does not hold, or one
 * of them is read. Windows do not count, nor that the only vertex is another one than those before
 * it. */
static bool is_asked_for(const struct plan_expect *expect, uint32_t edge, uint32_t vertices)
{
    const struct bound_query *query = expect->query;
    if (plan_has(expect->reads.edge_mask, edge) || (expect->reads.vertex_mask & vertices) != 0) {
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

/* Whether nothing that the move binds needs to be found, since only the number of matches is asked
 * for, by groups or not. */
static bool is_counted(const struct plan_expect *expect, const struct plan_partial *before,
                       struct plan_move move, bool is_long)
{
    if (!is_long || !expect->reads.can_weigh) {
        return false;
    }
    if (move.kind == MOVE_EXTEND) {
        uint32_t edge = (uint32_t)__builtin_ctz(plan_edges_to(expect, before, move.index));
        return !is_asked_for(expect, edge, 1u << move.index);
    }
    const struct bound_edge *edge = &expect->query->edges[move.index];
    return edge->source != edge->target && !edge->is_undirected &&
           !is_asked_for(expect, move.index, 1u << edge->source | 1u << edge->target);
}

static struct plan_walk make_move(const struct plan_expect *expect, struct plan_partial *partial,
                                  struct plan_move move)
{
    struct plan_walk walk = {0};
    switch (move.kind) {
    case MOVE_SCAN_EDGE:
        plan_expect_scan(expect, partial, move.index, &walk);
        break;
    case MOVE_START_VERTEX:
        plan_expect_vertex(expect, partial, move.index);
        break;
    case MOVE_EXTEND:
        plan_expect_extend(expect, partial, move.index, &walk);
        break;
    }
    return walk;
}

/* What there is to look at: ways to lay the pattern on links, and its flows; of an edge of which
 * only their number matters, its links. */
static double flow_cost(const struct plan_expect *expect, const struct plan_partial *all)
{
    const struct bound_query *query = expect->query;
    uint32_t asked_for = expect->reads.edge_mask;
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        bool is_residual = query->predicates[i].kind == PREDICATE_RESIDUAL;
        asked_for |= is_residual ? query->predicates[i].expression->edge_mask : 0;
    }
    double least = 1;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        double flows = (double)expect->statistics->edge_pass_counts[e];
        double links = expect->statistics->edge_link_counts[e];
        least = !plan_has(asked_for, e) && links < flows * least ? links / flows : least;
    }
    return plan_partial_count(all) + all->flows * least;
}

/* Keeps a way in the place of a dearer one to the same vertices; else in a free one, or in that of
 * the dearest. */
static void keep_way(struct ways *ways, const struct way *way)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < ways->count; i++) {
        if (ways->ways[i].partial.vertices == way->partial.vertices) {
            if (way->partial.cost < ways->ways[i].partial.cost) {
                ways->ways[i] = *way;
            }
            return;
        }
        at = ways->ways[i].partial.cost > ways->ways[at].partial.cost ? i : at;
    }
    if (ways->count < WAYS_MAX) {
        ways->ways[ways->count++] = *way;
    } else if (way->partial.cost < ways->ways[at].partial.cost) {
        ways->ways[at] = *way;
    }
}

static void try_move(struct planner *planner, const struct way *way, struct plan_move move)
{
    const struct plan_expect *expect = &planner->expect;
    const struct bound_query *query = expect->query;
    struct way next = *way;
    next.moves[next.move_count++] = move;
    struct plan_walk walk = make_move(expect, &next.partial, move);
    bool is_last = (uint32_t)__builtin_popcount(next.partial.vertices) == query->vertex_count;
    if (is_last && is_counted(expect, &way->partial, move, walk.is_long)) {
        next.partial.cost = way->partial.cost + way->partial.flows + walk.order_cost;
    } else {
        for (uint32_t e; (e = edge_to_close(query, &next.partial)) < query->edge_count;) {
            plan_expect_close(expect, &next.partial, e);
        }
        next.partial.cost += is_last ? flow_cost(expect, &next.partial) : 0;
    }
    if (!is_last) {
        keep_way(&planner->bound[__builtin_popcount(next.partial.vertices)], &next);
    } else if (next.partial.cost < planner->best.partial.cost) {
        planner->best = next;
    }
}

/* To begin at a vertex is worth it where a filter leaves few, or where there is nothing else. What
 * is joined to bound vertices is reached from these, but for the one vertex that a filter names:
 * that is at hand, and its edges are closed. */
static bool can_start_at(const struct plan_expect *expect, const struct plan_partial *partial,
                         uint32_t vertex, bool is_joined)
{
    const struct bound_query *query = expect->query;
    bool is_named = expect->statistics->vertex_seek[vertex] != VERTEX_NONE;
    bool has_filter = expect->statistics->vertex_pass_counts[vertex] <
                      query->vertices[vertex].frame->vertex_count;
    bool has_edges = false;
    for (uint32_t e = 0; e < query->edge_count; e++) {
        has_edges =
            has_edges || query->edges[e].source == vertex || query->edges[e].target == vertex;
    }
    return !plan_has(partial->vertices, vertex) &&
           (is_joined ? is_named : has_filter || !has_edges);
}

/* Binds what is joined to bound vertices; where nothing is, begins another part of the pattern. */
static void go_on(struct planner *planner, const struct way *way)
{
    const struct plan_partial *partial = &way->partial;
    const struct bound_query *query = planner->expect.query;
    bool is_joined = false;
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        if (!plan_has(partial->vertices, v) && plan_edges_to(&planner->expect, partial, v) != 0) {
            is_joined = true;
            try_move(planner, way, (struct plan_move){MOVE_EXTEND, (uint8_t)v});
        }
    }
    for (uint32_t e = 0; !is_joined && e < query->edge_count; e++) {
        if (!plan_has(partial->edges, e)) {
            try_move(planner, way, (struct plan_move){MOVE_SCAN_EDGE, (uint8_t)e});
        }
    }
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        if (can_start_at(&planner->expect, partial, v, is_joined)) {
            try_move(planner, way, (struct plan_move){MOVE_START_VERTEX, (uint8_t)v});
        }
    }
}

static struct plan_step *add_step(struct plan *plan, enum plan_step_kind kind,
                                  const struct plan_partial *partial)
{
    CHECK(plan->step_count < PLAN_STEPS_MAX);
    struct plan_step *step = &plan->steps[plan->step_count++];
    step->kind = kind;
    step->estimate = plan_partial_count(partial);
    return step;
}

static void bind_edges(struct plan_step *step, uint32_t edges)
{
    for (; edges != 0; edges &= edges - 1) {
        step->edges[step->edge_count++] = (uint32_t)__builtin_ctz(edges);
    }
}

static struct plan_step *write_move(struct plan *plan, const struct plan_expect *expect,
                                    struct plan_move move, struct plan_partial *partial)
{
    const struct plan_partial before = *partial;
    struct plan_walk walk = make_move(expect, partial, move);
    struct plan_step *step = add_step(plan, STEP_EXTEND, partial);
    step->vertex = move.index;
    if (move.kind == MOVE_SCAN_EDGE) {
        step->kind = STEP_SCAN_LINKS;
        step->vertex = 0;
        step->edge = move.index;
    } else if (move.kind == MOVE_START_VERTEX) {
        bool is_seek = expect->statistics->vertex_seek[move.index] != VERTEX_NONE;
        step->kind = is_seek ? STEP_SEEK_VERTEX : STEP_SCAN_VERTICES;
    }
    bind_edges(step, partial->edges & ~before.edges);
    step->is_long = walk.is_long;
    step->by_time = walk.by_time;
    return step;
}

static void write_steps(struct plan *plan, const struct plan_expect *expect, const struct way *way)
{
    const struct bound_query *query = expect->query;
    double orientations = plan->orientation_count;
    struct plan_partial partial = {.links = orientations, .flows = orientations};
    for (uint32_t i = 0; i < way->move_count; i++) {
        const struct plan_partial before = partial;
        struct plan_step *step = write_move(plan, expect, way->moves[i], &partial);
        step->is_counted =
            i + 1 == way->move_count && is_counted(expect, &before, way->moves[i], step->is_long);
        for (uint32_t e; (e = edge_to_close(query, &partial)) < query->edge_count;) {
            plan_expect_close(expect, &partial, e);
            step = add_step(plan, STEP_CLOSE, &partial);
            step->edge = e;
            bind_edges(step, 1u << e);
        }
    }
}

double plan_estimate(const struct plan *plan)
{
    double candidates = 0;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        candidates += plan->steps[s].is_counted ? 0 : plan->steps[s].estimate;
    }
    return candidates;
}
