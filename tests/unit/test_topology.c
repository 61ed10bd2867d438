/* floor: numa */
/* Topologies that are described, and the one that the test runs on. */
#include "numa/topology.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/support/suite.h"

static struct topology *open_topology(const char *description)
{
    struct topology *topology = NULL;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, description, &error), STATUS_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(topology);
    return topology;
}

/* "node.core.unit" of each place, those of second threads with a star. */
static void write_places(const struct topology *topology, char *text, size_t text_bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t index = 0; index < topology_place_count(topology); index++) {
        struct topology_place place = topology_place_at(topology, index);
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%u.%u.%u%s",
                                 index == 0 ? "" : " ", place.node, place.core, place.os_unit,
                                 place.is_second_thread ? "*" : "");
    }
}

static void places_go_round_the_nodes_and_second_threads_come_last(void)
{
    static const struct {
        const char *description;
        const char *places;
        const char *text;
    } rows[] = {
        {"synthetic:numa:4 core:2 pu:1", "0.0.0 1.2.2 2.4.4 3.6.6 0.1.1 1.3.3 2.5.5 3.7.7",
         "4 nodes, 8 cores, 8 threads, 4.0 GiB (not this machine)"},
        {"synthetic:numa:2 core:2 pu:2", "0.0.0 1.2.4 0.1.2 1.3.6 0.0.1* 1.2.5* 0.1.3* 1.3.7*",
         "2 nodes, 4 cores, 8 threads, 2.0 GiB (not this machine)"},
        {"synthetic:core:1 pu:1", "0.0.0", "1 node, 1 core, 1 thread, 1.0 GiB (not this machine)"},
        {"synthetic:numa:2 pu:2", "0.0.0 1.2.2 0.1.1 1.3.3",
         "2 nodes, 4 cores, 4 threads, 2.0 GiB (not this machine)"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct topology *topology = open_topology(rows[row].description);
        char text[256];
        write_places(topology, text, sizeof(text));
        CU_ASSERT_STRING_EQUAL(text, rows[row].places);
        topology_describe(topology, text, sizeof(text));
        CU_ASSERT_STRING_EQUAL(text, rows[row].text);
        CU_ASSERT_FALSE(topology_is_real(topology));
        topology_close(topology);
    }
}

static void memory_without_units_is_a_node(void)
{
    struct topology *topology =
        open_topology("synthetic:pack:2 [numa(memory=1GB)] [numa(memory=1GB)] core:2 pu:1");
    CU_ASSERT_EQUAL(topology_node_count(topology), 4);
    CU_ASSERT_EQUAL(topology_place_count(topology), 4);
    uint32_t with_units = 0;
    for (uint32_t node = 0; node < topology_node_count(topology); node++) {
        const struct topology_node *seen = topology_node_at(topology, node);
        CU_ASSERT(seen->memory_bytes > 0);
        CU_ASSERT_EQUAL(seen->core_count, seen->unit_count);
        with_units += seen->unit_count > 0 ? 1 : 0;
    }
    CU_ASSERT_EQUAL(with_units, 2);
    topology_close(topology);
}

static void unknown_distances_are_ten_and_twenty(void)
{
    struct topology *topology = open_topology("synthetic:numa:3 core:1 pu:1");
    for (uint32_t from = 0; from < 3; from++) {
        for (uint32_t to = 0; to < 3; to++) {
            CU_ASSERT_EQUAL(topology_distance(topology, from, to), from == to ? 10 : 20);
        }
    }
    topology_close(topology);
}

/* The path of a file beside this test's folder. */
static void data_path(char *path, size_t path_bytes, const char *name)
{
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, path_bytes, "%.*s/../numa/%s", (int)(slash - __FILE__), __FILE__, name);
}

static void exported_machine_gives_distances_and_leaves_out_forbidden_units(void)
{
    char path[512];
    data_path(path, sizeof(path), "two_nodes_one_unit_forbidden.xml");
    struct topology *topology = open_topology(path);
    CU_ASSERT_FALSE(topology_is_real(topology));
    char text[256];
    write_places(topology, text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "0.0.0 1.2.4 0.1.2 1.3.6 0.0.1* 1.2.5* 0.1.3*");
    CU_ASSERT_EQUAL(topology_node_at(topology, 1)->core_count, 2);
    CU_ASSERT_EQUAL(topology_node_at(topology, 1)->unit_count, 3);
    CU_ASSERT_EQUAL(topology_node_at(topology, 1)->os_index, 1);
    CU_ASSERT_EQUAL(topology_distance(topology, 0, 0), 10);
    CU_ASSERT_EQUAL(topology_distance(topology, 0, 1), 32);
    CU_ASSERT_EQUAL(topology_distance(topology, 1, 0), 31);
    CU_ASSERT_EQUAL(topology_distance(topology, 1, 1), 11);
    topology_close(topology);
}

static void wrong_descriptions_are_refused_by_name(void)
{
    static const struct {
        const char *description;
        const char *reason;
    } rows[] = {
        {"synthetic:", "not a description"},
        {"synthetic:numa:4 core:x", "not a description"},
        {"synthetic:nodes:4", "not a description"},
        {"/no/such/file.xml", "no such file"},
        {"/dev/null", "not an XML file"},
        {"/proc/self/status", "not an XML file"},
        {"/", "not an XML file"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct topology *topology = NULL;
        struct error error = {0};
        CU_ASSERT_EQUAL(topology_open(&topology, rows[row].description, &error), STATUS_USAGE);
        CU_ASSERT_PTR_NULL(topology);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[row].description));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[row].reason));
    }
}

static void this_machine_has_a_place_for_each_unit_that_may_be_used(void)
{
    cpu_set_t before;
    CU_ASSERT_EQUAL_FATAL(sched_getaffinity(0, sizeof(before), &before), 0);
    struct topology *topology = open_topology(NULL);
    CU_ASSERT(topology_is_real(topology));
    CU_ASSERT(topology_node_count(topology) >= 1);
    CU_ASSERT_EQUAL(topology_place_count(topology), (uint32_t)CPU_COUNT(&before));
    uint32_t last_place = topology_place_count(topology) - 1;
    uint32_t last_unit = topology_place_at(topology, last_place).os_unit;
    CU_ASSERT(CPU_ISSET(last_unit, &before));

    CU_ASSERT(topology_bind_thread(topology, last_place));
    CU_ASSERT_EQUAL(sched_getcpu(), (int)last_unit);
    struct topology *narrow = open_topology("");
    CU_ASSERT_EQUAL(topology_place_count(narrow), 1);
    CU_ASSERT_EQUAL(topology_place_at(narrow, 0).os_unit, last_unit);
    topology_close(narrow);
    CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof(before), &before), 0);
    topology_close(topology);
}

static void binding_is_restored(void)
{
    cpu_set_t before;
    cpu_set_t after;
    struct topology *topology = open_topology(NULL);
    sched_getaffinity(0, sizeof(before), &before);
    struct topology_binding *binding = topology_binding_take(topology);
    topology_bind_thread(topology, 0);
    sched_getaffinity(0, sizeof(after), &after);
    CU_ASSERT_EQUAL(CPU_COUNT(&after), 1);
    topology_binding_restore(topology, binding);
    sched_getaffinity(0, sizeof(after), &after);
    CU_ASSERT(CPU_EQUAL(&before, &after));
    topology_close(topology);
}

static void binding_to_a_described_machine_has_no_effect(void)
{
    struct topology *topology = open_topology("synthetic:numa:2 core:1 pu:1");
    char page[64];
    CU_ASSERT_FALSE(topology_bind_thread(topology, 1));
    CU_ASSERT_FALSE(topology_bind_memory(topology, page, sizeof(page), 1));
    CU_ASSERT_PTR_NULL(topology_binding_take(topology));
    topology_binding_restore(topology, NULL);
    topology_close(topology);
}

static void memory_of_this_machine_is_bound_before_first_touch(void)
{
    struct topology *topology = open_topology(NULL);
    size_t bytes = 8 * (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_FATAL(pages != MAP_FAILED);
    /* A sandbox may refuse the system call; then nothing is bound and nothing breaks. */
    (void)topology_bind_memory(topology, pages, bytes, 0);
    (void)topology_bind_memory(topology, pages, bytes, NODE_INTERLEAVED);
    memset(pages, 1, bytes);
    munmap(pages, bytes);
    topology_close(topology);
}

static void each_failing_allocation_is_an_error(void)
{
    enum status status = STATUS_FAILED;
    for (uint64_t after = 1; status != STATUS_OK; after++) {
        struct topology *topology = NULL;
        struct error error = {0};
        memory_fault_set(after);
        status = topology_open(&topology, "synthetic:numa:2 core:2 pu:1", &error);
        memory_fault_set(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_FAILED);
        CU_ASSERT_EQUAL(status == STATUS_OK, topology != NULL);
        topology_close(topology);
        CU_ASSERT_FATAL(after < 100);
    }
}

static void closing_nothing_is_allowed(void)
{
    topology_close(NULL);
    CU_PASS("it returned");
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(places_go_round_the_nodes_and_second_threads_come_last),
        CASE(memory_without_units_is_a_node),
        CASE(unknown_distances_are_ten_and_twenty),
        CASE(exported_machine_gives_distances_and_leaves_out_forbidden_units),
        CASE(wrong_descriptions_are_refused_by_name),
        CASE(this_machine_has_a_place_for_each_unit_that_may_be_used),
        CASE(binding_is_restored),
        CASE(binding_to_a_described_machine_has_no_effect),
        CASE(memory_of_this_machine_is_bound_before_first_touch),
        CASE(each_failing_allocation_is_an_error),
        CASE(closing_nothing_is_allowed),
        CU_TEST_INFO_NULL,
    };
    return suite_run("topology", NULL, NULL, cases);
}
