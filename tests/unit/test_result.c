/* floor: engine */
#include "engine/result.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_filter.h"
#include "tests/support/tiny_sink.h"

enum { MANY = 2000 };

/* MANY random flows through a sink. */
static struct result *open_result(struct tiny *tiny)
{
    struct sink *sink = NULL;
    struct result *result = NULL;
    const struct edge_frame *frame = &tiny->graph->edges;
    CU_ASSERT_EQUAL_FATAL(
        sink_open(&sink, &tiny->query, tiny->team, &tiny->budget, &tiny->stop, 0, NULL), STATUS_OK);
    for (uint32_t i = 0; i < frame->partition_count; i++) {
        for (uint32_t j = 0; j < frame->partitions[i].flow_count; j++) {
            edge_id edge = edge_id_of(i, j);
            vertex_id ends[] = {graph_edge_source(frame, edge), graph_edge_target(frame, edge)};
            struct match_batch batch = {
                .count = 1, .vertices = {&ends[0], &ends[1]}, .edges = {&edge}};
            sink_take(sink, j % team_worker_count(tiny->team), &batch);
        }
    }
    CU_ASSERT_EQUAL_FATAL(sink_finish(sink, tiny->team, &result, NULL), STATUS_OK);
    sink_close(sink);
    return result;
}

static void open_graph(struct tiny *tiny)
{
    tiny_filter_fill(MANY, 0, 1000, false, 1);
    tiny_open(tiny, tiny_filter_rows, MANY, 3, 2);
    tiny_pattern(tiny, (const uint32_t[]){0, 1}, 1, 2);
}

static void make_outputs(struct tiny *tiny)
{
    tiny_return(tiny, "e1", tiny_leaf(tiny, EXPRESSION_EDGE, TYPE_EDGE, 0));
    tiny_return(tiny, "A", tiny_key_text(tiny, 0));
    tiny_return(tiny, "B", tiny_key_text(tiny, 1));
    tiny_return(tiny, "packets", tiny_packets(tiny));
}

static void columns_have_names_and_types(void)
{
    static const enum type types[] = {TYPE_EDGE, TYPE_TEXT, TYPE_TEXT, TYPE_INTEGER};
    static const char *const names[] = {"e1", "A", "B", "packets"};
    struct tiny tiny;
    open_graph(&tiny);
    make_outputs(&tiny);
    struct result *result = open_result(&tiny);
    CU_ASSERT_EQUAL_FATAL(result_column_count(result), 4);
    for (uint32_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(result_column_type(result, i), types[i]);
        CU_ASSERT_STRING_EQUAL(result_column_name(result, i), names[i]);
    }
    CU_ASSERT_EQUAL(result_row_count(result), MANY);
    result_close(result);
    result_close(NULL);
    tiny_close(&tiny);
}

/* Compares one row with the row of the input that it should be. */
static void expect_row(struct tiny *tiny, const struct lanes *columns, uint32_t lane, uint64_t row)
{
    const struct tiny_row *expected = &tiny_filter_rows[row];
    CU_ASSERT_EQUAL(columns[0].values[lane].edge, tiny_edge(tiny, (uint32_t)row));
    CU_ASSERT_STRING_EQUAL(columns[1].values[lane].text->bytes, expected->source);
    CU_ASSERT_STRING_EQUAL(columns[2].values[lane].text->bytes, expected->target);
    bool is_null = columns[3].is_null != NULL && columns[3].is_null[lane] != 0;
    CU_ASSERT_EQUAL(is_null, expected->packets == TINY_NULL);
    CU_ASSERT_TRUE(is_null || columns[3].values[lane].integer == expected->packets);
}

static void blocks_begin_anywhere_and_all_columns_last_together(void)
{
    static const struct {
        uint64_t first;
        uint32_t count;
    } blocks[] = {{0, EVALUATE_LANES}, {EVALUATE_LANES, MANY - EVALUATE_LANES},
                  {1000, 37},          {MANY - 1, 1},
                  {MANY, 0},           {5, 1}};
    struct tiny tiny;
    open_graph(&tiny);
    make_outputs(&tiny);
    struct result *result = open_result(&tiny);
    for (uint32_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct lanes columns[4];
        CU_ASSERT_EQUAL(result_read(result, blocks[i].first, blocks[i].count, columns, NULL),
                        STATUS_OK);
        for (uint32_t lane = 0; lane < blocks[i].count; lane += 13) {
            expect_row(&tiny, columns, lane, blocks[i].first + lane);
        }
    }
    result_close(result);
    tiny_close(&tiny);
}

static void skipped_rows_are_not_counted(void)
{
    struct tiny tiny;
    open_graph(&tiny);
    make_outputs(&tiny);
    tiny.query.skip = 1500;
    tiny.query.limit = 300;
    tiny_order(&tiny, tiny_property(&tiny, 0, TINY_TIME), false);
    struct result *result = open_result(&tiny);
    CU_ASSERT_EQUAL(result_row_count(result), 300);
    struct lanes columns[4];
    CU_ASSERT_EQUAL(result_read(result, 0, 300, columns, NULL), STATUS_OK);
    int64_t last = INT64_MIN;
    for (uint32_t i = 0; i < 300; i++) {
        const struct edge_frame *frame = &tiny.graph->edges;
        edge_id edge = columns[0].values[i].edge;
        int64_t time = frame->partitions[edge_partition(edge)].flow_time[edge_position(edge)];
        CU_ASSERT_TRUE(time >= last);
        last = time;
    }
    result_close(result);
    tiny_close(&tiny);
}

static void an_output_that_fails_is_told_where_it_is_read(void)
{
    struct tiny tiny;
    open_graph(&tiny);
    tiny_return(&tiny, "share",
                tiny_binary(&tiny, EXPRESSION_DIVIDE, TYPE_INTEGER, tiny_integer(&tiny, 1),
                            tiny_binary(&tiny, EXPRESSION_SUBTRACT, TYPE_INTEGER,
                                        tiny_packets(&tiny), tiny_packets(&tiny))));
    struct result *result = open_result(&tiny);
    struct error error = {0};
    struct lanes column;
    CU_ASSERT_EQUAL(result_read(result, 0, 100, &column, &error), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "division by zero"));
    result_close(result);
    tiny_close(&tiny);
}

static void memory_for_made_text_may_fail(void)
{
    for (uint64_t after = 1;; after++) {
        struct tiny tiny;
        open_graph(&tiny);
        make_outputs(&tiny);
        struct result *result = open_result(&tiny);
        struct error error = {0};
        struct lanes columns[4];
        memory_fault_set(after);
        enum status status = result_read(result, 0, EVALUATE_LANES, columns, &error);
        bool was_due = memory_fault_count() >= after;
        memory_fault_set(0);
        CU_ASSERT_EQUAL(status, was_due ? STATUS_FAILED : STATUS_OK);
        CU_ASSERT_EQUAL(result_read(result, 0, EVALUATE_LANES, columns, NULL), STATUS_OK);
        expect_row(&tiny, columns, 7, 7);
        result_close(result);
        tiny_close(&tiny);
        if (!was_due) {
            break;
        }
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(columns_have_names_and_types),
        CASE(blocks_begin_anywhere_and_all_columns_last_together),
        CASE(skipped_rows_are_not_counted),
        CASE(an_output_that_fails_is_told_where_it_is_read),
        CASE(memory_for_made_text_may_fail),
        CU_TEST_INFO_NULL,
    };
    return suite_run("result", NULL, NULL, cases);
}
