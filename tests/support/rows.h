/* A few rows of any types, made by hand, for tests of writers. Header only, so that a test of one
 * floor can have it. */
#ifndef GYRE_TESTS_SUPPORT_ROWS_H
#define GYRE_TESTS_SUPPORT_ROWS_H

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "report/buffer.h"
#include "report/sheet.h"

enum { ROWS_MAX = 4, ROWS_COLUMNS_MAX = 8 };

struct rows {
    struct sheet sheet;
    struct lanes columns[ROWS_COLUMNS_MAX];
    union lane values[ROWS_COLUMNS_MAX][ROWS_MAX];
    uint8_t nulls[ROWS_COLUMNS_MAX][ROWS_MAX];
    struct text *texts[ROWS_COLUMNS_MAX * ROWS_MAX];
    uint32_t text_count;
};

/* All null at first. */
static inline void rows_open(struct rows *rows, const char *const *names, const enum type *types,
                             uint32_t column_count)
{
    *rows = (struct rows){0};
    CHECK(sheet_open(&rows->sheet, NULL, column_count, NULL) == STATUS_OK);
    rows->sheet.columns = rows->columns;
    for (uint32_t i = 0; i < column_count; i++) {
        rows->sheet.names[i] = names[i];
        rows->sheet.is_number[i] = type_is_number(types[i]);
        rows->columns[i] = (struct lanes){types[i], rows->values[i], rows->nulls[i]};
        memset(rows->nulls[i], 1, sizeof(rows->nulls[i]));
    }
}

static inline void rows_set(struct rows *rows, uint32_t row, uint32_t column, union lane value)
{
    rows->values[column][row] = value;
    rows->nulls[column][row] = 0;
}

static inline void rows_set_text(struct rows *rows, uint32_t row, uint32_t column,
                                 struct bytes text)
{
    struct text *copy = calloc(1, text_bytes((uint32_t)text.size));
    CHECK(copy != NULL);
    text_fill(copy, text);
    rows->texts[rows->text_count++] = copy;
    rows_set(rows, row, column, (union lane){.text = copy});
}

static inline void rows_close(struct rows *rows)
{
    for (uint32_t i = 0; i < rows->text_count; i++) {
        free(rows->texts[i]);
    }
    sheet_close(&rows->sheet);
}

/* Whether the buffer holds exactly `expected`; empties it. */
static inline bool buffer_is(struct buffer *buffer, const char *expected)
{
    bool is_equal = bytes_equal(bytes_view(buffer->data, buffer->size), bytes_of(expected));
    if (!is_equal) {
        fprintf(stderr, "\nexpected: %s\n   found: %.*s\n", expected, (int)buffer->size,
                buffer->data);
    }
    buffer_close(buffer);
    return is_equal;
}

#endif
