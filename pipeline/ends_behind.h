/* What stands behind a search for temporal paths, as far as it tells what is asked of them. */
#ifndef GYRE_PIPELINE_ENDS_BEHIND_H
#define GYRE_PIPELINE_ENDS_BEHIND_H

#include "pipeline/compile.h"

/* Whether all that is read of paths until they are put together, by DISTINCT or by groups, is where
 * they begin and end, and how many flows they have. If so, sets what a STAGE_ENDS tells, and what
 * counts paths behind it becomes a sum; if not, nothing has changed. `first` is the stage behind
 * it. False without memory as well. */
bool ends_read_behind(struct compiler *compiler, struct stage *ends, struct stage *first);

#endif
