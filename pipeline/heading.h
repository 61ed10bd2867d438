/* How a plain query is made of the beginning of a branch. Internal to head*.c. */
#ifndef GYRE_PIPELINE_HEADING_H
#define GYRE_PIPELINE_HEADING_H

#include "pipeline/head.h"

/* A plain query in the making. */
struct heading {
    struct compiler *compiler;
    const struct ast_branch *branch;
    const struct compiled_clause *clauses;
    uint32_t match_count;
    struct ast_builder builder;
    struct ast_branch *made;
};

/* An empty one; the clauses that are added to it; RETURN of a projection, or of everything. NULL in
 * place of a clause or a projection is one that there was no memory for. */
bool heading_begin(struct heading *heading);
bool heading_add(struct heading *heading, const struct ast_clause *clause);
struct ast_clause *heading_return(struct heading *heading, struct ast_projection *projection);
struct ast_projection *heading_star(struct heading *heading);

/* A query of that one branch; NULL without memory. */
struct ast_query *heading_wrap(const struct heading *heading, struct ast_branch *branch);

/* Conditions that all have to hold, as one; the trees that they are of stay as they were. */
struct conjunction {
    struct ast_expression **conditions;
    uint32_t count;
    uint32_t capacity;
};
bool conjunction_add(struct compiler *compiler, struct conjunction *conjunction,
                     struct ast_expression *condition);

/* NULL when there is none, and without memory, which *is_made tells apart. */
struct ast_expression *conjunction_join(const struct ast_builder *builder,
                                        const struct conjunction *conjunction, bool *is_made);

/* Binds what was made; NULL when it is not plain, or with the error of the binder in `problem`. */
struct bound_query *heading_bind(const struct heading *heading, struct error *problem);

#endif
