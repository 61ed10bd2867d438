/* Rows as comma-separated values; see csv.h. */
#include "report/csv.h"

static bool needs_quotes(struct bytes text);
static void put_quoted(struct buffer *buffer, struct bytes text);
static void put_cell(struct buffer *buffer, struct cell cell);

void csv_put_head(struct buffer *buffer, const struct sheet *sheet)
{
    for (uint32_t column = 0; column < sheet->column_count; column++) {
        if (column > 0) {
            buffer_put_byte(buffer, ',');
        }
        csv_put_text(buffer, bytes_of(sheet->names[column]));
    }
    buffer_put_byte(buffer, '\n');
}

void csv_put_rows(struct buffer *buffer, struct sheet *sheet, uint32_t row_count)
{
    for (uint32_t row = 0; row < row_count; row++) {
        for (uint32_t column = 0; column < sheet->column_count; column++) {
            if (column > 0) {
                buffer_put_byte(buffer, ',');
            }
            put_cell(buffer, sheet_cell(sheet, column, row));
        }
        buffer_put_byte(buffer, '\n');
    }
}

void csv_put_text(struct buffer *buffer, struct bytes text)
{
    if (needs_quotes(text)) {
        put_quoted(buffer, text);
    } else {
        buffer_put_bytes(buffer, text);
    }
}

static bool needs_quotes(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (byte == ',' || byte == '"' || byte == '\n' || byte == '\r') {
            return true;
        }
    }
    /* An empty text is told from null, and outer blanks from padding, by the quotes. */
    return text.size == 0 || text.data[0] == ' ' || text.data[text.size - 1] == ' ';
}

static void put_quoted(struct buffer *buffer, struct bytes text)
{
    buffer_put_byte(buffer, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') {
            buffer_put_byte(buffer, '"');
        }
        buffer_put_byte(buffer, text.data[i]);
    }
    buffer_put_byte(buffer, '"');
}

static void put_cell(struct buffer *buffer, struct cell cell)
{
    if (cell.kind == CELL_TEXT || cell.kind == CELL_NESTED) {
        csv_put_text(buffer, cell.text);
    } else {
        buffer_put_bytes(buffer, cell.text);
    }
}
