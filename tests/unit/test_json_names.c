/* floor: loader */
#include "loader/json_names.h"

#include <stdio.h>

#include "base/memory.h"
#include "tests/support/suite.h"

static const struct dialect_filter flows_only[] = {{"kind", "flow", true}, {NULL, NULL, false}};
static const struct dialect_filter no_dns[] = {{"kind", "dns", false}, {NULL, NULL, false}};

/* The paths with blanks between them, those of text with a star. */
static void names_to_text(const struct json_names *names, char *text, size_t text_bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < names->count && used < text_bytes; i++) {
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s%s", i == 0 ? "" : " ",
                                 names->names[i].path, names->names[i].is_text ? "*" : "");
    }
}

static void names_are_learnt_in_their_order(void)
{
    static const struct {
        const char *lines;
        const struct dialect_filter *filters;
        const char *names;
    } rows[] = {
        {"", NULL, ""},
        {"{}", NULL, ""},
        {"{\"b\":1,\"a\":{\"x\":2.5,\"y\":null}}\n", NULL, "b a.x a.y"},
        {"{\"a\":1}\n{\"b\":1,\"a\":2}\r\n\n{\"c\":1}", NULL, "a b c"},
        {"{\"a\":1}\n{\"a\":\"1\"}\n", NULL, "a*"},
        {"{\"a\":true,\"b\":[],\"c\":\"\",\"d\":null}\n", NULL, "a* b* c* d"},
        {"{\"a\":1,\"a\":2,\"a\":3}", NULL, "a"},
        {"{\"a\":1,\"b\":tru}\nx\n{\"c\":1}\n", NULL, "c"},
        {"{\"\":1,\"a\":2}", NULL, "a"},
        {"{\"a\":{\"b\":1}}\n{\"a.b\":2}\n", NULL, "a.b"},
        {"{\"kind\":\"dns\",\"a\":1}\n{\"b\":2,\"kind\":\"flow\"}\n{\"c\":3}\n", flows_only,
         "kind* b"},
        {"{\"kind\":\"dns\",\"a\":1}\n{\"b\":2,\"kind\":\"flow\"}\n{\"c\":3}\n", no_dns,
         "kind* b c"},
        {"{\"kind\":\"dns\",\"a\":1}\n{\"b\":1}", flows_only, "kind* a b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_names names = {0};
        struct error error = {0};
        char text[256];
        /* On the heap, with nothing behind it. */
        char *lines = memory_allocate(strlen(rows[i].lines), 1);
        memcpy(lines, rows[i].lines, strlen(rows[i].lines));
        CU_ASSERT_EQUAL(json_names_learn(&names, bytes_view(lines, strlen(rows[i].lines)),
                                         rows[i].filters, &error),
                        STATUS_OK);
        names_to_text(&names, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, rows[i].names);
        CU_ASSERT_EQUAL(names.keys.column_count, names.count);
        json_names_close(&names);
        memory_free(lines);
    }
}

static void names_have_a_limit(void)
{
    struct json_names names = {0};
    struct error error = {0};
    char lines[JSON_NAMES_MAX * 16];
    for (uint32_t extra = 0; extra < 2; extra++) {
        size_t used = 0;
        for (uint32_t i = 0; i < JSON_NAMES_MAX + extra; i++) {
            used += (size_t)snprintf(lines + used, sizeof lines - used, "{\"k%u\":1}\n", i);
        }
        CU_ASSERT_EQUAL(json_names_learn(&names, bytes_view(lines, used), NULL, &error), STATUS_OK);
        CU_ASSERT_EQUAL(names.count, JSON_NAMES_MAX);
        CU_ASSERT_EQUAL(names.is_full, extra == 1);
    }
    json_names_close(&names);
}

static void a_large_file_is_sampled_all_over(void)
{
    const uint64_t line_count = 800000;
    char *lines = memory_allocate(line_count, 32);
    uint64_t used = 0;
    for (uint64_t i = 0; i < line_count; i++) {
        used += (uint64_t)snprintf(lines + used, 32, "{\"key\":1,\"part_%llu\":\"x\"}\n",
                                   (unsigned long long)(i * 16 / line_count));
    }
    struct json_names names = {0};
    struct error error = {0};
    CU_ASSERT(used > UINT64_C(16) << 20);
    CU_ASSERT_EQUAL(json_names_learn(&names, bytes_view(lines, used), NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL(names.count, 17);
    json_names_close(&names);
    memory_free(lines);
}

static void without_memory_it_fails_and_leaks_nothing(void)
{
    static const char lines[] = "{\"a\":1,\"b\":{\"c\":2}}\n{\"d\":3}";
    enum status status = STATUS_FAILED;
    for (uint64_t after = 1; status != STATUS_OK; after++) {
        struct json_names names = {0};
        struct error error = {0};
        memory_fault_set(after);
        status = json_names_learn(&names, bytes_of(lines), flows_only, &error);
        status =
            status != STATUS_OK ? status : json_names_learn(&names, bytes_of(lines), NULL, &error);
        memory_fault_set(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_FAILED);
        CU_ASSERT_EQUAL(error.status, status);
        json_names_close(&names);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(names_are_learnt_in_their_order),
        CASE(names_have_a_limit),
        CASE(a_large_file_is_sampled_all_over),
        CASE(without_memory_it_fails_and_leaks_nothing),
        CU_TEST_INFO_NULL,
    };
    return suite_run("json_names", NULL, NULL, cases);
}
