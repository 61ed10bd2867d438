/* floor: numa */
/* Where pages are; on a machine with one node all of them are there, and the cases that need a
 * second one only run in scripts/numa-vm. */
#include "numa/residence.h"

#include <string.h>

#include "base/memory.h"
#include "numa/arena.h"
#include "numa/pages.h"
#include "tests/support/suite.h"

enum { NODES_MAX = 64, PAGES = 24 };

static struct topology *topology;
static uint64_t page_bytes;

static int open_topology(void)
{
    struct error error = {0};
    page_bytes = pages_round(1);
    return topology_open(&topology, NULL, &error) != STATUS_OK ||
           topology_node_count(topology) > NODES_MAX;
}

static int close_topology(void)
{
    topology_close(topology);
    return 0;
}

static bool is_told(enum status status)
{
    /* A sandbox may refuse the system call. */
    return status == STATUS_OK;
}

static void pages_that_were_never_touched_are_absent(void)
{
    char *pages = pages_map_small(PAGES * page_bytes, page_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pages);
    uint64_t node_pages[NODES_MAX] = {0};
    struct residence seen = {.node_pages = node_pages};
    struct error error = {0};
    memset(pages, 1, 5 * page_bytes);
    if (is_told(residence_look(&seen, topology, pages, PAGES * page_bytes, 0, 0, &error))) {
        CU_ASSERT_EQUAL(seen.page_count, PAGES);
        CU_ASSERT_EQUAL(seen.look_count, PAGES);
        CU_ASSERT_EQUAL(seen.absent_count, PAGES - 5);
        uint64_t found = 0;
        for (uint32_t node = 0; node < topology_node_count(topology); node++) {
            found += node_pages[node];
        }
        CU_ASSERT_EQUAL(found, 5);
        CU_ASSERT_EQUAL(seen.elsewhere_count, 5 - node_pages[0]);
    }
    pages_unmap(pages, PAGES * page_bytes);
}

/* A byte may reach into a page; the sums go on. */
static void spans_are_counted_in_whole_pages(void)
{
    char *pages = pages_map_small(4 * page_bytes, page_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pages);
    memset(pages, 1, 4 * page_bytes);
    static const struct {
        uint64_t offset, bytes, pages;
    } rows[] = {{0, 0, 0}, {0, 1, 1}, {1, 4095, 1}, {1, 4096, 2}, {4095, 2, 2}, {4095, 4098, 3}};
    for (size_t row = 0; page_bytes == 4096 && row < sizeof(rows) / sizeof(rows[0]); row++) {
        uint64_t node_pages[NODES_MAX] = {0};
        struct residence seen = {.page_count = 7, .node_pages = node_pages};
        struct error error = {0};
        if (is_told(residence_look(&seen, topology, pages + rows[row].offset, rows[row].bytes, 0, 0,
                                   &error))) {
            CU_ASSERT_EQUAL(seen.page_count, 7 + rows[row].pages);
            CU_ASSERT_EQUAL(seen.look_count, rows[row].pages);
        }
    }
    pages_unmap(pages, 4 * page_bytes);
}

static void sample_is_no_larger_than_the_limit(void)
{
    char *pages = pages_map_small(PAGES * page_bytes, page_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pages);
    memset(pages, 1, PAGES * page_bytes);
    for (uint64_t limit = 1; limit <= PAGES + 1; limit++) {
        uint64_t node_pages[NODES_MAX] = {0};
        struct residence seen = {.node_pages = node_pages};
        struct error error = {0};
        if (is_told(residence_look(&seen, topology, pages, PAGES * page_bytes, 0, limit, &error))) {
            CU_ASSERT(seen.look_count >= 1 && seen.look_count <= limit);
            CU_ASSERT_EQUAL(seen.page_count, PAGES);
            CU_ASSERT_EQUAL(seen.absent_count, 0);
        }
    }
    pages_unmap(pages, PAGES * page_bytes);
}

static void look_at_arena(uint32_t node, size_t bytes)
{
    struct budget budget;
    struct arena *arena = NULL;
    struct error error = {0};
    budget_init(&budget, 0);
    CU_ASSERT_EQUAL_FATAL(arena_open(&arena, topology, node, &budget, &error), STATUS_OK);
    char *block = arena_allocate(arena, bytes, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    memset(block, 1, bytes);
    uint64_t node_pages[NODES_MAX] = {0};
    struct residence seen = {.node_pages = node_pages};
    if (is_told(residence_look(&seen, topology, block, bytes, node, 0, &error))) {
        CU_ASSERT_EQUAL(seen.absent_count, 0);
        CU_ASSERT_EQUAL(seen.elsewhere_count, 0);
    }
    arena_close(arena);
}

static void blocks_of_an_arena_are_on_its_node(void)
{
    static const size_t sizes[] = {64, 5000, 200 << 10, 300 << 10, 3 << 20, 9 << 20};
    for (size_t row = 0; row < sizeof(sizes) / sizeof(sizes[0]); row++) {
        for (uint32_t node = 0; node < topology_node_count(topology); node++) {
            if (topology_node_at(topology, node)->memory_bytes > 0) {
                look_at_arena(node, sizes[row]);
            }
        }
        look_at_arena(NODE_INTERLEAVED, sizes[row]);
    }
}

/* What makes the proof one: memory on a wrong node, or on one node instead of all, is seen. */
static void memory_on_the_wrong_node_is_elsewhere(void)
{
    uint32_t node_count = topology_node_count(topology);
    for (uint32_t home = 0; node_count > 1 && home < node_count; home++) {
        char *pages = pages_map_small(PAGES * page_bytes, page_bytes);
        CU_ASSERT_PTR_NOT_NULL_FATAL(pages);
        if (topology_node_at(topology, home)->memory_bytes > 0 &&
            topology_bind_memory(topology, pages, PAGES * page_bytes, home)) {
            memset(pages, 1, PAGES * page_bytes);
            uint64_t node_pages[NODES_MAX] = {0};
            struct residence seen = {.node_pages = node_pages};
            struct error error = {0};
            CU_ASSERT_EQUAL(residence_look(&seen, topology, pages, PAGES * page_bytes,
                                           (home + 1) % node_count, 0, &error),
                            STATUS_OK);
            CU_ASSERT_EQUAL(seen.elsewhere_count, PAGES);
            CU_ASSERT_EQUAL(node_pages[home], PAGES);
            CU_ASSERT_EQUAL(residence_look(&seen, topology, pages, PAGES * page_bytes,
                                           NODE_INTERLEAVED, 0, &error),
                            STATUS_OK);
            CU_ASSERT(seen.elsewhere_count > PAGES);
        }
        pages_unmap(pages, PAGES * page_bytes);
    }
}

static void described_machine_cannot_be_verified(void)
{
    struct topology *described = NULL;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(topology_open(&described, "synthetic:numa:2 core:1 pu:1", &error),
                          STATUS_OK);
    uint64_t node_pages[2] = {0};
    struct residence seen = {.node_pages = node_pages};
    CU_ASSERT_EQUAL(residence_look(&seen, described, &seen, sizeof(seen), 1, 0, &error),
                    STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "nothing can be verified"));
    CU_ASSERT_EQUAL(seen.page_count, 0);
    topology_close(described);
}

static void failing_allocation_is_an_error(void)
{
    uint64_t node_pages[NODES_MAX] = {0};
    struct residence seen = {.node_pages = node_pages};
    struct error error = {0};
    memory_fault_set(1);
    CU_ASSERT_EQUAL(residence_look(&seen, topology, &seen, sizeof(seen), 0, 0, &error),
                    STATUS_FAILED);
    memory_fault_set(0);
    CU_ASSERT_EQUAL(seen.page_count, 0);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(pages_that_were_never_touched_are_absent), CASE(spans_are_counted_in_whole_pages),
        CASE(sample_is_no_larger_than_the_limit),       CASE(blocks_of_an_arena_are_on_its_node),
        CASE(memory_on_the_wrong_node_is_elsewhere),    CASE(described_machine_cannot_be_verified),
        CASE(failing_allocation_is_an_error),           CU_TEST_INFO_NULL,
    };
    return suite_run("residence", open_topology, close_topology, cases);
}
