/* Rows as JSON lines; see jsonl.h. */
#include "report/jsonl.h"

#include "report/json.h"

void jsonl_put_rows(struct buffer *buffer, struct sheet *sheet, uint32_t row_count)
{
    for (uint32_t row = 0; row < row_count; row++) {
        json_put_row(buffer, sheet, row);
        buffer_put_byte(buffer, '\n');
    }
}
