/* Matches that were found become lanes of the worker's batch, which goes to the sink when it is
 * full. Inside the search only. */
#ifndef GYRE_ENGINE_SEARCH_EMIT_H
#define GYRE_ENGINE_SEARCH_EMIT_H

#include "engine/search.h"

/* Takes `count` matches that differ in the flow of `edge` only, which are at `positions`. */
void emit_flows(struct searcher *searcher, uint32_t edge, const uint32_t *positions,
                uint32_t count);

/* Takes the matches with the flows of `edge` at first..last-1, at most EVALUATE_LANES, that have
 * their bit (NULL: all); returns how many. It is the pattern's only edge, and is read. */
uint32_t emit_range(struct searcher *searcher, uint32_t edge, const struct partition *partition,
                    const uint64_t *bits, uint32_t first, uint32_t last);

/* Takes `weight` matches that differ in nothing that the query reads. */
void emit_weight(struct searcher *searcher, uint64_t weight);

/* Hands over the matches that are buffered. */
void emit_flush(struct searcher *searcher);

#endif
