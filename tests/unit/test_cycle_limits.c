/* floor: engine. What a search for cycles does at its limits: very many flows in parallel, more
 * cycles than can be counted, no memory, a stop; and that it is spread over workers. What it finds
 * is the matter of tests/property/test_cycle_search.c. */
#include "engine/cycles.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_graph.h"

enum { ROWS_MAX = 2000, RING_MAX = 12 };

static const char *const names[RING_MAX] = {"v00", "v01", "v02", "v03", "v04", "v05",
                                            "v06", "v07", "v08", "v09", "v10", "v11"};
static struct tiny_row rows[ROWS_MAX];

/* Flow i of `count`, at time i, goes from vertex i mod `ring` to the next one. */
static void open_ring(struct tiny *tiny, uint32_t ring, uint32_t count, uint32_t workers)
{
    for (uint32_t i = 0; i < count; i++) {
        rows[i] =
            (struct tiny_row){names[i % ring], names[(i + 1) % ring], (int64_t)i, 1, 1, "tcp"};
    }
    tiny_open(tiny, rows, count, 3, workers);
}

static struct cycle_query query_of(const struct tiny *tiny, int64_t window, bool is_simple)
{
    return (struct cycle_query){.graph = tiny->graph,
                                .hops_min = 1,
                                .hops_max = CYCLE_HOPS_ANY,
                                .window_ns = window,
                                .is_strict = true,
                                .is_simple = is_simple};
}

static struct cycle_options options_of(struct tiny *tiny)
{
    return (struct cycle_options){.team = tiny->team, .budget = &tiny->budget, .stop = &tiny->stop};
}

/* Ways to go once round the ring of open_ring within the window: for each first flow, flows are
 * taken in time, and each adds the ways that have come to its source. */
static uint64_t count_rounds(uint32_t ring, uint32_t count, uint32_t window)
{
    uint64_t total = 0;
    for (uint32_t first = 0; first < count; first++) {
        uint64_t ways[RING_MAX + 1] = {0, 1};
        for (uint32_t i = first + 1; i < count && i <= first + window; i++) {
            uint32_t step = (i + ring - first % ring) % ring;
            if (step > 0) {
                ways[step + 1] += ways[step];
            }
        }
        total += ways[ring];
    }
    return total;
}

static void flows_in_parallel_multiply(void)
{
    static const struct {
        uint32_t ring;
        uint32_t count;
        uint32_t window;
    } cases[] = {{2, 900, 100}, {2, 900, 5000}, {3, 900, 77},  {3, 900, 899},
                 {5, 900, 300}, {7, 280, 100},  {9, 900, 500}, {4, 900, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tiny tiny;
        open_ring(&tiny, cases[i].ring, cases[i].count, 2);
        struct cycle_query query = query_of(&tiny, cases[i].window, true);
        struct cycle_options options = options_of(&tiny);
        struct cycle_counts counts;
        struct cycle_statistics statistics;
        CU_ASSERT_EQUAL(cycles_count(&counts, &query, &options, &statistics, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(counts.total, count_rounds(cases[i].ring, cases[i].count, cases[i].window));
        CU_ASSERT_EQUAL(counts.hop_end, cases[i].ring + 1);
        CU_ASSERT_EQUAL(counts.by_hops[cases[i].ring], counts.total);
        cycle_counts_close(&counts);
        tiny_close(&tiny);
    }
}

/* A ring in which every flow of a link is later than all of the link before. */
static void open_staircase(struct tiny *tiny, uint32_t ring, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t link = i / (count / ring) % ring;
        rows[i] = (struct tiny_row){names[link], names[(link + 1) % ring], (int64_t)i, 1, 1, "tcp"};
    }
    tiny_open(tiny, rows, count, 3, 2);
}

static void too_many_cycles_to_count_are_an_error(void)
{
    for (uint32_t is_simple = 0; is_simple < 2; is_simple++) {
        struct tiny tiny;
        struct error error = {0};
        struct cycle_counts counts;
        struct cycle_statistics statistics;
        if (is_simple != 0) {
            open_staircase(&tiny, 12, 1200);
        } else {
            open_ring(&tiny, 2, 1800, 2);
        }
        struct cycle_query query = query_of(&tiny, CYCLE_WINDOW_ANY, is_simple != 0);
        struct cycle_options options = options_of(&tiny);
        CU_ASSERT_EQUAL(cycles_count(&counts, &query, &options, &statistics, &error), STATUS_LIMIT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "more cycles than can be counted"));
        cycle_counts_close(&counts);
        tiny_close(&tiny);
    }
}

static void no_window_and_no_cycle_are_no_error(void)
{
    struct tiny tiny;
    struct cycle_counts counts;
    struct cycle_statistics statistics;
    tiny_open(&tiny, (struct tiny_row[]){{"a", "b", 1, 1, 1, "tcp"}, {"b", "c", 2, 1, 1, "tcp"}}, 2,
              2, 2);
    struct cycle_query query = query_of(&tiny, 0, false);
    struct cycle_options options = options_of(&tiny);
    CU_ASSERT_EQUAL(cycles_count(&counts, &query, &options, &statistics, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(counts.total, 0);
    cycle_counts_close(&counts);
    query.hops_min = 3;
    query.hops_max = 2;
    CU_ASSERT_EQUAL(cycles_count(&counts, &query, &options, &statistics, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(counts.total, 0);
    cycle_counts_close(&counts);
    tiny_close(&tiny);
}

static bool take_any(void *context, uint32_t worker, const struct cycle *cycle)
{
    (void)context;
    (void)worker;
    return cycle->hop_count > 0;
}

/* Asks for an end, as a signal would, and goes on for as long as it is called. */
static bool interrupt(void *context, uint32_t worker, const struct cycle *cycle)
{
    (void)worker;
    (void)cycle;
    stop_request(context, STOP_INTERRUPTED);
    return true;
}

static void stop_ends_a_search_that_would_not_end(void)
{
    struct tiny tiny;
    struct error error = {0};
    struct cycle_statistics statistics;
    struct cycle_counts counts;
    open_ring(&tiny, 2, 1800, 2);
    struct cycle_query query = query_of(&tiny, CYCLE_WINDOW_ANY, false);
    struct cycle_options options = options_of(&tiny);
    int64_t start = clock_ns();
    CU_ASSERT_EQUAL(cycles_find(&query, &options, interrupt, &tiny.stop, &statistics, &error),
                    STATUS_INTERRUPTED);
    CU_ASSERT_TRUE(statistics.cycles > 0);
    stop_init(&tiny.stop, 20000000);
    CU_ASSERT_EQUAL(cycles_find(&query, &options, take_any, NULL, &statistics, NULL), STATUS_LIMIT);
    CU_ASSERT_TRUE(clock_ns() - start < INT64_C(5000000000));
    CU_ASSERT_EQUAL(cycles_count(&counts, &query, &options, &statistics, NULL), STATUS_LIMIT);
    cycle_counts_close(&counts);
    tiny_close(&tiny);
}

static void idle_workers_get_part_of_one_path(void)
{
    struct tiny tiny;
    struct cycle_statistics statistics;
    open_ring(&tiny, 3, 150, 4);
    struct cycle_query query = query_of(&tiny, CYCLE_WINDOW_ANY, true);
    struct cycle_options options = options_of(&tiny);
    options.splits_always = true;
    CU_ASSERT_EQUAL(cycles_find(&query, &options, take_any, NULL, &statistics, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(statistics.cycles, count_rounds(3, 150, 150));
    CU_ASSERT_TRUE(statistics.work.splits > 0);
    CU_ASSERT_TRUE(statistics.work.tasks > statistics.work.splits);
    tiny_close(&tiny);
}

static void progress_comes_to_its_end(void)
{
    struct tiny tiny;
    struct progress progress;
    struct cycle_counts counts;
    struct cycle_statistics statistics;
    progress_init(&progress, PROGRESS_NEVER);
    open_ring(&tiny, 5, 1500, 4);
    struct cycle_query query = query_of(&tiny, 40, true);
    struct cycle_options options = options_of(&tiny);
    options.progress = &progress;
    CU_ASSERT_EQUAL(cycles_count(&counts, &query, &options, &statistics, NULL), STATUS_OK);
    CU_ASSERT_TRUE(statistics.slabs > 2);
    CU_ASSERT_TRUE(atomic_load(&progress.total) > 0);
    CU_ASSERT_EQUAL(atomic_load(&progress.done), atomic_load(&progress.total));
    cycle_counts_close(&counts);
    tiny_close(&tiny);
}

/* Counts and finds; the worse status of the two. */
static enum status work(struct tiny *tiny, bool is_simple, struct error *error)
{
    struct cycle_counts counts;
    struct cycle_statistics statistics;
    struct cycle_query query = query_of(tiny, 12, is_simple);
    struct cycle_options options = options_of(tiny);
    enum status status = cycles_count(&counts, &query, &options, &statistics, error);
    cycle_counts_close(&counts);
    if (status == STATUS_OK) {
        status = cycles_find(&query, &options, take_any, NULL, &statistics, error);
    }
    return status;
}

static void every_failing_allocation_is_a_clean_error(void)
{
    for (uint32_t is_simple = 0; is_simple < 2; is_simple++) {
        struct tiny tiny;
        bool is_done = false;
        uint32_t failures = 0;
        open_ring(&tiny, 4, 200, 2);
        uint64_t used = budget_used(&tiny.budget);
        for (uint64_t after = 1; !is_done; after++) {
            struct error error = {0};
            stop_init(&tiny.stop, 0);
            memory_fault_set(after);
            enum status status = work(&tiny, is_simple != 0, &error);
            is_done = memory_fault_count() < after;
            memory_fault_set(0);
            bool is_clean = status == STATUS_FAILED || status == STATUS_LIMIT;
            CU_ASSERT_TRUE(status == STATUS_OK || (is_clean && error.text[0] != '\0'));
            CU_ASSERT_EQUAL(budget_used(&tiny.budget), used);
            failures += status != STATUS_OK;
        }
        CU_ASSERT_TRUE(failures > 20);
        tiny_close(&tiny);
    }
}

static void memory_limit_is_kept(void)
{
    struct tiny tiny;
    uint32_t limited = 0;
    open_ring(&tiny, 3, 1800, 2);
    uint64_t used = budget_used(&tiny.budget);
    for (uint64_t more = 1 << 12; more < UINT64_C(1) << 26; more *= 2) {
        struct error error = {0};
        stop_init(&tiny.stop, 0);
        tiny.budget.limit_bytes = used + more;
        enum status status = work(&tiny, true, &error);
        CU_ASSERT_TRUE(status == STATUS_OK || status == STATUS_LIMIT);
        CU_ASSERT_TRUE(status == STATUS_OK || strstr(error.text, "memory") != NULL);
        CU_ASSERT_EQUAL(budget_used(&tiny.budget), used);
        limited += status == STATUS_LIMIT;
    }
    CU_ASSERT_TRUE(limited > 0);
    tiny.budget.limit_bytes = 0;
    tiny_close(&tiny);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(flows_in_parallel_multiply),
        CASE(too_many_cycles_to_count_are_an_error),
        CASE(no_window_and_no_cycle_are_no_error),
        CASE(stop_ends_a_search_that_would_not_end),
        CASE(idle_workers_get_part_of_one_path),
        CASE(progress_comes_to_its_end),
        CASE(every_failing_allocation_is_a_clean_error),
        CASE(memory_limit_is_kept),
        CU_TEST_INFO_NULL,
    };
    return suite_run("cycles", NULL, NULL, cases);
}
