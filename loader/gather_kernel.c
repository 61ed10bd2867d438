#include "loader/gather_kernel.h"

#include "base/check.h"

#define DEFINE_GATHER(IN, OUT)                                                            \
    static void gather_##IN##_to_##OUT(void *out, const void *values,                     \
                                       const struct gather_place *places, uint64_t count, \
                                       uint64_t factor, uint64_t delta)                   \
    {                                                                                     \
        const IN *from = values;                                                          \
        OUT *to = out;                                                                    \
        for (uint64_t index = 0; index < count; index++) {                                \
            to[places[index].position] = (OUT)(from[places[index].row] * factor + delta); \
        }                                                                                 \
    }

#define DEFINE_GATHER_TEXT(IN, OUT)                                                            \
    static void gather_text_##IN##_to_##OUT(void *out, const void *values,                     \
                                            const struct gather_place *places, uint64_t count, \
                                            const uint32_t *map)                               \
    {                                                                                          \
        const IN *from = values;                                                               \
        OUT *to = out;                                                                         \
        for (uint64_t index = 0; index < count; index++) {                                     \
            to[places[index].position] = (OUT)map[from[places[index].row]];                    \
        }                                                                                      \
    }

#define DEFINE_FILL(OUT)                                                                     \
    static void fill_##OUT(void *out, const void *values, const struct gather_place *places, \
                           uint64_t count, uint64_t factor, uint64_t delta)                  \
    {                                                                                        \
        (void)values;                                                                        \
        (void)factor;                                                                        \
        OUT *to = out;                                                                       \
        for (uint64_t index = 0; index < count; index++) {                                   \
            to[places[index].position] = (OUT)delta;                                         \
        }                                                                                    \
    }

#define DEFINE_ROWS(OUT)                                                                 \
    static void rows_##OUT(void *out, const struct gather_place *places, uint64_t count, \
                           uint64_t delta)                                               \
    {                                                                                    \
        OUT *to = out;                                                                   \
        for (uint64_t index = 0; index < count; index++) {                               \
            to[places[index].position] = (OUT)(places[index].row + delta);               \
        }                                                                                \
    }

#define DEFINE_FILL_TEXT(OUT)                                                                     \
    static void fill_text_##OUT(void *out, const void *values, const struct gather_place *places, \
                                uint64_t count, const uint32_t *map)                              \
    {                                                                                             \
        fill_##OUT(out, values, places, count, 1, map[0]);                                        \
    }

#define DEFINE_ALL(OUT)          \
    DEFINE_FILL(OUT)             \
    DEFINE_ROWS(OUT)             \
    DEFINE_GATHER(uint8_t, OUT)  \
    DEFINE_GATHER(uint16_t, OUT) \
    DEFINE_GATHER(uint32_t, OUT) \
    DEFINE_GATHER(uint64_t, OUT)

DEFINE_ALL(uint8_t)
DEFINE_ALL(uint16_t)
DEFINE_ALL(uint32_t)
DEFINE_ALL(uint64_t)
DEFINE_FILL_TEXT(uint8_t)
DEFINE_FILL_TEXT(uint16_t)
DEFINE_FILL_TEXT(uint32_t)
DEFINE_GATHER_TEXT(uint8_t, uint8_t)
DEFINE_GATHER_TEXT(uint8_t, uint16_t)
DEFINE_GATHER_TEXT(uint8_t, uint32_t)
DEFINE_GATHER_TEXT(uint16_t, uint8_t)
DEFINE_GATHER_TEXT(uint16_t, uint16_t)
DEFINE_GATHER_TEXT(uint16_t, uint32_t)
DEFINE_GATHER_TEXT(uint32_t, uint8_t)
DEFINE_GATHER_TEXT(uint32_t, uint16_t)
DEFINE_GATHER_TEXT(uint32_t, uint32_t)

/* 1, 2, 4, 8 -> 0, 1, 2, 3. */
static uint32_t width_index(uint8_t width)
{
    CHECK(width == 1 || width == 2 || width == 4 || width == 8);
    return (uint32_t)__builtin_ctz(width);
}

gather_function gather_kernel(uint8_t width_in, uint8_t width_out)
{
    static const gather_function fills[4] = {fill_uint8_t, fill_uint16_t, fill_uint32_t,
                                             fill_uint64_t};
    static const gather_function gathers[4][4] = {
        {gather_uint8_t_to_uint8_t, gather_uint8_t_to_uint16_t, gather_uint8_t_to_uint32_t,
         gather_uint8_t_to_uint64_t},
        {gather_uint16_t_to_uint8_t, gather_uint16_t_to_uint16_t, gather_uint16_t_to_uint32_t,
         gather_uint16_t_to_uint64_t},
        {gather_uint32_t_to_uint8_t, gather_uint32_t_to_uint16_t, gather_uint32_t_to_uint32_t,
         gather_uint32_t_to_uint64_t},
        {gather_uint64_t_to_uint8_t, gather_uint64_t_to_uint16_t, gather_uint64_t_to_uint32_t,
         gather_uint64_t_to_uint64_t},
    };
    uint32_t out = width_index(width_out);
    return width_in == 0 ? fills[out] : gathers[width_index(width_in)][out];
}

gather_text_function gather_text_kernel(uint8_t width_in, uint8_t width_out)
{
    static const gather_text_function fills[3] = {fill_text_uint8_t, fill_text_uint16_t,
                                                  fill_text_uint32_t};
    static const gather_text_function gathers[3][3] = {
        {gather_text_uint8_t_to_uint8_t, gather_text_uint8_t_to_uint16_t,
         gather_text_uint8_t_to_uint32_t},
        {gather_text_uint16_t_to_uint8_t, gather_text_uint16_t_to_uint16_t,
         gather_text_uint16_t_to_uint32_t},
        {gather_text_uint32_t_to_uint8_t, gather_text_uint32_t_to_uint16_t,
         gather_text_uint32_t_to_uint32_t},
    };
    CHECK(width_in <= 4 && width_out <= 4);
    uint32_t out = width_index(width_out);
    return width_in == 0 ? fills[out] : gathers[width_index(width_in)][out];
}

void gather_rows(void *out, uint8_t width_out, const struct gather_place *places, uint64_t count,
                 uint64_t delta)
{
    typedef void (*rows_function)(void *, const struct gather_place *, uint64_t, uint64_t);
    static const rows_function rows[4] = {rows_uint8_t, rows_uint16_t, rows_uint32_t,
                                          rows_uint64_t};
    rows[width_index(width_out)](out, places, count, delta);
}

#define DEFINE_RANGE(IN)                                                                      \
    static void range_##IN(const void *values, uint64_t begin, uint64_t end, uint64_t *least, \
                           uint64_t *greatest)                                                \
    {                                                                                         \
        const IN *from = values;                                                              \
        IN low = from[begin];                                                                 \
        IN high = from[begin];                                                                \
        for (uint64_t index = begin; index < end; index++) {                                  \
            low = from[index] < low ? from[index] : low;                                      \
            high = from[index] > high ? from[index] : high;                                   \
        }                                                                                     \
        *least = low;                                                                         \
        *greatest = high;                                                                     \
    }

DEFINE_RANGE(uint8_t)
DEFINE_RANGE(uint16_t)
DEFINE_RANGE(uint32_t)
DEFINE_RANGE(uint64_t)

void gather_range(const void *values, uint8_t width, uint64_t begin, uint64_t end, uint64_t *least,
                  uint64_t *greatest)
{
    typedef void (*range_function)(const void *, uint64_t, uint64_t, uint64_t *, uint64_t *);
    static const range_function ranges[4] = {range_uint8_t, range_uint16_t, range_uint32_t,
                                             range_uint64_t};
    ranges[width_index(width)](values, begin, end, least, greatest);
}
