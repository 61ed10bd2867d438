/* floor: report */
#include "report/csv.h"

#include "tests/support/rows.h"
#include "tests/support/suite.h"

static void only_fields_that_need_quotes_have_them(void)
{
    static const char *const rows[][2] = {
        {"tcp", "tcp"},
        {"flow=Background", "flow=Background"},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"carriage\r", "\"carriage\r\""},
        {" padded", "\" padded\""},
        {"padded ", "\"padded \""},
        {"in the middle", "in the middle"},
        {"", "\"\""},
        {"\xff\x01", "\xff\x01"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer buffer = {0};
        csv_put_text(&buffer, bytes_of(rows[i][0]));
        CU_ASSERT_TRUE(buffer_is(&buffer, rows[i][1]));
    }
}

static void rows_have_a_header_and_empty_nulls(void)
{
    static const char *const names[] = {"A", "e.Dur, s", "n", "t"};
    static const enum type types[] = {TYPE_TEXT, TYPE_FLOAT, TYPE_INTEGER, TYPE_TIME};
    struct rows rows;
    rows_open(&rows, names, types, 4);
    rows_set_text(&rows, 0, 0, bytes_of("x,y"));
    rows_set(&rows, 0, 1, (union lane){.real = 0.5});
    rows_set(&rows, 0, 2, (union lane){.integer = -3});
    rows_set(&rows, 0, 3, (union lane){.integer = 0});
    rows_set_text(&rows, 2, 0, bytes_of(""));
    struct buffer buffer = {0};
    csv_put_head(&buffer, &rows.sheet);
    csv_put_rows(&buffer, &rows.sheet, 3);
    CU_ASSERT_TRUE(buffer_is(&buffer, "A,\"e.Dur, s\",n,t\n"
                                      "\"x,y\",0.5,-3,1970-01-01T00:00:00Z\n"
                                      ",,,\n"
                                      "\"\",,,\n"));
    rows_close(&rows);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(only_fields_that_need_quotes_have_them),
        CASE(rows_have_a_header_and_empty_nulls),
        CU_TEST_INFO_NULL,
    };
    return suite_run("csv", NULL, NULL, cases);
}
