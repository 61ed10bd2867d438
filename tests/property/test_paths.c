/* The ends of temporal paths against a search that tries everything: random small graphs with equal
 * times, flows in parallel and loops; how many there are or only whether; what they are told apart
 * by; bounds of length, windows, filters; any number of partitions and threads; work that is cut as
 * finely as can be.
 *
 * GYRE_PROPERTY_CASES and GYRE_PROPERTY_SEED choose how many cases, and which. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "engine/paths.h"
#include "tests/support/chosen.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_graph.h"

enum {
    ROWS_MAX = 18,
    VERTICES_MAX = 6,
    PARTITIONS_MAX = 5,
    WORKERS_MAX = 4,
    STEPS_MAX = 100000,
    CASES = 3000,
};

static const char *const names[VERTICES_MAX] = {"a", "b", "c", "d", "e", "f"};

struct drawn {
    uint64_t seed;
    struct tiny_row rows[ROWS_MAX];
    uint32_t row_count;
    uint32_t partition_count;
    uint32_t worker_count;
    struct path_query query; /* without its graph and bits */
    bool splits_always;
    uint32_t row_mask; /* rows that take part; that may be first; that may be last */
    uint32_t first_mask;
    uint32_t last_mask;
    uint32_t begin_mask; /* of names */
    uint32_t end_mask;
};

/* Paths by the names of their ends and their number of flows; what is not told is 0. */
struct tally {
    uint64_t counts[VERTICES_MAX][VERTICES_MAX][ROWS_MAX + 1];
    int64_t first[VERTICES_MAX][VERTICES_MAX]; /* when the first of them ends */
    uint32_t step_count;
};

static struct tally expected;
static struct tally told;

static uint32_t below(uint64_t *state, uint32_t bound)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t value = *state;
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((value ^ value >> 31) % bound);
}

static uint32_t draw_mask(uint64_t *state, uint32_t chance)
{
    return below(state, chance) == 0 ? below(state, UINT32_MAX) : UINT32_MAX;
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
    drawn->partition_count = 1 + below(&state, PARTITIONS_MAX);
    drawn->worker_count = 1 + below(&state, WORKERS_MAX);
    drawn->splits_always = below(&state, 2) == 0;
    struct path_query *query = &drawn->query;
    query->hops_min = below(&state, 2) == 0 ? 1 : 1 + below(&state, 4);
    query->hops_max = below(&state, 2) == 0 ? CYCLE_HOPS_ANY : 1 + below(&state, 8);
    query->window_ns = below(&state, 2) == 0 ? CYCLE_WINDOW_ANY : (int64_t)below(&state, times + 2);
    query->is_strict = below(&state, 2) == 0;
    query->is_backward = below(&state, 3) == 0;
    query->is_counted = below(&state, 2) == 0;
    query->tells_begin = below(&state, 2) == 0;
    query->tells_end = below(&state, 2) == 0;
    query->tells_hops = below(&state, 2) == 0;
    query->tells_least = query->tells_hops && below(&state, 2) == 0;
    query->tells_first = below(&state, 3) == 0;
    drawn->row_mask = draw_mask(&state, 3);
    drawn->first_mask = draw_mask(&state, 4);
    drawn->last_mask = draw_mask(&state, 4);
    drawn->begin_mask =
        below(&state, 3) == 0 ? 1u << below(&state, vertices) : draw_mask(&state, 3);
    drawn->end_mask = below(&state, 3) == 0 ? 1u << below(&state, vertices) : draw_mask(&state, 3);
}

static uint32_t name_index(const char *name)
{
    return (uint32_t)(name[0] - 'a');
}

/* Where a path that goes along a row comes from, and where to. */
static uint32_t from(const struct drawn *drawn, uint32_t row)
{
    return name_index(drawn->query.is_backward ? drawn->rows[row].target : drawn->rows[row].source);
}

static uint32_t to(const struct drawn *drawn, uint32_t row)
{
    return name_index(drawn->query.is_backward ? drawn->rows[row].source : drawn->rows[row].target);
}

/* Everything that a path can go on with, tried. */
static void try_all(const struct drawn *drawn, uint32_t first, uint32_t last, uint32_t hops,
                    uint32_t used)
{
    const struct path_query *query = &drawn->query;
    const struct tiny_row *rows = drawn->rows;
    if (expected.step_count++ >= STEPS_MAX) {
        return;
    }
    if (hops >= query->hops_min && hops <= query->hops_max && (drawn->last_mask >> last & 1) != 0 &&
        (drawn->end_mask >> to(drawn, last) & 1) != 0) {
        uint32_t begin = query->tells_begin ? from(drawn, first) : 0;
        uint32_t end = query->tells_end ? to(drawn, last) : 0;
        expected.counts[begin][end][query->tells_hops ? hops : 0]++;
        if (rows[last].time < expected.first[begin][end]) {
            expected.first[begin][end] = rows[last].time;
        }
    }
    for (uint32_t i = 0; i < drawn->row_count && hops < query->hops_max; i++) {
        bool is_later =
            query->is_strict ? rows[i].time > rows[last].time : rows[i].time >= rows[last].time;
        if ((used >> i & 1) == 0 && (drawn->row_mask >> i & 1) != 0 &&
            from(drawn, i) == to(drawn, last) && is_later &&
            rows[i].time - rows[first].time <= query->window_ns) {
            try_all(drawn, first, i, hops + 1, used | 1u << i);
        }
    }
}

static void forget_first(struct tally *tally)
{
    for (uint32_t i = 0; i < VERTICES_MAX * VERTICES_MAX; i++) {
        tally->first[i / VERTICES_MAX][i % VERTICES_MAX] = INT64_MAX;
    }
}

/* False: there is too much to try. */
static bool expect(const struct drawn *drawn)
{
    memset(&expected, 0, sizeof expected);
    forget_first(&expected);
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        if ((drawn->row_mask & drawn->first_mask) >> i & 1 &&
            (drawn->begin_mask >> from(drawn, i) & 1) != 0) {
            try_all(drawn, i, i, 1, 1u << i);
        }
    }
    return expected.step_count < STEPS_MAX;
}

/* The graph, and the bits that the query points at. */
struct rig {
    struct tiny tiny;
    uint64_t words[3][PARTITIONS_MAX];
    uint64_t *bits[3][PARTITIONS_MAX]; /* who take part; who may be first; who may be last */
    uint64_t vertex_bits[2];           /* where paths may begin; where they may end */
    struct path_query query;
};

static uint32_t row_of(const struct graph *graph, uint32_t partition, uint32_t position)
{
    return (uint32_t)column_integer(&graph->edges.partitions[partition].row, position);
}

static void rig_open(struct rig *rig, const struct drawn *drawn)
{
    const uint32_t masks[3] = {drawn->row_mask, drawn->first_mask, drawn->last_mask};
    memset(rig, 0, sizeof *rig);
    tiny_open(&rig->tiny, drawn->rows, drawn->row_count, drawn->partition_count,
              drawn->worker_count);
    const struct graph *graph = rig->tiny.graph;
    for (uint32_t kind = 0; kind < 3; kind++) {
        for (uint32_t p = 0; p < drawn->partition_count; p++) {
            rig->bits[kind][p] = &rig->words[kind][p];
            for (uint32_t i = 0; i < graph->edges.partitions[p].flow_count; i++) {
                rig->words[kind][p] |= (uint64_t)(masks[kind] >> row_of(graph, p, i) & 1) << i;
            }
        }
    }
    for (uint32_t i = 0; i < VERTICES_MAX; i++) {
        vertex_id vertex = graph_find_vertex(&graph->vertices, bytes_of(names[i]));
        if (vertex != VERTEX_NONE) {
            rig->vertex_bits[0] |= (uint64_t)(drawn->begin_mask >> i & 1) << vertex;
            rig->vertex_bits[1] |= (uint64_t)(drawn->end_mask >> i & 1) << vertex;
        }
    }
    rig->query = drawn->query;
    rig->query.graph = graph;
    rig->query.flow_bits = drawn->row_mask == UINT32_MAX ? NULL : rig->bits[0];
    rig->query.first_bits = drawn->first_mask == UINT32_MAX ? NULL : rig->bits[1];
    rig->query.last_bits = drawn->last_mask == UINT32_MAX ? NULL : rig->bits[2];
    rig->query.begin_bits = drawn->begin_mask == UINT32_MAX ? NULL : &rig->vertex_bits[0];
    rig->query.end_bits = drawn->end_mask == UINT32_MAX ? NULL : &rig->vertex_bits[1];
}

/* Where a vertex appears first in the rows. */
static uint32_t first_row(const struct drawn *drawn, uint32_t vertex)
{
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        if (name_index(drawn->rows[i].source) == vertex) {
            return 2 * i;
        }
        if (name_index(drawn->rows[i].target) == vertex) {
            return 2 * i + 1;
        }
    }
    return UINT32_MAX;
}

static uint32_t name_of(const struct rig *rig, vertex_id vertex)
{
    uint32_t name = 0;
    while (graph_find_vertex(&rig->tiny.graph->vertices, bytes_of(names[name])) != vertex) {
        name++;
    }
    return name;
}

/* Puts the answer into the tally; false where it is out of order. */
static bool take_kinds(const struct rig *rig, const struct drawn *drawn,
                       const struct path_kinds *kinds)
{
    uint64_t before = 0;
    memset(&told, 0, sizeof told);
    forget_first(&told);
    for (uint64_t i = 0; i < kinds->count; i++) {
        const struct path_kind *kind = &kinds->kinds[i];
        uint32_t begin = drawn->query.tells_begin ? name_of(rig, kind->begin) : 0;
        uint32_t end = drawn->query.tells_end ? name_of(rig, kind->end) : 0;
        uint64_t place = drawn->query.tells_begin ? first_row(drawn, begin) : 0;
        place = place * 100 + (drawn->query.tells_end ? first_row(drawn, end) : 0);
        place = place * 100 + kind->hops;
        if (kind->hops > ROWS_MAX || kind->count == 0 || (i > 0 && place <= before)) {
            return false;
        }
        told.counts[begin][end][kind->hops] = kind->count;
        if (kind->first < told.first[begin][end]) {
            told.first[begin][end] = kind->first;
        }
        before = place;
    }
    return true;
}

/* Whether what is told of two ends is what there is. */
static bool agrees(const struct path_query *query, const uint64_t *there, const uint64_t *mine)
{
    bool is_least = true; /* no fewer hops so far */
    for (uint32_t hops = 0; hops <= ROWS_MAX; hops++) {
        bool is_same =
            query->is_counted ? there[hops] == mine[hops] : (there[hops] > 0) == (mine[hops] > 0);
        if (!is_same && (!query->tells_least || query->is_counted || is_least)) {
            return false;
        }
        is_least = is_least && there[hops] == 0;
    }
    return true;
}

static bool tallies_agree(const struct path_query *query)
{
    for (uint32_t begin = 0; begin < VERTICES_MAX; begin++) {
        for (uint32_t end = 0; end < VERTICES_MAX; end++) {
            if (!agrees(query, expected.counts[begin][end], told.counts[begin][end]) ||
                (query->tells_first && expected.first[begin][end] != told.first[begin][end])) {
                return false;
            }
        }
    }
    return true;
}

static void explain(const struct drawn *drawn, const char *what)
{
    const struct path_query *query = &drawn->query;
    printf("\nseed %" PRIu64 ": %s; %s %u..%u hops%s, window %" PRId64
           ", %s by%s%s%s%s%s, %u partitions, %u workers%s\n",
           drawn->seed, what, query->is_strict ? "<" : "<=", query->hops_min, query->hops_max,
           query->is_backward ? " backward" : "", query->window_ns,
           query->is_counted ? "counted" : "found", query->tells_begin ? " begin" : "",
           query->tells_end ? " end" : "", query->tells_hops ? " hops" : "",
           query->tells_least ? " (least)" : "", query->tells_first ? ", first" : "",
           drawn->partition_count, drawn->worker_count, drawn->splits_always ? ", split" : "");
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        printf("  %u%s: %s>%s@%" PRId64 "\n", i, (drawn->row_mask >> i & 1) != 0 ? "" : " (out)",
               drawn->rows[i].source, drawn->rows[i].target, drawn->rows[i].time);
    }
}

/* One case; true when it holds. */
static bool case_holds(const struct drawn *drawn)
{
    struct rig rig;
    struct path_kinds kinds;
    struct path_statistics statistics;
    struct error error = {0};
    rig_open(&rig, drawn);
    struct cycle_options options = {.team = rig.tiny.team,
                                    .budget = &rig.tiny.budget,
                                    .stop = &rig.tiny.stop,
                                    .splits_always = drawn->splits_always};
    const char *what = NULL;
    if (paths_count(&kinds, &rig.query, &options, &statistics, &error) != STATUS_OK) {
        what = error.text;
    } else if (!take_kinds(&rig, drawn, &kinds)) {
        what = "the order is wrong";
    } else if (!tallies_agree(&rig.query)) {
        what = "other paths";
    }
    if (what != NULL) {
        explain(drawn, what);
    }
    path_kinds_close(&kinds);
    tiny_close(&rig.tiny);
    return what == NULL;
}

static void ends_are_those_of_the_paths_that_trying_everything_finds(void)
{
    uint64_t cases = chosen_cases(CASES);
    uint64_t seed = chosen_seed(1);
    uint64_t tried = 0;
    uint32_t failures = 0;
    for (uint64_t i = 0; i < cases && failures < 3; i++) {
        struct drawn drawn;
        draw(&drawn, seed + i);
        if (expect(&drawn)) {
            tried++;
            failures += !case_holds(&drawn);
        }
    }
    CU_ASSERT(failures == 0);
    CU_ASSERT(tried * 10 > cases * 9);
}

/* Of v0 -> v1 -> ... with two flows at each step there are 2^steps paths. */
static void more_paths_than_can_be_counted_are_an_error(void)
{
    enum { STEPS = 66 };
    static char texts[STEPS + 1][8];
    static struct tiny_row rows[2 * STEPS];
    for (uint32_t i = 0; i <= STEPS; i++) {
        snprintf(texts[i], sizeof texts[i], "v%u", i);
    }
    for (uint32_t i = 0; i < 2 * STEPS; i++) {
        rows[i] = (struct tiny_row){texts[i / 2], texts[i / 2 + 1], i / 2, 1, 1, "tcp"};
    }
    for (uint32_t steps = 63; steps <= STEPS; steps++) {
        struct tiny tiny;
        struct path_kinds kinds;
        struct path_statistics statistics;
        struct error error = {0};
        tiny_open(&tiny, rows, 2 * STEPS, 2, 2);
        struct cycle_options options = {
            .team = tiny.team, .budget = &tiny.budget, .stop = &tiny.stop};
        struct path_query query = {.graph = tiny.graph,
                                   .hops_min = steps,
                                   .hops_max = steps,
                                   .window_ns = CYCLE_WINDOW_ANY,
                                   .is_strict = steps % 2 == 0,
                                   .is_counted = true,
                                   .tells_end = true};
        enum status status = paths_count(&kinds, &query, &options, &statistics, &error);
        CU_ASSERT_EQUAL(status, steps < 64 ? STATUS_OK : STATUS_LIMIT);
        CU_ASSERT(status == STATUS_OK
                      ? kinds.count == STEPS + 1 - steps && kinds.kinds[0].count == 1ull << steps
                      : strstr(error.text, "more paths than can be counted") != NULL);
        path_kinds_close(&kinds);

        stop_init(&tiny.stop, 0);
        error = (struct error){0};
        query.is_counted = false;
        CU_ASSERT_EQUAL(paths_count(&kinds, &query, &options, &statistics, &error), STATUS_OK);
        CU_ASSERT_EQUAL(kinds.count, STEPS + 1 - steps);
        path_kinds_close(&kinds);
        tiny_close(&tiny);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(ends_are_those_of_the_paths_that_trying_everything_finds),
        CASE(more_paths_than_can_be_counted_are_an_error),
        CU_TEST_INFO_NULL,
    };
    return suite_run("paths", NULL, NULL, cases);
}
