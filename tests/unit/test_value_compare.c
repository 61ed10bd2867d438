/* floor: value */
/* Equality, comparison, equivalence and order: tables, and laws over random values. */
#include "value/compare.h"

#include <stdio.h>

#include "tests/support/suite.h"
#include "tests/support/value_literals.h"

static struct pool pool;

struct row {
    const char *left;
    const char *right;
    const char *expected;
};

static void check(const char *sign, const struct row *row, struct value result)
{
    const char *got = literal_write(&pool, result);
    if (strcmp(got, row->expected) != 0) {
        printf("\n%s %s %s: %s, not %s\n", row->left, sign, row->right, got, row->expected);
    }
    CU_ASSERT_STRING_EQUAL(got, row->expected);
}

static void equality(void)
{
    static const struct row rows[] = {
        {"1", "1", "true"},
        {"1", "1.0", "true"},
        {"1", "1.5", "false"},
        {"9007199254740993", "9007199254740992.0", "false"},
        {"9223372036854775807", "9223372036854775808.0", "false"},
        {"-9223372036854775808", "-9223372036854775808.0", "true"},
        {"0.0", "-0.0", "true"},
        {"NaN", "NaN", "false"},
        {"NaN", "1", "false"},
        {"NaN", "'a'", "false"},
        {"'1'", "1", "false"},
        {"null", "null", "null"},
        {"null", "1", "null"},
        {"true", "1", "false"},
        {"[1, 2]", "[1]", "false"},
        {"[null]", "[1]", "null"},
        {"[]", "[]", "true"},
        {"[[1]]", "[[1], [null]]", "false"},
        {"[[1], [2]]", "[[1], [null]]", "null"},
        {"[[1], [2, 3]]", "[[1], [null]]", "false"},
        {"[1, 2]", "[null, 'foo']", "false"},
        {"[1, 2]", "'foo'", "false"},
        {"{}", "{}", "true"},
        {"{k: 1}", "{k: 1.0}", "true"},
        {"{}", "{k: null}", "false"},
        {"{k: 1}", "{k: 1, l: null}", "false"},
        {"{k: null}", "{k: null}", "null"},
        {"{k: 1}", "{l: 1}", "false"},
        {"{k: 1, l: null}", "{k: null, l: 1}", "null"},
        {"{k: 1, l: null}", "{k: 2, l: 1}", "false"},
        {"v1", "v1", "true"},
        {"v1", "e1", "false"},
        {"P[0 5 1]", "P[0 5 1]", "true"},
        {"P[0 5 1]", "P[0 6 1]", "false"},
        {"P[0]", "P[0 5 1]", "false"},
        {"D1", "D1", "true"},
        {"D1", "1", "false"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct value left = literal_read(&pool, rows[row].left);
        struct value right = literal_read(&pool, rows[row].right);
        check("=", &rows[row], value_equal(left, right, NULL));
        check("= (turned round)", &rows[row], value_equal(right, left, NULL));
    }
}

/* What <, <=, > and >= make. */
static void comparison(void)
{
    static const struct row rows[] = {
        {"1", "3.5", "[true, true, false, false]"},
        {"1", "1.0", "[false, true, false, true]"},
        {"9007199254740993", "9007199254740992.0", "[false, false, true, true]"},
        {"1", "Infinity", "[true, true, false, false]"},
        {"NaN", "1", "[false, false, false, false]"},
        {"NaN", "NaN", "[false, false, false, false]"},
        {"NaN", "'a'", "[null, null, null, null]"},
        {"'1'", "1", "[null, null, null, null]"},
        {"null", "1", "[null, null, null, null]"},
        {"'a'", "'b'", "[true, true, false, false]"},
        {"'Z'", "'a'", "[true, true, false, false]"},
        {"''", "' '", "[true, true, false, false]"},
        {"'z'", "'\xc3\xa4'", "[true, true, false, false]"},
        {"false", "true", "[true, true, false, false]"},
        {"[1, 0]", "[1]", "[false, false, true, true]"},
        {"[1, null]", "[1]", "[false, false, true, true]"},
        {"[1, 2]", "[1, null]", "[null, null, null, null]"},
        {"[1, 'a']", "[1, null]", "[null, null, null, null]"},
        {"[1, 2]", "[3, null]", "[true, true, false, false]"},
        {"[1, 'a']", "[1, 2]", "[null, null, null, null]"},
        {"[NaN]", "[1]", "[false, false, false, false]"},
        {"{a: 1}", "{a: 2}", "[null, null, null, null]"},
        {"v1", "v2", "[null, null, null, null]"},
        {"D1", "D2", "[true, true, false, false]"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct value left = literal_read(&pool, rows[row].left);
        struct value right = literal_read(&pool, rows[row].right);
        struct value results[4];
        for (int kind = COMPARE_LESS; kind <= COMPARE_GREATER_EQUAL; kind++) {
            results[kind] = value_compare((enum value_comparison)kind, left, right, NULL);
        }
        check("compared with", &rows[row], value_list_of(results, 4));
    }
}

static void membership(void)
{
    static const struct row rows[] = {
        {"1", "['1', 2]", "false"},
        {"[1, 2]", "[1, [1, '2']]", "false"},
        {"[1]", "[1, 2, [1]]", "true"},
        {"null", "[null]", "null"},
        {"null", "[]", "false"},
        {"[null]", "[[null]]", "null"},
        {"3", "[1, null, 3]", "true"},
        {"4", "[1, null, 3]", "null"},
        {"[1, 2]", "[[null, 'foo'], [1, 2]]", "true"},
        {"[1, 2]", "[[null, 'foo']]", "false"},
        {"[1, 2]", "[[null, 2]]", "null"},
        {"[]", "[[]]", "true"},
        {"[]", "[]", "false"},
        {"[]", "[1, 2, null]", "null"},
        {"NaN", "[NaN]", "false"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        check("IN", &rows[row],
              value_in(literal_read(&pool, rows[row].left), literal_read(&pool, rows[row].right),
                       NULL));
    }
}

static void order_is_that_of_the_table(void)
{
    static const char *const ascending[] = {
        "{}",
        "{a: 2}",
        "{b: 1}",
        "{a: 1, b: 1}",
        "v1",
        "v2",
        "e1",
        "[]",
        "['a']",
        "['a', 1]",
        "[1]",
        "[1, 'a']",
        "[1, null]",
        "[null, 1]",
        "[null, 2]",
        "P[0]",
        "P[0 5 1]",
        "P[0 5 1 7 0]",
        "P[0 6 1]",
        "P[1]",
        "D-1",
        "D1",
        "''",
        "' '",
        "'.*'",
        "'one'",
        "'\xc3\xa4'",
        "false",
        "true",
        "-Infinity",
        "-9223372036854775808",
        "-1.5",
        "0",
        "9007199254740992.0",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808.0",
        "Infinity",
        "NaN",
        "null",
    };
    const size_t count = sizeof(ascending) / sizeof(ascending[0]);
    for (size_t left = 0; left < count; left++) {
        for (size_t right = 0; right < count; right++) {
            int order = value_order(literal_read(&pool, ascending[left]),
                                    literal_read(&pool, ascending[right]), NULL);
            CU_ASSERT_EQUAL((order > 0) - (order < 0), (left > right) - (left < right));
        }
    }
}

/* Random values from few leaves, so that equal ones are common. */
static uint64_t seed = 20261122;

static uint32_t random_below(uint32_t bound)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash_mix(seed) >> 33) % bound;
}

static struct value random_value(uint32_t depth)
{
    static const char *const leaves[] = {
        "null",
        "true",
        "false",
        "0",
        "1",
        "-0.0",
        "1.0",
        "1.5",
        "9007199254740993",
        "9007199254740992.0",
        "NaN",
        "Infinity",
        "''",
        "'a'",
        "'ab'",
        "v1",
        "v2",
        "e1",
        "P[0 5 1]",
        "P[0 5 1 6 0]",
        "D1",
        "D2",
    };
    uint32_t choice = random_below(depth == 0 ? 3 : 5);
    if (choice < 3) {
        return literal_read(&pool, leaves[random_below(sizeof(leaves) / sizeof(leaves[0]))]);
    }
    uint32_t count = random_below(3);
    struct value *items = pool_allocate(&pool, 2, sizeof(*items), NULL);
    struct value_entry *entries = pool_allocate(&pool, 2, sizeof(*entries), NULL);
    CHECK(items != NULL && entries != NULL);
    for (uint32_t index = 0; index < count; index++) {
        items[index] = random_value(depth - 1);
        entries[index] =
            (struct value_entry){bytes_of(random_below(2) == 0 ? "a" : "b"), items[index]};
    }
    return choice == 3 ? value_list_of(items, count) : pool_map_of(entries, count);
}

static int sign_of(int order)
{
    return (order > 0) - (order < 0);
}

/* Of which only some items are hashed. */
static void long_lists_that_are_equivalent_have_one_hash(void)
{
    enum { ITEMS = (1 << 21) + 5 };
    struct pool_mark mark = pool_mark(&pool);
    struct value *integers = pool_allocate(&pool, ITEMS, sizeof *integers, NULL);
    struct value *floats = pool_allocate(&pool, ITEMS, sizeof *floats, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(integers);
    CU_ASSERT_PTR_NOT_NULL_FATAL(floats);
    for (uint32_t index = 0; index < ITEMS; index++) {
        integers[index] = value_integer(index);
        floats[index] = value_float(index);
    }
    struct value one = value_list_of(integers, ITEMS);
    struct value other = value_list_of(floats, ITEMS);
    CU_ASSERT_TRUE(value_equivalent(one, other, NULL));
    CU_ASSERT_EQUAL(value_hash(one), value_hash(other));
    CU_ASSERT_NOT_EQUAL(value_hash(one), value_hash(value_list_of(integers, ITEMS - 1)));
    floats[ITEMS / 2].real += 0.5;
    CU_ASSERT_FALSE(value_equivalent(one, other, NULL));
    pool_release(&pool, mark);
}

/* They differ in their last item only, which is not come to. */
static void an_interrupt_ends_comparisons_of_long_lists(void)
{
    enum { ITEMS = 1 << 15 };
    struct pool_mark mark = pool_mark(&pool);
    struct value *items = pool_allocate(&pool, ITEMS, 2 * sizeof *items, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    for (uint32_t index = 0; index < 2 * ITEMS; index++) {
        items[index] = value_integer(index % ITEMS);
    }
    items[ITEMS - 1] = value_integer(-1);
    struct value less = value_list_of(items, ITEMS);
    struct value more = value_list_of(items + ITEMS, ITEMS);
    struct value in_less = value_list_of(&less, 1);
    struct value in_more = value_list_of(&more, 1);
    struct stop stop;
    stop_init(&stop, 0);
    stop_request(&stop, STOP_ROWS);
    CU_ASSERT_TRUE(value_order(less, more, &stop) < 0);
    CU_ASSERT_TRUE(value_is_true(value_compare(COMPARE_LESS, less, more, &stop)));
    CU_ASSERT_FALSE(value_is_true(value_equal(in_less, in_more, &stop)));
    CU_ASSERT_TRUE(value_is_true(value_in(value_integer(-1), less, &stop)));
    stop_request(&stop, STOP_INTERRUPTED);
    CU_ASSERT_EQUAL(value_order(less, more, &stop), 0);
    CU_ASSERT_TRUE(value_is_true(value_compare(COMPARE_LESS, more, less, &stop)));
    CU_ASSERT_TRUE(value_is_true(value_equal(in_less, in_more, &stop)));
    CU_ASSERT_FALSE(value_is_true(value_in(value_integer(-1), less, &stop)));
    CU_ASSERT_FALSE(value_equivalent(more, more, &stop));
    CU_ASSERT_TRUE(value_order(value_integer(1), value_integer(2), &stop) < 0);
    pool_release(&pool, mark);
}

static void laws_hold_over_random_values(void)
{
    enum { VALUES = 60 };
    printf("seed %llu ", (unsigned long long)seed);
    for (uint32_t round = 0; round < 5; round++) {
        struct pool_mark mark = pool_mark(&pool);
        struct value values[VALUES];
        int order[VALUES][VALUES];
        uint32_t wrong = 0;
        for (uint32_t index = 0; index < VALUES; index++) {
            values[index] = random_value(3);
        }
        for (uint32_t left = 0; left < VALUES; left++) {
            for (uint32_t right = 0; right < VALUES; right++) {
                struct value a = values[left];
                struct value b = values[right];
                order[left][right] = sign_of(value_order(a, b, NULL));
                bool is_equivalent = value_equivalent(a, b, NULL);
                struct value equal = value_equal(a, b, NULL);
                wrong += is_equivalent != (order[left][right] == 0);
                wrong += is_equivalent && value_hash(a) != value_hash(b);
                wrong += value_is_true(equal) && !is_equivalent;
                wrong += left == right && !is_equivalent;
                struct value less = value_compare(COMPARE_LESS, a, b, NULL);
                struct value greater = value_compare(COMPARE_GREATER, b, a, NULL);
                wrong += less.kind != greater.kind || less.integer != greater.integer;
                wrong += value_is_true(less) && value_is_true(equal);
            }
        }
        for (uint32_t a = 0; a < VALUES; a++) {
            for (uint32_t b = 0; b < VALUES; b++) {
                wrong += order[a][b] != -order[b][a];
                for (uint32_t c = 0; c < VALUES; c++) {
                    wrong += order[a][b] <= 0 && order[b][c] <= 0 && order[a][c] > 0;
                }
            }
        }
        CU_ASSERT_EQUAL(wrong, 0);
        pool_release(&pool, mark);
    }
}

static void depth_counts_lists_and_maps(void)
{
    CU_ASSERT_EQUAL(value_depth(literal_read(&pool, "1")), 0);
    CU_ASSERT_EQUAL(value_depth(literal_read(&pool, "[]")), 1);
    CU_ASSERT_EQUAL(value_depth(literal_read(&pool, "[1, {a: [2]}, []]")), 3);
    struct value *nests = pool_allocate(&pool, VALUE_DEPTH_MAX + 100, sizeof(*nests), NULL);
    struct value deep = value_list_of(NULL, 0);
    for (uint32_t index = 0; index < VALUE_DEPTH_MAX + 100; index++) {
        nests[index] = deep;
        deep = value_list_of(&nests[index], 1);
    }
    CU_ASSERT_EQUAL(value_depth(nests[10]), 11);
    CU_ASSERT_EQUAL(value_depth(nests[VALUE_DEPTH_MAX - 1]), VALUE_DEPTH_MAX);
    CU_ASSERT_EQUAL(value_depth(deep), VALUE_DEPTH_MAX + 1);
    CU_ASSERT_EQUAL(value_order(nests[VALUE_DEPTH_MAX - 1], nests[VALUE_DEPTH_MAX - 1], NULL), 0);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(equality),
        CASE(comparison),
        CASE(membership),
        CASE(order_is_that_of_the_table),
        CASE(long_lists_that_are_equivalent_have_one_hash),
        CASE(an_interrupt_ends_comparisons_of_long_lists),
        CASE(laws_hold_over_random_values),
        CASE(depth_counts_lists_and_maps),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("value_compare", NULL, NULL, cases);
    pool_close(&pool);
    return failed;
}
