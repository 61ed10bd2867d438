/* floor: loader */
#include "loader/json_keys.h"

#include <stdio.h>

#include "base/memory.h"
#include "tests/support/suite.h"

enum { PATHS = 300 };

/* The column that a chain of keys leads to. */
static uint32_t follow(const struct json_keys *keys, const char *const *chain)
{
    const struct json_edge *edge = NULL;
    uint32_t node = 0;
    for (; *chain != NULL; chain++) {
        char key[256] = "";
        snprintf(key, sizeof key - JSON_KEY_PADDING, "%s", *chain);
        edge = node == JSON_NONE ? NULL : json_keys_find(keys, node, bytes_of(key));
        node = edge == NULL ? JSON_NONE : edge->child;
    }
    return edge == NULL ? JSON_NONE : edge->column;
}

static void a_point_is_a_step_or_a_byte(void)
{
    static const struct {
        const char *chain[4];
        uint32_t column;
    } rows[] = {
        {{"a"}, 0},
        {{"a", "b", "c"}, 1},
        {{"a.b", "c"}, 1},
        {{"a", "b.c"}, 1},
        {{"a.b.c"}, 1},
        {{"a", "b"}, JSON_NONE},
        {{"a", "b", "d"}, JSON_NONE},
        {{"b"}, JSON_NONE},
        {{"a."}, JSON_NONE},
        {{"a", ""}, JSON_NONE},
        {{"a_long_name_of_a_key", "x"}, 2},
        {{"a_long_name_OF_a_key", "x"}, JSON_NONE},
    };
    struct bytes paths[] = {bytes_of("a"), bytes_of("a.b.c"), bytes_of("a_long_name_of_a_key.x")};
    struct json_keys keys;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(json_keys_open(&keys, paths, 3, &error), STATUS_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(follow(&keys, rows[i].chain), rows[i].column);
    }
    json_keys_close(&keys);
}

static void many_keys_are_all_found(void)
{
    char texts[PATHS][32];
    struct bytes paths[PATHS];
    struct json_keys keys;
    struct error error = {0};
    for (uint32_t i = 0; i < PATHS; i++) {
        snprintf(texts[i], sizeof texts[i], "%.*s%u.x%u", (int)(i % 12), "a_common_head", i / 7, i);
        paths[i] = bytes_of(texts[i]);
    }
    CU_ASSERT_EQUAL_FATAL(json_keys_open(&keys, paths, PATHS, &error), STATUS_OK);
    for (uint32_t i = 0; i < PATHS; i++) {
        char *point = strchr(texts[i], '.');
        CU_ASSERT_EQUAL(follow(&keys, (const char *const[]){texts[i], NULL}), i);
        *point = '\0';
        CU_ASSERT_EQUAL(follow(&keys, (const char *const[]){texts[i], point + 1, NULL}), i);
        CU_ASSERT_EQUAL(follow(&keys, (const char *const[]){point + 1, NULL}), JSON_NONE);
    }
    json_keys_close(&keys);
}

static void what_lies_below_a_node_is_told_by_its_path(void)
{
    struct bytes paths[] = {bytes_of("f"), bytes_of("f.a"), bytes_of("fx"), bytes_of("f.b.c")};
    struct json_keys keys;
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(json_keys_open(&keys, paths, 4, &error), STATUS_OK);
    uint32_t node = json_keys_find(&keys, 0, bytes_view("f\0\0\0\0\0\0\0", 1))->child;
    CU_ASSERT_FALSE(json_keys_is_below(&keys, node, 0));
    CU_ASSERT_TRUE(json_keys_is_below(&keys, node, 1));
    CU_ASSERT_FALSE(json_keys_is_below(&keys, node, 2));
    CU_ASSERT_TRUE(json_keys_is_below(&keys, node, 3));
    json_keys_close(&keys);
}

static void points_have_a_limit(void)
{
    struct json_keys keys;
    for (uint32_t points = JSON_POINTS_MAX; points <= JSON_POINTS_MAX + 1; points++) {
        struct error error = {0};
        struct bytes path = bytes_view("..............", points);
        bool is_good = points <= JSON_POINTS_MAX;
        CU_ASSERT_EQUAL(json_keys_open(&keys, &path, 1, &error),
                        is_good ? STATUS_OK : STATUS_INPUT);
        CU_ASSERT_EQUAL(error.status, is_good ? STATUS_OK : STATUS_INPUT);
        json_keys_close(&keys);
    }
}

static void without_memory_nothing_is_left(void)
{
    struct bytes paths[] = {bytes_of("a"), bytes_of("b.c")};
    enum status status = STATUS_FAILED;
    uint32_t failures = 0;
    for (uint64_t after = 1; status != STATUS_OK; after++) {
        struct json_keys keys;
        struct error error = {0};
        memory_fault_set(after);
        status = json_keys_open(&keys, paths, 2, &error);
        memory_fault_set(0);
        failures += status == STATUS_FAILED;
        CU_ASSERT_EQUAL(keys.edge_count == 0, status != STATUS_OK);
        json_keys_close(&keys);
    }
    CU_ASSERT_EQUAL(failures, 6);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(a_point_is_a_step_or_a_byte),
        CASE(many_keys_are_all_found),
        CASE(what_lies_below_a_node_is_told_by_its_path),
        CASE(points_have_a_limit),
        CASE(without_memory_nothing_is_left),
        CU_TEST_INFO_NULL,
    };
    return suite_run("json_keys", NULL, NULL, cases);
}
