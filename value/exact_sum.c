/* Integers as wide as they have to be; see exact_sum.h. */
#include "value/exact_sum.h"

#include <math.h>
#include <string.h>

#include "base/check.h"

enum { WORDS_MIN = 4, MANTISSA_BITS = 52, EXPONENT_MASK = 0x7ff, EXPONENT_ONE = 1075 };

/* A term: magnitude * 2^exponent. */
struct addend {
    unsigned __int128 magnitude;
    int32_t exponent;
    bool is_negative;
};

static bool is_negative(const struct exact_sum *sum)
{
    return sum->count > 0 && (sum->words[sum->count - 1] >> 63) != 0;
}

/* Makes the words from `begin` to `end`, and one for the sign behind them, part of the sum. */
static enum status widen(struct exact_sum *sum, uint32_t begin, uint32_t end, struct pool *pool,
                         struct error *error)
{
    uint32_t last = end + 1;
    if (sum->count > 0) {
        uint32_t sum_end = sum->first + sum->count;
        begin = begin < sum->first ? begin : sum->first;
        last = last > sum_end ? last : sum_end;
    }
    last = last - begin < WORDS_MIN ? begin + WORDS_MIN : last;
    uint64_t *words = pool_allocate(pool, last - begin, sizeof *words, error);
    if (words == NULL) {
        return pool_status(error);
    }
    memset(words, is_negative(sum) ? 0xff : 0, (last - begin) * sizeof *words);
    if (sum->count > 0) {
        memset(words, 0, (sum->first - begin) * sizeof *words);
        memcpy(words + (sum->first - begin), sum->words, sum->count * sizeof *words);
    }
    sum->words = words;
    sum->first = begin;
    sum->count = last - begin;
    return STATUS_OK;
}

/* 2^63 terms cannot reach the sign's word. */
static enum status add(struct exact_sum *sum, const struct addend *term, struct pool *pool,
                       struct error *error)
{
    if (term->magnitude == 0) {
        return STATUS_OK;
    }
    uint32_t bit = (uint32_t)(term->exponent + EXACT_SUM_BIAS);
    uint32_t word = bit / 64;
    uint32_t shift = bit % 64;
    if (sum->count == 0 || word < sum->first || word + 4 > sum->first + sum->count) {
        TRY(widen(sum, word, word + 3, pool, error));
    }
    uint64_t low = (uint64_t)term->magnitude;
    uint64_t high = (uint64_t)(term->magnitude >> 64);
    uint64_t parts[3] = {low << shift, high << shift, 0};
    if (shift > 0) {
        parts[1] |= low >> (64 - shift);
        parts[2] = high >> (64 - shift);
    }
    uint64_t *words = sum->words + (word - sum->first);
    uint32_t count = sum->first + sum->count - word;
    bool carry = false;
    for (uint32_t i = 0; i < count && (i < 3 || carry); i++) {
        uint64_t part = i < 3 ? parts[i] : 0;
        uint64_t before = words[i];
        if (term->is_negative) {
            words[i] = before - part - carry;
            carry = before < part || (before == part && carry);
        } else {
            words[i] = before + part + carry;
            carry = words[i] < before || (carry && words[i] == before);
        }
    }
    return STATUS_OK;
}

/* The value is finite. */
static struct addend part_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
    int32_t exponent = (int32_t)(bits >> MANTISSA_BITS & EXPONENT_MASK);
    bool is_subnormal = exponent == 0;
    return (struct addend){
        .magnitude = is_subnormal ? fraction : fraction | UINT64_C(1) << MANTISSA_BITS,
        .exponent = (is_subnormal ? 1 : exponent) - EXPONENT_ONE,
        .is_negative = bits >> 63 != 0,
    };
}

enum status exact_sum_add(struct exact_sum *sum, double value, struct pool *pool,
                          struct error *error)
{
    if (!isfinite(value)) {
        sum->unbounded += value;
        return STATUS_OK;
    }
    struct addend term = part_of(value);
    return add(sum, &term, pool, error);
}

enum status exact_sum_add_integer(struct exact_sum *sum, __int128 value, struct pool *pool,
                                  struct error *error)
{
    struct addend term = {.is_negative = value < 0};
    term.magnitude = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    return add(sum, &term, pool, error);
}

enum status exact_sum_add_square(struct exact_sum *sum, struct value number, struct pool *pool,
                                 struct error *error)
{
    struct addend term = {0};
    if (number.kind == VALUE_INTEGER) {
        int64_t integer = number.integer;
        term.magnitude = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
    } else if (isfinite(number.real)) {
        term = part_of(number.real);
    } else {
        sum->unbounded += number.real * number.real;
        return STATUS_OK;
    }
    struct addend square = {.magnitude = term.magnitude * term.magnitude,
                            .exponent = 2 * term.exponent};
    return add(sum, &square, pool, error);
}

enum status exact_sum_merge(struct exact_sum *sum, const struct exact_sum *other, struct pool *pool,
                            struct error *error)
{
    bool is_other_negative = is_negative(other);
    sum->unbounded += other->unbounded;
    if (other->count == 0) {
        return STATUS_OK;
    }
    uint32_t end = other->first + other->count;
    if (sum->count == 0 || other->first < sum->first || end > sum->first + sum->count) {
        TRY(widen(sum, other->first, end - 1, pool, error));
    }
    bool carry = false;
    uint32_t begin = other->first - sum->first;
    for (uint32_t i = begin; i < sum->count; i++) {
        uint64_t sign = is_other_negative ? UINT64_MAX : 0;
        uint64_t part = i - begin < other->count ? other->words[i - begin] : sign;
        uint64_t before = sum->words[i];
        sum->words[i] = before + part + carry;
        carry = carry ? sum->words[i] <= before : sum->words[i] < before;
    }
    return STATUS_OK;
}

/* Turns a negative sum round, and tells whether it did. */
static bool take_sign(struct exact_sum *sum)
{
    bool was_negative = is_negative(sum);
    bool carry = true;
    for (uint32_t i = 0; was_negative && i < sum->count; i++) {
        sum->words[i] = ~sum->words[i] + carry;
        carry = carry && sum->words[i] == 0;
    }
    return was_negative;
}

/* The highest 64 bits are rounded to 53; the last of them is set where any below is, so that half
 * ways are told from what is more. A sum of floats that is below 2^-1022 has no more bits than a
 * float has there, so that nothing is rounded twice. */
double exact_sum_value(struct exact_sum *sum)
{
    if (sum->unbounded != 0) { /* NaN is not 0 either */
        return sum->unbounded;
    }
    bool was_negative = take_sign(sum);
    uint32_t top = sum->count;
    while (top > 0 && sum->words[top - 1] == 0) {
        top--;
    }
    if (top == 0) {
        return 0;
    }
    uint64_t bits = sum->words[top - 1];
    uint32_t shift = (uint32_t)__builtin_clzll(bits);
    uint64_t below = top > 1 ? sum->words[top - 2] : 0;
    bits = shift == 0 ? bits : bits << shift | below >> (64 - shift);
    bool has_more = below << shift != 0;
    for (uint32_t i = 0; i + 2 < top && !has_more; i++) {
        has_more = sum->words[i] != 0;
    }
    int32_t exponent = (int32_t)((sum->first + top - 1) * 64) - EXACT_SUM_BIAS - (int32_t)shift;
    double value = ldexp((double)(bits | has_more), exponent);
    return was_negative ? -value : value;
}

enum status exact_sum_spread(struct exact_sum *sum, struct exact_sum *squares, uint64_t count,
                             struct pool *pool, double *spread, struct error *error)
{
    struct exact_sum total = {0};
    (void)take_sign(sum);
    for (uint32_t i = 0; i < squares->count; i++) {
        struct addend part = {
            .magnitude = (unsigned __int128)squares->words[i] * count,
            .exponent = (int32_t)((squares->first + i) * 64) - EXACT_SUM_BIAS,
        };
        TRY(add(&total, &part, pool, error));
    }
    for (uint32_t i = 0; i < sum->count; i++) {
        for (uint32_t j = 0; j < sum->count; j++) {
            struct addend part = {
                .magnitude = (unsigned __int128)sum->words[i] * sum->words[j],
                .exponent = (int32_t)((2 * sum->first + i + j) * 64) - 2 * EXACT_SUM_BIAS,
                .is_negative = true,
            };
            TRY(add(&total, &part, pool, error));
        }
    }
    bool is_bounded = sum->unbounded == 0 && squares->unbounded == 0;
    *spread = is_bounded ? exact_sum_value(&total) : NAN;
    return STATUS_OK;
}
