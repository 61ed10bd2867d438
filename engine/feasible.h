/* What a partial match leaves feasible: for each bound pattern edge a range of its link's flows and
 * of times, narrowed by the filters and by the windows between edges. */
#ifndef GYRE_ENGINE_FEASIBLE_H
#define GYRE_ENGINE_FEASIBLE_H

#include "engine/search.h"

/* Takes in the link that was set for `edge`, which tightens what is feasible for all
 * bound edges. False when no flow of it passes the edge's filter, or none can meet the windows. */
bool feasible_bind(struct searcher *searcher, uint32_t edge);

/* Keeps what is feasible for the bound edges in the frame, and brings it back. */
void feasible_save(struct searcher *searcher, struct structure_frame *frame);
void feasible_restore(struct searcher *searcher, const struct structure_frame *frame);

/* Narrows a time of `edge` to what the windows leave beside the flows of `chosen_edges`; false when
 * that is nothing. */
bool feasible_window(const struct searcher *searcher, uint32_t edge, uint32_t chosen_edges,
                     time_ns *earliest, time_ns *latest);

/* The first set bit in [from, end), `end` when there is none; from < end. */
uint32_t feasible_next_bit(const uint64_t *bits, uint32_t from, uint32_t end);

/* How many bits are set in [begin, end). */
uint64_t feasible_count_bits(const uint64_t *bits, uint32_t begin, uint32_t end);

#endif
