/* The public interface: queries and their results. */
#include "report/api.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "report/advice.h"
#include "report/write.h"
#include "value/temporal.h"

static enum status result_seek(struct gyre_result *result, uint64_t row, struct error *error);
static void fill_value(struct gyre_value *value, const struct gyre_result *result, enum type type,
                       union lane lane, struct bytes text);
static void fill_dynamic(struct gyre_value *value, const struct gyre_result *result,
                         struct value dynamic, struct cell cell);

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
    asking->status = api_run(asking->result, asking->text, asking->options, asking->error);
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
    enum status status = asking.status;
    opened->query_seconds = api_seconds_since(start_ns);
    opened->peak_budget_bytes = budget_peak(&graph->engine->budget);
    opened->peak_spill_bytes = budget_peak(&graph->engine->spill.budget);
    opened->is_partial = status != STATUS_OK;
    bool is_ended = status == STATUS_LIMIT || status == STATUS_INTERRUPTED;
    if (status == STATUS_OK || (is_ended && api_has_rows(opened))) {
        *result = opened;
    } else {
        gyre_result_close(opened);
    }
    return (int)api_run_end(graph->engine, status);
}

int gyre_query_check(const char *text, const char *name, struct gyre_error *error)
{
    return (int)query_check(bytes_of(text), name != NULL ? name : "query", api_error(error));
}

int gyre_explain(char **plan, struct gyre_graph *graph, const char *text,
                 const struct gyre_query_options *options, bool as_json, struct gyre_error *error)
{
    *plan = NULL;
    struct gyre_result *explained = memory_allocate(1, sizeof(*explained));
    if (explained == NULL) {
        return (int)error_set_memory(api_error(error), "explaining a query");
    }
    explained->graph = graph;
    api_run_begin(graph->engine);
    enum status status = api_explain(explained, text, options, api_error(error));
    status = api_run_end(graph->engine, status);
    if (status == STATUS_OK) {
        *plan = api_plan_text(explained, as_json);
        if (*plan == NULL) {
            status = error_set_memory(api_error(error), "explaining a query");
        }
    }
    gyre_result_close(explained);
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
        answer_close(result->answer);
        compiled_close(result->compiled);
        parameters_close(&result->parameters);
        chain_close(&result->tree);
        sheet_close(&result->sheet);
        memory_free(result->text);
        memory_free(result->nodes);
        memory_free(result->lanes);
        memory_free(result->value_text);
        memory_free(result);
    }
}

enum gyre_query_mode gyre_result_mode(const struct gyre_result *result)
{
    return result->mode;
}

uint32_t gyre_result_columns(const struct gyre_result *result)
{
    struct outcome outcome = api_outcome(result);
    return api_has_rows(result) ? outcome_column_count(&outcome) : 0;
}

const char *gyre_result_column_name(const struct gyre_result *result, uint32_t column)
{
    CHECK(column < gyre_result_columns(result));
    struct outcome outcome = api_outcome(result);
    return outcome_column_name(&outcome, column);
}

const char *gyre_result_column_type(const struct gyre_result *result, uint32_t column)
{
    CHECK(column < gyre_result_columns(result));
    struct outcome outcome = api_outcome(result);
    return outcome_column_type(&outcome, column);
}

uint64_t gyre_result_rows(const struct gyre_result *result)
{
    struct outcome outcome = api_outcome(result);
    return api_has_rows(result) ? outcome_row_count(&outcome) : 0;
}

bool gyre_result_is_partial(const struct gyre_result *result)
{
    return result->is_partial;
}

bool gyre_result_is_kept(const struct gyre_result *result)
{
    return result->is_kept;
}

/* Whether a row says that there was nothing: of what a query without groups counts and collects. */
static bool is_empty_row(const struct answer *answer)
{
    const struct value *row = answer_row(answer, 0);
    bool is_empty = true;
    for (uint32_t i = 0; i < answer->column_count && is_empty; i++) {
        is_empty = row[i].kind == VALUE_NULL ||
                   (row[i].kind == VALUE_INTEGER && row[i].integer == 0) ||
                   (row[i].kind == VALUE_LIST && row[i].count == 0);
    }
    return is_empty;
}

static bool has_found_nothing(const struct gyre_result *result)
{
    uint64_t rows = gyre_result_rows(result);
    if (rows != 1 || result->is_partial) {
        return rows == 0 && !result->is_partial;
    }
    return result->answer != NULL ? is_empty_row(result->answer) : result->statistics.matches == 0;
}

const char *gyre_result_advice(struct gyre_result *result)
{
    bool is_given = api_has_rows(result) && has_found_nothing(result) &&
                    advice_give(result->asked, result->graph->graph, &result->graph->engine->stop,
                                result->advice);
    return is_given ? result->advice : NULL;
}

/* Texts of answers have no NUL behind them, as those of the graph have. */
static enum status end_text(struct gyre_result *result, struct gyre_value *value,
                            struct error *error)
{
    if (value->type != GYRE_TEXT && value->type != GYRE_NESTED) {
        return STATUS_OK;
    }
    if (value->text_bytes >= result->value_text_room) {
        char *text = memory_resize(result->value_text, value->text_bytes + 1, 1);
        if (text == NULL) {
            return error_set_memory(error, "reading a result");
        }
        result->value_text = text;
        result->value_text_room = value->text_bytes + 1;
    }
    if (value->text_bytes > 0) {
        memcpy(result->value_text, value->text, value->text_bytes);
    }
    result->value_text[value->text_bytes] = '\0';
    value->text = result->value_text;
    return STATUS_OK;
}

int gyre_result_value(struct gyre_result *result, uint64_t row, uint32_t column,
                      struct gyre_value *value, struct gyre_error *error)
{
    CHECK(column < gyre_result_columns(result) && row < gyre_result_rows(result));
    enum status status = result_seek(result, row, api_error(error));
    if (status != STATUS_OK) {
        return (int)status;
    }
    uint32_t lane = (uint32_t)(row - result->block_first);
    result->sheet.lacks_memory = false;
    struct cell cell = sheet_cell(&result->sheet, column, lane);
    if (result->sheet.lacks_memory) {
        return (int)error_set_memory(api_error(error), "reading a result");
    }
    *value = (struct gyre_value){.type = GYRE_NULL, .text = ""};
    if (cell.kind == CELL_NULL) {
        return GYRE_OK;
    }
    if (result->answer != NULL) {
        fill_dynamic(value, result, answer_row(result->answer, row)[column], cell);
        return (int)end_text(result, value, api_error(error));
    } else {
        const struct lanes *lanes = &result->lanes[column];
        fill_value(value, result, lanes->type, lanes->values[lane], cell.text);
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
    if (!api_has_rows(result)) {
        return (int)error_set(api_error(error), STATUS_USAGE, "EXPLAIN has no rows to write");
    }
    struct gyre_engine *engine = result->graph->engine;
    result->block_count = 0; /* result_read's buffers are about to be used again */
    api_run_begin(engine);
    struct outcome outcome = api_outcome(result);
    enum status status =
        report_write(&outcome, formats[format], path, &engine->stop, api_error(error));
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
        .tasks = known->work.tasks,
        .splits = known->work.splits,
        .steals_local = known->work.steals_local,
        .steals_remote = known->work.steals_remote,
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
    const struct gyre_engine *engine = result->graph->engine;
    CHECK(node < gyre_engine_node_count(engine));
    if (result->nodes == NULL) {
        return (struct gyre_query_node){0};
    }
    const struct node_work *known = &result->nodes[node];
    return (struct gyre_query_node){
        .worker_count = team_node_worker_count(engine->team, node),
        .tasks = known->counts.tasks,
        .splits = known->counts.splits,
        .steals_local = known->counts.steals_local,
        .steals_remote = known->counts.steals_remote,
        .flows_local = known->locality.flows[0],
        .flows_remote = known->locality.flows[1],
        .bytes_local = known->locality.bytes[0],
        .bytes_remote = known->locality.bytes[1],
        .idle_seconds = (double)known->counts.idle_ns / (double)NS_PER_SECOND,
    };
}

char *gyre_result_profile(const struct gyre_result *result, bool as_json)
{
    return api_plan_text(result, as_json);
}

/* Brings the block of `row` in. */
static enum status result_seek(struct gyre_result *result, uint64_t row, struct error *error)
{
    struct outcome outcome = api_outcome(result);
    if (result->lanes == NULL) {
        TRY(outcome_open_sheet(&result->sheet, &outcome, error));
        result->sheet.is_json = true;
        result->lanes = memory_allocate(result->sheet.column_count, sizeof(*result->lanes));
        if (result->lanes == NULL) {
            sheet_close(&result->sheet);
            return error_set_memory(error, "reading a result");
        }
    }
    if (row - result->block_first < result->block_count && row >= result->block_first) {
        return STATUS_OK;
    }
    uint64_t first = row / EVALUATE_LANES * EVALUATE_LANES;
    uint64_t rest = outcome_row_count(&outcome) - first;
    uint32_t count = rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
    result->block_count = 0;
    TRY(outcome_show(&outcome, &result->sheet, result->lanes, first, count, error));
    result->block_first = first;
    result->block_count = count;
    return STATUS_OK;
}

static void fill_text(struct gyre_value *value, enum gyre_value_type type, struct bytes text)
{
    value->type = type;
    value->text = text.data;
    value->text_bytes = text.size;
}

static void fill_flow(struct gyre_value *value, const struct gyre_result *result, edge_id edge)
{
    const struct edge_frame *frame = &result->graph->graph->edges;
    const struct partition *partition = &frame->partitions[edge_partition(edge)];
    value->type = GYRE_EDGE;
    value->integer = column_integer(&partition->row, edge_position(edge));
}

static void fill_value(struct gyre_value *value, const struct gyre_result *result, enum type type,
                       union lane lane, struct bytes text)
{
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
    case TYPE_ADDRESS:
    case TYPE_VERTEX:
        value->integer = 0;
        fill_text(value, GYRE_TEXT, text);
        break;
    case TYPE_TIME:
        value->type = GYRE_TIME;
        break;
    case TYPE_DURATION:
        value->type = GYRE_DURATION;
        break;
    case TYPE_EDGE:
        fill_flow(value, result, lane.edge);
        break;
    }
}

/* Times and durations that nanoseconds hold are such; other calendars are texts. */
static void fill_dynamic(struct gyre_value *value, const struct gyre_result *result,
                         struct value dynamic, struct cell cell)
{
    value->integer = dynamic.integer;
    switch (dynamic.kind) {
    case VALUE_BOOL:
        value->type = GYRE_BOOL;
        return;
    case VALUE_INTEGER:
        value->type = GYRE_INTEGER;
        return;
    case VALUE_FLOAT:
        value->type = GYRE_FLOAT;
        value->integer = 0;
        value->real = dynamic.real;
        return;
    case VALUE_EDGE:
        fill_flow(value, result, dynamic.edge);
        return;
    case VALUE_DATETIME:
        if (temporal_to_ns(dynamic, &value->integer)) {
            value->type = GYRE_TIME;
            return;
        }
        break;
    case VALUE_DURATION:
        if (temporal_duration_to_ns(dynamic, &value->integer)) {
            value->type = GYRE_DURATION;
            return;
        }
        break;
    default:
        break;
    }
    value->integer = 0;
    fill_text(value, cell.kind == CELL_NESTED ? GYRE_NESTED : GYRE_TEXT, cell.text);
}
