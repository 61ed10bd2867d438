/* Where only different rows are asked for (RETURN DISTINCT; DISTINCT aggregates, min and max), a
 * match is as good as all those that differ from it in nothing that is read. When one has been
 * found, the search goes back to the last choice of something that is read; what depends on later
 * choices only need not be found. Where that is one vertex, those that have been found are known to
 * all workers, and not gone on from.
 *
 * Who looks where is not always the same with more workers, so that matches and visits are counted
 * as they were. Inside the search only. */
#ifndef GYRE_ENGINE_SEARCH_ONCE_H
#define GYRE_ENGINE_SEARCH_ONCE_H

#include "engine/search.h"

/* Fills search->once. */
enum status once_open(struct search *search, struct arena *arena, struct error *error);

/* All edges lie on links; their order is known, and no flow is chosen. */
static inline void once_begin(struct searcher *searcher)
{
    const struct search *search = searcher->search;
    searcher->has_found = false;
    searcher->once_levels = UINT32_MAX;
    if (search->once.is_on) {
        uint32_t level = search->query->edge_count;
        while (level > 0 && (search->reads.edge_mask >> searcher->order[level - 1] & 1) == 0) {
            level--;
        }
        searcher->once_levels = level;
    }
}

/* A flow of the level was tried: whether no other of them needs to be. */
static inline bool once_is_enough(struct searcher *searcher, uint32_t level)
{
    bool is_enough = searcher->has_found && level >= searcher->once_levels;
    searcher->has_found = is_enough;
    return is_enough;
}

/* The step's candidate passes: whether all that it could lead to has been found. */
static inline bool once_is_known(const struct searcher *searcher, uint32_t step)
{
    const struct search_once *once = &searcher->search->once;
    if (once->found == NULL || step + 1 != once->step_count) {
        return false;
    }
    vertex_id vertex = searcher->vertices[once->vertex];
    uint64_t word = atomic_load_explicit(&once->found[vertex >> 6], memory_order_relaxed);
    return (word >> (vertex & 63) & 1) != 0;
}

/* The step's candidate was gone on from: if that has found a match, and was not a choice of
 * something that is read, none of the others is tried. */
void once_leave(struct searcher *searcher, uint32_t step);

#endif
