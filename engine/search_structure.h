/* Structure: binds pattern vertices and the links between them, step by step. */
#ifndef GYRE_ENGINE_SEARCH_STRUCTURE_H
#define GYRE_ENGINE_SEARCH_STRUCTURE_H

#include "engine/search.h"

/* Runs structure step `step` over its frame's range, and everything below. */
void structure_run(struct searcher *searcher, uint32_t step);

/* Goes below a candidate of step `step` that passed, and comes back to the step's own state. */
void structure_descend(struct searcher *searcher, uint32_t step);

/* Runs a task whose range is of a structure step. */
void structure_run_task(struct searcher *searcher, const struct task *task);

/* Binds what a task holds of the first `step_count` steps. */
void structure_restore(struct searcher *searcher, const struct task *task, uint32_t step_count);

#endif
