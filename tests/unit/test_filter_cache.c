/* floor: engine */
#include "engine/filter_cache.h"

#include <string.h>

#include "tests/support/suite.h"
#include "tests/support/tiny_filter.h"

enum { ROWS = 500 };

static void open_tiny(struct tiny *tiny, struct filter_cache **cache)
{
    tiny_filter_fill(ROWS, 0, 10, false, 11);
    tiny_open(tiny, tiny_filter_rows, ROWS, 4, 2);
    tiny_pattern(tiny, (const uint32_t[]){0, 1, 1, 2}, 2, 3);
    CU_ASSERT_EQUAL_FATAL(filter_cache_open(cache, tiny->topology, &tiny->budget, NULL), STATUS_OK);
}

static void close_tiny(struct tiny *tiny, struct filter_cache *cache)
{
    filter_cache_close(cache);
    tiny_close(tiny);
}

static struct filters build(struct tiny *tiny, struct filter_cache *cache, enum status expected)
{
    struct filters filters;
    CU_ASSERT_EQUAL(filters_build(&filters, &tiny->query, tiny->team, tiny->arena, NULL, cache,
                                  &tiny->stop, NULL),
                    expected);
    return filters;
}

/* Builds and lets go at once; the flows whose columns were read. */
static uint64_t scan(struct tiny *tiny, struct filter_cache *cache)
{
    struct filters filters = build(tiny, cache, STATUS_OK);
    uint64_t scanned = filters.flows_scanned;
    filters_close(&filters);
    return scanned;
}

static void ask_packets(struct tiny *tiny, uint32_t edge, int64_t packets)
{
    tiny_where(tiny,
               tiny_binary(tiny, EXPRESSION_EQUAL, TYPE_BOOL,
                           tiny_property(tiny, edge, TINY_PACKETS), tiny_integer(tiny, packets)));
}

/* One of some hundred conditions on a flow, some of them alike but for a literal. */
static void ask_anything(struct tiny *tiny, uint32_t edge, uint64_t *seed)
{
    enum expression_kind kind =
        (enum expression_kind)(EXPRESSION_EQUAL + tiny_random(seed) % 6); /* up to >= */
    uint64_t pick = tiny_random(seed);
    struct expression *packets = tiny_property(tiny, edge, TINY_PACKETS);
    struct expression *protocol = tiny_property(tiny, edge, TINY_PROTOCOL);
    struct expression *duration = tiny_property(tiny, edge, TINY_DURATION);
    static const char *const texts[] = {"tcp", "udp", "u"};
    struct expression *const choices[][2] = {
        {packets, tiny_integer(tiny, (int64_t)(pick / 8 % 3))},
        {duration, tiny_real(tiny, (double)(pick / 8 % 3))},
        {protocol, tiny_text(tiny, texts[pick / 8 % 3])},
        {packets, tiny_null(tiny)},
        {packets, tiny_binary(tiny, EXPRESSION_ADD, TYPE_INTEGER, packets,
                              tiny_integer(tiny, (int64_t)(pick / 8 % 2)))},
        {tiny_key_text(tiny, edge), tiny_key_text(tiny, edge + 1)},
        {duration, tiny_unary(tiny, EXPRESSION_TO_FLOAT, TYPE_FLOAT, packets)},
    };
    struct expression *const *chosen = choices[pick % 7];
    tiny_where(tiny, tiny_binary(tiny, kind, TYPE_BOOL, chosen[0], chosen[1]));
}

static bool same_bits(const struct tiny *tiny, const struct filters *left,
                      const struct filters *right)
{
    const struct edge_frame *frame = &tiny->graph->edges;
    for (uint32_t edge = 0; edge < 2; edge++) {
        const struct flow_filter *one = &left->edges[edge];
        const struct flow_filter *two = &right->edges[edge];
        if ((one->bits == NULL) != (two->bits == NULL) || one->pass_count != two->pass_count) {
            return false;
        }
        for (uint32_t i = 0; i < frame->partition_count; i++) {
            uint64_t words = ((uint64_t)frame->partitions[i].flow_count + 63) / 64;
            if (one->pass_counts[i] != two->pass_counts[i] ||
                (one->bits != NULL &&
                 memcmp(one->bits[i], two->bits[i], words * sizeof(uint64_t)) != 0)) {
                return false;
            }
        }
    }
    return true;
}

static void a_filter_is_evaluated_once_whichever_edge_has_it(void)
{
    struct tiny tiny;
    struct filter_cache *cache = NULL;
    open_tiny(&tiny, &cache);
    ask_packets(&tiny, 0, 3);
    CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
    CU_ASSERT_EQUAL(scan(&tiny, cache), 0);
    tiny_clear(&tiny);
    ask_packets(&tiny, 1, 3);
    CU_ASSERT_EQUAL(scan(&tiny, cache), 0);
    ask_packets(&tiny, 0, 4);
    CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
    tiny.query.window.limit_ns[WINDOW_ORIGIN][0] = 250;
    CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
    filter_cache_clear(cache);
    CU_ASSERT_EQUAL(scan(&tiny, cache), 2 * ROWS);
    CU_ASSERT_EQUAL(scan(&tiny, NULL), 2 * ROWS);
    close_tiny(&tiny, cache);
}

static void queries_in_any_order_filter_as_without_a_cache(void)
{
    struct tiny tiny;
    struct filter_cache *cache = NULL;
    open_tiny(&tiny, &cache);
    uint64_t seed = 5;
    uint32_t known = 0;
    for (uint32_t i = 0; i < 300; i++) {
        tiny_clear(&tiny);
        tiny.query.window.limit_ns[WINDOW_ORIGIN][0] = i % 4 == 0 ? (int64_t)(i % 8) : WINDOW_NONE;
        for (uint64_t conditions = 1 + tiny_random(&seed) % 3; conditions > 0; conditions--) {
            ask_anything(&tiny, tiny_random(&seed) % 2, &seed);
        }
        struct filters kept = build(&tiny, cache, STATUS_OK);
        struct filters fresh = build(&tiny, NULL, STATUS_OK);
        known += kept.flows_scanned < fresh.flows_scanned;
        CU_ASSERT(same_bits(&tiny, &kept, &fresh));
        filters_close(&kept);
        filters_close(&fresh);
    }
    CU_ASSERT(known > 20);
    close_tiny(&tiny, cache);
}

static void the_filter_used_longest_ago_goes_first(void)
{
    struct tiny tiny;
    struct filter_cache *cache = NULL;
    open_tiny(&tiny, &cache);
    for (int64_t i = 0; i <= FILTER_CACHE_ENTRIES; i++) {
        tiny_clear(&tiny);
        ask_packets(&tiny, 0, i);
        CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
        tiny_clear(&tiny);
        ask_packets(&tiny, 0, 0);
        CU_ASSERT_EQUAL(scan(&tiny, cache), 0);
    }
    tiny_clear(&tiny);
    ask_packets(&tiny, 0, 2);
    CU_ASSERT_EQUAL(scan(&tiny, cache), 0);
    tiny_clear(&tiny);
    ask_packets(&tiny, 0, 1);
    CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
    close_tiny(&tiny, cache);
}

static void what_is_held_stays(void)
{
    struct tiny tiny;
    struct filter_cache *cache = NULL;
    open_tiny(&tiny, &cache);
    struct filters held[FILTER_CACHE_ENTRIES + 1];
    struct filters fresh[FILTER_CACHE_ENTRIES + 1];
    for (int64_t i = 0; i <= FILTER_CACHE_ENTRIES; i++) {
        tiny_clear(&tiny);
        ask_packets(&tiny, 0, i);
        held[i] = build(&tiny, cache, STATUS_OK);
        fresh[i] = build(&tiny, NULL, STATUS_OK);
        CU_ASSERT_EQUAL(held[i].held_count, i < FILTER_CACHE_ENTRIES);
    }
    filter_cache_clear(cache);
    for (uint32_t i = 0; i <= FILTER_CACHE_ENTRIES; i++) {
        CU_ASSERT(same_bits(&tiny, &held[i], &fresh[i]));
        filters_close(&held[i]);
    }
    close_tiny(&tiny, cache);
}

static void what_was_stopped_is_not_kept(void)
{
    struct tiny tiny;
    struct filter_cache *cache = NULL;
    open_tiny(&tiny, &cache);
    ask_packets(&tiny, 0, 3);
    stop_request(&tiny.stop, STOP_INTERRUPTED);
    struct filters filters = build(&tiny, cache, STATUS_INTERRUPTED);
    filters_close(&filters);
    stop_init(&tiny.stop, 0);
    CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
    CU_ASSERT_EQUAL(scan(&tiny, cache), 0);
    close_tiny(&tiny, cache);
}

static void little_memory_keeps_nothing(void)
{
    struct tiny tiny;
    struct filter_cache *cache = NULL;
    open_tiny(&tiny, &cache);
    ask_packets(&tiny, 0, 3);
    CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
    tiny.budget.limit_bytes = budget_used(&tiny.budget) + 1000;
    CU_ASSERT_EQUAL(scan(&tiny, cache), 0);
    ask_packets(&tiny, 1, 4);
    CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
    CU_ASSERT_EQUAL(scan(&tiny, cache), ROWS);
    close_tiny(&tiny, cache);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(a_filter_is_evaluated_once_whichever_edge_has_it),
        CASE(queries_in_any_order_filter_as_without_a_cache),
        CASE(the_filter_used_longest_ago_goes_first),
        CASE(what_is_held_stays),
        CASE(what_was_stopped_is_not_kept),
        CASE(little_memory_keeps_nothing),
        CU_TEST_INFO_NULL,
    };
    return suite_run("filter_cache", NULL, NULL, cases);
}
