/* floor: loader */
#include "loader/json_news.h"

#include <stdio.h>

#include "base/memory.h"
#include "tests/support/suite.h"

/* Known of both files: numbers `a` and `b.c`, and a text `t`. */
static struct json_names known;

static int open_names(void)
{
    struct error error = {0};
    bool is_open = json_names_add(&known, bytes_of("a"), false, &error) == STATUS_OK &&
                   json_names_add(&known, bytes_of("b.c"), false, &error) == STATUS_OK &&
                   json_names_add(&known, bytes_of("t"), true, &error) == STATUS_OK &&
                   json_names_renew(&known, &error) == STATUS_OK;
    known.keys.are_numbers[0] = known.keys.are_numbers[1] = is_open;
    return !is_open;
}

static int close_names(void)
{
    json_names_close(&known);
    return 0;
}

static enum status read(struct json_news *news, uint32_t file, uint32_t chunk, uint64_t line,
                        const char *text, struct error *error)
{
    struct place place = {chunk, line};
    return json_news_read(news, &known.keys, bytes_of(text), file, place, error);
}

/* The news of a file in their order, with a star behind those of texts. */
static void to_text(const struct json_news *news, uint32_t file, char *text, size_t text_bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < news->count && used < text_bytes; i++) {
        const struct json_piece *piece = &news->pieces[i];
        if (piece->file == file) {
            used += (size_t)snprintf(text + used, text_bytes - used, "%s%s%s", used == 0 ? "" : " ",
                                     piece->path, piece->is_text ? "*" : "");
        }
    }
}

static void news_are_unknown_keys_and_texts_among_numbers(void)
{
    static const struct {
        const char *line;
        const char *news;
    } rows[] = {
        {"{}", ""},
        {"{\"a\":1,\"b\":{\"c\":null},\"t\":\"x\"}", ""},
        {"{\"a\":\"1\"}", "a*"},
        {"{\"b\":{\"c\":[]}}", "b.c*"},
        {"{\"t\":5}", ""},
        {"{\"x\":5,\"y\":{\"z\":\"\"}}", "x y.z*"},
        {"{\"x\":5,\"x\":\"5\"}", "x*"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_news news = {0};
        struct error error = {0};
        char text[256];
        CU_ASSERT_EQUAL(read(&news, 7, 0, 0, rows[i].line, &error), STATUS_OK);
        to_text(&news, 7, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, rows[i].news);
        json_news_close(&news);
    }
}

static void news_of_workers_are_in_the_order_of_the_input(void)
{
    for (int turn = 0; turn < 2; turn++) {
        struct json_news workers[2] = {0};
        struct json_news news = {0};
        struct error error = {0};
        char text[256];
        CU_ASSERT_EQUAL(read(&workers[turn], 0, 2, 0, "{\"z\":1,\"q\":1}", &error), STATUS_OK);
        CU_ASSERT_EQUAL(read(&workers[turn], 1, 3, 0, "{\"z\":1}", &error), STATUS_OK);
        CU_ASSERT_EQUAL(read(&workers[1 - turn], 0, 1, 5, "{\"p\":1}", &error), STATUS_OK);
        CU_ASSERT_EQUAL(read(&workers[1 - turn], 0, 1, 9, "{\"q\":\"\"}", &error), STATUS_OK);
        CU_ASSERT_EQUAL(json_news_merge(&news, &workers[0], &error), STATUS_OK);
        CU_ASSERT_EQUAL(json_news_merge(&news, &workers[1], &error), STATUS_OK);
        to_text(&news, 0, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "p q* z");
        to_text(&news, 1, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "z");
        json_news_close(&workers[0]);
        json_news_close(&workers[1]);
        json_news_close(&news);
    }
}

static void without_memory_it_fails_and_leaks_nothing(void)
{
    enum status status = STATUS_FAILED;
    for (uint64_t after = 1; status != STATUS_OK; after++) {
        struct json_news news = {0};
        struct json_names names = {0};
        struct error error = {0};
        memory_fault_set(after);
        status = read(&news, 0, 0, 0, "{\"x\":1,\"y\":\"2\"}", &error);
        status = status != STATUS_OK ? status : json_news_tell(&news, 0, &names, &error);
        memory_fault_set(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_FAILED);
        CU_ASSERT_EQUAL(error.status, status);
        CU_ASSERT_TRUE(status != STATUS_OK || names.count == 2);
        json_names_close(&names);
        json_news_close(&news);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(news_are_unknown_keys_and_texts_among_numbers),
        CASE(news_of_workers_are_in_the_order_of_the_input),
        CASE(without_memory_it_fails_and_leaks_nothing),
        CU_TEST_INFO_NULL,
    };
    return suite_run("json_news", open_names, close_names, cases);
}
