#include "tests/support/run.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct gyre_engine *engines[RUN_THREADS_MAX + 1];

static int read_lines(struct run_lines *lines, struct gyre_result *result,
                      struct gyre_error *error);

int run_query(struct run_lines *lines, const char *path, uint32_t threads, uint32_t partitions,
              const char *query, struct gyre_error *error)
{
    struct gyre_graph *graph = NULL;
    struct gyre_result *result = NULL;
    struct gyre_engine_options engine_options = {.threads = threads};
    struct gyre_load_options load_options = {.partitions = partitions};
    const char *const paths[] = {path};
    int status = GYRE_OK;
    if (engines[threads] == NULL) {
        status = gyre_engine_open(&engines[threads], &engine_options, error);
    }
    if (status == GYRE_OK) {
        status = gyre_load(&graph, engines[threads], paths, 1, &load_options, NULL, error);
    }
    if (status == GYRE_OK) {
        status = gyre_graph_validate(graph, error);
    }
    if (status == GYRE_OK) {
        status = gyre_query(&result, graph, query, NULL, error);
    }
    if (status == GYRE_OK) {
        status = read_lines(lines, result, error);
    }
    gyre_result_close(result);
    gyre_graph_close(graph);
    return status;
}

void run_close(void)
{
    for (int threads = 0; threads <= RUN_THREADS_MAX; threads++) {
        gyre_engine_close(engines[threads]);
        engines[threads] = NULL;
    }
}

void run_lines_close(struct run_lines *lines)
{
    free(lines->lines);
    lines->lines = NULL;
    lines->count = 0;
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(left, right);
}

void run_lines_sort(struct run_lines *lines)
{
    if (lines->count > 0) {
        qsort(lines->lines, lines->count, sizeof(*lines->lines), compare_lines);
    }
}

static int format_value(char *text, size_t bytes, const struct gyre_value *value)
{
    switch (value->type) {
    case GYRE_NULL:
        return snprintf(text, bytes, "null");
    case GYRE_BOOL:
        return snprintf(text, bytes, "%s", value->integer != 0 ? "true" : "false");
    case GYRE_FLOAT:
        return snprintf(text, bytes, "%.9g", value->real);
    case GYRE_TEXT:
    case GYRE_NESTED:
        return snprintf(text, bytes, "%.*s", (int)value->text_bytes, value->text);
    case GYRE_INTEGER:
    case GYRE_TIME:
    case GYRE_DURATION:
    case GYRE_EDGE:
        break;
    }
    return snprintf(text, bytes, "%" PRId64, value->integer);
}

static int read_lines(struct run_lines *lines, struct gyre_result *result, struct gyre_error *error)
{
    uint64_t row_count = gyre_result_rows(result);
    lines->lines = calloc(row_count + 1, sizeof(*lines->lines));
    if (lines->lines == NULL) {
        abort();
    }
    for (uint64_t row = 0; row < row_count; row++) {
        char *line = lines->lines[lines->count++];
        size_t used = 0;
        for (uint32_t column = 0; column < gyre_result_columns(result); column++) {
            struct gyre_value value;
            int status = gyre_result_value(result, row, column, &value, error);
            if (status != GYRE_OK) {
                return status;
            }
            used +=
                (size_t)snprintf(line + used, RUN_LINE_BYTES - used, "%s", column > 0 ? "|" : "");
            used += (size_t)format_value(line + used, RUN_LINE_BYTES - used, &value);
        }
    }
    return GYRE_OK;
}

static void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

void run_directory_open(char path[RUN_PATH_BYTES])
{
    const char *parent = getenv("TMPDIR");
    snprintf(path, RUN_PATH_BYTES, "%s/gyre-test-XXXXXX", parent != NULL ? parent : "/tmp");
    if (mkdtemp(path) == NULL) {
        fail(path);
    }
}

void run_directory_close(const char *path)
{
    char entry_path[RUN_PATH_BYTES + 256];
    DIR *directory = opendir(path);
    if (directory == NULL) {
        fail(path);
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        snprintf(entry_path, sizeof(entry_path), "%s/%s", path, entry->d_name);
        unlink(entry_path);
    }
    closedir(directory);
    rmdir(path);
}

void run_write_file(const char *path, const char *data, size_t bytes)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(data, 1, bytes, file) != bytes || fclose(file) != 0) {
        fail(path);
    }
}
