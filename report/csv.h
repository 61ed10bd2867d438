/* Rows as comma-separated values (RFC 4180, lines end in a newline): a header, then a line a row.
 * Null is an empty field, an empty text is "". Only fields that need quotes have them. */
#ifndef GYRE_REPORT_CSV_H
#define GYRE_REPORT_CSV_H

#include "report/buffer.h"
#include "report/sheet.h"

void csv_put_head(struct buffer *buffer, const struct sheet *sheet);

/* The first rows of the sheet's block. */
void csv_put_rows(struct buffer *buffer, struct sheet *sheet, uint32_t row_count);

/* One text as a field. */
void csv_put_text(struct buffer *buffer, struct bytes text);

#endif
