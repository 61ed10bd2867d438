/* floor: graph */
#include "graph/graph.h"

#include <string.h>

#include "base/memory.h"
#include "tests/support/small_graph.h"
#include "tests/support/suite.h"

static struct small_graph small;

static void owner_is_found_from_any_hint_that_lags(void)
{
    small_graph_init(&small);
    for (uint32_t shift = 0; shift < 32; shift += 31) {
        uint16_t hints[SMALL_VERTICES] = {0};
        small.graph.vertices.owner_hint = hints;
        small.graph.vertices.owner_shift = shift;
        for (vertex_id vertex = 0; vertex < SMALL_VERTICES; vertex++) {
            CU_ASSERT_EQUAL(graph_owner(&small.graph.vertices, vertex), vertex >= 3);
            CU_ASSERT_PTR_EQUAL(graph_partition_of(&small.graph.edges, vertex),
                                &small.partitions[vertex >= 3]);
        }
    }
}

static void vertex_is_found_by_any_spelling(void)
{
    static const struct {
        const char *text;
        vertex_id vertex;
    } rows[] = {
        {"10.0.0.1", 0},   {"::ffff:10.0.0.1", 0},    {"router", 1},
        {"fe80::1", 2},    {"FE80:0:0::0001", 2},     {"02:00:00:00:00:07", 3},
        {"host-b", 4},     {"10.0.0.2", VERTEX_NONE}, {"Router", VERTEX_NONE},
        {"", VERTEX_NONE}, {"host", VERTEX_NONE},
    };
    small_graph_init(&small);
    for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++) {
        CU_ASSERT_EQUAL(graph_find_vertex(&small.graph.vertices, bytes_of(rows[index].text)),
                        rows[index].vertex);
    }
    struct vertex_frame empty = {0};
    CU_ASSERT_EQUAL(graph_find_vertex(&empty, bytes_of("10.0.0.1")), VERTEX_NONE);
}

static void address_text_reads_back_as_its_vertex(void)
{
    static const char *const texts[SMALL_VERTICES] = {"10.0.0.1", "router", "fe80::1",
                                                      "02:00:00:00:00:07", "host-b"};
    small_graph_init(&small);
    const struct vertex_frame *frame = &small.graph.vertices;
    CU_ASSERT_EQUAL(graph_address_text_bytes(frame), ADDRESS_TEXT_BYTES);
    for (vertex_id vertex = 0; vertex < SMALL_VERTICES; vertex++) {
        char text[ADDRESS_TEXT_BYTES];
        uint32_t length = graph_format_address(frame, frame->addresses[vertex], text);
        CU_ASSERT_STRING_EQUAL(text, texts[vertex]);
        CU_ASSERT_EQUAL(length, strlen(texts[vertex]));
        CU_ASSERT_EQUAL(graph_find_vertex(frame, bytes_of(text)), vertex);
    }
}

static void long_address_text_asks_for_room(void)
{
    static _Alignas(8) char room[128];
    char name[81];
    memset(name, 'x', 80);
    name[80] = '\0';
    text_fill((struct text *)(void *)room, bytes_of(name));
    small_graph_init(&small);
    small.address_texts[1] = (const struct text *)(const void *)room;
    CU_ASSERT_EQUAL(graph_address_text_bytes(&small.graph.vertices), 81);
}

static void ends_of_a_flow_are_its_links(void)
{
    static const vertex_id ends[2][4][2] = {{{0, 1}, {0, 1}, {0, 3}, {2, 2}},
                                            {{3, 0}, {3, 0}, {4, 1}}};
    small_graph_init(&small);
    for (uint32_t index = 0; index < 2; index++) {
        for (uint32_t flow = 0; flow < small.partitions[index].flow_count; flow++) {
            edge_id edge = edge_id_of(index, flow);
            CU_ASSERT_EQUAL(graph_edge_source(&small.graph.edges, edge), ends[index][flow][0]);
            CU_ASSERT_EQUAL(graph_edge_target(&small.graph.edges, edge), ends[index][flow][1]);
        }
    }
}

static void graph_without_anything_is_closed(void)
{
    graph_close(NULL);
    struct graph *graph = memory_allocate(1, sizeof(*graph));
    CU_ASSERT_PTR_NOT_NULL_FATAL(graph);
    CU_ASSERT_EQUAL(
        schema_add(&graph->edges.schema, bytes_of("Dur"), TYPE_FLOAT, ROLE_ATTRIBUTE, NULL),
        STATUS_OK);
    graph_close(graph);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(owner_is_found_from_any_hint_that_lags),
        CASE(vertex_is_found_by_any_spelling),
        CASE(address_text_reads_back_as_its_vertex),
        CASE(long_address_text_asks_for_room),
        CASE(ends_of_a_flow_are_its_links),
        CASE(graph_without_anything_is_closed),
        CU_TEST_INFO_NULL,
    };
    return suite_run("graph", NULL, NULL, cases);
}
