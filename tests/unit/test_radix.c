/* floor: base */
#include "base/radix.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "tests/support/suite.h"

enum { PAIR_COUNT_MAX = 5000 };

static struct radix_pair pairs[PAIR_COUNT_MAX];
static struct radix_pair scratch[PAIR_COUNT_MAX];

/* Fills values with positions and keys with random bits under `mask`. */
static void fill(uint64_t count, uint64_t mask, uint64_t constant, uint64_t seed)
{
    for (uint64_t index = 0; index < count; index++) {
        pairs[index].key = (hash_mix(seed * 1000003 + index) & mask) | constant;
        pairs[index].value = index;
    }
}

/* Sorted, stable, and nothing lost: values are positions, each seen once, with its own key. */
static bool is_sorted_stable_permutation(uint64_t count, uint64_t mask, uint64_t constant,
                                         uint64_t seed)
{
    static bool is_seen[PAIR_COUNT_MAX];
    memset(is_seen, 0, sizeof is_seen);
    for (uint64_t index = 0; index < count; index++) {
        uint64_t value = pairs[index].value;
        if (value >= count || is_seen[value] ||
            pairs[index].key != ((hash_mix(seed * 1000003 + value) & mask) | constant)) {
            return false;
        }
        is_seen[value] = true;
        if (index > 0 &&
            (pairs[index - 1].key > pairs[index].key ||
             (pairs[index - 1].key == pairs[index].key && pairs[index - 1].value >= value))) {
            return false;
        }
    }
    return true;
}

static void every_count_and_mask_is_sorted_stably(void)
{
    static const uint64_t counts[] = {0, 1, 2, 3, 39, 40, 41, 100, 511, 512, 513, 514, 5000};
    static const struct {
        uint64_t mask;
        uint64_t constant;
    } keys[] = {
        {0, 0},
        {0, UINT64_MAX},
        {1, 0},
        {0x7ff, 0},
        {0xfff, 0},
        {0xfffff, 0},
        {UINT64_MAX, 0},
        {UINT64_C(0xff000000000000ff), UINT64_C(0x00000000ff000000)},
        {UINT64_C(0x8000000000000001), 0},
        {UINT64_C(0x8000000000000000), 0x1234},
        {UINT64_C(0x0000000380000700), UINT64_C(0x4000000000000000)},
    };
    for (size_t row = 0; row < sizeof keys / sizeof keys[0]; row++) {
        for (size_t index = 0; index < sizeof counts / sizeof counts[0]; index++) {
            fill(counts[index], keys[row].mask, keys[row].constant, row);
            radix_sort(pairs, scratch, counts[index]);
            CU_ASSERT_TRUE(is_sorted_stable_permutation(counts[index], keys[row].mask,
                                                        keys[row].constant, row));
        }
    }
}

static void sorted_and_reversed_keys_are_sorted(void)
{
    for (uint64_t index = 0; index < PAIR_COUNT_MAX; index++) {
        pairs[index] = (struct radix_pair){index * 77, index};
    }
    radix_sort(pairs, scratch, PAIR_COUNT_MAX);
    uint64_t wrong = 0;
    for (uint64_t index = 0; index < PAIR_COUNT_MAX; index++) {
        wrong += pairs[index].key != index * 77 || pairs[index].value != index;
        pairs[index].key = (PAIR_COUNT_MAX - index) * 77;
    }
    radix_sort(pairs, scratch, PAIR_COUNT_MAX);
    for (uint64_t index = 0; index < PAIR_COUNT_MAX; index++) {
        wrong += pairs[index].key != (index + 1) * 77;
        wrong += pairs[index].value != PAIR_COUNT_MAX - 1 - index;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void what_is_left_half_done_holds_pairs_only(void)
{
    enum { MANY = 1 << 19 };
    static struct radix_pair many[2 * MANY];
    for (int64_t grace_ns = 0; grace_ns < 100000000; grace_ns = grace_ns * 3 + 1000000) {
        struct stop stop;
        struct stop_patience patience;
        for (uint64_t index = 0; index < MANY; index++) {
            many[index] = (struct radix_pair){hash_mix(index), index};
        }
        stop_init(&stop, 0);
        stop_request(&stop, STOP_INTERRUPTED);
        stop_patience_init(&patience, &stop, grace_ns);
        radix_sort_patiently(many, many + MANY, MANY, &patience);
        uint64_t wrong = 0;
        for (uint64_t index = 0; index < MANY; index++) {
            wrong += many[index].value >= MANY || many[index].key != hash_mix(many[index].value);
        }
        CU_ASSERT_EQUAL(wrong, 0);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(every_count_and_mask_is_sorted_stably),
        CASE(sorted_and_reversed_keys_are_sorted),
        CASE(what_is_left_half_done_holds_pairs_only),
        CU_TEST_INFO_NULL,
    };
    return suite_run("radix", NULL, NULL, cases);
}
