/* floor: loader */
#include "loader/parse.h"

#include "loader/scan.h"
#include "tests/support/loading.h"
#include "tests/support/suite.h"

#define H "StartTime,Dur,SrcAddr,Sport,Dir,DstAddr"
#define H_TYPES "StartTime:time Dur:float SrcAddr:address Sport:integer Dir:text DstAddr:address\n"
#define T "2011/08/16 10:01:46.5"
#define T_OUT "2011-08-16T10:01:46.500Z"

static struct rig rig;
static char path_1[256];
static char path_2[256];
static char rejects_path[256];
static uint64_t parse_allocations; /* of the last parse */

static int open_rig(void)
{
    rig_open(&rig, 1);
    test_path(path_1, sizeof path_1, "parse-1.csv");
    test_path(path_2, sizeof path_2, "parse-2.csv");
    test_path(rejects_path, sizeof rejects_path, "parse-rejects");
    return 0;
}

static int close_rig(void)
{
    rig_close(&rig);
    remove(path_1);
    remove(path_2);
    remove(rejects_path);
    return 0;
}

/* Parses one or two files on `on`; the text of what was staged, or NULL. */
static char *parse(struct rig *on, uint32_t path_count, const char *rejects,
                   struct load_report *report, struct error *error)
{
    const char *const paths[] = {path_1, path_2};
    const struct load_options options = {
        .paths = paths,
        .path_count = path_count,
        .reject_limit_rows = UINT64_MAX,
        .reject_limit_percent = -1,
        .rejects_path = rejects,
    };
    struct staging staging = {0};
    char *text = NULL;
    *report = (struct load_report){0};
    *error = (struct error){0};
    enum status status =
        parse_files(&staging, on->team, &on->budget, &options, &on->stop, NULL, report, error);
    parse_allocations = memory_fault_count();
    memory_fault_set(0);
    if (status == STATUS_OK) {
        text = staging_text(&staging);
    }
    staging_close(&staging);
    return text;
}

static void expect_staged(const char *input, const char *expected, uint64_t rejected)
{
    static struct load_report report;
    struct error error;
    write_file(path_1, input, strlen(input));
    char *text = parse(&rig, 1, NULL, &report, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, expected);
    CU_ASSERT_EQUAL(report.rows_rejected, rejected);
    CU_ASSERT_EQUAL(report.rows_read, report.rows_loaded + rejected);
    CU_ASSERT_EQUAL(report.input_bytes, strlen(input));
    memory_free(text);
}

static void rows_are_read_as_the_format_says(void)
{
    static const struct {
        const char *input;
        const char *expected;
        uint64_t rejected;
    } cases[] = {
        {H "\n" T ",1.5,1.2.3.4,80,   ->,5.6.7.8\n", H_TYPES T_OUT "|1.5|1.2.3.4|80|->|5.6.7.8\n",
         0},
        /* The last line needs no newline, lines may end in CRLF, a byte order mark is no name. */
        {"\xef\xbb\xbf" H "\r\n" T ",1.5,1.2.3.4,80,->,5.6.7.8\r\n" T ",2,::1,,,1.2.3.4",
         H_TYPES T_OUT "|1.5|1.2.3.4|80|->|5.6.7.8\n" T_OUT "|2.0|::1|null|null|1.2.3.4\n", 0},
        /* Hexadecimal only with its prefix. */
        {H "\n" T ",0,a,0x0303,,b\n" T ",0,a,0303,,b\n",
         H_TYPES T_OUT "|0.0|a|771|null|b\n" T_OUT "|0.0|a|303|null|b\n", 0},
        /* A port with a name makes the column text, verbatim. */
        {H "\n" T ",0,a,0x0303,,b\n" T ",0,a,http,,b\n" T ",0,a, 007,,b\n" T ",0,a,,,b\n",
         "StartTime:time Dur:float SrcAddr:address Sport:text Dir:text DstAddr:address\n" T_OUT
         "|0.0|a|0x0303|null|b\n" T_OUT "|0.0|a|http|null|b\n" T_OUT "|0.0|a|007|null|b\n" T_OUT
         "|0.0|a|null|null|b\n",
         0},
        /* Blank lines are no rows. */
        {H "\n\n\r\n  \n" T ",,a,,,b\n\n", H_TYPES T_OUT "|null|a|null|null|b\n", 0},
        /* Quotes hide separators, and a doubled quote is one. */
        {H "\n\"" T "\",\"1.5\",\"1.2.3.4\",\"80\",\"a,\"\"b\"\"\",\"b\"\r\n" T ",,a,,x\"y,b\n",
         H_TYPES T_OUT "|1.5|1.2.3.4|80|a,\"b\"|b\n" T_OUT "|null|a|null|x\"y|b\n", 0},
        /* Of bad rows nothing is left, not even an address. */
        {H "\n" T ",x,7.7.7.7,,,b\n" T ",1,a,,,b\n" T ",1,a,,\n" T ",1,a,,,b,c\n,1,a,,,b\n"
           "2011/02/30 10:00:00,1,a,,,b\n" T ",1,,,,b\n" T ",1,a,,, \n" T ",1,a,,\"x,b\n" T
           ",1,\"a\"x,,,b\n" T ",1,a,,q,b\n",
         H_TYPES T_OUT "|1.0|a|null|null|b\n" T_OUT "|1.0|a|null|q|b\n", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_staged(cases[i].input, cases[i].expected, cases[i].rejected);
    }
}

static void unknown_columns_get_the_narrowest_type_that_holds_them(void)
{
    static const struct {
        const char *values[3];
        const char *type;
        const char *shown[3];
    } cases[] = {
        {{"1", "", "-3"}, "integer", {"1", "null", "-3"}},
        {{"1", "2.5", "1e3"}, "float", {"1.0", "2.5", "1000.0"}},
        {{"1", "2.5", "x"}, "text", {"1", "2.5", "x"}},
        {{"1", "99999999999999999999", "2"}, "text", {"1", "99999999999999999999", "2"}},
        {{"0x10", "", "1"}, "text", {"0x10", "null", "1"}},
        {{"", "", " "}, "text", {"null", "null", "null"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char input[512] = "StartTime,SrcAddr,DstAddr,x\n";
        char expected[512];
        snprintf(expected, sizeof expected, "StartTime:time SrcAddr:address DstAddr:address x:%s\n",
                 cases[i].type);
        for (int k = 0; k < 3; k++) {
            size_t used = strlen(input);
            snprintf(input + used, sizeof input - used, T ",a,b,%s\n", cases[i].values[k]);
            used = strlen(expected);
            snprintf(expected + used, sizeof expected - used, T_OUT "|a|b|%s\n", cases[i].shown[k]);
        }
        expect_staged(input, expected, 0);
    }
}

static void columns_of_several_files_are_united_by_name(void)
{
    static struct load_report report;
    struct error error;
    static const char first[] = "StartTime,SrcAddr,DstAddr,x,y\n" T ",a,b,1,2\n";
    static const char second[] = "y\tDstAddr\tz\tSrcAddr\tStartTime\nhi\tb\t3\tc\t" T "\n";
    write_file(path_1, first, strlen(first));
    write_file(path_2, second, strlen(second));
    char *text = parse(&rig, 2, NULL, &report, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(
        text, "StartTime:time SrcAddr:address DstAddr:address x:integer y:text z:integer\n" T_OUT
              "|a|b|1|2|null\n" T_OUT "|c|b|null|hi|3\n");
    CU_ASSERT_EQUAL(report.note_count, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.notes[0], "lacks 1 column, null in its rows: z"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.notes[1], "lacks 1 column, null in its rows: x"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.notes[2], "column y is text, not integer"));
    memory_free(text);
}

static void number_with_zeros_in_front_makes_its_column_text(void)
{
    static const struct {
        const char *values[3];
        const char *type;
    } rows[] = {
        {{"007", "7", "8"}, "text"},
        {{"7", "8", "007"}, "text"},
        {{"+4930123456", "12", ""}, "text"},
        {{"012345678901", "123456789012", "123456789013"}, "text"},
        {{"1.5", "2.5", "007.5"}, "text"},
        {{"1.5", "2.5", "007"}, "text"},
        {{"00", "1", "2"}, "text"},
        {{"0", "10", "200"}, "integer"},
        {{"-7", "-0", "10"}, "integer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct load_report report;
        struct error error;
        struct text_buffer input = {0};
        char line[256];
        /* Once in a file of which all is sampled, once in the middle of one that is not. */
        for (uint32_t padding = 0; padding <= 3000; padding += 3000) {
            text_add(&input, H ",own\n");
            for (uint32_t row = 0; row < padding + 3; row++) {
                const char *value = row < padding / 2 || row >= padding / 2 + 3
                                        ? ""
                                        : rows[i].values[row - padding / 2];
                snprintf(line, sizeof line, T ",1,a,0080,->,b,%s\n", value);
                text_add(&input, line);
            }
            write_file(path_1, input.data, input.size);
            char *text = parse(&rig, 1, NULL, &report, &error);
            CU_ASSERT_PTR_NOT_NULL_FATAL(text);
            bool is_text = strcmp(rows[i].type, "text") == 0;
            snprintf(line, sizeof line, " own:%s\n", rows[i].type);
            CU_ASSERT_PTR_NOT_NULL(strstr(text, line));
            CU_ASSERT_PTR_NOT_NULL(strstr(text, "Sport:integer"));
            for (uint32_t k = 0; k < 3 && is_text; k++) {
                bool is_null = rows[i].values[k][0] == '\0';
                snprintf(line, sizeof line, T_OUT "|1.0|a|80|->|b|%s\n",
                         is_null ? "null" : rows[i].values[k]);
                CU_ASSERT_PTR_NOT_NULL(strstr(text, line));
            }
            CU_ASSERT_EQUAL(report.note_count, is_text);
            CU_ASSERT_EQUAL(report.rows_rejected, 0);
            memory_free(text);
            input.size = 0;
        }
        memory_free(input.data);
    }
}

/* Rows of every kind with what has to come of them; `is_late_text` makes a port a name near the
 * end, where no sample looks. Returns the first line whose time is bad. */
static uint64_t make_input(struct text_buffer *input, struct text_buffer *expected,
                           struct text_buffer *rejected, uint32_t row_count, bool is_late_text)
{
    static const char *const bad[] = {"no time,1,a,1,,b\n", T ",1,a,1\n", T ",1,a,1,\"x,b\n",
                                      T ",1,,1,,b\n", T ",y,unseen,1,,b\n"};
    char line[256];
    uint64_t line_count = 1;
    uint64_t first_bad_time = 0;
    text_add(input, H "\n");
    text_add(rejected, H "\n");
    text_add(expected, is_late_text
                           ? "StartTime:time Dur:float SrcAddr:address Sport:text Dir:text "
                             "DstAddr:address\n"
                           : H_TYPES);
    for (uint32_t i = 0; i < row_count; i++) {
        uint32_t random = (uint32_t)hash_mix(i);
        uint32_t source = random % 3000;
        uint32_t target = (random >> 8) % 3000;
        if (random % 101 == 0) {
            uint32_t kind = random / 101 % (sizeof bad / sizeof *bad);
            line_count++;
            first_bad_time = kind == 0 && first_bad_time == 0 ? line_count : first_bad_time;
            text_add(input, bad[kind]);
            text_add(rejected, bad[kind]);
            continue;
        }
        line_count++;
        if (random % 97 == 0) {
            line_count++;
            text_add(input, random % 2 == 0 ? "\n" : "\r\n");
        }
        const char *port = is_late_text && i == row_count - row_count / 50 ? "http" : NULL;
        char number[16];
        snprintf(number, sizeof number, "%u", random % 65536);
        port = port != NULL ? port : number;
        bool is_quoted = random % 89 == 0;
        snprintf(line, sizeof line,
                 is_quoted ? T ",%u.%02u,10.0.%u.%u,%s,\"d%u\",\"10.0.%u.%u\"%s"
                           : T ",%u.%02u,10.0.%u.%u,%s, d%u,10.0.%u.%u%s",
                 random % 1000, i % 100, source / 256, source % 256, port, random % 300,
                 target / 256, target % 256, random % 83 == 0 ? "\r\n" : "\n");
        text_add(input, line);
        double duration = (random % 1000 * 100 + i % 100) / 100.0;
        char duration_text[NUMBER_TEXT_BYTES];
        float_format(duration, duration_text);
        snprintf(line, sizeof line, T_OUT "|%s|10.0.%u.%u|%s|d%u|10.0.%u.%u\n", duration_text,
                 source / 256, source % 256, port, random % 300, target / 256, target % 256);
        text_add(expected, line);
    }
    return first_bad_time;
}

static void expect_file(const char *path, const struct text_buffer *expected)
{
    struct file_view view;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(file_open(&view, path, 0, NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(view.size, expected->size);
    CU_ASSERT_EQUAL(memcmp(view.data, expected->data, view.size), 0);
    file_close(&view);
}

static void result_does_not_depend_on_workers_or_instructions(void)
{
    for (uint32_t is_late_text = 0; is_late_text < 2; is_late_text++) {
        struct text_buffer input = {0};
        struct text_buffer expected = {0};
        struct text_buffer rejected = {0};
        uint64_t first_bad_time =
            make_input(&input, &expected, &rejected, 50000, is_late_text != 0);
        write_file(path_1, input.data, input.size);
        for (uint32_t workers = 1; workers <= 4; workers++) {
            static struct load_report report;
            struct error error;
            struct rig several;
            rig_open(&several, workers);
            scan_force_scalar(workers == 4);
            char *text = parse(&several, 1, rejects_path, &report, &error);
            CU_ASSERT_PTR_NOT_NULL_FATAL(text);
            CU_ASSERT_EQUAL(strcmp(text, expected.data), 0);
            expect_file(rejects_path, &rejected);
            CU_ASSERT_EQUAL(report.note_count, is_late_text);
            CU_ASSERT_EQUAL(report.rejects[REJECT_BAD_TIME].line, first_bad_time);
            CU_ASSERT_STRING_EQUAL(report.rejects[REJECT_BAD_TIME].text, "no time");
            memory_free(text);
            rig_close(&several);
        }
        scan_force_scalar(false);
        memory_free(input.data);
        memory_free(expected.data);
        memory_free(rejected.data);
    }
}

/* The least stamp of each address among the rows of its worker's batches. */
static void expect_first_seen(const struct staging *staging, uint32_t worker)
{
    const struct address_table *table = &staging->workers[worker].addresses;
    uint64_t *first = memory_allocate(table->count, sizeof *first);
    memset(first, 0xff, table->count * sizeof *first);
    for (uint32_t b = 0; b < staging->batch_count; b++) {
        const struct batch *batch = &staging->batches[b];
        for (uint32_t row = 0; batch->worker == worker && row < batch->row_count; row++) {
            uint64_t stamp = ((uint64_t)b << 32) + 2 * row;
            uint64_t *source = &first[batch->sources[row]];
            uint64_t *target = &first[batch->targets[row]];
            *source = *source < stamp ? *source : stamp;
            *target = *target < stamp + 1 ? *target : stamp + 1;
        }
    }
    CU_ASSERT_EQUAL(memcmp(first, table->first_seen, table->count * sizeof *first), 0);
    memory_free(first);
}

static void addresses_know_where_they_were_first_seen(void)
{
    struct text_buffer input = {0};
    struct text_buffer expected = {0};
    struct text_buffer rejected = {0};
    static struct load_report report;
    struct error error = {0};
    struct staging staging = {0};
    struct rig two;
    const char *const paths[] = {path_1};
    const struct load_options options = {.paths = paths,
                                         .path_count = 1,
                                         .reject_limit_rows = UINT64_MAX,
                                         .reject_limit_percent = -1};
    make_input(&input, &expected, &rejected, 40000, false);
    write_file(path_1, input.data, input.size);
    rig_open(&two, 2);
    CU_ASSERT_EQUAL_FATAL(
        parse_files(&staging, two.team, &two.budget, &options, &two.stop, NULL, &report, &error),
        STATUS_OK);
    CU_ASSERT_TRUE(staging.batch_count >= 2);
    for (uint32_t worker = 0; worker < 2; worker++) {
        expect_first_seen(&staging, worker);
    }
    staging_close(&staging);
    CU_ASSERT_EQUAL(budget_used(&two.budget), 0);
    rig_close(&two);
    memory_free(input.data);
    memory_free(expected.data);
    memory_free(rejected.data);
}

static void long_lines_are_rows_up_to_the_limit(void)
{
    enum { LIMIT = LINE_BYTES_MAX };
    static const char row[] = T ",1,a,,";
    static const int extras[] = {-1, 0, 1, LIMIT};
    for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
        struct text_buffer input = {0};
        static struct load_report report;
        struct error error;
        text_add(&input, H "\n" T ",1,a,,,b\n");
        size_t line = input.size;
        text_add(&input, row);
        size_t fill = (size_t)(LIMIT + extras[i]) - (input.size - line) - 2;
        input.data = memory_resize(input.data, input.size + fill + 64, 1);
        memset(input.data + input.size, 'd', fill);
        memcpy(input.data + input.size + fill, ",b\n" T ",3,a,,,b", 33);
        input.size += fill + strlen(",b\n" T ",3,a,,,b");
        input.data[input.size] = '\0';
        write_file(path_1, input.data, input.size);
        char *text = parse(&rig, 1, NULL, &report, &error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT_EQUAL(report.rows_loaded, extras[i] > 0 ? 2 : 3);
        CU_ASSERT_EQUAL(report.rejects[REJECT_LINE_TOO_LONG].count, extras[i] > 0);
        CU_ASSERT_EQUAL(report.rejects[REJECT_LINE_TOO_LONG].line, extras[i] > 0 ? 3 : 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "|3.0|a|null|null|b\n"));
        memory_free(text);
        memory_free(input.data);
    }
}

static void failing_allocations_end_the_parse_cleanly(void)
{
    static const char input[] =
        "StartTime,SrcAddr,DstAddr,x\n" T ",a,1.2.3.4,\"5\"\n" T ",a,b,http\nbad,a,b,c\n";
    static struct load_report report;
    struct error error;
    write_file(path_1, input, strlen(input));
    bool has_ended = false;
    for (uint64_t after = 1; !has_ended && after < 500; after++) {
        memory_fault_set(after);
        char *text = parse(&rig, 1, rejects_path, &report, &error);
        has_ended = parse_allocations < after;
        CU_ASSERT_TRUE(text != NULL || error.status == STATUS_FAILED);
        memory_free(text);
        CU_ASSERT_EQUAL(budget_used(&rig.budget), 0);
    }
    CU_ASSERT_TRUE(has_ended);
}

static void memory_limit_ends_the_parse(void)
{
    static struct load_report report;
    struct error error;
    struct rig limited;
    static const char input[] = H "\n" T ",1,a,1,,b\n";
    write_file(path_1, input, strlen(input));
    rig_open(&limited, 1);
    budget_init(&limited.budget, 64 << 10);
    CU_ASSERT_PTR_NULL(parse(&limited, 1, NULL, &report, &error));
    CU_ASSERT_EQUAL(error.status, STATUS_LIMIT);
    rig_close(&limited);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(rows_are_read_as_the_format_says),
        CASE(unknown_columns_get_the_narrowest_type_that_holds_them),
        CASE(columns_of_several_files_are_united_by_name),
        CASE(number_with_zeros_in_front_makes_its_column_text),
        CASE(result_does_not_depend_on_workers_or_instructions),
        CASE(addresses_know_where_they_were_first_seen),
        CASE(long_lines_are_rows_up_to_the_limit),
        CASE(failing_allocations_end_the_parse_cleanly),
        CASE(memory_limit_ends_the_parse),
        CU_TEST_INFO_NULL,
    };
    return suite_run("parse", open_rig, close_rig, cases);
}
