/* The scalar twin, and the choice. */
#include "loader/scan.h"

static bool is_scalar_forced;

void scan_scalar(const char *data, uint32_t size, char separator, uint32_t *positions,
                 uint32_t *line_ends, struct scan_result *result)
{
    struct scan_result found = {0};
    for (uint32_t i = 0; i < size; i++) {
        char byte = data[i];
        found.has_quote |= byte == '"';
        found.has_nul |= byte == '\0';
        if (byte == '\n') {
            line_ends[found.line_count++] = found.position_count;
        }
        positions[found.position_count] = i;
        found.position_count += byte == '\n' || byte == separator;
    }
    *result = found;
}

bool scan_is_supported(scan_function scan)
{
    if (scan == scan_scalar) {
        return true;
    }
#if defined(__x86_64__)
    if (scan == scan_avx2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    }
    if (scan == scan_avx512) {
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") &&
               __builtin_cpu_supports("bmi2");
    }
#endif
    return false;
}

scan_function scan_choose(void)
{
    if (!is_scalar_forced && scan_is_supported(scan_avx512)) {
        return scan_avx512;
    }
    if (!is_scalar_forced && scan_is_supported(scan_avx2)) {
        return scan_avx2;
    }
    return scan_scalar;
}

void scan_force_scalar(bool is_forced)
{
    is_scalar_forced = is_forced;
}
