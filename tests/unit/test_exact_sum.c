/* floor: value */
/* Sums that lose nothing: against integers of 128 bits, in any order and by any number of parts. */
#include "value/exact_sum.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "tests/support/suite.h"

enum { COUNT = 500, PARTS = 5, ROUNDS = 50, UNIT_BITS = 40 };

static struct pool pool;
static uint64_t seed = 20261122;

static uint64_t draw(void)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(seed);
}

static double sum_of(const double *values, uint32_t count)
{
    struct exact_sum sum = {0};
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(exact_sum_add(&sum, values[i], &pool, NULL), STATUS_OK);
    }
    return exact_sum_value(&sum);
}

static bool is_same(double one, double other)
{
    return memcmp(&one, &other, sizeof one) == 0 || (isnan(one) && isnan(other));
}

static const struct {
    double values[5];
    double sum;
} sums[] = {
    {{0}, 0},
    {{1, 2, 3}, 6},
    {{1e300, 1, 1e-300, -1e300, -1}, 1e-300},
    {{1e308, 1e308, -1e308}, 1e308},
    {{1e308, 1e308}, INFINITY},
    {{-1e308, -1e308}, -INFINITY},
    {{0x1p-1074, 0x1p-1074}, 0x1p-1073},
    {{0x1p-1022, -0x1p-1074}, 0x0.fffffffffffffp-1022},
    {{1, 0x1p-53}, 1},                             /* half way: to even */
    {{1, 0x1p-53, 0x1p-1000}, 1 + 0x1p-52},        /* a little more */
    {{1 + 0x1p-52, 0x1p-53}, 1 + 0x1p-51},         /* half way: to even */
    {{-1, -0x1p-53, -0x1p-1074}, -1 - 0x1p-52},    /* the same below 0 */
    {{0x1.fffffffffffffp1023, 0x1p970}, INFINITY}, /* rounds up to what is none */
    {{-5, 3, -2.5}, -4.5},
    {{-0.0}, 0},
    {{INFINITY, 1}, INFINITY},
    {{INFINITY, -INFINITY, 1}, NAN},
    {{NAN, 1}, NAN},
};

static void each_sum_is_the_nearest_float(void)
{
    for (size_t row = 0; row < sizeof sums / sizeof sums[0]; row++) {
        CU_ASSERT_TRUE(is_same(sum_of(sums[row].values, 5), sums[row].sum));
        double turned[5];
        for (uint32_t i = 0; i < 5; i++) {
            turned[i] = sums[row].values[4 - i];
        }
        CU_ASSERT_TRUE(is_same(sum_of(turned, 5), sums[row].sum));
    }
}

/* Multiples of 2^-UNIT_BITS, so that 128 bits hold the sum, and 64 of them that of squares. */
static void random_sums_are_those_of_integers(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct exact_sum parts[PARTS] = {0};
        __int128 expected = 0;
        uint32_t shift = (uint32_t)(draw() % 60);
        for (uint32_t i = 0; i < COUNT; i++) {
            int64_t integer =
                (int64_t)(draw() >> (shift > 10 ? shift : 11)) * (i % 2 == 0 ? 1 : -1);
            double value = ldexp((double)integer, -UNIT_BITS);
            expected += integer;
            CU_ASSERT_EQUAL(exact_sum_add(&parts[draw() % PARTS], value, &pool, NULL), STATUS_OK);
        }
        __int128 whole = (__int128)(int64_t)draw();
        CU_ASSERT_EQUAL(exact_sum_add_integer(&parts[0], whole, &pool, NULL), STATUS_OK);
        expected += whole * (INT64_C(1) << UNIT_BITS);
        for (uint32_t i = 1; i < PARTS; i++) {
            CU_ASSERT_EQUAL(exact_sum_merge(&parts[0], &parts[i], &pool, NULL), STATUS_OK);
        }
        CU_ASSERT_TRUE(is_same(exact_sum_value(&parts[0]), ldexp((double)expected, -UNIT_BITS)));
    }
}

static void spread_is_that_of_integers(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct exact_sum sum = {0};
        struct exact_sum squares = {0};
        __int128 integers = 0;
        __int128 integer_squares = 0;
        for (uint32_t i = 0; i < COUNT; i++) {
            int64_t integer = (int64_t)(draw() >> 20) - (INT64_C(1) << 43);
            struct value value = i % 2 == 0 ? value_integer(integer) : value_float((double)integer);
            integers += integer;
            integer_squares += (__int128)integer * integer;
            CU_ASSERT_EQUAL(exact_sum_add(&sum, (double)integer, &pool, NULL), STATUS_OK);
            CU_ASSERT_EQUAL(exact_sum_add_square(&squares, value, &pool, NULL), STATUS_OK);
        }
        double spread;
        CU_ASSERT_EQUAL(exact_sum_spread(&sum, &squares, COUNT, &pool, &spread, NULL), STATUS_OK);
        __int128 expected = COUNT * integer_squares - integers * integers;
        CU_ASSERT_TRUE(is_same(spread, (double)expected));
    }
}

static void merging_keeps_the_sign(void)
{
    struct exact_sum sums_of[4] = {0};
    static const double values[] = {-1e-200, 1e200, -1e200, 2e-200};
    for (uint32_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(exact_sum_add(&sums_of[i], values[i], &pool, NULL), STATUS_OK);
    }
    for (uint32_t i = 1; i < 4; i++) {
        CU_ASSERT_EQUAL(exact_sum_merge(&sums_of[0], &sums_of[i], &pool, NULL), STATUS_OK);
    }
    CU_ASSERT_TRUE(is_same(exact_sum_value(&sums_of[0]), 1e-200));
}

static void a_sum_without_memory_fails(void)
{
    struct pool own = {0};
    struct exact_sum sum = {0};
    struct error error = {0};
    memory_fault_set(1);
    CU_ASSERT_EQUAL(exact_sum_add(&sum, 1, &own, &error), STATUS_FAILED);
    memory_fault_set(0);
    CU_ASSERT_EQUAL(exact_sum_value(&sum), 0);
    pool_close(&own);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(each_sum_is_the_nearest_float), CASE(random_sums_are_those_of_integers),
        CASE(spread_is_that_of_integers),    CASE(merging_keeps_the_sign),
        CASE(a_sum_without_memory_fails),    CU_TEST_INFO_NULL,
    };
    int failed = suite_run("exact_sum", NULL, NULL, cases);
    pool_close(&pool);
    return failed;
}
