/* Every allocation, and every read and write, fails once: while flows are loaded, and while each
 * question is asked and its rows are written. Each time there is a clean error, or the work is done
 * as well without; a result file is there whole or not at all; a graph answers as before after all
 * that has failed on it; and nothing leaks, which the leak sanitizer of the debug build tells. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "gyre.h"
#include "tests/support/packing.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

/* Every kind of column, address and failure of a row. */
static const char flows[] =
    "StartTime,Dur,Proto,SrcAddr,DstAddr,TotBytes,Label,Extra\n"
    "2011/08/16 10:00:01.000000,0.1,tcp,10.0.0.1,10.0.0.2,100,flow=Background,1\n"
    "2011/08/16 10:00:02.000000,5.0,icmp,10.0.0.2,10.0.0.1,,flow=Background,2.5\n"
    "2011/08/16 10:00:03.000000,,udp,fe80::1,host-a,70,\"flow, quoted\",3\n"
    "2011/02/30 10:00:03.000000,,udp,fe80::1,host-a,70,,3\n"
    "2011/08/16 10:00:04.000000,1.5,tcp,host-a,00:11:22:33:44:55,80,,x\n";

static const struct question {
    enum gyre_format format;
    const char *text;
} questions[] = {
    {GYRE_FORMAT_TABLE,
     "MATCH (a)-[e1]->(b)-[e2]->(a) WHERE e1.StartTime <= e2.StartTime AND e1.Dur < (e2.Dur / 10) "
     "AND e1.Proto = 'tcp' RETURN a.IPAddr AS a, e1.StartTime AS t, e2.Dur * 2 AS d"},
    {GYRE_FORMAT_CSV, "MATCH (a)-[e]->(b) WHERE e.Label CONTAINS 'flow' OR e.TotBytes IN [70, 80] "
                      "RETURN a.IPAddr AS a, count(DISTINCT b) AS n, sum(e.TotBytes) AS s "
                      "ORDER BY n DESC, a LIMIT 3"},
    {GYRE_FORMAT_JSON,
     "MATCH (a)-[e]->(b) RETURN DISTINCT e.Proto AS proto, e.Extra + '!' AS extra ORDER BY proto"},
    {GYRE_FORMAT_CSV, "MATCH (a)-[e]-(b)-[f]-(a) RETURN b.IPAddr AS b, f.TotBytes AS n"},
    {GYRE_FORMAT_JSONL, "MATCH ()-[e]->() RETURN e.TotBytes + 1 AS n, e.Label AS label SKIP 1"},
    {GYRE_FORMAT_JSON,
     "PROFILE WITH 60 AS k MATCH p = (a)-[es*1..2]->(b) WHERE all(r IN es WHERE r.TotBytes > k) "
     "OPTIONAL MATCH (b)-[f]-(c) WHERE EXISTS { (c)-->(a) } "
     "WITH a, k, collect(DISTINCT c.IPAddr) AS cs, count(*) AS n ORDER BY n DESC, a.IPAddr LIMIT 3 "
     "UNWIND cs + [n, {k: toString(n)}] AS x RETURN DISTINCT a.IPAddr AS a, x, "
     "reduce(s = '', y IN range(1, 70) | s + 'x') AS s, [(a)-->(d) | d.IPAddr] AS ds "
     "UNION RETURN 'b' AS a, 1 AS x, null AS s, [date('2020-01-01')] AS ds"},
    {GYRE_FORMAT_JSON, "MATCH (a)-[r*1..4]->(b) WHERE ascending(r) AND last(r).TotBytes > 60 AND "
                       "span(r) < duration('PT1H') RETURN b.IPAddr AS b, count(*) AS n ORDER BY b"},
    {GYRE_FORMAT_JSON, "PROFILE MATCH p = (a)-[r*2..3]->(a) WHERE ascending(r) AND size(r) > 1 "
                       "AND any(x IN r WHERE x.Proto = 'tcp') AND all(n IN nodes(p) WHERE "
                       "n.IPAddr > '0') AND any(n IN nodes(p) WHERE n.IPAddr > '1') "
                       "RETURN size(r) AS n, count(*) AS x"},
    {GYRE_FORMAT_JSON, "PROFILE MATCH (a)-[e]->(b), (c)-[f]->(d) WHERE toUpper(e.Proto) = 'TCP' "
                       "AND a.IPAddr =~ '1.*' RETURN count(*) AS x"},
    {GYRE_FORMAT_CSV,
     "MATCH p = (a)-[es*2]->(b) WHERE size(es) < 3 WITH a, b, es, p WHERE id(a) <> id(b) AND "
     "ascending(es) AND unique_vertices(p) AND all(x IN es WHERE endNode(x) <> a) AND "
     "last(es).StartTime.epochMillis - head(es).StartTime.epochMillis < 60000 RETURN es, p"},
};
enum { QUESTIONS = sizeof questions / sizeof *questions };

/* What fails: `set` says which one from now on, `count` how many there were since. */
struct fault {
    void (*set)(uint64_t which);
    uint64_t (*count)(void);
};

static const struct fault allocation = {memory_fault_set, memory_fault_count};
static const struct fault transfer = {file_fault_set, file_fault_count}; /* a read or a write */

/* Attempts at the same work, of which the k-th meets the k-th fault, until one meets none. */
struct attempts {
    struct fault fault;
    uint64_t which;
    uint64_t failures;
    bool is_over;
};

/* How flows are given to an engine. */
struct input {
    const char *file;
    bool is_pipe; /* the file is not read */
    uint32_t threads;
};

struct loaded {
    struct gyre_engine *engine;
    struct gyre_graph *graph;
};

/* What a file holds; `bytes` < 0: there is none. */
struct content {
    ssize_t bytes;
    char text[8192];
};

static char directory[RUN_PATH_BYTES];
static char output_path[RUN_PATH_BYTES + 16];
static char rejects_path[RUN_PATH_BYTES + 16];

/* Before each attempt; whether there is one to be made. */
static bool attempts_next(struct attempts *attempts)
{
    if (!attempts->is_over) {
        attempts->which++;
        attempts->fault.set(attempts->which);
    }
    return !attempts->is_over;
}

/* Files that a write has neither finished nor removed. */
static int count_leftovers(void)
{
    int count = 0;
    DIR *entries = opendir(directory);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (strstr(entry->d_name, ".partial-") != NULL) {
            printf("\nleft over: %s\n", entry->d_name);
            count++;
        }
    }
    closedir(entries);
    return count;
}

/* After each attempt. */
static void attempts_check(struct attempts *attempts, int status, const struct gyre_error *error)
{
    attempts->is_over = attempts->fault.count() < attempts->which;
    attempts->fault.set(0);
    attempts->failures += status != GYRE_OK ? 1 : 0;
    /* A search that finds no memory keeps what it has found, as it does at a limit. */
    bool is_clean = status == GYRE_FAILED || status == GYRE_LIMIT;
    bool is_right = status == GYRE_OK || (!attempts->is_over && is_clean && error->text[0] != '\0');
    if (!is_right) {
        printf("\nfault %" PRIu64 ": status %d %s\n", attempts->which, status, error->text);
    }
    CU_ASSERT_TRUE(is_right);
    CU_ASSERT_EQUAL(count_leftovers(), 0);
}

static int open_pipe(char path[64])
{
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], flows, sizeof(flows) - 1) < 0) {
        perror("pipe");
        exit(EXIT_FAILURE);
    }
    close(ends[1]);
    snprintf(path, 64, "/dev/fd/%d", ends[0]);
    return ends[0];
}

/* Opens an engine and loads the flows; what is there has to be closed also where this fails. */
static int load(struct loaded *loaded, const struct input *input, struct gyre_error *error)
{
    char path[RUN_PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/%s", directory, input->file);
    int descriptor = input->is_pipe ? open_pipe(path) : -1;
    const char *const paths[] = {path};
    struct gyre_engine_options engine_options = {.threads = input->threads,
                                                 .topology = "synthetic:numa:2 core:2 pu:1"};
    struct gyre_load_options load_options = {.has_reject_limit = true,
                                             .reject_limit_rows = 2,
                                             .rejects_path = rejects_path,
                                             .partitions = 3};
    struct gyre_load_report report;
    *loaded = (struct loaded){NULL, NULL};
    unlink(rejects_path);
    int status = gyre_engine_open(&loaded->engine, &engine_options, error);
    if (status == GYRE_OK) {
        status = gyre_load(&loaded->graph, loaded->engine, paths, 1, &load_options, &report, error);
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
    return status;
}

static void loaded_close(struct loaded *loaded)
{
    gyre_graph_close(loaded->graph);
    gyre_engine_close(loaded->engine);
}

static int look(const struct gyre_graph *graph, struct gyre_error *error)
{
    int status = gyre_graph_validate(graph, error);
    uint32_t property_count = gyre_graph_info(graph).properties;
    for (uint32_t property = 0; property < property_count && status == GYRE_OK; property++) {
        struct gyre_property_info info;
        status = gyre_property_info(&info, graph, property, error);
    }
    return status;
}

static void fail_each_of_loading(struct fault fault, struct input input)
{
    struct attempts attempts = {.fault = fault};
    while (attempts_next(&attempts)) {
        struct gyre_error error = {0};
        struct loaded loaded;
        int status = load(&loaded, &input, &error);
        if (status == GYRE_OK) {
            status = look(loaded.graph, &error);
        }
        loaded_close(&loaded);
        attempts_check(&attempts, status, &error);
    }
    CU_ASSERT_TRUE(attempts.failures > 0);
}

static int read_values(struct gyre_result *result, struct gyre_error *error)
{
    int status = GYRE_OK;
    for (uint64_t row = 0; row < gyre_result_rows(result); row++) {
        for (uint32_t column = 0; column < gyre_result_columns(result); column++) {
            struct gyre_value value;
            status =
                status == GYRE_OK ? gyre_result_value(result, row, column, &value, error) : status;
        }
    }
    return status;
}

/* Nothing that an earlier asking left is used: each one meets the same faults. */
static int ask(struct gyre_graph *graph, const struct question *question, struct gyre_error *error)
{
    struct gyre_result *result = NULL;
    char *plan = NULL;
    gyre_graph_forget(graph);
    unlink(output_path);
    int status = gyre_explain(&plan, graph, question->text, NULL, false, error);
    if (status == GYRE_OK) {
        status = gyre_query(&result, graph, question->text, NULL, error);
    }
    if (status == GYRE_OK) {
        gyre_text_free(gyre_result_profile(result, true));
        status = read_values(result, error);
    }
    if (status == GYRE_OK) {
        status = gyre_result_write(result, question->format, output_path, error);
    }
    gyre_text_free(plan);
    gyre_result_close(result);
    return status;
}

static struct content read_output(void)
{
    struct content content = {.bytes = -1};
    int descriptor = open(output_path, O_RDONLY);
    if (descriptor >= 0) {
        content.bytes = read(descriptor, content.text, sizeof content.text);
        close(descriptor);
    }
    return content;
}

static bool is_output(const struct content *expected)
{
    struct content found = read_output();
    return found.bytes == expected->bytes &&
           (found.bytes < 0 || memcmp(found.text, expected->text, (size_t)found.bytes) == 0);
}

static void fail_each_of_asking(struct fault fault, struct gyre_graph *graph,
                                const struct question *question)
{
    static const struct content nothing = {.bytes = -1};
    struct attempts attempts = {.fault = fault};
    struct gyre_error error = {0};
    CU_ASSERT_EQUAL_FATAL(ask(graph, question, &error), GYRE_OK);
    struct content whole = read_output();
    while (attempts_next(&attempts)) {
        error = (struct gyre_error){0};
        int status = ask(graph, question, &error);
        attempts_check(&attempts, status, &error);
        bool is_whole_or_absent = is_output(&whole) || (status != GYRE_OK && is_output(&nothing));
        if (!is_whole_or_absent) {
            printf("\nfault %" PRIu64 ": other rows: %s\n", attempts.which, question->text);
            printf("\nfault %" PRIu64 ": other rows: %s\n", attempts.which, question->text);
        }
        CU_ASSERT_TRUE(is_whole_or_absent);
    }
    CU_ASSERT_TRUE(attempts.failures > 0);
}

/* On a graph that stays loaded. */
static void fail_each_of_all_questions(struct fault fault, uint32_t threads)
{
    struct gyre_error error = {0};
    struct loaded loaded;
    CU_ASSERT_EQUAL_FATAL(load(&loaded, &(struct input){"flows.csv", false, threads}, &error),
                          GYRE_OK);
    for (size_t question = 0; question < QUESTIONS; question++) {
        fail_each_of_asking(fault, loaded.graph, &questions[question]);
    }
    loaded_close(&loaded);
}

static void every_allocation_of_loading_may_fail(void)
{
    fail_each_of_loading(allocation, (struct input){"flows.csv", false, 1});
    fail_each_of_loading(allocation, (struct input){"flows.csv", true, 2});
    fail_each_of_loading(allocation, (struct input){"flows.csv.gz", false, 1});
}

static void every_read_of_loading_may_fail(void)
{
    fail_each_of_loading(transfer, (struct input){"flows.csv", true, 1});
    fail_each_of_loading(transfer, (struct input){"flows.csv", false, 2});
}

static void every_allocation_of_a_question_may_fail(void)
{
    fail_each_of_all_questions(allocation, 1);
}

static void every_allocation_of_two_workers_question_may_fail(void)
{
    fail_each_of_all_questions(allocation, 2);
}

static void every_write_of_a_result_may_fail(void)
{
    fail_each_of_all_questions(transfer, 1);
    fail_each_of_all_questions(transfer, 2);
}

static int open_files(void)
{
    char path[RUN_PATH_BYTES + 16];
    char packed[4096];
    size_t packed_bytes = pack_gzip(flows, sizeof(flows) - 1, packed, sizeof(packed));
    run_directory_open(directory);
    snprintf(output_path, sizeof output_path, "%s/result", directory);
    snprintf(rejects_path, sizeof rejects_path, "%s/rejects", directory);
    snprintf(path, sizeof path, "%s/flows.csv", directory);
    run_write_file(path, flows, sizeof(flows) - 1);
    snprintf(path, sizeof path, "%s/flows.csv.gz", directory);
    run_write_file(path, packed, packed_bytes);
    return 0;
}

static int close_files(void)
{
    run_directory_close(directory);
    return 0;
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(every_allocation_of_loading_may_fail),
        CASE(every_read_of_loading_may_fail),
        CASE(every_allocation_of_a_question_may_fail),
        CASE(every_allocation_of_two_workers_question_may_fail),
        CASE(every_write_of_a_result_may_fail),
        CU_TEST_INFO_NULL,
    };
    return suite_run("fault", open_files, close_files, cases);
}
