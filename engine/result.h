/* A finished result: columns with names and types, rows read in blocks. */
#ifndef GYRE_ENGINE_RESULT_H
#define GYRE_ENGINE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/evaluate.h"
#include "numa/arena.h"
#include "query/bound.h"

struct result;

uint32_t result_column_count(const struct result *result);
const char *result_column_name(const struct result *result, uint32_t column);
enum type result_column_type(const struct result *result, uint32_t column);
uint64_t result_row_count(const struct result *result);

/* Evaluates rows first .. first+count-1 (count at most EVALUATE_LANES) into `columns[column]`,
 * valid until the next call. Text is looked up here, when it is written. One thread at a time. */
enum status result_read(struct result *result, uint64_t first, uint32_t count,
                        struct lanes *columns, struct error *error);

/* The same rows for one more thread, with buffers of its own on a node. To be closed before the
 * result is. */
enum status result_beside(struct result **beside, const struct result *result,
                          const struct topology *topology, uint32_t node, struct budget *budget,
                          struct error *error);

/* NULL is accepted. The graph, and the bound query, must still be there. */
void result_close(struct result *result);

#endif
