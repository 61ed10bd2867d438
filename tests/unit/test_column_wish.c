/* floor: loader */
#include "loader/column_wish.h"

#include "tests/support/loading.h"
#include "tests/support/suite.h"

static void wishes_are_read(void)
{
    static const struct {
        const char *text;
        const char *name;
        const char *canonical;
        enum role role;
        enum type type;
        enum reading reading;
    } rows[] = {
        {"seen=time", "seen", "StartTime", ROLE_START_TIME, TYPE_TIME, READ_TIME_ANY},
        {"seen=time:time:ms", "seen", "StartTime", ROLE_START_TIME, TYPE_TIME, READ_MILLISECONDS},
        {" from = source ", "from", "SrcAddr", ROLE_SOURCE, TYPE_ADDRESS, READ_PLAIN},
        {"a=b=target", "a=b", "DstAddr", ROLE_TARGET, TYPE_ADDRESS, READ_PLAIN},
        {"took=Dur::us", "took", "Dur", ROLE_ATTRIBUTE, TYPE_FLOAT, READ_MICROSECONDS},
        {"n=TotBytes", "n", "TotBytes", ROLE_ATTRIBUTE, TYPE_INTEGER, READ_PLAIN},
        {"p=Proto:text:protocol", "p", "Proto", ROLE_ATTRIBUTE, TYPE_TEXT, READ_PROTOCOL},
        {"x=attribute", "x", "", ROLE_ATTRIBUTE, TYPE_NULL, READ_PLAIN},
        {"x=attribute:integer:hex", "x", "", ROLE_ATTRIBUTE, TYPE_INTEGER, READ_ANY_BASE},
        {"sp=Sport:integer:port", "sp", "Sport", ROLE_ATTRIBUTE, TYPE_INTEGER, READ_PORT},
        {"sp=Sport:text", "sp", "Sport", ROLE_ATTRIBUTE, TYPE_TEXT, READ_PLAIN},
        {"sp=Sport:float", "sp", "Sport", ROLE_ATTRIBUTE, TYPE_FLOAT, READ_PLAIN},
        {"te=LastTime:text", "te", "LastTime", ROLE_ATTRIBUTE, TYPE_TEXT, READ_PLAIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct column_wish wish;
        struct error error = {0};
        CU_ASSERT_EQUAL(column_wish_parse(&wish, bytes_of(rows[i].text), &error), STATUS_OK);
        CU_ASSERT_TRUE(bytes_equal(wish.name, bytes_of(rows[i].name)));
        CU_ASSERT_TRUE(bytes_equal(wish.canonical, bytes_of(rows[i].canonical)));
        CU_ASSERT_EQUAL(wish.role, rows[i].role);
        CU_ASSERT_EQUAL(wish.type, rows[i].type);
        CU_ASSERT_EQUAL(wish.reading, rows[i].reading);
    }
}

static void wrong_wishes_are_refused_with_a_reason(void)
{
    static const struct {
        const char *text;
        const char *reason;
    } rows[] = {
        {"", "has no '='"},
        {"seen", "has no '='"},
        {"=time", "names no column"},
        {"seen=when",
         "no such role (time, source, target, attribute, or a property as TotBytes): when"},
        {"seen=time:date", "no such type (integer, float, text, time): date"},
        {"seen=time:text", "another type than its role, not text"},
        {"n=TotBytes:text", "another type than its role, not text"},
        {"te=LastTime:integer", "another type than its role, not integer"},
        {"seen=time:time:fortnights", "a format that its type does not have: fortnights"},
        {"x=attribute:integer:ms", "a format that its type does not have: ms"},
        {"x=attribute:address", "only source and target can be"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct column_wish wish;
        struct error error = {0};
        CU_ASSERT_EQUAL(column_wish_parse(&wish, bytes_of(rows[i].text), &error), STATUS_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].reason));
    }
}

static void schema_file_adds_to_the_command_line_for_other_names(void)
{
    static const char good[] =
        "# what columns mean\n\nseen = time\r\ny=target\nx=attribute:text\nx=TotBytes\n";
    static const char bad[] = "seen=time\nx\n";
    static const char *const texts[] = {"y=source"};
    struct column_wishes wishes;
    struct error error = {0};
    char path[256];
    test_path(path, sizeof path, "schema");
    write_file(path, good, sizeof good - 1);
    CU_ASSERT_EQUAL(column_wishes_open(&wishes, texts, 1, path, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(wishes.count, 4);
    CU_ASSERT_TRUE(bytes_equal(wishes.wishes[1].name, bytes_of("seen")));
    column_wishes_close(&wishes);
    write_file(path, bad, sizeof bad - 1);
    CU_ASSERT_EQUAL(column_wishes_open(&wishes, NULL, 0, path, &error), STATUS_USAGE);
    CU_ASSERT_EQUAL(error.line, 2);
    column_wishes_close(&wishes);
    unlink(path);
}

static void formats_are_told_as_they_are_read(void)
{
    static const char *const rows[] = {"x=time:time:ms", "x=attribute:integer:port",
                                       "x=Proto:text:protocol", "x=attribute:float",
                                       "x=attribute:time"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct column_wish wish;
        struct error error = {0};
        CU_ASSERT_EQUAL(column_wish_parse(&wish, bytes_of(rows[i]), &error), STATUS_OK);
        const char *last = strrchr(rows[i], ':') + 1;
        const char *format = column_wish_format(wish.type, wish.reading);
        CU_ASSERT_PTR_NOT_NULL_FATAL(format);
        CU_ASSERT_TRUE(format[0] == '\0' ? strcmp(last, type_name(wish.type)) == 0
                                         : strcmp(last, format) == 0);
    }
    CU_ASSERT_PTR_NULL(column_wish_format(TYPE_TEXT, READ_ANY_BASE));
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(wishes_are_read),
        CASE(wrong_wishes_are_refused_with_a_reason),
        CASE(schema_file_adds_to_the_command_line_for_other_names),
        CASE(formats_are_told_as_they_are_read),
        CU_TEST_INFO_NULL,
    };
    return suite_run("column_wish", NULL, NULL, cases);
}
