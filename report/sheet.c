/* Values as text; see sheet.h. */
#include "report/sheet.h"

#include <math.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/time_text.h"
#include "report/naming.h"
#include "value/temporal.h"
#include "value/text.h"

enum { SCRATCH_BYTES_MIN = 64 };

_Static_assert((int)SCRATCH_BYTES_MIN >= (int)NUMBER_TEXT_BYTES, "a number fits");
_Static_assert((int)SCRATCH_BYTES_MIN >= (int)TIME_TEXT_BYTES, "a time fits");
_Static_assert((int)SCRATCH_BYTES_MIN >= (int)DURATION_TEXT_BYTES, "a duration fits");
_Static_assert((int)SCRATCH_BYTES_MIN >= (int)ADDRESS_TEXT_BYTES, "an address fits");

static uint32_t address_text(const struct sheet *sheet, struct address address);
static uint32_t flow_text(const struct sheet *sheet, edge_id edge);
static struct cell lane_cell(const struct sheet *sheet, const struct lanes *column, uint32_t row);
static struct cell value_cell(struct sheet *sheet, struct value value);

enum status sheet_open(struct sheet *sheet, const struct graph *graph, uint32_t column_count,
                       struct error *error)
{
    *sheet = (struct sheet){.graph = graph, .column_count = column_count};
    uint32_t bytes = graph == NULL ? 0 : graph_address_text_bytes(&graph->vertices);
    sheet->names = memory_allocate(column_count, sizeof(*sheet->names));
    sheet->is_number = memory_allocate(column_count, sizeof(*sheet->is_number));
    sheet->scratch = memory_allocate(bytes < SCRATCH_BYTES_MIN ? SCRATCH_BYTES_MIN : bytes, 1);
    if (sheet->names == NULL || sheet->is_number == NULL || sheet->scratch == NULL) {
        sheet_close(sheet);
        return error_set_memory(error, "writing a result");
    }
    return STATUS_OK;
}

void sheet_close(struct sheet *sheet)
{
    memory_free(sheet->names);
    memory_free(sheet->is_number);
    memory_free(sheet->scratch);
    pool_close(&sheet->pool);
    *sheet = (struct sheet){0};
}

struct cell sheet_cell(struct sheet *sheet, uint32_t column, uint32_t row)
{
    return sheet->answer != NULL
               ? value_cell(sheet, answer_row(sheet->answer, sheet->first + row)[column])
               : lane_cell(sheet, &sheet->columns[column], row);
}

bool type_is_number(enum type type)
{
    return type == TYPE_INTEGER || type == TYPE_FLOAT || type == TYPE_EDGE;
}

struct bytes sheet_text(const struct sheet *sheet, enum type type, union lane value)
{
    char *scratch = sheet->scratch;
    switch (type) {
    case TYPE_NULL:
        scratch[0] = '\0';
        return bytes_view(scratch, 0);
    case TYPE_BOOL:
        return bytes_of(value.integer != 0 ? "true" : "false");
    case TYPE_INTEGER:
        return bytes_view(scratch, integer_format(value.integer, scratch));
    case TYPE_FLOAT:
        if (!isfinite(value.real)) {
            return bytes_of(isnan(value.real) ? "NaN" : value.real > 0 ? "Infinity" : "-Infinity");
        }
        return bytes_view(scratch, float_format(value.real, scratch));
    case TYPE_TEXT:
        return text_view(value.text);
    case TYPE_ADDRESS:
        return bytes_view(scratch, address_text(sheet, *value.address));
    case TYPE_TIME:
        return bytes_view(scratch, time_format(value.integer, scratch));
    case TYPE_DURATION:
        return bytes_view(scratch, duration_format(value.integer, scratch));
    case TYPE_VERTEX:
        return bytes_view(scratch,
                          address_text(sheet, sheet->graph->vertices.addresses[value.vertex]));
    case TYPE_EDGE:
        return bytes_view(scratch, flow_text(sheet, value.edge));
    }
    CHECK(!"a type that no writer knows");
    return bytes_view(scratch, 0);
}

static uint32_t address_text(const struct sheet *sheet, struct address address)
{
    if (address_kind(address) != ADDRESS_OTHER) {
        return address_format(address, sheet->scratch);
    }
    return graph_format_address(&sheet->graph->vertices, address, sheet->scratch);
}

static uint32_t flow_text(const struct sheet *sheet, edge_id edge)
{
    const struct partition *partition = &sheet->graph->edges.partitions[edge_partition(edge)];
    return integer_format(column_integer(&partition->row, edge_position(edge)), sheet->scratch);
}

static struct cell lane_cell(const struct sheet *sheet, const struct lanes *column, uint32_t row)
{
    if (column->type == TYPE_NULL || (column->is_null != NULL && column->is_null[row] != 0)) {
        return (struct cell){CELL_NULL, bytes_view("", 0)};
    }
    union lane value = column->values[row];
    enum type type = column->type;
    bool is_finite = type != TYPE_FLOAT || isfinite(value.real);
    enum cell_kind kind = type == TYPE_TEXT || type == TYPE_ADDRESS || type == TYPE_VERTEX
                              ? CELL_TEXT
                          : !is_finite           ? CELL_PLAIN
                          : type_is_number(type) ? CELL_NUMBER
                          : type == TYPE_BOOL    ? CELL_BOOL
                                                 : CELL_PLAIN;
    if (!is_finite && sheet->is_json) {
        return (struct cell){CELL_NULL, bytes_view("", 0)};
    }
    return (struct cell){kind, sheet_text(sheet, type, value)};
}

/* What a value is in a sheet. A float that is not finite is no number in JSON. */
static enum cell_kind kind_of(const struct sheet *sheet, struct value value)
{
    switch (value.kind) {
    case VALUE_NULL:
        return CELL_NULL;
    case VALUE_BOOL:
        return CELL_BOOL;
    case VALUE_FLOAT:
        return isfinite(value.real) ? CELL_NUMBER : sheet->is_json ? CELL_NULL : CELL_PLAIN;
    case VALUE_INTEGER:
    case VALUE_EDGE:
        return CELL_NUMBER;
    case VALUE_TEXT:
    case VALUE_VERTEX:
        return CELL_TEXT;
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_PATH:
        return CELL_NESTED;
    default:
        return CELL_PLAIN;
    }
}

/* Texts that do not fit into memory are empty, and so are all from an interrupt on: whoever writes
 * them looks at both behind them. */
static struct cell value_cell(struct sheet *sheet, struct value value)
{
    struct cell cell = {kind_of(sheet, value), bytes_view("", 0)};
    struct value_naming naming = naming_of(sheet->graph);
    struct error error = {0};
    struct value text;
    pool_release(&sheet->pool, (struct pool_mark){0});
    if (cell.kind == CELL_NULL || pool_poll(&sheet->pool, &error) != STATUS_OK) {
        return cell;
    }
    int64_t ns = 0;
    bool is_utc =
        value.kind == VALUE_DATETIME && value.instant->offset == 0 && value.instant->zone.size == 0;
    if (is_utc && temporal_to_ns(value, &ns)) {
        return (struct cell){cell.kind, sheet_text(sheet, TYPE_TIME, (union lane){.integer = ns})};
    }
    if (value.kind == VALUE_DURATION && temporal_duration_to_ns(value, &ns)) {
        cell.text = sheet_text(sheet, TYPE_DURATION, (union lane){.integer = ns});
        return cell;
    }
    enum status status = cell.kind == CELL_NESTED && sheet->is_json
                             ? value_to_json(value, &naming, &sheet->pool, &text, &error)
                             : value_to_text(value, &naming, &sheet->pool, &text, &error);
    if (status == STATUS_OK) {
        cell.text = value_text_view(text);
    } else if (status != STATUS_INTERRUPTED) {
        sheet->lacks_memory = true;
    }
    return cell;
}
