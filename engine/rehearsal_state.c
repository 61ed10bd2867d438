#include "engine/rehearsal_state.h"

#include <string.h>

#include "base/check.h"
#include "engine/feasible.h"
#include "engine/search_candidate.h"

void rehearsal_restore(struct rehearsal *rehearsal, const struct sample *from, uint32_t at)
{
    const struct search *search = &rehearsal->search;
    struct searcher *searcher = &rehearsal->searcher;
    const uint32_t *values = from->values + (size_t)at * rehearsal_width(rehearsal);
    searcher->orientation = &search->orientations[from->orientations[at]];
    searcher->bound_edges = 0;
    if (from->vertices != 0) {
        memcpy(searcher->vertices, values, search->query->vertex_count * sizeof *values);
    }
    for (uint32_t rest = from->edges; rest != 0; rest &= rest - 1) {
        uint32_t e = (uint32_t)__builtin_ctz(rest);
        searcher->links[e] = values[search->query->vertex_count + e];
        searcher->partitions[e] = graph_partition_of(
            search->edges, searcher->vertices[searcher->orientation->edges[e].source]);
        bool is_bound = feasible_bind(searcher, e);
        CHECK(is_bound);
    }
    feasible_save(searcher, &searcher->structure[0]);
}

bool rehearsal_vertices_pass(const struct rehearsal *rehearsal, const struct sample *from)
{
    const struct searcher *searcher = &rehearsal->searcher;
    uint32_t bound = rehearsal->next.vertices;
    uint32_t news = bound & ~from->vertices;
    for (uint32_t rest = news; rest != 0; rest &= rest - 1) {
        if (!candidate_vertex_passes(searcher, (uint32_t)__builtin_ctz(rest))) {
            return false;
        }
    }
    for (uint32_t i = 0; i < rehearsal->inequality_count; i++) {
        const struct inequality *inequality = &rehearsal->inequalities[i];
        uint32_t both = 1u << inequality->left | 1u << inequality->right;
        if ((both & ~bound) == 0 && (both & news) != 0 &&
            (inequality->turned & ~searcher->orientation->turned) == 0 &&
            searcher->vertices[inequality->left] == searcher->vertices[inequality->right]) {
            return false;
        }
    }
    return true;
}

void rehearsal_count(struct rehearsal *rehearsal, double weight)
{
    rehearsal->tried++;
    rehearsal->weight += weight;
}

void rehearsal_take(struct rehearsal *rehearsal, double weight)
{
    const struct bound_query *query = rehearsal->search.query;
    const struct searcher *searcher = &rehearsal->searcher;
    struct sample *next = &rehearsal->next;
    if (next->count == PASSED_MAX) {
        return;
    }
    uint32_t *values = next->values + (size_t)next->count * rehearsal_width(rehearsal);
    memcpy(values, searcher->vertices, query->vertex_count * sizeof *values);
    memcpy(values + query->vertex_count, searcher->links, query->edge_count * sizeof *values);
    next->weights[next->count] = weight;
    next->orientations[next->count] =
        (uint8_t)(searcher->orientation - rehearsal->search.orientations);
    next->count++;
    rehearsal->passed += weight;
}

void rehearsal_begin_step(struct rehearsal *rehearsal)
{
    rehearsal->next.count = 0;
    rehearsal->tried = 0;
    rehearsal->weight = 0;
    rehearsal->passed = 0;
}

void rehearsal_set_list(const struct rehearsal *rehearsal, uint32_t edge, bool is_out,
                        struct neighbours *neighbours)
{
    const struct searcher *searcher = &rehearsal->searcher;
    const struct bound_edge *bound = &searcher->orientation->edges[edge];
    vertex_id vertex = searcher->vertices[is_out ? bound->source : bound->target];
    if ((searcher->orientation->inner_edges >> edge & 1) != 0) {
        neighbours_set_inner(neighbours, searcher->inner, vertex, is_out);
    } else {
        neighbours_set(neighbours, rehearsal->search.edges, vertex, is_out);
    }
}
