/* Results and answers under one roof. */
#include "report/outcome.h"

/* How the kinds of values are called, in the words of enum type where these have one. */
static const char *const kind_names[VALUE_KINDS] = {
    [VALUE_NULL] = "null",        [VALUE_BOOL] = "boolean",
    [VALUE_INTEGER] = "integer",  [VALUE_FLOAT] = "float",
    [VALUE_TEXT] = "text",        [VALUE_LIST] = "list",
    [VALUE_MAP] = "map",          [VALUE_VERTEX] = "text",
    [VALUE_EDGE] = "flow",        [VALUE_PATH] = "path",
    [VALUE_DATE] = "date",        [VALUE_LOCAL_TIME] = "local time",
    [VALUE_TIME] = "time of day", [VALUE_LOCAL_DATETIME] = "local time",
    [VALUE_DATETIME] = "time",    [VALUE_DURATION] = "duration",
};

uint32_t outcome_column_count(const struct outcome *outcome)
{
    return outcome->answer != NULL ? outcome->answer->column_count
                                   : result_column_count(outcome->result);
}

const char *outcome_column_name(const struct outcome *outcome, uint32_t column)
{
    return outcome->answer != NULL ? outcome->answer->names[column]
                                   : result_column_name(outcome->result, column);
}

uint64_t outcome_row_count(const struct outcome *outcome)
{
    return outcome->answer != NULL ? outcome->answer->row_count : result_row_count(outcome->result);
}

/* The kind of all values of a column that are not null; VALUE_KINDS when they differ. */
static enum value_kind column_kind(const struct answer *answer, uint32_t column)
{
    enum value_kind kind = VALUE_NULL;
    for (uint64_t row = 0; row < answer->row_count && kind != VALUE_KINDS; row++) {
        enum value_kind found = answer_row(answer, row)[column].kind;
        if (found != VALUE_NULL && found != kind) {
            kind = kind == VALUE_NULL ? found : VALUE_KINDS;
        }
    }
    return kind;
}

static const char *kind_name(enum value_kind kind)
{
    return kind == VALUE_KINDS ? "any" : kind_names[kind];
}

const char *outcome_column_type(const struct outcome *outcome, uint32_t column)
{
    if (outcome->answer != NULL) {
        return kind_name(column_kind(outcome->answer, column));
    }
    enum type type = result_column_type(outcome->result, column);
    return type == TYPE_ADDRESS ? type_name(TYPE_TEXT) : type_name(type);
}

static bool is_number(const struct outcome *outcome, uint32_t column)
{
    if (outcome->answer == NULL) {
        return type_is_number(result_column_type(outcome->result, column));
    }
    enum value_kind kind = column_kind(outcome->answer, column);
    return kind == VALUE_INTEGER || kind == VALUE_FLOAT || kind == VALUE_EDGE;
}

enum status outcome_open_sheet(struct sheet *sheet, const struct outcome *outcome,
                               struct error *error)
{
    TRY(sheet_open(sheet, outcome->graph, outcome_column_count(outcome), error));
    for (uint32_t column = 0; column < sheet->column_count; column++) {
        sheet->names[column] = outcome_column_name(outcome, column);
        sheet->is_number[column] = is_number(outcome, column);
    }
    return STATUS_OK;
}

enum status outcome_show(const struct outcome *outcome, struct sheet *sheet, struct lanes *lanes,
                         uint64_t first, uint32_t count, struct error *error)
{
    sheet->first = first;
    sheet->answer = outcome->answer;
    sheet->columns = lanes;
    return outcome->answer != NULL || count == 0
               ? STATUS_OK
               : result_read(outcome->result, first, count, lanes, error);
}
