/* What stands behind a search for cycles, as far as it leaves less to do for it. */
#ifndef GYRE_PIPELINE_CYCLE_BEHIND_H
#define GYRE_PIPELINE_CYCLE_BEHIND_H

#include "pipeline/stage.h"

/* Sets whether a STAGE_CYCLES only counts, how many cycles are enough, and whether each is a row of
 * the answer, which is `is_distinct` or not. `behind` is the stage after it and its filters. */
void cycle_read_behind(struct stage *cycles, struct stage *behind, bool is_distinct);

#endif
