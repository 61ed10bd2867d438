/* Where fields and lines end: the positions of separators and newlines in a block of bytes.
 *
 * This is the first of the two looks that the loader takes at a byte. It knows nothing of quotes
 * but whether there are any: lines of a block without quotes and NUL bytes are cut by the positions
 * alone, the others are looked at one by one (loader/record.h). */
#ifndef GYRE_LOADER_SCAN_H
#define GYRE_LOADER_SCAN_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes behind a block that may be read (never looked at), and entries behind what is found that
 * may be written, by the functions below. */
enum { SCAN_PADDING = 64 };

struct scan_result {
    uint32_t position_count;
    uint32_t line_count;
    bool has_quote;
    bool has_nul;
};

/* Writes to `positions` where in data[0..size) a `separator` or a newline stands, ascending, and to
 * `line_ends` which of the positions (their index) are newlines. Both have room for `size` +
 * SCAN_PADDING entries. */
typedef void (*scan_function)(const char *data, uint32_t size, char separator, uint32_t *positions,
                              uint32_t *line_ends, struct scan_result *result);

void scan_scalar(const char *data, uint32_t size, char separator, uint32_t *positions,
                 uint32_t *line_ends, struct scan_result *result);

/* Only where the processor has the instructions: see scan_is_supported. */
void scan_avx2(const char *data, uint32_t size, char separator, uint32_t *positions,
               uint32_t *line_ends, struct scan_result *result);
void scan_avx512(const char *data, uint32_t size, char separator, uint32_t *positions,
                 uint32_t *line_ends, struct scan_result *result);

/* Whether this processor runs `scan`, one of the above. */
bool scan_is_supported(scan_function scan);

/* The fastest of them that this processor runs, or the scalar twin when that is forced. */
scan_function scan_choose(void);

/* Set before a load, for tests; not while one runs. */
void scan_force_scalar(bool is_forced);

#endif
