#include "query/plan_expect.h"

#include <math.h>
#include <string.h>

#define SCANNED UINT32_MAX /* in the place of the vertex that an edge is walked from */

enum {
    LONG_WALK = 4,    /* links for each flow that a step may look at before it can go by time; */
    SHORT_WALKS = 16, /* with fewer than this part of a link expected for each, it does not */
    WALKED_COST = 3,  /* of a link, where it is known, in flows: more links pass than by time */
    RARE_LINKS = 8,   /* an edge is rare when it passes on fewer than this part of the links */
    ANSWERED = 8      /* of so many links, one has another that goes back */
};

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static const struct bound_edge *edge_at(const struct plan_expect *expect, uint32_t edge)
{
    return &expect->query->edges[edge];
}

static const struct degrees *degrees_at(const struct plan_expect *expect, uint32_t vertex)
{
    return &expect->statistics->vertex_degrees[vertex];
}

/* Where the edge lies as seen from its end. */
static enum direction direction_at(const struct bound_edge *edge, uint32_t vertex)
{
    return edge->source == vertex ? DIRECTION_OUT : DIRECTION_IN;
}

static uint32_t other_end(const struct bound_edge *edge, uint32_t vertex)
{
    return edge->source == vertex ? edge->target : edge->source;
}

static double edge_links(const struct plan_expect *expect, uint32_t edge)
{
    return expect->statistics->edge_link_counts[edge];
}

static double edge_flows(const struct plan_expect *expect, uint32_t edge)
{
    return (double)expect->statistics->edge_pass_counts[edge];
}

/* The share of links and of flows that the edge's filter leaves. */
static double link_share(const struct plan_expect *expect, uint32_t edge)
{
    return ratio(edge_links(expect, edge), (double)edge_at(expect, edge)->frame->link_count);
}

static double flow_share(const struct plan_expect *expect, uint32_t edge)
{
    return ratio(edge_flows(expect, edge), (double)edge_at(expect, edge)->frame->flow_count);
}

static double vertex_total(const struct plan_expect *expect, uint32_t vertex)
{
    double count = (double)expect->query->vertices[vertex].frame->vertex_count;
    return count > 1 ? count : 1;
}

/* Keeps of what the edge reaches the share of links and of flows whose end passes. */
static void keep_passing_end(const struct plan_expect *expect, struct plan_partial *partial,
                             uint32_t edge, uint32_t vertex)
{
    const struct bound_edge *bound = edge_at(expect, edge);
    const struct degrees *degrees = degrees_at(expect, vertex);
    enum direction direction = direction_at(bound, vertex);
    partial->links *= ratio(degrees->links[direction], (double)bound->frame->link_count);
    partial->flows *= ratio(degrees->flows[direction], (double)bound->frame->flow_count);
}

/* How wide the window of `edge` around `other` is, as a share of all time; 1 without one on both
 * sides. */
static double window_share(const struct plan_expect *expect, uint32_t edge, uint32_t other)
{
    int64_t after = expect->query->window.limit_ns[other][edge];
    int64_t before = expect->query->window.limit_ns[edge][other];
    if (after == WINDOW_NONE || before == WINDOW_NONE || expect->statistics->span_ns <= 0) {
        return 1;
    }
    double share = ((double)after + (double)before) / expect->statistics->span_ns;
    return share < 1 ? share : 1;
}

/* The share of all time of the edge's narrowest window around a bound one. */
static double narrowest_window(const struct plan_expect *expect, uint32_t bound_edges,
                               uint32_t edge)
{
    double least = 1;
    for (uint32_t rest = bound_edges; rest != 0; rest &= rest - 1) {
        double share = window_share(expect, edge, (uint32_t)__builtin_ctz(rest));
        least = share < least ? share : least;
    }
    return least;
}

/* To put the edge's flows in the order of time, for which all flows are looked at; nothing where
 * those of an edge with as many that pass, most likely the same, are in order. */
static double order_cost(const struct plan_expect *expect, struct plan_partial *partial,
                         uint32_t edge, enum direction direction)
{
    bool is_ordered = false;
    for (uint32_t rest = partial->ordered[direction]; rest != 0; rest &= rest - 1) {
        uint32_t other = (uint32_t)__builtin_ctz(rest);
        is_ordered = is_ordered || edge_flows(expect, other) == edge_flows(expect, edge);
    }
    partial->ordered[direction] |= 1u << edge;
    return is_ordered ? 0 : (double)edge_at(expect, edge)->frame->flow_count;
}

/* Tries a step on the sample of the partial matches before it. */
static struct plan_outcome try_step(const struct plan_expect *expect,
                                    const struct plan_partial *before, enum plan_step_kind kind,
                                    uint32_t vertex, uint32_t edges, bool by_time)
{
    if (expect->sampler == NULL || before->sample == PLAN_NO_SAMPLE) {
        return (struct plan_outcome){.sample = PLAN_NO_SAMPLE};
    }
    struct plan_trial trial = {kind, vertex, edges, by_time};
    return expect->sampler->try_step(expect->sampler->context, before->sample, &trial);
}

/* The mean of what was seen so many times and, once, of what is expected: a hub may be missing in
 * the sample. */
static double mean_seen(const struct plan_outcome *outcome, double seen, double times,
                        double expected)
{
    return outcome->is_exact ? seen : (seen * times + expected) / (times + 1);
}

/* A rate that was seen in so many tries. What was never seen is as rare as expected, or as
 * something that would have been seen once. */
static double rate_seen(const struct plan_outcome *outcome, double rate, double tries,
                        double expected)
{
    return rate > 0 || outcome->is_exact || expected <= 0 ? rate : 1 / (tries + 1 / expected);
}

/* Brings what is expected after a step in line with what was seen. It has looked at so many
 * candidates, where `expected` were expected. */
static void take_outcome(struct plan_partial *after, const struct plan_outcome *outcome,
                         double candidates, double expected)
{
    after->sample = outcome->sample;
    if (!outcome->is_tried) {
        return;
    }
    double count = plan_partial_count(after);
    double share = ratio(count, expected);
    double seen =
        candidates * rate_seen(outcome, outcome->passed, outcome->tried, share < 1 ? share : 1);
    after->links = count > 0 ? after->links * (seen / count) : seen;
    after->flows = count > 0 ? after->flows * (seen / count) : seen;
}

/* Candidates of a step for each partial match before it, of which `expected` are expected. */
static double candidates_seen(const struct plan_outcome *outcome, double expected)
{
    return outcome->is_tried ? mean_seen(outcome, outcome->neighbours, outcome->starts, expected)
                             : expected;
}

/* Links that an open step looks at. */
struct looks {
    double most;   /* if no window had left out a way to it */
    double walked; /* as expected */
    double timed;  /* as expected, by time */
    bool is_seen;  /* and not only expected */
};

/* A step that binds one edge goes by time when walking all links could cost much more than ordering
 * the flows, and few can be meant: because a window ties the edge to a bound one on both sides, or
 * because few flows pass the edge's filter, which the order holds alone; a scan finds those without
 * it. What windows leave is expected by flows, but links are left only where none of their flows
 * can be meant, so that it is not relied upon. */
static double choose_time(const struct plan_expect *expect, struct plan_partial *partial,
                          uint32_t edge, uint32_t vertex, const struct looks *looks,
                          struct plan_walk *walk)
{
    const struct edge_frame *frame = edge_at(expect, edge)->frame;
    bool is_scan = vertex == SCANNED;
    double flows = (double)frame->flow_count;
    if (partial->edges == 0) {
        return looks->walked;
    }
    struct plan_partial ordered = *partial;
    walk->order_cost =
        is_scan ? flows
                : order_cost(expect, &ordered, edge, direction_at(edge_at(expect, edge), vertex));
    walk->is_long = looks->is_seen
                        ? looks->timed + walk->order_cost < looks->walked * WALKED_COST
                        : looks->most >= LONG_WALK * flows && looks->walked * SHORT_WALKS >= flows;
    if (!walk->is_long) {
        return looks->walked;
    }
    memcpy(partial->ordered, ordered.ordered, sizeof ordered.ordered);
    double share = narrowest_window(expect, partial->edges, edge);
    bool is_rare = !is_scan && edge_links(expect, edge) * RARE_LINKS < (double)frame->link_count;
    walk->by_time = share < 1 || is_rare;
    double least = looks->timed < looks->walked ? looks->timed : looks->walked;
    return walk->by_time ? least + walk->order_cost : looks->walked;
}

void plan_expect_scan(const struct plan_expect *expect, struct plan_partial *partial, uint32_t edge,
                      struct plan_walk *walk)
{
    const struct bound_edge *bound = edge_at(expect, edge);
    const struct plan_partial before = *partial;
    struct plan_outcome outcome = try_step(expect, &before, STEP_SCAN_LINKS, 0, 1u << edge, false);
    double share = narrowest_window(expect, before.edges, edge);
    double links = candidates_seen(&outcome, edge_links(expect, edge));
    double flows = before.flows * edge_flows(expect, edge) * share;
    struct looks looks = {.most = before.links * links,
                          .walked = plan_partial_count(&before) * links,
                          .timed = flows};
    *walk = (struct plan_walk){0};
    partial->cost += choose_time(expect, partial, edge, SCANNED, &looks, walk);
    partial->links *= edge_links(expect, edge);
    partial->flows = flows;
    keep_passing_end(expect, partial, edge, bound->source);
    if (bound->source == bound->target) {
        partial->links /= vertex_total(expect, bound->source);
        partial->flows /= vertex_total(expect, bound->source);
    } else {
        keep_passing_end(expect, partial, edge, bound->target);
    }
    partial->vertices |= 1u << bound->source | 1u << bound->target;
    partial->edges |= 1u << edge;
    take_outcome(partial, &outcome, looks.walked,
                 plan_partial_count(&before) * edge_links(expect, edge));
}

void plan_expect_vertex(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t vertex)
{
    bool is_seek = expect->statistics->vertex_seek[vertex] != VERTEX_NONE;
    struct plan_outcome outcome = try_step(
        expect, partial, is_seek ? STEP_SEEK_VERTEX : STEP_SCAN_VERTICES, vertex, 0, false);
    double candidates =
        plan_partial_count(partial) * (double)expect->statistics->vertex_pass_counts[vertex];
    partial->cost += candidates;
    partial->links *= (double)expect->statistics->vertex_pass_counts[vertex];
    partial->flows *= (double)expect->statistics->vertex_pass_counts[vertex];
    partial->vertices |= 1u << vertex;
    take_outcome(partial, &outcome, candidates, candidates);
}

/* Links and flows that go on along an edge from a vertex, for each that has led there. */
struct fan {
    double links;  /* of any flows */
    double passed; /* of flows that pass */
    double flows;
};

/* So many links and flows along the edge, of which its filter leaves its share. */
static struct fan share_fan(const struct plan_expect *expect, uint32_t edge, double links,
                            double flows)
{
    return (struct fan){links, links * link_share(expect, edge), flows * flow_share(expect, edge)};
}

/* From a vertex that nothing leads to yet. */
static struct fan start_fan(const struct plan_expect *expect, uint32_t vertex, uint32_t edge)
{
    const struct degrees *degrees = degrees_at(expect, vertex);
    enum direction to = direction_at(edge_at(expect, edge), vertex);
    return share_fan(expect, edge, ratio(degrees->links[to], degrees->vertices),
                     ratio(degrees->flows[to], degrees->vertices));
}

/* From a vertex with a filter, whose links and flows are known, but not which of them pass. */
static struct fan filtered_fan(const struct plan_expect *expect, uint32_t vertex, uint32_t from,
                               uint32_t edge)
{
    const struct degrees *degrees = degrees_at(expect, vertex);
    enum direction d = direction_at(edge_at(expect, from), vertex);
    enum direction to = direction_at(edge_at(expect, edge), vertex);
    return share_fan(expect, edge, ratio(degrees->link_pairs[d][to], degrees->links[d]),
                     ratio(degrees->flow_pairs[d][to], degrees->flows[d]));
}

/* How often two edges meet at a vertex is known best from the ends of the one that fewer flows
 * pass. */
static struct fan met_fan(const struct plan_expect *expect, uint32_t vertex, uint32_t from,
                          uint32_t edge)
{
    const struct plan_statistics *known = expect->statistics;
    enum direction d = direction_at(edge_at(expect, from), vertex);
    enum direction to = direction_at(edge_at(expect, edge), vertex);
    const struct degree *end = &known->edge_ends[from][d];
    struct fan fan = share_fan(expect, edge, end->links[to], end->flows[to]);
    if (edge_flows(expect, edge) < edge_flows(expect, from)) {
        const struct edge_frame *frame = edge_at(expect, edge)->frame;
        end = &known->edge_ends[edge][to];
        fan.passed = edge_links(expect, edge) * ratio(end->links[d], (double)frame->link_count);
        fan.flows = edge_flows(expect, edge) * ratio(end->flows[d], (double)frame->flow_count);
    }
    return fan;
}

/* Of the edges that lead to the vertex, the one that fewest flows pass says most about it. */
static struct fan fan_out(const struct plan_expect *expect, const struct plan_partial *partial,
                          uint32_t vertex, uint32_t edge)
{
    uint32_t from = UINT32_MAX;
    for (uint32_t rest = partial->edges; rest != 0; rest &= rest - 1) {
        uint32_t e = (uint32_t)__builtin_ctz(rest);
        bool is_there =
            edge_at(expect, e)->source == vertex || edge_at(expect, e)->target == vertex;
        if (is_there && (from == UINT32_MAX || edge_flows(expect, e) < edge_flows(expect, from))) {
            from = e;
        }
    }
    if (from == UINT32_MAX) {
        return start_fan(expect, vertex, edge);
    }
    return degrees_at(expect, vertex)->vertices < vertex_total(expect, vertex)
               ? filtered_fan(expect, vertex, from, edge)
               : met_fan(expect, vertex, from, edge);
}

/* Of the ends of the edge the one that fewer vertices can be, whose links are known best. */
static uint32_t rarer_end(const struct plan_expect *expect, const struct bound_edge *edge)
{
    return degrees_at(expect, edge->target)->vertices < degrees_at(expect, edge->source)->vertices
               ? edge->target
               : edge->source;
}

/* How likely a link of the end leads to the vertex at the other end: as to any vertex. To the end
 * of a filter it is likelier, since vertices that links have led to are busy ones; as likely as
 * links of both ends meet would be too much for most, so that the geometric mean of the two is
 * taken. */
static double met_share(const struct plan_expect *expect, const struct plan_partial *partial,
                        uint32_t edge, uint32_t end)
{
    const struct bound_edge *bound = edge_at(expect, edge);
    const struct degrees *degrees = degrees_at(expect, end);
    uint32_t other = other_end(bound, end);
    double links = ratio(degrees->links[direction_at(bound, end)], degrees->vertices);
    double share = links / vertex_total(expect, other);
    if (degrees->vertices == vertex_total(expect, end)) {
        return share;
    }
    struct fan fan = fan_out(expect, partial, other, edge);
    double busy = fan.links * ratio(links, (double)bound->frame->link_count);
    return sqrt(share * (busy < share ? share : busy < 1 ? busy : 1));
}

/* How seldom there is a link between the ends of the edge, which are bound: another edge may lie on
 * the same one, or on one that goes back. */
static double joined_share(const struct plan_expect *expect, const struct plan_partial *partial,
                           uint32_t edge)
{
    const struct bound_edge *bound = edge_at(expect, edge);
    double share = met_share(expect, partial, edge, rarer_end(expect, bound));
    for (uint32_t rest = partial->edges; rest != 0; rest &= rest - 1) {
        const struct bound_edge *other = edge_at(expect, (uint32_t)__builtin_ctz(rest));
        if (other->source == bound->source && other->target == bound->target) {
            return 1;
        }
        bool goes_back = other->source == bound->target && other->target == bound->source;
        share = goes_back && share < 1.0 / ANSWERED ? 1.0 / ANSWERED : share;
    }
    return share;
}

static void keep_joined(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t edge)
{
    const struct bound_edge *bound = edge_at(expect, edge);
    uint32_t end = rarer_end(expect, bound);
    enum direction d = direction_at(bound, end);
    const struct degrees *degrees = degrees_at(expect, end);
    double share = joined_share(expect, partial, edge);
    double flows = ratio(degrees->flows[d], degrees->links[d]) * flow_share(expect, edge);
    partial->links *= share * link_share(expect, edge);
    partial->flows *= share * flows * narrowest_window(expect, partial->edges, edge);
    partial->edges |= 1u << edge;
}

void plan_expect_extend(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t vertex, struct plan_walk *walk)
{
    const struct plan_partial before = *partial;
    uint32_t edges = plan_edges_to(expect, &before, vertex);
    bool is_open = (edges & (edges - 1)) == 0;
    uint32_t walked_edge = (uint32_t)__builtin_ctz(edges);
    struct fan walked = {.links = INFINITY};
    for (uint32_t rest = edges; rest != 0; rest &= rest - 1) {
        uint32_t edge = (uint32_t)__builtin_ctz(rest);
        uint32_t from = other_end(edge_at(expect, edge), vertex);
        struct fan fan = fan_out(expect, &before, from, edge);
        if (fan.links < walked.links || (fan.links == walked.links && fan.flows < walked.flows)) {
            walked_edge = edge;
            walked = fan;
        }
    }
    double share = narrowest_window(expect, before.edges, walked_edge);
    struct plan_partial reached = before;
    reached.links *= walked.passed;
    reached.flows *= walked.flows * share;
    double flows = reached.flows;
    keep_passing_end(expect, &reached, walked_edge, vertex);
    reached.vertices |= 1u << vertex;
    reached.edges |= 1u << walked_edge;
    for (uint32_t rest = edges & ~(1u << walked_edge); rest != 0; rest &= rest - 1) {
        keep_joined(expect, &reached, (uint32_t)__builtin_ctz(rest));
    }
    /* Of two lists the shorter one is walked, which is seldom a hub's. */
    const struct edge_frame *frame = edge_at(expect, walked_edge)->frame;
    double mean = ratio((double)frame->link_count, vertex_total(expect, vertex));
    double expected = is_open ? walked.links : sqrt(walked.links * (mean < 1 ? 1 : mean));
    double count = plan_partial_count(&before);
    bool by_time = is_open && share < 1;
    struct plan_outcome outcome = try_step(expect, &before, STEP_EXTEND, vertex, edges, by_time);
    double length = candidates_seen(&outcome, expected);
    struct looks looks = {
        .most = before.links * length, .walked = count * length, .timed = count + flows};
    if (outcome.is_tried && by_time) {
        looks.is_seen = true;
        looks.timed = count + count * rate_seen(&outcome, outcome.candidates, outcome.starts,
                                                ratio(flows, count));
    }
    *walk = (struct plan_walk){0};
    *partial = before;
    uint32_t near = other_end(edge_at(expect, walked_edge), vertex);
    reached.cost +=
        is_open ? choose_time(expect, partial, walked_edge, near, &looks, walk) : looks.walked;
    memcpy(reached.ordered, partial->ordered, sizeof reached.ordered);
    if (looks.is_seen && walk->by_time) {
        take_outcome(&reached, &outcome, looks.timed - count, flows);
    } else {
        if (by_time) {
            outcome = try_step(expect, &before, STEP_EXTEND, vertex, edges, false);
        }
        take_outcome(&reached, &outcome, looks.walked, count * expected);
    }
    *partial = reached;
}

void plan_expect_close(const struct plan_expect *expect, struct plan_partial *partial,
                       uint32_t edge)
{
    struct plan_outcome outcome = try_step(expect, partial, STEP_CLOSE, 0, 1u << edge, false);
    double count = plan_partial_count(partial);
    partial->cost += count;
    keep_joined(expect, partial, edge);
    take_outcome(partial, &outcome, count, count);
}

uint32_t plan_edges_to(const struct plan_expect *expect, const struct plan_partial *partial,
                       uint32_t vertex)
{
    uint32_t edges = 0;
    for (uint32_t e = 0; e < expect->query->edge_count; e++) {
        const struct bound_edge *edge = edge_at(expect, e);
        bool is_touching = edge->source == vertex || edge->target == vertex;
        uint32_t other = other_end(edge, vertex);
        if (is_touching && other != vertex && !plan_has(partial->edges, e) &&
            plan_has(partial->vertices, other)) {
            edges |= 1u << e;
        }
    }
    return edges;
}

void plan_statistics_set_ends(struct plan_statistics *statistics, uint32_t edge,
                              const struct edge_frame *frame)
{
    const struct degrees *degrees = &frame->degrees;
    for (uint32_t end = 0; end < DIRECTION_COUNT; end++) {
        struct degree *degree = &statistics->edge_ends[edge][end];
        for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
            degree->links[d] = ratio(degrees->link_pairs[end][d], degrees->links[end]);
            degree->flows[d] = ratio(degrees->flow_pairs[end][d], degrees->flows[end]);
        }
    }
}
