/* floor: value */
#include "value/temporal.h"

#include "tests/support/suite.h"
#include "tests/support/temporal_call.h"
#include "value/calendar.h"
#include "value/temporal_parts.h"

static uint64_t next(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(*state);
}

static void a_day_is_written_in_many_forms(void)
{
    static const struct calculator_row rows[] = {
        {"date('2011-08-16')", "2011-08-16"},   {"date('20110816')", "2011-08-16"},
        {"date('2011-W33-2')", "2011-08-16"},   {"date('2011W332')", "2011-08-16"},
        {"date('2011-228')", "2011-08-16"},     {"date('2011228')", "2011-08-16"},
        {"date('2011-Q3-47')", "2011-08-16"},   {"date('2011Q347')", "2011-08-16"},
        {"date('2011-08')", "2011-08-01"},      {"date('201108')", "2011-08-01"},
        {"date('2011-W33')", "2011-08-15"},     {"date('2011W33')", "2011-08-15"},
        {"date('2011-Q3')", "2011-07-01"},      {"date('2011Q3')", "2011-07-01"},
        {"date('2011')", "2011-01-01"},         {"date('0000-02-29')", "0000-02-29"},
        {"date('-0044-03-15')", "-0044-03-15"}, {"date('+10000-01-01')", "+10000-01-01"},
        {"date('+2011-08-16')", "2011-08-16"},  {"date('-0000-02-01')", "0000-02-01"},
        {"date('2009-W01-1')", "2008-12-29"},   {"date('2009-W53-7')", "2010-01-03"},
    };
    CALCULATOR_CHECK(rows);
}

static void a_time_is_written_in_many_forms(void)
{
    static const struct calculator_row rows[] = {
        {"localtime('10:01:46.972101')", "10:01:46.972101"},
        {"localtime('100146,972101')", "10:01:46.972101"},
        {"localtime('T10:01:46')", "10:01:46"},
        {"localtime('1001')", "10:01"},
        {"localtime('10')", "10:00"},
        {"localtime('10:01:00')", "10:01"},
        {"localtime('10:01:46.5')", "10:01:46.500"},
        {"localtime('10:01:00.0000001')", "10:01:00.000000100"},
        {"time('10:01')", "10:01Z"},
        {"time('10:01+02')", "10:01+02:00"},
        {"time('1001-0230')", "10:01-02:30"},
        {"time('10+00:19:32')", "10:00+00:19:32"},
        {"time('10-001932')", "10:00-00:19:32"},
        {"time('10:01-00:00')", "10:01Z"},
        {"localdatetime('2011-08-16T10:01:46.972101')", "2011-08-16T10:01:46.972101"},
        {"localdatetime('2011228T1001')", "2011-08-16T10:01"},
        {"localdatetime('2011-08-16')", "2011-08-16T00:00"},
        {"datetime('2011-08-16T10:01:46Z')", "2011-08-16T10:01:46Z"},
        {"datetime('2011-08-16T10:01:46')", "2011-08-16T10:01:46Z"},
        {"datetime('2011-W33-2T1001+0200')", "2011-08-16T10:01+02:00"},
        {"datetime('2011-08-16T10[UTC]')", "2011-08-16T10:00Z[UTC]"},
        {"datetime('2011/08/16 10:01:46.972101')", "2011-08-16T10:01:46.972101Z"},
        {"datetime('2011-08-16 10:01:46+0200')", "2011-08-16T08:01:46Z"},
    };
    CALCULATOR_CHECK(rows);
}

static void a_duration_is_written_in_many_forms(void)
{
    static const struct calculator_row rows[] = {
        {"duration('P1Y2M3W4DT5H6M7.5S')", "P1Y2M25DT5H6M7.5S"},
        {"duration('P0D')", "PT0S"},
        {"duration('PT3600S')", "PT1H"},
        {"duration('PT48H')", "PT48H"},
        {"duration('P14M')", "P1Y2M"},
        {"duration('-P1M2DT3S')", "P-1M-2DT-3S"},
        {"duration('P-1M2D')", "P-1M2D"},
        {"duration('PT1M-0.001S')", "PT59.999S"},
        {"duration('P0.5Y')", "P6M"},
        {"duration('P0.5M')", "P15DT5H14M33S"},
        {"duration('P0.5D')", "PT12H"},
        {"duration('PT0.000000001S')", "PT0.000000001S"},
        {"duration('PT-0.000000001S')", "PT-0.000000001S"},
        {"duration('PT0.1H')", "PT6M"},
        {"duration('P0001-02-03T04:05:06.7')", "P1Y2M3DT4H5M6.7S"},
        {"duration('P00010203T040506')", "P1Y2M3DT4H5M6S"},
        {"duration({days: 1.5, hours: -2})", "P1DT10H"},
        {"duration({weeks: 1, quarters: 2})", "P6M7D"},
        {"duration({seconds: 1, milliseconds: 2, microseconds: 3, nanoseconds: 4})",
         "PT1.002003004S"},
        {"duration({seconds: 70.1})", "PT1M10.1S"},
        {"duration({years: null})", "null"},
        {"duration(duration('P1D'))", "P1D"},
    };
    CALCULATOR_CHECK(rows);
}

static void what_is_wrong_is_said(void)
{
    static const struct calculator_row rows[] = {
        {"date('2015-13-01')", "error: '2015-13-01' is no date: there is no month 13"},
        {"date('2015-02-29')",
         "error: '2015-02-29' is no date: there is no day 29 in month 2 of 2015"},
        {"date('2015-W54')", "error: '2015-W54' is no date: there is no week 54 in 2015"},
        {"date('2015366')", "error: '2015366' is no date: there is no day 366 in 2015"},
        {"date('2015-Q1-91')",
         "error: '2015-Q1-91' is no date: there is no day 91 in quarter 1 of 2015"},
        {"date('2015-1-1')", "error: '2015-1-1' is no date: write 2015-07-21, 2015-W30-2, "
                             "2015-Q3-21, 2015-202, 2015-07 or 2015"},
        {"date('2015-07-21T10')", "error: '2015-07-21T10' is no date: a date has no time"},
        {"localtime('24:00')", "error: '24:00' is no localtime: there is no hour 24"},
        {"localtime('23:59:60')", "error: '23:59:60' is no localtime: there is no second 60"},
        {"localtime('10Z')", "error: '10Z' is no localtime: a localtime has no time zone"},
        {"time('10+18:01')", "error: '10+18:01' is no time: an offset is 18 hours at most"},
        {"datetime('')", "error: an empty text is no datetime"},
        {"duration('1D')", "error: '1D' is no duration: write P1Y2M3W4DT5H6M7.5S, with any of its "
                           "parts, or P2012-02-02T14:37:21.545"},
        {"duration({day: 1})", "error: a duration has no 'day'; did you mean days?"},
        {"date(7)", "error: date() takes a text, a map, or another date or time, not an integer"},
        {"date(localtime('10'))", "error: a local time has no date to make a date of"},
    };
    CALCULATOR_CHECK(rows);
}

static void wrong_forms_are_refused(void)
{
    static const char *const rows[] = {
        "date('201')",
        "date('20111')",
        "date('201108161')",
        "date('2011-08-1')",
        "date('2011-0816')",
        "date('2011-W3-1')",
        "date('2011-Q03')",
        "date('+2011-0816')",
        "date('+1234567890-01-01')",
        "date('2011-')",
        "date('2011-W')",
        "date(' 2011')",
        "date('2011-08-16-')",
        "localtime('1')",
        "localtime('10:')",
        "localtime('10:0')",
        "localtime('10:01:')",
        "localtime('10:0146')",
        "localtime('1001:46')",
        "localtime('10:01:46.')",
        "localtime('10:01:46.0123456789')",
        "localtime('10.5')",
        "time('10+')",
        "time('10+2')",
        "time('10+02:')",
        "time('10+02:60')",
        "time('10 +02')",
        "datetime('2011T')",
        "datetime('T10')",
        "datetime('2011T10[]')",
        "datetime('2011T10[UTC')",
        "datetime('2011T10UTC')",
        "datetime('2011T10Z+01')",
        "duration('P')",
        "duration('PT')",
        "duration('P1')",
        "duration('P1DT')",
        "duration('P1H')",
        "duration('PT1D')",
        "duration('PT1S1M')",
        "duration('P1D1D')",
        "duration('P.5D')",
        "duration('P1.D')",
        "duration('P--1D')",
        "duration('p1d')",
        "duration('P2012-2-2')",
        "duration('P2012-02-02T')",
        "duration('P2012-02-02T1:00')",
    };
    struct calculator calculator = {0};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        const char *text = calculate_text(&calculator, rows[row]);
        if (strncmp(text, "error: ", 7) != 0) {
            CU_FAIL("a wrong form was taken");
            fprintf(stderr, "%s is %s\n", rows[row], text);
        }
    }
    pool_close(&calculator.pool);
}

/* Random values of a kind, of all sizes. */
static struct value random_value(enum value_kind kind, uint64_t *state, struct pool *pool)
{
    static const int64_t day_ranges[] = {1000, 1000000, CALENDAR_DAYS_MAX - 1};
    int64_t range = day_ranges[next(state) % 3];
    struct value value = value_null();
    if (kind == VALUE_DURATION) {
        CU_ASSERT_EQUAL(temporal_duration_from_ns((int64_t)next(state), pool, &value, NULL), 0);
        struct value_duration *duration =
            (struct value_duration *)pool_allocate(pool, 1, sizeof *duration, NULL);
        *duration = *value.duration;
        duration->months = (int64_t)next(state) >> (next(state) % 64);
        duration->days = (int64_t)next(state) >> (next(state) % 64);
        value.duration = duration;
        return value;
    }
    struct temporal_parts parts = {0};
    parts.days = (int64_t)(next(state) % (uint64_t)(2 * range)) - range;
    parts.ns = (int64_t)(next(state) % (uint64_t)NS_PER_DAY);
    parts.ns -= next(state) % 2 == 0 ? parts.ns % 60000000000 : 0;
    parts.zone.offset = (int32_t)(next(state) % (36 * 3600 + 1)) - 18 * 3600;
    parts.zone.offset -= next(state) % 2 == 0 ? parts.zone.offset % 3600 : 0;
    CU_ASSERT_EQUAL(temporal_build(kind, &parts, pool, &value, NULL), STATUS_OK);
    return value;
}

static void what_is_printed_reads_back_equal(void)
{
    static const char *const functions[] = {"date",          "localtime", "time",
                                            "localdatetime", "datetime",  "duration"};
    uint64_t state = 1;
    struct calculator calculator = {0};
    for (uint32_t round = 0; round < 12000; round++) {
        struct pool_mark mark = pool_mark(&calculator.pool);
        enum value_kind kind = (enum value_kind)(VALUE_DATE + round % 6);
        struct value value = random_value(kind, &state, &calculator.pool);
        char text[TEMPORAL_TEXT_BYTES];
        char expression[TEMPORAL_TEXT_BYTES + 32];
        uint32_t length = temporal_text(value, text);
        CU_ASSERT_EQUAL(strlen(text), length);
        (void)snprintf(expression, sizeof expression, "%s('%s')", functions[round % 6], text);
        struct value read = calculate(&calculator, expression);
        bool is_same = read.kind == kind && temporal_equal(read, value) &&
                       temporal_hash(read) == temporal_hash(value);
        CU_ASSERT_TRUE(is_same);
        if (!is_same) {
            fprintf(stderr, "%s: %s\n", expression, calculator.error.text);
        }
        pool_release(&calculator.pool, mark);
    }
    pool_close(&calculator.pool);
}

/* Mutated texts end in a value or in an error with a text, and what was taken prints as something
 * that is taken too. */
static void any_text_is_taken_or_refused(void)
{
    static const char *const seeds[] = {
        "2011-08-16T10:01:46.972101+02:00",
        "2011-W33-2T100146Z",
        "+2011-228T10",
        "2011Q347T1001-0230",
        "10:01:46.5+02:05:59",
        "P1Y2M3W4DT5H6M7.5S",
        "P2012-02-02T14:37:21.545",
        "2011-08-16T10[UTC]",
        "2011/08/16 10:01:46.5",
    };
    static const char letters[] = "0123456789-+:.TZWQPYMDHS[]/ ,\x01\xff";
    uint64_t state = 2;
    struct calculator calculator = {0};
    for (uint32_t round = 0; round < 60000; round++) {
        struct pool_mark mark = pool_mark(&calculator.pool);
        char text[64];
        size_t size = strlen(seeds[round % 9]);
        memcpy(text, seeds[round % 9], size);
        for (uint64_t change = next(&state) % 4; change > 0; change--) {
            size_t at = next(&state) % size;
            if (next(&state) % 3 == 0 && size > 1) {
                memmove(text + at, text + at + 1, --size - at);
            } else {
                text[at] = letters[next(&state) % (sizeof letters - 1)];
            }
        }
        const struct function *function = function_find(
            &temporal_functions,
            bytes_of(temporal_function_name((enum value_kind)(VALUE_DATE + next(&state) % 6))));
        struct call call = {.pool = &calculator.pool, .error = &calculator.error};
        struct value argument = value_text_of(bytes_view(text, size));
        struct value value;
        error_clear(&calculator.error);
        enum status status = function->call(&call, &argument, 1, &value);
        CU_ASSERT_EQUAL(status, calculator.error.status);
        if (status == STATUS_OK) {
            char printed[TEMPORAL_TEXT_BYTES];
            struct value again;
            argument = value_text_of(bytes_view(printed, temporal_text(value, printed)));
            CU_ASSERT_EQUAL(function->call(&call, &argument, 1, &again), STATUS_OK);
            CU_ASSERT_TRUE(again.kind == value.kind && temporal_equal(again, value));
        } else {
            CU_ASSERT_TRUE(calculator.error.text[0] != '\0');
        }
        pool_release(&calculator.pool, mark);
    }
    pool_close(&calculator.pool);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(a_day_is_written_in_many_forms),
        CASE(a_time_is_written_in_many_forms),
        CASE(a_duration_is_written_in_many_forms),
        CASE(what_is_wrong_is_said),
        CASE(wrong_forms_are_refused),
        CASE(what_is_printed_reads_back_equal),
        CASE(any_text_is_taken_or_refused),
        CU_TEST_INFO_NULL,
    };
    return suite_run("temporal_text", NULL, NULL, cases);
}
