/* floor: value */
/* Numbered items in a pool, and sets of values over them: against what was put in, whichever
 * allocation fails; and what they take. */
#include "value/pool_table.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "tests/support/suite.h"
#include "value/value_set.h"

enum { MANY = 20 * POOL_ITEMS_BLOCK + 5 };

struct item {
    uint64_t number;
    char rest[21];
};

static bool add_item(struct pool_items *items, struct pool *pool)
{
    if (pool_items_reserve(items, pool, sizeof(struct item), NULL) != STATUS_OK) {
        return false;
    }
    struct item *item = pool_items_at(items, sizeof *item, items->count);
    *item = (struct item){.number = items->count++};
    return true;
}

static bool items_are_there(const struct pool_items *items)
{
    for (uint32_t number = 0; number < items->count; number++) {
        const struct item *item = pool_items_at(items, sizeof *item, number);
        if (item->number != number) {
            return false;
        }
    }
    return true;
}

static void items_keep_their_numbers(void)
{
    struct pool pool = {0};
    struct pool_items items = {0};
    const struct item *settled = NULL;
    for (uint32_t number = 0; number < MANY; number++) {
        CU_ASSERT_TRUE_FATAL(add_item(&items, &pool));
        if (number == POOL_ITEMS_BLOCK) {
            settled = pool_items_at(&items, sizeof *settled, 0);
        }
    }
    CU_ASSERT_TRUE(items_are_there(&items));
    CU_ASSERT_PTR_EQUAL(settled, pool_items_at(&items, sizeof *settled, 0));
    pool_close(&pool);
}

/* Twice the same texts, the second time found. */
static void expect_set(struct value_set *set, struct pool *pool, uint32_t count)
{
    for (uint32_t i = 0; i < 2 * count; i++) {
        uint64_t text = hash_mix(i % count);
        struct value value = value_text_of(bytes_view((const char *)&text, sizeof text));
        uint32_t number;
        bool is_new = false;
        struct error error = {0};
        CU_ASSERT_EQUAL_FATAL(value_set_add(set, pool, value, &is_new, &number, &error), STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(is_new, i < count);
        struct value copy = *value_set_at(set, number);
        CU_ASSERT_TRUE_FATAL(copy.text != (const char *)&text &&
                             bytes_equal(value_text_view(copy), value_text_view(value)));
    }
    CU_ASSERT_EQUAL(set->table.items.count, count);
}

static void a_set_has_each_value_once(void)
{
    for (uint32_t count = 1; count < 300000; count = count * 7 + 1) {
        struct pool pool = {0};
        struct value_set set = {0};
        expect_set(&set, &pool, count);
        pool_close(&pool);
    }
}

static void a_small_set_takes_little(void)
{
    enum { SETS = 10000 };
    struct pool pool = {0};
    for (uint32_t i = 0; i < SETS; i++) {
        struct value_set set = {0};
        for (int64_t value = 0; value < 6; value++) {
            uint32_t number;
            bool is_new = false;
            CU_ASSERT_EQUAL_FATAL(
                value_set_add(&set, &pool, value_integer(value), &is_new, &number, NULL),
                STATUS_OK);
        }
    }
    CU_ASSERT_TRUE(pool.bytes / SETS < 420);
    pool_close(&pool);
}

/* Blocks of a pool are few: a fault in each of them. */
static void a_failed_allocation_loses_nothing(void)
{
    struct pool pool = {0};
    struct pool_items items = {0};
    struct value_set set = {0};
    for (int64_t i = 0; i < MANY; i++) {
        bool is_added = false;
        bool is_new = false;
        for (uint64_t after = 1; !is_added; after++) {
            memory_fault_set(after);
            is_added = add_item(&items, &pool);
            memory_fault_set(0);
            CU_ASSERT_TRUE(is_added || items_are_there(&items));
        }
        for (uint64_t after = 1; !is_new; after++) {
            uint32_t number;
            struct error error = {0};
            memory_fault_set(after);
            enum status status =
                value_set_add(&set, &pool, value_integer(i), &is_new, &number, &error);
            memory_fault_set(0);
            CU_ASSERT_EQUAL(error.status, status);
            is_new = is_new && status == STATUS_OK;
        }
    }
    CU_ASSERT_TRUE(items_are_there(&items));
    CU_ASSERT_EQUAL(set.table.items.count, MANY);
    pool_close(&pool);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(items_keep_their_numbers),
        CASE(a_set_has_each_value_once),
        CASE(a_small_set_takes_little),
        CASE(a_failed_allocation_loses_nothing),
        CU_TEST_INFO_NULL,
    };
    return suite_run("pool_table", NULL, NULL, cases);
}
