/* What stands behind a search for cycles, as far as it leaves less to do for it. */
#ifndef GYRE_PIPELINE_CYCLE_BEHIND_H
#define GYRE_PIPELINE_CYCLE_BEHIND_H

#include "pipeline/compile.h"

/* Sets whether a STAGE_CYCLES only counts, how many cycles are enough, and whether each is a row of
 * the answer. `behind` is the stage after it and its filters. False without memory. */
bool cycle_read_behind(struct compiler *compiler, struct stage *cycles, struct stage *behind);

/* The same questions of paths (ends_behind.h). */

/* Whether a term is r or relationships(p). */
bool cycle_is_list(const struct stage_cycle *cycle, const struct term *term);
/* Whether a term is the size of that, or length(p). */
bool cycle_is_hop_count(const struct stage_cycle *cycle, const struct term *term);
/* Whether an aggregate is the number of rows, which are cycles. */
bool cycle_counts_rows(const struct stage_cycle *cycle, const struct stage_fold *fold);
/* Whether a projection hands on what it reads as it is, and so cannot fail. */
bool cycle_hands_on(const struct stage_item *item);
/* Whether a value that comes more than once makes no difference. */
bool cycle_folds_same_once(const struct stage_fold *fold);
/* Makes an aggregate that counts rows the sum of their weights. */
bool cycle_sum_weights(struct compiler *compiler, const struct stage_cycle *cycle,
                       struct stage_fold *fold);

#endif
