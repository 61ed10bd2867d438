/* floor: engine */
#include "engine/order.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "tests/support/plain_order.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_query.h"

enum { MANY = 40000, FEW = 3000 };

static const struct tiny_row rows[] = {
    {"10.0.0.10", "10.0.0.9", 10, 1, 1, "x"},
    {"9.1.1.1", "10.0.0.9", 20, 2, 1, "x"},
    {"host-b", "fe80::1", 30, 3, 1, "x"},
    {"host-a", "fe80::12", 40, 4, 1, "x"},
    {"00:11:22:33:44:55", "10.0.0.10", 5, 5, 1, "x"},
    {"9.1.1.1", "255.255.255.255", 6, 6, 1, "x"},
};
enum { ROWS = sizeof rows / sizeof *rows, VERTICES = 9 };

static const struct text *make_text(struct tiny *tiny, const char *bytes, size_t size)
{
    struct text *text = arena_allocate(tiny->arena, text_bytes((uint32_t)size), 1);
    text_fill(text, bytes_view(bytes, size));
    return text;
}

/* Texts that share up to five digits of eight bytes, end in NULs, or are prefixes of others. */
static union lane random_text(struct tiny *tiny, uint64_t pick)
{
    char bytes[64];
    memset(bytes, 'a', sizeof bytes);
    size_t length = pick % 60;
    if (length > 0 && pick / 64 % 3 != 0) {
        bytes[pick / 256 % length] = (char)("\0bA\xff"[pick / 65536 % 4]);
    }
    return (union lane){.text = make_text(tiny, bytes, length)};
}

static union lane random_value(struct tiny *tiny, enum type type, uint64_t pick, uint64_t spread)
{
    static const double reals[] = {0.0, -0.0, NAN, 1e300, -1e300, INFINITY, -INFINITY, 5e-324};
    const struct graph *graph = tiny->graph;
    switch (type) {
    case TYPE_FLOAT:
        if (pick % 4 == 0) {
            return (union lane){.real = reals[pick / 4 % 8]};
        }
        return (union lane){.real = (double)(int64_t)(pick % spread) - (double)(spread / 2)};
    case TYPE_TEXT:
        return random_text(tiny, pick);
    case TYPE_ADDRESS:
        return (union lane){.address = &graph->vertices.addresses[pick % VERTICES]};
    case TYPE_VERTEX:
        return (union lane){.integer = (int64_t)(pick % VERTICES)};
    case TYPE_EDGE:
        return (union lane){.edge = tiny_edge(tiny, (uint32_t)(pick % ROWS))};
    default:
        return (union lane){.integer = spread == 0 ? (int64_t)pick : (int64_t)(pick % spread)};
    }
}

static void fill_key(struct tiny *tiny, struct order_key *key, enum type type, uint32_t count,
                     bool has_nulls, uint64_t spread, uint64_t seed)
{
    union lane *values = arena_allocate(tiny->arena, count, sizeof *values);
    uint8_t *nulls = arena_allocate_zeroed(tiny->arena, count, 1);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = random_value(tiny, type, plain_random(&seed), spread);
        nulls[i] = has_nulls && plain_random(&seed) % 5 == 0;
    }
    *key = (struct order_key){.type = type, .values = values, .nulls = has_nulls ? nulls : NULL};
}

static void expect_in_order(struct tiny *tiny, const struct order_key *keys, uint32_t key_count,
                            const struct radix_pair *pairs, uint32_t count, uint64_t needed)
{
    uint8_t *seen = arena_allocate_zeroed(tiny->arena, count, 1);
    uint64_t wrong = 0;
    for (uint32_t i = 0; i < count; i++) {
        wrong += pairs[i].value >= count || seen[pairs[i].value]++ != 0;
    }
    for (uint32_t i = 1; i < count && wrong == 0; i++) {
        /* Behind what is needed, everything is only not before it. */
        uint64_t left = i < needed ? i - 1 : needed - 1;
        wrong +=
            plain_compare(tiny->graph, keys, key_count, pairs[left].value, pairs[i].value) >= 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void expect_sorted(struct tiny *tiny, const struct order_key *keys, uint32_t key_count,
                          uint32_t count, uint64_t needed)
{
    struct radix_pair *pairs = arena_allocate(tiny->arena, count, sizeof *pairs);
    struct radix_pair *scratch = arena_allocate(tiny->arena, count, sizeof *scratch);
    uint8_t *buckets = arena_allocate(tiny->arena, count, 1);
    for (uint32_t i = 0; i < count; i++) {
        pairs[i].value = i;
    }
    CU_ASSERT_EQUAL_FATAL(order_sort(tiny->graph, keys, key_count, pairs, scratch, buckets, count,
                                     needed, tiny->team, NULL, tiny->arena, NULL),
                          STATUS_OK);
    expect_in_order(tiny, keys, key_count, pairs, count, needed);
}

static void every_type_is_sorted(void)
{
    static const enum type types[] = {TYPE_BOOL,    TYPE_INTEGER, TYPE_FLOAT,
                                      TYPE_TEXT,    TYPE_TIME,    TYPE_DURATION,
                                      TYPE_ADDRESS, TYPE_VERTEX,  TYPE_EDGE};
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 3, 1);
    for (uint32_t i = 0; i < 4 * sizeof types / sizeof *types; i++) {
        struct order_key key;
        enum type type = types[i / 4];
        uint64_t spread = type == TYPE_BOOL ? 2 : type == TYPE_TIME ? 0 : 500;
        fill_key(&tiny, &key, type, FEW, i % 2 != 0, spread, i);
        key.is_descending = i / 2 % 2 != 0;
        expect_sorted(&tiny, &key, 1, FEW, UINT64_MAX);
        expect_sorted(&tiny, &key, 1, 40, UINT64_MAX);
    }
    tiny_close(&tiny);
}

static void later_keys_break_ties(void)
{
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 3, 1);
    for (uint32_t i = 0; i < 8; i++) {
        struct order_key keys[3];
        fill_key(&tiny, &keys[0], i % 2 == 0 ? TYPE_ADDRESS : TYPE_TEXT, FEW, true, 3, i);
        fill_key(&tiny, &keys[1], TYPE_INTEGER, FEW, i % 3 == 0, 4, i + 100);
        fill_key(&tiny, &keys[2], TYPE_FLOAT, FEW, false, 9, i + 200);
        keys[1].is_descending = i / 4 != 0;
        expect_sorted(&tiny, keys, 3, FEW, UINT64_MAX);
    }
    expect_sorted(&tiny, NULL, 0, 10, UINT64_MAX);
    tiny_close(&tiny);
}

static void only_what_is_needed_is_sorted(void)
{
    static const uint64_t needs[] = {1, 2, 100, FEW - 1, FEW, FEW + 1};
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 1);
    struct order_key keys[2];
    fill_key(&tiny, &keys[0], TYPE_INTEGER, FEW, true, 20, 1);
    fill_key(&tiny, &keys[1], TYPE_TEXT, FEW, true, 20, 2);
    for (uint32_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        expect_sorted(&tiny, keys, 2, FEW, needs[i]);
    }
    tiny_close(&tiny);
}

static void the_team_sorts_as_one_worker_does(void)
{
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 3);
    for (uint32_t i = 0; i < 4; i++) {
        struct order_key keys[2];
        fill_key(&tiny, &keys[0], i % 2 == 0 ? TYPE_INTEGER : TYPE_FLOAT, MANY, i / 2 != 0,
                 i == 0 ? 0 : 5000, i);
        fill_key(&tiny, &keys[1], TYPE_BOOL, MANY, false, 2, i + 10);
        keys[0].is_descending = i == 3;
        expect_sorted(&tiny, keys, 2, MANY, i == 1 ? 1000 : UINT64_MAX);
    }
    tiny_close(&tiny);
}

static void team_sort_survives_failed_allocation(void)
{
    struct tiny tiny;
    tiny_open(&tiny, rows, ROWS, 1, 2);
    struct order_key key;
    fill_key(&tiny, &key, TYPE_INTEGER, MANY, false, 0, 1);
    struct radix_pair *pairs = arena_allocate_zeroed(tiny.arena, MANY, sizeof *pairs);
    struct radix_pair *scratch = arena_allocate(tiny.arena, MANY, sizeof *scratch);
    uint8_t *buckets = arena_allocate(tiny.arena, MANY, 1);
    {
        struct error error = {0};
        memory_fault_set(1);
        CU_ASSERT_EQUAL(order_sort(tiny.graph, &key, 1, pairs, scratch, buckets, MANY, UINT64_MAX,
                                   tiny.team, NULL, tiny.arena, &error),
                        STATUS_FAILED);
        memory_fault_set(0);
    }
    tiny_close(&tiny);
}

/* Interrupts at many moments, each a little later than the one before: the sort ends with what it
 * says, or says that it did not come to its end. */
static void an_interrupted_sort_says_so(void)
{
    struct tiny tiny;
    struct order_key keys[2];
    bool is_done = false;
    tiny_open(&tiny, rows, ROWS, 1, 2);
    fill_key(&tiny, &keys[0], TYPE_BOOL, MANY, false, 2, 1);
    fill_key(&tiny, &keys[1], TYPE_FLOAT, MANY, false, 5000, 2);
    struct radix_pair *pairs = arena_allocate_zeroed(tiny.arena, MANY, sizeof *pairs);
    struct radix_pair *scratch = arena_allocate_zeroed(tiny.arena, MANY, sizeof *scratch);
    uint8_t *buckets = arena_allocate_zeroed(tiny.arena, MANY, 1);
    for (int64_t grace_ns = 0; !is_done; grace_ns = grace_ns * 5 / 4 + 2000) {
        struct error error = {0};
        struct stop stop;
        struct stop_patience patience;
        for (uint64_t i = 0; i < MANY; i++) {
            pairs[i].value = i;
        }
        stop_init(&stop, 0);
        stop_request(&stop, STOP_INTERRUPTED);
        stop_patience_init(&patience, &stop, grace_ns);
        enum status status = order_sort(tiny.graph, keys, 2, pairs, scratch, buckets, MANY,
                                        UINT64_MAX, tiny.team, &patience, tiny.arena, &error);
        is_done = status == STATUS_OK;
        CU_ASSERT_TRUE(is_done || status == STATUS_INTERRUPTED);
        CU_ASSERT_TRUE(grace_ns > 0 || !is_done);
        CU_ASSERT_EQUAL(status, error.status);
    }
    expect_in_order(&tiny, keys, 2, pairs, MANY, UINT64_MAX);
    tiny_close(&tiny);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(every_type_is_sorted),
        CASE(later_keys_break_ties),
        CASE(only_what_is_needed_is_sorted),
        CASE(the_team_sorts_as_one_worker_does),
        CASE(team_sort_survives_failed_allocation),
        CASE(an_interrupted_sort_says_so),
        CU_TEST_INFO_NULL,
    };
    return suite_run("order", NULL, NULL, cases);
}
