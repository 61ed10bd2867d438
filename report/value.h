/* Values as text, the same in every format: times and durations as ISO 8601, floats as the shortest
 * text that reads back, addresses in their canonical form, a vertex as its key, a flow as its row
 * in the input. */
#ifndef GYRE_REPORT_VALUE_H
#define GYRE_REPORT_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "engine/evaluate.h"
#include "graph/graph.h"

/* The head of a result, and where the text of one value is made. Owned by one thread. */
struct sheet {
    const struct graph *graph;
    uint32_t column_count;
    const char **names; /* [column_count], borrowed texts */
    enum type *types;   /* [column_count] */
    char *scratch;
};

/* `graph` may be NULL when no value is a vertex, a flow, or an address outside IP and MAC. Names
 * and types are then for the caller to fill. */
enum status sheet_open(struct sheet *sheet, const struct graph *graph, uint32_t column_count,
                       struct error *error);
void sheet_close(struct sheet *sheet);

/* The text of a value that is not null; valid until the next call on this sheet, or as long as the
 * text that `value` borrows. Always followed by a NUL. */
struct bytes value_text(const struct sheet *sheet, enum type type, union lane value);

/* Whether lane `row` of a column is null. */
static inline bool value_is_null(const struct lanes *column, uint32_t row)
{
    return column->type == TYPE_NULL || (column->is_null != NULL && column->is_null[row] != 0);
}

/* Types whose text may hold anything and so has to be quoted; the other ones' text is plain. */
static inline bool value_type_is_text(enum type type)
{
    return type == TYPE_TEXT || type == TYPE_ADDRESS || type == TYPE_VERTEX;
}

static inline bool value_type_is_number(enum type type)
{
    return type == TYPE_INTEGER || type == TYPE_FLOAT || type == TYPE_EDGE;
}

#endif
