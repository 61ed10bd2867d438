/* Text made while evaluating: a pool that is reset as a whole. One worker's own; its blocks lie in
 * the arena and are used again after a reset. */
#ifndef GYRE_ENGINE_SCRATCH_H
#define GYRE_ENGINE_SCRATCH_H

#include <stdint.h>

#include "graph/dictionary.h"
#include "numa/arena.h"

struct scratch_block;

struct scratch {
    struct arena *arena;
    struct scratch_block *first;
    struct scratch_block *current;
    uint64_t used_bytes; /* of the current block */
};

void scratch_init(struct scratch *scratch, struct arena *arena);

/* Forgets all texts and keeps the memory. */
void scratch_reset(struct scratch *scratch);

/* A text of `left` followed by `right`; NULL when memory runs out. */
const struct text *scratch_join(struct scratch *scratch, struct bytes left, struct bytes right);

#endif
