/* Runs queries through the public interface and hands back their rows as lines of text, in the
 * oracle's form: values separated by bars, nulls as `null`, times and durations in nanoseconds. */
#ifndef GYRE_TESTS_SUPPORT_RUN_H
#define GYRE_TESTS_SUPPORT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gyre.h"

enum { RUN_THREADS_MAX = 8, RUN_LINE_BYTES = 512, RUN_PATH_BYTES = 256 };

/* Owns the lines. Zeroed: empty. */
struct run_lines {
    char (*lines)[RUN_LINE_BYTES];
    size_t count;
};

/* Loads the file and runs the query; `*lines` holds the rows, in order. Engines, one for each
 * number of threads, stay open until run_close. Returns the status of what failed. */
int run_query(struct run_lines *lines, const char *path, uint32_t threads, uint32_t partitions,
              const char *query, struct gyre_error *error);

void run_lines_close(struct run_lines *lines);
void run_lines_sort(struct run_lines *lines);

/* Gives back the engines. */
void run_close(void);

/* A new directory for a test's files, and its removal with all files in it. */
void run_directory_open(char path[RUN_PATH_BYTES]);
void run_directory_close(const char *path);

/* Writes a whole file; ends the program when it cannot. */
void run_write_file(const char *path, const char *data, size_t bytes);

#endif
