/* Recognizing temporal cycles; see query/ring.h. */
#include "query/ring.h"

static bool follow_ring(struct ring *ring, const struct bound_query *query);
static bool order_by_time(struct ring *ring, const struct bound_query *query);
static bool has_different_flows(const struct ring *ring, const struct bound_query *query);
static bool find_inequalities(struct ring *ring, const struct bound_query *query);

bool ring_find(struct ring *ring, const struct bound_query *query)
{
    bool may_be = query->edge_count > 1 && query->vertex_count == query->edge_count &&
                  query_undirected_edges(query) == 0;
    for (int is_backward = 0; may_be && is_backward < 2; is_backward++) {
        *ring = (struct ring){.hop_count = query->edge_count, .is_backward = is_backward != 0};
        if (follow_ring(ring, query) && order_by_time(ring, query)) {
            return has_different_flows(ring, query) && find_inequalities(ring, query);
        }
    }
    return false;
}

/* No flow is two of a clause, and none is later than itself. */
static bool has_different_flows(const struct ring *ring, const struct bound_query *query)
{
    bool are_different = true;
    for (uint32_t e = 1; are_different && !ring->is_strict && e < query->edge_count; e++) {
        are_different = query->edges[e].clause == query->edges[0].clause;
    }
    return are_different;
}

static uint32_t begin_of(const struct ring *ring, const struct bound_edge *edge)
{
    return ring->is_backward ? edge->target : edge->source;
}

static uint32_t end_of(const struct ring *ring, const struct bound_edge *edge)
{
    return ring->is_backward ? edge->source : edge->target;
}

/* Lists the edges from the first on, each beginning where the one before ends; false when that does
 * not lead through all of them and back. */
static bool follow_ring(struct ring *ring, const struct bound_query *query)
{
    uint32_t seen = 0;
    uint32_t edge = 0;
    for (uint32_t hop = 0; hop < ring->hop_count; hop++) {
        uint32_t vertex = begin_of(ring, &query->edges[edge]);
        uint32_t end = end_of(ring, &query->edges[edge]);
        if ((seen >> vertex & 1) != 0) {
            return false;
        }
        seen |= 1u << vertex;
        ring->edges[hop] = (uint8_t)edge;
        ring->vertices[hop] = (uint8_t)vertex;
        edge = 0;
        while (edge < query->edge_count && begin_of(ring, &query->edges[edge]) != end) {
            edge++;
        }
        if (edge == query->edge_count) {
            return false;
        }
    }
    return edge == ring->edges[0];
}

/* The pattern edge of hop `hop` of the ring when it begins at `first`. */
static uint32_t edge_at(const struct ring *ring, uint32_t first, uint32_t hop)
{
    return ring->edges[(first + hop) % ring->hop_count];
}

/* Whether the windows say no less and no more than that times ascend from hop `first` on, by `step`
 * at least, to `window_ns` after it at most: both bounds between any two hops follow. */
static bool says_no_more(const struct ring *ring, const struct bound_query *query, uint32_t first,
                         int64_t step)
{
    uint32_t count = ring->hop_count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t edge = edge_at(ring, first, i);
        const int64_t *limits = query->window.limit_ns[edge];
        if (limits[WINDOW_ORIGIN] != WINDOW_NONE ||
            query->window.limit_ns[WINDOW_ORIGIN][edge] != WINDOW_NONE) {
            return false;
        }
        for (uint32_t j = 0; j < count; j++) {
            int64_t between = ((int64_t)j - (int64_t)i) * step;
            int64_t expected = j < i ? between : ring->window_ns - (count - 1) * step + between;
            if (i != j && limits[edge_at(ring, first, j)] != expected) {
                return false;
            }
        }
    }
    return true;
}

/* Turns the ring so that it begins with its earliest flow. */
static bool order_by_time(struct ring *ring, const struct bound_query *query)
{
    uint32_t count = ring->hop_count;
    for (uint32_t first = 0; first < count; first++) {
        const int64_t *limits = query->window.limit_ns[edge_at(ring, first, 0)];
        ring->window_ns = limits[edge_at(ring, first, count - 1)];
        for (int64_t step = 0; step < 2; step++) {
            if (ring->window_ns == WINDOW_NONE || ring->window_ns < (count - 1) * step ||
                !says_no_more(ring, query, first, step)) {
                continue;
            }
            struct ring turned = *ring;
            for (uint32_t hop = 0; hop < count; hop++) {
                turned.edges[hop] = ring->edges[(first + hop) % count];
                turned.vertices[hop] = ring->vertices[(first + hop) % count];
            }
            *ring = turned;
            ring->is_strict = step > 0;
            return true;
        }
    }
    return false;
}

static bool is_inequality(const struct expression *expression)
{
    return expression->kind == EXPRESSION_NOT_EQUAL &&
           expression->children[0]->kind == EXPRESSION_VERTEX &&
           expression->children[1]->kind == EXPRESSION_VERTEX &&
           expression->children[0]->variable != expression->children[1]->variable;
}

/* All pairs of vertices differ, or nothing is said of any. */
static bool find_inequalities(struct ring *ring, const struct bound_query *query)
{
    uint32_t differs[PATTERN_VERTICES_MAX] = {0}; /* mask of vertices, by vertex */
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        const struct expression *expression = query->predicates[i].expression;
        if (query->predicates[i].kind == PREDICATE_RESIDUAL ||
            (query->predicates[i].kind == PREDICATE_STRUCTURE && !is_inequality(expression))) {
            return false;
        }
        if (query->predicates[i].kind == PREDICATE_STRUCTURE) {
            uint32_t left = expression->children[0]->variable;
            uint32_t right = expression->children[1]->variable;
            pairs += (differs[left] >> right & 1) == 0;
            differs[left] |= 1u << right;
            differs[right] |= 1u << left;
        }
    }
    ring->is_simple = pairs > 0;
    return pairs == 0 || pairs == ring->hop_count * (ring->hop_count - 1) / 2;
}
