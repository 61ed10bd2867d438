/* The public interface: queries and their results. */
#include "report/api.h"

#include "base/check.h"
#include "base/memory.h"
#include "report/value.h"
#include "report/write.h"

static enum status run_query(struct gyre_result *result, const char *text,
                             const struct gyre_query_options *options, struct error *error);
static enum status explain_query(struct gyre_result *result, struct error *error);
static char *plan_text(const struct plan *plan, const struct bound_query *query, bool is_profile,
                       bool as_json);
static const char *query_name(const struct gyre_query_options *options);
static enum status result_seek(struct gyre_result *result, uint64_t row, struct error *error);
static void fill_value(struct gyre_value *value, struct gyre_result *result, enum type type,
                       union lane lane);

/* What is passed through team_hold. */
struct asking {
    struct gyre_result *result;
    const char *text;
    const struct gyre_query_options *options;
    struct error *error;
    enum status status;
};

static void query_held(void *context)
{
    struct asking *asking = context;
    asking->status = run_query(asking->result, asking->text, asking->options, asking->error);
}

int gyre_query(struct gyre_result **result, struct gyre_graph *graph, const char *text,
               const struct gyre_query_options *options, struct gyre_error *error)
{
    *result = NULL;
    int64_t start_ns = clock_ns();
    struct gyre_result *opened = memory_allocate(1, sizeof(*opened));
    if (opened == NULL) {
        return (int)error_set_memory(api_error(error), "running a query");
    }
    opened->graph = graph;
    api_run_begin(graph->engine);
    struct asking asking = {opened, text, options, api_error(error), STATUS_OK};
    team_hold(graph->engine->team, query_held, &asking);
    enum status status = api_run_end(graph->engine, asking.status);
    opened->query_seconds = api_seconds_since(start_ns);
    opened->peak_budget_bytes = budget_peak(&graph->engine->budget);
    opened->peak_spill_bytes = budget_peak(&graph->engine->spill.budget);
    opened->is_partial = status != STATUS_OK;
    bool is_ended = status == STATUS_LIMIT || status == STATUS_INTERRUPTED;
    if (status == STATUS_OK || (is_ended && opened->result != NULL)) {
        *result = opened;
    } else {
        gyre_result_close(opened);
    }
    return (int)status;
}

int gyre_query_check(const char *text, const char *name, struct gyre_error *error)
{
    return (int)query_check(bytes_of(text), name != NULL ? name : "query", api_error(error));
}

int gyre_explain(char **plan, struct gyre_graph *graph, const char *text,
                 const struct gyre_query_options *options, bool as_json, struct gyre_error *error)
{
    *plan = NULL;
    struct gyre_result explained = {.graph = graph};
    api_run_begin(graph->engine);
    enum status status = query_bind(&explained.query, graph->graph, bytes_of(text),
                                    query_name(options), api_error(error));
    if (status == STATUS_OK) {
        status = explain_query(&explained, api_error(error));
    }
    status = api_run_end(graph->engine, status);
    if (status == STATUS_OK) {
        *plan = plan_text(&explained.statistics.plan, explained.query, false, as_json);
        if (*plan == NULL) {
            status = error_set_memory(api_error(error), "explaining a query");
        }
    }
    query_close(explained.query);
    return (int)status;
}

void gyre_text_free(char *text)
{
    memory_free(text);
}

void gyre_result_close(struct gyre_result *result)
{
    if (result != NULL) {
        result_close(result->result);
        query_close(result->query);
        memory_free(result->nodes);
        memory_free(result->columns);
        memory_free(result->value_scratch);
        memory_free(result);
    }
}

enum gyre_query_mode gyre_result_mode(const struct gyre_result *result)
{
    return result->mode;
}

uint32_t gyre_result_columns(const struct gyre_result *result)
{
    return result->result == NULL ? 0 : result_column_count(result->result);
}

const char *gyre_result_column_name(const struct gyre_result *result, uint32_t column)
{
    CHECK(column < gyre_result_columns(result));
    return result_column_name(result->result, column);
}

const char *gyre_result_column_type(const struct gyre_result *result, uint32_t column)
{
    CHECK(column < gyre_result_columns(result));
    enum type type = result_column_type(result->result, column);
    return type == TYPE_ADDRESS ? type_name(TYPE_TEXT) : type_name(type);
}

uint64_t gyre_result_rows(const struct gyre_result *result)
{
    return result->result == NULL ? 0 : result_row_count(result->result);
}

bool gyre_result_is_partial(const struct gyre_result *result)
{
    return result->is_partial;
}

int gyre_result_value(struct gyre_result *result, uint64_t row, uint32_t column,
                      struct gyre_value *value, struct gyre_error *error)
{
    CHECK(column < gyre_result_columns(result) && row < gyre_result_rows(result));
    enum status status = result_seek(result, row, api_error(error));
    if (status != STATUS_OK) {
        return (int)status;
    }
    const struct lanes *lanes = &result->columns[column];
    uint32_t lane = (uint32_t)(row - result->block_first);
    *value = (struct gyre_value){.type = GYRE_NULL, .text = ""};
    if (!value_is_null(lanes, lane)) {
        fill_value(value, result, lanes->type, lanes->values[lane]);
    }
    return GYRE_OK;
}

int gyre_result_write(struct gyre_result *result, enum gyre_format format, const char *path,
                      struct gyre_error *error)
{
    static const enum report_format formats[] = {
        [GYRE_FORMAT_TABLE] = REPORT_TABLE,
        [GYRE_FORMAT_CSV] = REPORT_CSV,
        [GYRE_FORMAT_JSON] = REPORT_JSON,
        [GYRE_FORMAT_JSONL] = REPORT_JSONL,
    };
    CHECK((size_t)format < sizeof(formats) / sizeof(formats[0]));
    if (result->result == NULL) {
        return (int)error_set(api_error(error), STATUS_USAGE, "EXPLAIN has no rows to write");
    }
    struct gyre_engine *engine = result->graph->engine;
    result->block_count = 0; /* result_read's buffers are about to be used again */
    api_run_begin(engine);
    enum status status = report_write(result->result, result->graph->graph, formats[format], path,
                                      &engine->stop, api_error(error));
    return (int)api_run_end(engine, status);
}

struct gyre_query_statistics gyre_result_statistics(const struct gyre_result *result)
{
    const struct match_statistics *known = &result->statistics;
    return (struct gyre_query_statistics){
        .rows = gyre_result_rows(result),
        .matches = known->matches,
        .flows_visited = known->flows_visited,
        .flows_scanned = known->flows_scanned,
        .links_visited = known->links_visited,
        .tasks = known->tasks,
        .splits = known->splits,
        .steals_local = known->steals_local,
        .steals_remote = known->steals_remote,
        .query_seconds = result->query_seconds,
        .plan_seconds = result->plan_seconds,
        .filter_seconds = known->filter_seconds,
        .search_seconds = known->search_seconds,
        .finish_seconds = known->finish_seconds,
        .peak_budget_bytes = result->peak_budget_bytes,
        .peak_spill_bytes = result->peak_spill_bytes,
    };
}

struct gyre_query_node gyre_result_node(const struct gyre_result *result, uint32_t node)
{
    CHECK(node < gyre_engine_node_count(result->graph->engine));
    if (result->nodes == NULL) {
        return (struct gyre_query_node){0};
    }
    const struct match_node *known = &result->nodes[node];
    return (struct gyre_query_node){
        .worker_count = known->worker_count,
        .tasks = known->tasks,
        .splits = known->splits,
        .steals_local = known->steals_local,
        .steals_remote = known->steals_remote,
        .flows_local = known->locality.flows[0],
        .flows_remote = known->locality.flows[1],
        .bytes_local = known->locality.bytes[0],
        .bytes_remote = known->locality.bytes[1],
        .idle_seconds = (double)known->idle_ns / (double)NS_PER_SECOND,
    };
}

char *gyre_result_profile(const struct gyre_result *result, bool as_json)
{
    bool is_profile = result->mode != GYRE_MODE_EXPLAIN;
    return plan_text(&result->statistics.plan, result->query, is_profile, as_json);
}

static enum status run_query(struct gyre_result *result, const char *text,
                             const struct gyre_query_options *options, struct error *error)
{
    struct gyre_engine *engine = result->graph->engine;
    int64_t start_ns = clock_ns();
    TRY(query_bind(&result->query, result->graph->graph, bytes_of(text), query_name(options),
                   error));
    result->plan_seconds = api_seconds_since(start_ns);
    if (result->query->is_explain) {
        result->mode = GYRE_MODE_EXPLAIN;
        return explain_query(result, error);
    }
    result->mode = result->query->is_profile ? GYRE_MODE_PROFILE : GYRE_MODE_RUN;
    result->nodes = memory_allocate(gyre_engine_node_count(engine), sizeof(*result->nodes));
    if (result->nodes == NULL) {
        return error_set_memory(error, "running a query");
    }
    struct match_options match = {.row_limit = options == NULL ? 0 : options->row_limit,
                                  .counts_reads = result->mode == GYRE_MODE_PROFILE ||
                                                  (options != NULL && options->counts_reads),
                                  .nodes = result->nodes};
    return match_run(&result->result, result->query, engine->team, &engine->budget, &engine->stop,
                     &engine->progress, &match, &result->statistics, error);
}

static enum status explain_query(struct gyre_result *result, struct error *error)
{
    struct gyre_engine *engine = result->graph->engine;
    return match_explain(&result->statistics.plan, result->query, engine->team, &engine->budget,
                         &engine->stop, error);
}

/* NULL without memory. */
static char *plan_text(const struct plan *plan, const struct bound_query *query, bool is_profile,
                       bool as_json)
{
    uint32_t (*format)(const struct plan *, const struct bound_query *, bool, char *, uint32_t) =
        as_json ? plan_format_json : plan_format;
    char first[1];
    uint32_t length = format(plan, query, is_profile, first, sizeof(first));
    char *text = memory_allocate((size_t)length + 1, 1);
    if (text != NULL) {
        format(plan, query, is_profile, text, length + 1);
    }
    return text;
}

static const char *query_name(const struct gyre_query_options *options)
{
    return options == NULL || options->name == NULL ? "query" : options->name;
}

/* Brings the block of `row` in. */
static enum status result_seek(struct gyre_result *result, uint64_t row, struct error *error)
{
    if (result->columns == NULL) {
        const struct vertex_frame *frame = &result->graph->graph->vertices;
        uint32_t scratch_bytes = graph_address_text_bytes(frame);
        result->columns =
            memory_allocate(result_column_count(result->result), sizeof(*result->columns));
        result->value_scratch = memory_allocate(scratch_bytes, 1);
        if (result->columns == NULL || result->value_scratch == NULL) {
            memory_free(result->columns);
            memory_free(result->value_scratch);
            result->columns = NULL;
            result->value_scratch = NULL;
            return error_set_memory(error, "reading a result");
        }
    }
    if (row - result->block_first < result->block_count && row >= result->block_first) {
        return STATUS_OK;
    }
    uint64_t first = row / EVALUATE_LANES * EVALUATE_LANES;
    uint64_t rest = result_row_count(result->result) - first;
    uint32_t count = rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
    result->block_count = 0;
    TRY(result_read(result->result, first, count, result->columns, error));
    result->block_first = first;
    result->block_count = count;
    return STATUS_OK;
}

static void fill_text(struct gyre_value *value, const char *text, size_t size)
{
    value->type = GYRE_TEXT;
    value->integer = 0;
    value->text = text;
    value->text_bytes = size;
}

static void fill_value(struct gyre_value *value, struct gyre_result *result, enum type type,
                       union lane lane)
{
    const struct graph *graph = result->graph->graph;
    char *scratch = result->value_scratch;
    value->integer = lane.integer;
    switch (type) {
    case TYPE_NULL:
        break;
    case TYPE_BOOL:
        value->type = GYRE_BOOL;
        break;
    case TYPE_INTEGER:
        value->type = GYRE_INTEGER;
        break;
    case TYPE_FLOAT:
        value->type = GYRE_FLOAT;
        value->integer = 0;
        value->real = lane.real;
        break;
    case TYPE_TEXT:
        fill_text(value, lane.text->bytes, lane.text->length);
        break;
    case TYPE_ADDRESS:
        fill_text(value, scratch, graph_format_address(&graph->vertices, *lane.address, scratch));
        break;
    case TYPE_VERTEX:
        fill_text(value, scratch,
                  graph_format_address(&graph->vertices, graph->vertices.addresses[lane.vertex],
                                       scratch));
        break;
    case TYPE_TIME:
        value->type = GYRE_TIME;
        break;
    case TYPE_DURATION:
        value->type = GYRE_DURATION;
        break;
    case TYPE_EDGE:
        value->type = GYRE_EDGE;
        value->integer = column_integer(&graph->edges.partitions[edge_partition(lane.edge)].row,
                                        edge_position(lane.edge));
        break;
    }
}
