/* floor: loader */
#include "loader/sample.h"

#define SAMPLED_FILE "sample.csv"
#include "tests/support/sampled.h"
#include "tests/support/suite.h"

#define T "2011/08/16 10:01:46.5"

/* `count` rows of which the last `odd_count` have other values. */
static void fill(struct text_buffer *text, const char *usual, const char *odd, uint32_t count,
                 uint32_t odd_count)
{
    *text = (struct text_buffer){0};
    text_add(text, "StartTime,SrcAddr,DstAddr,own\n");
    for (uint32_t i = 0; i < count; i++) {
        text_add(text, i < count - odd_count ? usual : odd);
    }
}

static void types_hold_the_values_of_rows_from_all_over_the_file(void)
{
    static const struct {
        const char *odd;
        enum type type;
        uint32_t note_count;
    } rows[] = {
        {T ",a,b,7\n", TYPE_INTEGER, 0},
        {T ",a,b,\n", TYPE_INTEGER, 0},
        {T ",a,b,7.5\n", TYPE_FLOAT, 0},
        {T ",a,b,x\n", TYPE_TEXT, 1},
        {T ",a,b,07\n", TYPE_TEXT, 1},
        {"no time,a,b,x\n", TYPE_INTEGER, 0}, /* will be rejected */
        {T ",,b,x\n", TYPE_INTEGER, 0},
        {T ",a,b,x,more\n", TYPE_INTEGER, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text_buffer text;
        fill(&text, T ",a,b,1\n", rows[i].odd, 5000, 1000);
        open_layout(&text);
        uint32_t own = layout_find(&layout, bytes_of("own"));
        CU_ASSERT_EQUAL(layout.columns[own].type, rows[i].type);
        CU_ASSERT_EQUAL(report.note_count, rows[i].note_count);
        close_layout();
        memory_free(text.data);
    }
}

static void note_tells_the_line_of_the_first_sampled_value(void)
{
    struct text_buffer text;
    char expected[300];
    fill(&text, T ",a,b,1\n", T ",a,b,x\n", 4, 2);
    open_layout(&text);
    snprintf(expected, sizeof expected, "column own is text, not integer: %s:4 has 'x'", path);
    CU_ASSERT_EQUAL_FATAL(report.note_count, 1);
    CU_ASSERT_STRING_EQUAL(report.notes[0], expected);
    close_layout();
    memory_free(text.data);
}

static void times_take_the_form_of_most_rows(void)
{
    static const struct {
        const char *usual;
        const char *odd;
        enum reading reading;
        uint32_t note_count;
    } rows[] = {
        {"1313488906.5,a,b,1\n", "1313488907,a,b,1\n", READ_SECONDS, 0},
        {"1313488906500,a,b,1\n", "1313488906501,a,b,1\n", READ_MILLISECONDS, 0},
        {"0,a,b,1\n", "1313488906500,a,b,1\n", READ_MILLISECONDS, 0},
        {"0,a,b,1\n", "0,a,b,1\n", READ_SECONDS, 0},
        {"10:01:46.5,a,b,1\n", "10:01:47,a,b,1\n", READ_TIME_OF_DAY, 1},
        {T ",a,b,1\n", "1313488906.5,a,b,1\n", READ_PLAIN, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text_buffer text;
        fill(&text, rows[i].usual, rows[i].odd, 3000, 1000);
        open_layout(&text);
        CU_ASSERT_EQUAL(layout.files[0].header.columns[0].reading, rows[i].reading);
        CU_ASSERT_EQUAL(report.note_count, rows[i].note_count);
        close_layout();
        memory_free(text.data);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(types_hold_the_values_of_rows_from_all_over_the_file),
        CASE(note_tells_the_line_of_the_first_sampled_value),
        CASE(times_take_the_form_of_most_rows),
        CU_TEST_INFO_NULL,
    };
    return suite_run("sample", open_rig, close_rig, cases);
}
