/* Gathers from columns: a loop per width, over runs of flows of one partition; and from links. */
#include "engine/load.h"

#include <string.h>

#define GATHER(name, word)                                                              \
    static void name(const struct column *column, const edge_id *edges, uint32_t count, \
                     union lane *out)                                                   \
    {                                                                                   \
        const word *values = column->values;                                            \
        uint64_t base = (uint64_t)column->base;                                         \
        for (uint32_t i = 0; i < count; i++) {                                          \
            out[i].integer = (int64_t)(base + values[edge_position(edges[i])]);         \
        }                                                                               \
    }

GATHER(gather_8, uint8_t)
GATHER(gather_16, uint16_t)
GATHER(gather_32, uint32_t)
GATHER(gather_64, uint64_t)

static void gather_integers(const struct column *column, const edge_id *edges, uint32_t count,
                            union lane *out)
{
    switch (column->width) {
    case 1:
        gather_8(column, edges, count, out);
        break;
    case 2:
        gather_16(column, edges, count, out);
        break;
    case 4:
        gather_32(column, edges, count, out);
        break;
    case 8:
        gather_64(column, edges, count, out);
        break;
    default:
        for (uint32_t i = 0; i < count; i++) {
            out[i].integer = column->base;
        }
        break;
    }
}

static void gather_doubles(const struct column *column, const edge_id *edges, uint32_t count,
                           union lane *out)
{
    const double *values = column->values;
    for (uint32_t i = 0; i < count; i++) {
        out[i].real = values[edge_position(edges[i])];
    }
}

static void divide_decimals(double divisor, uint32_t count, union lane *out)
{
    for (uint32_t i = 0; i < count; i++) {
        out[i].real = (double)out[i].integer / divisor;
    }
}

static void look_up_texts(const struct dictionary *dictionary, uint32_t count, union lane *out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t code = (uint64_t)out[i].integer;
        out[i].text = code < dictionary->count ? dictionary->entries[code] : NULL;
    }
}

/* `edges` still holds what it was called with only if it is not `out`: nulls come first. */
static void gather_nulls(const struct column *column, const edge_id *edges, uint32_t count,
                         uint8_t *nulls)
{
    const uint64_t *bits = column->null_bits;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t position = edge_position(edges[i]);
        nulls[i] = bits[position >> 6] >> (position & 63) & 1;
    }
}

static void gather(const struct edge_frame *frame, uint32_t property, bool as_code,
                   const struct column *column, const edge_id *edges, uint32_t count,
                   union lane *out)
{
    if (column->encoding == ENCODING_DOUBLE && column->width == 8) {
        gather_doubles(column, edges, count, out);
        return;
    }
    gather_integers(column, edges, count, out);
    if (column->encoding == ENCODING_DECIMAL) {
        divide_decimals(column->divisor, count, out);
    } else if (column->encoding == ENCODING_DOUBLE) {
        /* A column of doubles without values: all are null. */
        memset(out, 0, count * sizeof *out);
    } else if (column->type == TYPE_TEXT && !as_code) {
        look_up_texts(&frame->dictionaries[property], count, out);
    }
}

/* How many flows from the first on lie in its partition. */
static uint32_t run_length(const struct edge_frame *frame, const edge_id *edges, uint32_t count)
{
    if (frame->partition_count == 1) {
        return count;
    }
    uint32_t partition = edge_partition(edges[0]);
    uint32_t length = 1;
    while (length < count && edge_partition(edges[length]) == partition) {
        length++;
    }
    return length;
}

bool load_property(const struct edge_frame *frame, uint32_t property, bool as_code,
                   const edge_id *edges, uint32_t count, union lane *out, uint8_t *nulls)
{
    bool has_nulls = false;
    for (uint32_t begin = 0; begin < count;) {
        uint32_t partition = edge_partition(edges[begin]);
        uint32_t length = run_length(frame, edges + begin, count - begin);
        const struct column *column = &frame->partitions[partition].columns[property];
        if (column->null_bits != NULL) {
            if (!has_nulls) {
                memset(nulls, 0, count);
                has_nulls = true;
            }
            gather_nulls(column, edges + begin, length, nulls + begin);
        }
        gather(frame, property, as_code, column, edges + begin, length, out + begin);
        begin += length;
    }
    return has_nulls;
}

void load_ends(const struct edge_frame *frame, uint32_t property, const edge_id *edges,
               uint32_t count, union lane *out)
{
    bool is_source = frame->schema.properties[property].role == ROLE_SOURCE;
    const struct address *addresses = (is_source ? frame->source : frame->target)->addresses;
    const struct partition *partition = NULL;
    uint32_t link = 0;
    vertex_id end = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct partition *own = &frame->partitions[edge_partition(edges[i])];
        uint32_t position = edge_position(edges[i]);
        if (own != partition || position < own->flow_offset[link] ||
            position >= own->flow_offset[link + 1]) {
            partition = own;
            link = partition_flow_link(own, position);
            end = is_source ? partition_link_source(own, link) : own->link_target[link];
        }
        out[i].address = &addresses[end];
    }
}
