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

/* What another way must be below, of the cost of the one that is expected to be best, to be chosen
 * for how it did on samples. */
#define FAR_LESS 0.8

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
    struct way best;  /* that binds all; until there is one, its cost is what it must be below */
    double flow_cost; /* of all edges, as tried; below 0: not known */
};

static struct plan_partial nothing(const struct plan_expect *expect);
static void find_best(struct planner *planner, double cost);
static void try_others(struct planner *planner);
static void follow(struct planner *planner, struct plan_partial *partial, struct plan_move *move);
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
    planner.expect = (struct plan_expect){query, statistics, query_reads(query), NULL};
    find_best(&planner, INFINITY);
    CHECK(planner.best.partial.cost < INFINITY);
    if (statistics->sampler != NULL) {
        planner.expect.sampler = statistics->sampler;
        try_others(&planner);
    }
    plan->cost = planner.best.partial.cost;
    write_steps(plan, &planner.expect, &planner.best);
}

/* The empty pattern, from which all ways begin. */
static struct plan_partial nothing(const struct plan_expect *expect)
{
    double orientations = query_orientation_count(expect->query);
    return (struct plan_partial){.links = orientations,
                                 .flows = orientations,
                                 .sample = expect->sampler == NULL ? PLAN_NO_SAMPLE : 0};
}

/* Looks for a way that costs less than so much. */
static void find_best(struct planner *planner, double cost)
{
    planner->best.partial.cost = cost;
    uint32_t vertex_count = planner->expect.query->vertex_count;
    for (uint32_t count = 0; count < vertex_count; count++) {
        planner->bound[count].count = 0;
    }
    planner->bound[0].ways[0] = (struct way){.partial = nothing(&planner->expect)};
    planner->bound[0].count = 1;
    for (uint32_t count = 0; count < vertex_count; count++) {
        for (uint32_t i = 0; i < planner->bound[count].count; i++) {
            if (planner->bound[count].ways[i].partial.cost < cost) {
                go_on(planner, &planner->bound[count].ways[i]);
            }
        }
    }
}

/* Tries the moves of a way on samples. */
static void try_way(struct planner *planner, struct way *way)
{
    planner->flow_cost = -1;
    way->partial = nothing(&planner->expect);
    for (uint32_t i = 0; i < way->move_count; i++) {
        follow(planner, &way->partial, &way->moves[i]);
    }
}

/* Tries the best way that is known on samples; where that is not cheap, all others, as far as they
 * cost much less. Of many ways the one that looks best often looks too good: so it and the known
 * one are tried once more, on other samples. */
static void try_others(struct planner *planner)
{
    const struct plan_sampler *sampler = planner->expect.sampler;
    struct way known = planner->best;
    sampler->begin(sampler->context, 1);
    try_way(planner, &known);
    if (known.partial.cost < sampler->effort_cost) {
        planner->expect.sampler = NULL;
        return;
    }
    double effort = sqrt(known.partial.cost / sampler->effort_cost) / 2;
    planner->best.move_count = 0;
    sampler->begin(sampler->context, effort);
    find_best(planner, known.partial.cost * FAR_LESS);
    struct way found = planner->best;
    planner->best = known;
    if (found.move_count > 0) {
        sampler->begin(sampler->context, 2 * effort);
        try_way(planner, &known);
        try_way(planner, &found);
        planner->best = found.partial.cost < known.partial.cost * FAR_LESS ? found : known;
    }
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
static bool is_countable(const struct plan_expect *expect, const struct plan_partial *before,
                         struct plan_move move)
{
    if (!expect->reads.can_weigh) {
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

/* The flows that are looked at; of an edge of which only their number matters, its links. */
static double visited_flows(const struct plan_expect *expect, const struct plan_partial *all)
{
    const struct bound_query *query = expect->query;
    if (expect->sampler != NULL && all->sample != PLAN_NO_SAMPLE) {
        const struct plan_sampler *sampler = expect->sampler;
        return plan_partial_count(all) * sampler->try_flows(sampler->context, all->sample);
    }
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
    return all->flows * least;
}

/* What there is to look at: ways to lay the pattern on links, and its flows; where no flow is read
 * and one match is as good as all, of each edge one. */
static double flow_cost(const struct plan_expect *expect, const struct plan_partial *all)
{
    double ways = plan_partial_count(all);
    double flows = visited_flows(expect, all);
    double once = ways * expect->query->edge_count;
    bool is_once = expect->reads.is_once && expect->reads.edge_mask == 0;
    return ways + (is_once && once < flows ? once : flows);
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

/* What the last move costs in the end if its edge is counted only: the flows of the others. */
static double counted_cost(const struct plan_expect *expect, const struct plan_partial *before,
                           const struct plan_walk *walk)
{
    bool is_tried = expect->sampler != NULL && before->sample != PLAN_NO_SAMPLE;
    return before->cost + (is_tried ? flow_cost(expect, before) : before->flows) + walk->order_cost;
}

/* Makes a move, and closes the edges that it can. The flows that are looked at in the end are the
 * same whichever way all edges were laid on links. */
static void follow(struct planner *planner, struct plan_partial *partial, struct plan_move *move)
{
    const struct plan_expect *expect = &planner->expect;
    const struct bound_query *query = expect->query;
    const struct plan_partial before = *partial;
    struct plan_walk walk = make_move(expect, partial, *move);
    for (uint32_t e; (e = edge_to_close(query, partial)) < query->edge_count;) {
        plan_expect_close(expect, partial, e);
    }
    if ((uint32_t)__builtin_popcount(partial->vertices) < query->vertex_count) {
        return;
    }
    bool is_tried = expect->sampler != NULL;
    bool is_known = is_tried && planner->flow_cost >= 0;
    double cost = is_known ? planner->flow_cost : flow_cost(expect, partial);
    bool is_seen = is_tried && partial->sample != PLAN_NO_SAMPLE;
    planner->flow_cost = is_known || is_seen ? cost : -1;
    partial->cost += cost;
    if ((is_tried || walk.is_long) && is_countable(expect, &before, *move)) {
        double counted = counted_cost(expect, &before, &walk);
        move->is_counted = walk.is_long || counted < partial->cost;
        partial->cost = move->is_counted ? counted : partial->cost;
    }
}

static void try_move(struct planner *planner, const struct way *way, struct plan_move move)
{
    struct way next = *way;
    next.moves[next.move_count++] = move;
    follow(planner, &next.partial, &next.moves[next.move_count - 1]);
    uint32_t bound = (uint32_t)__builtin_popcount(next.partial.vertices);
    if (bound < planner->expect.query->vertex_count) {
        keep_way(&planner->bound[bound], &next);
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
    uint64_t passing = expect->statistics->vertex_pass_counts[vertex];
    bool has_filter = passing < query->vertices[vertex].frame->vertex_count &&
                      (expect->sampler == NULL || passing <= expect->sampler->starts_max);
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
            try_move(planner, way, (struct plan_move){.kind = MOVE_EXTEND, .index = (uint8_t)v});
        }
    }
    for (uint32_t e = 0; !is_joined && e < query->edge_count; e++) {
        if (!plan_has(partial->edges, e)) {
            try_move(planner, way, (struct plan_move){.kind = MOVE_SCAN_EDGE, .index = (uint8_t)e});
        }
    }
    for (uint32_t v = 0; v < query->vertex_count; v++) {
        if (can_start_at(&planner->expect, partial, v, is_joined)) {
            try_move(planner, way,
                     (struct plan_move){.kind = MOVE_START_VERTEX, .index = (uint8_t)v});
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
    struct plan_partial partial = nothing(expect);
    for (uint32_t i = 0; i < way->move_count; i++) {
        struct plan_step *step = write_move(plan, expect, way->moves[i], &partial);
        step->is_counted = way->moves[i].is_counted;
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
