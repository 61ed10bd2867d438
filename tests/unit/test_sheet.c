/* floor: report */
#include "report/sheet.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "tests/support/rows.h"
#include "tests/support/suite.h"

static void check_text(enum type type, union lane value, const char *expected)
{
    struct sheet sheet;
    CU_ASSERT_EQUAL_FATAL(sheet_open(&sheet, NULL, 0, NULL), STATUS_OK);
    struct bytes text = sheet_text(&sheet, type, value);
    CU_ASSERT_TRUE(bytes_equal(text, bytes_of(expected)));
    CU_ASSERT_EQUAL(text.data[text.size], '\0');
    sheet_close(&sheet);
}

static void numbers_print_as_they_are_written(void)
{
    static const struct {
        enum type type;
        union lane value;
        const char *text;
    } rows[] = {
        {TYPE_BOOL, {.integer = 1}, "true"},
        {TYPE_BOOL, {.integer = 0}, "false"},
        {TYPE_INTEGER, {.integer = INT64_MIN}, "-9223372036854775808"},
        {TYPE_INTEGER, {.integer = 771}, "771"},
        {TYPE_FLOAT, {.real = 0.1}, "0.1"},
        {TYPE_FLOAT, {.real = 3600}, "3600.0"},
        {TYPE_NULL, {.integer = 5}, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_text(rows[i].type, rows[i].value, rows[i].text);
    }
}

static void times_and_durations_are_iso_8601(void)
{
    check_text(TYPE_TIME, (union lane){.integer = INT64_C(1313488906972101000)},
               "2011-08-16T10:01:46.972101Z");
    check_text(TYPE_DURATION, (union lane){.integer = INT64_C(3723500000000)}, "PT1H2M3.5S");
}

static void addresses_print_in_canonical_form(void)
{
    static const char *const rows[][2] = {
        {"147.32.84.165", "147.32.84.165"},
        {"2001:718:2:1612:0:1:0:310", "2001:718:2:1612:0:1:0:310"},
        {"FF02:0:0:0:0:1:FF1B:D243", "ff02::1:ff1b:d243"},
        {"00:15:17:2C:E5:2D", "00:15:17:2c:e5:2d"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct address address;
        CU_ASSERT_TRUE_FATAL(address_parse(bytes_of(rows[i][0]), &address));
        check_text(TYPE_ADDRESS, (union lane){.address = &address}, rows[i][1]);
    }
}

static void null_is_told_by_lane_or_type(void)
{
    union lane values[2] = {{.integer = 0}, {.integer = 0}};
    uint8_t nulls[2] = {0, 1};
    struct lanes some = {TYPE_INTEGER, values, nulls};
    struct lanes none = {TYPE_INTEGER, values, NULL};
    struct lanes all = {TYPE_NULL, values, NULL};
    const struct lanes columns[] = {some, none, all};
    struct sheet sheet;
    CU_ASSERT_EQUAL_FATAL(sheet_open(&sheet, NULL, 3, NULL), STATUS_OK);
    sheet.columns = columns;
    CU_ASSERT_EQUAL(sheet_cell(&sheet, 0, 0).kind, CELL_NUMBER);
    CU_ASSERT_EQUAL(sheet_cell(&sheet, 0, 1).kind, CELL_NULL);
    CU_ASSERT_EQUAL(sheet_cell(&sheet, 1, 1).kind, CELL_NUMBER);
    CU_ASSERT_EQUAL(sheet_cell(&sheet, 2, 0).kind, CELL_NULL);
    sheet_close(&sheet);
}

static void sheet_without_memory_is_an_error(void)
{
    for (uint64_t after = 1; after <= 3; after++) {
        struct sheet sheet;
        struct error error = {0};
        memory_fault_set(after);
        CU_ASSERT_EQUAL(sheet_open(&sheet, NULL, 2, &error), STATUS_FAILED);
        memory_fault_set(0);
        CU_ASSERT_PTR_NULL(sheet.names);
    }
}

static void utf8_length_refuses_what_is_not_valid(void)
{
    static const struct {
        const char *text;
        uint32_t length;
    } rows[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\xc3\xa9", 2},
        {"\xe2\x94\x82", 3},
        {"\x80", 0},
        {"\xf0\x9f\x98\x80", 4},
        {"\xc0\xaf", 0},
        {"\xe0\x80\x80", 0},
        {"\xc3", 0},
        {"\xed\xa0\x80", 0},
        {"\xf4\x90\x80\x80", 0},
        {"\xe2\x94", 0},
        {"\xf0\x9f\x98", 0},
        {"\xff", 0},
        {"\xf0\x80\x80\x80", 0},
        {"\xe2\x28\xa1", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(utf8_length(bytes_of(rows[i].text)), rows[i].length);
    }
    CU_ASSERT_EQUAL(utf8_width(bytes_of("a\xc3\xa9\xe2\x94\x82")), 3);
}

static void buffer_remembers_that_memory_ran_out(void)
{
    struct buffer buffer = {0};
    memory_fault_set(1);
    buffer_put_text(&buffer, "lost");
    memory_fault_set(0);
    CU_ASSERT_TRUE(buffer.is_failed);
    buffer_put_text(&buffer, "lost as well");
    CU_ASSERT_EQUAL(buffer.size, 0);
    buffer_close(&buffer);
}

static void buffer_grows_and_keeps_what_it_has(void)
{
    struct buffer buffer = {0};
    buffer_put_repeated(&buffer, "abc", 10000);
    CU_ASSERT_FALSE(buffer.is_failed);
    CU_ASSERT_EQUAL_FATAL(buffer.size, 30000);
    for (uint64_t i = 0; i < buffer.size; i++) {
        CU_ASSERT_EQUAL_FATAL(buffer.data[i], "abc"[i % 3]);
    }
    buffer_close(&buffer);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(numbers_print_as_they_are_written),
        CASE(times_and_durations_are_iso_8601),
        CASE(addresses_print_in_canonical_form),
        CASE(null_is_told_by_lane_or_type),
        CASE(sheet_without_memory_is_an_error),
        CASE(utf8_length_refuses_what_is_not_valid),
        CASE(buffer_remembers_that_memory_ran_out),
        CASE(buffer_grows_and_keeps_what_it_has),
        CU_TEST_INFO_NULL,
    };
    return suite_run("value", NULL, NULL, cases);
}
