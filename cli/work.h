/* What the workers of each node did in a query, and how much of what they read was near. */
#ifndef GYRE_CLI_WORK_H
#define GYRE_CLI_WORK_H

#include <stdio.h>

#include "cli/session.h"

/* A line a node on stderr, after a plan. */
void work_print(const struct session *session, const struct gyre_result *result);

/* The same as members of a JSON object, with a comma behind them. */
void work_put_json(FILE *file, const struct session *session, const struct gyre_result *result);

#endif
