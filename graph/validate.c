/* The slow verifier of everything that graph/partition.h, column.h, dictionary.h and graph.h state.
 * Each check returns false with the first violation in `reason`; it reads what it has already found
 * to be sound, so that a broken graph is refused, not walked out of. */
#include "graph/graph.h"

#include "base/memory.h"
#include "graph/refuse.h"

#include <string.h>

static bool validate_vertices(const struct vertex_frame *frame, char *reason);
static bool validate_owners(const struct vertex_frame *frame, char *reason);
static bool validate_lookup(const struct vertex_frame *frame, char *reason);
static bool validate_edges(const struct edge_frame *frame, char *reason);
static bool validate_schema(const struct edge_frame *frame, char *reason);
static bool validate_partition(const struct edge_frame *frame, uint32_t index, char *reason);
static bool validate_links(const struct edge_frame *frame, const struct partition *partition,
                           char *reason);
static bool validate_times(const struct partition *partition, char *reason);
static bool validate_columns(const struct edge_frame *frame, const struct partition *partition,
                             char *reason);
static bool validate_rows(const struct edge_frame *frame, char *reason);
static bool validate_through(const struct edge_frame *frame, const struct partition *partition,
                             char *reason);
static bool validate_reverse(const struct edge_frame *frame, const struct partition *partition,
                             char *reason);

bool graph_validate(const struct graph *graph, char *reason)
{
    reason[0] = '\0';
    if (graph->edges.source != &graph->vertices || graph->edges.target != &graph->vertices) {
        return refuse(reason, "edges: the source or target frame is not the graph's");
    }
    return validate_vertices(&graph->vertices, reason) && validate_edges(&graph->edges, reason);
}

static bool validate_vertices(const struct vertex_frame *frame, char *reason)
{
    if (frame->name == NULL || frame->key == NULL) {
        return refuse(reason, "vertices: no name or no key");
    }
    if (!validate_owners(frame, reason) ||
        !dictionary_validate(&frame->address_texts, "address_texts", reason)) {
        return false;
    }
    for (uint32_t vertex = 0; vertex < frame->vertex_count; vertex++) {
        struct address address = frame->addresses[vertex];
        if (address_kind(address) == ADDRESS_OTHER && address.low >= frame->address_texts.count) {
            return refuse(reason, "addresses: vertex %u has text %llu of %u", vertex,
                          (unsigned long long)address.low, frame->address_texts.count);
        }
    }
    return validate_lookup(frame, reason);
}

static bool validate_owners(const struct vertex_frame *frame, char *reason)
{
    uint32_t count = frame->partition_count;
    if (count == 0 || count > GRAPH_PARTITIONS_MAX) {
        return refuse(reason, "vertices: partition_count is %u", count);
    }
    if (frame->partition_base[0] != 0 || frame->partition_base[count] != frame->vertex_count) {
        return refuse(reason, "partition_base: does not cover the %u vertices",
                      frame->vertex_count);
    }
    for (uint32_t index = 0; index < count; index++) {
        if (frame->partition_base[index] > frame->partition_base[index + 1]) {
            return refuse(reason, "partition_base: descends after partition %u", index);
        }
    }
    if (frame->owner_shift > 31) {
        return refuse(reason, "owner_shift: is %u", frame->owner_shift);
    }
    uint32_t owner = 0;
    for (uint32_t vertex = 0; vertex < frame->vertex_count; vertex++) {
        while (vertex >= frame->partition_base[owner + 1]) {
            owner++;
        }
        /* A hint may lag behind, never lead: the search from it only goes up. */
        uint32_t hint = frame->owner_hint[vertex >> frame->owner_shift];
        if (hint > owner) {
            return refuse(reason, "owner_hint: vertex %u of partition %u is hinted to be in %u",
                          vertex, owner, hint);
        }
    }
    return true;
}

static bool validate_lookup(const struct vertex_frame *frame, char *reason)
{
    uint64_t size = frame->lookup_size;
    if (size < 2 || (size & (size - 1)) != 0) {
        return refuse(reason, "lookup_size: %llu is no power of two", (unsigned long long)size);
    }
    if (size < (uint64_t)frame->vertex_count * 2) {
        return refuse(reason, "lookup_size: %llu is too little for %u vertices",
                      (unsigned long long)size, frame->vertex_count);
    }
    uint64_t used = 0;
    for (uint64_t slot = 0; slot < size; slot++) {
        if (frame->lookup[slot] > frame->vertex_count) {
            return refuse(reason, "lookup: slot %llu holds %u, beyond the vertices",
                          (unsigned long long)slot, frame->lookup[slot]);
        }
        used += frame->lookup[slot] != 0;
    }
    if (used != frame->vertex_count) {
        return refuse(reason, "lookup: %llu entries for %u vertices", (unsigned long long)used,
                      frame->vertex_count);
    }
    for (uint32_t vertex = 0; vertex < frame->vertex_count; vertex++) {
        uint64_t slot = vertex_frame_slot(size, frame->addresses[vertex]);
        while (frame->lookup[slot] != 0 && !address_equal(frame->addresses[frame->lookup[slot] - 1],
                                                          frame->addresses[vertex])) {
            slot = (slot + 1) & (size - 1);
        }
        if (frame->lookup[slot] != vertex + 1) {
            return refuse(reason, "lookup: vertex %u is not found by its address", vertex);
        }
    }
    return true;
}

static bool validate_edges(const struct edge_frame *frame, char *reason)
{
    if (frame->name == NULL) {
        return refuse(reason, "edges: no name");
    }
    if (frame->partition_count != frame->source->partition_count) {
        return refuse(reason, "edges: partition_count is %u, the vertices have %u",
                      frame->partition_count, frame->source->partition_count);
    }
    if (!validate_schema(frame, reason)) {
        return false;
    }
    uint64_t flow_count = 0;
    uint64_t link_count = 0;
    uint64_t reverse_count = 0;
    for (uint32_t index = 0; index < frame->partition_count; index++) {
        if (!validate_partition(frame, index, reason)) {
            return false;
        }
        flow_count += frame->partitions[index].flow_count;
        link_count += frame->partitions[index].link_count;
        reverse_count += frame->partitions[index].reverse_count;
    }
    if (flow_count != frame->flow_count) {
        return refuse(reason, "edges: flow_count is not the sum of the partitions'");
    }
    if (link_count != frame->link_count) {
        return refuse(reason, "edges: link_count is not the sum of the partitions'");
    }
    /* The reverse lists hold as many distinct links as there are, so they hold each. */
    if (reverse_count != link_count) {
        return refuse(reason, "reverse: %llu entries for %llu links",
                      (unsigned long long)reverse_count, (unsigned long long)link_count);
    }
    for (uint32_t index = 0; index < frame->partition_count; index++) {
        const struct partition *partition = &frame->partitions[index];
        if (!validate_reverse(frame, partition, reason) ||
            !validate_through(frame, partition, reason)) {
            return false;
        }
    }
    return validate_rows(frame, reason) && inner_validate(frame, reason);
}

static bool validate_schema(const struct edge_frame *frame, char *reason)
{
    const struct schema *schema = &frame->schema;
    if (frame->start_time == PROPERTY_NONE ||
        schema_find_role(schema, ROLE_START_TIME) != frame->start_time ||
        schema->properties[frame->start_time].type != TYPE_TIME) {
        return refuse(reason, "start_time: property %d is not the start time", frame->start_time);
    }
    for (uint32_t index = 0; index < schema->property_count; index++) {
        const struct property *property = &schema->properties[index];
        bool is_end = property->role == ROLE_SOURCE || property->role == ROLE_TARGET;
        bool is_stored = property->type >= TYPE_BOOL && property->type <= TYPE_DURATION;
        if (!is_stored || is_end != (property->type == TYPE_ADDRESS)) {
            return refuse(reason, "schema: %s has a role that its type does not fit",
                          property->name);
        }
        if (property->type != TYPE_TEXT && frame->dictionaries[index].count != 0) {
            return refuse(reason, "dictionary of %s: not empty, and the property is no text",
                          property->name);
        }
        if (!dictionary_validate(&frame->dictionaries[index], property->name, reason)) {
            return false;
        }
    }
    return true;
}

static bool validate_partition(const struct edge_frame *frame, uint32_t index, char *reason)
{
    const struct partition *partition = &frame->partitions[index];
    const uint32_t *base = frame->source->partition_base;
    if (partition->index != index) {
        return refuse(reason, "partition %u: index is %u", index, partition->index);
    }
    if (partition->vertex_base != base[index] ||
        partition->vertex_count != base[index + 1] - base[index]) {
        return refuse(reason, "partition %u: vertex_base or vertex_count is not partition_base's",
                      index);
    }
    if (partition->flow_count > PARTITION_FLOWS_MAX) {
        return refuse(reason, "partition %u: flow_count is over the limit", index);
    }
    return validate_links(frame, partition, reason) && validate_times(partition, reason) &&
           validate_columns(frame, partition, reason);
}

/* Whether offsets begin with 0, ascend (by `step` at least), and end with `total`. */
static bool validate_offsets(const struct partition *partition, const char *name,
                             const uint32_t *offsets, uint32_t count, uint32_t total, uint32_t step,
                             char *reason)
{
    if (offsets[0] != 0 || offsets[count] != total) {
        return refuse(reason, "partition %u: %s does not cover 0..%u", partition->index, name,
                      total);
    }
    for (uint32_t index = 0; index < count; index++) {
        if (offsets[index] > offsets[index + 1] || offsets[index + 1] - offsets[index] < step) {
            return refuse(reason, "partition %u: %s does not ascend at %u", partition->index, name,
                          index);
        }
    }
    return true;
}

static bool validate_links(const struct edge_frame *frame, const struct partition *partition,
                           char *reason)
{
    if (!validate_offsets(partition, "link_offset", partition->link_offset, partition->vertex_count,
                          partition->link_count, 0, reason) ||
        !validate_offsets(partition, "flow_offset", partition->flow_offset, partition->link_count,
                          partition->flow_count, 1, reason) ||
        !validate_offsets(partition, "reverse_offset", partition->reverse_offset,
                          partition->vertex_count, partition->reverse_count, 0, reason)) {
        return false;
    }
    for (uint32_t vertex = 0; vertex < partition->vertex_count; vertex++) {
        uint32_t begin = partition->link_offset[vertex];
        for (uint32_t link = begin; link < partition->link_offset[vertex + 1]; link++) {
            vertex_id target = partition->link_target[link];
            if (target >= frame->target->vertex_count) {
                return refuse(reason, "partition %u: link_target %u is beyond the vertices",
                              partition->index, link);
            }
            if (link > begin && target <= partition->link_target[link - 1]) {
                return refuse(reason, "partition %u: link_target does not ascend at %u",
                              partition->index, link);
            }
        }
    }
    return true;
}

static bool validate_times(const struct partition *partition, char *reason)
{
    if (!column_validate(&partition->row, partition->flow_count, 0, "row", reason)) {
        return false;
    }
    if (partition->row.null_count != 0 || partition->row.encoding != ENCODING_INTEGER) {
        return refuse(reason, "partition %u: row has nulls or is no integer", partition->index);
    }
    const time_ns *times = partition->flow_time;
    for (uint32_t link = 0; link < partition->link_count; link++) {
        uint32_t end = partition->flow_offset[link + 1];
        for (uint32_t flow = partition->flow_offset[link] + 1; flow < end; flow++) {
            if (times[flow - 1] > times[flow]) {
                return refuse(reason, "partition %u: flow_time descends at flow %u",
                              partition->index, flow);
            }
            if (times[flow - 1] == times[flow] && column_integer(&partition->row, flow - 1) >=
                                                      column_integer(&partition->row, flow)) {
                return refuse(reason, "partition %u: row does not ascend at flow %u of equal time",
                              partition->index, flow);
            }
        }
    }
    return true;
}

/* The start time is flow_time itself, or a copy of it. */
static bool validate_start_time(const struct partition *partition, const struct column *column,
                                char *reason)
{
    uint64_t bytes = (uint64_t)partition->flow_count * sizeof(time_ns);
    if (column->width != sizeof(time_ns) || column->base != 0 || column->null_count != 0 ||
        column->null_bits != NULL || column->encoding != ENCODING_INTEGER) {
        return refuse(reason, "partition %u: the start time is not 8 bytes from 0 without nulls",
                      partition->index);
    }
    if (bytes > 0 &&
        (column->values == NULL || memcmp(column->values, partition->flow_time, bytes) != 0)) {
        return refuse(reason, "partition %u: the start time is not flow_time", partition->index);
    }
    return true;
}

static bool validate_columns(const struct edge_frame *frame, const struct partition *partition,
                             char *reason)
{
    for (uint32_t index = 0; index < frame->schema.property_count; index++) {
        const struct property *property = &frame->schema.properties[index];
        const struct column *column = &partition->columns[index];
        if (column->type != property->type) {
            return refuse(reason, "partition %u: column %s has not its property's type",
                          partition->index, property->name);
        }
        if (property->role == ROLE_START_TIME) {
            if (!validate_start_time(partition, column, reason)) {
                return false;
            }
            continue;
        }
        if (property->type == TYPE_ADDRESS && column->width != 0) {
            return refuse(reason, "partition %u: column %s is stored, and need not be",
                          partition->index, property->name);
        }
        if (!column_validate(column, partition->flow_count, frame->dictionaries[index].count,
                             property->name, reason)) {
            return false;
        }
    }
    return true;
}

/* Every row of the input stands in exactly one partition. */
static bool validate_rows(const struct edge_frame *frame, char *reason)
{
    uint8_t *is_seen = memory_allocate(frame->flow_count / 8 + 1, 1);
    if (is_seen == NULL) {
        return refuse(reason, "no memory to validate the rows");
    }
    bool is_valid = true;
    for (uint32_t index = 0; index < frame->partition_count && is_valid; index++) {
        const struct partition *partition = &frame->partitions[index];
        for (uint32_t flow = 0; flow < partition->flow_count && is_valid; flow++) {
            uint64_t row = (uint64_t)column_integer(&partition->row, flow);
            if (row >= frame->flow_count) {
                is_valid = refuse(reason, "partition %u: row %llu is beyond the input", index,
                                  (unsigned long long)row);
            } else if ((is_seen[row >> 3] >> (row & 7) & 1) != 0) {
                is_valid = refuse(reason, "partition %u: row %llu stands twice", index,
                                  (unsigned long long)row);
            } else {
                is_seen[row >> 3] |= (uint8_t)(1u << (row & 7));
            }
        }
    }
    memory_free(is_seen);
    return is_valid;
}

static bool validate_through(const struct edge_frame *frame, const struct partition *partition,
                             char *reason)
{
    for (uint32_t local = 0; frame->through != NULL && local < partition->vertex_count; local++) {
        uint64_t vertex = (uint64_t)partition->vertex_base + local;
        bool is_marked = (frame->through[vertex >> 6] >> (vertex & 63) & 1) != 0;
        if (is_marked != partition_is_through(partition, local)) {
            return refuse(reason, "through: wrong for vertex %llu", (unsigned long long)vertex);
        }
    }
    return true;
}

static bool validate_reverse(const struct edge_frame *frame, const struct partition *partition,
                             char *reason)
{
    for (uint32_t vertex = 0; vertex < partition->vertex_count; vertex++) {
        uint32_t begin = partition->reverse_offset[vertex];
        for (uint32_t index = begin; index < partition->reverse_offset[vertex + 1]; index++) {
            struct reverse_link entry = partition->reverse[index];
            if (entry.source >= frame->source->vertex_count) {
                return refuse(reason, "partition %u: reverse %u has a source beyond the vertices",
                              partition->index, index);
            }
            if (index > begin && entry.source <= partition->reverse[index - 1].source) {
                return refuse(reason, "partition %u: reverse does not ascend at %u",
                              partition->index, index);
            }
            const struct partition *owner = graph_partition_of(frame, entry.source);
            if (entry.link >= owner->link_count ||
                owner->link_target[entry.link] != partition->vertex_base + vertex ||
                partition_link_source(owner, entry.link) != entry.source) {
                return refuse(reason, "partition %u: reverse %u names a link that does not arrive",
                              partition->index, index);
            }
        }
    }
    return true;
}
