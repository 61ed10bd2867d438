/* External conjuncts: filters behind a head that read one flow or one vertex, in words that the
 * typed binder does not know. The head asks for them here, once for each flow (engine/
 * filter_external.h), where that is worth it; else, and where one fails, they stay residual. */
#ifndef GYRE_PIPELINE_EXTERNAL_H
#define GYRE_PIPELINE_EXTERNAL_H

#include "engine/filter_external.h"
#include "pipeline/compile.h"

struct residual;

/* What is asked of what is in `slot`. */
struct external_term {
    const struct term *term;
    uint32_t slot;
};

/* Of a head; the first `count` filters behind it. */
struct stage_externals {
    struct external_predicate predicates[EXTERNALS_MAX];
    struct external_term terms[EXTERNALS_MAX];
    uint32_t count;
    bool are_filters; /* of the head, as it was explained, or as it ran last */
};

/* The variable that a term reads, and no other but its own; SLOT_NONE: there is none such, or it
 * takes more to know (a subquery, a pattern). */
uint32_t external_slot(const struct term *term);

/* Adds a condition on what is in `slot`, called `name`; false when there are too many, or without
 * memory. */
bool external_add(struct compiler *compiler, struct stage_externals *externals,
                  enum predicate_kind kind, uint32_t variable, struct external_term asked,
                  const struct ast_expression *condition, struct bytes name);

/* Puts those filters of a list first that read one of the matcher's columns, as its externals. */
bool externals_take(struct compiler *compiler, struct stage *matcher, struct stage **filters);

/* Makes them a head's: of what it finds, or of its conditions. */
void externals_set(struct stage *head, struct stage_externals *externals);

/* An external_judge; the context is the head's struct residual. */
bool external_judge_one(void *context, uint32_t worker, uint32_t index, uint64_t id, bool *holds);

#endif
