/* The loops over 64 values write bytes of 0 and 1, which compilers turn into vector code, and pack
 * them into a word by multiplication. tests/unit/test_filter.c checks them against a plain loop. */
#include "engine/filter_kernel.h"

#include <string.h>

/* Where the loader can choose among clones of a function, the widest vectors of the machine are
 * used. Sanitizers and clang go without. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTOR_CLONES
#endif

enum { WORD_BITS = 64 };

/* Eight bytes of 0 or 1 become eight bits: the multiplication moves byte i to bit 56 + i. */
static inline uint64_t pack_flags(const uint8_t *flags)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < WORD_BITS / 8; i++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * i, sizeof eight);
        word |= (eight * UINT64_C(0x0102040810204080) >> 56) << (8 * i);
    }
    return word;
}

/* `test` says whether `value` passes. */
#define FILTER_BODY(test)                                                  \
    uint64_t whole = count / WORD_BITS;                                    \
    for (uint64_t word = 0; word < whole; word++) {                        \
        uint8_t flags[WORD_BITS];                                          \
        for (uint32_t i = 0; i < WORD_BITS; i++) {                         \
            __auto_type value = values[word * WORD_BITS + i];              \
            flags[i] = (test) ? 1 : 0;                                     \
        }                                                                  \
        words[word] = pack_flags(flags);                                   \
    }                                                                      \
    if (count % WORD_BITS != 0) {                                          \
        words[whole] = 0;                                                  \
        for (uint64_t i = whole * WORD_BITS; i < count; i++) {             \
            __auto_type value = values[i];                                 \
            words[whole] |= (uint64_t)((test) ? 1 : 0) << (i % WORD_BITS); \
        }                                                                  \
    }

VECTOR_CLONES void range_filter_u8(const uint8_t *values, uint64_t count, uint8_t first,
                                   uint8_t span,
                                   uint64_t *words){FILTER_BODY((uint8_t)(value - first) <= span)}

VECTOR_CLONES
    void range_filter_u16(const uint16_t *values, uint64_t count, uint16_t first, uint16_t span,
                          uint64_t *words){FILTER_BODY((uint16_t)(value - first) <= span)}

VECTOR_CLONES
    void range_filter_u32(const uint32_t *values, uint64_t count, uint32_t first, uint32_t span,
                          uint64_t *words){FILTER_BODY(value - first <= span)}

VECTOR_CLONES
    void range_filter_u64(const uint64_t *values, uint64_t count, uint64_t first, uint64_t span,
                          uint64_t *words){FILTER_BODY(value - first <= span)}

VECTOR_CLONES void range_filter_f64(const double *values, uint64_t count, double first, double last,
                                    uint64_t *words)
{
    FILTER_BODY((value >= first) & (value <= last))
}

void table_filter_u8(const uint8_t *values, uint64_t count, const uint8_t *table, uint64_t *words)
{
    FILTER_BODY(table[value])
}

void table_filter_u16(const uint16_t *values, uint64_t count, const uint8_t *table, uint64_t *words)
{
    FILTER_BODY(table[value])
}

void table_filter_u32(const uint32_t *values, uint64_t count, const uint8_t *table, uint64_t *words)
{
    FILTER_BODY(table[value])
}

static void clear_tail(uint64_t count, uint64_t *words)
{
    if (count % WORD_BITS != 0) {
        words[count / WORD_BITS] &= (UINT64_C(1) << (count % WORD_BITS)) - 1;
    }
}

void constant_filter(uint64_t count, bool value, uint64_t *words)
{
    memset(words, value ? 0xff : 0, (count + WORD_BITS - 1) / WORD_BITS * sizeof *words);
    clear_tail(count, words);
}

void invert_filter(uint64_t count, uint64_t *words)
{
    for (uint64_t word = 0; word < (count + WORD_BITS - 1) / WORD_BITS; word++) {
        words[word] = ~words[word];
    }
    clear_tail(count, words);
}

VECTOR_CLONES uint64_t count_filter(const uint64_t *words, uint64_t count)
{
    uint64_t bits = 0;
    for (uint64_t word = 0; word < count; word++) {
        bits += (uint64_t)__builtin_popcountll(words[word]);
    }
    return bits;
}
