/* The rows that a query's pipeline gave, as values. */
#ifndef GYRE_PIPELINE_ANSWER_H
#define GYRE_PIPELINE_ANSWER_H

#include "value/pool.h"

enum { ANSWER_BLOCK_ROWS = 1024 };

/* Everything is in `pool`; values may also point into the graph and the compiled query. */
struct answer {
    struct pool pool;
    uint32_t column_count;
    const char **names; /* [column_count], NUL-terminated, of the compiled query */
    uint64_t row_count;
    struct value **blocks; /* of ANSWER_BLOCK_ROWS rows each, row by row */
    uint64_t block_capacity;
    bool is_partial; /* a limit ended it */
};

/* [column_count] values. */
static inline const struct value *answer_row(const struct answer *answer, uint64_t row)
{
    return answer->blocks[row / ANSWER_BLOCK_ROWS] + row % ANSWER_BLOCK_ROWS * answer->column_count;
}

/* Copies a row behind the others. */
enum status answer_add(struct answer *answer, const struct value *row, struct error *error);

/* NULL is accepted. */
void answer_close(struct answer *answer);

#endif
