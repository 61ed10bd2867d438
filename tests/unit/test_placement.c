/* Where the pages of a graph are, through the public interface. On a machine with one node every
 * page is where it is meant to be; scripts/numa-vm looks at one with four. */
#include "gyre.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/support/suite.h"

enum { FLOWS = 30000, PARTITIONS = 3 };

static char path[] = "/tmp/gyre_test_placement_XXXXXX";

static int make_flows(void)
{
    int descriptor = mkstemp(path);
    struct gyre_generate_options options = {.flows = FLOWS};
    return descriptor < 0 || close(descriptor) != 0 ||
           gyre_generate(path, NULL, &options, NULL) != GYRE_OK;
}

static int remove_flows(void)
{
    return unlink(path);
}

struct loaded {
    struct gyre_engine *engine;
    struct gyre_graph *graph;
};

static struct loaded load(const char *topology)
{
    struct loaded loaded = {0};
    struct gyre_engine_options engine = {.threads = 2, .topology = topology};
    struct gyre_load_options options = {.partitions = PARTITIONS};
    const char *paths[] = {path};
    CU_ASSERT_EQUAL_FATAL(gyre_engine_open(&loaded.engine, &engine, NULL), GYRE_OK);
    CU_ASSERT_EQUAL_FATAL(gyre_load(&loaded.graph, loaded.engine, paths, 1, &options, NULL, NULL),
                          GYRE_OK);
    return loaded;
}

static void unload(struct loaded loaded)
{
    gyre_graph_close(loaded.graph);
    gyre_engine_close(loaded.engine);
}

/* Null when a sandbox refuses the system call. */
static struct gyre_placement *open_placement(struct loaded loaded, uint64_t page_limit)
{
    struct gyre_placement *placement = NULL;
    struct gyre_error error = {0};
    int status = gyre_placement_open(&placement, loaded.graph, page_limit, &error);
    CU_ASSERT_EQUAL(status == GYRE_OK, placement != NULL);
    CU_ASSERT_EQUAL(status == GYRE_OK, error.text[0] == '\0');
    return placement;
}

static void arrays_cover_the_partitions(void)
{
    struct loaded loaded = load(NULL);
    struct gyre_placement *placement = open_placement(loaded, 0);
    uint64_t bytes[PARTITIONS] = {0};
    for (uint32_t i = 0; placement != NULL && i < gyre_placement_arrays(placement); i++) {
        struct gyre_array_placement array = gyre_placement_array(placement, i);
        bool is_copy = strncmp(array.name, "inner_", strlen("inner_")) == 0;
        CU_ASSERT_EQUAL(array.node == GYRE_INTERLEAVED, array.partition == GYRE_SHARED && !is_copy);
        CU_ASSERT(array.bytes > 0 && array.pages > 0);
        CU_ASSERT_EQUAL(array.pages_seen, array.pages);
        CU_ASSERT_EQUAL(array.pages_elsewhere, 0);
        if (array.partition != GYRE_SHARED) {
            CU_ASSERT_FATAL(array.partition < PARTITIONS);
            CU_ASSERT_EQUAL(array.node, gyre_engine_partition_node(loaded.engine, array.partition));
            bytes[array.partition] += array.bytes;
        }
    }
    for (uint32_t p = 0; placement != NULL && p < PARTITIONS; p++) {
        CU_ASSERT_EQUAL(bytes[p], gyre_partition_info(loaded.graph, p).bytes);
    }
    gyre_placement_close(placement);
    unload(loaded);
}

static void each_page_that_is_seen_is_somewhere(void)
{
    struct loaded loaded = load(NULL);
    static const uint64_t limits[] = {0, 1, 7, 1000};
    for (size_t row = 0; row < sizeof(limits) / sizeof(limits[0]); row++) {
        struct gyre_placement *placement = open_placement(loaded, limits[row]);
        for (uint32_t i = 0; placement != NULL && i < gyre_placement_arrays(placement); i++) {
            struct gyre_array_placement array = gyre_placement_array(placement, i);
            uint64_t found = array.pages_absent;
            for (uint32_t node = 0; node < gyre_engine_node_count(loaded.engine); node++) {
                found += array.node_pages[node];
            }
            CU_ASSERT_EQUAL(found, array.pages_seen);
            CU_ASSERT(limits[row] == 0 || array.pages_seen <= limits[row]);
        }
        gyre_placement_close(placement);
    }
    unload(loaded);
}

static void described_machine_cannot_be_verified(void)
{
    struct loaded loaded = load("synthetic:numa:2 core:1 pu:1");
    struct gyre_placement *placement = NULL;
    struct gyre_error error = {0};
    CU_ASSERT_EQUAL(gyre_placement_open(&placement, loaded.graph, 0, &error), GYRE_USAGE);
    CU_ASSERT_PTR_NULL(placement);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "nothing can be verified"));
    gyre_placement_close(placement);
    unload(loaded);
}

static void each_failing_allocation_is_an_error(void)
{
    struct loaded loaded = load(NULL);
    for (uint64_t after = 1; after <= 6; after++) {
        struct gyre_placement *placement = NULL;
        memory_fault_set(after);
        CU_ASSERT_EQUAL(gyre_placement_open(&placement, loaded.graph, 0, NULL), GYRE_FAILED);
        memory_fault_set(0);
        CU_ASSERT_PTR_NULL(placement);
    }
    unload(loaded);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(arrays_cover_the_partitions),
        CASE(each_page_that_is_seen_is_somewhere),
        CASE(described_machine_cannot_be_verified),
        CASE(each_failing_allocation_is_an_error),
        CU_TEST_INFO_NULL,
    };
    return suite_run("placement", make_flows, remove_flows, cases);
}
