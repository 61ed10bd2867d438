/* The search gives the same answer however it is cut up: a query is run whole on one worker, then
 * split at every single step, on several workers and partitions. */
#include "engine/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "gyre.h"
#include "loader/load.h"
#include "tests/support/suite.h"

enum { COLUMNS_MAX = 4, ROWS_MAX = 64 };

struct answer {
    uint64_t row_count;
    uint32_t column_count;
    int64_t cells[ROWS_MAX][COLUMNS_MAX];
    struct match_statistics statistics;
};

static char path[] = "/tmp/gyre-test-match-XXXXXX";

static struct graph *load(struct team *team, struct budget *budget, uint32_t partition_count)
{
    struct error error = {0};
    struct graph *graph = NULL;
    struct stop stop;
    static struct load_report report;
    const char *paths[] = {path};
    struct load_options options = {.paths = paths,
                                   .path_count = 1,
                                   .partition_count = partition_count,
                                   .reject_limit_rows = 0};
    stop_init(&stop, 0);
    graph_load(&graph, team, budget, &options, &stop, NULL, &report, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(graph);
    return graph;
}

/* Runs `text`; the answer is only set when the run succeeds. */
static enum status try_ask(const struct graph *graph, struct team *team, struct budget *budget,
                           const char *text, struct match_options options, struct answer *answer)
{
    struct error error = {0};
    struct bound_query *query = NULL;
    struct result *result = NULL;
    struct stop stop;
    struct lanes lanes[COLUMNS_MAX];
    memset(answer, 0, sizeof *answer);
    stop_init(&stop, 0);
    enum status status;
    TRY_DONE(query_bind(&query, graph, bytes_of(text), "query", &error));
    TRY_DONE(match_run(&result, query, team, budget, &stop, NULL, &options, &answer->statistics,
                       &error));
    answer->row_count = result_row_count(result);
    answer->column_count = result_column_count(result);
    CU_ASSERT_TRUE_FATAL(answer->row_count <= ROWS_MAX && answer->column_count <= COLUMNS_MAX);
    TRY_DONE(result_read(result, 0, (uint32_t)answer->row_count, lanes, &error));
    for (uint32_t c = 0; c < answer->column_count; c++) {
        for (uint64_t r = 0; r < answer->row_count; r++) {
            answer->cells[r][c] = lanes[c].values[r].integer;
        }
    }
done:
    CU_ASSERT_EQUAL(error.status, status);
    result_close(result);
    query_close(query);
    return status;
}

static void ask(const struct graph *graph, struct team *team, struct budget *budget,
                const char *text, struct match_options options, struct answer *answer)
{
    CU_ASSERT_EQUAL_FATAL(try_ask(graph, team, budget, text, options, answer), STATUS_OK);
}

static const char *const queries[] = {
    "MATCH ()-[e]->() RETURN count(*), sum(e.TotBytes)",
    "MATCH ()-[e]->() RETURN e.TotPkts AS p, count(*) AS n ORDER BY n DESC, p LIMIT 20",
    "MATCH (a)-[e1]->(b)-[e2]->(a) WHERE e1.StartTime <= e2.StartTime AND e1.Dur < e2.Dur / 10 "
    "RETURN count(*), sum(e1.TotBytes), sum(e2.TotPkts)",
    "MATCH (a)-[e1]->(b)-[e2]->(c) WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= "
    "e1.StartTime + duration({seconds: 1}) RETURN count(*), sum(e2.TotBytes)",
    "MATCH (a)-[e1]->(b)-[e2]->(c)-[e3]->(a) WHERE a <> b AND b <> c AND c <> a AND "
    "e1.StartTime < e2.StartTime AND e2.StartTime < e3.StartTime AND e3.StartTime <= "
    "e1.StartTime + duration({seconds: 600}) RETURN count(*), sum(e1.TotBytes)",
    "MATCH (a)-[e1]->(b), (a)-[e2]->(b), (a)-[e3]->(b) WHERE e1.StartTime < e2.StartTime AND "
    "e2.StartTime < e3.StartTime AND e3.StartTime <= e1.StartTime + duration({seconds: 2}) "
    "RETURN count(*), sum(e2.TotBytes)",
    "MATCH (a)-[e1]->(b), (c)-[e2]->(d) WHERE e1.Proto = 'icmp' AND e2.Proto = 'icmp' "
    "RETURN count(*), sum(e1.TotBytes + e2.TotBytes)",
    "MATCH (a)-[e1]->(b), (a)-[e2]->(b) RETURN count(*)",
    "MATCH (a)-[e1]->(b), (a)-[e2]->(b), (a)-[e3]->(b) WHERE e1.Proto = 'udp' AND "
    "e3.StartTime <= e2.StartTime RETURN count(*)",
    "MATCH (a)-[e1]->(b) MATCH (a)-[e2]->(b) RETURN count(*)",
    "MATCH (a)-[e1]->(b)-[e2]->(c) RETURN count(*)",
    "MATCH (a)-[e1]-(b)-[e2]-(c) RETURN count(*)",
    "MATCH (a)-[e1]->(b), (c)-[e2]-(d) RETURN count(*)",
    "MATCH (a)-[e1]->(b)<-[e2]-(c) WHERE a <> c AND b <> c AND e1.StartTime <= e2.StartTime AND "
    "e2.StartTime <= e1.StartTime + duration({seconds: 60}) RETURN count(*)",
    "MATCH (a), (b)-[e]->(a) WHERE e.Proto = 'icmp' RETURN count(*), count(DISTINCT b)",
    "MATCH (a)-[e1]-(b)-[e2]-(c) WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= "
    "e1.StartTime + duration({seconds: 1}) RETURN count(*), sum(e2.TotBytes), count(DISTINCT c)",
    "MATCH (a)-[e1]-(b)-[e2]-(c)-[e3]-(a) WHERE e1.StartTime < e2.StartTime AND e2.StartTime < "
    "e3.StartTime AND e3.StartTime <= e1.StartTime + duration({seconds: 60}) RETURN count(*), "
    "sum(e1.TotBytes)",
    "MATCH (a)-[e1]-(b)<-[e2]-(a) MATCH (a)-[e3]-(b) WHERE e1.Proto = 'icmp' RETURN count(*)",
    "MATCH (a)-[e]-(b) WHERE e.Proto = 'icmp' RETURN e.TotBytes, e.TotPkts ORDER BY a.IPAddr, "
    "e.TotBytes, e.TotPkts LIMIT 40",
};

enum { QUERIES = sizeof(queries) / sizeof(*queries) };

static void expect_equal(const struct answer *expected, const struct answer *actual)
{
    CU_ASSERT_EQUAL(actual->row_count, expected->row_count);
    CU_ASSERT_EQUAL(actual->statistics.matches, expected->statistics.matches);
    CU_ASSERT_EQUAL(memcmp(actual->cells, expected->cells, sizeof(actual->cells)), 0);
}

/* Whoever has no copies of the inner graph walks the partitions' lists. */
static void expect_same_without_inner(struct graph *graph, struct team *team, struct budget *budget,
                                      const struct answer *expected)
{
    static struct answer actual;
    const struct inner *inner = graph->edges.inner;
    CU_ASSERT_PTR_NOT_NULL(inner);
    graph->edges.inner = NULL;
    for (uint32_t q = 0; q < QUERIES; q++) {
        ask(graph, team, budget, queries[q], (struct match_options){.splits_always = true},
            &actual);
        expect_equal(&expected[q], &actual);
    }
    graph->edges.inner = inner;
}

static void answers_do_not_depend_on_splits_workers_or_partitions(void)
{
    static struct answer expected[QUERIES];
    static struct answer actual;
    uint64_t splits = 0;
    struct error error = {0};
    struct topology *topology = NULL;
    struct budget budget;
    budget_init(&budget, 0);
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, "synthetic:numa:2 core:2 pu:1", &error),
                          STATUS_OK);
    for (uint32_t workers = 1; workers <= 4; workers++) {
        struct team *team = NULL;
        CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, workers, &error), STATUS_OK);
        struct graph *graph = load(team, &budget, 2 * workers - 1);
        for (uint32_t q = 0; q < QUERIES; q++) {
            if (workers == 1) {
                ask(graph, team, &budget, queries[q], (struct match_options){0}, &expected[q]);
            }
            ask(graph, team, &budget, queries[q], (struct match_options){.splits_always = true},
                &actual);
            splits += actual.statistics.work.splits;
            expect_equal(&expected[q], &actual);
            ask(graph, team, &budget, queries[q], (struct match_options){.has_fixed_shares = true},
                &actual);
            expect_equal(&expected[q], &actual);
        }
        expect_same_without_inner(graph, team, &budget, expected);
        graph_close(graph);
        team_close(team);
    }
    CU_ASSERT_TRUE(splits > 1000);
    topology_close(topology);
    CU_ASSERT_EQUAL(budget_used(&budget), 0);
}

/* Where links are found by time, a thief lists them again, for which it may lack the memory. */
static void expect_failures_without_harm(const char *path_text)
{
    static struct answer expected;
    static struct answer actual;
    struct match_options splits = {.splits_always = true};
    struct error error = {0};
    struct topology *topology = NULL;
    struct team *team = NULL;
    struct budget budget;
    budget_init(&budget, 0);
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, 2, &error), STATUS_OK);
    struct graph *graph = load(team, &budget, 2);
    ask(graph, team, &budget, path_text, splits, &expected);
    CU_ASSERT_TRUE(expected.statistics.plan.steps[1].by_time);
    enum status status = STATUS_FAILED;
    uint64_t failures = 0;
    bool is_done = false;
    for (uint64_t after = 1; !is_done; after++) {
        memory_fault_set(after);
        status = try_ask(graph, team, &budget, path_text, splits, &actual);
        is_done = memory_fault_count() < after;
        failures += status != STATUS_OK;
        if (status == STATUS_OK) {
            expect_equal(&expected, &actual);
        }
    }
    memory_fault_set(0);
    CU_ASSERT_TRUE(failures > 10);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    graph_close(graph);
    team_close(team);
    topology_close(topology);
}

/* Only to be counted, or each to be found. */
static const char *const parts_texts[] = {
    "MATCH (a)-[e1]->(b), (c)-[e2]->(d) WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= "
    "e1.StartTime + duration({milliseconds: 10}) RETURN count(*)",
    "MATCH (a)-[e1]->(b), (c)-[e2]->(d) WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= "
    "e1.StartTime + duration({milliseconds: 10}) RETURN count(*), sum(e1.TotBytes + e2.TotBytes)",
};

static void a_failed_allocation_never_gives_a_wrong_answer(void)
{
    expect_failures_without_harm(
        "MATCH (a)-[e1]->(b)-[e2]->(c) WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= "
        "e1.StartTime + duration({seconds: 1}) RETURN count(*)");
    expect_failures_without_harm(
        "MATCH (a)-[e1]->(b)-[e2]->(c) WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= "
        "e1.StartTime + duration({seconds: 1}) RETURN count(*), sum(e2.TotBytes)");
    expect_failures_without_harm(
        "MATCH (a)-[e1]->(b), (c)-[e2]->(d) WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= "
        "e1.StartTime + duration({milliseconds: 1}) RETURN count(*), sum(e2.TotBytes)");
}

/* An undirected pattern, and the directed ones that it is the union of, with what makes them
 * disjoint. */
static const struct {
    const char *undirected;
    const char *directed[4];
} unions[] = {
    {"(a)-[e1]-(b)-[e2]-(c) WHERE 1 = 1",
     {"(a)-[e1]->(b)-[e2]->(c) WHERE 1 = 1", "(a)<-[e1]-(b)-[e2]->(c) WHERE a <> b",
      "(a)-[e1]->(b)<-[e2]-(c) WHERE b <> c", "(a)<-[e1]-(b)<-[e2]-(c) WHERE a <> b AND b <> c"}},
    {"(a)-[e1]-(b)-[e2]-(a) WHERE a.IPAddr > '10.0.0.0'",
     {"(a)-[e1]->(b)-[e2]->(a) WHERE a.IPAddr > '10.0.0.0'",
      "(a)<-[e1]-(b)-[e2]->(a) WHERE a.IPAddr > '10.0.0.0' AND a <> b",
      "(a)-[e1]->(b)<-[e2]-(a) WHERE a.IPAddr > '10.0.0.0' AND a <> b",
      "(a)<-[e1]-(b)<-[e2]-(a) WHERE a.IPAddr > '10.0.0.0' AND a <> b"}},
    {"(a)-[e1]-(b)-[e3]->(c)-[e2]-(a) WHERE e3.Proto = 'tcp'",
     {"(a)-[e1]->(b)-[e3]->(c)-[e2]->(a) WHERE e3.Proto = 'tcp'",
      "(a)<-[e1]-(b)-[e3]->(c)-[e2]->(a) WHERE e3.Proto = 'tcp' AND a <> b",
      "(a)-[e1]->(b)-[e3]->(c)<-[e2]-(a) WHERE e3.Proto = 'tcp' AND a <> c",
      "(a)<-[e1]-(b)-[e3]->(c)<-[e2]-(a) WHERE e3.Proto = 'tcp' AND a <> b AND a <> c"}},
};

/* Three workers on two nodes, and a graph of two partitions. */
struct rig {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct graph *graph;
};

static void open_rig(struct rig *rig)
{
    struct error error = {0};
    *rig = (struct rig){0};
    budget_init(&rig->budget, 0);
    CU_ASSERT_EQUAL_FATAL(topology_open(&rig->topology, "synthetic:numa:2 core:2 pu:1", &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&rig->team, rig->topology, 3, &error), STATUS_OK);
    rig->graph = load(rig->team, &rig->budget, 2);
}

static void close_rig(struct rig *rig)
{
    graph_close(rig->graph);
    team_close(rig->team);
    topology_close(rig->topology);
}

static void undirected_patterns_are_unions_of_directed_ones(void)
{
    static const char window[] = " AND e1.StartTime <= e2.StartTime AND e2.StartTime <= "
                                 "e1.StartTime + duration({seconds: 20})";
    static const char format[] = "MATCH %s%s RETURN count(*), sum(e1.TotBytes)";
    static struct answer answer;
    char text[512];
    struct rig rig;
    open_rig(&rig);
    for (size_t i = 0; i < sizeof unions / sizeof *unions; i++) {
        int64_t count = 0;
        int64_t bytes = 0;
        for (uint32_t j = 0; j < 4; j++) {
            snprintf(text, sizeof text, format, unions[i].directed[j], window);
            ask(rig.graph, rig.team, &rig.budget, text, (struct match_options){0}, &answer);
            count += answer.cells[0][0];
            bytes += answer.cells[0][1];
        }
        snprintf(text, sizeof text, format, unions[i].undirected, window);
        ask(rig.graph, rig.team, &rig.budget, text, (struct match_options){.splits_always = true},
            &answer);
        CU_ASSERT_EQUAL(answer.cells[0][0], count);
        CU_ASSERT_EQUAL(answer.cells[0][1], bytes);
        CU_ASSERT_TRUE(count > 0);
        snprintf(text, sizeof text, "MATCH %s%s RETURN count(*)", unions[i].undirected, window);
        ask(rig.graph, rig.team, &rig.budget, text, (struct match_options){.splits_always = true},
            &answer);
        CU_ASSERT_EQUAL(answer.cells[0][0], count);
    }
    close_rig(&rig);
}

/* Flows that nobody reads are counted link by link, those that are read are taken one by one. */
static void flows_of_one_edge_are_the_same_however_they_are_taken(void)
{
    static const char ordered[] = "ORDER BY n DESC, a LIMIT 50";
    static const char *const matches[] = {
        "MATCH (a)-[e]->(b)", "MATCH (a)-[e]->(b) WHERE e.Proto = 'udp' AND e.TotBytes > 200",
        "MATCH (a)-[e]-(b) WHERE e.Dur > 0.5"};
    static const char *const counts[] = {"count(*)", "count(e.StartTime)"};
    static struct answer answers[2];
    char text[512];
    struct rig rig;
    open_rig(&rig);
    for (size_t match = 0; match < sizeof matches / sizeof *matches; match++) {
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            snprintf(text, sizeof text, "%s RETURN a.IPAddr AS a, %s AS n %s", matches[match],
                     counts[i], ordered);
            ask(rig.graph, rig.team, &rig.budget, text, (struct match_options){0}, &answers[i]);
            CU_ASSERT_EQUAL(answers[i].row_count, 50);
            expect_equal(&answers[0], &answers[i]);
        }
    }
    close_rig(&rig);
}

/* Pairs of flows of which the second begins within 10 ms after the first, one by one. */
static int64_t count_pairs(const struct graph *graph)
{
    static time_ns times[4096];
    uint64_t count = 0;
    int64_t pairs = 0;
    for (uint32_t p = 0; p < graph->edges.partition_count; p++) {
        const struct partition *partition = &graph->edges.partitions[p];
        for (uint32_t i = 0; i < partition->flow_count && count < sizeof times / 8; i++) {
            times[count++] = partition->flow_time[i];
        }
    }
    for (uint64_t i = 0; i < count; i++) {
        for (uint64_t j = 0; j < count; j++) {
            pairs += times[i] < times[j] && times[j] <= times[i] + 10000000;
        }
    }
    return pairs;
}

static void parts_that_only_a_window_ties_are_found_by_time(void)
{
    static struct answer answer;
    struct error error = {0};
    struct topology *topology = NULL;
    struct budget budget;
    budget_init(&budget, 0);
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, "synthetic:numa:2 core:2 pu:1", &error),
                          STATUS_OK);
    for (uint32_t workers = 1; workers <= 3; workers += 2) {
        struct team *team = NULL;
        CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, workers, &error), STATUS_OK);
        struct graph *graph = load(team, &budget, workers);
        for (uint32_t i = 0; i < 4; i++) {
            ask(graph, team, &budget, parts_texts[i / 2],
                (struct match_options){.splits_always = i % 2 == 1}, &answer);
            CU_ASSERT_TRUE(answer.statistics.plan.steps[1].by_time);
            CU_ASSERT_EQUAL(answer.statistics.plan.steps[1].is_counted, i < 2);
            CU_ASSERT_EQUAL(answer.cells[0][0], count_pairs(graph));
            CU_ASSERT_TRUE(answer.cells[0][0] > 100);
        }
        graph_close(graph);
        team_close(team);
    }
    topology_close(topology);
}

/* One worker, on node 0: partition 0 is near and partition 1 is not. */
static void what_is_read_is_counted_by_node(void)
{
    enum { NODES = 2 };
    static struct answer answer;
    struct error error = {0};
    struct topology *topology = NULL;
    struct team *team = NULL;
    struct budget budget;
    budget_init(&budget, 0);
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, "synthetic:numa:2 core:1 pu:1", &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, 1, &error), STATUS_OK);
    for (uint32_t partitions = 1; partitions <= 2; partitions++) {
        struct graph *graph = load(team, &budget, partitions);
        for (uint32_t q = 0; q < QUERIES; q++) {
            struct node_work nodes[NODES] = {0};
            const struct match_statistics *whole = &answer.statistics;
            const struct locality *locality = &nodes[0].locality;
            struct match_options options = {.counts_reads = true, .nodes = nodes};
            ask(graph, team, &budget, queries[q], options, &answer);
            CU_ASSERT_EQUAL(locality->flows[0] + locality->flows[1],
                            whole->flows_visited + whole->flows_scanned);
            CU_ASSERT_TRUE(locality->bytes[0] > 0);
            CU_ASSERT_EQUAL(locality->bytes[1] > 0, partitions == 2);
            CU_ASSERT_EQUAL(memcmp(locality, &whole->locality, sizeof(*locality)), 0);
            CU_ASSERT_EQUAL(nodes[0].counts.tasks, whole->work.tasks);
            CU_ASSERT_EQUAL(nodes[1].counts.tasks, 0);
        }
        graph_close(graph);
    }
    team_close(team);
    topology_close(topology);
}

int main(void)
{
    struct gyre_error error = {0};
    struct gyre_generate_options options = {.flows = 3000, .seed = 7, .addresses = 1500};
    int file = mkstemp(path);
    if (file < 0 || close(file) != 0 || gyre_generate(path, NULL, &options, &error) != GYRE_OK) {
        fprintf(stderr, "test_match: cannot make flows: %s\n", error.text);
        return 1;
    }
    CU_TestInfo cases[] = {
        CASE(answers_do_not_depend_on_splits_workers_or_partitions),
        CASE(undirected_patterns_are_unions_of_directed_ones),
        CASE(flows_of_one_edge_are_the_same_however_they_are_taken),
        CASE(parts_that_only_a_window_ties_are_found_by_time),
        CASE(a_failed_allocation_never_gives_a_wrong_answer),
        CASE(what_is_read_is_counted_by_node),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("match", NULL, NULL, cases);
    unlink(path);
    return failed;
}
