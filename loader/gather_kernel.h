/* The innermost loops of the gather: values of one batch's column go to their places in the
 * partition's column. One loop per pair of widths, over pointers and integers only. Internal to the
 * loader. */
#ifndef GYRE_LOADER_GATHER_KERNEL_H
#define GYRE_LOADER_GATHER_KERNEL_H

#include <stdint.h>

/* The value of `row` goes to `position`. */
struct gather_place {
    uint32_t row;
    uint32_t position;
};

/* out[position] = values[row] * factor + delta, modulo the width of `out`. Doubles pass unchanged
 * as 8 bytes with factor 1 and delta 0. */
typedef void (*gather_function)(void *out, const void *values, const struct gather_place *places,
                                uint64_t count, uint64_t factor, uint64_t delta);

/* For widths of 0, 1, 2, 4 or 8 bytes in (0: all values are 0) and 1, 2, 4 or 8 out. */
gather_function gather_kernel(uint8_t width_in, uint8_t width_out);

/* out[position] = map[values[row]]; for codes of texts. */
typedef void (*gather_text_function)(void *out, const void *values,
                                     const struct gather_place *places, uint64_t count,
                                     const uint32_t *map);

/* For widths of 0, 1, 2 or 4 bytes in and 1, 2 or 4 out. */
gather_text_function gather_text_kernel(uint8_t width_in, uint8_t width_out);

/* out[position] = row + delta; for 1, 2, 4 or 8 bytes out. */
void gather_rows(void *out, uint8_t width_out, const struct gather_place *places, uint64_t count,
                 uint64_t delta);

/* The least and greatest of values[begin, end) of `width` bytes, 1 to 8; begin < end. */
void gather_range(const void *values, uint8_t width, uint64_t begin, uint64_t end, uint64_t *least,
                  uint64_t *greatest);

#endif
