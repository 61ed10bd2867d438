/* floor: numa */
/* Room on disk: what is written comes back, limits and failures are told by NULL. */
#include "numa/spill.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/suite.h"

#define MIB (UINT64_C(1) << 20)

static void blocks_are_zeroed_aligned_and_apart(void)
{
    struct spill spill;
    spill_init(&spill, NULL, 0, NULL);
    struct spill_area area = {.spill = &spill};
    char *blocks[64];
    for (int i = 0; i < 64; i++) {
        blocks[i] = spill_allocate(&area, 1 + (uint64_t)i * 1021, 17);
        CU_ASSERT_PTR_NOT_NULL_FATAL(blocks[i]);
        CU_ASSERT_EQUAL((uintptr_t)blocks[i] % 64, 0);
        CU_ASSERT_EQUAL(blocks[i][i * 17357], 0);
        memset(blocks[i], i + 1, (1 + (size_t)i * 1021) * 17);
    }
    for (int i = 0; i < 64; i++) {
        CU_ASSERT_EQUAL(blocks[i][0], i + 1);
        CU_ASSERT_EQUAL(blocks[i][(1 + i * 1021) * 17 - 1], i + 1);
    }
    CU_ASSERT_TRUE(budget_used(&spill.budget) >= 34 * MIB);
    spill_close(&area);
    spill_close(&area);
    CU_ASSERT_EQUAL(budget_used(&spill.budget), 0);
}

static void large_blocks_have_an_extent_that_fits(void)
{
    struct spill spill;
    spill_init(&spill, NULL, 40 * MIB, NULL);
    struct spill_area area = {.spill = &spill};
    char *block = spill_allocate(&area, 33 * MIB, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    block[0] = 1;
    block[33 * MIB - 1] = 2;
    CU_ASSERT_PTR_NULL(spill_allocate(&area, 8 * MIB, 1));
    CU_ASSERT_EQUAL(block[0] + block[33 * MIB - 1], 3);
    spill_close(&area);
}

static void what_cannot_be_had_is_null(void)
{
    struct spill spill;
    struct spill_area none = {0};
    CU_ASSERT_PTR_NULL(spill_allocate(&none, 1, 1));
    static const struct {
        const char *directory;
        uint64_t limit;
        uint64_t count;
        uint64_t size;
        uint64_t fault;
    } rows[] = {
        {"/nowhere/at/all", 0, 1, 1, 0}, {NULL, 1, 1, 1, 0},       {NULL, 0, UINT64_MAX, 2, 0},
        {NULL, 0, INT64_MAX, 1, 0},      {NULL, 0, 1 << 20, 1, 1}, {"/dev/null", 0, 1, 1, 0},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        spill_init(&spill, rows[row].directory, rows[row].limit, NULL);
        struct spill_area area = {.spill = &spill};
        file_fault_set(rows[row].fault);
        CU_ASSERT_PTR_NULL(spill_allocate(&area, rows[row].count, rows[row].size));
        file_fault_set(0);
        CU_ASSERT_EQUAL(budget_used(&spill.budget), 0);
        spill_close(&area);
    }
}

static void files_have_no_names(void)
{
    char directory[] = "/tmp/gyre-test-spill-XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    struct spill spill;
    spill_init(&spill, directory, 0, NULL);
    struct spill_area area = {.spill = &spill};
    CU_ASSERT_PTR_NOT_NULL(spill_allocate(&area, 1, 1));
    CU_ASSERT_EQUAL(rmdir(directory), 0);
    spill_close(&area);
}

static void what_an_interrupted_query_leaves_makes_room_for_the_next(void)
{
    struct topology *topology = NULL;
    struct team *team = NULL;
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, NULL, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, 2, NULL), STATUS_OK);
    struct stop stop;
    stop_init(&stop, 0);
    struct spill spill;
    spill_init(&spill, NULL, 48 * MIB, &stop);
    for (int round = 0; round < 3; round++) {
        struct spill_area area = {.spill = &spill};
        uint64_t held = round == 0 ? 0 : 48 * MIB;
        CU_ASSERT_EQUAL(budget_used(&spill.budget), held);
        for (int i = 0; i < 3; i++) {
            char *block = spill_allocate(&area, 15 * MIB, 1);
            CU_ASSERT_PTR_NOT_NULL_FATAL(block);
            CU_ASSERT_EQUAL(block[0], 0);
            block[0] = 1;
            CU_ASSERT_TRUE(budget_used(&spill.budget) <= 48 * MIB);
        }
        CU_ASSERT_PTR_NULL(spill_allocate(&area, 15 * MIB, 1));
        stop_request(&stop, STOP_INTERRUPTED);
        spill_close(&area);
        stop_forget(&stop, true);
    }
    struct spill_area large = {.spill = &spill};
    CU_ASSERT_PTR_NOT_NULL(spill_allocate(&large, 47 * MIB, 1));
    spill_close(&large);
    CU_ASSERT_EQUAL(budget_used(&spill.budget), 0);

    struct spill_area last = {.spill = &spill};
    CU_ASSERT_PTR_NOT_NULL(spill_allocate(&last, 1, 1));
    stop_request(&stop, STOP_INTERRUPTED);
    spill_close(&last);
    CU_ASSERT_EQUAL(budget_used(&spill.budget), 16 * MIB);
    spill_end(&spill, team);
    CU_ASSERT_EQUAL(budget_used(&spill.budget), 0);
    team_close(team);
    topology_close(topology);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(blocks_are_zeroed_aligned_and_apart),
        CASE(large_blocks_have_an_extent_that_fits),
        CASE(what_cannot_be_had_is_null),
        CASE(files_have_no_names),
        CASE(what_an_interrupted_query_leaves_makes_room_for_the_next),
        CU_TEST_INFO_NULL,
    };
    return suite_run("spill", NULL, NULL, cases);
}
