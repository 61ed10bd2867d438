/* floor: loader */
#include "loader/sort_room.h"

#include <string.h>

#include "base/memory.h"
#include "tests/support/loading.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct arena *arena;

static int open_rig(void)
{
    rig_open(&rig, 1);
    return arena_open(&arena, rig.topology, 0, &rig.budget, NULL) == STATUS_OK ? 0 : 1;
}

static int close_rig(void)
{
    arena_close(arena);
    rig_close(&rig);
    return 0;
}

static void room_keeps_what_is_in_it_when_it_grows(void)
{
    struct sort_room room = {0};
    for (uint64_t count = 1; count <= 100000; count = count * 3 + 1) {
        CU_ASSERT_TRUE_FATAL(sort_room_grow(&room, arena, count));
        CU_ASSERT_EQUAL(room.capacity, count);
        CU_ASSERT_TRUE(count == 1 || room.pairs[count / 3 - 1].key == count / 3);
        memset(room.scratch, 1, count * sizeof(*room.scratch));
        memset(room.times, 1, count * sizeof(*room.times));
        memset(room.links, 1, count * sizeof(*room.links));
        room.pairs[count - 1].key = count;
    }
    uint64_t capacity = room.capacity;
    CU_ASSERT_TRUE(sort_room_grow(&room, arena, 1));
    CU_ASSERT_EQUAL(room.capacity, capacity);
    sort_room_return(&room, arena);
    CU_ASSERT_PTR_NULL(room.pairs);
}

static void level_grows_in_either_direction(void)
{
    struct sort_room room = {0};
    struct sort_level *level = &room.levels[SORT_LEVELS_MAX - 1];
    CU_ASSERT_TRUE(sort_level_grow(level, arena, 1000, 10));
    CU_ASSERT_TRUE(sort_level_grow(level, arena, 10, 1000));
    CU_ASSERT_EQUAL(level->order_capacity, 1000);
    CU_ASSERT_EQUAL(level->end_capacity, 1000);
    memset(level->order, 1, 1000 * sizeof(*level->order));
    memset(level->ends, 1, 1000 * sizeof(*level->ends));
    sort_room_return(&room, arena);
}

static void all_of_it_goes_back_to_the_budget(void)
{
    uint64_t used_bytes = budget_used(&rig.budget);
    struct sort_room room = {0};
    CU_ASSERT_TRUE(sort_room_grow(&room, arena, 5000));
    CU_ASSERT_TRUE(sort_level_grow(&room.levels[0], arena, 5000, 2000));
    CU_ASSERT_TRUE(budget_used(&rig.budget) > used_bytes);
    sort_room_return(&room, arena);
    CU_ASSERT_EQUAL(budget_used(&rig.budget), used_bytes);
}

static void failing_allocation_is_told_and_loses_nothing(void)
{
    uint64_t used_bytes = budget_used(&rig.budget);
    for (uint64_t failing = 1; failing <= 6; failing++) {
        struct sort_room room = {0};
        memory_fault_set(failing);
        bool has_room = sort_room_grow(&room, arena, 5000) &&
                        sort_level_grow(&room.levels[0], arena, 5000, 2000);
        memory_fault_set(0);
        CU_ASSERT_FALSE(has_room);
        sort_room_return(&room, arena);
        CU_ASSERT_EQUAL(budget_used(&rig.budget), used_bytes);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(room_keeps_what_is_in_it_when_it_grows),
        CASE(level_grows_in_either_direction),
        CASE(all_of_it_goes_back_to_the_budget),
        CASE(failing_allocation_is_told_and_loses_nothing),
        CU_TEST_INFO_NULL,
    };
    return suite_run("sort_room", open_rig, close_rig, cases);
}
