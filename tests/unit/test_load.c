/* floor: loader */
#include "loader/load.h"

#include "tests/support/loading.h"
#include "tests/support/suite.h"

#define H "StartTime,Dur,SrcAddr,Sport,DstAddr,TotPkts\n"
#define T "2011/08/16 10:01:46.5"
#define GOOD T ",1.5,1.2.3.4,80,5.6.7.8,3\n"
#define GOOD_10 GOOD GOOD GOOD GOOD GOOD GOOD GOOD GOOD GOOD GOOD

static struct rig rig;
static char path[256];
static char rejects_path[256];
static struct load_report report;
static struct error error;

static int open_rig(void)
{
    rig_open(&rig, 2);
    test_path(path, sizeof path, "load.csv");
    test_path(rejects_path, sizeof rejects_path, "load-rejects");
    return 0;
}

static int close_rig(void)
{
    rig_close(&rig);
    remove(path);
    remove(rejects_path);
    return 0;
}

static struct load_options options_for(const char *const *paths, uint32_t path_count)
{
    return (struct load_options){
        .paths = paths,
        .path_count = path_count,
        .partition_count = 3,
        .reject_limit_rows = UINT64_MAX,
        .reject_limit_percent = REJECT_LIMIT_PERCENT_DEFAULT,
    };
}

/* Loads, closes the graph again, and says how many flows it had. */
static enum status load(const struct load_options *options, uint64_t *flow_count)
{
    struct graph *graph = NULL;
    error = (struct error){0};
    enum status status =
        graph_load(&graph, rig.team, &rig.budget, options, &rig.stop, NULL, &report, &error);
    char reason[256] = "";
    CU_ASSERT_EQUAL(status == STATUS_OK, graph != NULL);
    CU_ASSERT_EQUAL(status, error.status);
    CU_ASSERT_TRUE(graph == NULL || graph_validate(graph, reason));
    *flow_count = graph == NULL ? 0 : graph->edges.flow_count;
    graph_close(graph);
    CU_ASSERT_EQUAL(budget_used(&rig.budget), 0);
    return status;
}

static enum status load_text(const char *text, size_t size, double limit_percent)
{
    const char *const paths[] = {path};
    struct load_options options = options_for(paths, 1);
    uint64_t flow_count;
    options.reject_limit_percent = limit_percent;
    write_file(path, text, size);
    enum status status = load(&options, &flow_count);
    CU_ASSERT_TRUE(status != STATUS_OK || flow_count == report.rows_loaded);
    return status;
}

static void good_files_become_graphs(void)
{
    CU_ASSERT_EQUAL(load_text(H GOOD_10, strlen(H GOOD_10), 1), STATUS_OK);
    CU_ASSERT_EQUAL(report.rows_loaded, 10);
    CU_ASSERT_EQUAL(report.rows_read, 10);
    CU_ASSERT_EQUAL(report.rows_rejected, 0);
    CU_ASSERT_EQUAL(report.note_count, 0);
    CU_ASSERT_EQUAL(report.input_bytes, strlen(H GOOD_10));
}

static void bad_inputs_are_refused_with_what_and_where(void)
{
    static const struct {
        const char *text;
        const char *reason;
        uint64_t line;
    } rows[] = {
        {"", "is empty", 0},
        {"StartTime,SrcAddr,DstAddr\n", "no flows in", 0},
        {"StartTime,SrcAddr,DstAddr", "no flows in", 0},
        {"StartTime,SrcAddr,DstAddr\n\n\r\n", "no flows in", 0},
        {GOOD, "no header", 1},
        {"a,b,c\n1,2,3\n", "lacks StartTime, SrcAddr, DstAddr", 1},
        {"\n" H GOOD, "the first line is blank", 1},
        {" \r\n" H GOOD, "the first line is blank", 1},
        {H "now,1,a,1,b,1\n", "1 of 1 rows were rejected, over the limit of 1 percent", 2},
        {H GOOD GOOD T ",1,a,1,b\n", "too few fields", 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(load_text(rows[i].text, strlen(rows[i].text), 1), STATUS_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].reason));
        CU_ASSERT_EQUAL(error.line, rows[i].line);
        CU_ASSERT_TRUE(strcmp(error.file, path) == 0 || strstr(error.text, path) != NULL);
    }
}

static void rejected_rows_are_counted_by_reason_with_a_sample(void)
{
    static const struct {
        const char *line;
        size_t size; /* 0: strlen */
        enum reject_reason reason;
        uint32_t column;
        const char *field;
        const char *text;
    } rows[] = {
        {T ",1,a,1,b\n", 0, REJECT_TOO_FEW_FIELDS, 0, "", T ",1,a,1,b"},
        {T ",1,a,1,b,1,\r\n", 0, REJECT_TOO_MANY_FIELDS, 0, "", T ",1,a,1,b,1, "},
        {"2011/02/30 10:00:00,1,a,1,b,1\n", 0, REJECT_BAD_TIME, 1, "StartTime",
         "2011/02/30 10:00:00"},
        {",1,a,1,b,1\n", 0, REJECT_NO_TIME, 1, "StartTime", ""},
        {T ",1,,1,b,1\n", 0, REJECT_NO_ADDRESS, 25, "SrcAddr", ""},
        {T ",1,a,1,  ,1\n", 0, REJECT_NO_ADDRESS, 29, "DstAddr", "  "},
        {T ",1s,a,1,b,1\n", 0, REJECT_BAD_NUMBER, 23, "Dur", "1s"},
        {T ",1,a,1,b,x\r\n", 0, REJECT_BAD_NUMBER, 31, "TotPkts", "x "},
        {T ",\"1\",a,\"1\",\"b\",x", 0, REJECT_BAD_NUMBER, 37, "TotPkts", "x"},
        {T ",1,a,1,\"b,1\n", 0, REJECT_BAD_QUOTE, 0, "", T ",1,a,1,\"b,1"},
        {T ",1,a,1,b\0,1\n", sizeof T ",1,a,1,b\0,1\n" - 1, REJECT_NUL_BYTE, 0, "",
         T ",1,a,1,b ,1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1024];
        size_t size = rows[i].size == 0 ? strlen(rows[i].line) : rows[i].size;
        memcpy(text, H GOOD "\n", strlen(H GOOD "\n"));
        memcpy(text + strlen(H GOOD "\n"), rows[i].line, size);
        CU_ASSERT_EQUAL(load_text(text, strlen(H GOOD "\n") + size, -1), STATUS_OK);
        const struct reject_sample *sample = &report.rejects[rows[i].reason];
        CU_ASSERT_EQUAL(report.rows_loaded, 1);
        CU_ASSERT_EQUAL(report.rows_rejected, 1);
        CU_ASSERT_EQUAL(sample->count, 1);
        CU_ASSERT_EQUAL(sample->line, 4);
        CU_ASSERT_EQUAL(sample->column, rows[i].column);
        CU_ASSERT_STRING_EQUAL(sample->file, path);
        CU_ASSERT_STRING_EQUAL(sample->field, rows[i].field);
        CU_ASSERT_STRING_EQUAL(sample->text, rows[i].text);
        CU_ASSERT_TRUE(strlen(reject_reason_text(rows[i].reason)) > 0);
    }
}

static void limits_of_rejects_hold_exactly(void)
{
    static const struct {
        uint64_t rows;
        double percent;
        enum status status;
    } cases[] = {
        {2, 0, STATUS_OK},
        {1, 100, STATUS_INPUT},
        {0, 100, STATUS_INPUT},
        {UINT64_MAX, 16.7, STATUS_OK},
        {UINT64_MAX, 16.6, STATUS_INPUT},
        {UINT64_MAX, 0, STATUS_INPUT},
        {UINT64_MAX, -1, STATUS_OK},
    };
    static const char text[] = H GOOD_10 T ",1,a,1,b\n" T ",1,a\n";
    const char *const paths[] = {path};
    write_file(path, text, strlen(text));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct load_options options = options_for(paths, 1);
        uint64_t flow_count;
        options.reject_limit_rows = cases[i].rows;
        options.reject_limit_percent = cases[i].percent;
        CU_ASSERT_EQUAL(load(&options, &flow_count), cases[i].status);
        CU_ASSERT_EQUAL(report.rows_rejected, 2);
        CU_ASSERT_EQUAL(report.rows_read, 12);
        if (cases[i].status == STATUS_INPUT) {
            CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "2 of 12 rows were rejected"));
            CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "--reject-limit"));
            CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "--rejects=FILE"));
            CU_ASSERT_STRING_EQUAL(error.excerpt, T ",1,a,1,b");
            CU_ASSERT_EQUAL(error.line, 12);
        }
    }
}

static void rejected_lines_appear_verbatim_below_their_header(void)
{
    static const char first[] = H GOOD "bad\r\n" GOOD "worse";
    static const char second[] = "\xef\xbb\xbf"
                                 "StartTime\tSrcAddr\tDstAddr\r\n\"\n";
    static const char expected[] = H "bad\r\nworse\nStartTime\tSrcAddr\tDstAddr\n\"\n";
    char second_path[300];
    snprintf(second_path, sizeof second_path, "%s-2", path);
    const char *const paths[] = {path, second_path};
    struct load_options options = options_for(paths, 2);
    struct file_view view;
    uint64_t flow_count;
    options.reject_limit_percent = -1;
    options.rejects_path = rejects_path;
    write_file(path, first, strlen(first));
    write_file(second_path, second, strlen(second));
    CU_ASSERT_EQUAL(load(&options, &flow_count), STATUS_OK);
    CU_ASSERT_EQUAL(flow_count, 2);
    CU_ASSERT_EQUAL_FATAL(file_open(&view, rejects_path, 0, NULL, &error), STATUS_OK);
    CU_ASSERT_TRUE(bytes_equal(bytes_view(view.data, view.size), bytes_of(expected)));
    file_close(&view);
    remove(second_path);
}

static void widened_columns_are_noted_with_the_first_value(void)
{
    static const char text[] = H GOOD T ",1,a,http,b,1\n" T ",1,a,ftp,b,1\n";
    CU_ASSERT_EQUAL(load_text(text, strlen(text), 1), STATUS_OK);
    CU_ASSERT_EQUAL(report.rows_loaded, 3);
    CU_ASSERT_EQUAL(report.note_count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.notes[0], "load.csv:3 has 'http'"));
    struct text_buffer late = {0};
    text_add(&late, H);
    for (int i = 0; i < 2000; i++) {
        text_add(&late, i == 1200 || i == 1201 ? T ",1,a,http,b,1\n" : GOOD);
    }
    CU_ASSERT_EQUAL(load_text(late.data, late.size, 1), STATUS_OK);
    CU_ASSERT_EQUAL(report.rows_loaded, 2000);
    CU_ASSERT_EQUAL(report.note_count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.notes[0], "Sport is text, not integer"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.notes[0], "load.csv:1202 has 'http'"));
    memory_free(late.data);
}

static void notes_that_are_cut_say_so(void)
{
    static struct load_report noted;
    char words[LOAD_NOTE_BYTES + 1] = "";
    memset(words, 'x', LOAD_NOTE_BYTES);
    load_report_note(&noted, "%.*s", LOAD_NOTE_BYTES - 1, words);
    CU_ASSERT_EQUAL(strspn(noted.notes[0], "x"), LOAD_NOTE_BYTES - 1);
    load_report_note(&noted, "%s", words);
    CU_ASSERT_EQUAL(strspn(noted.notes[1], "x"), LOAD_NOTE_BYTES - 4);
    CU_ASSERT_STRING_EQUAL(noted.notes[1] + LOAD_NOTE_BYTES - 4, "...");

    /* No half of a character stands before the dots. */
    memcpy(words + LOAD_NOTE_BYTES - 5, "\u00e9", 2);
    load_report_note(&noted, "%s", words);
    CU_ASSERT_EQUAL(strspn(noted.notes[2], "x"), LOAD_NOTE_BYTES - 5);
    CU_ASSERT_STRING_EQUAL(noted.notes[2] + LOAD_NOTE_BYTES - 5, "...");
}

/* The aim is 1.6 times the graph; what is left of it is for what differs between runs. */
static void room_for_loading_little_is_little_beside_the_graph(void)
{
    struct text_buffer text = {0};
    char line[160];
    text_add(&text, "StartTime,Dur,SrcAddr,Sport,DstAddr,Dport,TotPkts,TotBytes\n");
    for (uint32_t i = 0; i < 60000; i++) {
        uint32_t random = (uint32_t)hash_mix(i);
        snprintf(line, sizeof line,
                 "2011/08/16 10:%02u:%02u.%06u,%u.%03u,10.0.%u.%u,%u,10.1.%u.%u,%u,%u,%u\n",
                 i / 1000, random % 60, i, random % 300, i % 1000, random % 40, random / 64 % 256,
                 random / 16 % 65536, random / 256 % 40, random / 4096 % 256, random % 1024,
                 random % 90000, random / 3);
        text_add(&text, line);
    }
    write_file(path, text.data, text.size);
    struct budget budget;
    struct graph *graph = NULL;
    const char *const paths[] = {path};
    struct load_options options = options_for(paths, 1);
    options.partition_count = 0;
    budget_init(&budget, 0);
    CU_ASSERT_EQUAL_FATAL(
        graph_load(&graph, rig.team, &budget, &options, &rig.stop, NULL, &report, &error),
        STATUS_OK);
    CU_ASSERT_TRUE((double)budget_peak(&budget) < 1.8 * (double)graph->bytes);
    graph_close(graph);
    memory_free(text.data);
}

static void standard_input_is_read_once(void)
{
    const char *const paths[] = {"-", "-"};
    struct load_options options = options_for(paths, 2);
    uint64_t flow_count;
    write_file(path, H GOOD_10, strlen(H GOOD_10));
    CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(path, "r", stdin));
    CU_ASSERT_EQUAL(load(&options, &flow_count), STATUS_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "only once"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(path, "r", stdin));
    options.path_count = 1;
    CU_ASSERT_EQUAL(load(&options, &flow_count), STATUS_OK);
    CU_ASSERT_EQUAL(flow_count, 10);
}

static void stop_ends_a_load(void)
{
    static const struct {
        enum stop_reason reason;
        enum status status;
    } rows[] = {{STOP_INTERRUPTED, STATUS_INTERRUPTED}, {STOP_DEADLINE, STATUS_LIMIT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        stop_request(&rig.stop, rows[i].reason);
        CU_ASSERT_EQUAL(load_text(H GOOD_10, strlen(H GOOD_10), 1), rows[i].status);
        stop_init(&rig.stop, 0);
    }
}

static void failing_writes_of_rejects_end_a_load_cleanly(void)
{
    const char *const paths[] = {path};
    struct load_options options = options_for(paths, 1);
    uint64_t flow_count;
    options.rejects_path = rejects_path;
    write_file(path, H GOOD_10, strlen(H GOOD_10));
    for (uint64_t after = 1; after < 6; after++) {
        file_fault_set(after);
        enum status status = load(&options, &flow_count);
        file_fault_set(0);
        CU_ASSERT_TRUE(status == STATUS_OK || status == STATUS_FAILED);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(good_files_become_graphs),
        CASE(bad_inputs_are_refused_with_what_and_where),
        CASE(rejected_rows_are_counted_by_reason_with_a_sample),
        CASE(limits_of_rejects_hold_exactly),
        CASE(rejected_lines_appear_verbatim_below_their_header),
        CASE(widened_columns_are_noted_with_the_first_value),
        CASE(notes_that_are_cut_say_so),
        CASE(room_for_loading_little_is_little_beside_the_graph),
        CASE(standard_input_is_read_once),
        CASE(stop_ends_a_load),
        CASE(failing_writes_of_rejects_end_a_load_cleanly),
        CU_TEST_INFO_NULL,
    };
    return suite_run("load", open_rig, close_rig, cases);
}
