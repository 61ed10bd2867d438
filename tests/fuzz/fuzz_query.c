/* Any bytes as a query, on a small graph: it gives rows, or is refused with a text and a place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gyre.h"
#include "tests/fuzz/fuzz.h"

enum { ROW_LIMIT = 1000 };

static const char flows[] =
    "StartTime,Dur,Proto,SrcAddr,Sport,DstAddr,Dport,TotBytes,Label\n"
    "2011/08/16 10:00:01.000000,0.1,tcp,10.0.0.1,1025,10.0.0.2,80,100,Background\n"
    "2011/08/16 10:00:02.000000,5.0,icmp,10.0.0.2,0x0303,10.0.0.1,,,Background\n"
    "2011/08/16 10:00:02.000000,,udp,10.0.0.2,53,host-a,53,70,Botnet\n"
    "2011/08/16 10:00:03.000000,1.5,tcp,host-a,22,host-a,22,80,\n"
    "2011/08/16 10:00:04.000000,1.5,tcp,host-a,22,10.0.0.1,22,80,\n";

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

static void open_graph(struct gyre_error *error)
{
    char path[64];
    struct gyre_engine_options options = {.threads = 1, .memory_limit_bytes = 256 << 20};
    int file = memfd_create("flows", 0);
    if (file < 0 || write(file, flows, sizeof(flows) - 1) != (ssize_t)sizeof(flows) - 1) {
        abort();
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    const char *const paths[] = {path};
    expect(gyre_engine_open(&engine, &options, error) == GYRE_OK, "engine", error);
    expect(gyre_load(&graph, engine, paths, 1, NULL, NULL, error) == GYRE_OK, "load", error);
    close(file);
    atexit(close_all);
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
        open_graph(&error);
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
