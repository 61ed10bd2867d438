/* floor: loader */
#include "loader/scan.h"

#include <string.h>

#include "base/bytes.h"
#include "tests/support/suite.h"

enum { TEXT_BYTES = 4096 };

static const scan_function kernels[] = {scan_scalar, scan_avx2, scan_avx512};
static uint64_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    return (uint32_t)(hash_mix(random_state++) % limit);
}

static void expect_same_as_twin(scan_function scan, const char *data, uint32_t size, char separator)
{
    static uint32_t positions[2][TEXT_BYTES + SCAN_PADDING];
    static uint32_t line_ends[2][TEXT_BYTES + SCAN_PADDING];
    struct scan_result results[2];
    scan_scalar(data, size, separator, positions[0], line_ends[0], &results[0]);
    scan(data, size, separator, positions[1], line_ends[1], &results[1]);
    CU_ASSERT_EQUAL_FATAL(results[0].position_count, results[1].position_count);
    CU_ASSERT_EQUAL_FATAL(results[0].line_count, results[1].line_count);
    CU_ASSERT_EQUAL(results[0].has_quote, results[1].has_quote);
    CU_ASSERT_EQUAL(results[0].has_nul, results[1].has_nul);
    CU_ASSERT_EQUAL(
        memcmp(positions[0], positions[1], results[0].position_count * sizeof(uint32_t)), 0);
    CU_ASSERT_EQUAL(memcmp(line_ends[0], line_ends[1], results[0].line_count * sizeof(uint32_t)),
                    0);
}

static void kernels_find_what_the_twin_finds(void)
{
    /* Mostly ordinary bytes, then separators only, then everything there is. */
    static const char *const alphabets[] = {"abcdefghijklmnop,\n", "abc,,,\n", ",\n", "a\",\n\t"};
    static char data[TEXT_BYTES + SCAN_PADDING];
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        if (!scan_is_supported(kernels[k])) {
            continue;
        }
        for (uint32_t round = 0; round < 2000; round++) {
            const char *alphabet = alphabets[round % 4];
            uint32_t size = round < 300 ? round : random_below(TEXT_BYTES - 64);
            uint32_t offset = random_below(64);
            for (uint32_t i = 0; i < size + SCAN_PADDING; i++) {
                data[offset + i] = alphabet[random_below((uint32_t)strlen(alphabet))];
            }
            if (round % 7 == 0 && size > 0) {
                data[offset + random_below(size)] = '\0';
            }
            expect_same_as_twin(kernels[k], data + offset, size, round % 5 == 0 ? '\t' : ',');
        }
    }
}

static void positions_and_line_ends_are_those_of_the_bytes(void)
{
    static const char text[] = "a,b\n\n,,c\nlast,one";
    static const uint32_t expected[] = {1, 3, 4, 5, 6, 8, 13};
    static const uint32_t expected_ends[] = {1, 2, 5};
    char data[sizeof text + SCAN_PADDING] = "";
    memcpy(data, text, sizeof text);
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        uint32_t positions[sizeof text + SCAN_PADDING];
        uint32_t line_ends[sizeof text + SCAN_PADDING];
        struct scan_result result;
        if (scan_is_supported(kernels[k])) {
            kernels[k](data, sizeof text - 1, ',', positions, line_ends, &result);
            CU_ASSERT_EQUAL(result.position_count, 7);
            CU_ASSERT_EQUAL(result.line_count, 3);
            CU_ASSERT_EQUAL(memcmp(positions, expected, sizeof expected), 0);
            CU_ASSERT_EQUAL(memcmp(line_ends, expected_ends, sizeof expected_ends), 0);
            CU_ASSERT_FALSE(result.has_quote);
            CU_ASSERT_FALSE(result.has_nul);
        }
    }
}

static void quotes_and_nuls_behind_the_block_do_not_count(void)
{
    char data[8 + SCAN_PADDING];
    memset(data, '"', sizeof data);
    memset(data + 30, 0, 20);
    memcpy(data, "abcdefgh", 8);
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        uint32_t positions[8 + SCAN_PADDING];
        uint32_t line_ends[8 + SCAN_PADDING];
        struct scan_result result;
        if (scan_is_supported(kernels[k])) {
            kernels[k](data, 8, ',', positions, line_ends, &result);
            CU_ASSERT_FALSE(result.has_quote);
            CU_ASSERT_FALSE(result.has_nul);
            CU_ASSERT_EQUAL(result.position_count, 0);
        }
    }
}

static void twin_is_chosen_when_forced(void)
{
    CU_ASSERT_TRUE(scan_is_supported(scan_choose()));
    scan_force_scalar(true);
    CU_ASSERT_PTR_EQUAL(scan_choose(), scan_scalar);
    scan_force_scalar(false);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(kernels_find_what_the_twin_finds),
        CASE(positions_and_line_ends_are_those_of_the_bytes),
        CASE(quotes_and_nuls_behind_the_block_do_not_count),
        CASE(twin_is_chosen_when_forced),
        CU_TEST_INFO_NULL,
    };
    return suite_run("scan", NULL, NULL, cases);
}
