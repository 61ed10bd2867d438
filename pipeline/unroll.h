/* Conditions on each of some variables become conditions on these, so that the matcher can take
 * them: any(x IN [e, f] WHERE x.Dport = 22) is e.Dport = 22 OR f.Dport = 22. */
#ifndef GYRE_PIPELINE_UNROLL_H
#define GYRE_PIPELINE_UNROLL_H

#include "query/ast.h"

/* Writes all, any and none over a list of variables that stands in the WHERE of a MATCH as AND, OR
 * and NOT, which is the same in three-valued logic. single stays, as do lists that are long for
 * what is asked of each, and conditions that can fail, of which AND and OR may leave some out:
 * those with arithmetic and with most functions. False without memory, with the error set. */
bool unroll_quantifiers(const struct ast_builder *builder, struct ast_query *query);

#endif
