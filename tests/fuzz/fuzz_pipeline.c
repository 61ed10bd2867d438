/* Any bytes as queries, compiled to stages even where the matcher alone would do, on a small graph
 * with little memory and time. Each is run twice: as it is compiled for flows, with the matcher as
 * its head and with times and keys used by the walk, and without all that. Both give as many rows,
 * or an error with a text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "pipeline/compiled.h"
#include "pipeline/flow_entities.h"
#include "pipeline/rewrite.h"
#include "pipeline/substitute.h"
#include "pipeline/view.h"
#include "query/parse.h"
#include "report/api.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/small_flows.h"

enum {
    MEMORY_BYTES = 64 << 20,
    ROW_LIMIT = 5000,
};
#define TIME_NS INT64_C(200000000)

static struct gyre_engine *engine;
static struct gyre_graph *graph;
static struct value_entry parameters[3];

static void expect(bool holds, const char *what, const struct error *error)
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
}

static void open_all(void)
{
    static struct value items[3];
    small_flows_open(&engine, &graph, MEMORY_BYTES);
    atexit(close_all);
    for (int i = 0; i < 3; i++) {
        items[i] = value_integer(i);
    }
    parameters[0] = (struct value_entry){bytes_of("a"), value_text_of(bytes_of("10.0.0.1"))};
    parameters[1] = (struct value_entry){bytes_of("l"), value_list_of(items, 3)};
    parameters[2] = (struct value_entry){bytes_of("p"), value_integer(2)};
}

/* What one way to run a query came to. */
struct ending {
    enum status status;
    uint64_t row_count;
};

/* Both lengths of a plan are the same, and it fills them. */
static void look(const struct compiled *compiled, bool is_profile, bool as_json)
{
    struct error none = {0};
    char first[1];
    uint32_t (*format)(const struct compiled *, bool, char *, uint32_t) =
        as_json ? compiled_format_json : compiled_format;
    uint32_t length = format(compiled, is_profile, first, sizeof first);
    char *text = malloc((size_t)length + 1);
    expect(text != NULL && format(compiled, is_profile, text, length + 1) == length &&
               strlen(text) == length,
           "a plan is as long as it was said to be", &none);
    free(text);
}

static struct ending run(const struct ast_query *query, const struct source *source,
                         const struct entities *entities, bool is_kept)
{
    struct error error = {0};
    struct source own = {source->text, source->name, &error};
    struct match_statistics statistics = {0};
    struct compiled *compiled = NULL;
    struct answer *answer = NULL;
    struct value map = {.kind = VALUE_MAP, .count = 3, .entries = parameters};
    struct stop stop;
    stop_init(&stop, TIME_NS);
    struct run_options options = {.budget = &engine->budget,
                                  .stop = &stop,
                                  .row_limit = ROW_LIMIT,
                                  .team = engine->team,
                                  .progress = &engine->progress,
                                  .is_profile = query->mode == AST_PROFILE,
                                  .timing = TIMING_ALWAYS};
    uint64_t used = budget_used(&engine->budget);
    enum status status = compile_query(&compiled, query, &own, entities, map);
    expect((status == STATUS_OK) == (error.text[0] == '\0'), "compiling, or its text", &error);
    struct ending ending = {status, 0};
    if (status == STATUS_OK) {
        ending.status = compiled_run(&answer, compiled, &options, &statistics, &error);
        expect((ending.status == STATUS_OK) == (error.text[0] == '\0'), "running, or its text",
               &error);
        ending.row_count = answer == NULL ? 0 : answer->row_count;
        look(compiled, options.is_profile, false);
        look(compiled, options.is_profile, true);
    }
    if (is_kept && ending.status == STATUS_OK && query->into.text.data != NULL) {
        (void)view_add(&graph->views, graph->graph, query->into.text, answer, &engine->budget,
                       &stop, &error);
        used = budget_used(&engine->budget);
    }
    answer_close(answer);
    compiled_close(compiled);
    expect(is_kept || budget_used(&engine->budget) == used, "all memory is given back", &error);
    return ending;
}

static bool contains(const char *text, const char *word)
{
    for (; *text != '\0'; text++) {
        if (strncasecmp(text, word, strlen(word)) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the number of rows depends on nothing but the data: not on the order in which matches
 * are found, on the clock, or on chance. */
static bool is_determined(const char *text)
{
    static const char *const words[] = {"limit", "skip", "rand", "collect", "time", "date",
                                        "sum",   "avg",  "std",  "per",     "uuid"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (contains(text, words[i])) {
            return false;
        }
    }
    return true;
}

static void try_query(struct ast_query *query, const struct source *source, struct chain *tree,
                      const char *text)
{
    struct error none = {0};
    struct entities flows = flow_entities(graph->graph, graph->views);
    struct entities bare = flows;
    bare.has_columns = false;
    struct ending without = run(query, source, &bare, false);
    const struct ast_builder builder = {source, tree};
    struct value map = {.kind = VALUE_MAP, .count = 3, .entries = parameters};
    expect(substitute_literals(&builder, query, map), "parameters", &none);
    expect(rewrite_query(&builder, query, graph->graph), "writing anew", &none);
    struct ending with = run(query, source, &flows, true);
    if (with.status == STATUS_OK && without.status == STATUS_OK && is_determined(text)) {
        expect(with.row_count == without.row_count, "the walk alone finds as much", &none);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = {0};
    struct chain tree = {0};
    struct ast_queries queries = {0};
    char *text = malloc(size + 1);
    if (text == NULL) {
        abort();
    }
    memcpy(text, data, size);
    text[size] = '\0';
    if (graph == NULL) {
        open_all();
    }
    struct source source = {bytes_of(text), "fuzz", &error};
    enum status status = parse_queries(&queries, &source, &tree);
    expect((status == STATUS_OK) == (error.text[0] == '\0'), "parsing, or its text", &error);
    for (uint32_t i = 0; status == STATUS_OK && i < queries.count; i++) {
        try_query(queries.queries[i], &source, &tree, text);
    }
    views_close(&graph->views);
    chain_close(&tree);
    free(text);
    return 0;
}
