/* Rows as JSON (RFC 8259): an object a row, the columns' names as keys, in order.
 *
 * Times, durations, texts and addresses are strings, lists are arrays, maps are objects, null is
 * null, and so is a float that is not finite. The sheet has to be made for JSON. Bytes that are no
 * UTF-8 become U+FFFD. */
#ifndef GYRE_REPORT_JSON_H
#define GYRE_REPORT_JSON_H

#include "report/buffer.h"
#include "report/sheet.h"

/* One row as an object, without a newline. */
void json_put_row(struct buffer *buffer, struct sheet *sheet, uint32_t row);

/* One text as a string, with its quotes. */
void json_put_text(struct buffer *buffer, struct bytes text);

/* An array of objects, one a line: head, blocks of rows, tail. `is_first`: no row before these. */
void json_put_head(struct buffer *buffer);
void json_put_rows(struct buffer *buffer, struct sheet *sheet, uint32_t row_count, bool is_first);
void json_put_tail(struct buffer *buffer, bool is_empty);

#endif
