/* The public interface, as a program that uses libgyre sees it. */
#include "gyre.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/suite.h"

static const char flows[] =
    "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,"
    "SrcBytes,Label\n"
    "2011/08/16 10:00:00.5,0.25,tcp,10.0.0.1,1024,   ->,10.0.0.2,80,S_,0,0,1,60,60,a\n"
    "2011/08/16 10:00:02,4,icmp,10.0.0.2,0x0303,   ->,10.0.0.1,,URP,0,,1,141,141,b\n"
    "2011/08/16 10:00:01,0,udp,00:0c:29:97:a3:eb,,  <->,10.0.0.2,53,CON,,,2,120,60,a\n"
    "no flow\n";

static char path[] = "/tmp/gyre_test_api_XXXXXX";
static struct gyre_engine *engine;
static struct gyre_graph *graph;
static struct gyre_load_report report;

static int open_all(void)
{
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL || fputs(flows, file) < 0 || fclose(file) != 0) {
        return 1;
    }
    const char *paths[] = {path};
    struct gyre_engine_options options = {.threads = 2};
    struct gyre_load_options load = {
        .partitions = 2, .has_reject_limit = true, .reject_limit_rows = 1};
    struct gyre_error error = {0};
    return gyre_engine_open(&engine, &options, &error) ||
           gyre_load(&graph, engine, paths, 1, &load, &report, &error);
}

static int close_all(void)
{
    gyre_graph_close(graph);
    gyre_engine_close(engine);
    return unlink(path);
}

static struct gyre_result *query(const char *text, int expected)
{
    struct gyre_error error = {0};
    struct gyre_result *result = NULL;
    CU_ASSERT_EQUAL(gyre_query(&result, graph, text, NULL, &error), expected);
    CU_ASSERT_EQUAL(error.status, expected);
    CU_ASSERT_EQUAL(error.text[0] == '\0', expected == GYRE_OK);
    return result;
}

static void load_of_no_files_is_wrong_usage(void)
{
    struct gyre_error error = {0};
    struct gyre_graph *none = graph;
    CU_ASSERT_EQUAL(gyre_load(&none, engine, NULL, 0, NULL, NULL, &error), GYRE_USAGE);
    CU_ASSERT_STRING_EQUAL(error.text, "there is no file to load flows from");
    CU_ASSERT_PTR_NULL(none);
}

static void load_report_tells_rows_and_rejects(void)
{
    CU_ASSERT_EQUAL(report.input_bytes, sizeof(flows) - 1);
    CU_ASSERT_EQUAL(report.rows_read, 4);
    CU_ASSERT_EQUAL(report.rows_loaded, 3);
    CU_ASSERT_EQUAL(report.rows_rejected, 1);
    uint64_t count = 0;
    for (uint32_t i = 0; i < GYRE_REJECT_REASONS; i++) {
        const struct gyre_reject *reject = &report.rejects[i];
        CU_ASSERT_PTR_NOT_NULL(reject->reason);
        CU_ASSERT_TRUE(reject->count == 0 || (reject->line == 5 && !strcmp(reject->file, path)));
        count += reject->count;
    }
    CU_ASSERT_EQUAL(count, 1);
}

static void graph_and_its_partitions_agree(void)
{
    struct gyre_graph_info info = gyre_graph_info(graph);
    uint64_t flow_count = 0;
    uint64_t vertex_count = 0;
    CU_ASSERT_EQUAL(info.flows, 3);
    CU_ASSERT_EQUAL(info.vertices, 3);
    CU_ASSERT_EQUAL(info.links, 3);
    CU_ASSERT_EQUAL(info.partitions, 2);
    CU_ASSERT_EQUAL(info.properties, 15);
    for (uint32_t i = 0; i < info.partitions; i++) {
        flow_count += gyre_partition_info(graph, i).flows;
        vertex_count += gyre_partition_info(graph, i).vertices;
    }
    CU_ASSERT_EQUAL(flow_count, 3);
    CU_ASSERT_EQUAL(vertex_count, 3);
    CU_ASSERT_EQUAL(gyre_graph_validate(graph, NULL), GYRE_OK);
}

static void properties_are_summed_up_exactly(void)
{
    static const struct {
        uint32_t property;
        const char *name, *type;
        uint64_t nulls, distinct;
        const char *least, *greatest;
    } rows[] = {
        {0, "StartTime", "time", 0, 3, "2011-08-16T10:00:00.500Z", "2011-08-16T10:00:02Z"},
        {1, "Dur", "float", 0, 3, "0.0", "4.0"},
        {3, "SrcAddr", "text", 0, 3, "00:0c:29:97:a3:eb", "10.0.0.2"},
        {4, "Sport", "integer", 1, 2, "771", "1024"},
        {6, "DstAddr", "text", 0, 2, "10.0.0.1", "10.0.0.2"},
        {10, "dTos", "integer", 2, 1, "0", "0"},
        {14, "Label", "text", 0, 2, "a", "b"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gyre_property_info info;
        CU_ASSERT_EQUAL(gyre_property_info(&info, graph, rows[i].property, NULL), GYRE_OK);
        CU_ASSERT_STRING_EQUAL(info.name, rows[i].name);
        CU_ASSERT_STRING_EQUAL(info.type, rows[i].type);
        CU_ASSERT_EQUAL(info.nulls, rows[i].nulls);
        CU_ASSERT_EQUAL(info.distinct, rows[i].distinct);
        CU_ASSERT_STRING_EQUAL(info.least, rows[i].least);
        CU_ASSERT_STRING_EQUAL(info.greatest, rows[i].greatest);
    }
}

/* Numbers, texts, sources and targets; the next run uses the stop up. */
static void a_stop_ends_summing_up_too(void)
{
    static const uint32_t properties[] = {1, 14, 3, 6};
    gyre_engine_stop(engine);
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        struct gyre_property_info info;
        struct gyre_error error = {0};
        CU_ASSERT_EQUAL(gyre_property_info(&info, graph, properties[i], &error), GYRE_INTERRUPTED);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "interrupted"));
    }
    gyre_result_close(query("MATCH ()-[e]->() RETURN count(*)", GYRE_INTERRUPTED));
}

static void values_have_their_types(void)
{
    struct gyre_result *result = query("MATCH (a)-[e]->(b) WHERE e.Proto = 'icmp' RETURN a, "
                                       "e, e.Dur, e.Dport, e.StartTime, e.Sport, e.Label AS l, "
                                       "e.Dur > 1, duration({seconds: 2}), b.IPAddr",
                                       GYRE_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result);
    static const struct {
        enum gyre_value_type type;
        int64_t integer;
        double real;
        const char *text;
    } expected[] = {
        {GYRE_TEXT, 0, 0, "10.0.0.2"},
        {GYRE_EDGE, 1, 0, ""},
        {GYRE_FLOAT, 0, 4, ""},
        {GYRE_NULL, 0, 0, ""},
        {GYRE_TIME, INT64_C(1313488802000000000), 0, ""},
        {GYRE_INTEGER, 771, 0, ""},
        {GYRE_TEXT, 0, 0, "b"},
        {GYRE_BOOL, 1, 0, ""},
        {GYRE_DURATION, 2000000000, 0, ""},
        {GYRE_TEXT, 0, 0, "10.0.0.1"},
    };
    CU_ASSERT_EQUAL(gyre_result_rows(result), 1);
    CU_ASSERT_EQUAL_FATAL(gyre_result_columns(result), sizeof(expected) / sizeof(expected[0]));
    CU_ASSERT_STRING_EQUAL(gyre_result_column_name(result, 6), "l");
    CU_ASSERT_STRING_EQUAL(gyre_result_column_type(result, 9), "text");
    for (uint32_t i = 0; i < gyre_result_columns(result); i++) {
        struct gyre_value value;
        CU_ASSERT_EQUAL(gyre_result_value(result, 0, i, &value, NULL), GYRE_OK);
        CU_ASSERT_EQUAL(value.type, expected[i].type);
        CU_ASSERT_EQUAL(value.integer, expected[i].integer);
        CU_ASSERT_EQUAL(value.real, expected[i].real);
        CU_ASSERT_STRING_EQUAL(value.text, expected[i].text);
        CU_ASSERT_EQUAL(value.text_bytes, strlen(expected[i].text));
    }
    gyre_result_close(result);
}

static void stop_ends_one_run_and_only_one(void)
{
    gyre_engine_stop(engine);
    struct gyre_result *result =
        query("MATCH (a)-[e]->(b)-[f]->(c) RETURN count(*)", GYRE_INTERRUPTED);
    CU_ASSERT_TRUE(result == NULL || gyre_result_is_partial(result));
    gyre_result_close(result);
    gyre_result_close(query("MATCH (a)-[e]->(b)-[f]->(c) RETURN count(*)", GYRE_OK));
}

static void stop_that_is_forgotten_ends_nothing(void)
{
    gyre_engine_stop(engine);
    gyre_engine_resume(engine);
    gyre_result_close(query("MATCH (a)-[e]->(b)-[f]->(c) RETURN count(*)", GYRE_OK));
}

static void row_limit_makes_a_result_partial(void)
{
    struct gyre_query_options options = {.row_limit = 2};
    struct gyre_error error = {0};
    struct gyre_result *result = NULL;
    CU_ASSERT_EQUAL(gyre_query(&result, graph, "MATCH ()-[e]->() RETURN e", &options, &error),
                    GYRE_LIMIT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result);
    CU_ASSERT_TRUE(gyre_result_is_partial(result));
    CU_ASSERT_EQUAL(gyre_result_rows(result), 2);
    gyre_result_close(result);
    gyre_result_close(query("MATCH ()-[e]->() RETURN e", GYRE_OK));
}

static void modes_are_told_and_explained(void)
{
    static const struct {
        const char *text;
        enum gyre_query_mode mode;
        uint64_t rows;
    } rows[] = {
        {"MATCH ()-[e]->() RETURN e", GYRE_MODE_RUN, 3},
        {"EXPLAIN MATCH ()-[e]->() RETURN e", GYRE_MODE_EXPLAIN, 0},
        {"PROFILE MATCH ()-[e]->() RETURN e", GYRE_MODE_PROFILE, 3},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gyre_result *result = query(rows[i].text, GYRE_OK);
        CU_ASSERT_PTR_NOT_NULL_FATAL(result);
        CU_ASSERT_EQUAL(gyre_result_mode(result), rows[i].mode);
        CU_ASSERT_EQUAL(gyre_result_rows(result), rows[i].rows);
        CU_ASSERT_FALSE(gyre_result_is_partial(result));
        for (int as_json = 0; as_json < 2; as_json++) {
            char *plan = gyre_result_profile(result, as_json);
            CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
            CU_ASSERT_EQUAL(plan[0] == '{', as_json);
            gyre_text_free(plan);
            CU_ASSERT_EQUAL(gyre_explain(&plan, graph, rows[0].text, NULL, as_json, NULL), GYRE_OK);
            gyre_text_free(plan);
        }
        gyre_result_close(result);
    }
}

static void last_of_several_queries_is_explained(void)
{
    char *plan = NULL;
    CU_ASSERT_EQUAL(gyre_explain(&plan, graph,
                                 "MATCH ()-[e]->() RETURN e INTO seen; "
                                 "MATCH ()-[:seen]->() UNWIND $seen AS x RETURN x.e",
                                 NULL, false, NULL),
                    GYRE_OK);
    gyre_text_free(plan);
}

/* Whether the matcher has the query whole, a part of it, or looks for cycles. */
static void a_condition_on_a_flow_is_evaluated_once_until_it_is_forgotten(void)
{
    static const char cycles[] =
        "MATCH p = (a)-[r*2..3]->(a) WHERE strictlyAscending(r) AND span(r) <= "
        "duration({seconds: 60}) AND all(x IN r WHERE x.Dur < 100) RETURN count(*)";
    const char *const texts[] = {
        "MATCH ()-[e]->() WHERE e.Dur < 100 RETURN count(*)",
        "MATCH ()-[f]->() WHERE f.Dur < 100 RETURN [f.Dur] AS durations",
        cycles,
    };
    for (size_t i = 0; i < 2 * sizeof(texts) / sizeof(texts[0]); i++) {
        for (int again = 0; again < 2; again++) {
            struct gyre_result *result = query(texts[i / 2], GYRE_OK);
            uint64_t scanned = gyre_result_statistics(result).flows_scanned;
            CU_ASSERT_EQUAL(scanned > 0, i % 2 == 0 && again == 0);
            gyre_result_close(result);
        }
        if (i % 2 == 1) {
            gyre_graph_forget(graph);
        }
    }
}

static void texts_that_nearly_are_values_are_told_where_nothing_is_found(void)
{
    static const struct {
        const char *text, *advice;
    } rows[] = {
        {"MATCH ()-[e]->() WHERE e.Proto = 'ICMP' RETURN e", "no Proto is 'ICMP', but there is"},
        {"MATCH ()-[e]->() WHERE e.Label = 'A' RETURN count(e), collect(e)", "there is 'a'"},
        {"MATCH ()-[e]->() WHERE e.Proto = 'ICMP' OR e.Label = 'a' RETURN e", NULL},
        {"MATCH ()-[e]->() WHERE e.Proto = 'gre' RETURN e", NULL},
        {"EXPLAIN MATCH ()-[e]->() WHERE e.Proto = 'ICMP' RETURN e", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gyre_result *result = query(rows[i].text, GYRE_OK);
        const char *advice = gyre_result_advice(result);
        CU_ASSERT_EQUAL(advice == NULL, rows[i].advice == NULL);
        CU_ASSERT_TRUE(advice == NULL || strstr(advice, rows[i].advice) != NULL);
        gyre_result_close(result);
    }
}

static void wrong_queries_have_a_place(void)
{
    struct gyre_error error = {0};
    CU_ASSERT_EQUAL(gyre_query_check("MATCH (a\nRETURN a", "hunt.txt", &error), GYRE_USAGE);
    CU_ASSERT_STRING_EQUAL(error.file, "hunt.txt");
    CU_ASSERT_EQUAL(error.line, 2);
    CU_ASSERT_EQUAL(error.column, 1);
    CU_ASSERT_STRING_EQUAL(error.excerpt, "RETURN a");
    CU_ASSERT_PTR_NULL(query("MATCH (a)-[e]->(b) RETURN e.Nothing", GYRE_USAGE));
    char *plan = NULL;
    CU_ASSERT_EQUAL(gyre_explain(&plan, graph, "RETURN", NULL, false, NULL), GYRE_USAGE);
    CU_ASSERT_PTR_NULL(plan);
}

static void engine_tells_its_machine(void)
{
    struct gyre_engine *other = NULL;
    struct gyre_engine_options options = {.threads = 3, .topology = "synthetic:numa:2 core:2 pu:1"};
    CU_ASSERT_EQUAL_FATAL(gyre_engine_open(&other, &options, NULL), GYRE_OK);
    CU_ASSERT_EQUAL(gyre_engine_threads(other), 3);
    CU_ASSERT_EQUAL(gyre_engine_node_count(other), 2);
    CU_ASSERT_EQUAL(gyre_engine_node(other, 0).worker_count, 2);
    CU_ASSERT_EQUAL(gyre_engine_node(other, 1).core_count, 2);
    CU_ASSERT_EQUAL(gyre_engine_distance(other, 1, 1), 10);
    CU_ASSERT_FALSE(gyre_engine_is_bound(other));
    uint32_t unit, core, node;
    gyre_engine_worker(other, 1, &unit, &core, &node);
    CU_ASSERT_EQUAL(node, 1);
    gyre_engine_close(other);

    struct gyre_error error = {0};
    options.topology = "synthetic:nonsense";
    CU_ASSERT_NOT_EQUAL(gyre_engine_open(&other, &options, &error), GYRE_OK);
    CU_ASSERT_PTR_NULL(other);
    CU_ASSERT_NOT_EQUAL(error.text[0], '\0');
}

static void sizes_and_durations_are_read(void)
{
    uint64_t bytes = 0;
    int64_t duration_ns = 0;
    CU_ASSERT_TRUE(gyre_parse_size("1.5K", &bytes) && bytes == 1536);
    CU_ASSERT_FALSE(gyre_parse_size("K", &bytes));
    CU_ASSERT_TRUE(gyre_parse_duration("1500ms", &duration_ns) && duration_ns == 1500000000);
    CU_ASSERT_FALSE(gyre_parse_duration("-1s", &duration_ns));
}

static void closing_nothing_does_nothing(void)
{
    gyre_result_close(NULL);
    gyre_graph_close(NULL);
    gyre_engine_close(NULL);
    gyre_text_free(NULL);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(load_of_no_files_is_wrong_usage),
        CASE(load_report_tells_rows_and_rejects),
        CASE(graph_and_its_partitions_agree),
        CASE(properties_are_summed_up_exactly),
        CASE(a_stop_ends_summing_up_too),
        CASE(values_have_their_types),
        CASE(stop_ends_one_run_and_only_one),
        CASE(stop_that_is_forgotten_ends_nothing),
        CASE(row_limit_makes_a_result_partial),
        CASE(modes_are_told_and_explained),
        CASE(last_of_several_queries_is_explained),
        CASE(a_condition_on_a_flow_is_evaluated_once_until_it_is_forgotten),
        CASE(texts_that_nearly_are_values_are_told_where_nothing_is_found),
        CASE(wrong_queries_have_a_place),
        CASE(engine_tells_its_machine),
        CASE(sizes_and_durations_are_read),
        CASE(closing_nothing_does_nothing),
        CU_TEST_INFO_NULL,
    };
    return suite_run("api", open_all, close_all, cases);
}
