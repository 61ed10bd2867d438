/* What a compiled query does, in the words of its text. For EXPLAIN and PROFILE. */
#ifndef GYRE_PIPELINE_DESCRIBE_H
#define GYRE_PIPELINE_DESCRIBE_H

#include "pipeline/compile.h"
#include "pipeline/pattern_plan.h"
#include "query/plan_text.h"

/* A piece of the query in one line: blanks as one, without comments, and no longer than this. */
enum { WORDS_BYTES = 256 };
struct bytes describe_span(const struct compiled *compiled, struct source_span span,
                           char words[WORDS_BYTES]);

/* The name of a slot; of no length: it has none that was written. */
struct bytes describe_slot(const struct compiled *compiled, uint32_t slot);

/* The next stage to be shown: without those that the head's filters have become. */
const struct stage *describe_next(const struct stage *stage);

const char *describe_stage_kind(const struct stage *stage);
void describe_stage(const struct compiled *compiled, const struct stage *stage,
                    struct plan_text *text);

/* What a step binds: (a), (a)-[e]->(b). */
const char *describe_step_kind(const struct pattern_step *step);
void describe_step(const struct compiled *compiled, const struct pattern *pattern,
                   const struct pattern_step *step, struct plan_text *text);

/* What is known of a step or checked at it. `kind`: "window", "order", "hop", "vertex", "check".
 * Windows bound which flows are visited at all, an order prunes walks, hops are checked of each
 * flow before it is taken, vertices as soon as the other end of the flow is known, checks when all
 * flows of the step are. */
typedef void describe_note(void *context, const char *kind, struct bytes text);
void describe_notes(const struct compiled *compiled, const struct pattern *pattern,
                    const struct pattern_step *step, describe_note *note, void *context);

/* What a search for cycles knows of flows and vertices (cycle_condition.kind). */
void describe_cycle_notes(const struct compiled *compiled, const struct stage_cycle *cycle,
                          describe_note *note, void *context);

/* What is checked of a row before any step. */
void describe_checks(const struct compiled *compiled, const struct pattern *pattern,
                     describe_note *note, void *context);

/* The patterns and queries inside the expressions of a stage, or of a pattern; not those inside of
 * these in turn. */
typedef void describe_inner(void *context, const struct term *term);
void describe_stage_inner(const struct stage *stage, describe_inner *inner, void *context);
void describe_pattern_inner(const struct pattern *pattern, describe_inner *inner, void *context);

#endif
