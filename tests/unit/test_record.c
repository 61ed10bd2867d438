/* floor: loader */
#include "loader/record.h"

#include "tests/support/suite.h"

enum { FIELDS_MAX = 8 };

/* Fields joined by bars, or "bad". */
static void split_to_text(const char *line, char *joined)
{
    char text[256];
    uint32_t ends[FIELDS_MAX + 1];
    struct bytes bytes = bytes_of(line);
    uint32_t count = record_split(bytes, ',', text, ends, FIELDS_MAX);
    if (count == RECORD_BAD_QUOTE) {
        memcpy(joined, "bad", 4);
        return;
    }
    for (uint32_t i = 0; i < count && i < FIELDS_MAX; i++) {
        struct bytes field = record_field(text, ends, i);
        memcpy(joined, field.data, field.size);
        joined += field.size;
        *joined++ = i + 1 < count ? '|' : '\0';
    }
}

static void lines_are_cut_as_rfc_4180_says(void)
{
    static const struct {
        const char *line;
        const char *fields;
    } rows[] = {
        {"", ""},
        {"a", "a"},
        {"a,b", "a|b"},
        {"a,", "a|"},
        {",", "|"},
        {",,", "||"},
        {"\"a\"", "a"},
        {"\"a,b\",c", "a,b|c"},
        {"\"\",x", "|x"},
        {"\"\"\"\"", "\""},
        {"\"say \"\"no\"\"\",x", "say \"no\"|x"},
        {"x,\"a\"\"\"", "x|a\""},
        {"a\"b,c", "a\"b|c"},
        {" \"a\",c", " \"a\"|c"},
        {"\"a", "bad"},
        {"\"a\"\"", "bad"},
        {"\"", "bad"},
        {"\"a\"b,c", "bad"},
        {"\"a\" ,c", "bad"},
        {"c,\"a,b", "bad"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char joined[256];
        split_to_text(rows[i].line, joined);
        CU_ASSERT_STRING_EQUAL(joined, rows[i].fields);
    }
}

static void fields_over_the_limit_are_counted(void)
{
    char text[64];
    uint32_t ends[3];
    struct bytes line = bytes_of("a,b,c,\"d\",e");
    CU_ASSERT_EQUAL(record_split(line, ',', text, ends, 2), 5);
    CU_ASSERT_TRUE(bytes_equal(record_field(text, ends, 1), bytes_of("b")));
}

static void offsets_of_fields_look_through_quotes(void)
{
    static const struct {
        const char *line;
        uint32_t field;
        uint64_t offset;
    } rows[] = {
        {"ab,c", 0, 0},          {"ab,c", 1, 3},       {"ab,c", 2, 4},        {"\"a,b\",c", 1, 6},
        {"\"a\"\",b\",c", 1, 8}, {"a,,b", 2, 3},       {"a,\"x,y\",b", 2, 8}, {"\"a,b", 1, 4},
        {"\"\",b", 1, 3},        {"\"\"\"\",b", 1, 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(record_field_offset(bytes_of(rows[i].line), ',', rows[i].field),
                        rows[i].offset);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(lines_are_cut_as_rfc_4180_says),
        CASE(fields_over_the_limit_are_counted),
        CASE(offsets_of_fields_look_through_quotes),
        CU_TEST_INFO_NULL,
    };
    return suite_run("record", NULL, NULL, cases);
}
