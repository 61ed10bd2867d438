/* Aligned columns on standard output, for `info` and `topology`. One grid at a time: begin, cells
 * row by row, end. */
#ifndef GYRE_CLI_GRID_H
#define GYRE_CLI_GRID_H

#include <stdint.h>

enum { GRID_COLUMNS_MAX = 10 };

/* `titles` ends with NULL; a title that begins with '>' stands right, without the '>'. */
void grid_begin(const char *const *titles);

/* The next cell, row by row. */
void grid_cell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints what has come since begin. */
void grid_end(void);

#endif
