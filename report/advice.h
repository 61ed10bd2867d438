/* Why a query may have found nothing. */
#ifndef GYRE_REPORT_ADVICE_H
#define GYRE_REPORT_ADVICE_H

#include "base/stop.h"
#include "graph/graph.h"
#include "query/ast.h"

/* Whether some text that a query compares with a column is a value of it but for case and blanks
 * around it, or something is compared with null; the first such comparison is told in `text`
 * (SUGGEST_TEXT_BYTES). Goes over the columns' dictionaries, not over flows. */
bool advice_give(const struct ast_query *query, const struct graph *graph, struct stop *stop,
                 char *text);

#endif
