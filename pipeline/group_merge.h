/* How the groups that several workers have found become those of one: in the order, and with the
 * results, that one worker would have got from all rows. */
#ifndef GYRE_PIPELINE_GROUP_MERGE_H
#define GYRE_PIPELINE_GROUP_MERGE_H

#include "pipeline/stage.h"

/* The finish_parts (stage.h) of a GROUP. */
enum pushed group_finish_parts(struct run *run, const struct stage_part *parts, uint32_t count,
                               struct pipe *next);

#endif
