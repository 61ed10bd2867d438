/* floor: value */
/* Aggregates: tables, and sums, deviations and percentiles against slow and careful ones. */
#include "value/fold.h"

#include <stdio.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "tests/support/suite.h"
#include "tests/support/value_literals.h"
#include "value/compare.h"

static struct pool pool;

/* Folds the items of a list. */
static enum status fold(const char *name, bool is_distinct, struct value items,
                        struct value parameter, struct pool *made, struct value *result,
                        struct error *error)
{
    uint32_t parameters;
    const struct fold_kind *kind = fold_find(bytes_of(name), &parameters);
    CHECK(kind != NULL);
    struct fold_state *state = fold_begin(kind, is_distinct, made, error);
    if (state == NULL) {
        return pool_status(error);
    }
    for (uint32_t index = 0; index < items.count; index++) {
        TRY(fold_take(state, items.items[index], parameter, error));
    }
    return fold_finish(state, NULL, result, error);
}

static const struct {
    const char *name; /* with "distinct " before it, if so */
    const char *items;
    const char *parameter;
    const char *expected; /* a literal, or "! " and the beginning of an error */
} aggregates[] = {
    {"count", "[1, null, 'a', 1]", "null", "3"},
    {"count", "[]", "null", "0"},
    {"distinct count", "[1, 1.0, null, 'a', [1], [1.0], NaN, NaN]", "null", "4"},
    {"sum", "[1, 2, null, 3]", "null", "6"},
    {"sum", "[]", "null", "0"},
    {"sum", "[null]", "null", "0"},
    {"sum", "[1, 2.5]", "null", "3.5"},
    {"sum", "[0.1, 0.2, 0.3, -0.6]", "null", "2.7755575615628914e-17"},
    {"sum", "[1e100, 1.0, -1e100]", "null", "1.0"},
    {"sum", "[Infinity, 1]", "null", "Infinity"},
    {"sum", "[Infinity, -Infinity]", "null", "NaN"},
    {"sum", "[1.5e308, 1.5e308]", "null", "Infinity"},
    {"sum", "[9223372036854775807, 1, -1]", "null", "9223372036854775807"},
    {"sum", "[9223372036854775807, 1]", "null", "! integer overflow"},
    {"sum", "['a']", "null", "! sum takes numbers or durations, not a text"},
    {"sum", "[1, 'a']", "null", "! sum takes numbers after a number, not a text"},
    {"distinct sum", "[1, 1, 2]", "null", "3"},
    {"avg", "[1, 2]", "null", "1.5"},
    {"avg", "[9223372036854775807, 9223372036854775807]", "null", "9223372036854776000.0"},
    {"avg", "[1, 2.0, null]", "null", "1.5"},
    {"avg", "[]", "null", "null"},
    {"avg", "[true]", "null", "! avg takes numbers or durations, not a boolean"},
    {"distinct avg", "[1, 1, 4]", "null", "2.5"},
    {"max", "[1, 2, 0, null, -1]", "null", "2"},
    {"min", "[1, 2, 0, null, -1]", "null", "-1"},
    {"max", "[1, 2.0, 5, null, 3.2, 0.1]", "null", "5"},
    {"min", "['a', 'b', 'B', null, 'abc', 'abc1']", "null", "'B'"},
    {"max", "['a', 'b', 'B', null, 'abc', 'abc1']", "null", "'b'"},
    {"max", "['a', 'abc', 'abcd', 'abcdefghi', 'b', '']", "null", "'b'"},
    {"min", "[[1], [2], [2, 1]]", "null", "[1]"},
    {"max", "[[1], [2], [2, 1]]", "null", "[2, 1]"},
    {"max", "[1, 'a', null, [1, 2], 0.2, 'b']", "null", "1"},
    {"min", "[1, 'a', null, [1, 2], 0.2, 'b']", "null", "[1, 2]"},
    {"max", "[1, NaN]", "null", "NaN"},
    {"min", "[]", "null", "null"},
    {"distinct max", "['a', 'b', 'b']", "null", "'b'"},
    {"collect", "[1, null, 'a', 1]", "null", "[1, 'a', 1]"},
    {"collect", "[]", "null", "[]"},
    {"distinct collect", "[null, 1, null, 1.0, 'a', 'a']", "null", "[1, 'a']"},
    {"stDev", "[2, 4, 4, 4, 5, 5, 7, 9]", "null", "2.138089935299395"},
    {"stDevP", "[2, 4, 4, 4, 5, 5, 7, 9]", "null", "2.0"},
    {"stDev", "[1]", "null", "0.0"},
    {"stDevP", "[7.5]", "null", "0.0"},
    {"stDev", "[]", "null", "null"},
    {"stDev", "[3, 3, 3]", "null", "0.0"},
    {"stDevP", "[9007199254740993, 9007199254740995]", "null", "1.0"},
    {"stDevP", "[1000000000000000001, 1000000000000000003]", "null", "1.0"},
    {"stDevP", "[1e16, 1e16, 1.0000000000000002e16]", "null", "0.9428090415820634"},
    {"stDev", "['a']", "null", "! stDev takes numbers, not a text"},
    {"stDevP", "[1, Infinity]", "null", "NaN"},
    {"percentileCont", "[10.0, 20.0, 30.0]", "0.5", "20.0"},
    {"percentileCont", "[30, 10, 20]", "0.25", "15.0"},
    {"percentileCont", "[30, 10, 20]", "1", "30.0"},
    {"percentileCont", "[30, 10, 20]", "0", "10.0"},
    {"percentileCont", "[]", "0.5", "null"},
    {"percentileCont", "[1]", "0.3", "1.0"},
    {"percentileDisc", "[10.0, 20.0, 30.0]", "0.0", "10.0"},
    {"percentileDisc", "[30, 10, 20]", "0.5", "20"},
    {"percentileDisc", "[30, 10, 20, null]", "1.0", "30"},
    {"percentileDisc", "[1, 2, 3, 4]", "0.5", "2"},
    {"percentileDisc", "[1, 2, 3, 4]", "0.51", "3"},
    {"distinct percentileDisc", "[1, 1, 1, 2]", "1", "2"},
    {"percentileCont", "[1]", "1.1",
     "! percentileCont takes a number from 0 to 1 as its "
     "fraction, not 1.1"},
    {"percentileDisc", "[null]", "-1", "! percentileDisc takes a number from 0 to 1"},
    {"percentileDisc", "[1]", "NaN", "! percentileDisc takes a number from 0 to 1"},
    {"percentileDisc", "[1]", "'x'",
     "! percentileDisc takes a number from 0 to 1 as its "
     "fraction, not a text"},
    {"percentileDisc", "['a']", "0.5", "! percentileDisc takes numbers, not a text"},
};

static void each_aggregate(void)
{
    for (size_t row = 0; row < sizeof(aggregates) / sizeof(aggregates[0]); row++) {
        struct error error = {0};
        struct value result;
        struct pool_mark mark = pool_mark(&pool);
        bool is_distinct = strncmp(aggregates[row].name, "distinct ", 9) == 0;
        enum status status =
            fold(aggregates[row].name + (is_distinct ? 9 : 0), is_distinct,
                 literal_read(&pool, aggregates[row].items),
                 literal_read(&pool, aggregates[row].parameter), &pool, &result, &error);
        const char *expected = aggregates[row].expected;
        const char *got = status == STATUS_OK ? literal_write(&pool, result) : error.text;
        bool is_error = strncmp(expected, "! ", 2) == 0;
        bool is_same = is_error ? status == STATUS_USAGE &&
                                      strncmp(got, expected + 2, strlen(expected) - 2) == 0
                                : status == STATUS_OK && strcmp(got, expected) == 0;
        if (!is_same) {
            printf("\n%s(%s): %s, not %s\n", aggregates[row].name, aggregates[row].items, got,
                   expected);
        }
        CU_ASSERT_TRUE(is_same);
        pool_release(&pool, mark);
    }
}

static struct value duration_of(int64_t months, int64_t days, int64_t seconds, int32_t nanoseconds)
{
    struct value_duration *duration = pool_allocate(&pool, 1, sizeof(*duration), NULL);
    CHECK(duration != NULL);
    *duration = (struct value_duration){months, days, seconds, nanoseconds};
    return (struct value){.kind = VALUE_DURATION, .duration = duration};
}

static void durations_are_summed(void)
{
    struct error error = {0};
    struct value result;
    struct value items[] = {duration_of(1, 2, 3, 600000000), duration_of(0, 0, -2, 500000000),
                            duration_of(0, 2, 1, 0)};
    CU_ASSERT_EQUAL(
        fold("sum", false, value_list_of(items, 3), value_null(), &pool, &result, &error),
        STATUS_OK);
    CU_ASSERT_TRUE(value_equivalent(result, duration_of(1, 4, 3, 100000000), NULL));
    CU_ASSERT_EQUAL(
        fold("avg", false, value_list_of(items + 2, 1), value_null(), &pool, &result, &error),
        STATUS_OK);
    CU_ASSERT_TRUE(value_equivalent(result, items[2], NULL));
    items[1] = value_integer(1);
    CU_ASSERT_EQUAL(
        fold("sum", false, value_list_of(items, 3), value_null(), &pool, &result, &error),
        STATUS_USAGE);
    error_clear(&error);
    items[1] = duration_of(INT64_MAX, 0, 0, 0);
    CU_ASSERT_EQUAL(
        fold("sum", false, value_list_of(items, 2), value_null(), &pool, &result, &error),
        STATUS_USAGE);
    error_clear(&error);
    items[2] = duration_of(-2, 0, -9, 0); /* only the sum has to be a duration */
    CU_ASSERT_EQUAL(
        fold("sum", false, value_list_of(items, 3), value_null(), &pool, &result, &error),
        STATUS_OK);
    CU_ASSERT_TRUE(value_equivalent(result, duration_of(INT64_MAX - 1, 2, -6, 600000000), NULL));
}

static void fraction_is_the_same_in_all_rows(void)
{
    uint32_t parameters;
    struct error error = {0};
    const struct fold_kind *kind = fold_find(bytes_of("PERCENTILECONT"), &parameters);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kind);
    CU_ASSERT_EQUAL(parameters, 1);
    CU_ASSERT_STRING_EQUAL(fold_name(kind), "percentileCont");
    CU_ASSERT_PTR_NULL(fold_find(bytes_of("median"), &parameters));
    struct fold_state *state = fold_begin(kind, false, &pool, &error);
    CU_ASSERT_EQUAL(fold_take(state, value_integer(1), value_float(0.5), &error), STATUS_OK);
    CU_ASSERT_EQUAL(fold_take(state, value_integer(1), value_float(0.6), &error), STATUS_USAGE);
}

/* Random numbers in two orders give the same bits, near the naive result in 80 bits. */
static void results_do_not_depend_on_order(void)
{
    enum { COUNT = 1000 };
    static const char *const names[] = {
        "sum", "avg", "stDev", "stDevP", "percentileCont", "percentileDisc", "count", "min", "max"};
    uint64_t seed = 20261122;
    struct value items[COUNT];
    struct value turned[COUNT];
    long double total = 0;
    for (uint32_t index = 0; index < COUNT; index++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        int64_t random = (int64_t)(hash_mix(seed) >> 20);
        items[index] =
            index % 3 == 0 ? value_integer(random) : value_float((double)random / 1e7 + 1e6);
        turned[COUNT - 1 - index] = items[index];
        total += index % 3 == 0 ? (long double)random : (long double)items[index].real;
    }
    for (size_t name = 0; name < sizeof(names) / sizeof(names[0]); name++) {
        struct value result;
        struct value other;
        CU_ASSERT_EQUAL(fold(names[name], false, value_list_of(items, COUNT), value_float(0.3),
                             &pool, &result, NULL),
                        STATUS_OK);
        CU_ASSERT_EQUAL(fold(names[name], false, value_list_of(turned, COUNT), value_float(0.3),
                             &pool, &other, NULL),
                        STATUS_OK);
        CU_ASSERT_TRUE(value_is_true(value_equal(result, other, NULL)));
        if (name == 0) {
            CU_ASSERT_DOUBLE_EQUAL(result.real, (double)total, 1e-12 * (double)total);
        }
    }
}

/* Folds morsels of a list in `part_count` parts, each of which takes some of them: in order, or
 * backwards, when each item is a morsel. */
static enum status fold_in_parts(const char *name, bool is_distinct, struct value items,
                                 uint32_t part_count, bool is_backwards, struct value *result,
                                 struct error *error)
{
    enum { PARTS_MAX = 4 };
    uint32_t parameters;
    const struct fold_kind *kind = fold_find(bytes_of(name), &parameters);
    struct fold_state *parts[PARTS_MAX];
    uint64_t places[PARTS_MAX] = {0};
    for (uint32_t i = 0; i < part_count; i++) {
        parts[i] = fold_begin_part(kind, is_distinct, &places[i], &pool, error);
    }
    for (uint32_t i = 0; i < items.count; i++) {
        uint32_t item = is_backwards ? items.count - 1 - i : i;
        uint32_t morsel = is_backwards ? item : item / 7;
        uint32_t part = (uint32_t)(hash_mix(morsel) % part_count);
        places[part] = morsel;
        TRY(fold_take(parts[part], items.items[item], value_float(0.3), error));
    }
    TRY(fold_merge(parts, part_count, &pool, NULL, error));
    return fold_finish(parts[0], NULL, result, error);
}

static void parts_are_merged_to_what_one_would_have(void)
{
    enum { COUNT = 3000 };
    static const char *const names[] = {"sum",    "avg",           "min",     "max",
                                        "count",  "stDev",         "collect", "percentileCont",
                                        "stDevP", "percentileDisc"};
    static struct value items[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        int64_t random = (int64_t)(hash_mix(i) % 1000) - 500;
        items[i] = i % 5 == 0   ? value_null()
                   : i % 2 == 0 ? value_integer(random)
                                : value_float(i % 3 == 0 ? (double)random : (double)random / 7);
    }
    struct value list = value_list_of(items, COUNT);
    for (size_t at = 0; at < 4 * (sizeof names / sizeof names[0]); at++) {
        for (uint32_t part_count = 1; part_count <= 4; part_count++) {
            struct value result;
            struct value merged;
            const char *name = names[at / 4];
            CU_ASSERT_EQUAL(fold(name, at % 2 == 1, list, value_float(0.3), &pool, &result, NULL),
                            STATUS_OK);
            CU_ASSERT_EQUAL(
                fold_in_parts(name, at % 2 == 1, list, part_count, at / 2 % 2 == 1, &merged, NULL),
                STATUS_OK);
            CU_ASSERT_STRING_EQUAL(literal_write(&pool, merged), literal_write(&pool, result));
        }
    }
}

static void parts_that_do_not_fit_are_an_error(void)
{
    struct error error = {0};
    struct value result;
    struct value items[20];
    for (uint32_t i = 0; i < 20; i++) {
        items[i] = i < 7 ? value_integer(1) : duration_of(0, 0, 1, 0);
    }
    CU_ASSERT_EQUAL(
        fold_in_parts("sum", false, value_list_of(items, 20), 3, false, &result, &error),
        STATUS_USAGE);
    uint32_t parameters;
    const struct fold_kind *kind = fold_find(bytes_of("percentileCont"), &parameters);
    uint64_t places[2] = {0, 1};
    struct fold_state *parts[2];
    error_clear(&error);
    for (uint32_t i = 0; i < 2; i++) {
        parts[i] = fold_begin_part(kind, false, &places[i], &pool, &error);
        CU_ASSERT_EQUAL(fold_take(parts[i], value_null(), value_float(0.5 + i / 4.0), &error),
                        STATUS_OK);
    }
    CU_ASSERT_EQUAL(fold_merge(parts, 2, &pool, NULL, &error), STATUS_USAGE);
}

static void distinct_values_are_many(void)
{
    enum { COUNT = 5000 };
    static struct value items[COUNT];
    struct value result;
    for (uint32_t index = 0; index < COUNT; index++) {
        items[index] = index % 2 == 0 ? value_integer(index / 4) : value_float(index / 4);
    }
    struct value list = value_list_of(items, COUNT);
    CU_ASSERT_EQUAL(fold("count", true, list, value_null(), &pool, &result, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(result.integer, COUNT / 4);
    CU_ASSERT_EQUAL(fold("collect", true, list, value_null(), &pool, &result, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(result.count, COUNT / 4);
    CU_ASSERT_EQUAL(result.items[7].integer, 7);
}

static void what_is_kept_is_copied(void)
{
    struct pool rows = {0};
    uint32_t parameters;
    static const char *const names[] = {"collect", "max"};
    for (size_t name = 0; name < 2; name++) {
        struct fold_state *state =
            fold_begin(fold_find(bytes_of(names[name]), &parameters), name == 1, &pool, NULL);
        struct pool_mark mark = pool_mark(&rows);
        for (uint32_t row = 0; row < 100; row++) {
            struct value item = literal_read(&rows, row % 2 == 0 ? "['a', {b: 'x'}]" : "'text'");
            CU_ASSERT_EQUAL(fold_take(state, item, value_null(), NULL), STATUS_OK);
            pool_release(&rows, mark);
        }
        struct value result;
        CU_ASSERT_EQUAL(fold_finish(state, NULL, &result, NULL), STATUS_OK);
        CU_ASSERT_PTR_NOT_NULL(literal_write(&pool, result));
    }
    pool_close(&rows);
}

static void every_allocation_may_fail(void)
{
    static const char *const names[] = {"collect", "max", "sum", "percentileCont"};
    struct value texts = literal_read(&pool, "['a', 'bcd', 'efg']");
    struct value numbers = literal_read(&pool, "[1, 2, 3.5]");
    for (size_t name = 0; name < 4; name++) {
        for (uint32_t is_distinct = 0; is_distinct < 2; is_distinct++) {
            enum status status = STATUS_FAILED;
            uint64_t after = 0;
            while (status != STATUS_OK && after < 100) {
                struct pool own = {0};
                struct value result;
                struct error error = {0};
                memory_fault_set(++after);
                status = fold(names[name], is_distinct != 0, name < 2 ? texts : numbers,
                              value_float(0.5), &own, &result, &error);
                memory_fault_set(0);
                CU_ASSERT_EQUAL(error.status, status);
                pool_close(&own);
            }
            CU_ASSERT_TRUE(after > 1 && after < 100);
        }
    }
}

enum { MANY = 5000 }; /* several blocks */

static int compare_integers(const void *left, const void *right)
{
    const struct value *one = left;
    const struct value *other = right;
    return one->integer < other->integer ? -1 : one->integer > other->integer;
}

static void percentiles_of_many_are_those_of_the_sorted(void)
{
    struct value *items = memory_allocate(MANY, sizeof *items);
    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    for (int64_t alike = 1; alike <= 1000; alike *= 1000) {
        for (uint32_t i = 0; i < MANY; i++) {
            items[i] = value_integer((int64_t)(hash_mix(i) % 10000) / alike);
        }
        struct value list = value_list_of(items, MANY);
        struct value collected;
        CU_ASSERT_EQUAL(fold("collect", false, list, value_null(), &pool, &collected, NULL),
                        STATUS_OK);
        CU_ASSERT_TRUE(value_equivalent(collected, list, NULL));
        qsort(items, MANY, sizeof *items, compare_integers);
        for (uint32_t rank = 0; rank < MANY - 1; rank += 97) {
            struct value found;
            double fraction = (rank + 0.5) / MANY;
            CU_ASSERT_EQUAL(fold("percentileDisc", false, collected, value_float(fraction), &pool,
                                 &found, NULL),
                            STATUS_OK);
            CU_ASSERT_EQUAL(found.integer, items[rank].integer);
            CU_ASSERT_EQUAL(fold("percentileCont", false, collected, value_float(fraction), &pool,
                                 &found, NULL),
                            STATUS_OK);
            double place = fraction * (MANY - 1);
            uint32_t below = (uint32_t)place;
            double low = (double)items[below].integer;
            double high = (double)items[below + 1].integer;
            CU_ASSERT_DOUBLE_EQUAL(found.real, low + (high - low) * (place - below), 1e-6);
        }
    }
    memory_free(items);
}

static void a_stop_ends_what_takes_long(void)
{
    static const char *const names[] = {"collect", "percentileCont", "percentileDisc"};
    struct stop stop;
    stop_init(&stop, 0);
    stop_request(&stop, STOP_INTERRUPTED);
    for (uint32_t name = 0; name < sizeof names / sizeof *names; name++) {
        uint32_t parameters;
        struct value result;
        struct error error = {0};
        struct fold_state *state =
            fold_begin(fold_find(bytes_of(names[name]), &parameters), false, &pool, &error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(state);
        for (int64_t i = 0; i < MANY; i++) {
            CU_ASSERT_EQUAL(fold_take(state, value_integer(i), value_float(0.5), &error),
                            STATUS_OK);
        }
        CU_ASSERT_EQUAL(fold_finish(state, &stop, &result, &error), STATUS_INTERRUPTED);
        CU_ASSERT_EQUAL(error.status, STATUS_INTERRUPTED);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(each_aggregate),
        CASE(durations_are_summed),
        CASE(fraction_is_the_same_in_all_rows),
        CASE(results_do_not_depend_on_order),
        CASE(parts_are_merged_to_what_one_would_have),
        CASE(parts_that_do_not_fit_are_an_error),
        CASE(distinct_values_are_many),
        CASE(what_is_kept_is_copied),
        CASE(every_allocation_may_fail),
        CASE(percentiles_of_many_are_those_of_the_sorted),
        CASE(a_stop_ends_what_takes_long),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("value_fold", NULL, NULL, cases);
    pool_close(&pool);
    return failed;
}
