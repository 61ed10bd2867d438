/* Any bytes as a query, on a small graph: it gives rows, or is refused with a text and a place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gyre.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/small_flows.h"

enum { ROW_LIMIT = 1000 };

static struct gyre_engine *engine;
static struct gyre_graph *graph;

static void expect(bool holds, const char *what, const struct gyre_error *error)
{
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, error->text);
        abort();
    }
}

static void close_all(void)
{
    gyre_graph_close(graph);
    gyre_engine_close(engine);
    graph = NULL;
    engine = NULL;
}

static void read_rows(struct gyre_result *result)
{
    struct gyre_error error = {0};
    struct gyre_value value;
    for (uint64_t row = 0; row < gyre_result_rows(result); row++) {
        for (uint32_t column = 0; column < gyre_result_columns(result); column++) {
            int status = gyre_result_value(result, row, column, &value, &error);
            expect(status == GYRE_OK || error.text[0] != '\0', "value", &error);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gyre_error error = {0};
    struct gyre_result *result = NULL;
    struct gyre_query_options options = {.row_limit = ROW_LIMIT};
    char *text = malloc(size + 1);
    if (text == NULL) {
        abort();
    }
    memcpy(text, data, size);
    text[size] = '\0';
    if (graph == NULL) {
        small_flows_open(&engine, &graph, UINT64_C(256) << 20);
        atexit(close_all);
    }
    int checked = gyre_query_check(text, "fuzz", &error);
    expect(checked == GYRE_OK || checked == GYRE_USAGE, "check", &error);
    expect((checked == GYRE_OK) == (error.text[0] == '\0'), "check and its text", &error);
    error = (struct gyre_error){0};
    /* A pattern of many parts has more matches than anyone waits for. */
    gyre_engine_set_timeout(engine, INT64_C(1000000000));
    int status = gyre_query(&result, graph, text, &options, &error);
    expect(status == GYRE_OK || status == GYRE_LIMIT || error.text[0] != '\0', "query", &error);
    expect(checked == GYRE_OK || status != GYRE_OK, "what does not parse cannot run", &error);
    if (result != NULL) {
        read_rows(result);
        gyre_text_free(gyre_result_profile(result, true));
    }
    gyre_result_close(result);
    free(text);
    return 0;
}
