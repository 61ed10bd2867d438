/* floor: pipeline */
#include "pipeline/entity_functions.h"

#include "base/memory.h"
#include "tests/support/pattern_build.h"
#include "tests/support/suite.h"
#include "value/compare.h"
#include "value/temporal.h"

static const struct tiny_row rows[] = {
    {"10.0.0.1", "fe80::1", 10, 5, 1, "tcp"},
    {"fe80::1", "host-a", 20, TINY_NULL, NAN, NULL},
    {"host-a", "10.0.0.1", 20, 7, 1, "udp"},
    {"10.0.0.1", "10.0.0.1", 5, 0, 1, "tcp"},
};
enum { ROWS = sizeof rows / sizeof *rows };

static struct value call(struct pattern_bench *bench, const char *name,
                         const struct value *arguments, uint32_t count)
{
    struct value result = value_null();
    const struct function *function = function_find(&entity_functions, bytes_of(name));
    CU_ASSERT_FATAL(function != NULL && count >= function->least && count <= function->most);
    (void)function->call(&bench->run.call, arguments, count, &result);
    return result;
}

static struct value call_one(struct pattern_bench *bench, const char *name, struct value argument)
{
    return call(bench, name, &argument, 1);
}

static const char *error_one(struct pattern_bench *bench, const char *name, struct value argument)
{
    static struct error error;
    error_clear(&bench->error);
    (void)call_one(bench, name, argument);
    error = bench->error;
    error_clear(&bench->error);
    return error.text;
}

static struct value vertex(struct pattern_bench *bench, const char *name)
{
    return value_vertex(tiny_vertex(&bench->tiny, name));
}

static struct value edge(struct pattern_bench *bench, uint32_t row)
{
    return value_edge(tiny_edge(&bench->tiny, row));
}

static bool is_text(struct value value, const char *text)
{
    return value.kind == VALUE_TEXT && bytes_equal(value_text_view(value), bytes_of(text));
}

static bool is_integer(struct value value, int64_t integer)
{
    return value.kind == VALUE_INTEGER && value.integer == integer;
}

static bool is_truth(struct value value, bool truth)
{
    return value.kind == VALUE_BOOL && value_is_true(value) == truth;
}

/* The cycle of the first three rows, against the second's direction when asked. */
struct cycle {
    struct value_path path;
    uint32_t vertices[4];
    uint64_t edges[3];
    struct value items[3];
};

static void fill_cycle(struct pattern_bench *bench, struct cycle *cycle)
{
    const char *const names[] = {"10.0.0.1", "fe80::1", "host-a", "10.0.0.1"};
    for (uint32_t i = 0; i < 4; i++) {
        cycle->vertices[i] = tiny_vertex(&bench->tiny, names[i]);
    }
    for (uint32_t i = 0; i < 3; i++) {
        cycle->edges[i] = tiny_edge(&bench->tiny, i);
        cycle->items[i] = value_edge(cycle->edges[i]);
    }
    cycle->path = (struct value_path){3, cycle->vertices, cycle->edges};
}

static struct value path_of(const struct cycle *cycle)
{
    return (struct value){.kind = VALUE_PATH, .path = &cycle->path};
}

static void entities_tell_what_they_are(struct pattern_bench *bench)
{
    struct value labels = call_one(bench, "labels", vertex(bench, "host-a"));
    CU_ASSERT(labels.kind == VALUE_LIST && labels.count == 1 && is_text(labels.items[0], "IP"));
    CU_ASSERT(is_text(call_one(bench, "type", edge(bench, 1)), "Netflow"));
    CU_ASSERT(is_integer(call_one(bench, "id", edge(bench, 2)), 2));
    CU_ASSERT(is_text(call_one(bench, "elementId", edge(bench, 3)), "3"));
    CU_ASSERT(call_one(bench, "startNode", edge(bench, 1)).vertex ==
              tiny_vertex(&bench->tiny, "fe80::1"));
    CU_ASSERT(call_one(bench, "endNode", edge(bench, 1)).vertex ==
              tiny_vertex(&bench->tiny, "host-a"));
}

static void properties_are_those_that_are_not_null(struct pattern_bench *bench)
{
    struct value map = call_one(bench, "properties", edge(bench, 1));
    CU_ASSERT(map.kind == VALUE_MAP && map.count == 3);
    CU_ASSERT(is_text(*value_map_find(map, bytes_of("SrcAddr")), "fe80::1"));
    CU_ASSERT(is_text(*value_map_find(map, bytes_of("DstAddr")), "host-a"));
    CU_ASSERT(value_map_find(map, bytes_of("Proto")) == NULL);
    struct value keys = call_one(bench, "keys", edge(bench, 0));
    CU_ASSERT(keys.kind == VALUE_LIST && keys.count == TINY_PROPERTIES);
    CU_ASSERT(call_one(bench, "keys", map).count == 3);
    CU_ASSERT(call_one(bench, "properties", map).count == 3);
    keys = call_one(bench, "keys", vertex(bench, "10.0.0.1"));
    CU_ASSERT(keys.count == 1 && is_text(keys.items[0], "IPAddr"));
}

static void degrees_count_flows(struct pattern_bench *bench)
{
    struct value both[] = {vertex(bench, "10.0.0.1"), value_text_from("Netflow")};
    CU_ASSERT(is_integer(call_one(bench, "indegree", both[0]), 2));
    CU_ASSERT(is_integer(call_one(bench, "outdegree", both[0]), 2));
    CU_ASSERT(is_integer(call_one(bench, "degree", both[0]), 4));
    CU_ASSERT(is_integer(call(bench, "degree", both, 2), 4));
    CU_ASSERT(is_integer(call_one(bench, "outdegree", vertex(bench, "host-a")), 1));
    both[1] = value_text_from("Netflw");
    (void)call(bench, "degree", both, 2);
    CU_ASSERT_STRING_EQUAL(bench->error.text, "there is no type `Netflw`; did you mean `Netflow`?");
    error_clear(&bench->error);
}

static void paths_have_vertices_and_relationships(struct pattern_bench *bench)
{
    struct cycle cycle;
    fill_cycle(bench, &cycle);
    struct value path = path_of(&cycle);
    struct value nodes = call_one(bench, "nodes", path);
    struct value relationships = call_one(bench, "relationships", path);
    CU_ASSERT(is_integer(call_one(bench, "length", path), 3));
    CU_ASSERT(nodes.count == 4 && nodes.items[3].vertex == cycle.vertices[0]);
    CU_ASSERT(relationships.count == 3 && relationships.items[2].edge == cycle.edges[2]);
    CU_ASSERT(is_truth(value_equal(call_one(bench, "rels", path), relationships, NULL), true));
}

static void times_of_a_path_ascend(struct pattern_bench *bench)
{
    struct cycle cycle;
    fill_cycle(bench, &cycle);
    struct value path = path_of(&cycle);
    struct value list = value_list_of(cycle.items, 3);
    struct value turned[] = {cycle.items[1], cycle.items[0]};
    int64_t ns = 0;
    CU_ASSERT(is_truth(call_one(bench, "ascending", path), true));
    CU_ASSERT(is_truth(call_one(bench, "ascending", list), true));
    CU_ASSERT(is_truth(call_one(bench, "strictlyAscending", list), false));
    CU_ASSERT(is_truth(call_one(bench, "strictlyAscending", value_list_of(list.items, 2)), true));
    CU_ASSERT(is_truth(call_one(bench, "ascending", value_list_of(turned, 2)), false));
    CU_ASSERT(is_truth(call_one(bench, "ascending", value_list_of(list.items, 0)), true));
    CU_ASSERT(temporal_duration_to_ns(call_one(bench, "span", path), &ns) && ns == 10);
    CU_ASSERT(temporal_duration_to_ns(call_one(bench, "span", value_list_of(turned, 2)), &ns) &&
              ns == -10);
    CU_ASSERT(call_one(bench, "span", value_list_of(list.items, 0)).kind == VALUE_NULL);
    turned[0] = value_null();
    CU_ASSERT(call_one(bench, "span", value_list_of(turned, 2)).kind == VALUE_NULL);
    CU_ASSERT(call_one(bench, "ascending", value_list_of(turned, 2)).kind == VALUE_NULL);
}

static void vertices_are_unique_but_for_the_ends_of_a_cycle(struct pattern_bench *bench)
{
    struct cycle cycle;
    fill_cycle(bench, &cycle);
    struct value three[] = {vertex(bench, "host-a"), vertex(bench, "fe80::1"),
                            vertex(bench, "host-a")};
    CU_ASSERT(is_truth(call_one(bench, "unique_vertices", path_of(&cycle)), true));
    cycle.vertices[2] = cycle.vertices[1];
    CU_ASSERT(is_truth(call_one(bench, "unique_vertices", path_of(&cycle)), false));
    CU_ASSERT(is_truth(call(bench, "unique_vertices", three, 2), true));
    CU_ASSERT(is_truth(call(bench, "unique_vertices", three, 3), false));
    CU_ASSERT(is_truth(call_one(bench, "unique_vertices", value_list_of(three, 3)), false));
    three[2] = value_null();
    CU_ASSERT(call(bench, "unique_vertices", three, 3).kind == VALUE_NULL);
}

static void null_makes_null(struct pattern_bench *bench)
{
    for (uint32_t i = 0; i < entity_functions.count; i++) {
        struct value argument = value_null();
        struct value result = value_bool(true);
        const struct function *function = &entity_functions.functions[i];
        CU_ASSERT(function->call(&bench->run.call, &argument, 1, &result) == STATUS_OK);
        CU_ASSERT(result.kind == VALUE_NULL);
    }
}

static void wrong_kinds_are_errors(struct pattern_bench *bench)
{
    struct value one = value_integer(1);
    for (uint32_t i = 0; i < entity_functions.count; i++) {
        CU_ASSERT(error_one(bench, entity_functions.functions[i].name, one)[0] != '\0');
    }
    CU_ASSERT_STRING_EQUAL(error_one(bench, "type", one),
                           "type takes a relationship, not an integer");
    CU_ASSERT_STRING_EQUAL(error_one(bench, "ascending", value_list_of(&one, 1)),
                           "ascending takes a path or a list of relationships, not a list");
}

static void names_are_known_or_suggested(struct pattern_bench *bench)
{
    const struct entities *entities = &bench->entities;
    uint32_t handle = HANDLE_NONE;
    CU_ASSERT(entities->methods->find_property(entities, VALUE_EDGE, bytes_of("TotPkts"), &handle,
                                               &bench->error) == STATUS_OK);
    CU_ASSERT(handle == TINY_PACKETS);
    CU_ASSERT(entities->methods->find_property(entities, VALUE_EDGE, bytes_of("Durr"), &handle,
                                               &bench->error) == STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(bench->error.text, "flows have no property `Durr`; did you mean `Dur`?");
    error_clear(&bench->error);
    CU_ASSERT(entities->methods->find_property(entities, VALUE_VERTEX, bytes_of("Ipaddr"), &handle,
                                               &bench->error) == STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(bench->error.text,
                           "vertices have no property `Ipaddr`; did you mean `IPAddr`?");
    error_clear(&bench->error);
    CU_ASSERT(entities->methods->find_label(entities, VALUE_VERTEX, bytes_of("Ip"), &handle,
                                            &bench->error) == STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(bench->error.text, "there is no label `Ip`; did you mean `IP`?");
    error_clear(&bench->error);
}

static void failing_allocations_are_errors(struct pattern_bench *bench)
{
    struct cycle cycle;
    fill_cycle(bench, &cycle);
    const struct value arguments[] = {edge(bench, 0), vertex(bench, "host-a"), path_of(&cycle)};
    for (uint32_t i = 0; i < entity_functions.count; i++) {
        for (uint32_t j = 0; j < 3; j++) {
            struct pool pool = {0};
            struct value result;
            struct call call = bench->run.call;
            call.pool = &pool;
            memory_fault_set(1);
            enum status status =
                entity_functions.functions[i].call(&call, &arguments[j], 1, &result);
            bool has_failed = memory_fault_count() >= 1;
            memory_fault_set(0);
            CU_ASSERT(!has_failed || status == STATUS_FAILED);
            pool_close(&pool);
            error_clear(&bench->error);
        }
    }
}

static void functions_hold_in_one_partition_and_in_three(void)
{
    for (uint32_t partitions = 1; partitions <= 3; partitions++) {
        struct pattern_bench bench;
        pattern_bench_open(&bench, rows, ROWS, partitions);
        entities_tell_what_they_are(&bench);
        properties_are_those_that_are_not_null(&bench);
        degrees_count_flows(&bench);
        paths_have_vertices_and_relationships(&bench);
        times_of_a_path_ascend(&bench);
        vertices_are_unique_but_for_the_ends_of_a_cycle(&bench);
        null_makes_null(&bench);
        wrong_kinds_are_errors(&bench);
        names_are_known_or_suggested(&bench);
        failing_allocations_are_errors(&bench);
        pattern_bench_close(&bench);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(functions_hold_in_one_partition_and_in_three),
        CU_TEST_INFO_NULL,
    };
    return suite_run("entity functions", NULL, NULL, cases);
}
