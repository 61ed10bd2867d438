/* What the structure steps read of lists of neighbours, for engine/locality.h: counted from outside
 * a step, by what it was before and is after, so that a search that counts nothing pays nothing. */
#ifndef GYRE_ENGINE_SEARCH_READS_H
#define GYRE_ENGINE_SEARCH_READS_H

#include "engine/search.h"

/* A step before it runs. */
struct reads_before {
    uint64_t next;
    uint64_t visited;
    struct neighbours neighbours; /* STEP_CLOSE */
};

void reads_begin(const struct searcher *searcher, uint32_t step, struct reads_before *before);
void reads_end(struct searcher *searcher, uint32_t step, const struct reads_before *before);

#endif
