/* Rows as a box of aligned columns, for people.
 *
 * The widths come from the names and the first block of rows (EVALUATE_LANES at most), so that a
 * result of any size is written as it is read; a later value that is wider pushes its line out,
 * nothing is cut. On a terminal, which would wrap long lines to a jumble, the widest columns are
 * narrowed until all fit, and what is cut ends in an ellipsis; a number never is, since it would
 * look like another one. Numbers stand right, null is empty. Control characters and bytes that are
 * no UTF-8 are shown as escapes, so that text from the wire cannot steer a terminal. */
#ifndef GYRE_REPORT_TABLE_H
#define GYRE_REPORT_TABLE_H

#include "report/buffer.h"
#include "report/sheet.h"

struct table_column {
    uint64_t width;
    uint64_t number_width; /* of its widest number; 0 when it holds other values */
};

struct table {
    struct table_column *columns; /* [column_count] */
    bool is_fitted;               /* a value wider than its column is cut */
    bool has_cut;
    struct buffer cell;
};

enum status table_open(struct table *table, const struct sheet *sheet, struct error *error);
void table_close(struct table *table);

/* Widens the columns for these rows; before the head. */
void table_measure(struct table *table, struct sheet *sheet, uint32_t row_count);

/* Narrows columns, though none to less than 17, until lines are at most `width` wide; before the
 * head, and with all rows measured. */
void table_fit(struct table *table, const struct sheet *sheet, uint64_t width);

void table_put_head(struct table *table, struct buffer *buffer, const struct sheet *sheet);
void table_put_rows(struct table *table, struct buffer *buffer, struct sheet *sheet,
                    uint32_t row_count);

/* `hidden_count` rows are not shown: a line says so, and one that values were cut. */
void table_put_tail(struct table *table, struct buffer *buffer, const struct sheet *sheet,
                    uint64_t hidden_count);

#endif
