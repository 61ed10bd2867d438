/* Cutting; see morsel.h. */
#include "pipeline/morsel.h"

/* So many morsels a worker even out what each of them takes, and cost little. */
enum { MORSELS_PER_WORKER = 32 };

/* What is cut, at what weight, and how many came of it; first counted, then written. */
struct cutting {
    const struct morsel_rows *rows;
    uint64_t weight; /* of one morsel, at least 1 */
    struct morsel *morsels;
    uint64_t count;
};

static void put(struct cutting *cutting, struct morsel morsel)
{
    if (cutting->morsels != NULL) {
        cutting->morsels[cutting->count] = morsel;
    }
    cutting->count++;
}

static uint64_t at_least_one(uint64_t number)
{
    return number == 0 ? 1 : number;
}

/* Vertices and their hops, of a partition's first `local` vertices. */
static uint64_t weight_before(const struct pattern_division *division,
                              const struct partition *partition, uint32_t local)
{
    uint64_t weight = local;
    if (division->has_hops && division->direction != AST_LEFT) {
        weight += partition->flow_offset[partition->link_offset[local]];
    }
    if (division->has_hops && division->direction != AST_RIGHT) {
        weight += partition->reverse_offset[local];
    }
    return weight;
}

/* How far from `local` on the vertices weigh no more than one morsel. */
static uint32_t reach(const struct cutting *cutting, const struct partition *partition,
                      uint32_t local)
{
    const struct pattern_division *division = cutting->rows->division;
    uint64_t most = weight_before(division, partition, local) + cutting->weight;
    uint32_t low = local;
    uint32_t high = partition->vertex_count;
    while (low < high) {
        uint32_t middle = high - (high - low) / 2;
        if (weight_before(division, partition, middle) <= most) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

static void put_slices(struct cutting *cutting, uint64_t row, vertex_id vertex, uint64_t count)
{
    uint32_t slice_count = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
    for (uint32_t slice = 0; slice < slice_count; slice++) {
        put(cutting, (struct morsel){row, row + 1, {vertex, vertex + 1, slice, slice_count}});
    }
}

static void cut_partition(struct cutting *cutting, uint64_t row, const struct partition *partition)
{
    const struct pattern_division *division = cutting->rows->division;
    uint32_t local = 0;
    while (local < partition->vertex_count) {
        vertex_id vertex = partition->vertex_base + local;
        uint32_t end = reach(cutting, partition, local);
        if (end == local) { /* it weighs more than that alone */
            uint64_t weight = weight_before(division, partition, local + 1) -
                              weight_before(division, partition, local);
            put_slices(cutting, row, vertex, (weight + cutting->weight - 1) / cutting->weight);
            local++;
        } else {
            put(cutting,
                (struct morsel){row, row + 1, {vertex, partition->vertex_base + end, 0, 1}});
            local = end;
        }
    }
}

static void cut_vertices(struct cutting *cutting, uint64_t row)
{
    const struct graph *graph = cutting->rows->graph;
    vertex_id vertex = 0;
    while (vertex < graph->vertices.vertex_count) {
        const struct partition *partition = graph_partition_of(&graph->edges, vertex);
        cut_partition(cutting, row, partition);
        vertex = partition->vertex_base + partition->vertex_count;
    }
}

static uint64_t weight_of_vertices(const struct morsel_rows *rows)
{
    uint64_t weight = 0;
    vertex_id vertex = 0;
    while (vertex < rows->graph->vertices.vertex_count) {
        const struct partition *partition = graph_partition_of(&rows->graph->edges, vertex);
        weight += weight_before(rows->division, partition, partition->vertex_count);
        vertex = partition->vertex_base + partition->vertex_count;
    }
    return weight;
}

static uint64_t weight_of_row(const struct morsel_rows *rows, uint64_t row)
{
    const struct value *vertex = &rows->vertices[row * rows->stride];
    bool has_hops = vertex->kind == VALUE_VERTEX;
    return 1 + (has_hops ? pattern_hop_count(rows->division, rows->graph, vertex->vertex) : 0);
}

/* Rows that weigh the same. */
static void cut_evenly(struct cutting *cutting)
{
    uint64_t count = cutting->rows->count;
    for (uint64_t begin = 0; begin < count; begin += cutting->weight) {
        uint64_t rest = count - begin;
        uint64_t own = rest < cutting->weight ? rest : cutting->weight;
        put(cutting, (struct morsel){.row_begin = begin, .row_end = begin + own});
    }
}

static uint64_t weight_of_rows(const struct morsel_rows *rows)
{
    uint64_t weight = 0;
    for (uint64_t row = 0; rows->vertices != NULL && row < rows->count; row++) {
        weight += weight_of_row(rows, row);
    }
    return rows->vertices == NULL ? rows->count : weight;
}

/* Rows one after another until they weigh as much as a morsel; a heavy one alone, in slices. */
static void cut_rows(struct cutting *cutting)
{
    const struct morsel_rows *rows = cutting->rows;
    uint64_t begin = 0;
    uint64_t weight = 0;
    for (uint64_t row = 0; row < rows->count; row++) {
        uint64_t own = weight_of_row(rows, row);
        if (row > begin && weight + own > cutting->weight) {
            put(cutting, (struct morsel){.row_begin = begin, .row_end = row});
            begin = row;
            weight = 0;
        }
        if (own > cutting->weight) {
            put_slices(cutting, row, 0, (own + cutting->weight - 1) / cutting->weight);
            begin = row + 1;
        } else {
            weight += own;
        }
    }
    if (begin < rows->count) {
        put(cutting, (struct morsel){.row_begin = begin, .row_end = rows->count});
    }
}

static void cut(struct cutting *cutting)
{
    const struct morsel_rows *rows = cutting->rows;
    uint64_t wanted = (uint64_t)rows->worker_count * MORSELS_PER_WORKER;
    uint64_t parts = wanted / at_least_one(rows->count);
    bool is_row_divided = parts > 1 && rows->vertices == NULL;
    if (is_row_divided && rows->division->scans) {
        cutting->weight = at_least_one(weight_of_vertices(rows) / parts);
    } else {
        cutting->weight = at_least_one(weight_of_rows(rows) / wanted);
    }
    if (rows->weight_max != 0 && cutting->weight > rows->weight_max) {
        cutting->weight = rows->weight_max;
    }
    for (uint64_t row = 0; is_row_divided && row < rows->count; row++) {
        if (rows->division->scans) {
            cut_vertices(cutting, row);
        } else if (rows->division->has_hops) {
            put_slices(cutting, row, 0, parts);
        } else {
            put(cutting, (struct morsel){.row_begin = row, .row_end = row + 1});
        }
    }
    if (!is_row_divided && rows->vertices == NULL) {
        cut_evenly(cutting);
    } else if (!is_row_divided) {
        cut_rows(cutting);
    }
}

enum status morsels_make(struct morsel_list *list, const struct morsel_rows *rows,
                         struct pool *pool, struct error *error)
{
    struct cutting cutting = {.rows = rows};
    *list = (struct morsel_list){0};
    cut(&cutting);
    cutting.morsels = pool_allocate(pool, cutting.count, sizeof *cutting.morsels, error);
    if (cutting.morsels == NULL) {
        return pool_status(error);
    }
    list->morsels = cutting.morsels;
    cutting.count = 0;
    cut(&cutting);
    list->count = cutting.count;
    return STATUS_OK;
}
