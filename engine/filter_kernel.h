/* Leaf loops of filters: values in, one bit per value out. Bits past `count` in the last word are
 * 0. Bound: the bandwidth of reading the values. */
#ifndef GYRE_ENGINE_FILTER_KERNEL_H
#define GYRE_ENGINE_FILTER_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/* Bit i is set when values[i] - first <= span, as unsigned numbers of the values' width. */
void range_filter_u8(const uint8_t *values, uint64_t count, uint8_t first, uint8_t span,
                     uint64_t *words);
void range_filter_u16(const uint16_t *values, uint64_t count, uint16_t first, uint16_t span,
                      uint64_t *words);
void range_filter_u32(const uint32_t *values, uint64_t count, uint32_t first, uint32_t span,
                      uint64_t *words);
void range_filter_u64(const uint64_t *values, uint64_t count, uint64_t first, uint64_t span,
                      uint64_t *words);

/* Bit i is set when first <= values[i] <= last. */
void range_filter_f64(const double *values, uint64_t count, double first, double last,
                      uint64_t *words);

/* Bit i is set when table[values[i]] is 1 (not 0). */
void table_filter_u8(const uint8_t *values, uint64_t count, const uint8_t *table, uint64_t *words);
void table_filter_u16(const uint16_t *values, uint64_t count, const uint8_t *table,
                      uint64_t *words);
void table_filter_u32(const uint32_t *values, uint64_t count, const uint8_t *table,
                      uint64_t *words);

/* All `count` bits set, or none. */
void constant_filter(uint64_t count, bool value, uint64_t *words);

/* Turns the bits round. */
void invert_filter(uint64_t count, uint64_t *words);

/* How many bits of `count` words are set. */
uint64_t count_filter(const uint64_t *words, uint64_t count);

#endif
