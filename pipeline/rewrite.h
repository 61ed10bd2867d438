/* What a query says in words that neither the matcher nor the walk knows, said in words that they
 * know, before it is looked at.
 *
 * Whoever hunts writes a window as duration.between(x.StartTime, y.StartTime) <= duration('PT60S'),
 * or puts a condition behind a WITH; it has to be as fast as the shortest way to write the same.
 * What is written anew means the same for every graph: rows, values and their order are what they
 * were. A condition that only follows from what was written stands beside it. Expressions keep the
 * place and the text that they had, so that errors and EXPLAIN speak the query's own words. */
#ifndef GYRE_PIPELINE_REWRITE_H
#define GYRE_PIPELINE_REWRITE_H

#include "graph/graph.h"
#include "query/ast.h"

/* Writes a tree anew, of a query over a graph of flows; after substitute_literals. False without
 * memory, or where it became too deep, with the error set. */
bool rewrite_query(const struct ast_builder *builder, struct ast_query *query,
                   const struct graph *graph);

#endif
