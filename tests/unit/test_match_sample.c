/* floor: engine */
#include "engine/match_sample.h"

#include <string.h>

#include "tests/support/suite.h"
#include "tests/support/tiny_filter.h"

/* So few that a sample is all of them. */
enum { ROWS = 120, SEEDS = 20 };

static struct tiny tiny;
static struct filters filters;

/* A pattern of one edge whose flows have more than so many packets. */
static void open_graph(uint64_t seed, uint32_t partitions, int64_t packets)
{
    struct error error;
    enum status status;
    tiny_filter_fill(ROWS, 0, 20, false, seed);
    tiny_open(&tiny, tiny_filter_rows, ROWS, partitions, 2);
    tiny_pattern(&tiny, (uint32_t[]){0, 1}, 1, 2);
    tiny_where(&tiny, tiny_binary(&tiny, EXPRESSION_GREATER, TYPE_BOOL, tiny_packets(&tiny),
                                  tiny_integer(&tiny, packets)));
    filters = tiny_filter_build(&tiny, &error, &status);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

static void close_graph(void)
{
    filters_close(&filters);
    tiny_close(&tiny);
}

static bool passes(uint32_t row, int64_t packets)
{
    return tiny_filter_rows[row].packets != TINY_NULL && tiny_filter_rows[row].packets > packets;
}

static bool is_end(uint32_t row, enum direction direction, const char *address)
{
    const struct tiny_row *flow = &tiny_filter_rows[row];
    return strcmp(direction == DIRECTION_OUT ? flow->source : flow->target, address) == 0;
}

/* Whether no row before has the same ends, among those that pass. */
static bool is_first_of_link(uint32_t row, int64_t packets)
{
    const struct tiny_row *flow = &tiny_filter_rows[row];
    for (uint32_t i = 0; i < row; i++) {
        if (is_end(i, DIRECTION_OUT, flow->source) && is_end(i, DIRECTION_IN, flow->target) &&
            passes(i, packets)) {
            return false;
        }
    }
    return true;
}

/* By looking at all rows. */
static struct degree count_degree(const char *address)
{
    struct degree degree = {0};
    for (uint32_t row = 0; row < ROWS; row++) {
        bool is_first = true;
        for (uint32_t i = 0; i < row; i++) {
            is_first = is_first && (!is_end(i, DIRECTION_OUT, tiny_filter_rows[row].source) ||
                                    !is_end(i, DIRECTION_IN, tiny_filter_rows[row].target));
        }
        for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
            degree.flows[d] += is_end(row, d, address);
            degree.links[d] += is_end(row, d, address) && is_first;
        }
    }
    return degree;
}

static void a_graph_knows_how_often_links_and_flows_meet(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct degrees expected = {0};
        open_graph(seed, 1 + (uint32_t)(seed % 4), 0);
        for (uint32_t i = 0; i < TINY_FILTER_ADDRESSES; i++) {
            struct degree degree = count_degree(tiny_filter_addresses[i]);
            degrees_add(&expected, &degree);
        }
        const struct degrees *degrees = &tiny.graph->edges.degrees;
        for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
            CU_ASSERT_DOUBLE_EQUAL(degrees->links[d], expected.links[d], 1e-9);
            CU_ASSERT_DOUBLE_EQUAL(degrees->flows[d], ROWS, 1e-9);
            for (uint32_t e = 0; e < DIRECTION_COUNT; e++) {
                CU_ASSERT_DOUBLE_EQUAL(degrees->link_pairs[d][e], expected.link_pairs[d][e], 1e-6);
                CU_ASSERT_DOUBLE_EQUAL(degrees->flow_pairs[d][e], expected.flow_pairs[d][e], 1e-6);
            }
        }
        close_graph();
    }
}

static void a_sample_of_few_links_is_all_of_them(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        int64_t packets = (int64_t)seed;
        double links = 0;
        open_graph(seed, 1 + (uint32_t)(seed % 4), packets);
        for (uint32_t row = 0; row < ROWS; row++) {
            links += passes(row, packets) && is_first_of_link(row, packets);
        }
        double estimate = sample_links(&tiny.graph->edges, &filters.edges[0]);
        CU_ASSERT(estimate >= links - 1e-9 && estimate < links + 1);
        CU_ASSERT(estimate <= (double)filters.edges[0].pass_count);
        close_graph();
    }
}

static void a_sample_of_few_flows_knows_their_ends(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        int64_t packets = (int64_t)seed;
        struct degree expected[DIRECTION_COUNT] = {{{0}, {0}}};
        struct degree ends[DIRECTION_COUNT] = {{{-1, -1}, {-1, -1}}, {{-1, -1}, {-1, -1}}};
        double flows = 0;
        double links = 0;
        open_graph(seed, 1 + (uint32_t)(seed % 4), packets);
        for (uint32_t row = 0; row < ROWS; row++) {
            double is_flow = passes(row, packets);
            double is_link = passes(row, packets) && is_first_of_link(row, packets);
            flows += is_flow;
            links += is_link;
            for (uint32_t end = 0; end < DIRECTION_COUNT; end++) {
                const struct tiny_row *flow = &tiny_filter_rows[row];
                struct degree degree =
                    count_degree(end == DIRECTION_OUT ? flow->source : flow->target);
                for (uint32_t d = 0; d < DIRECTION_COUNT; d++) {
                    expected[end].flows[d] += is_flow * degree.flows[d];
                    expected[end].links[d] += is_link * degree.links[d];
                }
            }
        }
        sample_ends(&tiny.graph->edges, &filters.edges[0], ends);
        for (uint32_t i = 0; i < DIRECTION_COUNT * DIRECTION_COUNT; i++) {
            double of_flows = ends[i / 2].flows[i % 2];
            double of_links = ends[i / 2].links[i % 2];
            CU_ASSERT_DOUBLE_EQUAL(of_flows, flows > 0 ? expected[i / 2].flows[i % 2] / flows : -1,
                                   1e-9);
            CU_ASSERT_DOUBLE_EQUAL(of_links, links > 0 ? expected[i / 2].links[i % 2] / links : -1,
                                   1e-9);
        }
        close_graph();
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(a_graph_knows_how_often_links_and_flows_meet),
        CASE(a_sample_of_few_links_is_all_of_them),
        CASE(a_sample_of_few_flows_knows_their_ends),
        CU_TEST_INFO_NULL,
    };
    return suite_run("match_sample", NULL, NULL, cases);
}
