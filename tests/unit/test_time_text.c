/* floor: base */
#include "base/time_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/support/suite.h"

/* Reads by both ways and with a cache that knows another minute, and wants the same of all. */
static bool parse_all_ways(const char *text, time_ns *time)
{
    struct time_cache fresh = {.is_set = false};
    struct time_cache used = {.is_set = false};
    time_ns other;
    CU_ASSERT_TRUE(time_parse_cached(&used, bytes_of("2011/08/16 10:01:46.972101"), &other));
    time_ns results[4] = {0};
    bool is_time = time_parse(bytes_of(text), &results[0]);
    CU_ASSERT_EQUAL(time_parse_cached(&fresh, bytes_of(text), &results[1]), is_time);
    CU_ASSERT_EQUAL(time_parse_cached(&fresh, bytes_of(text), &results[2]), is_time);
    CU_ASSERT_EQUAL(time_parse_cached(&used, bytes_of(text), &results[3]), is_time);
    for (int way = 1; way < 4 && is_time; way++) {
        CU_ASSERT_EQUAL(results[way], results[0]);
    }
    *time = results[0];
    return is_time;
}

static void times_are_read(void)
{
    static const struct {
        const char *text;
        int64_t seconds;
        int64_t ns;
    } rows[] = {
        {"2011/08/16 10:01:46.972101", 1313488906, 972101000},
        {"2011/08/16 10:01:46", 1313488906, 0},
        {"2011/08/16 10:01:46.9", 1313488906, 900000000},
        {"2011/08/16 10:01:46.123456789", 1313488906, 123456789},
        {"2011-08-16", 1313452800, 0},
        {"2011-08-16T10:01", 1313488860, 0},
        {"2011-08-16 10:01", 1313488860, 0},
        {"2011-08-16T10:01Z", 1313488860, 0},
        {"2011-08-16 10:01:46", 1313488906, 0},
        {"2011-08-16T10:01:46.972101Z", 1313488906, 972101000},
        {"2011-08-16T10:01:46.972101", 1313488906, 972101000},
        {"2011-08-16T12:01:46.972101+02:00", 1313488906, 972101000},
        {"2011-08-16T12:01+02:00", 1313488860, 0},
        {"2011-08-16T06:31:46-03:30", 1313488906, 0},
        {"2011-08-16T12:01:46.972101+0200", 1313488906, 972101000},
        {"2011-08-16T10:01:46.972101+0000", 1313488906, 972101000},
        {"2011-08-16T06:31:46.9-0330", 1313488906, 900000000},
        {"2011-08-16T12:01+0200", 1313488860, 0},
        {"1970-01-01T00:00:00Z", 0, 0},
        {"1969-12-31T23:59:59.999999999Z", -1, 999999999},
        {"2000-02-29", 951782400, 0},
        {"2012/02/29 00:00:00.000000", 1330473600, 0},
        {"2262-04-11T23:47:16.854775807Z", 9223372036, 854775807},
        {"1677-09-21T00:12:43.145224192Z", -9223372037, 145224192},
        {"2262/04/11 23:47:16.854775", 9223372036, 854775000},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        time_ns time = 0;
        CU_ASSERT_TRUE(parse_all_ways(rows[row].text, &time));
        __int128 expected = (__int128)rows[row].seconds * NS_PER_SECOND + rows[row].ns;
        CU_ASSERT_EQUAL(time, (int64_t)expected);
    }
}

static void what_is_no_time_is_refused(void)
{
    static const char *const rows[] = {
        "",
        "2011",
        "2011/08/16",
        "2011/08/16 10:01",
        "2011/08/16 10:01:4",
        "2011/08/16 10:01:46.",
        "2011/08/16 10:01:46.1234567890",
        "2011/08/16 10:01:46.97210x",
        "2011/08/16 10:01:46.9721 1",
        "2011/08/16 10:01:46,972101",
        "2011/08/16 10:01:60.000000",
        "2011/08/16 10:60:00.000000",
        "2011/08/16 24:00:00.000000",
        "2011/08/16T10:01:46.972101",
        "2011/08-16 10:01:46.972101",
        "2011-08/16 10:01:46.972101",
        "2011/13/16 10:01:46.972101",
        "2011/00/16 10:01:46.972101",
        "2011/02/30 10:01:46.972101",
        "2011/02/29 10:01:46.972101",
        "1900-02-29",
        "2011-04-31",
        "2011-08-00",
        "2011-08-32",
        "2011-08-16Z",
        "2011-08-16+02:00",
        "2011-08-16T",
        "2011-08-16T10",
        "2011-08-16T10:01:46.Z",
        "2011-08-16T10:01:46+2:00",
        "2011-08-16T10:01:46+02000",
        "2011-08-16T10:01:46+020",
        "2011-08-16T10:01:46.972101+2400",
        "2011-08-16T10:01:46.972101 0200",
        "2011-08-16T10:01:46.972101-0260",
        "2011-08-16T10:01:46+24:00",
        "2011-08-16T10:01:46+02:60",
        "2011-08-16T10:01:46ZZ",
        "2011/08/16 10:01:46.972101Z",
        "2011/08/16 10:01:46+02:00",
        " 2011-08-16",
        "2011-08-16 ",
        "2011-08-16x10:01",
        "2262-04-11T23:47:16.854775808Z",
        "2262/04/11 23:47:16.854776",
        "2262/04/11 23:47:59.000000",
        "2262-04-12",
        "1677-09-21T00:12:43.145224191Z",
        "1677-09-21",
        "9999-12-31T23:59:59Z",
        "0000-00-00",
        "0000-01-01",
        "2011-08-16T1\xb0:01:46",
        "20110816T100146",
        "2011/08/16 10:01:4\xba.972101",
        "2011/08/16 10:01:46.97\262101",
        "2011/08/16 10:01;46.972101",
        "2011/08/16 10:01:a6.972101",
        "2011/08/16 10:01:46.97210/",
        "2011/08/16 10:01:46./72101",
        "2011/08/16 10:01:46.:72101",
        "2011/08/16 10:01:/6.972101",
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        time_ns time;
        CU_ASSERT_FALSE(parse_all_ways(rows[row], &time));
    }
    time_ns time;
    CU_ASSERT_FALSE(time_parse(bytes_view(NULL, 0), &time));
}

static void every_byte_of_a_time_is_checked(void)
{
    static const char valid[] = "2011/08/16 10:01:46.972101";
    struct time_cache cache = {.is_set = false};
    for (size_t place = 0; place < sizeof valid - 1; place++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[sizeof valid];
            memcpy(text, valid, sizeof valid);
            text[place] = (char)byte;
            struct bytes changed = bytes_view(text, sizeof valid - 1);
            time_ns slow = 0;
            time_ns fast = 0;
            bool is_time = time_parse(changed, &slow);
            CU_ASSERT_EQUAL(time_parse_cached(&cache, changed, &fast), is_time);
            CU_ASSERT(!is_time || slow == fast);
        }
    }
}

static void calendar_is_that_of_the_library(void)
{
    for (uint64_t round = 0; round < 20000; round++) {
        int64_t time = (int64_t)hash_mix(round);
        int64_t seconds = time / NS_PER_SECOND - (time % NS_PER_SECOND < 0);
        time_t library_seconds = (time_t)seconds;
        struct tm parts;
        gmtime_r(&library_seconds, &parts);
        char expected[TIME_TEXT_BYTES];
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &parts);
        char text[TIME_TEXT_BYTES];
        uint32_t length = time_format(time, text);
        CU_ASSERT_EQUAL(strncmp(text, expected, strlen(expected)), 0);
        CU_ASSERT(length < TIME_TEXT_BYTES && strlen(text) == length);
        time_ns back = 0;
        CU_ASSERT_TRUE(time_parse(bytes_view(text, length), &back));
        CU_ASSERT_EQUAL(back, time);
    }
}

static void rows_of_one_minute_read_alike_with_and_without_cache(void)
{
    struct time_cache cache = {.is_set = false};
    for (uint64_t round = 0; round < 20000; round++) {
        uint64_t bits = hash_mix(round);
        char text[64];
        snprintf(text, sizeof text, "2011/08/16 10:%02u:%02u.%06u", (unsigned)(bits >> 8 & 1),
                 (unsigned)(bits >> 16) % 60, (unsigned)(bits >> 32) % 1000000);
        time_ns slow = 0;
        time_ns fast = 1;
        CU_ASSERT_TRUE(time_parse(bytes_of(text), &slow));
        CU_ASSERT_TRUE(time_parse_cached(&cache, bytes_of(text), &fast));
        CU_ASSERT_EQUAL(slow, fast);
    }
}

static void times_print_with_digits_in_threes(void)
{
    static const struct {
        int64_t time;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1313488906972101000, "2011-08-16T10:01:46.972101Z"},
        {1313488906900000000, "2011-08-16T10:01:46.900Z"},
        {1313488906000000001, "2011-08-16T10:01:46.000000001Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        char text[TIME_TEXT_BYTES];
        CU_ASSERT_EQUAL(time_format(rows[row].time, text), strlen(rows[row].text));
        CU_ASSERT_STRING_EQUAL(text, rows[row].text);
    }
}

static void durations_print_as_iso_8601(void)
{
    static const struct {
        int64_t duration;
        const char *text;
    } rows[] = {
        {0, "PT0S"},
        {3723500000000, "PT1H2M3.5S"},
        {-250000000, "-PT0.25S"},
        {172800000000000, "P2D"},
        {172801000000000, "P2DT1S"},
        {60000000000, "PT1M"},
        {3600000000000, "PT1H"},
        {1, "PT0.000000001S"},
        {120000001000, "PT2M0.000001S"},
        {3599986572000, "PT59M59.986572S"},
        {INT64_MAX, "P106751DT23H47M16.854775807S"},
        {INT64_MIN, "-P106751DT23H47M16.854775808S"},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        char text[DURATION_TEXT_BYTES];
        CU_ASSERT_EQUAL(duration_format(rows[row].duration, text), strlen(rows[row].text));
        CU_ASSERT_STRING_EQUAL(text, rows[row].text);
    }
}

static void durations_of_options_are_read(void)
{
    static const struct {
        const char *text;
        int64_t duration;
    } rows[] = {
        {"90", 90000000000},
        {"90s", 90000000000},
        {"1500ms", 1500000000},
        {"10m", 600000000000},
        {"2h", 7200000000000},
        {"1d", 86400000000000},
        {"1.5h", 5400000000000},
        {"0.25", 250000000},
        {"0", 0},
        {"106751d", 9223286400000000000},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        int64_t duration = -1;
        CU_ASSERT_TRUE(duration_parse(bytes_of(rows[row].text), &duration));
        CU_ASSERT_EQUAL(duration, rows[row].duration);
    }
    static const char *const refused[] = {"",
                                          "s",
                                          "-1",
                                          "+1",
                                          "1 s",
                                          "1S",
                                          "1x",
                                          "1e3",
                                          "106752d",
                                          "1ms2",
                                          ".",
                                          "1.2.3",
                                          "999999999999999999",
                                          "1m30s"};
    for (size_t row = 0; row < sizeof refused / sizeof refused[0]; row++) {
        int64_t duration;
        CU_ASSERT_FALSE(duration_parse(bytes_of(refused[row]), &duration));
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(times_are_read),
        CASE(what_is_no_time_is_refused),
        CASE(every_byte_of_a_time_is_checked),
        CASE(calendar_is_that_of_the_library),
        CASE(rows_of_one_minute_read_alike_with_and_without_cache),
        CASE(times_print_with_digits_in_threes),
        CASE(durations_print_as_iso_8601),
        CASE(durations_of_options_are_read),
        CU_TEST_INFO_NULL,
    };
    return suite_run("time_text", NULL, NULL, cases);
}
