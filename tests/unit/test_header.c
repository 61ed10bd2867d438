/* floor: loader */
#include "loader/header.h"

#include <stdio.h>

#include "tests/support/suite.h"

static const char ctu13[] = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,"
                            "TotPkts,TotBytes,SrcBytes,Label";

static void names_of_ctu13_have_roles_and_types(void)
{
    static const struct {
        enum role role;
        enum type type;
        bool is_strict;
        bool has_hexadecimal;
    } expected[] = {
        {ROLE_START_TIME, TYPE_TIME, true, false},   {ROLE_ATTRIBUTE, TYPE_FLOAT, true, false},
        {ROLE_ATTRIBUTE, TYPE_TEXT, false, false},   {ROLE_SOURCE, TYPE_ADDRESS, true, false},
        {ROLE_ATTRIBUTE, TYPE_INTEGER, false, true}, {ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
        {ROLE_TARGET, TYPE_ADDRESS, true, false},    {ROLE_ATTRIBUTE, TYPE_INTEGER, false, true},
        {ROLE_ATTRIBUTE, TYPE_TEXT, false, false},   {ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
        {ROLE_ATTRIBUTE, TYPE_INTEGER, true, false}, {ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
        {ROLE_ATTRIBUTE, TYPE_INTEGER, true, false}, {ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
        {ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
    };
    struct header header;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(header_open(&header, "f", bytes_of(ctu13), NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL(header.column_count, 15);
    CU_ASSERT_EQUAL(header.form.separator, ',');
    for (uint32_t i = 0; i < header.column_count; i++) {
        CU_ASSERT_EQUAL(header.columns[i].role, expected[i].role);
        CU_ASSERT_EQUAL(header.columns[i].type, expected[i].type);
        CU_ASSERT_EQUAL(header.columns[i].is_strict, expected[i].is_strict);
        CU_ASSERT_EQUAL(header.columns[i].reading == READ_ANY_BASE, expected[i].has_hexadecimal);
        CU_ASSERT_TRUE(header.columns[i].is_known);
    }
    header_close(&header);
}

static void names_are_trimmed_unquoted_and_made_up_when_empty(void)
{
    struct header header;
    struct error error = {0};
    struct bytes line = bytes_of(" StartTime\tSrcAddr \tDstAddr\t\t\"x \"\"y\"\"\"\tmine\t");
    static const char *const names[] = {"StartTime", "SrcAddr", "DstAddr", "column_4",
                                        "x \"y\"",   "mine",    "column_7"};
    CU_ASSERT_EQUAL_FATAL(header_open(&header, "f", line, NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL(header.form.separator, '\t');
    CU_ASSERT_EQUAL_FATAL(header.column_count, 7);
    for (uint32_t i = 0; i < 7; i++) {
        CU_ASSERT_STRING_EQUAL(header.columns[i].name.data, names[i]);
        CU_ASSERT_EQUAL(header.columns[i].name.size, strlen(names[i]));
    }
    CU_ASSERT_FALSE(header.columns[5].is_known);
    CU_ASSERT_EQUAL(header.columns[5].type, TYPE_INTEGER);
    header_close(&header);
}

static void types_of_zeek_say_what_is_text(void)
{
    static const char text[] =
        "#separator \\x09\n#fields\tts\tid.orig_h\tid.resp_h\tcode\tn\tkind\n"
        "#types\ttime\taddr\taddr\tstring\tcount\tenum\n";
    struct header header;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(header_open(&header, "f", bytes_of(text), NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(header.column_count, 6);
    CU_ASSERT_EQUAL(header.columns[3].type, TYPE_TEXT);
    CU_ASSERT_EQUAL(header.columns[4].type, TYPE_INTEGER);
    CU_ASSERT_EQUAL(header.columns[5].type, TYPE_TEXT);
    header_close(&header);
}

static void wrong_headers_are_refused_with_a_reason(void)
{
    static const struct {
        const char *line;
        const char *reason;
        uint64_t column;
    } rows[] = {
        {"", "the first line is blank", 0},
        {"hello world", "lacks StartTime, SrcAddr, DstAddr; a header looks like StartTime,", 0},
        {"StartTime,SrcAddr", "lacks DstAddr;", 0},
        {"SrcAddr,DstAddr,Dur", "lacks StartTime;", 0},
        {"starttime,SRCADDR,DSTADDR",
         "lacks StartTime, SrcAddr, DstAddr; did you mean --column 'starttime=time' --column "
         "'SRCADDR=source' --column 'DSTADDR=target'?",
         0},
        {"starttime,srcaddr,dstaddr", "lacks StartTime; did you mean --column 'starttime=time'?",
         0},
        {"StartTime,SrcAddr,DestAddr,Dur",
         "lacks DstAddr; did you mean --column "
         "'DestAddr=target'?",
         0},
        {"ts,id.orig_h,id.resp_i", "lacks DstAddr; did you mean --column 'id.resp_i=target'", 0},
        {"2011/08/16 10:01:46.972101,3599.9,tcp,1.2.3.4,1,->,5.6.7.8", "no header: ", 0},
        {"alpha,1.2.3.4,beta", "no header: ", 0},
        {"alpha,17,beta", "no header: ", 0},
        {"StartTime,SrcAddr,17", "lacks DstAddr;", 0},
        {"StartTime,SrcAddr,DstAddr,Dur,Dur", "'Dur' stands twice", 31},
        {"StartTime,SrcAddr,DstAddr,x, x", "'x' stands twice", 29},
        {"StartTime,SrcAddr,DstAddr,\"x", "a quote in the header", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct header header;
        struct error error = {0};
        CU_ASSERT_EQUAL(header_open(&header, "flows.csv", bytes_of(rows[i].line), NULL, &error),
                        STATUS_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].reason));
        CU_ASSERT_STRING_EQUAL(error.file, "flows.csv");
        CU_ASSERT_EQUAL(error.line, 1);
        CU_ASSERT_EQUAL(error.column, rows[i].column);
        CU_ASSERT_STRING_EQUAL(error.excerpt, rows[i].line);
        CU_ASSERT_PTR_NULL(header.columns);
    }
}

static void nul_bytes_in_a_header_are_refused(void)
{
    static const char line[] = "S\0t\0a\0r\0t\0";
    struct header header;
    struct error error = {0};
    CU_ASSERT_EQUAL(header_open(&header, "f", bytes_view(line, sizeof line - 1), NULL, &error),
                    STATUS_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "NUL"));
}

static void columns_are_limited(void)
{
    static char line[16 * SCHEMA_PROPERTIES_MAX];
    for (uint32_t extra = 0; extra < 2; extra++) {
        size_t size = (size_t)snprintf(line, sizeof line, "StartTime,SrcAddr,DstAddr");
        for (uint32_t i = 3; i < SCHEMA_PROPERTIES_MAX + extra; i++) {
            size += (size_t)snprintf(line + size, sizeof line - size, ",c%u", i);
        }
        struct header header;
        struct error error = {0};
        enum status status = header_open(&header, "f", bytes_view(line, size), NULL, &error);
        CU_ASSERT_EQUAL(status, extra == 0 ? STATUS_OK : STATUS_INPUT);
        header_close(&header);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(names_of_ctu13_have_roles_and_types),
        CASE(names_are_trimmed_unquoted_and_made_up_when_empty),
        CASE(types_of_zeek_say_what_is_text),
        CASE(wrong_headers_are_refused_with_a_reason),
        CASE(nul_bytes_in_a_header_are_refused),
        CASE(columns_are_limited),
        CU_TEST_INFO_NULL,
    };
    return suite_run("header", NULL, NULL, cases);
}
