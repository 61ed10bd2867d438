/* floor: loader */
#include "loader/header_refuse.h"

#include <string.h>

#include "tests/support/suite.h"

enum { NAMES = 3 };

static void refusal_says_what_is_missing_and_what_may_be_meant(void)
{
    static const struct {
        const char *names[NAMES];
        enum role roles[4]; /* ended by ROLE_ATTRIBUTE */
        bool has_known;
        const char *expected;
    } rows[] = {
        {{"", "", ""}, {ROLE_START_TIME, ROLE_ATTRIBUTE}, false, "the first line is blank"},
        {{"10.0.0.1", "10.0.0.2", "80"},
         {ROLE_START_TIME, ROLE_SOURCE, ROLE_TARGET, ROLE_ATTRIBUTE},
         false,
         "no header: the first line looks like data"},
        {{"2011/08/16 10:01:46", "a", "b"},
         {ROLE_START_TIME, ROLE_ATTRIBUTE},
         false,
         "no header: the first line looks like data"},
        {{"starttime", "SrcAddr", "DstAddr"},
         {ROLE_START_TIME, ROLE_ATTRIBUTE},
         true,
         "the header lacks StartTime; did you mean --column 'starttime=time'?"},
        {{"StartTime", "SrcAdr", "DestAddr"},
         {ROLE_SOURCE, ROLE_TARGET, ROLE_ATTRIBUTE},
         true,
         "the header lacks SrcAddr, DstAddr; did you mean --column 'SrcAdr=source' --column "
         "'DestAddr=target'?"},
        {{"StartTime", "SrcAddr", "80"},
         {ROLE_TARGET, ROLE_ATTRIBUTE},
         true,
         "the header lacks DstAddr; a header looks like"},
        {{"alpha", "beta", "gamma"},
         {ROLE_SOURCE, ROLE_ATTRIBUTE},
         false,
         "the header lacks SrcAddr; a header looks like"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[256];
        struct bytes names[NAMES];
        struct error error = {0};
        snprintf(line, sizeof line, "%s%s%s%s%s", rows[i].names[0], i == 0 ? "" : ",",
                 rows[i].names[1], i == 0 ? "" : ",", rows[i].names[2]);
        for (uint32_t k = 0; k < NAMES; k++) {
            names[k] = bytes_of(rows[i].names[k]);
        }
        struct header header = {
            .form = {.kind = RECORD_DELIMITED, .field_count = NAMES},
            .line = bytes_of(line),
            .line_number = 4,
            .field_names = names,
        };
        CU_ASSERT_EQUAL(
            header_refuse(&header, "flows.csv", rows[i].roles, rows[i].has_known, NULL, &error),
            STATUS_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].expected));
        CU_ASSERT_STRING_EQUAL(error.file, "flows.csv");
        CU_ASSERT_EQUAL(error.line, 4);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(refusal_says_what_is_missing_and_what_may_be_meant),
        CU_TEST_INFO_NULL,
    };
    return suite_run("header_refuse", NULL, NULL, cases);
}
