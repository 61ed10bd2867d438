/* floor: loader */
#include "loader/describe.h"

#define SAMPLED_FILE "describe.csv"
#include "tests/support/sampled.h"
#include "tests/support/suite.h"

#define T "2011/08/16 10:01:46.5"
#define HEAD "# NAME=ROLE[:TYPE[:FORMAT]] for each column; see gyre(1), --schema\n"

static void columns_are_described_as_a_schema_file_has_them(void)
{
    static const struct {
        const char *input;
        const char *expected;
    } rows[] = {
        {"StartTime,Dur,SrcAddr,Sport,DstAddr,own\n" T ",1,a,80,b,x\n",
         HEAD "StartTime=time:time:text\nDur=Dur:float\nSrcAddr=source\nSport=Sport:integer:hex\n"
              "DstAddr=target\nown=attribute:text\n"},
        {"StartTime,SrcAddr,DstAddr,own\n1313488906500,a,b,7\n",
         HEAD "StartTime=time:time:ms\nSrcAddr=source\nDstAddr=target\nown=attribute:integer\n"},
        {"StartTime,SrcAddr,DstAddr,#own\n" T ",a,b,1\n",
         HEAD "StartTime=time:time:text\nSrcAddr=source\nDstAddr=target\n"
              "# a column's name begins with # or holds a line end: no line for it\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text_buffer input = {0};
        struct schema schema = {0};
        struct error error = {0};
        char *text = NULL;
        text_add(&input, rows[i].input);
        open_layout(&input);
        CU_ASSERT_EQUAL_FATAL(layout_schema(&layout, &schema, &error), STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(describe_columns(&text, &layout, &schema, &error), STATUS_OK);
        CU_ASSERT_STRING_EQUAL(text, rows[i].expected);
        memory_free(text);
        schema_close(&schema);
        close_layout();
        memory_free(input.data);
    }
}

static void failing_allocation_leaves_no_text(void)
{
    struct text_buffer input = {0};
    struct schema schema = {0};
    struct error error = {0};
    text_add(&input, "StartTime,SrcAddr,DstAddr\n" T ",a,b\n");
    open_layout(&input);
    CU_ASSERT_EQUAL_FATAL(layout_schema(&layout, &schema, &error), STATUS_OK);
    for (uint64_t failing = 1; failing <= 3; failing++) {
        char *text = NULL;
        memory_fault_set(failing);
        CU_ASSERT_NOT_EQUAL(describe_columns(&text, &layout, &schema, &error), STATUS_OK);
        memory_fault_set(0);
        CU_ASSERT_PTR_NULL(text);
    }
    schema_close(&schema);
    close_layout();
    memory_free(input.data);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(columns_are_described_as_a_schema_file_has_them),
        CASE(failing_allocation_leaves_no_text),
        CU_TEST_INFO_NULL,
    };
    return suite_run("describe", open_rig, close_rig, cases);
}
