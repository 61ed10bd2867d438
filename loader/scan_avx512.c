/* 64 bytes at a time with AVX-512: comparisons give the bits at once, and VPCOMPRESSB (VBMI2) turns
 * the bits into a row of positions without a loop over them. */
#include "loader/scan.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,bmi2,popcnt")))

/* Writes the positions of the set bits, sixteen at a time: what is written beyond their count is
 * overwritten by the next group. */
TARGET_AVX512 static inline void write_positions(uint32_t *positions, uint32_t count, uint64_t mask,
                                                 uint32_t base, __m512i order)
{
    const __m512i bases = _mm512_set1_epi32((int)base);
    __m512i bytes = _mm512_maskz_compress_epi8(mask, order);
    _mm512_storeu_si512(
        positions, _mm512_add_epi32(bases, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(bytes))));
    for (uint32_t done = 16; done < count; done += 16) {
        bytes = _mm512_alignr_epi32(_mm512_setzero_si512(), bytes, 4);
        _mm512_storeu_si512(
            positions + done,
            _mm512_add_epi32(bases, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(bytes))));
    }
}

/* The bytes 0..63. */
TARGET_AVX512 static inline __m512i byte_order(void)
{
    _Alignas(64) uint8_t order[64];
    for (uint32_t i = 0; i < 64; i++) {
        order[i] = (uint8_t)i;
    }
    return _mm512_load_si512(order);
}

TARGET_AVX512 void scan_avx512(const char *data, uint32_t size, char separator, uint32_t *positions,
                               uint32_t *line_ends, struct scan_result *result)
{
    const __m512i order = byte_order();
    const __m512i separators = _mm512_set1_epi8(separator);
    const __m512i newlines = _mm512_set1_epi8('\n');
    const __m512i quotes = _mm512_set1_epi8('"');
    uint32_t position_count = 0;
    uint32_t line_count = 0;
    uint64_t quote_bits = 0;
    uint64_t nul_bits = 0;
    for (uint32_t at = 0; at < size; at += 64) {
        const __m512i bytes = _mm512_loadu_si512(data + at);
        uint64_t valid = size - at < 64 ? _bzhi_u64(UINT64_MAX, size - at) : UINT64_MAX;
        uint64_t lines = valid & _mm512_cmpeq_epi8_mask(bytes, newlines);
        uint64_t ends = lines | (valid & _mm512_cmpeq_epi8_mask(bytes, separators));
        quote_bits |= valid & _mm512_cmpeq_epi8_mask(bytes, quotes);
        nul_bits |= valid & _mm512_testn_epi8_mask(bytes, bytes);
        uint32_t count = (uint32_t)_mm_popcnt_u64(ends);
        write_positions(positions + position_count, count, ends, at, order);
        for (uint64_t rest = lines; rest != 0; rest = _blsr_u64(rest)) {
            uint64_t before = _blsi_u64(rest) - 1;
            line_ends[line_count++] = position_count + (uint32_t)_mm_popcnt_u64(ends & before);
        }
        position_count += count;
    }
    *result = (struct scan_result){position_count, line_count, quote_bits != 0, nul_bits != 0};
}

#else

void scan_avx512(const char *data, uint32_t size, char separator, uint32_t *positions,
                 uint32_t *line_ends, struct scan_result *result)
{
    scan_scalar(data, size, separator, positions, line_ends, result);
}

#endif
