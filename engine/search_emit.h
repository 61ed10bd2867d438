/* Matches that were found become lanes of the worker's batch, which goes to the sink when it is
 * full. Inside the search only. */
#ifndef GYRE_ENGINE_SEARCH_EMIT_H
#define GYRE_ENGINE_SEARCH_EMIT_H

#include "engine/search.h"

/* Takes `count` matches that differ in the flow of `edge` only, which are at `positions`. */
void emit_flows(struct searcher *searcher, uint32_t edge, const uint32_t *positions,
                uint32_t count);

/* Takes `weight` matches that differ in nothing that the query reads. */
void emit_weight(struct searcher *searcher, uint64_t weight);

/* Hands over the matches that are buffered. */
void emit_flush(struct searcher *searcher);

#endif
