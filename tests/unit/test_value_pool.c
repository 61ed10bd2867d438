/* floor: value */
/* The pool: what it gives, keeps and gives back; copies; lists and maps being made. */
#include "value/pool.h"

#include "base/memory.h"
#include "tests/support/suite.h"
#include "tests/support/value_literals.h"
#include "value/compare.h"

static void blocks_are_aligned_and_apart(void)
{
    struct pool pool = {0};
    char *before = NULL;
    for (size_t size = 0; size < 300; size++) {
        char *block = pool_allocate(&pool, size, 1, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(block);
        CU_ASSERT_EQUAL((uintptr_t)block % 16, 0);
        CU_ASSERT_PTR_NOT_EQUAL(block, before);
        memset(block, 0xa5, size);
        before = block;
    }
    pool_close(&pool);
    pool_close(&pool);
}

static void product_that_overflows_is_refused(void)
{
    struct pool pool = {0};
    struct error error = {0};
    CU_ASSERT_PTR_NULL(pool_allocate(&pool, SIZE_MAX / 2, 3, &error));
    CU_ASSERT_EQUAL(error.status, STATUS_FAILED);
    CU_ASSERT_PTR_NULL(pool_allocate(&pool, SIZE_MAX, 1, NULL));
    CU_ASSERT_PTR_NULL(pool_allocate(&pool, SIZE_MAX - 20, 1, NULL));
    pool_close(&pool);
}

static void release_gives_the_same_memory_again(void)
{
    struct pool pool = {0};
    struct budget budget;
    budget_init(&budget, 0);
    pool.budget = &budget;
    struct pool_mark empty = pool_mark(&pool);
    char *first = pool_allocate(&pool, 100, 1, NULL);
    struct pool_mark mark = pool_mark(&pool);
    uint64_t used = 0;
    for (uint32_t round = 0; round < 50; round++) {
        for (uint32_t block = 0; block < 40; block++) {
            CU_ASSERT_PTR_NOT_NULL(pool_allocate(&pool, 1000 + block * 100, 1, NULL));
        }
        pool_release(&pool, mark);
        used = round == 0 ? budget_used(&budget) : used;
        CU_ASSERT_EQUAL(budget_used(&budget), used);
    }
    pool_release(&pool, empty);
    CU_ASSERT_PTR_EQUAL(pool_allocate(&pool, 100, 1, NULL), first);
    pool_close(&pool);
    CU_ASSERT_EQUAL(budget_used(&budget), 0);
}

/* Each request is larger than every block kept, so that each has to be replaced. */
static void kept_blocks_that_are_too_small_do_not_pile_up(void)
{
    struct pool pool = {0};
    struct budget budget;
    budget_init(&budget, 0);
    pool.budget = &budget;
    CU_ASSERT_PTR_NOT_NULL(pool_allocate(&pool, 1, 1, NULL));
    struct pool_mark mark = pool_mark(&pool);
    for (size_t size = 2 << 20; size < (2 << 20) + 30 * 4096; size += 4096) {
        CU_ASSERT_PTR_NOT_NULL(pool_allocate(&pool, size, 1, NULL));
        pool_release(&pool, mark);
        CU_ASSERT_TRUE(budget_used(&budget) < 3 << 20);
    }
    pool_close(&pool);
}

/* Whatever its large blocks lie on. */
static void large_pool_counts_little_more_than_it_gives(void)
{
    enum { ASKED = 40 << 20, PIECE = 10000 };
    for (int kind = HUGE_PAGES_AUTO; kind <= HUGE_PAGES_NEVER; kind++) {
        struct budget budget;
        budget_init(&budget, 0);
        budget.huge_pages = (enum huge_pages)kind;
        struct pool pool = {.budget = &budget};
        uint64_t most = 0;
        for (uint64_t asked = PIECE; asked < ASKED; asked += PIECE) {
            char *piece = pool_allocate(&pool, PIECE, 1, NULL);
            CU_ASSERT_PTR_NOT_NULL_FATAL(piece);
            piece[0] = piece[PIECE - 1] = 1;
            uint64_t more = budget_used(&budget) - asked;
            uint64_t share = asked / 6 + (2 << 20);
            most = more > share && more > most ? more : most;
        }
        CU_ASSERT_EQUAL(most, 0);
        CU_ASSERT_EQUAL(pool.bytes, budget_used(&budget));
        pool_close(&pool);
        CU_ASSERT_EQUAL(pool.bytes, 0);
        CU_ASSERT_EQUAL(budget_used(&budget), 0);
    }
}

static void large_block_that_there_is_no_memory_for_is_an_error(void)
{
    struct budget budget;
    struct error error = {0};
    budget_init(&budget, 0);
    struct pool pool = {.budget = &budget};
    memory_fault_set(1);
    CU_ASSERT_PTR_NULL(pool_allocate(&pool, 5 << 20, 1, &error));
    memory_fault_set(0);
    CU_ASSERT_EQUAL(error.status, STATUS_FAILED);
    CU_ASSERT_EQUAL(budget_used(&budget), 0);
    CU_ASSERT_PTR_NOT_NULL(pool_allocate(&pool, 5 << 20, 1, NULL));
    pool_close(&pool);
}

static void budget_is_a_limit(void)
{
    struct pool pool = {0};
    struct budget budget;
    struct error error = {0};
    budget_init(&budget, 64 << 10);
    pool.budget = &budget;
    uint32_t blocks = 0;
    while (pool_allocate(&pool, 1000, 1, &error) != NULL && blocks < 1000) {
        blocks++;
    }
    CU_ASSERT_TRUE(blocks > 20 && blocks < 70);
    CU_ASSERT_EQUAL(error.status, STATUS_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "64.0 KiB"));
    CU_ASSERT_EQUAL(pool_status(&error), STATUS_LIMIT);
    pool_close(&pool);
    CU_ASSERT_EQUAL(budget_used(&budget), 0);
}

static const char *const samples[] = {
    "null", "1",    "'text'",       "''", "[1, [2, 'x'], {a: [], b: 'y'}]", "{}", "v1",
    "e1",   "P[0]", "P[0 5 1 6 0]", "D1",
};

/* Beyond seven eighths of the budget; the rest is for pools that do not. */
static void what_is_kept_goes_on_on_disk(void)
{
    enum { BLOCKS = 200, BLOCK_BYTES = 100000 };
    static char *blocks[BLOCKS];
    struct budget budget;
    struct spill spill;
    budget_init(&budget, 8 << 20);
    spill_init(&spill, NULL, 0, NULL);
    budget.spill = &spill;
    struct pool pool = pool_kept(&budget, NULL);
    struct pool other = {.budget = &budget};
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = pool_allocate(&pool, BLOCK_BYTES, 1, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(blocks[i]);
        memset(blocks[i], i, BLOCK_BYTES);
    }
    CU_ASSERT_PTR_NOT_NULL(pool_allocate(&other, 500000, 1, NULL));
    CU_ASSERT_PTR_NULL(pool_allocate(&other, 2 << 20, 1, NULL));
    CU_ASSERT_PTR_NOT_NULL(pool_allocate(&pool, 32 << 20, 1, NULL));
    CU_ASSERT_PTR_NULL(pool_allocate(&pool, SIZE_MAX - 100, 1, NULL));
    for (int i = 0; i < BLOCKS; i++) {
        CU_ASSERT_EQUAL(blocks[i][0], (char)i);
        CU_ASSERT_EQUAL(blocks[i][BLOCK_BYTES - 1], (char)i);
    }
    CU_ASSERT_TRUE(budget_used(&spill.budget) > 32 << 20);
    pool_close(&pool);
    pool_close(&other);
    CU_ASSERT_EQUAL(budget_used(&spill.budget), 0);
    CU_ASSERT_EQUAL(budget_used(&budget), 0);
    CU_ASSERT_PTR_NOT_NULL(pool_allocate(&pool, 1, 1, NULL));
    pool_close(&pool);
}

static void copies_borrow_nothing(void)
{
    for (size_t row = 0; row < sizeof(samples) / sizeof(samples[0]); row++) {
        char text[100];
        struct pool from = {0};
        struct pool to = {0};
        struct value copy;
        memcpy(text, samples[row], strlen(samples[row]) + 1);
        CU_ASSERT_EQUAL(pool_copy(&to, literal_read(&from, text), &copy, NULL), STATUS_OK);
        pool_close(&from);
        memset(text, 0, sizeof(text));
        CU_ASSERT_TRUE(value_equivalent(copy, literal_read(&from, samples[row]), NULL));
        pool_close(&from);
        pool_close(&to);
    }
}

static void copies_keep_instants_and_durations(void)
{
    struct pool pool = {0};
    char zone[] = "Europe/Stockholm";
    struct value_instant instant = {12, 34, 3600, bytes_of(zone)};
    struct value_duration duration = {1, 2, 3, 4};
    struct value copy;
    CU_ASSERT_EQUAL(
        pool_copy(&pool, (struct value){.kind = VALUE_DATETIME, .instant = &instant}, &copy, NULL),
        STATUS_OK);
    memset(zone, 'x', sizeof(zone) - 1);
    instant.seconds = 0;
    CU_ASSERT_EQUAL(copy.instant->seconds, 12);
    CU_ASSERT_TRUE(bytes_equal(copy.instant->zone, bytes_of("Europe/Stockholm")));
    CU_ASSERT_EQUAL(pool_copy(&pool, (struct value){.kind = VALUE_DURATION, .duration = &duration},
                              &copy, NULL),
                    STATUS_OK);
    CU_ASSERT_PTR_NOT_EQUAL(copy.duration, &duration);
    CU_ASSERT_EQUAL(copy.duration->nanoseconds, 4);
    pool_close(&pool);
}

static void copies_that_lie_too_deep_are_refused(void)
{
    struct pool pool = {0};
    struct value nests[VALUE_DEPTH_MAX + 1];
    struct value deep = value_list_of(NULL, 0);
    struct value copy;
    for (uint32_t index = 0; index <= VALUE_DEPTH_MAX; index++) {
        nests[index] = deep;
        deep = value_list_of(&nests[index], 1);
    }
    CU_ASSERT_EQUAL(pool_copy(&pool, nests[VALUE_DEPTH_MAX - 1], &copy, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(pool_copy(&pool, nests[VALUE_DEPTH_MAX], &copy, NULL), STATUS_LIMIT);
    pool_close(&pool);
}

static void every_allocation_of_a_copy_may_fail(void)
{
    struct pool from = {0};
    struct value value = literal_read(&from, "[1, [2, 'x'], {a: [], b: 'y'}, P[0 5 1]]");
    enum status status = STATUS_FAILED;
    uint64_t after = 0;
    while (status != STATUS_OK && after < 100) {
        struct pool to = {0};
        struct value copy;
        struct error error = {0};
        memory_fault_set(++after);
        status = pool_copy(&to, value, &copy, &error);
        memory_fault_set(0);
        CU_ASSERT_EQUAL(error.status, status);
        pool_close(&to);
    }
    CU_ASSERT_TRUE(after > 1 && after < 100);
    pool_close(&from);
}

/* Only an interrupt ends it: what a limit has ended is still put together. */
static void copy_of_what_is_long_ends_with_an_interrupt(void)
{
    enum { ITEMS = 100000 };
    static char long_text[POOL_COPY_BYTES + 1];
    struct bytes text = bytes_view(long_text, sizeof long_text);
    struct stop stop;
    struct pool pool = {.stop = &stop};
    struct list_builder builder = {.pool = &pool};
    struct value copy;
    struct error error = {0};
    stop_init(&stop, 0);
    for (int64_t index = 0; index < ITEMS; index++) {
        CU_ASSERT_EQUAL(list_add(&builder, value_integer(index), NULL), STATUS_OK);
    }
    stop_request(&stop, STOP_ROWS);
    CU_ASSERT_EQUAL(pool_copy(&pool, list_finish(&builder), &copy, &error), STATUS_OK);
    CU_ASSERT_EQUAL(pool_copy_text(&pool, text, &copy, &error), STATUS_OK);
    CU_ASSERT_EQUAL(copy.count, sizeof long_text);
    stop_request(&stop, STOP_INTERRUPTED);
    CU_ASSERT_EQUAL(pool_copy_text(&pool, text, &copy, NULL), STATUS_INTERRUPTED);
    CU_ASSERT_EQUAL(pool_copy(&pool, list_finish(&builder), &copy, &error), STATUS_INTERRUPTED);
    CU_ASSERT_EQUAL(error.status, STATUS_INTERRUPTED);
    pool_close(&pool);
}

static void lists_grow(void)
{
    struct pool pool = {0};
    struct list_builder builder = {.pool = &pool};
    for (int64_t index = 0; index < 1000; index++) {
        CU_ASSERT_EQUAL(list_add(&builder, value_integer(index), NULL), STATUS_OK);
    }
    struct value list = list_finish(&builder);
    CU_ASSERT_EQUAL(list.count, 1000);
    for (int64_t index = 0; index < 1000; index++) {
        CU_ASSERT_EQUAL(list.items[index].integer, index);
    }
    pool_close(&pool);
}

/* Against a search through all entries, from the last. */
static void maps_are_sorted_and_the_last_of_equal_keys_counts(void)
{
    static const char *const keys[] = {"a", "b", "", "ab", "B", "c", "aa", "zz", "z", "\xff"};
    uint64_t seed = 20261122;
    for (uint32_t count = 0; count < 200; count++) {
        struct value_entry entries[200];
        struct value_entry given[200];
        for (uint32_t index = 0; index < count; index++) {
            seed += UINT64_C(0x9e3779b97f4a7c15);
            given[index].key = bytes_of(keys[hash_mix(seed) % (sizeof(keys) / sizeof(keys[0]))]);
            given[index].value = value_integer(index);
            entries[index] = given[index];
        }
        struct value map = pool_map_of(entries, count);
        uint32_t wrong = 0;
        for (uint32_t index = 1; index < map.count; index++) {
            wrong += bytes_compare(map.entries[index - 1].key, map.entries[index].key) >= 0;
        }
        for (size_t key = 0; key < sizeof(keys) / sizeof(keys[0]); key++) {
            int64_t last = -1;
            for (uint32_t index = 0; index < count; index++) {
                last = bytes_equal(given[index].key, bytes_of(keys[key])) ? index : last;
            }
            const struct value *found = value_map_find(map, bytes_of(keys[key]));
            wrong += (found == NULL ? -1 : found->integer) != last;
        }
        CU_ASSERT_EQUAL(wrong, 0);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(blocks_are_aligned_and_apart),
        CASE(product_that_overflows_is_refused),
        CASE(release_gives_the_same_memory_again),
        CASE(kept_blocks_that_are_too_small_do_not_pile_up),
        CASE(large_pool_counts_little_more_than_it_gives),
        CASE(large_block_that_there_is_no_memory_for_is_an_error),
        CASE(budget_is_a_limit),
        CASE(what_is_kept_goes_on_on_disk),
        CASE(copies_borrow_nothing),
        CASE(copies_keep_instants_and_durations),
        CASE(copies_that_lie_too_deep_are_refused),
        CASE(every_allocation_of_a_copy_may_fail),
        CASE(copy_of_what_is_long_ends_with_an_interrupt),
        CASE(lists_grow),
        CASE(maps_are_sorted_and_the_last_of_equal_keys_counts),
        CU_TEST_INFO_NULL,
    };
    return suite_run("value_pool", NULL, NULL, cases);
}
