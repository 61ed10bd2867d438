/* Temporal cycles against a search that tries everything: random small graphs with equal times,
 * flows in parallel and loops; all four meanings of a cycle; bounds of length, windows, filters;
 * conditions that some flow has to meet; any number of partitions and threads; searches that are
 * split at every step, or that begin with some flows only.
 *
 * GYRE_PROPERTY_CASES and GYRE_PROPERTY_SEED choose how many cases, and which. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/cycles.h"
#include "tests/support/chosen.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_graph.h"

enum {
    ROWS_MAX = 22,
    VERTICES_MAX = 6,
    FOUND_MAX = 4000,
    STEPS_MAX = 100000,
    CASES = 3000,
    WORKERS_MAX = 4
};

static const char *const names[VERTICES_MAX] = {"a", "b", "c", "d", "e", "f"};

/* Rows of one cycle, in order; unused ones are 0xff. */
struct sequence {
    uint8_t rows[ROWS_MAX];
};

struct sequences {
    uint32_t count;
    uint32_t step_count;
    bool is_full; /* too much to try */
    struct sequence items[FOUND_MAX];
};

struct drawn {
    uint64_t seed;
    struct tiny_row rows[ROWS_MAX];
    uint32_t row_count;
    uint32_t partition_count;
    uint32_t worker_count;
    uint32_t hops_min;
    uint32_t hops_max;
    int64_t window;
    bool is_strict;
    bool is_simple;
    bool is_backward; /* the graph has each flow turned round */
    bool splits_always;
    bool knows_through;
    uint32_t row_mask;    /* that pass */
    uint32_t first_mask;  /* rows that a cycle may begin with */
    uint32_t anchor_mask; /* of names */
    uint32_t need_count;
    uint32_t need_masks[CYCLE_NEEDS_MAX]; /* rows one of which is on each cycle */
};

static struct sequences expected;
static struct sequences found[WORKERS_MAX];

static uint32_t below(uint64_t *state, uint32_t bound)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t value = *state;
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((value ^ value >> 31) % bound);
}

static void draw(struct drawn *drawn, uint64_t seed)
{
    uint64_t state = seed;
    uint32_t vertices = 1 + below(&state, VERTICES_MAX);
    uint32_t times = 1 + below(&state, below(&state, 3) == 0 ? 4 : 40);
    *drawn = (struct drawn){.seed = seed};
    drawn->row_count = 1 + below(&state, ROWS_MAX);
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        drawn->rows[i] = (struct tiny_row){names[below(&state, vertices)],
                                           names[below(&state, vertices)],
                                           (int64_t)below(&state, times) - 5,
                                           1,
                                           1,
                                           "tcp"};
    }
    drawn->partition_count = 1 + below(&state, 5);
    drawn->worker_count = 1 + below(&state, WORKERS_MAX);
    drawn->hops_min = below(&state, 2) == 0 ? 1 : 1 + below(&state, 4);
    drawn->hops_max = below(&state, 2) == 0 ? CYCLE_HOPS_ANY : 1 + below(&state, 10);
    drawn->window = below(&state, 4) == 0 ? CYCLE_WINDOW_ANY : (int64_t)below(&state, times + 2);
    drawn->is_strict = below(&state, 2) == 0;
    drawn->is_simple = below(&state, 2) == 0;
    drawn->splits_always = below(&state, 2) == 0;
    drawn->knows_through = below(&state, 2) == 0;
    drawn->row_mask = below(&state, 3) == 0 ? below(&state, UINT32_MAX) : UINT32_MAX;
    drawn->anchor_mask = below(&state, 3) == 0 ? below(&state, 64) : UINT32_MAX;
    drawn->first_mask = below(&state, 3) == 0 ? below(&state, UINT32_MAX) : UINT32_MAX;
    drawn->is_backward = below(&state, 3) == 0;
    drawn->need_count = below(&state, 2) == 0 ? 0 : below(&state, CYCLE_NEEDS_MAX + 1);
    for (uint32_t i = 0; i < drawn->need_count; i++) {
        drawn->need_masks[i] = below(&state, UINT32_MAX);
        drawn->need_masks[i] &= below(&state, 2) == 0 ? UINT32_MAX : below(&state, UINT32_MAX);
    }
}

static uint32_t name_index(const char *name)
{
    return (uint32_t)(name[0] - 'a');
}

static bool meets_needs(const struct drawn *drawn, uint32_t used)
{
    bool meets = true;
    for (uint32_t i = 0; i < drawn->need_count; i++) {
        meets = meets && (used & drawn->need_masks[i]) != 0;
    }
    return meets;
}

/* Everything that a path can go on with, tried. `seen` are the vertices that flows have left. */
static void try_all(const struct drawn *drawn, struct sequence *path, uint32_t hops, uint32_t used,
                    uint32_t seen)
{
    const struct tiny_row *rows = drawn->rows;
    const struct tiny_row *first = &rows[path->rows[0]];
    const struct tiny_row *last = &rows[path->rows[hops - 1]];
    bool is_closed = last->target == first->source;
    expected.is_full = expected.is_full || expected.step_count++ == STEPS_MAX;
    if (expected.is_full) {
        return;
    }
    if (is_closed && hops >= drawn->hops_min && hops <= drawn->hops_max &&
        meets_needs(drawn, used)) {
        expected.is_full = expected.count + 1 == FOUND_MAX;
        expected.items[expected.count++] = *path;
    }
    bool is_over = drawn->is_simple && (is_closed || (seen >> name_index(last->target) & 1) != 0);
    for (uint32_t i = 0; !is_over && !expected.is_full && i < drawn->row_count; i++) {
        bool is_later = drawn->is_strict ? rows[i].time > last->time : rows[i].time >= last->time;
        if ((used >> i & 1) == 0 && (drawn->row_mask >> i & 1) != 0 &&
            rows[i].source == last->target && is_later &&
            rows[i].time - first->time <= drawn->window) {
            path->rows[hops] = (uint8_t)i;
            try_all(drawn, path, hops + 1, used | 1u << i, seen | 1u << name_index(rows[i].source));
            path->rows[hops] = 0xff;
        }
    }
}

static void expect(const struct drawn *drawn)
{
    expected.count = 0;
    expected.step_count = 0;
    expected.is_full = false;
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        uint32_t source = name_index(drawn->rows[i].source);
        if ((drawn->row_mask & drawn->first_mask) >> i & 1 &&
            (drawn->anchor_mask >> source & 1) != 0) {
            struct sequence path;
            memset(&path, 0xff, sizeof path);
            path.rows[0] = (uint8_t)i;
            try_all(drawn, &path, 1, 1u << i, 1u << source);
        }
    }
}

/* The graph, and the bits that the query points at. */
struct rig {
    struct tiny tiny;
    uint64_t row_bits[5];
    uint64_t *flow_bits[5];
    uint64_t need_words[CYCLE_NEEDS_MAX][5];
    uint64_t *need_bits[CYCLE_NEEDS_MAX][5];
    uint64_t first_words[5];
    uint64_t *first_bits[5];
    uint64_t anchor_bits;
    uint64_t through;
    struct cycle_query query;
};

static uint32_t row_of(const struct graph *graph, edge_id edge)
{
    const struct partition *partition = &graph->edges.partitions[edge_partition(edge)];
    return (uint32_t)column_integer(&partition->row, edge_position(edge));
}

static void rig_open(struct rig *rig, const struct drawn *drawn)
{
    memset(rig, 0, sizeof *rig);
    struct tiny_row rows[ROWS_MAX];
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        rows[i] = drawn->rows[i];
        rows[i].source = drawn->is_backward ? drawn->rows[i].target : drawn->rows[i].source;
        rows[i].target = drawn->is_backward ? drawn->rows[i].source : drawn->rows[i].target;
    }
    tiny_open(&rig->tiny, rows, drawn->row_count, drawn->partition_count, drawn->worker_count);
    struct graph *graph = rig->tiny.graph;
    for (uint32_t p = 0; p < drawn->partition_count; p++) {
        const struct partition *partition = &graph->edges.partitions[p];
        rig->flow_bits[p] = &rig->row_bits[p];
        rig->first_bits[p] = &rig->first_words[p];
        for (uint32_t i = 0; i < partition->flow_count; i++) {
            uint64_t passes = drawn->row_mask >> row_of(graph, edge_id_of(p, i)) & 1;
            rig->row_bits[p] |= passes << i;
            for (uint32_t need = 0; need < drawn->need_count; need++) {
                uint64_t meets = drawn->need_masks[need] >> row_of(graph, edge_id_of(p, i)) & 1;
                rig->need_words[need][p] |= meets << i;
            }
            uint64_t begins = drawn->first_mask >> row_of(graph, edge_id_of(p, i)) & 1;
            rig->first_words[p] |= begins << i;
        }
        for (uint32_t local = 0; local < partition->vertex_count; local++) {
            rig->through |= (uint64_t)partition_is_through(partition, local)
                            << (partition->vertex_base + local);
        }
    }
    for (uint32_t i = 0; i < VERTICES_MAX; i++) {
        vertex_id vertex = graph_find_vertex(&graph->vertices, bytes_of(names[i]));
        if (vertex != VERTEX_NONE) {
            rig->anchor_bits |= (uint64_t)(drawn->anchor_mask >> i & 1) << vertex;
        }
    }
    graph->edges.through = drawn->knows_through ? &rig->through : NULL;
    rig->query = (struct cycle_query){
        .graph = graph,
        .hops_min = drawn->hops_min,
        .hops_max = drawn->hops_max,
        .window_ns = drawn->window,
        .is_strict = drawn->is_strict,
        .is_simple = drawn->is_simple,
        .is_backward = drawn->is_backward,
        .flow_bits = drawn->row_mask == UINT32_MAX ? NULL : rig->flow_bits,
        .first_bits = drawn->first_mask == UINT32_MAX ? NULL : rig->first_bits,
        .anchor_bits = drawn->anchor_mask == UINT32_MAX ? NULL : &rig->anchor_bits,
        .need_count = drawn->need_count};
    for (uint32_t need = 0; need < drawn->need_count; need++) {
        for (uint32_t p = 0; p < drawn->partition_count; p++) {
            rig->need_bits[need][p] = &rig->need_words[need][p];
        }
        rig->query.need_bits[need] = rig->need_bits[need];
    }
}

struct catch
{
    const struct rig *rig;
    uint32_t limit; /* 0: none */
};

static bool catch_cycle(void *context, uint32_t worker, const struct cycle *cycle)
{
    const struct catch *catch = context;
    const struct graph *graph = catch->rig->tiny.graph;
    struct sequences *mine = &found[worker];
    CHECK(cycle->hop_count <= ROWS_MAX && mine->count < FOUND_MAX);
    struct sequence *sequence = &mine->items[mine->count++];
    memset(sequence, 0xff, sizeof *sequence);
    for (uint32_t i = 0; i < cycle->hop_count; i++) {
        sequence->rows[i] = (uint8_t)row_of(graph, cycle->edges[i]);
        vertex_id from = catch->rig->query.is_backward
                             ? graph_edge_target(&graph->edges, cycle->edges[i])
                             : graph_edge_source(&graph->edges, cycle->edges[i]);
        CHECK(from == cycle->vertices[i]);
    }
    return catch->limit == 0 || mine->count < catch->limit;
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct sequence));
}

/* All that was found, sorted, in found[0]. */
static void gather_found(void)
{
    for (uint32_t w = 1; w < WORKERS_MAX; w++) {
        for (uint32_t i = 0; i < found[w].count; i++) {
            CHECK(found[0].count < FOUND_MAX);
            found[0].items[found[0].count++] = found[w].items[i];
        }
    }
    qsort(found[0].items, found[0].count, sizeof(struct sequence), compare);
    qsort(expected.items, expected.count, sizeof(struct sequence), compare);
}

static bool counts_agree(const struct cycle_counts *counts)
{
    uint64_t by_hops[ROWS_MAX + 1] = {0};
    bool agrees = counts->total == expected.count;
    for (uint32_t i = 0; i < expected.count; i++) {
        uint32_t hops = 0;
        while (hops < ROWS_MAX && expected.items[i].rows[hops] != 0xff) {
            hops++;
        }
        by_hops[hops]++;
    }
    for (uint32_t hops = 0; hops <= ROWS_MAX; hops++) {
        uint64_t counted = hops < counts->hop_end ? counts->by_hops[hops] : 0;
        agrees = agrees && by_hops[hops] == counted;
    }
    return agrees;
}

/* Each vertex at which a cycle begins once, in the order of the first rows that leave it in the
 * graph. */
static bool anchors_agree(const struct rig *rig, const struct drawn *drawn,
                          const struct cycle_counts *counts)
{
    const struct edge_frame *edges = &rig->tiny.graph->edges;
    uint64_t by_vertex[VERTICES_MAX] = {0};
    uint64_t total = 0;
    uint32_t last_row = 0;
    for (uint32_t i = 0; i < expected.count; i++) {
        const char *name = drawn->rows[expected.items[i].rows[0]].source;
        by_vertex[tiny_vertex(&rig->tiny, name)]++;
    }
    for (uint64_t i = 0; i < counts->anchor_count; i++) {
        const struct anchor *anchor = &counts->anchors[i];
        uint32_t row = 0;
        while (graph_edge_source(edges, tiny_edge(&rig->tiny, row)) != anchor->vertex) {
            row++;
        }
        if ((i > 0 && row <= last_row) || by_vertex[anchor->vertex] != anchor->cycle_count) {
            return false;
        }
        last_row = row;
        total += anchor->cycle_count;
    }
    return total == expected.count;
}

static bool each_is_expected(void)
{
    for (uint32_t i = 0; i < found[0].count; i++) {
        if (bsearch(&found[0].items[i], expected.items, expected.count, sizeof(struct sequence),
                    compare) == NULL ||
            (i > 0 && compare(&found[0].items[i - 1], &found[0].items[i]) == 0)) {
            return false;
        }
    }
    return true;
}

static void explain(const struct drawn *drawn, const struct cycle_counts *counts)
{
    printf("\nseed %" PRIu64 ": %u expected, %" PRIu64 " counted, %u found; %s %s, %u..%u hops%s, "
           "window %" PRId64 ", %u partitions, %u workers%s, %u needs\n",
           drawn->seed, expected.count, counts->total, found[0].count,
           drawn->is_strict ? "<" : "<=", drawn->is_simple ? "simple" : "trail", drawn->hops_min,
           drawn->hops_max, drawn->is_backward ? " backward" : "", drawn->window,
           drawn->partition_count, drawn->worker_count, drawn->splits_always ? ", split" : "",
           drawn->need_count);
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        printf("  %u%s: %s>%s@%" PRId64 "\n", i, (drawn->row_mask >> i & 1) != 0 ? "" : " (out)",
               drawn->rows[i].source, drawn->rows[i].target, drawn->rows[i].time);
    }
}

/* One case; true when it holds. */
static bool case_holds(const struct drawn *drawn)
{
    struct rig rig;
    struct cycle_counts counts;
    struct cycle_statistics statistics;
    struct error error = {0};
    rig_open(&rig, drawn);
    struct cycle_options options = {.team = rig.tiny.team,
                                    .budget = &rig.tiny.budget,
                                    .stop = &rig.tiny.stop,
                                    .splits_always = drawn->splits_always,
                                    .counts_anchors = true};
    struct catch all = {&rig, 0};
    bool holds = cycles_count(&counts, &rig.query, &options, &statistics, &error) == STATUS_OK;
    holds = holds && counts_agree(&counts) && statistics.cycles == expected.count &&
            anchors_agree(&rig, drawn, &counts);
    for (uint32_t w = 0; w < WORKERS_MAX; w++) {
        found[w].count = 0;
    }
    holds =
        cycles_find(&rig.query, &options, catch_cycle, &all, &statistics, &error) == STATUS_OK &&
        holds;
    gather_found();
    holds = holds && found[0].count == expected.count && each_is_expected();
    if (!holds) {
        explain(drawn, &counts);
    }

    struct catch some = {&rig, 1 + expected.count / 3};
    for (uint32_t w = 0; w < WORKERS_MAX; w++) {
        found[w].count = 0;
    }
    enum status status = cycles_find(&rig.query, &options, catch_cycle, &some, &statistics, &error);
    gather_found();
    bool is_enough = found[0].count >= (some.limit < expected.count ? some.limit : expected.count);
    bool is_fine = status == STATUS_OK && error.status == STATUS_OK;
    if (!is_fine || !is_enough || !each_is_expected()) {
        printf("\nseed %" PRIu64 ": %u of %u found\n", drawn->seed, found[0].count, some.limit);
        holds = false;
    }
    cycle_counts_close(&counts);
    tiny_close(&rig.tiny);
    return holds;
}

static void cycles_are_those_that_trying_everything_finds(void)
{
    uint64_t cases = chosen_cases(CASES);
    uint64_t seed = chosen_seed(1);
    uint64_t tried = 0;
    uint64_t with_cycles = 0;
    uint32_t failures = 0;
    for (uint64_t i = 0; i < cases && failures < 3; i++) {
        struct drawn drawn;
        draw(&drawn, seed + i);
        expect(&drawn);
        if (!expected.is_full) {
            failures += !case_holds(&drawn);
            tried++;
            with_cycles += expected.count > 0;
        }
    }
    CU_ASSERT_EQUAL(failures, 0);
    CU_ASSERT_TRUE(tried * 10 > cases * 8);
    CU_ASSERT_TRUE(with_cycles * 4 > tried);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(cycles_are_those_that_trying_everything_finds),
        CU_TEST_INFO_NULL,
    };
    return suite_run("cycle_search", NULL, NULL, cases);
}
