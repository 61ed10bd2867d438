/* floor: value */
/* Items found by their hash, against value_in, which compares them one by one. */
#include "value/members.h"

#include <stdio.h>

#include "tests/support/suite.h"
#include "tests/support/value_literals.h"
#include "value/compare.h"

static struct pool pool;

static const char *const literals[] = {"null",
                                       "true",
                                       "false",
                                       "0",
                                       "-0.0",
                                       "1",
                                       "1.0",
                                       "1.5",
                                       "NaN",
                                       "'1'",
                                       "''",
                                       "'a'",
                                       "9007199254740993",
                                       "9007199254740992.0"};
enum { LITERALS = sizeof literals / sizeof *literals };

/* What is asked of a list without lists in it. */
static const char *const asked[] = {"[]", "[null]", "[1]", "{a: 1}", "2", "'b'"};
enum { ASKED = sizeof asked / sizeof *asked };

static struct value draw(uint64_t seed)
{
    return literal_read(&pool, literals[hash_mix(seed) % LITERALS]);
}

static void check(const struct members *members, struct value list, struct value item)
{
    struct value expected = value_in(item, list, NULL);
    struct value got = members_has(members, item);
    CU_ASSERT_TRUE(got.kind == expected.kind && got.integer == expected.integer);
    if (got.kind != expected.kind || got.integer != expected.integer) {
        printf("\n%s IN %s\n", literal_write(&pool, item), literal_write(&pool, list));
    }
}

static void members_are_what_in_finds(void)
{
    enum { LISTS = 500, ITEMS_MAX = 12 };
    for (uint64_t at = 0; at < LISTS; at++) {
        struct value items[ITEMS_MAX];
        uint32_t count = 1 + (uint32_t)(hash_mix(at) % ITEMS_MAX);
        for (uint32_t i = 0; i < count; i++) {
            items[i] = draw(at * ITEMS_MAX + i);
        }
        struct value list = value_list_of(items, count);
        struct members *members = NULL;
        CU_ASSERT_EQUAL_FATAL(members_make(&members, list, &pool, NULL), STATUS_OK);
        for (uint32_t i = 0; i < LITERALS; i++) {
            check(members, list, literal_read(&pool, literals[i]));
        }
        for (uint32_t i = 0; i < ASKED; i++) {
            check(members, list, literal_read(&pool, asked[i]));
        }
    }
}

static void lists_of_lists_have_none(void)
{
    struct members *members = NULL;
    struct value items[2] = {value_integer(1), literal_read(&pool, "[1]")};
    CU_ASSERT_EQUAL(members_make(&members, value_list_of(items, 2), &pool, NULL), STATUS_OK);
    CU_ASSERT_PTR_NULL(members);
}

static void an_interrupt_ends_a_long_list(void)
{
    enum { ITEMS = 1 << 15 };
    struct stop stop;
    struct pool own = {.stop = &stop};
    struct members *members = NULL;
    struct error error = {0};
    stop_init(&stop, 0);
    struct value *items = pool_allocate(&own, ITEMS, sizeof *items, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i] = value_integer(i);
    }
    stop_request(&stop, STOP_INTERRUPTED);
    CU_ASSERT_EQUAL(members_make(&members, value_list_of(items, ITEMS), &own, &error),
                    STATUS_INTERRUPTED);
    CU_ASSERT_PTR_NULL(members);
    pool_close(&own);
}

/* What was compared before the end might have been told apart behind it. */
static void an_interrupt_ends_the_search_for_a_list(void)
{
    struct stop stop;
    struct pool own = {.stop = &stop};
    struct value_set set = {0};
    struct error error = {0};
    struct value item = value_integer(1);
    bool is_new = false;
    uint32_t number;
    stop_init(&stop, 0);
    stop_request(&stop, STOP_INTERRUPTED);
    CU_ASSERT_EQUAL(value_set_add(&set, &own, item, &is_new, &number, &error), STATUS_OK);
    CU_ASSERT_TRUE(is_new);
    CU_ASSERT_EQUAL(value_set_add(&set, &own, value_list_of(&item, 1), &is_new, &number, &error),
                    STATUS_INTERRUPTED);
    pool_close(&own);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(members_are_what_in_finds),
        CASE(lists_of_lists_have_none),
        CASE(an_interrupt_ends_a_long_list),
        CASE(an_interrupt_ends_the_search_for_a_list),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("members", NULL, NULL, cases);
    pool_close(&pool);
    return failed;
}
