/* Parameters become what they stand for before a query is looked at, and durations that are written
 * as text become maps, so that such a query takes the same way as one with literals. */
#ifndef GYRE_PIPELINE_SUBSTITUTE_H
#define GYRE_PIPELINE_SUBSTITUTE_H

#include "query/ast.h"
#include "value/value.h"

/* Writes literals over the parameters of a tree whose values a literal can say: numbers, texts,
 * truth values, null, times, durations of a fixed length, and lists of these. The others stay, for
 * compile_query, as does a parameter that has no value. Texts of the values have to outlive the
 * tree. duration('PT1M') becomes duration({seconds: 60, ...}); what is no duration, or has months,
 * stays. False without memory, with the error set. */
bool substitute_literals(const struct ast_builder *builder, struct ast_query *query,
                         struct value parameters);

#endif
