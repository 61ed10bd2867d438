/* floor: loader */
#include "loader/gather_kernel.h"

#include <string.h>

#include "graph/column.h"
#include "tests/support/suite.h"

enum { ROWS = 67 };

static const uint8_t widths[] = {0, 1, 2, 4, 8};
enum { WIDTHS = sizeof(widths) / sizeof(widths[0]) };

static struct gather_place places[ROWS];
static uint64_t values[ROWS];
static uint64_t out[ROWS];

/* Values of `width` bytes, and a permutation of places. */
static void fill(uint8_t width)
{
    for (uint32_t row = 0; row < ROWS; row++) {
        uint64_t value = hash_mix(row + 1);
        memcpy((char *)values + (uint64_t)row * width, &value, width);
        places[row] = (struct gather_place){row, row * 29 % ROWS};
    }
    memset(out, 0xee, sizeof(out));
}

static uint64_t read_value(const void *from, uint8_t width, uint64_t index)
{
    struct column column = {.width = width, .values = from};
    return column_raw(&column, index);
}

static uint64_t cut(uint64_t value, uint8_t width)
{
    return width == 8 ? value : value & ((UINT64_C(1) << 8 * width) - 1);
}

static void every_pair_of_widths_gathers(void)
{
    for (int in = 0; in < WIDTHS; in++) {
        for (int to = 1; to < WIDTHS; to++) {
            fill(widths[in]);
            gather_kernel(widths[in], widths[to])(out, values, places, ROWS, 10, (uint64_t)-3);
            for (uint32_t row = 0; row < ROWS; row++) {
                uint64_t value = read_value(values, widths[in], row) * 10 - 3;
                CU_ASSERT_EQUAL(read_value(out, widths[to], places[row].position),
                                cut(value, widths[to]));
            }
        }
    }
}

static void every_pair_of_widths_gathers_codes(void)
{
    static uint32_t map[65536];
    for (uint32_t code = 0; code < 65536; code++) {
        map[code] = code * 2654435761u;
    }
    for (int in = 0; in < 4; in++) {
        for (int to = 1; to < 4; to++) {
            fill(widths[in]);
            for (uint32_t row = 0; row < ROWS && widths[in] == 4; row++) {
                ((uint32_t *)(void *)values)[row] %= 65536;
            }
            gather_text_kernel(widths[in], widths[to])(out, values, places, ROWS, map);
            for (uint32_t row = 0; row < ROWS; row++) {
                uint32_t code = map[read_value(values, widths[in], row)];
                CU_ASSERT_EQUAL(read_value(out, widths[to], places[row].position),
                                cut(code, widths[to]));
            }
        }
    }
}

static void row_numbers_are_gathered_in_every_width(void)
{
    for (int to = 1; to < WIDTHS; to++) {
        fill(0);
        gather_rows(out, widths[to], places, ROWS, 1000);
        for (uint32_t row = 0; row < ROWS; row++) {
            CU_ASSERT_EQUAL(read_value(out, widths[to], places[row].position),
                            cut(row + 1000, widths[to]));
        }
    }
}

static void range_is_the_least_and_the_greatest(void)
{
    for (int in = 1; in < WIDTHS; in++) {
        fill(widths[in]);
        for (uint64_t begin = 0; begin < ROWS; begin += 5) {
            for (uint64_t end = begin + 1; end <= ROWS; end += 7) {
                uint64_t least;
                uint64_t greatest;
                uint64_t expected_least = UINT64_MAX;
                uint64_t expected_greatest = 0;
                for (uint64_t row = begin; row < end; row++) {
                    uint64_t value = read_value(values, widths[in], row);
                    expected_least = value < expected_least ? value : expected_least;
                    expected_greatest = value > expected_greatest ? value : expected_greatest;
                }
                gather_range(values, widths[in], begin, end, &least, &greatest);
                CU_ASSERT_EQUAL(least, expected_least);
                CU_ASSERT_EQUAL(greatest, expected_greatest);
            }
        }
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(every_pair_of_widths_gathers),
        CASE(every_pair_of_widths_gathers_codes),
        CASE(row_numbers_are_gathered_in_every_width),
        CASE(range_is_the_least_and_the_greatest),
        CU_TEST_INFO_NULL,
    };
    return suite_run("gather_kernel", NULL, NULL, cases);
}
