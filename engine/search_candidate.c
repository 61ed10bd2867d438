#include "engine/search_candidate.h"

#include "engine/feasible.h"

bool candidate_vertices_differ(const struct searcher *searcher, uint32_t step)
{
    const struct search *search = searcher->search;
    for (uint32_t i = 0; i < search->structural_count; i++) {
        const struct search_predicate *predicate = &search->structural[i];
        if (predicate->step == step && predicate->program == NULL &&
            (predicate->turned & ~searcher->orientation->turned) == 0 &&
            searcher->vertices[predicate->left] == searcher->vertices[predicate->right]) {
            return false;
        }
    }
    return true;
}

bool candidate_passes(struct searcher *searcher, uint32_t step)
{
    struct search *search = searcher->search;
    for (uint32_t i = 0; i < search->structural_count; i++) {
        const struct search_predicate *predicate = &search->structural[i];
        if (predicate->step != step || predicate->program == NULL) {
            continue;
        }
        uint32_t count = 0;
        if (program_select(predicate->program, searcher->registers, &searcher->inputs, 1,
                           searcher->selected, &count, &searcher->error) != STATUS_OK) {
            stop_request(search->stop, STOP_FAILED);
            return false;
        }
        if (count == 0) {
            return false;
        }
    }
    return true;
}

bool candidate_bind(struct searcher *searcher, uint32_t edge)
{
    bool is_remote = searcher->partitions[edge]->node != searcher->node;
    searcher->counters.locality.links[is_remote]++;
    return feasible_bind(searcher, edge);
}
