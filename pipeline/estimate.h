/* How many rows stages and steps are expected to give, from a few counts of the graph. Rough: what
 * matters is that a plan that is far off is seen beside what it did. For EXPLAIN and PROFILE. */
#ifndef GYRE_PIPELINE_ESTIMATE_H
#define GYRE_PIPELINE_ESTIMATE_H

#include "pipeline/compile.h"
#include "pipeline/pattern_plan.h"

/* Behind a stage that `rows` rows come to; NAN: nothing is known. */
double estimate_stage(const struct compiled *compiled, const struct stage *stage, double rows);

/* Behind a step of a pattern that `rows` partial matches come to. */
double estimate_step(const struct graph *graph, const struct pattern *pattern,
                     const struct pattern_step *step, double rows);

/* Of all steps. */
double estimate_pattern(const struct graph *graph, const struct pattern *pattern, double rows);

#endif
