/* floor: numa */
/* Machines of several shapes, as hwloc exports them (tests/numa/): where workers sit, in what
 * order, and which nodes hold partitions. */
#include "numa/topology.h"

#include <stdio.h>
#include <string.h>

#include "numa/team.h"
#include "tests/support/suite.h"

enum { NODES_MAX = 4, TEXT_BYTES_MAX = 512 };

struct shape {
    const char *name;
    const char *places; /* node.core.unit, second threads with a star */
    const char *homes;  /* nodes of partitions */
    const char *nodes;  /* cores/units/GB of each node */
    uint32_t far;       /* distance from the first node to the last */
};

static const struct shape shapes[] = {
    /* Linux numbers second threads after all first ones. */
    {"two_sockets_two_threads",
     "0.0.0 1.4.4 0.1.1 1.5.5 0.2.2 1.6.6 0.3.3 1.7.7 "
     "0.0.8* 1.4.12* 0.1.9* 1.5.13* 0.2.10* 1.6.14* 0.3.11* 1.7.15*",
     "0 1", "4/8/64 4/8/64", 21},
    {"four_nodes_two_near", "0.0.0 1.2.2 2.4.4 3.6.6 0.1.1 1.3.3 2.5.5 3.7.7", "0 1 2 3",
     "2/2/32 2/2/32 2/2/32 2/2/32", 21},
    {"memory_without_processors", "0.0.0 1.2.2 0.1.1 1.3.3", "0 1", "2/2/32 2/2/32 0/0/137 0/0/137",
     24},
    {"node_without_memory", "0.0.0 1.2.2 2.4.4 0.1.1 1.3.3 2.5.5", "0 2", "2/2/16 2/2/0 2/2/16",
     30},
    {"unequal_sockets", "0.0.0 1.4.8 0.1.2 1.5.10 0.2.4 0.3.6 0.0.1* 0.1.3* 0.2.5* 0.3.7*", "0 1",
     "4/8/16 2/2/4", 20},
    {"offline_core", "0.0.0 1.3.3 0.1.1 1.4.5 0.2.2", "0 1", "3/3/8 2/2/8", 20},
    {"fast_memory_beside", "0.0.0 2.2.4 0.1.2 2.3.6 0.0.1* 2.2.5* 0.1.3* 2.3.7*", "0 2",
     "2/4/96 0/0/16 2/4/96 0/0/16", 20},
    {"two_nodes_one_unit_forbidden", "0.0.0 1.2.4 0.1.2 1.3.6 0.0.1* 1.2.5* 0.1.3*", "0 1",
     "2/4/1 2/3/1", 32},
    /* No node has both. */
    {"memory_apart", "0.0.0 0.1.1", "1", "2/2/0 0/0/34", 17},
};
enum { SHAPE_COUNT = sizeof(shapes) / sizeof(shapes[0]) };

static struct topology *open_shape(const struct shape *shape)
{
    char path[TEXT_BYTES_MAX];
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, sizeof(path), "%.*s/../numa/%s.xml", (int)(slash - __FILE__), __FILE__,
             shape->name);
    struct topology *topology = NULL;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, path, &error), STATUS_OK);
    CU_ASSERT_FALSE(topology_is_real(topology));
    return topology;
}

/* Joins with blanks. */
static void append(char *text, const char *word)
{
    size_t used = strlen(text);
    snprintf(text + used, TEXT_BYTES_MAX - used, "%s%s", used == 0 ? "" : " ", word);
}

static void check_shape(const struct shape *shape)
{
    struct topology *topology = open_shape(shape);
    char places[TEXT_BYTES_MAX] = "";
    char homes[TEXT_BYTES_MAX] = "";
    char nodes[TEXT_BYTES_MAX] = "";
    char word[64];
    for (uint32_t index = 0; index < topology_place_count(topology); index++) {
        struct topology_place place = topology_place_at(topology, index);
        snprintf(word, sizeof(word), "%u.%u.%u%s", place.node, place.core, place.os_unit,
                 place.is_second_thread ? "*" : "");
        append(places, word);
    }
    for (uint32_t home = 0; home < topology_home_count(topology); home++) {
        snprintf(word, sizeof(word), "%u", topology_home_at(topology, home));
        append(homes, word);
    }
    uint32_t node_count = topology_node_count(topology);
    for (uint32_t index = 0; index < node_count; index++) {
        const struct topology_node *node = topology_node_at(topology, index);
        snprintf(word, sizeof(word), "%u/%u/%u", node->core_count, node->unit_count,
                 (unsigned)((double)node->memory_bytes / 1e9 + 0.5));
        append(nodes, word);
    }
    CU_ASSERT_STRING_EQUAL(places, shape->places);
    CU_ASSERT_STRING_EQUAL(homes, shape->homes);
    CU_ASSERT_STRING_EQUAL(nodes, shape->nodes);
    CU_ASSERT_EQUAL(topology_distance(topology, 0, node_count - 1), shape->far);
    topology_close(topology);
}

static void places_homes_and_nodes_are_those_of_the_shape(void)
{
    for (size_t row = 0; row < SHAPE_COUNT; row++) {
        check_shape(&shapes[row]);
    }
}

/* Workers beyond the places begin anew; ranks within a node have no gaps. */
static void workers_sit_in_the_order_of_places(void)
{
    for (size_t row = 0; row < SHAPE_COUNT; row++) {
        struct topology *topology = open_shape(&shapes[row]);
        uint32_t place_count = topology_place_count(topology);
        struct team *team = NULL;
        struct error error = {0};
        CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, place_count + 3, &error), STATUS_OK);
        uint32_t ranks[NODES_MAX] = {0};
        for (uint32_t index = 0; index < place_count + 3; index++) {
            const struct worker *worker = team_worker_at(team, index);
            CU_ASSERT_EQUAL(worker->node, topology_place_at(topology, index % place_count).node);
            CU_ASSERT_EQUAL(worker->node_rank, ranks[worker->node]);
            ranks[worker->node]++;
        }
        for (uint32_t index = 0; index < place_count + 3; index++) {
            const struct worker *worker = team_worker_at(team, index);
            CU_ASSERT_EQUAL(worker->node_workers, ranks[worker->node]);
        }
        team_close(team);
        topology_close(topology);
    }
}

static void one_worker_per_core_is_the_default(void)
{
    static const uint32_t expected[SHAPE_COUNT] = {8, 8, 4, 6, 6, 5, 4, 4, 2};
    for (size_t row = 0; row < SHAPE_COUNT; row++) {
        struct topology *topology = open_shape(&shapes[row]);
        uint32_t first_threads = 0;
        bool has_begun_second = false;
        for (uint32_t index = 0; index < topology_place_count(topology); index++) {
            struct topology_place place = topology_place_at(topology, index);
            CU_ASSERT(place.is_second_thread || !has_begun_second);
            has_begun_second = place.is_second_thread;
            first_threads += place.is_second_thread ? 0 : 1;
        }
        CU_ASSERT_EQUAL(first_threads, expected[row]);
        topology_close(topology);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(places_homes_and_nodes_are_those_of_the_shape),
        CASE(workers_sit_in_the_order_of_places),
        CASE(one_worker_per_core_is_the_default),
        CU_TEST_INFO_NULL,
    };
    return suite_run("shapes", NULL, NULL, cases);
}
