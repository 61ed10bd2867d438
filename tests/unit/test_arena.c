/* floor: numa */
/* Arenas: what they give, what they count, and that they give everything back. */
#include "numa/arena.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "numa/team.h"
#include "tests/support/suite.h"

static const size_t mebibyte = 1 << 20;

static struct topology *topology;

/* `size` bytes filled with a pattern of `seed`, and whether they still are. */
static void fill(void *block, size_t size, uint8_t seed)
{
    uint8_t *bytes = block;
    for (size_t index = 0; index < size; index++) {
        bytes[index] = (uint8_t)(seed + index * 7);
    }
}

static bool is_filled(const void *block, size_t size, uint8_t seed)
{
    const uint8_t *bytes = block;
    for (size_t index = 0; index < size; index++) {
        if (bytes[index] != (uint8_t)(seed + index * 7)) {
            return false;
        }
    }
    return true;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static struct arena *open_arena(struct budget *budget, uint64_t limit_bytes)
{
    struct arena *arena = NULL;
    budget_init(budget, limit_bytes);
    CU_ASSERT_EQUAL_FATAL(arena_open(&arena, topology, 0, budget, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(arena_node(arena), 0);
    CU_ASSERT_EQUAL(arena_bytes(arena), 0);
    return arena;
}

static void close_arena(struct arena *arena, struct budget *budget)
{
    CU_ASSERT_EQUAL(arena_bytes(arena), budget_used(budget));
    arena_close(arena);
    CU_ASSERT_EQUAL(budget_used(budget), 0);
}

static const size_t sizes[] = {0,     1,      63,     64,     65,      4000,   16384,
                               70000, 262143, 262144, 262145, 2097088, 2097152};
enum { SIZE_COUNT = sizeof(sizes) / sizeof(sizes[0]) };

static void blocks_are_aligned_and_do_not_overlap(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    void *blocks[SIZE_COUNT];
    for (size_t index = 0; index < SIZE_COUNT; index++) {
        blocks[index] = arena_allocate(arena, 1, sizes[index]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(blocks[index]);
        CU_ASSERT_EQUAL((uintptr_t)blocks[index] % 64, 0);
        fill(blocks[index], sizes[index], (uint8_t)index);
    }
    for (size_t index = 0; index < SIZE_COUNT; index++) {
        CU_ASSERT(is_filled(blocks[index], sizes[index], (uint8_t)index));
    }
    close_arena(arena, &budget);
}

static void zeroed_blocks_are_zero_even_where_memory_was_used_before(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    for (int round = 0; round < 3; round++) {
        for (size_t index = 0; index < SIZE_COUNT; index++) {
            uint8_t *block = arena_allocate_zeroed(arena, sizes[index], 1);
            CU_ASSERT_PTR_NOT_NULL_FATAL(block);
            CU_ASSERT(is_zero(block, sizes[index]));
            fill(block, sizes[index], 1);
            /* Leaves the old place to the arena. */
            CU_ASSERT_PTR_NOT_NULL(arena_resize(arena, block, 3, sizes[index]));
        }
    }
    close_arena(arena, &budget);
}

static void expect_resizing_to_keep_what_was_there(enum huge_pages huge_pages)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    budget.huge_pages = huge_pages;
    for (size_t from = 0; from < SIZE_COUNT; from++) {
        for (size_t to = 0; to < SIZE_COUNT; to++) {
            uint8_t seed = (uint8_t)(from * SIZE_COUNT + to);
            void *block = arena_resize(arena, NULL, 1, sizes[from]);
            CU_ASSERT_PTR_NOT_NULL_FATAL(block);
            fill(block, sizes[from], seed);
            block = arena_resize(arena, block, 1, sizes[to]);
            CU_ASSERT_PTR_NOT_NULL_FATAL(block);
            CU_ASSERT_EQUAL((uintptr_t)block % 64, 0);
            CU_ASSERT(is_filled(block, sizes[from] < sizes[to] ? sizes[from] : sizes[to], seed));
            fill(block, sizes[to], seed);
            /* Shrunk, so that the test stays small. */
            CU_ASSERT_PTR_NOT_NULL(arena_resize(arena, block, 1, 1));
        }
    }
    close_arena(arena, &budget);
}

/* Explicit ones too where the system has none in reserve, or not enough: then others do. */
static void resizing_keeps_what_was_there_on_pages_of_any_kind(void)
{
    for (int kind = HUGE_PAGES_AUTO; kind <= HUGE_PAGES_NEVER; kind++) {
        expect_resizing_to_keep_what_was_there((enum huge_pages)kind);
    }
}

static void what_the_system_has_is_told(void)
{
    static const char *const words[] = {NULL, "transparent", "reserve", NULL};
    for (int kind = HUGE_PAGES_AUTO; kind <= HUGE_PAGES_NEVER; kind++) {
        struct error error = {0};
        enum status status = pages_check((enum huge_pages)kind, &error);
        CU_ASSERT_TRUE(status == STATUS_OK || words[kind] != NULL);
        CU_ASSERT_TRUE(status == STATUS_OK || strstr(error.text, words[kind]) != NULL);
    }
}

static void returned_blocks_are_no_longer_counted_when_large(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    void *blocks[SIZE_COUNT];
    arena_return(arena, NULL);
    for (size_t index = 0; index < SIZE_COUNT; index++) {
        blocks[index] = arena_allocate(arena, 1, sizes[index]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(blocks[index]);
        fill(blocks[index], sizes[index], (uint8_t)index);
    }
    for (size_t index = 0; index < SIZE_COUNT; index += 2) {
        uint64_t before = arena_bytes(arena);
        arena_return(arena, blocks[index]);
        uint64_t given = before - arena_bytes(arena);
        CU_ASSERT(sizes[index] >= 262144 ? given >= sizes[index] : given == 0);
        CU_ASSERT_EQUAL(arena_bytes(arena), budget_used(&budget));
    }
    for (size_t index = 1; index < SIZE_COUNT; index += 2) {
        CU_ASSERT(is_filled(blocks[index], sizes[index], (uint8_t)index));
    }
    close_arena(arena, &budget);
}

static void large_blocks_shrink_where_they_are(void)
{
    for (int kind = HUGE_PAGES_AUTO; kind <= HUGE_PAGES_NEVER; kind++) {
        struct budget budget;
        struct arena *arena = open_arena(&budget, 0);
        budget.huge_pages = (enum huge_pages)kind;
        void *block = arena_allocate(arena, 1, 5 * mebibyte);
        size_t slack = kind == HUGE_PAGES_EXPLICIT ? HUGE_PAGE_BYTES + 64 : 8192;
        CU_ASSERT_PTR_NOT_NULL_FATAL(block);
        for (size_t size = 5 * mebibyte; size > 0; size /= 3) {
            CU_ASSERT_PTR_EQUAL(arena_resize(arena, block, 1, size), block);
            CU_ASSERT(arena_bytes(arena) < size + slack);
        }
        close_arena(arena, &budget);
    }
}

static void small_blocks_that_lie_apart_are_no_longer_counted_when_returned(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    uint8_t *block = arena_resize(arena, NULL, 5000, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    fill(block, 5000, 3);
    uint64_t taken_bytes = budget_used(&budget);
    for (size_t bytes = 20000; bytes > 100; bytes /= 2) {
        block = arena_resize_apart(arena, block, bytes, 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(block);
        CU_ASSERT_TRUE(is_filled(block, bytes < 5000 ? bytes : 5000, 3));
        fill(block, bytes, 3);
        CU_ASSERT_TRUE(budget_used(&budget) <= taken_bytes + bytes + 8192);
    }
    arena_return(arena, block);
    CU_ASSERT_EQUAL(budget_used(&budget), taken_bytes);
    close_arena(arena, &budget);
}

static void growing_step_by_step_keeps_what_was_there(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    uint32_t *grown[2] = {NULL, NULL};
    size_t count = 0;
    for (size_t capacity = 16; capacity <= 1 << 20; capacity += capacity / 2) {
        for (int which = 0; which < 2; which++) {
            grown[which] = arena_resize(arena, grown[which], capacity, sizeof(uint32_t));
            CU_ASSERT_PTR_NOT_NULL_FATAL(grown[which]);
            for (size_t index = count; index < capacity; index++) {
                grown[which][index] = (uint32_t)index * 2 + (uint32_t)which;
            }
        }
        count = capacity;
    }
    bool is_kept = true;
    for (size_t index = 0; index < count; index++) {
        is_kept = is_kept && grown[0][index] == index * 2 && grown[1][index] == index * 2 + 1;
    }
    CU_ASSERT(is_kept);
    close_arena(arena, &budget);
}

static void arena_takes_little_more_than_was_asked_for(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    uint64_t asked = 40 * mebibyte;
    CU_ASSERT_PTR_NOT_NULL(arena_allocate(arena, 40, mebibyte));
    for (size_t index = 0; index < 16; index++) {
        size_t bytes = (1 + index % 8) * mebibyte + index * 1000;
        CU_ASSERT_PTR_NOT_NULL(arena_allocate(arena, bytes, 1));
        asked += bytes;
    }
    CU_ASSERT(arena_bytes(arena) >= asked);
    CU_ASSERT(arena_bytes(arena) <= asked + asked / 100);
    close_arena(arena, &budget);

    arena = open_arena(&budget, 0);
    CU_ASSERT_PTR_NOT_NULL(arena_allocate(arena, 1, 100));
    CU_ASSERT(arena_bytes(arena) <= 64 << 10);
    close_arena(arena, &budget);
}

/* More extents than the records of a fresh arena have room for. */
static void many_small_blocks_are_possible(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    uint64_t asked = 0;
    bool is_given = true;
    for (uint32_t index = 0; index < 40000; index++) {
        size_t bytes = 4096 + 64 * (index % 128);
        is_given = is_given && arena_allocate(arena, 1, bytes) != NULL;
        asked += bytes;
    }
    CU_ASSERT(is_given);
    CU_ASSERT(arena_bytes(arena) >= asked);
    CU_ASSERT(arena_bytes(arena) <= asked + asked / 5 + 4 * mebibyte);
    close_arena(arena, &budget);
}

/* What is touched of a huge page is all of it, so that it counts as a whole; little is left over.
 */
static void small_blocks_of_a_large_arena_count_as_whole_huge_pages(void)
{
    for (int kind = HUGE_PAGES_AUTO; kind <= HUGE_PAGES_NEVER; kind++) {
        struct budget budget;
        struct arena *arena = open_arena(&budget, 0);
        budget.huge_pages = (enum huge_pages)kind;
        uint64_t asked = 0;
        uint64_t least_growth = UINT64_MAX;
        while (asked < 40 * mebibyte) {
            uint64_t before = arena_bytes(arena);
            void *block = arena_allocate(arena, 24, 1024);
            CU_ASSERT_PTR_NOT_NULL_FATAL(block);
            fill(block, 100, 1);
            asked += UINT64_C(24) << 10;
            uint64_t growth = arena_bytes(arena) - before;
            bool is_late = asked > 20 * mebibyte && growth > 0;
            least_growth = is_late && growth < least_growth ? growth : least_growth;
        }
        CU_ASSERT_EQUAL(least_growth % HUGE_PAGE_BYTES == 0, kind != HUGE_PAGES_NEVER);
        CU_ASSERT(arena_bytes(arena) >= asked);
        CU_ASSERT(arena_bytes(arena) <= asked + asked / 5 + HUGE_PAGE_BYTES);
        close_arena(arena, &budget);
    }
}

static void what_cannot_be_had_is_refused_with_the_reason(void)
{
    static const struct {
        uint64_t limit_bytes;
        size_t count;
        size_t size;
        enum status status;
        const char *text;
    } rows[] = {
        {1 << 20, 2 << 20, 1, STATUS_LIMIT,
         "the memory limit of 1.0 MiB was reached while counting; raise --memory-limit or load "
         "fewer flows"},
        {4096, 100000, 1, STATUS_LIMIT,
         "the memory limit of 4.0 KiB was reached while counting; raise --memory-limit or load "
         "fewer flows"},
        {0, SIZE_MAX, 2, STATUS_FAILED, "out of memory while counting"},
        {0, SIZE_MAX, 1, STATUS_FAILED, "out of memory while counting"},
        {0, SIZE_MAX / 4, 1, STATUS_FAILED, "out of memory while counting"},
        {1 << 20, SIZE_MAX, SIZE_MAX, STATUS_FAILED, "out of memory while counting"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct budget budget;
        struct arena *arena = open_arena(&budget, rows[row].limit_bytes);
        CU_ASSERT_PTR_NULL(arena_allocate(arena, rows[row].count, rows[row].size));
        struct error error = {0};
        CU_ASSERT_EQUAL(arena_error(arena, "counting", &error), rows[row].status);
        CU_ASSERT_STRING_EQUAL(error.text, rows[row].text);

        void *block = arena_allocate(arena, 1, 10);
        CU_ASSERT_PTR_NOT_NULL_FATAL(block);
        fill(block, 10, 3);
        CU_ASSERT_PTR_NULL(arena_resize(arena, block, rows[row].count, rows[row].size));
        CU_ASSERT(is_filled(block, 10, 3));
        close_arena(arena, &budget);
    }
}

static void a_refused_growth_leaves_large_blocks_as_they_are(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 4 * mebibyte);
    void *block = arena_allocate(arena, 3, mebibyte);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    fill(block, 3 * mebibyte, 9);
    uint64_t before = budget_used(&budget);
    CU_ASSERT_PTR_NULL(arena_resize(arena, block, 5, mebibyte));
    CU_ASSERT_EQUAL(arena_error(arena, "growing", NULL), STATUS_LIMIT);
    CU_ASSERT_PTR_NULL(arena_resize(arena, block, SIZE_MAX / 8, 1));
    CU_ASSERT_EQUAL(budget_used(&budget), before);
    CU_ASSERT(is_filled(block, 3 * mebibyte, 9));
    close_arena(arena, &budget);
}

static void a_limit_can_be_used_to_its_end(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, mebibyte);
    uint64_t taken = 0;
    while (arena_allocate(arena, 1, 1024) != NULL) {
        taken += 1024;
    }
    CU_ASSERT(taken > mebibyte - mebibyte / 16);
    CU_ASSERT_EQUAL(arena_error(arena, "filling", NULL), STATUS_LIMIT);
    close_arena(arena, &budget);
}

static void each_call_can_be_made_to_fail_once(void)
{
    struct budget budget;
    struct arena *arena = open_arena(&budget, 0);
    static const size_t tried[] = {100, 1 << 20};
    for (size_t index = 0; index < 2; index++) {
        void *block = NULL;
        for (uint64_t after = 1; block == NULL && after < 10; after++) {
            memory_fault_set(after);
            block = arena_allocate_zeroed(arena, 1, tried[index]);
            CU_ASSERT_EQUAL(block == NULL, memory_fault_count() >= after);
            CU_ASSERT_EQUAL(arena_error(arena, "failing", NULL), STATUS_FAILED);
        }
        memory_fault_set(1);
        CU_ASSERT_PTR_NULL(arena_resize(arena, block, 2, tried[index]));
        CU_ASSERT_PTR_NOT_NULL(arena_resize(arena, block, 2, tried[index]));
        CU_ASSERT_EQUAL(memory_fault_count(), 2);
    }
    close_arena(arena, &budget);

    struct error error = {0};
    memory_fault_set(1);
    CU_ASSERT_EQUAL(arena_open(&arena, topology, 0, &budget, &error), STATUS_FAILED);
    CU_ASSERT_PTR_NULL(arena);
    memory_fault_set(0);
    arena_close(NULL);
}

static void arenas_come_and_go_without_a_trace(void)
{
    struct budget budget;
    for (int round = 0; round < 200; round++) {
        struct arena *arena = open_arena(&budget, 0);
        fill(arena_allocate(arena, 1, 300), 300, 1);
        fill(arena_allocate(arena, 300, 1024), 5000, 1);
        close_arena(arena, &budget);
    }
}

struct shared_work {
    struct arena *arena;
    _Atomic uint64_t wrong_count;
};

/* Blocks of both kinds grow side by side, so that one worker gets what another gave up. */
static void grow_blocks(const struct worker *worker, void *context)
{
    struct shared_work *work = context;
    for (size_t round = 0; round < 30; round++) {
        uint8_t seed = (uint8_t)(worker->index * 30 + round);
        size_t size = 50 + 997 * round;
        void *block = arena_allocate(work->arena, 1, size);
        fill(block, size, seed);
        for (int step = 0; step < 6; step++) {
            block = arena_resize(work->arena, block, 2, size);
            bool is_kept = is_filled(block, size, seed);
            size *= 2;
            fill(block, size, seed);
            atomic_fetch_add(&work->wrong_count, is_kept ? 0 : 1);
        }
        block = arena_resize(work->arena, block, 1, 10);
        atomic_fetch_add(&work->wrong_count, is_filled(block, 10, seed) ? 0 : 1);
    }
}

static void workers_may_share_an_arena(void)
{
    struct budget budget;
    struct shared_work work = {.arena = open_arena(&budget, 0)};
    struct team *team = NULL;
    CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, 4, NULL), STATUS_OK);
    team_run(team, grow_blocks, &work);
    CU_ASSERT_EQUAL(atomic_load(&work.wrong_count), 0);
    team_close(team);
    close_arena(work.arena, &budget);
}

static void any_node_and_all_nodes_can_be_asked_for(void)
{
    struct topology *four = NULL;
    CU_ASSERT_EQUAL_FATAL(topology_open(&four, "synthetic:numa:4 core:1 pu:1", NULL), STATUS_OK);
    static const uint32_t nodes[] = {0, 3, NODE_INTERLEAVED};
    for (size_t index = 0; index < 3; index++) {
        struct budget budget;
        struct arena *arena = NULL;
        budget_init(&budget, 0);
        CU_ASSERT_EQUAL_FATAL(arena_open(&arena, four, nodes[index], &budget, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(arena_node(arena), nodes[index]);
        CU_ASSERT_PTR_NOT_NULL(arena_allocate(arena, 1, 100));
        CU_ASSERT_PTR_NOT_NULL(arena_allocate(arena, 3, mebibyte));
        close_arena(arena, &budget);
    }
    topology_close(four);
}

int main(void)
{
    if (topology_open(&topology, "", NULL) != STATUS_OK) {
        return 1;
    }
    CU_TestInfo cases[] = {
        CASE(blocks_are_aligned_and_do_not_overlap),
        CASE(zeroed_blocks_are_zero_even_where_memory_was_used_before),
        CASE(resizing_keeps_what_was_there_on_pages_of_any_kind),
        CASE(what_the_system_has_is_told),
        CASE(returned_blocks_are_no_longer_counted_when_large),
        CASE(large_blocks_shrink_where_they_are),
        CASE(small_blocks_that_lie_apart_are_no_longer_counted_when_returned),
        CASE(growing_step_by_step_keeps_what_was_there),
        CASE(arena_takes_little_more_than_was_asked_for),
        CASE(many_small_blocks_are_possible),
        CASE(small_blocks_of_a_large_arena_count_as_whole_huge_pages),
        CASE(what_cannot_be_had_is_refused_with_the_reason),
        CASE(a_refused_growth_leaves_large_blocks_as_they_are),
        CASE(a_limit_can_be_used_to_its_end),
        CASE(each_call_can_be_made_to_fail_once),
        CASE(arenas_come_and_go_without_a_trace),
        CASE(workers_may_share_an_arena),
        CASE(any_node_and_all_nodes_can_be_asked_for),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("arena", NULL, NULL, cases);
    topology_close(topology);
    return failed;
}
