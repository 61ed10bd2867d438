/* Aligned columns; see grid.h. */
#include "cli/grid.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Longer grids are printed in pieces, each with its own widths. */
enum { ROWS_MAX = 256, CELL_BYTES = 132 };

static struct {
    bool is_right[GRID_COLUMNS_MAX];
    int widths[GRID_COLUMNS_MAX];
    uint32_t column_count;
    uint32_t cell_count; /* the titles are the first row */
    char cells[ROWS_MAX * GRID_COLUMNS_MAX][CELL_BYTES];
} grid;

static void add_cell(const char *text);
static void print_rows(void);
static int width_of(const char *text);

void grid_begin(const char *const *titles)
{
    memset(&grid, 0, sizeof(grid));
    while (grid.column_count < GRID_COLUMNS_MAX && titles[grid.column_count] != NULL) {
        grid.column_count++;
    }
    for (uint32_t i = 0; i < grid.column_count; i++) {
        grid.is_right[i] = titles[i][0] == '>';
        add_cell(titles[i] + grid.is_right[i]);
    }
}

void grid_cell(const char *format, ...)
{
    if (grid.cell_count == ROWS_MAX * grid.column_count) {
        print_rows();
    }
    char text[CELL_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    add_cell(text);
}

void grid_end(void)
{
    print_rows();
}

/* Control characters from the data cannot steer a terminal. */
static void add_cell(const char *text)
{
    char *cell = grid.cells[grid.cell_count];
    snprintf(cell, CELL_BYTES, "%s", text);
    for (char *byte = cell; *byte != '\0'; byte++) {
        if ((unsigned char)*byte < 0x20 || *byte == 0x7f) {
            *byte = '?';
        }
    }
    int width = width_of(cell);
    uint32_t column = grid.cell_count % grid.column_count;
    grid.widths[column] = width > grid.widths[column] ? width : grid.widths[column];
    grid.cell_count++;
}

static void print_rows(void)
{
    for (uint32_t i = 0; i < grid.cell_count; i++) {
        uint32_t column = i % grid.column_count;
        bool is_last = column + 1 == grid.column_count;
        int padding = grid.widths[column] - width_of(grid.cells[i]);
        printf("%*s%s", grid.is_right[column] ? padding : 0, "", grid.cells[i]);
        if (is_last) {
            putchar('\n');
        } else {
            printf("%*s  ", grid.is_right[column] ? 0 : padding, "");
        }
    }
    grid.cell_count = 0;
}

/* One column a character of UTF-8. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}
