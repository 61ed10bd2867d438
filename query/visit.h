/* Goes over all of a syntax tree: its clauses, paths and expressions, in the order of the text,
 * with all queries inside expressions. */
#ifndef GYRE_QUERY_VISIT_H
#define GYRE_QUERY_VISIT_H

#include "query/ast.h"

/* Each is called before what stands in it, and ends the visit with false. NULL: not called. */
struct ast_visitor {
    bool (*query)(void *context, const struct ast_query *query);
    bool (*clause)(void *context, const struct ast_clause *clause);
    bool (*path)(void *context, const struct ast_path *path);
    bool (*expression)(void *context, const struct ast_expression *expression);
    void *context;
};

/* False when a function of the visitor ended it. */
bool ast_visit(const struct ast_visitor *visitor, const struct ast_query *query);

#endif
