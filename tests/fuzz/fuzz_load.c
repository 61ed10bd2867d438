/* Any bytes as a flow file: it loads into a graph whose invariants hold, or is refused with a text.
 * The first byte chooses partitions and the limit of rejects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gyre.h"
#include "tests/fuzz/fuzz.h"

static struct gyre_engine *engine;

static void expect(bool holds, const char *what, const struct gyre_error *error)
{
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, error->text);
        abort();
    }
}

static void close_all(void)
{
    gyre_engine_close(engine);
    engine = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gyre_error error = {0};
    char path[64];
    uint8_t choice = size > 0 ? data[0] : 0;
    if (engine == NULL) {
        /* No archive fills the machine, and no other program is run. */
        struct gyre_engine_options options = {.threads = 1, .memory_limit_bytes = 256 << 20};
        setenv("PATH", "", 1);
        expect(gyre_engine_open(&engine, &options, &error) == GYRE_OK, "engine", &error);
        atexit(close_all);
    }
    int file = memfd_create("flows", 0);
    if (file < 0 || (size > 1 && write(file, data + 1, size - 1) != (ssize_t)(size - 1))) {
        abort();
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    const char *const paths[] = {path};
    struct gyre_load_options options = {.partitions = 1 + choice % 5,
                                        .has_reject_limit = choice >= 128,
                                        .reject_limit_rows = GYRE_NO_LIMIT,
                                        .reject_limit_percent = -1};
    struct gyre_load_report report;
    struct gyre_graph *graph = NULL;
    int status = gyre_load(&graph, engine, paths, 1, &options, &report, &error);
    if (status == GYRE_OK) {
        expect(gyre_graph_validate(graph, &error) == GYRE_OK, "invariant", &error);
        expect(gyre_graph_info(graph).flows == report.rows_loaded, "flows", &error);
    } else {
        bool is_refused = status == GYRE_INPUT || status == GYRE_LIMIT ||
                          (status == GYRE_FAILED && strstr(error.text, "not installed") != NULL);
        expect(is_refused && error.text[0] != '\0', "no clean refusal", &error);
    }
    expect(report.rows_read == report.rows_loaded + report.rows_passed_over + report.rows_rejected,
           "rows", &error);
    gyre_graph_close(graph);
    close(file);
    return 0;
}
