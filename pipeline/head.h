/* The head of a query: what the parallel matcher does of it.
 *
 * A branch that begins with MATCH clauses is looked at once more after it was compiled. If these
 * clauses and the WITH or RETURN behind them are plain (query/plain.h), the matcher does all of
 * that, grouping and ordering included, as if the WITH were a RETURN. Otherwise it finds the
 * matches with those conditions that are plain; the others filter its rows (residual.h), or its
 * flows and vertices (external.h). What it cannot do at all (a variable length, say) is left to the
 * walk of pattern.h. */
#ifndef GYRE_PIPELINE_HEAD_H
#define GYRE_PIPELINE_HEAD_H

#include "pipeline/compile.h"

/* What is known of a clause once it is compiled. */
struct compiled_clause {
    struct stage **first; /* where its first stage is linked */
    struct scope scope;   /* behind it */
};

/* Puts a STAGE_MATCHER in the place of what it does, or leaves everything as it was. False, with
 * the error set, when a plain condition is wrong in a way that only the binder sees. `clauses` has
 * one entry more than the branch: the end. */
bool compile_head(struct compiler *compiler, const struct ast_branch *branch,
                  const struct compiled_clause *clauses);

/* The rows that a LIMIT lets through when nothing but projections stands before it; UINT64_MAX:
 * there is none. */
uint64_t head_limit(const struct stage *first);

/* Whether an aggregate is the number of rows: count(*), or of one of the variables in `slots`,
 * which are never null. */
bool head_counts_rows(const struct stage_fold *fold, const uint32_t *slots, uint32_t slot_count);

/* Whether a stage is a GROUP of count(*), and of counts of the variables in `slots`, which are
 * never null. NULL is accepted. */
bool head_counts(const struct stage *stage, const uint32_t *slots, uint32_t slot_count);

#endif
