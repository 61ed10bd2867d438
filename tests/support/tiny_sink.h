/* Matches of (a)-[e1]->(b) through a sink, and results as text: for tests of the engine. */
#ifndef GYRE_TESTS_SUPPORT_TINY_SINK_H
#define GYRE_TESTS_SUPPORT_TINY_SINK_H

#include "engine/result.h"
#include "engine/sink.h"
#include "tests/support/tiny_query.h"

enum { TINY_SINK_ROWS = 8 };
extern const struct tiny_row tiny_sink_rows[TINY_SINK_ROWS];

/* Gives one row to a worker as a match; all rows to all workers in turn, backwards. */
void tiny_take_row(struct tiny *tiny, struct sink *sink, uint32_t worker, uint32_t row);
void tiny_take_all(struct tiny *tiny, struct sink *sink);

/* The rows as text: values parted by blanks, rows by bars. */
void tiny_read_result(struct tiny *tiny, struct result *result, char *text, size_t size);

/* All rows through a sink: the result as text, or its error's. Valid until the next call. */
const char *tiny_run(struct tiny *tiny);

/* What `make` asks of tiny_sink_rows is the same for every number of partitions and workers. */
void tiny_expect_result(void (*make)(struct tiny *tiny), const char *expected);

/* Every allocation of a query fails in turn: it ends with an error, or with what was taken. */
void tiny_fail_allocations(void (*make)(struct tiny *tiny));

#endif
