/* Rows as JSON; see json.h. */
#include "report/json.h"

#include "base/utf8.h"

static void put_cell(struct buffer *buffer, struct cell cell);
static uint64_t plain_bytes(struct bytes text);
static uint64_t put_special(struct buffer *buffer, struct bytes text);
static void put_control(struct buffer *buffer, uint8_t byte);

void json_put_row(struct buffer *buffer, struct sheet *sheet, uint32_t row)
{
    for (uint32_t column = 0; column < sheet->column_count; column++) {
        buffer_put_byte(buffer, column == 0 ? '{' : ',');
        json_put_text(buffer, bytes_of(sheet->names[column]));
        buffer_put_byte(buffer, ':');
        put_cell(buffer, sheet_cell(sheet, column, row));
    }
    buffer_put_byte(buffer, '}');
}

void json_put_text(struct buffer *buffer, struct bytes text)
{
    buffer_put_byte(buffer, '"');
    while (text.size > 0) {
        uint64_t size = plain_bytes(text);
        buffer_put(buffer, text.data, size);
        if (size < text.size) {
            size += put_special(buffer, bytes_view(text.data + size, text.size - size));
        }
        text = bytes_view(text.data + size, text.size - size);
    }
    buffer_put_byte(buffer, '"');
}

void json_put_head(struct buffer *buffer)
{
    buffer_put_byte(buffer, '[');
}

void json_put_rows(struct buffer *buffer, struct sheet *sheet, uint32_t row_count, bool is_first)
{
    for (uint32_t row = 0; row < row_count; row++) {
        buffer_put_text(buffer, is_first && row == 0 ? "\n" : ",\n");
        json_put_row(buffer, sheet, row);
    }
}

void json_put_tail(struct buffer *buffer, bool is_empty)
{
    buffer_put_text(buffer, is_empty ? "]\n" : "\n]\n");
}

static void put_cell(struct buffer *buffer, struct cell cell)
{
    switch (cell.kind) {
    case CELL_NULL:
        buffer_put_text(buffer, "null");
        break;
    case CELL_NUMBER:
    case CELL_BOOL:
    case CELL_NESTED:
        buffer_put_bytes(buffer, cell.text);
        break;
    case CELL_PLAIN:
    case CELL_TEXT:
        json_put_text(buffer, cell.text);
        break;
    }
}

/* How many bytes at the start stand for themselves. */
static uint64_t plain_bytes(struct bytes text)
{
    uint64_t size = 0;
    while (size < text.size) {
        uint8_t byte = (uint8_t)text.data[size];
        if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\') {
            break;
        }
        size++;
    }
    return size;
}

/* Writes the first character of `text`, which is not plain; returns the bytes that it took. */
static uint64_t put_special(struct buffer *buffer, struct bytes text)
{
    uint8_t byte = (uint8_t)text.data[0];
    if (byte == '"' || byte == '\\') {
        buffer_put_byte(buffer, '\\');
        buffer_put_byte(buffer, text.data[0]);
        return 1;
    }
    if (byte < 0x20 || byte == 0x7f) {
        put_control(buffer, byte);
        return 1;
    }
    uint32_t length = utf8_length(text);
    if (length == 0) {
        buffer_put_text(buffer, UTF8_REPLACEMENT);
        return 1;
    }
    buffer_put(buffer, text.data, length);
    return length;
}

static void put_control(struct buffer *buffer, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    switch (byte) {
    case '\n':
        buffer_put_text(buffer, "\\n");
        break;
    case '\r':
        buffer_put_text(buffer, "\\r");
        break;
    case '\t':
        buffer_put_text(buffer, "\\t");
        break;
    default:
        buffer_put_text(buffer, "\\u00");
        buffer_put_byte(buffer, digits[byte >> 4]);
        buffer_put_byte(buffer, digits[byte & 15]);
    }
}
