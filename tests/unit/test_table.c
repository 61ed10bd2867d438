/* floor: report */
#include "report/table.h"

#include "base/memory.h"
#include "tests/support/rows.h"
#include "tests/support/suite.h"

static const char *const names[] = {"A", "bytes"};
static const enum type types[] = {TYPE_TEXT, TYPE_INTEGER};

/* Writes `row_count` rows, the widths taken from the first `measured_count`. */
static void put_table(struct buffer *buffer, struct rows *rows, uint32_t measured_count,
                      uint32_t row_count, uint64_t hidden_count)
{
    struct table table;
    CU_ASSERT_EQUAL_FATAL(table_open(&table, &rows->sheet, NULL), STATUS_OK);
    table_measure(&table, &rows->sheet, measured_count);
    table_put_head(&table, buffer, &rows->sheet);
    table_put_rows(&table, buffer, &rows->sheet, row_count);
    table_put_tail(&table, buffer, &rows->sheet, hidden_count);
    table_close(&table);
}

static void columns_are_aligned_and_numbers_stand_right(void)
{
    struct rows rows;
    rows_open(&rows, names, types, 2);
    rows_set_text(&rows, 0, 0, bytes_of("h\xc3\xa9llo"));
    rows_set(&rows, 0, 1, (union lane){.integer = 7});
    rows_set(&rows, 1, 1, (union lane){.integer = 1234567});
    struct buffer buffer = {0};
    put_table(&buffer, &rows, 2, 2, 0);
    CU_ASSERT_TRUE(buffer_is(&buffer, "┌───────┬─────────┐\n"
                                      "│ A     │   bytes │\n"
                                      "├───────┼─────────┤\n"
                                      "│ h\xc3\xa9llo │       7 │\n"
                                      "│       │ 1234567 │\n"
                                      "└───────┴─────────┘\n"));
    rows_close(&rows);
}

static void hidden_rows_are_told(void)
{
    static const struct {
        uint64_t count;
        const char *line;
    } cases[] = {{1, "... (1 more row)\n"},
                 {999, "... (999 more rows)\n"},
                 {1101, "... (1,101 more rows)\n"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rows rows;
        rows_open(&rows, names, types, 2);
        struct buffer buffer = {0};
        put_table(&buffer, &rows, 0, 0, cases[i].count);
        size_t size = strlen(cases[i].line);
        CU_ASSERT_TRUE_FATAL(buffer.size > size);
        CU_ASSERT_TRUE(bytes_equal(bytes_view(buffer.data + buffer.size - size, size),
                                   bytes_of(cases[i].line)));
        buffer_close(&buffer);
        rows_close(&rows);
    }
}

static void later_wider_values_are_not_cut(void)
{
    struct rows rows;
    rows_open(&rows, names, types, 2);
    rows_set_text(&rows, 1, 0, bytes_of("a long text"));
    struct buffer buffer = {0};
    put_table(&buffer, &rows, 1, 2, 0);
    buffer_put_byte(&buffer, '\0');
    CU_ASSERT_PTR_NOT_NULL(strstr(buffer.data, "│ a long text │       │\n"));
    buffer_close(&buffer);
    rows_close(&rows);
}

static void a_terminals_table_is_cut_to_its_width_but_for_numbers(void)
{
    struct rows rows;
    rows_open(&rows, names, types, 2);
    rows_set_text(&rows, 0, 0, bytes_of("h\xc3\xa9llo of more than seventeen"));
    rows_set(&rows, 0, 1, (union lane){.integer = 12345678901234567});
    struct table table;
    struct buffer buffer = {0};
    CU_ASSERT_EQUAL_FATAL(table_open(&table, &rows.sheet, NULL), STATUS_OK);
    table_measure(&table, &rows.sheet, 1);
    table_fit(&table, &rows.sheet, 20);
    table_put_head(&table, &buffer, &rows.sheet);
    table_put_rows(&table, &buffer, &rows.sheet, 1);
    table_put_tail(&table, &buffer, &rows.sheet, 0);
    CU_ASSERT_TRUE(buffer_is(&buffer, "┌───────────────────┬───────────────────┐\n"
                                      "│ A                 │             bytes │\n"
                                      "├───────────────────┼───────────────────┤\n"
                                      "│ h\xc3\xa9llo of more th… │ 12345678901234567 │\n"
                                      "└───────────────────┴───────────────────┘\n"
                                      "... (values are cut to the terminal's width; the formats "
                                      "csv, json and jsonl have them whole)\n"));
    table_close(&table);
    rows_close(&rows);
}

static void control_characters_cannot_steer_a_terminal(void)
{
    static const char *const cases[][2] = {{"\x1b[31mred", "│ \\x1b[31mred │"},
                                           {"a\nb\x7f", "│ a\\x0ab\\x7f │"},
                                           {"\xff\xc2\x9b", "│ \\xff\\xc2\\x9b │"},
                                           {"\xe2\x94\x82\x01", "│ \xe2\x94\x82\\x01 │"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rows rows;
        rows_open(&rows, names, types, 2);
        rows_set_text(&rows, 0, 0, bytes_of(cases[i][0]));
        struct buffer buffer = {0};
        put_table(&buffer, &rows, 1, 1, 0);
        buffer_put_byte(&buffer, '\0');
        CU_ASSERT_PTR_NOT_NULL(strstr(buffer.data, cases[i][1]));
        buffer_close(&buffer);
        rows_close(&rows);
    }
}

static void memory_that_runs_out_is_seen_in_the_buffer(void)
{
    struct rows rows;
    rows_open(&rows, names, types, 2);
    rows_set_text(&rows, 0, 0, bytes_of("\x1b"));
    for (uint64_t after = 1;; after++) {
        struct table table;
        struct buffer buffer = {0};
        memory_fault_set(after);
        bool is_failed = table_open(&table, &rows.sheet, NULL) != STATUS_OK;
        if (!is_failed) {
            table_measure(&table, &rows.sheet, 1);
            table_put_head(&table, &buffer, &rows.sheet);
            table_put_rows(&table, &buffer, &rows.sheet, 1);
            is_failed = buffer.is_failed;
        }
        bool is_due = memory_fault_count() >= after;
        memory_fault_set(0);
        CU_ASSERT_EQUAL(is_failed, is_due);
        table_close(&table);
        buffer_close(&buffer);
        if (!is_due) {
            break;
        }
    }
    rows_close(&rows);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(columns_are_aligned_and_numbers_stand_right),
        CASE(hidden_rows_are_told),
        CASE(later_wider_values_are_not_cut),
        CASE(a_terminals_table_is_cut_to_its_width_but_for_numbers),
        CASE(control_characters_cannot_steer_a_terminal),
        CASE(memory_that_runs_out_is_seen_in_the_buffer),
        CU_TEST_INFO_NULL,
    };
    return suite_run("table", NULL, NULL, cases);
}
