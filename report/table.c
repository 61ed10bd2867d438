/* Rows as a box of aligned columns; see table.h. */
#include "report/table.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"

#define LINE_ACROSS "\xe2\x94\x80"
#define LINE_DOWN "\xe2\x94\x82"
#define ELLIPSIS "\xe2\x80\xa6"

/* So much of a value is shown however narrow the terminal is: an IPv4 address, a time's minute. */
enum { COLUMN_WIDTH_MIN = 17 };

/* The corners and crossings of one horizontal line. */
struct border {
    const char *left;
    const char *middle;
    const char *right;
};

static const struct border border_top = {"\xe2\x94\x8c", "\xe2\x94\xac", "\xe2\x94\x90"};
static const struct border border_head = {"\xe2\x94\x9c", "\xe2\x94\xbc", "\xe2\x94\xa4"};
static const struct border border_bottom = {"\xe2\x94\x94", "\xe2\x94\xb4", "\xe2\x94\x98"};

static void put_border(const struct table *table, struct buffer *buffer, const struct sheet *sheet,
                       struct border border);
static void put_cell(struct table *table, struct buffer *buffer, const struct sheet *sheet,
                     uint32_t column, struct bytes text);
static uint64_t fitted_width(const struct table_column *column, uint64_t width_max);
static uint64_t line_width(const struct table *table, const struct sheet *sheet,
                           uint64_t width_max);
static struct bytes cell_text(struct table *table, struct cell cell);
static struct bytes shown_text(struct table *table, struct bytes text);
static void put_escape(struct buffer *buffer, uint8_t byte);
static void put_grouped(struct buffer *buffer, uint64_t number);

enum status table_open(struct table *table, const struct sheet *sheet, struct error *error)
{
    *table = (struct table){0};
    table->columns = memory_allocate(sheet->column_count, sizeof(*table->columns));
    if (table->columns == NULL) {
        return error_set_memory(error, "writing a table");
    }
    for (uint32_t column = 0; column < sheet->column_count; column++) {
        struct bytes name = shown_text(table, bytes_of(sheet->names[column]));
        table->columns[column] = (struct table_column){.width = utf8_width(name)};
    }
    return STATUS_OK;
}

void table_close(struct table *table)
{
    memory_free(table->columns);
    buffer_close(&table->cell);
    *table = (struct table){0};
}

void table_measure(struct table *table, struct sheet *sheet, uint32_t row_count)
{
    for (uint32_t i = 0; i < sheet->column_count; i++) {
        struct table_column *column = &table->columns[i];
        for (uint32_t row = 0; row < row_count; row++) {
            uint64_t width = utf8_width(cell_text(table, sheet_cell(sheet, i, row)));
            column->width = width > column->width ? width : column->width;
            if (sheet->is_number[i] && width > column->number_width) {
                column->number_width = width;
            }
        }
    }
}

void table_fit(struct table *table, const struct sheet *sheet, uint64_t width)
{
    uint64_t width_max = width > COLUMN_WIDTH_MIN ? width : COLUMN_WIDTH_MIN;
    while (width_max > COLUMN_WIDTH_MIN && line_width(table, sheet, width_max) > width) {
        width_max--;
    }
    for (uint32_t i = 0; i < sheet->column_count; i++) {
        table->columns[i].width = fitted_width(&table->columns[i], width_max);
    }
    table->is_fitted = true;
}

void table_put_head(struct table *table, struct buffer *buffer, const struct sheet *sheet)
{
    put_border(table, buffer, sheet, border_top);
    for (uint32_t column = 0; column < sheet->column_count; column++) {
        struct bytes name = shown_text(table, bytes_of(sheet->names[column]));
        put_cell(table, buffer, sheet, column, name);
    }
    buffer_put_text(buffer, LINE_DOWN "\n");
    put_border(table, buffer, sheet, border_head);
}

void table_put_rows(struct table *table, struct buffer *buffer, struct sheet *sheet,
                    uint32_t row_count)
{
    for (uint32_t row = 0; row < row_count; row++) {
        for (uint32_t column = 0; column < sheet->column_count; column++) {
            struct bytes text = cell_text(table, sheet_cell(sheet, column, row));
            put_cell(table, buffer, sheet, column, text);
        }
        buffer_put_text(buffer, LINE_DOWN "\n");
    }
    buffer->is_failed |= table->cell.is_failed;
}

void table_put_tail(struct table *table, struct buffer *buffer, const struct sheet *sheet,
                    uint64_t hidden_count)
{
    put_border(table, buffer, sheet, border_bottom);
    if (hidden_count > 0) {
        buffer_put_text(buffer, "... (");
        put_grouped(buffer, hidden_count);
        buffer_put_text(buffer, hidden_count == 1 ? " more row)\n" : " more rows)\n");
    }
    if (table->has_cut) {
        buffer_put_text(buffer,
                        "... (values are cut to the terminal's width; the formats csv, json "
                        "and jsonl have them whole)\n");
    }
    buffer->is_failed |= table->cell.is_failed;
}

static void put_border(const struct table *table, struct buffer *buffer, const struct sheet *sheet,
                       struct border border)
{
    for (uint32_t column = 0; column < sheet->column_count; column++) {
        buffer_put_text(buffer, column == 0 ? border.left : border.middle);
        buffer_put_repeated(buffer, LINE_ACROSS, table->columns[column].width + 2);
    }
    buffer_put_text(buffer, border.right);
    buffer_put_byte(buffer, '\n');
}

static void put_cell(struct table *table, struct buffer *buffer, const struct sheet *sheet,
                     uint32_t column, struct bytes text)
{
    bool is_right = sheet->is_number[column];
    uint64_t width = table->columns[column].width;
    uint64_t used = utf8_width(text);
    uint64_t padding = used < width ? width - used : 0;
    buffer_put_text(buffer, LINE_DOWN " ");
    buffer_put_repeated(buffer, " ", is_right ? padding : 0);
    if (table->is_fitted && used > width) {
        buffer_put_bytes(buffer, utf8_beginning(text, width - 1));
        buffer_put_text(buffer, ELLIPSIS);
        table->has_cut = true;
    } else {
        buffer_put_bytes(buffer, text);
    }
    buffer_put_repeated(buffer, " ", (is_right ? 0 : padding) + 1);
}

static uint64_t fitted_width(const struct table_column *column, uint64_t width_max)
{
    uint64_t width = column->width < width_max ? column->width : width_max;
    return width > column->number_width ? width : column->number_width;
}

/* Of a line with no column wider than that, the lines between and around columns included. */
static uint64_t line_width(const struct table *table, const struct sheet *sheet, uint64_t width_max)
{
    uint64_t width = 1;
    for (uint32_t i = 0; i < sheet->column_count; i++) {
        width += fitted_width(&table->columns[i], width_max) + 3;
    }
    return width;
}

static struct bytes cell_text(struct table *table, struct cell cell)
{
    return cell.kind == CELL_TEXT || cell.kind == CELL_NESTED ? shown_text(table, cell.text)
                                                              : cell.text;
}

/* Makes `text` fit for a terminal; nearly always it is so already and is given back as it came. */
static struct bytes shown_text(struct table *table, struct bytes text)
{
    uint64_t plain = 0;
    while (plain < text.size && (uint8_t)(text.data[plain] - ' ') < 0x7f - ' ') {
        plain++;
    }
    if (plain == text.size) {
        return text;
    }
    table->cell.size = 0;
    for (uint64_t i = 0; i < text.size;) {
        uint8_t byte = (uint8_t)text.data[i];
        struct bytes rest = bytes_view(text.data + i, text.size - i);
        uint32_t length = byte < ' ' || byte == 0x7f ? 0 : utf8_length(rest);
        /* U+0080 to U+009F are control characters too. */
        if (length == 0 || (byte == 0xc2 && (uint8_t)rest.data[1] < 0xa0)) {
            put_escape(&table->cell, byte);
            length = 1;
        } else {
            buffer_put(&table->cell, rest.data, length);
        }
        i += length;
    }
    return bytes_view(table->cell.data, table->cell.size);
}

static void put_escape(struct buffer *buffer, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    buffer_put(buffer, escape, sizeof(escape));
}

/* 1234567 as 1,234,567. */
static void put_grouped(struct buffer *buffer, uint64_t number)
{
    char text[NUMBER_TEXT_BYTES];
    uint32_t length = integer_format((int64_t)number, text);
    for (uint32_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            buffer_put_byte(buffer, ',');
        }
        buffer_put_byte(buffer, text[i]);
    }
}
