/* floor: engine */
#include "engine/match_sample.h"

#include <math.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/support/tiny_filter.h"

/* So few that a sample is all of them. */
enum { ROWS = 120, SEEDS = 20 };

static struct tiny tiny;
static struct filters filters;

static bool is_end(uint32_t row, enum direction direction, const char *address)
{
    const struct tiny_row *flow = &tiny_filter_rows[row];
    return strcmp(direction == DIRECTION_OUT ? flow->source : flow->target, address) == 0;
}

static void mark_through(void)
{
    static uint64_t through;
    struct edge_frame *frame = &tiny.graph->edges;
    through = 0;
    for (vertex_id vertex = 0; vertex < frame->source->vertex_count; vertex++) {
        const struct partition *partition = graph_partition_of(frame, vertex);
        uint64_t is_through = partition_is_through(partition, vertex - partition->vertex_base);
        through |= is_through << vertex;
    }
    frame->through = &through;
}

/* A path of two edges, of which the first's flows have more than so many packets. A quarter of the
 * addresses only receive, so that no path goes through them. */
static void open_graph(uint64_t seed, uint32_t partitions, int64_t packets)
{
    struct error error;
    enum status status;
    tiny_filter_fill(ROWS, 0, 20, false, seed);
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint32_t i = 0; i < TINY_FILTER_ADDRESSES / 4; i++) {
            if (is_end(row, DIRECTION_OUT, tiny_filter_addresses[i])) {
                tiny_filter_rows[row].source = tiny_filter_addresses[TINY_FILTER_ADDRESSES - 1];
            }
        }
    }
    tiny_open(&tiny, tiny_filter_rows, ROWS, partitions, 2);
    mark_through();
    tiny_pattern(&tiny, (uint32_t[]){0, 1, 1, 2}, 2, 3);
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

static bool is_same_link(uint32_t row, uint32_t other)
{
    return is_end(row, DIRECTION_OUT, tiny_filter_rows[other].source) &&
           is_end(row, DIRECTION_IN, tiny_filter_rows[other].target);
}

/* What flows of any links find that leave the address at the target of a link of `on_link` flows
 * that pass; sums for that one flow. */
static struct meeting count_meeting(const char *address, double on_link, double share)
{
    struct meeting meeting = {0};
    for (uint32_t row = 0; row < ROWS; row++) {
        bool is_first = is_end(row, DIRECTION_OUT, address);
        double flows = 0;
        for (uint32_t i = 0; i < ROWS; i++) {
            flows += is_same_link(row, i);
            is_first = is_first && (i >= row || !is_same_link(row, i));
        }
        if (is_first) {
            meeting.links += 1;
            meeting.passed += 1;
            meeting.flows += flows;
            meeting.met += fmin(1, on_link * flows * share);
        }
    }
    meeting.root = sqrt(meeting.links);
    meeting.timed = fmin(fmin(2 * meeting.links, meeting.flows), on_link * meeting.flows * share);
    return meeting;
}

/* What the second edge finds at the targets of the first, by looking at all rows. */
static struct meeting count_meetings(int64_t packets, double share, struct edge_share *kept)
{
    struct meeting means = {0};
    double links = 0;
    double flows = 0;
    *kept = (struct edge_share){0};
    for (uint32_t row = 0; row < ROWS; row++) {
        if (!passes(row, packets)) {
            continue;
        }
        double on_link = 0;
        for (uint32_t i = 0; i < ROWS; i++) {
            on_link += is_same_link(row, i) && passes(i, packets);
        }
        struct meeting meeting = count_meeting(tiny_filter_rows[row].target, on_link, share);
        flows += 1;
        links += 1 / on_link;
        kept->flows += meeting.links > 0;
        kept->links += meeting.links > 0 ? 1 / on_link : 0;
        means.links += meeting.links / on_link;
        means.root += meeting.root / on_link;
        means.timed += meeting.timed / on_link;
        means.passed += meeting.passed / on_link;
        means.met += meeting.met / on_link;
        means.flows += meeting.flows;
    }
    means.links /= kept->links;
    means.root /= kept->links;
    means.timed /= kept->links;
    means.passed /= kept->links;
    means.met /= kept->links;
    means.flows /= kept->flows;
    kept->links /= links;
    kept->flows /= flows;
    return means;
}

static void a_sample_of_few_flows_knows_what_they_meet(void)
{
    static struct plan_statistics statistics;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        int64_t packets = (int64_t)seed - 1;
        struct edge_share kept;
        open_graph(seed, 1 + (uint32_t)(seed % 4), packets);
        statistics = (struct plan_statistics){.span_ns = 1000};
        tiny.query.window.limit_ns[0][1] = (int64_t)seed * 10;
        tiny.query.window.limit_ns[1][0] = 0;
        struct meeting expected = count_meetings(packets, (double)seed / 100, &kept);
        sample_meetings(&tiny.query, &filters, &statistics);
        const struct edge_share *share = &statistics.edge_shares[0];
        const struct meeting *found = &statistics.meetings[0][DIRECTION_IN][1];
        CU_ASSERT_TRUE(share->is_sampled);
        CU_ASSERT_DOUBLE_EQUAL(share->links, kept.links, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(share->flows, kept.flows, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(found->links, expected.links, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(found->root, expected.root, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(found->timed, expected.timed, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(found->passed, expected.passed, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(found->met, expected.met, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(found->flows, expected.flows, 1e-9);
        close_graph();
    }
}

/* None of the flows that pass has an end that does: the next might have. */
static void an_edge_whose_ends_do_not_pass_is_rare(void)
{
    static struct plan_statistics statistics;
    open_graph(1, 1, 0);
    uint64_t *bits = filters.vertices[1].bits;
    uint64_t none[1] = {0};
    filters.vertices[1].bits = none;
    sample_meetings(&tiny.query, &filters, &statistics);
    CU_ASSERT_FALSE(statistics.edge_shares[0].is_sampled);
    CU_ASSERT(statistics.edge_shares[0].links > 0 && statistics.edge_shares[0].links < 0.1);
    filters.vertices[1].bits = bits;
    close_graph();
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(a_graph_knows_how_often_links_and_flows_meet),
        CASE(a_sample_of_few_links_is_all_of_them),
        CASE(a_sample_of_few_flows_knows_what_they_meet),
        CASE(an_edge_whose_ends_do_not_pass_is_rare),
        CU_TEST_INFO_NULL,
    };
    return suite_run("match_sample", NULL, NULL, cases);
}
