/* floor: loader */
/* The whole build against a reference that sorts rows with qsort, over threads, nodes, partitions,
 * workers and batches; and its failures. */
#include "loader/build.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/reference.h"
#include "tests/support/sample_random.h"
#include "tests/support/suite.h"

static struct topology *one_node;
static struct topology *four_nodes;

static int open_topologies(void)
{
    struct error error = {0};
    return topology_open(&one_node, "synthetic:numa:1 core:4 pu:1", &error) != STATUS_OK ||
           topology_open(&four_nodes, "synthetic:numa:4 core:2 pu:1", &error) != STATUS_OK;
}

static int close_topologies(void)
{
    topology_close(one_node);
    topology_close(four_nodes);
    return 0;
}

static bool cell_matches(const struct cell *cell, const struct column *column,
                         const struct dictionary *dictionary, uint32_t position)
{
    if (cell->is_null || column_is_null(column, position)) {
        return cell->is_null && column_is_null(column, position);
    }
    if (column->type == TYPE_FLOAT) {
        return column_float(column, position) == cell->real;
    }
    int64_t value = column_integer(column, position);
    if (column->type == TYPE_TEXT) {
        return value < dictionary->count &&
               bytes_equal(text_view(dictionary->entries[value]), bytes_of(cell->text));
    }
    return value == cell->integer;
}

/* The number of things that differ between the graph and what it should be. */
static uint64_t count_differences(const struct graph *graph, const struct reference *reference)
{
    const struct edge_frame *edges = &graph->edges;
    uint64_t wrong = graph->vertices.vertex_count != reference->vertex_count;
    wrong += edges->flow_count != reference->sample->row_count;
    wrong += graph->vertices.address_texts.count != reference->text_count;
    for (uint32_t vertex = 0; vertex < reference->vertex_count && wrong == 0; vertex++) {
        wrong += !address_equal(graph->vertices.addresses[vertex], reference->addresses[vertex]);
    }
    const struct reference_flow *flow = reference->flows;
    for (uint32_t index = 0; index < edges->partition_count && wrong == 0; index++) {
        const struct partition *partition = &edges->partitions[index];
        for (uint32_t position = 0; position < partition->flow_count; position++, flow++) {
            edge_id edge = edge_id_of(index, position);
            wrong += flow->partition != index || flow->source != graph_edge_source(edges, edge) ||
                     flow->target != graph_edge_target(edges, edge) ||
                     flow->time != partition->flow_time[position] ||
                     (int64_t)flow->row != column_integer(&partition->row, position);
            for (uint32_t property = 0; property < edges->schema.property_count; property++) {
                wrong += edges->schema.properties[property].type != TYPE_ADDRESS &&
                         !cell_matches(sample_cell(reference->sample, flow->row, property),
                                       &partition->columns[property],
                                       &edges->dictionaries[property], position);
            }
        }
    }
    return wrong;
}

struct build_options {
    struct topology *topology;
    uint32_t thread_count;
    uint32_t partition_count;
    struct stage_options stage;
};

/* Of rows, only texts and what is said of columns are left. */
static void expect_released(const struct staging *staging)
{
    for (uint32_t worker = 0; worker < staging->worker_count; worker++) {
        CU_ASSERT_PTR_NULL(staging->workers[worker].addresses.addresses);
        for (uint32_t property = 0; property < staging->schema.property_count; property++) {
            CU_ASSERT_PTR_NULL(staging->workers[worker].pools[property].blocks);
        }
    }
}

/* Builds, validates and compares; everything that was taken must have come back. */
static void check_build(const struct sample *sample, const struct build_options *options)
{
    struct budget budget;
    struct team *team;
    struct staging staging;
    struct graph *graph;
    struct stop stop;
    struct error error = {0};
    budget_init(&budget, 0);
    stop_init(&stop, 0);
    CU_ASSERT_EQUAL_FATAL(team_open(&team, options->topology, options->thread_count, &error),
                          STATUS_OK);
    sample_stage(&staging, sample, &options->stage, options->topology, &budget);
    enum status status =
        graph_build(&graph, &staging, team, options->partition_count, &budget, &stop, NULL, &error);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    expect_released(&staging);
    staging_close(&staging);
    CU_ASSERT_EQUAL(budget_used(&budget), graph->bytes - sizeof(*graph));

    char reason[256];
    struct reference reference;
    bool is_valid = graph_validate(graph, reason);
    reference_open(&reference, sample, &graph->vertices);
    uint64_t differences = count_differences(graph, &reference);
    if (!is_valid || differences != 0) {
        fprintf(stderr, "seed %llu, %u threads, %u partitions, %u workers: %llu differ, %s\n",
                (unsigned long long)options->stage.seed, options->thread_count,
                options->partition_count, options->stage.worker_count,
                (unsigned long long)differences, is_valid ? "valid" : reason);
    }
    CU_ASSERT_TRUE(is_valid);
    CU_ASSERT_EQUAL(differences, 0);
    for (uint32_t index = 0; index < graph->edges.partition_count; index++) {
        CU_ASSERT_EQUAL(graph->edges.partitions[index].node,
                        index % topology_node_count(options->topology));
    }
    reference_close(&reference);
    graph_close(graph);
    CU_ASSERT_EQUAL(budget_used(&budget), 0);
    team_close(team);
}

static void graph_is_the_reference_whatever_builds_it(void)
{
    static const struct sample_options samples[] = {
        {1, 0, 1, 1, true, false, false},      {2, 1, 1, 1, true, false, false},
        {3, 2, 2, 1, false, false, false},     {4, 300, 3, 5, false, false, false},
        {5, 1500, 40, 30, true, false, false}, {6, 2500, 300, 700, false, true, false},
    };
    static const struct {
        uint32_t threads, partitions, workers, batch_rows;
        bool has_four_nodes, is_loose;
    } ways[] = {
        {1, 1, 1, 4000, false, false}, {1, 1, 1, 100, false, true},   {2, 1, 2, 64, false, false},
        {2, 3, 3, 200, false, true},   {3, 7, 1, 1, true, false},     {4, 0, 8, 90, true, false},
        {1, 64, 5, 300, true, true},   {2, 2, 4, 1000, false, false},
    };
    for (size_t which = 0; which < sizeof(samples) / sizeof(samples[0]); which++) {
        struct sample sample;
        sample_random(&sample, &samples[which]);
        for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
            struct build_options options = {
                ways[way].has_four_nodes ? four_nodes : one_node,
                ways[way].threads,
                ways[way].partitions,
                {samples[which].seed, ways[way].workers, ways[way].batch_rows, ways[way].is_loose},
            };
            check_build(&sample, &options);
        }
        sample_close(&sample);
    }
}

/* More rows than buckets hold, so that there are several, heavy ones too. */
static void many_rows_in_many_buckets_are_the_reference(void)
{
    struct sample sample;
    sample_random(&sample, &(struct sample_options){7, 40000, 120, 60, false, false, false});
    for (uint32_t partitions = 1; partitions <= 2; partitions++) {
        check_build(&sample,
                    &(struct build_options){one_node, 2, partitions, {partitions, 3, 5000, false}});
    }
    sample_close(&sample);
}

/* A link with more flows than are sorted at once, and a source with more beside it. */
static void heavy_links_are_the_reference_in_any_order_of_time(void)
{
    for (int is_in_order = 0; is_in_order <= 1; is_in_order++) {
        struct sample sample;
        sample_random(&sample,
                      &(struct sample_options){8, 70000, 90, 5, is_in_order != 0, false, false});
        const struct cell first = *sample_cell(&sample, 0, SAMPLE_SOURCE);
        for (uint64_t row = 0; row < sample.row_count; row++) {
            *sample_cell(&sample, row, SAMPLE_SOURCE) = first;
            if (row % 40 != 0) {
                *sample_cell(&sample, row, SAMPLE_TARGET) = first;
            }
        }
        check_build(&sample, &(struct build_options){one_node, 2, 1, {1, 3, 5000, false}});
        sample_close(&sample);
    }
}

static void floats_stay_decimal_while_a_double_holds_their_mantissas(void)
{
    static const struct {
        int64_t mantissa;
        uint32_t scale;
        int64_t other;
        uint32_t other_scale;
        enum encoding encoding;
        double divisor;
    } rows[] = {
        {123, 2, 5, 0, ENCODING_DECIMAL, 100.0},
        {INT64_C(1) << 53, 0, -5, 0, ENCODING_DECIMAL, 1.0},
        {(INT64_C(1) << 53) + 1, 0, 5, 0, ENCODING_DOUBLE, 0.0},
        {INT64_C(1) << 52, 0, 15, 1, ENCODING_DOUBLE, 0.0},
        {INT64_C(1) << 62, 0, 1, 15, ENCODING_DOUBLE, 0.0},
        {-(INT64_C(1) << 49), 0, 15, 1, ENCODING_DECIMAL, 10.0},
    };
    for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++) {
        struct sample sample;
        sample_random(&sample, &(struct sample_options){index, 2, 2, 1, true, false, false});
        struct cell *first = sample_cell(&sample, 0, SAMPLE_DURATION);
        struct cell *second = sample_cell(&sample, 1, SAMPLE_DURATION);
        *first = (struct cell){.integer = rows[index].mantissa, .scale = rows[index].scale};
        *second = (struct cell){.integer = rows[index].other, .scale = rows[index].other_scale};
        first->real = (double)first->integer / power_of_ten(first->scale);
        second->real = (double)second->integer / power_of_ten(second->scale);

        struct budget budget;
        struct team *team;
        struct staging staging;
        struct graph *graph;
        struct stop stop;
        budget_init(&budget, 0);
        stop_init(&stop, 0);
        CU_ASSERT_EQUAL_FATAL(team_open(&team, one_node, 1, NULL), STATUS_OK);
        sample_stage(&staging, &sample, &(struct stage_options){0, 1, 1, false}, one_node, &budget);
        CU_ASSERT_EQUAL_FATAL(graph_build(&graph, &staging, team, 1, &budget, &stop, NULL, NULL),
                              STATUS_OK);
        const struct column *column = &graph->edges.partitions[0].columns[SAMPLE_DURATION];
        CU_ASSERT_EQUAL(column->encoding, rows[index].encoding);
        CU_ASSERT_EQUAL(column->divisor, rows[index].divisor);
        struct reference reference;
        reference_open(&reference, &sample, NULL);
        CU_ASSERT_EQUAL(count_differences(graph, &reference), 0);
        reference_close(&reference);
        graph_close(graph);
        staging_close(&staging);
        team_close(team);
        sample_close(&sample);
    }
}

/* What a failing build is run on. */
struct attempt {
    struct sample sample;
    struct staging staging;
    struct team *team;
    struct budget budget;
    struct stop stop;
    struct error error;
    uint64_t staged_bytes;
};

/* The rows, once more: a build uses them up. */
static void attempt_stage(struct attempt *attempt)
{
    staging_close(&attempt->staging);
    CU_ASSERT_EQUAL(budget_used(&attempt->budget), 0);
    attempt->budget.limit_bytes = 0;
    sample_stage(&attempt->staging, &attempt->sample, &(struct stage_options){3, 2, 100, false},
                 one_node, &attempt->budget);
    attempt->staged_bytes = budget_used(&attempt->budget);
}

static void attempt_open(struct attempt *attempt, uint64_t row_count, uint32_t thread_count)
{
    *attempt = (struct attempt){0};
    budget_init(&attempt->budget, 0);
    stop_init(&attempt->stop, 0);
    sample_random(&attempt->sample,
                  &(struct sample_options){11, row_count, 50, 20, false, true, false});
    attempt_stage(attempt);
    CU_ASSERT_EQUAL_FATAL(team_open(&attempt->team, one_node, thread_count, NULL), STATUS_OK);
}

static enum status attempt_build(struct attempt *attempt, uint32_t partition_count)
{
    struct graph *graph = NULL;
    attempt->error = (struct error){0};
    enum status status = graph_build(&graph, &attempt->staging, attempt->team, partition_count,
                                     &attempt->budget, &attempt->stop, NULL, &attempt->error);
    CU_ASSERT_EQUAL(status == STATUS_OK, graph != NULL);
    CU_ASSERT_EQUAL(status, attempt->error.status);
    graph_close(graph);
    CU_ASSERT_TRUE(budget_used(&attempt->budget) <= attempt->staged_bytes);
    return status;
}

static void attempt_close(struct attempt *attempt)
{
    team_close(attempt->team);
    staging_close(&attempt->staging);
    sample_close(&attempt->sample);
    CU_ASSERT_EQUAL(budget_used(&attempt->budget), 0);
}

/* Makes every `step`-th allocation fail, one in each build, until there are no more. */
static void fail_allocations(uint32_t thread_count, uint64_t step)
{
    struct attempt attempt;
    attempt_open(&attempt, 400, thread_count);
    uint64_t after = 1;
    enum status status = STATUS_FAILED;
    while (status != STATUS_OK && after < 2000) {
        attempt_stage(&attempt);
        memory_fault_set(after);
        status = attempt_build(&attempt, 2);
        memory_fault_set(0);
        CU_ASSERT_TRUE(status == STATUS_OK || status == STATUS_FAILED);
        after += step;
    }
    CU_ASSERT_TRUE(after > 100 && after < 2000);
    attempt_close(&attempt);
}

static void every_failed_allocation_ends_the_build_cleanly(void)
{
    fail_allocations(1, 1);
    fail_allocations(2, 13);
}

static void memory_limit_is_named(void)
{
    struct attempt attempt;
    attempt_open(&attempt, 20000, 1);
    uint64_t refusals = 0;
    enum status status = STATUS_LIMIT;
    for (uint64_t room = 0; status != STATUS_OK; room += 200000) {
        attempt_stage(&attempt);
        attempt.budget.limit_bytes = attempt.staged_bytes + room;
        status = attempt_build(&attempt, 2);
        if (status != STATUS_OK) {
            refusals++;
            CU_ASSERT_EQUAL_FATAL(status, STATUS_LIMIT);
            CU_ASSERT_PTR_NOT_NULL(strstr(attempt.error.text, "--memory-limit"));
        }
    }
    CU_ASSERT_TRUE(refusals > 3);
    attempt_close(&attempt);
}

static void stop_ends_the_build_with_its_reason(void)
{
    static const struct {
        enum stop_reason reason;
        enum status status;
        const char *word;
    } rows[] = {
        {STOP_INTERRUPTED, STATUS_INTERRUPTED, "interrupted while loading"},
        {STOP_DEADLINE, STATUS_LIMIT, "--timeout"},
        {STOP_MEMORY, STATUS_LIMIT, "--memory-limit"},
        {STOP_FAILED, STATUS_FAILED, "stopped"},
    };
    struct attempt attempt;
    attempt_open(&attempt, 500, 2);
    for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++) {
        attempt_stage(&attempt);
        stop_init(&attempt.stop, 0);
        stop_request(&attempt.stop, rows[index].reason);
        CU_ASSERT_EQUAL(attempt_build(&attempt, 1), rows[index].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(attempt.error.text, rows[index].word));
    }
    attempt_stage(&attempt);
    stop_init(&attempt.stop, 1);
    CU_ASSERT_EQUAL(attempt_build(&attempt, 1), STATUS_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(attempt.error.text, "--timeout"));
    attempt_close(&attempt);
}

static void too_many_partitions_are_wrong_usage(void)
{
    struct attempt attempt;
    attempt_open(&attempt, 10, 2);
    CU_ASSERT_EQUAL(attempt_build(&attempt, GRAPH_PARTITIONS_MAX + 1), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(attempt.error.text, "1024"));
    attempt_close(&attempt);
}

static void empty_staging_is_closed(void)
{
    struct staging staging = {0};
    staging_close(&staging);
    /* A parser that failed has workers without arenas. */
    staging.workers = memory_allocate(3, sizeof(struct staging_worker));
    staging.worker_count = 3;
    CU_ASSERT_EQUAL(schema_add(&staging.schema, bytes_of("a"), TYPE_TEXT, ROLE_ATTRIBUTE, NULL),
                    STATUS_OK);
    staging_close(&staging);
    CU_ASSERT_PTR_NULL(staging.workers);
    CU_ASSERT_EQUAL(staging.schema.property_count, 0);
}

static void progress_counts_each_row_twice(void)
{
    struct attempt attempt;
    struct graph *graph;
    struct progress progress;
    attempt_open(&attempt, 777, 2);
    progress_init(&progress, PROGRESS_NEVER);
    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, &attempt.staging, attempt.team, 2, &attempt.budget,
                                      &attempt.stop, &progress, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL(progress.done, 2 * 777);
    CU_ASSERT_EQUAL(progress.total, 2 * 777);
    graph_close(graph);
    attempt_close(&attempt);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(graph_is_the_reference_whatever_builds_it),
        CASE(many_rows_in_many_buckets_are_the_reference),
        CASE(heavy_links_are_the_reference_in_any_order_of_time),
        CASE(floats_stay_decimal_while_a_double_holds_their_mantissas),
        CASE(every_failed_allocation_ends_the_build_cleanly),
        CASE(memory_limit_is_named),
        CASE(stop_ends_the_build_with_its_reason),
        CASE(too_many_partitions_are_wrong_usage),
        CASE(empty_staging_is_closed),
        CASE(progress_counts_each_row_twice),
        CU_TEST_INFO_NULL,
    };
    return suite_run("build", open_topologies, close_topologies, cases);
}
