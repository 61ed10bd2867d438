/* What stands behind a search for cycles, as far as it leaves less to do for it. */
#ifndef GYRE_PIPELINE_CYCLE_BEHIND_H
#define GYRE_PIPELINE_CYCLE_BEHIND_H

#include "pipeline/compile.h"

/* Sets whether a STAGE_CYCLES only counts, how many cycles are enough, and whether each is a row of
 * the answer. `behind` is the stage after it and its filters. False without memory. */
bool cycle_read_behind(struct compiler *compiler, struct stage *cycles, struct stage *behind);

#endif
