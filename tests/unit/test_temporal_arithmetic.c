/* floor: value */
#include "value/temporal.h"

#include "base/memory.h"
#include "tests/support/suite.h"
#include "tests/support/temporal_call.h"
#include "value/calendar.h"
#include "value/duration.h"
#include "value/temporal_parts.h"

static uint64_t next(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(*state);
}

/* Every day of 2,800 years, counted up by hand. */
static void the_calendar_counts_every_day(void)
{
    static const int32_t month_days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = calendar_days((struct calendar_date){-400, 1, 1});
    struct calendar_week week = calendar_week(days);
    CU_ASSERT_EQUAL(days, -865625);
    uint32_t failures = 0;
    for (int64_t year = -400; year < 2400; year++) {
        bool is_leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        int32_t day_of_year = 0;
        int32_t day_of_quarter = 0;
        for (int32_t month = 1; month <= 12; month++) {
            int32_t last = month_days[month - 1] + (month == 2 && is_leap);
            day_of_quarter = month % 3 == 1 ? 0 : day_of_quarter;
            for (int32_t day = 1; day <= last; day++, days++) {
                struct calendar_date date = calendar_date(days);
                failures += date.year != year || date.month != month || date.day != day;
                failures += calendar_days(date) != days;
                failures += calendar_day_of_year(days) != ++day_of_year;
                failures += calendar_day_of_quarter(days) != ++day_of_quarter;
                struct calendar_week found = calendar_week(days);
                failures += found.day != week.day || calendar_days_of_week(found) != days;
                /* January 4th is always in week 1. */
                if (day_of_year == 4) {
                    failures += found.week != 1 || found.year != year;
                }
                week.day = week.day % 7 + 1;
            }
        }
        failures += calendar_year_weeks(year) < 52 || calendar_year_weeks(year) > 53;
    }
    CU_ASSERT_EQUAL(failures, 0);
    CU_ASSERT_EQUAL(calendar_days((struct calendar_date){-999999999, 1, 1}), CALENDAR_DAYS_MIN);
    CU_ASSERT_EQUAL(calendar_days((struct calendar_date){999999999, 12, 31}), CALENDAR_DAYS_MAX);
}

static void durations_are_added_part_by_part(void)
{
    static const struct calculator_row rows[] = {
        {"date('2011-01-31') + duration('P1M')", "2011-02-28"},
        {"date('2012-02-29') - duration('P1Y')", "2011-02-28"},
        {"date('2011-01-31') + duration('P1M1D')", "2011-03-01"},
        {"date('2011-08-16') + duration('PT23H59M')", "2011-08-16"},
        {"date('2011-08-16') + duration('PT48H')", "2011-08-18"},
        {"date('2011-08-16') - duration('PT36H')", "2011-08-15"},
        {"duration('P1D') + date('2011-08-16')", "2011-08-17"},
        {"localtime('23:30') + duration('P1Y1DT1H')", "00:30"},
        {"localtime('00:30') - duration('PT1H0.5S')", "23:29:59.500"},
        {"time('23:30+02:00') + duration('PT1H')", "00:30+02:00"},
        {"localdatetime('2011-08-16T23:30') + duration('PT1H')", "2011-08-17T00:30"},
        {"datetime('2011-08-16T10:01:46.972101Z') + duration({seconds: 60})",
         "2011-08-16T10:02:46.972101Z"},
        {"datetime('1970-01-01T00:00Z') - duration('PT0.000000001S')",
         "1969-12-31T23:59:59.999999999Z"},
        {"duration('P1DT1H') + duration('P1MT-2H')", "P1M1DT-1H"},
        {"duration('P1DT1H') - duration('P1MT-2H')", "P-1M1DT3H"},
        {"datetime('2011-08-16T12:00+02:00') - datetime('2011-08-16T10:00Z')", "PT0S"},
        {"datetime('2011-08-16T10:00Z') - datetime('2011-08-14T11:00Z')", "PT47H"},
        {"date('2011-08-16') - date('2011-07-16')", "P31D"},
        {"date('2011-08-16') + null", "null"},
    };
    CALCULATOR_CHECK(rows);
}

static void durations_are_multiplied_part_by_part(void)
{
    static const struct calculator_row rows[] = {
        {"duration('P1Y2M3DT4H') * 3", "P3Y6M9DT12H"},
        {"3 * duration('PT1.5S')", "PT4.5S"},
        {"duration('P49M') / 49", "P1M"},
        {"duration('P30M') * 0.1", "P3M"},
        {"duration('P1M') / 2", "P15DT5H14M33S"},
        {"duration('P1D') / 2", "PT12H"},
        {"duration('PT1S') / 3", "PT0.333333333S"},
        {"duration('PT-1S') * 0.25", "PT-0.25S"},
        {"duration('PT2562047788015215H') * 1", "PT2562047788015215H"},
        {"duration('PT2562047788015215H') * 2", "error: the duration does not fit: it is too long"},
        {"duration('P1D') / 0", "error: a duration is divided by 0"},
    };
    CALCULATOR_CHECK(rows);
}

static void durations_lie_between_dates(void)
{
    static const struct calculator_row rows[] = {
        {"duration.between(date('2011-01-31'), date('2011-03-01'))", "P1M1D"},
        {"duration.between(date('2011-03-01'), date('2011-01-31'))", "P-1M-1D"},
        {"duration.between(date('2012-02-29'), date('2013-02-28'))", "P11M30D"},
        {"duration.between(localdatetime('2011-08-16T23:00'), date('2011-08-18'))", "P1DT1H"},
        {"duration.between(localtime('10:00'), localtime('09:59:59.5'))", "PT-0.5S"},
        {"duration.between(time('10:00+02:00'), time('10:00Z'))", "PT2H"},
        {"duration.between(datetime('2011-08-16T10:00+02:00'), localdatetime('2011-08-16T11'))",
         "PT1H"},
        {"duration.between(date('2011-08-16'), localtime('10:00'))", "PT10H"},
        {"duration.inMonths(date('2011-01-31'), date('2012-01-30'))", "P11M"},
        {"duration.inMonths(date('2011-01-31'), localtime('10'))", "PT0S"},
        {"duration.inDays(date('2011-01-31'), date('2012-01-31'))", "P365D"},
        {"duration.inDays(localdatetime('2011-01-31T10'), localdatetime('2011-02-02T09'))", "P1D"},
        {"duration.inSeconds(date('2011-01-31'), date('2012-01-31'))", "PT8760H"},
        {"duration.inSeconds(null, date('2012-01-31'))", "null"},
        {"duration.between(1, date('2012-01-31'))",
         "error: duration.between() takes two dates or times, not an integer and a date"},
    };
    CALCULATOR_CHECK(rows);
}

static struct value random_instant(enum value_kind kind, uint64_t *state, struct pool *pool)
{
    struct temporal_parts parts = {0};
    struct value value = value_null();
    parts.days = (int64_t)(next(state) % 4000) - 2000;
    parts.ns = (int64_t)(next(state) % 24) * 3600 * 1000000000;
    parts.ns += next(state) % 2 == 0 ? (int64_t)(next(state) % 1000000000) : 0;
    parts.zone.offset = kind == VALUE_DATETIME ? ((int32_t)(next(state) % 5) - 2) * 3600 : 0;
    CU_ASSERT_EQUAL(temporal_build(kind, &parts, pool, &value, NULL), STATUS_OK);
    return value;
}

/* The same instant; the offset of the sum is that of what was added to. */
static bool is_same_instant(struct value left, struct value right)
{
    return left.kind == VALUE_DATE ? left.integer == right.integer
                                   : left.instant->seconds == right.instant->seconds &&
                                         left.instant->nanoseconds == right.instant->nanoseconds;
}

static void from_plus_between_is_to(void)
{
    static const enum value_kind kinds[] = {VALUE_DATE, VALUE_LOCAL_DATETIME, VALUE_DATETIME};
    struct pool pool = {0};
    uint64_t state = 4;
    for (uint32_t round = 0; round < 20000; round++) {
        struct pool_mark mark = pool_mark(&pool);
        enum value_kind kind = kinds[round % 3];
        struct value from = random_instant(kind, &state, &pool);
        struct value to = random_instant(kind, &state, &pool);
        for (uint32_t units = BETWEEN_ALL; units <= BETWEEN_SECONDS; units++) {
            struct value between;
            struct value sum;
            CU_ASSERT_EQUAL(
                duration_between((enum duration_between)units, from, to, &pool, &between, NULL),
                STATUS_OK);
            CU_ASSERT_EQUAL(temporal_add(from, between, &pool, &sum, NULL), STATUS_OK);
            if (units == BETWEEN_ALL || units == BETWEEN_SECONDS) {
                CU_ASSERT_TRUE(is_same_instant(sum, to));
            } else {
                /* Rounded towards `from`. */
                int order = temporal_order(from, to);
                CU_ASSERT_TRUE(order < 0
                                   ? temporal_order(sum, to) <= 0 || is_same_instant(sum, to)
                                   : temporal_order(sum, to) >= 0 || is_same_instant(sum, to));
            }
        }
        pool_release(&pool, mark);
    }
    pool_close(&pool);
}

static void what_was_added_can_be_taken_away(void)
{
    struct pool pool = {0};
    uint64_t state = 5;
    for (uint32_t round = 0; round < 10000; round++) {
        struct pool_mark mark = pool_mark(&pool);
        struct value from = random_instant(VALUE_DATETIME, &state, &pool);
        struct value step;
        struct value there;
        struct value back;
        int64_t ns = (int64_t)next(&state) >> (next(&state) % 60);
        CU_ASSERT_EQUAL(temporal_duration_from_ns(ns, &pool, &step, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(temporal_add(from, step, &pool, &there, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(temporal_subtract(there, step, &pool, &back, NULL), STATUS_OK);
        CU_ASSERT_TRUE(temporal_equal(back, from));
        int order = temporal_order(there, from);
        CU_ASSERT_TRUE(ns == 0 ? order == 0 : (ns > 0) == (order > 0));
        struct value opposite;
        struct value none;
        CU_ASSERT_EQUAL(temporal_negate(step, &pool, &opposite, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(temporal_add(step, opposite, &pool, &none, NULL), STATUS_OK);
        int64_t sum_ns;
        CU_ASSERT_TRUE(temporal_duration_to_ns(none, &sum_ns) && sum_ns == 0);
        pool_release(&pool, mark);
    }
    pool_close(&pool);
}

/* Rows in ascending order, of each kind for itself; at one instant from west to east. */
static void order_is_total(void)
{
    static const char *const rows[] = {
        "datetime('2011-08-16T10:00+02:00')",
        "datetime('2011-08-16T06:00-04:00')",
        "datetime('2011-08-16T10:00Z')",
        "datetime('2011-08-16T10:00[UTC]')",
        "datetime('2011-08-16T12:00+02:00')",
        "datetime('2011-08-16T10:00:00.000000001Z')",
        "time('06:00-02:00')",
        "time('08:00Z')",
        "time('09:00+01:00')",
        "time('10:00+02:00')",
        "time('08:00:00.000000001Z')",
        "duration('P-1D')",
        "duration('PT0S')",
        "duration('PT24H')",
        "duration('P1D')",
        "duration('P30D')",
        "duration('PT730.485H')",
        "duration('P1M')",
        "duration('P31D')",
        "localtime('00:00')",
        "localtime('00:00:00.000000001')",
        "localdatetime('2011-08-16')",
        "localdatetime('2011-08-16T00:00:00.000000001')",
        "date('-0001-12-31')",
        "date('0000-01-01')",
    };
    struct calculator calculator = {0};
    struct value values[32];
    uint32_t count = 0;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        values[count++] = calculate(&calculator, rows[row]);
    }
    for (uint32_t left = 0; left < count; left++) {
        for (uint32_t right = 0; right < count; right++) {
            if (values[left].kind != values[right].kind) {
                continue;
            }
            int order = temporal_order(values[left], values[right]);
            int wanted = (left > right) - (left < right);
            CU_ASSERT_EQUAL((order > 0) - (order < 0), wanted);
            CU_ASSERT_EQUAL(temporal_equal(values[left], values[right]), left == right);
            CU_ASSERT_EQUAL(temporal_hash(values[left]) == temporal_hash(values[right]),
                            left == right);
        }
    }
    pool_close(&calculator.pool);
}

static void nanoseconds_lead_there_and_back(void)
{
    static const struct {
        int64_t ns;
        const char *datetime;
        const char *duration;
    } rows[] = {
        {0, "1970-01-01T00:00Z", "PT0S"},
        {-1, "1969-12-31T23:59:59.999999999Z", "PT-0.000000001S"},
        {1313488906972101000, "2011-08-16T10:01:46.972101Z", "PT364858H1M46.972101S"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z", "PT2562047H47M16.854775807S"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z", "PT-2562047H-47M-16.854775808S"},
    };
    struct pool pool = {0};
    char text[TEMPORAL_TEXT_BYTES];
    struct value value;
    int64_t ns;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        CU_ASSERT_EQUAL(temporal_from_ns(rows[row].ns, &pool, &value, NULL), STATUS_OK);
        (void)temporal_text(value, text);
        CU_ASSERT_STRING_EQUAL(text, rows[row].datetime);
        CU_ASSERT_TRUE(temporal_to_ns(value, &ns) && ns == rows[row].ns);
        CU_ASSERT_EQUAL(temporal_duration_from_ns(rows[row].ns, &pool, &value, NULL), STATUS_OK);
        (void)temporal_text(value, text);
        CU_ASSERT_STRING_EQUAL(text, rows[row].duration);
        CU_ASSERT_TRUE(temporal_duration_to_ns(value, &ns) && ns == rows[row].ns);
    }
    struct calculator calculator = {0};
    CU_ASSERT_FALSE(temporal_to_ns(calculate(&calculator, "datetime('2262-04-12T00Z')"), &ns));
    CU_ASSERT_FALSE(temporal_to_ns(calculate(&calculator, "datetime('1677-09-21T00Z')"), &ns));
    CU_ASSERT_TRUE(temporal_duration_to_ns(calculate(&calculator, "duration('P2DT-1H')"), &ns));
    CU_ASSERT_EQUAL(ns, INT64_C(47) * 3600 * 1000000000);
    CU_ASSERT_FALSE(temporal_duration_to_ns(calculate(&calculator, "duration('P1M')"), &ns));
    CU_ASSERT_FALSE(temporal_duration_to_ns(calculate(&calculator, "duration('P200000D')"), &ns));
    pool_close(&calculator.pool);
    pool_close(&pool);
}

static void what_does_not_fit_is_an_error(void)
{
    static const struct calculator_row rows[] = {
        {"date('+999999999-12-31') + duration('P1D')",
         "error: the sum is out of range: years go from -999999999 to 999999999"},
        {"date('-999999999-01-01') - duration('P1M')",
         "error: the sum is out of range: years go from -999999999 to 999999999"},
        {"datetime('+999999999-12-31T23:59:59Z') + duration('PT1S')",
         "error: the date is out of range: years go from -999999999 to 999999999"},
        {"localdatetime('2011') + duration({seconds: 9223372036854775807})",
         "error: the date is out of range: years go from -999999999 to 999999999"},
        {"date('2011') + duration({months: 9223372036854775807})",
         "error: the sum is out of range: years go from -999999999 to 999999999"},
        {"duration({days: 9223372036854775807}) + duration({days: 1})",
         "error: the duration does not fit: it is too long"},
        {"duration({years: 9223372036854775807})",
         "error: the duration does not fit: it is too long"},
        {"duration({seconds: 9223372036854775807, milliseconds: 1000})",
         "error: the duration does not fit: it is too long"},
        {"duration({days: 1.0e300})", "error: no duration has 1e+300 days"},
        {"datetime.fromEpoch(9223372036854775807, 0)",
         "error: the date is out of range: years go from -999999999 to 999999999"},
        {"datetime.fromEpochMillis(9223372036854775807)", "+292278994-08-17T07:12:55.807Z"},
        {"duration.between(date('-999999999-01-01'), date('+999999999-12-31'))",
         "P1999999998Y11M30D"},
    };
    CALCULATOR_CHECK(rows);
}

/* The arguments lie in one pool; that of the result has no room, or the allocation fails. */
static void memory_that_is_not_there_is_an_error(void)
{
    static const char *const functions[] = {"datetime",          "localdatetime",
                                            "datetime.truncate", "duration",
                                            "duration.between",  "datetime.fromEpochMillis"};
    struct calculator calculator = {0};
    struct value day = value_text_of(bytes_of("day"));
    struct value date = calculate(&calculator, "datetime('2011-08-16T10:00[UTC]')");
    struct value step = calculate(&calculator, "duration('P1D')");
    const struct value arguments[][2] = {
        {date, date}, {date, date},
        {day, date},  {value_text_of(bytes_of("P1D")), date},
        {date, date}, {value_integer(0), date},
    };
    for (uint32_t row = 0; row < sizeof functions / sizeof functions[0]; row++) {
        const struct function *function =
            function_find(&temporal_functions, bytes_of(functions[row]));
        struct budget budget;
        struct pool pool = {.budget = &budget};
        struct error error = {0};
        struct call call = {.pool = &pool, .error = &error};
        struct value result;
        uint32_t count = function->most < 2 ? function->most : 2;
        budget_init(&budget, 1);
        CU_ASSERT_EQUAL(function->call(&call, arguments[row], count, &result), STATUS_LIMIT);
        CU_ASSERT_EQUAL(result.kind, VALUE_NULL);
        CU_ASSERT_EQUAL(temporal_add(date, step, &pool, &result, NULL), STATUS_FAILED);
        error_clear(&error);
        budget_init(&budget, 0);
        memory_fault_set(1);
        CU_ASSERT_EQUAL(function->call(&call, arguments[row], count, &result), STATUS_FAILED);
        memory_fault_set(0);
        CU_ASSERT_TRUE(error.text[0] != '\0');
        pool_close(&pool);
    }
    pool_close(&calculator.pool);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(the_calendar_counts_every_day),
        CASE(durations_are_added_part_by_part),
        CASE(durations_are_multiplied_part_by_part),
        CASE(durations_lie_between_dates),
        CASE(from_plus_between_is_to),
        CASE(what_was_added_can_be_taken_away),
        CASE(order_is_total),
        CASE(nanoseconds_lead_there_and_back),
        CASE(what_does_not_fit_is_an_error),
        CASE(memory_that_is_not_there_is_an_error),
        CU_TEST_INFO_NULL,
    };
    return suite_run("temporal_arithmetic", NULL, NULL, cases);
}
