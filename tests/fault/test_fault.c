/* Load, look, query and write, while the k-th allocation, or the k-th read or write, fails, for
 * every k until none is left to fail: each run ends in a clean error or does its work; a result
 * file is there whole or not at all; and nothing leaks, which the leak sanitizer of the debug build
 * tells. */
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

static const struct {
    enum gyre_format format;
    const char *text;
} queries[] = {
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
                       "span(r) < duration('PT1H') RETURN b.IPAddr AS b, count(*) AS n"},
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

/* Gives the flows to `gyre_load`: as a file that is mapped or unpacked, or as a pipe that is read.
 */
struct setting {
    const char *directory;
    const char *file;
    bool is_pipe;
    uint32_t threads;
};

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

static int ask(struct gyre_graph *graph, const char *query, enum gyre_format format,
               const char *path, struct gyre_error *error)
{
    struct gyre_result *result = NULL;
    char *plan = NULL;
    int status = gyre_explain(&plan, graph, query, NULL, false, error);
    if (status == GYRE_OK) {
        status = gyre_query(&result, graph, query, NULL, error);
    }
    if (status == GYRE_OK) {
        gyre_text_free(gyre_result_profile(result, true));
    }
    if (status == GYRE_OK) {
        status = gyre_result_write(result, format, path, error);
    }
    gyre_text_free(plan);
    gyre_result_close(result);
    return status;
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

/* All of it once. */
static int work(const struct setting *setting, struct gyre_error *error)
{
    char input[RUN_PATH_BYTES + 16];
    char output[RUN_PATH_BYTES + 16];
    char rejects[RUN_PATH_BYTES + 16];
    char pipe_path[64];
    snprintf(input, sizeof(input), "%s/%s", setting->directory, setting->file);
    snprintf(output, sizeof(output), "%s/result", setting->directory);
    snprintf(rejects, sizeof(rejects), "%s/rejects", setting->directory);
    unlink(output);
    unlink(rejects);
    int descriptor = setting->is_pipe ? open_pipe(pipe_path) : -1;
    const char *const paths[] = {setting->is_pipe ? pipe_path : input};
    struct gyre_engine_options engine_options = {.threads = setting->threads,
                                                 .topology = "synthetic:numa:2 core:2 pu:1"};
    struct gyre_load_options load_options = {
        .has_reject_limit = true, .reject_limit_rows = 2, .rejects_path = rejects, .partitions = 3};
    struct gyre_engine *engine = NULL;
    struct gyre_graph *graph = NULL;
    struct gyre_load_report load_report;
    int status = gyre_engine_open(&engine, &engine_options, error);
    if (status == GYRE_OK) {
        status = gyre_load(&graph, engine, paths, 1, &load_options, &load_report, error);
    }
    if (status == GYRE_OK) {
        status = look(graph, error);
    }
    for (size_t query = 0; query < sizeof(queries) / sizeof(queries[0]); query++) {
        if (status == GYRE_OK) {
            status = ask(graph, queries[query].text, queries[query].format, output, error);
        }
    }
    gyre_graph_close(graph);
    gyre_engine_close(engine);
    if (descriptor >= 0) {
        close(descriptor);
    }
    return status;
}

/* Files that are neither the input nor a whole output. */
static int count_leftovers(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (strstr(entry->d_name, ".partial-") != NULL) {
            printf("\nleft over: %s\n", entry->d_name);
            count++;
        }
    }
    closedir(directory);
    return count;
}

typedef void (*fault_set)(uint64_t after);
typedef uint64_t (*fault_count)(void);

static void fail_each(const struct setting *setting, fault_set set, fault_count count)
{
    bool is_done = false;
    uint64_t failures = 0;
    for (uint64_t after = 1; !is_done; after++) {
        struct gyre_error error = {0};
        set(after);
        int status = work(setting, &error);
        is_done = count() < after;
        set(0);
        failures += status != GYRE_OK ? 1 : 0;
        /* A search that finds no memory keeps what it has found, as it does at a limit. */
        bool is_clean = status == GYRE_FAILED || status == GYRE_LIMIT;
        bool is_right = status == GYRE_OK || (!is_done && is_clean && error.text[0] != '\0');
        if (!is_right) {
            printf("\nfault %" PRIu64 ": status %d %s\n", after, status, error.text);
        }
        CU_ASSERT_TRUE(is_right);
        CU_ASSERT_EQUAL(count_leftovers(setting->directory), 0);
    }
    CU_ASSERT_TRUE(failures > 0);
}

static char directory[RUN_PATH_BYTES];

static void every_failing_allocation_is_a_clean_error(void)
{
    fail_each(&(struct setting){directory, "flows.csv", false, 1}, memory_fault_set,
              memory_fault_count);
}

static void every_failing_allocation_of_two_workers_is_a_clean_error(void)
{
    fail_each(&(struct setting){directory, "flows.csv", true, 2}, memory_fault_set,
              memory_fault_count);
}

static void every_failing_allocation_of_a_packed_file_is_a_clean_error(void)
{
    fail_each(&(struct setting){directory, "flows.csv.gz", false, 1}, memory_fault_set,
              memory_fault_count);
}

static void every_failing_read_or_write_is_a_clean_error(void)
{
    fail_each(&(struct setting){directory, "flows.csv", true, 1}, file_fault_set, file_fault_count);
    fail_each(&(struct setting){directory, "flows.csv", false, 2}, file_fault_set,
              file_fault_count);
}

int main(void)
{
    char path[RUN_PATH_BYTES + 16];
    run_directory_open(directory);
    snprintf(path, sizeof(path), "%s/flows.csv", directory);
    run_write_file(path, flows, sizeof(flows) - 1);
    char packed[4096];
    size_t packed_bytes = pack_gzip(flows, sizeof(flows) - 1, packed, sizeof(packed));
    snprintf(path, sizeof(path), "%s/flows.csv.gz", directory);
    run_write_file(path, packed, packed_bytes);
    CU_TestInfo cases[] = {
        CASE(every_failing_allocation_is_a_clean_error),
        CASE(every_failing_allocation_of_two_workers_is_a_clean_error),
        CASE(every_failing_allocation_of_a_packed_file_is_a_clean_error),
        CASE(every_failing_read_or_write_is_a_clean_error),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("fault", NULL, NULL, cases);
    run_directory_close(directory);
    return failed;
}
