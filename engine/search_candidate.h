/* What a candidate of a structure step must pass. Inside the search only. */
#ifndef GYRE_ENGINE_SEARCH_CANDIDATE_H
#define GYRE_ENGINE_SEARCH_CANDIDATE_H

#include "engine/orientation.h"

static inline bool candidate_vertex_passes(const struct searcher *searcher, uint32_t pattern_vertex)
{
    const uint64_t *bits = searcher->orientation->vertex_bits[pattern_vertex];
    return bits == NULL || bit_is_set(bits, searcher->vertices[pattern_vertex]);
}

/* The inequalities of vertices that step `step` decides: asked before anything is searched for. */
bool candidate_vertices_differ(const struct searcher *searcher, uint32_t step);

/* The other structural conjuncts that step `step` decides. */
bool candidate_passes(struct searcher *searcher, uint32_t step);

/* A link that was set for `edge`, taken in; false when no flow of it is feasible. */
bool candidate_bind(struct searcher *searcher, uint32_t edge);

#endif
