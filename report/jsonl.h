/* Rows as JSON lines: one object a line (see json.h), nothing before, between or after. */
#ifndef GYRE_REPORT_JSONL_H
#define GYRE_REPORT_JSONL_H

#include "report/buffer.h"
#include "report/sheet.h"

void jsonl_put_rows(struct buffer *buffer, struct sheet *sheet, uint32_t row_count);

#endif
