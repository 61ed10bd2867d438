/* 64 bytes at a time with AVX2: four comparisons give a bit per byte, and the bits are taken out
 * one by one. The tail of a block is compared whole and masked, so there is no second loop. */
#include "loader/scan.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

/* Bit i is set where byte i of the two halves is all ones. */
TARGET_AVX2 static inline uint64_t mask_of(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}

/* Writes the positions of the set bits, eight at a time without asking: what is written beyond
 * their count is overwritten by the next group. */
TARGET_AVX2 static inline void write_positions(uint32_t *positions, uint32_t count, uint64_t mask,
                                               uint32_t base)
{
    for (uint32_t done = 0; done < count; done += 8) {
        for (uint32_t i = 0; i < 8; i++) {
            positions[done + i] = base + (uint32_t)_tzcnt_u64(mask);
            mask = _blsr_u64(mask);
        }
    }
}

TARGET_AVX2 void scan_avx2(const char *data, uint32_t size, char separator, uint32_t *positions,
                           uint32_t *line_ends, struct scan_result *result)
{
    const __m256i separators = _mm256_set1_epi8(separator);
    const __m256i newlines = _mm256_set1_epi8('\n');
    const __m256i quotes = _mm256_set1_epi8('"');
    uint32_t position_count = 0;
    uint32_t line_count = 0;
    uint64_t quote_bits = 0;
    uint64_t nul_bits = 0;
    for (uint32_t at = 0; at < size; at += 64) {
        const __m256i low = _mm256_loadu_si256((const void *)(data + at));
        const __m256i high = _mm256_loadu_si256((const void *)(data + at + 32));
        uint64_t valid = size - at < 64 ? _bzhi_u64(UINT64_MAX, size - at) : UINT64_MAX;
        uint64_t lines =
            valid & mask_of(_mm256_cmpeq_epi8(low, newlines), _mm256_cmpeq_epi8(high, newlines));
        uint64_t ends = lines | (valid & mask_of(_mm256_cmpeq_epi8(low, separators),
                                                 _mm256_cmpeq_epi8(high, separators)));
        quote_bits |=
            valid & mask_of(_mm256_cmpeq_epi8(low, quotes), _mm256_cmpeq_epi8(high, quotes));
        nul_bits |= valid & mask_of(_mm256_cmpeq_epi8(low, _mm256_setzero_si256()),
                                    _mm256_cmpeq_epi8(high, _mm256_setzero_si256()));
        uint32_t count = (uint32_t)_mm_popcnt_u64(ends);
        write_positions(positions + position_count, count, ends, at);
        for (uint64_t rest = lines; rest != 0; rest = _blsr_u64(rest)) {
            uint64_t before = _blsi_u64(rest) - 1;
            line_ends[line_count++] = position_count + (uint32_t)_mm_popcnt_u64(ends & before);
        }
        position_count += count;
    }
    *result = (struct scan_result){position_count, line_count, quote_bits != 0, nul_bits != 0};
}

#else

void scan_avx2(const char *data, uint32_t size, char separator, uint32_t *positions,
               uint32_t *line_ends, struct scan_result *result)
{
    scan_scalar(data, size, separator, positions, line_ends, result);
}

#endif
