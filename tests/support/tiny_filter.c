/* Filters over random rows; see tiny_filter.h. */
#include "tests/support/tiny_filter.h"

#include <string.h>

#include <CUnit/CUnit.h>

struct tiny_row tiny_filter_rows[TINY_FILTER_ROWS_MAX];
const char *const tiny_filter_addresses[TINY_FILTER_ADDRESSES] = {
    "10.0.0.1", "10.0.0.2", "10.0.0.3",    "10.0.1.1", "192.168.0.1", "192.168.0.22",
    "fe80::1",  "fe80::2",  "2001:db8::1", "host-a",   "host-b",      "00:11:22:33:44:55"};
static const char *const protocols[] = {"tcp", "udp", "icmp", "udp-lite", "", "arp", NULL};

uint64_t tiny_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(*state);
}

void tiny_filter_fill(uint32_t count, int64_t base, uint64_t span, bool is_double, uint64_t seed)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t pick = tiny_random(&seed);
        tiny_filter_rows[i].source = tiny_filter_addresses[pick % TINY_FILTER_ADDRESSES];
        tiny_filter_rows[i].target = tiny_filter_addresses[pick / 100 % TINY_FILTER_ADDRESSES];
        tiny_filter_rows[i].time = (int64_t)(pick / 10000 % 1000) - 300;
        tiny_filter_rows[i].packets =
            pick / 10000000 % 8 == 0 ? TINY_NULL
                                     : (int64_t)((uint64_t)base + tiny_random(&seed) % (span + 1));
        uint64_t duration = tiny_random(&seed);
        tiny_filter_rows[i].duration = duration % 9 == 0 ? NAN
                                       : is_double       ? (double)(duration % 1000) / 7
                                                         : (double)(duration % 70000) / 1000;
        tiny_filter_rows[i].protocol = protocols[tiny_random(&seed) % 7];
    }
}

struct filters tiny_filter_build(struct tiny *tiny, struct error *error, enum status *status)
{
    struct filters filters;
    *error = (struct error){0};
    *status = filters_build(&filters, &tiny->query, tiny->team, tiny->arena, NULL, NULL,
                            &tiny->stop, error);
    return filters;
}

/* Which of the flows pass the conjuncts of edge 0, by the programs, one after the other. */
static uint32_t select_flows(struct tiny *tiny, edge_id *edges, uint32_t count,
                             struct program *const *programs, struct registers *registers)
{
    const struct edge_frame *frame = &tiny->graph->edges;
    for (uint32_t i = 0; i < tiny->query.predicate_count; i++) {
        static vertex_id sources[EVALUATE_LANES];
        static vertex_id targets[EVALUATE_LANES];
        uint16_t selected[EVALUATE_LANES];
        for (uint32_t j = 0; j < count; j++) {
            sources[j] = graph_edge_source(frame, edges[j]);
            targets[j] = graph_edge_target(frame, edges[j]);
        }
        struct inputs inputs = {.edges = {edges},
                                .vertices = {sources, targets},
                                .edge_stride = {1},
                                .vertex_stride = {1, 1}};
        CU_ASSERT_EQUAL(
            program_select(programs[i], registers, &inputs, count, selected, &count, NULL),
            STATUS_OK);
        for (uint32_t j = 0; j < count; j++) {
            edges[j] = edges[selected[j]];
        }
    }
    return count;
}

static bool window_passes(const struct tiny *tiny, int64_t time)
{
    const struct window *window = &tiny->query.window;
    int64_t before = window->limit_ns[0][WINDOW_ORIGIN];
    int64_t after = window->limit_ns[WINDOW_ORIGIN][0];
    return (before == WINDOW_NONE || -time <= before) && (after == WINDOW_NONE || time <= after);
}

void tiny_filter_expect(struct tiny *tiny)
{
    struct error error;
    enum status status;
    struct filters filters = tiny_filter_build(tiny, &error, &status);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    struct registers *registers = NULL;
    struct program *programs[8];
    CU_ASSERT_EQUAL_FATAL(registers_open(&registers, tiny->arena, NULL), STATUS_OK);
    for (uint32_t i = 0; i < tiny->query.predicate_count; i++) {
        CU_ASSERT_EQUAL_FATAL(program_build(&programs[i], &tiny->query,
                                            tiny->query.predicates[i].expression, tiny->arena,
                                            NULL),
                              STATUS_OK);
    }
    uint64_t total = 0;
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < tiny->graph->edges.partition_count; i++) {
        const struct partition *partition = &tiny->graph->edges.partitions[i];
        static bool expected[TINY_FILTER_ROWS_MAX + 64];
        uint64_t passed = 0;
        memset(expected, 0, sizeof expected);
        for (uint32_t begin = 0; begin < partition->flow_count; begin += EVALUATE_LANES) {
            edge_id edges[EVALUATE_LANES];
            uint32_t count = 0;
            for (uint32_t j = begin; j < partition->flow_count && j < begin + EVALUATE_LANES; j++) {
                edges[count] = edge_id_of(i, j);
                count += window_passes(tiny, partition->flow_time[j]);
            }
            count = select_flows(tiny, edges, count, programs, registers);
            for (uint32_t j = 0; j < count; j++) {
                expected[edge_position(edges[j])] = true;
            }
            passed += count;
        }
        for (uint64_t j = 0; j < ((uint64_t)partition->flow_count + 63) / 64 * 64; j++) {
            wrong += expected[j] != bit_is_set(filters.edges[0].bits[i], j);
        }
        CU_ASSERT_EQUAL(filters.edges[0].pass_counts[i], passed);
        total += passed;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(filters.edges[0].pass_count, total);
}
