/* What is in a graph, for people and as JSON: how much, the columns, the partitions. */
#ifndef GYRE_CLI_DESCRIBE_H
#define GYRE_CLI_DESCRIBE_H

#include "cli/session.h"

/* To standard output; each reads all columns. They return an exit code, and say what went wrong. */
int describe_print(const struct session *session);
int describe_print_json(const struct session *session);

#endif
