/* floor: graph */
#include "graph/partition.h"

#include "tests/support/small_graph.h"
#include "tests/support/suite.h"

static struct small_graph small;

static void edge_number_holds_partition_and_position(void)
{
    edge_id edge = edge_id_of(4095, UINT32_C(0xfffffff0));
    CU_ASSERT_EQUAL(edge_partition(edge), 4095);
    CU_ASSERT_EQUAL(edge_position(edge), UINT32_C(0xfffffff0));
}

static void link_source_passes_over_vertices_without_links(void)
{
    small_graph_init(&small);
    static const vertex_id sources[2][3] = {{0, 0, 2}, {3, 4}};
    for (uint32_t index = 0; index < 2; index++) {
        for (uint32_t link = 0; link < small.partitions[index].link_count; link++) {
            CU_ASSERT_EQUAL(partition_link_source(&small.partitions[index], link),
                            sources[index][link]);
        }
    }
}

static void flow_link_is_the_one_around_it(void)
{
    small_graph_init(&small);
    static const uint32_t links[2][4] = {{0, 0, 1, 2}, {0, 0, 1}};
    for (uint32_t index = 0; index < 2; index++) {
        for (uint32_t flow = 0; flow < small.partitions[index].flow_count; flow++) {
            CU_ASSERT_EQUAL(partition_flow_link(&small.partitions[index], flow),
                            links[index][flow]);
        }
    }
}

static void link_is_found_by_its_ends(void)
{
    small_graph_init(&small);
    for (vertex_id source = 0; source < SMALL_VERTICES; source++) {
        const struct partition *partition = &small.partitions[source >= 3];
        for (vertex_id target = 0; target <= SMALL_VERTICES; target++) {
            uint32_t expected = LINK_NONE;
            for (uint32_t link = 0; link < partition->link_count; link++) {
                if (partition_link_source(partition, link) == source &&
                    partition->link_target[link] == target) {
                    expected = link;
                }
            }
            CU_ASSERT_EQUAL(partition_find_link(partition, source, target), expected);
        }
    }
    CU_ASSERT_EQUAL(partition_find_link(&small.partitions[0], 2, 2), 2);
}

static void bytes_count_the_start_time_once(void)
{
    small_graph_init(&small);
    uint64_t offsets = (4 + 4 + 4) * sizeof(uint32_t);
    uint64_t links = 3 * sizeof(vertex_id) + 4 * sizeof(struct reverse_link);
    uint64_t values = 4 * (8 + 1 + 1 + 1 + 2 + 8) + 8 /* null bits of the port */;
    CU_ASSERT_EQUAL(partition_bytes(&small.partitions[0], SMALL_PROPERTIES),
                    offsets + links + values + sizeof(struct column) * SMALL_PROPERTIES);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(edge_number_holds_partition_and_position),
        CASE(link_source_passes_over_vertices_without_links),
        CASE(flow_link_is_the_one_around_it),
        CASE(link_is_found_by_its_ends),
        CASE(bytes_count_the_start_time_once),
        CU_TEST_INFO_NULL,
    };
    return suite_run("partition", NULL, NULL, cases);
}
