/* The last step of building a slab: its flows in the order of time, and what that order is for. */
#ifndef GYRE_ENGINE_CYCLE_RANK_H
#define GYRE_ENGINE_CYCLE_RANK_H

#include "engine/cycle_slab.h"

/* Fills a slab that has room for the builder's loose flows and bundles. When the stop is requested
 * it ends early, and the slab is not to be used. */
void rank_fill(const struct slab_builder *builder, struct slab *slab);

#endif
