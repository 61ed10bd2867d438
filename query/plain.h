/* Which queries the typed binder can take: those that the matcher's fast way answers.
 *
 * A plain query is one branch of MATCH clauses and a RETURN, with paths of one relationship after
 * the other, of which UNDIRECTED_EDGES_MAX may be undirected, comparisons, logic and arithmetic
 * over properties, and the functions that bind_call.c knows. Whether names and types are right is
 * not asked here. */
#ifndef GYRE_QUERY_PLAIN_H
#define GYRE_QUERY_PLAIN_H

#include "query/ast.h"

bool ast_is_plain(const struct ast_query *query);

/* What is not plain: where it stands, and what it is in words; NULL when the binder has better
 * ones. */
struct unplain {
    uint32_t place;
    const char *what;
};

/* The first thing that has words; else, when there is any, one without. False: none. */
bool ast_find_unplain(const struct ast_query *query, struct unplain *found);

#endif
