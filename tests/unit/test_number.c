/* floor: base */
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

static void integers_are_read_exactly(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
        {"0", 0},
        {"-0", 0},
        {"+7", 7},
        {"007", 7},
        {"49213", 49213},
        {"415389446", 415389446},
        {"12345678", 12345678},
        {"-999999999999999999", -999999999999999999},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"0000000000000000000000009223372036854775807", INT64_MAX},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        int64_t value = -1;
        CU_ASSERT_TRUE(integer_parse(bytes_of(rows[row].text), &value));
        CU_ASSERT_EQUAL(value, rows[row].value);
        CU_ASSERT_TRUE(integer_parse_any_base(bytes_of(rows[row].text), &value));
        CU_ASSERT_EQUAL(value, rows[row].value);
    }
}

static void what_is_no_integer_is_refused(void)
{
    static const char *const rows[] = {
        "",
        "-",
        "+",
        "--1",
        "1 ",
        " 1",
        "1.0",
        "1e3",
        "0x",
        "x1",
        "0xg",
        "0x1g",
        "12a",
        "\xb2",
        "1,000",
        "0x-1",
        "1-",
        "/",
        ":",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "99999999999999999999",
        "0x8000000000000000",
        "0x10000000000000000",
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        int64_t value;
        CU_ASSERT_FALSE(integer_parse(bytes_of(rows[row]), &value));
        CU_ASSERT_FALSE(integer_parse_any_base(bytes_of(rows[row]), &value));
    }
    int64_t value;
    CU_ASSERT_FALSE(integer_parse(bytes_view("1\0", 2), &value));
    CU_ASSERT_FALSE(integer_parse(bytes_view(NULL, 0), &value));
    CU_ASSERT_FALSE(integer_parse(bytes_of("0x10"), &value));
}

static void hexadecimal_needs_its_prefix(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
        {"0x0303", 0x0303},
        {"0XaBcD", 0xabcd},
        {"-0x10", -16},
        {"0x7fffffffffffffff", INT64_MAX},
        {"-0x8000000000000000", INT64_MIN},
        {"0x00000000000000000001", 1},
        {"0303", 303},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        int64_t value = -1;
        CU_ASSERT_TRUE(integer_parse_any_base(bytes_of(rows[row].text), &value));
        CU_ASSERT_EQUAL(value, rows[row].value);
    }
}

static void decimals_keep_what_was_written(void)
{
    static const struct {
        const char *text;
        int64_t mantissa;
        uint32_t scale;
    } rows[] = {
        {"0", 0, 0},
        {"3599.986572", 3599986572, 6},
        {"-320.268677", -320268677, 6},
        {"0.000000", 0, 6},
        {"1.50", 150, 2},
        {"+12", 12, 0},
        {".5", 5, 1},
        {"5.", 5, 0},
        {"000123.4", 1234, 1},
        {"999999999999999999", 999999999999999999, 0},
        {"999.999999999999999", 999999999999999999, 15},
        {"0.000000000000001", 1, 15},
        {"00000000000000000000000.000000000000001", 1, 15},
        {"0000000000000000000000000", 0, 0},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct decimal decimal = {-1, 99};
        CU_ASSERT_TRUE(decimal_parse(bytes_of(rows[row].text), &decimal));
        CU_ASSERT_EQUAL(decimal.mantissa, rows[row].mantissa);
        CU_ASSERT_EQUAL(decimal.scale, rows[row].scale);
    }
}

static void what_is_no_short_decimal_is_refused(void)
{
    static const char *const rows[] = {
        "",
        ".",
        "-",
        "-.",
        "1..2",
        "1.2.3",
        "1e5",
        "nan",
        "inf",
        " 1",
        "1 ",
        "--1",
        "1.-2",
        "1000000000000000000",
        "9999.999999999999999",
        "0.0000000000000001",
        "99999999999999999999",
        "1234567890123456789.5",
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct decimal decimal;
        CU_ASSERT_FALSE(decimal_parse(bytes_of(rows[row]), &decimal));
    }
    struct decimal decimal;
    CU_ASSERT_FALSE(decimal_parse(bytes_view(NULL, 0), &decimal));
}

static void floats_are_read_as_the_library_reads_them(void)
{
    static const char *const rows[] = {
        "0",
        "-0",
        "-0.0",
        "1",
        "0.1",
        ".5",
        "5.",
        "3599.986572",
        "1e3",
        "1E-3",
        "1e+3",
        "1e-400",
        "4.9e-324",
        "2.5e-324",
        "9007199254740993",
        "9007199254740992",
        "9007199254740993.0000000000000001",
        "1.7976931348623157e308",
        "2.2250738585072011e-308",
        "0.000000000000001",
        "123456789012345678",
        "1e22",
        "1e23",
        "8.5e15",
        "7205759403792793199999e-5",
        "100000000000000016777215",
        "0.1000000000000000055511151231257827021181583404541015625",
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        double value = -1;
        double expected = strtod(rows[row], NULL);
        CU_ASSERT_TRUE(float_parse(bytes_of(rows[row]), &value));
        CU_ASSERT_EQUAL(memcmp(&value, &expected, sizeof value), 0);
    }
}

static void what_is_no_float_is_refused(void)
{
    static const char *const rows[] = {
        "",     "-",   "+",   ".",  "e5", "1e", "1e+", "1e5.", "1.2.3",    "0x10",  "inf",
        "-inf", "nan", "NaN", "1f", " 1", "1 ", "1,5", "--1",  "infinity", "1e999", "-1e999",
    };
    double value;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        CU_ASSERT_FALSE(float_parse(bytes_of(rows[row]), &value));
    }
    char text[2000];
    memset(text, '1', sizeof text);
    CU_ASSERT_FALSE(float_parse(bytes_view(text, sizeof text), &value));
    text[1] = '.';
    CU_ASSERT_TRUE(float_parse(bytes_view(text, 1000), &value));
    CU_ASSERT_DOUBLE_EQUAL(value, 1.1111111111111111, 0);
    CU_ASSERT_FALSE(float_parse(bytes_view(NULL, 0), &value));
}

static void floats_print_short_and_are_seen_to_be_floats(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {1, "1.0"},
        {0, "0.0"},
        {-0.0, "-0.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {3599.986572, "3599.986572"},
        {0.000031, "3.1e-05"},
        {0.000131, "0.000131"},
        {1e15, "1e+15"},
        {1e14, "100000000000000.0"},
        {1e300, "1e+300"},
        {5e-324, "5e-324"},
        {0.1 + 0.2, "0.30000000000000004"},
        {9007199254740992, "9007199254740992.0"},
        {999999999.999999, "999999999.999999"},
        {123456.7, "123456.7"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "nan"},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        char text[NUMBER_TEXT_BYTES];
        uint32_t length = float_format(rows[row].value, text);
        CU_ASSERT_STRING_EQUAL(text, rows[row].text);
        CU_ASSERT_EQUAL(length, strlen(rows[row].text));
    }
}

static void every_float_reads_back(void)
{
    for (uint64_t round = 0; round < 20000; round++) {
        uint64_t bits = hash_mix(round + 1);
        double value;
        if (round % 2 == 0) {
            memcpy(&value, &bits, sizeof value);
        } else {
            value = (double)(int64_t)(bits % 20000000000u) / 1e6 - 10000;
        }
        if (!isfinite(value)) {
            continue;
        }
        char text[NUMBER_TEXT_BYTES];
        uint32_t length = float_format(value, text);
        double back = -1;
        CU_ASSERT_TRUE(length < NUMBER_TEXT_BYTES && strlen(text) == length);
        CU_ASSERT_TRUE(float_parse(bytes_view(text, length), &back));
        CU_ASSERT_EQUAL(memcmp(&value, &back, sizeof value), 0);
    }
}

static void short_decimals_print_as_they_were_written(void)
{
    for (uint64_t round = 0; round < 20000; round++) {
        uint64_t bits = hash_mix(round + 7);
        char written[NUMBER_TEXT_BYTES];
        /* The last digit is not 0, so that the text is the shortest of its number. */
        snprintf(written, sizeof written, "%u.%0*u%u", (unsigned)(bits % 100000),
                 (int)((bits >> 20) % 5) + 1, (unsigned)(bits >> 24) % 10,
                 (unsigned)(bits >> 32) % 9 + 1);
        double value;
        char text[NUMBER_TEXT_BYTES];
        CU_ASSERT_TRUE(float_parse(bytes_of(written), &value));
        if (value >= 1e-4) {
            float_format(value, text);
            CU_ASSERT_STRING_EQUAL(text, written);
        }
    }
}

static void every_integer_reads_back(void)
{
    static const int64_t edges[] = {0, 1, -1, 9, 10, -10, INT64_MAX, INT64_MIN};
    for (uint64_t round = 0; round < 5000; round++) {
        int64_t value = round < sizeof edges / sizeof edges[0]
                            ? edges[round]
                            : (int64_t)hash_mix(round) >> round % 64;
        char text[NUMBER_TEXT_BYTES];
        char expected[NUMBER_TEXT_BYTES];
        uint32_t length = integer_format(value, text);
        snprintf(expected, sizeof expected, "%lld", (long long)value);
        CU_ASSERT_STRING_EQUAL(text, expected);
        int64_t back = 0;
        CU_ASSERT_TRUE(integer_parse(bytes_view(text, length), &back));
        CU_ASSERT_EQUAL(back, value);
    }
}

static void number_that_would_not_print_as_written_is_not_plain(void)
{
    static const struct {
        const char *text;
        bool is_plain;
    } rows[] = {
        {"0", true},     {"7", true},    {"-7", true},  {"70", true},    {"0.5", true},
        {".5", true},    {"-0", true},   {"0e5", true}, {"1e+09", true}, {"", true},
        {"007", false},  {"00", false},  {"+7", false}, {"-07", false},  {"007.5", false},
        {"+0.5", false}, {"+07", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(number_is_plain(bytes_of(rows[i].text)), rows[i].is_plain);
    }
}

static void sizes_are_powers_of_1024(void)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {
        {"0", 0},
        {"512", 512},
        {"512B", 512},
        {"64K", 65536},
        {"64kb", 65536},
        {"1.5G", UINT64_C(1610612736)},
        {"2GiB", UINT64_C(2147483648)},
        {"2gib", UINT64_C(2147483648)},
        {"0.5M", 524288},
        {"1T", UINT64_C(1) << 40},
        {"3P", UINT64_C(3) << 50},
        {"15E", UINT64_C(15) << 60},
        {"15.999E", UINT64_C(18445591152204944769)},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        uint64_t bytes = 1;
        CU_ASSERT_TRUE(size_parse(bytes_of(rows[row].text), &bytes));
        CU_ASSERT_EQUAL(bytes, rows[row].bytes);
    }
    static const char *const refused[] = {"",    "K",   "-1",  "1.5", "1X",  "1 K", "1KiBs", "1iB",
                                          "16E", "1KK", "1e3", "+1K", "1Ki", ".",   "1.2.3K"};
    for (size_t row = 0; row < sizeof refused / sizeof refused[0]; row++) {
        uint64_t bytes;
        CU_ASSERT_FALSE(size_parse(bytes_of(refused[row]), &bytes));
    }
}

static void sizes_print_for_people(void)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } rows[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1536, "1.5 KiB"},
        {24536678, "23.4 MiB"},
        {1048575, "1.0 MiB"},
        {UINT64_MAX, "16.0 EiB"},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        char text[NUMBER_TEXT_BYTES];
        CU_ASSERT_EQUAL(size_format(rows[row].bytes, text), strlen(rows[row].text));
        CU_ASSERT_STRING_EQUAL(text, rows[row].text);
    }
}

static void powers_of_ten_are_exact(void)
{
    double power = 1;
    for (uint32_t exponent = 0; exponent <= 22; exponent++) {
        CU_ASSERT_EQUAL(power_of_ten(exponent), power);
        power *= 10;
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(integers_are_read_exactly),
        CASE(what_is_no_integer_is_refused),
        CASE(hexadecimal_needs_its_prefix),
        CASE(decimals_keep_what_was_written),
        CASE(what_is_no_short_decimal_is_refused),
        CASE(floats_are_read_as_the_library_reads_them),
        CASE(what_is_no_float_is_refused),
        CASE(floats_print_short_and_are_seen_to_be_floats),
        CASE(every_float_reads_back),
        CASE(short_decimals_print_as_they_were_written),
        CASE(every_integer_reads_back),
        CASE(number_that_would_not_print_as_written_is_not_plain),
        CASE(sizes_are_powers_of_1024),
        CASE(sizes_print_for_people),
        CASE(powers_of_ten_are_exact),
        CU_TEST_INFO_NULL,
    };
    return suite_run("number", NULL, NULL, cases);
}
