/* floor: graph */
/* Each invariant, broken alone, is refused by a reason that names what is broken. */
#include "graph/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "tests/support/small_graph.h"
#include "tests/support/suite.h"

static struct small_graph small;

static void expect_refusal(const char *word, int line)
{
    char reason[256];
    bool is_valid = graph_validate(&small.graph, reason);
    if (is_valid || strstr(reason, word) == NULL) {
        fprintf(stderr, "line %d: expected a refusal naming \"%s\", got \"%s\"\n", line, word,
                is_valid ? "valid" : reason);
    }
    CU_ASSERT_FALSE(is_valid);
    CU_ASSERT_PTR_NOT_NULL(strstr(reason, word));
}

/* Spoils one thing in a fresh graph. */
#define REFUSED(word, spoil)            \
    do {                                \
        small_graph_init(&small);       \
        spoil;                          \
        expect_refusal(word, __LINE__); \
    } while (0)

static void spoil_text(uint32_t room, uint32_t at, char byte)
{
    small.text_room[room][offsetof(struct text, bytes) + at] = byte;
}

static void sound_graph_is_valid(void)
{
    char reason[256] = "?";
    small_graph_init(&small);
    CU_ASSERT_TRUE(graph_validate(&small.graph, reason));
    CU_ASSERT_STRING_EQUAL(reason, "");
}

static void broken_vertices_are_refused(void)
{
    struct vertex_frame *frame = &small.graph.vertices;
    REFUSED("no name", frame->name = NULL);
    REFUSED("partition_count", frame->partition_count = 0);
    REFUSED("partition_count", frame->partition_count = GRAPH_PARTITIONS_MAX + 1);
    REFUSED("partition_base", small.partition_base[0] = 1);
    REFUSED("partition_base", small.partition_base[2] = 4);
    REFUSED("partition_base", small.partition_base[1] = 6);
    REFUSED("owner_shift", frame->owner_shift = 32);
    REFUSED("owner_hint", small.owner_hint[0] = 1);
    REFUSED("owner_hint", small.owner_hint[1] = 1); /* vertex 2 is partition 0's, 3 is 1's */
    REFUSED("owner_hint", small.owner_hint[2] = 2);
    REFUSED("addresses", small.addresses[4].low = 2);
}

static void wrong_marks_of_through_are_refused(void)
{
    for (uint32_t vertex = 0; vertex < SMALL_VERTICES; vertex++) {
        REFUSED("through", small.through[0] ^= UINT64_C(1) << vertex);
    }
}

static void broken_lookup_is_refused(void)
{
    struct vertex_frame *frame = &small.graph.vertices;
    REFUSED("lookup_size", frame->lookup_size = 0);
    REFUSED("lookup_size", frame->lookup_size = 12);
    REFUSED("lookup_size", frame->lookup_size = 8);
    for (uint32_t slot = 0; slot < SMALL_LOOKUP; slot++) {
        REFUSED("lookup", small.lookup[slot] = small.lookup[slot] == 0 ? 1 : 0);
        REFUSED("lookup", small.lookup[slot] = SMALL_VERTICES + 1);
    }
    REFUSED("lookup", small.addresses[1] = small.addresses[4]);
    REFUSED("lookup", small.addresses[0].low++);
}

static void broken_dictionaries_are_refused(void)
{
    REFUSED("dictionary of address_texts: not ascending",
            small.address_texts[1] = small.address_texts[0]);
    REFUSED("dictionary of Proto: not ascending", small.protocols[0] = small.protocols[2]);
    REFUSED("dictionary of Proto: text 1 has a wrong hash", spoil_text(3, 0, 'u'));
    REFUSED("dictionary of Proto: text 1 has no NUL", spoil_text(3, 3, '!'));
    REFUSED("dictionary of Sport: not empty", small.dictionaries[SMALL_PORT].count = 1);
    REFUSED("Proto", small.dictionaries[SMALL_PROTOCOL].count = 2);
}

static void broken_frames_are_refused(void)
{
    struct edge_frame *frame = &small.graph.edges;
    REFUSED("frame", frame->source = NULL);
    REFUSED("frame", frame->target = NULL);
    REFUSED("no name", frame->name = NULL);
    REFUSED("edges: partition_count", frame->partition_count = 1);
    REFUSED("flow_count", frame->flow_count++);
    REFUSED("link_count", frame->link_count--);
    REFUSED("start_time", frame->start_time = SMALL_PORT);
    REFUSED("start_time", frame->start_time = PROPERTY_NONE);
    REFUSED("start_time", small.properties[SMALL_TIME].role = ROLE_ATTRIBUTE);
    REFUSED("start_time", small.properties[SMALL_TIME].type = TYPE_INTEGER);
    REFUSED("schema", small.properties[SMALL_PORT].role = ROLE_SOURCE);
    REFUSED("schema", small.properties[SMALL_SOURCE].type = TYPE_TEXT);
    REFUSED("schema", small.properties[SMALL_PORT].type = TYPE_NULL);
    REFUSED("partition 1: index", small.partitions[1].index = 0);
    REFUSED("vertex_base", small.partitions[1].vertex_base = 2);
    REFUSED("vertex_count", small.partitions[0].vertex_count = 2);
    REFUSED("flow_count", small.partitions[0].flow_count = UINT32_MAX);
}

static void broken_links_are_refused(void)
{
    REFUSED("partition 0: link_offset", small.link_offset[0][0] = 1);
    REFUSED("partition 0: link_offset", small.link_offset[0][3] = 2);
    REFUSED("partition 0: link_offset", small.link_offset[0][1] = 3);
    REFUSED("partition 1: flow_offset", small.flow_offset[1][0] = 1);
    REFUSED("partition 1: flow_offset", small.flow_offset[1][2] = 2);
    REFUSED("partition 1: flow_offset", small.flow_offset[1][1] = 0);
    REFUSED("partition 0: link_target", small.link_target[0][0] = 3);
    REFUSED("partition 0: link_target", small.link_target[0][0] = 4);
    REFUSED("partition 0: link_target", small.link_target[0][1] = SMALL_VERTICES);
    REFUSED("partition 1: flow_time", small.times[1][1] = 119);
}

static void broken_reverse_is_refused(void)
{
    REFUSED("partition 0: reverse_offset", small.reverse_offset[0][0] = 1);
    REFUSED("partition 0: reverse_offset", small.reverse_offset[0][3] = 3);
    REFUSED("partition 0: reverse_offset", small.reverse_offset[0][1] = 4);
    REFUSED("reverse", small.reverse[0][0].source = SMALL_VERTICES);
    REFUSED("reverse", small.reverse[0][0].source = 4);
    REFUSED("reverse", small.reverse[0][0].link = 1);
    REFUSED("reverse", small.reverse[0][0].link = 9);
    REFUSED("reverse does not ascend", small.reverse[0][2] = small.reverse[0][1]);
    REFUSED("reverse", small.reverse_offset[0][2] = 2); /* an arrival given to its neighbour */
    REFUSED("reverse: 4 entries for 5 links",
            (small.partitions[1].reverse_count = 0, small.reverse_offset[1][1] = 0,
             small.reverse_offset[1][2] = 0));
}

static void broken_rows_are_refused(void)
{
    struct column *row = &small.partitions[0].row;
    REFUSED("row", small.rows[0][1] = 0);
    REFUSED("row does not ascend", (small.rows[0][0] = 3, small.rows[0][1] = 0));
    REFUSED("row 1 stands twice", small.rows[0][3] = 1);
    REFUSED("row 7 is beyond", small.rows[0][3] = 7);
    REFUSED("row", row->base = 1);
    REFUSED("row", row->width = 3);
    REFUSED("row", (row->null_bits = small.port_nulls, row->null_count = 1));
}

static void broken_columns_are_refused(void)
{
    struct column *first = small.columns[0];
    struct column *second = small.columns[1];
    REFUSED("column Flag has not its property's type", first[SMALL_FLAG].type = TYPE_INTEGER);
    REFUSED("start time", first[SMALL_TIME].base = 1);
    REFUSED("start time", first[SMALL_TIME].width = 4);
    REFUSED("start time", first[SMALL_TIME].values = small.times[1]);
    REFUSED("start time", first[SMALL_TIME].null_count = 1);
    REFUSED("column SrcAddr is stored", first[SMALL_SOURCE].width = 1);
    REFUSED("column Sport: width is 2 where", small.ports[1] = 200);
    REFUSED("column Sport: width is 3", first[SMALL_PORT].width = 3);
    REFUSED("column Sport: no values", first[SMALL_PORT].values = NULL);
    REFUSED("column Sport: the encoding", first[SMALL_PORT].encoding = ENCODING_DECIMAL);
    REFUSED("column Dur: the encoding", first[SMALL_DURATION].encoding = ENCODING_INTEGER);
    REFUSED("column Dur: the divisor", first[SMALL_DURATION].divisor = 50.0);
    REFUSED("column Dur: the divisor", first[SMALL_DURATION].divisor = 0.0);
    REFUSED("column Ratio: doubles of width 4", first[SMALL_RATIO].width = 4);
    REFUSED("column Ratio: the float at 2", small.ratios[0][2] = INFINITY);
    REFUSED("column Ratio: the float at 1", small.ratios[1][1] = NAN);
    REFUSED("column Proto: the code at 1", small.protocol_codes[1][1] = 3);
    REFUSED("column Flag: the boolean at 0", second[SMALL_FLAG].base = -1);
    REFUSED("column Flag: the boolean", first[SMALL_FLAG].base = 2);
}

static void broken_nulls_are_refused(void)
{
    struct column *port = &small.columns[0][SMALL_PORT];
    REFUSED("column Sport: null_bits and null_count", port->null_count = 0);
    REFUSED("column Sport: null_bits and null_count", port->null_bits = NULL);
    REFUSED("column Sport: null_count is 2", port->null_count = 2);
    REFUSED("column Sport: null_bits are set after", small.port_nulls[0] |= 1u << 4);
    REFUSED("column Sport: the null at 2 has a raw", small.ports[2] = 1);
    REFUSED("column Sport: the null at 1 has a raw", small.port_nulls[0] |= 1u << 1);
}

static void no_memory_to_validate_is_told(void)
{
    char reason[256];
    small_graph_init(&small);
    memory_fault_set(1);
    CU_ASSERT_FALSE(graph_validate(&small.graph, reason));
    memory_fault_set(0);
    CU_ASSERT_PTR_NOT_NULL(strstr(reason, "no memory"));
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(sound_graph_is_valid),
        CASE(broken_vertices_are_refused),
        CASE(wrong_marks_of_through_are_refused),
        CASE(broken_lookup_is_refused),
        CASE(broken_dictionaries_are_refused),
        CASE(broken_frames_are_refused),
        CASE(broken_links_are_refused),
        CASE(broken_reverse_is_refused),
        CASE(broken_rows_are_refused),
        CASE(broken_columns_are_refused),
        CASE(broken_nulls_are_refused),
        CASE(no_memory_to_validate_is_told),
        CU_TEST_INFO_NULL,
    };
    return suite_run("validate", NULL, NULL, cases);
}
