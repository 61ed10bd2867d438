#include "query/plan_expect.h"

#include <math.h>

enum {
    LONG_WALK = 4,    /* links for each flow that a step may look at before it can go by time; */
    SHORT_WALKS = 16, /* with fewer than this part of a link expected for each, it does not */
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

/* The share of the links that lead to a vertex that passes, and of flows. */
static double passing_links(const struct plan_expect *expect, uint32_t edge, uint32_t vertex)
{
    const struct bound_edge *bound = edge_at(expect, edge);
    return ratio(degrees_at(expect, vertex)->links[direction_at(bound, vertex)],
                 (double)bound->frame->link_count);
}

static double passing_flows(const struct plan_expect *expect, uint32_t edge, uint32_t vertex)
{
    const struct bound_edge *bound = edge_at(expect, edge);
    return ratio(degrees_at(expect, vertex)->flows[direction_at(bound, vertex)],
                 (double)bound->frame->flow_count);
}

/* The links that pass and whose both ends do, and the flows. */
static double kept_links(const struct plan_expect *expect, uint32_t edge)
{
    const struct edge_share *share = &expect->statistics->edge_shares[edge];
    const struct bound_edge *bound = edge_at(expect, edge);
    double kept = passing_links(expect, edge, bound->source) *
                  (bound->source == bound->target ? 1 / vertex_total(expect, bound->source)
                                                  : passing_links(expect, edge, bound->target));
    bool is_known = share->is_sampled || (share->links > 0 && share->links < kept);
    return edge_links(expect, edge) * (is_known ? share->links : kept);
}

static double kept_flows(const struct plan_expect *expect, uint32_t edge)
{
    const struct edge_share *share = &expect->statistics->edge_shares[edge];
    const struct bound_edge *bound = edge_at(expect, edge);
    double kept = passing_flows(expect, edge, bound->source) *
                  (bound->source == bound->target ? 1 / vertex_total(expect, bound->source)
                                                  : passing_flows(expect, edge, bound->target));
    bool is_known = share->is_sampled || (share->flows > 0 && share->flows < kept);
    return edge_flows(expect, edge) * (is_known ? share->flows : kept);
}

double plan_window_share(const struct bound_query *query, double span_ns, uint32_t edge,
                         uint32_t other)
{
    int64_t after = query->window.limit_ns[other][edge];
    int64_t before = query->window.limit_ns[edge][other];
    if (after == WINDOW_NONE || before == WINDOW_NONE || span_ns <= 0) {
        return 1;
    }
    double share = ((double)after + (double)before) / span_ns;
    return share < 1 ? share : 1;
}

/* The share of all time of the edge's narrowest window around a bound one. */
static double narrowest_window(const struct plan_expect *expect, uint32_t bound_edges,
                               uint32_t edge)
{
    double least = 1;
    for (uint32_t rest = bound_edges; rest != 0; rest &= rest - 1) {
        double share = plan_window_share(expect->query, expect->statistics->span_ns, edge,
                                         (uint32_t)__builtin_ctz(rest));
        least = share < least ? share : least;
    }
    return least;
}

/* All flows are looked at. Those of an edge with as many that pass are most likely the same. */
double plan_expect_order(const struct plan_expect *expect, struct plan_partial *partial,
                         uint32_t edge, uint32_t vertex)
{
    bool is_ordered = false;
    if (vertex != PLAN_ALL_FLOWS) {
        uint32_t *ordered = &partial->ordered[direction_at(edge_at(expect, edge), vertex)];
        for (uint32_t rest = *ordered; rest != 0; rest &= rest - 1) {
            uint32_t other = (uint32_t)__builtin_ctz(rest);
            is_ordered = is_ordered || edge_flows(expect, other) == edge_flows(expect, edge);
        }
        *ordered |= 1u << edge;
    }
    return is_ordered ? 0 : (double)edge_at(expect, edge)->frame->flow_count;
}

/* Links that an open step looks at. */
struct looks {
    double most;   /* if no window had left out a way to it */
    double walked; /* as expected */
    double timed;  /* as expected, by time */
};

/* A step that binds one edge goes by time when walking all links could cost much more than ordering
 * the flows, and few can be meant: because a window ties the edge to a bound one on both sides, or
 * because few flows pass the edge's filter, which the order holds alone; a scan finds those without
 * it. What windows leave is expected by flows, but links are left only where none of their flows
 * can be meant, so that it is not relied upon. */
static double choose_time(const struct plan_expect *expect, struct plan_partial *partial,
                          uint32_t edge, uint32_t vertex, const struct looks *looks)
{
    const struct edge_frame *frame = edge_at(expect, edge)->frame;
    double flows = (double)frame->flow_count;
    bool is_rare = vertex != PLAN_ALL_FLOWS &&
                   edge_links(expect, edge) * RARE_LINKS < (double)frame->link_count;
    bool is_long = looks->most >= LONG_WALK * flows && looks->walked * SHORT_WALKS >= flows;
    partial->by_time = partial->edges != 0 && is_long &&
                       (is_rare || narrowest_window(expect, partial->edges, edge) < 1);
    if (!partial->by_time) {
        return looks->walked;
    }
    double least = looks->timed < looks->walked ? looks->timed : looks->walked;
    return least + plan_expect_order(expect, partial, edge, vertex);
}

void plan_expect_scan(const struct plan_expect *expect, struct plan_partial *partial, uint32_t edge)
{
    const struct bound_edge *bound = edge_at(expect, edge);
    const struct plan_partial before = *partial;
    double share = narrowest_window(expect, before.edges, edge);
    double flows = before.flows * edge_flows(expect, edge) * share;
    struct looks looks = {.most = before.ways * edge_links(expect, edge),
                          .walked = plan_partial_count(&before) * edge_links(expect, edge),
                          .timed = flows};
    partial->cost += choose_time(expect, partial, edge, PLAN_ALL_FLOWS, &looks);
    partial->ways *= kept_links(expect, edge);
    partial->links *= kept_links(expect, edge);
    partial->flows *= kept_flows(expect, edge) * share;
    partial->vertices |= 1u << bound->source | 1u << bound->target;
    partial->edges |= 1u << edge;
}

void plan_expect_vertex(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t vertex)
{
    double count = (double)expect->statistics->vertex_pass_counts[vertex];
    partial->cost += plan_partial_count(partial) * count;
    partial->by_time = false;
    partial->ways *= count;
    partial->links *= count;
    partial->flows *= count;
    partial->vertices |= 1u << vertex;
}

/* What passes of so many links and flows along the edge to the vertex at its other end. They are
 * means over links; the root is between that and the one over vertices, which are seldom hubs. */
static struct meeting passing_meeting(const struct plan_expect *expect, uint32_t edge,
                                      uint32_t vertex, double links, double flows)
{
    double timed = flows * flow_share(expect, edge);
    double passed = links * link_share(expect, edge) * passing_links(expect, edge, vertex);
    double mean =
        ratio((double)edge_at(expect, edge)->frame->link_count, vertex_total(expect, vertex));
    return (struct meeting){.links = links,
                            .root = sqrt(sqrt(links * (mean < 1 ? 1 : mean))),
                            .timed = timed,
                            .passed = passed,
                            .met = passed,
                            .flows = timed * passing_flows(expect, edge, vertex)};
}

/* From a vertex that nothing leads to yet. */
static struct meeting meeting_at_start(const struct plan_expect *expect, uint32_t vertex,
                                       uint32_t edge)
{
    const struct degrees *degrees = degrees_at(expect, vertex);
    const struct bound_edge *bound = edge_at(expect, edge);
    enum direction to = direction_at(bound, vertex);
    return passing_meeting(expect, edge, other_end(bound, vertex),
                           ratio(degrees->links[to], degrees->vertices),
                           ratio(degrees->flows[to], degrees->vertices));
}

/* From a vertex whose links and flows are known, but not which of them pass. */
static struct meeting meeting_of_degrees(const struct plan_expect *expect, uint32_t vertex,
                                         uint32_t from, uint32_t edge)
{
    const struct degrees *degrees = degrees_at(expect, vertex);
    const struct bound_edge *bound = edge_at(expect, edge);
    enum direction d = direction_at(edge_at(expect, from), vertex);
    enum direction to = direction_at(bound, vertex);
    return passing_meeting(expect, edge, other_end(bound, vertex),
                           ratio(degrees->link_pairs[d][to], degrees->links[d]),
                           ratio(degrees->flow_pairs[d][to], degrees->flows[d]));
}

/* How often two edges meet at a vertex is known best from the one that fewer flows pass. */
static struct meeting meeting_of_sample(const struct plan_expect *expect, uint32_t vertex,
                                        uint32_t from, uint32_t edge)
{
    const struct plan_statistics *known = expect->statistics;
    enum direction d = direction_at(edge_at(expect, from), vertex);
    enum direction to = direction_at(edge_at(expect, edge), vertex);
    struct meeting meeting = known->meetings[from][d][edge];
    if (known->edge_shares[edge].is_sampled &&
        edge_flows(expect, edge) < edge_flows(expect, from)) {
        const struct meeting *other = &known->meetings[edge][to][from];
        double links = ratio(kept_links(expect, edge), kept_links(expect, from));
        meeting.passed = other->passed * links;
        meeting.met = other->met * links;
        meeting.flows = ratio(other->flows * kept_flows(expect, edge), kept_flows(expect, from));
    }
    return meeting;
}

/* What goes on along an edge from a vertex, for each that has led there. Of the edges that lead to
 * the vertex, the one that fewest flows pass says most about it. */
static struct meeting meeting_at(const struct plan_expect *expect,
                                 const struct plan_partial *partial, uint32_t vertex, uint32_t edge)
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
    if (from != UINT32_MAX && expect->statistics->edge_shares[from].is_sampled) {
        return meeting_of_sample(expect, vertex, from, edge);
    }
    struct meeting meeting = from == UINT32_MAX ? meeting_at_start(expect, vertex, edge)
                                                : meeting_of_degrees(expect, vertex, from, edge);
    meeting.timed *= narrowest_window(expect, partial->edges, edge) *
                     ratio(partial->flows, plan_partial_count(partial));
    return meeting;
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
    struct meeting meeting = meeting_at(expect, partial, other, edge);
    double busy = meeting.links * ratio(links, (double)bound->frame->link_count);
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
    partial->ways *= share * link_share(expect, edge);
    partial->links *= share * link_share(expect, edge);
    partial->flows *= share * flows * narrowest_window(expect, partial->edges, edge);
    partial->edges |= 1u << edge;
}

/* Of two lists the shorter one is walked. If they were independent it would be no longer than the
 * `product` of their roots; if it never was a hub's, the geometric mean of the one that is shorter
 * on average and of any vertex's. The truth lies between. */
static double shorter_list(const struct plan_expect *expect, uint32_t edge, uint32_t vertex,
                           double shorter, double product)
{
    double any =
        ratio((double)edge_at(expect, edge)->frame->link_count, vertex_total(expect, vertex));
    return sqrt(product * sqrt(shorter * (any < 1 ? 1 : any)));
}

void plan_expect_extend(const struct plan_expect *expect, struct plan_partial *partial,
                        uint32_t vertex)
{
    const struct plan_partial before = *partial;
    uint32_t edges = plan_edges_to(expect, &before, vertex);
    bool is_open = (edges & (edges - 1)) == 0;
    uint32_t walked_edge = (uint32_t)__builtin_ctz(edges);
    struct meeting walked = {.links = INFINITY};
    double roots[] = {INFINITY, INFINITY}; /* the least two */
    for (uint32_t rest = edges; rest != 0; rest &= rest - 1) {
        uint32_t edge = (uint32_t)__builtin_ctz(rest);
        uint32_t from = other_end(edge_at(expect, edge), vertex);
        struct meeting meeting = meeting_at(expect, &before, from, edge);
        double greater = meeting.root > roots[0] ? meeting.root : roots[0];
        roots[0] = meeting.root < roots[0] ? meeting.root : roots[0];
        roots[1] = greater < roots[1] ? greater : roots[1];
        if (meeting.links < walked.links ||
            (meeting.links == walked.links && meeting.flows < walked.flows)) {
            walked_edge = edge;
            walked = meeting;
        }
    }
    struct plan_partial reached = before;
    reached.ways *= walked.passed;
    reached.links *= walked.met;
    reached.flows *= walked.flows * narrowest_window(expect, before.edges, walked_edge);
    double product = roots[0] * roots[1];
    double length =
        is_open ? walked.links : shorter_list(expect, walked_edge, vertex, walked.links, product);
    uint32_t near = other_end(edge_at(expect, walked_edge), vertex);
    struct looks looks = {.most = before.ways * length,
                          .walked = plan_partial_count(&before) * length,
                          .timed = plan_partial_count(&before) * (1 + walked.timed)};
    reached.by_time = false;
    reached.cost +=
        is_open ? choose_time(expect, &reached, walked_edge, near, &looks) : looks.walked;
    reached.vertices |= 1u << vertex;
    reached.edges |= 1u << walked_edge;
    for (uint32_t rest = edges & ~(1u << walked_edge); rest != 0; rest &= rest - 1) {
        keep_joined(expect, &reached, (uint32_t)__builtin_ctz(rest));
    }
    *partial = reached;
}

void plan_expect_close(const struct plan_expect *expect, struct plan_partial *partial,
                       uint32_t edge)
{
    partial->cost += plan_partial_count(partial);
    keep_joined(expect, partial, edge);
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
