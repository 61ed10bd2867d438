/* floor: loader */
#include "loader/reading.h"

#include "tests/support/suite.h"

static void times_are_read_in_the_form_that_is_asked_for(void)
{
    static const struct {
        enum reading reading;
        const char *text;
        const char *expected; /* NULL: no time */
    } rows[] = {
        {READ_PLAIN, "2011/08/16 10:01:46.972101", "2011-08-16T10:01:46.972101Z"},
        {READ_PLAIN, "1313488906", NULL},
        {READ_SECONDS, "1313488906.972101", "2011-08-16T10:01:46.972101Z"},
        {READ_SECONDS, "1.313488906e+09", "2011-08-16T10:01:46Z"},
        {READ_SECONDS, "-1.5", "1969-12-31T23:59:58.500Z"},
        {READ_SECONDS, "99999999999", NULL},
        {READ_SECONDS, "2011/08/16 10:01:46", NULL},
        {READ_MILLISECONDS, "1313488906972", "2011-08-16T10:01:46.972Z"},
        {READ_MICROSECONDS, "1313488906972101", "2011-08-16T10:01:46.972101Z"},
        {READ_NANOSECONDS, "1313488906972101001", "2011-08-16T10:01:46.972101001Z"},
        {READ_TIME_OF_DAY, "10:01:46.972101", "1970-01-01T10:01:46.972101Z"},
        {READ_TIME_OF_DAY, "24:00:00", NULL},
        {READ_DAY_FIRST, "08/01/2018 09:34:31", "2018-01-08T09:34:31Z"},
        {READ_DAY_FIRST, "3/7/2017 8:55", "2017-07-03T08:55:00Z"},
        {READ_DAY_FIRST, "03/07/2017 12:55:58 AM", "2017-07-03T00:55:58Z"},
        {READ_DAY_FIRST, "03/07/2017 01:55:58.250 PM", "2017-07-03T13:55:58.250Z"},
        {READ_DAY_FIRST, "03/07/2017 13:55:58 PM", NULL},
        {READ_DAY_FIRST, "2018-01-08 09:34:31", "2018-01-08T09:34:31Z"},
        {READ_DAY_FIRST, "31/02/2018 09:34:31", NULL},
        {READ_MONTH_FIRST, "08/01/2018 09:34:31", "2018-08-01T09:34:31Z"},
        {READ_MONTH_FIRST, "31/01/2018 09:34:31", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        time_ns time = 0;
        char text[TIME_TEXT_BYTES];
        bool is_time = reading_time(rows[i].reading, bytes_of(rows[i].text), &time);
        CU_ASSERT_EQUAL(is_time, rows[i].expected != NULL);
        if (is_time && rows[i].expected != NULL) {
            time_format(time, text);
            CU_ASSERT_STRING_EQUAL(text, rows[i].expected);
        }
    }
}

static void form_of_times_is_seen(void)
{
    static const struct {
        const char *text;
        enum reading reading;
    } rows[] = {
        {"2011/08/16 10:01:46.972101", READ_PLAIN},
        {"2011-08-16T10:01:46Z", READ_PLAIN},
        {"1313488906.972101", READ_SECONDS},
        {"1.571803e+09", READ_SECONDS},
        {"0", READ_SECONDS},
        {"1313488906972", READ_MILLISECONDS},
        {"1313488906972101", READ_MICROSECONDS},
        {"1313488906972101001", READ_NANOSECONDS},
        {"10:01:46.972101", READ_TIME_OF_DAY},
        {"yesterday", READ_TIME_ANY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(reading_of_time(bytes_of(rows[i].text)), rows[i].reading);
    }
}

static void protocols_are_called_as_argus_calls_them(void)
{
    static const char *const rows[][2] = {
        {"6", "tcp"},
        {"17", "udp"},
        {"1", "icmp"},
        {"58", "ipv6-icmp"},
        {"TCP", "tcp"},
        {"udp", "udp"},
        {"253", "253"},
        {"ICMP6", "ipv6-icmp"},
        {"IPv6-ICMP", "ipv6-icmp"},
        {"A-LONGER-NAME-THAN-ANY", "A-LONGER-NAME-THAN-ANY"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char room[READING_TEXT_BYTES_MAX];
        struct bytes text = reading_text(READ_PROTOCOL, bytes_of(rows[i][0]), room);
        CU_ASSERT_TRUE(bytes_equal(text, bytes_of(rows[i][1])));
    }
}

static void whole_numbers_may_be_written_as_floats(void)
{
    int64_t value = 0;
    CU_ASSERT_TRUE(reading_integer(READ_WHOLE, bytes_of("96.0"), &value) && value == 96);
    CU_ASSERT_TRUE(reading_integer(READ_WHOLE, bytes_of("1.5e3"), &value) && value == 1500);
    CU_ASSERT_FALSE(reading_integer(READ_WHOLE, bytes_of("96.5"), &value));
    CU_ASSERT_FALSE(reading_integer(READ_WHOLE, bytes_of("1e300"), &value));
    CU_ASSERT_FALSE(reading_integer(READ_PLAIN, bytes_of("96.0"), &value));
    CU_ASSERT_FALSE(reading_integer(READ_WHOLE, bytes_of("0x10"), &value));
}

static void ports_of_icmp_may_be_a_type_and_a_code(void)
{
    static const struct {
        const char *text;
        int64_t value; /* -1: it is none */
    } rows[] = {
        {"443", 443}, {"8.0", 2048}, {"3.3", 771},  {"255.255", 65535}, {"0.0", 0},   {"256.0", -1},
        {"8.", -1},   {".0", -1},    {"8.0.0", -1}, {"8.256", -1},      {"-1.0", -1}, {"", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = 0;
        bool is_port = reading_integer(READ_PORT, bytes_of(rows[i].text), &value);
        CU_ASSERT_EQUAL(is_port, rows[i].value >= 0);
        CU_ASSERT_TRUE(!is_port || value == rows[i].value);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(times_are_read_in_the_form_that_is_asked_for),
        CASE(form_of_times_is_seen),
        CASE(protocols_are_called_as_argus_calls_them),
        CASE(whole_numbers_may_be_written_as_floats),
        CASE(ports_of_icmp_may_be_a_type_and_a_code),
        CU_TEST_INFO_NULL,
    };
    return suite_run("reading", NULL, NULL, cases);
}
