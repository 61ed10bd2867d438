/* A graph from rows by naive sorting; see tiny_graph.h. */
#include "tests/support/tiny_graph.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"

/* While building. */
struct builder {
    struct tiny *tiny;
    struct graph *graph;
    struct address *addresses; /* by vertex */
    uint32_t *sources;         /* by row */
    uint32_t *targets;
    uint32_t *order; /* rows in the order of the flows, partition by partition */
};

static const struct {
    const char *name;
    enum type type;
    enum role role;
} properties[TINY_PROPERTIES] = {
    [TINY_TIME] = {"StartTime", TYPE_TIME, ROLE_START_TIME},
    [TINY_DURATION] = {"Dur", TYPE_FLOAT, ROLE_ATTRIBUTE},
    [TINY_PROTOCOL] = {"Proto", TYPE_TEXT, ROLE_ATTRIBUTE},
    [TINY_SOURCE] = {"SrcAddr", TYPE_ADDRESS, ROLE_SOURCE},
    [TINY_TARGET] = {"DstAddr", TYPE_ADDRESS, ROLE_TARGET},
    [TINY_PACKETS] = {"TotPkts", TYPE_INTEGER, ROLE_ATTRIBUTE},
};

static void *take(struct arena *arena, uint64_t count, size_t size)
{
    void *block = arena_allocate_zeroed(arena, count, size);
    CHECK(block != NULL);
    return block;
}

static const struct text *make_text(struct arena *arena, const char *bytes)
{
    struct text *text = take(arena, text_bytes((uint32_t)strlen(bytes)), 1);
    text_fill(text, bytes_of(bytes));
    return text;
}

/* Adds a text where it belongs. */
static void add_text(struct arena *arena, struct dictionary *dictionary, const char *bytes)
{
    uint32_t code = 0;
    if (dictionary_find(dictionary, bytes_of(bytes), &code)) {
        return;
    }
    uint32_t at = dictionary_lower_bound(dictionary, bytes_of(bytes));
    const struct text **entries = take(arena, dictionary->count + 1, sizeof *entries);
    for (uint32_t i = 0; i <= dictionary->count; i++) {
        entries[i] = i < at    ? dictionary->entries[i]
                     : i == at ? make_text(arena, bytes)
                               : dictionary->entries[i - 1];
    }
    dictionary->entries = entries;
    dictionary->count++;
}

struct address tiny_address_of(const struct vertex_frame *frame, const char *text)
{
    struct address address;
    if (!address_parse(bytes_of(text), &address)) {
        uint32_t code = 0;
        address = (struct address){ADDRESS_HIGH_TEXT, UINT64_MAX};
        if (dictionary_find(&frame->address_texts, bytes_of(text), &code)) {
            address.low = code;
        }
    }
    return address;
}

/* All distinct addresses in order of appearance, then by partition, stably. */
static void number_vertices(struct builder *builder, uint32_t partition_count)
{
    struct tiny *tiny = builder->tiny;
    struct vertex_frame *frame = &builder->graph->vertices;
    struct arena *arena = builder->graph->shared;
    struct address *seen = take(arena, 2 * (uint64_t)tiny->row_count + 1, sizeof *seen);
    uint32_t count = 0;
    for (uint32_t i = 0; i < 2 * tiny->row_count; i++) {
        const struct tiny_row *row = &tiny->rows[i / 2];
        struct address address = tiny_address_of(frame, i % 2 == 0 ? row->source : row->target);
        uint32_t at = 0;
        while (at < count && !address_equal(seen[at], address)) {
            at++;
        }
        seen[at] = address;
        count += at == count;
    }
    vertex_id *bases = take(arena, partition_count + 1, sizeof *bases);
    builder->addresses = take(arena, count, sizeof *builder->addresses);
    uint32_t vertex = 0;
    for (uint32_t partition = 0; partition < partition_count; partition++) {
        bases[partition] = vertex;
        for (uint32_t i = 0; i < count; i++) {
            if (address_hash(seen[i]) % partition_count == partition) {
                builder->addresses[vertex++] = seen[i];
            }
        }
    }
    bases[partition_count] = vertex;
    frame->vertex_count = count;
    frame->partition_count = partition_count;
    frame->partition_base = bases;
    frame->addresses = builder->addresses;
}

/* The hint of a vertex is its owner: one entry each. */
static void fill_owners(struct builder *builder)
{
    struct vertex_frame *frame = &builder->graph->vertices;
    uint16_t *hints =
        take(builder->graph->shared, (uint64_t)frame->vertex_count + 1, sizeof *hints);
    for (uint32_t partition = 0; partition < frame->partition_count; partition++) {
        for (vertex_id vertex = frame->partition_base[partition];
             vertex < frame->partition_base[partition + 1]; vertex++) {
            hints[vertex] = (uint16_t)partition;
        }
    }
    frame->owner_hint = hints;
    frame->owner_shift = 0;
}

static void fill_lookup(struct builder *builder)
{
    struct vertex_frame *frame = &builder->graph->vertices;
    frame->lookup_size = 2;
    while (frame->lookup_size < 2 * (uint64_t)frame->vertex_count) {
        frame->lookup_size *= 2;
    }
    uint32_t *lookup = take(builder->graph->shared, frame->lookup_size, sizeof *lookup);
    for (vertex_id vertex = 0; vertex < frame->vertex_count; vertex++) {
        uint64_t slot = vertex_frame_slot(frame->lookup_size, frame->addresses[vertex]);
        while (lookup[slot] != 0) {
            slot = (slot + 1) & (frame->lookup_size - 1);
        }
        lookup[slot] = vertex + 1;
    }
    frame->lookup = lookup;
}

static bool row_is_before(const struct builder *builder, uint32_t left, uint32_t right)
{
    const struct tiny_row *rows = builder->tiny->rows;
    if (builder->sources[left] != builder->sources[right]) {
        return builder->sources[left] < builder->sources[right];
    }
    if (builder->targets[left] != builder->targets[right]) {
        return builder->targets[left] < builder->targets[right];
    }
    return rows[left].time != rows[right].time ? rows[left].time < rows[right].time : left < right;
}

static void sort_rows(struct builder *builder)
{
    struct tiny *tiny = builder->tiny;
    struct arena *arena = builder->graph->shared;
    builder->sources = take(arena, tiny->row_count, sizeof *builder->sources);
    builder->targets = take(arena, tiny->row_count, sizeof *builder->targets);
    builder->order = take(arena, tiny->row_count, sizeof *builder->order);
    for (uint32_t row = 0; row < tiny->row_count; row++) {
        builder->sources[row] = tiny_vertex(tiny, tiny->rows[row].source);
        builder->targets[row] = tiny_vertex(tiny, tiny->rows[row].target);
        uint32_t at = row;
        for (; at > 0 && row_is_before(builder, row, builder->order[at - 1]); at--) {
            builder->order[at] = builder->order[at - 1];
        }
        builder->order[at] = row;
    }
}

/* Raw values in the narrowest width; `values` may be changed. */
static void store_integers(struct arena *arena, struct column *column, int64_t *values,
                           const bool *nulls, uint32_t count)
{
    int64_t least = INT64_MAX;
    int64_t greatest = INT64_MIN;
    for (uint32_t i = 0; i < count; i++) {
        if (!nulls[i]) {
            least = values[i] < least ? values[i] : least;
            greatest = values[i] > greatest ? values[i] : greatest;
        }
        column->null_count += nulls[i];
    }
    bool is_empty = least > greatest;
    column->base = is_empty ? 0 : least;
    column->width = is_empty ? 0 : column_width_for((uint64_t)greatest - (uint64_t)least);
    uint8_t *bytes = take(arena, (uint64_t)count * column->width + 1, 1);
    uint64_t *null_bits = take(arena, (uint64_t)count / 64 + 1, sizeof *null_bits);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t raw = nulls[i] ? 0 : (uint64_t)values[i] - (uint64_t)column->base;
        memcpy(bytes + (uint64_t)i * column->width, &raw, column->width);
        null_bits[i / 64] |= (uint64_t)nulls[i] << (i % 64);
    }
    column->values = column->width == 0 ? NULL : bytes;
    column->null_bits = column->null_count == 0 ? NULL : null_bits;
}

static void store_doubles(struct arena *arena, struct column *column, const double *values,
                          const bool *nulls, uint32_t count)
{
    double *stored = take(arena, (uint64_t)count + 1, sizeof *stored);
    uint64_t *null_bits = take(arena, (uint64_t)count / 64 + 1, sizeof *null_bits);
    for (uint32_t i = 0; i < count; i++) {
        stored[i] = nulls[i] ? 0 : values[i];
        null_bits[i / 64] |= (uint64_t)nulls[i] << (i % 64);
        column->null_count += nulls[i];
    }
    column->width = 8;
    column->values = stored;
    column->null_bits = column->null_count == 0 ? NULL : null_bits;
}

static bool is_thousandths(double value)
{
    return isnan(value) || round(value * 1000) / 1000 == value;
}

/* The property of the flows of one partition: rows order[0] .. order[count - 1]. */
static void fill_column(const struct builder *builder, struct arena *arena, uint32_t property,
                        const uint32_t *order, uint32_t count, struct column *column)
{
    const struct tiny *tiny = builder->tiny;
    int64_t *values = take(arena, (uint64_t)count + 1, sizeof *values);
    double *reals = take(arena, (uint64_t)count + 1, sizeof *reals);
    bool *nulls = take(arena, (uint64_t)count + 1, sizeof *nulls);
    bool is_double = false;
    column->type = properties[property].type;
    for (uint32_t i = 0; property == TINY_DURATION && i < tiny->row_count; i++) {
        is_double = is_double || !is_thousandths(tiny->rows[i].duration);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct tiny_row *row = &tiny->rows[order[i]];
        if (property == TINY_TIME) {
            values[i] = row->time;
        } else if (property == TINY_PACKETS) {
            values[i] = row->packets;
            nulls[i] = row->packets == TINY_NULL;
        } else if (property == TINY_DURATION) {
            reals[i] = row->duration;
            nulls[i] = isnan(row->duration);
            values[i] = nulls[i] || is_double ? 0 : (int64_t)round(row->duration * 1000);
        } else if (row->protocol != NULL) {
            uint32_t code = 0;
            CHECK(dictionary_find(&builder->graph->edges.dictionaries[property],
                                  bytes_of(row->protocol), &code));
            values[i] = code;
        } else {
            nulls[i] = true;
        }
    }
    if (property == TINY_TIME) {
        column->width = 8;
        column->values = values;
        return;
    }
    if (is_double) {
        column->encoding = ENCODING_DOUBLE;
        store_doubles(arena, column, reals, nulls, count);
        return;
    }
    if (property == TINY_DURATION) {
        column->encoding = ENCODING_DECIMAL;
        column->divisor = 1000;
    }
    store_integers(arena, column, values, nulls, count);
}

static void fill_columns(const struct builder *builder, struct partition *partition,
                         const uint32_t *order)
{
    uint32_t count = partition->flow_count;
    partition->columns = take(partition->arena, TINY_PROPERTIES, sizeof *partition->columns);
    for (uint32_t i = 0; i < TINY_PROPERTIES; i++) {
        struct column *column = &partition->columns[i];
        if (i == TINY_SOURCE || i == TINY_TARGET) {
            column->type = properties[i].type;
        } else {
            fill_column(builder, partition->arena, i, order, count, column);
        }
    }
    partition->flow_time = partition->columns[TINY_TIME].values;
    int64_t *rows = take(partition->arena, (uint64_t)count + 1, sizeof *rows);
    bool *nulls = take(partition->arena, (uint64_t)count + 1, sizeof *nulls);
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = order[i];
    }
    partition->row.type = TYPE_INTEGER;
    store_integers(partition->arena, &partition->row, rows, nulls, count);
}

/* Links and flows of the rows order[0] .. order[flow_count - 1], which are the partition's. */
static void fill_links(const struct builder *builder, struct partition *partition,
                       const uint32_t *order)
{
    struct arena *arena = partition->arena;
    uint32_t count = partition->flow_count;
    uint32_t *link_offset = take(arena, (uint64_t)partition->vertex_count + 1, sizeof(uint32_t));
    vertex_id *link_target = take(arena, (uint64_t)count + 1, sizeof *link_target);
    uint32_t *flow_offset = take(arena, (uint64_t)count + 1, sizeof *flow_offset);
    uint32_t links = 0;
    uint32_t vertex = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t source = builder->sources[order[i]];
        uint32_t target = builder->targets[order[i]];
        if (i == 0 || source != builder->sources[order[i - 1]] ||
            target != builder->targets[order[i - 1]]) {
            while (vertex <= source - partition->vertex_base) {
                link_offset[vertex++] = links;
            }
            flow_offset[links] = i;
            link_target[links++] = target;
        }
    }
    while (vertex <= partition->vertex_count) {
        link_offset[vertex++] = links;
    }
    flow_offset[links] = count;
    partition->link_count = links;
    partition->link_offset = link_offset;
    partition->link_target = link_target;
    partition->flow_offset = flow_offset;
}

/* For each owned vertex, the links of all partitions that arrive, by source. */
static void fill_reverse(const struct builder *builder, struct partition *partition)
{
    const struct edge_frame *frame = &builder->graph->edges;
    uint32_t *offsets =
        take(partition->arena, (uint64_t)partition->vertex_count + 1, sizeof *offsets);
    struct reverse_link *reverse =
        take(partition->arena, (uint64_t)builder->tiny->row_count + 1, sizeof *reverse);
    uint32_t count = 0;
    for (uint32_t i = 0; i < partition->vertex_count; i++) {
        offsets[i] = count;
        for (uint32_t from = 0; from < frame->partition_count; from++) {
            const struct partition *other = &frame->partitions[from];
            for (uint32_t link = 0; link < other->link_count; link++) {
                if (other->link_target[link] == partition->vertex_base + i) {
                    reverse[count++] =
                        (struct reverse_link){partition_link_source(other, link), link};
                }
            }
        }
    }
    offsets[partition->vertex_count] = count;
    partition->reverse_count = count;
    partition->reverse_offset = offsets;
    partition->reverse = reverse;
}

static void fill_partitions(struct builder *builder)
{
    struct tiny *tiny = builder->tiny;
    struct graph *graph = builder->graph;
    struct edge_frame *frame = &graph->edges;
    frame->partition_count = graph->vertices.partition_count;
    frame->partitions = take(graph->shared, frame->partition_count, sizeof *frame->partitions);
    uint32_t row = 0;
    for (uint32_t i = 0; i < frame->partition_count; i++) {
        struct partition *partition = &frame->partitions[i];
        partition->index = i;
        partition->node = i % topology_node_count(tiny->topology);
        partition->vertex_base = graph->vertices.partition_base[i];
        partition->vertex_count = graph->vertices.partition_base[i + 1] - partition->vertex_base;
        CHECK(arena_open(&partition->arena, tiny->topology, partition->node, &tiny->budget, NULL) ==
              STATUS_OK);
        uint32_t first = row;
        while (row < tiny->row_count && builder->sources[builder->order[row]] <
                                            partition->vertex_base + partition->vertex_count) {
            row++;
        }
        partition->flow_count = row - first;
        fill_links(builder, partition, builder->order + first);
        fill_columns(builder, partition, builder->order + first);
        frame->link_count += partition->link_count;
    }
    for (uint32_t i = 0; i < frame->partition_count; i++) {
        fill_reverse(builder, &frame->partitions[i]);
    }
}

static void fill_frames(struct builder *builder)
{
    struct tiny *tiny = builder->tiny;
    struct graph *graph = builder->graph;
    graph->vertices.name = "IP";
    graph->vertices.key = "IPAddr";
    graph->edges.name = "Netflow";
    graph->edges.source = &graph->vertices;
    graph->edges.target = &graph->vertices;
    graph->edges.start_time = TINY_TIME;
    graph->edges.flow_count = tiny->row_count;
    for (uint32_t i = 0; i < TINY_PROPERTIES; i++) {
        CHECK(schema_add(&graph->edges.schema, bytes_of(properties[i].name), properties[i].type,
                         properties[i].role, NULL) == STATUS_OK);
    }
    graph->edges.dictionaries =
        take(graph->shared, TINY_PROPERTIES, sizeof *graph->edges.dictionaries);
    for (uint32_t i = 0; i < tiny->row_count; i++) {
        const struct tiny_row *row = &tiny->rows[i];
        const char *ends[] = {row->source, row->target};
        for (uint32_t j = 0; j < 2; j++) {
            struct address address;
            if (!address_parse(bytes_of(ends[j]), &address)) {
                add_text(graph->shared, &graph->vertices.address_texts, ends[j]);
            }
        }
        if (row->protocol != NULL) {
            add_text(graph->shared, &graph->edges.dictionaries[TINY_PROTOCOL], row->protocol);
        }
    }
}

void tiny_open(struct tiny *tiny, const struct tiny_row *rows, uint32_t row_count,
               uint32_t partition_count, uint32_t worker_count)
{
    *tiny = (struct tiny){.rows = rows, .row_count = row_count};
    CHECK(topology_open(&tiny->topology, "synthetic:numa:2 core:2 pu:1", NULL) == STATUS_OK);
    CHECK(team_open(&tiny->team, tiny->topology, worker_count, NULL) == STATUS_OK);
    budget_init(&tiny->budget, 0);
    stop_init(&tiny->stop, 0);
    CHECK(arena_open(&tiny->arena, tiny->topology, 0, &tiny->budget, NULL) == STATUS_OK);

    tiny->graph = memory_allocate(1, sizeof *tiny->graph);
    CHECK(tiny->graph != NULL);
    CHECK(arena_open(&tiny->graph->shared, tiny->topology, NODE_INTERLEAVED, &tiny->budget, NULL) ==
          STATUS_OK);
    struct builder builder = {.tiny = tiny, .graph = tiny->graph};
    fill_frames(&builder);
    number_vertices(&builder, partition_count);
    fill_owners(&builder);
    fill_lookup(&builder);
    sort_rows(&builder);
    fill_partitions(&builder);
    struct edge_frame *edges = &tiny->graph->edges;
    degrees_add_range(&edges->degrees, edges, 0, tiny->graph->vertices.vertex_count);
    char reason[256] = "";
    if (!graph_validate(tiny->graph, reason)) {
        check_failed(reason, __FILE__, __LINE__);
    }

    tiny->query.graph = tiny->graph;
    tiny->query.limit = UINT64_MAX;
    for (uint32_t i = 0; i < WINDOW_NODES; i++) {
        for (uint32_t j = 0; j < WINDOW_NODES; j++) {
            tiny->query.window.limit_ns[i][j] = i == j ? 0 : WINDOW_NONE;
        }
    }
}

void tiny_close(struct tiny *tiny)
{
    graph_close(tiny->graph);
    arena_close(tiny->arena);
    team_close(tiny->team);
    topology_close(tiny->topology);
    CHECK(budget_used(&tiny->budget) == 0);
}

edge_id tiny_edge(const struct tiny *tiny, uint32_t row)
{
    const struct edge_frame *frame = &tiny->graph->edges;
    for (uint32_t i = 0; i < frame->partition_count; i++) {
        for (uint32_t j = 0; j < frame->partitions[i].flow_count; j++) {
            if (column_integer(&frame->partitions[i].row, j) == row) {
                return edge_id_of(i, j);
            }
        }
    }
    CHECK(false && "no such row");
    return 0;
}

vertex_id tiny_vertex(const struct tiny *tiny, const char *text)
{
    vertex_id vertex = graph_find_vertex(&tiny->graph->vertices, bytes_of(text));
    CHECK(vertex != VERTEX_NONE);
    return vertex;
}
