/* floor: engine */
#include "engine/filter_external.h"

#include <stdatomic.h>
#include <string.h>

#include "engine/filter_cache.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_filter.h"

enum { ROWS = 1500, SPAN = 20 };

/* Whether a flow has more than `packets`, or a vertex an odd number; it fails for `failing`. */
struct judge {
    const struct tiny *tiny;
    int64_t packets;
    int64_t failing;
    _Atomic uint64_t calls;
};

static bool packets_of(const struct tiny *tiny, uint64_t edge, int64_t *packets)
{
    const struct partition *partition = &tiny->graph->edges.partitions[edge_partition(edge)];
    const struct column *column = &partition->columns[TINY_PACKETS];
    *packets = column_integer(column, edge_position(edge));
    return !column_is_null(column, edge_position(edge));
}

static bool judge_one(void *context, uint32_t worker, uint32_t index, uint64_t id, bool *holds)
{
    struct judge *judge = context;
    const struct external_predicate *predicate = &judge->tiny->query.externals[index];
    int64_t packets = 0;
    (void)worker;
    atomic_fetch_add_explicit(&judge->calls, 1, memory_order_relaxed);
    if (predicate->kind == PREDICATE_VERTEX) {
        *holds = id % 2 == 1;
        return true;
    }
    *holds = packets_of(judge->tiny, id, &packets) && packets > judge->packets;
    return packets != judge->failing;
}

static struct filter_externals ask(struct judge *judge, const struct tiny *tiny,
                                   enum external_choice choice)
{
    *judge = (struct judge){.tiny = tiny, .packets = 7, .failing = -1};
    return (struct filter_externals){.judge = judge_one, .context = judge, .choice = choice};
}

static struct filters build(struct tiny *tiny, struct filter_cache *cache,
                            struct filter_externals *externals, double search_cost)
{
    struct filters filters;
    CU_ASSERT_EQUAL(filters_build(&filters, &tiny->query, tiny->team, tiny->arena, NULL, cache,
                                  &tiny->stop, NULL),
                    STATUS_OK);
    CU_ASSERT_EQUAL(filters_add_externals(&filters, &tiny->query, externals, search_cost,
                                          tiny->team, tiny->arena, NULL, &tiny->stop, NULL),
                    STATUS_OK);
    return filters;
}

static void open_tiny(struct tiny *tiny, const struct external_predicate *externals, uint32_t count)
{
    tiny_filter_fill(ROWS, 0, SPAN, false, 5);
    tiny_open(tiny, tiny_filter_rows, ROWS, 3, 3);
    tiny_pattern(tiny, (const uint32_t[]){0, 1, 1, 2}, 2, 3);
    tiny->query.externals = externals;
    tiny->query.external_count = count;
}

static void ask_protocol(struct tiny *tiny, uint32_t edge)
{
    tiny_where(tiny, tiny_binary(tiny, EXPRESSION_EQUAL, TYPE_BOOL,
                                 tiny_property(tiny, edge, TINY_PROTOCOL), tiny_text(tiny, "tcp")));
}

/* Flows of which an edge's bits do not say that they are tcp and have more than 7 packets. */
static uint32_t count_wrong(const struct tiny *tiny, const struct flow_filter *filter)
{
    uint32_t wrong = 0;
    uint64_t passed = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        const struct tiny_row *of = &tiny_filter_rows[row];
        edge_id edge = tiny_edge(tiny, row);
        bool passes = of->protocol != NULL && strcmp(of->protocol, "tcp") == 0 &&
                      of->packets != TINY_NULL && of->packets > 7;
        wrong += passes != bit_is_set(filter->bits[edge_partition(edge)], edge_position(edge));
        passed += passes;
    }
    return wrong + (passed != filter->pass_count);
}

static const struct external_predicate any_property = {
    .kind = PREDICATE_EDGE, .property = PROPERTY_NONE, .key = {"packets", 7}};
static const struct external_predicate packets_only = {
    .kind = PREDICATE_EDGE, .property = TINY_PACKETS, .key = {"packets", 7}};

static void flows_that_pass_the_others_are_judged_once(void)
{
    struct tiny tiny;
    struct judge judge;
    open_tiny(&tiny, &any_property, 1);
    ask_protocol(&tiny, 0);
    struct filter_externals none = ask(&judge, &tiny, EXTERNALS_NEVER);
    uint64_t others = build(&tiny, NULL, &none, 1e9).edges[0].pass_count;
    CU_ASSERT_FALSE(none.are_filters);
    CU_ASSERT_EQUAL(judge.calls, 0);
    struct filter_externals all = ask(&judge, &tiny, EXTERNALS_ALWAYS);
    struct filters filters = build(&tiny, NULL, &all, 0);
    CU_ASSERT_TRUE(all.are_filters);
    CU_ASSERT_EQUAL(judge.calls, others);
    CU_ASSERT_EQUAL(count_wrong(&tiny, &filters.edges[0]), 0);
    CU_ASSERT_PTR_NULL(filters.edges[1].bits);
    tiny_close(&tiny);
}

static void a_narrow_column_is_judged_once_for_each_value(void)
{
    struct tiny tiny;
    struct judge judge;
    open_tiny(&tiny, &packets_only, 1);
    ask_protocol(&tiny, 0);
    struct filter_externals externals = ask(&judge, &tiny, EXTERNALS_ALWAYS);
    struct filters filters = build(&tiny, NULL, &externals, 0);
    uint32_t workers = team_worker_count(tiny.team);
    CU_ASSERT(judge.calls <= (SPAN + 2) * tiny.graph->edges.partition_count * workers);
    CU_ASSERT_EQUAL(count_wrong(&tiny, &filters.edges[0]), 0);
    tiny_close(&tiny);
}

static void one_failure_makes_no_filters(void)
{
    struct tiny tiny;
    struct judge judge;
    open_tiny(&tiny, &any_property, 1);
    struct filter_externals externals = ask(&judge, &tiny, EXTERNALS_ALWAYS);
    judge.failing = 11;
    struct filters filters = build(&tiny, NULL, &externals, 0);
    CU_ASSERT_FALSE(externals.are_filters);
    CU_ASSERT_EQUAL(externals.choice, EXTERNALS_NEVER);
    CU_ASSERT_PTR_NULL(filters.edges[0].bits);
    CU_ASSERT_EQUAL(filters.edges[0].pass_count, ROWS);
    tiny_close(&tiny);
}

static void a_failure_behind_another_conjunct_is_not_met(void)
{
    struct tiny tiny;
    struct judge judge;
    const struct external_predicate both[] = {any_property, packets_only};
    open_tiny(&tiny, both, 2);
    ask_protocol(&tiny, 0);
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_NOT_EQUAL, TYPE_BOOL,
                                  tiny_property(&tiny, 0, TINY_PACKETS), tiny_integer(&tiny, 3)));
    struct filter_externals externals = ask(&judge, &tiny, EXTERNALS_ALWAYS);
    judge.failing = 3;
    struct filters filters = build(&tiny, NULL, &externals, 0);
    CU_ASSERT_TRUE(externals.are_filters);
    CU_ASSERT_EQUAL(count_wrong(&tiny, &filters.edges[0]), 0);
    tiny_close(&tiny);
}

static void filters_are_made_where_the_search_takes_longer(void)
{
    struct tiny tiny;
    struct judge judge;
    open_tiny(&tiny, &any_property, 1);
    struct filter_externals externals = ask(&judge, &tiny, EXTERNALS_BY_COST);
    (void)build(&tiny, NULL, &externals, ROWS);
    CU_ASSERT_FALSE(externals.are_filters);
    CU_ASSERT(externals.judge_count >= ROWS);
    CU_ASSERT_EQUAL(judge.calls, 0);
    (void)build(&tiny, NULL, &externals, 2.0 * EXTERNAL_CANDIDATES * ROWS);
    CU_ASSERT_TRUE(externals.are_filters);
    tiny_close(&tiny);
}

static void edges_with_the_same_key_share_bits(void)
{
    struct tiny tiny;
    struct judge judge;
    struct external_predicate three[] = {any_property, any_property, any_property};
    three[1].variable = 1;
    open_tiny(&tiny, three, 2);
    struct filter_externals externals = ask(&judge, &tiny, EXTERNALS_ALWAYS);
    struct filters filters = build(&tiny, NULL, &externals, 0);
    CU_ASSERT_PTR_EQUAL(filters.edges[0].bits, filters.edges[1].bits);
    CU_ASSERT_EQUAL(filters.edges[0].pass_count, filters.edges[1].pass_count);
    CU_ASSERT_EQUAL(judge.calls, ROWS);
    three[1].key = bytes_of("");
    filters = build(&tiny, NULL, &externals, 0);
    CU_ASSERT_PTR_NOT_EQUAL(filters.edges[0].bits, filters.edges[1].bits);
    tiny_close(&tiny);
}

static void what_was_judged_is_kept_for_later_queries(void)
{
    struct tiny tiny;
    struct judge judge;
    struct filter_cache *cache = NULL;
    open_tiny(&tiny, &any_property, 1);
    ask_protocol(&tiny, 0);
    CU_ASSERT_EQUAL_FATAL(filter_cache_open(&cache, tiny.topology, &tiny.budget, NULL), STATUS_OK);
    for (uint32_t run = 0; run < 3; run++) {
        struct filter_externals externals =
            ask(&judge, &tiny, run == 0 ? EXTERNALS_ALWAYS : EXTERNALS_BY_COST);
        judge.failing = run == 0 ? -1 : 11; /* nothing is asked any more */
        struct filters filters = build(&tiny, cache, &externals, 0);
        CU_ASSERT_TRUE(externals.are_filters);
        CU_ASSERT_EQUAL(judge.calls > 0, run == 0);
        CU_ASSERT_EQUAL(count_wrong(&tiny, &filters.edges[0]), 0);
        filters_close(&filters);
    }
    struct external_predicate unkeyed = any_property;
    unkeyed.key = bytes_of("");
    tiny.query.externals = &unkeyed;
    struct filter_externals externals = ask(&judge, &tiny, EXTERNALS_BY_COST);
    struct filters filters = build(&tiny, cache, &externals, 0);
    CU_ASSERT_FALSE(externals.are_filters);
    filters_close(&filters);
    filter_cache_close(cache);
    tiny_close(&tiny);
}

static void vertices_are_judged_too(void)
{
    struct tiny tiny;
    struct judge judge;
    const struct external_predicate odd = {.kind = PREDICATE_VERTEX, .variable = 2};
    open_tiny(&tiny, &odd, 1);
    struct filter_externals externals = ask(&judge, &tiny, EXTERNALS_ALWAYS);
    struct filters filters = build(&tiny, NULL, &externals, 0);
    uint32_t count = tiny.graph->vertices.vertex_count;
    CU_ASSERT_EQUAL(filters.vertices[2].pass_count, count / 2);
    for (uint32_t vertex = 0; vertex < count; vertex++) {
        CU_ASSERT_EQUAL(bit_is_set(filters.vertices[2].bits, vertex), vertex % 2 == 1);
    }
    CU_ASSERT_PTR_NULL(filters.vertices[0].bits);
    tiny_close(&tiny);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(flows_that_pass_the_others_are_judged_once),
        CASE(a_narrow_column_is_judged_once_for_each_value),
        CASE(one_failure_makes_no_filters),
        CASE(a_failure_behind_another_conjunct_is_not_met),
        CASE(filters_are_made_where_the_search_takes_longer),
        CASE(edges_with_the_same_key_share_bits),
        CASE(what_was_judged_is_kept_for_later_queries),
        CASE(vertices_are_judged_too),
        CU_TEST_INFO_NULL,
    };
    return suite_run("filter_external", NULL, NULL, cases);
}
