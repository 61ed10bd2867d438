/* Running queries: which way each takes, one after another, and what INTO keeps. */
#include <string.h>

#include "base/memory.h"
#include "pipeline/rewrite.h"
#include "pipeline/substitute.h"
#include "pipeline/unroll.h"
#include "query/parse.h"
#include "query/plain.h"
#include "report/api.h"

static const char *query_name(const struct gyre_query_options *options)
{
    return options == NULL || options->name == NULL ? "query" : options->name;
}

/* The text lasts as long as the result: what is compiled points into it. */
static enum status parse_text(struct gyre_result *result, const char *text, struct source *source,
                              struct ast_queries *queries)
{
    size_t size = strlen(text);
    result->text = memory_allocate(size + 1, 1);
    if (result->text == NULL) {
        return source_error_memory(source);
    }
    memcpy(result->text, text, size);
    source->text = bytes_view(result->text, size);
    return parse_queries(queries, source, &result->tree);
}

static enum gyre_query_mode mode_of(const struct ast_query *query)
{
    return query->mode == AST_EXPLAIN   ? GYRE_MODE_EXPLAIN
           : query->mode == AST_PROFILE ? GYRE_MODE_PROFILE
                                        : GYRE_MODE_RUN;
}

/* Binds a plain query, compiles any other. */
static enum status prepare(struct gyre_result *result, struct ast_query *query,
                           const struct source *source, const struct gyre_query_options *options)
{
    struct gyre_graph *graph = result->graph;
    struct ast_builder builder = {source, &result->tree};
    result->mode = mode_of(query);
    result->asked = query;
    TRY(parameters_open(&result->parameters, graph, options, source->error));
    if (!substitute_literals(&builder, query, result->parameters.map) ||
        !rewrite_query(&builder, query, graph->graph) || !unroll_quantifiers(&builder, query)) {
        return source->error->status;
    }
    if (ast_is_plain(query) && !views_are_asked(graph->views, query)) {
        return query_bind_tree(&result->query, graph->graph, query, source);
    }
    result->entities = flow_entities(graph->graph, graph->views);
    return compile_query(&result->compiled, query, source, &result->entities,
                         result->parameters.map);
}

static struct run_options pipeline_options(const struct gyre_graph *graph)
{
    struct gyre_engine *engine = graph->engine;
    return (struct run_options){.budget = &engine->budget,
                                .stop = &engine->stop,
                                .team = engine->team,
                                .progress = &engine->progress,
                                .filters = graph->filters};
}

static enum status explain(struct gyre_result *result, struct error *error)
{
    struct gyre_engine *engine = result->graph->engine;
    struct run_options options = pipeline_options(result->graph);
    if (result->query == NULL) {
        return compiled_explain(result->compiled, &options, error);
    }
    return match_explain(&result->statistics.plan, result->query, engine->team, &engine->budget,
                         &engine->stop, result->graph->filters, NULL, error);
}

static enum status match(struct gyre_result *result, const struct gyre_query_options *options,
                         struct error *error)
{
    struct gyre_engine *engine = result->graph->engine;
    struct match_options chosen = {.row_limit = options == NULL ? 0 : options->row_limit,
                                   .counts_reads = result->mode == GYRE_MODE_PROFILE ||
                                                   (options != NULL && options->counts_reads),
                                   .nodes = result->nodes,
                                   .filters = result->graph->filters};
    return match_run(&result->result, result->query, engine->team, &engine->budget, &engine->stop,
                     &engine->progress, &chosen, &result->statistics, error);
}

static enum status run_compiled(struct gyre_result *result,
                                const struct gyre_query_options *options, struct error *error)
{
    struct run_options chosen = pipeline_options(result->graph);
    chosen.row_limit = options == NULL ? 0 : options->row_limit;
    chosen.counts_reads =
        result->mode == GYRE_MODE_PROFILE || (options != NULL && options->counts_reads);
    chosen.is_profile = chosen.counts_reads;
    chosen.nodes = result->nodes;
    return compiled_run(&result->answer, result->compiled, &chosen, &result->statistics, error);
}

static enum status execute(struct gyre_result *result, const struct gyre_query_options *options,
                           struct error *error)
{
    if (result->mode == GYRE_MODE_EXPLAIN) {
        return explain(result, error);
    }
    result->nodes =
        memory_allocate(gyre_engine_node_count(result->graph->engine), sizeof(*result->nodes));
    if (result->nodes == NULL) {
        return error_set_memory(error, "running a query");
    }
    return result->query != NULL ? match(result, options, error)
                                 : run_compiled(result, options, error);
}

/* What a result holds of one query, so that the next may be run. */
static void forget(struct gyre_result *result)
{
    result_close(result->result);
    query_close(result->query);
    answer_close(result->answer);
    compiled_close(result->compiled);
    parameters_close(&result->parameters);
    memory_free(result->nodes);
    result->result = NULL;
    result->query = NULL;
    result->answer = NULL;
    result->compiled = NULL;
    result->nodes = NULL;
    result->is_kept = false;
}

static enum status keep(struct gyre_result *result, const struct ast_query *query,
                        struct error *error)
{
    struct gyre_graph *graph = result->graph;
    if (query->into.text.data == NULL || result->answer == NULL) {
        return STATUS_OK;
    }
    result->is_kept = true;
    return view_add(&graph->views, graph->graph, query->into.text, result->answer,
                    &graph->engine->budget, &graph->engine->stop, error);
}

/* A view may not hide the graph's own type. */
static enum status check_into(const struct gyre_result *result, const struct ast_query *query,
                              const struct source *source)
{
    const char *type = result->graph->graph->edges.name;
    return bytes_equal(query->into.text, bytes_of(type))
               ? source_error(source, query->into.span.begin,
                              "`%s` is the type of all flows: keep the rows INTO another name",
                              type)
               : STATUS_OK;
}

static enum status run_queries(struct gyre_result *result, const struct ast_queries *queries,
                               const struct source *source,
                               const struct gyre_query_options *options)
{
    for (uint32_t i = 0; i < queries->count; i++) {
        struct ast_query *query = queries->queries[i];
        bool is_last = i + 1 == queries->count;
        if (!is_last && query->into.text.data == NULL && query->mode == AST_RUN) {
            return source_error(source, query->span.end,
                                "only the last query may show its rows: keep these with INTO and "
                                "a name, as in RETURN a INTO seen; gyre shell shows those of each");
        }
        if (!is_last && query->mode != AST_RUN) {
            return source_error(source, query->span.begin,
                                "only the last query can be explained: its rows are what is shown");
        }
        TRY(check_into(result, query, source));
        int64_t start_ns = clock_ns();
        TRY(prepare(result, query, source, options));
        result->plan_seconds = api_seconds_since(start_ns);
        TRY(execute(result, options, source->error));
        TRY(keep(result, query, source->error));
        if (!is_last) {
            forget(result);
        }
    }
    return STATUS_OK;
}

enum status api_run(struct gyre_result *result, const char *text,
                    const struct gyre_query_options *options, struct error *error)
{
    struct error unseen = {0};
    struct source source = {.name = query_name(options), .error = error != NULL ? error : &unseen};
    struct ast_queries queries = {0};
    TRY(parse_text(result, text, &source, &queries));
    return run_queries(result, &queries, &source, options);
}

enum status api_explain(struct gyre_result *result, const char *text,
                        const struct gyre_query_options *options, struct error *error)
{
    struct error unseen = {0};
    struct source source = {.name = query_name(options), .error = error != NULL ? error : &unseen};
    struct ast_queries queries = {0};
    TRY(parse_text(result, text, &source, &queries));
    queries.queries[queries.count - 1]->mode = AST_EXPLAIN;
    return run_queries(result, &queries, &source, options);
}

/* Asks a formatter for its length first. */
typedef uint32_t format_plan(const struct gyre_result *result, bool as_json, char *text,
                             uint32_t text_bytes);

static uint32_t format_bound(const struct gyre_result *result, bool as_json, char *text,
                             uint32_t text_bytes)
{
    bool is_profile = result->result != NULL;
    return as_json
               ? plan_format_json(&result->statistics.plan, result->query, is_profile, text,
                                  text_bytes)
               : plan_format(&result->statistics.plan, result->query, is_profile, text, text_bytes);
}

static uint32_t format_compiled(const struct gyre_result *result, bool as_json, char *text,
                                uint32_t text_bytes)
{
    bool is_profile = result->answer != NULL;
    return as_json ? compiled_format_json(result->compiled, is_profile, text, text_bytes)
                   : compiled_format(result->compiled, is_profile, text, text_bytes);
}

char *api_plan_text(const struct gyre_result *result, bool as_json)
{
    format_plan *format = result->query != NULL ? format_bound : format_compiled;
    char first[1];
    uint32_t length = format(result, as_json, first, sizeof(first));
    char *text = memory_allocate((size_t)length + 1, 1);
    if (text != NULL) {
        format(result, as_json, text, length + 1);
    }
    return text;
}
