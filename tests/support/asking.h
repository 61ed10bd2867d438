/* Queries on the small graph through the public interface, and their rows as one text: values with
 * commas between them, rows with semicolons. */
#ifndef GYRE_TESTS_SUPPORT_ASKING_H
#define GYRE_TESTS_SUPPORT_ASKING_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/small_flows.h"

enum { ASKED_BYTES = 1 << 14 };

/* What a query came to. */
struct asked {
    int status;
    bool has_result;
    bool is_partial;
    uint64_t row_count;
    struct gyre_error error;
    char rows[ASKED_BYTES]; /* as many as fit */
};

static inline void ask_value(struct asked *asked, const struct gyre_value *value)
{
    size_t used = strlen(asked->rows);
    char *end = asked->rows + used;
    size_t room = sizeof asked->rows - used;
    switch (value->type) {
    case GYRE_NULL:
        (void)snprintf(end, room, "null");
        return;
    case GYRE_FLOAT:
        (void)snprintf(end, room, "%g", value->real);
        return;
    case GYRE_TEXT:
    case GYRE_NESTED:
        (void)snprintf(end, room, "%s", value->text);
        return;
    case GYRE_BOOL:
    case GYRE_INTEGER:
    case GYRE_TIME:
    case GYRE_DURATION:
    case GYRE_EDGE:
        (void)snprintf(end, room, "%" PRId64, value->integer);
        return;
    }
}

static inline void ask_rows(struct asked *asked, struct gyre_result *result)
{
    for (uint64_t row = 0; row < asked->row_count; row++) {
        for (uint32_t column = 0; column < gyre_result_columns(result); column++) {
            struct gyre_value value;
            if (strlen(asked->rows) + 64 > sizeof asked->rows ||
                gyre_result_value(result, row, column, &value, &asked->error) != GYRE_OK) {
                return;
            }
            size_t used = strlen(asked->rows);
            const char *between = row + column == 0 ? "" : column == 0 ? ";" : ",";
            (void)snprintf(asked->rows + used, sizeof asked->rows - used, "%s", between);
            ask_value(asked, &value);
        }
    }
}

static inline void ask(struct asked *asked, struct gyre_graph *graph, const char *query,
                       uint64_t row_limit)
{
    struct gyre_query_options options = {.row_limit = row_limit};
    struct gyre_result *result = NULL;
    *asked = (struct asked){0};
    asked->status = gyre_query(&result, graph, query, &options, &asked->error);
    asked->has_result = result != NULL;
    if (result != NULL) {
        asked->is_partial = gyre_result_is_partial(result);
        asked->row_count = gyre_result_rows(result);
        ask_rows(asked, result);
    }
    gyre_result_close(result);
}

#endif
