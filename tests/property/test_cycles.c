/* What a pattern matches, fact by fact, on graphs small enough to check by hand: self-loops,
 * repeated variables, parallel flows, equal times, rotated and mirrored patterns, windows at their
 * bounds, nulls. Each fact is tried on several numbers of threads and partitions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gyre.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

enum { TEXT_BYTES = 4096, CYCLE_LENGTH_MAX = 8 };

static char csv_path[RUN_PATH_BYTES + 16];

static const struct {
    uint32_t threads;
    uint32_t partitions;
} combinations[] = {{1, 1}, {2, 3}, {8, 7}};

/* `flows` are `source>target@second`, with `/bytes` and `:protocol` where they matter (else null
 * and tcp), separated by blanks and numbered from 0. `rows` are separated by semicolons. */
struct fact {
    const char *name;
    const char *flows;
    const char *query;
    const char *rows;
};

#define TWO "MATCH (a)-[e1]->(b)-[e2]->(a) "
#define IDS2 " RETURN e1.Id, e2.Id"
#define TRIANGLE "a>b@1 b>c@2 c>a@3"
#define ASCENDING "WHERE e1.StartTime < e2.StartTime AND e2.StartTime < e3.StartTime"
#define IDS3 " RETURN e1.Id, e2.Id, e3.Id"

static const struct fact facts[] = {
    {"self_loop_matches_its_own_pattern_once", "a>a@1 a>b@2",
     "MATCH (a)-[e]->(a) RETURN e.Id, a.IPAddr", "0|a"},
    {"one_self_loop_is_no_cycle_of_two", "a>a@1", TWO IDS2, ""},
    {"two_self_loops_are_two_cycles_of_two", "a>a@1 a>a@2", TWO IDS2, "0|1;1|0"},
    {"unequal_vertices_exclude_self_loops", "a>a@1 a>a@2 a>b@3 b>a@4", TWO "WHERE a <> b" IDS2,
     "2|3;3|2"},
    {"a_self_loop_takes_part_in_a_path", "a>a@1 a>b@2", "MATCH (x)-[e1]->(y)-[e2]->(z)" IDS2,
     "0|1"},
    {"one_flow_is_not_two_edges", "a>b@1", "MATCH (a)-[e1]->(b), (a)-[e2]->(b)" IDS2, ""},
    {"parallel_flows_are_two_edges", "a>b@1 a>b@1", "MATCH (a)-[e1]->(b), (a)-[e2]->(b)" IDS2,
     "0|1;1|0"},
    {"each_match_clause_may_use_the_flow_again", "a>b@1",
     "MATCH (a)-[e1]->(b) MATCH (a)-[e2]->(b)" IDS2, "0|0"},
    {"three_parallel_flows_make_six_ordered_pairs", "a>b@1 a>b@1 a>b@1",
     "MATCH (a)-[e1]->(b), (a)-[e2]->(b) RETURN count(*)", "6"},
    {"parallel_flows_multiply_cycles", "a>b@1 a>b@2 b>a@3", TWO IDS2, "0|2;1|2;2|0;2|1"},
    {"less_excludes_equal_times", "a>b@5 b>a@5", TWO "WHERE e1.StartTime < e2.StartTime" IDS2, ""},
    {"less_or_equal_includes_equal_times", "a>b@5 b>a@5",
     TWO "WHERE e1.StartTime <= e2.StartTime" IDS2, "0|1;1|0"},
    {"equal_selects_equal_times", "a>b@5 b>a@5 a>b@6", TWO "WHERE e1.StartTime = e2.StartTime" IDS2,
     "0|1;1|0"},
    {"unequal_selects_unequal_times", "a>b@5 b>a@5 a>b@6",
     TWO "WHERE e1.StartTime <> e2.StartTime" IDS2, "1|2;2|1"},
    {"window_includes_flow_at_upper_bound", "a>b@0 b>a@60",
     TWO "WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= e1.StartTime + "
         "duration({seconds: 60})" IDS2,
     "0|1"},
    {"window_excludes_flow_at_upper_bound", "a>b@0 b>a@60",
     TWO "WHERE e1.StartTime < e2.StartTime AND e2.StartTime < e1.StartTime + "
         "duration({seconds: 60})" IDS2,
     ""},
    {"window_excludes_flow_a_microsecond_late", "a>b@0 b>a@60.000001",
     TWO "WHERE e1.StartTime < e2.StartTime AND e2.StartTime <= e1.StartTime + "
         "duration({seconds: 60})" IDS2,
     ""},
    {"contradictory_times_match_nothing", "a>b@1 b>a@2",
     TWO "WHERE e1.StartTime < e2.StartTime AND e2.StartTime < e1.StartTime" IDS2, ""},
    {"window_from_first_to_last_bounds_the_middle", "a>b@0 b>c@61 b>c@30 c>a@60",
     "MATCH (a)-[e1]->(b)-[e2]->(c)-[e3]->(a) " ASCENDING
     " AND e3.StartTime <= e1.StartTime + duration({seconds: 60})" IDS3,
     "0|2|3"},
    {"triangle_matches_from_each_vertex", TRIANGLE, "MATCH (a)-[e1]->(b)-[e2]->(c)-[e3]->(a)" IDS3,
     "0|1|2;1|2|0;2|0|1"},
    {"ascending_triangle_matches_once", TRIANGLE,
     "MATCH (a)-[e1]->(b)-[e2]->(c)-[e3]->(a) " ASCENDING IDS3, "0|1|2"},
    {"rotated_triangle_matches_the_same", TRIANGLE,
     "MATCH (b)-[e2]->(c)-[e3]->(a)-[e1]->(b) " ASCENDING IDS3, "0|1|2"},
    {"twice_rotated_triangle_matches_the_same", TRIANGLE,
     "MATCH (c)-[e3]->(a)-[e1]->(b)-[e2]->(c) " ASCENDING IDS3, "0|1|2"},
    {"mirrored_triangle_matches_the_same", TRIANGLE,
     "MATCH (a)<-[e3]-(c)<-[e2]-(b)<-[e1]-(a) " ASCENDING IDS3, "0|1|2"},
    {"triangle_in_parts_matches_the_same", TRIANGLE,
     "MATCH (c)-[e3]->(a), (b)<-[e1]-(a), (b)-[e2]->(c) " ASCENDING IDS3, "0|1|2"},
    {"triangle_against_the_arrows_does_not_match", TRIANGLE,
     "MATCH (a)-[e1]->(b)-[e2]->(c)<-[e3]-(a)" IDS3, ""},
    {"repeated_variable_in_a_path_returns", "a>b@1 b>a@2 a>c@3",
     "MATCH (x)-[e1]->(y)-[e2]->(x)-[e3]->(z) WHERE z <> y" IDS3, "0|1|2"},
    {"figure_of_eight_uses_four_flows", "a>b@1 b>a@2 a>c@3 c>a@4",
     "MATCH (m)-[e1]->(x)-[e2]->(m)-[e3]->(y)-[e4]->(m) WHERE x <> y "
     "RETURN e1.Id, e2.Id, e3.Id, e4.Id",
     "0|1|2|3;2|3|0|1"},
    {"figure_of_eight_over_one_pair_needs_four_flows", "a>b@1 b>a@2 a>b@3",
     "MATCH (m)-[e1]->(x)-[e2]->(m)-[e3]->(y)-[e4]->(m) RETURN count(*)", "0"},
    {"separate_parts_multiply", "a>b@1 c>d@2", "MATCH (a)-[e1]->(b), (c)-[e2]->(d)" IDS2,
     "0|1;1|0"},
    {"parts_joined_by_a_variable_are_a_path", "a>b@1 b>c@2 x>y@3",
     "MATCH (a)-[e1]->(b), (b)-[e2]->(c)" IDS2, "0|1"},
    {"star_out_takes_flows_in_any_order", "a>b@1 a>c@2 a>d@3",
     "MATCH (h)-[e1]->(x), (h)-[e2]->(y), (h)-[e3]->(z) RETURN count(*)", "6"},
    {"distinct_keeps_one_of_equal_rows", "a>b@1 a>b@2 b>a@3",
     "MATCH (x)-[e]->(y) RETURN DISTINCT x.IPAddr AS x, y.IPAddr AS y ORDER BY x, y", "a|b;b|a"},
    {"skip_and_limit_follow_the_order", "a>b@1/5 a>b@2/7 a>b@3/6 a>b@4/9",
     "MATCH ()-[e]->() RETURN e.Id, e.TotBytes ORDER BY e.TotBytes DESC SKIP 1 LIMIT 2", "1|7;2|6"},
    {"limit_zero_gives_no_row", "a>b@1", "MATCH ()-[e]->() RETURN e.Id LIMIT 0", ""},
    {"limit_bounds_the_rows_of_a_count", "a>b@1 a>b@2 a>c@3",
     "MATCH ()-[e]->(y) RETURN y.IPAddr AS y, count(*) ORDER BY y LIMIT 1", "b|2"},
    {"rows_come_in_the_order_of_their_flows", "a>b@3 a>c@1 a>d@2", "MATCH ()-[e]->() RETURN e.Id",
     "0;1;2"},
    {"null_descends_first", "a>b@1/5 a>b@2 a>b@3/9",
     "MATCH ()-[e]->() RETURN e.TotBytes ORDER BY e.TotBytes DESC", "null;9;5"},
    {"null_ascends_last", "a>b@1/5 a>b@2 a>b@3/9",
     "MATCH ()-[e]->() RETURN e.TotBytes ORDER BY e.TotBytes", "5;9;null"},
    {"comparison_with_null_is_not_true", "a>b@1/5 a>b@2",
     "MATCH ()-[e]->() WHERE e.TotBytes < 10 RETURN e.Id", "0"},
    {"negated_comparison_with_null_is_not_true", "a>b@1/5 a>b@2 a>b@3/20",
     "MATCH ()-[e]->() WHERE NOT e.TotBytes < 10 RETURN e.Id", "2"},
    {"null_or_true_is_true", "a>b@1",
     "MATCH ()-[e]->() WHERE e.TotBytes < 10 OR e.Proto = 'tcp' RETURN e.Id", "0"},
    {"is_null_finds_nulls", "a>b@1/5 a>b@2",
     "MATCH ()-[e]->() WHERE e.TotBytes IS NULL RETURN e.Id", "1"},
    {"aggregates_of_nothing", "a>b@1/5",
     "MATCH ()-[e]->() WHERE e.TotBytes > 9 "
     "RETURN count(*), sum(e.TotBytes), min(e.TotBytes), max(e.TotBytes), avg(e.TotBytes)",
     "0|0|null|null|null"},
    {"groups_of_nothing_are_none", "a>b@1/5",
     "MATCH (x)-[e]->() WHERE e.TotBytes > 9 RETURN x.IPAddr, count(*)", ""},
    {"aggregates_skip_nulls", "a>b@1/5 a>b@2 a>b@3/10",
     "MATCH ()-[e]->() RETURN count(*), count(e.TotBytes), sum(e.TotBytes), avg(e.TotBytes)",
     "3|2|15|7.5"},
    {"properties_inline_are_conditions", "a>b@1:udp a>b@2:icmp b>a@3:udp",
     "MATCH (x {IPAddr: 'a'})-[e:Netflow {Proto: 'udp'}]->(y:IP) RETURN e.Id", "0"},
    {"keywords_and_comments_are_free", "a>b@1",
     "match /* any */ ()-[e]->() // flow\n Where e.Id = 0\nreturn e.Id as id", "0"},
    {"anonymous_vertices_are_not_one", "a>b@1 c>d@2", "MATCH ()-[e1]->(), ()-[e2]->()" IDS2,
     "0|1;1|0"},
    {"conditions_cross_the_cycle", "a>b@1/10 b>a@2/3 b>a@3/30",
     TWO "WHERE e1.TotBytes + e2.TotBytes = 40" IDS2, "0|2;2|0"},
};

/* Writes the flows of a fact as CSV; `text` has TEXT_BYTES. */
static void write_flows(const char *flows)
{
    char text[TEXT_BYTES];
    size_t used =
        (size_t)snprintf(text, sizeof(text), "StartTime,Dur,Proto,SrcAddr,DstAddr,TotBytes,Id\n");
    int number = 0;
    for (const char *next = flows; *next != '\0'; number++) {
        char source[16];
        char target[16];
        char rest[32];
        int length = 0;
        if (sscanf(next, " %15[^>]>%15[^@]@%31[^ ]%n", source, target, rest, &length) != 3) {
            fprintf(stderr, "not a flow: %s\n", next);
            exit(EXIT_FAILURE);
        }
        next += length;
        const char *protocol = "tcp";
        const char *bytes = "";
        char *mark = strchr(rest, ':');
        if (mark != NULL) {
            *mark = '\0';
            protocol = mark + 1;
        }
        mark = strchr(rest, '/');
        if (mark != NULL) {
            *mark = '\0';
            bytes = mark + 1;
        }
        double second = strtod(rest, NULL);
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "2011/08/16 10:%02d:%09.6f,1.0,%s,%s,%s,%s,%d\n", (int)second / 60,
                                 second - (int)second / 60 * 60, protocol, source, target, bytes,
                                 number);
    }
    run_write_file(csv_path, text, used);
}

/* Whether the query gives the rows, on every combination; says so where it does not. */
static bool fact_holds(const struct fact *fact)
{
    bool holds = true;
    write_flows(fact->flows);
    for (size_t index = 0; index < sizeof(combinations) / sizeof(combinations[0]); index++) {
        struct run_lines lines = {NULL, 0};
        struct gyre_error error = {0};
        char rows[TEXT_BYTES] = "";
        size_t used = 0;
        int status = run_query(&lines, csv_path, combinations[index].threads,
                               combinations[index].partitions, fact->query, &error);
        for (size_t line = 0; line < lines.count && used < sizeof(rows); line++) {
            used += (size_t)snprintf(rows + used, sizeof(rows) - used, "%s%s", line > 0 ? ";" : "",
                                     lines.lines[line]);
        }
        if (status != GYRE_OK || strcmp(rows, fact->rows) != 0) {
            printf("\n%s: %u threads, %u partitions: status %d %s\n  query %s\n  rows  %s\n"
                   "  not   %s\n",
                   fact->name, combinations[index].threads, combinations[index].partitions, status,
                   error.text, fact->query, rows, fact->rows);
            holds = false;
        }
        run_lines_close(&lines);
    }
    return holds;
}

static void patterns_match_what_the_facts_say(void)
{
    for (size_t index = 0; index < sizeof(facts) / sizeof(facts[0]); index++) {
        CU_ASSERT_TRUE(fact_holds(&facts[index]));
    }
}

/* A ring of vertices with ascending flows matches once, beside a ring the other way round, whose
 * flows descend. */
static void ring_of_any_length_matches(void)
{
    for (int length = 2; length <= CYCLE_LENGTH_MAX; length++) {
        char flows[TEXT_BYTES] = "";
        char query[TEXT_BYTES] = "MATCH (v0)";
        char ascending[TEXT_BYTES] = " WHERE 1 = 1";
        char count[16];
        size_t flow_bytes = 0;
        size_t query_bytes = strlen(query);
        size_t where_bytes = strlen(ascending);
        for (int edge = 0; edge < length; edge++) {
            int next = (edge + 1) % length;
            flow_bytes += (size_t)snprintf(flows + flow_bytes, sizeof(flows) - flow_bytes,
                                           "%sn%d>n%d@%d n%d>n%d@%d", edge > 0 ? " " : "", edge,
                                           next, edge, next, edge, edge + length);
            query_bytes += (size_t)snprintf(query + query_bytes, sizeof(query) - query_bytes,
                                            "-[e%d]->(v%d)", edge, next);
            if (edge > 0) {
                where_bytes += (size_t)snprintf(
                    ascending + where_bytes, sizeof(ascending) - where_bytes,
                    " AND e%d.StartTime < e%d.StartTime AND v%d <> v%d AND e%d.StartTime < "
                    "e0.StartTime + duration({seconds: %d})",
                    edge - 1, edge, edge - 1, edge, edge, length);
            }
            for (int other = 0; other + 1 < edge; other++) {
                where_bytes +=
                    (size_t)snprintf(ascending + where_bytes, sizeof(ascending) - where_bytes,
                                     " AND v%d <> v%d", other, edge);
            }
        }
        snprintf(query + query_bytes, sizeof(query) - query_bytes, "%s RETURN count(*)", ascending);
        /* With two vertices both rings are one: flows at 0 and 1, and flows at 2 and 3. */
        snprintf(count, sizeof(count), "%d", length == 2 ? 2 : 1);
        struct fact fact = {"ring_of_any_length_matches", flows, query, count};
        CU_ASSERT_TRUE(fact_holds(&fact));
    }
}

int main(void)
{
    char directory[RUN_PATH_BYTES];
    run_directory_open(directory);
    snprintf(csv_path, sizeof(csv_path), "%s/flows.csv", directory);
    CU_TestInfo cases[] = {
        CASE(patterns_match_what_the_facts_say),
        CASE(ring_of_any_length_matches),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("cycles", NULL, NULL, cases);
    run_close();
    run_directory_close(directory);
    return failed;
}
