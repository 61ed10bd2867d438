/* floor: engine */
/* Groups beyond the memory budget: the same rows as within it, for any number of workers, whether a
 * vertex leads the matches or not, and clean ends where the disk or somebody's patience fails. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/file.h"
#include "base/memory.h"
#include "numa/spill.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_sink.h"

/* Matches are all pairs of rows: so many that, with so little room for each worker, even a part of
 * the groups is parted again. */
enum { ROWS = 400, ROOM_BYTES = 2 << 20 };

static struct tiny_row rows[ROWS];

static void fill_rows(void)
{
    static const char *const addresses[] = {"10.0.0.1", "10.0.0.2", "10.0.0.10", "host-a"};
    static const char *const protocols[] = {"tcp", "udp", "icmp", NULL};
    for (uint32_t row = 0; row < ROWS; row++) {
        rows[row] = (struct tiny_row){.source = addresses[row % 3],
                                      .target = addresses[row / 3 % 4],
                                      .time = 100 * (int64_t)row,
                                      .packets = row,
                                      .duration = row % 11 == 0 ? NAN : row % 13 * 0.25,
                                      .protocol = protocols[row % 4]};
    }
}

static struct expression *second_packets(struct tiny *tiny)
{
    return tiny_property(tiny, 1, TINY_PACKETS);
}
/* Another number for each match. */
static struct expression *pair_number(struct tiny *tiny)
{
    return tiny_binary(tiny, EXPRESSION_ADD, TYPE_INTEGER, second_packets(tiny),
                       tiny_binary(tiny, EXPRESSION_MULTIPLY, TYPE_INTEGER, tiny_packets(tiny),
                                   tiny_integer(tiny, ROWS)));
}
/* A text that evaluation makes. */
static struct expression *pair_text(struct tiny *tiny)
{
    return tiny_binary(tiny, EXPRESSION_ADD, TYPE_TEXT, tiny_key_text(tiny, 0),
                       tiny_key_text(tiny, 3));
}
static void make_groups(struct tiny *tiny)
{
    tiny_key(tiny, "first", tiny_packets(tiny));
    tiny_key(tiny, "half",
             tiny_binary(tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, second_packets(tiny),
                         tiny_integer(tiny, 2)));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny_aggregate(tiny, "present", AGGREGATE_COUNT, false, tiny_property(tiny, 1, TINY_PROTOCOL));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, second_packets(tiny));
    tiny_aggregate(tiny, "least", AGGREGATE_MIN, false, tiny_property(tiny, 1, TINY_DURATION));
    tiny_aggregate(tiny, "mean", AGGREGATE_AVG, false, tiny_duration(tiny));
    tiny_aggregate(tiny, "greatest", AGGREGATE_MAX, false, pair_text(tiny));
}
static void make_groups_by_text(struct tiny *tiny)
{
    tiny_key(tiny, "pair", pair_text(tiny));
    tiny_key(tiny, "number", pair_number(tiny));
    tiny_key(tiny, "protocol", tiny_protocol(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
}
static void make_distinct_rows(struct tiny *tiny)
{
    tiny_return(tiny, "packets", tiny_packets(tiny));
    tiny_return(tiny, "second", second_packets(tiny));
    tiny_return(tiny, "protocol", tiny_property(tiny, 1, TINY_PROTOCOL));
    tiny->query.is_distinct = true;
}
static void make_total_of_many_values(struct tiny *tiny)
{
    tiny_aggregate(tiny, "values", AGGREGATE_COUNT, true, pair_number(tiny));
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, true, pair_number(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
}
static void make_groups_of_many_values(struct tiny *tiny)
{
    tiny_key(tiny, "protocol", tiny_protocol(tiny));
    tiny_aggregate(tiny, "values", AGGREGATE_COUNT, true, pair_number(tiny));
    tiny_aggregate(tiny, "text", AGGREGATE_MAX, true, pair_text(tiny));
    tiny_aggregate(tiny, "mean", AGGREGATE_AVG, true, tiny_duration(tiny));
}
static void make_ordered_groups(struct tiny *tiny)
{
    tiny_key(tiny, "number", pair_number(tiny));
    tiny_aggregate(tiny, "values", AGGREGATE_COUNT, true, tiny_duration(tiny));
    tiny_aggregate(tiny, "least", AGGREGATE_MIN, false, tiny_property(tiny, 1, TINY_DURATION));
    tiny_order(tiny, tiny_output(tiny, 2), true);
    tiny->query.skip = 100;
    tiny->query.limit = 5000;
}
/* Each row twice, and too many for a table in memory. */
static void make_distinct_groups(struct tiny *tiny)
{
    tiny_key(tiny, "number", pair_number(tiny));
    tiny->query.output_count = 0;
    tiny_aggregate(tiny, "half", AGGREGATE_SUM, false,
                   tiny_binary(tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, pair_number(tiny),
                               tiny_integer(tiny, 2)));
    tiny_aggregate(tiny, "text", AGGREGATE_MAX, false,
                   tiny_binary(tiny, EXPRESSION_ADD, TYPE_TEXT, tiny_key_text(tiny, 0),
                               tiny_key_text(tiny, 1)));
    tiny->query.is_distinct = true;
}
static void make_ordered_distinct_groups(struct tiny *tiny)
{
    make_distinct_groups(tiny);
    tiny_order(tiny, tiny_output(tiny, 1), true);
    tiny->query.skip = 7;
    tiny->query.limit = 70000;
}

/* By a vertex of each match, with what tells groups that were found twice. */
static void make_groups_by_vertex(struct tiny *tiny, uint32_t vertex)
{
    tiny_key(tiny, "half",
             tiny_binary(tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, second_packets(tiny),
                         tiny_integer(tiny, 2)));
    tiny_key(tiny, "vertex", tiny_leaf(tiny, EXPRESSION_VERTEX, TYPE_VERTEX, vertex));
    tiny_key(tiny, "protocol", tiny_protocol(tiny));
    tiny_aggregate(tiny, "n", AGGREGATE_COUNT_ALL, false, NULL);
    tiny_aggregate(tiny, "sum", AGGREGATE_SUM, false, pair_number(tiny));
    tiny_aggregate(tiny, "values", AGGREGATE_COUNT, true, tiny_packets(tiny));
    tiny_aggregate(tiny, "addresses", AGGREGATE_COUNT, true, tiny_key_of(tiny, 1));
    tiny_aggregate(tiny, "text", AGGREGATE_MAX, true, pair_text(tiny));
}
static void make_groups_by_first(struct tiny *tiny)
{
    make_groups_by_vertex(tiny, 0);
}
static void make_groups_by_third(struct tiny *tiny)
{
    make_groups_by_vertex(tiny, 2);
}
static void make_distinct_addresses(struct tiny *tiny)
{
    tiny_return(tiny, "packets", second_packets(tiny));
    tiny_return(tiny, "first", tiny_key_of(tiny, 0));
    tiny_return(tiny, "third", tiny_key_of(tiny, 2));
    tiny->query.is_distinct = true;
}

/* One run: all pairs through a sink. */
struct run {
    struct tiny tiny;
    struct spill spill;
    struct sink *sink;
    struct result *result;
    struct error error;
    enum status status;
};

static void open_run(struct run *run, void (*make)(struct tiny *tiny), uint32_t workers,
                     uint64_t room_bytes, const char *directory, uint64_t disk_bytes)
{
    *run = (struct run){0};
    tiny_open(&run->tiny, rows, ROWS, 2, workers);
    tiny_pattern(&run->tiny, (const uint32_t[]){0, 1, 2, 3}, 2, 4);
    make(&run->tiny);
    spill_init(&run->spill, directory, disk_bytes, NULL);
    run->tiny.budget.spill = &run->spill;
    run->tiny.budget.limit_bytes =
        room_bytes == 0 ? 0 : budget_used(&run->tiny.budget) + room_bytes;
    run->status = sink_open(&run->sink, &run->tiny.query, run->tiny.team, &run->tiny.budget,
                            &run->tiny.stop, 0, &run->error);
}

static void take_pairs(struct run *run, uint32_t first_count)
{
    edge_id edges[ROWS];
    vertex_id sources[ROWS];
    vertex_id targets[ROWS];
    edge_id first_edges[ROWS];
    vertex_id first_sources[ROWS];
    vertex_id first_targets[ROWS];
    for (uint32_t row = 0; row < ROWS; row++) {
        edges[row] = tiny_edge(&run->tiny, row);
        sources[row] = tiny_vertex(&run->tiny, rows[row].source);
        targets[row] = tiny_vertex(&run->tiny, rows[row].target);
    }
    for (uint32_t first = 0; first < first_count && !stop_is_requested(&run->tiny.stop); first++) {
        for (uint32_t row = 0; row < ROWS; row++) {
            first_edges[row] = edges[first];
            first_sources[row] = sources[first];
            first_targets[row] = targets[first];
        }
        struct match_batch batch = {.count = ROWS,
                                    .vertices = {first_sources, first_targets, sources, targets},
                                    .edges = {first_edges, edges}};
        sink_take(run->sink, first % team_worker_count(run->tiny.team), &batch);
    }
}

static void finish_run(struct run *run)
{
    run->status = sink_finish(run->sink, run->tiny.team, &run->result, &run->error);
}

static void close_run(struct run *run)
{
    CU_ASSERT_TRUE(run->tiny.budget.limit_bytes == 0 ||
                   budget_peak(&run->tiny.budget) <= run->tiny.budget.limit_bytes);
    CU_ASSERT_TRUE(run->spill.budget.limit_bytes == 0 ||
                   budget_peak(&run->spill.budget) <= run->spill.budget.limit_bytes);
    sink_close(run->sink);
    result_close(run->result);
    CU_ASSERT_EQUAL(budget_used(&run->spill.budget), 0);
    tiny_close(&run->tiny);
}

static uint64_t hash_value(enum type type, union lane lane)
{
    return type == TYPE_TEXT      ? lane.text->hash
           : type == TYPE_ADDRESS ? lane.address->low
                                  : (uint64_t)lane.integer;
}

/* All rows of the result, in their order, in one number. */
static uint64_t digest(const struct run *run)
{
    uint64_t hash = 0;
    uint64_t row_count = result_row_count(run->result);
    for (uint64_t first = 0; first < row_count; first += EVALUATE_LANES) {
        struct lanes columns[8];
        uint64_t rest = row_count - first;
        uint32_t count = rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
        CU_ASSERT_EQUAL_FATAL(result_read(run->result, first, count, columns, NULL), STATUS_OK);
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t at = 0; at < result_column_count(run->result); at++) {
                bool is_null = columns[at].is_null != NULL && columns[at].is_null[i] != 0;
                union lane lane = columns[at].values[i];
                hash = hash_mix(hash * 31 + (is_null ? 1 : hash_value(columns[at].type, lane)));
            }
        }
    }
    return hash;
}

/* `leader`: the vertex that leads the matches, PATTERN_VERTICES_MAX: none. */
static uint64_t expect_digest(void (*make)(struct tiny *tiny), uint32_t workers,
                              uint64_t room_bytes, uint32_t leader)
{
    struct run run;
    open_run(&run, make, workers, room_bytes, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(run.status, STATUS_OK);
    if (leader < PATTERN_VERTICES_MAX) {
        sink_set_leader(run.sink, leader);
    }
    take_pairs(&run, ROWS);
    CU_ASSERT_EQUAL(stop_reason(&run.tiny.stop), STOP_NONE);
    finish_run(&run);
    if (run.status != STATUS_OK) {
        printf("\n    %s\n", run.error.text);
    }
    CU_ASSERT_EQUAL_FATAL(run.status, STATUS_OK);
    CU_ASSERT_EQUAL(sink_match_count(run.sink), (uint64_t)ROWS * ROWS);
    CU_ASSERT_EQUAL(budget_peak(&run.spill.budget) > 0, room_bytes > 0);
    uint64_t hash = digest(&run);
    close_run(&run);
    return hash;
}

static void groups_beyond_memory_are_the_same(void)
{
    static void (*const makes[])(struct tiny *) = {make_groups,
                                                   make_groups_by_text,
                                                   make_distinct_rows,
                                                   make_ordered_groups,
                                                   make_groups_of_many_values,
                                                   make_total_of_many_values,
                                                   make_ordered_distinct_groups};
    for (uint32_t i = 0; i < sizeof makes / sizeof *makes; i++) {
        uint64_t expected = expect_digest(makes[i], 1, 0, PATTERN_VERTICES_MAX);
        for (uint32_t workers = 1; workers <= 3; workers += 2) {
            uint64_t room_bytes = ROOM_BYTES * workers;
            CU_ASSERT_EQUAL(expect_digest(makes[i], workers, room_bytes, PATTERN_VERTICES_MAX),
                            expected);
        }
    }
}

/* The first vertex leads whole batches, the third is another one from match to match, so that each
 * worker has thousands of runs of each, and nearly all groups are found more than once. */
static void groups_in_runs_of_a_vertex_are_the_same(void)
{
    static const struct {
        void (*make)(struct tiny *tiny);
        uint32_t leader;
    } cases[] = {{make_groups_by_first, 0},
                 {make_groups_by_third, 2},
                 {make_groups_by_first, 2},
                 {make_distinct_addresses, 0},
                 {make_distinct_addresses, 2}};
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t expected = expect_digest(cases[i].make, 1, 0, PATTERN_VERTICES_MAX);
        for (uint32_t workers = 1; workers <= 3; workers++) {
            CU_ASSERT_EQUAL(expect_digest(cases[i].make, workers, 0, cases[i].leader), expected);
        }
        CU_ASSERT_EQUAL(expect_digest(cases[i].make, 2, 4 * ROOM_BYTES, cases[i].leader), expected);
    }
}

/* All halves of the pairs' numbers, each once, in the order of the numbers. */
static void repeated_rows_of_groups_beyond_memory_are_dropped(void)
{
    struct run run;
    open_run(&run, make_distinct_groups, 2, 2 * ROOM_BYTES, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(run.status, STATUS_OK);
    take_pairs(&run, ROWS);
    finish_run(&run);
    CU_ASSERT_EQUAL_FATAL(run.status, STATUS_OK);
    CU_ASSERT_EQUAL(result_row_count(run.result), ROWS * ROWS / 2);
    bool is_right = true;
    for (uint64_t first = 0; first < result_row_count(run.result); first += 125) {
        struct lanes columns[2];
        CU_ASSERT_EQUAL_FATAL(result_read(run.result, first, 125, columns, NULL), STATUS_OK);
        for (uint32_t i = 0; i < 125; i++) {
            is_right = is_right && (uint64_t)columns[0].values[i].integer == first + i;
        }
    }
    CU_ASSERT_TRUE(is_right);
    close_run(&run);
}

/* The taking ends, or the finishing does, with a word about the disk. */
static void expect_full_disk(const char *directory, uint64_t disk_bytes, uint64_t fault,
                             const char *word)
{
    struct run run;
    open_run(&run, make_groups, 2, 2 * ROOM_BYTES, directory, disk_bytes);
    CU_ASSERT_EQUAL_FATAL(run.status, STATUS_OK);
    file_fault_set(fault);
    take_pairs(&run, ROWS);
    finish_run(&run);
    file_fault_set(0);
    CU_ASSERT_EQUAL(run.status, STATUS_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.error.text, "outgrew the memory limit of "));
    CU_ASSERT_PTR_NOT_NULL(strstr(run.error.text, word));
    close_run(&run);
}

static void a_disk_that_is_full_is_an_error(void)
{
    expect_full_disk("/nowhere/at/all", 0, 0, "/nowhere/at/all took 0 B of it and no more");
    expect_full_disk("/dev/null", 0, 0, "name another --spill-directory");
    expect_full_disk(NULL, 1, 0, "the 1 B that --spill-limit gives it on disk");
    for (uint64_t disk_bytes = UINT64_C(20) << 20; disk_bytes < UINT64_C(50) << 20;
         disk_bytes += UINT64_C(20) << 20) {
        expect_full_disk(NULL, disk_bytes, 0, "that --spill-limit gives it on disk");
    }
    for (uint64_t fault = 1; fault < 4; fault++) {
        expect_full_disk(NULL, 0, fault, "took ");
    }
}

/* Every so many-th allocation fails, until one run has fewer: an error, or all there is. */
static void expect_allocations_to_fail_cleanly(void (*make)(struct tiny *tiny))
{
    bool was_due = true;
    for (uint64_t after = 1; was_due; after *= 2) {
        struct run run;
        open_run(&run, make, 2, 2 * ROOM_BYTES, NULL, 0);
        memory_fault_set(after);
        take_pairs(&run, ROWS / 2);
        finish_run(&run);
        was_due = memory_fault_count() >= after;
        memory_fault_set(0);
        CU_ASSERT_TRUE(was_due || run.status == STATUS_OK);
        CU_ASSERT_TRUE(run.status == STATUS_OK || strstr(run.error.text, "memory") != NULL);
        close_run(&run);
    }
}

static void allocations_may_fail(void)
{
    expect_allocations_to_fail_cleanly(make_groups_of_many_values);
    expect_allocations_to_fail_cleanly(make_distinct_groups);
}

static struct stop *stop_at_alarm;

static void interrupt(int signal)
{
    (void)signal;
    stop_request(stop_at_alarm, STOP_INTERRUPTED);
}

/* An interrupt `after_ms` into the finishing ends it soon. */
static void an_interrupt_ends_the_finishing(void)
{
    for (int after_ms = 1; after_ms < 200; after_ms *= 3) {
        struct run run;
        open_run(&run, make_groups_of_many_values, 2, 2 * ROOM_BYTES, NULL, 0);
        CU_ASSERT_EQUAL_FATAL(run.status, STATUS_OK);
        take_pairs(&run, ROWS);
        stop_at_alarm = &run.tiny.stop;
        signal(SIGALRM, interrupt);
        struct itimerval timer = {.it_value = {.tv_usec = after_ms * 1000}};
        setitimer(ITIMER_REAL, &timer, NULL);
        int64_t begin = clock_ns();
        finish_run(&run);
        int64_t taken_ms = (clock_ns() - begin) / 1000000;
        setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
        CU_ASSERT_TRUE(run.status == STATUS_OK || run.status == STATUS_INTERRUPTED);
        CU_ASSERT_TRUE(run.status == STATUS_OK || taken_ms < after_ms + 300);
        close_run(&run);
    }
}

/* What was asked to stop while it takes ends at once, and says so or, where that takes no longer
 * than a user waits, shows all that it has. */
static void an_interrupt_ends_the_taking(void)
{
    uint64_t row_count = 0;
    for (int is_stopped = 0; is_stopped < 2; is_stopped++) {
        struct run run;
        open_run(&run, make_groups, 2, 2 * ROOM_BYTES, NULL, 0);
        CU_ASSERT_EQUAL_FATAL(run.status, STATUS_OK);
        take_pairs(&run, ROWS - 1);
        CU_ASSERT_TRUE(budget_used(&run.spill.budget) > 0);
        if (is_stopped) {
            stop_request(&run.tiny.stop, STOP_INTERRUPTED);
        }
        int64_t begin = clock_ns();
        finish_run(&run);
        CU_ASSERT_TRUE(run.status == STATUS_OK || (is_stopped && run.status == STATUS_INTERRUPTED));
        CU_ASSERT_TRUE(!is_stopped || clock_ns() - begin < INT64_C(300000000));
        if (run.status == STATUS_OK) {
            CU_ASSERT_TRUE(!is_stopped || result_row_count(run.result) == row_count);
            row_count = result_row_count(run.result);
        }
        close_run(&run);
    }
    CU_ASSERT_TRUE(row_count > 0);
}

int main(void)
{
    fill_rows();
    CU_TestInfo cases[] = {
        CASE(groups_beyond_memory_are_the_same),
        CASE(groups_in_runs_of_a_vertex_are_the_same),
        CASE(repeated_rows_of_groups_beyond_memory_are_dropped),
        CASE(a_disk_that_is_full_is_an_error),
        CASE(allocations_may_fail),
        CASE(an_interrupt_ends_the_taking),
        CASE(an_interrupt_ends_the_finishing),
        CU_TEST_INFO_NULL,
    };
    return suite_run("group_spill", NULL, NULL, cases);
}
