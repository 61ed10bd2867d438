/* floor: report */
#include "report/json.h"

#include <math.h>

#include "report/jsonl.h"
#include "tests/support/rows.h"
#include "tests/support/suite.h"

static void strings_are_escaped_and_valid_utf8(void)
{
    static const struct {
        struct bytes text;
        const char *json;
    } rows[] = {
        {{"tcp", 3}, "\"tcp\""},
        {{"", 0}, "\"\""},
        {{"a\"b\\c/", 6}, "\"a\\\"b\\\\c/\""},
        {{"\n\r\t\x01\x1f\x7f", 6}, "\"\\n\\r\\t\\u0001\\u001f\\u007f\""},
        {{"nul\0nul", 7}, "\"nul\\u0000nul\""},
        {{"\xc3\xa9\xe2\x94\x82", 5}, "\"\xc3\xa9\xe2\x94\x82\""},
        {{"\xff", 1}, "\"\xef\xbf\xbd\""},
        {{"a\xc3(b", 4}, "\"a\xef\xbf\xbd(b\""},
        {{"cut\xe2\x94", 5}, "\"cut\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer buffer = {0};
        json_put_text(&buffer, rows[i].text);
        CU_ASSERT_TRUE(buffer_is(&buffer, rows[i].json));
    }
}

static void open_rows(struct rows *rows)
{
    static const char *const names[] = {"b", "a \"q\"", "when", "for", "ok"};
    static const enum type types[] = {TYPE_FLOAT, TYPE_TEXT, TYPE_TIME, TYPE_DURATION, TYPE_BOOL};
    rows_open(rows, names, types, 5);
    rows->sheet.is_json = true;
    rows_set(rows, 0, 0, (union lane){.real = 2});
    rows_set_text(rows, 0, 1, bytes_of("x"));
    rows_set(rows, 0, 2, (union lane){.integer = 0});
    rows_set(rows, 0, 3, (union lane){.integer = 1500000000});
    rows_set(rows, 0, 4, (union lane){.integer = 1});
}

#define ROW_0                                                                                \
    "{\"b\":2.0,\"a \\\"q\\\"\":\"x\",\"when\":\"1970-01-01T00:00:00Z\",\"for\":\"PT1.5S\"," \
    "\"ok\":true}"
#define ROW_1 "{\"b\":null,\"a \\\"q\\\"\":null,\"when\":null,\"for\":null,\"ok\":null}"

static void keys_stand_in_the_order_of_columns(void)
{
    struct rows rows;
    open_rows(&rows);
    struct buffer buffer = {0};
    jsonl_put_rows(&buffer, &rows.sheet, 2);
    CU_ASSERT_TRUE(buffer_is(&buffer, ROW_0 "\n" ROW_1 "\n"));
    rows_close(&rows);
}

static void array_has_commas_between_blocks_only(void)
{
    struct rows rows;
    open_rows(&rows);
    struct buffer buffer = {0};
    json_put_head(&buffer);
    json_put_rows(&buffer, &rows.sheet, 2, true);
    json_put_rows(&buffer, &rows.sheet, 1, false);
    json_put_tail(&buffer, false);
    CU_ASSERT_TRUE(buffer_is(&buffer, "[\n" ROW_0 ",\n" ROW_1 ",\n" ROW_0 "\n]\n"));
    json_put_head(&buffer);
    json_put_tail(&buffer, true);
    CU_ASSERT_TRUE(buffer_is(&buffer, "[]\n"));
    rows_close(&rows);
}

static void floats_that_are_not_finite_are_null(void)
{
    static const double values[] = {INFINITY, -INFINITY, NAN};
    static const char *const names[] = {"f"};
    static const enum type types[] = {TYPE_FLOAT};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct rows rows;
        struct buffer buffer = {0};
        rows_open(&rows, names, types, 1);
        rows.sheet.is_json = true;
        rows_set(&rows, 0, 0, (union lane){.real = values[i]});
        json_put_row(&buffer, &rows.sheet, 0);
        CU_ASSERT_TRUE(buffer_is(&buffer, "{\"f\":null}"));
        rows_close(&rows);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(strings_are_escaped_and_valid_utf8),
        CASE(keys_stand_in_the_order_of_columns),
        CASE(array_has_commas_between_blocks_only),
        CASE(floats_that_are_not_finite_are_null),
        CU_TEST_INFO_NULL,
    };
    return suite_run("json", NULL, NULL, cases);
}
