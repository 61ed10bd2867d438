/* Matches through a sink; see tiny_sink.h. */
#include "tests/support/tiny_sink.h"

#include <stdio.h>
#include <string.h>

#include <CUnit/CUnit.h>

#include "base/memory.h"

const struct tiny_row tiny_sink_rows[TINY_SINK_ROWS] = {
    {"10.0.0.2", "10.0.0.1", 100, 5, 0.5, "tcp"},
    {"10.0.0.1", "10.0.0.2", 200, TINY_NULL, 1.25, "udp"},
    {"10.0.0.1", "10.0.0.10", 300, 7, NAN, "tcp"},
    {"host-a", "10.0.0.1", 400, 7, 2, NULL},
    {"10.0.0.2", "10.0.0.10", 500, 0, 0.5, "icmp"},
    {"10.0.0.10", "host-a", 600, -5, 4, "udp"},
    {"10.0.0.1", "10.0.0.2", 700, 12, 8, "tcp"},
    {"10.0.0.2", "10.0.0.2", 800, TINY_NULL, 0.25, NULL},
};
enum { TEXT_BYTES = 1 << 16 };

void tiny_take_row(struct tiny *tiny, struct sink *sink, uint32_t worker, uint32_t row)
{
    edge_id edge = tiny_edge(tiny, row);
    vertex_id ends[] = {tiny_vertex(tiny, tiny->rows[row].source),
                        tiny_vertex(tiny, tiny->rows[row].target)};
    struct match_batch batch = {.count = 1, .edges = {&edge}, .vertices = {&ends[0], &ends[1]}};
    sink_take(sink, worker, &batch);
}

void tiny_take_all(struct tiny *tiny, struct sink *sink)
{
    uint32_t workers = team_worker_count(tiny->team);
    for (uint32_t row = tiny->row_count; row > 0; row--) {
        tiny_take_row(tiny, sink, row % workers, row - 1);
    }
}

void tiny_read_result(struct tiny *tiny, struct result *result, char *text, size_t size)
{
    struct lanes columns[8];
    uint32_t column_count = result_column_count(result);
    text[0] = '\0';
    for (uint64_t row = 0; row < result_row_count(result); row++) {
        CU_ASSERT_EQUAL_FATAL(result_read(result, row, 1, columns, NULL), STATUS_OK);
        for (uint32_t i = 0; i < column_count; i++) {
            size_t used = strlen(text);
            snprintf(text + used, size - used, "%s", i > 0 ? " " : row > 0 ? " | " : "");
            tiny_append_lane(tiny, &columns[i], 0, text, size);
        }
    }
}

const char *tiny_run(struct tiny *tiny)
{
    static char text[TEXT_BYTES];
    struct error error = {0};
    struct sink *sink = NULL;
    struct result *result = NULL;
    text[0] = '\0';
    enum status status =
        sink_open(&sink, &tiny->query, tiny->team, &tiny->budget, &tiny->stop, 0, &error);
    if (status == STATUS_OK) {
        tiny_take_all(tiny, sink);
        status = sink_finish(sink, tiny->team, &result, &error);
    }
    if (status == STATUS_OK) {
        CU_ASSERT_EQUAL(sink_match_count(sink), tiny->row_count);
        CU_ASSERT_FALSE(sink_is_partial(sink));
        tiny_read_result(tiny, result, text, sizeof text);
    } else {
        snprintf(text, sizeof text, "%s", error.text);
    }
    sink_close(sink);
    result_close(result);
    return text;
}

void tiny_expect_result(void (*make)(struct tiny *tiny), const char *expected)
{
    for (uint32_t i = 0; i < 6; i++) {
        struct tiny tiny;
        tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, i % 2 == 0 ? 1 : 4, i / 2 + 1);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        make(&tiny);
        const char *found = tiny_run(&tiny);
        if (strcmp(found, expected) != 0) {
            printf("\n    found:    %s\n    expected: %s\n", found, expected);
        }
        CU_ASSERT_STRING_EQUAL(found, expected);
        tiny_close(&tiny);
    }
}

void tiny_fail_allocations(void (*make)(struct tiny *tiny))
{
    for (uint64_t after = 1;; after++) {
        struct tiny tiny;
        struct sink *sink = NULL;
        struct result *result = NULL;
        struct error error = {0};
        tiny_open(&tiny, tiny_sink_rows, TINY_SINK_ROWS, 1, 2);
        tiny_pattern(&tiny, (const uint32_t[]){0, 1}, 1, 2);
        make(&tiny);
        memory_fault_set(after);
        enum status status =
            sink_open(&sink, &tiny.query, tiny.team, &tiny.budget, &tiny.stop, 0, &error);
        if (status == STATUS_OK) {
            tiny_take_all(&tiny, sink);
            status = sink_finish(sink, tiny.team, &result, &error);
        }
        bool was_due = memory_fault_count() >= after;
        memory_fault_set(0);
        bool is_stopped = stop_reason(&tiny.stop) == STOP_MEMORY;
        CU_ASSERT_EQUAL(status != STATUS_OK || is_stopped, was_due);
        if (status == STATUS_OK) {
            char text[1024];
            tiny_read_result(&tiny, result, text, sizeof text);
        } else {
            CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "memory"));
        }
        sink_close(sink);
        result_close(result);
        tiny_close(&tiny);
        if (!was_due) {
            break;
        }
    }
}
