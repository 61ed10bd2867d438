#include "engine/search_once.h"

/* The vertices that a step binds. */
static uint32_t bound_vertices(const struct search *search, const struct plan_step *step)
{
    if (step->kind == STEP_SCAN_LINKS) {
        const struct bound_edge *edge = &search->query->edges[step->edge];
        return 1u << edge->source | 1u << edge->target;
    }
    return step->kind == STEP_CLOSE ? 0 : 1u << step->vertex;
}

/* The first steps that bind all vertices of the mask. */
static uint32_t count_steps(const struct search *search, uint32_t vertices)
{
    uint32_t count = 0;
    while (vertices != 0) {
        vertices &= ~bound_vertices(search, &search->plan->steps[count++]);
    }
    return count;
}

enum status once_open(struct search *search, struct arena *arena, struct error *error)
{
    struct search_once *once = &search->once;
    const struct query_reads *reads = &search->reads;
    *once = (struct search_once){.is_on = reads->is_once, .step_count = UINT32_MAX};
    if (!reads->is_once || reads->edge_mask != 0 || search->plan->is_empty) {
        return STATUS_OK;
    }
    once->step_count = count_steps(search, reads->vertex_mask);
    if (__builtin_popcount(reads->vertex_mask) == 1) {
        uint64_t words = filter_word_count(search->vertices->vertex_count);
        once->vertex = (uint32_t)__builtin_ctz(reads->vertex_mask);
        once->found = arena_allocate_zeroed(arena, words, sizeof *once->found);
        return once->found == NULL ? arena_error(arena, "preparing the search", error) : STATUS_OK;
    }
    return STATUS_OK;
}

void once_leave(struct searcher *searcher, uint32_t step)
{
    const struct search_once *once = &searcher->search->once;
    if (!searcher->has_found) {
        return;
    }
    if (step >= once->step_count) {
        searcher->structure[step].end = searcher->structure[step].next;
        return;
    }
    searcher->has_found = false;
    if (once->found != NULL && step + 1 == once->step_count) {
        vertex_id vertex = searcher->vertices[once->vertex];
        atomic_fetch_or_explicit(&once->found[vertex >> 6], UINT64_C(1) << (vertex & 63),
                                 memory_order_relaxed);
    }
}
