/* floor: value */
#include "value/temporal_map.h"

#include "tests/support/suite.h"
#include "tests/support/temporal_call.h"

static void a_map_names_a_day_in_four_ways(void)
{
    static const struct calculator_row rows[] = {
        {"date({year: 2011, month: 8, day: 16})", "2011-08-16"},
        {"date({year: 2011, week: 33, dayOfWeek: 2})", "2011-08-16"},
        {"date({year: 2011, quarter: 3, dayOfQuarter: 47})", "2011-08-16"},
        {"date({year: 2011, ordinalDay: 228})", "2011-08-16"},
        {"date({year: 2011, month: 8})", "2011-08-01"},
        {"date({year: 2011, week: 33})", "2011-08-15"},
        {"date({year: 2011, quarter: 3})", "2011-07-01"},
        {"date({year: 2011})", "2011-01-01"},
        {"date({year: 2009, week: 53, dayOfWeek: 7})", "2010-01-03"},
        {"date({year: -999999999})", "-999999999-01-01"},
        {"date({year: null, month: 8})", "null"},
    };
    CALCULATOR_CHECK(rows);
}

static void a_map_names_a_time(void)
{
    static const struct calculator_row rows[] = {
        {"localtime({hour: 10})", "10:00"},
        {"localtime({hour: 10, minute: 1, second: 46, microsecond: 972101})", "10:01:46.972101"},
        {"localtime({hour: 10, minute: 1, second: 46, millisecond: 972, microsecond: 101})",
         "10:01:46.972101"},
        {"localtime({hour: 10, minute: 1, second: 46, millisecond: 972, nanosecond: 101000})",
         "10:01:46.972101"},
        {"time({hour: 10})", "10:00Z"},
        {"time({hour: 10, timezone: '-03:30'})", "10:00-03:30"},
        {"localdatetime({year: 2011, week: 33, hour: 1})", "2011-08-15T01:00"},
        {"datetime({year: 2011, timezone: '+05:45'})", "2011-01-01T00:00+05:45"},
        {"datetime({year: 2011, timezone: 'Z'})", "2011-01-01T00:00Z"},
        {"datetime({epochSeconds: 1313488906, nanosecond: 972101000})",
         "2011-08-16T10:01:46.972101Z"},
        {"datetime({epochMillis: -1})", "1969-12-31T23:59:59.999Z"},
        {"datetime({epochSeconds: 0, timezone: '+02:00'})", "1970-01-01T02:00+02:00"},
        {"datetime.fromEpoch(-1, 999999999)", "1969-12-31T23:59:59.999999999Z"},
        {"datetime.fromEpochMillis(1313488906972)", "2011-08-16T10:01:46.972Z"},
    };
    CALCULATOR_CHECK(rows);
}

static void a_map_takes_from_other_values(void)
{
    static const struct calculator_row rows[] = {
        {"date({date: datetime('2011-08-16T23:59-05:00'), day: 1})", "2011-08-01"},
        {"date({date: date('2012-02-29'), year: 2011})", "2011-02-28"},
        {"date({date: date('2011-08-31'), month: 6})", "2011-06-30"},
        {"date({date: date('2011-12-31'), quarter: 1})", "2011-03-31"},
        {"date({date: date('2011-08-16'), week: 1})", "2011-01-04"},
        {"date({date: date('2009-12-31'), year: 2010, dayOfWeek: 1})", "2010-12-27"},
        {"localtime({time: localdatetime('2011-08-16T10:01:46'), minute: 59})", "10:59:46"},
        {"time({time: time('10:00+02:00'), timezone: '+05:00'})", "13:00+05:00"},
        {"time({time: time('22:00+02:00'), timezone: '+05:00'})", "01:00+05:00"},
        {"time({time: localtime('10:00'), timezone: '+05:00'})", "10:00+05:00"},
        {"localdatetime({date: date('2011-08-16'), time: time('10:00+02:00')})",
         "2011-08-16T10:00"},
        {"datetime({date: date('2011-08-16'), time: time('10:00+02:00')})",
         "2011-08-16T10:00+02:00"},
        {"datetime({datetime: datetime('2011-08-16T01:00+02:00'), timezone: 'Z'})",
         "2011-08-15T23:00Z"},
        {"datetime({date: datetime('2011-08-16T01:00+02:00'), hour: 3})", "2011-08-16T03:00Z"},
        {"datetime(date('2011-08-16'))", "2011-08-16T00:00Z"},
        {"datetime(localdatetime('2011-08-16T10'))", "2011-08-16T10:00Z"},
        {"localtime(datetime('2011-08-16T01:00+02:00'))", "01:00"},
        {"time(datetime('2011-08-16T01:00+02:00'))", "01:00+02:00"},
    };
    CALCULATOR_CHECK(rows);
}

static void now_is_the_query_s(void)
{
    static const struct calculator_row rows[] = {
        {"datetime()", "2026-11-18T11:06:40.123456789Z"},
        {"localdatetime.statement()", "2026-11-18T11:06:40.123456789"},
        {"time.transaction('+14:00')", "01:06:40.123456789+14:00"},
        {"date({timezone: '+14:00'})", "2026-11-19"},
        {"localtime({timezone: '+14:00'})", "01:06:40.123456789"},
        {"date.truncate('year')", "2026-01-01"},
        {"timestamp()", "1795000000123"},
        {"datetime.transaction(null)", "null"},
    };
    CALCULATOR_CHECK(rows);
}

static void realtime_is_later_than_this_test(void)
{
    struct calculator calculator = {0};
    struct value year = calculate(&calculator, "datetime.realtime().year");
    CU_ASSERT_EQUAL(year.kind, VALUE_INTEGER);
    CU_ASSERT_TRUE(year.integer >= 2024);
    pool_close(&calculator.pool);
}

static void truncation_goes_down_to_a_whole_unit(void)
{
    static const struct calculator_row rows[] = {
        {"date.truncate('millennium', date('2011-08-16'))", "2000-01-01"},
        {"date.truncate('century', date('-0044-03-15'))", "-0100-01-01"},
        {"date.truncate('decade', date('2011-08-16'))", "2010-01-01"},
        {"date.truncate('quarter', date('2011-08-16'))", "2011-07-01"},
        {"date.truncate('week', date('2011-08-16'), {dayOfWeek: 7})", "2011-08-21"},
        {"date.truncate('weekYear', date('2010-01-03'))", "2008-12-29"},
        {"date.truncate('weekyear', date('2010-01-03'), {week: 2})", "2009-01-05"},
        {"localdatetime.truncate('hour', datetime('2011-08-16T10:01:46+02:00'))",
         "2011-08-16T10:00"},
        {"datetime.truncate('day', localdatetime('2011-08-16T10:01:46'), {timezone: '-01:00'})",
         "2011-08-16T00:00-01:00"},
        {"datetime.truncate('month', datetime('2011-08-16T10:01+02:00'), {hour: 7})",
         "2011-08-01T07:00+02:00"},
        {"time.truncate('minute', time('10:01:46.5+02:00'))", "10:01+02:00"},
        {"localtime.truncate('millisecond', localtime('10:01:46.972101'), {microsecond: 5})",
         "10:01:46.972005"},
        {"localtime.truncate('microsecond', localtime('10:01:46.972101987'), {nanosecond: 5})",
         "10:01:46.972101005"},
        {"localtime.truncate('day', localtime('10:01:46'))", "00:00"},
        {"date.truncate('month', null)", "null"},
    };
    CALCULATOR_CHECK(rows);
}

static void truncation_is_idempotent_and_never_later(void)
{
    static const char *const units[] = {
        "millennium", "century", "decade", "year",   "weekYear", "quarter",     "month",
        "week",       "day",     "hour",   "minute", "second",   "millisecond", "microsecond",
    };
    struct calculator calculator = {0};
    uint64_t state = 3;
    for (uint32_t round = 0; round < 14000; round++) {
        struct pool_mark mark = pool_mark(&calculator.pool);
        struct temporal_parts parts = {.has_date = true, .has_time = true, .has_zone = true};
        state = hash_mix(state + round);
        parts.days = (int64_t)(state % 2000000) - 1000000;
        parts.ns = (int64_t)(hash_mix(state) % UINT64_C(86400000000000));
        struct value map = {.kind = VALUE_MAP};
        struct value values[3];
        CU_ASSERT_EQUAL(temporal_build(VALUE_DATETIME, &parts, &calculator.pool, &values[0], NULL),
                        STATUS_OK);
        for (uint32_t step = 0; step < 2; step++) {
            CU_ASSERT_EQUAL(temporal_truncate(VALUE_DATETIME, bytes_of(units[round % 14]),
                                              values[step], map, NULL, &calculator.pool,
                                              &values[step + 1], &calculator.error),
                            STATUS_OK);
        }
        CU_ASSERT_TRUE(temporal_equal(values[1], values[2]));
        CU_ASSERT_TRUE(temporal_order(values[1], values[0]) <= 0);
        pool_release(&calculator.pool, mark);
    }
    pool_close(&calculator.pool);
}

static void values_have_components(void)
{
    static const struct calculator_row rows[] = {
        {"date('2010-01-03').weekYear", "2009"},
        {"date('2010-01-03').week", "53"},
        {"date('2010-01-03').dayOfWeek", "7"},
        {"date('2010-01-03').weekDay", "7"},
        {"date('2011-08-16').quarter", "3"},
        {"date('2011-08-16').dayOfQuarter", "47"},
        {"date('2011-08-16').ordinalDay", "228"},
        {"date('-0044-03-15').year", "-44"},
        {"localtime('10:01:46.972101').millisecond", "972"},
        {"localtime('10:01:46.972101').microsecond", "972101"},
        {"localtime('10:01:46.972101').nanosecond", "972101000"},
        {"time('10:01-02:30').offset", "-02:30"},
        {"time('10:01-02:30').timezone", "-02:30"},
        {"time('10:01-02:30').offsetMinutes", "-150"},
        {"time('10:01-02:30').hour", "10"},
        {"datetime('2011-08-16T01:00+02:00').day", "16"},
        {"datetime('2011-08-16T01:00+02:00').offsetSeconds", "7200"},
        {"datetime('2011-08-16T10:01:46.972Z').epochSeconds", "1313488906"},
        {"datetime('2011-08-16T10:01:46.972Z').epochMillis", "1313488906972"},
        {"datetime('1969-12-31T23:59:59.999Z').epochMillis", "-1"},
        {"datetime('2011-08-16T10[UTC]').timezone", "UTC"},
        {"duration('P1Y5M10DT25H61M1.5S').years", "1"},
        {"duration('P1Y5M10DT25H61M1.5S').months", "17"},
        {"duration('P1Y5M10DT25H61M1.5S').monthsOfYear", "5"},
        {"duration('P1Y5M10DT25H61M1.5S').quartersOfYear", "1"},
        {"duration('P1Y5M10DT25H61M1.5S').monthsOfQuarter", "2"},
        {"duration('P1Y5M10DT25H61M1.5S').weeks", "1"},
        {"duration('P1Y5M10DT25H61M1.5S').daysOfWeek", "3"},
        {"duration('P1Y5M10DT25H61M1.5S').hours", "26"},
        {"duration('P1Y5M10DT25H61M1.5S').minutesOfHour", "1"},
        {"duration('P1Y5M10DT25H61M1.5S').milliseconds", "93661500"},
        {"duration('P1Y5M10DT25H61M1.5S').millisecondsOfSecond", "500"},
        {"duration('PT-0.4S').seconds", "-1"},
        {"duration('PT-0.4S').nanosecondsOfSecond", "600000000"},
        {"duration('PT-0.4S').nanoseconds", "-400000000"},
    };
    CALCULATOR_CHECK(rows);
}

static void what_is_wrong_is_said(void)
{
    static const struct calculator_row rows[] = {
        {"date({yaer: 2011})", "error: date() has no 'yaer'; did you mean year?"},
        {"date({Year: 2011})", "error: date() has no 'Year'; did you mean year?"},
        {"date({})", "error: date() wants at least one entry in its map"},
        {"date({month: 8})", "error: date() wants a year, or a date to take it from"},
        {"date({year: 2011, day: 8})", "error: day of date() wants month too"},
        {"date({year: 2011, month: 2, day: 29})", "error: there is no day 29 in month 2 of 2011"},
        {"date({year: 2011, week: 53})", "error: there is no week 53 in 2011"},
        {"date({year: 2011, week: 3, day: 3})",
         "error: a day is named by month and day, by week and dayOfWeek, by quarter and "
         "dayOfQuarter, or by ordinalDay: not by several of them"},
        {"date({year: 1000000000})",
         "error: the year 1000000000 is out of range: years go from -999999999 to 999999999"},
        {"date({year: 2011.0})", "error: year of date() is an integer, not a float"},
        {"date({year: 2011, timezone: 'Z'})", "error: a date has no time zone"},
        {"date({date: localtime('10')})", "error: a local time has no date to take for date()"},
        {"localtime({minute: 8})", "error: minute of localtime() wants hour too"},
        {"localtime({timezone: 8})", "error: timezone of localtime() is a text, not an integer"},
        {"localtime({hour: 8, minute: 8, second: 8, millisecond: 1000})",
         "error: there is no millisecond 1000: 999 at most"},
        {"datetime({epochSeconds: 1, year: 2011})",
         "error: epochSeconds or epochMillis name a time by themselves: only fractions of the "
         "second and timezone go with them"},
        {"date.truncate('moth', date('2011'))",
         "error: truncate() has no 'moth'; did you mean month?"},
        {"date.truncate('hour', datetime('2011'))", "error: a date cannot be truncated to 'hour'"},
        {"datetime.truncate('hour', date('2011'))",
         "error: a date has no time for datetime.truncate('hour', ...)"},
        {"localtime.truncate('millisecond', localtime('10'), {millisecond: 1})",
         "error: millisecond of localtime() is there already: only smaller units can be set"},
        {"date('2011').hours",
         "error: a date has no 'hours', but year, quarter, month, week, weekYear, day, "
         "ordinalDay, weekDay, dayOfWeek, dayOfQuarter"},
        {"duration('P1D').day", "error: a duration has no 'day'; did you mean days?"},
        {"datetime('+999999999-12-31T23:59Z').epochMillis",
         "error: the datetime is too far from 1970 for its epochMillis to be an integer"},
    };
    CALCULATOR_CHECK(rows);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(a_map_names_a_day_in_four_ways),
        CASE(a_map_names_a_time),
        CASE(a_map_takes_from_other_values),
        CASE(now_is_the_query_s),
        CASE(realtime_is_later_than_this_test),
        CASE(truncation_goes_down_to_a_whole_unit),
        CASE(truncation_is_idempotent_and_never_later),
        CASE(values_have_components),
        CASE(what_is_wrong_is_said),
        CU_TEST_INFO_NULL,
    };
    return suite_run("temporal_map", NULL, NULL, cases);
}
