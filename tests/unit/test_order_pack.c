/* floor: engine */
#include "engine/order_pack.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "tests/support/plain_order.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_query.h"

enum { MANY = 40000, FEW = 5000, POOL = 700 };

/* IPv4 addresses, and what comes before, between and behind them. */
static const struct tiny_row rows[] = {
    {"10.0.0.10", "10.0.0.9", 10, 1, 1, "x"},
    {"10.0.0.1", "10.0.0.100", 20, 2, 1, "x"},
    {"9.1.1.1", "1.2.3.4", 30, 3, 1, "x"},
    {"0.0.0.0", "255.255.255.255", 40, 4, 1, "x"},
    {"100.0.0.0", "1.0.0.0", 5, 5, 1, "x"},
    {"2.25.250.5", "2.25.25.5", 6, 6, 1, "x"},
    {"25.5.5.5", "251.0.0.1", 7, 7, 1, "x"},
    {"host", "10.0.0.9x", 8, 8, 1, "x"},
    {"10.", "10", 9, 9, 1, "x"},
    {"1", "0", 9, 9, 1, "x"},
    {"256.1.1.1", "10.0.0", 9, 9, 1, "x"},
    {"9.1.1.1:80", "25.5.5.5/8", 9, 9, 1, "x"},
    {"!", "~", 9, 9, 1, "x"},
    {"2.25.25.", "2.25.25.5.5", 9, 9, 1, "x"},
    {"10.0.0.01", "10.0.0.-", 9, 9, 1, "x"},
    {"::1", "fe80::1", 9, 9, 1, "x"},
    {"1::2", "00:11:22:33:44:55", 9, 9, 1, "x"},
    {"2001:db8::1", "10:20:30:40:50:60", 9, 9, 1, "x"},
    {"10.0.0.9!", "25.5.5.5-", 9, 9, 1, "x"},
};
enum { ROWS = sizeof rows / sizeof *rows, VERTICES = 2 * ROWS };

/* Codes of two values, which come as `order` says. */
static void expect_codes(uint64_t left, uint64_t right, int order)
{
    CU_ASSERT_TRUE(left >> ORDER_ADDRESS_BITS == 0);
    if (left == right) {
        CU_ASSERT_TRUE(order == 0 || left % 2 != 0);
    } else {
        CU_ASSERT_EQUAL((left > right) - (left < right), (order > 0) - (order < 0));
    }
}

static void codes_of_addresses_ascend_as_these_do(void)
{
    struct tiny tiny;
    struct order_octets octets;
    tiny_open(&tiny, rows, ROWS, 3, 1);
    order_octets_fill(&octets);
    const struct vertex_frame *frame = &tiny.graph->vertices;
    CU_ASSERT_EQUAL_FATAL(frame->vertex_count, VERTICES);
    for (uint32_t i = 0; i < VERTICES; i++) {
        const struct address *left = &frame->addresses[i];
        bool is_ipv4 = address_kind(*left) == ADDRESS_IPV4;
        CU_ASSERT_EQUAL(order_address_code(frame, &octets, left) % 2 == 0, is_ipv4);
        CU_ASSERT_EQUAL(order_vertex_code(*left) % 2 == 0, is_ipv4);
        for (uint32_t j = 0; j < VERTICES; j++) {
            const struct address *right = &frame->addresses[j];
            expect_codes(order_address_code(frame, &octets, left),
                         order_address_code(frame, &octets, right),
                         lane_compare(TYPE_ADDRESS, tiny.graph, (union lane){.address = left},
                                      (union lane){.address = right}));
            expect_codes(order_vertex_code(*left), order_vertex_code(*right),
                         lane_compare(TYPE_VERTEX, tiny.graph, (union lane){.vertex = i},
                                      (union lane){.vertex = j}));
        }
    }
    tiny_close(&tiny);
}

static void codes_of_ipv4_addresses_ascend_as_their_texts_do(void)
{
    struct order_octets octets;
    uint64_t state = 1;
    order_octets_fill(&octets);
    for (uint32_t i = 0; i < 100000; i++) {
        char texts[2][ADDRESS_TEXT_BYTES];
        uint64_t codes[2];
        uint64_t low = plain_random(&state);
        for (uint32_t j = 0; j < 2; j++) {
            /* The second differs from the first in the last bits. */
            low = j == 0 ? low : low ^ plain_random(&state) >> (32 + plain_random(&state) % 32);
            struct address address = {0, ADDRESS_LOW_IPV4 | (low & UINT32_MAX)};
            texts[j][address_format(address, texts[j])] = '\0';
            codes[j] = order_address_code(NULL, &octets, &address);
        }
        int order = strcmp(texts[0], texts[1]);
        CU_ASSERT_EQUAL((codes[0] > codes[1]) - (codes[0] < codes[1]), (order > 0) - (order < 0));
    }
}

/* Texts of which some are the same but lie apart. */
static void fill_pool(struct tiny *tiny, const struct text **pool)
{
    for (uint32_t i = 0; i < POOL; i++) {
        char bytes[16];
        size_t size = (size_t)snprintf(bytes, sizeof bytes, "%u", i / 2 * 7919 % 1000);
        struct text *text = arena_allocate(tiny->arena, text_bytes((uint32_t)size), 1);
        text_fill(text, bytes_view(bytes, size));
        pool[i] = text;
    }
}

static union lane draw(const struct tiny *tiny, const struct text *const *pool, enum type type,
                       uint64_t pick, uint64_t spread)
{
    switch (type) {
    case TYPE_FLOAT:
        return (union lane){.real = (double)(pick % spread) / 7 - 3};
    case TYPE_TEXT:
        return (union lane){.text = pool[pick % spread % POOL]};
    case TYPE_ADDRESS:
        return (union lane){.address = &tiny->graph->vertices.addresses[pick % spread % VERTICES]};
    case TYPE_VERTEX:
        return (union lane){.vertex = (vertex_id)(pick % spread % VERTICES)};
    case TYPE_EDGE:
        return (union lane){.edge = tiny_edge(tiny, (uint32_t)(pick % spread % ROWS))};
    default:
        return (union lane){.integer = (int64_t)(pick % spread) - 5};
    }
}

/* A key of few values, of many, or of all that 64 bits can be; or of others in the second half of
 * the rows, which other workers look at. */
static void draw_key(struct tiny *tiny, const struct text *const *pool, uint32_t count,
                     uint64_t *state, struct order_key *key)
{
    static const enum type types[] = {TYPE_INTEGER, TYPE_FLOAT,  TYPE_TEXT, TYPE_TIME,
                                      TYPE_ADDRESS, TYPE_VERTEX, TYPE_EDGE, TYPE_BOOL};
    static const uint64_t spreads[] = {1, 3, 20, 600, 1000000, UINT64_MAX};
    union lane *values = arena_allocate(tiny->arena, count, sizeof *values);
    uint8_t *nulls = arena_allocate(tiny->arena, count, 1);
    enum type type = types[plain_random(state) % (sizeof types / sizeof *types)];
    uint64_t spread = type == TYPE_BOOL ? 2 : spreads[plain_random(state) % 6];
    bool has_nulls = plain_random(state) % 3 == 0;
    bool has_halves = plain_random(state) % 3 == 0;
    for (uint32_t i = 0; i < count; i++) {
        values[i] = draw(tiny, pool, type, plain_random(state), spread);
        if (has_halves && type == TYPE_TEXT) {
            values[i].text = pool[plain_random(state) % 20 + (i < count / 2 ? 0 : 20)];
        } else if (has_halves && type == TYPE_INTEGER) {
            values[i].integer = (int64_t)(plain_random(state) % 2 * 16 + (i < count / 2));
        }
        nulls[i] = plain_random(state) % 5 == 0;
    }
    *key = (struct order_key){.type = type,
                              .is_descending = plain_random(state) % 2 == 0,
                              .values = values,
                              .nulls = has_nulls ? nulls : NULL};
}

static void sort_drawn(struct tiny *tiny, uint32_t count, uint64_t seed)
{
    struct order_key keys[6];
    const struct text *pool[POOL];
    uint64_t state = seed;
    uint32_t key_count = 2 + (uint32_t)(plain_random(&state) % 4);
    fill_pool(tiny, pool);
    for (uint32_t i = 0; i < key_count; i++) {
        draw_key(tiny, pool, count, &state, &keys[i]);
    }
    struct radix_pair *pairs = arena_allocate(tiny->arena, count, sizeof *pairs);
    struct radix_pair *scratch = arena_allocate(tiny->arena, count, sizeof *scratch);
    uint8_t *buckets = arena_allocate(tiny->arena, count, 1);
    for (uint32_t i = 0; i < count; i++) {
        pairs[i].value = i;
    }
    CU_ASSERT_EQUAL_FATAL(order_sort(tiny->graph, keys, key_count, pairs, scratch, buckets, count,
                                     UINT64_MAX, tiny->team, NULL, tiny->arena, NULL),
                          STATUS_OK);
    uint64_t wrong = 0;
    for (uint32_t i = 1; i < count; i++) {
        wrong +=
            plain_compare(tiny->graph, keys, key_count, pairs[i - 1].value, pairs[i].value) >= 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* Also where a key does not fit into the digit, has more texts than are told, or addresses that its
 * code does not tell. */
static void keys_are_sorted_together_as_one_after_the_other(void)
{
    struct tiny tiny;
    for (uint64_t seed = 0; seed < 100; seed++) {
        tiny_open(&tiny, rows, ROWS, 2, 1 + seed % 3);
        sort_drawn(&tiny, seed % 4 == 0 ? MANY : FEW, seed);
        tiny_close(&tiny);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(codes_of_addresses_ascend_as_these_do),
        CASE(codes_of_ipv4_addresses_ascend_as_their_texts_do),
        CASE(keys_are_sorted_together_as_one_after_the_other),
        CU_TEST_INFO_NULL,
    };
    return suite_run("order_pack", NULL, NULL, cases);
}
