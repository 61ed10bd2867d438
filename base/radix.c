/* Stable least-significant-digit radix sort, with the histograms of all digits from one pass.
 *
 * A first pass over the keys finds the bits in which they differ and whether they are sorted
 * already. Digits are then laid over the differing bits only, from the lowest up, so that a run of
 * constant bits between two fields of a key costs nothing. */
#include "base/radix.h"

#include <stdbool.h>
#include <string.h>

enum {
    DIGIT_BITS = 11,    /* 2,048 counters of 8 bytes: one digit's fit the first-level cache */
    DIGIT_BITS_FEW = 8, /* for few pairs, where clearing and summing counters is the cost */
    DIGITS_MAX = (64 + DIGIT_BITS_FEW - 1) / DIGIT_BITS_FEW,
    COUNTERS_MAX = (64 + DIGIT_BITS - 1) / DIGIT_BITS << DIGIT_BITS, /* wide digits need more */
    FEW_COUNT_MAX = 512,
    INSERTION_COUNT_MAX = 40,
    PATIENT_PAIRS = 1 << 17, /* scattered between two looks at the patience */
    PATIENT_PAIRS_NEW = 16,  /* while each may be the first on a page, which the system clears */
};

struct digit_plan {
    uint32_t count;
    uint32_t bits;
    uint32_t shift[DIGITS_MAX];
};

static uint64_t patient_count(uint64_t count, uint64_t begin, uint64_t step,
                              const struct stop_patience *patience);
static bool keys_examine(const struct radix_pair *pairs, uint64_t count, uint64_t *differing,
                         const struct stop_patience *patience);
static void digits_plan(struct digit_plan *plan, uint64_t differing, uint32_t bits);
static void digits_count(const struct digit_plan *plan, const struct radix_pair *pairs,
                         uint64_t count, uint64_t *offsets, const struct stop_patience *patience);
static void digit_scatter(uint32_t shift, uint64_t mask, const struct radix_pair *from,
                          struct radix_pair *to, uint64_t count, uint64_t *offsets);
static void insertion_sort(struct radix_pair *pairs, uint64_t count);

void radix_sort(struct radix_pair *pairs, struct radix_pair *scratch, uint64_t count)
{
    radix_sort_patiently(pairs, scratch, count, NULL);
}

void radix_sort_patiently(struct radix_pair *pairs, struct radix_pair *scratch, uint64_t count,
                          const struct stop_patience *patience)
{
    if (count <= INSERTION_COUNT_MAX) {
        insertion_sort(pairs, count);
        return;
    }
    uint64_t differing;
    if (keys_examine(pairs, count, &differing, patience)) {
        return;
    }
    struct digit_plan plan;
    digits_plan(&plan, differing, count <= FEW_COUNT_MAX ? DIGIT_BITS_FEW : DIGIT_BITS);
    uint64_t offsets[COUNTERS_MAX];
    digits_count(&plan, pairs, count, offsets, patience);
    struct radix_pair *from = pairs;
    struct radix_pair *to = scratch;
    for (uint32_t digit = 0; digit < plan.count; digit++) {
        uint64_t *places = offsets + ((uint64_t)digit << plan.bits);
        bool is_new = digit == 0 && patience != NULL && count > PATIENT_PAIRS;
        uint64_t step = is_new ? PATIENT_PAIRS_NEW : PATIENT_PAIRS;
        for (uint64_t begin = 0; begin < count; begin += step) {
            digit_scatter(plan.shift[digit], (UINT64_C(1) << plan.bits) - 1, from + begin, to,
                          patient_count(count, begin, step, patience), places);
        }
        struct radix_pair *swapped = from;
        from = to;
        to = swapped;
    }
    for (uint64_t begin = 0; from != pairs && begin < count; begin += PATIENT_PAIRS) {
        uint64_t copied = patient_count(count, begin, PATIENT_PAIRS, patience);
        memcpy(pairs + begin, from + begin, copied * sizeof *pairs);
    }
}

/* How many pairs from `begin` on a loop takes before it asks again; none when patience is over,
 * which it is for good. */
static uint64_t patient_count(uint64_t count, uint64_t begin, uint64_t step,
                              const struct stop_patience *patience)
{
    if (count > PATIENT_PAIRS && stop_patience_is_over(patience)) {
        return 0;
    }
    return count - begin < step ? count - begin : step;
}

/* True when the keys are in order; `differing` has the bits that are not the same in all. */
static bool keys_examine(const struct radix_pair *pairs, uint64_t count, uint64_t *differing,
                         const struct stop_patience *patience)
{
    uint64_t bits = 0;
    uint64_t descents = 0;
    for (uint64_t begin = 1; begin < count; begin += PATIENT_PAIRS) {
        uint64_t end = begin + patient_count(count, begin, PATIENT_PAIRS, patience);
        for (uint64_t index = begin; index < end; index++) {
            bits |= pairs[index].key ^ pairs[0].key;
            descents += pairs[index].key < pairs[index - 1].key;
        }
    }
    *differing = bits;
    return descents == 0;
}

static void digits_plan(struct digit_plan *plan, uint64_t differing, uint32_t bits)
{
    plan->count = 0;
    plan->bits = bits;
    while (differing != 0) {
        uint32_t shift = (uint32_t)__builtin_ctzll(differing);
        plan->shift[plan->count++] = shift;
        differing &= ~(((UINT64_C(1) << bits) - 1) << shift);
    }
}

/* Counts, then turns counts into the places where each digit's first pair goes. */
static void digits_count(const struct digit_plan *plan, const struct radix_pair *pairs,
                         uint64_t count, uint64_t *offsets, const struct stop_patience *patience)
{
    const uint64_t values = UINT64_C(1) << plan->bits;
    memset(offsets, 0, plan->count * values * sizeof *offsets);
    for (uint64_t begin = 0; begin < count; begin += PATIENT_PAIRS) {
        uint64_t end = begin + patient_count(count, begin, PATIENT_PAIRS, patience);
        for (uint64_t index = begin; index < end; index++) {
            for (uint32_t digit = 0; digit < plan->count; digit++) {
                uint64_t value = pairs[index].key >> plan->shift[digit] & (values - 1);
                offsets[digit * values + value]++;
            }
        }
    }
    for (uint32_t digit = 0; digit < plan->count; digit++) {
        uint64_t sum = 0;
        for (uint64_t place = digit * values; place < (digit + 1) * values; place++) {
            uint64_t here = offsets[place];
            offsets[place] = sum;
            sum += here;
        }
    }
}

static void digit_scatter(uint32_t shift, uint64_t mask, const struct radix_pair *from,
                          struct radix_pair *to, uint64_t count, uint64_t *offsets)
{
    for (uint64_t index = 0; index < count; index++) {
        to[offsets[(from[index].key >> shift) & mask]++] = from[index];
    }
}

static void insertion_sort(struct radix_pair *pairs, uint64_t count)
{
    for (uint64_t index = 1; index < count; index++) {
        struct radix_pair pair = pairs[index];
        uint64_t place = index;
        for (; place > 0 && pairs[place - 1].key > pair.key; place--) {
            pairs[place] = pairs[place - 1];
        }
        pairs[place] = pair;
    }
}
