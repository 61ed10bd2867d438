/* A result as cells of text, the same in every format: times and durations as ISO 8601, floats as
 * the shortest text that reads back, addresses in their canonical form, a vertex as its key, a flow
 * as its row in the input.
 *
 * A sheet shows a block of rows at a time: lanes of the matcher's result, whose columns have types,
 * or rows of a pipeline's answer, whose values bring their kind along. */
#ifndef GYRE_REPORT_SHEET_H
#define GYRE_REPORT_SHEET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "engine/evaluate.h"
#include "graph/graph.h"
#include "pipeline/answer.h"

enum cell_kind {
    CELL_NULL,
    CELL_NUMBER,
    CELL_BOOL,
    CELL_PLAIN,  /* a time or the like: text in which nothing needs quoting */
    CELL_TEXT,   /* may hold anything */
    CELL_NESTED, /* a list or map: JSON when the sheet is for JSON, else as in a query */
};

/* `text` is valid until the next cell is asked for. */
struct cell {
    enum cell_kind kind;
    struct bytes text;
};

/* Owned by one thread. */
struct sheet {
    const struct graph *graph;
    uint32_t column_count;
    const char **names; /* [column_count], borrowed texts */
    bool *is_number;    /* [column_count]: stands right in a table */
    bool is_json;
    bool lacks_memory; /* for the text of a value that was asked for, and shown as empty */
    char *scratch;
    struct pool pool;

    /* What is shown: one of these, from row `first` on. */
    const struct lanes *columns; /* [column_count] */
    const struct answer *answer;
    uint64_t first;
};

/* `graph` may be NULL when no value is a vertex, a flow, or an address outside IP and MAC. Names
 * are then for the caller to fill. */
enum status sheet_open(struct sheet *sheet, const struct graph *graph, uint32_t column_count,
                       struct error *error);
void sheet_close(struct sheet *sheet);

/* `row` counts from the first of the block. */
struct cell sheet_cell(struct sheet *sheet, uint32_t column, uint32_t row);

/* The text of a value of the matcher that is not null, always followed by a NUL; valid until the
 * next call on this sheet, or as long as the text that `value` borrows. */
struct bytes sheet_text(const struct sheet *sheet, enum type type, union lane value);

bool type_is_number(enum type type);

#endif
