/* Values as text; see value.h. */
#include "report/value.h"

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/time_text.h"

enum { SCRATCH_BYTES_MIN = 64 };

_Static_assert((int)SCRATCH_BYTES_MIN >= (int)NUMBER_TEXT_BYTES, "a number fits");
_Static_assert((int)SCRATCH_BYTES_MIN >= (int)TIME_TEXT_BYTES, "a time fits");
_Static_assert((int)SCRATCH_BYTES_MIN >= (int)DURATION_TEXT_BYTES, "a duration fits");
_Static_assert((int)SCRATCH_BYTES_MIN >= (int)ADDRESS_TEXT_BYTES, "an address fits");

static uint32_t address_text(const struct sheet *sheet, struct address address);
static uint32_t flow_text(const struct sheet *sheet, edge_id edge);

enum status sheet_open(struct sheet *sheet, const struct graph *graph, uint32_t column_count,
                       struct error *error)
{
    *sheet = (struct sheet){.graph = graph, .column_count = column_count};
    uint32_t bytes = graph == NULL ? 0 : graph_address_text_bytes(&graph->vertices);
    sheet->names = memory_allocate(column_count, sizeof(*sheet->names));
    sheet->types = memory_allocate(column_count, sizeof(*sheet->types));
    sheet->scratch = memory_allocate(bytes < SCRATCH_BYTES_MIN ? SCRATCH_BYTES_MIN : bytes, 1);
    if (sheet->names == NULL || sheet->types == NULL || sheet->scratch == NULL) {
        sheet_close(sheet);
        return error_set_memory(error, "writing a result");
    }
    return STATUS_OK;
}

void sheet_close(struct sheet *sheet)
{
    memory_free(sheet->names);
    memory_free(sheet->types);
    memory_free(sheet->scratch);
    *sheet = (struct sheet){0};
}

struct bytes value_text(const struct sheet *sheet, enum type type, union lane value)
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
