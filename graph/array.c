#include "graph/array.h"

/* What a visitor of one partition, or of the shared arrays, carries along. */
struct visit {
    graph_array_function function;
    void *context;
    uint32_t partition;
    uint32_t node;
};

static void visit_shared(const struct visit *visit, const struct graph *graph);
static void visit_texts(const struct visit *visit, const struct dictionary *dictionary,
                        const char *property);
static void visit_inner(struct visit *visit, const struct graph *graph);
static void visit_partition(const struct visit *visit, const struct partition *partition,
                            const struct schema *schema);
static void visit_column(const struct visit *visit, const struct column *column, uint64_t count,
                         const char *property);
static void visit_array(const struct visit *visit, const char *name, const char *property,
                        const void *start, uint64_t bytes);

void graph_visit_arrays(const struct graph *graph, graph_array_function function, void *context)
{
    struct visit visit = {function, context, ARRAY_SHARED, NODE_INTERLEAVED};
    visit_shared(&visit, graph);
    visit_inner(&visit, graph);
    for (uint32_t index = 0; index < graph->edges.partition_count; index++) {
        const struct partition *partition = &graph->edges.partitions[index];
        visit.partition = index;
        visit.node = partition->node;
        visit_partition(&visit, partition, &graph->edges.schema);
    }
}

static void visit_shared(const struct visit *visit, const struct graph *graph)
{
    const struct vertex_frame *vertices = &graph->vertices;
    const struct edge_frame *edges = &graph->edges;
    visit_array(visit, "addresses", NULL, vertices->addresses,
                (uint64_t)vertices->vertex_count * sizeof(*vertices->addresses));
    visit_array(visit, "lookup", NULL, vertices->lookup,
                vertices->lookup_size * sizeof(*vertices->lookup));
    visit_array(visit, "partition_base", NULL, vertices->partition_base,
                ((uint64_t)vertices->partition_count + 1) * sizeof(*vertices->partition_base));
    visit_array(visit, "bucket_partition", NULL, vertices->bucket_partition,
                VERTEX_BUCKETS * sizeof(*vertices->bucket_partition));
    uint32_t last = vertices->vertex_count == 0 ? 0 : vertices->vertex_count - 1;
    visit_array(visit, "owner_hint", NULL, vertices->owner_hint,
                ((uint64_t)(last >> vertices->owner_shift) + 1) * sizeof(*vertices->owner_hint));
    visit_array(visit, "partitions", NULL, edges->partitions,
                (uint64_t)edges->partition_count * sizeof(*edges->partitions));
    if (edges->through != NULL) {
        uint64_t words = ((uint64_t)vertices->vertex_count + 63) / 64;
        visit_array(visit, "through", NULL, edges->through, words * sizeof(*edges->through));
    }
    visit_array(visit, "inner", NULL, edges->inner, edges->inner_count * sizeof(*edges->inner));
    visit_texts(visit, &vertices->address_texts, vertices->key);
    for (uint32_t property = 0; property < edges->schema.property_count; property++) {
        visit_texts(visit, &edges->dictionaries[property], edges->schema.properties[property].name);
    }
}

/* The texts of a dictionary lie in one block, in the order of their codes. */
static void visit_texts(const struct visit *visit, const struct dictionary *dictionary,
                        const char *property)
{
    if (dictionary->count == 0) {
        return;
    }
    visit_array(visit, "entries", property, dictionary->entries,
                dictionary->count * sizeof(*dictionary->entries));
    const struct text *first = dictionary->entries[0];
    const struct text *last = dictionary->entries[dictionary->count - 1];
    if (first <= last) {
        visit_array(visit, "texts", property, first,
                    (uint64_t)((const char *)last - (const char *)first) +
                        text_bytes(last->length));
    }
}

/* Copies are of no partition, but have a node. */
static void visit_inner(struct visit *visit, const struct graph *graph)
{
    uint64_t words = ((uint64_t)graph->vertices.vertex_count + 63) / 64;
    for (uint32_t index = 0; index < graph->edges.inner_count; index++) {
        const struct inner *inner = &graph->edges.inner[index];
        if (inner->arena == NULL) {
            continue;
        }
        uint64_t offset_bytes = ((uint64_t)inner->vertex_count + 1) * sizeof(uint32_t);
        uint64_t link_bytes = (uint64_t)inner->link_count * sizeof(struct inner_link);
        visit->node = inner->node;
        visit_array(visit, "inner_bits", NULL, inner->bits, words * sizeof(*inner->bits));
        visit_array(visit, "inner_ranks", NULL, inner->ranks, words * sizeof(*inner->ranks));
        visit_array(visit, "inner_leaving_offset", NULL, inner->leaving.offset, offset_bytes);
        visit_array(visit, "inner_leaving", NULL, inner->leaving.links, link_bytes);
        visit_array(visit, "inner_arriving_offset", NULL, inner->arriving.offset, offset_bytes);
        visit_array(visit, "inner_arriving", NULL, inner->arriving.links, link_bytes);
    }
}

static void visit_partition(const struct visit *visit, const struct partition *partition,
                            const struct schema *schema)
{
    uint64_t offset_bytes = ((uint64_t)partition->vertex_count + 1) * sizeof(uint32_t);
    uint64_t flow_count = partition->flow_count;
    visit_array(visit, "link_offset", NULL, partition->link_offset, offset_bytes);
    visit_array(visit, "link_target", NULL, partition->link_target,
                (uint64_t)partition->link_count * sizeof(*partition->link_target));
    visit_array(visit, "flow_offset", NULL, partition->flow_offset,
                ((uint64_t)partition->link_count + 1) * sizeof(*partition->flow_offset));
    visit_array(visit, "flow_time", NULL, partition->flow_time,
                flow_count * sizeof(*partition->flow_time));
    visit_array(visit, "reverse_offset", NULL, partition->reverse_offset, offset_bytes);
    visit_array(visit, "reverse", NULL, partition->reverse,
                (uint64_t)partition->reverse_count * sizeof(*partition->reverse));
    visit_array(visit, "columns", NULL, partition->columns,
                schema->property_count * sizeof(*partition->columns));
    visit_column(visit, &partition->row, flow_count, "row");
    for (uint32_t property = 0; property < schema->property_count; property++) {
        /* The start time's values are flow_time. */
        if (partition->columns[property].values != partition->flow_time) {
            visit_column(visit, &partition->columns[property], flow_count,
                         schema->properties[property].name);
        }
    }
}

static void visit_column(const struct visit *visit, const struct column *column, uint64_t count,
                         const char *property)
{
    if (column->values != NULL) {
        visit_array(visit, "values", property, column->values, count * column->width);
    }
    if (column->null_bits != NULL) {
        visit_array(visit, "null_bits", property, column->null_bits,
                    (count + 63) / 64 * sizeof(*column->null_bits));
    }
}

static void visit_array(const struct visit *visit, const char *name, const char *property,
                        const void *start, uint64_t bytes)
{
    if (start == NULL || bytes == 0) {
        return;
    }
    struct graph_array array = {
        .name = name,
        .property = property,
        .partition = visit->partition,
        .node = visit->node,
        .start = start,
        .bytes = bytes,
    };
    visit->function(&array, visit->context);
}
